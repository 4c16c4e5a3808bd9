"""The account's one file: ``application.ports.Store`` on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from rebalancer_gui.adapters.storage import schema
from rebalancer_gui.adapters.storage.connection import Connection
from rebalancer_gui.adapters.storage.ended import Ended
from rebalancer_gui.adapters.storage.epoch import EpochFile
from rebalancer_gui.adapters.storage.gate import Gate
from rebalancer_gui.adapters.storage.history_pages import HistoryPages
from rebalancer_gui.adapters.storage.inspection import (
    CHECKED_KEY,
    EPOCH_KEY,
    SMALL_BYTES,
    Inspected,
    inspect,
    refuse_orphaned_log,
)
from rebalancer_gui.adapters.storage.keys import KeyBook
from rebalancer_gui.adapters.storage.loading import Loading
from rebalancer_gui.adapters.storage.order_writes import OrderWrites
from rebalancer_gui.adapters.storage.record_pages import RecordPages
from rebalancer_gui.adapters.storage.samples import Samples
from rebalancer_gui.adapters.storage.schema import Migration
from rebalancer_gui.adapters.storage.sqlite_errors import readable_rows
from rebalancer_gui.adapters.storage.write_side import WriteSide
from rebalancer_gui.application.restored import RESTORED_KEY
from rebalancer_gui.domain.errors import EnvironmentProblem, StoreUnavailable

OLDEST_SQLITE = (3, 37, 0)
"""The first with STRICT tables."""


class SqliteStore(OrderWrites, WriteSide, HistoryPages, RecordPages, Samples, Ended, Loading):
    """Engine thread only: opened, used and closed by one thread (``copy_to`` may be called in another).

    ``path`` is the file, ``account`` the one whose rows it takes. Before an older file is brought up to date it is
    copied to ``backups`` (by default a folder of that name beside it). ``steps`` are the migrations, this program's
    own by default. ``now`` gives wall time, for the thorough check once a week (None: only small files get it).

    A ledger that is older than one that was here before, or new where one was, is opened with the value ``restored``:
    the application compares it with the venue before anything else and then takes that value away.
    """

    def __init__(
        self,
        path: Path,
        account: str,
        *,
        backups: Path | None = None,
        steps: Sequence[Migration] | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__(path, account)
        self._backups = backups if backups is not None else path.parent / "backups"
        self._steps = tuple(steps) if steps is not None else schema.migrations()
        self._now = now
        self._epoch_file = EpochFile(path)
        self._epoch, self._grown, self._committed, self._written = 0, False, False, True

    def open(self) -> None:
        """Make the file, or inspect it, back it up and bring it up to date. A file that is refused is left as it is."""
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise EnvironmentProblem(
                f"This Python brings SQLite {sqlite3.sqlite_version}, which is too old to keep a ledger safely.",
                f"Use a Python with SQLite {'.'.join(map(str, OLDEST_SQLITE))} or newer.",
            )
        newest, now = self._steps[-1].number, self._now() if self._now is not None else None
        if self.path.exists():
            found = inspect(self.path, self._steps, now)
        else:
            refuse_orphaned_log(self.path)
            schema.create(self.path, self.account, self._steps)
            found = Inspected(newest, thorough=True)
        connection = Connection(self.path)
        try:
            self._check_owner(connection)
            if found.version < newest:
                schema.back_up(connection, found.version, newest, self._backups)
                schema.migrate(connection, found.version, self._steps)
        except BaseException:
            connection.close()
            raise
        self._open_connection, self._open_keys = connection, KeyBook(connection)
        try:
            self._begin_epoch()
            if found.thorough and now is not None and self.path.stat().st_size > SMALL_BYTES:
                self.checked(now)
        except BaseException:
            self._drop()
            raise

    def close(self) -> None:
        """Give the file free; safe to call twice."""
        if self._open_connection is not None and self._committed:
            # A copy that was taken while this run went on is older than what the run leaves behind.
            self.grow()
            with suppress(StoreUnavailable), self.transaction():
                pass
        self._drop()

    def transaction(self) -> AbstractContextManager[None]:
        return self._growing(self._db)

    @contextmanager
    def _growing(self, connection: Connection) -> Iterator[None]:
        grows = not self._grown
        with connection.transaction():
            yield
            if grows and connection.in_transaction:
                self.set_value(EPOCH_KEY, str(self._epoch + 1))
        if grows:
            self._epoch, self._grown, self._written = self._epoch + 1, True, False
        self._committed = True
        if not self._written:
            self._written = self._epoch_file.write(self._epoch)

    def grow(self) -> None:
        """The next commit begins a new epoch: what was copied up to here is an older state from then on."""
        self._grown = False

    def checked(self, at: datetime) -> None:
        """Every page, row and index was found in order at ``at``: the next thorough check is due in a week."""
        with self.transaction():
            self.set_value(CHECKED_KEY, at.astimezone(UTC).isoformat())

    @property
    def is_open(self) -> bool:
        """Whether the file is open here."""
        return self._open_connection is not None

    @property
    def gate(self) -> Gate:
        """As ``Connection.gate``; the file is open."""
        return self._db.gate

    def copy_to(
        self, target: sqlite3.Connection, pages: int = -1, pause: Callable[[int, int, int], object] | None = None
    ) -> None:
        """As ``Connection.copy_to``."""
        self._db.copy_to(target, pages, pause)

    def _begin_epoch(self) -> None:
        stored = self._db.rows("SELECT value FROM engine_state WHERE name = ?", (EPOCH_KEY,))
        with readable_rows(self.path):
            own = int(stored[0][0]) if stored else 0
        self._epoch, self._grown, self._committed, self._written = own, False, False, True
        known = self._epoch_file.read()
        if known > own:
            self._epoch = known
            with self.transaction():
                self.set_value(RESTORED_KEY, str(known))

    def _drop(self) -> None:
        connection, self._open_connection, self._open_keys = self._open_connection, None, None
        if connection is not None:
            connection.close()

    def _check_owner(self, connection: Connection) -> None:
        owners = [row[0] for row in connection.rows("SELECT account FROM about")]
        if owners != [self.account]:
            raise EnvironmentProblem(
                f"The file {self.path} belongs to the account {', '.join(owners) or '(none)'}, not to {self.account}.",
                "Put each account's file back into its own folder.",
            )
