"""Fees that the venue had not told when a trade was booked: asked for again, then trued up (ORDERS.md section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.booking import Bookkeeper
from rebalancer_gui.application.records import FillRow
from rebalancer_gui.domain.absence import LOOK_BACK
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.ledger import FREE, Cover, true_up
from rebalancer_gui.domain.orders import Fill, IntentState
from rebalancer_gui.domain.performance import fee_value

ASK_EVERY = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(hours=24)
"""Then the estimate stands, and the comparison with the venue books what it was wrong by."""


class FeesDue:
    """Of one account. Engine thread only."""

    def __init__(self, account: Account, books: Bookkeeper) -> None:
        self._account = account
        self._books = books
        self._next = account.now()

    async def look(self) -> None:
        """Ask for what is due, once a minute."""
        account, now = self._account, self._account.now()
        if account.locked or not account.done or now < self._next:
            return
        self._next = now + ASK_EVERY
        for row in account.store.fees_due():
            known = await self._ask(row)
            if known is None and now - row.fill.at >= GIVE_UP_AFTER:
                known = replace(row.fill, fee_known=True)
                account.note(
                    account.strategies.take(row.strategy_id),
                    "fee",
                    f"For 24 hours the exchange has not told the fee of trade {row.fill.trade_id}: the estimate stands.",
                )
            if known is not None:
                self._true_up(row, known)
        self._settle()

    async def _ask(self, row: FillRow) -> Fill | None:
        account, fill = self._account, row.fill
        intent = account.done.get(fill.client_order_id)
        if intent is None:
            return None
        found: Iterable[Fill] = ()
        try:
            order = await account.venue.find_order(fill.symbol, fill.client_order_id)
            if order is not None and order.client_order_id == fill.client_order_id:
                found = order.fills
            if not any(f.trade_id == fill.trade_id and f.fee_known for f in found):
                trades = await account.venue.trades_since(fill.symbol, intent.sent_at - LOOK_BACK)
                found = [self._books.fill_of(t, intent) for t in trades]
        except VenueUnavailable:
            return None
        return next((f for f in found if f.trade_id == fill.trade_id and f.fee_known), None)

    def _true_up(self, row: FillRow, known: Fill) -> None:
        account, strategy = self._account, self._account.strategies.take(row.strategy_id)
        quote = strategy.record.parameters.quote
        wallet = account.wallet
        cover = Cover(wallet.strategy(strategy.id, known.fee_asset), wallet.balance(FREE, known.fee_asset))
        entry = true_up(row.fill, known, strategy.id, account.now(), cover)
        with account.change(*([entry] if entry.postings else [])) as store:
            store.save_true_up(known)
        strategy.fees_paid += fee_value(known, quote) - fee_value(row.fill, quote)

    def _settle(self) -> None:
        """Orders all of whose fees are known now."""
        account = self._account
        due = {row.fill.client_order_id for row in account.store.fees_due()}
        for cid in [cid for cid in account.done if cid not in due]:
            intent = replace(account.done.pop(cid), state=IntentState.SETTLED)
            with account.change() as store:
                store.update_intent(intent, account.now())
            self._books.tell(intent, account.store.fills(cid))
