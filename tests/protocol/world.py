"""One account on the simulated exchange: the real engine on the real store, which can die and be started again."""

from __future__ import annotations

import asyncio
import hashlib
import math
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from rebalancer_gui.adapters.seeded_ids import SeededIdSource
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.account import Account, AccountSetup
from rebalancer_gui.application.commands import Command, CreateStrategy
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import (
    EngineFailed,
    EngineStarted,
    JournalChanged,
    OrderChanged,
    RebalanceChanged,
    StrategyCreated,
    TransferBooked,
)
from rebalancer_gui.application.ports import Store, Venue
from rebalancer_gui.application.records import RebalanceRecord
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.rails import RailSet
from rebalancer_gui.domain.strategy import StrategyParameters
from tests.protocol.faults import Crash, Faults
from tests.protocol.invariants import Invariants
from tests.protocol.sim_exchange import SimExchange
from tests.protocol.sim_market import SimMarket
from tests.protocol.sim_venue import SimVenue
from tests.protocol.virtual_loop import SimClock
from tests.protocol.watched_store import ACCOUNT, WatchedStore

COINS = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "BNB")
BALANCES = {"USDT": Decimal(10_000), "ETH": Decimal("0.05"), "BNB": Decimal(2)}
FENCE = timedelta(seconds=5)
LOOK_EVERY = 0.5
"""Seconds between two looks at what is waited for."""


@dataclass
class Settings:
    """What the account and its market are like."""

    coins: tuple[str, ...] = COINS
    balances: dict[str, Decimal] = field(default_factory=lambda: dict(BALANCES))
    fees: FeeSchedule = field(default_factory=lambda: FeeSchedule(Decimal("0.001")))
    fence: timedelta | None = FENCE
    volatility: float = 0.0
    spacing: timedelta = timedelta(seconds=30)
    min_notional: str = "5"
    rails: RailSet = field(default_factory=RailSet)


_NEWEST_EVENTS = """
    SELECT i.client_order_id, e.state FROM intent i
    JOIN order_event e ON e.key = (SELECT max(key) FROM order_event WHERE intent = i.key)
"""


class BrokenInvariantError(AssertionError):
    """Something that must hold does not: the run is over."""


class WireEnd(Venue, Protocol):
    """An engine's end of the wire. ``dead``: its process died, nothing passes any more; ``breaches`` must stay empty."""

    dead: bool
    breaches: list[str]


class Life:
    """One engine from its start to its end."""

    def __init__(self, world: World) -> None:
        self.venue = world.new_venue()
        self.store = WatchedStore(
            world.path, ACCOUNT, on_commit=world.invariants.committed, dies=lambda where: self._dies(world, where)
        )
        self.answers: dict[str, object] = {}
        self.events = world.heard
        setup = world.account_setup(self.venue, self.store)
        self.engine = Engine([setup], lambda event: self._hear(world, event))
        self.task = asyncio.ensure_future(self.engine.main())

    def _dies(self, world: World, where: str) -> bool:
        dies = world.faults.crashes(where)
        if dies:
            world.say(f"CRASH {where}")
            self.venue.dead = True
        return dies

    def _hear(self, world: World, event: object) -> None:
        command_id = getattr(event, "command_id", "")
        if command_id:
            if command_id in self.answers:
                world.invariants.breaks(f"command {command_id} was answered twice")
            self.answers[command_id] = event
            world.say(f"{command_id}: {type(event).__name__} {getattr(event, 'message', '')}")
        world.hear(event)


