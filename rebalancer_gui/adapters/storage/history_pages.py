"""History, newest first, page by page: each page is found by key, however long the history is."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from rebalancer_gui.adapters.storage import codec, order_rows
from rebalancer_gui.adapters.storage.base import StoreBase
from rebalancer_gui.adapters.storage.codec import to_decimal, to_micros, to_time, to_time_or_none
from rebalancer_gui.adapters.storage.sqlite_errors import readable_rows
from rebalancer_gui.application.records import (
    Evidence,
    FeeRow,
    FillRow,
    JournalEntry,
    OrderRow,
    Outcome,
    RebalanceRecord,
    TransferRow,
)
from rebalancer_gui.domain.orders import Fill, OrderIntent
from rebalancer_gui.domain.strategy import StrategyParameters

_AFTER_EVERY_KEY = 2**63 - 1

REBALANCES = """
    SELECT r.key, r.id, s.id, r.at, r.reason, r.worst_drift, r.snapshot_seq, r.outcome, r.repeats, r.finished_at,
        r.last_at, r.message, r.advice, r.legs, r.skipped, r.reached
    FROM PAGE r JOIN strategy s ON s.key = r.strategy ORDER BY r.key DESC
"""
JOURNAL = """
    SELECT j.key, j.id, coalesce(s.id, ''), j.at, j.last_at, j.count, j.kind, j.text
    FROM PAGE j LEFT JOIN strategy s ON s.key = j.strategy ORDER BY j.key DESC
"""
TRANSFERS = """
    SELECT t.key, t.at, coalesce(s.id, ''), t.kind, t.asset, t.amount, t.value
    FROM PAGE t LEFT JOIN strategy s ON s.key = t.strategy ORDER BY t.key DESC
"""


FEES = """
    SELECT f.key, f.at, s.id, f.trade_id, y.name, f.fee_asset, f.fee, f.refunded, f.bnb_paid, f.saved, f.paid_value,
        f.refunded_value, f.note
    FROM PAGE f JOIN strategy s ON s.key = f.strategy JOIN symbol y ON y.key = f.symbol ORDER BY f.key DESC
"""


_EVIDENCE = """
    SELECT e.at, e.source, e.said FROM intent i JOIN order_evidence e ON e.intent = i.key
    WHERE i.client_order_id = ? ORDER BY e.key
