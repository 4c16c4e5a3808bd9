"""Which bars a rule looks at. It depends on the clock alone, never on prices, so it is known before anything is simulated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rebalancer_gui.backtest.bars import Bars
from rebalancer_gui.backtest.closes import Closes, Ints
from rebalancer_gui.domain.strategy import BandRule, RatioRule, Rule, TimeRule

TIE = 1e-12
"""A drift beyond its limit by no more than this fraction of the portfolio equals it: float rounding, not a drift."""


def look_rows(rule: Rule, bars: Bars, start: int) -> Ints:
    """The rows after ``start`` (the bar on which the strategy began to run) at which ``rule`` looks, ascending.

    By ratio and by auto band: every bar, or where the check period is longer than the bars, the first bar a period after the
    look before. By time: the first bar at or after a tick ``times[start] + k x interval``, k >= 1; ticks that passed together
    are one look.
    """
    if isinstance(rule, TimeRule):
        return _by_time(rule, bars, start)
    return _by_ratio(rule, bars, start)


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks of a rule in the order of time: ``rows`` are their bars, ``closes`` what was seen there. Where every bar from
    the first on is looked at, bar and look have the same number and nothing was copied; else they begin at 0. The first
    look is ``first``.
    """

    rows: Ints | None
    closes: Closes
    first: int

    def __len__(self) -> int:
        """One more than the last look."""
        return len(self.closes)

    def row(self, look: int) -> int:
        """The bar of a look."""
        return look if self.rows is None else int(self.rows[look])

    def since(self, row: int) -> int:
        """The first look at or after bar ``row``."""
        return row if self.rows is None else int(np.searchsorted(self.rows, row))


def looks_of(rule: Rule, bars: Bars, start: int) -> Looks:
    """What ``rule`` looks at after ``start``, the bar on which the strategy began to run."""
    rows = look_rows(rule, bars, start)
    if len(rows) == len(bars) - start - 1:
        return Looks(None, bars.closes, start + 1)
    return Looks(rows, bars.closes.only(rows), 0)


def _by_ratio(rule: RatioRule | BandRule, bars: Bars, start: int) -> Ints:
    times, period = bars.times, rule.check_period.total_seconds()
    if len(times) - start < 2:
        return np.zeros(0, dtype=np.int64)
    if bars.closest >= period:
        return np.arange(start + 1, len(times), dtype=np.int64)
    found = [start + 1]
    while True:
        following = int(np.searchsorted(times, times[found[-1]] + period))
        if following >= len(times):
            return np.array(found, dtype=np.int64)
        found.append(following)


def _by_time(rule: TimeRule, bars: Bars, start: int) -> Ints:
    """The rows at which the first bar at or after one tick or several lies."""
    times, interval = bars.times, rule.interval.total_seconds()
    if bars.closest >= interval:
        return np.arange(start + 1, len(times), dtype=np.int64)
    count = int((times[-1] - times[start]) // interval)
    ticks = times[start] + np.arange(1, count + 1) * (int(interval) if interval == int(interval) else interval)
    rows = np.searchsorted(times, ticks)
    first: Ints = rows[np.flatnonzero(np.diff(rows, prepend=-1))].astype(np.int64, copy=False)
    return first
