"""The row of buttons under the details: what may be done with the chosen strategy (look/01). GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from rebalancer_gui.ui.monitor.actions import Allowed
from rebalancer_gui.ui.theme import repolish, set_icon
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow

HEIGHT = 48
_SAID_FOR_MS = 10_000
_GAP = 8


class StrategyActions(QWidget):
    """One signal per button; what was said last stands above them for a while, whole, however long it is."""

    rebalancePressed = Signal()
    addPressed = Signal()
    removePressed = Signal()
    changePressed = Signal()
    editPressed = Signal()
    pausePressed = Signal()
    resumePressed = Signal()
    stopPressed = Signal()
    heightChanged = Signal()
    """Something was said, or its time is over."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._resumes = False
        self._iconic = False
        self.rebalance = push_button(
            tr("Rebalance now"), "rebalanceNowButton", tip=tr("Back to the target weights now (F5)")
        )
        self.add = push_button(
            tr("Add funds"), "addFundsButton", tip=tr("Move money from the free pool into this strategy")
        )
        self.remove = push_button(tr("Remove funds"), "removeFundsButton", tip=tr("Take money out of this strategy"))
        self.change = push_button(tr("Change coins"), "changeCoinsButton", tip=tr("Other coins or other weights"))
        self.edit = push_button(
            tr("Edit rule"), "editRuleButton", icon="settings", tip=tr("Edit rule, levels and name (Ctrl+E)")
        )
        self.pause = push_button(
            tr("Pause"), "pauseButton", icon="paused", tip=tr("Pause: nothing is traded until Resume")
        )
        self.stop = push_button(
            tr("Stop"), "stopButton", kind=ButtonKind.DANGER, icon="ended", tip=tr("Stop this strategy")
        )
        self._said = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="detailsMessage", wrap=True)
        self._said.setContentsMargins(SIDE, 4, SIDE, 4)
        self._said.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAID_FOR_MS)
        self._timer.timeout.connect(self.clear)
        self._build()
        self.rebalance.clicked.connect(self.rebalancePressed)
        self.add.clicked.connect(self.addPressed)
        self.remove.clicked.connect(self.removePressed)
        self.change.clicked.connect(self.changePressed)
        self.edit.clicked.connect(self.editPressed)
        self.pause.clicked.connect(self._pause_pressed)
        self.stop.clicked.connect(self.stopPressed)

    def _build(self) -> None:
        row = ActionRow(HEIGHT)
        for button in (*self._in_words, self.edit):
            row.left.addWidget(button)
        for button in (self.pause, self.stop):
            row.right.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._said)
        column.addWidget(row)

    @property
    def _in_words(self) -> tuple[QPushButton, ...]:
        """Those that never show an icon only."""
        return self.rebalance, self.add, self.remove, self.change

    @property
    def _words(self) -> dict[QPushButton, str]:
        """What those say that show an icon only where the room is short."""
        return {
            self.edit: tr("Edit rule"),
            self.pause: tr("Resume") if self._resumes else tr("Pause"),
            self.stop: tr("Stop"),
        }

    @property
    def needed_height(self) -> int:
        """Pixels of the row and of what is said above it."""
        said = 0 if self._said.isHidden() else self._said.heightForWidth(self.width())
        return HEIGHT + said

    # -------------------------------------------------------------------------------------------------------- showing

    def show_allowed(self, may: Allowed) -> None:
        """Enable what is possible; the others say why not."""
        for button, reason in (
            (self.rebalance, may.rebalance),
            (self.add, may.add),
            (self.remove, may.remove),
            (self.change, may.change),
            (self.edit, may.edit),
            (self.pause, may.pause),
            (self.stop, may.stop),
        ):
            block(button, reason)
        if may.resume != self._resumes:
            self._resumes = may.resume
            self._name_buttons()
            self._fit()

    def say(self, text: str) -> None:
        """What came of the last press."""
        self._said.setText(text)
        self._said.setVisible(bool(text))
        self._timer.start()
        self.heightChanged.emit()

    @Slot()
    def clear(self) -> None:
        """Say nothing more."""
        if self._said.text():
            self._timer.stop()
            self._said.setText("")
            self._said.hide()
            self.heightChanged.emit()

    # -------------------------------------------------------------------------------------------------------- fitting

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where the room is short the buttons after Change coins show their icons only (TOKENS.md)."""
        if self._iconic != self._is_short():
            self._iconic = not self._iconic
            for button in self._words:
                button.setProperty("square", "true" if self._iconic else "false")
                repolish(button)
            self._name_buttons()

    def _is_short(self) -> bool:
        left, words = self._in_words, self._words
        needed = 2 * SIDE + _GAP * (len(left) + len(words)) + sum(button.sizeHint().width() for button in left)
        return self.width() < needed + sum(_full_width(button, text) for button, text in words.items())

    def _name_buttons(self) -> None:
        for button, word in self._words.items():
            button.setText("" if self._iconic else word)
            button.setAccessibleName(word)
        set_icon(self.pause, "running" if self._resumes else "paused")

    @Slot()
    def _pause_pressed(self) -> None:
        (self.resumePressed if self._resumes else self.pausePressed).emit()


def _full_width(button: QPushButton, text: str) -> int:
    """Pixels with icon and text: padding 12 at both sides, icon 16 with 4 px of air."""
    return 24 + 2 + 16 + 8 + button.fontMetrics().horizontalAdvance(text)
