"""The real files of released versions: each still opens, nothing in it is lost, and what is new has a sound beginning."""

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage import schema
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.records import EquitySample, Outcome, TransferKind
from rebalancer_gui.domain.coin_result import CoinResult
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.orders import IntentState, Side
from rebalancer_gui.domain.strategy import HaltKind, RatioRule, State, Target, TimeRule
from tests.support.stored_rows import a_fee_return, a_fill, a_living_strategy

ROOT = Path(__file__).resolve().parents[3]
RELEASED = ROOT / "tests" / "data" / "schemas"
ACCOUNT = "paper"
START = datetime(2021, 3, 14, 15, 9, 26, 535897, UTC)
OURS = schema.migrations()
OLD_TABLES = (
    *("about", "symbol", "strategy", "strategy_version", "hodl", "rebalance", "intent", "order_event", "fill"),
    *("fee_paid", "entry", "posting", "balance", "transfer", "journal", "equity_sample", "price_sample"),
    "engine_state",
)
DIE_WHILE_MIGRATING = """
# One step is one instruction of SQLite's machine; the whole migration takes some five thousand.
import os, signal, sys
from pathlib import Path
from rebalancer_gui.adapters.storage import schema
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore

left = int(sys.argv[2])

def die_at_last():
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

def migrate(connection, version, steps, real=schema.migrate):
    connection._sqlite.set_progress_handler(die_at_last, 1)
    real(connection, version, steps)

schema.migrate = migrate
SqliteStore(Path(sys.argv[1]), "paper").open()
"""


STEPS_FROM = {1: 10_940, 2: 6280, 3: 1870}
"""Up to which instruction a migration that begins at a version is cut off: a little more than it takes."""


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[int], Path]:
    """Puts a copy of the released file of a version into its account's folder."""

    def copy(version: int) -> Path:
        path = tmp_path / "accounts" / ACCOUNT / "ledger.sqlite"
        path.parent.mkdir(parents=True)
        shutil.copyfile(RELEASED / f"v{version:04}.sqlite", path)
        return path

    return copy


@pytest.fixture
def old(copy_of: Callable[[int], Path]) -> Path:
    """A ledger of version 1."""
    return copy_of(1)


def opened(path: Path) -> SqliteStore:
    store = SqliteStore(path, ACCOUNT)
    store.open()
    return store


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as sqlite:
        return int(sqlite.execute("PRAGMA user_version").fetchone()[0])


def change(path: Path, statement: str, *values: str) -> None:
    """Work on a closed ledger as an earlier version of the program did."""
    with closing(sqlite3.connect(path)) as sqlite, sqlite:
        sqlite.execute(statement, values)


