"""J7: the newest 500 rows of one strategy among a million, beside raw sqlite3; and whether it stays flat."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.records import RecordFilter
from tests.benchmarks.live_run import Report
from tests.benchmarks.ours import fastest
from tests.support.stored_rows import ACCOUNT, a_fill, a_transfer, an_entry, an_intent, with_strategies

STRATEGIES = 20
WANTED = 500
NUMBER = 7
ONE = f"s-{NUMBER}"
SHORTER = (1_000, 10_000, 100_000)
_COPIES = """
    WITH RECURSIVE n (x) AS (SELECT 2 UNION ALL SELECT x + 1 FROM n WHERE x < ?)
    INSERT INTO TABLE (COLUMNS) SELECT VALUES FROM n, TABLE t WHERE t.key = 1
"""
_RAW = {
    HistoryKind.ORDERS: """
        SELECT i.*, s.id, y.name, f.quantity, f.price, f.fee, f.fee_asset
        FROM (SELECT * FROM intent WHERE strategy = ? ORDER BY key DESC LIMIT 500) i JOIN strategy s ON s.key = i.strategy
            JOIN symbol y ON y.key = i.symbol LEFT JOIN fill f ON f.intent = i.key
        ORDER BY i.key DESC
    """,
    HistoryKind.TRANSFERS: """
        SELECT t.*, s.id FROM (SELECT * FROM transfer WHERE strategy = ? ORDER BY key DESC LIMIT 500) t
            JOIN strategy s ON s.key = t.strategy ORDER BY t.key DESC
    """,
    HistoryKind.JOURNAL: """
        SELECT j.*, s.id FROM (SELECT * FROM journal WHERE strategy = ? ORDER BY key DESC LIMIT 500) j
            JOIN strategy s ON s.key = j.strategy ORDER BY j.key DESC
    """,
}
"""The same rows with the names that their small keys stand for, as somebody would read them with sqlite3 alone."""


@dataclass(frozen=True, slots=True)
class Took:
    """Processor seconds of one page: by the store, and by sqlite3 alone; how long a jump to the middle takes."""

    ours: float
    raw: float
    jump: float


def filled(path: Path, rows: int) -> None:
    """A ledger with so many orders, trades, transfers and journal rows, by turns of twenty strategies.

    In a ledger too short to hold a page of one strategy so, every other row is of the one that is asked for.
    """
    whose = f"x % {STRATEGIES} + 1" if rows >= WANTED * STRATEGIES else f"iif(x % 2, {NUMBER}, x % {STRATEGIES} + 1)"
    store = SqliteStore(path, ACCOUNT)
    store.open()
    with_strategies(store, *(f"s-{number + 1}" for number in range(STRATEGIES)))
    with store.transaction():
        store.insert_intent(an_intent("rbtest000000000001", "s-1"))
        store.insert_fill(ACCOUNT, "s-1", a_fill("1", "rbtest000000000001"))
        store.save_transfer(a_transfer(strategy_id="s-1"))
        store.save_journal(an_entry("j-1", "s-1"))
        changed = {
            "intent": {"client_order_id": "'rb' || x", "state": "'settled'"},
            "fill": {"intent": "x", "trade_id": "'t' || x"},
            "transfer": {},
            "journal": {"id": "'j-' || x"},
        }
        for table, special in changed.items():
            columns = [row[1] for row in store._db.rows(f"PRAGMA table_info({table})")]
            usual = {"key": "x", "strategy": whose} | special
            values = ", ".join(usual.get(column, f"t.{column}") for column in columns)
            copies = _COPIES.replace("TABLE", table).replace("COLUMNS", ", ".join(columns)).replace("VALUES", values)
            store._db.write(copies, (rows,))
    store.close()


def page(path: Path, kind: HistoryKind, times: int) -> Took:
    """How long the newest rows of one strategy take."""
    store = SqliteStore(path, ACCOUNT)
    store.open()
    chosen = RecordFilter(ONE)
    count = store.count_records(kind, chosen) or 0

    def ours() -> int:
        return len(store.records(kind, chosen, limit=WANTED).rows)

    def jump() -> int:
        return len(store.records(kind, chosen, skip=count // 2, limit=WANTED).rows)

    took, found = fastest(ours, times)
    jumped, _ = fastest(jump, 3)
    store.close()
    with closing(sqlite3.connect(path)) as raw:
        read: Callable[[], int] = lambda: len(raw.execute(_RAW[kind], (NUMBER,)).fetchall())
        alone, told = fastest(read, times)
    if found != told:
        raise AssertionError(f"{kind.value}: {found} rows, sqlite3 has {told}")
    return Took(took, alone, jumped)


def measure(report: Report, folder: Path, *, rows: int, times: int) -> None:
    """The figures of G9 for each list: the store beside sqlite3 alone, and a long ledger beside shorter ones."""
    sizes = [size for size in SHORTER if size < rows] + [rows]
    ledgers = {size: folder / f"{size}.sqlite" for size in sizes}
    for size, path in ledgers.items():
        filled(path, size)
    for kind in _RAW:
        took = {size: page(path, kind, times) for size, path in ledgers.items()}
        longest, base = took[rows], took[sizes[0]].ours
        report.ratio("G9", f"J7, {kind.value}: ours : raw sqlite3, {rows:,} rows", longest.ours, longest.raw)
        beside = ", ".join(f"{size:,} rows {took[size].ours / base:.2f} x" for size in sizes[1:])
        report.lines.append(
            f"G9  J7, {kind.value}: {sizes[0]:,} rows {base * 1e3:.1f} ms, {beside}; a jump to the middle {longest.jump * 1e3:.1f} ms"
        )
