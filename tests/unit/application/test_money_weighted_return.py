"""The money-weighted return on the running account: its flows, its fees, over a restart and after the end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.commands import AddFunds, RemoveFunds, StopStrategy
from rebalancer_gui.application.scoring import WAITS
from rebalancer_gui.domain.money_weighted import TOO_SHORT, MoneyWeighted
from rebalancer_gui.domain.strategy import RatioRule, State, StrategyParameters
from tests.builders import d, parameters, rules_for, with_levels
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

HALF_A_YEAR = timedelta(days=182, hours=12)


def venue() -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH", min_notional="10"), money="10000")


def calm(**kind) -> StrategyParameters:
    return parameters(rule=RatioRule(d(50)), **kind)


def rate(bench: Bench, strategy_id: str) -> MoneyWeighted:
    return bench.strategy(strategy_id).score.money_weighted


def near(found: MoneyWeighted, expected: str) -> bool:
    assert found.percent is not None, found.why
    return abs(found.percent - Decimal(expected)) < d("0.001")


@pytest.mark.rule("10.4")
def test_the_yearly_rate_follows_the_flows_at_their_moments_also_over_a_restart_and_stays_after_the_end() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm(investment="1000", BTC=50, ETH=50))
            await bench.venue.push()
            assert rate(bench, core) == MoneyWeighted(None, TOO_SHORT)
            await bench.venue.push(HALF_A_YEAR, BTC="110", ETH="110")
            # 10 % in half a year are 21 % a year
            assert near(rate(bench, core), "21")
            await bench.do(lambda i: AddFunds(i, core, d(1000)))
            await bench.venue.push()
            await bench.venue.push(HALF_A_YEAR, BTC="121", ETH="121")
            assert near(rate(bench, core), "21")
            before = rate(bench, core)
        later = bench.again()
        async with later.running():
            await later.venue.push(timedelta(0))
            assert rate(later, core) == before
            await later.do(lambda i: RemoveFunds(i, core, d(500)))
            await later.venue.push()
            await later.venue.push(HALF_A_YEAR, BTC="133.1", ETH="133.1")
            assert near(rate(later, core), "21")
            await later.do(lambda i: StopStrategy(i, core, sell_all=True))
            await later.venue.push()
            assert later.strategy(core).state is State.ENDED
            ended = rate(later, core)
            assert near(ended, "21")
        last = later.again()
        async with last.running():
            await last.venue.push(HALF_A_YEAR)
            # Its end is where its time ends, whatever the clock says by now.
            assert rate(last, core) == ended

    run(story)


@pytest.mark.rule("10.4")
def test_money_that_waits_for_its_trigger_earns_nothing_yet_and_counts_from_the_start() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            waiting = with_levels(calm(investment="1000", BTC=50, ETH=50), trigger="200")
            core = await bench.create(waiting)
            await bench.venue.push(HALF_A_YEAR)
            assert rate(bench, core) == MoneyWeighted(None, WAITS)
            for _ in range(5):
                await bench.venue.push(BTC="200", ETH="200")
            assert bench.strategy(core).state is State.RUNNING
            await bench.venue.push(HALF_A_YEAR, BTC="220", ETH="220")
            assert near(rate(bench, core), "21")

    run(story)
