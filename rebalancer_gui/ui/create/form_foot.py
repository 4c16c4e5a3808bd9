"""The row under a form: what is wrong or that all is ready, and the buttons. GUI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from rebalancer_gui.ui.create.form_state import Findings
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import block
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow

HEIGHT = 56
_TALLEST = 160


class FormFoot(ActionRow):
    """The message takes what the buttons leave; a long one makes the row higher instead of being cut."""

    def __init__(self, message_name: str, buttons: Sequence[QPushButton], parent: QWidget | None = None) -> None:
        super().__init__(HEIGHT, parent=parent)
        self.message = MessageLine(message_name)
        self.left.addWidget(self.message, 1, Qt.AlignmentFlag.AlignVCenter)
        for button in buttons:
            self.right.addWidget(button)
        row = cast("QHBoxLayout", self.layout())
        row.setContentsMargins(SIDE, 4, SIDE, 4)
        row.setStretch(0, 1)
        row.setStretch(1, 0)
        self.setMinimumHeight(HEIGHT)
        self.setMaximumHeight(_TALLEST)

    def show_findings(self, findings: Findings, buttons: Sequence[QPushButton], *, begun: bool) -> None:
        """Say the first problem and block `buttons` with it; before anything was `begun` it is only a hint."""
        first = findings.first
        for button in buttons:
            block(button, None if first is None else first.message)
        if first is None:
            self.message.show_good(tr("Ready to preview"))
        elif begun:
            self.message.show_problem(first.message)
        else:
            self.message.show_hint(first.message, Ink.TEXT2)
