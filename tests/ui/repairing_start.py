"""The real engine in its window on a damaged ledger, which its owner has begun anew from the page that says so.

python tests/ui/repairing_start.py FOLDER        # prints what came of it as JSON
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.repair import carry_out
from rebalancer_gui.adapters.system import SystemClock
from rebalancer_gui.application.records import Repair
from rebalancer_gui.bootstrap import DemoOptions, engine_factory
from rebalancer_gui.ui.app import run_window
from rebalancer_gui.ui.main_window import MainWindow
from rebalancer_gui.ui.one_application import make_application


class Owner:
    """Presses the way out, confirms, reads what came of it, closes. One step each time it looks."""

    def __init__(self) -> None:
        self.steps = [self.choose, self.confirm, self.read]
        self.seen: dict[str, str] = {}
        self.first: MainWindow | None = None
        self.timer = QTimer()
        self.timer.timeout.connect(self.look)
        self.timer.start(50)

    def look(self) -> None:
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
        if self.steps and windows and self.steps[0](windows[0]):
            self.steps.pop(0)

    def choose(self, window: MainWindow) -> bool:
        buttons = [b for b in window.failure.findChildren(QPushButton) if b.text() == "Begin a new ledger"]
        if not buttons or not window.failure.isVisible():
            return False
        message = window.failure.findChild(QLabel, "failureMessage")
        self.seen["message"] = message.text() if message is not None else ""
        self.first = window
        buttons[0].click()
        return True

    def confirm(self, window: MainWindow) -> bool:
        button = window.findChild(QPushButton, "repairConfirmButton")
        if button is None:
            return False
        button.click()
        return True

    def read(self, window: MainWindow) -> bool:
        box = window.findChild(QMessageBox, "resetOutcome")
        view = window._feed.view
        if window is self.first or box is None or view is None:
            return False
        self.seen |= {"title": box.windowTitle(), "text": box.text(), "money": str(view.free["USDT"])}
        self.timer.stop()
        window.close()
        return True


def main(place: str) -> int:
    make_application()
    folder = DataFolder(Path(place))

    def repair(chosen: Repair) -> Path:
        return carry_out(folder, chosen, SystemClock().now()).kept

    def no_reset(account: str) -> Path:
        raise AssertionError(f"nobody asked to reset {account}")

    with folder:
        owner = Owner()
        code = run_window(
            engine_factory(folder, DemoOptions()),
            settings={},
            save_settings=lambda _settings: None,
            reset_account=no_reset,
            repair_account=repair,
            data_dir_key=place,
        )
    print(json.dumps(owner.seen))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
