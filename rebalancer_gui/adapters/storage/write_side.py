"""What is written besides orders: strategies, rebalances, bookings, transfers, journal, the engine's own values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.adapters.storage import codec
from rebalancer_gui.adapters.storage.base import StoreBase
from rebalancer_gui.adapters.storage.codec import to_decimal, to_micros, to_micros_or_none, to_text, to_text_or_none
from rebalancer_gui.application.records import FeeRow, JournalEntry, RebalanceRecord, TransferRow
from rebalancer_gui.domain.coin_result import CoinResult
from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.ledger import Entry
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import StrategyRecord


class WriteSide(StoreBase):
    """The other writing of ``application.ports.Store``."""

    def save_strategy(self, record: StrategyRecord, at: datetime) -> None:
        self._must_be_own(record.account)
        cursor = self._db.write(
            """
            INSERT INTO strategy
                (id, version, state, created_at, started_at, ended_at, reason, former_state, last_tick, halt, grid_from,
                pending, growth, growth_base)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                version = excluded.version, state = excluded.state, started_at = excluded.started_at,
                ended_at = excluded.ended_at, reason = excluded.reason, former_state = excluded.former_state,
                last_tick = excluded.last_tick, halt = excluded.halt, grid_from = excluded.grid_from,
                pending = excluded.pending, growth = excluded.growth, growth_base = excluded.growth_base
            RETURNING key
            """,
            (
                record.id,
                record.version,
                record.state.value,
                to_micros(record.created_at),
                to_micros_or_none(record.started_at),
                to_micros_or_none(record.ended_at),
                record.reason,
                record.former_state.value if record.former_state is not None else None,
                record.last_tick,
                record.halt.value if record.halt is not None else None,
                to_micros_or_none(record.grid_from),
                record.pending,
                to_text(record.growth),
                to_text(record.growth_base),
            ),
        )
        key = int(cursor.fetchone()[0])
        cursor.close()
        self._keys.add_strategy(record.id, key)
        self._save_parameters(key, record, at)

    def _save_parameters(self, key: int, record: StrategyRecord, at: datetime) -> None:
        stored = self._db.rows(
            "SELECT parameters FROM strategy_version WHERE strategy = ? AND version = ?", (key, record.version)
        )
        if not stored:
            self._db.write(
                "INSERT INTO strategy_version (strategy, version, parameters, at) VALUES (?, ?, ?, ?)",
                (key, record.version, codec.parameters_to_json(record.parameters), to_micros(at)),
            )
        elif codec.parameters_from_json(stored[0][0]) != record.parameters:
            raise InvariantBroken(f"the parameters of {record.id} changed without a new version")

    def save_hodl(self, strategy_id: str, units: Mapping[str, Decimal]) -> None:
        key = self._keys.strategy(strategy_id)
        self._db.write("DELETE FROM hodl WHERE strategy = ?", (key,))
        self._db.write_many(
            "INSERT INTO hodl (strategy, asset, units) VALUES (?, ?, ?)",
            [(key, asset, to_text(amount)) for asset, amount in units.items()],
        )

    def save_costs(self, strategy_id: str, costs: Mapping[str, Decimal | None]) -> None:
        key = self._keys.strategy(strategy_id)
        self._db.write_many(
            """
            INSERT INTO cost_basis (strategy, asset, cost) VALUES (?, ?, ?)
            ON CONFLICT (strategy, asset) DO UPDATE SET cost = excluded.cost
            """,
            [(key, asset, to_text_or_none(cost)) for asset, cost in costs.items()],
        )

    def save_results(self, strategy_id: str, results: Mapping[str, CoinResult]) -> None:
        key = self._keys.strategy(strategy_id)
        self._db.write_many(
            """
            INSERT INTO coin_result (strategy, asset, basis, realised) VALUES (?, ?, ?, ?)
            ON CONFLICT (strategy, asset) DO UPDATE SET basis = excluded.basis, realised = excluded.realised
            """,
            [(key, a, to_text_or_none(r.basis), to_text_or_none(r.realised)) for a, r in results.items()],
        )

    def save_fee_return(self, row: FeeRow) -> int:
        return self._insert(
            """
            INSERT INTO fee_return
                (at, strategy, trade_id, symbol, fee_asset, fee, refunded, bnb_paid, saved, paid_value, refunded_value,
                note)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            RETURNING key
            """,
            (
                to_micros(row.at),
                self._keys.strategy(row.strategy_id),
                row.trade_id,
                self._keys.symbol(row.symbol),
                row.fee_asset,
                to_text(row.fee),
                to_text(row.refunded),
                to_text(row.bnb_paid),
                to_text(row.saved),
                to_text(row.paid_value),
                to_text(row.refunded_value),
                row.note,
            ),
        )

    def save_rebalance(self, record: RebalanceRecord) -> int:
        return self._insert(
            """
            INSERT INTO rebalance
                (id, strategy, at, reason, worst_drift, snapshot_seq, outcome, repeats, finished_at, last_at, message,
                advice, legs, skipped, reached)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                at = excluded.at, reason = excluded.reason, worst_drift = excluded.worst_drift,
                snapshot_seq = excluded.snapshot_seq, outcome = excluded.outcome, repeats = excluded.repeats,
                finished_at = excluded.finished_at, last_at = excluded.last_at, message = excluded.message,
                advice = excluded.advice, legs = excluded.legs, skipped = excluded.skipped, reached = excluded.reached
            RETURNING key
            """,
            (
                record.id,
                self._keys.strategy(record.strategy_id),
                to_micros(record.at),
                record.reason,
                to_text(record.worst_drift),
                record.snapshot_seq,
                record.outcome.value,
                record.repeats,
                to_micros_or_none(record.finished_at),
                to_micros_or_none(record.last_at),
                record.message,
                record.advice,
                codec.legs_to_json(record.legs),
                codec.skipped_to_json(record.skipped),
                codec.reached_to_json(record.reached),
            ),
        )

    def post(self, entry: Entry) -> None:
        key = self._insert(
            "INSERT INTO entry (kind, at, reference) VALUES (?, ?, ?) RETURNING key",
            (entry.kind.value, to_micros(entry.at), entry.reference),
        )
        self._db.write_many(
            "INSERT INTO posting (entry, account, asset, amount) VALUES (?, ?, ?, ?)",
            [(key, p.account, p.asset, to_text(p.amount)) for p in entry.postings],
        )
        for posting in entry.postings:
            self._add_to_balance(posting.account, posting.asset, posting.amount)

    def save_transfer(self, row: TransferRow) -> int:
        return self._insert(
            """
            INSERT INTO transfer (at, strategy, kind, asset, amount, value) VALUES (?, ?, ?, ?, ?, ?)
            RETURNING key
            """,
            (
                to_micros(row.at),
                self._keys.owner(row.strategy_id),
                row.kind,
                row.asset,
                to_text(row.amount),
                to_text(row.value),
            ),
        )

    def save_journal(self, entry: JournalEntry) -> int:
        return self._insert(
            """
            INSERT INTO journal (id, strategy, at, last_at, count, kind, text) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                at = excluded.at, last_at = excluded.last_at, count = excluded.count, kind = excluded.kind,
                text = excluded.text
            RETURNING key
            """,
            (
                entry.id,
                self._keys.owner(entry.strategy_id),
                to_micros(entry.at),
                to_micros(entry.last_at),
                entry.count,
                entry.kind,
                entry.text,
            ),
        )

    def set_value(self, key: str, value: str) -> None:
        self._db.write(
            """
            INSERT INTO engine_state (name, value) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """,
            (key, value),
        )

    def _add_to_balance(self, account: str, asset: str, amount: Decimal) -> None:
        stored = self._db.rows("SELECT amount FROM balance WHERE account = ? AND asset = ?", (account, asset))
        after = to_decimal(stored[0][0]) + amount if stored else amount
        if after == ZERO:
            self._db.write("DELETE FROM balance WHERE account = ? AND asset = ?", (account, asset))
        else:
            self._db.write(
                """
                INSERT INTO balance (account, asset, amount) VALUES (?, ?, ?)
                ON CONFLICT (account, asset) DO UPDATE SET amount = excluded.amount
                """,
                (account, asset, to_text(after)),
            )
