"""From a snapshot to the legs of a rebalance (BEHAVIOUR.md section 4)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.market import FeeSchedule, FeeSide, MarketRules, MarketStatus, Quote, symbol_of
from rebalancer_gui.domain.money import ONE, ZERO, floor_to_step, total
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.quick import quickly
from rebalancer_gui.domain.valuation import Holding, Snapshot

MINIMUM_VALUE_MESSAGE = "The order value is less than the minimum value, and is unable to rebalance this time."
"""Binance's own words, shown when a rebalance triggers and no order can be sent."""

MAX_ADVERSE_MOVE = Decimal("0.003")
"""A leg is skipped when its quote moved against us by more than this fraction since the snapshot."""


class SkipReason(enum.Enum):
    """Why a leg is not traded; the value is the wording on screen."""

    BELOW_MINIMUM = "below minimum"
    NO_MONEY = "no money"
    NO_PRICE = "no price"
    MARKET_CLOSED = "market closed"
    FROZEN = "frozen"
    PRICE_MOVED = "price moved"
    RAIL = "safety rail"
    """One of our own rails said no; ``SkippedLeg.detail`` says which and why."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One coin's part: trade ``wanted`` (quote units, > 0) on ``side``; quantity and price as of the snapshot."""

    asset: str
    symbol: str
    side: Side
    wanted: Decimal
    quantity: Decimal
    limit_price: Decimal

    @property
    def notional(self) -> Decimal:
        return self.quantity * self.limit_price


@dataclass(frozen=True, slots=True)
class SkippedLeg:
    """A leg that is not traded; ``shortfall`` = smallest legal value - wanted value, in quote units (0: not that)."""

    asset: str
    side: Side
    wanted: Decimal
    reason: SkipReason
    shortfall: Decimal = ZERO
    detail: str = ""

    @property
    def why(self) -> str:
        """For people: which safety rail said no and why, where it was one; else the reason."""
        return self.detail or self.reason.value


@dataclass(frozen=True, slots=True)
class Plan:
    """All legs of one rebalance, sells first. ``estimated_fees`` in quote units."""

    snapshot: Snapshot
    legs: tuple[Leg, ...]
    skipped: tuple[SkippedLeg, ...]
    estimated_fees: Decimal

    @property
    def sells(self) -> tuple[Leg, ...]:
        return tuple(leg for leg in self.legs if leg.side is Side.SELL)

    @property
    def buys(self) -> tuple[Leg, ...]:
        return tuple(leg for leg in self.legs if leg.side is Side.BUY)

    @property
    def message(self) -> str:
        """The minimum-value message when there is something to trade and nothing can be sent, else empty."""
        return MINIMUM_VALUE_MESSAGE if self.skipped and not self.legs else ""


_make_leg = quickly(Leg)


def plan_rebalance(snapshot: Snapshot, rules: Mapping[str, MarketRules], fees: FeeSchedule) -> Plan:
    """The orders that bring every coin of ``snapshot`` back to its target weight.

    ``rules`` by symbol. Buys are cut to the money that the planned sells would bring at their limit prices (fees
    off), so that the preview is honest; when the orders are really sent :func:`size_buys` does it again with the
    money that is there. Raises ValueError when the snapshot has no total (a price is missing).
    """
    if snapshot.total is None:
        raise ValueError("a rebalance cannot be planned without a good price for every coin")
    sells: list[Leg] = []
    buys: list[Leg] = []
    skipped: list[SkippedLeg] = []
    for row in snapshot.holdings:
        value, quote = row.value, row.quote
        if value is None or quote is None:
            raise ValueError(f"{row.asset} has no value in this snapshot")
        trade = row.target * snapshot.total / 100 - value
        if trade == ZERO:
            continue
        symbol = symbol_of(row.asset, snapshot.quote_asset)
        leg = size_leg(row, rules.get(symbol), quote, trade)
        if isinstance(leg, SkippedLeg):
            skipped.append(leg)
        elif leg.side is Side.SELL:
            sells.append(leg)
        else:
            buys.append(leg)
    money = snapshot.cash + total(proceeds(leg, fees) for leg in sells)
    fitting, unaffordable = size_buys(buys, money, rules, fees)
    legs = (*sells, *fitting)
    estimated = total(leg.notional * fees.taker_rate for leg in legs)
    return Plan(snapshot, legs, (*skipped, *unaffordable), estimated)


