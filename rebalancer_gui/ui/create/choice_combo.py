"""A combo box with a list of usual values in which another value can be typed. GUI thread only.

    combo = ChoiceCombo("thresholdCombo", "Threshold", THRESHOLDS, read=read_percent, write=write_percent)
    combo.edited.connect(self._changed)
    combo.value(); combo.problem()          # the value, or why there is none

What is typed stays as it was typed; it is written out in full only when it was read and the field is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from rebalancer_gui.ui.parsing import Unreadable
from rebalancer_gui.ui.theme import repolish

T = TypeVar("T")
_LONGEST = 32


class CalmCombo(QComboBox):
    """A combo box that does not change under the mouse wheel while somebody scrolls the form it stands in."""

    def __init__(self, object_name: str, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def set_choices(self, texts: Sequence[str]) -> None:
        """Offer exactly these texts; the one that is chosen stays chosen where it is still there."""
        if [self.itemText(i) for i in range(self.count())] == list(texts):
            return
        chosen = self.currentText()
        blocked = self.blockSignals(True)
        self.clear()
        self.addItems(list(texts))
        self.setCurrentIndex(self.findText(chosen))
        self.blockSignals(blocked)

    def show_choice(self, text: str) -> None:
        """Choose `text` without telling anybody; nothing is chosen where it is not offered."""
        if self.currentText() != text or self.currentIndex() < 0:
            blocked = self.blockSignals(True)
            self.setCurrentIndex(self.findText(text))
            self.blockSignals(blocked)


class ChoiceCombo(CalmCombo, Generic[T]):
    """`edited` is emitted whenever the text changed, by typing or choosing; `set_value` does not emit it."""

    edited = Signal()

    def __init__(
        self,
        object_name: str,
        accessible_name: str,
        choices: Sequence[T],
        *,
        read: Callable[[str], T | Unreadable],
        write: Callable[[T], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(object_name, accessible_name, parent)
        self._read, self._write = read, write
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        # Completion would turn a typed "1" into "10 %".
        self.setCompleter(None)  # type: ignore[arg-type]
        self.addItems([write(choice) for choice in choices])
        editor = cast("QLineEdit", self.lineEdit())
        editor.setMaxLength(_LONGEST)
        editor.setAccessibleName(accessible_name)
        editor.setObjectName(f"{object_name}Edit")
        editor.editingFinished.connect(self._tidy)
        self._outside_problem = ""
        self.editTextChanged.connect(self._text_changed)
        self._show_state()

    def value(self) -> T | None:
        """What stands in the field; None while that is not readable."""
        answer = self._read(self.currentText())
        return None if isinstance(answer, Unreadable) else answer

    def problem(self) -> str:
        """Why the text is no value; empty while it is one."""
        answer = self._read(self.currentText())
        return answer.message if isinstance(answer, Unreadable) else ""

    def set_value(self, value: T) -> None:
        """Write `value` unless it stands there already, however it is written; tells nobody."""
        if self.value() == value:
            return
        blocked = self.blockSignals(True)
        self.setCurrentIndex(self.findText(self._write(value)))
        self.setEditText(self._write(value))
        self.blockSignals(blocked)
        self._show_state()

    def set_outside_problem(self, message: str) -> None:
        """A fault that the form sees (out of the legal range); empty: none."""
        if message != self._outside_problem:
            self._outside_problem = message
            self._show_state()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._tidy()

    def _tidy(self) -> None:
        """Write what was read in full (`5` becomes `5 %`); nothing changes but the spelling."""
        value = self.value()
        if value is None:
            return
        text = self._write(value)
        if self.currentText() != text:
            blocked = self.blockSignals(True)
            self.setEditText(text)
            self.blockSignals(blocked)

    def _text_changed(self) -> None:
        self._show_state()
        self.edited.emit()

    def _show_state(self) -> None:
        problem = self.problem() or self._outside_problem
        state = "error" if problem else "ok"
        if self.property("state") != state:
            self.setProperty("state", state)
            repolish(self)
        self.setAccessibleDescription(problem)
