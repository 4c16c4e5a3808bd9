"""What the program's plots share, by pyqtgraph: imported only once the window is on the screen.

Curves are made once and fed with `setData`; pens are as wide as on a screen of scale 1 (`line_pen`), no OpenGL, nothing moves
under the mouse.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.widgets.time_axis import TimeAxis

AXIS_WIDTH = 56
_STRIP_HEIGHT = 20
_UNDER = -1000
_AXIS_AIR = 14
_LEAST_APART, _LEAST_APART_PERCENT = 28, 20
_ROUND = (1.0, 2.0, 4.0, 5.0, 10.0)

Floats = NDArray[np.float64]


class NumberAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks in the user's number format; ``percent`` shows signs."""

    def __init__(self, numbers: NumberFormat, *, percent: bool) -> None:
        super().__init__("left")
        self._numbers = numbers
        self._percent = percent
        self.setWidth(AXIS_WIDTH)
        # Finer lines without a number would only be noise.
        self.setStyle(maxTickLevel=0)

    def tickSpacing(self, least: float, most: float, size: float) -> list[tuple[float, float]]:
        """The finest round step whose numbers do not crowd on so many pixels."""
        if not (most > least and size > 0):
            return []
        # The plots in percent are low: zero alone would say little.
        wanted = (most - least) * (_LEAST_APART_PERCENT if self._percent else _LEAST_APART) / size
        power = 10.0 ** np.floor(np.log10(wanted))
        return [(next(step * power for step in _ROUND if step * power >= wanted), 0.0)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        places = max(0, -int(np.floor(np.log10(spacing)))) if spacing > 0 else 0
        texts = []
        for value in values:
            exact = Decimal(repr(float(value)))
            if self._percent:
                texts.append(self._numbers.signed(exact, places, "%"))
            else:
                texts.append(self._numbers.fixed(exact, places))
        return texts


def plot_area() -> pg.GraphicsLayoutWidget:
    """The widget that plots stand in, one below the other without gaps."""
    graphics = pg.GraphicsLayoutWidget()
    graphics.setFrameShape(graphics.Shape.NoFrame)
    # The viewport too, which would hand the focus on to nobody: Tab would begin anew there, before it has been everywhere.
    graphics.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
    graphics.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    graphics.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    layout = graphics.ci.layout
    layout.setVerticalSpacing(0)
    layout.setContentsMargins(0, 4, 0, 0)
    return graphics


def quiet_plot(graphics: pg.GraphicsLayoutWidget, row: int, numbers: NumberFormat, *, percent: bool) -> pg.PlotItem:
    """A plot over time (UTC) with a grid and nothing to press."""
    axes = {"left": NumberAxis(numbers, percent=percent), "bottom": TimeAxis()}
    plot = graphics.addPlot(row=row, col=0, axisItems=axes)
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(x=False, y=False)
    plot.hideButtons()
    plot.showGrid(x=True, y=True, alpha=1.0)
    for side in ("left", "bottom"):
        # The grid lies under the lines.
        plot.getAxis(side).setZValue(_UNDER)
    return plot


def tick_strip(graphics: pg.GraphicsLayoutWidget, row: int) -> tuple[pg.GraphicsLayout, pg.ViewBox]:
    """A low box for marks of moments; under a plot's box, not under its axis."""
    box = pg.ViewBox(enableMouse=False, enableMenu=False)
    box.setMaximumHeight(_STRIP_HEIGHT)
    box.setMinimumHeight(_STRIP_HEIGHT)
    box.setYRange(0, 1, padding=0)
    holder = graphics.addLayout(row=row, col=0)
    holder.layout.setContentsMargins(AXIS_WIDTH, 0, 0, 0)
    holder.addItem(box)
    return holder, box


def plain_curve(plot: pg.PlotItem) -> pg.PlotDataItem:
    """A line that is drawn point by point."""
    curve = pg.PlotDataItem(antialias=True)
    # Qt strokes a path that is wider than one pixel six times slower than the same line in segments.
    curve.curve.setSegmentedLineMode("on")
    curve.setDownsampling(ds=1, auto=False)
    plot.addItem(curve)
    return curve


def line_pen(colour: str, widget: QWidget, width: float = 1.0) -> QPen:
    """A pen of ``width`` logical pixels on the screen of ``widget``; those of the plots count the screen's own by themselves."""
    pen: QPen = pg.mkPen(colour, width=width * widget.devicePixelRatioF())
    return pen


def show_ticks(ticks: pg.PlotCurveItem, moments: Floats) -> None:
    """A short upright line at each of ``moments``; ``ticks`` was made with connect="pairs"."""
    ticks.setData(np.repeat(moments, 2), np.tile([0.15, 0.85], len(moments)))


def dress(graphics: pg.GraphicsLayoutWidget, plots: Iterable[pg.PlotItem]) -> None:
    """Ground, outlines, grid and axis texts in the theme's colours."""
    theme = current_theme()
    tokens = theme.tokens
    graphics.setBackground(tokens.surface)
    axis_font = QFont(theme.font(Size.SMALL, Weight.NORMAL))
    for plot in plots:
        plot.getViewBox().setBorder(line_pen(tokens.border, graphics))
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setStyle(tickFont=axis_font, tickLength=0, tickTextOffset=8)
            axis.setPen(line_pen(tokens.border, graphics))
            axis.setTickPen(line_pen(tokens.grid, graphics))
            axis.setTextPen(pg.mkPen(tokens.text3))


def width_for(value: float, numbers: NumberFormat) -> int:
    """The pixels that an axis needs so that ``value`` is not cut, at least the usual ones."""
    font = current_theme().font(Size.SMALL, Weight.NORMAL)
    text = numbers.fixed(Decimal(repr(float(value))), 0)
    return max(AXIS_WIDTH, QFontMetrics(font).horizontalAdvance(text) + _AXIS_AIR)


def height_in(graphics: pg.GraphicsLayoutWidget, plot: pg.PlotItem, value: float) -> float:
    """The height in pixels of the area at which ``value`` lies in ``plot``."""
    return float(graphics.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(0, value))).y())
