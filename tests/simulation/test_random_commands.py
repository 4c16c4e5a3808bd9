"""Anything a person can press, in any order and at any moment, also in the middle of an order: the invariants hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rebalancer_gui.adapters.venues.simulated_book import Depth, FillRatio
from rebalancer_gui.application.commands import (
    Command,
    ContinueDemo,
    CreateStrategy,
    JumpDemo,
    LoadChart,
    LoadHistory,
    LoadPresets,
    PauseStrategy,
    PreviewStrategy,
    RebalanceNow,
    ResumeStrategy,
    ResumeTrading,
    SetDemoPaused,
    SetDemoSpeed,
    StepDemo,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.application.events import CommandRejected, EngineFailed
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.domain.allocation import equal_weights
from rebalancer_gui.domain.ledger import strategy_account
from rebalancer_gui.domain.orders import OrderRequest, SubmitOutcome
from rebalancer_gui.domain.strategy import RatioRule, Rule, State, StrategyParameters, TimeRule
from tests.fake_clock import FakeClock
from tests.fakes import FakeStore
from tests.simulation.bench import ACCOUNT, START, Life, WithAwaits, World, run
from tests.simulation.invariants import watch

COINS = ("BTC", "ETH", "BNB", "XRP", "ADA", "DOGE")
SPEEDS = (1, 60, 3600, 21_600, 86_400)


@dataclass(frozen=True)
class Step:
    """What happens next: ``kind`` with ``number`` and ``other`` as its choices."""

    kind: str
    number: int
    other: int


KINDS = (
    "create", "create", "pause", "resume", "now", "now", "sell", "keep", "stop all", "resume trading", "resume trading",
    "demo pause", "demo go", "demo go", "demo step", "demo jump", "speed", "read", "wait", "wait", "wait", "turns", "turns",
    "restart", "go on after the end",
)  # fmt: skip
steps = st.lists(
    st.builds(Step, st.sampled_from(KINDS), st.integers(0, 999), st.integers(0, 999)), min_size=20, max_size=300
)


class NothingWhileStopped(WithAwaits):
    """No order may reach the venue while Stop all is on, or for a strategy that was paused or has ended (ORDERS.md I8)."""

    async def submit(self, request: OrderRequest) -> SubmitOutcome:
        (runner,) = self.life.engine._runners.values()
        assert not runner.account.stop_all, "an order was sent while Stop all was on"
        of = [s for s in runner.account.strategies.values() if request.client_order_id in s.unresolved]
        assert len(of) == 1, "an order was sent that no strategy knows"
        state = of[0].record.state
        assert state in {State.BUILDING, State.RUNNING, State.STOPPING}, f"an order was sent for a strategy {state}"
        return await super().submit(request)


class Person:
    """Presses what the steps say, remembers what was asked, and looks whether every command was answered once."""

    def __init__(self, folder: Path) -> None:
        self.world = World(
            path=folder / "venue.sqlite",
            depth=Depth(levels=5, value=Decimal(400)),
            fill_ratio=FillRatio(Decimal("0.6"), Decimal(1)),
            turns=2,
            start=datetime(2022, 8, 1, tzinfo=UTC),
            make_venue=NothingWhileStopped,
        )
        self.watcher = watch(self.world)
        self.asked: list[tuple[Life, str]] = []

    def play(self, steps: list[Step]) -> None:
        """All steps; a restart begins a new life of the engine on the same files."""
        lives: list[list[Step]] = [[]]
        for step in steps:
            if step.kind == "restart":
                lives.append([])
            else:
                lives[-1].append(step)
        for part in lives:
            self.world.clock = FakeClock(START, auto=True)
            run(partial(self._live, part))
        run(self._close_down)
        for life, command_id in self.asked:
            assert len(life.answers_to(command_id)) == 1, f"{command_id} was answered {life.answers_to(command_id)}"

    async def _live(self, steps: list[Step]) -> None:
        async with self.world.running() as life:
            for step in steps:
                await self._do(life, step)
                assert not life.of(EngineFailed), life.of(EngineFailed)
            self.watcher.check()

    async def _do(self, life: Life, step: Step) -> None:
        match step.kind:
            case "wait":
                await life.wall(0.25 * (1 + step.number % 8))
                await self._turns(step.other % 50)  # What comes next comes in the middle of the batch.
            case "turns":
                await self._turns(step.number % 60)
            case _:
                make = self._command(life, step)
                if make is not None:
                    self.asked.append((life, life.post(make)))

    async def _turns(self, count: int) -> None:
        for _ in range(count):
            await asyncio.sleep(0)

    def _command(self, life: Life, step: Step) -> Callable[[str], Command] | None:  # noqa: C901, PLR0911 -- a table
        known = [shown.id for shown in life.view.strategies]
        chosen = known[step.number % len(known)] if known else "s-unknown"
        match step.kind:
            case "create":
                return lambda i: CreateStrategy(i, ACCOUNT, some_parameters(step))
            case "pause":
                return lambda i: PauseStrategy(i, chosen)
            case "resume":
                return lambda i: ResumeStrategy(i, chosen)
            case "now":
                return lambda i: RebalanceNow(i, chosen)
            case "sell" | "keep":
                return lambda i: StopStrategy(i, chosen, sell_all=step.kind == "sell")
            case "stop all":
                return StopAll
            case "resume trading":
                return ResumeTrading
            case "demo pause" | "demo go":
                return lambda i: SetDemoPaused(i, ACCOUNT, paused=step.kind == "demo pause")
            case "demo step":
                return lambda i: StepDemo(i, ACCOUNT)
            case "demo jump":
                return lambda i: JumpDemo(i, ACCOUNT)
            case "go on after the end":
                return lambda i: ContinueDemo(i, ACCOUNT)
            case "speed":
                return lambda i: SetDemoSpeed(i, ACCOUNT, SPEEDS[step.number % len(SPEEDS)])
            case _:
                return some_question(step, chosen)

    async def _close_down(self) -> None:
        """Whatever state it is in, there is a way out: everything can be sold or given back, and the money is all there."""
        self.world.clock = FakeClock(START, auto=True)
        async with self.world.running() as life:
            await life.ask(ResumeTrading)
            if life.venue.demo.state().ended:
                await life.ask(lambda i: ContinueDemo(i, ACCOUNT))
            await life.ask(lambda i: SetDemoSpeed(i, ACCOUNT, 21_600))
            for number, shown in enumerate(life.view.strategies):
                if shown.state is not State.ENDED:
                    sell = number % 2 == 0
                    answer = await life.ask(partial(StopStrategy, strategy_id=shown.id, sell_all=sell))
                    assert not isinstance(answer, CommandRejected), answer
            await life.market(timedelta(days=5))
            assert {shown.state for shown in life.view.strategies} <= {State.ENDED}
            self.watcher.check()
            self._assert_settled()

    def _assert_settled(self) -> None:
        store = self.world.store
        assert isinstance(store, FakeStore)
        state = store.load()
        assert state.open_intents == ()
        assert state.open_rebalances == ()
        assert {account for account, _ in state.balances if account.startswith(strategy_account(""))} == set()


def some_parameters(step: Step) -> StrategyParameters:
    """Mostly legal; some are too small, too large, or have a name that is taken."""
    count = 2 + step.other % 4
    coins = [COINS[(step.number + i) % len(COINS)] for i in range(count)]
    rule: Rule = RatioRule(Decimal("0.1") * (1 + step.number % 20))
    if step.other % 3 == 0:
        rule = TimeRule(timedelta(hours=1 + step.number % 30), Decimal("0.1") * (step.other % 6))
    return StrategyParameters(
        f"S{step.number % 40}", "USDT", equal_weights(coins), Decimal(200 + step.other * 2), rule, step.number % 2 == 0
    )


def some_question(step: Step, chosen: str) -> Callable[[str], Command]:
    """Commands that only read."""
    questions: tuple[Callable[[str], Command], ...] = (
        lambda i: LoadHistory(i, ACCOUNT, HistoryKind.ORDERS, chosen, limit=5),
        lambda i: LoadHistory(i, ACCOUNT, HistoryKind.REBALANCES, "", before=step.other),
        lambda i: LoadHistory(i, ACCOUNT, HistoryKind.TRANSFERS, "", limit=1),
        lambda i: LoadHistory(i, ACCOUNT, HistoryKind.JOURNAL, chosen),
        lambda i: LoadChart(i, chosen, days=1 + step.other % 30, limit=50),
        lambda i: LoadPresets(i, ACCOUNT, "USDT"),
        lambda i: PreviewStrategy(i, ACCOUNT, some_parameters(step)),
        lambda i: PauseStrategy(i, "s-nothing"),
        lambda i: StepDemo(i, "elsewhere"),
    )
    return questions[step.number % len(questions)]


def play(script: list[Step]) -> None:
    with TemporaryDirectory(prefix="rebalancer-person-") as folder:
        Person(Path(folder)).play(script)


LIGHT = settings(max_examples=25, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
HEAVY = settings(max_examples=400, suppress_health_check=list(HealthCheck))


@LIGHT
@given(steps)
def test_whatever_is_pressed_the_invariants_hold_and_every_command_is_answered_once(script: list[Step]) -> None:
    play(script)


@pytest.mark.long
@pytest.mark.timeout(3600)
@HEAVY
@given(steps)
def test_whatever_is_pressed_for_a_long_time(script: list[Step]) -> None:
    play(script)
