"""Older ledgers are brought up to date after a backup, whole or not at all; released versions are kept."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage import schema
from rebalancer_gui.adapters.storage.schema import Migration
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.domain.errors import EnvironmentProblem, InvariantBroken

RELEASED = Path(__file__).resolve().parents[2] / "data" / "schemas"
ACCOUNT = "paper"
OURS = schema.migrations()
NEWEST = OURS[-1].number
NEXT = Migration(NEWEST + 1, "ALTER TABLE journal ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm';")
BREAKING = Migration(
    NEWEST + 1, "CREATE TABLE half (a TEXT) STRICT; INSERT INTO half VALUES ('x'); INSERT INTO nowhere VALUES (1);"
)
ORPHANING = Migration(NEWEST + 1, "DELETE FROM strategy;")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A copy of the real file of the newest version in its account's folder."""
    path = tmp_path / "accounts" / ACCOUNT / "ledger.sqlite"
    path.parent.mkdir(parents=True)
    shutil.copyfile(RELEASED / f"v{NEWEST:04}.sqlite", path)
    return path


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as sqlite:
        return int(sqlite.execute("PRAGMA user_version").fetchone()[0])


def test_there_is_a_file_of_every_released_version() -> None:
    assert sorted(file.name for file in RELEASED.glob("*.sqlite")) == [f"v{m.number:04}.sqlite" for m in OURS]


def test_a_file_of_this_version_is_not_backed_up(old: Path, tmp_path: Path) -> None:
    store = SqliteStore(old, ACCOUNT, backups=tmp_path / "backups", steps=OURS)
    store.open()
    store.close()
    assert not (tmp_path / "backups").exists()


def test_an_older_file_is_backed_up_and_brought_up_to_date(old: Path, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    store = SqliteStore(old, ACCOUNT, backups=backups, steps=(*OURS, NEXT))
    store.open()
    assert store._db.rows("SELECT mood FROM journal") == [("calm",), ("calm",)]
    state = store.load()
    store.close()
    assert version_of(old) == NEXT.number
    (backup,) = backups.iterdir()
    assert backup.name == f"paper-ledger-v{NEWEST:04}-before-v{NEXT.number:04}.sqlite"
    assert version_of(backup) == NEWEST
    restored = SqliteStore(backup, ACCOUNT, steps=OURS)
    restored.open()
    assert restored.load() == state
    restored.close()
    # And the newer one is now refused by the older program.
    with pytest.raises(EnvironmentProblem, match="newer Rebalancer"):
        SqliteStore(old, ACCOUNT, steps=OURS).open()


@pytest.mark.parametrize("bad", (BREAKING, ORPHANING))
def test_a_migration_that_fails_leaves_the_file_at_its_version(old: Path, tmp_path: Path, bad: Migration) -> None:
    backups = tmp_path / "backups"
    for attempt in (1, 2):
        with pytest.raises(InvariantBroken):
            SqliteStore(old, ACCOUNT, backups=backups, steps=(*OURS, bad)).open()
        assert len(list(backups.iterdir())) == attempt  # an earlier backup is never overwritten
    assert version_of(old) == NEWEST
    store = SqliteStore(old, ACCOUNT, steps=OURS)
    store.open()
    assert len(store.load().strategies) == 2
    assert store._db.rows("SELECT count(*) FROM sqlite_schema WHERE name = 'half'") == [(0,)]
    store.close()


def test_without_a_backup_nothing_is_migrated(old: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "backups"
    in_the_way.write_text("a file, not a folder")
    with pytest.raises(EnvironmentProblem, match="backup cannot be made"):
        SqliteStore(old, ACCOUNT, backups=in_the_way, steps=(*OURS, NEXT)).open()
    assert version_of(old) == NEWEST


def test_a_released_migration_is_never_edited() -> None:
    """The tables of the kept file are those that the migrations make."""
    for migration in OURS:
        with (
            closing(sqlite3.connect(":memory:", isolation_level=None)) as made,
            closing(
                sqlite3.connect(f"file:{RELEASED}/v{migration.number:04}.sqlite?mode=ro&immutable=1", uri=True)
            ) as kept,
        ):
            for step in OURS[: migration.number]:
                made.executescript(step.sql)
            tables = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
            assert made.execute(tables).fetchall() == kept.execute(tables).fetchall()
