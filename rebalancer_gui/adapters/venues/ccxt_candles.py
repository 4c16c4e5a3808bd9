"""The public candles of any venue of ccxt, page by page: ``application.candle_port.CandlePages``. No key is needed.

ccxt is imported at the first question. Venues differ in how they cut a long answer: from its end (Binance), from its
beginning (OKX, Bybit: newest first), or to the newest there are (Kraken). So each question names begin and end of what one
page can hold; where the beginning is missing in the answer it is asked for once more before it is taken for a gap.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from rebalancer_gui.adapters.venues.ccxt_client import VenueClient, make_client
from rebalancer_gui.adapters.venues.ccxt_errors import CallFailed
from rebalancer_gui.adapters.venues.ccxt_import import ccxt
from rebalancer_gui.adapters.venues.ccxt_markets import exact
from rebalancer_gui.application.candle_port import CandlePage, Span
from rebalancer_gui.application.candle_spans import joined
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.application.ports import Clock
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput, VenueAuthError, VenueUnavailable

_DAY = timedelta(days=1)
_LONGEST = timedelta(days=7)
"""Months have no length of their own."""
_MOST_ASKED_AGAIN = 20
_FAR_APART = 1e-6


@dataclass(frozen=True, slots=True)
class CandleQuirks:
    """``page``: candles of one answer (None: what ccxt knows, else 100). ``newest_only``: there are no others at all, however
    one asks. ``goes_on``: asked from a time on, it answers with the next candles there are, however much later they are.
    """

    page: int | None = None
    newest_only: bool = False
    goes_on: bool = False


CANDLE_QUIRKS: Mapping[str, CandleQuirks] = {
    "binance": CandleQuirks(1000, goes_on=True),
    "bybit": CandleQuirks(1000),
    "okx": CandleQuirks(300),
    "kraken": CandleQuirks(720, newest_only=True, goes_on=True),
    # ccxt asks for begin and end; both ends count, and over 300 are refused.
    "coinbase": CandleQuirks(299),
}
_ANY_OTHER = CandleQuirks()
_USUAL_PAGE = 100


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told of a span: ``first`` and ``reached`` are its first and last opening, true or not (``reached`` None: there
    was none), ``later`` the first opening behind it.
    """

    series: CandleSeries
    first: int
    reached: int | None
    later: int | None
    dropped: int


