"""Screens of Settings with all its pages, the log, the support report and the question on closing; ``pictures.py`` takes them."""

from __future__ import annotations

import logging
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.settings_file import SettingsFile
from rebalancer_gui.application.data_desk import BackupFacts
from rebalancer_gui.application.log_port import LogLine
from rebalancer_gui.application.market_data_desk import MarketDataDesk
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.console.support import Reporter
from rebalancer_gui.ui.dialogs.data_page import DataPage
from rebalancer_gui.ui.dialogs.settings import SettingsDialog
from rebalancer_gui.ui.main_window import MainWindow
from rebalancer_gui.ui.theme import ColourScheme
from tests.ui.picture_stage import Stage, spin
from tests.ui.screenshots import Act
from tests.ui.staged_accounts import full_account
from tests.ui.window.test_market_data import Keys, Section
from tests.ui.window.test_notifications import staged


class Data:
    """Says what a backup would."""

    place = Path("/somewhere/rebalancer")

    def new_name(self) -> str:
        return "rebalancer-backup.zip"

    def back_up(self, file: Path) -> BackupFacts:
        return BackupFacts(file, 1_234_567, datetime(2026, 3, 14, 15, 9, tzinfo=UTC), "1.0", ("paper", "Binance main"))

    look_through = back_up

    def restore(self, file: Path) -> Path:
        return file


class Log:
    """A few lines of each level."""

    folder = Data.place / "logs"

    def earlier(self) -> tuple[LogLine, ...]:
        return ()

    def since(self, serial: int) -> tuple[LogLine, ...]:
        texts = (
            (logging.INFO, "the engine runs with 2 accounts"),
            (logging.WARNING, "the exchange asks for a pause of 30 s: nothing is asked of Binance main until then"),
            (logging.ERROR, "a fault in the engine\nTraceback (most recent call last):\n  ..."),
        )
        made = [
            LogLine(n, f"2026-03-14T15:{n // 60:02}:{n % 60:02}.000Z", *texts[n % 3 if n % 7 == 0 else 0][:1],
                    "rebalancer_gui.application.engine", texts[n % 3 if n % 7 == 0 else 0][1])
            for n in range(1, 120)
        ]  # fmt: skip
        return tuple(line for line in made if line.serial > serial)


def _settings(stage: Stage, tab: int) -> SettingsDialog:
    stage.window.presses.settings.open()
    (dialog,) = stage.window.findChildren(SettingsDialog)
    spin(lambda: dialog.is_complete)
    dialog.tabs.setCurrentIndex(tab)
    spin(lambda: True, 300)
    return dialog


def _page(stage: Stage, tab: int) -> None:
    _settings(stage, tab)


def _search(stage: Stage) -> None:
    _settings(stage, 2).search.edit.setText("sleep")


def _back_up(stage: Stage) -> None:
    dialog = _settings(stage, 5)
    (page,) = dialog.findChildren(DataPage)
    page.back_up_to(Path("rebalancer-backup-20260314-150926.zip"))
    spin(lambda: True, 300)


def _close(stage: Stage) -> None:
    stage.window.tray._available = lambda: True
    stage.window.close()


class SettingsStage(Stage):
    """With a data folder, whose settings hold a wrong value, and a log."""

    def open(self, scheme: ColourScheme, size: tuple[int, int]) -> MainWindow:
        self.place = tempfile.TemporaryDirectory()
        window = super().open(scheme, size)
        folder = DataFolder(Path(self.place.name))
        wrong = {"format": "rebalancer-settings", "version": 1, "program": {"on_close": "sometimes"}}
        folder.write_settings(wrong)
        flow = window.presses.settings
        flow.offer(staged().desk)
        flow.offer_market_data(MarketDataDesk(Section(), Keys()))
        window.offer_settings(SettingsDesk(SettingsFile(folder)))
        flow.offer_data(Data())
        window.presses.offer_log(Log(), Reporter(folder))
        return window

    def close(self) -> None:
        super().close()
        self.place.cleanup()


def _stage() -> Stage:
    return SettingsStage(full_account())


_ACTS: dict[str, Act] = {
    "settings-program": lambda stage: _page(stage, 2),
    "settings-notifications": lambda stage: _page(stage, 3),
    "settings-market-data": lambda stage: _page(stage, 4),
    "settings-data": _back_up,
    "settings-search": _search,
    "log": lambda stage: stage.window.presses.log.open(),
    "report": lambda stage: stage.window.presses.log.open_report(),
    "close-tray": _close,
}
SCREENS_OF_SETTINGS = {name: (_stage, act) for name, act in _ACTS.items()}
