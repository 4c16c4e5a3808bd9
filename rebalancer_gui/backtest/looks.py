"""Which bars a rule looks at. It depends on the clock alone, never on prices, so it is known before anything is simulated."""

from __future__ import annotations

import numpy as np

from rebalancer_gui.backtest.bars import Ints
from rebalancer_gui.domain.strategy import BandRule, RatioRule, Rule, TimeRule

TIE = 1e-12
"""A drift beyond its limit by no more than this fraction of the portfolio equals it: float rounding, not a drift."""


def look_rows(rule: Rule, times: Ints, start: int) -> Ints:
    """The rows after ``start`` (the bar on which the strategy began to run) at which ``rule`` looks, ascending.

    By ratio and by auto band: every bar, or where the check period is longer than the bars, the first bar a period after the look before. By
    time: the first bar at or after a tick ``times[start] + k x interval``, k >= 1; ticks that passed together are one look.
    """
    if isinstance(rule, TimeRule):
        return _by_time(rule, times, start)
    return _by_ratio(rule, times, start)


def _by_ratio(rule: RatioRule | BandRule, times: Ints, start: int) -> Ints:
    period = rule.check_period.total_seconds()
    if len(times) - start < 2:
        return np.zeros(0, dtype=np.int64)
    if int(np.min(np.diff(times[start:]))) >= period:
        return np.arange(start + 1, len(times), dtype=np.int64)
    found = [start + 1]
    while True:
        following = int(np.searchsorted(times, times[found[-1]] + period))
        if following >= len(times):
            return np.array(found, dtype=np.int64)
        found.append(following)


def _by_time(rule: TimeRule, times: Ints, start: int) -> Ints:
    ticks = _ticks_passed(rule, times[start:])
    return np.flatnonzero(np.diff(ticks) > 0) + start + 1


def _ticks_passed(rule: TimeRule, times: Ints) -> Ints:
    """How many ticks of the grid that begins at the first of ``times`` have passed at each of them."""
    interval = rule.interval.total_seconds()
    passed: Ints = (times - times[0]) // int(interval) if interval == int(interval) else _floor(times, interval)
    return passed


def _floor(times: Ints, interval: float) -> Ints:
    passed: Ints = np.floor((times - times[0]) / interval).astype(np.int64)
    return passed
