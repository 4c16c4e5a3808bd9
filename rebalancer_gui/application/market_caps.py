"""Market caps from the internet: who is asked when, what is remembered, and what is said while there is nothing new.

The sources are asked in their order, once a day, until one answers; a source that refuses is left alone for a while. Between
readings everything is answered from the newest one, without asking anybody. Without a reading, or with the internet switched
off, the caps that came with the program are used, which carry their own, old date.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from rebalancer_gui.application.beside import Note
from rebalancer_gui.application.caps_port import CapsState, MarketCapSource
from rebalancer_gui.application.ports import Clock
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput

DAY = timedelta(days=1)
BY_HAND = timedelta(hours=1)
"""So long after a reading it cannot be asked for by hand."""
SETTLE = 2.0
"""Seconds after the start of the engine before anything is asked: the accounts come first."""
LONGEST_SLEEP = 3600.0
"""Seconds: a computer that slept wakes up to a clock that went on."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
FIRST_REST, LONGEST_REST = timedelta(minutes=15), timedelta(hours=12)
OFF = "Market data from the internet is switched off in Settings."
READING = "It is being read."
KNOWN = "The newest known caps are used."
_log = logging.getLogger(__name__)


class CapsUnavailable(EnvironmentProblem):
    """A source did not answer, or not with market caps. ``asked_too_often``: it wants to be left alone, for ``rest`` where it
    said how long. ``unreachable``: it was not even heard of.
    """

    def __init__(
        self,
        message: str,
        *,
        asked_too_often: bool = False,
        rest: timedelta | None = None,
        unreachable: bool = False,
    ) -> None:
        super().__init__(message, "")
        self.asked_too_often = asked_too_often
        self.unreachable = unreachable
        self.rest = rest


@dataclass(frozen=True, slots=True)
class CoinFigures:
    """``cap`` in USD; ``price`` in USD of one unit as exchanges trade it (of 1000SATS: a thousand of them). Both > 0."""

    cap: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class CapsReading:
    """What one source said at one moment, by asset."""

    source: str
    at: datetime
    coins: Mapping[str, CoinFigures]


@dataclass(frozen=True, slots=True)
class Pause:
    """A source is not asked before ``until``; ``failures`` in a row. ``asked``: it wants that itself."""

    until: datetime
    failures: int
    asked: bool


@dataclass(frozen=True, slots=True)
class CapsMemory:
    """What outlives the program: the newest reading of each source, and the pauses."""

    readings: Mapping[str, CapsReading]
    pauses: Mapping[str, Pause]


class OnlineCaps(Protocol):
    """One source on the internet."""

    @property
    def name(self) -> str: ...

    @property
    def attribution(self) -> str:
        """The words that must be shown with its figures."""
        ...

    async def read(self) -> Mapping[str, CoinFigures]:
        """Ask it once. Raises CapsUnavailable."""
        ...


class CapsCache(Protocol):
    """Blocking, quick. What cannot be read is forgotten, what cannot be written is not remembered; neither raises."""

    def load(self) -> CapsMemory: ...

    def save(self, memory: CapsMemory) -> None: ...


