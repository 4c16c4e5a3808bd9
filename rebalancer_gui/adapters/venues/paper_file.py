"""Making, checking and opening the paper venue's own SQLite file. Nothing that is not in order is ever written to."""

from __future__ import annotations

import filecmp
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rebalancer_gui.adapters.storage.safe_files import sync_file, sync_folder
from rebalancer_gui.adapters.venues.paper_schema import APPLICATION_ID, SCHEMA_VERSION, bring_up_to_date
from rebalancer_gui.domain.errors import EnvironmentProblem, FileDamaged

_MADE_NEW = ".new"


def memory_database() -> sqlite3.Connection:
    """An empty database that ends with the connection."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    bring_up_to_date(connection, 0)
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
            bring_up_to_date(connection, 0)
            found(connection)
            connection.execute("COMMIT")
        new.replace(path)
        sync_folder(path.parent)
    except (OSError, sqlite3.Error) as error:
        raise EnvironmentProblem(
            f"The paper account's file {path} cannot be made: {error}.",
            "Check the disk's free space and the folder's rights.",
        ) from error


def open_file(path: Path) -> sqlite3.Connection:
    """Open an existing file for this process alone, checked; it may be of an older version (``upgraded``). Raises
    EnvironmentProblem on a damaged, newer, foreign or read-only file and on one that another instance has open; the file
    stays as it is.
    """
    if not path.is_file():
        raise EnvironmentProblem(f"{path} is not a file.", "Move it away or choose another data folder.")
    if not path.stat().st_size:
        raise _damaged(path, "it is empty")
    if not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK)):
        raise EnvironmentProblem(
            f"The paper account's file {path} is read-only.", "Give yourself the right to write it."
        )
    # Another thread only makes backups of it; SQLite itself takes turns.
    connection = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)
    try:
        _check(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def upgraded(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Bring an older file up to date in one transaction, which ends with the body: when that raises, the file stays as it
    was. A copy of the old file is kept beside it first. Does nothing to a file of this version. Raises EnvironmentProblem.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == SCHEMA_VERSION:
        yield
        return
    _keep_copy(connection, path, version)
    try:
        connection.execute("BEGIN IMMEDIATE")
        bring_up_to_date(connection, version)
        yield
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise EnvironmentProblem(
            f"The paper account's file {path} cannot be brought up to date: {error}. It was left as it is.",
            "Make room on the disk or check its rights, then start again.",
        ) from error
    finally:
        if connection.in_transaction:
            connection.rollback()


def _keep_copy(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """``NAME-v1.bak``, ``NAME-v1-2.bak`` ... beside the file: whole, verified and on the disk. An equal one is not made
    twice, and none is ever overwritten.
    """
    draft = _beside(path, f"-v{version}.part")
    try:
        for scrap in (draft, _beside(draft, "-wal"), _beside(draft, "-shm"), _beside(draft, "-journal")):
            scrap.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
            connection.backup(copy)
            mode = copy.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            verdict = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
            copied = copy.execute("PRAGMA user_version").fetchone()[0]
        if (verdict, copied, mode) != ("ok", version, "wal"):
            raise _damaged(path, f"its copy is not good: {verdict}, version {copied}, journal mode {mode}")
        sync_file(draft)
        for number in range(1, 10_000):
            kept = _beside(path, f"-v{version}{f'-{number}' if number > 1 else ''}.bak")
            if not kept.exists():
                draft.replace(kept)
                break
            if filecmp.cmp(draft, kept, shallow=False):
                draft.unlink()
                break
        sync_folder(path.parent)
    except (OSError, sqlite3.Error) as error:
        raise EnvironmentProblem(
            f"No copy of the paper account's file {path} can be made before it is brought up to date: {error}. It was "
            "left as it is.",
            "Make room on the disk or check the folder's rights, then start again.",
        ) from error


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
        if version < 1:
            raise _damaged(path, f"its version is {version}")
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


def _damaged(path: Path, what: str) -> FileDamaged:
    return FileDamaged(
        f"The paper account's file {path} is damaged ({what}). Nothing was changed in it.",
        "`rebalancer account restore` puts the newest good backup in its place (with the ledger of that time), "
        "`rebalancer account reset` begins with a new paper account; the damaged file is kept.",
        path=str(path),
    )


def damaged_content(path: Path | None, what: str) -> FileDamaged:
    """The file is sound as a database, but what stands in it cannot be."""
    return _damaged(path or Path(":memory:"), what)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
