"""What the file itself promises: durable settings, append-only tables, balances that can be proven, a small size."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import pytest

from rebalancer_gui.adapters.storage import history_pages, order_rows
from rebalancer_gui.adapters.storage.schema import APPLICATION_ID, migrations
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.records import EquitySample
from rebalancer_gui.domain.errors import EnvironmentProblem, InvariantBroken
from rebalancer_gui.domain.ledger import deposit
from rebalancer_gui.domain.money import HUNDRED
from rebalancer_gui.domain.orders import IntentState
from tests.support.stored_rows import (
    ACCOUNT,
    START,
    a_fee_return,
    a_fill,
    a_rebalance,
    a_strategy,
    a_transfer,
    an_entry,
    an_intent,
    with_strategies,
)

MEGABYTE = 1_000_000
MILLION_COPIES = """
    WITH RECURSIVE n (x) AS (SELECT 2 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000)
    INSERT INTO TABLE (COLUMNS) SELECT VALUES FROM n, TABLE t WHERE t.key = 1
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "ledger.sqlite", ACCOUNT)
    made.open()
    yield made
    made.close()


def pragma(store: SqliteStore, name: str) -> object:
    return store._db.rows(f"PRAGMA {name}")[0][0]


@pytest.mark.failure(35)
def test_the_file_is_opened_for_durable_and_exclusive_writing(store: SqliteStore) -> None:
    assert pragma(store, "journal_mode") == "wal"
    assert pragma(store, "synchronous") == 2  # FULL
    assert pragma(store, "locking_mode") == "exclusive"
    assert pragma(store, "foreign_keys") == 1
    assert pragma(store, "recursive_triggers") == 1
    assert pragma(store, "application_id") == APPLICATION_ID
    assert pragma(store, "user_version") == len(migrations())


def test_the_file_and_its_log_are_for_the_owner_only(store: SqliteStore) -> None:
    with_strategies(store, "s-1")
    for file in store.path.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_every_table_is_strict_and_keeps_no_floating_point(store: SqliteStore) -> None:
    tables = store._db.rows(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'"
    )
    assert len(tables) > 15
    assert all(strict for _, strict in tables)
    for name, _ in tables:
        kinds = {row[2] for row in store._db.rows(f"PRAGMA table_info({name})")}
        assert kinds <= {"TEXT", "INTEGER"}, name


@pytest.mark.parametrize("table", ("order_event", "fill", "entry", "posting", "fee_return"))
@pytest.mark.parametrize(
    "verb", ("DELETE FROM {}", "UPDATE {} SET key = key", "INSERT OR REPLACE INTO {} SELECT * FROM {}")
)
def test_what_happened_can_neither_be_changed_nor_deleted(store: SqliteStore, table: str, verb: str) -> None:
    with_strategies(store, "s-1")
    with store.transaction():
        store.insert_intent(an_intent())
        store.insert_fill(ACCOUNT, "s-1", a_fill())
        store.save_fee_return(a_fee_return())
        store.post(deposit(START, "USDT", HUNDRED))
    all_of = "SELECT * FROM TABLE".replace("TABLE", table)
    before = store._db.rows(all_of)
    assert before
    with pytest.raises(InvariantBroken, match="append-only"), store.transaction():
        store._db.write(verb.format(table, table))
    assert store._db.rows(all_of) == before


def test_each_change_of_an_orders_state_is_one_appended_event(store: SqliteStore) -> None:
    with_strategies(store, "s-1")
    later = START + timedelta(seconds=2)
    acked = replace(an_intent(), state=IntentState.ACKED, venue_order_id="77")
    with store.transaction():
        store.insert_intent(an_intent())
        store.update_intent(acked, later)
        store.update_intent(replace(acked, filled=Decimal("0.001")), later)
        store.update_intent(replace(acked, state=IntentState.SETTLED, filled=Decimal("0.001"), reason="thin"), later)
    assert store._db.rows("SELECT state, venue_order_id, filled, reason FROM order_event ORDER BY key") == [
        ("sending", "", "0", ""),
        ("acked", "77", "0", ""),
        ("settled", "77", "0.001", "thin"),
    ]


def test_every_version_of_the_parameters_is_kept(store: SqliteStore) -> None:
    first = a_strategy()
    second = replace(first, version=2, parameters=replace(first.parameters, name="Renamed"))
    for record in (first, second):
        with store.transaction():
            store.save_strategy(record, START)
    assert store._db.rows("SELECT version FROM strategy_version ORDER BY version") == [(1,), (2,)]


def test_amounts_are_stored_in_plain_notation(store: SqliteStore) -> None:
    with store.transaction():
        store.post(deposit(START, "SHIB", Decimal("1E+9")))
        store.post(deposit(START, "BTC", Decimal("1E-8")))
        store.post(deposit(START, "ETH", Decimal("1.50")))
    amounts = store._db.rows("SELECT asset, amount FROM balance WHERE account = 'free' ORDER BY asset")
    assert amounts == [("BTC", "0.00000001"), ("ETH", "1.5"), ("SHIB", "1000000000")]


