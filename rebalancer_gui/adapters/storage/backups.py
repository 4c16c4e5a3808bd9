"""The verified copies of an account in the folder ``backups``: their names, which of them are kept, which are good.

``NAME-daily-YYYYMMDD-HHMMSS/`` (UTC) holds ``ledger.sqlite``, and ``paper-venue.sqlite`` where there is one: they belong
together. ``NAME-ledger-v0001-before-v0003.sqlite`` is what a migration kept; those are never deleted.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rebalancer_gui.adapters.storage.inspection import inspect
from rebalancer_gui.adapters.storage.schema import Migration
from rebalancer_gui.domain.errors import EnvironmentProblem

LEDGER, VENUE = "ledger.sqlite", "paper-venue.sqlite"
DAILY, WEEKLY = 7, 4
"""So many days, and before them so many weeks, have a copy that is kept."""
_DAILY = re.compile(r"-daily-(\d{8}-\d{6})")
_BEFORE = re.compile(r"-ledger-v\d{4}-before-v\d{4}(?:-\d+)?\.sqlite")
_STAMP = "%Y%m%d-%H%M%S"


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of an account at ``at`` (wall time, UTC). ``place`` is what a person names, ``venue`` None where it has none."""

    place: Path
    at: datetime
    ledger: Path
    venue: Path | None = None


def stamp(at: datetime) -> str:
    """``at`` in UTC as it stands in names."""
    return at.astimezone(UTC).strftime(_STAMP)


def daily_name(account: str, at: datetime) -> str:
    """The name of a daily backup's folder."""
    return f"{account}-daily-{stamp(at)}"


def daily_backups(folder: Path, account: str) -> list[Backup]:
    """Oldest first, as their names say; what is in them is not looked at. OSError when the folder cannot be read."""
    found = []
    for place in folder.iterdir() if folder.is_dir() else ():
        match = _DAILY.fullmatch(place.name.removeprefix(account)) if place.name.startswith(account) else None
        at = _time(match[1]) if match is not None else None
        if at is not None and place.is_dir() and not place.is_symlink():
            venue = place / VENUE
            found.append(Backup(place, at, place / LEDGER, venue if venue.exists() else None))
    return sorted(found, key=lambda backup: backup.at)


def all_backups(folder: Path, account: str) -> list[Backup]:
    """Daily ones and those that migrations kept, newest first. OSError when the folder cannot be read."""
    found = daily_backups(folder, account)
    for place in folder.iterdir() if folder.is_dir() else ():
        if place.name.startswith(account) and _BEFORE.fullmatch(place.name.removeprefix(account)):
            found.append(Backup(place, datetime.fromtimestamp(place.stat().st_mtime, UTC), place))
    return sorted(found, key=lambda backup: backup.at, reverse=True)


def fault_of(backup: Backup, steps: Sequence[Migration]) -> str:
    """Why the ledger in it cannot be put back; "" when every page and row of it is in order."""
    try:
        found = inspect(backup.ledger, steps, datetime.max.replace(tzinfo=UTC))
    except EnvironmentProblem as problem:
        return problem.message
    return "" if found.thorough else "it was not checked throughout"


def newest_good(folder: Path, account: str, steps: Sequence[Migration]) -> Backup | None:
    """The newest backup that can be put back; None when there is none."""
    try:
        return next((backup for backup in all_backups(folder, account) if not fault_of(backup, steps)), None)
    except OSError:
        return None


def is_due(backups: Iterable[Backup], now: datetime) -> bool:
    """Whether the last one is a day old. One of a time to come, of a clock that was wrong, counts for nothing."""
    return not any(now - timedelta(days=1) < backup.at <= now for backup in backups)


def superfluous(backups: Iterable[Backup]) -> list[Backup]:
    """Which daily ones may go: kept is the newest of each of the last 7 days that have one, and before them of 4 weeks."""
    newest: dict[object, Backup] = {}
    for backup in sorted(backups, key=lambda b: b.at):
        newest[backup.at.date()] = backup
    days = sorted(newest.values(), key=lambda b: b.at, reverse=True)
    weeks: dict[object, Backup] = {}
    for backup in days[DAILY:]:
        weeks.setdefault(backup.at.isocalendar()[:2], backup)
    kept = {b.place for b in (*days[:DAILY], *list(weeks.values())[:WEEKLY])}
    return [backup for backup in backups if backup.place not in kept]


def delete(backup: Backup) -> None:
    """Take a daily backup away: the files that are ours, then its folder if nothing else is in it. OSError."""
    for file in (LEDGER, VENUE):
        (backup.place / file).unlink(missing_ok=True)
    backup.place.rmdir()


def clear_drafts(folder: Path, account: str) -> None:
    """Half-made backups of a run that was killed. OSError."""
    for place in folder.glob(f"{account}-daily-*.part"):
        if _DAILY.fullmatch(place.name.removeprefix(account).removesuffix(".part")) and place.is_dir():
            shutil.rmtree(place)


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
