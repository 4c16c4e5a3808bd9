"""Candles as the application sees them: what is asked, what is answered, and what the world must offer for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from rebalancer_gui.domain.candles import CandleSeries

Told = Callable[[int, int], None]
"""``told(done, total)``: candles, of all symbols together."""
Span = tuple[int, int]
"""Openings from the first to before the second, in epoch seconds UTC."""


@dataclass(frozen=True, slots=True)
class CandleQuestion:
    """Candles of some markets that open at ``since`` or later and are over by ``until`` (both UTC).

    ``cached_only``: no network, only what is stored already.
    """

    symbols: tuple[str, ...]
    timeframe: timedelta
    since: datetime
    until: datetime
    cached_only: bool = False


@dataclass(frozen=True, slots=True)
class CandleAnswer:
    """``series`` by symbol; a market without a candle is left out, and their ``timeframe`` is not the one asked for where
    bundled daily prices stand in. ``source`` says in words where they come from, ``findings`` are sentences for people.
    """

    series: Mapping[str, CandleSeries]
    source: str
    findings: tuple[str, ...] = ()


class Pauses(Protocol):
    """The pauses that an account's venue asked for: they hold for whoever asks the same venue."""

    @property
    def pause(self) -> str:
        """Why nothing may be asked now; "" when it may."""
        ...

    def hold(self, span: timedelta) -> None:
        """The venue told us to wait: nobody asks it for that long."""
        ...


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What candle files hold. ``mapping``: what each column was taken for, a sentence a file; ``findings`` are sentences too."""

    series: Mapping[str, CandleSeries]
    mapping: tuple[str, ...]
    findings: tuple[str, ...]


class CandleFileReader(Protocol):
    """Reads candle files beside the engine's loop; may be cancelled. ``told`` counts bytes."""

    async def read(self, paths: tuple[Path, ...], wanted: tuple[str, ...], told: Told) -> FileAnswer:
        """Files, and those of folders, read as one. InvalidInput (``candles``) refuses all of them."""
        ...


class CandleSource(Protocol):
    """Where an account's candles come from. Engine thread only; may be cancelled at any await."""

    def timeframes(self) -> tuple[timedelta, ...]:
        """Those it has, shortest first."""
        ...

    async def load(self, question: CandleQuestion, told: Told, pauses: Pauses) -> CandleAnswer:
        """InvalidInput (``coins``, ``timeframe``, ``candles``) or VenueUnavailable when there is nothing at all to answer."""
        ...


@dataclass(frozen=True, slots=True)
class CandlePage:
    """What a venue answered to one question: ``series`` is all that opens from the asked begin to before ``covered``.

    ``sure`` False: the venue may have more before the first candle but does not give it. ``dropped``: candles that cannot
    be true and were left out.
    """

    series: CandleSeries
    covered: int
    sure: bool = True
    dropped: int = 0


class CandlePages(Protocol):
    """A venue's public candles, page by page. Engine thread only. Raises VenueUnavailable, and InvalidInput by name."""

    @property
    def name(self) -> str:
        """As people know it, and as the cache does."""
        ...

    def timeframes(self) -> tuple[timedelta, ...]:
        """Those it has, shortest first; may take a second at the first time."""
        ...

    async def open(self, symbols: tuple[str, ...]) -> None:
        """InvalidInput (``coins``) for a market that it does not have."""
        ...

    async def now(self) -> datetime:
        """The venue's time."""
        ...

    def most(self, timeframe: timedelta) -> int | None:
        """How many candles back from now it gives at all (None: all it has)."""
        ...

    def on_grid(self, timeframe: timedelta) -> bool:
        """Whether its candles are known to open at whole multiples of ``timeframe`` since 1970 UTC, and never else."""
        ...

    async def page(self, symbol: str, timeframe: timedelta, span: Span) -> CandlePage:
        """The first candles of ``span``, as many as one question gives."""
        ...

    async def close(self) -> None:
        """Safe to call twice; it may be opened again."""
        ...


class CandleShelf(Protocol):
    """Where candles are kept. Only a cache: it never raises for what disks and files do, and says so in ``remarks``."""

    def remarks(self) -> tuple[str, ...]:
        """What is to be said since the last time, in sentences: nothing can be kept, or it was begun anew."""
        ...

    async def known(self, venue: str, symbol: str, timeframe: timedelta) -> tuple[Span, ...]:
        """What was asked of the venue and is kept, in order, apart from each other; a gap inside is one the venue has."""
        ...

    async def read(self, venue: str, symbol: str, timeframe: timedelta, span: Span) -> CandleSeries | None:
        """What is kept of ``span``; None when it cannot be read (then it is not known any more)."""
        ...

    async def keep(self, venue: str, series: CandleSeries, span: Span) -> None:
        """``series`` is all that the venue has in ``span``; all of it is over."""
        ...
