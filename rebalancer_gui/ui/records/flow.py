"""Opens the window "Records", one at a time, beside the main window. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QDialog, QWidget

from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat


class RecordsFlow(QObject):
    """`said(str)`: what came of an export."""

    said = Signal(str)

    def __init__(self, feed: EngineFeed, numbers: NumberFormat, window: QWidget) -> None:
        super().__init__(window)
        self._feed, self._numbers, self._window = feed, numbers, window
        self._open: QDialog | None = None

    @property
    def window(self) -> QDialog | None:
        """The window on screen."""
        return self._open

    @Slot()
    def open(self) -> None:
        """Show it, or bring the one that is open to the front. Nothing before there is an account."""
        if self._open is None:
            if self._feed.view is None:
                return
            from rebalancer_gui.ui.records.window import RecordsWindow

            window = RecordsWindow(self._feed, self._numbers, self._window)
            window.exported.connect(self.said)
            window.finished.connect(self._closed)
            self._open = window
            window.show()
        self._open.raise_()
        self._open.activateWindow()

    @Slot()
    def _closed(self) -> None:
        self._open = None
