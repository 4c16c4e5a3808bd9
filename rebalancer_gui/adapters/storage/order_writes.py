"""Orders as they are written: the intent before it is sent, each change of its state, its trades and their fees."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rebalancer_gui.adapters.storage import codec, order_rows
from rebalancer_gui.adapters.storage.base import StoreBase
from rebalancer_gui.adapters.storage.codec import to_decimal, to_micros, to_micros_or_none, to_text
from rebalancer_gui.application.records import Evidence
from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Fill, OrderIntent
from rebalancer_gui.domain.performance import fee_value


class OrderWrites(StoreBase):
    """The writing of orders of ``application.ports.Store``."""

    def insert_intent(self, intent: OrderIntent) -> int:
        self._must_be_own(intent.account)
        request = intent.request
        if self._find_intent(intent.client_order_id) is not None:
            raise InvariantBroken(f"the client order id {intent.client_order_id} is there already")
        key = self._insert(
            """
            INSERT INTO intent
                (client_order_id, strategy, rebalance_id, attempt, symbol, side, type, quantity, limit_price,
                reserved_asset, reserved_amount, sent_at, state, venue_order_id, filled, reason, fence_at, request_hash,
                app_version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
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
                to_micros_or_none(intent.fence_at),
                request.digest,
                intent.app_version,
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
            INSERT INTO fill (intent, symbol, trade_id, side, quantity, price, fee, fee_asset, at, fee_known)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
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
                int(fill.fee_known),
            ),
        )
        if cursor.rowcount == 0:
            return False
        if fill.fee != ZERO:
            self._add_fee(strategy_id, fill)
        return True

    def save_true_up(self, fill: Fill) -> None:
        self._db.must_be_in_transaction()
        due = self._db.rows(order_rows.FEES_DUE)
        found = [row for row in map(order_rows.to_fill_row, due) if row.fill.trade_id == fill.trade_id]
        found = [row for row in found if row.fill.symbol == fill.symbol]
        if not found:
            raise InvariantBroken(f"the fee of the trade {fill.trade_id} is not due")
        row = found[0]
        self._db.write(
            "INSERT INTO fee_true_up (fill, fee, fee_asset, at) VALUES (?, ?, ?, ?)",
            (row.key, to_text(fill.fee), fill.fee_asset, to_micros(fill.at)),
        )
        self._add_fee(row.strategy_id, replace(row.fill, fee=-row.fill.fee))
        self._add_fee(row.strategy_id, fill)

    def add_evidence(self, evidence: Evidence) -> None:
        self._db.must_be_in_transaction()
        found = self._find_intent(evidence.client_order_id)
        if found is None:
            raise InvariantBroken(f"there is no order {evidence.client_order_id} to find anything out about")
        self._db.write(
            "INSERT INTO order_evidence (intent, at, source, said) VALUES (?, ?, ?, ?)",
            (found[0], to_micros(evidence.at), evidence.source, evidence.said),
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
