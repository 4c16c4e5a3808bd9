"""The banner of a halted strategy: what happened, what to do, and the button that helps. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.ui.theme import repolish
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import IconLabel, TextLabel, TextType

_BUTTON_WIDTH = 176


@dataclass(frozen=True, slots=True)
class Halt:
    """`action` is the helping button's text, empty where only waiting or Resume helps.

    `resume_blocked` is why Resume cannot work yet; None: it can.
    """

    headline: str
    what_happened: str
    what_to_do: str
    action: str = ""
    resume_blocked: str | None = None


class HaltBanner(QFrame):
    """`haltBanner` with `haltActionButton`, `resumeButton` and `haltJournalButton`; hidden while nothing is halted."""

    actionPressed = Signal()
    resumePressed = Signal()
    journalPressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("haltBanner")
        self.setProperty("role", "banner")
        self.setProperty("level", "blocking")
        self._halt: Halt | None = None
        self._headline = TextLabel("", TextType.TITLE, Ink.LOSS, wrap=True)
        self._happened = TextLabel("", wrap=True)
        self._to_do = TextLabel("", wrap=True)
        self._action = push_button("", "haltActionButton", kind=ButtonKind.MAIN)
        self._resume = push_button("Resume", "resumeButton")
        self._journal = push_button("Show journal", "haltJournalButton")
        self._action.clicked.connect(self.actionPressed)
        self._resume.clicked.connect(self.resumePressed)
        self._journal.clicked.connect(self.journalPressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(12)
        row.addWidget(IconLabel("halted", Ink.LOSS, 20), 0, Qt.AlignmentFlag.AlignTop)
        texts = QGridLayout()
        texts.setHorizontalSpacing(12)
        texts.setVerticalSpacing(8)
        texts.setColumnStretch(1, 1)
        texts.addWidget(self._headline, 0, 0, 1, 2)
        for line, (name, label) in enumerate((("What happened", self._happened), ("What to do", self._to_do)), start=1):
            texts.addWidget(TextLabel(name, TextType.STRONG), line, 0, Qt.AlignmentFlag.AlignTop)
            texts.addWidget(label, line, 1, Qt.AlignmentFlag.AlignTop)
        texts.setRowStretch(3, 1)
        row.addLayout(texts, 1)
        buttons = QVBoxLayout()
        buttons.setSpacing(8)
        for button in (self._action, self._resume, self._journal):
            button.setFixedWidth(_BUTTON_WIDTH)
            buttons.addWidget(button)
        buttons.addStretch(1)
        row.addLayout(buttons)
        self.hide()

    def show_halt(self, halt: Halt | None) -> None:
        """Show this halt, or nothing."""
        if halt == self._halt:
            return
        self._halt = halt
        self.setVisible(halt is not None)
        if halt is None:
            return
        self._headline.setText(halt.headline)
        self._happened.setText(halt.what_happened)
        self._to_do.setText(halt.what_to_do)
        self._action.setText(halt.action)
        self._action.setAccessibleName(halt.action)
        self._action.setVisible(bool(halt.action))
        # The one filled button is the step that goes on: Resume, where nothing else has to come first.
        kind = ButtonKind.NORMAL if halt.action else ButtonKind.MAIN
        if self._resume.property("kind") != kind.value:
            self._resume.setProperty("kind", kind.value)
            repolish(self._resume)
        block(self._resume, halt.resume_blocked)
        self.setAccessibleName(f"{halt.headline}. {halt.what_happened} {halt.what_to_do}")
