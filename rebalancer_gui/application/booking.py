"""What became of an order, in the ledger: its trades are booked once each, what is left of its reservation goes back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.events import OrderChanged
from rebalancer_gui.application.fee_returns import apply_effects, effects_of, store_effects
from rebalancer_gui.application.records import Evidence, OrderRow
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.absence import LOOK_BACK
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.ledger import FREE, Cover, Entry, book_fill, unreserve
from rebalancer_gui.domain.market import FeeSide
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.orders import Fill, IntentState, OrderIntent, OrderRequest, Side, VenueOrder, VenueTrade
from rebalancer_gui.domain.performance import fee_value


class Bookkeeper:
    """Writes down what is known of the orders of one account. Engine thread only."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._keys: dict[str, int] = {}

    def inserted(self, intent: OrderIntent, key: int) -> None:
        """A new order was stored under ``key``."""
        self._keys[intent.client_order_id] = key
        self.tell(intent, ())

    async def book(self, strategy: StrategyRuntime, intent: OrderIntent, order: VenueOrder) -> OrderIntent:
        """Book the trades of ``order`` that are not booked yet; it is over when it is final and all of them are there.

        The order's own ``filled`` is only a check that all trades are there: only trades are booked.
        """
        order = await self.with_all_fills(intent, order)
        account, quote = self._account, strategy.record.parameters.quote
        booked = {f.trade_id: f for f in account.store.fills(intent.client_order_id)}
        new = [self._with_estimate(f) for f in order.fills if f.trade_id not in booked]
        left = account.wallet.reserved(intent.client_order_id, intent.reserved_asset)
        cover = self._cover(strategy, intent.reserved_asset)
        entries: list[Entry] = []
        pool = dict(account.wallet.free)
        for fill in new:
            entries.append(book_fill(fill, strategy.id, quote, left, cover, pool.get(fill.fee_asset, ZERO)))
            if fill.fee_asset not in fill.symbol.split("/"):
                pool[fill.fee_asset] = max(pool.get(fill.fee_asset, ZERO) - fill.fee, ZERO)
            taken = _taken(fill, intent.reserved_asset)
            cover = Cover(cover.own - max(taken - left, ZERO), cover.free)
            left = max(left - taken, ZERO)
        got = total(f.quantity for f in order.fills)
        complete = order.is_final and got == order.filled
        now = account.venue.clock.now()
        if complete and left > ZERO:
            entries.append(unreserve(intent, now, left))
        # A fee that was booked as an estimate is trued up afterwards, also where the venue tells it just now.
        over = IntentState.SETTLED if all(f.fee_known for f in (*booked.values(), *new)) else IntentState.DONE
        intent = replace(
            intent,
            state=over if complete else IntentState.ACKED,
            venue_order_id=order.venue_order_id,
            filled=got,
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
        if intent.state is IntentState.DONE:
            account.done[intent.client_order_id] = intent
        self.tell(intent, order.fills)
        return intent

    def release(self, strategy: StrategyRuntime, intent: OrderIntent) -> OrderIntent:
        """Nothing happened at the venue: the whole reservation goes back."""
        account, now = self._account, self._account.venue.clock.now()
        left = account.wallet.reserved(intent.client_order_id, intent.reserved_asset)
        entries = [unreserve(intent, now, left)] if left > ZERO else []
        with account.change(*entries) as store:
            store.update_intent(intent, now)
        strategy.unresolved.pop(intent.client_order_id, None)
        self.tell(intent, ())
        return intent

    def mark(self, strategy: StrategyRuntime, intent: OrderIntent, *evidence: Evidence) -> OrderIntent:
        """A new state of an order that is not over, with what was found out."""
        strategy.unresolved[intent.client_order_id] = intent
        with self._account.change() as store:
            store.update_intent(intent, self._account.venue.clock.now())
            for one in evidence:
                store.add_evidence(one)
        self.tell(intent, self._account.store.fills(intent.client_order_id))
        return intent

    def tell(self, intent: OrderIntent, fills: Iterable[Fill]) -> None:
        """Show the order as it is now."""
        key = self._keys.get(intent.client_order_id, 0)
        if intent.state.is_final:
            self._keys.pop(intent.client_order_id, None)
        self._account.emit(OrderChanged(self._account.name, order_row(intent, tuple(fills), key)))

    def know_key(self, intent: OrderIntent, key: int) -> None:
        """The stored row of an order from an earlier run."""
        self._keys.setdefault(intent.client_order_id, key)

    def in_doubt(self, strategy: StrategyRuntime, asset: str) -> Decimal:
        """Units of ``asset`` that ``strategy`` may turn out not to have: fees that are estimates still may be up to twice
        what they were taken for, and what is not there cannot be sold or spent.
        """
        account = self._account
        if not account.done:
            return ZERO
        due = account.store.fees_due()
        return total(r.fill.fee for r in due if r.strategy_id == strategy.id and r.fill.fee_asset == asset)

    def _cover(self, strategy: StrategyRuntime, asset: str) -> Cover:
        wallet = self._account.wallet
        return Cover(wallet.strategy(strategy.id, asset), wallet.balance(FREE, asset))

    async def with_all_fills(self, intent: OrderIntent, order: VenueOrder) -> VenueOrder:
        """``order`` with each of its trades once: where its own list falls short, the account's list of trades is read.

        Nothing is lost without an answer: the order stays ACKED and is looked up again.
        """
        fills = {f.trade_id: f for f in order.fills}
        if total(f.quantity for f in fills.values()) != order.filled:
            with contextlib.suppress(VenueUnavailable):
                again = await self._account.venue.find_order(intent.request.symbol, intent.client_order_id)
                if again is not None and not fault_of(again, intent.request):
                    order = again
                    fills |= {f.trade_id: f for f in again.fills}
        if total(f.quantity for f in fills.values()) != order.filled:
            with contextlib.suppress(VenueUnavailable):
                trades = await self._account.venue.trades_since(intent.request.symbol, intent.sent_at - LOOK_BACK)
                for trade in trades:
                    if trade.venue_order_id == order.venue_order_id:
                        fills.setdefault(trade.trade_id, self.fill_of(trade, intent))
        return replace(order, fills=tuple(sorted(fills.values(), key=lambda f: (f.at, f.trade_id))))

    def fill_of(self, trade: VenueTrade, intent: OrderIntent) -> Fill:
        """A trade of the account's list as one of the order; a fee that is not known yet is estimated."""
        fee, asset = trade.fee, trade.fee_asset
        if fee is None:
            fee, asset = self._estimated_fee(trade)
        return Fill(
            trade.trade_id,
            intent.client_order_id,
            trade.symbol,
            trade.side,
            trade.quantity,
            trade.price,
            fee,
            asset,
            trade.at,
            fee_known=trade.fee is not None,
        )

    def _with_estimate(self, fill: Fill) -> Fill:
        """``fill`` with our estimate where the venue has not told the fee yet: what it says meanwhile is often nothing."""
        if fill.fee_known:
            return fill
        fee, asset = self._estimated_fee(fill)
        return replace(fill, fee=fee, fee_asset=asset)

    def _estimated_fee(self, trade: VenueTrade | Fill) -> tuple[Decimal, str]:
        base, _, quote = trade.symbol.partition("/")
        rate = self._account.fees.taker_rate
        if trade.side is Side.BUY and self._account.fees.taken_in is FeeSide.RECEIVED:
            return trade.quantity * rate, base
        return trade.quantity * trade.price * rate, quote


def order_row(intent: OrderIntent, fills: Sequence[Fill], key: int) -> OrderRow:
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


def fault_of(order: VenueOrder, request: OrderRequest) -> str:
    """Why a returned order cannot be ours (ORDERS.md rule 6); "" when it can."""
    if not order.venue_order_id:
        return "it has no order id"
    if order.client_order_id != request.client_order_id:
        return "another client order id"
    if order.symbol != request.symbol or order.side is not request.side:
        return "another market or side"
    if order.quantity != request.quantity or not ZERO <= order.filled <= order.quantity:
        return "another quantity"
    if any(f.symbol != request.symbol or f.side is not request.side or f.quantity <= ZERO for f in order.fills):
        return "trades of another market or side"
    return ""


def _taken(fill: Fill, asset: str) -> Decimal:
    """How much of the reserved ``asset`` one trade used, a fee in that asset included."""
    given = fill.value if fill.side is Side.BUY else fill.quantity
    return given + (fill.fee if fill.fee_asset == asset else ZERO)
