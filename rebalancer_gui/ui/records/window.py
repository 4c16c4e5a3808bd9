"""The window "Records": every list of an account, by strategy, coin, kind and time, however long. GUI thread only.

window = RecordsWindow(feed, numbers, parent)
window.show_strategy("s-...")
window.show()
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from rebalancer_gui.application.events import EndedNames
from rebalancer_gui.application.record_commands import LoadEndedNames
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.cells import Cell, Column, text_cell
from rebalancer_gui.ui.monitor.adaptive_table import AdaptiveTable
from rebalancer_gui.ui.records.export_dialog import ExportDialog
from rebalancer_gui.ui.records.filters import RecordFilters
from rebalancer_gui.ui.records.lists import RecordList
from rebalancer_gui.ui.records.record_reader import RecordReader
from rebalancer_gui.ui.records.records_model import RecordsModel
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextType
from rebalancer_gui.ui.widgets.panel import ActionRow, hairline
from rebalancer_gui.ui.widgets.tables import DENSE_ROW_HEIGHT, DataTable, fixed

SIZE, LEAST_SIZE = (1180, 720), (920, 480)
_FRESH_MS = 1000
"""New rows are shown at most so often, and only to somebody who looks at the newest ones."""
_MOST_COPIED = 10_000
_NAMES_AT_ONCE = 1000


class RecordsWindow(QDialog):
    """Beside the main window: it stays open while one works there."""

    exported = Signal(str)

    def __init__(self, feed: EngineFeed, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed, self._numbers = feed, numbers
        self._account = feed.account
        self._names: dict[str, str] = {}
        self._older: dict[str, str] = {}
        self._older_asked = ""
        self._list: RecordList
        self._came = 0
        self.setObjectName("recordsWindow")
        self.setWindowTitle(tr("Records"))
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.filters = RecordFilters()
        self.reader = RecordReader(feed, self._on_screen, self)
        self.table: DataTable
        self.model: RecordsModel
        self._foot = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name="recordsFoot")
        self.clear_button = push_button(tr("Show everything"), "recordsClearButton")
        self.refresh_button = push_button(tr("Refresh"), "recordsRefreshButton", tip=tr("Read the newest rows (F5)"))
        self.copy_button = push_button(tr("Copy"), "recordsCopyButton", icon="copy")
        self.export_button = push_button(
            tr("Export…"), "recordsExportButton", kind=ButtonKind.MAIN, icon="export",
            tip=tr("Write records, cost basis or transactions for a tax tool into a CSV file"),
        )  # fmt: skip
        self.close_button = push_button(tr("Close"), "recordsCloseButton")
        self._place = QVBoxLayout()
        self._build()
        self._make_table(self.filters.list)
        self._fresh = QTimer(self)
        self._fresh.setSingleShot(True)
        self._fresh.setInterval(_FRESH_MS)
        self._connect()
        if feed.view is not None:
            self._show_account(feed.view)
            self._ask_older()
        self.reload()

    def _build(self) -> None:
        self._place.setContentsMargins(0, 0, 0, 0)
        foot = ActionRow(56)
        foot.give_left_the_rest()
        foot.left.addWidget(self._foot, 1)
        for button in (self.clear_button, self.refresh_button, self.copy_button, self.export_button, self.close_button):
            button.setAutoDefault(False)
            foot.right.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filters)
        column.addWidget(hairline())
        column.addLayout(self._place, 1)
        column.addWidget(foot)
        self.setMinimumSize(*LEAST_SIZE)
        self.resize(*SIZE)

    def _connect(self) -> None:
        feed = self._feed
        self.filters.changed.connect(self.reload)
        self.reader.changed.connect(self._say)
        self.reader.failed.connect(self._foot.setText)
        self._fresh.timeout.connect(self._show_fresh)
        feed.accountChanged.connect(self._show_account)
        feed.historyOutdated.connect(self._rows_came)
        for came in (
            feed.ordersChanged, feed.rebalancesChanged, feed.journalChanged, feed.transfersBooked, feed.feesBooked,
        ):  # fmt: skip
            came.connect(self._rows_came)
        self.clear_button.clicked.connect(self.filters.clear)
        self.refresh_button.clicked.connect(self.reload)
        self.copy_button.clicked.connect(self._copy)
        self.export_button.clicked.connect(self.ask_export)
        self.close_button.clicked.connect(self.close)
        QShortcut(QKeySequence("F5"), self, self.reload)

    # ------------------------------------------------------------------------------------------------- what is shown

    @Slot(object)
    def _show_account(self, view: AccountView) -> None:
        other = view.account != self._account
        self._account = view.account
        if other:
            self._older, self._names = {}, {}
        self._names.update({s.id: s.parameters.name for s in view.strategies})
        self.filters.show_account(view, self._older)
        if other:
            self._ask_older()
            self.filters.clear()

    def _ask_older(self) -> None:
        """Strategies that ended long ago are not in the picture of the account: the names of all are asked for."""
        view = self._feed.view
        if view is None or not view.over:
            return
        last = next(reversed(self._older), "")
        command = LoadEndedNames(self._feed.next_command_id(), view.account, last, _NAMES_AT_ONCE)
        self._older_asked = command.command_id
        self._feed.ask(command, self._take_older)

    def _take_older(self, answer: Answer) -> None:
        view = self._feed.view
        if answer.command_id != self._older_asked or not isinstance(answer, EndedNames) or view is None:
            return
        self._older = {**self._older, **answer.names}
        self._names = {**answer.names, **self._names}
        if answer.more:
            self._ask_older()
            return
        self._show_account(view)
        self.model.refresh_cells()

    def show_strategy(self, strategy_id: str) -> None:
        """The records of one strategy."""
        self.filters.choose_strategy(strategy_id)

    @Slot()
    def reload(self) -> None:
        """Read the list anew, from its newest row."""
        of = self.filters.list
        if self._list is not of:
            self._place.removeWidget(self.table)
            self.table.deleteLater()
            self._make_table(of)
        self._came = 0
        if not self._account:
            return
        self._foot.setText(tr("Reading…"))
        self.reader.begin(self.model, of.kind, self.filters.chosen)

    def _make_table(self, of: RecordList) -> None:
        self._list = of
        first, *others = of.columns(self._numbers)
        whose: Column[Any] = Column("strategy", tr("Strategy"), self._whose)
        self.model = model = RecordsModel((first, whose, *others))
        widths = {**of.widths, "strategy": fixed(130)}
        self.table = AdaptiveTable(
            "recordsTable", of.title, model, widths, of.first_to_go, row_height=DENSE_ROW_HEIGHT, many=True
        )
        self.table.let_hide(tuple(column.key for column in others))
        model.setParent(self.table)
        # What stands above copies what was chosen; all of a million rows is a matter for a file.
        for action in self.table.actions():
            if action is not self.table.explain_action:
                self.table.removeAction(action)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.table, self._copy)
        self._place.addWidget(self.table)
        self.table.verticalScrollBar().valueChanged.connect(self.reader.look)
        self.table.verticalScrollBar().rangeChanged.connect(self.reader.look)
        self.setTabOrder(self.filters.until_edit, self.table)

    def _whose(self, row: Any) -> Cell:  # noqa: ANN401 - a row of any list
        if not row.strategy_id:
            return text_cell(tr("Account"), ink=Ink.TEXT2)
        return text_cell(self._names.get(row.strategy_id, row.strategy_id), bold=True)

    def _on_screen(self) -> tuple[int, int]:
        """The first and the last row of the table that can be seen, and one page's worth of the next where it is short."""
        table = self.table
        top = table.rowAt(1)
        height = max(1, table.viewport().height())
        first = max(top, 0)
        return first, first + height // DENSE_ROW_HEIGHT + 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.reader.look()

    @Slot()
    def _say(self) -> None:
        rows = self.model.rowCount()
        block(self.copy_button, None if rows else tr("There is nothing to copy."))
        block(self.clear_button, tr("Everything is shown already.") if self.filters.is_open else None)
        count = self._numbers.fixed(Decimal(rows), 0)
        if self._came and not self._at_top:
            words = tr("{count} rows. New ones came: press Refresh.", count=count)
        elif self.reader.total is not None or self.reader.is_complete:
            words = tr("{count} rows, all there are.", count=count) if rows else self._nothing()
        elif self.reader.is_busy:
            words = tr("{count} rows so far, searching…", count=count)
        else:
            words = tr("{count} rows so far; older ones come as you scroll down.", count=count)
        self._foot.setText(words)

    def _nothing(self) -> str:
        if self.filters.is_open:
            return tr("There is nothing yet.")
        return tr("Nothing fits what is chosen above.")

    # --------------------------------------------------------------------------------------------------- what comes new

    @property
    def _at_top(self) -> bool:
        return self.table.verticalScrollBar().value() == 0

    @Slot()
    def _rows_came(self) -> None:
        self._came += 1
        if not self._fresh.isActive():
            self._fresh.start()

    @Slot()
    def _show_fresh(self) -> None:
        """Who looks at the newest rows sees them come; who reads further down, or has chosen rows, is not disturbed."""
        if not self.isVisible() or self.isMinimized() or not self._came:
            return
        chosen = self.table.selectionModel().hasSelection()
        if self._at_top and not chosen and not self.reader.is_busy:
            self.reload()
        else:
            self._say()

    def changeEvent(self, event: QEvent) -> None:
        """Called by Qt: what came while nobody could see the window is shown when somebody can."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange and not self.isMinimized():
            self._fresh.start()

    # --------------------------------------------------------------------------------------------------------- pressing

    @Slot()
    def _copy(self) -> None:
        """The rows that are chosen, or those in memory where none is."""
        chosen = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        rows = chosen or range(self.model.rowCount())
        known = [row for row in rows[:_MOST_COPIED] if self.model.row_at(row) is not None]
        QGuiApplication.clipboard().setText(self.table.to_tsv(known))
        self._foot.setText(tr("%n rows were copied.", "", len(known)))

    @Slot()
    def ask_export(self) -> None:
        """What is to be written into which file."""
        dialog = ExportDialog(self._feed, self.filters.list.kind, self.filters.chosen, self)
        dialog.exported.connect(self._foot.setText)
        dialog.open()

    def scroll_to(self, row: int) -> None:
        """Show the row with that number at the top."""
        self.table.verticalScrollBar().setValue(row * DENSE_ROW_HEIGHT)

    def row_at_top(self) -> int:
        """The number of the first row that can be seen."""
        return self.table.indexAt(QPoint(1, 1)).row()