def rows_of_version_1(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the first version's tables, in that version's columns."""
    with (
        closing(sqlite3.connect(f"file:{RELEASED}/v0001.sqlite?mode=ro&immutable=1", uri=True)) as first,
        closing(sqlite3.connect(path)) as sqlite,
    ):
        found = {}
        for table in OLD_TABLES:
            columns = ", ".join(row[1] for row in first.execute(f"PRAGMA table_info({table})"))
            found[table] = sqlite.execute(
                "SELECT COLUMNS FROM TABLE".replace("COLUMNS", columns).replace("TABLE", table)
            ).fetchall()
        return found


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


def test_no_row_of_version_1_is_lost_or_changed_and_a_backup_is_made(old: Path) -> None:
    before = rows_of_version_1(old)
    assert all(before.values())
    opened(old).close()
    assert version_of(old) == OURS[-1].number
    assert rows_of_version_1(old) == before
    (backup,) = (old.parent / "backups").iterdir()
    assert backup.name == f"paper-ledger-v0001-before-v{OURS[-1].number:04}.sqlite"
    assert version_of(backup) == 1
    assert rows_of_version_1(backup) == before


def test_a_strategy_of_version_1_begins_its_new_columns_soundly(old: Path) -> None:
    store = opened(old)
    state = store.load()
    first, second = state.strategies
    assert (first.halt, first.grid_from, first.pending) == (None, None, "")
    assert (first.growth, first.growth_base) == (Decimal(1), Decimal("1000.5"))  # its investment
    assert (second.growth, second.growth_base) == (Decimal(1), Decimal(0))  # nothing was invested yet
    for record in (first, second):
        assert (record.parameters.trigger, record.parameters.stop_loss, record.parameters.take_profit) == (None,) * 3
    assert [(number, at) for number, at, _ in store.versions("s-1")] == [(1, START), (2, START)]
    assert [chosen.name for _, _, chosen in store.versions("s-1")] == ["s-1", "Renamed"]
    assert (state.costs, state.pool_fees) == ({}, {})
    assert store.fees(None, None, 10) == ()
    store.close()


def test_the_trades_of_version_1_are_in_the_new_list_of_trades(old: Path) -> None:
    change(
        old,
        """
        INSERT INTO intent SELECT key + 1, 'rbtest000000000002', 2, rebalance_id, attempt, symbol, side, type, quantity,
            limit_price, reserved_asset, reserved_amount, sent_at, 'settled', venue_order_id, filled, reason FROM intent
        """,
    )
    for key, intent in ((2, 2), (3, 1)):
        change(
            old,
            """
            INSERT INTO fill SELECT ?1, ?2, symbol, 't' || ?1, side, quantity, price, fee, fee_asset, at FROM fill
            WHERE key = 1
            """,
            *(str(key), str(intent)),
        )
    store = opened(old)
    assert [(row.key, row.strategy_id, row.fill.trade_id) for row in store.all_fills(None, None, 10)] == [
        (3, "s-1", "t3"),
        (2, "s-2", "t2"),
        (1, "s-1", "1"),
    ]
    assert [row.key for row in store.all_fills("s-1", None, 10)] == [3, 1]
    assert [row.key for row in store.all_fills("s-2", None, 10)] == [2]
    store.close()


@pytest.mark.parametrize(
    ("reason", "kind"),
    (
        ("Stop all", HaltKind.STOP_ALL),
        ("5 orders in a row were refused. The last answer: no.", HaltKind.REFUSED),
        ("The exchange knows another order under the id rbtest000000000001 (another side).", HaltKind.FOREIGN_ORDER),
    ),
)
def test_a_strategy_that_was_halted_in_version_1_keeps_its_cause(old: Path, reason: str, kind: HaltKind) -> None:
    halted = "UPDATE strategy SET state = 'Halted', former_state = 'Running', reason = ? WHERE key = 1"
    change(old, halted, reason)
    store = opened(old)
    first, second = store.load().strategies
    assert (first.state, first.halt, first.reason, first.former_state) == (State.HALTED, kind, reason, State.RUNNING)
    assert second.halt is None
    store.close()


def rows_of(path: Path, released: int) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the tables that the released version has, in that version's columns."""
    with (
        closing(sqlite3.connect(f"file:{RELEASED}/v{released:04}.sqlite?mode=ro&immutable=1", uri=True)) as first,
        closing(sqlite3.connect(path)) as sqlite,
    ):
        found = {}
        for (table,) in first.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall():
            columns = ", ".join(row[1] for row in first.execute(f"PRAGMA table_info({table})"))
            found[table] = sqlite.execute(
                "SELECT COLUMNS FROM TABLE".replace("COLUMNS", columns).replace("TABLE", table)
            ).fetchall()
        return found


def tables_of(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as sqlite:
        return {row[0] for row in sqlite.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


@pytest.mark.failure(45)
@pytest.mark.parametrize("released", range(1, OURS[-1].number))
def test_a_kill_in_any_step_of_the_migration_leaves_one_of_the_versions_which_then_migrates(
    released: int, copy_of: Callable[[int], Path]
) -> None:
    old = copy_of(released)
    before, content = rows_of(old, released), old.read_bytes()
    tables = {v: tables_of(RELEASED / f"v{v:04}.sqlite") for v in range(released, OURS[-1].number + 1)}
    chance, stood_at = random.Random(8), []
    for _ in range(14):
        # Each time from the beginning: a migration of several steps is met in each of them.
        old.write_bytes(content)
        for side in schema.side_files(old):
            side.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-c", DIE_WHILE_MIGRATING, old, str(chance.randrange(1, STEPS_FROM[released]))],
            cwd=ROOT,
            check=False,
        )
        if done.returncode == 0:
            continue  # it was through before its end
        assert done.returncode == -signal.SIGKILL
        stood_at.append(version_of(old))
        assert tables_of(old) == tables[stood_at[-1]]
        assert rows_of(old, released) == before
    assert len(stood_at) >= 5
    assert set(stood_at) == set(range(released, OURS[-1].number))
    store = opened(old)
    assert len(store.load().strategies) == 2
    store.close()
    assert version_of(old) == OURS[-1].number
    assert rows_of(old, released) == before


@pytest.mark.failure(45)
@pytest.mark.parametrize("released", range(1, OURS[-1].number))
def test_an_older_program_refuses_the_file_of_a_newer_one_and_leaves_it(
    released: int, copy_of: Callable[[int], Path]
) -> None:
    newest = copy_of(OURS[-1].number)
    before = newest.read_bytes()
    with pytest.raises(EnvironmentProblem, match="newer Rebalancer"):
        SqliteStore(newest, ACCOUNT, steps=OURS[:released]).open()
    assert newest.read_bytes() == before


def test_the_results_of_an_older_file_begin_with_the_costs_that_it_kept_and_nothing_is_guessed(
    copy_of: Callable[[int], Path],
) -> None:
    store = opened(copy_of(3))
    assert store.load().results == {
        "s-1": {"BTC": CoinResult(Decimal("113.57802"), None), "ETH": CoinResult(None, None)},
    }
    store.close()


def test_the_file_of_version_2_opens_with_everything_in_it(copy_of: Callable[[int], Path]) -> None:
    store = opened(copy_of(2))
    state = store.load()
    first, second = state.strategies
    assert (first.id, first.version, first.state, first.growth_base) == ("s-1", 2, State.RUNNING, Decimal("1000.5"))
    assert second == a_living_strategy("s-2")
    assert [(n, at) for n, at, _ in store.versions("s-1")] == [(1, START), (2, START + timedelta(minutes=1))]
    assert state.costs == {"s-1": {"BTC": Decimal("113.57802"), "ETH": None}}
    assert state.pool_fees == {"s-1": (a_fee_return().paid_value, a_fee_return().refunded_value)}
    assert [row.trade_id for row in store.fees("s-1", None, 10)] == ["1"]
    assert [row.fill for row in store.all_fills("s-1", None, 10)] == [a_fill()]
    assert state.fees == {"s-1": {"BTC": Decimal("0.000002")}}
    assert state.balances["strategy:s-1", "USDT"] == Decimal("763.6898283")
    assert [intent.client_order_id for intent in state.open_intents] == ["rbtest000000000001"]
    assert [r.id for r in state.open_rebalances] == ["r-1"]
    store.close()
