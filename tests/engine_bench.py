"""Runs the real engine in a test's own loop: commands in, events collected, prices pushed by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TypeVar

from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.beside import Companion
from rebalancer_gui.application.candle_port import CandleFileReader, CandleSource
from rebalancer_gui.application.caps_port import MarketCapSource
from rebalancer_gui.application.commands import Command, CreateStrategy
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import (
    AccountChanged,
    CommandDone,
    CommandRejected,
    EngineStarted,
    JournalChanged,
    PreviewReady,
    RebalanceChanged,
    StrategyCreated,
)
from rebalancer_gui.application.live_port import LiveSide
from rebalancer_gui.application.ports import IdSource, Store
from rebalancer_gui.application.preset_port import PresetSide
from rebalancer_gui.application.price_port import PriceFollower
from rebalancer_gui.application.record_port import SheetWriter
from rebalancer_gui.application.records import JournalEntry, RebalanceRecord
from rebalancer_gui.application.views import AccountView, Preview, StrategyView
from rebalancer_gui.domain.ledger import is_inside, strategy_account
from rebalancer_gui.domain.presets import PresetDefinition
from rebalancer_gui.domain.rails import RailSet
from rebalancer_gui.domain.strategy import HeldCoin, StrategyParameters, TradingMode
from rebalancer_gui.domain.valuation import Snapshot
from tests.fakes import FakeStore
from tests.scripted_venue import ScriptedVenue

E = TypeVar("E")


class CountingIds:
    """Ids in order; ``seek`` goes on after a restart."""

    def __init__(self) -> None:
        self.position = 0

    def seek(self, position: int) -> None:
        self.position = position

    def new_id(self, prefix: str) -> str:
        self.position += 1
        return f"{prefix}-{self.position:06d}"

    def client_order_id(self) -> str:
        self.position += 1
        return f"rbtest{self.position:012d}"


class Bench:
    """One engine with one account. Use as ``async with Bench(venue).running() as bench``."""

    def __init__(
        self,
        venue: ScriptedVenue,
        store: Store | None = None,
        ids: IdSource | None = None,
        *,
        rails: RailSet | None = None,
        trading: TradingMode = TradingMode.AUTO,
        prices: PriceFollower | None = None,
        live: LiveSide | None = None,
        beside: Sequence[Companion] = (),
        candles: CandleSource | None = None,
        candle_files: CandleFileReader | None = None,
        preset_side: PresetSide | None = None,
        presets: tuple[PresetDefinition, ...] = (),
        caps: MarketCapSource | None = None,
        sheets: SheetWriter | None = None,
    ) -> None:
        self.venue = venue
        self.store = store or FakeStore()
        self.ids = ids or CountingIds()
        self.events: list[object] = []
        self._number = 0
        self.rails, self.trading = rails or RailSet(), trading
        setup = AccountSetup(
            "paper",
            "Paper",
            "PAPER",
            venue,
            self.store,
            self.ids,
            rails=self.rails,
            trading=trading,
            prices=prices,
            live=live,
            candles=candles,
            preset_side=preset_side or PresetSide(),
            presets=presets,
            caps=caps,
        )
        self.engine = Engine([setup], self.events.append, beside, candle_files=candle_files, sheets=sheets)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Bench]:
        task = asyncio.create_task(self.engine.main())
        await self.until(lambda: self.of(EngineStarted) or task.done())
        try:
            yield self
        finally:
            self.engine.request_stop()
            await asyncio.wait_for(task, 5)

    async def until(self, condition: Callable[[], object]) -> None:
        for _ in range(2000):
            if condition():
                return
            await asyncio.sleep(0)
        raise AssertionError("the engine did not get there")

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def ask(self, make: Callable[[str], Command]) -> object:
        """Send a command and wait for its one answer."""
        self._number += 1
        command_id = f"c{self._number}"
        self.engine.post(make(command_id))
        await self.until(lambda: any(getattr(e, "command_id", "") == command_id for e in self.events))
        answers = [e for e in self.events if getattr(e, "command_id", "") == command_id]
        assert len(answers) == 1, answers
        return answers[0]

    async def create(
        self, parameters: StrategyParameters, held: tuple[HeldCoin, ...] = (), *, build: bool = True
    ) -> str:
        answer = await self.ask(lambda i: CreateStrategy(i, "paper", parameters, held, build))
        assert isinstance(answer, StrategyCreated), answer
        return answer.strategy_id

    async def refused(
        self, parameters: StrategyParameters, held: tuple[HeldCoin, ...] = (), *, build: bool = True
    ) -> CommandRejected:
        return await self.rejected(lambda i: CreateStrategy(i, "paper", parameters, held, build))

    async def rejected(self, make: Callable[[str], Command]) -> CommandRejected:
        answer = await self.ask(make)
        assert isinstance(answer, CommandRejected), answer
        return answer

    async def do(self, make: Callable[[str], Command]) -> None:
        """Ask for something that must be done."""
        answer = await self.ask(make)
        assert isinstance(answer, CommandDone), answer

    async def preview(self, make: Callable[[str], Command]) -> Preview:
        answer = await self.ask(make)
        assert isinstance(answer, PreviewReady), answer
        return answer.preview

    def owned(self, strategy_id: str) -> dict[str, Decimal]:
        """What the ledger says the strategy can use, by asset."""
        own = strategy_account(strategy_id)
        return {asset: amount for (account, asset), amount in self.store.load().balances.items() if account == own}

    def said(self, kind: str = "") -> list[str]:
        """The journal's sentences of that kind ("" = all), oldest first."""
        texts: dict[str, JournalEntry] = {}
        for event in self.of(JournalChanged):
            texts[event.entry.id] = event.entry
        return [entry.text for entry in texts.values() if not kind or entry.kind == kind]

    @property
    def view(self) -> AccountView:
        return self.of(AccountChanged)[-1].view

    def strategy(self, strategy_id: str) -> StrategyView:
        return next(s for s in self.view.strategies if s.id == strategy_id)

    def snapshot(self, strategy_id: str) -> Snapshot:
        found = self.strategy(strategy_id).snapshot
        assert found is not None
        return found

    @property
    def rebalances(self) -> list[RebalanceRecord]:
        """The newest picture of each, oldest first."""
        newest: dict[str, RebalanceRecord] = {}
        for event in self.of(RebalanceChanged):
            newest[event.record.id] = event.record
        return list(newest.values())

    def assert_conserved(self) -> None:
        """The ledger holds exactly what the venue holds."""
        inside: dict[str, Decimal] = {}
        for (account, asset), amount in self.store.load().balances.items():
            if is_inside(account):
                inside[asset] = inside.get(asset, Decimal(0)) + amount
        held = {a: v for a, v in self.venue.held.items() if v}
        assert {a: v for a, v in inside.items() if v} == held

    def again(self) -> Bench:
        """The next engine on the same venue and store."""
        return Bench(self.venue, self.store, CountingIds(), rails=self.rails, trading=self.trading)


def run(test: Callable[[], Coroutine[object, object, None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 20))
