"""Stop-loss, take-profit and the words about levels through the engine, on a venue that a test moves by hand (BEHAVIOUR.md section 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rebalancer_gui.application.commands import EditStrategy, PauseStrategy, ResumeStrategy
from rebalancer_gui.domain.strategy import (
    Basis,
    Level,
    RatioRule,
    State,
    StrategyParameters,
)
from tests.builders import d, parameters, rules_for, with_levels
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

SPIKES = {"down": "13", "up": "187"}
"""87 % away from 100."""


def venue(**options) -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH", min_notional="10"), **options)


def calm(*, name: str = "Core", sell_all: bool = False) -> StrategyParameters:
    """It never trades by its rule in these tests."""
    return replace(parameters(name=name, rule=RatioRule(d(50))), sell_all_on_stop=sell_all)


def with_exit(exit_: str, level: str, *, basis: Basis = Basis.PRICE, sell_all: bool = False) -> StrategyParameters:
    named = {"stop_loss": with_levels(calm(), stop_loss=level, basis=basis)}
    named["take_profit"] = with_levels(calm(), take_profit=level, basis=basis)
    return replace(named[exit_], sell_all_on_stop=sell_all)


@pytest.mark.rule("6.3", "3.1b")
@pytest.mark.parametrize("spike", SPIKES)
@pytest.mark.parametrize("basis", list(Basis))
@pytest.mark.failure(27)
def test_a_spike_of_87_percent_in_one_quote_fires_no_exit_and_trades_nothing(spike: str, basis: Basis) -> None:
    by_price, by_return = ("60", "140"), ("-20", "20")
    low, high = by_price if basis is Basis.PRICE else by_return

    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            exits = with_levels(calm(sell_all=True), stop_loss=low, take_profit=high, basis=basis)
            core = await bench.create(replace(exits, rule=RatioRule(d(1))))
            await bench.venue.push()
            sent = len(bench.venue.posts)
            for _ in range(4):
                await bench.venue.push(BTC=SPIKES[spike])
                await bench.venue.push(BTC="100")
                await bench.venue.push()
            assert bench.strategy(core).state is State.RUNNING
            assert len(bench.venue.posts) == sent

    run(story)


@pytest.mark.rule("6.2", "6.2c", "6.3", "5.6")
@pytest.mark.parametrize("sell_all", [False, True])
@pytest.mark.parametrize(
    ("exit_", "price", "reason", "word"),
    [("stop_loss", "80", "stop-loss", "stop-loss"), ("take_profit", "120", "take-profit", "take-profit")],
)
def test_an_exit_on_a_price_ends_it_at_the_third_quote_and_obeys_sell_all(
    exit_: str, price: str, reason: str, word: str, *, sell_all: bool
) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_exit(exit_, price, sell_all=sell_all))
            await bench.venue.push()
            sent = len(bench.venue.posts)
            for _ in range(2):
                await bench.venue.push(BTC=price)
                assert bench.strategy(core).state is State.RUNNING
            await bench.venue.push()
            shown = bench.strategy(core)
            assert (shown.state, shown.reason) == (State.ENDED, reason)
            money = 500 + 5 * d(price)
            assert shown.score.value == money
            if sell_all:
                assert len(bench.venue.posts) == sent + 2
                assert bench.view.free == {"USDT": 9000 + money}
            else:
                assert len(bench.venue.posts) == sent
                assert bench.view.free == {"USDT": 9000, "BTC": 5, "ETH": 5}
            sign = "<=" if exit_ == "stop_loss" else ">="
            assert bench.said("protect") == [f"Core: {word} reached (BTC/USDT {sign} {price} USDT)."]
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("6.2b", "6.2c")
@pytest.mark.parametrize(
    ("exit_", "percent", "not_yet", "reached", "reason"),
    [("stop_loss", "-10", "80.01", "80", "stop-loss"), ("take_profit", "10", "119.99", "120", "take-profit")],
)
def test_an_exit_on_the_time_weighted_return_fires_at_exactly_its_percentage(
    exit_: str, percent: str, not_yet: str, reached: str, reason: str
) -> None:
    """Half the portfolio moves by 20 %: a return of 10 %."""

    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_exit(exit_, percent, basis=Basis.RETURN))
            await bench.venue.push()
            for _ in range(5):
                await bench.venue.push(BTC=not_yet)
            assert bench.strategy(core).state is State.RUNNING
            for _ in range(3):
                assert bench.strategy(core).state is State.RUNNING
                await bench.venue.push(BTC=reached)
            shown = bench.strategy(core)
            assert (shown.state, shown.reason) == (State.ENDED, reason)
            sign = "<=" if exit_ == "stop_loss" else ">="
            assert bench.said("protect") == [f"Core: {reason} reached (time-weighted return {sign} {percent} %)."]

    run(story)


@pytest.mark.rule("6.5")
@pytest.mark.parametrize(
    ("levels", "field", "said"),
    [
        ({"trigger": "100"}, "trigger", "BTC/USDT is at 100 USDT now"),
        ({"stop_loss": "100"}, "stop_loss", "below the present 100 USDT"),
        ({"stop_loss": "101"}, "stop_loss", "below the present 100 USDT"),
        ({"take_profit": "100"}, "take_profit", "above the present 100 USDT"),
        ({"take_profit": "99"}, "take_profit", "above the present 100 USDT"),
        ({"stop_loss": "0", "basis": Basis.RETURN}, "stop_loss", "below the present return of 0 %"),
        ({"take_profit": "-1", "basis": Basis.RETURN}, "take_profit", "above the present return of 0 %"),
        ({"trigger": "90", "stop_loss": "95"}, "stop_loss", "below the trigger price of 90 USDT"),
        ({"trigger": "110", "take_profit": "105"}, "take_profit", "above the trigger price of 110 USDT"),
        ({"trigger": "0"}, "trigger", "must be above 0"),
    ],
)
def test_a_level_that_would_fire_at_once_is_refused_with_the_present_price(
    levels: dict[str, Any], field: str, said: str
) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            refused = await bench.refused(with_levels(calm(), **levels))
            assert refused.field == field
            assert said in refused.message
            assert bench.view.strategies == ()
            assert bench.view.free == {"USDT": 10_000}

    run(story)


@pytest.mark.rule("6.4c")
def test_levels_passed_while_the_program_was_off_need_their_three_quotes_and_are_called_late() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            waits = await bench.create(with_levels(calm(name="Waits"), trigger="110"))
            ends = await bench.create(with_levels(calm(name="Ends"), take_profit="110"))
            await bench.venue.push()
        bench.venue.clock.time += timedelta(hours=8)
        later = bench.again()
        async with later.running():
            await later.venue.push(BTC="115")
            await later.venue.push()
            assert (later.strategy(waits).state, later.strategy(ends).state) == (State.WAITING, State.RUNNING)
            await later.venue.push()
            assert (later.strategy(waits).state, later.strategy(ends).state) == (State.RUNNING, State.ENDED)
            assert "late" in later.said("trigger")[0]
            assert "late" in later.said("protect")[0]
            assert any("Ends is being stopped (take-profit, late)" in text for text in later.said("state"))

    run(story)


@pytest.mark.rule("6.4c")
def test_a_level_passed_at_the_very_first_quotes_after_create_or_after_an_edit_is_not_late() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(), trigger="105"))
            for _ in range(3):
                await bench.venue.push(BTC="106")
            assert bench.said("trigger") == ["Core: the trigger was reached (BTC/USDT >= 105 USDT)."]
            watched = Level(Basis.PRICE, d(90), "BTC/USDT")
            edited = replace(bench.strategy(core).parameters, stop_loss=watched)
            await bench.do(lambda i: EditStrategy(i, core, edited))
            for _ in range(3):
                await bench.venue.push(BTC="89")
            assert bench.said("protect") == ["Core: stop-loss reached (BTC/USDT <= 90 USDT)."]

    run(story)


@pytest.mark.rule("3.4f", "6.4c")
def test_while_paused_no_level_fires_and_after_resume_a_passed_one_is_late() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(), stop_loss="90"))
            await bench.venue.push()
            await bench.do(lambda i: PauseStrategy(i, core))
            for _ in range(4):
                await bench.venue.push(BTC="85")
            assert bench.strategy(core).state is State.PAUSED
            await bench.do(lambda i: ResumeStrategy(i, core))
            for _ in range(3):
                assert bench.strategy(core).state is State.RUNNING
                await bench.venue.push()
            assert bench.strategy(core).state is State.ENDED
            assert "late" in bench.said("protect")[0]

    run(story)