@pytest.mark.parametrize("amount", (Decimal("NaN"), Decimal("Infinity")))
def test_what_is_no_amount_is_not_stored(store: SqliteStore, amount: Decimal) -> None:
    with_strategies(store, "s-1")
    with pytest.raises(InvariantBroken, match="not an amount"), store.transaction():
        store.save_hodl("s-1", {"BTC": amount})
    with pytest.raises(InvariantBroken, match="not an amount"), store.transaction():
        store.add_equity([EquitySample("s-1", START, amount, HUNDRED)])


@pytest.mark.parametrize(
    "change",
    (
        "UPDATE balance SET amount = '99.99999999' WHERE account = 'free'",
        "DELETE FROM balance WHERE account = 'free'",
        "INSERT INTO balance VALUES ('strategy:s-1', 'BTC', '1')",
        "INSERT INTO posting (entry, account, asset, amount) VALUES (1, 'free', 'USDT', '0.00000001')",
    ),
)
@pytest.mark.failure(43)
def test_a_balance_that_is_not_the_sum_of_its_bookings_stops_the_start(store: SqliteStore, change: str) -> None:
    with store.transaction():
        store.post(deposit(START, "USDT", HUNDRED))
    store.load()
    with store.transaction():
        store._db.write(change)
    with pytest.raises(EnvironmentProblem, match="bookings add up to") as caught:
        store.load()
    assert str(store.path) in caught.value.message


@pytest.mark.parametrize(
    "change",
    (
        "UPDATE strategy SET state = 'Dancing'",
        "UPDATE strategy_version SET parameters = '{\"name\": 5}'",
        "UPDATE balance SET amount = 'much'",
        "UPDATE balance SET amount = 'NaN'",
        "DELETE FROM strategy_version",
        "UPDATE strategy SET created_at = 9223372036854775807",
        "UPDATE strategy SET halt = 'tired'",
        "UPDATE strategy SET growth = 'much'",
        "INSERT INTO cost_basis VALUES (1, 'BTC', 'cheap')",
    ),
)
@pytest.mark.failure(43)
def test_a_row_that_cannot_be_understood_stops_the_start(store: SqliteStore, change: str) -> None:
    with_strategies(store, "s-1")
    with store.transaction():
        store.post(deposit(START, "USDT", HUNDRED))
    with store.transaction():
        store._db.write(change)
    with pytest.raises(EnvironmentProblem, match="is damaged"):
        store.load()


def test_a_page_of_history_is_found_by_key_in_every_table(store: SqliteStore) -> None:
    """Nothing is read that is not shown: no scan of a history, however it is filtered."""
    pages = (
        (history_pages._ORDER_PAGES, "intent"),
        (history_pages._REBALANCE_PAGES, "rebalance"),
        (history_pages._TRANSFER_PAGES, "transfer"),
        (history_pages._JOURNAL_PAGES, "journal"),
        (history_pages._FEE_PAGES, "fee_return"),
    )
    for statements, table in pages:
        for owner, sql in statements.items():
            values = (1, 10, 500) if "strategy = ?" in owner.value else (10, 500)
            plan = [row[3] for row in store._db.rows("EXPLAIN QUERY PLAN " + sql, values)]
            by_key = [step for step in plan if step.startswith(f"SEARCH {table} ") and "rowid<?" in step]
            assert len(by_key) == 1, plan
            assert not [step for step in plan if step.startswith(f"SCAN {table}")], plan
    for owner, sql in history_pages._FILL_PAGES.items():
        one = "strategy = ?" in owner.value
        plan = [row[3] for row in store._db.rows("EXPLAIN QUERY PLAN " + sql, (1, 10, 500) if one else (10, 500))]
        start = (
            "SEARCH strategy_fill USING PRIMARY KEY (strategy=? AND fill<?)"
            if one
            else "SEARCH fill USING INTEGER PRIMARY KEY (rowid<?)"
        )
        assert [step for step in plan if step.startswith(start)], plan
        assert not [step for step in plan if step.startswith("SCAN") and step != "SCAN p"], plan  # p: the page itself
    plan = [row[3] for row in store._db.rows("EXPLAIN QUERY PLAN " + order_rows.FILLS_OF_ORDER, ("x",))]
    assert not [step for step in plan if step.startswith("SCAN")], plan


