"""A decision with what it does, a box that must be ticked first, and its button. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from rebalancer_gui.ui.dialogs.quarantine_words import Decision
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import Panel

_TICK_FIRST = tr("Tick the box above first.")


class DecisionBox(Panel):
    """`{name}Box` with `{name}Text`, `{name}AgreeCheck` and `{name}Button`. `pressed` comes only with the box ticked."""

    pressed = Signal()

    def __init__(self, name: str, title: str, button: str, kind: ButtonKind, parent: QWidget | None = None) -> None:
        super().__init__(object_name=f"{name}Box", parent=parent)
        self._blocked: str | None = None
        self._text = TextLabel("", TextType.BODY, Ink.TEXT2, object_name=f"{name}Text", wrap=True)
        self.agree = QCheckBox()
        self.agree.setObjectName(f"{name}AgreeCheck")
        self._agree_words = _CheckWords(self.agree, f"{name}AgreeText")
        self.button: QPushButton = push_button(button, f"{name}Button", kind=kind)
        column = QVBoxLayout()
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addWidget(TextLabel(title, TextType.STRONG))
        column.addWidget(self._text)
        column.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.agree, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._agree_words, 1)
        column.addLayout(row)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addLayout(column)
        self.agree.toggled.connect(self._judge)
        self.button.clicked.connect(self.pressed)

    def show_decision(self, decision: Decision) -> None:
        """What it does now. A tick for other words is taken back: it was not given for these."""
        if decision.text != self._text.text() or decision.agree != self._agree_words.text():
            self._text.setText(decision.text)
            self._agree_words.setText(decision.agree)
            self.agree.setAccessibleName(decision.agree)
            self.agree.setAccessibleDescription(decision.text)
            self.agree.setChecked(False)
        self._blocked = decision.blocked
        self._judge()

    def hold(self, why: str) -> None:
        """Nothing can be decided for now."""
        self._blocked = why
        self.agree.setChecked(False)
        self._judge()

    @Slot()
    def _judge(self) -> None:
        self.agree.setEnabled(self._blocked is None)
        self.agree.setToolTip(self._blocked or "")
        self._agree_words.set_ink(Ink.TEXT if self._blocked is None else Ink.TEXT3)
        block(self.button, self._blocked or (None if self.agree.isChecked() else _TICK_FIRST))


class _CheckWords(TextLabel):
    """The words of a check box over several lines; a click on them ticks it, as on a box with words of its own."""

    def __init__(self, check: QCheckBox, object_name: str) -> None:
        super().__init__("", object_name=object_name, wrap=True)
        self._check = check

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._check.isEnabled():
            self._check.setFocus(Qt.FocusReason.MouseFocusReason)
            self._check.toggle()
