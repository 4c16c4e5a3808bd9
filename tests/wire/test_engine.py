"""The whole engine at the end of a real wire: whatever happens to an answer, the ledger is the exchange's afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.commands import CreateStrategy
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import AccountChanged, CommandRejected, EngineFailed, StrategyCreated
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.ledger import is_inside
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.strategy import State
from tests.builders import parameters
from tests.engine_bench import CountingIds
from tests.fakes import FakeStore
from tests.wire.bench import MADE, Line, on
from tests.wire.tongues import TONGUES

LONGEST = 30.0
"""Seconds of real time that a story may take."""


class Story:
    """One engine on one line."""

    def __init__(self, made: Line) -> None:
        self.made = made
        self.store = FakeStore("live")
        self.ids = CountingIds()
        self.events: list[object] = []
        setup = AccountSetup("live", "Live", "LIVE", made.venue, self.store, self.ids, calls_per_minute=None)
        self.engine = Engine([setup], self.events.append)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Story]:
        task = asyncio.create_task(self.engine.main())
        try:
            await self.until(lambda: self.views or task.done())
            yield self
        finally:
            self.engine.request_stop()
            await asyncio.wait_for(task, 10)

    async def until(self, condition: Callable[[], object]) -> None:
        """Until something holds; the engine goes on meanwhile."""
        async with asyncio.timeout(LONGEST):
            while not condition():  # noqa: ASYNC110 -- the engine runs in this loop, and its sockets want their turn
                await asyncio.sleep(0.002)

    @property
    def views(self) -> list[AccountView]:
        return [event.view for event in self.events if isinstance(event, AccountChanged)]

    @property
    def core(self) -> StrategyView:
        return self.views[-1].strategies[0]

    async def create(self) -> None:
        self.engine.post(CreateStrategy("c1", "live", parameters(), (), True))
        await self.until(lambda: any(isinstance(e, (StrategyCreated, CommandRejected)) for e in self.events))
        assert not [e for e in self.events if isinstance(e, (CommandRejected, EngineFailed))]

    async def built(self) -> None:
        """A strategy of 1,000 USDT that holds its coins."""
        await self.create()
        await self.until(lambda: self.views[-1].strategies and self.core.state is State.RUNNING)

    async def check(self) -> None:
        """Nothing is open, no order was sent twice, the ledger is what the exchange holds, and each coin was bought once."""
        state = self.store.load()
        assert state.open_intents == ()
        assert max(self.made.core.posts.values()) == 1
        inside: dict[str, Decimal] = {}
        for (account, asset), amount in state.balances.items():
            if is_inside(account):
                inside[asset] = inside.get(asset, Decimal(0)) + amount
        held = {b.asset: b.total for b in (await self.made.core.paper.balances()).values()}
        assert {a: v for a, v in inside.items() if v} == held
        for symbol in ("BTC/USDT", "ETH/USDT"):
            spent = sum((t.quantity * t.price for t in self.made.core.trades(symbol)), Decimal(0))
            assert Decimal(480) < spent < Decimal(505), f"{symbol}: {spent}"


def tell(name: str, story: Callable[[Story], object]) -> None:
    async def body(made: Line) -> None:
        async with Story(made).running() as told:
            result = story(told)
            assert asyncio.iscoroutine(result)
            await result

    on(name, body)


SPOILT: dict[str, dict[str, Any]] = {
    "reset": {"how": "reset"},
    "cut short": {"how": "short"},
    "an empty 200": {"body": ""},
    "a 200 of another shape": {"body": "{}"},
    "a redirect": {"status": 302},
    "a 502": {"status": 502, "body": "<html>Bad gateway</html>"},
}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("kind", SPOILT)
@pytest.mark.failure(1, 4, 5, 6)
def test_an_order_that_was_executed_and_whose_answer_was_lost_is_booked_once(name: str, kind: str):
    async def story(told: Story) -> None:
        told.made.wire.fault(**SPOILT[kind])
        await told.built()
        assert told.made.wire.order_posts() == 2
        await told.check()

    tell(name, story)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.failure(2, 6)
def test_an_order_that_never_arrived_is_proven_absent_and_planned_anew(name: str):
    async def story(told: Story) -> None:
        told.made.wire.fault(status=503, body="<html>Busy</html>", executed=False)
        await told.built()
        assert told.made.wire.order_posts() == 3
        await told.check()

    tell(name, story)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.failure(9)
def test_a_key_that_is_revoked_halts_every_strategy_with_the_exchanges_words(name: str):
    async def story(told: Story) -> None:
        await told.built()
        told.made.core.key_works = False
        await told.until(lambda: told.core.state is State.HALTED)
        assert "refuses the key" in told.core.reason
        private = [entry for entry in told.made.wire.log if entry[2] == TONGUES[name].private]
        for _ in range(50):
            await asyncio.sleep(0.002)
        assert [entry for entry in told.made.wire.log if entry[2] == TONGUES[name].private] == private

    tell(name, story)


@pytest.mark.failure(24)
def test_a_market_that_closes_freezes_the_strategy_and_nothing_is_sold_for_it():
    async def story(told: Story) -> None:
        await told.built()
        posts = told.made.wire.order_posts()
        rules = told.made.core.rules
        rules["ETH/USDT"] = replace(rules["ETH/USDT"], status=MarketStatus.HALTED)
        await told.until(lambda: told.core.state is State.HALTED)
        assert told.made.wire.order_posts() == posts
        await told.check()

    tell("binance", story)
