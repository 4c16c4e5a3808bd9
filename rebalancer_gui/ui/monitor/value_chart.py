"""The tab Chart: value against HODL and the best coin, with the rebalances; the same numbers in a table (look/02)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QSize, Qt, Slot
from PySide6.QtGui import QColor, QHideEvent, QIcon, QPainter, QPen, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.commands import LoadChart
from rebalancer_gui.application.events import ChartReady, CommandRejected
from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat, utc_date, utc_stamp
from rebalancer_gui.ui.models.cells import Align, Cell, Column, change_cell, number_cell
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.monitor.adaptive_table import NARROW
from rebalancer_gui.ui.monitor.chart_lines import ChartLines, ChartPoint, chart_lines, newest_point
from rebalancer_gui.ui.monitor.chart_loader import ChartLoader
from rebalancer_gui.ui.monitor.histories import TIME
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.tokens import Ink, Tokens
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import SegmentedButtons, push_button
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE
from rebalancer_gui.ui.widgets.tables import DENSE_ROW_HEIGHT, DataTable, fixed, stretch

if TYPE_CHECKING:
    from rebalancer_gui.ui.monitor.value_plot import Shown, ValuePlot

RANGES = (("1d", "1 D"), ("7d", "7 D"), ("30d", "30 D"), ("90d", "90 D"), ("all", tr("All")))
_DAYS = {"1d": 1, "7d": 7, "30d": 30, "90d": 90, "all": None}
_RELOAD_MS = 2500
"""How often the stored samples are read again while the chart is on screen; the newest moment is drawn at each view."""
_SWATCH = QSize(18, 16)
_EMPTY = tr("The first samples come with the next prices.")


def line_icon(kind: str, slot: int | None, tokens: Tokens) -> QIcon:
    """A short piece of a line, or the diamond of the rebalances, beside its check box: the chart's legend."""
    picture = QPixmap(_SWATCH * 2)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    colours = {"hodl": tokens.hodl, "best": tokens.coin(slot).fill}
    painter = QPainter(picture)
    painter.setPen(QPen(QColor(colours.get(kind, tokens.accent)), 1.5))
    if kind == "rebalances":
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(9, 8)
        painter.rotate(45)
        painter.drawRect(-3, -3, 6, 6)
    else:
        painter.drawLine(0, 8, 18, 8)
    painter.end()
    return QIcon(picture)


def point_columns(numbers: NumberFormat) -> tuple[Column[ChartPoint], ...]:
    """The chart as numbers, newest first; values in quote units."""

    def moment(point: ChartPoint) -> Cell:
        return Cell(utc_stamp(point.at), raw=point.at)

    def versus(point: ChartPoint) -> Cell:
        return change_cell(numbers, point.versus, "%")

    return (
        Column("time", tr("Time, UTC"), moment),
        Column("value", tr("Value"), lambda point: number_cell(numbers, point.value), align=Align.RIGHT),
        Column("hodl", "HODL", lambda point: number_cell(numbers, point.hodl), align=Align.RIGHT),
        Column("versus", tr("vs HODL"), versus, align=Align.RIGHT),
        Column("best", tr("Best coin"), lambda point: number_cell(numbers, point.best), align=Align.RIGHT),
    )


