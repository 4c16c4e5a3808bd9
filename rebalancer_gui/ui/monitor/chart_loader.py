"""Brings pyqtgraph in without holding up the window: its import takes a third of a second.

loader = ChartLoader(parent)
loader.ready.connect(self._make_plot)
loader.start()                              # once the window is on the screen
"""

from __future__ import annotations

import importlib
from threading import Thread

from PySide6.QtCore import QObject, Signal

_MODULES = ("rebalancer_gui.ui.monitor.value_plot", "rebalancer_gui.ui.backtest.window")


class ChartLoader(QObject):
    """Imports what draws plots in a thread of its own; ``ready()`` is emitted once, in the GUI thread."""

    ready = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: Thread | None = None
        self.is_ready = False
        self.ready.connect(self._note)

    def start(self) -> None:
        """Begin, unless it has begun already."""
        if self._thread is None:
            self._thread = Thread(target=self._load, name="chart-import")
            self._thread.start()

    def join(self) -> None:
        """Wait for the import to be over, before the program ends."""
        if self._thread is not None:
            self._thread.join()

    def _load(self) -> None:
        for module in _MODULES:
            importlib.import_module(module)
        self.ready.emit()

    def _note(self) -> None:
        self.is_ready = True
