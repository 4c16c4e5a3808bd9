"""The scroll area around a form: one can scroll it with the keyboard, and sees when one can. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from rebalancer_gui.ui.widgets.focus_ring import show_focus

_AIR = 8
"""Pixels between a control that is scrolled into view and the edge."""


class FormArea(QScrollArea):
    """Frameless; a vertical bar only when it is needed, never a horizontal one.

    ``accessible_name``: what a screen reader calls it. With one the Tab key stops at it whenever there is more in it than it
    shows, and the arrow and page keys scroll: text without a control could not be reached otherwise. Without a name (a form
    in which each text stands beside a control) it takes no focus: the control that has it is scrolled into view.
    """

    def __init__(self, content: QWidget, object_name: str = "", accessible_name: str = "") -> None:
        super().__init__()
        self.setProperty("role", "form")
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        show_focus(self)
        self._content = content
        self.setWidget(content)
        # Otherwise Qt fills both with the window's grey on the panel's white.
        content.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().rangeChanged.connect(self._room_changed)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def _room_changed(self, _least: int, most: int) -> None:
        stops = most > 0 and bool(self.accessibleName())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if stops else Qt.FocusPolicy.NoFocus)

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Qt scrolls only for a step of the Tab key within the area, not for one that comes in from outside it. Under the mouse
        nothing moves.
        """
        if new is None or QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return
        if self.isVisible() and self._content.isAncestorOf(new):
            self.ensureWidgetVisible(new, 0, _AIR)
