"""From candles to the bars that a backtest looks at: moments at which every coin has a good price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from rebalancer_gui.backtest.closes import Closes, Flags, Floats, Ints, closes_of
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput

__all__ = ["Bars", "Flags", "Floats", "Ints", "make_bars", "moment_text"]

FIELD = "candles"
LEAST_BARS = 2
SPIKE = 20.0
"""A first candle this many times above (or below) its neighbours is a listing spike, not a price."""
_NEIGHBOURS = 3


@dataclass(frozen=True, slots=True)
class Bars:
    """``n`` complete bars, oldest first: ``times`` int64[n] is the moment of each bar's close in seconds since 1970 UTC,
    ``prices`` float64[n, coins] the closes in quote units, all finite and above 0, in the order of ``symbols``.

    Where a coin has no good price there is no bar: between two bars may lie more than ``timeframe``. ``watched`` holds the
    closes of further symbols at the same moments, NaN where there is none. ``findings`` are whole sentences about what was
    found in the candles and what was done about it; ``missing`` counts the bars that the common range lacks. ``closes`` are
    the prices once more as they are looked at, ``closest`` is the shortest time between two bars in seconds.
    """

    symbols: tuple[str, ...]
    timeframe: timedelta
    times: Ints
    prices: Floats
    watched: Mapping[str, Floats]
    findings: tuple[str, ...] = ()
    missing: int = 0
    closes: Closes = field(init=False)
    closest: int = field(init=False)

    def __post_init__(self) -> None:
        closes = closes_of(np.ascontiguousarray(self.prices.T))
        object.__setattr__(self, "closes", closes)
        object.__setattr__(self, "prices", closes.lanes.T)  # The same memory, not twice.
        closest = int(np.min(np.diff(self.times))) if len(self.times) > 1 else 0
        object.__setattr__(self, "closest", closest)

    def __len__(self) -> int:
        return len(self.times)

    def at(self, row: int) -> datetime:
        """When bar ``row`` closed, UTC."""
        return datetime.fromtimestamp(int(self.times[row]), UTC)


@dataclass(slots=True)
class _Closes:
    """The good closes of one symbol: moments in seconds, and prices."""

    symbol: str
    times: Ints
    prices: Floats


def make_bars(
    series: Mapping[str, CandleSeries],
    symbols: Sequence[str],
    watched: Sequence[str] = (),
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Bars:
    """The complete bars of ``symbols`` (the coins of a strategy) in the range that all of them have.

    ``start`` and ``end`` (UTC, inclusive) bound the openings of the candles. Prices that are zero, negative or not finite
    are gaps. A listing spike (a first candle :data:`SPIKE` times its neighbours) is cut off. Raises InvalidInput (field
    ``candles``) where no right result can come of it: a symbol without candles, different timeframes, candles out of
    order, fewer than two complete bars.
    """
    wanted = tuple(dict.fromkeys((*symbols, *watched)))
    lacking = [symbol for symbol in wanted if symbol not in series or not len(series[symbol])]
    if lacking:
        known = ", ".join(series) or "none"
        raise InvalidInput(FIELD, f"There are no candles of {', '.join(lacking)}. There are candles of: {known}.")
    timeframe = _one_timeframe([series[symbol] for symbol in wanted])
    findings: list[str] = []
    closes = {symbol: _closes_of(series[symbol], findings) for symbol in wanted}
    for each in closes.values():
        _cut_to(each, timeframe, start, end)
    coins = [closes[symbol] for symbol in symbols]
    _refuse_empty(coins)
    first, last = _common_range(coins, findings)
    times = coins[0].times
    for each in coins[1:]:
        times = np.intersect1d(times, each.times, assume_unique=True)
    if len(times) < LEAST_BARS:
        raise InvalidInput(FIELD, _too_few(times, coins))
    missing = _missing(coins, times, first, last, timeframe, findings)
    prices = np.stack([each.prices[np.searchsorted(each.times, times)] for each in coins])
    others = {symbol: _at(closes[symbol], times) for symbol in dict.fromkeys(watched)}
    return Bars(tuple(symbols), timeframe, times, prices.T, others, tuple(findings), missing)


def moment_text(seconds: int | np.int64) -> str:
    """``2021-02-16 00:00 UTC``."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d %H:%M UTC")


def _one_timeframe(chosen: Sequence[CandleSeries]) -> timedelta:
    first = chosen[0]
    for other in chosen[1:]:
        if other.timeframe != first.timeframe:
            raise InvalidInput(
                FIELD,
                f"{first.symbol} has candles of {first.timeframe} and {other.symbol} of {other.timeframe}: "
                "all coins need candles of the same length.",
            )
    return first.timeframe


