"""What is written: strategies, orders, fills, bookings, rebalances, journal. All inside one transaction or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.adapters.storage import codec, order_rows
from rebalancer_gui.adapters.storage.base import StoreBase
from rebalancer_gui.adapters.storage.codec import to_decimal, to_micros, to_micros_or_none, to_text
from rebalancer_gui.application.records import JournalEntry, RebalanceRecord, TransferRow
from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.ledger import Entry
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Fill, OrderIntent
from rebalancer_gui.domain.performance import fee_value
from rebalancer_gui.domain.strategy import StrategyRecord


class WriteSide(StoreBase):
    """The writing half of ``application.ports.Store``."""

    def save_strategy(self, record: StrategyRecord) -> None:
        self._must_be_own(record.account)
        cursor = self._db.write(
            """
            INSERT INTO strategy
                (id, version, state, created_at, started_at, ended_at, reason, former_state, last_tick)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                version = excluded.version, state = excluded.state, started_at = excluded.started_at,
                ended_at = excluded.ended_at, reason = excluded.reason, former_state = excluded.former_state,
                last_tick = excluded.last_tick
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
            ),
        )
        key = int(cursor.fetchone()[0])
        cursor.close()
        self._keys.add_strategy(record.id, key)
        self._save_parameters(key, record)

    def _save_parameters(self, key: int, record: StrategyRecord) -> None:
        stored = self._db.rows(
            "SELECT parameters FROM strategy_version WHERE strategy = ? AND version = ?", (key, record.version)
        )
        if not stored:
            self._db.write(
                "INSERT INTO strategy_version (strategy, version, parameters) VALUES (?, ?, ?)",
                (key, record.version, codec.parameters_to_json(record.parameters)),
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

    def insert_intent(self, intent: OrderIntent) -> int:
        self._must_be_own(intent.account)
        request = intent.request
        if self._find_intent(intent.client_order_id) is not None:
            raise InvariantBroken(f"the client order id {intent.client_order_id} is there already")
        key = self._insert(
            """
            INSERT INTO intent
                (client_order_id, strategy, rebalance_id, attempt, symbol, side, type, quantity, limit_price,
                reserved_asset, reserved_amount, sent_at, state, venue_order_id, filled, reason)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            RETURNING key
            """,
            (
                intent.client_order_id,
                self._keys.strategy(intent.strategy_id),
                intent.rebalance_id,
                intent.attempt,
                self._keys.symbol(request.symbol),
                request.side.value,
                request.type.value,
                to_text(request.quantity),
                to_text(request.limit_price) if request.limit_price is not None else None,
                intent.reserved_asset,
                to_text(intent.reserved_amount),
                to_micros(intent.sent_at),
                intent.state.value,
                intent.venue_order_id,
                to_text(intent.filled),
                intent.reason,
            ),
        )
        self._append_event(key, intent, intent.sent_at)
        return key

    def update_intent(self, intent: OrderIntent, at: datetime) -> None:
        self._db.must_be_in_transaction()
        found = self._find_intent(intent.client_order_id)
        if found is None:
            raise InvariantBroken(f"there is no order {intent.client_order_id} to update")
        key, present = found
        if present != replace(
            intent,
            state=present.state,
            venue_order_id=present.venue_order_id,
            filled=present.filled,
            reason=present.reason,
        ):
            raise InvariantBroken(f"the order {intent.client_order_id} was changed after it was stored")
        self._db.write(
            "UPDATE intent SET state = ?, venue_order_id = ?, filled = ?, reason = ? WHERE key = ?",
            (intent.state.value, intent.venue_order_id, to_text(intent.filled), intent.reason, key),
        )
        if intent.state is not present.state:
            self._append_event(key, intent, at)

    def insert_fill(self, account: str, strategy_id: str, fill: Fill) -> bool:
        self._must_be_own(account)
        found = self._find_intent(fill.client_order_id)
        if found is None or found[1].strategy_id != strategy_id:
            raise InvariantBroken(f"the trade {fill.trade_id} belongs to no order of {strategy_id}")
        cursor = self._db.write(
            """
            INSERT INTO fill (intent, symbol, trade_id, side, quantity, price, fee, fee_asset, at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (symbol, trade_id) DO NOTHING
            """,
            (
                found[0],
                self._keys.symbol(fill.symbol),
                fill.trade_id,
                fill.side.value,
                to_text(fill.quantity),
                to_text(fill.price),
                to_text(fill.fee),
                fill.fee_asset,
                to_micros(fill.at),
            ),
        )
        if cursor.rowcount == 0:
            return False
        if fill.fee != ZERO:
            self._add_fee(strategy_id, fill)
        return True

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

    def _append_event(self, key: int, intent: OrderIntent, at: datetime) -> None:
        self._db.write(
            """
            INSERT INTO order_event (intent, at, state, venue_order_id, filled, reason) VALUES (?, ?, ?, ?, ?, ?)
            """,
            (key, to_micros(at), intent.state.value, intent.venue_order_id, to_text(intent.filled), intent.reason),
        )

    def _find_intent(self, client_order_id: str) -> tuple[int, OrderIntent] | None:
        rows = self._db.rows(order_rows.ONE_INTENT, (client_order_id,))
        return order_rows.to_intent(rows[0], self.account) if rows else None

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

    def _add_fee(self, strategy_id: str, fill: Fill) -> None:
        key = self._keys.strategy(strategy_id)
        stored = self._db.rows(
            "SELECT amount, value FROM fee_paid WHERE strategy = ? AND asset = ?", (key, fill.fee_asset)
        )
        amount, value = (to_decimal(stored[0][0]), to_decimal(stored[0][1])) if stored else (ZERO, ZERO)
        self._db.write(
            """
            INSERT INTO fee_paid (strategy, asset, amount, value) VALUES (?, ?, ?, ?)
            ON CONFLICT (strategy, asset) DO UPDATE SET amount = excluded.amount, value = excluded.value
            """,
            (key, fill.fee_asset, to_text(amount + fill.fee), to_text(value + fee_value(fill, self._quote_of(key)))),
        )

    def _quote_of(self, key: int) -> str:
        rows = self._db.rows(
            """
            SELECT v.parameters FROM strategy s JOIN strategy_version v ON v.strategy = s.key AND v.version = s.version
            WHERE s.key = ?
            """,
            (key,),
        )
        return codec.parameters_from_json(rows[0][0]).quote

    def _insert(self, sql: str, values: tuple[str | int | None, ...]) -> int:
        """The key of the row that ``sql`` (ending in RETURNING key) wrote."""
        return int(self._db.write(sql, values).fetchall()[0][0])
