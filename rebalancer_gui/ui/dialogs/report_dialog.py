"""The support report, shown before it is copied. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.focus_ring import show_focus
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, Panel, above_foot

WIDTH, HEIGHT = 720, 560
_TEXT = tr(
    "This is all that is copied: versions, kinds and states of accounts, settings, the last warnings. There is no key in it, no name of "
    "an account or strategy, no amount. Read it before you send it to somebody."
)
_MAKING = tr("The report is being made\u2026")


class ReportDialog(QDialog):
    """Empty until :meth:`show_report` or :meth:`fail`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reportDialog")
        self.setWindowTitle(tr("Support report"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = QPlainTextEdit()
        self.text.setObjectName("reportText")
        self.text.setAccessibleName(tr("Support report"))
        self.text.setReadOnly(True)
        show_focus(self.text)
        self.text.setTabChangesFocus(True)
        self.copy = push_button(tr("Copy support report"), "reportCopyButton", kind=ButtonKind.MAIN)
        self.close_button = push_button(tr("Close"), "reportCloseButton")
        self._said = MessageLine("reportMessage", centred=True)
        column = QVBoxLayout()
        column.setContentsMargins(SIDE, SIDE, SIDE, 8)
        column.setSpacing(8)
        column.addWidget(TextLabel(_TEXT, TextType.BODY, Ink.TEXT2, wrap=True))
        frame = Panel()
        frame.body.addWidget(self.text)
        row = QHBoxLayout()
        row.addWidget(frame)
        column.addLayout(row, 1)
        foot = ActionRow(56)
        foot.left.addWidget(self._said, 1)
        foot.give_left_the_rest()
        foot.right.addWidget(self.close_button)
        foot.right.addWidget(self.copy)
        above_foot(self, column, foot)
        self.resize(WIDTH, HEIGHT)
        self._said.show_hint(_MAKING)
        block(self.copy, _MAKING)
        self.copy.clicked.connect(self._copy)
        self.close_button.clicked.connect(self.close)

    def show_report(self, text: str) -> None:
        """It is made: it can be read and copied."""
        self.text.setPlainText(text)
        self._said.show_hint("")
        block(self.copy, None)

    def fail(self, message: str) -> None:
        """It could not be made."""
        self._said.show_problem(message, aloud=True)
        block(self.copy, message)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self._said.show_good(tr("Copied."), aloud=True)