class CcxtCandles:
    """Of one venue. To be used and closed in one running event loop; may be used again after ``close``. ``paced`` as in
    ``make_client``.
    """

    def __init__(self, spec: VenueSpec, clock: Clock, *, paced: bool = True) -> None:
        self._spec = spec
        self._clock = clock
        self._paced = paced
        self._quirks = CANDLE_QUIRKS.get(spec.venue, _ANY_OTHER)
        self._client: VenueClient | None = None
        self._words: dict[timedelta, str] | None = None

    @property
    def name(self) -> str:
        place = "" if self._spec.api_url is None else f" at {urlsplit(self._spec.api_url).netloc}"
        return f"{self._spec.venue}{'' if self._spec.environment is None else f' {self._spec.environment}'}{place}"

    def timeframes(self) -> tuple[timedelta, ...]:
        """InvalidInput (``venue``) where ccxt does not know the venue."""
        return tuple(self._timeframes())

    def _timeframes(self) -> Mapping[timedelta, str]:
        if self._words is None:
            kind = getattr(ccxt("async_support"), self._spec.venue, None)
            if kind is None:
                raise InvalidInput("venue", f"There is no exchange {self._spec.venue!r} in ccxt.")
            known = kind().describe()
            words = known.get("timeframes") or {} if known["has"].get("fetchOHLCV") else {}
            lengths = {length: word for word in words if (length := _length(word)) is not None}
            self._words = dict(sorted(lengths.items()))
        return self._words

    async def open(self, symbols: tuple[str, ...]) -> None:
        markets = await self._asked("load_markets")
        absent = [symbol for symbol in symbols if not (markets.get(symbol) or {}).get("spot")]
        if absent:
            raise InvalidInput("coins", f"{self._spec.venue} has no market {' and no '.join(absent)}.")

    async def now(self) -> datetime:
        if not self._open.exchange.has.get("fetchTime"):
            return self._clock.now()
        told = exact(await self._asked("fetch_time"))
        if told is None or not told.is_finite() or not 0 < told < 10**14:
            return self._clock.now()
        return datetime.fromtimestamp(int(told) / 1000, UTC)

    def most(self, timeframe: timedelta) -> int | None:
        return self._size if self._quirks.newest_only else None

    def on_grid(self, timeframe: timedelta) -> bool:
        return timeframe <= _DAY and self._spec.venue in CANDLE_QUIRKS

    async def page(self, symbol: str, timeframe: timedelta, span: Span) -> CandlePage:
        """VenueUnavailable also for an answer that contradicts itself."""
        seconds = timeframe // timedelta(seconds=1)
        end = span[1] if self._quirks.goes_on else min(span[1], span[0] + self._size * seconds)
        told = await self._told(symbol, timeframe, (span[0], end))
        if told.reached is None:
            if told.later is None or self._quirks.goes_on:
                return CandlePage(told.series, end, dropped=told.dropped)
            # It was asked for one time and told of a later one: it has no earlier candles, or does not give them.
            return CandlePage(told.series, min(told.later, span[1]), sure=False, dropped=told.dropped)
        parts, dropped, first, sure = [told.series], told.dropped, told.first, self._quirks.goes_on
        for _ in range(_MOST_ASKED_AGAIN):
            # The beginning is missing: a gap, or the venue cut its answer there.
            if sure or first - span[0] < seconds:
                sure = True
                break
            more = await self._told(symbol, timeframe, (span[0], first))
            parts.append(more.series)
            dropped += more.dropped
            first, sure = more.first, more.reached is None
        return CandlePage(joined(symbol, timeframe, parts), min(told.reached + seconds, span[1]), sure, dropped)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    # ----------------------------------------------------------------------------------------------------------- the wire

    async def _told(self, symbol: str, timeframe: timedelta, span: Span) -> _Told:
        """One question."""
        limit, more = self._size, {}
        # ccxt rounds weeks to Thursdays for Bybit, whose weeks begin on Mondays.
        begin = span[0] - (timeframe // timedelta(seconds=1) if timeframe > _DAY else 0)
        if not self._quirks.goes_on:
            # Milliseconds; one less than the next opening, so that a venue that counts the end too stays within its page.
            more = {"until": span[1] * 1000 - 1}
        answer = await self._asked("fetch_ohlcv", symbol, self._timeframes()[timeframe], begin * 1000, limit, more)
        if not isinstance(answer, Sequence):
            raise VenueUnavailable(f"{self._spec.venue}: its candles could not be read")
        rows: dict[int, tuple[float, ...]] = {}
        openings: set[int] = set()
        nameless, later = 0, None
        for row in answer:
            opened, figures = _read(row)
            if opened is None:
                nameless += 1
            elif opened >= span[1]:
                later = opened if later is None else min(later, opened)
            elif opened >= span[0]:
                openings.add(opened)
                if figures is not None:
                    rows[opened] = figures
        series = _series(symbol, timeframe, rows)
        first, reached = min(openings, default=span[1]), max(openings, default=None)
        return _Told(series, first, reached, later, nameless + len(openings) - len(series))

    async def _asked(self, name: str, *arguments: Any) -> Any:
        problem: VenueUnavailable
        try:
            return await self._open.call(name, *arguments)
        except CallFailed as failed:
            if failed.is_a("BadSymbol"):
                problem = VenueUnavailable(f"{self._spec.venue} has no candles of {arguments[0]}.")
            else:
                said = self._open.as_problem(failed)
                # No key was used, so none is wrong.
                problem = said if not isinstance(said, VenueAuthError) else VenueUnavailable(said.message, said.advice)
        raise problem

    @property
    def _open(self) -> VenueClient:
        if self._client is None:
            self._client = make_client(self._spec, None, clock=self._clock, paced=self._paced)
        return self._client

    @property
    def _size(self) -> int:
        if self._quirks.page is not None:
            return self._quirks.page
        features = self._open.exchange.features or {}
        told = ((features.get("spot") or {}).get("fetchOHLCV") or {}).get("limit")
        return told if isinstance(told, int) and 0 < told <= 5000 else _USUAL_PAGE


def _length(word: str) -> timedelta | None:
    """``1h`` -> one hour; None for months, and for what is neither a part of a day nor days."""
    units = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": _DAY, "w": 7 * _DAY}
    number, unit = word[:-1], units.get(word[-1:])
    if unit is None or not number.isdecimal() or not int(number):
        return None
    length = int(number) * unit
    whole = not _DAY % length if length <= _DAY else not length % _DAY
    return length if length <= _LONGEST and whole else None


def _read(row: object) -> tuple[int | None, tuple[float, ...] | None]:
    """Opening in seconds, and open, high, low, close, volume; None for what cannot be true."""
    if not isinstance(row, Sequence) or len(row) < 6 or not isinstance(row[0], int) or row[0] % 1000:
        return None, None
    try:
        opened, high, low, close, volume = (float(cell if cell is not None else "nan") for cell in row[1:6])
    except (TypeError, ValueError):
        return row[0] // 1000, None
    if not 0 < low <= high < math.inf or not math.isfinite(opened) or not math.isfinite(close):
        return row[0] // 1000, None
    if min(opened, close) < low * (1 - _FAR_APART) or max(opened, close) > high * (1 + _FAR_APART):
        return row[0] // 1000, None
    volume = volume if math.isfinite(volume) and volume >= 0 else 0.0
    return row[0] // 1000, (opened, max(high, opened, close), min(low, opened, close), close, volume)


def _series(symbol: str, timeframe: timedelta, rows: Mapping[int, tuple[float, ...]]) -> CandleSeries:
    """In order; what does not lie a whole number of bars after the one before is left out."""
    seconds = timeframe // timedelta(seconds=1)
    columns = [array("d") for _ in range(5)]
    times = array("q")
    for opened in sorted(rows):
        if times and (opened - times[0]) % seconds:
            continue
        times.append(opened)
        for column, figure in zip(columns, rows[opened], strict=True):
            column.append(figure)
    return CandleSeries(symbol, timeframe, times, *columns)
