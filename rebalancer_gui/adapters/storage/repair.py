"""Putting a backup in the place of a damaged file, or beginning a new ledger from what the exchange holds.

Nothing is deleted: what stood there moves to ``backups/NAME-replaced-YYYYMMDD-HHMMSS/``. Whatever is put in place is older than
what was there, and the next start knows that (``epoch``): it compares the ledger with the exchange before anything else.
"""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rebalancer_gui.adapters.storage import schema
from rebalancer_gui.adapters.storage.backups import LEDGER, VENUE, Backup, fault_of, newest_good, stamp
from rebalancer_gui.adapters.storage.data_folder import DataFolder, check_account_name
from rebalancer_gui.adapters.storage.epoch import EpochFile
from rebalancer_gui.adapters.storage.inspection import EPOCH_KEY, inspect, value_in
from rebalancer_gui.adapters.storage.safe_files import sync_file, sync_folder
from rebalancer_gui.adapters.storage.schema import side_files
from rebalancer_gui.adapters.venues.paper_ledger import PaperLedger, StoredAccount
from rebalancer_gui.adapters.venues.price_script import MarketSettings
from rebalancer_gui.application.accounts import BUILT_IN
from rebalancer_gui.application.records import Repair, RepairKind
from rebalancer_gui.domain.errors import EnvironmentProblem, FileDamaged, InvalidInput
from rebalancer_gui.domain.spans import words_of_span

_NEW_TEXT = "Begin a new ledger"
_NEW_DETAIL = (
    "The ledger begins with what the exchange holds, all of it in the free pool: strategies and history of before are not "
    "in it. The damaged file is kept."
)

_ASIDE_TEXT = "Set the account aside"
_ASIDE_DETAIL = (
    "It is taken off the list, and its key, where it has one, is forgotten here. All its files are kept together in the "
    "backups; what is at the exchange stays there. It can be added again under the same name, and begins with that."
)
_ANEW_TEXT = "Begin the paper account anew"
_ANEW_DETAIL = "It begins with new play money. All files of the account of before are kept together in the backups."

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_UNUSED = StoredAccount(MarketSettings(0, _LONG_AGO, None), 1, _LONG_AGO, {}, 0, 0)
"""What a paper account begins with where there is no file; here there always is one."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was done: ``kept`` is where the files of before are, ``backup`` what was put in their place (None = new ledger)."""

    kept: Path
    backup: Backup | None


def repairs_of(backups: Path, venue: Path | None, account: str, damaged: str, now: datetime) -> tuple[Repair, ...]:
    """What can be done for the account whose file ``damaged`` cannot be used: the newest good backup, a new ledger."""
    found: list[Repair] = []
    backup = newest_good(backups, account, schema.migrations())
    of_venue = venue is not None and damaged == str(venue)
    if backup is not None and (not of_venue or backup.venue is not None):
        found.append(
            Repair(
                account=account,
                kind=RepairKind.BACKUP,
                text=f"Put back the backup of {backup.at:%Y-%m-%d %H:%M} UTC ({age(backup.at, now)} old)",
                detail=(
                    "What happened since then is not in it: it is compared with the exchange first, more than the ledger "
                    "goes to the free pool, and who lacks something is halted until you decide. The damaged file is kept."
                ),
                backup=str(backup.place),
                at=backup.at,
            )
        )
    if not of_venue:
        found.append(Repair(account, RepairKind.NEW_LEDGER, _NEW_TEXT, _NEW_DETAIL))
    return tuple(found)


def fault_of_account(folder: DataFolder, account: str) -> FileDamaged | None:
    """Why the account's files cannot be used; None when they are in order or there are none yet. Raises
    EnvironmentProblem for what is no damage (a newer file, one in use, no right to read it).
    """
    check_account_name(account)
    place = folder.path / "accounts" / account
    try:
        if (place / LEDGER).exists():
            inspect(place / LEDGER, schema.migrations())
    except FileDamaged as damage:
        return damage
    return venue_fault(place / VENUE) if (place / VENUE).exists() else None


