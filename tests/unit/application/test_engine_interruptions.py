"""What is cut short in the middle: builds, ticks and commands that meet a stop, a pause, a full disk or a kill."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.commands import (
    PauseStrategy,
    RebalanceNow,
    ResumeStrategy,
    StopStrategy,
)
from rebalancer_gui.application.events import CommandRejected, EngineStopped
from rebalancer_gui.application.records import LegOutcome, Outcome
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.orders import Unknown
from rebalancer_gui.domain.strategy import State, TimeRule
from tests.builders import d, parameters, rules_for
from tests.engine_bench import Bench, run
from tests.fakes import FakeStore
from tests.scripted_venue import ScriptedVenue

WEEK = timedelta(days=7)


def venue(**options) -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH"), **options)


def test_a_build_that_was_complete_when_the_program_ended_runs_after_the_restart() -> None:
    async def story() -> None:
        store, market = FakeStore(), venue()
        async with Bench(market, store).running() as bench:
            await market.push(BTC="100", ETH="100")
            core = await bench.create(parameters())

            def hold_the_last_order(request):
                market.hang = asyncio.Event()

            market.answer = hold_the_last_order
            pushing = asyncio.create_task(market.push())
            await bench.until(lambda: len(market.posts) == 2)
            bench.engine.request_stop()
            await asyncio.sleep(0.01)
            assert market.hang is not None
            market.hang.set()
            await bench.until(lambda: bench.of(EngineStopped))
            pushing.cancel()
        market.hang = None
        market.answer = lambda request: None
        again = Bench(market, store, bench.ids)
        async with again.running():
            await market.push()
            assert again.strategy(core).state is State.RUNNING
            assert again.strategy(core).score.value == 1000
            interrupted = store.rebalances(core, None, 9)[-1]
            assert [(leg.asset, leg.filled, leg.outcome) for leg in interrupted.legs] == [
                ("BTC", Decimal(5), LegOutcome.FILLED),
                ("ETH", Decimal(5), LegOutcome.FILLED),
            ]
            assert len(market.posts) == 2
            again.assert_conserved()

    run(story)


def test_a_build_whose_last_order_had_no_answer_runs_once_it_is_found_filled() -> None:
    async def story() -> None:
        async with Bench(venue(authoritative=False)).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            bench.venue.answer = lambda request: Unknown("timeout") if request.symbol == "ETH/USDT" else None
            await bench.venue.push()
            assert bench.strategy(core).checking_order
            bench.venue.execute(bench.venue.posts[-1])
            await bench.venue.push()
            await bench.venue.push()
            assert bench.strategy(core).state is State.RUNNING
            assert len(bench.venue.posts) == 2

    run(story)


def test_a_stop_that_cannot_be_stored_leaves_the_build_going_on() -> None:
    async def story() -> None:
        store = FakeStore()
        async with Bench(venue(), store).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            store.disk_full = True
            answer = await bench.ask(lambda i: StopStrategy(i, core, sell_all=False))
            store.disk_full = False
            assert isinstance(answer, CommandRejected)
            await bench.venue.push()
            assert bench.strategy(core).state is State.RUNNING
            assert bench.strategy(core).score.hodl_value == 1000

    run(story)


def test_a_tick_that_a_pause_cut_short_is_caught_up_after_resume() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters(rule=TimeRule(WEEK)))
            await bench.venue.push()
            bench.venue.hang = asyncio.Event()
            before = len(bench.venue.posts)
            pushing = asyncio.create_task(bench.venue.push(WEEK, BTC="105"))
            await bench.until(lambda: len(bench.venue.posts) == before + 1)
            await bench.ask(lambda i: PauseStrategy(i, core))
            bench.venue.hang.set()
            await pushing
            assert len(bench.venue.posts) == before + 1
            assert bench.rebalances[-1].outcome is Outcome.PARTLY  # it sold and did not buy
            await bench.ask(lambda i: ResumeStrategy(i, core))
            await bench.venue.push()
            assert len(bench.venue.posts) == before + 2
            assert {round(h.weight, 6) for h in bench.snapshot(core).holdings if h.weight} == {50}

    run(story)


def test_a_rebalance_asked_for_on_a_strategy_that_is_short_is_refused_with_its_state() -> None:
    async def story() -> None:
        store, market = FakeStore(), venue()
        async with Bench(market, store).running() as bench:
            await market.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await market.push()
        market.held["BTC"] -= d("1")
        again = Bench(market, store, bench.ids)
        async with again.running():
            answer = await again.ask(lambda i: RebalanceNow(i, core))
            assert isinstance(answer, CommandRejected)
            assert "Halted" in answer.message

    run(story)


@pytest.mark.expect_log("could not be closed")
def test_a_file_that_cannot_be_closed_does_not_keep_the_engine_from_ending() -> None:
    class Stuck(FakeStore):
        def close(self) -> None:
            raise EnvironmentProblem("The file cannot be closed.")

    async def story() -> None:
        async with Bench(venue(), Stuck()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
        assert bench.of(EngineStopped)

    run(story)
