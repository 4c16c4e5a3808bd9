"""The drawn part of the value chart, by pyqtgraph: imported only once the window is on the screen.

Curves are made once and fed with `setData`; no OpenGL. Names stand at the lines' right ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QWidget

from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.monitor.chart_labels import End
from rebalancer_gui.ui.monitor.chart_lines import ChartLines, ChartPoint, change
from rebalancer_gui.ui.monitor.linked_plots import LinkedPlots
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.plots import (
    Floats,
    height_in,
    plain_curve,
    show_ticks,
)

_FILL_ALPHA = 115
"""45 % of 255 (TOKENS.md, value chart)."""
_DOWNSAMPLE_FROM = 10_000
_LOW = 190
_LOWER_SHARE = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """Which lines are wanted."""

    value: bool = True
    hodl: bool = True
    best: bool = True
    rebalances: bool = True


@dataclass(frozen=True, slots=True)
class _Samples:
    """Lines as arrays: seconds since the epoch, and quote units."""

    times: Floats
    value: Floats
    hodl: Floats
    best_times: Floats
    best: Floats
    rebalances: Floats

    @classmethod
    def of(cls, lines: ChartLines) -> _Samples:
        return cls(
            _seconds([point.at for point in lines.points]),
            _floats([point.value for point in lines.points]),
            _floats([point.hodl for point in lines.points]),
            _seconds([at for at, _ in lines.best]),
            _floats([worth for _, worth in lines.best]),
            _seconds(list(lines.rebalances)),
        )

    def up_to(self, newest: ChartPoint) -> _Samples:
        """With one more moment at the end."""
        return replace(
            self,
            times=np.append(self.times, newest.at.timestamp()),
            value=np.append(self.value, float(newest.value)),
            hodl=np.append(self.hodl, float(newest.hodl)),
        )


class ValuePlot(LinkedPlots):
    """Value, HODL and best coin over time; below, value against HODL in percent, linked in time."""

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(numbers, lower_row=2, shares=(5, _LOWER_SHARE), parent=parent)
        self.setObjectName("valuePlot")
        self.setAccessibleName(tr("Value chart; the same numbers stand in a table behind Show numbers"))
        self._lines: ChartLines | None = None
        self._samples = _Samples.of(ChartLines((), "", (), ()))
        self._newest: ChartPoint | None = None
        self._best_slot: int | None = None
        self._shown = Shown()
        self._low = False
        self._marks = pg.ScatterPlotItem(symbol="d", size=9)
        self._upper.addItem(self._marks)
        self._zero = pg.InfiniteLine(0, angle=0)
        self._lower.addItem(self._zero)
        self._versus = plain_curve(self._lower)
        self._base = plain_curve(self._lower)
        self._above = pg.PlotDataItem()
        self._below = pg.PlotDataItem()
        self._gain = pg.FillBetweenItem(self._above, self._base)
        self._loss = pg.FillBetweenItem(self._below, self._base)
        for item in (self._gain, self._loss):
            self._lower.addItem(item)
        self._follow(self._upper)

    # --------------------------------------------------------------------------------------------------------- drawing

    def show_lines(self, lines: ChartLines, newest: ChartPoint | None, best_slot: int | None, shown: Shown) -> None:
        """Draw ``lines`` up to ``newest`` (None: up to their last sample); ``best_slot``: the best coin's colour slot."""
        if lines is not self._lines:
            # Thousands of Decimals become floats once, not four times a second.
            self._lines, self._samples = lines, _Samples.of(lines)
        self._newest, self._shown = newest, shown
        if best_slot != self._best_slot:
            self._best_slot = best_slot
            self._recolour()
        if lines.is_empty:
            return
        samples = self._samples if newest is None else self._samples.up_to(newest)
        times, value, hodl = samples.times, samples.value, samples.hodl
        self._value.setData(times, value)
        self._hodl.setData(times, hodl)
        self._best.setData(samples.best_times, samples.best)
        for curve, wanted in ((self._value, shown.value), (self._hodl, shown.hodl), (self._best, shown.best)):
            curve.setVisible(wanted)
            curve.setDownsampling(auto=len(times) > _DOWNSAMPLE_FROM, method="peak")
        self._draw_marks(times, value)
        self._draw_versus(times, value, hodl)
        self._upper.getViewBox().setXRange(times[0], times[-1], padding=0)
        self._fit_upper(samples)
        self._place_labels()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a low window the upper plot has all the room; value against HODL stands in the table and at the lines' ends."""
        super().resizeEvent(event)
        low = event.size().height() < _LOW
        if low == self._low:
            return
        self._low = low
        layout = self._graphics.ci.layout
        for row, part in ((1, self._strip), (2, self._lower)):
            if low:
                layout.removeItem(part)
            else:
                layout.addItem(part, row, 0)
            part.setVisible(not low)
        layout.setRowStretchFactor(2, 0 if low else _LOWER_SHARE)
        self._upper.showAxis("bottom", show=low)
        self._place_labels()

    def _draw_marks(self, times: Floats, value: Floats) -> None:
        moments = self._samples.rebalances if self._shown.rebalances else _seconds([])
        moments = moments[(moments >= times[0]) & (moments <= times[-1])]
        self._marks.setData(moments, np.interp(moments, times, value) if len(moments) else moments)
        self._marks.setVisible(self._shown.value)
        show_ticks(self._ticks, moments)

    def _draw_versus(self, times: Floats, value: Floats, hodl: Floats) -> None:
        versus = (value / np.where(hodl > 0, hodl, np.nan) - 1) * 100
        versus = np.nan_to_num(versus)
        self._versus.setData(times, versus)
        self._base.setData(times, np.zeros_like(times))
        self._above.setData(times, np.maximum(versus, 0))
        self._below.setData(times, np.minimum(versus, 0))
        reach = max(float(np.max(np.abs(versus))) * 1.25, 0.5)
        self._lower.getViewBox().setYRange(-reach, reach, padding=0)

    def _fit_upper(self, samples: _Samples) -> None:
        shown = self._shown
        lines = ((samples.value, shown.value), (samples.hodl, shown.hodl), (samples.best, shown.best))
        parts = [line for line, wanted in lines if wanted and len(line)] or [samples.value]
        self._fit_values(parts)

    def _place_labels(self) -> None:
        lines = self._lines
        if lines is None or lines.is_empty:
            return
        tokens, numbers = current_theme().tokens, self._numbers
        ends = []
        first, last = lines.points[0], self._newest or lines.points[-1]

        def figures(start: Decimal, end: Decimal) -> str:
            return f"{numbers.fixed(end)} {numbers.change_percent(change(start, end), 1)}"

        if self._shown.best and lines.best:
            colour = tokens.coin(self._best_slot).fill
            start, end = lines.best[0][1], lines.best[-1][1]
            ends.append(
                End(tr("{best_asset}, best coin", best_asset=lines.best_asset), figures(start, end), colour, float(end))
            )
        if self._shown.value:
            ends.append(End(tr("Value"), figures(first.value, last.value), tokens.accent, float(last.value)))
        if self._shown.hodl:
            ends.append(End("HODL", figures(first.hodl, last.hodl), tokens.hodl, float(last.hodl)))
        placed = [(end, height_in(self._graphics, self._upper, end.value)) for end in ends]
        versus = last.versus
        if versus is not None and not self._low:
            now = numbers.change_percent(versus)
            label = End(tr("Value vs HODL"), tr("{now} now", now=now), tokens.text3, float(versus))
            placed.append((label, height_in(self._graphics, self._lower, label.value)))
        self._labels.show_ends(placed)

    # -------------------------------------------------------------------------------------------------------- colours

    def _recolour(self) -> None:
        tokens = current_theme().tokens
        self._colour_values(self._best_slot)
        self._versus.setPen(self._pen(tokens.text3))
        self._base.setPen(None)
        self._above.setPen(None)
        self._below.setPen(None)
        self._zero.setPen(self._pen(tokens.text3))
        self._marks.setPen(self._pen(tokens.accent))
        self._marks.setBrush(pg.mkBrush(tokens.surface))
        for item, colour in ((self._gain, tokens.gain), (self._loss, tokens.loss)):
            fill = QColor(colour)
            fill.setAlpha(_FILL_ALPHA)
            item.setBrush(pg.mkBrush(fill))
        self._place_labels()
        self._labels.update()


def _seconds(moments: list[datetime]) -> Floats:
    return np.array([moment.timestamp() for moment in moments], dtype=np.float64)


def _floats(values: list[Decimal]) -> Floats:
    return np.array([float(value) for value in values], dtype=np.float64)