def test_an_idle_week_with_twenty_strategies_stays_under_20_mb(store: SqliteStore) -> None:
    strategies = [f"s-{n}" for n in range(20)]
    with_strategies(store, *strategies)
    third = Decimal(1) / 3  # as long as amounts get: 50 digits
    decisions = [an_entry(f"j-{s}", s, "Within the threshold: the worst drift is 0.43 pp (BTC).") for s in strategies]
    for day in range(7):
        with store.transaction():
            for minute in range(24 * 60):
                at = START + timedelta(days=day, minutes=minute)
                store.add_equity([EquitySample(s, at, 1000 + third * minute, 999 + third * minute) for s in strategies])
                store.add_prices(at, {f"COIN{n}/USDT": Decimal("43210.1234") + n + minute for n in range(15)})
        for minute in range(0, 24 * 60, 60):
            with store.transaction():
                at = START + timedelta(days=day, minutes=minute)
                for entry in decisions:
                    store.save_journal(replace(entry, count=30 * (minute + 1), last_at=at))
    whole = sum(file.stat().st_size for file in store.path.parent.iterdir())
    assert whole < 20 * MEGABYTE
    assert len(store.equity("s-7", None, 4000)) in range(3900, 4002)
    assert len(store.equity("s-7", None, 20_000)) == 7 * 24 * 60
    store.close()
    assert store.path.stat().st_size < 14 * MEGABYTE
    store.open()


def test_an_order_with_its_rebalance_takes_less_than_4_kb(store: SqliteStore) -> None:
    with_strategies(store, "s-1")
    empty = int(str(pragma(store, "page_count")))
    for number in range(500):
        intent = an_intent(f"rbtest{number:012}")
        with store.transaction():
            store.save_rebalance(a_rebalance(f"r-{number}"))
            store.insert_intent(intent)
            for state in (IntentState.ACKED, IntentState.DONE, IntentState.SETTLED):
                store.update_intent(replace(intent, state=state, venue_order_id="123456789"), START)
            for part in range(2):
                store.insert_fill(ACCOUNT, "s-1", a_fill(f"{number}-{part}", intent.client_order_id))
                store.save_fee_return(a_fee_return("s-1", f"{number}-{part}"))
            store.save_costs("s-1", {"BTC": HUNDRED + number})
            for _ in range(4):
                store.post(deposit(START, "USDT", HUNDRED))
            store.save_journal(an_entry(f"j-{number}"))
    assert (int(str(pragma(store, "page_count"))) - empty) * 4096 / 500 < 4000


@pytest.mark.long
def test_five_hundred_rows_out_of_a_million_come_within_a_tenth_of_a_second(store: SqliteStore) -> None:
    with_strategies(store, *(f"s-{n}" for n in range(20)))
    with store.transaction():
        store.insert_intent(an_intent("rbtest000000000001", "s-0"))
        store.insert_fill(ACCOUNT, "s-0", a_fill())
        store.save_fee_return(a_fee_return("s-0"))
        store.save_rebalance(a_rebalance("r-1", "s-0"))
        store.save_transfer(a_transfer(strategy_id="s-0"))
        store.save_journal(an_entry("j-1", "s-0"))
        different = {
            "intent": {"key": "x", "client_order_id": "'rb' || x", "strategy": "1 + x % 20", "state": "'settled'"},
            "fill": {"key": "x", "intent": "x", "trade_id": "x"},
            "fee_return": {"key": "x", "trade_id": "x", "strategy": "1 + x % 20"},
            "rebalance": {"key": "x", "id": "'r-' || x", "strategy": "1 + x % 20", "outcome": "'done'"},
            "transfer": {"key": "x", "strategy": "1 + x % 20"},
            "journal": {"key": "x", "id": "'j-' || x", "strategy": "1 + x % 20"},
        }
        for table, changed in different.items():
            columns = [row[1] for row in store._db.rows(f"PRAGMA table_info({table})")]
            values = ", ".join(changed.get(column, column) for column in columns)
            copies = MILLION_COPIES.replace("TABLE", table).replace("COLUMNS", ", ".join(columns))
            store._db.write(copies.replace("VALUES", values))
    pages = (store.orders, store.all_fills, store.fees, store.rebalances, store.transfers, store.journal)
    for read in pages:
        for owner in (None, "s-7"):
            for before in (None, 500_000):
                began = perf_counter()
                assert len(read(owner, before, 500)) == 500
                assert perf_counter() - began < 0.1


def test_another_thread_may_not_touch_the_store(store: SqliteStore) -> None:
    caught: list[BaseException] = []

    def read() -> None:
        try:
            store.load()
        except InvariantBroken as error:
            caught.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert "thread" in str(caught[0])


def test_a_store_that_is_not_open_refuses_everything(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "ledger.sqlite", ACCOUNT)
    with pytest.raises(InvariantBroken, match="not open"):
        store.load()
    with pytest.raises(InvariantBroken, match="not open"):
        store.transaction()
    store.close()


def test_a_failed_draft_of_a_new_ledger_does_not_stand_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.with_name("ledger.sqlite.new").write_bytes(b"half a ledger")
    path.with_name("ledger.sqlite.new-wal").write_bytes(b"half a log")
    store = SqliteStore(path, ACCOUNT)
    store.open()
    store.close()
    assert [p.name for p in tmp_path.iterdir()] == ["ledger.sqlite"]
    with closing(sqlite3.connect(path)) as sqlite:
        assert sqlite.execute("PRAGMA integrity_check").fetchone() == ("ok",)