"""


class _Owner(enum.Enum):
    """Whose rows a page shows; the value is the condition."""

    ANYBODY = ""
    ONE_STRATEGY = "strategy = ? AND "
    NO_STRATEGY = "strategy IS NULL AND "


def _pages(select: str, table: str) -> dict[_Owner, str]:
    page = "(SELECT * FROM TABLE WHERE OWNER key < ? ORDER BY key DESC LIMIT ?)".replace("TABLE", table)
    return {owner: select.replace("PAGE", page.replace("OWNER", owner.value)) for owner in _Owner}


_ORDER_PAGES = _pages(order_rows.ORDER_PAGE, "intent")
_REBALANCE_PAGES = _pages(REBALANCES, "rebalance")
_TRANSFER_PAGES = _pages(TRANSFERS, "transfer")
_JOURNAL_PAGES = _pages(JOURNAL, "journal")
_FEE_PAGES = _pages(FEES, "fee_return")
_FILL_PAGES = {
    _Owner.ANYBODY: order_rows.FILL_PAGE.replace(
        "PAGE", "(SELECT key FROM fill WHERE key < ? ORDER BY key DESC LIMIT ?)"
    ),
    _Owner.ONE_STRATEGY: order_rows.FILL_PAGE.replace(
        "PAGE",
        "(SELECT fill AS key FROM strategy_fill WHERE strategy = ? AND fill < ? ORDER BY fill DESC LIMIT ?)",
    ),
}
"""Every trade belongs to a strategy."""


class HistoryPages(StoreBase):
    """The pages of ``application.ports.Store``."""

    def orders(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[OrderRow, ...]:
        with readable_rows(self.path):
            return order_rows.to_orders(self._page(_ORDER_PAGES, strategy_id, before, limit))

    def fills(self, client_order_id: str) -> tuple[Fill, ...]:
        with readable_rows(self.path):
            return tuple(map(order_rows.to_fill, self._db.rows(order_rows.FILLS_OF_ORDER, (client_order_id,))))

    def absent_since(self, at: datetime) -> tuple[OrderIntent, ...]:
        with readable_rows(self.path):
            rows = self._db.rows(order_rows.ABSENT_INTENTS, (to_micros(at),))
            return tuple(order_rows.to_intent(row, self.account)[1] for row in rows)

    def fees_due(self) -> tuple[FillRow, ...]:
        with readable_rows(self.path):
            return tuple(map(order_rows.to_fill_row, self._db.rows(order_rows.FEES_DUE)))

    def evidence(self, client_order_id: str) -> tuple[Evidence, ...]:
        with readable_rows(self.path):
            return tuple(
                Evidence(client_order_id, to_time(at), source, said)
                for at, source, said in self._db.rows(_EVIDENCE, (client_order_id,))
            )

    def all_fills(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[FillRow, ...]:
        with readable_rows(self.path):
            return tuple(map(order_rows.to_fill_row, self._page(_FILL_PAGES, strategy_id, before, limit)))

    def fees(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[FeeRow, ...]:
        with readable_rows(self.path):
            return tuple(map(to_fee_row, self._page(_FEE_PAGES, strategy_id, before, limit)))

    def versions(self, strategy_id: str) -> tuple[tuple[int, datetime, StrategyParameters], ...]:
        sql = "SELECT version, at, parameters FROM strategy_version WHERE strategy = ? ORDER BY version"
        with readable_rows(self.path):
            return tuple(
                (version, to_time(at), codec.parameters_from_json(text))
                for version, at, text in self._db.rows(sql, (self._keys.find_strategy(strategy_id),))
            )

    def rebalances(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[RebalanceRecord, ...]:
        with readable_rows(self.path):
            return tuple(map(to_rebalance, self._page(_REBALANCE_PAGES, strategy_id, before, limit)))

    def transfers(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[TransferRow, ...]:
        with readable_rows(self.path):
            return tuple(map(to_transfer, self._page(_TRANSFER_PAGES, strategy_id, before, limit)))

    def journal(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[JournalEntry, ...]:
        with readable_rows(self.path):
            return tuple(map(to_journal_entry, self._page(_JOURNAL_PAGES, strategy_id, before, limit)))

    def _page(
        self, pages: dict[_Owner, str], strategy_id: str | None, before: int | None, limit: int
    ) -> list[tuple[Any, ...]]:
        end = (before if before is not None else _AFTER_EVERY_KEY, limit)
        if strategy_id is None:
            return self._db.rows(pages[_Owner.ANYBODY], end)
        if not strategy_id:
            return self._db.rows(pages[_Owner.NO_STRATEGY], end) if _Owner.NO_STRATEGY in pages else []
        key = self._keys.find_strategy(strategy_id)
        return [] if key is None else self._db.rows(pages[_Owner.ONE_STRATEGY], (key, *end))


def to_rebalance(row: tuple[Any, ...]) -> RebalanceRecord:
    """From a row of REBALANCES."""
    return RebalanceRecord(
        key=row[0],
        id=row[1],
        strategy_id=row[2],
        at=to_time(row[3]),
        reason=row[4],
        worst_drift=to_decimal(row[5]),
        snapshot_seq=row[6],
        outcome=Outcome(row[7]),
        repeats=row[8],
        finished_at=to_time_or_none(row[9]),
        last_at=to_time_or_none(row[10]),
        message=row[11],
        advice=row[12],
        legs=codec.legs_from_json(row[13]),
        skipped=codec.skipped_from_json(row[14]),
        reached=codec.reached_from_json(row[15]),
    )


def to_journal_entry(row: tuple[Any, ...]) -> JournalEntry:
    """From a row of JOURNAL."""
    return JournalEntry(
        key=row[0],
        id=row[1],
        strategy_id=row[2],
        at=to_time(row[3]),
        last_at=to_time(row[4]),
        count=row[5],
        kind=row[6],
        text=row[7],
    )


def to_transfer(row: tuple[Any, ...]) -> TransferRow:
    return TransferRow(
        key=row[0],
        at=to_time(row[1]),
        strategy_id=row[2],
        kind=row[3],
        asset=row[4],
        amount=to_decimal(row[5]),
        value=to_decimal(row[6]),
    )


def to_fee_row(row: tuple[Any, ...]) -> FeeRow:
    return FeeRow(
        key=row[0],
        at=to_time(row[1]),
        strategy_id=row[2],
        trade_id=row[3],
        symbol=row[4],
        fee_asset=row[5],
        fee=to_decimal(row[6]),
        refunded=to_decimal(row[7]),
        bnb_paid=to_decimal(row[8]),
        saved=to_decimal(row[9]),
        paid_value=to_decimal(row[10]),
        refunded_value=to_decimal(row[11]),
        note=row[12],
    )
