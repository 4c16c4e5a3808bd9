"""A ring in the accent colour around what has the keyboard, where the style sheet's own outline cannot be (views without a
border, in which it would move the text). GUI thread only.

    show_focus(view)        # once, when it is made
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QWidget


class _FocusRing(QFrame):
    """Lies over its parent and lets the mouse through; there while the parent has the focus."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self.setProperty("role", "focusRing")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        self._owner = owner
        owner.installEventFilter(self)

    def eventFilter(self, owner: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.FocusIn | QEvent.Type.FocusOut | QEvent.Type.Resize:
                self.setGeometry(self._owner.rect())
                self.setVisible(self._owner.hasFocus())
                self.raise_()
        return super().eventFilter(owner, event)


def show_focus(widget: QWidget) -> None:
    """From now on a ring says that ``widget`` has the keyboard."""
    _FocusRing(widget)
