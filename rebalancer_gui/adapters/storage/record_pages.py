"""Records by strategy, coin, kind and time, page by page in either direction, however many there are.

Where an index leads to the rows a page costs what its rows cost. Where rows have to be looked at one by one, a question
looks at so many and answers how far it came. Times are found by bisecting keys, which are given out in the order of time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rebalancer_gui.adapters.storage import history_pages, order_rows
from rebalancer_gui.adapters.storage.base import StoreBase
from rebalancer_gui.adapters.storage.codec import to_micros, to_time
from rebalancer_gui.adapters.storage.connection import Value
from rebalancer_gui.adapters.storage.lazy_rows import LazyRows, Raw, grouped
from rebalancer_gui.adapters.storage.sqlite_errors import readable_rows
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.records import Record, RecordFilter, RecordPage

LOOKED_AT = 20_000
"""So many rows at most are looked at one by one for one page."""
_AFTER_EVERY_KEY = 2**62
_CLOCK_SLACK = timedelta(hours=1)
"""A clock that was set back gives a later row an earlier time: the search by time begins and ends that much further out."""


@dataclass(frozen=True, slots=True)
class _List:
    """How one kind of record is read: its table, the columns that rows are chosen by, and what makes rows of it."""

    table: str
    at: str
    word: str
    select: str
    read: Callable[[Sequence[Raw]], Record]
    by_symbol: bool = False
    names_coin: str = ""
    """A condition on the coin where no column holds it."""


def _one(read: Callable[[Raw], Record]) -> Callable[[Sequence[Raw]], Record]:
    return lambda rows: read(rows[0])


_LISTS = {
    HistoryKind.ORDERS: _List("intent", "sent_at", "state", order_rows.ORDER_PAGE, order_rows.to_order, by_symbol=True),
    HistoryKind.FILLS: _List("fill", "at", "side", order_rows.FILL_PAGE, _one(order_rows.to_fill_row), by_symbol=True),
    HistoryKind.FEES: _List(
        "fee_return", "at", "", history_pages.FEES, _one(history_pages.to_fee_row), by_symbol=True
    ),
    HistoryKind.REBALANCES: _List(
        "rebalance", "at", "outcome", history_pages.REBALANCES, _one(history_pages.to_rebalance),
        names_coin="(instr(legs, ?1) OR instr(skipped, ?1))",
    ),
    HistoryKind.TRANSFERS: _List("transfer", "at", "kind", history_pages.TRANSFERS, _one(history_pages.to_transfer)),
    HistoryKind.JOURNAL: _List(
        "journal", "at", "kind", history_pages.JOURNAL, _one(history_pages.to_journal_entry),
        names_coin="instr(text, ?1)",
    ),
}  # fmt: skip


@dataclass(slots=True)
class _Question:
    """The conditions of one page. ``alone``: rows have to be looked at one by one."""

    conditions: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    low: int = 0
    high: int = _AFTER_EVERY_KEY
    of_strategy: int | None = None
    alone: bool = False
    empty: bool = False

    def add(self, condition: str, *values: Value) -> None:
        self.conditions.append(condition)
        self.values += values


def _key_place(of: _List) -> int:
    """Where a row of its statement has the record's key."""
    return order_rows.FILL_KEY if of.table == "fill" else 0


