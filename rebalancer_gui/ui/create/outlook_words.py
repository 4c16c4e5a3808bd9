"""How the panel What to expect puts its figures, warnings and cures into words. Pure: no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import assert_never

from rebalancer_gui.domain.expectation import ASSUMED_VOLATILITY, YEAR
from rebalancer_gui.domain.money import HUNDRED, ZERO
from rebalancer_gui.domain.rule_advice import DEAR, Concern
from rebalancer_gui.domain.strategy import BandRule, TimeRule
from rebalancer_gui.ui.create.durations import duration_text
from rebalancer_gui.ui.create.outlook import Cure, CureKind, Outlook, Warned, limit_now
from rebalancer_gui.ui.create.texts import day_text, points_text
from rebalancer_gui.ui.formatting import MISSING, NumberFormat, places_of, rounded
from rebalancer_gui.ui.translation import tr

_OLD = timedelta(days=7)
_ABOUT_A_YEAR = timedelta(days=3)
_VISIBLE_SPREAD = Decimal("0.00005")
_MOST_POINTS = HUNDRED
_NAMED = 3
_LARGE = 10_000
"""From here on the figure needs the room of its unit."""


def count_text(count: Decimal, numbers: NumberFormat) -> str:
    """`about 9`, `about 230`, `about 0.3`, `none`: an estimate shows no more digits than it has."""
    if count <= ZERO:
        return tr("none")
    if count < Decimal("0.05"):
        return tr("hardly any")
    places = 1 if count < Decimal("2.95") else 0
    shown = rounded(count, max(places, 0))
    if shown >= 100:
        grid = Decimal(10) ** (shown.adjusted() - 1)
        shown = rounded(count / grid, 0) * grid
    return tr("about {shown}", shown=numbers.fixed(shown, min(places, places_of(shown))))


def drag_text(drag: Decimal, numbers: NumberFormat) -> str:
    """A fee drag given as a fraction, in percent: `0.09`, `4.5`, `230`."""
    percent = drag * HUNDRED
    if ZERO < percent < Decimal("0.005"):
        return f"<{numbers.fixed(Decimal('0.01'))}"
    return numbers.fixed(percent, 2 if percent < 10 else 1 if percent < HUNDRED else 0)


def drift_text(drift: Decimal, numbers: NumberFormat) -> str:
    """A drift in pp: `2.1`, `0.05`, `12`."""
    if drift > _MOST_POINTS:
        return f">{numbers.fixed(_MOST_POINTS, 0)}"
    if drift < Decimal("0.005"):
        return f"<{numbers.fixed(Decimal('0.01'))}"
    return numbers.fixed(drift, 2 if drift < 1 else 1 if drift < 10 else 0)


def drifts_text(outlook: Outlook, numbers: NumberFormat) -> str:
    """From the coin that can trade least to the one that can trade most: `2.1`, or `2.1-5.8` where they differ."""
    if not outlook.drifts:
        return MISSING
    low, high = (drift_text(end(outlook.drifts.values()), numbers) for end in (min, max))
    return low if low == high or high.startswith(">") else f"{low}\u2013{high}"


def source_text(outlook: Outlook, today: date, numbers: NumberFormat, *, reading: bool = False) -> str:
    """What the figures rest on, one sentence or two; `reading`: the coins' closes are on their way."""
    side = tr("{cost} a side", cost=cost_text(outlook, numbers))
    assumed = numbers.percent(ASSUMED_VOLATILITY * HUNDRED, 0)
    if not outlook.volatilities:
        why = (
            tr("the past is being read")
            if reading
            else tr("nothing is known of {named}", named=_named(outlook.unknown))
        )
        return tr("Estimated with {assumed} a year, {why}; {side}.", assumed=assumed, why=why, side=side)
    until, trial = outlook.until, outlook.trial
    old = tr(" to {day}", day=day_text(until)) if until is not None and today - until > _OLD else ""
    if trial is not None:
        what = tr("Backtest on") if outlook.backtested else tr("Estimated from")
        return tr(
            "{what} {span} of {timeframe} candles{old}, {side}.",
            what=what,
            span=span_text(trial.span),
            timeframe=duration_text(trial.timeframe),
            old=old,
            side=side,
        )
    words = tr("Estimated from the moves of {days} days{old}, {side}.", days=outlook.days, old=old, side=side)
    if outlook.unknown:
        words += tr(" {named}: not known, {assumed} assumed.", named=_named(outlook.unknown), assumed=assumed)
    return words


def span_text(span: timedelta) -> str:
    """`1 year`, `90 days`."""
    return tr("1 year") if abs(span - YEAR) <= _ABOUT_A_YEAR else tr("{days} days", days=span.days)


def _named(assets: tuple[str, ...]) -> str:
    if len(assets) > _NAMED:
        return tr("{names} and {count} more", names=", ".join(assets[:_NAMED]), count=len(assets) - _NAMED)
    return tr(" and ").join((", ".join(assets[:-1]), assets[-1])) if len(assets) > 1 else "".join(assets)


