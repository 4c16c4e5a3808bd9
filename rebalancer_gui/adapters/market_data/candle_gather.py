"""Rows of one symbol gathered into a CandleSeries: order, duplicates and the timeframe are looked at when all are there."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from operator import sub
from typing import NoReturn

from rebalancer_gui.domain.candle_words import words_of_time, words_of_timeframe
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput

_DAY = 86_400
_WEEK = 7 * _DAY
_STANDARD = frozenset((60, 180, 300, 900, 1800, 3600, 7200, 14400, 21600, 28800, 43200, _DAY, 3 * _DAY, _WEEK))
_SHORT_RUN, _LONG_RUN = 5, 20
_FAR = 12
Place = Callable[[int], str]
"""Where row number i (of those gathered) stands, for people: ``line 7 of btc.csv``."""


class Gathered:
    """Columns of one symbol as they stood in the file. ``lines`` are the places of the rows, as the caller counts them."""

    __slots__ = ("add", "closes", "highs", "lines", "lows", "opened", "opens", "symbol", "volumes")

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.opened = array("q")
        self.opens, self.highs, self.lows = array("d"), array("d"), array("d")
        self.closes, self.volumes = array("d"), array("d")
        self.lines = array("q")
        self.add = tuple(column.append for column in (self.opens, self.highs, self.lows, self.closes, self.volumes))
        """How a row is added the fast way, beside opened and lines; dead once the rows were put in order."""

    def __len__(self) -> int:
        return len(self.opened)

    def append(self, opened: int, o: float, h: float, low: float, c: float, volume: float, line: int) -> None:
        """One row; no check is made here."""
        self.opened.append(opened)
        self.opens.append(o)
        self.highs.append(h)
        self.lows.append(low)
        self.closes.append(c)
        self.volumes.append(volume)
        self.lines.append(line)

    def figures(self, row: int) -> tuple[float, ...]:
        """Open, high, low, close, volume of one row."""
        return self.opens[row], self.highs[row], self.lows[row], self.closes[row], self.volumes[row]

    def keep(self, rows: Sequence[int] | range) -> None:
        """These rows, in this order, and no others."""
        for name in ("opened", "opens", "highs", "lows", "closes", "volumes", "lines"):
            column = getattr(self, name)
            setattr(self, name, array(column.typecode, map(column.__getitem__, rows)))

    def in_order(self, place: Place, findings: list[str]) -> None:
        """Sort by time, drop rows that stand there twice. InvalidInput where two rows say different things of one time."""
        times = self.opened
        steps = array("q", map(sub, times[1:], times))
        if all(step > 0 for step in steps):
            return
        if all(step < 0 for step in steps):
            self.keep(range(len(times) - 1, -1, -1))
            findings.append(f"{self.symbol}: the newest candle stood first; the order was turned round.")
            return
        order: Sequence[int] = range(len(times))
        if any(step < 0 for step in steps):
            order = sorted(order, key=times.__getitem__)
            findings.append(f"{self.symbol}: the candles did not stand in order of time; they were sorted.")
        kept: list[int] = []
        for row in order:
            if kept and times[kept[-1]] == times[row]:
                self._check_same(kept[-1], row, place)
            else:
                kept.append(row)
        if len(kept) < len(times):
            twice = len(times) - len(kept)
            findings.append(f"{self.symbol}: {twice} {'candle stood' if twice == 1 else 'candles stood'} there twice.")
        self.keep(kept)

    def _check_same(self, first: int, second: int, place: Place) -> None:
        if self.figures(first) != self.figures(second):
            at = words_of_time(self.opened[first])
            _refuse(
                f"{self.symbol} has two different candles of {at}: {place(self.lines[first])} and"
                f" {place(self.lines[second])}. Leave one of them out."
            )

    def timeframe(self, place: Place, told: timedelta | None) -> timedelta:
        """The length of a bar; rows must be in order. InvalidInput where lengths are mixed, or nothing tells the length.

        ``told``: what the caller or the file's name says; it must agree with the rows.
        """
        steps = array("q", map(sub, self.opened[1:], self.opened))
        if told is None and not steps:
            _refuse(
                f"{self.symbol} has one candle only, so the length of a bar cannot be told. At least two are needed."
            )
        length = int(told.total_seconds()) if told is not None else self._length(steps)
        if length < 1 or (_DAY % length and length not in range(_DAY, _WEEK + 1, _DAY)):
            _refuse(
                f"{self.symbol}: bars of {words_of_timeframe(timedelta(seconds=length))} are no timeframe. Legal are equal"
                " parts of a day, and 1 to 7 days."
            )
        bar = words_of_timeframe(timedelta(seconds=length))
        for row, step in enumerate(steps, start=1):
            if step % length:
                _refuse(
                    f"{self.symbol}: the candle in {place(self.lines[row])} does not lie a whole number of bars of {bar}"
                    " after the one before. Timeframes may not be mixed, and days must begin at the same hour."
                )
        self._refuse_longer_bars(steps, length, place)
        return timedelta(seconds=length)

    @staticmethod
    def _length(steps: Sequence[int]) -> int:
        counts = Counter(steps)
        most = max(counts.values())
        return min(step for step, count in counts.items() if count == most)

    def _refuse_longer_bars(self, steps: Iterable[int], length: int, place: Place) -> None:
        """Hourly rows and after them daily ones would look like hourly ones with gaps, each close known far too early."""
        run, previous = 0, 0
        for row, step in enumerate(steps, start=1):
            run = run + 1 if step == previous else 1
            previous = step
            far = step // length >= _FAR
            if step > length and step in _STANDARD and run >= (_SHORT_RUN if far else _LONG_RUN):
                bar, longer = (words_of_timeframe(timedelta(seconds=seconds)) for seconds in (length, step))
                where = place(self.lines[row - run])
                _refuse(f"{self.symbol}: bars of {bar} and, from {where} on, of {longer}. Timeframes may not be mixed.")

    def series(self, timeframe: timedelta) -> CandleSeries:
        """What was gathered; nothing may be added afterwards."""
        return CandleSeries(
            self.symbol, timeframe, self.opened, self.opens, self.highs, self.lows, self.closes, self.volumes
        )


def _refuse(message: str) -> NoReturn:
    raise InvalidInput("candles", message)
