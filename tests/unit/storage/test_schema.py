"""Older ledgers are brought up to date after a backup, whole or not at all; every released version still opens."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage import schema
from rebalancer_gui.adapters.storage.schema import Migration
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.records import EquitySample, Outcome, TransferKind
from rebalancer_gui.domain.errors import EnvironmentProblem, InvariantBroken
from rebalancer_gui.domain.orders import IntentState, Side
from rebalancer_gui.domain.strategy import RatioRule, State, Target, TimeRule

RELEASED = Path(__file__).resolve().parents[2] / "data" / "schemas"
ACCOUNT = "paper"
START = datetime(2021, 3, 14, 15, 9, 26, 535897, UTC)
OURS = schema.migrations()
NEXT = Migration(2, "ALTER TABLE journal ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm';")
BREAKING = Migration(
    2, "CREATE TABLE half (a TEXT) STRICT; INSERT INTO half VALUES ('x'); INSERT INTO nowhere VALUES (1);"
)
ORPHANING = Migration(2, "DELETE FROM strategy;")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A copy of the real file of version 1 in its account's folder."""
    path = tmp_path / "accounts" / ACCOUNT / "ledger.sqlite"
    path.parent.mkdir(parents=True)
    shutil.copyfile(RELEASED / "v0001.sqlite", path)
    return path


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as sqlite:
        return int(sqlite.execute("PRAGMA user_version").fetchone()[0])


def test_there_is_a_file_of_every_released_version() -> None:
    assert sorted(file.name for file in RELEASED.glob("*.sqlite")) == [f"v{m.number:04}.sqlite" for m in OURS]


def test_the_file_of_version_1_opens_with_everything_in_it(old: Path) -> None:
    store = SqliteStore(old, ACCOUNT)
    store.open()
    state = store.load()
    first, second = state.strategies
    assert (first.id, first.version, first.state, first.started_at) == ("s-1", 2, State.RUNNING, START)
    assert (first.parameters.name, first.parameters.sell_all_on_stop) == ("Renamed", True)
    assert first.parameters.targets == (Target("BTC", Decimal("33.34")), Target("ETH", Decimal("66.66")))
    assert first.parameters.rule == RatioRule(Decimal("0.5"), timedelta(seconds=2))
    assert second.parameters.rule == TimeRule(timedelta(days=7), Decimal(0))
    assert state.hodl["s-1"]["ETH"] == Decimal("0.123456789012345678901234567890")
    assert state.balances == {
        ("external", "USDT"): Decimal(-10_000),
        ("free", "USDT"): Decimal("8999.5"),
        ("strategy:s-1", "USDT"): Decimal("763.6898283"),
        ("strategy:s-1", "BTC"): Decimal("0.001998"),
        ("reserved:rbtest000000000001", "USDT"): Decimal("123.2321517"),
        ("market", "USDT"): Decimal("113.57802"),
        ("market", "BTC"): Decimal("-0.002"),
        ("fees", "BTC"): Decimal("0.000002"),
    }
    assert state.flows == {"s-1": (Decimal("1000.5"), Decimal(0))}
    assert state.counters == {"s-1": (0, 5)}
    assert state.fees == {"s-1": {"BTC": Decimal("0.000002")}}
    assert state.fees_value == {"s-1": Decimal("0.11357802")}
    (intent,) = state.open_intents
    assert (intent.client_order_id, intent.state, intent.venue_order_id) == (
        "rbtest000000000001",
        IntentState.ACKED,
        "77",
    )
    (running,) = state.open_rebalances
    assert (running.id, running.outcome, running.legs[0].side) == ("r-1", Outcome.RUNNING, Side.BUY)
    assert {owner: entry.id for owner, entry in state.journal_tail.items()} == {"": "j-0", "s-1": "j-1"}
    assert state.values == {"ids_position": "12"}
    (order,) = store.orders("s-1", None, 10)
    assert (order.average, order.fees) == (Decimal("56789.01"), (("BTC", Decimal("0.000002")),))
    assert [row.kind for row in store.transfers(None, None, 10)] == [TransferKind.INVESTED, TransferKind.DEPOSIT]
    assert store.equity("s-1", None, 10) == (EquitySample("s-1", START, Decimal("999.5"), Decimal("999.25")),)
    assert store.price_samples("BTC/USDT", None, 10) == ((START, Decimal("56789.005")),)
    store.close()


def test_a_file_of_this_version_is_not_backed_up(old: Path, tmp_path: Path) -> None:
    store = SqliteStore(old, ACCOUNT, backups=tmp_path / "backups", steps=OURS[:1])
    store.open()
    store.close()
    assert not (tmp_path / "backups").exists()


def test_an_older_file_is_backed_up_and_brought_up_to_date(old: Path, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    store = SqliteStore(old, ACCOUNT, backups=backups, steps=(*OURS[:1], NEXT))
    store.open()
    assert store._db.rows("SELECT mood FROM journal") == [("calm",), ("calm",)]
    state = store.load()
    store.close()
    assert version_of(old) == 2
    (backup,) = backups.iterdir()
    assert backup.name == "paper-ledger-v0001-before-v0002.sqlite"
    assert version_of(backup) == 1
    restored = SqliteStore(backup, ACCOUNT, steps=OURS[:1])
    restored.open()
    assert restored.load() == state
    restored.close()
    # And the newer one is now refused by the older program.
    with pytest.raises(EnvironmentProblem, match="newer Rebalancer"):
        SqliteStore(old, ACCOUNT, steps=OURS[:1]).open()


@pytest.mark.parametrize("bad", (BREAKING, ORPHANING))
def test_a_migration_that_fails_leaves_the_file_at_its_version(old: Path, tmp_path: Path, bad: Migration) -> None:
    backups = tmp_path / "backups"
    for attempt in (1, 2):
        with pytest.raises(InvariantBroken):
            SqliteStore(old, ACCOUNT, backups=backups, steps=(*OURS[:1], bad)).open()
        assert len(list(backups.iterdir())) == attempt  # an earlier backup is never overwritten
    assert version_of(old) == 1
    store = SqliteStore(old, ACCOUNT, steps=OURS[:1])
    store.open()
    assert len(store.load().strategies) == 2
    assert store._db.rows("SELECT count(*) FROM sqlite_schema WHERE name = 'half'") == [(0,)]
    store.close()


def test_without_a_backup_nothing_is_migrated(old: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "backups"
    in_the_way.write_text("a file, not a folder")
    with pytest.raises(EnvironmentProblem, match="backup cannot be made"):
        SqliteStore(old, ACCOUNT, backups=in_the_way, steps=(*OURS[:1], NEXT)).open()
    assert version_of(old) == 1


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
