"""The honest scorecard: value, profit and the HODL line (BEHAVIOUR.md section 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.market import FeeSchedule, FeeSide, Quote, symbol_of
from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO
from rebalancer_gui.domain.orders import Fill
from rebalancer_gui.domain.strategy import Target


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All in quote units; percentages in percent. None where a price is missing."""

    value: Decimal | None
    net_invested: Decimal
    profit: Decimal | None
    profit_percent: Decimal | None
    hodl_value: Decimal | None
    versus_hodl: Decimal | None


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
    return Scorecard(value, net_invested, profit, percent, hodl_value, versus)


def fee_value(fill: Fill, quote_asset: str) -> Decimal:
    """What a trade's fee was worth in quote units: a fee in the base asset at the trade's own price; a fee in a third
    asset has no price here and counts 0 until it is booked with its own (BEHAVIOUR.md section 8).
    """
    if fill.fee_asset == quote_asset:
        return fill.fee
    if fill.symbol == symbol_of(fill.fee_asset, quote_asset):
        return fill.fee * fill.price
    return ZERO
