"""What is true at a simulated exchange: balances, orders, trades, and counters of its own. Nothing here fails by chance."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.domain.market import Balance, FeeSchedule, FeeSide, MarketStatus
from rebalancer_gui.domain.money import ONE, ZERO, floor_to_step
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Rejected, Side, VenueOrderStatus
from tests.protocol.sim_market import FEE_COIN, MONEY, SimMarket
from tests.protocol.virtual_loop import SimClock

GRID = Decimal("0.00000001")
NOW = timedelta(0)
FIRST_TRADE = 7000
"""Trade ids count from here in every market, so each id exists on several symbols."""


@dataclass
class SimTrade:
    """One trade; ``known_at``: from when the venue tells its fee, ``visible_at``: from when it is listed at all."""

    trade_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    at: datetime
    visible_at: datetime
    known_at: datetime

    def effects(self) -> tuple[tuple[str, Decimal], ...]:
        """What it did to the balances."""
        base, sign = self.symbol.partition("/")[0], 1 if self.side is Side.BUY else -1
        return (
            (base, sign * self.quantity),
            (MONEY, -sign * self.quantity * self.price),
            (self.fee_asset, -self.fee),
        )


@dataclass
class SimOrder:
    """One order; ``visible_at``: from when look-ups and lists know it."""

    venue_order_id: str
    client_order_id: str
    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    at: datetime
    visible_at: datetime
    ours: bool
    status: VenueOrderStatus = VenueOrderStatus.OPEN
    trades: list[SimTrade] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.status is not VenueOrderStatus.OPEN

    @property
    def filled(self) -> Decimal:
        return sum((t.quantity for t in self.trades), ZERO)


@dataclass(frozen=True)
class Filling:
    """How an order is filled: ``share`` of its quantity in ``parts`` trades, and how late each thing can be seen."""

    share: Decimal = ONE
    parts: int = 1
    lookup_lag: timedelta = NOW
    trade_lag: timedelta = NOW
    fee_lag: timedelta = NOW
    fee_off: Decimal = ONE
    """The true fee is this many times what the schedule says."""
    resting: timedelta = NOW
    """How long it is open before it is over (a venue whose matching is slow)."""


class SimExchange:
    """One account at the exchange."""

    def __init__(self, clock: SimClock, market: SimMarket, fees: FeeSchedule, balances: dict[str, Decimal]) -> None:
        self.clock = clock
        self.market = market
        self.fees = fees
        self.held = dict(balances)
        self.outside: dict[str, Decimal] = dict(balances)
        """Everything that came in or went out other than by our orders."""
        self.orders: dict[str, SimOrder] = {}
        self.by_client_id: dict[str, SimOrder] = {}
        self.posts: Counter[str] = Counter()
        """How often each client order id was sent, whether it arrived or not."""
        self.arrivals: Counter[str] = Counter()
        self.refused_late = 0
        self.markets_changed = False
        self.forgets_after: timedelta | None = None
        """How long orders are remembered; trades are remembered for ever."""
        self.empty_books: set[str] = set()
        self.on_arrival: Callable[[OrderRequest], None] = lambda request: None
        self.on_traded: Callable[[SimOrder], None] = lambda order: None
        self._numbers: Counter[str] = Counter()
        self._moment: datetime | None = None
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []

    # --------------------------------------------------------------------------------------------------------- time

    def at(self, moment: datetime, action: Callable[[], None]) -> None:
        """Do something then, whoever looks or not."""
        self._numbers["event"] += 1
        heapq.heappush(self._events, (moment, self._numbers["event"], action))

    def catch_up(self) -> None:
        """Everything that has happened until now."""
        now = self.clock.true()
        while self._events and self._events[0][0] <= now:
            self._moment, _, action = heapq.heappop(self._events)
            self.market.move_to(self._moment)
            action()
        self._moment = None
        self.market.move_to(now)

    def now(self) -> datetime:
        """True time; while something that happened meanwhile is made up for, the moment at which it happened."""
        return self._moment or self.clock.true()

    @property
    def pending(self) -> int:
        """What is still on its way."""
        return len(self._events)

    # ------------------------------------------------------------------------------------------------------- orders

    def arrive(self, request: OrderRequest, filling: Filling) -> SimOrder | Rejected:
        """Our order reaches the matching engine."""
        self.arrivals[request.client_order_id] += 1
        self.on_arrival(request)
        refused = self._refusal(request)
        if refused is not None:
            return refused
        order = self.execute(request, filling, ours=True)
        self.by_client_id[request.client_order_id] = order
        self.on_traded(order)
        return order

    def _refusal(self, request: OrderRequest) -> Rejected | None:
        open_already = self.by_client_id.get(request.client_order_id)
        if open_already is not None and open_already.status is VenueOrderStatus.OPEN:
            return Rejected("Duplicate order sent.", "-2010")
        rules = self.market.untold.get(request.symbol, self.market.rules[request.symbol])
        quote = self.market.quote(request.symbol, self.now())
        price = request.limit_price or (quote.ask if request.side is Side.BUY else quote.bid)
        if rules.status is not MarketStatus.TRADING:
            return Rejected("Market is closed.", "-1013")
        if rules.fault_of(request.quantity, price) is not None:
            name = "NOTIONAL" if request.quantity * price < rules.min_notional else "LOT_SIZE"
            return Rejected(f"Filter failure: {name}", "-1013", against_rules=True)
        given, need = (request.symbol.partition("/")[0], request.quantity)
        if request.side is Side.BUY:
            slip = Decimal("1.002") if request.limit_price is None else ONE
            given, need = MONEY, request.quantity * price * slip
            if self.fees.taken_in is FeeSide.QUOTE:
                need *= ONE + self.fees.taker_rate
        if need > self.held.get(given, ZERO):
            return Rejected("Account has insufficient balance for requested action.", "-2010")
        return None

    def execute(self, request: OrderRequest, filling: Filling, *, ours: bool) -> SimOrder:
        """Match it now."""
        now = self.now()
        self._numbers["order"] += 1
        order = SimOrder(
            f"v{self._numbers['order']}", request.client_order_id, request.symbol, request.side, request.type,
            request.quantity, now, now + filling.lookup_lag, ours,
        )  # fmt: skip
        self.orders[order.venue_order_id] = order
        quote = self.market.quote(request.symbol, now)
        best = quote.ask if request.side is Side.BUY else quote.bid
        limit = request.limit_price
        if limit is None or (best <= limit if request.side is Side.BUY else best >= limit):
            self._trade(order, best, filling, now)
        if filling.resting > NOW:
            self.at(now + filling.resting, lambda: self._finish(order))
        else:
            self._finish(order)
        return order

    def _finish(self, order: SimOrder) -> None:
        whole = order.filled == order.quantity
        order.status = VenueOrderStatus.FILLED if whole else VenueOrderStatus.EXPIRED

    def _trade(self, order: SimOrder, best: Decimal, filling: Filling, now: datetime) -> None:
        rules = self.market.rules[order.symbol]
        left = floor_to_step(order.quantity * filling.share, rules.step_size)
        for part in range(filling.parts, 0, -1):
            quantity = left if part == 1 else floor_to_step(left / part, rules.step_size)
            if quantity <= ZERO:
                continue
            left -= quantity
            self._book(order, quantity, best, filling, now)

    def _book(self, order: SimOrder, quantity: Decimal, price: Decimal, filling: Filling, now: datetime) -> None:
        fee, fee_asset = self._fee(order, quantity, price, filling.fee_off)
        seen = now + filling.trade_lag
        trade = SimTrade(
            self._new_trade_id(order.symbol), order.symbol, order.side, quantity, price, fee, fee_asset,
            now, seen, max(seen, now + filling.fee_lag),
        )  # fmt: skip
        order.trades.append(trade)
        for asset, amount in trade.effects():
            self.held[asset] = self.held.get(asset, ZERO) + amount
            if not order.ours:
                self.outside[asset] = self.outside.get(asset, ZERO) + amount

    def _new_trade_id(self, symbol: str) -> str:
        self._numbers[symbol] += 1
        return str(FIRST_TRADE + self._numbers[symbol])

    def _fee(self, order: SimOrder, quantity: Decimal, price: Decimal, off: Decimal) -> tuple[Decimal, str]:
        base, value = order.symbol.partition("/")[0], quantity * price
        rate = self.fees.taker_rate * off
        if self.fees.taken_in is FeeSide.THIRD and base != FEE_COIN:
            mid = self.market.quote(f"{FEE_COIN}/{MONEY}", self.now()).mid
            fee = (value * rate / mid).quantize(GRID)
            if fee <= self.held.get(FEE_COIN, ZERO):
                return fee, FEE_COIN
        if order.side is Side.BUY and self.fees.taken_in is not FeeSide.QUOTE:
            return (quantity * rate).quantize(GRID), base
        return (value * rate).quantize(GRID), MONEY

    # ------------------------------------------------------------------------------------------------- from outside

    def transfer(self, asset: str, amount: Decimal) -> Decimal:
        """A deposit (> 0) or a withdrawal (< 0, at most what is there); answers what was moved."""
        amount = max(amount, -self.held.get(asset, ZERO))
        self.held[asset] = self.held.get(asset, ZERO) + amount
        self.outside[asset] = self.outside.get(asset, ZERO) + amount
        return amount

    def manual_trade(self, client_order_id: str, symbol: str, side: Side, quantity: Decimal) -> SimOrder | None:
        """The owner trades by hand, or another program with the same key."""
        request = OrderRequest(client_order_id, symbol, side, OrderType.MARKET, quantity, None)
        if self._refusal(request) is not None:
            return None
        return self.execute(request, Filling(), ours=False)

    def balances(self) -> dict[str, Balance]:
        return {asset: Balance(asset, amount) for asset, amount in self.held.items() if amount != ZERO}
