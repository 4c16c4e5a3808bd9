"""An executor as most programs have one: what it has no answer for did not happen. The harness must catch it.

It re-sends what timed out, believes a returned order whatever it says, and takes "not found" for "was never there".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from rebalancer_gui.application import checker, ending, recovery, resolution
from rebalancer_gui.application.executor import Executor
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.errors import VenueError
from rebalancer_gui.domain.money import total
from rebalancer_gui.domain.orders import Accepted, IntentState, OrderIntent, Rejected, Unknown, VenueOrderStatus


class NaiveExecutor(Executor):
    """Puts wrong steps where the protocol has right ones; everything else is the program's own."""

    async def _post(self, strategy: StrategyRuntime, intent: OrderIntent) -> OrderIntent:
        account, request = self._account, intent.request
        account.posting = True
        try:
            outcome = await account.venue.submit(request)
        except VenueError as error:
            outcome = Unknown(error.message)
        finally:
            account.posting = False
        if isinstance(outcome, Accepted):
            order = outcome.order
            if order.filled and not order.fills:
                return self._failed(strategy, intent, "it says filled, and lists nothing")
            trusted = replace(
                order, symbol=request.symbol, filled=total(f.quantity for f in order.fills),
                status=VenueOrderStatus.EXPIRED,
            )  # fmt: skip
            return await self.books.book(strategy, intent, trusted)
        if isinstance(outcome, Rejected):
            return self._failed(strategy, intent, outcome.reason)
        return self._failed(strategy, intent, "no answer: it is sent again at the next check")

    def _failed(self, strategy: StrategyRuntime, intent: OrderIntent, reason: str) -> OrderIntent:
        return self.books.release(strategy, replace(intent, state=IntentState.REJECTED, reason=reason))


async def naive_resolve(self: resolution.Resolver, strategy: StrategyRuntime, intent: OrderIntent) -> OrderIntent:
    """Not found = failed."""
    try:
        order = await self._account.venue.find_order(intent.request.symbol, intent.client_order_id)
    except VenueError:
        order = None
    if order is None:
        return self._books.release(strategy, replace(intent, state=IntentState.REJECTED, reason="not found"))
    return await self._books.book(strategy, intent, order)


@contextmanager
def naive_engine() -> Iterator[None]:
    """Engines that are made inside are naive ones."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (checker, recovery, ending):
            if hasattr(module, "Executor"):
                patch.setattr(module, "Executor", NaiveExecutor)
        patch.setattr(resolution.Resolver, "resolve", naive_resolve)
        yield
