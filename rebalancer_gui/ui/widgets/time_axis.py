"""The axis of time under a plot: moments in UTC, in the words of the chosen language, none so near another that they touch.

Imported only with pyqtgraph, once the window is on the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyqtgraph as pg
from PySide6.QtGui import QFontMetricsF

from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.formatting import axis_day, axis_month
from rebalancer_gui.ui.theme import current_theme

_AIR = 16.0
"""Pixels between two words, at least."""
_MOST = 60
"""A step that makes more ticks than any plot is wide for is not tried."""
_FIRST_YEAR, _LAST_YEAR = 1970, 9990


@dataclass(frozen=True, slots=True)
class _Step:
    """``first`` is the first tick at or after a moment, ``after`` the tick after a tick."""

    seconds: float
    first: Callable[[datetime], datetime]
    after: Callable[[datetime], datetime]
    word: Callable[[datetime], str]


def _of_seconds(seconds: int) -> _Step:
    step = timedelta(seconds=seconds)

    def first(at: datetime) -> datetime:
        # Every week begins where days are counted from, so that ticks stay where they are while time goes on.
        begin = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)
        return begin + -((begin - at) // step) * step

    def word(at: datetime) -> str:
        is_day = at.hour == at.minute == at.second == 0
        return axis_day(at) if is_day else f"{at:%H:%M:%S}" if seconds < 60 else f"{at:%H:%M}"

    return _Step(seconds, first, lambda at: at + step, word)


def _of_months(months: int) -> _Step:
    def month(number: int) -> datetime:
        return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)

    def first(at: datetime) -> datetime:
        number = at.year * 12 + at.month - 1
        begin = month(number + -number % months)
        return begin if begin >= at else month(number + 1 + -(number + 1) % months)

    def word(at: datetime) -> str:
        return f"{at.year}" if months >= 12 else axis_month(at, year=at.month == 1)

    return _Step(months * 30 * 86_400.0, first, lambda at: month(at.year * 12 + at.month - 1 + months), word)


_STEPS = (
    *(_of_seconds(seconds) for seconds in (1, 5, 15, 30, 60, 300, 900, 1800)),
    *(_of_seconds(hours * 3600) for hours in (1, 3, 6, 12)),
    *(_of_seconds(days * 86_400) for days in (1, 2, 7, 14)),
    *(_of_months(months) for months in (1, 2, 3, 6, 12, 24, 60, 120, 600)),
)


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """The finest steps whose words stand apart; each step has its own words: 14:30, 22 Nov, Mar, Jan 2026, 2026."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.enableAutoSIPrefix(False)
        self._words: dict[float, str] = {}

    def tickValues(self, least: float, most: float, size: float) -> list[tuple[float, list[float]]]:
        """One kind of ticks for these seconds since 1970 on so many pixels."""
        span = most - least
        if not (span > 0 and size > 0 and _year(least) >= _FIRST_YEAR and _year(most) <= _LAST_YEAR):
            return []
        metrics = QFontMetricsF(current_theme().font(Size.SMALL, Weight.NORMAL))
        for step in _STEPS:
            if span / step.seconds > _MOST:
                continue
            words = _ticks(step, least, most)
            if _stand_apart(words, size / span, metrics):
                self._words = words
                return [(step.seconds, list(words))]
        return []

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [self._words.get(value, "") for value in values]


def _year(seconds: float) -> int:
    try:
        return datetime.fromtimestamp(seconds, UTC).year
    except (OverflowError, ValueError, OSError):
        return _LAST_YEAR + 1 if seconds > 0 else _FIRST_YEAR - 1


def _ticks(step: _Step, least: float, most: float) -> dict[float, str]:
    """The words by their moments."""
    at, end = step.first(datetime.fromtimestamp(least, UTC)), datetime.fromtimestamp(most, UTC)
    words = {}
    while at <= end:
        words[at.timestamp()] = step.word(at)
        at = step.after(at)
    return words


def _stand_apart(words: dict[float, str], pixels: float, metrics: QFontMetricsF) -> bool:
    """Whether no two words touch, with so many pixels a second."""
    placed = [(at * pixels, metrics.horizontalAdvance(word) / 2) for at, word in words.items()]
    return all(right - left >= half + other + _AIR for (left, half), (right, other) in pairwise(placed))
