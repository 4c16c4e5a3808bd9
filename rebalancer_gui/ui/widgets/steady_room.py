"""Room at the lower end of a form for something that comes and goes, such as a banner. GUI thread only.

    room = SteadyRoom(banner, panel)        # ``panel``: what is pushed up when the room grows; ``banner`` becomes its child
    banner.show_notices(notices)
    room.look(wanted=bool(notices))         # after each change of the banner
    room.settled.connect(...)               # what was held back has its room now, or is not wanted any more

What lies above is never moved or covered while the mouse is on it: a click that is about to come would miss. Until the mouse is
elsewhere, or has rested for a while, the room keeps its height, and what does not fit in it stays hidden (``is_held``).
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QPoint, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCursor, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QWidget

RESTS_MS = 5000
"""A mouse that has not moved for so long is not about to click."""
_EACH_MS = 100


class SteadyRoom(QWidget):
    """Shows and hides ``content``, as high as it wants to be at the width of the room."""

    settled = Signal()

    def __init__(
        self, content: QWidget, pushed: QWidget, *, air: int = 0, pointer: Callable[[], QPoint] = QCursor.pos
    ) -> None:
        """``air``: pixels above the content. ``pointer`` gives the mouse's place on the screen."""
        super().__init__()
        self.pointer = pointer
        self._content, self._pushed, self._air = content, pushed, air
        content.setParent(self)
        self._wanted = False
        self._held = False
        self._at = QPoint()
        self._rested = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_EACH_MS)
        self._timer.timeout.connect(self._settle)
        self.setFixedHeight(0)

    @property
    def is_held(self) -> bool:
        """Whether the content is wanted and waits for its room."""
        return self._held

    def look(self, *, wanted: bool) -> None:
        """The content was changed, and is ``wanted`` or not: give it its room, or hold it back."""
        self._wanted = wanted
        self._settle()

    @Slot()
    def _settle(self) -> None:
        needed, was_held = self._needed(), self._held
        if needed == self.height() or self._may_move(needed - self.height()):
            self._timer.stop()
            self.setFixedHeight(needed)
        elif not self._timer.isActive():
            self._timer.start()
        shown = self._wanted and needed <= self.height()
        self._content.setVisible(shown)
        self._place()
        self._held = self._wanted and not shown
        if was_held and not self._held:
            self.settled.emit()

    def _needed(self) -> int:
        if not self._wanted:
            return 0
        height = self._content.heightForWidth(self.width())
        return self._air + (height if height >= 0 else self._content.sizeHint().height())

    def _may_move(self, by: int) -> bool:
        """Whether nothing that would move by so many pixels, or be covered by them, is under the mouse."""
        if not self.isVisible() or not self.window().isActiveWindow():
            return True
        at = self.pointer()
        if at != self._at or not self._rested.isValid():
            self._at = at
            self._rested.start()
        if QApplication.activePopupWidget() is not None or QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return False
        return self._rested.elapsed() >= RESTS_MS or not self._moving(by).contains(at)

    def _moving(self, by: int) -> QRect:
        """On the screen: the pushed widget down to this room, and above it what a growth covers. When the room shrinks a form
        that is scrolled down moves too, so it is everything above.
        """
        form = self._pushed.parentWidget() or self._pushed
        top_left = self._pushed.mapToGlobal(QPoint(0, 0))
        bottom = self.mapToGlobal(QPoint(0, self.height())).y()
        top = top_left.y() - by if by > 0 else form.mapToGlobal(QPoint(0, 0)).y()
        return QRect(top_left.x(), top, self._pushed.width(), bottom - top)

    def _place(self) -> None:
        if self._wanted:
            self._content.setGeometry(0, self._air, self.width(), self._needed() - self._air)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        if event.size().width() != event.oldSize().width():
            # The window is being resized: everything moves anyway, and the text needs other lines.
            QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        if self._needed() != self.height() and not self._held:
            self.setFixedHeight(self._needed())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self._settle)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
