"""``application.data_desk.DataKeeping`` on the data folder of this run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_archive import Manifest
from rebalancer_gui.adapters.storage.folder_backup import OpenFiles, back_up_folder
from rebalancer_gui.adapters.storage.folder_restore import look_through, restore_folder
from rebalancer_gui.application.data_desk import BackupFacts


class FolderDesk:
    """``folder`` is open. ``now`` gives wall time, ``program`` is the program's version, ``files`` what the engine has open."""

    def __init__(self, folder: DataFolder, now: Callable[[], datetime], program: str, files: OpenFiles) -> None:
        self._folder, self._now, self._program, self._files = folder, now, program, files

    @property
    def place(self) -> Path:
        return self._folder.path

    def new_name(self) -> str:
        return f"rebalancer-backup-{self._now().astimezone(UTC):%Y%m%d-%H%M%S}.zip"

    def back_up(self, file: Path) -> BackupFacts:
        made = back_up_folder(self._folder, file, self._now(), self._program, self._files)
        return _facts(file, made.manifest)

    def look_through(self, file: Path) -> BackupFacts:
        return _facts(file, look_through(file))

    def restore(self, file: Path) -> Path:
        return restore_folder(self._folder, file, self._now()).kept


def _facts(file: Path, manifest: Manifest) -> BackupFacts:
    return BackupFacts(file, file.stat().st_size, manifest.made_at, manifest.program, manifest.accounts)