def ways_out(folder: DataFolder, account: str, now: datetime, *, readable: bool) -> tuple[Repair, ...]:
    """What can be done for an account that is damaged, looked at in its files, the best first; nothing for one in order.
    ``readable``: whether its record is; without that only setting it aside helps. Raises as :func:`fault_of_account`.
    """
    check_account_name(account)
    place = folder.path / "accounts" / account
    ledger, venue = place / LEDGER, place / VENUE
    found: tuple[Repair, ...] = ()
    if readable:
        of_venue = venue.exists() and venue_fault(venue) is not None
        if not of_venue and fault_of_account(folder, account) is None:
            return ()
        damaged = venue if of_venue else ledger
        found = repairs_of(folder.backups, venue if venue.exists() else None, account, str(damaged), now)
    text, detail = (_ANEW_TEXT, _ANEW_DETAIL) if account == BUILT_IN else (_ASIDE_TEXT, _ASIDE_DETAIL)
    return (*found, Repair(account, RepairKind.SET_ASIDE, text, detail))


def put_back(folder: DataFolder, account: str, backup: Backup, at: datetime) -> Repaired:
    """Put ``backup``'s ledger in the place of the account's. Its venue file goes with it only where the present one is
    damaged or gone: else that is the truth which the ledger is compared with.

    ``folder`` is open and no engine runs on it; ``at`` is wall time. InvalidInput for a backup that is not good,
    EnvironmentProblem when a file cannot be moved or copied: then everything is as it was.
    """
    place = _place_of(folder, account)
    fault = fault_of(backup, schema.migrations())
    if fault:
        raise InvalidInput("backup", f"{backup.place} cannot be put back: {fault}")
    wanted = {LEDGER: backup.ledger}
    if _must_restore_venue(place / VENUE):
        if backup.venue is not None:
            wanted[VENUE] = backup.venue
        elif (place / VENUE).exists():
            raise InvalidInput(
                "backup",
                f"{backup.place} holds no copy of the paper account's file {VENUE}, and the present one is damaged. "
                "`rebalancer account reset` begins with a new paper account.",
            )
    with _plain_errors(folder.path):
        drafts = {name: _draft(source, place / name) for name, source in wanted.items()}
        kept = _kept_folder(folder, account, at)
        _know_better(place, backup.ledger)
        for name, draft in drafts.items():
            _keep(place / name, kept, stays=True)
            draft.replace(place / name)
        sync_folder(place)
    return Repaired(kept, backup)


def begin_new_ledger(folder: DataFolder, account: str, at: datetime) -> Repaired:
    """Move the account's ledger away; the next start begins one with what the exchange holds. As :func:`put_back`."""
    place = _place_of(folder, account)
    if not any(place.glob(f"{LEDGER}*")):
        raise InvalidInput("account", f"There is no ledger of {account} in this data folder.")
    if (place / VENUE).exists() and venue_fault(place / VENUE) is not None:
        raise InvalidInput(
            "account",
            f"The paper account's own file {place / VENUE} is damaged, so there is nothing to begin a new ledger from. "
            "Put a backup back, or begin anew with `rebalancer account reset`.",
        )
    with _plain_errors(folder.path):
        kept = _kept_folder(folder, account, at)
        _know_better(place, None)
        _keep(place / LEDGER, kept, stays=False)
    return Repaired(kept, None)


def carry_out(folder: DataFolder, chosen: Repair, at: datetime) -> Repaired:
    """Do what was offered and chosen. Setting an account aside is the account book's: its key goes too. Raises as
    :func:`put_back`.
    """
    if chosen.kind is RepairKind.SET_ASIDE:
        raise InvalidInput("account", f"{chosen.account} is set aside together with its key, not here.")
    if chosen.kind is RepairKind.NEW_LEDGER:
        return begin_new_ledger(folder, chosen.account, at)
    return put_back(folder, chosen.account, backup_at(folder, chosen.account, Path(chosen.backup)), at)


