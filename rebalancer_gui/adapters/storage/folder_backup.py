"""A backup of the whole data folder as one verified file, also while the engine has its ledgers open.

Files that are open are copied through their own connections as of one moment (``together``): ledgers, the paper exchanges' books,
settings and presets of one backup belong together. The archive counts only after it was opened again, every hash was compared and
every ledger in it was checked.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rebalancer_gui.adapters.storage.backups import LEDGER, VENUE
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_archive import (
    RECORD,
    Entry,
    Manifest,
    digest_of,
    extract,
    is_of_a_backup,
    opened,
    write_archive,
)
from rebalancer_gui.adapters.storage.folder_check import check_account
from rebalancer_gui.adapters.storage.keeper import FileKeeper
from rebalancer_gui.adapters.storage.safe_files import sync_folder
from rebalancer_gui.adapters.storage.schema import side_files
from rebalancer_gui.adapters.storage.stop_file import StopFile
from rebalancer_gui.adapters.storage.together import Copyable, copy_together
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput, RebalancerError

_NAMES = ("install.json", "settings.json", "told.json")


class OpenFiles:
    """The accounts whose files an engine of this process has open. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keepers: dict[str, FileKeeper] = {}

    def take(self, account: str, keeper: FileKeeper) -> None:
        """From now on this keeper copies the files of ``account``."""
        with self._lock:
            self._keepers[account] = keeper

    def keeper_of(self, account: str) -> FileKeeper | None:
        with self._lock:
            return self._keepers.get(account)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was verified: where it is, its size in bytes, and what is in it."""

    file: Path
    size: int
    manifest: Manifest


def back_up_folder(
    folder: DataFolder,
    target: Path,
    now: datetime,
    program: str,
    files: OpenFiles | None = None,
    stopping: threading.Event | None = None,
) -> Made:
    """Blocking. Write everything of ``folder``, which is open, but its keys to ``target``, and look it through. ``now`` is wall time,
    ``program`` the program's version. Soon after ``stopping`` is set no file of an account is read any more.

    InvalidInput (field ``file``) where ``target`` is there already, EnvironmentProblem when something cannot be copied or what
    was copied is not sound: then there is no ``target``.
    """
    if target.exists():
        raise InvalidInput("file", f"{target} is there already: name a new file, or move that one away.")
    draft = target.with_name(f"{target.name}.part")
    with plain_errors(f"The backup {target} cannot be made"):
        draft.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(prefix="making-", dir=folder.backups) as workshop:
            root = Path(workshop) / "copy"
            root.mkdir(mode=0o700)
            schemas = _copy_everything(
                folder, root, Path(workshop), files or OpenFiles(), stopping or threading.Event()
            )
            manifest = Manifest(now, program, schemas, StopFile(folder.path).is_set(), _entries(root))
            write_archive(draft, root, manifest)
            shutil.rmtree(root)
            try:
                verify(draft, Path(workshop))
                _put_in_place(draft, target)
            finally:
                draft.unlink(missing_ok=True)
            sync_folder(target.parent)
    return Made(target, target.stat().st_size, manifest)


def _put_in_place(draft: Path, target: Path) -> None:
    """Under its name, but never over a file that came meanwhile."""
    if target.exists():
        raise InvalidInput("file", f"{target} came meanwhile: name another file.")
    draft.rename(target)


def verify(file: Path, workshop: Path) -> Manifest:
    """Unpack it below ``workshop``, compare every hash, check every ledger; gives what it says of itself.

    InvalidFile (field ``file``) or EnvironmentProblem: it is not sound, or of a newer program.
    """
    with opened(file) as (archive, manifest), tempfile.TemporaryDirectory(prefix="unpacked-", dir=workshop) as place:
        root = Path(place)
        extract(archive, manifest, root)
        check_unpacked(root, manifest, workshop)
        return manifest


def check_unpacked(root: Path, manifest: Manifest, workshop: Path) -> None:
    """Every account below ``root``. EnvironmentProblem naming the account."""
    for account in manifest.accounts:
        try:
            check_account(root / "accounts" / account, account, workshop)
        except RebalancerError as error:
            raise EnvironmentProblem(
                f"{account}: {error.message}", error.advice if "newer" in error.message else ""
            ) from error


def _copy_everything(
    folder: DataFolder, root: Path, workshop: Path, files: OpenFiles, stopping: threading.Event
) -> dict[str, int]:
    """The version of each ledger's tables by account."""
    accounts = folder.account_names()
    being_written = list[tuple[Copyable, Path, Path]]()
    for account in accounts:
        place, copy = folder.path / "accounts" / account, root / "accounts" / account
        copy.mkdir(mode=0o700, parents=True)
        keeper = files.keeper_of(account)
        its = keeper.copies_into(copy) if keeper is not None else []
        being_written += its
        if not its:
            for name in (LEDGER, VENUE):
                if (place / name).is_file():
                    _copy_closed(place / name, copy / name)
    copy_together(being_written, stopping, lambda: _copy_plain_files(folder, root, accounts))
    schemas: dict[str, int] = {}
    for account in accounts:
        try:
            version = check_account(root / "accounts" / account, account, workshop)
        except RebalancerError as error:
            raise EnvironmentProblem(
                f"No backup was made, because a file of {account} is not sound: {error.message}",
                f"`rebalancer doctor` says what helps. {error.advice}".strip(),
            ) from error
        if version is not None:
            schemas[account] = version
    return schemas


def _copy_plain_files(folder: DataFolder, root: Path, accounts: tuple[str, ...]) -> None:
    """Small files, each of which is always whole."""
    for name in _NAMES:
        if (folder.path / name).is_file():
            shutil.copyfile(folder.path / name, root / name)
    if folder.presets.is_dir():
        for preset in sorted(folder.presets.iterdir()):
            if preset.is_file() and is_of_a_backup(f"presets/{preset.name}"):
                (root / "presets").mkdir(mode=0o700, exist_ok=True)
                shutil.copyfile(preset, root / "presets" / preset.name)
    for account in accounts:
        if (record := folder.path / "accounts" / account / RECORD).is_file():
            shutil.copyfile(record, root / "accounts" / account / RECORD)


def _copy_closed(source: Path, target: Path) -> None:
    """A file that nobody has open, with what its write-ahead log holds; no byte of it is changed."""
    for file in (source, *side_files(source)):
        if file.exists() and not file.name.endswith("-shm"):
            shutil.copyfile(file, target.with_name(file.name))
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    for side in side_files(target):
        side.unlink(missing_ok=True)


def _entries(root: Path) -> tuple[Entry, ...]:
    found = []
    for file in sorted(p for p in root.rglob("*") if p.is_file()):
        size, digest = digest_of(file)
        found.append(Entry(file.relative_to(root).as_posix(), size, digest))
    return tuple(found)


@contextmanager
def plain_errors(what: str) -> Iterator[None]:
    """What disks and SQLite say, as an EnvironmentProblem that begins with ``what``."""
    try:
        yield
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise EnvironmentProblem(
            f"{what}: {why} ({error.filename}).", "Make sure that the disk has room and that you may write there."
        ) from error
    except sqlite3.Error as error:
        raise EnvironmentProblem(f"{what}: a ledger could not be copied ({error}).") from error
