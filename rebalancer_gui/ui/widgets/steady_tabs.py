"""Tabs that are not painted as a whole because a number on their page became wider. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QTabWidget, QWidget


class SteadyTabs(QTabWidget):
    """A ``QTabWidget`` whose page may change its labels four times a second.

    Qt's own answers each request for a new layout that comes from within by painting bar and page from edge to edge. Here that is
    done only where the room that bar or page need at least is another one; the page's own layout has been done by then.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least: tuple[QSize, QSize] | None = None

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            least = (self.minimumSizeHint(), self.tabBar().sizeHint())
            if least == self._least:
                return True
            self._least = least
        return super().event(event)
