"""What the parts of the store share: the file, its connection, its keys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rebalancer_gui.adapters.storage.connection import Connection, Value
from rebalancer_gui.adapters.storage.keys import KeyBook
from rebalancer_gui.domain.errors import InvariantBroken


class StoreBase:
    """``account`` is the one account whose rows this file takes."""

    def __init__(self, path: Path, account: str) -> None:
        self.path = path
        self.account = account
        self._open_connection: Connection | None = None
        self._open_keys: KeyBook | None = None

    @property
    def _db(self) -> Connection:
        if self._open_connection is None:
            raise InvariantBroken("the store is not open")
        return self._open_connection

    @property
    def _keys(self) -> KeyBook:
        if self._open_keys is None:
            raise InvariantBroken("the store is not open")
        return self._open_keys

    def _must_be_own(self, account: str) -> None:
        if account != self.account:
            raise InvariantBroken(f"a row of the account {account} was sent to the store of {self.account}")

    def _insert(self, sql: str, values: Sequence[Value]) -> int:
        """The key of the row that ``sql`` (ending in RETURNING key) wrote."""
        return int(self._db.write(sql, values).fetchall()[0][0])
