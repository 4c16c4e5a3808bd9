"""Parts of forms: a field with label and message, section headers, the folding section. GUI thread only.

    field = Field("Investment", edit)           # label above, message line below
    field.set_hint("smallest legal 25.17")      # stands there while nothing is wrong
    field.set_message("Free are 1,900.00 USDT")

Validation speaks here, beside the field, while somebody types.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStyledItemDelegate,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.theme import repolish, set_icon
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.announce import announce
from rebalancer_gui.ui.widgets.banner import LOOKS, Level
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit
from rebalancer_gui.ui.widgets.labels import ElidedLabel, IconLabel, TextLabel, TextType

_CIRCLE = 18


def make_tall(field: QWidget) -> None:
    """Fields in the header and in dialogs are 32 px high, elsewhere 28."""
    field.setProperty("tall", "true")
    # A combo box has read the style sheet in its constructor already.
    repolish(field)


def line_edit(object_name: str, accessible_name: str, *, tall: bool = False, placeholder: str = "") -> QLineEdit:
    """A field for text; for numbers take `DecimalEdit`."""
    edit = QLineEdit()
    edit.setObjectName(object_name)
    edit.setAccessibleName(accessible_name)
    edit.setPlaceholderText(placeholder)
    if tall:
        make_tall(edit)
    return edit


def make_clearable(edit: QLineEdit) -> None:
    """A small cross at its end empties it; with the keyboard one selects and deletes, so it takes no focus."""
    edit.setClearButtonEnabled(True)
    for cross in edit.findChildren(QToolButton):
        cross.setObjectName(f"{edit.objectName()}Clear")
        cross.setAccessibleName(tr("Empty the field"))


def combo_box(
    object_name: str, accessible_name: str, options: Sequence[tuple[str, object]] = (), *, tall: bool = False
) -> QComboBox:
    """A choice from a list. `options`: text and the data that `currentData()` then gives.

    The mouse wheel changes it only while it has the focus: scrolling a form must not change a rule.
    """
    combo = _CalmComboBox()
    combo.setObjectName(object_name)
    combo.setAccessibleName(accessible_name)
    combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    # The style's own delegate draws check marks beside the texts; this one obeys the style sheet.
    combo.setItemDelegate(QStyledItemDelegate(combo))
    for text, data in options:
        combo.addItem(text, data)
    if tall:
        make_tall(combo)
    return combo


class _CalmComboBox(QComboBox):
    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class MessageLine(QWidget):
    """A line of 12 px under a field or a form: an icon and a sentence, or a hint without icon.

    The label with the words has the objectName given here. `centred`: where the line is higher than its text, as in a
    dialog's foot.
    """

    def __init__(
        self, object_name: str, *, wrap: bool = True, centred: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon = IconLabel("halted", Ink.LOSS, 14)
        self._text: TextLabel = (
            TextLabel("", TextType.SMALL, Ink.TEXT2, object_name=object_name, wrap=True)
            if wrap
            else ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name=object_name)
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter if centred else Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self._icon.hide()

    @property
    def label(self) -> TextLabel:
        return self._text

    def text(self) -> str:
        return self._text.text()

    def show_hint(self, text: str, ink: Ink = Ink.TEXT2) -> None:
        """A plain hint, or nothing."""
        self._put("", text, ink)

    def show_good(self, text: str, *, aloud: bool = False) -> None:
        """All is well, with a check mark: `Weights add up to 100.00 %`. ``aloud``: as in :meth:`show_problem`."""
        self._put("check", text, Ink.GAIN)
        if aloud:
            self._say(text, urgent=False)

    def show_problem(self, text: str, level: Level = Level.BLOCKING, *, aloud: bool = False) -> None:
        """What is wrong, with the level's icon. ``aloud``: it is the answer to a press and comes by itself, so a screen reader
        says it; what is found while somebody types stands beside the field and is read there.
        """
        self._put(LOOKS[level].icon, said(text), LOOKS[level].ink)
        if aloud:
            self._say(said(text), urgent=level is Level.BLOCKING)

    def _say(self, text: str, *, urgent: bool) -> None:
        # After this turn the line has been shown, which it may not be yet.
        QTimer.singleShot(0, self._text, lambda: announce(self._text, text, urgent=urgent))

    def _put(self, icon: str, text: str, ink: Ink) -> None:
        if icon:
            self._icon.set_icon(icon, ink)
        self._icon.setVisible(bool(icon))
        self._text.set_ink(ink)
        if self._text.text() != text:
            self._text.setText(text)


class Field(QWidget):
    """A labelled editor with a message line; a `DecimalEdit`'s own problem is shown by itself while it is red.

    `beside`: the label stands left of the editor instead of above. The message's objectName is the editor's with
    `Message` appended.
    """

    def __init__(
        self, label: str, editor: QWidget, *, beside: bool = False, hint: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.editor = editor
        self.label = TextLabel(label, TextType.BODY if beside else TextType.SMALL, Ink.TEXT2)
        self.label.setBuddy(editor)
        if not editor.accessibleName():
            editor.setAccessibleName(label)
        self.message = MessageLine(f"{editor.objectName()}Message")
        self._hint = hint
        self._form_message: str | None = None
        self._level = Level.BLOCKING
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if beside:
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(self.label)
            row.addWidget(editor, 1)
            column.addLayout(row)
        else:
            column.addWidget(self.label)
            column.addWidget(editor)
        column.addWidget(self.message)
        if isinstance(editor, DecimalEdit):
            editor.stateShown.connect(self._show)
        self._show()

    def set_hint(self, hint: str) -> None:
        self._hint = hint
        self._show()

    def set_message(self, message: str | None, level: Level = Level.BLOCKING) -> None:
        """What the form has to say about this field; None: nothing. The editor's own problem goes first."""
        self._form_message, self._level = message, level
        self._show()

    def _show(self) -> None:
        editor = self.editor
        own = editor.shown_problem() if isinstance(editor, DecimalEdit) else None
        if own is not None:
            self.message.show_problem(own)
        elif self._form_message is not None:
            self.message.show_problem(self._form_message, self._level)
        else:
            self.message.show_hint(self._hint)
        self.message.setVisible(bool(self.message.text()))


