"""The dialog "Export records": what is written, by which method, into which file, and how far it is. GUI thread only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from rebalancer_gui.application.events import CommandRejected, ExportProgress, RecordsExported
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.record_commands import CancelExport, ExportRecords, Sheet
from rebalancer_gui.application.records import RecordFilter
from rebalancer_gui.domain.tax_lots import LotMethod
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.form import MessageLine, combo_box, line_edit
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, above_foot, caption

_WIDTH = 560
_SHEETS = (
    (tr("Cost basis: every coin sold, with its cost and gain"), Sheet.LOTS),
    (tr("Transactions for a tax tool (Koinly and others)"), Sheet.TRANSACTIONS),
    (tr("Transactions for CoinTracker"), Sheet.COINTRACKER),
    (tr("Orders"), Sheet.ORDERS),
    (tr("Trades"), Sheet.FILLS),
    (tr("Rebalances"), Sheet.REBALANCES),
    (tr("Transfers"), Sheet.TRANSFERS),
    (tr("Fees"), Sheet.FEES),
    (tr("Journal"), Sheet.JOURNAL),
)
_METHODS = (
    (tr("FIFO: what was bought first"), LotMethod.FIFO),
    (tr("LIFO: what was bought last"), LotMethod.LIFO),
    (tr("HIFO: what cost most"), LotMethod.HIFO),
    (tr("Average cost of all"), LotMethod.AVERAGE),
)
_ADVICE = tr(
    "This is no tax advice: which method your country wants, and what counts as a sale there, is for you to find out. What is not "
    "known is written as “unknown”, never as 0."
)


class ExportDialog(QDialog):
    """`exported(str)`: a sentence on what was written."""

    exported = Signal(str)

    def __init__(
        self, feed: EngineFeed, kind: HistoryKind, chosen: RecordFilter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._feed, self._kind, self._chosen = feed, kind, chosen
        self._running = ""
        self._typed = False
        self.setObjectName("exportDialog")
        self.setWindowTitle(tr("Export records"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.sheet_combo = combo_box("exportSheetCombo", tr("What to export"), _SHEETS, tall=True)
        self.method_combo = combo_box("exportMethodCombo", tr("Which purchase a sale takes"), _METHODS, tall=True)
        self.filtered_check = QCheckBox(tr("Only what is chosen in the window"))
        self.filtered_check.setObjectName("exportFilteredCheck")
        self.filtered_check.setAccessibleName(self.filtered_check.text())
        self.file_edit = line_edit("exportFileEdit", tr("File"), tall=True)
        self.browse_button = push_button(tr("Browse…"), "exportBrowseButton")
        self.message = MessageLine("exportMessage")
        self.progress = QProgressBar()
        self.progress.setObjectName("exportProgress")
        self.progress.setAccessibleName(tr("Progress"))
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.progress.hide()
        self.cancel_button = push_button(tr("Cancel"), "exportCancelButton")
        self.export_button = push_button(tr("Export"), "exportButton", kind=ButtonKind.MAIN)
        self._build()
        self.sheet_combo.currentIndexChanged.connect(self._sheet_chosen)
        self.file_edit.textEdited.connect(self._file_typed)
        self.file_edit.textChanged.connect(self._judge)
        self.browse_button.clicked.connect(self._browse)
        self.cancel_button.clicked.connect(self._cancel)
        self.export_button.clicked.connect(self._export)
        feed.exportProgress.connect(self._show_progress)
        self.filtered_check.setChecked(chosen != RecordFilter())
        block_check = chosen == RecordFilter()
        self.filtered_check.setEnabled(not block_check)
        self.filtered_check.setToolTip(tr("Nothing is chosen there: everything is exported.") if block_check else "")
        self._sheet_chosen()

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        file_row = QHBoxLayout()
        file_row.setSpacing(8)
        file_row.addWidget(self.file_edit, 1)
        file_row.addWidget(self.browse_button)
        column = QVBoxLayout()
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(6)
        column.addWidget(TextLabel(tr("Write records into a CSV file"), TextType.TITLE))
        for label, field in (
            (tr("What to export"), self.sheet_combo),
            (tr("Which purchase a sale takes first"), self.method_combo),
        ):
            column.addSpacing(4)
            words = caption(label)
            words.setBuddy(field)
            column.addWidget(words)
            column.addWidget(field)
        column.addSpacing(4)
        column.addWidget(self.filtered_check)
        column.addSpacing(4)
        file_label = caption(tr("File"))
        file_label.setBuddy(self.file_edit)
        column.addWidget(file_label)
        column.addLayout(file_row)
        column.addWidget(self.message)
        column.addWidget(self.progress)
        column.addSpacing(4)
        column.addWidget(TextLabel(_ADVICE, TextType.SMALL, Ink.TEXT2, object_name="exportAdviceLabel", wrap=True))
        foot = ActionRow(56)
        foot.right.addWidget(self.cancel_button)
        foot.right.addWidget(self.export_button)
        above_foot(self, column, foot)
        self.setFixedWidth(_WIDTH)

    @property
    def sheet(self) -> Sheet:
        """What is chosen to be written."""
        return Sheet(self.sheet_combo.currentData())

    @Slot()
    def _sheet_chosen(self) -> None:
        lots = self.sheet is Sheet.LOTS
        self.method_combo.setEnabled(lots)
        self.method_combo.setToolTip("" if lots else tr("Only the cost basis has a method."))
        if not self._typed:
            self.file_edit.setText(str(_usual_folder() / f"{self._feed.account or 'account'}-{self.sheet.value}.csv"))
        self._judge()

    @Slot()
    def _file_typed(self) -> None:
        self._typed = True

    @Slot()
    def _judge(self) -> None:
        if self._running:
            return
        name = self.file_edit.text().strip()
        path = Path(name)
        why = None
        if not name:
            why = tr("Choose a file.")
        elif not path.is_absolute():
            why = tr("Name the file with its folder, for example {example}.", example=_usual_folder() / "records.csv")
        elif path.is_dir():
            why = tr("This is a folder: name a file in it.")
        elif not path.parent.is_dir():
            why = tr("The folder {folder} is not there.", folder=path.parent)
        if why:
            self.message.show_hint(why, Ink.WARN)
        elif path.exists():
            self.message.show_hint(tr("The file is there already: it is replaced when the new one is complete."))
        else:
            self.message.show_hint("")
        block(self.export_button, why)

    @Slot()
    def _browse(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Export records"), self.file_edit.text(), tr("CSV (*.csv)"))
        if name:
            self._typed = True
            self.file_edit.setText(name)

    # -------------------------------------------------------------------------------------------------------- exporting

    @Slot()
    def _export(self) -> None:
        chosen = self._chosen if self.filtered_check.isChecked() else RecordFilter()
        sheet = self.sheet
        if sheet.value != self._kind.value:
            # The word belongs to the list in the window: another one does not know it.
            chosen = RecordFilter(chosen.strategy_id, chosen.asset, "", chosen.since, chosen.until)
        command = ExportRecords(
            self._feed.next_command_id(),
            self._feed.account,
            sheet,
            Path(self.file_edit.text().strip()),
            chosen,
            LotMethod(self.method_combo.currentData()),
        )
        self._running = command.command_id
        self.progress.setRange(0, 0)
        self._show_running(running=True)
        self.message.show_hint(tr("The records are being written…"))
        self._feed.ask(command, self._answered)

    def _show_running(self, *, running: bool) -> None:
        self.progress.setVisible(running)
        for field in (self.sheet_combo, self.file_edit, self.browse_button):
            field.setEnabled(not running)
        self.method_combo.setEnabled(not running and self.sheet is Sheet.LOTS)
        block(self.export_button, tr("The records are being written.") if running else None)

    @Slot(object)
    def _show_progress(self, told: ExportProgress) -> None:
        if told.export_id == self._running:
            self.progress.setRange(0, max(1, told.total))
            self.progress.setValue(told.done)

    def _answered(self, answer: Answer) -> None:
        if answer.command_id != self._running:
            return
        self._running = ""
        self._show_running(running=False)
        if isinstance(answer, CommandRejected):
            self._judge()
            self.message.show_problem(answer.message, aloud=True)
            return
        if isinstance(answer, RecordsExported):
            words = tr("%n rows were written into {file}.", "", answer.rows, file=answer.path.name)
            if answer.unknown:
                words += " " + tr("Of %n of them the cost is not known.", "", answer.unknown)
            self.message.show_good(words, aloud=True)
            self.cancel_button.setText(tr("Close"))
            self.exported.emit(words)

    @Slot()
    def _cancel(self) -> None:
        """While it writes: give it up. Else close."""
        if self._running:
            self._feed.send(CancelExport(self._feed.next_command_id(), self._running))
        else:
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._give_up()
        super().closeEvent(event)

    def reject(self) -> None:
        self._give_up()
        super().reject()

    def _give_up(self) -> None:
        if self._running:
            self._feed.send(CancelExport(self._feed.next_command_id(), self._running))
            self._feed.forget(self._running)
            self._running = ""


def _usual_folder() -> Path:
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    folder = Path(place) if place else Path.home()
    return folder if folder.is_dir() else Path.home()
