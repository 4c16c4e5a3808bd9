"""Trigger prices through the engine, on a venue that a test moves by hand (BEHAVIOUR.md section 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rebalancer_gui.application.commands import StopStrategy
from rebalancer_gui.application.records import TransferKind
from rebalancer_gui.domain.strategy import (
    Direction,
    HeldCoin,
    RatioRule,
    State,
    StrategyParameters,
    Trigger,
)
from tests.builders import d, parameters, rules_for, with_levels
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

SPIKES = {"down": "13", "up": "187"}
"""87 % away from 100."""


def venue(**options) -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH", min_notional="10"), **options)


def calm(*, name: str = "Core", investment: str = "1000") -> StrategyParameters:
    """It never trades by its rule in these tests."""
    return parameters(name=name, investment=investment, rule=RatioRule(d(50)))


@pytest.mark.rule("6.1", "6.3", "7.1")
@pytest.mark.parametrize(
    ("level", "direction", "short_of_it"), [("105", Direction.RISING, "104.99"), ("95", Direction.FALLING, "95.01")]
)
def test_a_trigger_waits_with_its_money_reserved_and_builds_at_the_third_good_quote(
    level: str, direction: Direction, short_of_it: str
) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(), trigger=level))
            shown = bench.strategy(core)
            assert shown.state is State.WAITING
            assert shown.parameters.trigger == Trigger("BTC/USDT", d(level), direction)
            assert bench.view.free == {"USDT": 9000}
            assert bench.owned(core) == {"USDT": 1000}
            await bench.venue.push(BTC=short_of_it)
            for _ in range(2):
                await bench.venue.push(BTC=level)
                assert bench.strategy(core).state is State.WAITING
                assert bench.venue.posts == []
            await bench.venue.push()
            assert bench.strategy(core).state is State.RUNNING
            assert len(bench.venue.posts) == 2
            assert bench.said("trigger") == [
                f"Core: the trigger was reached (BTC/USDT {direction.value} {level} USDT)."
            ]
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("6.3")
def test_quotes_less_than_two_seconds_apart_count_once_and_one_that_does_not_agree_begins_anew() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(), trigger="105"))
            second = timedelta(seconds=1)
            for _ in range(4):  # 0, 1, 2, 3 s: the first and the third count
                await bench.venue.push(second, BTC="105")
            await bench.venue.push(second, BTC="104")
            for _ in range(4):
                await bench.venue.push(second, BTC="106")
                assert bench.strategy(core).state is State.WAITING
            await bench.venue.push(second)
            assert bench.strategy(core).state is State.RUNNING

    run(story)


@pytest.mark.rule("6.3")
@pytest.mark.failure(28)
def test_a_bad_quote_counts_for_nothing_and_a_quote_that_is_not_confirmed_is_no_new_one() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(), trigger="105"))
            await bench.venue.push(BTC="105")
            for low, high in (("107", "106"), ("0", "106"), ("NaN", "NaN")):
                bench.venue.set_price("BTC", low, high)
                await bench.venue.push()
            bench.venue.set_price("BTC", "105")
            await bench.venue.push()
            bench.venue.silent = frozenset({"BTC"})
            for _ in range(4):
                await bench.venue.push()
            assert bench.strategy(core).state is State.WAITING
            bench.venue.silent = frozenset()
            await bench.venue.push()
            assert bench.strategy(core).state is State.RUNNING

    run(story)


@pytest.mark.rule("6.3")
@pytest.mark.parametrize(("spike", "level"), [("down", "50"), ("up", "150")])
@pytest.mark.failure(27)
def test_a_spike_of_87_percent_in_one_quote_fires_no_trigger(spike: str, level: str) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(), trigger=level))
            for _ in range(4):
                await bench.venue.push(BTC=SPIKES[spike])
                await bench.venue.push(BTC="100")
            assert bench.strategy(core).state is State.WAITING
            assert bench.venue.posts == []

    run(story)


@pytest.mark.rule("7.3")
@pytest.mark.parametrize("sell_all", [False, True])
def test_a_waiting_strategy_that_is_cancelled_gives_its_money_back_at_once(*, sell_all: bool) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(), trigger="110"))
            await bench.do(lambda i: StopStrategy(i, core, sell_all=sell_all))
            shown = bench.strategy(core)
            assert (shown.state, shown.reason) == (State.ENDED, "trigger cancelled")
            assert bench.view.free == {"USDT": 10_000}
            assert (shown.score.profit, shown.score.value) == (d(0), d(1000))
            assert bench.venue.posts == []

    run(story)


@pytest.mark.rule("7.4")
def test_a_trigger_whose_money_is_too_little_by_then_ends_with_that_reason() -> None:
    rules = rules_for("BTC", "ETH", min_notional="10")
    rules["ETH/USDT"] = replace(rules["ETH/USDT"], min_quantity=d("0.4"))

    async def story() -> None:
        async with Bench(ScriptedVenue(rules)).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            # The smallest order of ETH is 0.4: 40 at a price of 100, but 88 at 220; half of 100 buys the one, not the other.
            core = await bench.create(with_levels(calm(investment="100"), trigger="105"))
            for _ in range(3):
                await bench.venue.push(BTC="105", ETH="220")
            shown = bench.strategy(core)
            assert (shown.state, shown.reason) == (State.ENDED, "not enough balance at the trigger")
            assert bench.venue.posts == []
            assert bench.view.free == {"USDT": 10_000}

    run(story)


@pytest.mark.rule("6.1")
def test_a_trigger_that_is_reached_while_a_coin_has_no_price_waits_for_the_price_and_then_builds() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(), trigger="105"))
        later = bench.again()
        async with later.running():
            del later.venue.prices["ETH/USDT"]
            for _ in range(5):
                await later.venue.push(BTC="106")
            assert later.strategy(core).state is State.WAITING, later.strategy(core).reason
            await later.venue.push(ETH="100")
            assert later.strategy(core).state is State.RUNNING

    run(story)


@pytest.mark.rule("6.1", "10.13")
def test_held_coins_are_valued_anew_at_the_trigger_so_that_no_profit_stands_there_at_the_start() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            bench.venue.held["BTC"] = d(5)
            for _ in range(8):
                await bench.venue.push(BTC="100", ETH="100")
            assert bench.view.free == {"USDT": 10_000, "BTC": 5}
            wanted = with_levels(calm(investment="500"), trigger="110")
            core = await bench.create(wanted, (HeldCoin("BTC", d(5), d(80)),))
            assert bench.strategy(core).score.net_invested == 1000
            for _ in range(3):
                await bench.venue.push(BTC="110")
            shown = bench.strategy(core)
            assert shown.state is State.RUNNING
            assert (shown.score.value, shown.score.net_invested, shown.score.profit) == (d(1050), d(1050), d(0))
            assert shown.score.time_weighted == 0
            kinds = [row.kind for row in bench.store.transfers(core, None, 9)]
            assert kinds == [TransferKind.REVALUED, TransferKind.INVESTED, TransferKind.INVESTED]

    run(story)


@pytest.mark.rule("2.2")
def test_waiting_strategies_count_among_the_twenty() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            for number in range(20):
                await bench.create(with_levels(calm(name=f"S{number}", investment="100"), trigger="150"))
            refused = await bench.refused(parameters(name="One more", investment="100"))
            assert refused.field == "strategies"
            await bench.do(lambda i: StopStrategy(i, bench.view.strategies[0].id, sell_all=False))
            await bench.create(parameters(name="One more", investment="100"))

    run(story)
