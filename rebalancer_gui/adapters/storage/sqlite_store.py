"""The account's one file: ``application.ports.Store`` on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from rebalancer_gui.adapters.storage import schema
from rebalancer_gui.adapters.storage.connection import Connection
from rebalancer_gui.adapters.storage.history_pages import HistoryPages
from rebalancer_gui.adapters.storage.inspection import inspect, refuse_orphaned_log
from rebalancer_gui.adapters.storage.keys import KeyBook
from rebalancer_gui.adapters.storage.loading import Loading
from rebalancer_gui.adapters.storage.order_writes import OrderWrites
from rebalancer_gui.adapters.storage.samples import Samples
from rebalancer_gui.adapters.storage.schema import Migration
from rebalancer_gui.adapters.storage.write_side import WriteSide
from rebalancer_gui.domain.errors import EnvironmentProblem

OLDEST_SQLITE = (3, 37, 0)
"""The first with STRICT tables."""


class SqliteStore(OrderWrites, WriteSide, HistoryPages, Samples, Loading):
    """Engine thread only: opened, used and closed by one thread.

    ``path`` is the file, ``account`` the one whose rows it takes. Before an older file is brought up to date it is
    copied to ``backups`` (by default a folder of that name beside it). ``steps`` are the migrations, this program's
    own by default.
    """

    def __init__(
        self, path: Path, account: str, *, backups: Path | None = None, steps: Sequence[Migration] | None = None
    ) -> None:
        super().__init__(path, account)
        self._backups = backups if backups is not None else path.parent / "backups"
        self._steps = tuple(steps) if steps is not None else schema.migrations()

    def open(self) -> None:
        """Make the file, or inspect it, back it up and bring it up to date. A file that is refused is left as it is."""
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise EnvironmentProblem(
                f"This Python brings SQLite {sqlite3.sqlite_version}, which is too old to keep a ledger safely.",
                f"Use a Python with SQLite {'.'.join(map(str, OLDEST_SQLITE))} or newer.",
            )
        newest = self._steps[-1].number
        if self.path.exists():
            version = inspect(self.path, self._steps)
        else:
            refuse_orphaned_log(self.path)
            schema.create(self.path, self.account, self._steps)
            version = newest
        connection = Connection(self.path)
        try:
            self._check_owner(connection)
            if version < newest:
                schema.back_up(connection, version, newest, self._backups)
                schema.migrate(connection, version, self._steps)
        except BaseException:
            connection.close()
            raise
        self._open_connection, self._open_keys = connection, KeyBook(connection)

    def close(self) -> None:
        """Give the file free; safe to call twice."""
        connection, self._open_connection, self._open_keys = self._open_connection, None, None
        if connection is not None:
            connection.close()

    def transaction(self) -> AbstractContextManager[None]:
        return self._db.transaction()

    def _check_owner(self, connection: Connection) -> None:
        owners = [row[0] for row in connection.rows("SELECT account FROM about")]
        if owners != [self.account]:
            raise EnvironmentProblem(
                f"The file {self.path} belongs to the account {', '.join(owners) or '(none)'}, not to {self.account}.",
                "Put each account's file back into its own folder.",
            )