def cost_text(outlook: Outlook, numbers: NumberFormat) -> str:
    """`fee 0.1 %`, `fee 0.1 % + half spread 0.02 %`."""
    rate = outlook.fee * HUNDRED
    fee = tr("fee {rate}", rate=numbers.percent(rate, max(1, places_of(rate))))
    if outlook.half_spread < _VISIBLE_SPREAD:
        return fee
    return tr("{fee} + half spread {half_spread}", fee=fee, half_spread=numbers.percent(outlook.half_spread * HUNDRED))


def money_text(amount: Decimal, quote: str, numbers: NumberFormat) -> str:
    """An estimated amount: `0.12 USDT`; more decimals where two would show nothing."""
    places = 2 if amount >= 1 or amount == ZERO else max(2, 1 - amount.adjusted())
    return numbers.money(amount, quote, places)


def warning_words(outlook: Outlook, warned: Warned, numbers: NumberFormat) -> tuple[str, str]:
    """Headline and the sentence with the number."""
    advice, quote = warned.advice, outlook.wish.quote
    match advice.concern:
        case Concern.NEVER:
            reach = points_text(HUNDRED - min(t.weight for t in outlook.wish.targets), numbers)
            return tr("It never rebalances"), tr("No drift can pass {reach} with these weights.", reach=reach)
        case Concern.TOO_SMALL:
            least = drift_text(advice.drift or ZERO, numbers)
            return tr("Too small to rebalance"), tr("No coin can trade less than {least} pp.", least=least)
        case Concern.SKIPPED:
            coin = max(advice.coins, key=lambda asset: outlook.drifts.get(asset, ZERO))
            order = numbers.money(outlook.orders.get(coin), quote)
            whose = "" if set(advice.coins) == set(outlook.drifts) else tr(" of {coin}", coin=coin)
            return (
                tr("Small legs will be skipped"),
                tr(
                    "{drift} pp is the {order} minimum{whose}.",
                    drift=drift_text(advice.drift or ZERO, numbers),
                    order=order,
                    whose=whose,
                ),
            )
        case Concern.DEAR:
            rate = drag_text(outlook.expectation.fee_drag, numbers)
            dear = numbers.percent(DEAR * HUNDRED, 0)
            if isinstance(outlook.rule, BandRule):
                return tr("Fees take {rate} % a year", rate=rate), tr("A wide threshold of your own costs less.")
            if advice.limit is None:
                return tr("Fees take {rate} % a year", rate=rate), tr("No threshold makes that cheap with these coins.")
            return tr("Fees take {rate} % a year", rate=rate), tr(
                "At {limit} they stay under {dear}.", limit=points_text(advice.limit, numbers), dear=dear
            )
        case _:
            assert_never(advice.concern)


def cure_text(cure: Cure, outlook: Outlook, numbers: NumberFormat) -> str:
    """What is on the button: `Raise to 2 %`, `Invest 500.00`, `Drop XRP`."""
    match cure.kind:
        case CureKind.LIMIT:
            wanted = cure.limit or ZERO
            return tr(
                "{direction} to {wanted}", direction=_direction(cure, outlook), wanted=points_text(wanted, numbers)
            )
        case CureKind.AMOUNT:
            amount = cure.amount or ZERO
            return tr("Invest {amount}", amount=numbers.fixed(amount, max(2, places_of(amount))))
        case CureKind.DROP:
            return (
                tr("Drop {dropped}", dropped=cure.dropped[0])
                if len(cure.dropped) == 1
                else tr("Drop {count} coins", count=len(cure.dropped))
            )
        case _:
            assert_never(cure.kind)


def cure_sentence(cure: Cure, outlook: Outlook, numbers: NumberFormat) -> str:
    """The same in full, for the page that explains and for screen readers: `Raise the threshold to 2 %.`"""
    quote = outlook.wish.quote
    match cure.kind:
        case CureKind.LIMIT:
            name = tr("gate") if isinstance(outlook.rule, TimeRule) else tr("threshold")
            return tr(
                "{direction} the {name} to {points}.",
                direction=_direction(cure, outlook),
                name=name,
                points=points_text(cure.limit or ZERO, numbers),
            )
        case CureKind.AMOUNT:
            more = (cure.amount or ZERO) + outlook.wish.held_worth - (outlook.wish.worth or ZERO)
            invest = tr("Invest {amount}", amount=numbers.money(cure.amount, quote))
            return (
                tr("{invest}: add {more}.", invest=invest, more=numbers.money(more, quote))
                if more > ZERO
                else f"{invest}."
            )
        case CureKind.DROP:
            return tr("Drop {names}; the others share the weight in their proportions.", names=", ".join(cure.dropped))
        case _:
            assert_never(cure.kind)


