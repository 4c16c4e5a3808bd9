"""Buttons with the names a screen reader and the tests find them by. GUI thread only.

    create = push_button("Create", "createButton", kind=ButtonKind.MAIN)
    block(create, "Weights add up to 90 %: 10 % are missing.")     # disabled, tooltip and description say why
    block(create, None)                                            # enabled again

Icons follow the theme by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from weakref import WeakKeyDictionary

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QTextEdit,
    QToolButton,
    QToolTip,
    QWidget,
)

from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.theme import current_theme, refresh_icon, set_icon
from rebalancer_gui.ui.tokens import Ink

_USUAL_TIP = "usualToolTip"


_TYPED_IN = (QLineEdit, QTextEdit, QPlainTextEdit)
_left_to: WeakKeyDictionary[QPushButton, QWidget | None] = WeakKeyDictionary()
"""Where the keyboard went when the button that had it was blocked."""


class ButtonKind(StrEnum):
    """One MAIN button per form: the step that goes on."""

    NORMAL = "normal"
    MAIN = "main"
    DANGER = "danger"


_INKS = {ButtonKind.NORMAL: Ink.TEXT, ButtonKind.MAIN: Ink.ON_ACCENT, ButtonKind.DANGER: Ink.LOSS}


_BORDER, _RING = 2, 2
"""Pixels of the border of a button that has the keyboard, and of the ring inside that of a filled one."""
_EDGE = 4
"""Pixels between the text and either side of the button, at least."""


class _PushButton(QPushButton):
    """Enter presses it while it has the focus; by itself Qt leaves that to the desktop's theme. Words that do not fit end with
    an ellipsis; then the tooltip says them whole.
    """

    @property
    def is_cut(self) -> bool:
        """Whether its words do not fit."""
        metrics, room = self.fontMetrics(), self._room()
        return any(metrics.horizontalAdvance(line) > room for line in self.text().split("\n"))

    def _room(self) -> int:
        icon = 0 if self.icon().isNull() else self.iconSize().width() + 2 * _EDGE
        return self.width() - icon - 2 * _EDGE

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.is_cut:
            self._paint_cut()
        else:
            super().paintEvent(event)
        if self.hasFocus() and self.property("kind") == ButtonKind.MAIN.value:
            self._paint_ring()

    def _paint_cut(self) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        metrics, room = self.fontMetrics(), self._room()
        lines = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, room) for line in self.text().split("\n")]
        option.text = "\n".join(lines)
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        painter.end()

    def _paint_ring(self) -> None:
        """Inside the border, which alone is too near to the filled ground's colour; a style sheet's would run through the words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(current_theme().colour(Ink.ON_ACCENT), _RING))
        inset = _BORDER + _RING / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), _RING, _RING)
        painter.end()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and not self.toolTip() and self.is_cut:
            QToolTip.showText(event.globalPos(), self.text().replace("\n", " "), self)
            return True
        return bool(super().event(event))

    def setText(self, text: str) -> None:
        had_text = bool(self.text())
        super().setText(text)
        if had_text != bool(text):
            refresh_icon(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.click()


def push_button(
    text: str,
    object_name: str,
    *,
    kind: ButtonKind = ButtonKind.NORMAL,
    icon: str = "",
    compact: bool = False,
    accessible_name: str = "",
    tip: str = "",
    parent: QWidget | None = None,
) -> QPushButton:
    """A button 32 px high, or 28 where `compact`. Its accessible name is its text unless told."""
    button = _PushButton(text, parent)
    button.setObjectName(object_name)
    button.setAccessibleName(accessible_name or text.replace("\n", " "))
    button.setProperty("kind", kind.value)
    if compact:
        button.setProperty("compact", "true")
    if icon:
        set_icon(button, icon, _INKS[kind])
    # No button is pressed by Enter from another control, as a dialog's default button would be.
    button.setAutoDefault(False)
    _set_usual_tip(button, tip)
    return button


def icon_button(
    icon: str,
    object_name: str,
    accessible_name: str,
    *,
    kind: ButtonKind = ButtonKind.NORMAL,
    compact: bool = False,
    tip: str = "",
    parent: QWidget | None = None,
) -> QPushButton:
    """A square outlined button that shows only an icon; its tooltip is its name unless told."""
    button = push_button(
        "", object_name, kind=kind, icon=icon, compact=compact, accessible_name=accessible_name, parent=parent
    )
    button.setProperty("square", "true")
    _set_usual_tip(button, tip or accessible_name)
    return button


def tool_button(
    icon: str, object_name: str, accessible_name: str, *, tip: str = "", parent: QWidget | None = None
) -> QToolButton:
    """An icon without outline, 24 px square, for rows and fields (remove a coin, show a key)."""
    button = QToolButton(parent)
    button.setObjectName(object_name)
    button.setAccessibleName(accessible_name)
    button.setIconSize(QSize(16, 16))
    button.setFixedSize(24, 24)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    set_icon(button, icon, Ink.TEXT2)
    button.setToolTip(tip or accessible_name)
    return button


def block(button: QPushButton, reason: str | None) -> None:
    """Disable `button` and let its tooltip and description say what is missing; None enables it again.

    Qt takes the keyboard away from what it disables. A button that was pressed and waits for its answer has it again
    afterwards, unless somebody went elsewhere meanwhile; one that may move money has to be gone to anew.
    """
    usual = str(button.property(_USUAL_TIP) or "")
    reason = None if reason is None else said(reason)
    had_focus = reason is not None and button.isEnabled() and button.window().focusWidget() is button
    button.setEnabled(reason is None)
    button.setToolTip(usual if reason is None else reason)
    button.setAccessibleDescription(reason or "")
    if had_focus:
        _remember(button)
    elif reason is None and button in _left_to:
        _give_back(button)


def _remember(button: QPushButton) -> None:
    """Qt has moved the keyboard on from ``button``, which may have got it only because another one was blocked before."""
    now = button.window().focusWidget()
    on_the_way = [other for other, place in _left_to.items() if place is button]
    for other in on_the_way:
        _left_to[other] = now
    if not on_the_way and button.property("kind") == ButtonKind.NORMAL.value:
        _left_to[button] = now


def _give_back(button: QPushButton) -> None:
    at = button.window().focusWidget()
    if at is _left_to.pop(button) and not isinstance(at, _TYPED_IN):
        button.setFocus(Qt.FocusReason.OtherFocusReason)


def _set_usual_tip(button: QPushButton, tip: str) -> None:
    button.setProperty(_USUAL_TIP, tip)
    button.setToolTip(tip)


class SegmentedButtons(QWidget):
    """A row of buttons of which one is chosen; left and right keys move. `chosen(str)` carries the option's key.

    Each button's objectName is the group's with the option's key appended: `rangeButtons7d`.
    """

    chosen = Signal(str)

    def __init__(
        self,
        object_name: str,
        accessible_name: str,
        options: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        """`options`: pairs of key and text, at least one; the first is chosen."""
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self._keys = [key for key, _ in options]
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for number, (key, text) in enumerate(options):
            button = QPushButton(text)
            button.setCheckable(True)
            button.setObjectName(object_name + key[:1].upper() + key[1:])
            button.setAccessibleName(f"{accessible_name}: {text}")
            button.setProperty("kind", "segment")
            if number == 0:
                button.setProperty("end", "first")
            elif number == len(options) - 1:
                button.setProperty("end", "last")
            self._group.addButton(button, number)
            if number:
                row.addSpacing(-1)
            row.addWidget(button)
        self._group.button(0).setChecked(True)
        self._group.idToggled.connect(self._toggled)
        self._raise_chosen()

    def current(self) -> str:
        """The key of the chosen option."""
        return self._keys[self._group.checkedId()]

    def choose(self, key: str) -> None:
        """Choose an option as if pressed; raises ValueError for an unknown key."""
        self._group.button(self._keys.index(key)).setChecked(True)

    def _toggled(self, number: int, checked: bool) -> None:
        if checked:
            self._raise_chosen()
            self.chosen.emit(self._keys[number])

    def _raise_chosen(self) -> None:
        chosen = self._group.button(self._group.checkedId())
        # Neighbours overlap by a pixel: the accent outline must lie on top.
        chosen.raise_()
        # Tab stops at the chosen one only, from there the arrow keys lead on.
        for button in self._group.buttons():
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if button is chosen else Qt.FocusPolicy.ClickFocus)
