"""Bringing a backup of the whole data folder back: looked through first, then put in the place of what is there.

What is put back is older than what was there, and the next start knows that (``epoch``): each ledger is compared with its exchange
before anything else, and an account with real money goes back to watch only.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rebalancer_gui.adapters.storage.backups import LEDGER
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.epoch import EpochFile
from rebalancer_gui.adapters.storage.folder_archive import Manifest, extract, opened
from rebalancer_gui.adapters.storage.folder_backup import check_unpacked, plain_errors, verify
from rebalancer_gui.adapters.storage.folder_swap import begin_swap, finish_swap, new_places
from rebalancer_gui.adapters.storage.inspection import EPOCH_KEY, value_in
from rebalancer_gui.adapters.storage.stop_file import StopFile


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place, and where the files of before are."""

    manifest: Manifest
    kept: Path


def look_through(file: Path) -> Manifest:
    """Blocking. What a backup says of itself, after all of it was unpacked and checked beside it or in the system's place for such
    things. Raises as :func:`restore_folder`; nothing is changed.
    """
    with plain_errors(f"{file} cannot be looked through"), tempfile.TemporaryDirectory(prefix="rebalancer-") as place:
        return verify(file, Path(place))


def manifest_in(file: Path) -> Manifest:
    """What a backup that was verified elsewhere says of itself. InvalidFile, EnvironmentProblem."""
    with opened(file) as (_archive, manifest):
        return manifest


def restore_folder(folder: DataFolder, file: Path, at: datetime) -> Restored:
    """Blocking. Put the backup ``file`` in the place of what ``folder`` holds; ``at`` is wall time. ``folder`` is open and no engine
    runs on it; close it and open it anew afterwards, for it is another installation's now.

    InvalidFile (field ``file``) for what is no backup, is damaged or of a newer program, EnvironmentProblem when a ledger in it is
    not sound or the disk refuses: up to there nothing was changed. A crash later is made good by the next start.
    """
    with plain_errors(f"{file} cannot be restored"):
        swap = new_places(folder.backups, at)
        draft = folder.backups / swap.draft
        draft.mkdir(mode=0o700)
        try:
            with opened(file) as (archive, manifest):
                extract(archive, manifest, draft)
            with tempfile.TemporaryDirectory(prefix="making-", dir=folder.backups) as workshop:
                check_unpacked(draft, manifest, Path(workshop))
            for account in manifest.accounts:
                _know_better(folder, draft, account)
            if manifest.stop_all:
                StopFile(folder.path).set()
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        begin_swap(folder.path, swap)
        kept = finish_swap(folder.path)
    return Restored(manifest, kept if kept is not None else folder.backups / swap.kept)


def _know_better(folder: DataFolder, draft: Path, account: str) -> None:
    """From the next start on a later state than that of the backup is known: it is compared with the exchange first."""
    ledger = draft / "accounts" / account / LEDGER
    if not ledger.exists():
        return
    own = value_in(ledger, EPOCH_KEY)
    present = EpochFile(folder.path / "accounts" / account / LEDGER).read()
    if not EpochFile(ledger).write(max(present, int(own) if own.isdecimal() else 0) + 1):
        raise OSError(errno.EIO, "the epoch cannot be written", str(ledger))