class RecordPages(StoreBase):
    """The filtered pages of ``application.ports.Store``."""

    def records(
        self,
        kind: HistoryKind,
        chosen: RecordFilter,
        *,
        before: int | None = None,
        after: int | None = None,
        skip: int = 0,
        limit: int,
    ) -> RecordPage:
        with readable_rows(self.path):
            of, question = _LISTS[kind], self._question(kind, chosen)
            low = max(question.low, after + 1) if after is not None else question.low
            high = min(question.high, before - 1) if before is not None else question.high
            upwards = after is not None
            end = high
            if question.alone:
                high = min(high, self._last_key(of.table))
                low, high = (low, min(high, low + LOOKED_AT - 1)) if upwards else (max(low, high - LOOKED_AT + 1), high)
            if question.empty or low > high:
                return RecordPage((), None)
            rows = self._rows(of, question, low, high, limit, skip, upwards=upwards)
            reached = rows[-1][0][_key_place(of)] if rows and len(rows) == limit else None
            if reached is None and question.alone:
                last = self._last_key(of.table)
                if upwards and high < min(end, last):
                    reached = high
                elif not upwards and low > max(question.low, 1):
                    reached = low
            return RecordPage(LazyRows(self.path, rows, of.read), reached)

    def count_records(self, kind: HistoryKind, chosen: RecordFilter) -> int | None:
        with readable_rows(self.path):
            of, question = _LISTS[kind], self._question(kind, chosen, exact_time=False)
            if question.empty:
                return 0
            if question.alone or chosen.since is not None or chosen.until is not None:
                return None
            if of.table == "fill" and question.of_strategy is not None:
                sql = "SELECT count(*) FROM strategy_fill WHERE strategy = ?"
                return int(self._db.rows(sql, (question.of_strategy,))[0][0])
            where = f" WHERE {' AND '.join(question.conditions)}" if question.conditions else ""
            sql = "SELECT count(*) FROM TABLE".replace("TABLE", of.table) + where
            return int(self._db.rows(sql, question.values)[0][0])

    def renames(self, after: int) -> tuple[tuple[tuple[datetime, str, str], ...], int | None]:
        with readable_rows(self.path):
            last, until = self._last_key("entry"), after + LOOKED_AT
            sql = "SELECT at, reference FROM entry WHERE key > ? AND key <= ? AND kind = 'renamed' ORDER BY key"
            found: dict[str, tuple[datetime, str, str]] = {}
            for at, reference in self._db.rows(sql, (after, until)):
                old, _, new = reference.partition(" ")
                found.setdefault(reference, (to_time(at), old, new))  # one booking for each that held it
            return tuple(found.values()), until if until < last else None

    # ----------------------------------------------------------------------------------------------------------- asking

    def _question(self, kind: HistoryKind, chosen: RecordFilter, *, exact_time: bool = True) -> _Question:
        of, asked = _LISTS[kind], _Question()
        self._ask_whose(of, chosen, asked)
        self._ask_coin(of, chosen, asked)
        if chosen.word and not of.word:
            asked.empty = True
        elif chosen.word:
            # Of the journal the words have an index of their own; where something else leads, each row is looked at.
            asked.alone = asked.alone or of.table != "journal" or bool(asked.conditions)
            asked.add(f"{of.word} = ?", chosen.word)
        if exact_time:
            if chosen.since is not None:
                asked.low = self._first_key(of, chosen.since - _CLOCK_SLACK)
                asked.add(f"{of.at} >= ?", to_micros(chosen.since))
            if chosen.until is not None:
                asked.high = self._first_key(of, chosen.until + _CLOCK_SLACK) - 1
                asked.add(f"{of.at} < ?", to_micros(chosen.until))
        return asked

    def _ask_whose(self, of: _List, chosen: RecordFilter, asked: _Question) -> None:
        if chosen.strategy_id is None:
            return
        if not chosen.strategy_id:
            asked.empty = of.table not in {"transfer", "journal"}
            if not asked.empty:
                asked.add("strategy IS NULL")
            return
        key = self._keys.find_strategy(chosen.strategy_id)
        if key is None:
            asked.empty = True
        elif of.table == "fill":
            asked.of_strategy = key
        else:
            asked.add("strategy = ?", key)

    def _ask_coin(self, of: _List, chosen: RecordFilter, asked: _Question) -> None:
        if not chosen.asset:
            return
        asked.alone = bool(asked.conditions) or asked.of_strategy is not None or not (of.by_symbol or not of.names_coin)
        if of.names_coin:
            asked.alone = True
            named = f'"asset":"{chosen.asset}"' if of.table == "rebalance" else chosen.asset
            asked.conditions.append(of.names_coin.replace("?1", "?"))
            asked.values += [named] * of.names_coin.count("?1")
        elif of.by_symbol:
            sql = "SELECT key FROM symbol WHERE substr(name, 1, ?) = ?"
            symbols = [row[0] for row in self._db.rows(sql, (len(chosen.asset) + 1, f"{chosen.asset}/"))]
            if not symbols:
                asked.empty = True
            asked.alone = asked.alone or len(symbols) > 1
            asked.add(f"symbol IN ({', '.join('?' * len(symbols))})", *symbols)
        else:
            asked.add("asset = ?", chosen.asset)

    def _rows(
        self, of: _List, asked: _Question, low: int, high: int, limit: int, skip: int, *, upwards: bool
    ) -> list[Sequence[Raw]]:
        """The file's rows of each record, in the order that is asked for."""
        way = "ASC" if upwards else "DESC"
        source, key, columns, conditions, values = of.table, "key", "*", list(asked.conditions), list(asked.values)
        if asked.of_strategy is not None:
            key, columns = "o.fill", "o.fill AS key"
            source = "strategy_fill o JOIN fill f ON f.key = o.fill" if conditions else "strategy_fill o"
            conditions = ["o.strategy = ?", *conditions]
            values = [asked.of_strategy, *values]
        where = " AND ".join([*conditions, f"{key} >= ?", f"{key} <= ?"])
        page = f"(SELECT {columns} FROM {source} WHERE {where} ORDER BY {key} {way} LIMIT ? OFFSET ?)"  # noqa: S608
        found = self._db.rows(of.select.replace("PAGE", page), (*values, low, high, limit, skip))
        groups: list[Sequence[Raw]] = grouped(found, 0) if of.table == "intent" else [(row,) for row in found]
        return groups[::-1] if upwards else groups

    # ----------------------------------------------------------------------------------------------------------- finding

    def _last_key(self, table: str) -> int:
        return int(self._db.rows("SELECT coalesce(max(key), 0) FROM TABLE".replace("TABLE", table))[0][0])

    def _first_key(self, of: _List, at: datetime) -> int:
        """The first key whose row is not before ``at``, as far as keys follow the time."""
        moment = to_micros(at)
        sql = f"SELECT key, {of.at} FROM {of.table} WHERE key >= ? ORDER BY key LIMIT 1"  # noqa: S608
        low, high = 0, self._last_key(of.table) + 1
        while low < high:
            middle = (low + high) // 2
            found = self._db.rows(sql, (middle,))
            if found and found[0][1] < moment:
                low = found[0][0] + 1
            else:
                high = middle
        return low
