"""Making, checking and opening the paper venue's own SQLite file. Nothing that is not in order is ever written to."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from rebalancer_gui.domain.errors import EnvironmentProblem

APPLICATION_ID = 0x52425056
"""``RBPV`` in the file's header: a paper venue of this program."""
SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE market (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seed INTEGER NOT NULL CHECK (seed >= 0),
  start TEXT NOT NULL,
  speed INTEGER NOT NULL CHECK (speed BETWEEN 1 AND 86400),
  walk_at TEXT
) STRICT;
CREATE TABLE walk_price (asset TEXT PRIMARY KEY, price TEXT NOT NULL) STRICT;
CREATE TABLE market_time (id INTEGER PRIMARY KEY CHECK (id = 1), at TEXT NOT NULL) STRICT;
CREATE TRIGGER market_time_never_goes_back BEFORE UPDATE ON market_time WHEN NEW.at < OLD.at
  BEGIN SELECT RAISE(ABORT, 'market time never goes back'); END;
CREATE TABLE balance (asset TEXT PRIMARY KEY, free TEXT NOT NULL, locked TEXT NOT NULL) STRICT;
CREATE TABLE transfer (
  transfer_id INTEGER PRIMARY KEY, at TEXT NOT NULL, asset TEXT NOT NULL, amount TEXT NOT NULL
) STRICT;
CREATE TABLE venue_order (
  order_id INTEGER PRIMARY KEY,
  client_order_id TEXT NOT NULL UNIQUE,
  symbol TEXT NOT NULL,
  side TEXT NOT NULL,
  type TEXT NOT NULL,
  quantity TEXT NOT NULL,
  limit_price TEXT,
  filled TEXT NOT NULL,
  status TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX venue_order_at ON venue_order (at);
CREATE TABLE trade (
  trade_id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES venue_order,
  price TEXT NOT NULL,
  quantity TEXT NOT NULL,
  fee TEXT NOT NULL,
  fee_asset TEXT NOT NULL
) STRICT;
CREATE INDEX trade_order ON trade (order_id);
"""
_APPEND_ONLY = ("transfer", "venue_order", "trade")
_MADE_NEW = ".new"


def memory_database() -> sqlite3.Connection:
    """An empty database that ends with the connection."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    _create_schema(connection)
    return connection


def make_file(path: Path, found: Callable[[sqlite3.Connection], None]) -> None:
    """Make the file at ``path``, where none is, with what ``found`` writes into the empty tables.

    It is made beside its place and moved there when it is complete, so a file at its place was whole once. Raises
    EnvironmentProblem.
    """
    leftovers = [p for p in (_beside(path, "-wal"), _beside(path, "-journal")) if p.exists()]
    if leftovers:
        raise EnvironmentProblem(
            f"The paper account's file {path} is missing, but {leftovers[0].name} of it is still there.",
            "Put the file back, or move the rest away to begin with a new paper account.",
        )
    new = _beside(path, _MADE_NEW)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for scrap in (new, _beside(new, "-wal"), _beside(new, "-shm")):
            scrap.unlink(missing_ok=True)
        new.touch(mode=0o600)
        with closing(sqlite3.connect(new, isolation_level=None)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("BEGIN IMMEDIATE")
            _create_schema(connection)
            found(connection)
            connection.execute("COMMIT")
        new.replace(path)
        _sync_folder(path.parent)
    except (OSError, sqlite3.Error) as error:
        raise EnvironmentProblem(
            f"The paper account's file {path} cannot be made: {error}.",
            "Check the disk's free space and the folder's rights.",
        ) from error


def open_file(path: Path) -> sqlite3.Connection:
    """Open an existing file for this process alone, checked. Raises EnvironmentProblem on a damaged, newer, foreign or
    read-only file and on one that another instance has open; the file stays as it is.
    """
    if not path.is_file():
        raise EnvironmentProblem(f"{path} is not a file.", "Move it away or choose another data folder.")
    if not path.stat().st_size:
        raise _damaged(path, "it is empty")
    if not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK)):
        raise EnvironmentProblem(
            f"The paper account's file {path} is read-only.", "Give yourself the right to write it."
        )
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    try:
        _check(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application_id != APPLICATION_ID:
            raise EnvironmentProblem(
                f"{path} is not the file of a paper account.", "Move it away or choose another folder."
            )
        if version > SCHEMA_VERSION:
            raise EnvironmentProblem(
                f"The paper account's file {path} was written by a newer version of the program.",
                "Start that version, or choose another data folder.",
            )
        faults = [text for (text,) in connection.execute("PRAGMA quick_check(3)")]
        if faults != ["ok"]:
            raise _damaged(path, "; ".join(faults))
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise EnvironmentProblem(
                f"The paper account's file {path} is in use by another instance of the program.", "Close it first."
            ) from error
        raise EnvironmentProblem(f"The paper account's file {path} cannot be opened: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, what: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"The paper account's file {path} is damaged ({what}). Nothing was changed in it.",
        "Put a backup in its place, or move it away to begin with a new paper account.",
    )


def damaged_content(path: Path | None, what: str) -> EnvironmentProblem:
    """The file is sound as a database, but what stands in it cannot be."""
    return _damaged(path or Path(":memory:"), what)


def _create_schema(connection: sqlite3.Connection) -> None:
    for statement in _statements(SCHEMA):
        connection.execute(statement)
    for table in _APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            connection.execute(
                f"CREATE TRIGGER {table}_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'what the venue did stays as it was'); END"
            )
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _statements(script: str) -> list[str]:
    """``script`` cut into statements (executescript would end the open transaction)."""
    statements: list[str] = []
    text = ""
    for line in script.strip().splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            statements.append(text)
            text = ""
    return statements


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can sync folders."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
