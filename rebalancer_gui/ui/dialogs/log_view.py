"""The log in a window of its own: levels, search, follow, copy, folder, and the support report. GUI thread only.

New lines come from memory twice a second while it can be seen; what earlier runs wrote is read in the background, once.
"""

from __future__ import annotations

import logging
from typing import cast

from PySide6.QtCore import QModelIndex, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QListView,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from rebalancer_gui.application.log_port import LogLine, LogReading
from rebalancer_gui.domain.errors import RebalancerError
from rebalancer_gui.ui.dialogs.log_line import LogLineDelegate
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.models.log_model import LineRole, LogModel, words_of
from rebalancer_gui.ui.outside import open_outside
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import block, push_button
from rebalancer_gui.ui.widgets.focus_ring import show_focus
from rebalancer_gui.ui.widgets.form import combo_box, line_edit, make_clearable
from rebalancer_gui.ui.widgets.key_splitter import KeySplitter
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, Panel

LOOK_MS = 500
WIDTH, HEIGHT = 960, 620
_LEVELS = (
    (tr("Everything"), logging.NOTSET),
    (tr("Warnings and errors"), logging.WARNING),
    (tr("Errors only"), logging.ERROR),
)


class LogDialog(QDialog):
    """Stays beside the main window. ``reportAsked()``: the support report is wanted."""

    reportAsked = Signal()

    def __init__(self, log: LogReading, background: Errands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._log, self._background = log, background
        self._serial, self._gone = 0, False
        self.setObjectName("logDialog")
        self.setWindowTitle(tr("Log"))
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.model = LogModel(self)
        self.level = combo_box("logLevelCombo", tr("Level"), _LEVELS, tall=True)
        self.search = line_edit("logSearchEdit", tr("Search the log"), tall=True, placeholder=tr("Search the log"))
        make_clearable(self.search)
        self.search.setMaxLength(200)
        self.follow = QCheckBox(tr("Follow"))
        self.follow.setObjectName("logFollowCheck")
        self.follow.setAccessibleName(tr("Follow: stay at the newest line"))
        self.follow.setChecked(True)
        self.list = QListView()
        self.list.setObjectName("logList")
        self.list.setAccessibleName(tr("Lines of the log, oldest first"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(LogLineDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.whole = QPlainTextEdit()
        self.whole.setObjectName("logEntryText")
        self.whole.setAccessibleName(tr("The chosen line as a whole"))
        self.whole.setReadOnly(True)
        show_focus(self.whole)
        self.whole.setTabChangesFocus(True)
        self.count = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name="logCountLabel")
        self.copy = push_button(tr("Copy"), "logCopyButton", tip=tr("The chosen lines, or all that are shown"))
        self.folder = push_button(tr("Open folder"), "logFolderButton", tip=str(log.folder))
        self.report = push_button(tr("Support report\u2026"), "supportReportButton")
        self.close_button = push_button(tr("Close"), "logCloseButton")
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._build()
        self._connect()
        self.resize(WIDTH, HEIGHT)
        self._read_earlier()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(SIDE, 12, SIDE, 8)
        head.setSpacing(8)
        self.level.setMinimumWidth(200)
        head.addWidget(self.level)
        head.addWidget(self.search, 1)
        head.addWidget(self.follow)
        parts = KeySplitter("logSplitter", tr("Height of the list of lines"))
        parts.setChildrenCollapsible(False)
        for part, stretch in ((self.list, 4), (self.whole, 1)):
            frame = Panel()
            frame.body.addWidget(part)
            parts.addWidget(frame)
            parts.setStretchFactor(parts.count() - 1, stretch)
        self.setTabOrder(self.list, parts.handle(1))
        middle = QHBoxLayout()
        middle.setContentsMargins(SIDE, 0, SIDE, 8)
        middle.addWidget(parts)
        foot = ActionRow(56)
        foot.left.addWidget(self.count, 1)
        foot.give_left_the_rest()
        for button in (self.report, self.folder, self.copy, self.close_button):
            foot.right.addWidget(button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(head)
        outer.addLayout(middle, 1)
        outer.addWidget(foot)

    def _connect(self) -> None:
        self.level.currentIndexChanged.connect(self._filter)
        self.search.textChanged.connect(self._filter)
        self.follow.toggled.connect(self._follow)
        self.list.selectionModel().currentChanged.connect(self._show_whole)
        self.copy.clicked.connect(self.copy_lines)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.list, self.copy_lines)
        self.folder.clicked.connect(lambda: open_outside(QUrl.fromLocalFile(str(self._log.folder)), self))
        self.report.clicked.connect(self.reportAsked)
        self.close_button.clicked.connect(self.close)
        self._look.timeout.connect(self.look)
        self.destroyed.connect(self._note_gone)

    @Slot()
    def _note_gone(self) -> None:
        self._gone = True

    # ------------------------------------------------------------------------------------------------------------ reading

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()
        self._look.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._look.stop()

    def _read_earlier(self) -> None:
        def read(lines: tuple[LogLine, ...]) -> None:
            if not self._gone:
                self.model.put_first(lines)
                self._shown()

        def failed(error: RebalancerError) -> None:
            if not self._gone:
                self.count.setText(error.message)

        self._background.run(self._log.earlier, read, failed)

    @Slot()
    def look(self) -> None:
        """Take what has come since the last look."""
        lines = self._log.since(self._serial)
        if lines:
            self._serial = lines[-1].serial
            self.model.add(lines)
            self._shown()

    @Slot()
    def _filter(self) -> None:
        self.model.filter(int(self.level.currentData()), self.search.text())
        self._shown()

    def _shown(self) -> None:
        shown = self.model.rowCount()
        self.count.setText(tr("{shown} of {all} lines", shown=shown, all=len(self.model)))
        block(self.copy, None if shown else tr("No line is shown."))
        self._follow()

    @Slot()
    def _follow(self) -> None:
        if self.follow.isChecked():
            self.list.scrollToBottom()

    # ------------------------------------------------------------------------------------------------------------- showing

    @Slot(QModelIndex, QModelIndex)
    def _show_whole(self, current: QModelIndex, _before: QModelIndex) -> None:
        line = cast("LogLine | None", current.data(LineRole))
        self.whole.setPlainText(words_of(line) if line is not None else "")

    @Slot()
    def copy_lines(self) -> None:
        """The chosen lines, or where none is chosen all that are shown, to the clipboard."""
        rows = sorted(index.row() for index in self.list.selectionModel().selectedIndexes())
        lines = [self.model.shown[row] for row in rows] or self.model.shown
        QGuiApplication.clipboard().setText("\n".join(words_of(line) for line in lines))
