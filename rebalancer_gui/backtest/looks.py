"""Which bars a rule looks at. It depends on the clock alone, never on prices, so it is known before anything is simulated."""

from __future__ import annotations

import numpy as np

from rebalancer_gui.backtest.bars import Bars, Floats, Ints
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


def closes_at(bars: Bars, looks: Ints) -> Floats:
    """The closes of the bars ``looks`` (looks x coins), coin by coin in memory; not copied where they are the last ones."""
    if len(looks) and len(looks) == len(bars) - int(looks[0]):
        return bars.prices[int(looks[0]) :]
    return bars.prices.T.take(looks, axis=1).T


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
