"""The schema's versions: making a new file, bringing an older one up to date after a verified backup."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from rebalancer_gui.adapters.storage.connection import Connection
from rebalancer_gui.adapters.storage.safe_files import sync_file, sync_folder
from rebalancer_gui.adapters.storage.sqlite_errors import damaged, plain_errors
from rebalancer_gui.domain.errors import EnvironmentProblem, InvariantBroken

APPLICATION_ID = int.from_bytes(b"RbLg", "big")
"""Stands in the file's header: this is a ledger of this program (SQLite's application_id)."""
_FILE_NAME = re.compile(r"(\d{4})_\w+\.sql")
SIDE_FILES = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Migration:
    """The statements that lead from schema version ``number - 1`` to ``number``."""

    number: int
    sql: str


def migrations() -> tuple[Migration, ...]:
    """All migrations of this program, from 1 on."""
    folder = resources.files(__package__) / "migrations"
    found = sorted(
        (
            Migration(int(match[1]), file.read_text("utf-8"))
            for file in folder.iterdir()
            if (match := _FILE_NAME.fullmatch(file.name))
        ),
        key=lambda migration: migration.number,
    )
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise InvariantBroken("the migrations are not numbered 1, 2, 3 ...")
    return tuple(found)


def create(path: Path, account: str, steps: Sequence[Migration]) -> None:
    """Make a new file. It appears under its name only when it is complete, so a crash leaves no half a ledger."""
    draft = path.with_name(path.name + ".new")
    for leftover in (draft, *side_files(draft)):
        leftover.unlink(missing_ok=True)
    try:
        draft.touch(mode=0o600)
    except OSError as error:
        raise EnvironmentProblem(
            f"A new ledger cannot be made in {path.parent}: {error.strerror}.",
            "Check that the folder exists, that you may write there and that the disk is not full.",
        ) from error
    connection = Connection(draft)
    try:
        connection.rows(f"PRAGMA application_id = {APPLICATION_ID}")
        migrate(connection, 0, steps)
        with connection.transaction():
            connection.write("INSERT INTO about (account) VALUES (?)", (account,))
    finally:
        connection.close()
    draft.replace(path)
    sync_folder(path.parent)


def migrate(connection: Connection, version: int, steps: Sequence[Migration]) -> None:
    """Each step after ``version`` is one transaction: after a crash the file is at one of the versions, never between."""
    for step in steps:
        if step.number > version:
            connection.script(f"{step.sql}\nPRAGMA user_version = {step.number};")


def back_up(connection: Connection, version: int, to: int, folder: Path) -> Path:
    """A verified copy of the open file as one file ``NAME-v0001-before-v0002.sqlite``; nothing older is overwritten."""
    owner = connection.path.parent.name
    name = f"{owner}-{connection.path.stem}-v{version:04}-before-v{to:04}"
    draft = folder / f"{name}.part"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"A backup cannot be made in {folder}: {error.strerror}. The ledger was left as it is.",
            "Give yourself the right to write there and start again.",
        ) from error
    with plain_errors(draft), closing(sqlite3.connect(draft, isolation_level=None)) as copy:
        connection.copy_to(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        verdict = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        copied = copy.execute("PRAGMA user_version").fetchone()[0]
    if verdict != "ok" or copied != version:
        raise damaged(draft, f"the backup is not good: {verdict}, version {copied}")
    sync_file(draft)
    kept = next(p for n in range(1, 10_000) if not (p := folder / f"{name}{f'-{n}' if n > 1 else ''}.sqlite").exists())
    draft.replace(kept)
    sync_folder(folder)
    return kept


def side_files(path: Path) -> tuple[Path, ...]:
    """The files that SQLite keeps beside ``path``."""
    return tuple(path.with_name(path.name + suffix) for suffix in SIDE_FILES)
