"""Daily verified backups of an open account, and what can be done for a damaged one: ``application.ports.Keeper``."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from rebalancer_gui.adapters.storage.backups import (
    LEDGER,
    VENUE,
    clear_drafts,
    daily_backups,
    daily_name,
    delete,
    is_due,
    superfluous,
)
from rebalancer_gui.adapters.storage.repair import repairs_of
from rebalancer_gui.adapters.storage.safe_files import sync_file, sync_folder
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.records import Repair
from rebalancer_gui.domain.errors import RebalancerError, StoreUnavailable

AT_ONCE_BYTES = 4 * 1024 * 1024
"""Files that are together not larger than this are copied between two batches, as of one moment: some 10 ms."""
STEP_PAGES = 32
"""Pages of 4 KiB that a larger file is copied in; a statement of the engine waits for one step at most."""
TRY_AGAIN = timedelta(minutes=10)
"""From a backup that failed to the next attempt."""
_BETWEEN_STEPS = 0.002
_PATIENCE = 5.0
"""Seconds that a cancelled backup is waited for: a check of its copy is interrupted, a step takes milliseconds."""


class Copyable(Protocol):
    """An open file that can be copied while it is used."""

    def copy_to(
        self, target: sqlite3.Connection, pages: int = -1, pause: Callable[[int, int, int], object] | None = None
    ) -> None: ...


class FileKeeper:
    """Of the account whose ``store`` (and ``venue``, where it has a file of its own) are open. ``now`` gives wall time;
    ``warning`` is said at the first look.
    """

    def __init__(
        self,
        backups: Path,
        store: SqliteStore,
        now: Callable[[], datetime],
        venue: tuple[Path, Copyable] | None = None,
        *,
        warning: str = "",
    ) -> None:
        self._backups = backups
        self._store = store
        self._now = now
        self._sources: dict[str, tuple[Path, Copyable]] = {LEDGER: (store.path, store)}
        if venue is not None:
            self._sources[VENUE] = venue
        self._not_before: datetime | None = None
        self._warning = warning

    async def look(self) -> tuple[str, ...]:
        """A verified backup when the last one is a day old; says what came of it."""
        warning, self._warning = self._warning, ""
        said = await self._back_up_when_due()
        return (warning, *said) if warning else said

    async def _back_up_when_due(self) -> tuple[str, ...]:
        now, account = self._now(), self._store.account
        if self._not_before is not None and now < self._not_before <= now + TRY_AGAIN:
            return ()
        try:
            if not is_due(daily_backups(self._backups, account), now):
                return ()
            clear_drafts(self._backups, account)
            place = await self._back_up(now)
        except (OSError, sqlite3.Error, RebalancerError) as error:
            self._not_before = now + TRY_AGAIN
            why = error.message if isinstance(error, RebalancerError) else f"{_words(error)}."
            return (f"The daily backup could not be made: {why} It is tried again every 10 minutes; trading goes on.",)
        self._not_before = None
        said = [f"A backup was made and checked: {place.name}."]
        try:
            self._store.grow()
            self._store.checked(now)
            for old in superfluous(daily_backups(self._backups, account)):
                delete(old)
        except OSError as error:
            said.append(f"An old backup could not be deleted: {_words(error)}.")
        return tuple(said)

    def copy_into(self, folder: Path) -> bool:
        """Copies of the files as they are now, for a backup of everything; in any thread, in steps that hold the engine up for
        moments. False where the files are not open: then there is nothing in ``folder``. OSError, sqlite3.Error.
        """
        if not self._store.is_open:
            return False
        turn = threading.Event()
        for name, (_path, source) in self._sources.items():
            _copy(source, folder / name, STEP_PAGES, lambda *_told: turn.wait(_BETWEEN_STEPS))
        return True

    def repairs(self, damaged: str) -> tuple[Repair, ...]:
        if damaged not in {str(path) for path, _ in self._sources.values()}:
            return ()
        venue_file = self._sources[VENUE][0] if VENUE in self._sources else None
        return repairs_of(self._backups, venue_file, self._store.account, damaged, self._now())

    async def _back_up(self, now: datetime) -> Path:
        self._backups.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = self._backups / daily_name(self._store.account, now)
        draft = place.with_name(f"{place.name}.part")
        draft.mkdir(mode=0o700)
        try:
            await self._fill(draft)
            draft.rename(place)
        except BaseException:
            # On a disk that is full it must not stay.
            shutil.rmtree(draft, ignore_errors=True)
            raise
        sync_folder(self._backups)
        return place

    async def _fill(self, draft: Path) -> None:
        copies = {draft / name: source for name, (_, source) in self._sources.items()}
        at_once = sum(path.stat().st_size for path, _ in self._sources.values()) <= AT_ONCE_BYTES
        if at_once:
            for target, source in copies.items():
                _copy(source, target)
        work = _Work(copies, copy=not at_once)
        running = asyncio.get_running_loop().run_in_executor(None, work.run)
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            # The engine ends: its files are closed next, so nobody may be reading them any more.
            running.add_done_callback(_forget)
            work.stop()
            raise


class _Work:
    """What is done in another thread: copy in steps, check, make durable."""

    def __init__(self, copies: Mapping[Path, Copyable], *, copy: bool) -> None:
        self._copies = copies
        self._copy = copy
        self._stopping = threading.Event()
        self._over = threading.Event()

    def run(self) -> None:
        try:
            for target, source in self._copies.items():
                if self._copy:
                    _copy(source, target, STEP_PAGES, self._pause)
                self._verify(target)
            sync_folder(next(iter(self._copies)).parent)
        finally:
            self._over.set()

    def stop(self) -> None:
        """Interrupt, and wait until no file of the account is read any more."""
        self._stopping.set()
        self._over.wait(_PATIENCE)

    def _pause(self, _status: int, _remaining: int, _total: int) -> None:
        if self._stopping.wait(_BETWEEN_STEPS):
            raise StoreUnavailable("The program ended in the middle of the backup.")

    def _verify(self, copy: Path) -> None:
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            # Every few thousand steps of SQLite's machine: a check of a large file ends with the engine too.
            connection.set_progress_handler(self._stopping.is_set, 10_000)
            verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if verdict != "ok":
            raise StoreUnavailable(f"The copy {copy} is not good ({verdict}).")
        sync_file(copy)


def _forget(running: asyncio.Future[None]) -> None:
    """Nobody waits for how an interrupted backup ended."""
    if not running.cancelled():
        running.exception()


def _copy(
    source: Copyable, target: Path, pages: int = -1, pause: Callable[[int, int, int], object] | None = None
) -> None:
    """One file without side files, to be made durable by the caller."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous = OFF")
        source.copy_to(copy, pages, pause)


def _words(error: OSError | sqlite3.Error) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return f"{os.strerror(error.errno)} ({error.filename})" if error.filename else os.strerror(error.errno)
    return str(error)
