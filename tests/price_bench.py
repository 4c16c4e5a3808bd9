"""A venue's public side that a test plays by hand, and the feed over it on a clock that is turned by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from rebalancer_gui.adapters.market_data.live_feed import LiveQuoteFeed
from rebalancer_gui.adapters.market_data.live_quotes import Tick
from rebalancer_gui.application.ports import QuoteBatch
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import BookLevel, FeeSchedule, MarketRules, OrderBook
from tests.fake_clock import FakeClock
from tests.paper_bench import RULES

BTC, ETH, XRP = "BTC/USDT", "ETH/USDT", "XRP/USDT"
BOTH = "both"


def tick(
    symbol: str = BTC, bid: str | None = "100", ask: str | None = "101", last: str | None = "100.5", at=None
) -> Tick:
    """One message; None = it says nothing of it."""

    def price(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    return Tick(symbol, price(bid), price(ask), price(last), at=at)


class PlayedStream:
    """A subscription. ``says`` hands out a message; ``breaks`` breaks it; frames count up with each message and pong."""

    def __init__(self, symbols: Collection[str]) -> None:
        self.symbols = frozenset(symbols)
        self.closed = False
        self.channels = (BOTH,)
        self._frames = 0
        self._waiting: asyncio.Queue[Tick | VenueUnavailable] = asyncio.Queue()

    def says(self, *ticks: Tick) -> None:
        for one in ticks:
            self._frames += 1
            self._waiting.put_nowait(one)

    def pongs(self) -> None:
        self._frames += 1

    def breaks(self, why: str = "the connection broke") -> None:
        self._waiting.put_nowait(VenueUnavailable(why))

    async def next(self, channel: str) -> Sequence[Tick]:
        assert channel == BOTH
        said = await self._waiting.get()
        if isinstance(said, VenueUnavailable):
            raise said
        return (said,)

    def mark(self) -> object:
        return self._frames

    async def close(self) -> None:
        self.closed = True


@dataclass
class PlayedVenue:
    """The port PriceSource. ``prices`` is what polls are answered with; ``down`` breaks every question."""

    clock: FakeClock
    name: str = "playedvenue"
    streams: bool = True
    prices: dict[str, Tick] = field(default_factory=lambda: {s: tick(s) for s in (BTC, ETH, XRP)})
    rules: Mapping[str, MarketRules] = field(default_factory=lambda: dict(RULES))
    down: VenueUnavailable | None = None
    opened: list[PlayedStream] = field(default_factory=list)
    polls: list[tuple[float, tuple[str, ...]]] = field(default_factory=list)
    market_reads: int = 0
    closed: int = 0
    answer_takes: float = 0
    size: Decimal = Decimal(10)
    """Base units at each of five levels of a book."""

    def stream(self, symbols: Collection[str]) -> PlayedStream:
        self.opened.append(PlayedStream(symbols))
        return self.opened[-1]

    async def poll(self, symbols: Sequence[str]) -> Sequence[Tick]:
        self.polls.append((self.clock.monotonic(), tuple(symbols)))
        if self.answer_takes:
            said = [self.prices[s] for s in symbols if s in self.prices]
            await self.clock.sleep(self.answer_takes)
            return said
        if self.down is not None:
            raise self.down
        return [self.prices[s] for s in symbols if s in self.prices]

    async def book(self, symbol: str) -> OrderBook:
        if self.down is not None:
            raise self.down
        now, step = self.prices[symbol], self.rules[symbol].tick_size
        assert now.bid is not None
        assert now.ask is not None
        bids = tuple(BookLevel(now.bid - place * step, self.size) for place in range(5))
        asks = tuple(BookLevel(now.ask + place * step, self.size) for place in range(5))
        return OrderBook(symbol, bids, asks, self.clock.now())

    async def markets(self) -> Mapping[str, MarketRules]:
        self.market_reads += 1
        if self.down is not None:
            raise self.down
        return self.rules

    def fees(self) -> FeeSchedule:
        return FeeSchedule(Decimal("0.001"))

    async def server_time(self) -> datetime:
        return self.clock.now()

    async def close(self) -> None:
        self.closed += 1

    @property
    def stream_now(self) -> PlayedStream:
        return self.opened[-1]

    def polled_since(self, moment: float) -> list[str]:
        return [symbol for at, symbols in self.polls if at >= moment for symbol in symbols]

    def closes_market(self, symbol: str) -> None:
        self.rules = {s: r for s, r in self.rules.items() if s != symbol}

    def changes_rule(self, symbol: str, **changes: Any) -> None:
        self.rules = {**self.rules, symbol: replace(self.rules[symbol], **changes)}


@dataclass
class Bench:
    """The feed, its venue and the clock."""

    venue: PlayedVenue
    feed: LiveQuoteFeed
    clock: FakeClock

    async def batch(self) -> QuoteBatch:
        """The next one; the clock is turned as far as it takes."""
        asked = asyncio.ensure_future(anext(self.feed.batches()))
        for _ in range(200):
            await self.clock.settle()
            if asked.done():
                break
            await self.clock.advance(0.1)
        return await asked

    async def pushing(self, seconds: float, *ticks: Tick, pongs: bool = True, every: float = 1.0) -> None:
        """So long the channel says the same each second."""
        for _ in range(round(seconds / every)):
            for stream in self.venue.opened[-1:]:
                stream.says(*ticks)
                if pongs:
                    stream.pongs()
            await self.clock.advance(every)


@asynccontextmanager
async def live_feed(*symbols: str, **venue: object) -> AsyncIterator[Bench]:
    """Open, following ``symbols``; closed afterwards."""
    clock = FakeClock()
    played = PlayedVenue(clock, **venue)  # type: ignore[arg-type]
    feed = LiveQuoteFeed(played, clock)
    await feed.open()
    try:
        feed.follow(symbols)
        await clock.settle()
        yield Bench(played, feed, clock)
    finally:
        await feed.close()
