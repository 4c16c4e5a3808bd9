"""What stands in the window when the engine cannot start or go on: what happened, what to do, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.events import EngineFailed
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.buttons import ButtonKind, push_button
from rebalancer_gui.ui.widgets.labels import IconLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import Panel

_WIDTH = 640


class FailurePage(QWidget):
    """`failurePage`; its one button ends the program."""

    quitPressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("failurePage")
        self._message = TextLabel("", TextType.FIGURE, object_name="failureMessage", wrap=True)
        self._advice = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="failureAdvice", wrap=True)
        self._message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._advice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        button = push_button("Quit", "failureQuitButton", kind=ButtonKind.MAIN)
        button.clicked.connect(self.quitPressed)
        panel = Panel()
        panel.setFixedWidth(_WIDTH)
        panel.body.setContentsMargins(32, 32, 32, 32)
        panel.body.setSpacing(16)
        panel.body.addWidget(IconLabel("halted", Ink.LOSS, 32))
        panel.body.addWidget(TextLabel("The engine is not running", TextType.TITLE, Ink.LOSS))
        panel.body.addWidget(self._message)
        panel.body.addWidget(self._advice)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button)
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
        self._message.setText(event.message)
        self._advice.setText(event.advice)
        self.setAccessibleName(f"{event.message} {event.advice}".strip())
