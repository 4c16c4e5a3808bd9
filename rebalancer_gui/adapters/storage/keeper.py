"""Daily verified backups of an open account, and what can be done for a damaged one: ``application.ports.Keeper``."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

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
from rebalancer_gui.adapters.storage.together import Copyable, copy_one, copy_together
from rebalancer_gui.application.records import Repair
from rebalancer_gui.domain.errors import RebalancerError, StoreUnavailable

AT_ONCE_BYTES = 4 * 1024 * 1024
"""Files that are together not larger than this are copied between two batches, as of one moment: some 10 ms."""
TRY_AGAIN = timedelta(minutes=10)
"""From a backup that failed to the next attempt."""
_PATIENCE = 5.0
"""Seconds that a cancelled backup is waited for: a check of its copy is interrupted, a step takes milliseconds."""


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

    def copies_into(self, folder: Path) -> list[tuple[Copyable, Path, Path]]:
        """What has to be copied for a backup of everything: source, its file, target in ``folder``. In any thread; nothing where the
        files are not open.
        """
        if not self._store.is_open:
            return []
        return [(source, path, folder / name) for name, (path, source) in self._sources.items()]

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
        copies = [(source, path, draft / name) for name, (path, source) in self._sources.items()]
        at_once = sum(path.stat().st_size for path, _ in self._sources.values()) <= AT_ONCE_BYTES
        if at_once:
            for source, _path, target in copies:
                copy_one(source, target)
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
    """What is done in another thread: copy as of one moment, check, make durable."""

    def __init__(self, copies: list[tuple[Copyable, Path, Path]], *, copy: bool) -> None:
        self._copies = copies
        self._copy = copy
        self._stopping = threading.Event()
        self._over = threading.Event()

    def run(self) -> None:
        try:
            if self._copy:
                copy_together(self._copies, self._stopping)
            for _source, _path, target in self._copies:
                self._verify(target)
            sync_folder(self._copies[0][2].parent)
        finally:
            self._over.set()

    def stop(self) -> None:
        """Interrupt, and wait until no file of the account is read any more."""
        self._stopping.set()
        self._over.wait(_PATIENCE)

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


def _words(error: OSError | sqlite3.Error) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return f"{os.strerror(error.errno)} ({error.filename})" if error.filename else os.strerror(error.errno)
    return str(error)
