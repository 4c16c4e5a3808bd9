"""What came of a test: the map and the tables at the left, the lines and what they mean at the right (look/03).

GUI thread only. `cellChosen(object)` carries a cell's key, `cellTaken(object)` one that was taken by Enter or double click.
"""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rebalancer_gui.ui.backtest.equity_plot import BestCoin, EquityPlot
from rebalancer_gui.ui.backtest.rule_run import RuleRun, TradeRow
from rebalancer_gui.ui.backtest.subject import Subject, short_rule
from rebalancer_gui.ui.backtest.sweep_figures import Figure, figure_of, key_of, neighbours_of
from rebalancer_gui.ui.backtest.sweep_view import SweepPanel
from rebalancer_gui.ui.backtest.tables import (
    FigureRow,
    SplitRow,
    ValueRow,
    figure_columns,
    figure_rows,
    split_columns,
    split_rows,
    trade_columns,
    value_columns,
    value_rows,
)
from rebalancer_gui.ui.backtest.words import luck_notice, notes_of, premium_text
from rebalancer_gui.ui.backtest.work import Measured, Swept
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.monitor.value_chart import line_icon
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, Panel, form_scroll_area, tab_widget
from rebalancer_gui.ui.widgets.tables import DENSE_ROW_HEIGHT, HEADER_HEIGHT, DataTable, fixed, stretch

_GAP = 8
_LOW_ROWS = 24
_FIGURES, _TABS = 8, 37
"""Key figures, and pixels of the tabs over them."""
_LOW = 640
"""Pixels of height from which on the rows have their usual height."""


