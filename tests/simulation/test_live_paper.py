"""The whole engine on a paper account with live prices under virtual time; the exchange is played."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest

from rebalancer_gui.adapters.market_data.live_feed import LiveQuoteFeed
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.adapters.venues.live_paper import LivePaperVenue
from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.commands import Command, CreateStrategy, PaperTransfer
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import (
    AccountChanged,
    CommandDone,
    EngineStarted,
    JournalChanged,
    RebalanceChanged,
    StrategyCreated,
)
from rebalancer_gui.application.records import Outcome
from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.ledger import is_inside
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.rails import AccountKind, RailSet
from rebalancer_gui.domain.strategy import HaltKind, State
from tests.builders import parameters
from tests.engine_bench import CountingIds
from tests.fake_clock import FakeClock
from tests.price_bench import BTC, ETH, PlayedVenue, tick

E = TypeVar("E")


@dataclass
class World:
    """An engine, its exchange and its clock, which jumps whenever nothing else is left to do."""

    exchange: PlayedVenue
    venue: LivePaperVenue
    store: SqliteStore
    engine: Engine
    clock: FakeClock
    events: list[object]
    pushed: list[str] = field(default_factory=lambda: [BTC])
    """What the channel brings each second; pongs come all the time."""
    number: int = 0

    async def push(self) -> None:
        while True:
            for stream in self.exchange.opened[-1:]:
                stream.pongs()
                stream.says(*(self.exchange.prices[s] for s in self.pushed if s in stream.symbols))
            await self.clock.sleep(1)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, true: Callable[[], object], seconds: float = 120) -> None:
        end = self.clock.monotonic() + seconds
        while not true():
            assert self.clock.monotonic() < end, "it did not happen"
            await self.clock.sleep(0.5)

    async def ask(self, make: Callable[[str], Command]) -> object:
        self.number += 1
        command_id = f"c{self.number}"
        self.engine.post(make(command_id))
        await self.until(lambda: any(getattr(e, "command_id", "") == command_id for e in self.events))
        return next(e for e in self.events if getattr(e, "command_id", "") == command_id)

    async def build(self) -> str:
        answer = await self.ask(lambda i: CreateStrategy(i, "live", parameters(BTC=50, ETH=50)))
        assert isinstance(answer, StrategyCreated), answer
        await self.until(lambda: self.strategy.state is State.RUNNING)
        return answer.strategy_id

    @property
    def strategy(self) -> StrategyView:
        return self.of(AccountChanged)[-1].view.strategies[0]

    @property
    def said(self) -> list[str]:
        return [event.entry.text for event in self.of(JournalChanged)]

    async def agrees(self) -> bool:
        """Whether the ledger is what the venue holds."""
        inside: dict[str, Decimal] = {}
        for (account, asset), amount in self.store.load().balances.items():
            if is_inside(account):
                inside[asset] = inside.get(asset, Decimal(0)) + amount
        held = {asset: balance.total for asset, balance in (await self.venue.balances()).items()}
        return {a: v for a, v in inside.items() if v} == held


@asynccontextmanager
async def world(folder: Path, exchange: PlayedVenue | None = None) -> AsyncIterator[World]:
    clock = FakeClock(auto=True)
    played = exchange or PlayedVenue(clock)
    played.clock = clock
    played.opened.clear()
    venue = LivePaperVenue(
        LiveQuoteFeed(played, clock),
        clock,
        folder / "paper-venue.sqlite",
        balances={"USDT": Decimal(10_000)},
        quote_asset="USDT",
    )
    store = SqliteStore(folder / "ledger.sqlite", "live")
    events: list[object] = []
    setup = AccountSetup(
        "live", "Live", "PAPER", venue, store, CountingIds(), paper=venue.paper, prices=venue,
        rails=RailSet(AccountKind.PAPER),
    )  # fmt: skip
    there = World(played, venue, store, Engine([setup], events.append), clock, events)
    running = asyncio.create_task(there.engine.main())
    pushing = asyncio.create_task(there.push())
    try:
        await there.until(lambda: there.of(EngineStarted))
        await there.until(lambda: there.of(AccountChanged))
        yield there
    finally:
        pushing.cancel()
        there.engine.request_stop()
        await asyncio.wait_for(running, 10)


def play(folder: Path, body: Callable[[World], Awaitable[None]], exchange: PlayedVenue | None = None) -> None:
    async def inner() -> None:
        async with world(folder, exchange) as there:
            await body(there)

    asyncio.run(inner())


@pytest.mark.failure(58)
@pytest.mark.rule("3.4c")
def test_a_coin_that_is_silent_for_ten_minutes_is_traded_normally(tmp_path: Path):
    async def body(w: World) -> None:
        await w.build()
        await w.clock.sleep(600)
        assert not [text for text in w.said if "old" in text], "its price never was"
        assert len(w.exchange.opened) <= 2, "the channel was not opened anew but for the new coins"
        before = len(w.of(RebalanceChanged))
        w.exchange.prices[BTC] = tick(BTC, "108", "109", "108.5")
        await w.until(lambda: any(e.record.finished_at for e in w.of(RebalanceChanged)[before:]))
        done = w.of(RebalanceChanged)[-1].record
        assert done.outcome is Outcome.DONE
        assert {leg.symbol for leg in done.legs} == {BTC, ETH}
        assert await w.agrees()

    play(tmp_path, body)


@pytest.mark.failure(29)
def test_while_nothing_comes_nothing_is_traded_and_it_goes_on_by_itself(tmp_path: Path):
    async def body(w: World) -> None:
        await w.build()
        await w.clock.sleep(60)
        w.pushed.clear()
        w.exchange.down = VenueUnavailable("nobody answers")
        w.exchange.opened[-1].breaks()
        w.exchange.prices[BTC] = tick(BTC, "120", "121", "120.5")
        before = len(w.of(RebalanceChanged))
        await w.clock.sleep(300)
        assert len(w.of(RebalanceChanged)) == before
        assert any("Prices do not come: nobody answers" in text for text in w.said)
        w.exchange.down = None
        w.pushed.append(BTC)
        await w.until(lambda: len(w.of(RebalanceChanged)) > before, 300)

    play(tmp_path, body)


def test_a_market_that_the_exchange_closes_halts_the_strategy(tmp_path: Path):
    async def body(w: World) -> None:
        await w.build()
        w.exchange.changes_rule(ETH, status=MarketStatus.HALTED)
        w.exchange.prices.pop(ETH)
        await w.until(lambda: w.strategy.state is State.HALTED, 1200)
        assert w.strategy.halt is HaltKind.MARKET

    play(tmp_path, body)


def test_money_from_outside_is_free_and_a_restart_goes_on_where_it_was(tmp_path: Path):
    async def first(w: World) -> None:
        await w.build()
        done = await w.ask(lambda i: PaperTransfer(i, "live", "USDT", Decimal(500)))
        assert isinstance(done, CommandDone), done
        await w.until(lambda: w.of(AccountChanged)[-1].view.free.get("USDT", Decimal(0)) >= 500)

    async def second(w: World) -> None:
        await w.until(lambda: w.strategy.snapshot is not None and w.strategy.snapshot.total is not None)
        assert w.strategy.state is State.RUNNING
        assert await w.agrees()
        view = w.of(AccountChanged)[-1].view
        assert view.demo is None
        assert view.paper is not None
        assert view.mode == "PAPER"
        assert view.rails.kind is AccountKind.PAPER

    exchange = PlayedVenue(FakeClock())
    play(tmp_path, first, exchange)
    play(tmp_path, second, exchange)
