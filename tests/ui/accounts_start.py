"""The real engine in its window: an account at a loopback exchange is added, shown and removed; told as JSON.

python tests/ui/accounts_start.py FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMessageBox, QPushButton

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from rebalancer_gui.adapters.guards import protect_process
from rebalancer_gui.adapters.logs import LogFile
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.bootstrap import DemoOptions, account_book, engine_factory, open_vaults
from rebalancer_gui.ui.app import run_window
from rebalancer_gui.ui.dialogs.account import AccountDialog
from rebalancer_gui.ui.main_window import MainWindow
from rebalancer_gui.ui.one_application import make_application
from tests.secrets.canary import CANARY, CANARY_SECRET
from tests.secrets.exchange import Exchange, exchange
from tests.ui.parts import found


class Owner:
    """Presses what a person would. One step each time it looks."""

    def __init__(self, venue: Exchange) -> None:
        self.venue = venue
        self.steps = [self.open, self.fill, self.save, self.see, self.remove, self.answer, self.end]
        self.seen: dict[str, object] = {}
        self.timer = QTimer()
        self.timer.timeout.connect(self.look)
        self.timer.start(50)

    def look(self) -> None:
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
        view = windows[0]._feed.view if windows else None
        if view is not None and self.steps and self.steps[0](windows[0], view):
            self.steps.pop(0)

    def open(self, window: MainWindow, view: AccountView) -> bool:
        self.seen["first"] = view.account
        self.first = window
        window.presses.accounts.add()
        return True

    def fill(self, window: MainWindow, _view: AccountView) -> bool:
        dialog = found(window, AccountDialog, "accountDialog")
        if dialog.kept.notice is None:
            return False
        self.seen["kept"] = dialog.kept.notice.headline
        for name, text in (
            ("accountNameEdit", "Canary"), ("apiUrlEdit", self.venue.url), ("apiKeyEdit", CANARY),
            ("apiSecretEdit", CANARY_SECRET),
        ):  # fmt: skip
            found(dialog, QLineEdit, name).setText(text)
        return True

    def save(self, window: MainWindow, _view: AccountView) -> bool:
        button = found(found(window, QDialog, "accountDialog"), QPushButton, "saveAccountButton")
        button.click()
        return True

    def see(self, window: MainWindow, view: AccountView) -> bool:
        if window is self.first or view.account != "Canary" or not window.windowTitle().startswith("LIVE"):
            return False
        combo = window.header.account_combo
        self.seen["mode"] = view.mode
        self.seen["title"] = window.windowTitle()
        self.seen["accounts"] = [combo.itemText(i) for i in range(combo.count())]
        self.seen["free"] = sorted(view.free)
        self.second = window
        window.presses.accounts.show_all()
        return True

    def remove(self, window: MainWindow, _view: AccountView) -> bool:
        found(found(window, QDialog, "accountsDialog"), QPushButton, "removeAccountButton1").click()
        return True

    def answer(self, window: MainWindow, _view: AccountView) -> bool:
        question = found(window, QMessageBox, "removeAccountQuestion")
        found(question, QPushButton, "removeConfirmButton").click()
        return True

    def end(self, window: MainWindow, view: AccountView) -> bool:
        if window is self.second:
            return False
        self.seen["outcome"] = found(window, QMessageBox, "resetOutcome").text()
        self.seen["left"] = [view.account for view in window._feed.accounts]
        window.close_without_asking()
        return True


def main(place: str) -> int:
    protect_process()
    with exchange(Credentials(CANARY, CANARY_SECRET)) as venue, DataFolder(Path(place)) as folder:
        log = LogFile(folder.logs)
        log.start()
        make_application()
        owner = Owner(venue)
        book = account_book(folder, open_vaults(folder))
        code = run_window(
            engine_factory(folder, DemoOptions(), book),
            settings={},
            save_settings=folder.write_settings,
            reset_account=lambda _name: folder.path,
            repair_account=lambda _repair: folder.path,
            data_dir_key=place,
            book=book,
        )
        log.stop()
    print(json.dumps(owner.seen))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