class ValueChart(QWidget):
    """Controls, plot or table, and a line that says what is drawn. Samples are asked for while it is on screen."""

    def __init__(
        self,
        feed: EngineFeed,
        numbers: NumberFormat,
        colours: CoinColours,
        loader: ChartLoader,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._feed = feed
        self._numbers = numbers
        self._colours = colours
        self._loader = loader
        self._view: StrategyView | None = None
        self._lines: ChartLines | None = None
        self._listed: ChartLines | None = None
        self._asked = ""
        self._refusal = ""
        self._since_load = QElapsedTimer()
        self._plot: ValuePlot | None = None
        self.ranges = SegmentedButtons("rangeButtons", tr("Range"), RANGES)
        self.ranges.choose("all")
        self._checks = {
            key: _check(f"show{key.capitalize()}Check", text)
            for key, text in (
                ("value", tr("Value")),
                ("hodl", "HODL"),
                ("best", tr("Best coin")),
                ("rebalances", tr("Rebalances")),
            )
        }
        self._rebalances = 0
        self._slot: int | None = None
        self._narrow = False
        self._wide = 0
        """Pixels that the controls need in one line."""
        self.numbers_button = push_button(tr("Show numbers"), "showNumbersButton", compact=True)
        self.numbers_button.setCheckable(True)
        self.model: KeyedTableModel[ChartPoint] = KeyedTableModel(
            point_columns(numbers), key=lambda point: point.at, parent=self
        )
        # All of them fit beside the create panel in a window of 1024 px.
        widths = {
            "time": stretch(TIME.pixels),
            "value": fixed(112),
            "hodl": fixed(112),
            "versus": fixed(96),
            "best": fixed(112),
        }
        self.table = DataTable(
            "chartTable", tr("Chart as numbers"), self.model, widths, row_height=DENSE_ROW_HEIGHT, many=True
        )
        self._waiting = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="chartMessage")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._foot = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name="chartFoot")
        self._stack = QStackedLayout()
        self._controls, self._foot_row = QHBoxLayout(), QHBoxLayout()
        self._build()
        self._draw_icons()
        current_theme().changed.connect(self._draw_icons)
        self.ranges.chosen.connect(self._range_chosen)
        self.numbers_button.toggled.connect(self._draw)
        for check in self._checks.values():
            check.toggled.connect(self._draw)
        loader.ready.connect(self._draw)
        feed.historyOutdated.connect(self.reload)

    def _build(self) -> None:
        controls = self._controls
        controls.setContentsMargins(SIDE, 12, SIDE, 8)
        controls.setSpacing(6)
        controls.addWidget(self.ranges)
        controls.addSpacing(6)
        for check in self._checks.values():
            controls.addWidget(check)
            controls.addSpacing(6)
        controls.addStretch(1)
        controls.addWidget(self.numbers_button)
        self._stack.addWidget(self._waiting)
        self._stack.addWidget(self.table)
        foot = self._foot_row
        foot.setContentsMargins(SIDE, 4, SIDE, 8)
        foot.addWidget(self._foot, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(controls)
        column.addLayout(self._stack, 1)
        column.addLayout(foot)

    # -------------------------------------------------------------------------------------------------- what is shown

    def set_strategy(self, strategy_id: str) -> None:
        """Show another strategy; its samples are asked for when the tab is on screen."""
        if self._view is None or self._view.id != strategy_id:
            self._view = None
            self.reload()

    def show_view(self, view: StrategyView) -> None:
        """The newest picture: moves the right end of the lines, and has the samples read again now and then."""
        first = self._view is None
        self._view = view
        if not self.isVisible():
            return
        if first or (not self._asked and self._since_load.hasExpired(_RELOAD_MS)):
            self._load()
        if self._lines is not None:
            self._draw()

    @Slot()
    def reload(self) -> None:
        """Forget the samples and ask anew (now, or when the tab is shown)."""
        self._feed.forget(self._asked)
        self._asked = self._refusal = ""
        self._lines = None
        if self.isVisible():
            self._draw()
            self._load()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._loader.start()
        self._draw()
        if not self._asked:
            self._load()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._feed.forget(self._asked)
        self._asked = ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit(event.size().width())

    def _fit(self, width: int) -> None:
        """Short words, and the button below, where the line of controls has not the room for all in this language."""
        if not self._narrow:
            controls = (self.ranges, *self._checks.values(), self.numbers_button)
            self._wide = 2 * SIDE + sum(control.sizeHint().width() + 12 for control in controls)
        narrow = width < max(NARROW, self._wide)
        if narrow != self._narrow:
            self._narrow = narrow
            self._checks["best"].setText(tr("Best") if narrow else tr("Best coin"))
            there, here = (self._controls, self._foot_row) if narrow else (self._foot_row, self._controls)
            there.removeWidget(self.numbers_button)
            here.addWidget(self.numbers_button)
            self._count()

    def _count(self) -> None:
        words = tr("Rebalances ({count})", count=self._rebalances)
        self._checks["rebalances"].setText(str(self._rebalances) if self._narrow else words)

    @Slot()
    def _draw_icons(self) -> None:
        for key, check in self._checks.items():
            check.setIcon(line_icon(key, self._slot, current_theme().tokens))

    @Slot(str)
    def _range_chosen(self, _key: str) -> None:
        self.reload()

    def _load(self) -> None:
        if self._view is None:
            return
        self._since_load.start()
        command = LoadChart(self._feed.next_command_id(), self._view.id, _DAYS[self.ranges.current()])
        self._asked = command.command_id
        self._feed.ask(command, self._take_answer)

    def _take_answer(self, answer: Answer) -> None:
        if answer.command_id != self._asked:
            return
        self._asked = ""
        if isinstance(answer, CommandRejected):
            self._lines, self._refusal = None, answer.message
            self._draw()
        elif isinstance(answer, ChartReady) and self._view is not None and answer.chart.strategy_id == self._view.id:
            self._lines, self._refusal = chart_lines(answer.chart), ""
            self._draw()

    # -------------------------------------------------------------------------------------------------------- drawing

    @property
    def is_drawn(self) -> bool:
        """Whether lines (not a message, not the table) are on screen."""
        return self._plot is not None and self._stack.currentWidget() is self._plot

    @Slot()
    def _draw(self) -> None:
        if not self.isVisible():
            return
        lines = self._lines
        if lines is None or self._view is None:
            self._say(self._refusal or tr("Loading\u2026"))
            return
        slot = self._colours.for_coins(self._view.parameters.assets).get(lines.best_asset)
        if slot != self._slot:
            self._slot = slot
            self._draw_icons()
        count = len(lines.rebalances)
        self._rebalances = count
        self._count()
        self._fit(self.width())
        self._checks["best"].setEnabled(bool(lines.best))
        self._write_foot(lines)
        if lines.is_empty:
            self._say(_EMPTY)
        elif self.numbers_button.isChecked():
            if lines is not self._listed:
                self._listed = lines
                self.model.set_rows(reversed(lines.points))
            self._stack.setCurrentWidget(self.table)
        elif not self._loader.is_ready:
            self._say(tr("Preparing the chart\u2026"))
        else:
            plot = self._the_plot()
            newest = newest_point(lines, self._view)
            plot.show_lines(lines, newest, slot, self._shown())
            plot.setAccessibleDescription(self._sum_up(lines.points[0], newest or lines.points[-1]))
            self._stack.setCurrentWidget(plot)

    def _sum_up(self, first: ChartPoint, last: ChartPoint) -> str:
        """Where the lines begin and end, for whoever hears them."""
        numbers = self._numbers
        return tr(
            "The value goes from {first} to {last}, HODL to {hodl}: {versus} against HODL.",
            first=numbers.fixed(first.value),
            last=numbers.fixed(last.value),
            hodl=numbers.fixed(last.hodl),
            versus=change_cell(numbers, last.versus, "%").text,
        )

    def _say(self, text: str) -> None:
        self._waiting.setText(text)
        self._stack.setCurrentWidget(self._waiting)

    def _write_foot(self, lines: ChartLines) -> None:
        quote = self._view.parameters.quote if self._view is not None else ""
        since = tr(", since {utc_date}", utc_date=utc_date(lines.points[0].at)) if lines.points else ""
        hodl = "" if self._narrow else tr(" HODL: the same money, bought at target weights, never traded.")
        self._foot.setText(f"{quote}{since}.{hodl}")

    def _shown(self) -> Shown:
        from rebalancer_gui.ui.monitor.value_plot import Shown

        return Shown(**{key: check.isChecked() for key, check in self._checks.items()})

    def _the_plot(self) -> ValuePlot:
        if self._plot is None:
            from rebalancer_gui.ui.monitor.value_plot import ValuePlot

            self._plot = ValuePlot(self._numbers)
            self._stack.addWidget(self._plot)
        return self._plot


def _check(object_name: str, text: str) -> QCheckBox:
    check = QCheckBox(text)
    check.setObjectName(object_name)
    check.setAccessibleName(tr("Show {text}", text=text))
    check.setIconSize(_SWATCH)
    check.setChecked(True)
    return check