class Results(QWidget):
    """See the module's text."""

    cellChosen = Signal(object)
    cellTaken = Signal(object)

    def __init__(
        self, subject: Subject, colours: CoinColours, numbers: NumberFormat, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._subject, self._colours, self._numbers = subject, colours, numbers
        self._measured: Measured | None = None
        self._run: RuleRun | None = None
        self.sweep = SweepPanel(numbers)
        self.figures: KeyedTableModel[FigureRow] = KeyedTableModel(figure_columns(), lambda row: row.name, self)
        self.split: KeyedTableModel[SplitRow] = KeyedTableModel(
            split_columns(subject.quote, numbers), lambda row: row.name, self
        )
        self.rebalances: KeyedTableModel[TradeRow] = KeyedTableModel(
            trade_columns(numbers), lambda row: row.number, self
        )
        self.figures_table = self._table(
            "testFiguresTable", tr("Key figures"), self.figures,
            {"name": stretch(132), "rule": fixed(168), "hodl": fixed(92), "best": fixed(116)},
        )  # fmt: skip
        self.split_table = self._table(
            "testSplitTable", tr("Where the return came from"), self.split,
            {"name": fixed(204), "amount": fixed(100), "percent": fixed(100), "why": stretch(120)},
        )  # fmt: skip
        self.rebalances_table = DataTable(
            "testRebalancesTable", tr("Every rebalance"), self.rebalances,
            {
                "time": fixed(146), "why": stretch(52), "coin": fixed(48), "quantity": fixed(84), "traded": fixed(78),
                "fee": fixed(48), "after": fixed(86),
            },
            row_height=DENSE_ROW_HEIGHT, many=True,
        )  # fmt: skip
        self.values: KeyedTableModel[ValueRow] = KeyedTableModel(value_columns(numbers), lambda row: row.at, self)
        self.values_table = DataTable(
            "testValuesTable", tr("The lines as numbers"), self.values,
            {"time": stretch(130), "value": fixed(92), "hodl": fixed(92), "best": fixed(92), "drawdown": fixed(84)},
            row_height=DENSE_ROW_HEIGHT, many=True,
        )  # fmt: skip
        self._listed: RuleRun | None = None
        self.premium = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="testPremiumText", wrap=True)
        self.notes = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="testNotesText", wrap=True)
        self.notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tabs = tab_widget("testTabs", tr("Figures of the test"))
        self.banner = Banner("testBanner", inline=True)
        self._plot: EquityPlot | None = None
        self._plot_place = QVBoxLayout()
        self.best_check = QCheckBox(tr("Best coin"))
        self.best_check.setObjectName("testBestCheck")
        self._rule_name = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="testLineLabel")
        self._count = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="testRebalancesLabel")
        self._icons = {kind: QLabel() for kind in ("value", "hodl")}
        self._build()
        self._draw_icons()
        current_theme().changed.connect(self._draw_icons)
        self.sweep.cellChosen.connect(self.cellChosen)
        self.sweep.cellTaken.connect(self.cellTaken)
        self.best_check.toggled.connect(self._draw)
        self.tabs.currentChanged.connect(self._list_values)

    def _table(
        self,
        name: str,
        spoken: str,
        model: KeyedTableModel[FigureRow] | KeyedTableModel[SplitRow],
        widths: dict[str, object],
    ) -> DataTable:
        return DataTable(name, spoken, model, widths, row_height=DENSE_ROW_HEIGHT)  # type: ignore[arg-type]

    def _build(self) -> None:
        figures = Panel(object_name="testFiguresPanel")
        figures.body.addWidget(self.tabs)
        bar = self.tabs.tabBar()
        bar.setObjectName("testTabBar")
        self.tabs.addTab(self.figures_table, tr("Key figures"))
        self.tabs.addTab(self._return_page(), tr("Return"))
        self.tabs.addTab(self.rebalances_table, tr("Rebalances"))
        self.tabs.addTab(self.values_table, tr("Values"))
        self.tabs.addTab(_text_page(self.notes, "testNotes"), tr("Notes"))
        chart = Panel(tr("Value, {quote}", quote=self._subject.quote), object_name="testChartPanel")
        chart.title_row.addSpacing(2)
        for kind, label in (("value", self._rule_name), ("hodl", TextLabel("HODL", TextType.SMALL, Ink.TEXT2))):
            chart.title_row.addWidget(self._icons[kind])
            chart.title_row.addWidget(label)
        chart.title_row.addWidget(self.best_check)
        chart.title_row.addStretch(1)
        chart.title_row.addWidget(self._count)
        chart.title_row.addSpacing(8)
        chart.body.setContentsMargins(8, 0, 0, 8)
        chart.body.addLayout(self._plot_place, 1)
        left, right = QVBoxLayout(), QVBoxLayout()
        for column in (left, right):
            column.setSpacing(_GAP)
        left.addWidget(self.sweep, 1)
        left.addWidget(figures)
        self._figures_panel = figures
        right.addWidget(chart, 1)
        right.addWidget(self.banner)
        row = QHBoxLayout(self)
        row.setContentsMargins(_GAP, _GAP, _GAP, _GAP - 1)
        row.setSpacing(_GAP)
        row.addLayout(left, 634)
        row.addLayout(right, 622)
        self._left, self._row = left, row

    @property
    def plot(self) -> EquityPlot:
        """The lines; made when they are first needed."""
        if self._plot is None:
            self._plot = EquityPlot(self._numbers)
            self._plot_place.addWidget(self._plot)
        return self._plot

    def focus_order(self) -> tuple[QWidget, ...]:
        """As the Tab key goes through it."""
        tables = (self.figures_table, self.split_table, self.rebalances_table, self.values_table)
        return (self.sweep.figure, self.sweep.table, self.tabs.tabBar(), *tables, self.best_check)

    @Slot()
    def furnish(self) -> None:
        """Make what is needed later, while there is time."""
        self.plot.setVisible(True)

    def _return_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.split_table.setFixedHeight(28 + 4 * DENSE_ROW_HEIGHT)
        column.addWidget(self.split_table)
        column.addWidget(_text_page(self.premium, "testPremium"), 1)
        return page

    # -------------------------------------------------------------------------------------------------- what is shown

    def show_measured(self, measured: Measured, source: str) -> None:
        """A new test begins with the rule itself; the map is empty yet."""
        self._measured, self._source = measured, source
        run = measured.run
        hodl = -run.figures.hodl.max_drawdown
        self.sweep.begin(key_of(run.rule, measured.bars.timeframe), hodl, run.lasted)
        self.banner.show_notice(None)
        self.show_run(run)

    def show_swept(self, swept: Swept) -> None:
        """One more column; the banner comes with the last."""
        self.sweep.add(swept.cells)
        if swept.done == swept.total:
            self._judge()

    def show_run(self, run: RuleRun) -> None:
        """Lines and figures of one rule."""
        self._run = run
        numbers, subject = self._numbers, self._subject
        best = self.best_symbol(run)
        self._rule_name.setText(short_rule(run.rule, numbers))
        self._count.setText(_counted(run, numbers))
        self._name_best()
        self.figures.set_columns(figure_columns(best))
        self.figures.set_rows(figure_rows(run, subject.quote, numbers))
        amount = self._measured.job.investment if self._measured is not None else 1.0
        self.split.set_rows(split_rows(run, amount))
        self.rebalances.reset_rows(run.table)
        self.premium.setText(premium_text(run, subject, numbers))
        if self._measured is not None:
            notes = notes_of(self._measured, subject, run, self._source)
            self.notes.setText("\n".join(f"\u2022 {note}" for note in notes))
        self._draw()
        self._list_values()
        self._judge()

    _source = ""

    _narrow = False

    def _name_best(self) -> None:
        if self._run is not None:
            best = self.best_symbol(self._run)
            self.best_check.setText(
                tr("Best, {best}", best=best) if self._narrow else tr("Best coin, {best}", best=best)
            )

    @property
    def run(self) -> RuleRun | None:
        """What the lines and figures are of."""
        return self._run

    def best_symbol(self, run: RuleRun) -> str:
        """The asset that gained most."""
        return run.figures.best_symbol.partition("/")[0]

    @Slot()
    def _list_values(self) -> None:
        """The lines as numbers, only once somebody looks."""
        if self._run is not None and self._run is not self._listed and self.tabs.currentWidget() is self.values_table:
            self._listed = self._run
            self.values.reset_rows(value_rows(self._run))

    @Slot()
    def _draw(self) -> None:
        run = self._run
        if run is None:
            return
        best = self.best_symbol(run)
        slot = self._colours.for_coins(self._subject.assets).get(best)
        self.best_check.setIcon(line_icon("best", slot, current_theme().tokens))
        self.plot.show_run(run, BestCoin(best, slot, shown=self.best_check.isChecked()))

    @Slot()
    def _draw_icons(self) -> None:
        tokens = current_theme().tokens
        for kind, label in self._icons.items():
            label.setPixmap(line_icon(kind, None, tokens).pixmap(18, 16))
        self._draw()

    def _judge(self) -> None:
        """What the neighbours of the shown rule say; only once the whole map is there."""
        run, cells = self._run, self.sweep.model.cells
        model = self.sweep.model
        if run is None or len(cells) < model.rowCount() * model.columnCount():
            return
        chosen = self.sweep.chosen
        value = run.figures.versus_hodl_a_year
        if chosen is not None:
            value = figure_of(cells[chosen], Figure.VERSUS)
        elif value is None:
            value = (run.figures.rule.final_value / run.figures.hodl.final_value - 1) * 100
        self.banner.show_notice(luck_notice(run, neighbours_of(run.rule, value, cells), self._numbers))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < 1240
        self._row.setStretch(0, 560 if narrow else 634)
        self._row.setStretch(1, 432 if narrow else 622)
        rows = _LOW_ROWS if event.size().height() < _LOW else DENSE_ROW_HEIGHT
        self.figures_table.set_row_height(rows)
        self._figures_panel.setFixedHeight(_TABS + HEADER_HEIGHT + _FIGURES * rows + 2)
        self._count.setVisible(not narrow)
        self._narrow = narrow
        self._name_best()


def _counted(run: RuleRun, numbers: NumberFormat) -> str:
    count = numbers.fixed(Decimal(run.rebalances), 0)
    return f"\u2759 {count} {tr('rebalance') if run.rebalances == 1 else tr('rebalances')}"


def _text_page(label: TextLabel, name: str) -> QWidget:
    """Words of any length in a tab."""
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(SIDE, 8, SIDE, 8)
    column.addWidget(label)
    column.addStretch(1)
    return form_scroll_area(content, f"{name}Scroll", tr("Figures of this rule"))