def _direction(cure: Cure, outlook: Outlook) -> str:
    return tr("Raise") if (cure.limit or ZERO) > limit_now(outlook.rule) else tr("Lower")


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the three large figures: `name` above it, `value` and `unit` as shown, and what a screen reader says.

    In a narrow panel `short_name` and `short_unit` are shown instead.
    """

    name: str
    value: str
    unit: str
    spoken: str
    tip: str = ""
    short_name: str = ""
    short_unit: str = ""


def rebalances_figure(outlook: Outlook | None, numbers: NumberFormat) -> Figure:
    """How often it trades."""
    name = tr("Rebalances")
    if outlook is None:
        return Figure(name, MISSING, "", tr("{name}: not known yet", name=name), short_name=name)
    expectation = outlook.expectation
    shown = count_text(expectation.rebalances, numbers)
    tip = tr(
        "{first} is expected to get furthest from its target: {turnover}",
        first=expectation.first,
        turnover=turnover_words(outlook, numbers),
    )
    whole, spoken = tr("{name} a year", name=name), tr("{name} a year: {shown}", name=name, shown=shown)
    if expectation.rebalances >= _LARGE or not expectation.rebalances:
        return Figure(whole, shown, "", spoken, tip, short_name=whole)
    return Figure(name, shown, tr("a year"), spoken, tip, short_name=whole)


def drag_figure(outlook: Outlook | None, numbers: NumberFormat) -> Figure:
    """What it costs."""
    name, unit = tr("Fees"), tr("%/yr")
    if outlook is None:
        return Figure(name, MISSING, "", tr("{name}: not known yet", name=name), short_name=name)
    shown = drag_text(outlook.expectation.fee_drag, numbers)
    one, worth = outlook.cost_of_one, outlook.wish.worth
    tip = tr("With {cost} a side.", cost=cost_text(outlook, numbers))
    if one is not None and worth is not None:
        year = money_text(worth * outlook.expectation.fee_drag, outlook.wish.quote, numbers)
        tip += tr(
            " One typical rebalance costs {one}, a year about {year}.",
            one=money_text(one, outlook.wish.quote, numbers),
            year=year,
        )
    spoken = tr("{name}: {spoken_bound} percent a year", name=name, spoken_bound=spoken_bound(shown))
    return Figure(name, shown, unit, spoken, tip, short_name=name, short_unit=unit)


def drift_figure(outlook: Outlook | None, numbers: NumberFormat) -> Figure:
    """What can be traded at all."""
    name, short, unit = tr("Smallest tradable drift"), tr("Smallest drift"), tr("pp")
    if outlook is None or not outlook.drifts:
        tip = "" if outlook is None else tr("Known once there is an amount.")
        return Figure(name, MISSING, "", tr("{name}: not known yet", name=name), tip, short_name=short)
    shown = drifts_text(outlook, numbers)
    coins = ", ".join(f"{asset} {drift_text(drift, numbers)}" for asset, drift in outlook.drifts.items())
    tip = tr(
        "A coin that is off its target by less cannot be traded: the order would be under the minimum. {coins} pp.",
        coins=coins,
    )
    return Figure(
        name,
        shown,
        unit,
        tr("{name}: {spoken_bound} points", name=name, spoken_bound=spoken_bound(shown)),
        tip,
        short_name=short,
        short_unit=unit,
    )


def line_text(outlook: Outlook, numbers: NumberFormat) -> str:
    """`About 9 rebalances and 0.09 % fees a year, smallest drift 2.1 pp.`"""
    drift = tr(", smallest drift {drifts} pp", drifts=drifts_text(outlook, numbers)) if outlook.drifts else ""
    if not outlook.expectation.rebalances:
        return tr("No rebalance expected in a year{drift}.", drift=drift)
    count = count_text(outlook.expectation.rebalances, numbers)
    fees = drag_text(outlook.expectation.fee_drag, numbers)
    return tr(
        "{count}{count2} rebalances, {fees} % fees a year{drift}.",
        count=count[0].upper(),
        count2=count[1:],
        fees=fees,
        drift=drift,
    )


def spoken_bound(shown: str) -> str:
    """A figure as a screen reader says it."""
    return shown.replace("<", "under ").replace(">", "over ").replace("\u2013", " to ")


def turnover_words(outlook: Outlook, numbers: NumberFormat) -> str:
    """`over a year 0.45 times the portfolio is bought and sold.`"""
    return tr(
        "over a year {turnover} the portfolio is sold and bought.",
        turnover=turnover_text(outlook.expectation.turnover, numbers),
    )


def turnover_text(turnover: Decimal, numbers: NumberFormat) -> str:
    """`0.45 times`, `12 times`: of the portfolio."""
    places = 2 if turnover < 1 else 1 if turnover < 10 else 0
    return tr("{turnover} times", turnover=numbers.fixed(turnover, places))
