"""The banner of a halted strategy: what happened, what to do, and the buttons that help. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from rebalancer_gui.ui.theme import repolish
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.announce import announce
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import IconLabel, TextLabel, TextType, WholeLabel

_BUTTON_WIDTH = 216
_NARROW = 720
"""Pixels: under this the buttons stand below the words, which need the whole width."""
_GAP = 8
_ROW_MARGIN = 12 + 12 + 20 + 12
"""Pixels that edges and icon take from the row of buttons."""


class HaltAction(StrEnum):
    """What a helping button asks for; `actionPressed` carries it."""

    RESUME_TRADING = "resume-trading"
    REPLACE = "replace"
    DROP = "drop"
    BOOK_LOSS = "book-loss"
    DEPOSIT = "deposit"
    TAKE_OVER = "take-over"
    GIVE_RIGHT = "give-right"
    LOOK_AT_ORDER = "look-at-order"


@dataclass(frozen=True, slots=True)
class Help:
    """A helping button; ``blocked`` is why it cannot help now, None: it can."""

    text: str
    action: HaltAction
    blocked: str | None = None


@dataclass(frozen=True, slots=True)
class Halt:
    """``helps``: at most two helping buttons, the better one first; none where only waiting or Resume helps.

    ``resume_blocked`` and ``end_blocked`` are why those cannot work yet; None: they can.
    """

    headline: str
    what_happened: str
    what_to_do: str
    helps: tuple[Help, ...] = ()
    resume_blocked: str | None = None
    end_blocked: str | None = None


class HaltBanner(QFrame):
    """`haltBanner` with `haltActionButton`, `haltSecondButton`, `resumeButton`, `haltEndButton` and `haltJournalButton`.

    Hidden while nothing is halted. Signals: `actionPressed(str)` carries a `HaltAction`.
    """

    actionPressed = Signal(str)
    resumePressed = Signal()
    endPressed = Signal()
    journalPressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("haltBanner")
        self.setProperty("role", "banner")
        self.setProperty("level", "blocking")
        self._halt: Halt | None = None
        self._arranged: tuple[QBoxLayout.Direction, QBoxLayout.Direction] | None = None
        self._headline = TextLabel("", TextType.TITLE, Ink.LOSS, object_name="haltHeadline", wrap=True)
        self._happened = WholeLabel("", object_name="haltHappenedText")
        self._to_do = WholeLabel("", object_name="haltToDoText")
        self._helps = (
            push_button("", "haltActionButton", kind=ButtonKind.MAIN, compact=True),
            push_button("", "haltSecondButton", compact=True),
        )
        self._resume = push_button(tr("Resume"), "resumeButton", compact=True)
        self._end = push_button(tr("End\u2026"), "haltEndButton", compact=True, tip=tr("Stop this strategy for good"))
        self._journal = push_button(
            tr("Journal"), "haltJournalButton", compact=True, accessible_name=tr("Show journal")
        )
        self._pair = QHBoxLayout()
        self._first = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._buttons = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._build()
        for number, button in enumerate(self._helps):
            button.clicked.connect(lambda _checked=False, number=number: self._help(number))
        self._resume.clicked.connect(self.resumePressed)
        self._end.clicked.connect(self.endPressed)
        self._journal.clicked.connect(self.journalPressed)
        self.hide()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(12)
        row.addWidget(IconLabel("halted", Ink.LOSS, 20), 0, Qt.AlignmentFlag.AlignTop)
        texts = QGridLayout()
        texts.setHorizontalSpacing(12)
        texts.setVerticalSpacing(_GAP)
        texts.setColumnStretch(1, 1)
        texts.addWidget(self._headline, 0, 0, 1, 2)
        for line, (name, label) in enumerate(
            ((tr("What happened"), self._happened), (tr("What to do"), self._to_do)), start=1
        ):
            texts.addWidget(TextLabel(name, TextType.STRONG), line, 0, Qt.AlignmentFlag.AlignTop)
            texts.addWidget(label, line, 1, Qt.AlignmentFlag.AlignTop)
        texts.setRowStretch(3, 1)
        self._pair.setSpacing(_GAP)
        self._pair.addWidget(self._end)
        self._pair.addWidget(self._journal)
        self._buttons.setSpacing(_GAP)
        self._first.setSpacing(_GAP)
        for button in self._helps:
            self._first.addWidget(button)
        self._second = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._second.setSpacing(_GAP)
        self._second.addWidget(self._resume)
        self._second.addLayout(self._pair)
        self._buttons.addLayout(self._first)
        self._buttons.addLayout(self._second)
        self._buttons.addStretch(1)
        self._halves.setSpacing(12)
        self._halves.addLayout(texts, 1)
        self._halves.addLayout(self._buttons)
        row.addLayout(self._halves, 1)
        self._arrange(_NARROW)

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
        for number, button in enumerate(self._helps):
            offered = halt.helps[number] if number < len(halt.helps) else None
            button.setVisible(offered is not None)
            if offered is not None:
                button.setText(offered.text)
                button.setAccessibleName(offered.text)
                block(button, offered.blocked)
        self._arrange(self.width())
        # The one filled button is the step that goes on: Resume, where nothing else has to come first.
        _fill(self._resume, filled=not halt.helps)
        block(self._resume, halt.resume_blocked)
        block(self._end, halt.end_blocked)
        self.setAccessibleName(f"{halt.headline}. {halt.what_happened} {halt.what_to_do}")
        announce(self, self.accessibleName(), urgent=True)

    def height_at(self, width: int) -> int:
        """Pixels that it needs to say everything at this width."""
        self._arrange(width)
        return self.heightForWidth(width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange(event.size().width())
        super().resizeEvent(event)

    def _arrange(self, width: int) -> None:
        """Buttons in a column at the right, or below the words: in one row, or in two where one is too short for them."""
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        narrow = width < _NARROW
        shown = [b for b in (*self._helps, self._resume, self._end, self._journal) if not b.isHidden()]
        one_row = _ROW_MARGIN + sum(button.sizeHint().width() + _GAP for button in shown) <= width
        wanted = (across if narrow else down, across if narrow and one_row else down)
        if self._arranged == wanted:
            return
        self._arranged = wanted
        for rows in (self._first, self._second):
            rows.setDirection(wanted[0])
        self._buttons.setDirection(wanted[1])
        # Of two rows each begins at the left and is as long as its buttons.
        side = Qt.AlignmentFlag.AlignLeft if narrow and not one_row else Qt.AlignmentFlag(0)
        for rows in (self._first, self._second):
            self._buttons.setAlignment(rows, side)
        self._halves.setDirection(down if narrow else across)
        for button in (*self._helps, self._resume):
            _set_width(button, None if narrow else _BUTTON_WIDTH)

    def _help(self, number: int) -> None:
        if self._halt is not None and number < len(self._halt.helps):
            self.actionPressed.emit(self._halt.helps[number].action.value)


def _set_width(button: QPushButton, pixels: int | None) -> None:
    if pixels is None:
        button.setMinimumWidth(1)
        button.setMaximumWidth(16_777_215)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    else:
        button.setFixedWidth(pixels)


def _fill(button: QPushButton, *, filled: bool) -> None:
    kind = ButtonKind.MAIN if filled else ButtonKind.NORMAL
    if button.property("kind") != kind.value:
        button.setProperty("kind", kind.value)
        repolish(button)
