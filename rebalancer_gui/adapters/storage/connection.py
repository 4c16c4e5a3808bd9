"""The one SQLite connection to an account's file: durable, exclusive, with transactions that commit whole or not."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rebalancer_gui.adapters.storage.gate import Gate
from rebalancer_gui.adapters.storage.sqlite_errors import plain_errors
from rebalancer_gui.domain.errors import EnvironmentProblem, InvariantBroken

Value = str | int | None
_COPY_AGAIN = 0.002
"""Seconds until a copy goes on that met a transaction of the engine."""
WAL_KEPT_BYTES = 4 * 1024 * 1024
"""The write-ahead log is cut back to this size after a checkpoint."""

_SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # Without it, INSERT OR REPLACE would delete from an append-only table without waking its trigger.
    "PRAGMA recursive_triggers = ON",
    "PRAGMA cell_size_check = ON",
    "PRAGMA trusted_schema = OFF",
    f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}",
)


class Connection:
    """Engine thread only, but for ``copy_to``. Made on an existing file; raises EnvironmentProblem when another process has
    it.

    One connection holds the file for its whole life (``locking_mode=EXCLUSIVE``). No other code of this process may
    open the same file meanwhile: closing any descriptor of it gives up the POSIX locks of all of them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.on_rollback: Callable[[], None] = lambda: None
        self.gate = Gate()
        self._owner = threading.get_ident()
        with plain_errors(path):
            self._sqlite = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw",
                uri=True,
                isolation_level=None,
                timeout=0,
                # For backups: SQLite itself takes turns between the threads of one connection.
                check_same_thread=False,
            )
        try:
            self._prepare()
        except BaseException:
            self._sqlite.close()
            raise

    def _prepare(self) -> None:
        # Before the first access: from then on the write-ahead index lives in memory and the lock is never given up.
        self.rows("PRAGMA locking_mode = EXCLUSIVE")
        mode = self.rows("PRAGMA journal_mode = WAL")[0][0]
        if mode != "wal":
            raise EnvironmentProblem(
                f"The disk of {self.path} does not allow the safe way of writing (journal mode {mode}).",
                "Choose a data folder on a local disk, not on a network drive.",
            )
        for setting in _SETTINGS:
            self.rows(setting)
        # Takes the lock now, and finds out now whether the file can be written.
        self.rows("BEGIN EXCLUSIVE")
        self.rows("COMMIT")

    @property
    def in_transaction(self) -> bool:
        return self._sqlite.in_transaction

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        self._must_be_own_thread()
        with plain_errors(self.path):
            return self._sqlite.execute(sql, values).fetchall()

    def stream(self, sql: str, values: Sequence[Value] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows one by one, for what may not fit into memory."""
        self._must_be_own_thread()
        with plain_errors(self.path):
            yield from self._sqlite.execute(sql, values)

    def write(self, sql: str, values: Sequence[Value] = ()) -> sqlite3.Cursor:
        """One statement that changes something; InvariantBroken outside a transaction."""
        self.must_be_in_transaction()
        with plain_errors(self.path):
            return self._sqlite.execute(sql, values)

    def write_many(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        """The same statement for each of ``rows``; InvariantBroken outside a transaction."""
        self.must_be_in_transaction()
        with plain_errors(self.path):
            self._sqlite.executemany(sql, rows)

    def must_be_in_transaction(self) -> None:
        self._must_be_own_thread()
        if not self._sqlite.in_transaction:
            raise InvariantBroken("a write was tried outside a transaction")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit durably at the end, or take everything back: on any exception and on a failed commit."""
        if self._sqlite.in_transaction:
            raise InvariantBroken("a transaction was begun inside another one")
        with self.gate.held():
            self.rows("BEGIN IMMEDIATE")
            committed = False
            try:
                yield
                if not self.in_transaction:
                    # SQLite has taken everything back by itself (a full disk, an input error), and somebody swallowed that.
                    raise InvariantBroken("the transaction was already undone before its end")
                self.rows("COMMIT")
                committed = True
            finally:
                if not committed:
                    self._roll_back()

    def script(self, sql: str) -> None:
        """Several statements as one transaction, with foreign keys checked at the end (a migration)."""
        self.rows("PRAGMA foreign_keys = OFF")
        try:
            with plain_errors(self.path):
                self._sqlite.executescript(f"BEGIN IMMEDIATE;\n{sql}")
            if orphans := self.rows("PRAGMA foreign_key_check"):
                raise InvariantBroken(f"a migration left {len(orphans)} rows without what they refer to")
            self.rows("COMMIT")
        finally:
            self._roll_back()
            self.rows("PRAGMA foreign_keys = ON")

    def copy_to(
        self, target: sqlite3.Connection, pages: int = -1, pause: Callable[[int, int, int], object] | None = None
    ) -> None:
        """A consistent copy of the whole file (SQLite's backup interface), as it is when the copy ends.

        In steps of ``pages`` (-1: all at once) with ``pause`` called between them, it may run in another thread (``together``): a
        statement of the engine waits for the end of one step at most, and what it writes is taken along. Raises
        sqlite3.Error, which may be the target's.
        """
        with self.gate.copying():
            self._sqlite.backup(target, pages=pages, progress=pause, sleep=_COPY_AGAIN)

    def _must_be_own_thread(self) -> None:
        if threading.get_ident() != self._owner:
            raise InvariantBroken("the store was used by another thread than its own")

    def close(self) -> None:
        self.gate.close()
        with plain_errors(self.path):
            self._sqlite.close()

    def _roll_back(self) -> None:
        if self._sqlite.in_transaction:
            with plain_errors(self.path):
                self._sqlite.execute("ROLLBACK")
        self.on_rollback()
