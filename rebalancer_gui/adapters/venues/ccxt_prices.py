"""The public side of any venue of ccxt: prices pushed by its WebSockets, polled by its REST questions, and its markets.

No key is needed and none is taken. ccxt is imported when the first question is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rebalancer_gui.adapters.market_data.live_quotes import Tick
from rebalancer_gui.adapters.memory import keep
from rebalancer_gui.adapters.venues.ccxt_client import VenueClient, make_client
from rebalancer_gui.adapters.venues.ccxt_errors import CallFailed
from rebalancer_gui.adapters.venues.ccxt_import import ccxt
from rebalancer_gui.adapters.venues.ccxt_markets import exact, rules_of
from rebalancer_gui.adapters.venues.ccxt_newest import read_newest
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.application.ports import Clock
from rebalancer_gui.domain.errors import VenueAuthError, VenueUnavailable
from rebalancer_gui.domain.market import BookLevel, FeeSchedule, FeeSide, MarketRules, OrderBook
from rebalancer_gui.domain.money import ZERO

QUESTION_TIMEOUT_MS = 5_000
"""Longer an answer with prices is not worth waiting for."""
PING_EVERY_MS = 3_000
"""Each answer shows that a channel is alive; without two of them ccxt gives it up by itself."""
_SINGLY = 2
"""So many markets are asked for one by one; more in one question, where the venue takes a list."""
_FEE_UNKNOWN, _FEE_MOST = Decimal("0.002"), Decimal("0.05")
"""Taken where ccxt knows none that can be true (a few venues' are written in percent)."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A stream of ccxt: the method that reads it, the cache that it fills, and what it is told."""

    name: str
    method: str
    cache: str
    options: Mapping[str, Any] = field(default_factory=dict)


TICKERS = Channel("tickers", "watch_tickers", "tickers")
BIDS_ASKS = Channel("bids and asks", "watch_bids_asks", "bidsasks")


@dataclass(frozen=True, slots=True)
class PriceQuirks:
    """Where a venue's prices come from. ``channels`` None: whatever ccxt has; ``lists``: one question for many markets."""

    channels: tuple[Channel, ...] | None = None
    lists: bool = True
    fee_side: FeeSide = FeeSide.RECEIVED


PRICE_QUIRKS: Mapping[str, PriceQuirks] = {
    # The default stream (miniTicker) has neither bid nor ask.
    "binance": PriceQuirks((Channel("tickers", "watch_tickers", "tickers", {"name": "ticker"}),)),
    "okx": PriceQuirks((TICKERS,)),
    # Its list of products tells no bid and ask.
    "coinbase": PriceQuirks((TICKERS,), lists=False, fee_side=FeeSide.QUOTE),
    # By default its tickers come with trades only.
    "kraken": PriceQuirks(
        (Channel("tickers", "watch_tickers", "tickers", {"event_trigger": "bbo"}),), fee_side=FeeSide.QUOTE
    ),
    # Its spot tickers have neither bid nor ask.
    "bybit": PriceQuirks((TICKERS, BIDS_ASKS)),
    "kucoin": PriceQuirks(fee_side=FeeSide.QUOTE),
    # Refuses a list.
    "cryptocom": PriceQuirks(lists=False),
}
"""What was read in ccxt and in the venues' documentation; of any other venue all that ccxt has is used."""


class CcxtPrices:
    """Implements ``adapters.market_data.price_source.PriceSource``. To be used and closed in one running event loop; after
    ``close`` it may be used again. ``paced`` as in ``make_client``.
    """

    def __init__(self, spec: VenueSpec, clock: Clock, *, paced: bool = True) -> None:
        self._spec = spec
        self._paced = paced
        self._clock = clock
        self._quirks = PRICE_QUIRKS.get(spec.venue, PriceQuirks())
        self._questions: VenueClient | None = None
        self._channels: tuple[Channel, ...] | None = None
        self._lists = self._quirks.lists

    @property
    def name(self) -> str:
        return self._spec.venue

    @property
    def streams(self) -> bool:
        return bool(self._streamed())

    def stream(self, symbols: Collection[str]) -> CcxtStream:
        """A connection of its own: closing it frees all that ccxt keeps for it."""
        client = make_client(self._spec, None, clock=self._clock, pro=True, paced=self._paced)
        if self._client.exchange.markets is not None:
            client.exchange.set_markets_from_exchange(self._client.exchange)
        return CcxtStream(client, tuple(sorted(symbols)), self._streamed(), self._clock)

    async def poll(self, symbols: Sequence[str]) -> Sequence[Tick]:
        """Where a venue's tickers have no bid and ask, the best of the order book stand in."""
        ticks = await self._poll_list(symbols) if self._takes_list(len(symbols)) else None
        if ticks is None:
            ticks = [tick for symbol in symbols if (tick := await self._poll_one(symbol)) is not None]
        return [tick if tick.confirms or not self._books_help else await self._with_book(tick) for tick in ticks]

    def _takes_list(self, count: int) -> bool:
        has = self._client.exchange.has
        if not self._lists or not has.get("fetchTickers"):
            return False
        return count > _SINGLY or not has.get("fetchTicker")

    async def _poll_list(self, symbols: Sequence[str]) -> list[Tick] | None:
        """None where the venue does not take this list: it is asked one by one then."""
        try:
            told = await self._client.call("fetch_tickers", list(symbols))
        except CallFailed as failed:
            if failed.is_a("BadSymbol"):
                return None
            if failed.is_a("NotSupported", "BadRequest", "ArgumentsRequired"):
                self._lists = False
                return None
            problem = self._client.as_problem(failed)
        else:
            return [tick for symbol in symbols if (tick := tick_of(symbol, told.get(symbol))) is not None]
        raise _without_key(problem)

    async def _poll_one(self, symbol: str) -> Tick | None:
        try:
            return tick_of(symbol, await self._client.call("fetch_ticker", symbol))
        except CallFailed as failed:
            if failed.is_a("BadSymbol"):
                return None
            problem = self._client.as_problem(failed)
        raise _without_key(problem)

    @property
    def _books_help(self) -> bool:
        return bool(self._client.exchange.has.get("fetchOrderBook"))

    async def _with_book(self, tick: Tick) -> Tick:
        """A side that is empty stays unknown."""
        book = await self.book(tick.symbol)
        if not book.bids or not book.asks:
            return tick
        return replace(tick, bid=book.bids[0].price, ask=book.asks[0].price)

    async def book(self, symbol: str) -> OrderBook:
        told = await self._read("fetch_order_book", symbol)
        book = OrderBook(symbol, _levels(told.get("bids")), _levels(told.get("asks")), self._clock.now())
        best = [side[0].price for side in (book.bids, book.asks) if side]
        if len(best) == 2 and best[0] > best[1]:
            raise VenueUnavailable(f"The order book of {symbol} is crossed.")
        return book

    async def markets(self) -> Mapping[str, MarketRules]:
        await self._read("load_markets", True)
        exchange = self._client.exchange
        rules = rules_of(exchange.markets, exchange.precisionMode, f"{self.name}, its own list of markets")
        if not rules:
            raise VenueUnavailable(f"{self.name} lists no spot market.")
        keep()
        return rules

    def fees(self) -> FeeSchedule:
        exchange = self._client.exchange
        of_markets = Counter(str(m.get("taker")) for m in (exchange.markets or {}).values() if m.get("spot"))
        told = [(exchange.fees.get(kind) or {}).get("taker") for kind in ("trading", "spot")]
        told += [taker for taker, _count in of_markets.most_common(1)]
        rates = (exact(taker) for taker in told)
        good = (rate for rate in rates if rate is not None and rate.is_finite() and ZERO <= rate <= _FEE_MOST)
        return FeeSchedule(next(good, _FEE_UNKNOWN), self._quirks.fee_side)

    async def server_time(self) -> datetime:
        if not self._client.exchange.has.get("fetchTime"):
            return self._clock.now()
        return _moment(await self._read("fetch_time")) or self._clock.now()

    async def close(self) -> None:
        client, self._questions = self._questions, None
        if client is not None:
            await client.close()

    async def _read(self, name: str, *arguments: Any) -> Any:
        return await _asked(self._client, name, *arguments)

    @property
    def _client(self) -> VenueClient:
        if self._questions is None:
            self._questions = make_client(self._spec, None, clock=self._clock, paced=self._paced)
            self._questions.exchange.timeout = QUESTION_TIMEOUT_MS
        return self._questions

    def _streamed(self) -> tuple[Channel, ...]:
        """The channels that ccxt offers for this venue."""
        if self._channels is None:
            self._channels = channels_of(self._spec.venue, self._quirks)
        return self._channels


class CcxtStream:
    """Implements ``PriceStream`` by ``ccxt.pro``: one object of its own for one set of markets."""

    def __init__(
        self, client: VenueClient, symbols: tuple[str, ...], channels: tuple[Channel, ...], clock: Clock
    ) -> None:
        self._client = client
        self._symbols = list(symbols)
        self._by_name = {channel.name: channel for channel in channels}
        self._clock = clock
        self._told: dict[tuple[str, str], object] = {}
        exchange = client.exchange
        exchange.streaming = {**exchange.streaming, "keepAlive": PING_EVERY_MS}
        read_newest(exchange, client.spec.venue)

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(self._by_name)

    async def next(self, channel: str) -> Sequence[Tick]:
        """Whatever came since the last call: what ccxt hands out is only the first of several messages."""
        how = self._by_name[channel]
        answer = await _asked(self._client, how.method, self._symbols, dict(how.options))
        kept = getattr(self._client.exchange, how.cache, None) or {}
        told = dict(kept) | (answer if _is_by_symbol(answer) else {})
        ticks = []
        for symbol in self._symbols:
            message = told.get(symbol)
            if message is None or self._told.get((channel, symbol)) is message:
                continue
            self._told[channel, symbol] = message
            tick = tick_of(symbol, message)
            if tick is not None:
                ticks.append(tick)
        return ticks

    def mark(self) -> object:
        return tuple((c.last_message_at, c.lastPong) for c in (self._client.exchange.clients or {}).values())

    async def close(self) -> None:
        await self._client.close()


def channels_of(venue: str, quirks: PriceQuirks) -> tuple[Channel, ...]:
    """What is watched at a venue; () where ccxt has no WebSockets for it. Imports ccxt.pro."""
    package = ccxt("pro")
    if venue not in package.exchanges:
        return ()
    has = getattr(package, venue)().has
    offered = {TICKERS.method: has.get("watchTickers"), BIDS_ASKS.method: has.get("watchBidsAsks")}
    wanted = quirks.channels if quirks.channels is not None else (TICKERS, BIDS_ASKS)
    return tuple(channel for channel in wanted if offered.get(channel.method) is True)


def tick_of(symbol: str, told: object) -> Tick | None:
    """A ticker of ccxt exactly as it was told, nonsense included; None where it is none or of another market."""
    if not isinstance(told, Mapping) or told.get("symbol") not in {symbol, None}:
        return None
    bid, ask, last = (exact(told.get(name)) for name in ("bid", "ask", "last"))
    volume, base_volume = exact(told.get("quoteVolume")), exact(told.get("baseVolume"))
    if volume is None and base_volume is not None and last is not None and last.is_finite() and base_volume.is_finite():
        volume = base_volume * last
    return Tick(symbol, bid, ask, last, _moment(told.get("timestamp")), volume=volume)


def _moment(milliseconds: object) -> datetime | None:
    number = exact(milliseconds)
    if number is None or not number.is_finite() or not 0 < number < 10**14:
        return None
    return datetime.fromtimestamp(int(number) / 1000, UTC)


def _levels(told: object) -> tuple[BookLevel, ...]:
    """What of a side can be true, in the venue's order."""
    levels = []
    for row in told if isinstance(told, (list, tuple)) else ():
        price, quantity = exact(row[0]), exact(row[1])
        if price is None or quantity is None or not price.is_finite() or not quantity.is_finite():
            continue
        if price > ZERO and quantity > ZERO:
            levels.append(BookLevel(price, quantity))
    return tuple(levels)


def _is_by_symbol(answer: object) -> bool:
    return isinstance(answer, Mapping) and all(isinstance(value, Mapping) for value in answer.values())


async def _asked(client: VenueClient, name: str, *arguments: Any) -> Any:
    try:
        return await client.read(name, *arguments)
    except VenueAuthError as error:
        problem = _without_key(error)
    raise problem


def _without_key(problem: VenueUnavailable | VenueAuthError) -> VenueUnavailable:
    """No key was used, so none is wrong: a venue that says so (or a blocked region) is just not available."""
    return problem if isinstance(problem, VenueUnavailable) else VenueUnavailable(problem.message, problem.advice)
