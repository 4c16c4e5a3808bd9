"""A command that comes between any two awaits of a rebalance: once it is answered, no further order is begun."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from rebalancer_gui.application.commands import (
    Command,
    PauseStrategy,
    ResumeStrategy,
    ResumeTrading,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.application.events import CommandDone
from rebalancer_gui.application.records import Outcome
from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.strategy import RatioRule, State
from tests.builders import d, parameters, rules_for
from tests.fakes import FakeStore
from tests.simulation.bench import DAY, Life, World, plateaus, run
from tests.simulation.invariants import watch

PRICES = (
    (-1, {"BTC": "100", "ETH": "10", "BNB": "1", "XRP": "2"}),
    (1, {"BTC": "105", "ETH": "9.6", "BNB": "1.04", "XRP": "1.9"}),
)
COMMANDS: dict[str, Callable[[str, str], Command]] = {
    "pause": PauseStrategy,
    "stop all": lambda command_id, _strategy: StopAll(command_id),
    "stop and keep": lambda command_id, strategy: StopStrategy(command_id, strategy, sell_all=False),
    "stop and sell": lambda command_id, strategy: StopStrategy(command_id, strategy, sell_all=True),
}


class Presser:
    """Posts one command at the ``turn``-th await of the rebalance and notes how many orders there are at its answer."""

    def __init__(self, turn: int, store: FakeStore) -> None:
        self.turn = turn
        self.count = 0
        self.armed = False
        self.press: Callable[[], object] = lambda: None
        self.orders_at_answer: int | None = None
        self._store = store

    def __call__(self) -> None:
        self.count += self.armed
        if self.armed and self.count == self.turn:
            self.press()

    def listen(self, life: Life) -> None:
        desk = life.engine._desk
        tell = desk._emit

        def emit(event: object) -> None:
            if isinstance(event, CommandDone) and event.command_id == "in the middle":
                self.orders_at_answer = len(self._store._intents)
            tell(event)

        desk._emit = emit


def orders_of_rebalances(store: FakeStore) -> int:
    return sum(intent.rebalance_id in rebalancing(store) for intent in store._intents.values())


def rebalancing(store: FakeStore) -> set[str]:
    return {record.id for record in store._rebalances.values() if record.reason != "sell all on stop"}


@pytest.mark.rule("7.10")
@pytest.mark.parametrize("word", COMMANDS)
@pytest.mark.failure(52)
def test_after_its_answer_the_rebalance_begins_no_further_order_and_the_rest_can_go_on(
    word: str, tmp_path: Path
) -> None:
    turn, cut_short = 0, 0
    while True:
        turn += 1
        made, presser = pressed_world(turn, tmp_path)
        cut_short += run(partial(press_in_the_middle, made, presser, word))
        if presser.count < turn:
            break
    assert turn > 15
    assert cut_short > 5


def pressed_world(turn: int, folder: Path) -> tuple[World, Presser]:
    made = World(
        scripts=plateaus(*PRICES),
        rules=rules_for("BTC", "ETH", "BNB", "XRP", min_notional="1"),
        path=folder / f"venue-{turn}.sqlite",
        spread=Decimal(0),
        fees=FeeSchedule(Decimal(0)),
        turns=3,
    )
    watch(made)
    assert isinstance(made.store, FakeStore)
    made.on_turn = presser = Presser(turn, made.store)
    return made, presser


async def create_four(life: Life) -> str:
    rule = RatioRule(d("0.5"))
    core = await life.create(parameters(investment="4000", rule=rule, BTC=25, ETH=25, BNB=25, XRP=25))
    await life.market(DAY / 2)
    return core


async def press_in_the_middle(made: World, presser: Presser, word: str) -> bool:
    """Whether the rebalance was cut short."""
    store = made.store
    assert isinstance(store, FakeStore)
    async with made.running() as life:
        core = await create_four(life)
        presser.listen(life)
        presser.press = lambda: life.engine.post(COMMANDS[word]("in the middle", core))
        presser.armed = True
        await life.market(DAY)
        presser.armed = False
        if presser.orders_at_answer is None:
            return False
        assert orders_of_rebalances(store) == presser.orders_at_answer, (
            "an order of the rebalance was begun after the answer"
        )
        record = life.rebalances[1]
        assert record.outcome is not Outcome.RUNNING
        await go_on(life, core, word)
        return record.outcome is Outcome.PARTLY


async def go_on(life: Life, core: str, word: str) -> None:
    """What was cut short is finished when the owner lets it go on."""
    shown = life.strategy(core)
    match word:
        case "pause" | "stop all":
            assert shown.state is (State.PAUSED if word == "pause" else State.HALTED)
            assert not shown.checking_order
            await life.ask(ResumeTrading if word == "stop all" else lambda i: ResumeStrategy(i, core))
            await life.market(timedelta(hours=6))
            after = life.strategy(core)
            assert after.state is State.RUNNING
            assert after.snapshot is not None
            assert after.snapshot.worst_drift is not None
            assert after.snapshot.worst_drift < d("0.001")
        case _:
            assert shown.state is State.ENDED
            assert life.owned(core) == {}
            assert "has ended" in life.store.journal(core, None, 1)[0].text, (
                "the end is told after the rebalance it ended"
            )
            assert (set(life.view.free) == {"USDT"}) is (word == "stop and sell")


@pytest.mark.rule("7.10")
@pytest.mark.parametrize("word", ["stop all", "stop and keep"])
@pytest.mark.failure(52)
def test_after_its_answer_a_sell_off_sells_nothing_more(word: str, tmp_path: Path) -> None:
    """Keep after all: what is not sold yet goes back. Stop all: it waits, and goes on when trading is resumed."""
    turn = kept = 0
    while True:
        turn += 1
        made, presser = pressed_world(turn, tmp_path)
        kept += run(partial(press_while_selling, made, presser, word))
        if presser.count < turn:
            break
    assert turn > 8
    assert kept > 5


async def press_while_selling(made: World, presser: Presser, word: str) -> bool:
    """Whether some coins were not sold."""
    store = made.store
    assert isinstance(store, FakeStore)
    async with made.running() as life:
        core = await create_four(life)
        presser.listen(life)
        presser.press = lambda: life.engine.post(COMMANDS[word]("in the middle", core))
        presser.armed = True
        await life.ask(lambda i: StopStrategy(i, core, sell_all=True))
        await life.market(timedelta(hours=6))
        presser.armed = False
        unsold = life.strategy(core).state is State.HALTED
        if presser.orders_at_answer is not None:
            assert len(store._intents) == presser.orders_at_answer, "something was sold after the answer"
        if unsold:
            await life.ask(ResumeTrading)
            await life.market(timedelta(hours=6))
        assert life.strategy(core).state is State.ENDED
        return unsold or set(life.view.free) != {"USDT"}
