"""The real engine in its window: a backup while it runs, more money, then the backup back; what came of it is printed as JSON.

python tests/ui/restoring_start.py FOLDER BACKUP
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton, QWidget

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_backup import OpenFiles
from rebalancer_gui.adapters.storage.settings_file import SettingsFile
from rebalancer_gui.application import commands as c
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.bootstrap import DemoOptions, data_desk, engine_factory, settings_desk
from rebalancer_gui.ui.app import run_window
from rebalancer_gui.ui.dialogs.data_page import DataPage
from rebalancer_gui.ui.main_window import MainWindow
from rebalancer_gui.ui.one_application import make_application
from tests.ui.parts import found


class Owner:
    """Presses what a person would. One step each time it looks."""

    def __init__(self, backup: Path) -> None:
        self.backup = backup
        self.steps = [self.open, self.back_up, self.deposit, self.restore, self.confirm, self.read]
        self.seen: dict[str, object] = {}
        self.timer = QTimer()
        self.timer.timeout.connect(self.look)
        self.timer.start(50)

    def look(self) -> None:
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
        view = windows[0]._feed.view if windows else None
        if view is not None and self.steps and self.steps[0](windows[0], view):
            self.steps.pop(0)

    def page(self, window: MainWindow) -> DataPage:
        (page,) = window.findChildren(DataPage)
        return page

    def open(self, window: MainWindow, view: AccountView) -> bool:
        window.presses.settings.open()
        self.seen["money"] = str(view.free["USDT"])
        self.page(window).back_up_to(self.backup)
        return True

    def back_up(self, window: MainWindow, _view: AccountView) -> bool:
        if not found(self.page(window), QPushButton, "backupButton").isEnabled():
            return False
        self.seen["backup"] = found(self.page(window), QLabel, "dataBackupMessage").text()
        return True

    def deposit(self, window: MainWindow, view: AccountView) -> bool:
        feed = window._feed
        if "more" not in self.seen:
            self.seen["more"] = ""
            feed.send(c.PaperTransfer(feed.next_command_id(), view.account, "USDT", view.free["USDT"]))
        self.seen["more"] = str(view.free["USDT"])
        return self.seen["more"] != self.seen["money"]

    def restore(self, window: MainWindow, _view: AccountView) -> bool:
        self.page(window).look_through(self.backup)
        return True

    def confirm(self, window: MainWindow, _view: AccountView) -> bool:
        question = self.page(window).findChild(QWidget, "restoreQuestion")
        if question is None:
            return False
        found(question, QPushButton, "restoreConfirmButton").click()
        return True

    def read(self, window: MainWindow, _view: AccountView) -> bool:
        box = window.findChild(QMessageBox, "resetOutcome")
        if box is None:
            return False
        self.seen["title"], self.seen["text"] = box.windowTitle(), box.text()
        self.timer.stop()
        box.accept()
        return True


def main(place: str, backup: str) -> int:
    make_application()
    folder = DataFolder(Path(place))
    with folder:
        owner, files, stored = Owner(Path(backup)), OpenFiles(), SettingsFile(folder)
        code = run_window(
            engine_factory(folder, DemoOptions(), open_files=files),
            settings={},
            save_settings=lambda _settings: None,
            reset_account=lambda _account: Path(place),
            repair_account=lambda _repair: Path(place),
            data_dir_key=place,
            program=settings_desk(stored),
            data=data_desk(folder, files),
        )
    print(json.dumps(owner.seen))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
