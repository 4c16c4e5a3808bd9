"""A splitter whose line can be moved with the keyboard. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr

STEP = 32
"""Pixels of a press of an arrow key."""
_THICK = 2


class _Handle(QSplitterHandle):
    """Tab stops at it; the arrow keys move it. What it does stands in its tooltip, so in the status strip too."""

    def __init__(self, splitter: KeySplitter, spoken: str) -> None:
        super().__init__(splitter.orientation(), splitter)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(spoken)
        self.setAccessibleDescription(tr("The arrow keys up and down move this line."))
        self.setToolTip(tr("The arrow keys up and down move this line."))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -STEP, Qt.Key.Key_Down: STEP}.get(Qt.Key(event.key()), 0)
        if not step:
            super().keyPressEvent(event)
            return
        self.moveSplitter(self.pos().y() + step)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(QPen(current_theme().colour(Ink.ACCENT), _THICK))
            painter.drawLine(0, self.height() // 2, self.width(), self.height() // 2)
            painter.end()


class KeySplitter(QSplitter):
    """Parts one below the other. ``spoken``: what the line between them is called; its objectName is this one's with `Handle`
    appended.
    """

    def __init__(self, object_name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._spoken = spoken
        self.setObjectName(object_name)

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self, self._spoken)

    def addWidget(self, part: QWidget) -> None:
        super().addWidget(part)
        # Qt makes a line per part, gives it a name of its own, and shows all but the first.
        self.handle(self.count() - 1).setObjectName(f"{self.objectName()}Handle")
