"""What stands in the window when the engine cannot start or go on: what happened, what to do, and nothing else.

For a damaged file that is what the program can do about it, a button each; both ask before anything is moved.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.events import EngineFailed
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.repair_options import RepairOptions
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, push_button
from rebalancer_gui.ui.widgets.labels import IconLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import Panel

_WIDTH = 640


class FailurePage(QWidget):
    """`failurePage`; `repairButton0`, `repairButton1` ... are there for a damaged file only."""

    quitPressed = Signal()
    repairPressed = Signal(object)
    """A ``Repair`` was chosen and confirmed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("failurePage")
        self._message = TextLabel("", TextType.FIGURE, object_name="failureMessage", wrap=True)
        self._advice = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="failureAdvice", wrap=True)
        self._message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._advice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._quit = push_button(tr("Quit"), "failureQuitButton", kind=ButtonKind.MAIN)
        self._quit.clicked.connect(self.quitPressed)
        self._repairs = RepairOptions()
        self._repairs.confirmed.connect(self.repairPressed)
        self._repairs.hide()
        panel = Panel()
        panel.setFixedWidth(_WIDTH)
        panel.body.setContentsMargins(32, 32, 32, 32)
        panel.body.setSpacing(16)
        panel.body.addWidget(IconLabel("halted", Ink.LOSS, 32))
        panel.body.addWidget(TextLabel(tr("The engine is not running"), TextType.TITLE, Ink.LOSS))
        panel.body.addWidget(self._message)
        panel.body.addWidget(self._advice)
        panel.body.addWidget(self._repairs)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._quit)
        panel.body.addLayout(row)
        column = QVBoxLayout(self)
        column.addStretch(1)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(panel)
        middle.addStretch(1)
        column.addLayout(middle)
        column.addStretch(2)

    def show_failure(self, event: EngineFailed) -> None:
        self._message.setText(said(event.message))
        # Where there are buttons they say what to do; the console's words are for the console.
        self._advice.setText("" if event.repairs else said(event.advice))
        self._advice.setVisible(not event.repairs)
        self._repairs.show_repairs(event.repairs)
        self._repairs.setVisible(bool(event.repairs))
        self.setAccessibleName(f"{said(event.message)} {said(event.advice)}".strip())
