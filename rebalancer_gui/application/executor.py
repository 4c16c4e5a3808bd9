"""One order, sent at most once: the intent is stored before it is sent, what is not proven is unknown (ORDERS.md 3)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.events import OrderChanged
from rebalancer_gui.application.fee_returns import apply_effects, effects_of, store_effects
from rebalancer_gui.application.records import OrderRow
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.ledger import Entry, book_fill, reserve, unreserve
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.orders import (
    Accepted,
    Fill,
    IntentState,
    OrderIntent,
    OrderRequest,
    OrderType,
    Rejected,
    Side,
    Unknown,
    VenueOrder,
)
from rebalancer_gui.domain.performance import fee_value
from rebalancer_gui.domain.strategy import HaltKind

NEWEST = 40
"""An order that is still open is among so many newest of its strategy."""


class Executor:
    """Sends the orders of one account, one at a time, and books what came of them. Engine thread only."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._keys: dict[str, int] = {}

    async def send(
        self,
        strategy: StrategyRuntime,
        rebalance_id: str,
        *,
        symbol: str,
        side: Side,
        order_type: OrderType,
        quantity: Decimal,
        limit_price: Decimal | None,
        reserved_amount: Decimal,
        attempt: int,
    ) -> OrderIntent:
        """Store, reserve, send, book. The intent comes back in a final state, or UNKNOWN / ACKED when it must be
        looked up later: its strategy then sends nothing else.

        ``reserved_amount`` in quote units for a buy, in base units for a sell.
        """
        account = self._account
        quote = strategy.record.parameters.quote
        request = OrderRequest(account.setup.ids.client_order_id(), symbol, side, order_type, quantity, limit_price)
        intent = OrderIntent(
            request=request,
            account=account.name,
            strategy_id=strategy.id,
            rebalance_id=rebalance_id,
            attempt=attempt,
            reserved_asset=quote if side is Side.BUY else symbol.removesuffix(f"/{quote}"),
            reserved_amount=reserved_amount,
            sent_at=account.venue.clock.now(),
        )
        with account.change(reserve(intent)) as store:
            self._keys[intent.client_order_id] = store.insert_intent(intent)
        strategy.unresolved[intent.client_order_id] = intent
        self._tell(intent, ())
        account.posting = True
        try:
            outcome = await account.venue.submit(request)
        except asyncio.CancelledError:
            # The engine goes down while the order is on its way: only the next start can find out what became of it.
            reason = "the program was closed before an answer"
            self._mark(strategy, replace(intent, state=IntentState.UNKNOWN, reason=reason))
            raise
        finally:
            account.posting = False
        if isinstance(outcome, Rejected):
            if outcome.no_right:
                account.lost_right = outcome.reason
            return self._release(strategy, replace(intent, state=IntentState.REJECTED, reason=outcome.reason))
        if isinstance(outcome, Accepted):
            fault = _fault_of(outcome.order, request)
            if not fault:
                return await self._book(strategy, intent, outcome.order)
            outcome = Unknown(f"the answer did not fit the order: {fault}")
        intent = self._mark(strategy, replace(intent, state=IntentState.UNKNOWN, reason=outcome.reason))
        return await self.resolve(strategy, intent)

    async def resolve(self, strategy: StrategyRuntime, intent: OrderIntent) -> OrderIntent:
        """Look an order up by our own id and book it, or prove that it never was. The same for start-up and running.

        What cannot be settled now comes back unchanged and is asked for again at the next check.
        """
        try:
            order = await self._account.venue.find_order(intent.request.symbol, intent.client_order_id)
        except VenueUnavailable:
            return intent
        if order is not None:
            fault = _fault_of(order, intent.request)
            if not fault:
                return await self._book(strategy, intent, order)
            # Somebody else's order under our id (a lost ledger, a foreign program): booking it would invent money.
            strategy.foreign.add(intent.client_order_id)
            strategy.halt_kind = HaltKind.FOREIGN_ORDER
            strategy.halt_reason = (
                f"The exchange knows another order under the id {intent.client_order_id} ({fault}). "
                "Nothing is booked and nothing is sent until that is cleared up."
            )
            return intent
        if self._account.venue.lookup_is_authoritative:
            return self._release(strategy, replace(intent, state=IntentState.ABSENT, reason="the order never arrived"))
        return intent

    def discard_foreign(self, strategy: StrategyRuntime) -> None:
        """The owner ends a strategy that is halted for a foreign order: ours never was, so its reservation goes back. What the
        foreign order did to the account is seen as money from outside.
        """
        keys = {row.client_order_id: row.key for row in self._account.store.orders(strategy.id, None, NEWEST)}
        for cid in sorted(strategy.foreign & strategy.unresolved.keys()):
            self._keys.setdefault(cid, keys.get(cid, 0))
            reason = "its owner ended the strategy; it is not ours"
            self._release(strategy, replace(strategy.unresolved[cid], state=IntentState.ABSENT, reason=reason))
        strategy.foreign.clear()

    async def _book(self, strategy: StrategyRuntime, intent: OrderIntent, order: VenueOrder) -> OrderIntent:
        """Book the trades of ``order`` that are not booked yet; settle when it is final and all of them are there."""
        if order.is_final and total(f.quantity for f in order.fills) != order.filled:
            # Nothing is lost without an answer: the order stays ACKED and is looked up at the next check.
            with contextlib.suppress(VenueUnavailable):
                order = await self._account.venue.find_order(intent.request.symbol, intent.client_order_id) or order
        account, quote = self._account, strategy.record.parameters.quote
        booked = {f.trade_id for f in account.store.fills(intent.client_order_id)}
        new = [f for f in order.fills if f.trade_id not in booked]
        left = account.wallet.reserved(intent.client_order_id, intent.reserved_asset)
        entries: list[Entry] = []
        for fill in new:
            entries.append(book_fill(fill, strategy.id, quote, left))
            left = max(left - _taken(fill, intent.reserved_asset), ZERO)
        complete = order.is_final and total(f.quantity for f in order.fills) == order.filled
        now = account.venue.clock.now()
        if complete and left > ZERO:
            entries.append(unreserve(intent, now, left))
        intent = replace(
            intent,
            state=IntentState.SETTLED if complete else IntentState.ACKED,
            venue_order_id=order.venue_order_id,
            filled=total(f.quantity for f in order.fills),
            reason="" if order.filled == order.quantity else order.status.value,
        )
        effects = effects_of(account, strategy, new, now)
        with account.change(*entries, *effects.entries) as store:
            for fill in new:
                store.insert_fill(account.name, strategy.id, fill)
            rows = store_effects(account, strategy, effects)
            store.update_intent(intent, now)
        apply_effects(account, strategy, effects, rows)
        strategy.fees_paid += total(fee_value(fill, quote) for fill in new)
        strategy.unresolved[intent.client_order_id] = intent
        if complete:
            del strategy.unresolved[intent.client_order_id]
        self._tell(intent, order.fills)
        return intent

    def _release(self, strategy: StrategyRuntime, intent: OrderIntent) -> OrderIntent:
        """Nothing happened at the venue: the whole reservation goes back."""
        account, now = self._account, self._account.venue.clock.now()
        left = account.wallet.reserved(intent.client_order_id, intent.reserved_asset)
        entries = [unreserve(intent, now, left)] if left > ZERO else []
        with account.change(*entries) as store:
            store.update_intent(intent, now)
        strategy.unresolved.pop(intent.client_order_id, None)
        self._tell(intent, ())
        return intent

    def _mark(self, strategy: StrategyRuntime, intent: OrderIntent) -> OrderIntent:
        strategy.unresolved[intent.client_order_id] = intent
        with self._account.change() as store:
            store.update_intent(intent, self._account.venue.clock.now())
        self._tell(intent, ())
        return intent

    def _tell(self, intent: OrderIntent, fills: Iterable[Fill]) -> None:
        key = self._keys.get(intent.client_order_id, 0)
        if intent.state.is_final:
            self._keys.pop(intent.client_order_id, None)
        self._account.emit(OrderChanged(self._account.name, order_row(intent, tuple(fills), key)))


