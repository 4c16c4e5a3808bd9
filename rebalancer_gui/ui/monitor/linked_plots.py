"""Two plots over the same time: value, HODL and best coin above, a strip of ticks, a plot in percent below, names at the lines' ends.

Imported only once the window is on the screen, or later: pyqtgraph takes its time.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.monitor.chart_labels import EndLabels
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.widgets.plots import Floats, dress, line_pen, plain_curve, plot_area, quiet_plot, tick_strip

_OTHER_SCREEN = (QEvent.Type.Show, QEvent.Type.DevicePixelRatioChange)


class LinkedPlots(QWidget):
    """What the chart of a strategy and that of a test share. ``lower_row``: of the grid, the upper plot stands in row 0 and the strip in
    row 1; ``shares``: of the height that the two plots get.
    """

    def __init__(
        self, numbers: NumberFormat, *, lower_row: int, shares: tuple[int, int], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._ratio = 0.0
        self._graphics = plot_area()
        self._labels = EndLabels()
        self._upper = quiet_plot(self._graphics, 0, numbers, percent=False)
        self._strip, self._ticks_box = tick_strip(self._graphics, 1)
        self._lower = quiet_plot(self._graphics, lower_row, numbers, percent=True)
        self._upper.hideAxis("bottom")
        layout = self._graphics.ci.layout
        layout.setRowStretchFactor(0, shares[0])
        layout.setRowStretchFactor(lower_row, shares[1])
        for box in (self._ticks_box, self._lower.getViewBox()):
            box.setXLink(self._upper.getViewBox())
        self._best = plain_curve(self._upper)
        self._hodl = plain_curve(self._upper)
        self._value = plain_curve(self._upper)
        self._ticks = pg.PlotCurveItem(connect="pairs")
        self._ticks_box.addItem(self._ticks)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._graphics, 1)
        row.addWidget(self._labels)

    def _follow(self, *plots: pg.PlotItem) -> None:
        """Once everything is there: colours follow the theme, the names at the lines' ends follow ``plots``."""
        self._recolour()
        current_theme().changed.connect(self._recolour)
        for plot in plots:
            plot.getViewBox().sigResized.connect(self._place_labels)
            plot.getViewBox().sigYRangeChanged.connect(self._place_labels)

    def _fit_values(self, lines: Sequence[Floats]) -> float:
        """Make the upper plot as high as ``lines`` are; gives the highest value that it then shows."""
        low, high = min(float(line.min()) for line in lines), max(float(line.max()) for line in lines)
        margin = (high - low) * 0.05 or abs(high) * 0.01 or 1.0
        self._upper.getViewBox().setYRange(low - margin, high + margin, padding=0)
        return high + margin

    def _colour_values(self, best_slot: int | None) -> None:
        """Frame, lines and ticks in the colours of the theme; ``best_slot`` is the best coin's."""
        tokens = current_theme().tokens
        dress(self._graphics, (self._upper, self._lower))
        self._value.setPen(self._pen(tokens.accent))
        self._hodl.setPen(self._pen(tokens.hodl))
        self._best.setPen(self._pen(tokens.coin(best_slot).fill))
        self._ticks.setPen(self._pen(tokens.text, 2))

    def _pen(self, colour: str, width: float = 1.0) -> QPen:
        self._ratio = self.devicePixelRatioF()
        return line_pen(colour, self, width)

    def event(self, event: QEvent) -> bool:
        """On a screen of another scale the lines are as wide as before to the eye."""
        if event.type() in _OTHER_SCREEN and self._ratio not in (0.0, self.devicePixelRatioF()):
            self._recolour()
        return super().event(event)

    @abstractmethod
    def _recolour(self) -> None:
        """The theme is another one."""

    @abstractmethod
    def _place_labels(self) -> None:
        """The lines stand elsewhere now."""
