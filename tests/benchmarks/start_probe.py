"""One start that watches itself: ``python -m tests.benchmarks.start_probe empty | program FOLDER [ACCOUNT]``.

A line of JSON with moments of the machine's monotonic clock: when the first window painted itself, and for the program when a
preset could be created after an amount was typed. With ACCOUNT (one on live prices) it goes on until that account's markets
are there, and tells how many they are and what is resident then.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QTableWidget,
    QWidget,
)

if TYPE_CHECKING:
    from rebalancer_gui.application.events import MarketsLoaded
    from rebalancer_gui.ui.main_window import MainWindow

AMOUNT = "1000"
MOST_SECONDS = 60.0
SETTLED_MS = 3000
"""What the first batches of prices make is resident too."""


class FirstPaint(QObject):
    """Hears when the first window begins to paint, and is gone then: a filter in Python costs something at each event."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self.told: dict[str, float] = {}
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Called by Qt."""
        if event.type() is QEvent.Type.Paint and isinstance(watched, QWidget) and watched.isWindow():
            self._app.removeEventFilter(self)
            self.told["painted"] = time.monotonic()
        return False


class Watch(QObject):
    """Looks every few milliseconds how far the program is, as a person would who wants to create a preset at once."""

    def __init__(self, first: FirstPaint, account: str) -> None:
        super().__init__()
        self._first, self._account = first, account
        self._begun = time.monotonic()
        self._window: MainWindow | None = None
        self._typed = False
        self._timer = QTimer(self, interval=5)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        if time.monotonic() - self._begun > MOST_SECONDS:
            self._end()
        elif self._window is None:
            self._find()
        elif self._window.isVisible():
            if "usable" not in self._first.told:
                self._create(self._window)
            elif not self._account:
                self._end()
            elif "markets" in self._first.told:
                self._timer.stop()
                QTimer.singleShot(SETTLED_MS, self._end)

    def _find(self) -> None:
        if "rebalancer_gui.ui.sitting" not in sys.modules:
            return  # The program has not come so far, and is not to be made to.
        from rebalancer_gui.ui.engine_feed import EngineFeed
        from rebalancer_gui.ui.main_window import MainWindow

        self._window = next((w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)), None)
        if self._window is not None and self._account:
            # Looking through all objects takes a while, which would count as time of the start.
            feeds = [found for found in gc.get_objects() if isinstance(found, EngineFeed)]
            feeds[0].marketsLoaded.connect(self._loaded)

    @Slot(object)
    def _loaded(self, event: MarketsLoaded) -> None:
        if event.account == self._account:
            self._first.told["markets"] = len(event.rules)

    def _create(self, window: QMainWindow) -> None:
        presets = window.findChild(QAbstractItemView, "presetList")
        amount = window.findChild(QLineEdit, "presetInvestmentEdit")
        button = window.findChild(QPushButton, "presetCreateButton")
        if presets is None or amount is None or button is None or not presets.model().rowCount():
            return
        if not self._typed:
            self._typed = True
            amount.setText(AMOUNT)
            amount.textEdited.emit(AMOUNT)
        if button.isEnabled() and button.isVisible():
            self._first.told["usable"] = time.monotonic()

    def _end(self) -> None:
        self._timer.stop()
        self._first.told |= resident()
        _tell(self._first.told)
        if self._window is not None:
            self._window.close_without_asking()


def resident() -> dict[str, float]:
    """Bytes of this process in memory; "own" counts what it shares with others only in part (Linux)."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    found = {line.split()[0]: float(line.split()[1]) * 1024 for line in lines[1:]}
    return {"resident": found["Rss:"], "own": found["Pss:"]}


def empty() -> None:
    """What somebody would open who has nothing to show: a window with a table, and no style of its own."""
    app = QApplication(sys.argv[:1])
    first = FirstPaint(app)
    window = QMainWindow()
    window.setCentralWidget(QTableWidget(8, 8))
    window.resize(1280, 800)
    window.show()
    poll = QTimer(interval=5)
    poll.timeout.connect(lambda: app.quit() if first.told else None)
    poll.start()
    app.exec()
    _tell(first.told)


def program(folder: str, account: str) -> None:
    """The program as it is, with a listener."""
    from rebalancer_gui.__main__ import main
    from rebalancer_gui.ui.one_application import make_application

    watch = Watch(FirstPaint(make_application()), account)
    main(["--data-dir", folder, "--language", "en"])
    del watch


def _tell(told: dict[str, float]) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "empty":
        empty()
    else:
        program(sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "")
