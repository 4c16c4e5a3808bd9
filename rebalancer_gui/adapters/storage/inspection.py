"""A look at an existing file before it is opened for writing: what is wrong is said, and no byte of it is changed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from rebalancer_gui.adapters.storage.schema import APPLICATION_ID, Migration, side_files
from rebalancer_gui.adapters.storage.sqlite_errors import RESTORE, damaged, plain_errors
from rebalancer_gui.domain.errors import EnvironmentProblem, InvariantBroken


def inspect(path: Path, steps: Sequence[Migration]) -> int:
    """The schema version of a healthy, writable file: one of those that ``steps`` make.

    Raises EnvironmentProblem for everything else: damaged, empty, not ours, newer, read-only, in use. A read-only
    connection looks, because closing one that can write would fold the write-ahead log into a file that is refused.
    """
    _must_be_writable(path)
    with _without_traces(path):
        return _look(path, steps)


def states_in(path: Path) -> dict[str, int]:
    """How many strategies of a file that :func:`inspect` found healthy are in each state. EnvironmentProblem when it cannot
    be read.
    """
    with _without_traces(path), _read_only(path) as connection:
        return dict(connection.execute("SELECT state, count(*) FROM strategy GROUP BY state ORDER BY state"))


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
            raise EnvironmentProblem(
                f"The file {path} is gone, but its log {file.name} is still there.",
                f"Put {path.name} back beside it, or move {file.name} away to start with an empty ledger.",
            )


def _must_be_writable(path: Path) -> None:
    if not path.is_file():
        raise EnvironmentProblem(f"{path} is not a file.", "Move it away or choose another data folder.")
    for place in (path.parent, path, *side_files(path)):
        if place.exists() and not os.access(place, os.W_OK | os.R_OK):
            raise EnvironmentProblem(
                f"{place} is read-only for you, so nothing could be booked.",
                "Give yourself the right to read and write there, or choose another data folder.",
            )
    if path.stat().st_size == 0:
        raise EnvironmentProblem(f"The file {path} is empty, so it is not one of Rebalancer's ledgers.", RESTORE)


def _look(path: Path, steps: Sequence[Migration]) -> int:
    newest = steps[-1].number
    with _read_only(path) as connection:
        # What is wrong with a damaged file is told in its own damaged words.
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        if application != APPLICATION_ID or version < 1:
            raise EnvironmentProblem(f"The file {path} is not one of Rebalancer's ledgers.", RESTORE)
        if version > newest:
            raise EnvironmentProblem(
                f"The file {path} was written by a newer Rebalancer (its version is {version}, this program knows "
                f"{newest}).",
                "Start the newer program, or another data folder. Nothing was changed.",
            )
        connection.execute("PRAGMA cell_size_check = ON")
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise damaged(path, str(verdict))
        if missing := _schema_of(steps[:version]) - _tables(connection):
            raise damaged(path, f"its tables are not as they should be: {min(name for name, _ in missing)}")
        return version


def _schema_of(steps: Sequence[Migration]) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for step in steps:
            connection.executescript(step.sql)
        return _tables(connection)


def _tables(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Name and definition of every table, index and trigger."""
    return set(connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
