"""The last common day of the replay: everything stands still, and goes on as a random walk when that is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rebalancer_gui.application.commands import ContinueDemo, JumpDemo, PauseStrategy, SetDemoSpeed, StepDemo
from rebalancer_gui.application.events import CommandDone, CommandRejected
from rebalancer_gui.domain.strategy import RatioRule, State
from tests.builders import d, parameters
from tests.simulation.bench import ACCOUNT, World, run
from tests.simulation.invariants import watch

LAST_DAY = datetime(2022, 9, 10, tzinfo=UTC)


@pytest.mark.rule("3a.10")
def test_at_the_last_day_strategies_keep_their_state_and_go_on_with_the_random_walk(tmp_path: Path) -> None:
    world = World(start=LAST_DAY - timedelta(days=2), path=tmp_path / "venue.sqlite")
    watch(world)

    async def to_the_end() -> tuple[str, str]:
        async with world.running() as life:
            core = await life.create(parameters(name="Core", rule=RatioRule(d("0.5"))))
            held = await life.create(parameters(name="Held", investment="500"))
            await life.market(timedelta(days=1))
            await life.ask(lambda i: PauseStrategy(i, held))
            early = await life.ask(lambda i: ContinueDemo(i, ACCOUNT))
            assert isinstance(early, CommandRejected)
            await life.wall(60)

            assert life.now == LAST_DAY
            assert life.view.demo is not None
            assert (life.view.demo.ended, life.view.demo.last_day) == (True, LAST_DAY.date())
            states = {s.id: s.state for s in life.view.strategies}
            assert states == {core: State.RUNNING, held: State.PAUSED}
            for useless in (lambda i: StepDemo(i, ACCOUNT), lambda i: JumpDemo(i, ACCOUNT)):
                assert isinstance(await life.ask(useless), CommandDone)
            await life.wall(60)
            assert life.now == LAST_DAY
            return core, held

    async def go_on(core: str, held: str) -> None:
        async with world.running() as life:
            await life.wall(60)
            assert life.now == LAST_DAY, "a restart alone does not go on"
            before = life.strategy(core)
            assert before.snapshot is not None
            traded = len(world.posts)
            assert isinstance(await life.ask(lambda i: ContinueDemo(i, ACCOUNT)), CommandDone)
            await life.market(timedelta(hours=3))
            shown = life.strategy(core)
            assert shown.snapshot is not None
            for old, new in zip(before.snapshot.holdings, shown.snapshot.holdings, strict=True):
                assert old.quote is not None
                assert new.quote is not None
                assert abs(new.quote.mid / old.quote.mid - 1) < d("0.2"), "the walk begins at the last prices"

            await life.market(timedelta(days=20))

            assert life.view.demo is not None
            assert "random walk" in life.view.demo.source
            assert not life.view.demo.ended
            assert life.strategy(held).state is State.PAUSED
            assert life.strategy(core).state is State.RUNNING
            assert len(world.posts) > traded, "it trades on"

    async def after_another_restart() -> None:
        async with world.running() as life:
            await life.ask(lambda i: SetDemoSpeed(i, ACCOUNT, 86_400))
            before = life.now
            await life.market(timedelta(days=2))
            assert life.now > before
            assert life.view.demo is not None
            assert "random walk" in life.view.demo.source

    core, held = run(to_the_end)
    run(lambda: go_on(core, held))
    run(after_another_restart)
