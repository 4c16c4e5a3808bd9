"""Strategy files dragged onto the window: it says what will happen, and hands them on when they are dropped. GUI thread only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType

MOST_FILES = 20
NO_FILE = tr(
    "What was dropped is no file on this computer. Drop strategy files (.json), as Export strategy writes them."
)
TOO_MANY = tr("Drop at most {count} files at a time.")


class StrategyDrop(QObject):
    """`dropped(object)`: a tuple of Paths, at least one. `refused(str)`: why what was dropped is none of it."""

    dropped = Signal(object)
    refused = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._hint = _hint(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window:
            match event.type():
                case QEvent.Type.DragEnter | QEvent.Type.DragMove if isinstance(event, QDropEvent):
                    # Whatever it is: who drops the wrong thing is told what the right one would be.
                    event.setDropAction(Qt.DropAction.CopyAction)
                    event.accept()
                    self._show_hint()
                    return True
                case QEvent.Type.DragLeave:
                    self._hint.hide()
                    return True
                case QEvent.Type.Drop if isinstance(event, QDropEvent):
                    self._hint.hide()
                    event.setDropAction(Qt.DropAction.CopyAction)
                    event.accept()
                    self.take(event.mimeData())
                    return True
                case _:
                    pass
        return super().eventFilter(watched, event)

    def take(self, data: QMimeData) -> None:
        """What was dropped."""
        urls = data.urls() if data.hasUrls() else []
        paths = tuple(dict.fromkeys(Path(url.toLocalFile()) for url in urls if url.isLocalFile()))
        if not paths or len(paths) < len(set(urls)):
            self.refused.emit(NO_FILE)
        elif len(paths) > MOST_FILES:
            self.refused.emit(TOO_MANY.format(count=MOST_FILES))
        else:
            self.dropped.emit(paths)

    def _show_hint(self) -> None:
        if self._hint.isHidden():
            room = self._window.rect()
            size = self._hint.sizeHint()
            self._hint.setGeometry((room.width() - size.width()) // 2, room.height() // 3, size.width(), size.height())
            self._hint.raise_()
            self._hint.show()


def _hint(window: QWidget) -> QFrame:
    frame = QFrame(window)
    frame.setObjectName("dropHint")
    frame.setProperty("role", "panel")
    frame.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    column = QVBoxLayout(frame)
    column.setContentsMargins(24, 20, 24, 20)
    column.addWidget(TextLabel(tr("Drop strategy files to look at them"), TextType.TITLE))
    column.addWidget(TextLabel(tr("Nothing is created by that."), TextType.BODY, Ink.TEXT2))
    frame.hide()
    return frame
