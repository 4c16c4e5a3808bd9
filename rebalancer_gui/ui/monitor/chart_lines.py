"""The lines of the value chart as plain numbers. float64 is for drawing only; the numbers table keeps the Decimals."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.application.views import Chart, StrategyView
from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One moment: values in quote units; ``best`` is the same money in the best single coin (None: not known then)."""

    at: datetime
    value: Decimal
    hodl: Decimal
    best: Decimal | None

    @property
    def versus(self) -> Decimal | None:
        """Value against HODL in percent."""
        return (self.value / self.hodl - ONE) * HUNDRED if self.hodl > ZERO else None


@dataclass(frozen=True, slots=True)
class ChartLines:
    """What is drawn: moments oldest first, the best coin's own moments, and when it was rebalanced."""

    points: tuple[ChartPoint, ...]
    best_asset: str
    best: tuple[tuple[datetime, Decimal], ...]
    rebalances: tuple[datetime, ...]

    @property
    def is_empty(self) -> bool:
        return len(self.points) < 2


def chart_lines(chart: Chart) -> ChartLines:
    """The samples with the best coin's newest value at each of their moments."""
    moments = [at for at, _ in chart.best]
    points = []
    for sample in chart.equity:
        place = bisect_right(moments, sample.at)
        best = chart.best[place - 1][1] if place else None
        points.append(ChartPoint(sample.at, sample.value, sample.hodl, best))
    return ChartLines(tuple(points), chart.best_asset, chart.best, chart.rebalances)


def newest_point(lines: ChartLines, view: StrategyView) -> ChartPoint | None:
    """The newest picture of the strategy as the lines' right end; None where it is no newer than their last sample."""
    value, hodl = view.score.value, view.score.hodl_value
    if view.snapshot is None or value is None or hodl is None or view.ended_at is not None:
        return None
    if lines.points and view.snapshot.at <= lines.points[-1].at:
        return None
    return ChartPoint(view.snapshot.at, value, hodl, lines.best[-1][1] if lines.best else None)


def change(first: Decimal, last: Decimal) -> Decimal | None:
    """The change over the shown span in percent; None where it began at nothing."""
    return (last / first - ONE) * HUNDRED if first > ZERO else None
