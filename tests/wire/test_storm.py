"""A bad wire for hours, and a program that dies in the middle of it: the ledger is the exchange's afterwards, to the last trade.

The engine, the adapter, ccxt and HTTP are real; what fails, when and how is drawn from a seed. A death is abrupt: from that
moment on nothing more is stored, whatever was on its way.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from rebalancer_gui.adapters.venues.ccxt_client import make_client
from rebalancer_gui.adapters.venues.ccxt_venue import CcxtVenue
from rebalancer_gui.adapters.venues.ccxt_venues import dialect_of
from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.commands import CreateStrategy
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import AccountChanged, EngineFailed
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.ledger import is_inside
from rebalancer_gui.domain.orders import IntentState
from rebalancer_gui.domain.strategy import State
from tests.builders import parameters
from tests.engine_bench import CountingIds
from tests.fakes import FakeStore
from tests.protocol.faults import Crash
from tests.wire.bench import KEY, KEYS, Line, on
from tests.wire.server import UNUSABLE, Fault
from tests.wire.tongues import TONGUES

ROUNDS = 14
LONGEST = 60.0
RUNS = [("binance", 1), ("binance", 2), ("binance", 3), ("bybit", 1), ("okx", 1), ("kraken", 1), ("coinbase", 1)]


class MortalStore(FakeStore):
    """Nothing is stored any more once its process is dead."""

    dead = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with super().transaction():
            yield
            if self.dead:
                raise Crash("dead")


class Storm:
    """The exchange and the file outlive the engines."""

    def __init__(self, made: Line, name: str, seed: int) -> None:
        self.made, self.name = made, name
        self.chance = random.Random(f"{name} {seed}")
        self.store = MortalStore("live")
        self.events: list[object] = []
        self.deaths = self.faults = self.created = self.torn = 0
        self.raging = False
        self.order_came = asyncio.Event()
        made.wire.faults.append(Fault(hits=self._hits, times=-1))
        self._planned = made.wire.faults[0]

    def _hits(self, method: str, path: str) -> bool:
        """Draws what becomes of a request, and says whether anything does."""
        is_order = self.made.wire.face.is_order(method, path)
        if is_order:
            self.order_came.set()
        if not self.raging or self.chance.random() > (0.5 if is_order else 0.08):
            return False
        self.faults += 1
        drawn = self._for_an_order() if is_order else self._for_a_question()
        for field in ("how", "executed", "status", "body"):
            setattr(self._planned, field, getattr(drawn, field))
        return True

    def _for_an_order(self) -> Fault:
        tongue, chance = TONGUES[self.name], self.chance
        executed = chance.random() < 0.6
        kind = chance.choice(("reset", "close", "short", "unusable", "5xx", "unclear", "refused"))
        if kind == "unusable":
            return Fault(body=chance.choice(list(UNUSABLE.values())), executed=executed)
        if kind == "5xx":
            return Fault(status=chance.choice((500, 502, 503, 504)), body="<html>", executed=executed)
        if kind == "unclear":
            status, body = tongue.error(*chance.choice(tongue.unclear))
            return Fault(status=status, body=body, executed=executed)
        if kind == "refused":
            # One refusal by a filter is planned anew; of the exchange's own money question there is no second word.
            plain = [row for row in tongue.refused if not any(word in " ".join(row) for word in tongue.rule_words)]
            status, body = tongue.error(*chance.choice(plain))
            return Fault(status=status, body=body, executed=False)
        return Fault(how=kind, executed=True)

    def _for_a_question(self) -> Fault:
        kind = self.chance.choice(("reset", "close", "unusable", "5xx"))
        if kind == "unusable":
            return Fault(body=self.chance.choice(list(UNUSABLE.values())))
        if kind == "5xx":
            return Fault(status=502, body="<html>")
        return Fault(how=kind)

    # --------------------------------------------------------------------------------------------------------- lives

    async def begin(self) -> None:
        """A new process on what is there."""
        self.store.dead = False
        wire, key = self.made.wire, KEYS.get(self.name, KEY)
        client = make_client(VenueSpec(self.name, wire.url), key, clock=self.made.core.clock, paced=False)
        self.venue = CcxtVenue(dialect_of(client), name=self.name, credentials=key, quote_assets=("USDT",))
        setup = AccountSetup("live", "Live", "LIVE", self.venue, self.store, CountingIds())
        self.events.clear()
        self.engine = Engine([setup], self.events.append)
        self.task = asyncio.create_task(self.engine.main())

    async def die(self) -> None:
        """Killed: nothing is stored from now on, and all its connections break."""
        self.deaths += 1
        self.torn += bool(self.store.load().open_intents) if self.store._opened else 0
        self.store.dead = True
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Crash):
            await self.task
        await self.venue.close()
        self.store.close()

    async def end(self) -> None:
        self.engine.request_stop()
        await asyncio.wait_for(self.task, 20)

    @property
    def view(self) -> AccountView | None:
        return next((e.view for e in reversed(self.events) if isinstance(e, AccountChanged)), None)

    def create(self) -> None:
        """Ask for one more strategy; what becomes of the wish is the engine's."""
        self.created += 1
        first, second = self.chance.sample(("BTC", "ETH", "XRP"), 2)
        share = self.chance.randrange(20, 81)
        weights: dict[str, Any] = {first: share, second: 100 - share}
        wanted = parameters(name=f"S{self.created}", investment="300", **weights)
        self.engine.post(CreateStrategy(f"c{self.created}", "live", wanted, (), True))

    async def until_an_order_comes(self) -> None:
        """And a moment more or less; not for ever, because the wish may have been refused."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self.order_came.wait()
        for _ in range(self.chance.randrange(6)):
            await asyncio.sleep(0)

    async def some_time(self, least: int, most: int) -> None:
        for _ in range(self.chance.randrange(least, most)):
            await asyncio.sleep(0.001)

    async def until_settled(self) -> None:
        """No order is open, and no strategy is on its way."""
        async with asyncio.timeout(LONGEST):
            while True:
                await asyncio.sleep(0.005)
                assert not [e for e in self.events if isinstance(e, EngineFailed)]
                view = self.view
                if view is None or not view.strategies or self.store.load().open_intents:
                    continue
                if all(s.state in {State.RUNNING, State.HALTED} for s in view.strategies):
                    return

    # --------------------------------------------------------------------------------------------------------- checks

    async def check(self) -> None:
        self.store.open()
        core, state = self.made.core, self.store.load()
        assert max(core.posts.values()) == 1, "an order was sent twice"
        known = {i.client_order_id: i for i in self.store._intents.values()}
        assert set(core.by_cid) <= set(known), "the exchange has an order that was never stored"
        for made in core.orders.values():
            intent = known[made.request.client_order_id]
            assert intent.filled == made.order.filled, f"{intent.client_order_id}: {intent.state}"
            assert intent.state is IntentState.SETTLED
        face = self.made.wire.face
        assert {(t.symbol, face.trade_id(t.trade_id)) for t in core.trades()} == set(self.store._fills)
        inside: dict[str, Decimal] = {}
        for (account, asset), amount in state.balances.items():
            if is_inside(account):
                inside[asset] = inside.get(asset, Decimal(0)) + amount
        held = {b.asset: b.total for b in (await core.paper.balances()).values()}
        assert {a: v for a, v in inside.items() if v} == held


@pytest.mark.parametrize(("name", "seed"), RUNS)
@pytest.mark.failure(4, 5, 6, 7, 12, 34)
def test_after_a_storm_and_some_deaths_the_ledger_is_the_exchanges(name: str, seed: int):
    async def body(made: Line) -> None:
        storm = Storm(made, name, seed)
        await storm.begin()
        storm.create()
        await storm.until_settled()
        storm.raging = True
        for _ in range(ROUNDS):
            dies = storm.chance.random() < 0.5
            storm.order_came.clear()
            storm.create()
            if dies:
                # Just then: an order is on its way.
                await storm.until_an_order_comes()
                await storm.die()
                await storm.begin()
            else:
                await storm.some_time(20, 100)
        storm.raging = False
        await storm.until_settled()
        await storm.end()
        await storm.check()
        assert storm.torn >= 1, "no death came while an order was on its way"
        assert storm.faults >= 5
        assert len(made.core.orders) >= 4

    on(name, body)
