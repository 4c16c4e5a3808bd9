"""Live prices of one venue: pushed where they can be, polled where they are silent or the channel is down.

Three tasks run while the feed is open: one keeps a subscription to what is followed, one polls what is quiet, one reads the
markets anew. Batches are made when their consumer asks. Engine thread only.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from rebalancer_gui.adapters.market_data.live_channel import LOOK_EVERY, LiveChannel
from rebalancer_gui.adapters.market_data.live_quotes import QUIET_AFTER, FrozenWatch, LiveQuotes, Tick
from rebalancer_gui.adapters.market_data.price_source import PriceSource
from rebalancer_gui.application.ports import Clock, QuoteBatch
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import (
    STALE_AFTER,
    FeeSchedule,
    MarketRules,
    MarketStatus,
    OrderBook,
    Quote,
)

T = TypeVar("T")

SPACING = timedelta(seconds=1)
"""Between two batches."""
POLL_EVERY = 2.0
"""Seconds between two polls of a market while nothing is pushed."""
FIRST_WAIT = 5.0
"""Longest wait of the first batch for the first prices."""
MARKETS_EVERY = 4 * 3600.0
MARKETS_AGAIN = 60.0
"""Seconds until markets that could not be read are asked for again."""
DOUBT_AFTER, DOUBT_EVERY = 60.0, 600.0
"""A followed market without a good price for so long makes the markets be read anew, so often at most (seconds)."""
TELL_TROUBLE_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class FeedState:
    """How prices come now. ``pushed``: by a live channel; ``rejected``: ticks that could not be true since the start."""

    pushed: bool
    rejected: int
    reconnects: int
    frozen: bool


class LiveQuoteFeed:
    """``open`` before anything else; with ``opens_itself`` the first question opens it, also after it was closed. ``follow``
    says which markets are needed; the others cost nothing. Implements ``PriceFollower``.
    """

    def __init__(self, source: PriceSource, clock: Clock, *, opens_itself: bool = False) -> None:
        self._opens_itself = opens_itself
        self.clock = clock
        self._source = source
        self._quotes = LiveQuotes()
        self._rules: Mapping[str, MarketRules] = {}
        self._followed: frozenset[str] = frozenset()
        self._channel = LiveChannel(
            source,
            clock,
            wanted=lambda: self._wanted,
            may_connect=lambda: not self._is_held,
            take=self._take_pushed,
            failed=self._note_pause,
        )
        self._frozen = FrozenWatch(clock.monotonic())
        self._asked: dict[str, float] = {}
        self._good: dict[str, float] = {}
        self._since: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._open = self._markets_changed = self._rules_are_new = self._began = False
        self._held_until = self._next_batch_at = self._next_markets = self._doubted_at = clock.monotonic()
        self._trouble: VenueUnavailable | None = None
        self._told_trouble_at: float | None = None
        self._pause_told = True

    # ---------------------------------------------------------------------------------------------------- open and close

    async def open(self) -> None:
        """Read the markets and begin. Raises VenueUnavailable; nothing runs then."""
        if self._open:
            return
        try:
            self._rules = await self._source.markets()
        except BaseException:
            await self._source.close()
            raise
        now = self.clock.monotonic()
        self._next_batch_at, self._next_markets, self._doubted_at = now, now + MARKETS_EVERY, now
        self._open, self._rules_are_new, self._began = True, True, False
        for work, name in (
            (self._channel.keep(), "price channel"),
            (self._keep_polling(), "price polls"),
            (self._keep_markets(), "markets"),
        ):
            self._tasks.append(asyncio.create_task(work, name=f"{name} of {self._source.name}"))

    async def close(self) -> None:
        """End all tasks and connections. Safe to call twice."""
        self._open = False
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._source.close()

    # ------------------------------------------------------------------------------------------------ what others ask for

    def follow(self, symbols: Collection[str]) -> None:
        """From now on these markets are needed, and no others. One that the venue does not have is left out."""
        wanted = frozenset(symbols)
        if wanted != self._followed:
            gone, new = self._followed - wanted, wanted - self._followed
            self._followed = wanted
            self._quotes.forget(gone)
            for times in (self._asked, self._good, self._since):
                for symbol in gone:
                    times.pop(symbol, None)
            self._since.update(dict.fromkeys(new, self.clock.monotonic()))

    def hold(self, span: timedelta) -> None:
        """The venue wants to be left alone: no question and no new connection for ``span``."""
        self._held_until = max(self._held_until, self.clock.monotonic() + span.total_seconds())

    def state(self) -> FeedState:
        now = self.clock.monotonic()
        return FeedState(
            self._channel.is_pushing, self._quotes.rejected, self._channel.reconnects, self._frozen.is_frozen(now)
        )

    def fees(self) -> FeeSchedule:
        return self._source.fees()

    @property
    def rules(self) -> Mapping[str, MarketRules]:
        """The markets as they were read last."""
        return self._rules

    async def markets(self) -> Mapping[str, MarketRules]:
        """The rules now: those just read when a batch has told of a change, else read anew."""
        if not self._rules_are_new:
            self._learn(await self._ask(self._source.markets()))
            self._markets_changed = False
        self._rules_are_new = False
        return self._rules

    async def quote(self, symbol: str) -> Quote:
        """Asked for now. VenueUnavailable when there is no good price."""
        await self._check_open(symbol)
        asked_at = self.clock.now()
        ticks = await self._ask(self._source.poll((symbol,)))
        self._take_polled(ticks, asked_at)
        quote = self._quotes.get(symbol)
        if quote is None or quote.received_at < asked_at:
            raise VenueUnavailable(f"There is no price of {symbol} now.")
        return quote

    async def order_book(self, symbol: str) -> OrderBook:
        """Asked for now."""
        await self._check_open(symbol)
        return await self._ask(self._source.book(symbol))

    async def server_time(self) -> datetime:
        """The venue's own time (UTC)."""
        return await self._ask(self._source.server_time())

    def batches(self) -> AsyncIterator[QuoteBatch]:
        """Quotes of all that is followed, each ``SPACING`` at the earliest. VenueUnavailable, now and then, while no prices come;
        the next batch tells what is known all the same.
        """
        return _Batches(self, self.open if self._opens_itself else None)

    async def next_batch(self) -> QuoteBatch:
        """What :meth:`batches` gives one by one; StopAsyncIteration when the feed was closed."""
        await self._until_due()
        if not self._open:
            raise StopAsyncIteration
        for task in self._tasks:
            if task.done():
                task.result()
        now = self.clock.monotonic()
        self._next_batch_at = now + SPACING.total_seconds()
        self._tell_pause(now)
        self._tell_trouble(now)
        self._frozen.look(self._quotes.changes, now, anything=bool(self._wanted))
        changed, self._markets_changed = self._markets_changed, False
        return QuoteBatch(self.clock.now(), self._quotes.of(self._wanted), SPACING, markets_changed=changed)

    # ---------------------------------------------------------------------------------------------------------------- polls

    def _take_pushed(self, tick: Tick) -> None:
        if tick.symbol in self._followed and self._quotes.pushed(tick, self.clock.now()):
            self._good[tick.symbol] = self.clock.monotonic()

    async def _keep_polling(self) -> None:
        while True:
            due = self._due()
            if due and not self._is_held:
                with contextlib.suppress(VenueUnavailable):
                    await self._poll(due)
            await self.clock.sleep(LOOK_EVERY)

    def _due(self) -> tuple[str, ...]:
        """What has not been confirmed for long enough, and was not asked for just now."""
        now = self.clock.monotonic()
        silent = QUIET_AFTER if self._channel.is_pushing else POLL_EVERY
        never = now - 2 * silent
        return tuple(
            symbol
            for symbol in sorted(self._wanted)
            if now - max(self._good.get(symbol, never), self._asked.get(symbol, never)) >= silent
        )

    async def _poll(self, symbols: Sequence[str]) -> None:
        asked_at, now = self.clock.now(), self.clock.monotonic()
        for symbol in symbols:
            self._asked[symbol] = now
        self._take_polled(await self._ask(self._source.poll(symbols)), asked_at)
        self._doubt(now)

    def _take_polled(self, ticks: Sequence[Tick], asked_at: datetime) -> None:
        now = self.clock.monotonic()
        for tick in ticks:
            if self._quotes.contradicts(tick):
                self._channel.contradicted()
            if self._quotes.polled(tick, asked_at):
                self._good[tick.symbol] = now

    # -------------------------------------------------------------------------------------------------------------- markets

    async def _keep_markets(self) -> None:
        while True:
            now = self.clock.monotonic()
            if now >= self._next_markets and not self._is_held:
                self._next_markets = now + MARKETS_AGAIN
                with contextlib.suppress(VenueUnavailable):
                    self._learn(await self._ask(self._source.markets()))
                    self._next_markets = now + MARKETS_EVERY
            await self.clock.sleep(LOOK_EVERY)

    def _learn(self, rules: Mapping[str, MarketRules]) -> None:
        """A market that is not listed any more was delisted: it stays known as that while the program runs."""
        lost = {symbol: known for symbol, known in self._rules.items() if symbol not in rules}
        gone = {s: replace(known, status=MarketStatus.DELISTED) for s, known in lost.items()}
        new = {**rules, **gone}
        if new != self._rules:
            self._rules = new
            self._markets_changed = self._rules_are_new = True
            self._quotes.forget(self._followed - self._wanted)

    def _doubt(self, now: float) -> None:
        """A market that has no good price for long may be closed: the markets are read anew."""
        if now - self._doubted_at < DOUBT_EVERY:
            return
        if any(now - self._confirmed_at(symbol) > DOUBT_AFTER for symbol in self._wanted):
            self._doubted_at, self._next_markets = now, now

    # ---------------------------------------------------------------------------------------------------------------- parts

    @property
    def _wanted(self) -> frozenset[str]:
        """What is followed and has an open market."""
        return frozenset(s for s in self._followed if self._is_open(s))

    def _is_open(self, symbol: str) -> bool:
        rules = self._rules.get(symbol)
        return rules is not None and rules.status is MarketStatus.TRADING

    def _confirmed_at(self, symbol: str) -> float:
        """When its price was good last, else since when it is followed."""
        return self._good.get(symbol, self._since[symbol])

    async def _check_open(self, symbol: str) -> None:
        if self._opens_itself:
            await self.open()
        if not self._is_open(symbol):
            raise VenueUnavailable(f"The market {symbol} is not open.")

    @property
    def _is_held(self) -> bool:
        return self.clock.monotonic() < self._held_until

    async def _ask(self, question: Coroutine[Any, Any, T]) -> T:
        left = self._held_until - self.clock.monotonic()
        if left > 0:
            question.close()
            pause = timedelta(seconds=left)
            raise VenueUnavailable("The exchange asked for a pause.", retry_after=pause)
        try:
            answer = await question
        except VenueUnavailable as error:
            self._note_pause(error)
            self._trouble = error
            raise
        self._trouble = None
        return answer

    def _note_pause(self, error: VenueUnavailable) -> None:
        if error.retry_after is not None:
            self.hold(error.retry_after)
            self._pause_told = False

    def _tell_pause(self, now: float) -> None:
        """A pause that the venue asked us for holds for the whole account, so it is told once."""
        left, told = self._held_until - now, self._pause_told
        self._pause_told = True
        if left > 0 and not told:
            raise VenueUnavailable(f"{self._source.name} asked for a pause.", retry_after=timedelta(seconds=left))

    def _tell_trouble(self, now: float) -> None:
        """Say why no prices come, once a minute; in between the old ones are shown for what they are."""
        newest = max((self._confirmed_at(symbol) for symbol in self._wanted), default=now)
        if now - newest <= STALE_AFTER.total_seconds():
            self._told_trouble_at = None
        elif self._told_trouble_at is None or now - self._told_trouble_at >= TELL_TROUBLE_EVERY:
            self._told_trouble_at = now
            if self._trouble is None:
                raise VenueUnavailable(f"{self._source.name} tells no prices.")
            raise VenueUnavailable(self._trouble.message, self._trouble.advice)

    async def _until_due(self) -> None:
        if not self._began:
            self._began = True
            end = self.clock.monotonic() + FIRST_WAIT
            while self._open and self.clock.monotonic() < end and not self._knows_all:
                await self.clock.sleep(LOOK_EVERY / 5)
        elif self._open:
            await self.clock.sleep(max(self._next_batch_at - self.clock.monotonic(), 0))

    @property
    def _knows_all(self) -> bool:
        return all(self._quotes.get(symbol) is not None for symbol in self._wanted)


class _Batches:
    """The async iterator of one consumer."""

    def __init__(self, feed: LiveQuoteFeed, begin: Callable[[], Awaitable[None]] | None) -> None:
        self._feed = feed
        self._begin = begin

    def __aiter__(self) -> _Batches:
        return self

    async def __anext__(self) -> QuoteBatch:
        begin, self._begin = self._begin, None
        if begin is not None:
            await begin()
        return await self._feed.next_batch()
