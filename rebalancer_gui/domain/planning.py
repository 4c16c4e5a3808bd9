"""From a snapshot to the legs of a rebalance (BEHAVIOUR.md section 4)."""

from __future__ import annotations

import decimal
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.market import FeeSchedule, FeeSide, MarketRules, MarketStatus, Quote
from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO, floor_to_step, total
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


_make_leg, _make_skipped, _make_plan = quickly(Leg), quickly(SkippedLeg), quickly(Plan)
# Asking an enum for its member takes as long as two sums.
_BUY, _SELL, _BELOW_MINIMUM, _TRADING = Side.BUY, Side.SELL, SkipReason.BELOW_MINIMUM, MarketStatus.TRADING


def plan_rebalance(snapshot: Snapshot, rules: Mapping[str, MarketRules], fees: FeeSchedule) -> Plan:
    """The orders that bring every coin of ``snapshot`` back to its target weight.

    ``rules`` by symbol. Buys are cut to the money that the planned sells would bring at their limit prices (fees
    off), so that the preview is honest; when the orders are really sent :func:`size_buys` does it again with the
    money that is there. Raises ValueError when the snapshot has no total (a price is missing).
    """
    if snapshot.total is None:
        raise ValueError("a rebalance cannot be planned without a good price for every coin")
    percent = snapshot.total / HUNDRED
    trades: list[tuple[Holding, Quote, Decimal]] = []
    for row in snapshot.holdings:
        value, quote = row.value, row.quote
        if value is None or quote is None:
            raise ValueError(f"{row.asset} has no value in this snapshot")
        trade = row.target * percent - value
        if trade:
            trades.append((row, quote, trade))
    sized = _Sized(trades, rules)
    buys, bought = sized.buys, sized.bought
    unaffordable: list[SkippedLeg] = []
    money = snapshot.cash + sized.sold * _kept(fees)
    if bought * _paid(fees) > money:
        buys, unaffordable = _shared(buys, money, rules, fees)
        bought = total(leg.notional for leg in buys)
    estimated = (sized.sold + bought) * fees.taker_rate
    return _make_plan(snapshot, (*sized.sells, *buys), (*sized.skipped, *unaffordable), estimated)


def size_leg(row: Holding, rules: MarketRules | None, quote: Quote, trade: Decimal) -> Leg | SkippedLeg:
    """Turn ``trade`` (quote units, > 0 buys) into a legal leg at the quote's ask or bid, or say why not.

    What is more than one order may be is left for the next check.
    """
    sized = _Sized([(row, quote, trade)], {quote.symbol: rules} if rules is not None else {})
    return sized.skipped[0] if sized.skipped else (*sized.sells, *sized.buys)[0]


class _Sized:
    """Legs of many ``trades``, each as :func:`size_leg` says; ``sold`` and ``bought`` are worth that at their limit prices.

    One loop without calls, because plans are made while markets move. ``rules`` by symbol.
    """

    __slots__ = ("bought", "buys", "sells", "skipped", "sold")

    def __init__(self, trades: Iterable[tuple[Holding, Quote, Decimal]], rules: Mapping[str, MarketRules]) -> None:
        sells: list[Leg] = []
        buys: list[Leg] = []
        skipped: list[SkippedLeg] = []
        sold = bought = ZERO
        for row, quote, trade in trades:
            symbol = quote.symbol
            market = rules.get(symbol)
            if trade > ZERO:
                side, wanted, price = _BUY, trade, quote.ask
            else:
                side, wanted, price = _SELL, -trade, quote.bid
            if market is None or market.status is not _TRADING:
                skipped.append(_make_skipped(row.asset, side, wanted, SkipReason.MARKET_CLOSED))
                continue
            step = market.step_size
            # What leg_quantity says where nothing bounds it, as whole steps at once: long divisions take longest.
            try:
                quantity = wanted // (price * step) * step if step else wanted / price
            except decimal.InvalidOperation:  # more steps than fifty digits can count
                quantity = leg_quantity(side, wanted, price, row.quantity, market)
            notional = quantity * price
            most = market.max_notional
            if (
                quantity > market.max_quantity
                or (most is not None and notional > most)
                or (side is _SELL and quantity > row.quantity)
            ):
                quantity = leg_quantity(side, wanted, price, row.quantity, market)
                notional = quantity * price if market.fault_of(quantity, price) is None else ZERO
            if quantity < market.min_quantity or notional < market.min_notional or not notional:
                missing = market.smallest_order_value(price) - wanted
                skipped.append(_make_skipped(row.asset, side, wanted, _BELOW_MINIMUM, max(missing, ZERO)))
            elif side is _SELL:
                sells.append(_make_leg(row.asset, symbol, side, wanted, quantity, price))
                sold += notional
            else:
                buys.append(_make_leg(row.asset, symbol, side, wanted, quantity, price))
                bought += notional
        self.sells, self.buys, self.skipped, self.sold, self.bought = sells, buys, skipped, sold, bought


def is_dust(rules: MarketRules, quantity: Decimal, bid: Decimal) -> bool:
    """Whether no legal order could ever sell ``quantity`` (base units, on the step) at this price; a closed market is not
    dust, it may open again.
    """
    return quantity < rules.min_quantity or quantity * bid < rules.min_notional or quantity <= ZERO


def proceeds(leg: Leg, fees: FeeSchedule) -> Decimal:
    """Quote money that a sell of ``leg`` brings at its limit price after the fee taken in the received asset."""
    return leg.notional * _kept(fees)


def _kept(fees: FeeSchedule) -> Decimal:
    """The share of a sell's worth that comes in as money."""
    return ONE if fees.taken_in is FeeSide.THIRD else ONE - fees.taker_rate


def cost(quantity: Decimal, price: Decimal, fees: FeeSchedule) -> Decimal:
    """Quote money that a buy takes: the fee comes on top only where it is taken in the quote asset."""
    return quantity * price * _paid(fees)


def _paid(fees: FeeSchedule) -> Decimal:
    """What a buy takes as a multiple of its worth."""
    return ONE + fees.taker_rate if fees.taken_in is FeeSide.QUOTE else ONE


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
    return _shared(buys, money, rules, fees)


def _shared(
    buys: list[Leg], money: Decimal, rules: Mapping[str, MarketRules], fees: FeeSchedule
) -> tuple[list[Leg], list[SkippedLeg]]:
    """As :func:`size_buys` where ``money`` is short."""
    money, paid, wanted = max(money, ZERO), _paid(fees), total([leg.wanted for leg in buys])
    fitting: list[Leg] = []
    dropped: list[SkippedLeg] = []
    for leg in buys:
        market, price = rules[leg.symbol], leg.limit_price
        share = money * leg.wanted / wanted
        quantity = floor_to_step(min(share / (price * paid), leg.quantity), market.step_size)
        if market.fault_of(quantity, price) is None:
            fitting.append(_make_leg(leg.asset, leg.symbol, leg.side, leg.wanted, quantity, price))
        else:
            missing = market.smallest_order_value(price) - share
            dropped.append(_make_skipped(leg.asset, leg.side, leg.wanted, SkipReason.NO_MONEY, max(missing, ZERO)))
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
