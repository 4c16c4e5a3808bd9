"""One exchange for all faces: the paper venue does the matching, this adds what real venues have and it has not.

Time is the wire's own clock; what the paper venue says of market time is not seen outside. Order and trade ids are numbers
here, each face writes them as its venue does.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from rebalancer_gui.adapters.venues.order_filters import MARKET_CLOSED, refused_by_rules
from rebalancer_gui.adapters.venues.paper import PaperVenue
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.domain.market import FeeSchedule, MarketRules, MarketStatus
from rebalancer_gui.domain.orders import (
    Accepted,
    OrderRequest,
    OrderType,
    Rejected,
    Side,
    VenueOrder,
    VenueOrderStatus,
    VenueTrade,
)
from tests.paper_bench import START, Setup
from tests.wire.candle_side import CandleBook

WIRE_START = datetime(2026, 3, 2, 10, tzinfo=UTC)
DUPLICATE = "duplicate"
NONE = timedelta(0)


class TurnedClock:
    """The port Clock: time stands still but for sleeps, which take none. ``skew`` is what the program's clock is ahead."""

    def __init__(self, start: datetime = WIRE_START) -> None:
        self.start = start
        self.elapsed = 0.0
        self.skew = NONE

    def true(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed)

    def now(self) -> datetime:
        return self.true() + self.skew

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.elapsed += max(seconds, 0.0)
        await asyncio.sleep(0)

    def turn(self, seconds: float) -> None:
        self.elapsed += seconds


@dataclass
class WireOrder:
    """What the venue knows of one order; ``visible_at``: when look-ups and lists know it."""

    number: int
    request: OrderRequest
    order: VenueOrder
    visible_at: datetime
    at_once: bool = True
    word: str = ""
    """The venue's word for its status, where a test wants another than the usual one."""


@dataclass
class Lag:
    """How late things can be seen."""

    orders: timedelta = NONE
    trades: timedelta = NONE


@dataclass
class Core:
    """The account at the exchange."""

    paper: PaperVenue
    clock: TurnedClock
    credentials: Credentials
    rules: dict[str, MarketRules]
    fees: FeeSchedule
    orders: dict[int, WireOrder] = field(default_factory=dict)
    posts: Counter[str] = field(default_factory=Counter)
    """How often each client order id was sent."""
    lag: Lag = field(default_factory=Lag)
    may_trade: bool = True
    may_withdraw: bool = False
    ip_list: tuple[str, ...] = ("203.0.113.7",)
    key_works: bool = True
    fee_asset: str = ""
    uid: str = "354937868"
    fence: timedelta = timedelta(seconds=5)
    trade_first: int = 7000
    by_cid: dict[str, int] = field(default_factory=dict)
    candles: CandleBook = field(default_factory=CandleBook)

    async def place(self, request: OrderRequest, *, at_once: bool = True) -> WireOrder | Rejected:
        """An order reaches the matching engine."""
        if not self.may_trade:
            return Rejected("no right", "no right", no_right=True)
        if any(self.orders[n].order.is_final is False for c, n in self.by_cid.items() if c == request.client_order_id):
            return Rejected("duplicate", DUPLICATE)
        rules = self.rules.get(request.symbol)
        if rules is None:
            return Rejected("Invalid symbol.", "-1121")
        if rules.status is not MarketStatus.TRADING:
            return MARKET_CLOSED
        book = await self.paper.order_book(request.symbol)
        refusal = refused_by_rules(request, rules, (book.bids[0].price + book.asks[0].price) / 2)
        if refusal is not None:
            return refusal
        number = len(self.orders) + 1
        inside = replace(request, client_order_id=f"w{number}")
        outcome = await self.paper.submit(inside)
        if isinstance(outcome, Rejected):
            return outcome
        assert isinstance(outcome, Accepted), outcome
        at = self.clock.true()
        fills = tuple(
            replace(f, trade_id=str(self.trade_first + int(f.trade_id)), client_order_id=request.client_order_id, at=at)
            for f in outcome.order.fills
        )
        order = replace(
            outcome.order, client_order_id=request.client_order_id, venue_order_id=str(number), at=at, fills=fills
        )
        made = WireOrder(number, request, order, at + self.lag.orders, at_once)
        self.orders[number] = made
        self.by_cid[request.client_order_id] = number
        return made

    def of_client_id(self, client_order_id: str) -> WireOrder | None:
        """The newest order with this id that can be seen."""
        number = self.by_cid.get(client_order_id)
        order = None if number is None else self.orders[number]
        return order if order is not None and self._seen(order) else None

    def of_number(self, number: int) -> WireOrder | None:
        order = self.orders.get(number)
        return order if order is not None and self._seen(order) else None

    def listed(self, symbol: str | None = None) -> list[WireOrder]:
        """Every order that can be seen, oldest first."""
        return [o for o in self.orders.values() if self._seen(o) and symbol in {None, o.request.symbol}]

    def trades(self, symbol: str | None = None) -> list[VenueTrade]:
        """Every trade that can be seen, oldest first."""
        now = self.clock.true()
        return [
            VenueTrade(
                f.trade_id, o.order.venue_order_id, f.symbol, f.side, f.quantity, f.price, f.fee, f.fee_asset, f.at
            )
            for o in self.orders.values()
            if symbol in {None, o.request.symbol}
            for f in o.order.fills
            if f.at + self.lag.trades <= now
        ]

    def _seen(self, order: WireOrder) -> bool:
        return order.visible_at <= self.clock.true()

    async def foreign(self, client_order_id: str, symbol: str = "BTC/USDT", quantity: str = "0.01") -> WireOrder:
        """Somebody else trades with the same account."""
        request = OrderRequest(client_order_id, symbol, Side.BUY, OrderType.MARKET, Decimal(quantity), None)
        made = await self.place(request, at_once=False)
        assert isinstance(made, WireOrder)
        return made

    def rests(self, client_order_id: str, symbol: str = "BTC/USDT") -> WireOrder:
        """An order of somebody else that is open and has filled nothing."""
        number = len(self.orders) + 1
        request = OrderRequest(client_order_id, symbol, Side.BUY, OrderType.LIMIT_IOC, Decimal(1), Decimal(100))
        order = VenueOrder(
            client_order_id, str(number), symbol, Side.BUY, OrderType.LIMIT_IOC, Decimal(1), Decimal(0),
            VenueOrderStatus.OPEN, self.clock.true(),
        )  # fmt: skip
        self.orders[number] = WireOrder(number, request, order, self.clock.true(), at_once=False)
        self.by_cid[client_order_id] = number
        return self.orders[number]


@asynccontextmanager
async def core(
    credentials: Credentials, setup: Setup | None = None, clock: TurnedClock | None = None
) -> AsyncIterator[Core]:
    """A fresh account on a paper venue of its own, which moves on only when it is told to."""
    setup = setup or Setup()
    async with setup.opened(TurnedClock(START)) as paper:
        yield Core(paper, clock or TurnedClock(), credentials, dict(await paper.markets()), setup.fees)