class LiveMarketCaps:
    """``MarketCapSource``, ``CapsFeed`` and, in the engine's loop, ``beside.Companion``. Engine thread only.

    ``online`` tells whether the internet may be asked; ``watch`` takes what is to be called, in any thread, when that has changed,
    and gives what ends it.
    """

    def __init__(
        self,
        sources: Sequence[OnlineCaps],
        cache: CapsCache,
        shipped: MarketCapSource,
        clock: Clock,
        online: Callable[[], bool] = lambda: True,
        watch: Callable[[Callable[[], None]], Callable[[], None]] = lambda _changed: lambda: None,
    ) -> None:
        self._sources = tuple(sources)
        self._cache, self._shipped, self._clock = cache, shipped, clock
        self._online, self._watch = online, watch
        self._memory = cache.load()
        self._wake = asyncio.Event()
        self._asked = self._busy = False
        self._problem = ""
        self._readings = 0
        self.reads = False
        """Whether somebody reads: without a companion in the loop nothing new comes."""

    # ------------------------------------------------------------------------------------------------- what is known

    def _reading(self) -> CapsReading | None:
        if not self._online():
            return None
        known = (self._memory.readings.get(source.name) for source in self._sources)
        return max((one for one in known if one is not None), key=lambda one: one.at, default=None)

    def _known(self, at: datetime) -> CapsReading | None:
        """The newest reading, for a moment that is not before it."""
        reading = self._reading()
        return reading if reading is not None and reading.at.date() <= at.date() else None

    @property
    def attribution(self) -> str:
        reading = self._reading()
        words = {source.name: source.attribution for source in self._sources}
        return words[reading.source] if reading is not None else self._shipped.attribution

    def market_caps(self, assets: Sequence[str], at: datetime) -> Mapping[str, Decimal]:
        reading = self._known(at)
        if reading is None:
            return self._shipped.market_caps(assets, at)
        return {asset: reading.coins[asset].cap for asset in assets if asset in reading.coins}

    def price(self, asset: str, at: datetime) -> Decimal | None:
        reading = self._known(at)
        figures = reading.coins.get(asset) if reading is not None else None
        # After days a price says nothing about today's any more.
        return figures.price if figures is not None and reading is not None and at - reading.at < 3 * DAY else None

    def as_of(self, at: datetime) -> date | None:
        reading = self._known(at)
        return reading.at.date() if reading is not None else self._shipped.as_of(at)

    def closes(self, asset: str, at: datetime, days: int) -> Sequence[Decimal]:  # noqa: ARG002 -- of the port
        """None: the sources tell figures of now, and the closes that came with the program are not those of the last days."""
        return ()

    # ---------------------------------------------------------------------------------------------------- the feed

    @property
    def revision(self) -> int:
        return 2 * self._readings + self._online()

    def state(self) -> CapsState:
        now = self._clock.now()
        reading = self._reading()
        return CapsState(
            self.attribution,
            self.as_of(now),
            reading.at if reading is not None else None,
            busy=self._busy or self._asked,
            problem=self._problem if self._online() else "",
            why_no_refresh=self._why_not(now),
        )

    def refresh(self) -> None:
        why_not = self._why_not(self._clock.now())
        if why_not:
            raise InvalidInput("", why_not)
        self._asked = True
        self._wake.set()

    def _why_not(self, now: datetime) -> str:
        if not self._online():
            return OFF
        if not self.reads:
            return "Market caps are not read here: the window does that."
        if self._busy or self._asked:
            return READING
        reading = self._reading()
        if reading is not None and timedelta(0) <= now - reading.at < BY_HAND:
            again = reading.at + BY_HAND
            return f"Read at {reading.at:%H:%M} UTC. It can be read anew from {again:%H:%M} UTC on."
        rests = [self._memory.pauses.get(source.name) for source in self._sources]
        asked = [rest.until for rest in rests if rest is not None and rest.asked and rest.until > now]
        if asked and len(asked) == len(self._sources):
            return f"The sources want to be left alone until {min(asked):%H:%M} UTC."
        return ""

    # -------------------------------------------------------------------------------------------- beside the engine

    def take(self, event: object) -> None:
        """Nothing that happens in the engine matters here."""

    async def run(self, note: Note) -> None:  # noqa: ARG002 -- of the port
        loop = asyncio.get_running_loop()
        self.reads = True

        def changed() -> None:
            loop.call_soon_threadsafe(self._wake.set)

        end = self._watch(changed)
        try:
            await self._clock.sleep(SETTLE)
            while True:
                asked, self._asked = self._asked, False
                self._wake.clear()
                if self._online() and (asked or self._due() <= self._clock.now()):
                    await self._read(by_hand=asked)
                await self._sleep()
        finally:
            self.reads = self._busy = self._asked = False
            end()

    async def finish(self) -> None:
        """There is nothing that must be done before the end."""

    async def release(self) -> None:
        """Nothing is held."""

    def _due(self) -> datetime:
        """When it is to be read by itself: a day after the newest reading, and not while every source is left alone."""
        now = self._clock.now()
        newest = max((one.at for one in self._memory.readings.values()), default=None)
        due = newest + DAY if newest is not None and newest <= now else now
        pauses = [self._memory.pauses.get(source.name) for source in self._sources]
        free = min((now if pause is None else pause.until for pause in pauses), default=now + DAY)
        return max(due, free)

    async def _sleep(self) -> None:
        """Until it is due, or until somebody asks."""
        seconds = (self._due() - self._clock.now()).total_seconds()
        if not self._online():
            seconds = LONGEST_SLEEP
        nap = asyncio.ensure_future(self._clock.sleep(min(max(seconds, 1.0), LONGEST_SLEEP)))
        call = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({nap, call}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            nap.cancel()
            call.cancel()
            await asyncio.gather(nap, call, return_exceptions=True)

    async def _read(self, *, by_hand: bool) -> None:
        """Ask one source after the other until one answers."""
        self._busy = True
        said: list[str] = []
        silent: list[str] = []
        read = False
        try:
            for source in self._sources:
                pause = self._memory.pauses.get(source.name)
                if pause is not None and pause.until > self._clock.now() and (pause.asked or not by_hand):
                    said.append(f"{source.name} is asked again from {pause.until:%H:%M} UTC on.")
                    continue
                try:
                    coins = await source.read()
                except CapsUnavailable as error:
                    said.append(error.message)
                    if error.unreachable:
                        silent.append(source.name)
                    self._pause(source.name, error, pause.failures + 1 if pause is not None else 1)
                    continue
                self._learn(CapsReading(source.name, self._clock.now(), coins))
                read = True
                break
            if len(silent) == len(self._sources):
                said = [f"{' and '.join(silent)} could not be reached."]
            self._problem = " ".join(said if read or not said else [*said, KNOWN])
        finally:
            self._busy = False
        self._cache.save(self._memory)

    def _learn(self, reading: CapsReading) -> None:
        _log.info("market caps of %d coins were read from %s", len(reading.coins), reading.source)
        pauses = {name: pause for name, pause in self._memory.pauses.items() if name != reading.source}
        self._memory = replace(self._memory, readings={**self._memory.readings, reading.source: reading}, pauses=pauses)
        self._readings += 1

    def _pause(self, name: str, error: CapsUnavailable, failures: int) -> None:
        """Longer each time, and as long as the source wants."""
        _log.info("market caps could not be read: %s", error.message)
        first, longest = (FIRST_REST, LONGEST_REST) if error.asked_too_often else (FIRST_PAUSE, LONGEST_PAUSE)
        span = min(first * 2 ** min(failures - 1, 10), longest)
        if error.rest is not None:
            span = min(max(span, error.rest), DAY)
        pause = Pause(self._clock.now() + span, failures, error.asked_too_often)
        self._memory = replace(self._memory, pauses={**self._memory.pauses, name: pause})
