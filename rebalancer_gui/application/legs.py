"""One leg of a rebalance: Limit IOC at the fresh quote, then a Market order for what it left (BEHAVIOUR.md section 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.executor import Executor
from rebalancer_gui.application.records import LegOutcome, LegResult
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import FeeSide, MarketRules, MarketStatus, Quote
from rebalancer_gui.domain.market_order import MAX_SLIP, market_quantity, reason_against, sane_part
from rebalancer_gui.domain.money import ONE, ZERO
from rebalancer_gui.domain.orders import IntentState, OrderIntent, OrderType, Side
from rebalancer_gui.domain.planning import Leg, SkippedLeg, SkipReason, leg_quantity, moved_against
from rebalancer_gui.domain.rail_checks import Purpose

FEE_ROUNDING = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class _Room:
    """What one leg works with: its market, the fee that comes on top of a buy's price (fraction), and who wants it."""

    rules: MarketRules
    quote_fee: Decimal
    purpose: Purpose

    @property
    def air(self) -> Decimal:
        """Quote units kept aside because a venue rounds such a fee up, trade by trade."""
        return FEE_ROUNDING if self.quote_fee > ZERO else ZERO


class LegTrader:
    """Trades single legs through the executor. Engine thread only."""

    def __init__(self, account: Account, executor: Executor) -> None:
        self._account = account
        self._executor = executor

    async def fresh_quote(self, symbol: str) -> Quote | None:
        """The quote of this moment; None when there is no good one."""
        account = self._account
        try:
            quote = await account.venue.quote(symbol)
        except VenueUnavailable:
            return None
        account.quotes[symbol] = quote
        return quote if quote.fault(account.venue.clock.now(), account.venue.stale_after) is None else None

    async def trade(
        self,
        strategy: StrategyRuntime,
        rebalance_id: str,
        leg: Leg,
        value: Decimal,
        may_go_on: Callable[[], bool],
        purpose: Purpose,
    ) -> LegResult | SkippedLeg | None:
        """Trade ``value`` (quote units) of ``leg``; ``leg`` carries the snapshot's price, against which a move is judged.

        ``may_go_on`` is asked just before each order is begun; None when it said no before the first one. ``purpose``
        decides which safety rails count.
        """
        account = self._account
        rules = account.rules.get(leg.symbol)
        if rules is None or rules.status is not MarketStatus.TRADING:
            return _skip(leg, SkipReason.MARKET_CLOSED)
        await self._keep_pace()
        quote = await self.fresh_quote(leg.symbol)
        if not may_go_on():
            return None
        if quote is None:
            return _skip(leg, SkipReason.NO_PRICE)
        if moved_against(leg, quote):
            return _skip(leg, SkipReason.PRICE_MOVED)
        fee_on_top = account.fees.taker_rate if account.fees.taken_in is FeeSide.QUOTE else ZERO
        room = _Room(rules, fee_on_top, purpose)
        price = quote.ask if leg.side is Side.BUY else quote.bid
        quantity = self._quantity(strategy, leg, value, price, room)
        if rules.fault_of(quantity, price) is not None:
            shortfall = max(rules.smallest_order_value(price) - value, ZERO)
            return _skip(leg, SkipReason.BELOW_MINIMUM, shortfall)
        against = account.rails.against_order(strategy, purpose, quantity * price, quote, account.now())
        if against:
            return SkippedLeg(leg.asset, leg.side, leg.wanted, SkipReason.RAIL, detail=against)
        reserved = quantity * price * (ONE + fee_on_top) + room.air if leg.side is Side.BUY else quantity
        account.rails.note_posted(account.venue.clock.monotonic())
        first = await self._executor.send(
            strategy,
            rebalance_id,
            symbol=leg.symbol,
            side=leg.side,
            order_type=OrderType.LIMIT_IOC,
            quantity=quantity,
            limit_price=price,
            reserved_amount=reserved,
            attempt=1,
        )
        account.rails.note_sent(strategy, purpose, first, price)
        if first.state is not IntentState.SETTLED or first.filled >= quantity or not may_go_on():
            return _result(leg, quantity, price, first.filled, first)
        return await self._rest_at_market(strategy, leg, value, first, room, may_go_on)

    def _quantity(self, strategy: StrategyRuntime, leg: Leg, value: Decimal, price: Decimal, room: _Room) -> Decimal:
        quote = strategy.record.parameters.quote
        if leg.side is Side.BUY:
            value = min(value, (self._available(strategy, quote) - room.air) / (ONE + room.quote_fee))
        return leg_quantity(leg.side, value, price, self._available(strategy, leg.asset), room.rules)

    def _available(self, strategy: StrategyRuntime, asset: str) -> Decimal:
        """What is certainly there to be sold or spent: the ledger's balance less what fees in doubt may still take."""
        held = self._account.wallet.strategy(strategy.id, asset)
        return max(held - self._executor.books.in_doubt(strategy, asset), ZERO)

    async def _rest_at_market(
        self,
        strategy: StrategyRuntime,
        leg: Leg,
        value: Decimal,
        first: OrderIntent,
        room: _Room,
        may_go_on: Callable[[], bool],
    ) -> LegResult:
        account, request = self._account, first.request
        planned, price = request.quantity, request.limit_price or leg.limit_price
        await self._keep_pace()
        quote = await self.fresh_quote(leg.symbol)
        if quote is None:
            return _result(leg, planned, price, first.filled, first, "no price for the rest")
        if moved_against(leg, quote):
            return _result(leg, planned, price, first.filled, first, "the rest waits: price moved")
        money = None
        if leg.side is Side.BUY:
            left = value - first.filled * price
            money = min(left, self._available(strategy, strategy.record.parameters.quote)) - room.air
        best = quote.ask if leg.side is Side.BUY else quote.bid
        quantity = market_quantity(planned - first.filled, money, best, room.rules, room.quote_fee)
        if quantity == ZERO:
            return _result(leg, planned, price, first.filled, first, "the rest is below the minimum and waits")
        quantity, against = await self._sane(leg, quantity, best, room)
        against = against or account.rails.against_order(strategy, room.purpose, quantity * best, quote, account.now())
        if against:
            return _result(leg, planned, price, first.filled, first, f"the rest waits: {against}")
        if not may_go_on():
            return _result(leg, planned, price, first.filled, first)
        buying = leg.side is Side.BUY
        reserved = quantity * best * (ONE + MAX_SLIP + room.quote_fee) + room.air if buying else quantity
        account.rails.note_posted(account.venue.clock.monotonic())
        second = await self._executor.send(
            strategy,
            first.rebalance_id,
            symbol=leg.symbol,
            side=leg.side,
            order_type=OrderType.MARKET,
            quantity=quantity,
            limit_price=None,
            reserved_amount=reserved,
            attempt=2,
        )
        account.rails.note_sent(strategy, room.purpose, second, best)
        return _result(leg, planned, price, first.filled + second.filled, second)

    async def _sane(self, leg: Leg, quantity: Decimal, best: Decimal, room: _Room) -> tuple[Decimal, str]:
        """How much may go as a Market order by spread and depth, or why nothing may. Only an exit is sent in parts."""
        try:
            book = await self._account.venue.order_book(leg.symbol)
        except VenueUnavailable:
            return quantity, "the order book cannot be read"
        against = reason_against(book, leg.side, quantity)
        if against and room.purpose is Purpose.EXIT and self._account.rails.splits_exits:
            part = sane_part(book, leg.side, quantity, best, room.rules)
            return (part, "") if part > ZERO else (quantity, against)
        return quantity, against

    async def _keep_pace(self) -> None:
        """Not more orders a second than the rails allow; before the quote is read, so that it is fresh."""
        clock = self._account.venue.clock
        pause = self._account.rails.pause(clock.monotonic())
        if pause > 0:
            await clock.sleep(pause)


def _skip(leg: Leg, reason: SkipReason, shortfall: Decimal = ZERO) -> SkippedLeg:
    return SkippedLeg(leg.asset, leg.side, leg.wanted, reason, shortfall)


def _result(
    leg: Leg, planned: Decimal, price: Decimal, filled: Decimal, last: OrderIntent, detail: str = ""
) -> LegResult:
    if last.state in {IntentState.UNKNOWN, IntentState.ACKED}:
        outcome = LegOutcome.UNRESOLVED
    elif filled >= planned:
        outcome = LegOutcome.FILLED
    elif filled > ZERO:
        outcome = LegOutcome.PARTLY
    else:
        outcome = LegOutcome.REJECTED if last.state is IntentState.REJECTED else LegOutcome.PARTLY
    return LegResult(
        leg.asset, leg.symbol, leg.side, leg.wanted, planned, price, filled, outcome, detail or last.reason
    )
