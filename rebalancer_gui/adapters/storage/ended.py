"""Strategies that are over: read one by one when they are shown or counted, never all of them kept."""

from __future__ import annotations

from typing import Any

from rebalancer_gui.adapters.storage.base import StoreBase
from rebalancer_gui.adapters.storage.codec import to_decimal, to_decimal_or_none, to_micros_or_none, to_time
from rebalancer_gui.adapters.storage.loading import STRATEGY, to_strategy
from rebalancer_gui.adapters.storage.sqlite_errors import readable_rows
from rebalancer_gui.application.records import (
    FLOWS_IN,
    FLOWS_OUT,
    EndedStrategy,
    Outcome,
    TransferKind,
    TransferRow,
)
from rebalancer_gui.domain.coin_result import CoinResult
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.money_weighted import Flow
from rebalancer_gui.domain.strategy import State

_ENDED = State.ENDED.value
_NEWEST = f"{STRATEGY} WHERE s.state = ? ORDER BY s.ended_at DESC, s.key DESC LIMIT ?"
_OLDER = f"""
    {STRATEGY} JOIN strategy b ON b.id = ?
    WHERE s.state = ? AND (s.ended_at, s.key) < (b.ended_at, b.key) ORDER BY s.ended_at DESC, s.key DESC LIMIT ?
"""
_ONE = f"{STRATEGY} WHERE s.state = ? AND s.id = ?"
_NAMES = """
    SELECT s.id, v.parameters ->> '$.name' FROM strategy s JOIN strategy_version v ON v.strategy = s.key AND v.version = s.version
    WHERE s.state = ? AND (? IS NULL OR s.key < (SELECT key FROM strategy WHERE id = ?)) ORDER BY s.key DESC LIMIT ?
"""
_COUNTS = "SELECT outcome, repeats, count(*) FROM rebalance WHERE strategy = ? GROUP BY outcome, repeats"
_FINAL = "SELECT value, hodl FROM equity_sample WHERE strategy = ? ORDER BY at DESC LIMIT 1"
_PRICE = "SELECT price FROM price_sample WHERE symbol = ? AND at = ?"
_RESULTS = "SELECT asset, basis, realised FROM coin_result WHERE strategy = ?"
_LAST = "SELECT text FROM journal WHERE strategy = ? ORDER BY key DESC LIMIT 1"


class Ended(StoreBase):
    """What ``application.ports.Store`` tells of strategies that are over."""

    def ended(self, before: str | None, limit: int) -> tuple[EndedStrategy, ...]:
        values = (_ENDED, limit) if before is None else (before, _ENDED, limit)
        with readable_rows(self.path):
            return tuple(self._to_ended(row) for row in self._db.rows(_NEWEST if before is None else _OLDER, values))

    def ended_names(self, before: str | None, limit: int) -> tuple[tuple[str, str], ...]:
        with readable_rows(self.path):
            return tuple((str(i), str(n)) for i, n in self._db.rows(_NAMES, (_ENDED, before, before, limit)))

    def ended_one(self, strategy_id: str) -> EndedStrategy | None:
        with readable_rows(self.path):
            rows = self._db.rows(_ONE, (_ENDED, strategy_id))
            return self._to_ended(rows[0]) if rows else None

    def _to_ended(self, row: tuple[Any, ...]) -> EndedStrategy:
        record = to_strategy(row, self.account)
        key = self._keys.strategy(record.id)
        done = skipped = 0
        added = removed = ZERO
        for word, repeats, rows in self._db.rows(_COUNTS, (key,)):
            outcome = Outcome(word)
            if outcome is Outcome.SKIPPED:
                skipped += repeats * rows
            elif outcome is not Outcome.RUNNING:
                done += rows
        flows: list[Flow] = []
        given_back: list[TransferRow] = []
        over = to_micros_or_none(record.ended_at)
        sql = "SELECT key, at, kind, asset, amount, value FROM transfer WHERE strategy = ? ORDER BY key"
        for transfer, at, kind, asset, amount, text in self._db.stream(sql, (key,)):
            value = to_decimal(text)
            if kind in FLOWS_IN | FLOWS_OUT:
                flows.append(Flow(to_time(at), value if kind in FLOWS_IN else -value))
                added, removed = (added + value, removed) if kind in FLOWS_IN else (added, removed + value)
            if kind == TransferKind.RELEASED and at == over:
                given_back.append(TransferRow(transfer, to_time(at), record.id, kind, asset, to_decimal(amount), value))
        fees = self._db.rows("SELECT value FROM fee_paid WHERE strategy = ?", (key,))
        pool = self._db.rows("SELECT paid_value, refunded_value FROM fee_return WHERE strategy = ?", (key,))
        final = self._db.rows(_FINAL, (key,))
        last = self._db.rows(_LAST, (key,))
        prices = {
            symbol: to_decimal(price)
            for symbol in record.parameters.symbols
            for (price,) in self._db.rows(_PRICE, (self._keys.find_symbol(symbol), over))
        }
        return EndedStrategy(
            record,
            value=to_decimal(final[0][0]) if final else ZERO,
            hodl=to_decimal(final[0][1]) if final else ZERO,
            added=added,
            removed=removed,
            rebalances=done,
            skipped=skipped,
            fees_paid=total(to_decimal(value) for (value,) in fees),
            pool_fees=(total(to_decimal(paid) for paid, _ in pool), total(to_decimal(back) for _, back in pool)),
            given_back=tuple(given_back),
            flows=tuple(flows),
            results={
                asset: CoinResult(to_decimal_or_none(basis), to_decimal_or_none(realised))
                for asset, basis, realised in self._db.rows(_RESULTS, (key,))
            },
            prices=prices,
            last=str(last[0][0]) if last else "",
        )
