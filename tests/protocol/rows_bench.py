"""What the tests of single rows begin with: one strategy of BTC and ETH, prices that stand still, faults written by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.allocation import equal_weights
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import IntentState, OrderIntent
from rebalancer_gui.domain.strategy import RatioRule, State, StrategyParameters
from tests.protocol.faults import Fate, Script, Submit
from tests.protocol.sim_exchange import Filling
from tests.protocol.virtual_loop import run
from tests.protocol.watched_store import new_file
from tests.protocol.world import Settings, World, world

CORE = "core"
BATCH = timedelta(seconds=10)
STILL = Settings(spacing=BATCH)


def parameters(name: str = CORE, *coins: str, investment: str = "1000") -> StrategyParameters:
    rule = RatioRule(Decimal(1), timedelta(seconds=1))
    return StrategyParameters(name, "USDT", equal_weights(coins or ("BTC", "ETH")), Decimal(investment), rule)


def executed(seconds: float = 1.0, **filling: Any) -> Submit:
    """Executed at once, and the answer is a time-out."""
    return Submit(Fate.EXECUTED, seconds, filling=Filling(**filling))


@asynccontextmanager
async def built(
    script: Script, settings: Settings = STILL, *wanted: StrategyParameters, trace: bool = False
) -> AsyncIterator[World]:
    """A world in which the strategies are built; what was said and sent until then does not count."""
    with new_file() as path:
        async with world(script, path, settings, trace=trace) as w:
            for one in wanted or (parameters(),):
                await w.create(one)
            assert await w.until(lambda: all(s.record.state is State.RUNNING for s in w.account.strategies.values()))
            await w.wait(20)
            w.exchange.posts.clear()
            yield w
            w.exchange.catch_up()
            assert not w.invariants.broken, w.invariants.broken


async def drift(w: World, factor: str = "1.06") -> None:
    """BTC is worth more: some of it is to be sold, then ETH bought. Comes back when the first order was just sent."""
    before = len(w.exchange.posts)
    w.market.push("BTC/USDT", factor)
    assert await w.until(lambda: len(w.exchange.posts) > before, 15), "nothing was sent"


def sent(w: World) -> list[OrderIntent]:
    """The orders that were really sent since the strategy was built, as they are now."""
    return [w.invariants.shadow.intents[cid] for cid in w.exchange.posts]


def booked(w: World, intent: OrderIntent) -> Decimal:
    """How much of it the ledger has."""
    return sum((f.quantity for f in w.invariants.shadow.fills[intent.client_order_id].values()), ZERO)


def traded(w: World, intent: OrderIntent) -> Decimal:
    """How much of it the exchange has executed."""
    order = w.exchange.by_client_id.get(intent.client_order_id)
    return order.filled if order is not None else ZERO


def reserved(w: World, intent: OrderIntent) -> Decimal:
    return w.invariants.shadow.balances[f"reserved:{intent.client_order_id}"].get(intent.reserved_asset, ZERO)


def core(w: World) -> StrategyRuntime:
    return w.strategy(CORE)


def said(w: World) -> str:
    """The whole journal in one text."""
    return "\n".join(entry.text for entry in w.account.store.journal(None, None, 500))


def settled(w: World) -> bool:
    """The ledger is the exchange and no order is open."""
    return not w.invariants.shadow.open and not w.invariants.difference()


def states(w: World) -> list[IntentState]:
    return [intent.state for intent in sent(w)]


def with_coins(*coins: str, **changes: Any) -> Settings:
    return replace(STILL, coins=coins or STILL.coins, balances=dict(STILL.balances), **changes)


def play(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run it in a virtual loop of its own."""
    run(test)
