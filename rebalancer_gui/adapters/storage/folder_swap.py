"""Putting the files of a backup in the place of those of the data folder, so that a crash at any step loses nothing.

What is to be put in place waits, checked, in ``backups/restoring-.../``; a small file ``restoring.json`` then says so, durably. From
there on it goes forward only: whoever opens the folder next finishes it first. Nothing is deleted: the files of before stand in
``backups/folder-replaced-YYYYMMDD-HHMMSS/``.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rebalancer_gui.adapters.own_json import parsed
from rebalancer_gui.adapters.storage.safe_files import replace_file, sync_folder

MARKER = "restoring.json"
SWAPPED = ("install.json", "settings.json", "told.json", "presets", "accounts")
"""What belongs to a backup. The lock, logs, cache, backups, the vault of keys and STOP stay where they are."""
ASKED = "asked"
"""Below ``backups``: what the console asks of the program that runs (``backup_door``)."""
_FORMAT = "rebalancer-restoring"
_PLACE = re.compile(r"(?:restoring|folder-replaced)-\d{8}-\d{6}(?:-\d+)?")


@dataclass(frozen=True, slots=True)
class Swap:
    """Folders below ``backups``: ``draft`` is put in place, ``kept`` takes what stands there now."""

    draft: str
    kept: str


def new_places(backups: Path, at: datetime) -> Swap:
    """Free names for a restore at ``at`` (wall time); nothing is made."""
    stamp = at.astimezone(UTC).strftime("%Y%m%d-%H%M%S")
    for number in itertools.count(1):
        tail = f"{stamp}-{number}" if number > 1 else stamp
        swap = Swap(f"restoring-{tail}", f"folder-replaced-{tail}")
        if not os.path.lexists(backups / swap.draft) and not os.path.lexists(backups / swap.kept):
            return swap
    raise AssertionError("there is always another number")


def begin_swap(folder: Path, swap: Swap) -> None:
    """From here on the restore is certain to happen. What is to stand there lies in the draft, durably. OSError."""
    (folder / "backups" / swap.kept).mkdir(mode=0o700)
    sync_folder(folder / "backups")
    coming = [name for name in SWAPPED if os.path.lexists(folder / "backups" / swap.draft / name)]
    content = {"format": _FORMAT, "version": 1, "draft": swap.draft, "kept": swap.kept, "coming": coming}
    replace_file(folder / MARKER, f"{json.dumps(content)}\n".encode())


def finish_swap(folder: Path) -> Path | None:
    """Carry out what was begun, from wherever it was left; gives where the files of before are. None: nothing was begun.

    OSError: it can be tried again. A marker that is not understood is left alone with ValueError: nobody guesses here.
    """
    marker = folder / MARKER
    if not marker.exists():
        return None
    swap, coming = _read(marker)
    draft, kept = folder / "backups" / swap.draft, folder / "backups" / swap.kept
    for name in SWAPPED:
        old, new = folder / name, draft / name
        if name in coming and not os.path.lexists(new):
            continue  # what stands there is the new one already
        if os.path.lexists(old):
            old.rename(kept / name)
            sync_folder(kept)
            sync_folder(folder)
        if name in coming:
            new.rename(old)
            sync_folder(folder)
            sync_folder(draft)
    shutil.rmtree(draft, ignore_errors=True)
    marker.unlink()
    sync_folder(folder)
    return kept


def sweep(folder: Path) -> None:
    """While nobody else has the folder and no restore is to be finished: take away what a backup or a restore that was killed had only
    begun. What is not empty of the files of before is never touched. OSError is passed over: the next start tries again.
    """
    backups = folder / "backups"
    for place in [*backups.glob("making-*"), *backups.glob("restoring-*"), backups / ASKED]:
        if place.is_dir() and not place.is_symlink():
            # A request of this moment is for us.
            if place.name == ASKED and any(p.suffix == ".json" for p in place.iterdir()):
                continue
            shutil.rmtree(place, ignore_errors=True)
    for kept in backups.glob("folder-replaced-*"):
        with suppress(OSError):
            kept.rmdir()  # only where it is empty


def _read(marker: Path) -> tuple[Swap, tuple[str, ...]]:
    found = parsed(marker.read_bytes())
    if not isinstance(found, dict) or found.get("format") != _FORMAT or found.get("version") != 1:
        raise ValueError("it is not of this program")
    draft, kept, coming = found.get("draft"), found.get("kept"), found.get("coming")
    named = isinstance(draft, str) and isinstance(kept, str) and _PLACE.fullmatch(draft) and _PLACE.fullmatch(kept)
    if not named or not isinstance(coming, list) or not all(name in SWAPPED for name in coming):
        raise ValueError("it names what it may not name")
    return Swap(str(draft), str(kept)), tuple(coming)
