"""The real engine in its window, reset once from the window; what came of it is printed as JSON.

python tests/ui/resetting_start.py FOLDER well|refused
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QMessageBox, QPushButton

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.paper_reset import reset_paper_account
from rebalancer_gui.adapters.system import SystemClock
from rebalancer_gui.application import commands as c
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.bootstrap import DemoOptions, engine_factory
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.ui.app import run_window
from rebalancer_gui.ui.main_window import MainWindow
from rebalancer_gui.ui.one_application import make_application
from tests.ui.parts import found


class Owner:
    """Presses what a person would: money in, reset, tick, confirm; then closes. One step each time it looks."""

    def __init__(self) -> None:
        self.steps = [self.deposit, self.ask, self.confirm, self.read]
        self.seen: dict[str, object] = {}
        self.timer = QTimer()
        self.timer.timeout.connect(self.look)
        self.timer.start(50)

    def look(self) -> None:
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
        view = windows[0]._feed.view if windows else None
        if view is not None and self.steps and self.steps[0](windows[0], view):
            self.steps.pop(0)

    def deposit(self, window: MainWindow, view: AccountView) -> bool:
        feed = window._feed
        if "money" not in self.seen:
            self.seen["money"] = str(view.free["USDT"])
            feed.send(c.PaperTransfer(feed.next_command_id(), view.account, "USDT", view.free["USDT"]))
        return str(view.free["USDT"]) != self.seen["money"]

    def ask(self, window: MainWindow, _view: AccountView) -> bool:
        window.flows.reset_account()
        return True

    def confirm(self, window: MainWindow, _view: AccountView) -> bool:
        dialog = found(window, QDialog, "resetAccountDialog")
        found(dialog, QCheckBox, "resetAgreeCheck").click()
        found(dialog, QPushButton, "confirmButton").click()
        self.first = window
        return True

    def read(self, window: MainWindow, view: AccountView) -> bool:
        box = window.findChild(QMessageBox, "resetOutcome")
        if window is self.first or box is None:
            return False
        self.seen["title"], self.seen["text"] = box.windowTitle(), box.text()
        self.seen["after"] = str(view.free["USDT"])
        self.timer.stop()
        window.close()
        return True


def main(place: str, how: str) -> int:
    make_application()
    folder = DataFolder(Path(place))

    def reset(account: str) -> Path:
        if how == "refused":
            raise EnvironmentProblem("The disk is full.", "Make room first.")
        return reset_paper_account(folder, account, SystemClock().now())

    with folder:
        owner = Owner()
        code = run_window(
            engine_factory(folder, DemoOptions()),
            settings={},
            save_settings=lambda _settings: None,
            reset_account=reset,
            repair_account=lambda _repair: Path(place),
            data_dir_key=place,
        )
    print(json.dumps(owner.seen))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