def _closes_of(series: CandleSeries, findings: list[str]) -> _Closes:
    """Good closes only, the listing spike cut off."""
    opened = np.frombuffer(series.opened, dtype=np.int64)
    prices = np.frombuffer(series.closes, dtype=np.float64)
    if len(opened) > 1 and bool(np.any(np.diff(opened) <= 0)):
        row = int(np.argmax(np.diff(opened) <= 0)) + 1
        raise InvalidInput(
            FIELD,
            f"The candles of {series.symbol} are not in the order of time, each moment once: see {moment_text(opened[row])}.",
        )
    good = np.isfinite(prices) & (prices > 0)
    bad = int(len(prices) - np.count_nonzero(good))
    if bad:
        where = moment_text(opened[int(np.argmin(good))])
        findings.append(
            f"{series.symbol}: {_bars(bad)} with a close that is zero, negative or no number, the first opened at {where}: "
            "treated as gaps."
        )
    opened, prices = opened[good], prices[good]
    cut = _spikes(prices)
    if cut:
        findings.append(
            f"{series.symbol}: its first {'candle closes' if cut == 1 else f'{cut} candles close'} at {prices[0]:.10g}, more "
            f"than {SPIKE:g} times away from the {prices[cut]:.10g} after it: a listing spike, left out."
        )
    seconds = int(series.timeframe.total_seconds())
    return _Closes(series.symbol, opened[cut:] + seconds, prices[cut:])


def _spikes(prices: Floats) -> int:
    """How many candles at the beginning stand apart from those after them."""
    cut = 0
    while len(prices) - cut > _NEIGHBOURS - 1 and cut < _NEIGHBOURS:
        usual = float(np.median(prices[cut + 1 : cut + 1 + _NEIGHBOURS]))
        if not (prices[cut] > usual * SPIKE or prices[cut] * SPIKE < usual):
            break
        cut += 1
    return cut if cut < _NEIGHBOURS else 0


def _cut_to(closes: _Closes, timeframe: timedelta, start: datetime | None, end: datetime | None) -> None:
    opened = closes.times - int(timeframe.total_seconds())
    inside = np.ones(len(opened), dtype=np.bool_)
    if start is not None:
        inside &= opened >= start.timestamp()
    if end is not None:
        inside &= opened <= end.timestamp()
    closes.times, closes.prices = closes.times[inside], closes.prices[inside]


def _refuse_empty(coins: Sequence[_Closes]) -> None:
    empty = [each.symbol for each in coins if not len(each.times)]
    if empty:
        raise InvalidInput(FIELD, f"There is no candle with a good price of {', '.join(empty)} in the range asked for.")


def _common_range(coins: Sequence[_Closes], findings: list[str]) -> tuple[int, int]:
    """From the first to the last close that lie within every coin's candles."""
    begins = {each.symbol: int(each.times[0]) for each in coins}
    ends = {each.symbol: int(each.times[-1]) for each in coins}
    first, last = max(begins.values()), min(ends.values())
    if first > last:
        late, early = max(begins, key=begins.__getitem__), min(ends, key=ends.__getitem__)
        raise InvalidInput(
            FIELD,
            f"The coins have no time in common: {early} ends at {moment_text(last)}, before {late} begins at {moment_text(first)}.",
        )
    if first > min(begins.values()):
        names = ", ".join(symbol for symbol, at in begins.items() if at == first)
        findings.append(f"Bars before {moment_text(first)} are left out: {names} has none yet.")
    if last < max(ends.values()):
        names = ", ".join(symbol for symbol, at in ends.items() if at == last)
        findings.append(f"Bars after {moment_text(last)} are left out: {names} has no more.")
    return first, last


def _too_few(times: Ints, coins: Sequence[_Closes]) -> str:
    found = "no bar" if not len(times) else f"only 1 bar ({moment_text(times[0])})"
    parts = ", ".join(f"{each.symbol} {len(each.times)} from {moment_text(each.times[0])}" for each in coins)
    return (
        f"There is {found} at which every coin has a price; a backtest needs at least {LEAST_BARS}. Candles: {parts}. "
        "Candles of different time zones or lengths do not meet."
    )


def _missing(
    coins: Sequence[_Closes], times: Ints, first: int, last: int, timeframe: timedelta, findings: list[str]
) -> int:
    """How many bars between ``first`` and ``last`` are not complete; a sentence for each coin that lacks some."""
    step = int(timeframe.total_seconds())
    expected = (last - first) // step + 1
    for each in coins:
        inside = each.times[(each.times >= first) & (each.times <= last)]
        lacks = expected - len(inside)
        if lacks > 0:
            gaps = np.flatnonzero(np.diff(inside) > step)
            where = f", the first after {moment_text(inside[int(gaps[0])])}" if len(gaps) else ""
            findings.append(
                f"{each.symbol}: {_bars(lacks)} of {expected} missing{where}: nothing is checked or traded in a gap."
            )
    return max(expected - len(times), 0)


def _at(closes: _Closes, times: Ints) -> Floats:
    """The closes at ``times``, NaN where there is none."""
    found = np.full(len(times), np.nan)
    _, rows, sources = np.intersect1d(times, closes.times, assume_unique=True, return_indices=True)
    found[rows] = closes.prices[sources]
    return found


def _bars(count: int) -> str:
    return "1 bar" if count == 1 else f"{count} bars"
