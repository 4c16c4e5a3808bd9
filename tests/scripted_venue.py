"""A venue that does what a test tells it: prices by hand, fills in full or in part, no answers, refusals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.application.ports import QuoteBatch
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import (
    Balance,
    BookLevel,
    FeeSchedule,
    FeeSide,
    MarketRules,
    MarketStatus,
    OrderBook,
    Quote,
)
from rebalancer_gui.domain.money import ONE, ZERO
from rebalancer_gui.domain.orders import (
    Accepted,
    Fill,
    OrderRequest,
    OrderType,
    Rejected,
    Side,
    SubmitOutcome,
    Unknown,
    VenueOrder,
    VenueOrderStatus,
    VenueTrade,
)
from tests.builders import NOON

Answer = Callable[[OrderRequest], SubmitOutcome | None]
"""Decides about one order before the venue does; None lets the venue fill it."""


class HandClock:
    """Market time is what the last push said; nothing here waits."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - NOON).total_seconds()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class ScriptedVenue:
    """Spread and fee are set by the test; bid = ask = price by default. ``posts`` counts what was really sent."""

    name = "scripted"
    quote_assets: tuple[str, ...] = ("USDT",)
    stale_after: timedelta | None = timedelta(seconds=10)

    def __init__(
        self,
        rules: Mapping[str, MarketRules],
        *,
        money: str = "10000",
        fee: str = "0",
        fee_side: FeeSide = FeeSide.RECEIVED,
        authoritative: bool = True,
    ) -> None:
        self.clock = HandClock()
        self.lookup_is_authoritative = authoritative
        self.fence: timedelta | None = timedelta(seconds=5)
        self.rules = dict(rules)
        self.schedule = FeeSchedule(Decimal(fee), fee_side)
        self.held: dict[str, Decimal] = {"USDT": Decimal(money)}
        self.prices: dict[str, Quote] = {}
        self.orders: dict[str, VenueOrder] = {}
        self.posts: list[OrderRequest] = []
        self.answer: Answer = lambda request: None
        self.fill_part = ONE
        self.lookup_works = True
        self.depth = Decimal(10) ** 9
        self.hang: asyncio.Event | None = None
        self.closed = False
        self.markets_changed = False
        self._batches: asyncio.Queue[QuoteBatch] = asyncio.Queue()
        self._asked = asyncio.Event()
        self._trade = 0

    def set_price(self, base: str, bid: str, ask: str | None = None) -> None:
        """Change a quote between two batches, as a market does."""
        low, high = Decimal(bid), Decimal(ask if ask is not None else bid)
        now = self.clock.now()
        self.prices[f"{base}/USDT"] = Quote(f"{base}/USDT", low, high, (low + high) / 2, now, now)

    async def push(self, after: timedelta = timedelta(seconds=2), **prices: str) -> None:
        """Publish a batch ``after`` the last one and come back when the engine has dealt with it."""
        self.clock.time += after
        for base, price in prices.items():
            self.set_price(base, price)
        now = self.clock.now()
        self.prices = {
            s: replace(q, at=now, received_at=now) if s.partition("/")[0] not in self.silent else q
            for s, q in self.prices.items()
        }
        self._asked.clear()
        self._batches.put_nowait(QuoteBatch(now, dict(self.prices), after, self.markets_changed))
        self.markets_changed = False
        await self._asked.wait()

    def close_market(self, base: str, status: MarketStatus = MarketStatus.DELISTED) -> None:
        """The market of ``base`` takes no orders and quotes nothing from the next batch on."""
        self.rules[f"{base}/USDT"] = replace(self.rules[f"{base}/USDT"], status=status)
        del self.prices[f"{base}/USDT"]
        self.markets_changed = True

    def open_market(self, base: str, price: str) -> None:
        """It trades (again)."""
        self.rules[f"{base}/USDT"] = replace(self.rules[f"{base}/USDT"], status=MarketStatus.TRADING)
        self.set_price(base, price)
        self.markets_changed = True

    silent: frozenset[str] = frozenset()
    """Bases whose quotes are not confirmed any more."""

    async def open(self) -> None:
        self.closed = False

    async def markets(self) -> Mapping[str, MarketRules]:
        return dict(self.rules)

    async def batches(self) -> AsyncIterator[QuoteBatch]:
        first = True
        while True:
            if not first:
                self._asked.set()
            first = False
            yield await self._batches.get()

    async def quote(self, symbol: str) -> Quote:
        if symbol not in self.prices:
            raise VenueUnavailable("no such quote")
        return self.prices[symbol]

    async def order_book(self, symbol: str) -> OrderBook:
        quote = self.prices[symbol]
        return OrderBook(
            symbol, (BookLevel(quote.bid, self.depth),), (BookLevel(quote.ask, self.depth),), self.clock.now()
        )

    async def balances(self) -> Mapping[str, Balance]:
        return {asset: Balance(asset, amount) for asset, amount in self.held.items() if amount != ZERO}

    async def fees(self) -> FeeSchedule:
        return self.schedule

    async def submit(self, request: OrderRequest) -> SubmitOutcome:
        self.posts.append(request)
        if self.hang is not None:
            await self.hang.wait()
        answer = self.answer(request)
        if isinstance(answer, (Rejected, Unknown)):
            return answer
        if answer is not None:
            return answer
        return Accepted(self.execute(request))

    def execute(self, request: OrderRequest) -> VenueOrder:
        """Fill it at the present price (a Limit IOC only the part ``fill_part``)."""
        quote = self.prices[request.symbol]
        price = quote.ask if request.side is Side.BUY else quote.bid
        part = self.fill_part if request.type is OrderType.LIMIT_IOC else ONE
        step = self.rules[request.symbol].step_size
        filled = (request.quantity * part // step) * step
        fills = (self._fill(request, filled, price),) if filled > ZERO else ()
        status = VenueOrderStatus.FILLED if filled == request.quantity else VenueOrderStatus.EXPIRED
        order = VenueOrder(
            request.client_order_id,
            f"v{len(self.orders) + 1}",
            request.symbol,
            request.side,
            request.type,
            request.quantity,
            filled,
            status,
            self.clock.now(),
            fills,
        )
        self.orders[request.client_order_id] = order
        return order

    def _fill(self, request: OrderRequest, quantity: Decimal, price: Decimal) -> Fill:
        base = self.rules[request.symbol].base
        self._trade += 1
        buy = request.side is Side.BUY
        got_asset, got = (base, quantity) if buy else ("USDT", quantity * price)
        given_asset, given = ("USDT", quantity * price) if buy else (base, quantity)
        fee_asset = got_asset if self.schedule.taken_in is FeeSide.RECEIVED else "USDT"
        fee = (got if fee_asset == got_asset else quantity * price) * self.schedule.taker_rate
        for asset, amount in ((got_asset, got), (given_asset, -given), (fee_asset, -fee)):
            self.held[asset] = self.held.get(asset, ZERO) + amount
        return Fill(
            str(self._trade),
            request.client_order_id,
            request.symbol,
            request.side,
            quantity,
            price,
            fee,
            fee_asset,
            self.clock.now(),
        )

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        if not self.lookup_works:
            raise VenueUnavailable("the look-up does not answer")
        return self.orders.get(client_order_id)

    async def orders_since(self, symbol: str, since: datetime) -> tuple[VenueOrder, ...]:
        if not self.lookup_works:
            raise VenueUnavailable("the look-up does not answer")
        return tuple(order for order in self.orders.values() if order.symbol == symbol and order.at >= since)

    async def trades_since(self, symbol: str, since: datetime) -> tuple[VenueTrade, ...]:
        return tuple(
            VenueTrade(
                f.trade_id,
                order.venue_order_id,
                f.symbol,
                f.side,
                f.quantity,
                f.price,
                f.fee if f.fee_known else None,
                f.fee_asset,
                f.at,
            )
            for order in await self.orders_since(symbol, since)
            for f in order.fills
        )

    async def server_time(self) -> datetime:
        return self.clock.now()

    async def identity(self) -> str:
        return "scripted"

    async def close(self) -> None:
        self.closed = True
