"""The drawn part of "Test this rule": value, HODL and best coin; the rebalances; the drawdown with its worst point (look/03).

Imported only when the window that shows it is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QWidget

from rebalancer_gui.ui.backtest.rule_run import RuleRun
from rebalancer_gui.ui.backtest.sweep_figures import decimal_of
from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.monitor.chart_labels import End
from rebalancer_gui.ui.monitor.linked_plots import LinkedPlots
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.plots import (
    AXIS_WIDTH,
    height_in,
    plain_curve,
    show_ticks,
    width_for,
)

_FILL_ALPHA = 41
"""16 % of 255 (TOKENS.md, equity and drawdown)."""
_TITLE_HEIGHT = 24
_UPPER_SHARE, _LOWER_SHARE = 2, 1


@dataclass(frozen=True, slots=True)
class BestCoin:
    """The coin that gained most: its name and colour slot, and whether its line is wanted."""

    asset: str
    slot: int | None
    shown: bool


class EquityPlot(LinkedPlots):
    """`show_run` draws another run; the lines come thinned out already."""

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(numbers, lower_row=3, shares=(_UPPER_SHARE, _LOWER_SHARE), parent=parent)
        self.setObjectName("testPlot")
        self.setAccessibleName(tr("Value and drawdown over time; the same numbers stand in the tab Values"))
        self._run: RuleRun | None = None
        self._best_coin = BestCoin("", None, shown=False)
        self._title_holder, self._lower_title = self._title(2, tr("Drawdown"))
        self._hodl_falls = plain_curve(self._lower)
        self._falls = plain_curve(self._lower)
        self._falls.setFillLevel(0.0)
        self._worst = pg.ScatterPlotItem(symbol="o", size=8)
        self._lower.addItem(self._worst)
        self._worst_text = pg.TextItem(anchor=(0.5, 0))
        self._lower.addItem(self._worst_text, ignoreBounds=True)
        self._follow(self._upper, self._lower)

    def _title(self, row: int, text: str) -> tuple[pg.GraphicsLayout, pg.LabelItem]:
        """A title over a plot's box."""
        holder = self._graphics.addLayout(row=row, col=0)
        holder.layout.setContentsMargins(AXIS_WIDTH, 0, 0, 0)
        label = pg.LabelItem(text, justify="left")
        label.setMaximumHeight(_TITLE_HEIGHT)
        holder.setMaximumHeight(_TITLE_HEIGHT)
        holder.addItem(label)
        return holder, label

    # --------------------------------------------------------------------------------------------------------- drawing

    def show_run(self, run: RuleRun, best: BestCoin) -> None:
        """Draw ``run``; the best coin's line where it is wanted."""
        self._run, self._best_coin = run, best
        lines = run.lines
        self._value.setData(lines.times, lines.value)
        self._hodl.setData(lines.times, lines.hodl)
        self._best.setData(lines.times, lines.best)
        self._best.setVisible(best.shown)
        show_ticks(self._ticks, lines.marks)
        self._falls.setData(lines.times, lines.drawdown)
        self._hodl_falls.setData(lines.times, lines.hodl_drawdown)
        self._worst.setData([run.worst[0]], [run.worst[1]])
        self._worst_text.setText(tr("worst {decimal}", decimal=self._numbers.signed(decimal_of(run.worst[1]), 1, "%")))
        self._fit(best)
        self._recolour()
        self._sum_up(run)

    def _sum_up(self, run: RuleRun) -> None:
        """Where the lines begin, end and are lowest, for whoever hears them."""
        numbers, lines = self._numbers, run.lines
        self.setAccessibleDescription(
            tr(
                "The value goes from {first} to {last}, HODL to {hodl}; the worst drawdown is {worst}.",
                first=numbers.fixed(decimal_of(float(lines.value[0]))),
                last=numbers.fixed(decimal_of(float(lines.value[-1]))),
                hodl=numbers.fixed(decimal_of(float(lines.hodl[-1]))),
                worst=numbers.signed(decimal_of(run.worst[1]), 1, "%"),
            )
        )

    def _fit(self, best: BestCoin) -> None:
        run = self._run
        if run is None:
            return
        lines = run.lines
        self._upper.getViewBox().setXRange(float(lines.times[0]), float(lines.times[-1]), padding=0)
        highest = self._fit_values([lines.value, lines.hodl, *([lines.best] if best.shown else [])])
        deepest = min(float(lines.drawdown.min()), float(lines.hodl_drawdown.min()), -1.0)
        # Room for the words under the deepest point.
        self._lower.getViewBox().setYRange(deepest * 1.25, -deepest * 0.06, padding=0)
        self._place_worst(deepest)
        width = width_for(highest, self._numbers)
        for plot in (self._upper, self._lower):
            plot.getAxis("left").setWidth(width)
        for holder in (self._strip, self._title_holder):
            holder.layout.setContentsMargins(width, 0, 0, 0)

    def _place_worst(self, deepest: float) -> None:
        """The words stand under the point, and inside the plot at its ends."""
        run = self._run
        if run is None:
            return
        first, last = float(run.lines.times[0]), float(run.lines.times[-1])
        share = (run.worst[0] - first) / (last - first) if last > first else 0.5
        self._worst_text.setAnchor(QPointF(0.0 if share < 0.15 else 1.0 if share > 0.85 else 0.5, 0.0))
        self._worst_text.setPos(run.worst[0], run.worst[1] + deepest * 0.02)

    def _place_labels(self) -> None:
        run = self._run
        if run is None:
            return
        tokens, numbers = current_theme().tokens, self._numbers
        figures = run.figures

        def end(name: str, value: float, colour: str) -> End:
            return End(name, numbers.fixed(Decimal(repr(value))), colour, value)

        ends = [
            end(tr("This rule"), figures.rule.final_value, tokens.accent),
            end("HODL", figures.hodl.final_value, tokens.hodl),
        ]
        if self._best_coin.shown:
            colour = tokens.coin(self._best_coin.slot).fill
            ends.insert(0, end(self._best_coin.asset, figures.best_coin.final_value, colour))
        placed = [(each, height_in(self._graphics, self._upper, each.value)) for each in ends]
        self._labels.show_ends(placed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_labels()

    # -------------------------------------------------------------------------------------------------------- colours

    def _recolour(self) -> None:
        theme = current_theme()
        tokens = theme.tokens
        self._colour_values(self._best_coin.slot)
        self._falls.setPen(self._pen(tokens.accent))
        self._hodl_falls.setPen(self._pen(tokens.hodl))
        fill = QColor(tokens.accent)
        fill.setAlpha(_FILL_ALPHA)
        self._falls.setFillBrush(pg.mkBrush(fill))
        self._lower_title.setText(tr("Drawdown"), color=tokens.text, size=f"{int(Size.BODY)}px", bold=True)
        self._worst.setPen(self._pen(tokens.accent, 2))
        self._worst.setBrush(pg.mkBrush(tokens.surface))
        self._worst_text.setColor(QColor(tokens.text))
        self._worst_text.setFont(theme.font(Size.SMALL, Weight.SEMIBOLD))
        self._place_labels()
        self._labels.update()
