"""The honest scorecard: value, profit and the HODL line (BEHAVIOUR.md section 10)."""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.domain.market import FeeSchedule, FeeSide, Quote, symbol_of
from rebalancer_gui.domain.money import HUNDRED, MONEY_CONTEXT, ONE, ZERO
from rebalancer_gui.domain.money_weighted import MoneyWeighted
from rebalancer_gui.domain.orders import Fill, Side
from rebalancer_gui.domain.strategy import Target

LEAST_DAYS = 7
"""An annualised return is shown from so many whole days on."""
COST_GRID = Decimal("0.000000000001")
_FIGURES = MONEY_CONTEXT.copy()
_FIGURES.prec = 24
"""A power to 50 digits costs five times as much, and this one is only shown."""
NOT_ASKED = MoneyWeighted(None, "it was not worked out")


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All in quote units; percentages in percent. None where a price is missing.

    ``time_weighted`` is the return over all flows so far, ``annualised`` the same a year (None under 7 days); ``added`` is
    everything that was put in, which ``profit_percent`` refers to.
    """

    value: Decimal | None
    net_invested: Decimal
    profit: Decimal | None
    profit_percent: Decimal | None
    hodl_value: Decimal | None
    versus_hodl: Decimal | None
    time_weighted: Decimal | None = None
    annualised: Decimal | None = None
    added: Decimal = ZERO
    realised: Decimal | None = None
    """``realised`` + ``unrealised`` = ``profit``: what trades, fees and coins given back have brought, and what the coins that
    are held have gained on paper."""
    unrealised: Decimal | None = None
    money_weighted: MoneyWeighted = NOT_ASKED
    """The rate a year at which all flows are even (XIRR), or why there is none."""


def hodl_purchase(
    amount: Decimal, targets: tuple[Target, ...], quote_asset: str, quotes: Mapping[str, Quote], fees: FeeSchedule
) -> dict[str, Decimal]:
    """Units per asset that ``amount`` (quote units) buys at target weights: at the ask (mid plus half the spread), less
    the taker fee, without steps. KeyError when a quote is missing.
    """
    units = {}
    for target in targets:
        money = amount * target.weight / HUNDRED
        price = quotes[symbol_of(target.asset, quote_asset)].ask
        if fees.taken_in is FeeSide.RECEIVED:
            units[target.asset] = money / price * (ONE - fees.taker_rate)
        else:
            units[target.asset] = money / (price * (ONE + fees.taker_rate))
    return units


def hodl_rebalance(
    units: Mapping[str, Decimal],
    cash: Decimal,
    targets: tuple[Target, ...],
    quote_asset: str,
    quotes: Mapping[str, Quote],
    fees: FeeSchedule,
) -> dict[str, Decimal]:
    """Units per asset after ``units`` and ``cash`` (quote units) were brought to ``targets`` without steps.

    What is over its target is sold at the bid, the money buys what is under it at the ask in proportion to what is
    missing, both less the taker fee: the line's own start with coins that are held, and a change of coins.
    KeyError when a quote is missing.
    """
    weights = {t.asset: t.weight for t in targets}
    worth = cash + sum((q * quotes[symbol_of(a, quote_asset)].mid for a, q in units.items()), ZERO)
    after: dict[str, Decimal] = {}
    wanted: dict[str, Decimal] = {}
    money = cash
    for asset in dict.fromkeys((*units, *weights)):
        quote, held = quotes[symbol_of(asset, quote_asset)], units.get(asset, ZERO)
        over = held * quote.mid - weights.get(asset, ZERO) * worth / HUNDRED
        after[asset] = held
        if over > ZERO:
            # A coin without weight goes as a whole: a last digit of the division must not keep it in the line for ever.
            sold = over / quote.mid if asset in weights else held
            after[asset] = held - sold
            money += sold * quote.bid * (ONE - fees.taker_rate)
        elif over < ZERO:
            wanted[asset] = -over
    missing = sum(wanted.values(), ZERO)
    for asset, value in wanted.items():
        bought = hodl_purchase(money * value / missing, (Target(asset, HUNDRED),), quote_asset, quotes, fees)
        after[asset] += bought[asset]
    return {asset: quantity for asset, quantity in after.items() if quantity > ZERO}


def hodl_addition(
    units: Mapping[str, Decimal],
    amount: Decimal,
    targets: tuple[Target, ...],
    quote_asset: str,
    quotes: Mapping[str, Quote],
    fees: FeeSchedule,
) -> dict[str, Decimal]:
    """An addition buys at the target weights of that moment (BEHAVIOUR.md section 10)."""
    after = dict(units)
    for asset, bought in hodl_purchase(amount, targets, quote_asset, quotes, fees).items():
        after[asset] = after.get(asset, ZERO) + bought
    return after


def hodl_removal(
    units: Mapping[str, Decimal], amount: Decimal, quote_asset: str, quotes: Mapping[str, Quote], fees: FeeSchedule
) -> dict[str, Decimal]:
    """A removal takes the same share of every coin: so much that selling it at the bid, less the fee, brings ``amount``.

    KeyError when a quote is missing. The line is never below nothing.
    """
    brings = sum((q * quotes[symbol_of(a, quote_asset)].bid * (ONE - fees.taker_rate) for a, q in units.items()), ZERO)
    if brings <= ZERO:
        return dict(units)
    stays = max(ONE - amount / brings, ZERO)
    return {asset: quantity * stays for asset, quantity in units.items()} if stays > ZERO else {}


def grown(growth: Decimal, base: Decimal, value: Decimal) -> Decimal:
    """The growth so far, with the stretch from ``base`` (value after the last flow) to ``value`` (before the next one)."""
    return growth * value / base if base > ZERO else growth


def time_weighted_return(growth: Decimal, base: Decimal, value: Decimal) -> Decimal:
    """In percent: every stretch between two flows counts alike, whatever money was in it; fees are inside."""
    return (grown(growth, base, value) - ONE) * HUNDRED


def annualised_percent(returned: Decimal, lasted: timedelta) -> Decimal | None:
    """(1 + R)^(365 / days) - 1 in percent over whole days; None under 7 days, where it would say nothing."""
    days = lasted // timedelta(days=1)
    if days < LEAST_DAYS:
        return None
    growth = ONE + returned / HUNDRED
    if growth <= ZERO:
        return -HUNDRED
    with decimal.localcontext(_FIGURES):
        return (growth ** (Decimal(365) / days) - ONE) * HUNDRED


def cost_after(cost: Decimal | None, held: Decimal, fill: Fill, quote_asset: str) -> Decimal | None:
    """What the coins held after ``fill`` cost in quote units, fees included; ``held`` (base units) and ``cost`` before it.

    Average cost method: a sell takes its share of the cost along. None where coins of unknown cost are among them.
    A fee in the coin lessens what is held for the same money; one in the quote asset adds to the cost.
    """
    if fill.side is Side.BUY:
        if held <= ZERO:
            cost = ZERO
        if cost is None:
            return None
        return cost + fill.value + (fill.fee if fill.fee_asset == quote_asset else ZERO)
    left = held - fill.quantity
    if left <= ZERO:
        return ZERO
    return (cost * left / held).quantize(COST_GRID) if cost is not None else None


def value_at_mid(units: Mapping[str, Decimal], quote_asset: str, quotes: Mapping[str, Quote]) -> Decimal | None:
    """Value of ``units`` in quote units; None when one of them has no usable price."""
    worth = ZERO
    for asset, quantity in units.items():
        if quantity == ZERO:
            continue
        quote = quotes.get(symbol_of(asset, quote_asset))
        if quote is None or quote.fault(quote.at, None) is not None:
            return None
        worth += quantity * quote.mid
    return worth


def score(
    *, value: Decimal | None, added: Decimal, removed: Decimal, hodl_value: Decimal | None, pool_fees: Decimal = ZERO
) -> Scorecard:
    """Profit = value - (added - removed) - fees the free pool paid for it; in percent of everything added."""
    net_invested = added - removed
    profit = value - net_invested - pool_fees if value is not None else None
    percent = profit * HUNDRED / added if profit is not None and added > ZERO else None
    versus = None
    if value is not None and hodl_value is not None and hodl_value > ZERO:
        versus = (value / hodl_value - ONE) * HUNDRED
    return Scorecard(value, net_invested, profit, percent, hodl_value, versus, added=added)


def fee_value(fill: Fill, quote_asset: str) -> Decimal:
    """What a trade's fee was worth in quote units: a fee in the base asset at the trade's own price; a fee in a third
    asset has no price here and counts 0 until it is booked with its own (BEHAVIOUR.md section 8).
    """
    if fill.fee_asset == quote_asset:
        return fill.fee
    if fill.symbol == symbol_of(fill.fee_asset, quote_asset):
        return fill.fee * fill.price
    return ZERO
