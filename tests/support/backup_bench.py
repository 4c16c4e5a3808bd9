"""A data folder with a paper account that is open, and what a data folder says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_backup import OpenFiles, back_up_folder
from rebalancer_gui.adapters.storage.keeper import FileKeeper
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from tests.fake_clock import FakeClock
from tests.paper_bench import Setup
from tests.support.stored_rows import ACCOUNT, with_strategies

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


class Bench:
    """A data folder with a paper account that is open, as an engine has it."""

    def __init__(self, path: Path) -> None:
        self.folder = DataFolder(path)
        self.folder.open()
        self.venue = Setup(path=self.folder.paper_venue_file(ACCOUNT)).build(FakeClock(NOW, auto=True))
        self.store = SqliteStore(self.folder.ledger_file(ACCOUNT), ACCOUNT, now=lambda: NOW)
        self.files = OpenFiles()
        self.open_account()
        with_strategies(self.store, "s-1")
        self.folder.write_settings({"format": "rebalancer-settings", "version": 1, "window": {"theme": "dark"}})
        self.folder.presets.mkdir()
        (self.folder.presets / "own-mine.json").write_text("{}")
        (self.folder.logs / "rebalancer.log").write_text("a line")

    def open_account(self) -> None:
        self.store.open()
        asyncio.run(self.venue.open())
        paths = (self.folder.paper_venue_file(ACCOUNT), self.venue)
        self.files.take(ACCOUNT, FileKeeper(self.folder.backups, self.store, lambda: NOW, paths))

    def close_account(self) -> None:
        asyncio.run(self.venue.close())
        self.store.close()

    def back_up(self, target: Path, *, files: bool = True) -> Path:
        return back_up_folder(self.folder, target, NOW, "1.2.3", self.files if files else None).file


def picture(path: Path) -> dict[str, bytes]:
    """What a data folder says: its files, but what the running itself leaves there."""
    names = ("install.json", "settings.json", "presets", "accounts")
    files = [p for name in names for p in ([path / name] if (path / name).is_file() else (path / name).rglob("*"))]
    return {str(p.relative_to(path)): p.read_bytes() for p in files if p.is_file() and "ledger.epoch" not in p.name}