def size_leg(row: Holding, rules: MarketRules | None, quote: Quote, trade: Decimal) -> Leg | SkippedLeg:
    """Turn ``trade`` (quote units, > 0 buys) into a legal leg at the quote's ask or bid, or say why not.

    What is more than one order may be is left for the next check.
    """
    side = Side.BUY if trade > ZERO else Side.SELL
    wanted = abs(trade)
    if rules is None or rules.status is not MarketStatus.TRADING:
        return SkippedLeg(row.asset, side, wanted, SkipReason.MARKET_CLOSED)
    price = quote.ask if side is Side.BUY else quote.bid
    quantity = leg_quantity(side, wanted, price, row.quantity, rules)
    leg = _make_leg(row.asset, rules.symbol, side, wanted, quantity, price)
    if not is_legal(leg, rules):
        return below_minimum(leg, rules)
    return leg


def is_legal(leg: Leg, rules: MarketRules) -> bool:
    """Whether the cut quantity satisfies the venue's rules at the leg's own limit price."""
    return rules.fault_of(leg.quantity, leg.limit_price) is None


def is_dust(rules: MarketRules, quantity: Decimal, bid: Decimal) -> bool:
    """Whether no legal order could ever sell ``quantity`` (base units, on the step) at this price; a closed market is not
    dust, it may open again.
    """
    return quantity < rules.min_quantity or quantity * bid < rules.min_notional or quantity <= ZERO


def below_minimum(leg: Leg, rules: MarketRules) -> SkippedLeg:
    """``leg`` as a skipped one, with what is missing to the smallest legal order."""
    smallest = rules.smallest_order_value(leg.limit_price)
    return SkippedLeg(leg.asset, leg.side, leg.wanted, SkipReason.BELOW_MINIMUM, max(smallest - leg.wanted, ZERO))


def proceeds(leg: Leg, fees: FeeSchedule) -> Decimal:
    """Quote money that a sell of ``leg`` brings at its limit price after the fee taken in the received asset."""
    if fees.taken_in is FeeSide.THIRD:
        return leg.notional
    return leg.notional * (ONE - fees.taker_rate)


def cost(quantity: Decimal, price: Decimal, fees: FeeSchedule) -> Decimal:
    """Quote money that a buy takes: the fee comes on top only where it is taken in the quote asset."""
    extra = fees.taker_rate if fees.taken_in is FeeSide.QUOTE else ZERO
    return quantity * price * (ONE + extra)


def size_buys(
    buys: list[Leg], money: Decimal, rules: Mapping[str, MarketRules], fees: FeeSchedule
) -> tuple[list[Leg], list[SkippedLeg]]:
    """Cut ``buys`` to ``money`` (quote units, fees included).

    When it is short all buys that are legal share it in proportion to what they want, are cut to the step and checked
    again; one that becomes illegal is dropped and its money stays as cash (BEHAVIOUR.md section 4), so the others are
    not enlarged by it.
    """
    needed = total(cost(leg.quantity, leg.limit_price, fees) for leg in buys)
    if needed <= money:
        return list(buys), []
    wanted = total(leg.wanted for leg in buys)
    fitting: list[Leg] = []
    dropped: list[SkippedLeg] = []
    for leg in buys:
        share = max(money, ZERO) * leg.wanted / wanted
        market = rules[leg.symbol]
        unit_cost = cost(ONE, leg.limit_price, fees)
        quantity = floor_to_step(min(share / unit_cost, leg.quantity), market.step_size)
        cut = _make_leg(leg.asset, leg.symbol, leg.side, leg.wanted, quantity, leg.limit_price)
        if is_legal(cut, market):
            fitting.append(cut)
        else:
            smallest = market.smallest_order_value(leg.limit_price)
            dropped.append(
                SkippedLeg(leg.asset, leg.side, leg.wanted, SkipReason.NO_MONEY, max(smallest - share, ZERO))
            )
    return fitting, dropped


def moved_against(leg: Leg, quote: Quote) -> bool:
    """Whether the quote moved by more than 0.3 % against us since the snapshot."""
    if leg.side is Side.BUY:
        return quote.ask > leg.limit_price * (ONE + MAX_ADVERSE_MOVE)
    return quote.bid < leg.limit_price * (ONE - MAX_ADVERSE_MOVE)


def leg_quantity(side: Side, value: Decimal, price: Decimal, holding: Decimal, rules: MarketRules) -> Decimal:
    """Base quantity of an order worth ``value`` (quote units) at its own limit ``price``: cut down to the step, never
    over the venue's largest quantity and notional, and for a sell never over ``holding`` (base units).
    """
    quantity = min(value / price, rules.largest_quantity(price))
    if side is Side.SELL:
        quantity = min(quantity, holding)
    return floor_to_step(quantity, rules.step_size)
