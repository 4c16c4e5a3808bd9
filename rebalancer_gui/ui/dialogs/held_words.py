"""How the preview of a new strategy says what goes in, what is traded, and what not. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rebalancer_gui.domain.bands import bands_of, is_outside, most_outside
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.planning import Plan
from rebalancer_gui.domain.strategy import BandRule, HeldCoin, Rule, StrategyParameters, TimeRule
from rebalancer_gui.domain.valuation import Snapshot
from rebalancer_gui.ui.create.durations import duration_text
from rebalancer_gui.ui.create.texts import points_text
from rebalancer_gui.ui.dialogs.plan_figures import PlanFigures
from rebalancer_gui.ui.formatting import NumberFormat, places_of
from rebalancer_gui.ui.translation import tr

BUILD_NOTHING = tr("Build nothing now, start at the next trigger")
BUILD_NOTHING_TIP = tr("No order is sent at the start: the coins stay as they are until the rule says to rebalance.")


def brings_text(parameters: StrategyParameters, held: tuple[HeldCoin, ...], numbers: NumberFormat) -> str:
    """What goes into the strategy: `240.00 USDT`, `240.00 USDT, 0.01 BTC and 4.5 SOL`, `0.01 BTC and 4.5 SOL`."""
    parts = [numbers.quantity(coin.quantity, unit=coin.asset) for coin in held]
    if parameters.investment > ZERO or not parts:
        parts.insert(0, _money(parameters, numbers))
    return parts[0] if len(parts) == 1 else tr("{names} and {parts}", names=", ".join(parts[:-1]), parts=parts[-1])


def confirm_text(parameters: StrategyParameters, held: tuple[HeldCoin, ...], numbers: NumberFormat) -> str:
    """The words on the button: short, whatever goes in."""
    coins = tr("1 coin") if len(held) == 1 else tr("{count} coins", count=len(held))
    if not held:
        return tr("Create with {money}", money=_money(parameters, numbers))
    if parameters.investment == ZERO:
        return tr("Create with {coins}", coins=coins)
    return tr("Create with {money} and {coins}", money=_money(parameters, numbers), coins=coins)


def summary_text(plan: Plan, figures: PlanFigures, numbers: NumberFormat) -> str:
    """What the orders come to, in quote units."""
    quote = plan.snapshot.quote_asset
    cash = tr("{cash} stay as cash.", cash=numbers.money(figures.cash, quote))
    sold, bought = total(leg.notional for leg in plan.sells), total(leg.notional for leg in plan.buys)
    if not plan.legs:
        return tr("Nothing is traded, {cash}", cash=cash)
    if sold == ZERO:
        return tr("{bought} go into coins, {cash}", bought=numbers.money(bought, quote), cash=cash)
    return tr(
        "Sells {sold}, buys {bought}; {cash}",
        sold=numbers.money(sold, quote),
        bought=numbers.money(bought, quote),
        cash=cash,
    )


def nothing_built(
    snapshot: Snapshot, rule: Rule, bands: Mapping[str, Decimal], numbers: NumberFormat
) -> tuple[bool, str]:
    """What comes of it when nothing is built; True where the rule will trade at once all the same. ``bands`` of the auto band."""
    if not isinstance(rule, BandRule):
        bands = bands_of(rule, snapshot, {}, ZERO)
    worst = most_outside(snapshot, bands)
    if worst is None or worst.drift is None:
        return False, tr("The worst drift is not known: a price is missing.")
    limit = bands[worst.asset]
    now = tr("The worst drift is {asset} {drift}.", asset=worst.asset, drift=numbers.points(worst.drift, unit=tr("pp")))
    shown = points_text(limit, numbers)
    if isinstance(rule, TimeRule):
        every = duration_text(rule.interval)
        return False, tr(
            "{now} It is looked at again in {every}, and traded if it then exceeds {shown}.",
            now=now,
            every=every,
            shown=shown,
        )
    if is_outside(worst, bands):
        return True, tr(
            "{now} That exceeds {shown}: the rule sends these orders at its first check.", now=now, shown=shown
        )
    return False, tr("{now} The rule trades when it exceeds {shown}.", now=now, shown=shown)


def _money(parameters: StrategyParameters, numbers: NumberFormat) -> str:
    amount = parameters.investment
    return numbers.money(amount, parameters.quote, max(2, places_of(amount)))
