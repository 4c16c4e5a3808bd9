"""Starting from coins that the owner already holds (BEHAVIOUR.md sections 5 and 10)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rebalancer_gui.application.commands import PreviewStrategy, StopStrategy
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.strategy import HeldCoin, RatioRule, State, StrategyParameters
from tests.builders import d, parameters, rules_for, with_levels
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue


def venue(money: str = "10000", fee: str = "0", **coins: str) -> ScriptedVenue:
    """The account holds ``coins`` besides the money."""
    made = ScriptedVenue(rules_for("BTC", "ETH", "BNB", min_notional="10"), money=money, fee=fee)
    made.held.update({asset: d(amount) for asset, amount in coins.items()})
    return made


def calm(**kind) -> StrategyParameters:
    """It never trades by its rule in these tests."""
    return parameters(rule=RatioRule(d(50)), **kind)


def held(**coins: str) -> tuple[HeldCoin, ...]:
    """``BTC="2 at 80"``: 2 units that cost 80 each; ``"2"``: what they cost is not known."""
    found = []
    for asset, text in coins.items():
        quantity, _, cost = text.partition(" at ")
        found.append(HeldCoin(asset, d(quantity), d(cost) if cost else None))
    return tuple(found)


@pytest.mark.rule("5.1b", "10.1", "10.2", "1.7")
def test_held_coins_count_at_their_price_of_the_start_and_only_the_difference_is_traded() -> None:
    async def story() -> None:
        async with Bench(venue(BTC="8", ETH="1")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            coins, wanted = held(BTC="7 at 40", ETH="1"), calm(investment="200")
            preview = await bench.preview(lambda i: PreviewStrategy(i, "paper", wanted, coins))
            core = await bench.create(wanted, coins)
            assert bench.view.free == {"USDT": 9800, "BTC": 1}
            assert bench.owned(core) == {"USDT": 200, "BTC": 7, "ETH": 1}
            await bench.venue.push()
            # V = 200 + 700 + 100: BTC is 200 over 500, ETH 400 under
            orders = [(p.symbol, p.side, p.quantity) for p in bench.venue.posts]
            assert orders == [("BTC/USDT", Side.SELL, d(2)), ("ETH/USDT", Side.BUY, d(4))]
            assert [(leg.symbol, leg.side, leg.quantity) for leg in preview.plan.legs] == orders
            shown = bench.strategy(core)
            assert shown.state is State.RUNNING
            assert (shown.score.net_invested, shown.score.profit) == (d(1000), d(0))
            assert bench.store.load().hodl[core] == {"BTC": 5, "ETH": 5}
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("10.10")
def test_average_costs_are_known_only_where_the_cost_of_the_held_coins_was_told_also_over_a_restart() -> None:
    async def story() -> None:
        bench = Bench(venue(fee="0.01", BTC="5", ETH="2"))
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100", BNB="10")
            core = await bench.create(calm(investment="800", BTC=40, ETH=40, BNB=20), held(BTC="5 at 40", ETH="2"))
            await bench.venue.push()
            # V = 1500. BTC: 500 -> 600, 1 more for 100 less 1 % in the coin: 5.99 cost 200 + 100. ETH: unknown among them.
            # BNB: 30 bought for 300 less 1 %: 29.7 cost 300.
            costs = bench.strategy(core).average_costs
            assert costs == {"BTC": d(300) / d("5.99"), "ETH": None, "BNB": d(300) / d("29.7")}
        later = bench.again()
        async with later.running():
            await later.venue.push()
            assert later.strategy(core).average_costs == costs

    run(story)


@pytest.mark.rule("5.1b", "3.2")
def test_build_nothing_now_runs_at_once_with_the_coins_as_they_are_and_starts_at_the_next_trigger() -> None:
    async def story() -> None:
        async with Bench(venue(BTC="6", ETH="4")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            wanted = parameters(investment="0", rule=RatioRule(d(11)))
            core = await bench.create(wanted, held(BTC="6", ETH="4"), build=False)
            shown = bench.strategy(core)
            assert (shown.state, shown.started_at) == (State.RUNNING, bench.venue.clock.now())
            assert shown.score.net_invested == 1000
            assert bench.store.load().hodl[core] == {"BTC": 5, "ETH": 5}
            for _ in range(3):
                await bench.venue.push()
            assert bench.venue.posts == [], "a drift of 10 pp is not over 11"
            await bench.venue.push(BTC="106", ETH="98")
            assert [p.side for p in bench.venue.posts] == [Side.SELL, Side.BUY]
            assert bench.rebalances[-1].reason == "by coin ratio"
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("5.1b", "1.7", "10.7")
@pytest.mark.parametrize("coins", [{"BTC": "5", "ETH": "5"}, {"BTC": "5.04", "ETH": "4.96"}])
def test_coins_that_need_no_order_are_a_finished_portfolio_with_its_hodl_line(coins: dict[str, str]) -> None:
    """Exactly at the weights, or off by 4 USDT where the smallest order is 10."""

    async def story() -> None:
        bench = Bench(venue(**coins))
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm(investment="0"), held(**coins))
            await bench.venue.push()
            shown = bench.strategy(core)
            assert shown.state is State.RUNNING
            assert bench.venue.posts == []
            assert bench.store.load().hodl[core] == {"BTC": 5, "ETH": 5}
            assert shown.score.versus_hodl == 0
        later = bench.again()
        async with later.running():
            await later.venue.push()
            assert later.strategy(core).score.versus_hodl == 0

    run(story)


@pytest.mark.rule("5.6")
def test_held_coins_go_back_to_the_free_pool_when_it_is_stopped_without_selling() -> None:
    async def story() -> None:
        async with Bench(venue(BTC="6", ETH="4")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm(investment="0"), held(BTC="6", ETH="4"), build=False)
            await bench.do(lambda i: StopStrategy(i, core, sell_all=False))
            assert bench.view.free == {"USDT": 10_000, "BTC": 6, "ETH": 4}
            assert bench.strategy(core).score.profit == 0
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("6.1", "5.1b")
def test_held_coins_of_a_waiting_strategy_are_reserved_and_cancelled_they_come_back() -> None:
    async def story() -> None:
        async with Bench(venue(BTC="6")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(investment="100"), trigger="120"), held(BTC="6"))
            assert bench.view.free == {"USDT": 9900}
            refused = await bench.refused(calm(name="Other", investment="100"), held(BTC="1"))
            assert (refused.field, "only 0 are free" in refused.message) == ("coins", True)
            await bench.do(lambda i: StopStrategy(i, core, sell_all=True))
            assert bench.view.free == {"USDT": 10_000, "BTC": 6}
            assert bench.venue.posts == []

    run(story)


@pytest.mark.rule("5.1b")
def test_the_smallest_investment_counts_held_coins() -> None:
    async def story() -> None:
        async with Bench(venue(BTC="6")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            refused = await bench.refused(calm(investment="5"), held(BTC="0.149"))
            assert refused.field == "investment"
            assert "held coins included" in refused.message
            core = await bench.create(calm(investment="5"), held(BTC="0.15"))
            await bench.venue.push()
            assert bench.owned(core) == {"BTC": d("0.15"), "USDT": 5}, "5 over is under the smallest order"

    run(story)


@pytest.mark.parametrize(
    ("wanted", "coins", "build", "field", "said"),
    [
        (calm(), held(BNB="1"), True, "coins", "BNB is not a coin of this strategy"),
        (calm(), held(BTC="6.00000001"), True, "coins", "only 6 are free"),
        (calm(), held(BTC="0"), True, "coins", "must be above 0"),
        (calm(), held(BTC="-1"), True, "coins", "must be above 0"),
        (calm(), held(BTC="NaN"), True, "coins", "must be above 0"),
        (calm(), held(BTC="1 at -1"), True, "coins", "0 or more"),
        (calm(), held(BTC="1") + held(BTC="1"), True, "coins", "twice"),
        (calm(), (), False, "coins", "needs coins you hold"),
        (with_levels(calm(), trigger="120"), held(BTC="1"), False, "coins", "no trigger"),
        (calm(investment="0"), (), True, "investment", "above 0"),
        (calm(investment="-1"), held(BTC="5"), True, "investment", "above 0"),
    ],
)
def test_held_coins_that_cannot_be_are_refused_and_nothing_is_taken(
    wanted: StrategyParameters, coins: tuple[HeldCoin, ...], build: bool, field: str, said: str
) -> None:
    async def story() -> None:
        async with Bench(venue(BTC="6")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            refused = await bench.refused(wanted, coins, build=build)
            assert (refused.field, said in refused.message) == (field, True), refused
            assert bench.view.free == {"USDT": 10_000, "BTC": 6}
            assert bench.view.strategies == ()

    run(story)


def test_a_held_coin_without_a_good_price_is_refused() -> None:
    async def story() -> None:
        market = venue(BTC="6")
        async with Bench(market).running() as bench:
            await market.push(BTC="100", ETH="100")
            market.set_price("BTC", "101", "100")
            market.prices["BTC/USDT"] = replace(market.prices["BTC/USDT"], last=d(0))
            await market.push()
            refused = await bench.refused(calm(), held(BTC="1"))
            assert refused.message

    run(story)
