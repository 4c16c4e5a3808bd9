"""One order, sent at most once: the intent is stored before it is sent, what is not proven is unknown (ORDERS.md 3)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.booking import Bookkeeper, fault_of
from rebalancer_gui.application.lifecycle import halt_for_rules
from rebalancer_gui.application.resolution import Resolver
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.errors import VenueError
from rebalancer_gui.domain.ledger import reserve
from rebalancer_gui.domain.orders import (
    Accepted,
    IntentState,
    OrderIntent,
    OrderRequest,
    OrderType,
    Rejected,
    Side,
    Unknown,
)


def blocked_assets(intent: OrderIntent) -> frozenset[str]:
    """The assets of which nobody's order may be sent while the outcome of ``intent`` is open (ORDERS.md rule 4).

    Of an order that waits for its owner's decision only the coin: what it may have used of the money is set aside, and the
    whole account must not stand still for days.
    """
    base, _, quote = intent.request.symbol.partition("/")
    if intent.state is IntentState.QUARANTINED:
        return frozenset({base})
    return frozenset({base, quote})


class Executor:
    """Sends the orders of one account, one at a time. Engine thread only."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.books = Bookkeeper(account)
        self.resolver = Resolver(account, self.books)

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
        """Store, reserve, send, book. The intent comes back in a final state (RELEASED: nothing was stored or sent), or
        UNKNOWN / ACKED when it must be looked up later: its strategy then sends nothing else.

        ``reserved_amount`` in quote units for a buy, in base units for a sell.
        """
        account = self._account
        quote = strategy.record.parameters.quote
        async with account.single_flight:
            request = OrderRequest(account.setup.ids.client_order_id(), symbol, side, order_type, quantity, limit_price)
            sent_at = account.venue_now()
            intent = OrderIntent(
                request=request,
                account=account.name,
                strategy_id=strategy.id,
                rebalance_id=rebalance_id,
                attempt=attempt,
                reserved_asset=quote if side is Side.BUY else symbol.removesuffix(f"/{quote}"),
                reserved_amount=reserved_amount,
                sent_at=sent_at,
                fence_at=None if account.venue.fence is None else sent_at + account.venue.fence,
                app_version=account.setup.app_version,
            )
            against = self._forbidden(strategy, symbol)
            if against:
                return replace(intent, state=IntentState.RELEASED, reason=against)
            with account.change(reserve(intent)) as store:
                key = store.insert_intent(intent)
            strategy.unresolved[intent.client_order_id] = intent
            self.books.inserted(intent, key)
            return await self._post(strategy, intent)

    def _forbidden(self, strategy: StrategyRuntime, symbol: str) -> str:
        """What forbids the order at the last moment: time has passed while others were sent; "" when nothing does."""
        account = self._account
        if not account.may_order:
            return "trading was stopped just before the order was sent"
        touched = set(symbol.split("/"))
        for other in account.strategies.values():
            for intent in other.unresolved.values():
                if touched & blocked_assets(intent):
                    whose = "it" if other is strategy else other.name
                    return f"an order of {whose} is being looked up"
        return ""

    async def _post(self, strategy: StrategyRuntime, intent: OrderIntent) -> OrderIntent:
        """The one POST of this intent."""
        account, request = self._account, intent.request
        account.posting = True
        try:
            outcome = await account.venue.submit(request)
        except asyncio.CancelledError:
            # The engine goes down while the order is on its way: only the next start can find out what became of it.
            reason = "the program was closed before an answer"
            self.books.mark(strategy, replace(intent, state=IntentState.UNKNOWN, reason=reason))
            raise
        except VenueError as error:
            # An adapter answers instead of raising; should it raise, nothing is proven.
            outcome = Unknown(error.message)
        finally:
            account.posting = False
        if isinstance(outcome, Rejected):
            if outcome.no_right:
                account.lost_right = outcome.reason
            # The market's rules may not be what they were: they are read anew before anything else is planned.
            account.rules_in_doubt = not outcome.no_right
            if outcome.against_rules:
                halt_for_rules(account, strategy, request.symbol, outcome.reason)
            return self.books.release(strategy, replace(intent, state=IntentState.REJECTED, reason=outcome.reason))
        if isinstance(outcome, Accepted):
            fault = fault_of(outcome.order, request)
            if not fault:
                strategy.broke_rules.pop(request.symbol, None)
                return await self.books.book(strategy, intent, outcome.order)
            outcome = Unknown(f"the answer did not fit the order: {fault}")
        intent = self.books.mark(strategy, replace(intent, state=IntentState.UNKNOWN, reason=outcome.reason))
        return await self.resolver.resolve(strategy, intent)