def order_row(intent: OrderIntent, fills: tuple[Fill, ...], key: int) -> OrderRow:
    """The row of the history for an intent and its trades; ``key`` is the stored row's."""
    request = intent.request
    quantity, cost = total(f.quantity for f in fills), total(f.value for f in fills)
    fees: dict[str, Decimal] = {}
    for fill in fills:
        fees[fill.fee_asset] = fees.get(fill.fee_asset, ZERO) + fill.fee
    return OrderRow(
        key=key,
        at=intent.sent_at,
        strategy_id=intent.strategy_id,
        rebalance_id=intent.rebalance_id,
        client_order_id=intent.client_order_id,
        venue_order_id=intent.venue_order_id,
        symbol=request.symbol,
        side=request.side,
        type=request.type,
        quantity=request.quantity,
        price=request.limit_price,
        filled=quantity,
        average=cost / quantity if quantity > ZERO else None,
        cost=cost,
        fees=tuple(sorted(fees.items())),
        state=intent.state,
        reason=intent.reason,
    )


def _taken(fill: Fill, asset: str) -> Decimal:
    """How much of the reserved ``asset`` one trade used, a fee in that asset included."""
    given = fill.value if fill.side is Side.BUY else fill.quantity
    return given + (fill.fee if fill.fee_asset == asset else ZERO)


def _fault_of(order: VenueOrder, request: OrderRequest) -> str:
    """Why a returned order cannot be ours (ORDERS.md rule 6); "" when it can."""
    if not order.venue_order_id:
        return "it has no order id"
    if order.client_order_id != request.client_order_id:
        return "another client order id"
    if order.symbol != request.symbol or order.side is not request.side:
        return "another market or side"
    if order.quantity != request.quantity or not ZERO <= order.filled <= order.quantity:
        return "another quantity"
    return ""
