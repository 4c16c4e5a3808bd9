"""Stopped or crashed at every single place of a life: the next engine takes the account up as if nothing had been."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from rebalancer_gui.application import engine as engine_module
from rebalancer_gui.application.commands import StopStrategy
from rebalancer_gui.application.events import EngineFailed, EngineStopped
from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.strategy import RatioRule, State
from tests.builders import d, parameters, rules_for
from tests.fake_clock import FakeClock
from tests.fakes import FakeStore
from tests.simulation.bench import DAY, START, Life, World, plateaus, run
from tests.simulation.crashes import Crash, CrashError, MortalStore, live_as_long_as_it_lives, mortal
from tests.simulation.invariants import Watch, watch

PRICES = (
    (-1, {"BTC": "100", "ETH": "10", "BNB": "1"}),
    (1, {"BTC": "105", "ETH": "9.8", "BNB": "1.02"}),
    (2, {"BTC": "96", "ETH": "10.4", "BNB": "1.03"}),
)
END = timedelta(days=3)
TOTAL = {"Two": Decimal(800), "Three": Decimal(900)}
EVERY = [pytest.param(2, id="in turn"), pytest.param(1, id="each", marks=pytest.mark.long)]
"""Of two ways to go on, one is tried at every place with an odd number and the other at those between; or each at every place."""
NEAR = Decimal("0.001")
"""pp: without fees and spread only steps of 1e-8 keep a portfolio from its weights."""


def world(path: Path, turns: int = 0) -> World:
    return World(
        scripts=plateaus(*PRICES),
        rules=rules_for("BTC", "ETH", "BNB", min_notional="1"),
        path=path,
        speed=86_400,
        spread=Decimal(0),
        fees=FeeSchedule(Decimal(0)),
        turns=turns,
    )


async def create_both(life: Life) -> None:
    """Create what is not there yet; a crash may have come before or between."""
    there = {shown.parameters.name for shown in life.view.strategies}
    for name, coins in (("Two", {"BTC": 50, "ETH": 50}), ("Three", {"BTC": 20, "ETH": 30, "BNB": 50})):
        if name not in there:
            await life.create(parameters(name=name, investment=str(TOTAL[name]), rule=RatioRule(d("0.5")), **coins))


async def live_to_the_end(life: Life) -> None:
    await create_both(life)
    await life.market(END - (life.now - life.venue._new.market_time))


async def assert_all_is_well(life: Life, made: World) -> None:
    """Both run at their weights, everything was traded that had to be, nothing twice."""
    assert isinstance(made.store, FakeStore)
    for shown in life.view.strategies:
        assert shown.state is State.RUNNING
        assert shown.snapshot is not None
        assert shown.snapshot.worst_drift is not None
        assert shown.snapshot.worst_drift < NEAR, f"{shown.parameters.name}: {shown.snapshot}"
        assert shown.score.net_invested == TOTAL[shown.parameters.name]
        assert shown.checking_order is False
    assert {shown.parameters.name for shown in life.view.strategies} == set(TOTAL)
    assert life.view.free == {"USDT": Decimal(10_000) - sum(TOTAL.values())}
    states = {record.outcome.value for record in made.store.rebalances(None, None, 1000)}
    assert "running" not in states
    kinds = [row.kind for row in made.store.transfers(None, None, 1000)]
    assert sorted(kinds) == ["deposit", "invested", "invested"], "nothing was explained away as money from outside"


def finish(made: World, watcher: Watch) -> None:
    """The next start, to the end of the story."""
    made.clock = FakeClock(START, auto=True)  # The old one still waits for the dead loop.

    async def story() -> None:
        async with made.running() as life:
            await live_to_the_end(life)
            await assert_all_is_well(life, made)
            watcher.check()

    run(story)


def live_until_crash(made: World, crash: Crash) -> None:
    """Run until the crash comes, or to the end where it does not."""
    try:
        run(partial(live_as_long_as_it_lives, made, live_to_the_end))
    except CrashError:
        assert crash.happened


@pytest.mark.parametrize("where", ["commit", "before an order", "behind an order"])
@pytest.mark.failure(34)
def test_a_crash_at_every_commit_and_at_every_order_is_recovered_from(where: str, tmp_path: Path) -> None:
    places = 0
    while True:
        crash = Crash(where, places + 1)
        made = world(tmp_path / f"venue-{places}.sqlite")
        made.store = MortalStore()
        watcher = watch(made)
        watcher.also = lambda: crash.pass_by("commit")  # noqa: B023 -- used within this round only
        made.make_venue = mortal(crash)
        live_until_crash(made, crash)
        if not crash.happened:
            break
        places += 1
        crash.disarm()
        made.store.close()
        finish(made, watcher)
    assert places >= (40 if where == "commit" else 9), f"only {places} places to crash were found"


FREED = ("while it is held", "after it was stopped")


@pytest.mark.failure(42)
@pytest.mark.parametrize("freed", FREED)
@pytest.mark.parametrize("every", EVERY)
@pytest.mark.expect_log("could not be stored: The disk is full")
def test_a_disk_that_is_full_from_any_commit_on_holds_it_in_words_and_nothing_is_lost(
    every: int, freed: str, tmp_path: Path
) -> None:
    places, held = FREED.index(freed) % every, 0
    while True:
        made = world(tmp_path / f"venue-{places}.sqlite")
        watcher = watch(made)
        store = made.store
        assert isinstance(store, FakeStore)

        filled = False

        def fill_up(watcher: Watch = watcher, store: FakeStore = store, after: int = places + 1) -> None:
            nonlocal filled
            store.disk_full = filled = watcher.commits >= after

        async def live(life: Life, store: FakeStore = store, watcher: Watch = watcher) -> None:
            nonlocal held
            try:
                await live_to_the_end(life)
            except AssertionError:
                assert store.disk_full
            if life.is_held:
                held += 1
                sent = len(life.venue.posts)
                await life.wall(25)
                assert life.is_held
                assert len(life.venue.posts) == sent
                assert life.view.halted.startswith("The disk is full.")
            if life.is_held and freed == "while it is held":
                watcher.also, store.disk_full = lambda: None, False
                for _ in range(110):  # of ten seconds no more than is needed: the market runs again
                    if life.is_held:
                        await life.wall(0.1)
                assert [r.held for r in life.engine._runners.values()] == [False]
                watcher.check()

        watcher.also = fill_up
        life = run(partial(live_as_long_as_it_lives, made, live))
        assert life.events[-1] == EngineStopped()
        assert [failed.message for failed in life.of(EngineFailed)] in ([], ["The disk is full."])
        assert "fault of its own" not in str(life.events)
        if not filled:
            break
        places += every
        watcher.also = lambda: None
        store.disk_full = False
        finish(made, watcher)
    assert places > 30, f"only {places} commits were found"
    assert held > 20 / every, f"it was held {held} times only"


class StopAt:
    """Asks the engine to stop at the ``turn``-th await of a call to the venue, once ``armed``."""

    def __init__(self, turn: int, *, armed: bool = True) -> None:
        self.turn = turn
        self.armed = armed
        self.count = 0
        self.life: Life | None = None

    def __call__(self) -> None:
        self.count += self.armed
        if self.count == self.turn and self.armed and self.life is not None:
            self.life.engine.request_stop()

    @property
    def reached(self) -> bool:
        return self.count >= self.turn


def stopped_at(turn: int, path: Path, *, armed: bool = True) -> tuple[World, Watch, StopAt]:
    made = world(path, turns=8)
    made.on_turn = stop = StopAt(turn, armed=armed)
    return made, watch(made), stop


def live_until_stop(made: World, stop: StopAt, story: Callable[[Life], Coroutine[None, None, None]]) -> int:
    """Run ``story`` until the stop; the number of orders that are open then."""

    async def with_stop(life: Life) -> None:
        stop.life = life
        await story(life)

    life = run(partial(live_as_long_as_it_lives, made, with_stop))
    assert life.events[-1] == EngineStopped()
    assert not life.of(EngineFailed)
    stop.life = None
    made.store.open()
    return len(made.store.load().open_intents)


GRACES = (0, 1.5)
"""Without grace the engine is cut off in the middle of a call, as when an answer takes longer than it may."""


@pytest.mark.parametrize("grace", GRACES)
@pytest.mark.parametrize("every", EVERY)
@pytest.mark.failure(40)
def test_a_stop_at_every_await_of_a_life_is_taken_up_with_the_same_end_weights(
    every: int, grace: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "POST_GRACE", grace)
    monkeypatch.setattr(engine_module, "TURN_GRACE", grace)
    cut_in_flight, turn = 0, 1 + GRACES.index(grace) % every - every
    while True:
        turn += every
        made, watcher, stop = stopped_at(turn, tmp_path / f"venue-{turn}.sqlite")
        cut_in_flight += live_until_stop(made, stop, live_to_the_end)
        if not stop.reached:
            break
        finish(made, watcher)
    assert turn > 50, f"only {turn} places to stop were found"
    assert (cut_in_flight > 20 / every) if grace == 0 else (cut_in_flight == 0), (
        f"{cut_in_flight} orders were open at a stop"
    )


@pytest.mark.parametrize("grace", GRACES)
@pytest.mark.failure(40)
def test_a_stop_at_every_await_of_a_sell_off_is_taken_up_until_everything_is_sold(
    grace: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "POST_GRACE", grace)
    monkeypatch.setattr(engine_module, "TURN_GRACE", grace)
    turn = 0
    while True:
        turn += 1
        made, watcher, stop = stopped_at(turn, tmp_path / f"venue-{turn}.sqlite", armed=False)

        async def sell_off(life: Life, stop: StopAt = stop) -> None:
            await create_both(life)
            await life.market(DAY / 2)
            stop.armed = True
            for shown in life.view.strategies:
                await life.ask(partial(StopStrategy, strategy_id=shown.id, sell_all=True))
            await life.market(DAY / 4)

        async def until_all_is_sold(life: Life, watcher: Watch = watcher) -> None:
            await life.market(DAY / 4)
            assert [shown.state for shown in life.view.strategies] == [State.ENDED, State.ENDED]
            assert life.view.free == {"USDT": Decimal(10_000)}, "no fee, no spread, unchanged prices: all is back"
            watcher.check()

        live_until_stop(made, stop, sell_off)
        if not stop.reached:
            break
        made.clock = FakeClock(START, auto=True)
        run(partial(live_as_long_as_it_lives, made, until_all_is_sold))
        assert sum(post.side is Side.SELL for post in made.posts) >= 5
    assert turn > 15, f"only {turn} places to stop were found"
