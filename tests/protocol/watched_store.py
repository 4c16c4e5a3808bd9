"""The real SQLite store, with somebody who looks at each commit, and who may end the process before or after it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from rebalancer_gui.adapters.storage.connection import Connection
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.records import Evidence
from rebalancer_gui.domain.ledger import Entry
from rebalancer_gui.domain.orders import Fill, OrderIntent
from rebalancer_gui.domain.strategy import StrategyRecord
from tests.protocol.faults import Crash
from tests.protocol.shadow import Transaction

MEMORY = Path("/dev/shm")
ACCOUNT = "paper"


class WatchedStore(SqliteStore):
    """``on_commit`` is told of each committed transaction; ``dies`` is asked at each commit point."""

    def __init__(
        self, path: Path, account: str, *, on_commit: Callable[[Transaction], None], dies: Callable[[str], bool]
    ) -> None:
        super().__init__(path, account)
        self.dead = False
        self.when_committed = on_commit
        self.dies = dies
        self.written = Transaction()

    @property
    def _db(self) -> Connection:
        if self.dead:
            raise Crash("dead: store")
        return super()._db

    def put_down(self) -> None:
        """What the system does to a process that is gone: its lock is given up."""
        connection, self._open_connection = self._open_connection, None
        if connection is not None:
            connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.written = Transaction()
        with super().transaction():
            yield
            self.commit_point("before a commit")
        done, self.written = self.written, Transaction()
        self.when_committed(done)
        self.commit_point("after a commit")

    def commit_point(self, where: str) -> None:
        if self.dies(where):
            self.dead = True
            raise Crash(where)

    def post(self, entry: Entry) -> None:
        super().post(entry)
        self.written.entries.append(entry)

    def insert_intent(self, intent: OrderIntent) -> int:
        key = super().insert_intent(intent)
        self.written.inserted.append(intent)
        return key

    def update_intent(self, intent: OrderIntent, at: datetime) -> None:
        super().update_intent(intent, at)
        self.written.updated.append(intent)

    def insert_fill(self, account: str, strategy_id: str, fill: Fill) -> bool:
        new = super().insert_fill(account, strategy_id, fill)
        if new:
            self.written.fills.append(fill)
        return new

    def save_true_up(self, fill: Fill) -> None:
        super().save_true_up(fill)
        self.written.trued_up.append(fill)

    def save_strategy(self, record: StrategyRecord, at: datetime) -> None:
        super().save_strategy(record, at)
        self.written.strategies.append(record)

    def set_value(self, key: str, value: str) -> None:
        super().set_value(key, value)
        self.written.values[key] = value

    def add_evidence(self, evidence: Evidence) -> None:
        super().add_evidence(evidence)


@lru_cache(maxsize=1)
def _template() -> bytes:
    """An empty store as a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "account.sqlite"
        store = SqliteStore(path, ACCOUNT)
        store.open()
        store.close()
        return path.read_bytes()


@contextmanager
def new_file() -> Iterator[Path]:
    """A path with an empty store, in memory where the machine has such a place."""
    folder = Path(tempfile.mkdtemp(prefix="rebalancer-sim-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        path = folder / "account.sqlite"
        path.write_bytes(_template())
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)
