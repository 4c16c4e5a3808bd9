"""A coin that gets another name at the exchange: halted, taken over or given back (BEHAVIOUR.md section 7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rebalancer_gui.application.commands import (
    AcceptRename,
    ChangeCoins,
    ResumeStrategy,
    StopStrategy,
)
from rebalancer_gui.domain.strategy import HaltKind, RatioRule, State, StrategyParameters
from tests.builders import d, parameters, rules, rules_for, targets, with_levels
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

TEN = timedelta(seconds=10)


def venue(**options) -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH", "BNB", min_notional="10"), **options)


def calm(**kind) -> StrategyParameters:
    """It never trades by its rule in these tests."""
    return parameters(rule=RatioRule(d(50)), **kind)


async def built(bench: Bench, wanted: StrategyParameters | None = None) -> str:
    """5 BTC and 5 ETH for 1,000."""
    await bench.venue.push(BTC="100", ETH="100", BNB="10")
    core = await bench.create(wanted or calm())
    await bench.venue.push()
    return core


def assert_halted(bench: Bench, core: str, kind: HaltKind, said: str, owned: dict[str, int]) -> None:
    """Money stays put, the reason is said, and the banner names a way out."""
    shown = bench.strategy(core)
    assert (shown.state, shown.halt) == (State.HALTED, kind)
    assert said in shown.reason
    assert shown.advice
    assert bench.owned(core) == owned


async def renamed(bench: Bench) -> None:
    """BTC is XBT now: as many XBT came as BTC went, and BTC's market is gone."""
    market = bench.venue
    market.close_market("BTC")
    market.rules["XBT/USDT"] = rules("XBT")
    market.set_price("XBT", "100")
    market.held["XBT"] = market.held.pop("BTC")
    await market.push(TEN)
    await market.push(TEN)


@pytest.mark.rule("7.9", "10.13")
def test_a_renamed_coin_is_taken_over_under_its_new_name_with_its_cost_and_hodl_line() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench, with_levels(calm(), stop_loss="50"))
            cost = bench.strategy(core).average_costs["BTC"]
            await renamed(bench)
            assert_halted(bench, core, HaltKind.RENAMED, "BTC seems to be called XBT now", {"BTC": 5, "ETH": 5})
            assert bench.strategy(core).renamed == (("BTC", "XBT"),)
            await bench.do(lambda i: AcceptRename(i, "paper", "BTC", "XBT"))
            await bench.do(lambda i: ResumeStrategy(i, core))
            await bench.venue.push()
            shown = bench.strategy(core)
            assert (shown.state, shown.version) == (State.RUNNING, 2)
            assert shown.parameters.assets == ("XBT", "ETH")
            assert shown.parameters.watched == ("XBT/USDT",)
            assert bench.owned(core) == {"XBT": 5, "ETH": 5}
            assert shown.average_costs["XBT"] == cost
            assert bench.store.load().hodl[core] == {"XBT": 5, "ETH": 5}
            assert (shown.score.profit, shown.score.versus_hodl) == (d(0), d(0))
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("7.9")
def test_a_renamed_coin_can_be_given_back_instead_and_a_strategy_that_holds_both_names_drops_the_old_one() -> None:
    async def story() -> None:
        market = ScriptedVenue(rules_for("BTC", "ETH", "BNB", "XBT", min_notional="10"))
        async with Bench(market).running() as bench:
            await market.push(BTC="100", ETH="100", BNB="10", XBT="100")
            ends = await bench.create(calm(name="Ends"))
            both = await bench.create(calm(name="Both", BTC=40, XBT=60))
            await market.push()
            market.close_market("BTC")
            market.held["XBT"] += market.held.pop("BTC")
            await market.push(TEN)
            await market.push(TEN)
            assert bench.strategy(both).halt is HaltKind.RENAMED
            refused = await bench.rejected(lambda i: AcceptRename(i, "paper", "BTC", "XBT"))
            assert "drop BTC there first" in refused.message
            await bench.do(lambda i: ChangeCoins(i, both, targets(XBT=50, ETH=50)))
            await bench.do(lambda i: StopStrategy(i, ends, sell_all=False))
            await market.push(TEN)
            await market.push(TEN)
            assert bench.strategy(both).state is State.RUNNING
            assert bench.strategy(ends).state is State.ENDED
            assert bench.view.free["XBT"] == 9, "5 and 4 BTC are XBT now"
            assert "BTC" not in bench.view.free
            bench.assert_conserved()

    run(story)
