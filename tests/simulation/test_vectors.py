"""The test vectors of the behaviour specification through the whole engine, on the paper venue, to the digit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.records import Outcome
from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.orders import OrderType, Side
from rebalancer_gui.domain.planning import MINIMUM_VALUE_MESSAGE
from rebalancer_gui.domain.strategy import RatioRule, State, TimeRule
from tests.builders import d, parameters, rules_for
from tests.simulation.bench import World, plateaus, run
from tests.simulation.invariants import watch

FREE_OF_CHARGE = FeeSchedule(Decimal(0))


def world(*bases: str, steps=(), fees: FeeSchedule = FREE_OF_CHARGE) -> World:
    """Spread 0, step 1e-8, smallest order 10 USDT, deep books."""
    made = World(scripts=plateaus(*steps), rules=rules_for(*bases, min_notional="10"), spread=Decimal(0), fees=fees)
    watch(made)
    return made


FROM_400_400_TO_450_550 = (
    (-1, {"BTC": "100", "BNB": "10"}),
    (1, {"BTC": "112.5", "BNB": "13.75"}),
)
BACK_AT_500_500 = {
    # Sold: 50 / 13.75 = 3.63636363 BNB for 49.9999999125 USDT; bought for them: 0.44444444 BTC at 112.5.
    "BNB": d("36.36363637"),
    "BTC": d("4.44444444"),
    "USDT": d("49.9999999125") - d("0.44444444") * d("112.5"),
}


@pytest.mark.rule("12.1")
def test_vector_one_by_coin_ratio_sells_50_buys_50_and_ends_at_500_500() -> None:
    async def story() -> None:
        async with world("BTC", "BNB", steps=FROM_400_400_TO_450_550).running() as life:
            core = await life.create(parameters(investment="800", rule=RatioRule(d(1)), BTC=50, BNB=50))
            await life.market(timedelta(hours=12))
            assert life.owned(core) == {"BTC": d(4), "BNB": d(40)}
            assert life.strategy(core).state is State.RUNNING

            await life.market(timedelta(hours=12))

            _, record = life.rebalances
            assert (record.reason, record.worst_drift, record.outcome) == ("by coin ratio", d(5), Outcome.DONE)
            assert [(leg.asset, leg.side, leg.wanted) for leg in record.legs] == [
                ("BNB", Side.SELL, d(50)),
                ("BTC", Side.BUY, d(50)),
            ]
            assert life.owned(core) == BACK_AT_500_500
            shown = life.strategy(core)
            assert shown.snapshot is not None
            assert shown.snapshot.total == d(1000)
            assert [h.value for h in shown.snapshot.holdings] == [d("499.9999995"), d("500.0000000875")]

            await life.market(timedelta(days=3))
            assert len(life.rebalances) == 2, "at 500/500 there is nothing to do"

    run(story)


@pytest.mark.rule("12.2")
def test_vector_two_by_time_does_nothing_before_the_seventh_day_then_as_in_one() -> None:
    async def story() -> None:
        async with world("BTC", "BNB", steps=FROM_400_400_TO_450_550).running() as life:
            rule = TimeRule(timedelta(days=7), d("0.5"))
            core = await life.create(parameters(investment="800", rule=rule, BTC=50, BNB=50))
            await life.market(timedelta(hours=12))
            started = life.strategy(core).started_at
            assert started is not None

            while life.now + life.venue.demo.state().spacing < started + timedelta(days=7):
                await life.market(timedelta(seconds=1))
                assert len(life.rebalances) == 1, f"it traded at {life.now}, before the seventh day"
            await life.market(timedelta(hours=3))

            _, record = life.rebalances
            assert (record.reason, record.at) == ("by time", started + timedelta(days=7))
            assert life.owned(core) == BACK_AT_500_500

    run(story)


@pytest.mark.rule("12.2")
@pytest.mark.parametrize(("bnb", "count"), [("10.1", 1), ("10.101", 2)])
def test_vector_two_a_drift_of_exactly_the_gate_holds_and_any_more_is_traded(bnb: str, count: int) -> None:
    """BTC 99, BNB 10.1: 49.5 and 50.5 of 100, drifts of exactly 0.5 pp."""
    steps = ((-1, {"BTC": "100", "BNB": "10"}), (1, {"BTC": "99", "BNB": bnb}))

    async def story() -> None:
        async with world("BTC", "BNB", steps=steps).running() as life:
            rule = TimeRule(timedelta(days=7), d("0.5"))
            await life.create(parameters(investment="8000", rule=rule, BTC=50, BNB=50))
            await life.market(timedelta(days=15))
            assert len(life.rebalances) == count

    run(story)


@pytest.mark.rule("12.5")
def test_vector_five_says_the_minimum_value_message_and_sends_no_order() -> None:
    steps = ((-1, {"GAL": "1", "RDNT": "0.26"}), (1, {"GAL": "0.953", "RDNT": "0.2631"}))

    async def story() -> None:
        made = world("GAL", "RDNT", steps=steps)
        async with made.running() as life:
            core = await life.create(parameters(investment="260", rule=RatioRule(d(1)), GAL=50, RDNT=50))
            await life.market(timedelta(hours=12))
            assert life.owned(core) == {"GAL": d(130), "RDNT": d(500)}
            sent = len(made.posts)

            await life.market(timedelta(days=2))

            shown = life.strategy(core)
            assert shown.snapshot is not None
            assert shown.snapshot.total == d("255.44")
            assert [round(h.weight or d(0), 2) for h in shown.snapshot.holdings] == [d("48.50"), d("51.50")]
            _, record = life.rebalances
            assert record.outcome is Outcome.SKIPPED
            assert record.message == shown.message == MINIMUM_VALUE_MESSAGE
            assert round(record.worst_drift, 2) == d("1.50")
            assert [round(leg.wanted, 2) for leg in record.skipped] == [d("3.83"), d("3.83")]
            assert [round(leg.shortfall, 2) for leg in record.skipped] == [d("6.17"), d("6.17")]
            assert record.repeats > 10, "it keeps trying at each check, in one row"
            assert len(made.posts) == sent

    run(story)


@pytest.mark.rule("12.7")
def test_vector_seven_a_fee_of_a_tenth_of_a_percent_leaves_a_tenth_of_a_percent_less_of_the_coin() -> None:
    steps = ((-1, {"BTC": "100", "BNB": "10"}),)

    async def story() -> None:
        made = world("BTC", "BNB", steps=steps, fees=FeeSchedule(Decimal("0.001")))
        async with made.running() as life:
            core = await life.create(parameters(investment="100", BTC=50, BNB=50))
            await life.market(timedelta(hours=12))

            assert life.owned(core) == {"BTC": d("0.4995"), "BNB": d("4.995")}
            fees = life.store.load().fees[core]
            assert fees == {"BTC": d("0.0005"), "BNB": d("0.005")}
            assert life.strategy(core).fees_paid == d("0.1")
            assert {post.type for post in made.posts} == {OrderType.LIMIT_IOC}

    run(story)