def number_circle(number: int) -> QLabel:
    """The section's number in its circle of 18 px."""
    circle = QLabel(str(number))
    circle.setProperty("type", "number")
    circle.setFixedSize(_CIRCLE, _CIRCLE)
    circle.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return circle


class SectionHeader(QWidget):
    """Number (None: without), title and a hint; add controls of the section to `row`, they stand at the right."""

    def __init__(self, number: int | None, title: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel(title, TextType.STRONG, grows=False)
        self.hint = TextLabel(hint, TextType.SMALL, Ink.TEXT3)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(8)
        if number is not None:
            self.row.addWidget(number_circle(number))
        self.row.addWidget(self.title)
        self.row.addWidget(self.hint)
        self.row.addStretch(1)

    def explain(self, mark: QWidget) -> None:
        """Put the question mark of a term right after the title."""
        self.row.insertWidget(self.row.indexOf(self.title) + 1, mark)


class FoldSection(QFrame):
    """A section that folds: number, title, one line saying what is inside, chevron. Folded at first.

    Put the content into `body`. The button that folds has the objectName given.
    """

    toggled = Signal(bool)

    def __init__(
        self, object_name: str, number: int, title: str, summary: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._button = QToolButton()
        self._button.setObjectName(object_name)
        self._button.setAccessibleName(title)
        self._button.setCheckable(True)
        self._button.setFixedSize(24, 24)
        self._button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._button.toggled.connect(self._fold)
        self._summary = ElidedLabel(summary, TextType.SMALL, Ink.TEXT3)
        self._head = QWidget()
        self._head.setCursor(Qt.CursorShape.PointingHandCursor)
        row = QHBoxLayout(self._head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(number_circle(number))
        row.addWidget(TextLabel(title, TextType.STRONG))
        self._row = row
        row.addWidget(self._summary, 1)
        row.addWidget(self._button)
        self._content = QWidget()
        self._content.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(0, 8, 0, 0)
        self.body.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._content)
        self._fold(False)

    @property
    def button(self) -> QToolButton:
        return self._button

    def is_open(self) -> bool:
        return self._button.isChecked()

    def set_open(self, opened: bool) -> None:
        self._button.setChecked(opened)

    def explain(self, mark: QWidget) -> None:
        """Put the question mark of a term right after the title."""
        self._row.insertWidget(self._row.indexOf(self._summary), mark)

    def set_summary(self, text: str) -> None:
        self._summary.setText(text)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._head.geometry().contains(event.position().toPoint()):
            self._button.toggle()
        else:
            super().mouseReleaseEvent(event)

    def _fold(self, opened: bool) -> None:
        set_icon(self._button, "chevron-down" if opened else "chevron-right", Ink.TEXT2)
        self._button.setToolTip(tr("Close") if opened else tr("Open"))
        self._content.setVisible(opened)
        self.toggled.emit(opened)