def backup_at(folder: DataFolder, account: str, place: Path) -> Backup:
    """The backup that a person named: its folder, or a ledger's file. InvalidInput when there is none."""
    ledger = place / LEDGER if place.is_dir() else place
    if not ledger.is_file():
        raise InvalidInput("backup", f"{place} is no backup of {account}: there is no ledger in it.")
    if ledger.resolve().is_relative_to((folder.path / "accounts").resolve()):
        raise InvalidInput("backup", f"{place} is a ledger in use, not a backup.")
    venue = ledger.with_name(VENUE)
    at = datetime.fromtimestamp(ledger.stat().st_mtime, UTC)
    return Backup(place, at, ledger, venue if venue.is_file() else None)


def age(at: datetime, now: datetime) -> str:
    """How old, in the largest unit that is not zero."""
    span = now - at
    return "less than a minute" if span < timedelta(minutes=1) else words_of_span(span)


def _place_of(folder: DataFolder, account: str) -> Path:
    check_account_name(account)
    place = folder.path / "accounts" / account
    if not place.is_dir():
        raise InvalidInput("account", f"There is no account {account} in this data folder.")
    return place


def venue_fault(path: Path) -> FileDamaged | None:
    """Why the paper account's own file cannot be used, looked at in a copy: no byte of it is changed. None when it is sound.

    Raises EnvironmentProblem for what is no damage.
    """
    with _plain_errors(path.parent), tempfile.TemporaryDirectory(prefix="looking-", dir=path.parent) as place:
        for file in (path, *side_files(path)):
            if file.exists() and not file.name.endswith("-shm"):
                shutil.copyfile(file, Path(place) / file.name)
        ledger = PaperLedger(Path(place) / path.name)
        try:
            ledger.open(_UNUSED)
        except FileDamaged as damage:
            told = damage.message.replace(place, str(path.parent))
            return FileDamaged(told, damage.advice, path=str(path))
        finally:
            ledger.close()
    return None


def _must_restore_venue(path: Path) -> bool:
    return not path.exists() or venue_fault(path) is not None


def _draft(source: Path, target: Path) -> Path:
    draft = target.with_name(f"{target.name}.restoring")
    shutil.copyfile(source, draft)
    draft.chmod(0o600)
    sync_file(draft)
    return draft


def _know_better(place: Path, ledger: Path | None) -> None:
    """From now on a later state than that of ``ledger`` is known here: the next start sees that it is an older one."""
    known = EpochFile(place / LEDGER)
    own = value_in(ledger, EPOCH_KEY) if ledger is not None else ""
    if not known.write(max(known.read(), int(own) if own.isdecimal() else 0) + 1):
        raise OSError(errno.EIO, "the epoch cannot be written", str(known.path))


def _kept_folder(folder: DataFolder, account: str, at: datetime) -> Path:
    name = f"{account}-replaced-{stamp(at)}"
    places = (folder.backups / f"{name}{f'-{n}' if n > 1 else ''}" for n in itertools.count(1))
    kept = next(place for place in places if not os.path.lexists(place))
    kept.mkdir(mode=0o700, parents=True)
    return kept


def _keep(file: Path, kept: Path, *, stays: bool) -> None:
    """Move the file with what SQLite keeps beside it; ``stays``: it keeps its place too until another one takes it.

    The log goes first: without its file it is harmless, but in the next file's place it would be poured into that.
    """
    for side in side_files(file):
        if side.exists():
            side.rename(kept / side.name)
    if file.exists() and stays:
        shutil.copyfile(file, kept / file.name)
        sync_file(kept / file.name)
    elif file.exists():
        file.rename(kept / file.name)
    sync_folder(kept)
    sync_folder(file.parent)


@contextmanager
def _plain_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise EnvironmentProblem(
            f"The files in {folder} cannot be copied or moved: {why} ({error.filename}).",
            "Make sure that the disk has room and that you may write there.",
        ) from error