class World:
    """The exchange, the file and the clock outlive the engines. Runs in a virtual loop."""

    exchange_type: type[SimExchange] = SimExchange

    def __init__(
        self, faults: Faults, path: Path, settings: Settings | None = None, *, seed: int = 1, trace: bool = False
    ) -> None:
        self.seed = seed
        self.settings = settings or Settings()
        self.faults = faults
        self.path = path
        self.chance = random.Random(seed)
        self._loop = asyncio.get_running_loop()
        self.clock = SimClock(self._loop)
        self.market = SimMarket(
            random.Random(self.chance.random()), self.settings.coins, spacing=self.settings.spacing,
            volatility=self.settings.volatility, min_notional=self.settings.min_notional,
        )  # fmt: skip
        self.exchange = self.exchange_type(self.clock, self.market, self.settings.fees, self.settings.balances)
        self.lines: list[str] | None = [] if trace else None
        self._digest = hashlib.sha256()
        self.invariants = Invariants(self.exchange, say=self.say)
        self.down = False
        self.crashes: Counter[str] = Counter()
        self.lives = self.failures = 0
        self.may_fail = False
        """A fault of the program's own is planted: engines may fail, and are counted."""
        self.heard: list[object] = []
        self.rebalances: dict[str, RebalanceRecord] = {}
        self.life: Life | None = None
        self._asked = 0

    # -------------------------------------------------------------------------------------------------------- traces

    def say(self, what: str) -> None:
        """One line of the trace."""
        line = f"{self._loop.time():.3f} {what}"
        self._digest.update(line.encode())
        if self.lines is not None:
            self.lines.append(line)

    @property
    def trace_hash(self) -> str:
        return self._digest.hexdigest()[:16]

    def hear(self, event: object) -> None:
        """An event of the engine."""
        match event:
            case OrderChanged(row=row):
                self.say(f"order {row.client_order_id} {row.state.value} {row.filled} {row.reason}")
            case RebalanceChanged(record=record):
                self.rebalances[record.id] = record
                self.say(f"rebalance {record.id} {record.reason} {record.outcome.value}")
            case TransferBooked(row=transfer):
                self.say(f"transfer {transfer.kind} {transfer.amount} {transfer.asset}")
            case JournalChanged(entry=entry):
                if self.lines is not None:
                    self.say_only_in_words(f"    {entry.text}")
            case EngineFailed() if self.may_fail:
                self.failures += 1
            case EngineFailed(message=message):
                self.invariants.breaks(f"the engine failed: {message}")
            case _:
                pass
        if isinstance(event, (EngineStarted, EngineFailed)):
            self.heard.append(event)

    def say_only_in_words(self, what: str) -> None:
        """For whoever reads the trace; not part of its hash."""
        if self.lines is not None and (not self.lines or self.lines[-1] != what):
            self.lines.append(what)

    # --------------------------------------------------------------------------------------------------------- lives

    @property
    def account(self) -> Account:
        """The account as the engine knows it; the engine must have started."""
        assert self.life is not None
        return self.life.engine._runners[ACCOUNT].account

    @property
    def is_up(self) -> bool:
        """Whether an engine runs and has opened the account."""
        return self.life is not None and not self.life.task.done() and ACCOUNT in self.life.engine._runners

    @property
    def venue(self) -> SimVenue:
        assert self.life is not None
        assert isinstance(self.life.venue, SimVenue)
        return self.life.venue

    def new_venue(self) -> WireEnd:
        """For a life that begins."""
        venue = SimVenue(self.exchange, self.faults, fence=self.settings.fence, say=self.say)
        venue.on_post = self.invariants.posts
        venue.down = self.down
        return venue

    def account_setup(self, venue: Venue, store: Store) -> AccountSetup:
        """The account of that life."""
        return AccountSetup(
            ACCOUNT, "Simulated", "PAPER", venue, store, SeededIdSource(self.seed, "test"), app_version="sim",
            rails=self.settings.rails,
        )  # fmt: skip

    def strategy(self, name: str) -> StrategyRuntime:
        """By its name, the newest of it."""
        return [s for s in self.account.strategies.values() if s.name == name][-1]

    def begin(self) -> None:
        """A new engine on what is there."""
        self.lives += 1
        self.say(f"life {self.lives}")
        self.life = Life(self)

    async def end(self) -> None:
        """Stop the engine safely."""
        life = self.life
        if life is not None:
            life.engine.request_stop()
            await asyncio.wait({life.task})
            self.bury()

    def bury(self) -> None:
        """The engine is over: by a crash, or safely."""
        life, self.life = self.life, None
        if life is None:
            return
        self.invariants.broken += life.venue.breaches
        life.store.put_down()
        error = life.task.exception()
        if isinstance(error, Crash):
            self.crashes[str(error)] += 1
        elif error is not None:
            self.invariants.breaks(f"the engine died: {error!r}")

    async def wait(self, seconds: float, *, restart_after: float = 3.0) -> None:
        """Let time pass; an engine that dies is started again."""
        end = self._loop.time() + seconds
        while self._loop.time() < end:
            if self.life is None:
                self.begin()
            assert self.life is not None
            await asyncio.wait({self.life.task}, timeout=end - self._loop.time())
            if self.life.task.done():
                self.bury()
                await asyncio.sleep(min(restart_after, max(end - self._loop.time(), 0.01)))
            if self.invariants.broken:
                raise BrokenInvariantError(self.invariants.broken)
        if self.life is None:
            self.begin()

    async def until(self, condition: Callable[[], object], seconds: float = 120.0) -> bool:
        """Wait until something holds, at most so long; False when it never did. Looked at each half second."""
        end = self._loop.time() + seconds
        while not condition():
            if self._loop.time() >= end:
                return False
            await self._pass_idle_looks(end)
            await self.wait(LOOK_EVERY)
        return True

    async def _pass_idle_looks(self, end: float) -> None:
        """Let the looks go by before which nobody does anything, as the loop's next timer tells: they are most of them."""
        inside: dict[str, Any] = vars(self._loop)
        if inside["_ready"] or self.life is None or not inside["_scheduled"]:
            return
        now, first = self._loop.time(), min(inside["_scheduled"][0].when(), end)
        idle = math.ceil((first - now) / LOOK_EVERY) - 1
        if idle > 0:
            await asyncio.sleep(idle * LOOK_EVERY)

    async def ask(self, make: Callable[[str], Command], seconds: float = 60.0) -> object | None:
        """Send a command; None when the engine died before it answered."""
        if not await self.until(lambda: self.is_up, seconds):
            return None
        life = self.life
        assert life is not None
        self._asked += 1
        command_id = f"c{self._asked}"
        life.engine.post(make(command_id))
        await self.until(lambda: command_id in life.answers or self.life is not life, seconds)
        if command_id not in life.answers and self.life is life:
            self.invariants.breaks(f"command {command_id} was not answered in {seconds} s")
        return life.answers.get(command_id)

    async def create(self, parameters: StrategyParameters) -> StrategyRuntime:
        """Create a strategy once prices are there, also when the engine dies meanwhile."""
        for _ in range(200):
            await self.until(lambda: self.is_up and self.account.quotes)
            known = [s for s in self.account.strategies.values() if s.name == parameters.name] if self.is_up else []
            if known:
                return known[-1]
            answer = await self.ask(lambda i: CreateStrategy(i, ACCOUNT, parameters))
            if answer is not None and not isinstance(answer, StrategyCreated):
                self.say(f"not created: {answer}")
                await self.wait(31)
        raise AssertionError(f"{parameters.name} could not be created")

    # ----------------------------------------------------------------------------------------------------------- end

    def check_file(self) -> None:
        """I10: what the file says, read anew, is what was committed; its balances are the sums of its postings."""
        store = SqliteStore(self.path, ACCOUNT)
        store.open()
        try:
            state = store.load()
            if dict(state.balances) != self.invariants.shadow.flat():
                self.invariants.breaks("I10: the file's balances are not those of the committed postings")
            told = store._db.rows(_NEWEST_EVENTS)
            if dict(told) != {cid: i.state.value for cid, i in self.invariants.shadow.intents.items()}:
                self.invariants.breaks("I10: the events of the orders do not lead to their states")
            still_open = {intent.client_order_id for intent in state.open_intents}
            if still_open != set(self.invariants.shadow.open):
                self.invariants.breaks(f"I10: open in the file are {still_open}")
        finally:
            store.close()


@asynccontextmanager
async def world(
    faults: Faults, path: Path, settings: Settings | None = None, *, seed: int = 1, trace: bool = False
) -> AsyncIterator[World]:
    """A world whose first engine runs; it is stopped safely at the end."""
    made = World(faults, path, settings, seed=seed, trace=trace)
    made.begin()
    try:
        yield made
    finally:
        await made.end()
