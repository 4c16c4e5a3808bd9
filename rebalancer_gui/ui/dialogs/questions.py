"""Short questions: closing with running strategies, lifting Stop all."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QVBoxLayout, QWidget

from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType, WholeLabel
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, above_foot

_WIDTH = 480


class CloseChoice(Enum):
    """What the owner wants when the window is closed."""

    QUIT = "quit"
    TRAY = "tray"


class Question(QDialog):
    """A title, a paragraph, Cancel and one or two answers; `answered(str)` carries the key of the one pressed."""

    answered = Signal(str)

    def __init__(
        self,
        object_name: str,
        title: str,
        text: str,
        answers: tuple[tuple[str, str, str], ...],
        parent: QWidget | None = None,
        *,
        remember: str = "",
    ) -> None:
        """``answers``: (key, button's text, button's objectName); the last one is the filled button. ``remember``: the words of
        a box to tick, at the left of the buttons, for an answer that is to hold from now on ("": there is none).
        """
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout()
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(8)
        column.addWidget(TextLabel(title, TextType.TITLE, wrap=True))
        column.addWidget(WholeLabel(text, TextType.BODY, Ink.TEXT2, object_name=f"{object_name}Text"))
        column.addStretch(1)
        row = ActionRow(56)
        self._remember: QCheckBox | None = None
        if remember:
            self._remember = QCheckBox(remember)
            self._remember.setObjectName(f"{object_name}RememberCheck")
            self._remember.setAccessibleName(remember)
            column.addSpacing(4)
            column.addWidget(self._remember)
            column.addSpacing(4)
        cancel = push_button(tr("Cancel"), f"{object_name}Cancel")
        cancel.clicked.connect(self.reject)
        row.right.addWidget(cancel)
        for number, (key, words, name) in enumerate(answers):
            kind = ButtonKind.MAIN if number == len(answers) - 1 else ButtonKind.NORMAL
            button = push_button(words, name, kind=kind)
            button.clicked.connect(lambda _checked=False, key=key: self._answer(key))
            row.right.addWidget(button)
        above_foot(self, column, row)
        # As wide as its buttons and the box want it: in some languages that is more.
        tick = self._remember.sizeHint().width() + 2 * SIDE if self._remember is not None else 0
        self.setFixedWidth(max(_WIDTH, row.sizeHint().width(), tick))

    def showEvent(self, event: QShowEvent) -> None:
        """As high as the sentences need: only now they have their fonts."""
        super().showEvent(event)
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(_WIDTH, max(self.height(), layout.totalHeightForWidth(_WIDTH)))

    @property
    def is_to_be_remembered(self) -> bool:
        """Whether the answer is to hold from now on."""
        return self._remember is not None and self._remember.isChecked()

    def _answer(self, key: str) -> None:
        self.accept()
        self.answered.emit(key)


def close_question(
    running: int,
    *,
    replay: bool,
    tray: bool,
    watched: int = 0,
    can_remember: bool = False,
    parent: QWidget | None = None,
) -> Question:
    """Closing while ``running`` strategies are not over; the tray is offered only where there is one.

    ``watched`` of them wait for a trigger or have a stop-loss or take-profit: these rest nowhere but in the program.
    """
    who = tr("1 strategy is") if running == 1 else tr("{running} strategies are", running=running)
    text = (
        tr("The replay stands still while no engine runs and goes on from there at the next start.")
        if replay
        else tr(
            "While the program is closed nothing is rebalanced. Coins and money stay where they are; the next start "
            "goes on from there."
        )
    )
    if watched:
        whose = tr("1 strategy has") if watched == 1 else tr("{watched} strategies have", watched=watched)
        text += tr(
            " {whose} a trigger, stop-loss or take-profit: nothing rests on the exchange, so these do not fire while the "
            "program is closed.",
            whose=whose,
        )
    answers = [(CloseChoice.QUIT.value, tr("Stop the engine and quit"), "closeQuitButton")]
    if tray:
        answers.insert(0, (CloseChoice.TRAY.value, tr("Keep running in the tray"), "closeTrayButton"))
    remember = tr("From now on without asking (Settings changes it)") if can_remember else ""
    return Question("closeQuestion", tr("{who} running", who=who), text, tuple(answers), parent, remember=remember)


def resume_trading_question(parent: QWidget | None = None) -> Question:
    """Stop all is lifted only on purpose."""
    return Question(
        "resumeTradingQuestion",
        tr("Resume trading on all accounts?"),
        tr("Every strategy goes back into the state it had before Stop all, and may send orders at its next check."),
        (("resume", tr("Resume trading"), "confirmButton"),),
        parent,
    )


def book_loss_question(what: str, strategy: str, parent: QWidget | None = None) -> Question:
    """What is missing is booked as gone only on purpose; ``what`` names the amounts."""
    return Question(
        "bookLossQuestion",
        tr("Book {what} as gone?", what=what),
        tr(
            "It leaves the books of {strategy} for good. It counts as money taken out, not as a loss of its trading, so its "
            "profit does not jump, and nothing is bought back. The strategy stays halted until you press Resume.",
            strategy=strategy,
        ),
        (("book", tr("Book the loss"), "confirmButton"),),
        parent,
    )
