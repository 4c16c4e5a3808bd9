"""The simulated exchange at the end of a bad wire: implements ``application.ports.Venue`` and does what the faults say."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.application.ports import Clock, QuoteBatch
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import Balance, BookLevel, FeeSchedule, MarketRules, MarketStatus, OrderBook, Quote
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import (
    Accepted,
    Fill,
    OrderRequest,
    Rejected,
    SubmitOutcome,
    Unknown,
    VenueOrder,
    VenueTrade,
)
from tests.protocol.faults import Crash, Fate, Faults, Read, Submit
from tests.protocol.sim_exchange import SimExchange, SimOrder, SimTrade

Say = Callable[[str], None]
DEPTH = Decimal(10) ** 9


class SimVenue:
    """One life of the wire: a new one for each engine. ``dead`` once its process died: nothing passes any more.

    ``breaches`` collects what the program must never do: calls during a ban, a second POST of one intent.
    """

    name = "simulated"
    quote_assets: tuple[str, ...] = ("USDT",)
    lookup_is_authoritative = False
    stale_after: timedelta | None = timedelta(seconds=45)

    def __init__(self, exchange: SimExchange, faults: Faults, *, fence: timedelta | None, say: Say) -> None:
        self.exchange = exchange
        self.faults = faults
        self.fence = fence
        self.dead = False
        self.breaches: list[str] = []
        self.calls: Counter[str] = Counter()
        self.log: list[tuple[datetime, str]] = []
        self.feed_works = True
        self.down = False
        """Maintenance: nothing answers."""
        self.on_post: Callable[[OrderRequest], None] = lambda request: None
        self._say = say

    @property
    def clock(self) -> Clock:
        return self.exchange.clock

    banned_until: datetime | None = None
    empty_until: datetime | None = None

    # --------------------------------------------------------------------------------------------------------- wire

    def die(self, where: str) -> None:
        """The process is gone."""
        self.dead = True
        self._say(f"CRASH {where}")
        raise Crash(where)

    def _alive(self, where: str) -> None:
        if self.dead:
            raise Crash(f"dead: {where}")

    def _arrives(self, what: str) -> None:
        """A request leaves the program."""
        self._alive(what)
        if self.faults.crashes(f"before {what}"):
            self.die(f"before {what}")
        now = self.exchange.clock.true()
        self.calls[what] += 1
        self.log.append((now, what))
        if self.banned_until is not None and now < self.banned_until:
            self.breaches.append(f"{what} was called during a ban")
            self._say(f"BREACH {what} during a ban")

    def _back(self, what: str) -> None:
        self._alive(what)
        if self.faults.crashes(f"after {what}"):
            self.die(f"after {what}")

    async def _read(self, what: str) -> Read:
        self._arrives(what)
        read = self.faults.read(what)
        await self.clock.sleep(read.seconds)
        self._back(what)
        if read.pause:
            self._ban(read.pause)
            raise VenueUnavailable("429 Too many requests", retry_after=timedelta(seconds=read.pause))
        if read.error or self.down:
            self._say(f"{what} no answer")
            raise VenueUnavailable("the exchange does not answer")
        self.exchange.catch_up()
        if read.empty_for:
            self.empty_until = self.exchange.clock.true() + timedelta(seconds=read.empty_for)
        return read

    def _ban(self, seconds: float) -> None:
        until = self.exchange.clock.true() + timedelta(seconds=seconds)
        self.banned_until = max(self.banned_until or until, until)
        self._say(f"ban for {seconds} s")

    # -------------------------------------------------------------------------------------------------------- reads

    async def open(self) -> None:
        self._alive("open")

    async def close(self) -> None:
        """Nothing is open."""

    async def markets(self) -> Mapping[str, MarketRules]:
        await self._read("markets")
        return dict(self.exchange.market.rules)

    async def batches(self) -> AsyncIterator[QuoteBatch]:
        """A feed of its own: it works during a ban, and ends when the process died."""
        spacing = self.exchange.market.spacing
        while True:
            now = self.exchange.clock.monotonic()
            await self.clock.sleep(spacing.total_seconds() - now % spacing.total_seconds())
            self._alive("batches")
            self.exchange.catch_up()
            if self.down:
                raise VenueUnavailable("the feed is silent")
            at = self.clock.now()
            changed, self.exchange.markets_changed = self.exchange.markets_changed, False
            yield QuoteBatch(at, self.exchange.market.quotes(at), spacing, changed)

    async def quote(self, symbol: str) -> Quote:
        await self._read("quote")
        market = self.exchange.market
        if market.rules[symbol].status is not MarketStatus.TRADING or symbol in market.missing:
            raise VenueUnavailable("no such quote")
        return market.quote(symbol, self.clock.now())

    async def order_book(self, symbol: str) -> OrderBook:
        quote = await self.quote(symbol)
        if symbol in self.exchange.empty_books:
            return OrderBook(symbol, (), (), quote.at)
        bids, asks = (BookLevel(quote.bid, DEPTH),), (BookLevel(quote.ask, DEPTH),)
        return OrderBook(symbol, bids, asks, quote.at)

    async def balances(self) -> Mapping[str, Balance]:
        await self._read("balances")
        return self.exchange.balances()

    async def fees(self) -> FeeSchedule:
        await self._read("fees")
        return self.exchange.fees

    async def server_time(self) -> datetime:
        await self._read("server_time")
        return self.exchange.clock.true()

    async def identity(self) -> str:
        await self._read("identity")
        return "account 1"

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        read = await self._read("find_order")
        order = self.exchange.by_client_id.get(client_order_id)
        if order is None or read.blind or not self._visible(order) or order.symbol != symbol or self._forgotten(order):
            return None
        return self._shown(order, shuffled=read.shuffled)

    async def orders_since(self, symbol: str, since: datetime) -> tuple[VenueOrder, ...]:
        read = await self._read("orders_since")
        found = [o for o in self.exchange.orders.values() if o.symbol == symbol and o.at >= since]
        # A list that lags behind lacks the newest.
        lag = timedelta(seconds=30) if read.blind else timedelta(0)
        now = self.exchange.clock.true()
        listed = [o for o in found if self._visible(o) and o.at + lag <= now and not self._forgotten(o)]
        return tuple(self._shown(o, fills=False) for o in listed)

    async def trades_since(self, symbol: str, since: datetime) -> tuple[VenueTrade, ...]:
        read = await self._read("trades_since")
        now = self.exchange.clock.true()
        lag = timedelta(seconds=30) if read.blind else timedelta(0)
        trades = [
            VenueTrade(
                t.trade_id, o.venue_order_id, t.symbol, t.side, t.quantity, t.price,
                t.fee if t.known_at <= now else None, t.fee_asset, t.at,
            )
            for o in self.exchange.orders.values()
            if o.symbol == symbol and not self._is_empty()
            for t in o.trades
            if t.at >= since and t.visible_at <= now and t.at + lag <= now
        ]  # fmt: skip
        return tuple(_twice(trades) if read.shuffled else trades)

    def _forgotten(self, order: SimOrder) -> bool:
        window = self.exchange.forgets_after
        return window is not None and order.at + window < self.exchange.clock.true()

    def _is_empty(self) -> bool:
        return self.empty_until is not None and self.exchange.clock.true() < self.empty_until

    def _visible(self, order: SimOrder) -> bool:
        return not self._is_empty() and order.visible_at <= self.exchange.clock.true()

    def _shown(self, order: SimOrder, *, fills: bool = True, shuffled: bool = False) -> VenueOrder:
        now = self.exchange.clock.true()
        trades = [t for t in order.trades if t.visible_at <= now] if fills else []
        shown = [self._fill(order, t, known=t.known_at <= now) for t in trades]
        return VenueOrder(
            order.client_order_id, order.venue_order_id, order.symbol, order.side, order.type, order.quantity,
            order.filled, order.status, order.at, tuple(_twice(shown) if shuffled else shown),
        )  # fmt: skip

    def _fill(self, order: SimOrder, t: SimTrade, *, known: bool) -> Fill:
        fee, asset = t.fee, t.fee_asset
        if not known:
            asset = "USDT"
            fee = (t.quantity * t.price * self.exchange.fees.taker_rate).quantize(Decimal("1e-8"))
        return Fill(
            t.trade_id, order.client_order_id, t.symbol, t.side, t.quantity, t.price, fee, asset, t.at, fee_known=known
        )

    # ------------------------------------------------------------------------------------------------------- orders

    async def submit(self, request: OrderRequest) -> SubmitOutcome:
        self._arrives("submit")
        self.exchange.posts[request.client_order_id] += 1
        if self.exchange.posts[request.client_order_id] > 1:
            self.breaches.append(f"I3: {request.client_order_id} was sent twice")
        plan = self.faults.submit(request)
        limit = "" if request.limit_price is None else f" at {request.limit_price}"
        self._say(
            f"POST {request.client_order_id} {request.side.value} {request.quantity} {request.symbol}{limit}: "
            f"{plan.fate.value} {plan.garbage}"
        )
        self.on_post(request)
        self.exchange.catch_up()
        result: list[SimOrder | Rejected] = []
        sent = self.exchange.clock.true()
        if plan.fate not in {Fate.DROPPED, Fate.REJECTED, Fate.NO_MONEY, Fate.BANNED} and not self.down:
            self.exchange.at(
                sent + timedelta(seconds=plan.arrive_after), lambda: self._reach(request, plan, sent, result)
            )
        await self.clock.sleep(plan.answer_after)
        self.exchange.catch_up()
        self._back("submit")
        if self.down:
            return Unknown("connection refused")
        return self._answer(request, plan, result)

    def _reach(self, request: OrderRequest, plan: Submit, sent: datetime, result: list[SimOrder | Rejected]) -> None:
        now = self.exchange.now()
        if self.fence is not None and now > sent + self.fence:
            self.exchange.refused_late += 1
            self._say(f"{request.client_order_id} came too late")
            result.append(Rejected("Timestamp for this request is outside of the recvWindow.", "-1021"))
            return
        outcome = self.exchange.arrive(request, plan.filling)
        filled = outcome.filled if isinstance(outcome, SimOrder) else outcome.reason
        self._say(f"{request.client_order_id} arrived: {filled}")
        result.append(outcome)

    def _answer(self, request: OrderRequest, plan: Submit, result: list[SimOrder | Rejected]) -> SubmitOutcome:
        match plan.fate:
            case Fate.REJECTED:
                return Rejected("Filter failure: PERCENT_PRICE_BY_SIDE", "-1013")
            case Fate.NO_MONEY:
                return Rejected("Account has insufficient balance for requested action.", "-2010")
            case Fate.BANNED:
                self._ban(plan.pause)
                return Rejected("429 Too many requests", "429", retry_after=timedelta(seconds=plan.pause))
            case Fate.DROPPED | Fate.EXECUTED | Fate.LATE:
                return Unknown("timed out")
            case Fate.UNUSABLE:
                return Unknown("HTTP 200 with a body that cannot be read")
            case _:
                pass
        if not result:
            return Unknown("timed out")
        outcome = result[0]
        if isinstance(outcome, Rejected):
            return outcome
        answer = self._shown(outcome)
        return Accepted(_garbled(answer, plan.garbage) if plan.fate is Fate.GARBAGE else answer)


def _garbled(order: VenueOrder, how: str) -> VenueOrder:
    match how:
        case "no id":
            return replace(order, venue_order_id="")
        case "other symbol":
            return replace(order, symbol="LTC/USDT")
        case "other quantity":
            return replace(order, quantity=order.quantity * 2)
        case "filled too much":
            return replace(order, filled=order.quantity * 2)
        case "other client id":
            return replace(order, client_order_id="somebody-elses")
        case _:
            return replace(order, venue_order_id="", filled=ZERO, fills=())


def _twice(items: list) -> list:  # type: ignore[type-arg]
    """Each of them twice, in another order."""
    return [*reversed(items), *items]
