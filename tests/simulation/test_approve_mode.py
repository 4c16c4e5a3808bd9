"""Approve mode on the demo market: it stands still until its owner answers, at every speed, and then goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rebalancer_gui.application.commands import JumpDemo, PauseStrategy, SetDemoPaused
from rebalancer_gui.application.events import CommandDone
from rebalancer_gui.application.safety_commands import ApproveProposal, DeclineProposal, SetTradingMode
from rebalancer_gui.domain.strategy import RatioRule, TradingMode
from tests.builders import d, parameters
from tests.simulation.bench import ACCOUNT, Life, World, run


async def proposed(life: Life) -> tuple[str, str]:
    """Ids of a strategy in approve mode and of what it proposes first."""
    core = await life.create(parameters(rule=RatioRule(d(1)), BTC=50, ETH=50))
    await life.market(timedelta(hours=6))
    await life.ask(lambda i: SetTradingMode(i, ACCOUNT, TradingMode.APPROVE))
    await life.ask(lambda i: JumpDemo(i, ACCOUNT))
    for _ in range(3000):
        shown = life.strategy(core).proposal
        if shown is not None:
            return core, shown.id
        await life.wall(0.2)
    raise AssertionError("nothing was ever proposed")


def test_the_market_stands_still_for_the_answer_and_goes_on_with_it() -> None:
    async def story() -> None:
        world = World()
        async with world.running() as life:
            core, first = await proposed(life)
            posts = len(world.posts)
            assert life.venue.demo.state().paused
            stands = life.now
            await life.wall(300)
            assert life.now == stands
            assert life.strategy(core).proposal is not None
            answer = await life.ask(lambda i: ApproveProposal(i, core, first))
            assert isinstance(answer, CommandDone), answer
            await life.until(lambda: len(world.posts) >= posts + 2)
            await life.market(timedelta(hours=3))
            assert not life.venue.demo.state().paused
            assert life.rebalances[-1].at == stands

    run(story)


@pytest.mark.parametrize("answer", ["not now", "pause", "auto"])
def test_every_other_answer_lets_the_market_go_on_without_an_order(answer: str) -> None:
    async def story() -> None:
        world = World()
        async with world.running() as life:
            core, first = await proposed(life)
            posts, stands = len(world.posts), life.now
            if answer == "not now":
                await life.ask(lambda i: DeclineProposal(i, core, first))
            elif answer == "pause":
                await life.ask(lambda i: PauseStrategy(i, core))
            else:
                await life.ask(lambda i: SetTradingMode(i, ACCOUNT, TradingMode.AUTO))
            assert not life.venue.demo.state().paused
            assert len(world.posts) == posts
            await life.wall(3)
            assert life.now > stands
            if answer == "not now":
                assert life.strategy(core).proposal is None
                assert len(world.posts) == posts

    run(story)


def test_whoever_lets_the_market_run_meanwhile_gets_the_plan_anew() -> None:
    async def story() -> None:
        world = World()
        async with world.running() as life:
            core, first = await proposed(life)
            posts = len(world.posts)
            await life.ask(lambda i: SetDemoPaused(i, ACCOUNT, paused=False))
            await life.wall(1)
            shown = life.strategy(core).proposal
            assert shown is None or shown.id != first
            assert len(world.posts) == posts

    run(story)
