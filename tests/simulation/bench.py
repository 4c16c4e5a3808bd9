"""The whole engine on the real paper venue in virtual time: one account that can be stopped, crashed and taken up again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from rebalancer_gui.adapters.market_data.history import DailyHistory, HistoricalMarketCaps
from rebalancer_gui.adapters.market_data.market_rules import read_market_rules, read_random_walk
from rebalancer_gui.adapters.seeded_ids import SeededIdSource
from rebalancer_gui.adapters.venues.demo import RULES_FILE, WALK_FILE, demo_scripts
from rebalancer_gui.adapters.venues.paper import DEFAULT_BALANCES, DEFAULT_FEES, PaperVenue
from rebalancer_gui.adapters.venues.price_script import PriceScripts, play
from rebalancer_gui.adapters.venues.simulated_book import DEFAULT_SPREAD, Depth, FillRatio
from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.commands import Command, CreateStrategy
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import (
    AccountChanged,
    CommandRejected,
    EngineFailed,
    RebalanceChanged,
    StrategyCreated,
)
from rebalancer_gui.application.ports import Clock, Store
from rebalancer_gui.application.records import RebalanceRecord
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.ledger import strategy_account
from rebalancer_gui.domain.market import FeeSchedule, MarketRules, OrderBook, Quote
from rebalancer_gui.domain.orders import OrderRequest, SubmitOutcome, VenueOrder
from rebalancer_gui.domain.presets import PresetDefinition
from rebalancer_gui.domain.strategy import StrategyParameters
from rebalancer_gui.resources_path import resource_dir
from tests.fake_clock import FakeClock
from tests.fakes import FakeStore

T = TypeVar("T")
E = TypeVar("E")
START = datetime(2021, 2, 16, tzinfo=UTC)
DAY = timedelta(days=1)
ACCOUNT = "paper"
TURNS = 20_000
"""Turns of the loop after which something that should happen at once is taken not to happen."""


@dataclass(frozen=True)
class Plateaus:
    """A price path of steps: each coin has the price of the last plateau that has begun (days after START)."""

    steps: Sequence[tuple[float, Mapping[str, str]]]

    def price(self, asset: str, at: datetime) -> Decimal | None:
        found = [prices[asset] for days, prices in self.steps if at >= START + days * DAY and asset in prices]
        return Decimal(found[-1]) if found else None


def plateaus(*steps: tuple[float, Mapping[str, str]]) -> PriceScripts:
    return play(Plateaus(steps))


@cache
def real_history() -> DailyHistory:
    """Read once for all worlds of a process: it takes as long as a short life of the engine, and nobody changes it."""
    return DailyHistory(resource_dir() / "demo")


@cache
def real_rules() -> Mapping[str, MarketRules]:
    return MappingProxyType(read_market_rules(resource_dir() / RULES_FILE))


@cache
def real_prices() -> PriceScripts:
    """What the demo plays: the replay of the trimmed history, and the random walk that may follow."""
    return demo_scripts(real_history(), read_random_walk(resource_dir() / WALK_FILE), real_rules())


class WithAwaits(PaperVenue):
    """The paper venue at the end of a wire: ``turns`` turns of the loop pass before and again behind each call.

    ``on_turn`` is called at the beginning of each such wait, ``posts`` holds every order, ``life`` is the engine's.
    """

    life: Life

    turns = 0
    on_turn: Callable[[], None]
    posts: list[OrderRequest]

    async def quote(self, symbol: str) -> Quote:
        await self._turn()
        found = await super().quote(symbol)
        await self._turn()
        return found

    async def order_book(self, symbol: str) -> OrderBook:
        await self._turn()
        found = await super().order_book(symbol)
        await self._turn()
        return found

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        await self._turn()
        found = await super().find_order(symbol, client_order_id)
        await self._turn()
        return found

    async def submit(self, request: OrderRequest) -> SubmitOutcome:
        self.posts.append(request)
        await self._turn()
        outcome = await super().submit(request)
        await self._turn()
        return outcome

    async def _turn(self) -> None:
        self.on_turn()
        for _ in range(self.turns):
            await asyncio.sleep(0)


@dataclass
class World:
    """One paper account: its venue's file, its store and its ids survive the engines that run on it."""

    scripts: PriceScripts = field(default_factory=real_prices)
    rules: Mapping[str, MarketRules] = field(default_factory=real_rules)
    path: Path | None = None
    store: Store = field(default_factory=FakeStore)
    clock: FakeClock = field(default_factory=lambda: FakeClock(START, auto=True))
    seed: int = 1
    start: datetime = START
    speed: int = 21_600
    balances: Mapping[str, Decimal] = field(default_factory=lambda: DEFAULT_BALANCES)
    spread: Decimal = DEFAULT_SPREAD
    depth: Depth = field(default_factory=Depth)
    fees: FeeSchedule = DEFAULT_FEES
    fill_ratio: FillRatio = field(default_factory=FillRatio)
    presets: tuple[PresetDefinition, ...] = ()
    turns: int = 0
    on_turn: Callable[[], None] = lambda: None
    make_venue: type[WithAwaits] = WithAwaits
    posts: list[OrderRequest] = field(default_factory=list)
    """Everything that was ever sent, over all engines."""
    on_venue: Callable[[WithAwaits], None] = lambda venue: None
    """Told of the venue of each new engine."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Life]:
        """An engine from its start (the first quotes are in) to its safe stop."""
        life = self.begin()
        await life.until(lambda: any(event.view.quotes for event in life.of(AccountChanged)) or life.task.done())
        try:
            yield life
        finally:
            await life.stop()

    def begin(self) -> Life:
        venue = self._venue(self.clock)
        caps = HistoricalMarketCaps(real_history())
        setup = AccountSetup(
            ACCOUNT,
            "Paper",
            "PAPER",
            venue,
            self.store,
            SeededIdSource(self.seed),
            caps=caps,
            demo=venue.demo,
            paper=venue.paper,
            presets=self.presets,
        )
        venue.life = Life(setup, venue, self.clock)
        return venue.life

    def _venue(self, clock: Clock) -> WithAwaits:
        venue = self.make_venue(
            self.scripts,
            clock,
            self.rules,
            self.path,
            start=self.start,
            seed=self.seed,
            speed=self.speed,
            balances=self.balances,
            spread=self.spread,
            depth=self.depth,
            fees=self.fees,
            fill_ratio=self.fill_ratio,
        )
        venue.turns, venue.on_turn, venue.posts = self.turns, self.on_turn, self.posts
        self.on_venue(venue)
        return venue


class Life:
    """One engine that runs in the test's loop, and everything it told."""

    def __init__(self, setup: AccountSetup, venue: WithAwaits, clock: FakeClock) -> None:
        self.venue = venue
        self.store = setup.store
        self.events: list[object] = []
        self.engine = Engine([setup], self.events.append)
        self.task = asyncio.ensure_future(self.engine.main())
        self.clock = clock
        self._number = 0

    async def stop(self) -> None:
        self.engine.request_stop()
        await asyncio.wait_for(self.task, 5)
        assert not self.of(EngineFailed), self.of(EngineFailed)

    async def until(self, condition: Callable[[], object]) -> None:
        """Turn the loop, without any time passing, until ``condition`` holds."""
        for _ in range(TURNS):
            if condition():
                return
            await asyncio.sleep(0)
        raise AssertionError("the engine did not get there")

    async def market(self, period: timedelta) -> None:
        """Let at least ``period`` of market time pass."""
        end = self.now + period
        while self.now < end:
            assert not self.task.done(), self.of(EngineFailed)
            assert not self.is_held, self.view.halted
            await self.clock.sleep(self.venue.demo.state().spacing.total_seconds() / self.venue.demo.state().speed)

    async def wall(self, seconds: float) -> None:
        await self.clock.sleep(seconds)

    async def ask(self, make: Callable[[str], Command]) -> object:
        """Send a command and wait for its one answer."""
        command_id = self.post(make)
        await self.until(lambda: self.answers_to(command_id))
        (answer,) = self.answers_to(command_id)
        return answer

    def post(self, make: Callable[[str], Command]) -> str:
        self._number += 1
        command_id = f"c{self._number}"
        self.engine.post(make(command_id))
        return command_id

    def answers_to(self, command_id: str) -> list[object]:
        return [event for event in self.events if getattr(event, "command_id", "") == command_id]

    async def create(self, parameters: StrategyParameters) -> str:
        answer = await self.ask(lambda i: CreateStrategy(i, ACCOUNT, parameters))
        assert isinstance(answer, StrategyCreated), answer
        return answer.strategy_id

    async def refused(self, parameters: StrategyParameters) -> CommandRejected:
        answer = await self.ask(lambda i: CreateStrategy(i, ACCOUNT, parameters))
        assert isinstance(answer, CommandRejected), answer
        return answer

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def is_held(self) -> bool:
        """Whether the account waits for its file to be writable; the market stands still meanwhile."""
        return any(runner.held for runner in self.engine._runners.values())

    @property
    def now(self) -> datetime:
        return self.venue.clock.now()

    @property
    def view(self) -> AccountView:
        return self.of(AccountChanged)[-1].view

    def strategy(self, strategy_id: str) -> StrategyView:
        return next(s for s in self.view.strategies if s.id == strategy_id)

    def owned(self, strategy_id: str) -> dict[str, Decimal]:
        """What the ledger says the strategy can use, by asset."""
        own = strategy_account(strategy_id)
        return {asset: amount for (account, asset), amount in self.store.load().balances.items() if account == own}

    @property
    def rebalances(self) -> list[RebalanceRecord]:
        """The newest picture of each, oldest first."""
        newest: dict[str, RebalanceRecord] = {}
        for event in self.of(RebalanceChanged):
            newest[event.record.id] = event.record
        return list(newest.values())


def run(test: Callable[[], Coroutine[object, object, T]]) -> T:
    return asyncio.run(test())
