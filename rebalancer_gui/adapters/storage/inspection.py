"""A look at an existing file before it is opened for writing: what is wrong is said, and no byte of it is changed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from rebalancer_gui.adapters.storage.schema import APPLICATION_ID, Migration, side_files
from rebalancer_gui.adapters.storage.sqlite_errors import RESTORE, damaged, plain_errors
from rebalancer_gui.domain.errors import EnvironmentProblem, FileDamaged, InvariantBroken, StoreUnavailable
from rebalancer_gui.domain.ledger import is_inside
from rebalancer_gui.domain.money import ZERO

EPOCH_KEY = "file.epoch"
CHECKED_KEY = "file.checked_at"
"""Engine value: when every page, row and index of the file was last found in order (ISO 8601 UTC)."""
CHECK_EVERY = timedelta(days=7)
SMALL_BYTES = 4 * 1024 * 1024
"""A file up to this size is checked throughout at each start: it takes a tenth of a second. (100 MB take 2 s; without the
comparison of rows with indexes, which is left to once a week there, half a second.)"""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a look at a healthy file found. ``thorough``: rows were compared with their indexes too."""

    version: int
    thorough: bool


def inspect(path: Path, steps: Sequence[Migration], now: datetime | None = None) -> Inspected:
    """Look at a file that must be healthy, writable and of one of the versions that ``steps`` make.

    Raises EnvironmentProblem for everything else: damaged (FileDamaged), empty, not ours, newer, read-only, in use. A
    read-only connection looks, because closing one that can write would fold the write-ahead log into a file that is
    refused. ``now`` (wall time): a large file whose last thorough check is a week old is checked throughout.
    """
    _must_be_writable(path)
    with _without_traces(path):
        return _look(path, steps, now)


def states_in(path: Path) -> dict[str, int]:
    """How many strategies of a file that :func:`inspect` found healthy are in each state. EnvironmentProblem when it cannot
    be read.
    """
    with _without_traces(path), _read_only(path) as connection:
        return dict(connection.execute("SELECT state, count(*) FROM strategy GROUP BY state ORDER BY state"))


def balances_in(path: Path) -> dict[str, Decimal]:
    """What the ledger of a file that :func:`inspect` found healthy holds of each asset: free pool, strategies and what is set
    aside for orders together. EnvironmentProblem when it cannot be read.
    """
    found: dict[str, Decimal] = {}
    with _without_traces(path), _read_only(path) as connection:
        for account, asset, amount in connection.execute("SELECT account, asset, amount FROM balance"):
            if is_inside(account):
                found[asset] = found.get(asset, ZERO) + Decimal(amount)
    return {asset: amount for asset, amount in sorted(found.items()) if amount != ZERO}


def value_in(path: Path, name: str) -> str:
    """An engine value of a file that :func:`inspect` found healthy; "" where it has none. EnvironmentProblem."""
    with _without_traces(path), _read_only(path) as connection:
        row = connection.execute("SELECT value FROM engine_state WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row is not None else ""


@contextmanager
def _without_traces(path: Path) -> Iterator[None]:
    present = {file for file in side_files(path) if file.exists()}
    try:
        yield
    except InvariantBroken as error:
        # The look's statements are right, so a statement that SQLite refuses tells of a file that was damaged.
        raise damaged(path, error.message) from error
    finally:
        # The look itself makes an index, and an empty log where there was none.
        for file in set(side_files(path)) - present:
            if file.exists() and (file.name.endswith("-shm") or file.stat().st_size == 0):
                file.unlink()


@contextmanager
def _read_only(path: Path) -> Iterator[sqlite3.Connection]:
    with (
        plain_errors(path),
        closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=0)
        ) as connection,
    ):
        yield connection


def refuse_orphaned_log(path: Path) -> None:
    """A log without its file: SQLite would pour it into a new one. EnvironmentProblem when there is one."""
    for file in side_files(path)[:1]:
        if file.exists() and file.stat().st_size > 0:
            raise FileDamaged(
                f"The file {path} is gone, but its log {file.name} is still there.",
                f"Put {path.name} back beside it, or move {file.name} away to start with an empty ledger.",
                path=str(path),
            )


def _must_be_writable(path: Path) -> None:
    if not path.is_file():
        raise EnvironmentProblem(f"{path} is not a file.", "Move it away or choose another data folder.")
    for place in (path.parent, path, *side_files(path)):
        if place.exists() and not os.access(place, os.W_OK | os.R_OK):
            raise StoreUnavailable(
                f"{place} is read-only for you, so nothing could be booked.",
                "Give yourself the right to read and write there, or choose another data folder.",
            )
    if path.stat().st_size == 0:
        raise FileDamaged(
            f"The file {path} is empty, so it is not one of Rebalancer's ledgers.", RESTORE, path=str(path)
        )


def _look(path: Path, steps: Sequence[Migration], now: datetime | None) -> Inspected:
    newest = steps[-1].number
    with _read_only(path) as connection:
        # What is wrong with a damaged file is told in its own damaged words.
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        if application != APPLICATION_ID or version < 1:
            raise FileDamaged(f"The file {path} is not one of Rebalancer's ledgers.", RESTORE, path=str(path))
        if version > newest:
            raise EnvironmentProblem(
                f"The file {path} was written by a newer Rebalancer (its version is {version}, this program knows "
                f"{newest}).",
                "Start the newer program, or another data folder. Nothing was changed.",
            )
        connection.execute("PRAGMA cell_size_check = ON")
        # Rows against indexes first where that is due: what a damaged index says of the date cannot be relied on anyway.
        thorough = path.stat().st_size <= SMALL_BYTES or (now is not None and _check_is_due(connection, now))
        check = "PRAGMA integrity_check(1)" if thorough else "PRAGMA quick_check(1)"
        verdict = connection.execute(check).fetchone()[0]
        if verdict != "ok":
            raise damaged(path, str(verdict))
        if missing := _schema_of(tuple(steps[:version])) - _tables(connection):
            raise damaged(path, f"its tables are not as they should be: {min(name for name, _ in missing)}")
        return Inspected(version, thorough)


def _check_is_due(connection: sqlite3.Connection, now: datetime) -> bool:
    row = connection.execute("SELECT value FROM engine_state WHERE name = ?", (CHECKED_KEY,)).fetchone()
    try:
        at = datetime.fromisoformat(row[0]) if row is not None else None
    except ValueError:
        at = None
    # A time to come is one of a clock that was wrong.
    return at is None or at.tzinfo is None or not now - CHECK_EVERY < at <= now


@lru_cache(maxsize=8)
def _schema_of(steps: tuple[Migration, ...]) -> frozenset[tuple[str, str]]:
    """What a file of that version consists of; worked out once in a process, for a start may look at several files."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for step in steps:
            connection.executescript(step.sql)
        return frozenset(_tables(connection))


def _tables(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Name and definition of every table, index and trigger."""
    return set(connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
