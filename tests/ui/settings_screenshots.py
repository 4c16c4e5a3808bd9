"""Pictures of Settings with all its pages, the log, the support report, the question on closing and the tray's icon:

python tests/ui/settings_screenshots.py FOLDER
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QDialog, QSystemTrayIcon

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.settings_file import SettingsFile
from rebalancer_gui.application.data_desk import BackupFacts
from rebalancer_gui.application.log_port import LogLine
from rebalancer_gui.application.market_data_desk import MarketDataDesk
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.console.support import Reporter
from rebalancer_gui.ui.dialogs.data_page import DataPage
from rebalancer_gui.ui.dialogs.settings import SettingsDialog
from rebalancer_gui.ui.theme import ColourScheme, Theme, current_theme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.tray_state import TrayPicture
from tests.ui.picture_stage import Stage, spin
from tests.ui.screenshots import SIZES
from tests.ui.staged_accounts import full_account
from tests.ui.window.test_market_data import Keys, Section
from tests.ui.window.test_notifications import staged

STATES = (
    TrayPicture("running", Ink.GAIN, ""), TrayPicture("paused", Ink.WARN, ""), TrayPicture("eye", Ink.WARN, ""),
    TrayPicture("halted", Ink.LOSS, ""), TrayPicture("stop-all", Ink.LOSS, ""), TrayPicture("ended", Ink.TEXT2, ""),
)  # fmt: skip


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


SCREENS: dict[str, Callable[[Stage], object]] = {
    "program": lambda stage: _settings(stage, 2),
    "notifications": lambda stage: _settings(stage, 3),
    "market-data": lambda stage: _settings(stage, 4),
    "data": _back_up,
    "search": _search,
    "log": lambda stage: stage.window.presses.log.open(),
    "report": lambda stage: stage.window.presses.log.open_report(),
    "close": _close,
}


def _offer(stage: Stage, place: Path) -> None:
    folder = DataFolder(place)
    folder.write_settings({"format": "rebalancer-settings", "version": 1, "program": {"on_close": "sometimes"}})
    flow = stage.window.presses.settings
    flow.offer(staged().desk)
    flow.offer_market_data(MarketDataDesk(Section(), Keys()))
    stage.window.offer_settings(SettingsDesk(SettingsFile(folder)))
    flow.offer_data(Data())
    stage.window.presses.offer_log(Log(), Reporter(folder))


def _icons(theme: Theme, stage: Stage) -> QPixmap:
    """The tray's icon in every state, on a light and on a dark panel."""
    picture = QPixmap(6 * 80, 2 * 80)
    painter = QPainter(picture)
    for row, ground in enumerate(("#F4F4F4", "#202020")):
        painter.fillRect(0, row * 80, 480, 80, ground)
        for column, state in enumerate(STATES):
            painter.drawPixmap(column * 80 + 8, row * 80 + 8, stage.window.tray._pixmap(state, 64))
    painter.end()
    return picture


def take(folder: Path) -> None:
    """One PNG per screen, theme and size."""
    folder.mkdir(parents=True, exist_ok=True)
    QSystemTrayIcon.isSystemTrayAvailable = staticmethod(lambda: True)  # type: ignore[method-assign]
    for size in SIZES:
        for scheme in (ColourScheme.LIGHT, ColourScheme.DARK):
            for name, act in SCREENS.items():
                with tempfile.TemporaryDirectory() as place:
                    stage = Stage(full_account())
                    window = stage.open(scheme, size)
                    _offer(stage, Path(place))
                    act(stage)
                    spin(lambda: True, 400)
                    picture = window.grab()
                    for dialog in window.findChildren(QDialog):
                        if dialog.isVisible():
                            dialog.render(picture, window.rect().center() - dialog.rect().center())
                    picture.save(str(folder / f"{name}-{scheme.value}-{size[0]}.png"))
                    if name == "close" and size == SIZES[0]:
                        _icons(current_theme(), stage).save(str(folder / f"tray-{scheme.value}.png"))
                    stage.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
