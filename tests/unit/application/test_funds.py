"""Adding and removing funds through the engine, on a venue that a test moves by hand (BEHAVIOUR.md section 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.commands import (
    AddFunds,
    PauseStrategy,
    PreviewFunds,
    RemoveFunds,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.application.records import LegOutcome, Outcome, TransferKind
from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.orders import IntentState, Side, Unknown
from rebalancer_gui.domain.strategy import RatioRule, State, StrategyParameters
from tests.builders import d, parameters, rules_for, with_levels
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

OVERWEIGHT = RemovalMethod.MOST_OVERWEIGHT


def venue(*bases: str, **options) -> ScriptedVenue:
    return ScriptedVenue(rules_for(*(bases or ("BTC", "ETH")), min_notional="10"), **options)


def calm(**kind) -> StrategyParameters:
    """It never trades by its rule in these tests."""
    return parameters(rule=RatioRule(d(50)), **kind)


@pytest.mark.rule("12.3", "5.2", "3.3", "10.13")
def test_vector_three_adding_buys_both_and_sells_nothing_and_the_profit_stays() -> None:
    async def story() -> None:
        async with Bench(venue("BTC", "BNB")).running() as bench:
            await bench.venue.push(BTC="100", BNB="10")
            core = await bench.create(calm(investment="800", BTC=50, BNB=50))
            await bench.venue.push()
            await bench.venue.push(BTC="112.5", BNB="13.75")
            before = bench.strategy(core).score
            preview = await bench.preview(lambda i: PreviewFunds(i, core, d(1000)))
            await bench.do(lambda i: AddFunds(i, core, d(1000)))
            booked = bench.strategy(core).score
            assert (before.profit, booked.profit) == (d(200), d(200))
            assert (before.net_invested, booked.net_invested) == (d(800), d(1800))
            assert (before.time_weighted, booked.time_weighted) == (d(25), d(25))
            sent = len(bench.venue.posts)

            # The price of BNB jumped by more than 10 %: it is confirmed first, though the money is booked.
            await bench.venue.push()
            await bench.venue.push()

            posts = bench.venue.posts[sent:]
            assert [(p.symbol, p.side) for p in posts] == [("BTC/USDT", Side.BUY), ("BNB/USDT", Side.BUY)]
            assert [p.quantity for p in posts] == [leg.quantity for leg in preview.plan.legs]
            assert [leg.wanted for leg in bench.rebalances[-1].legs] == [d(550), d(450)]
            assert bench.rebalances[-1].reason == "funds added"
            assert [round(h.value or d(0), 5) for h in bench.snapshot(core).holdings] == [1000, 1000]
            assert bench.strategy(core).score.profit == 200
            bench.assert_conserved()

    run(story)


async def at_vector_four(bench: Bench) -> str:
    """XRP 5 / ETH 25 / BNB 70 holding 10 / 100 / 280: XRP has lost half of its price."""
    await bench.venue.push(XRP="1", ETH="1", BNB="1")
    core = await bench.create(calm(investment="400", XRP=5, ETH=25, BNB=70))
    await bench.venue.push()
    for _ in range(3):
        await bench.venue.push(XRP="0.5")
    assert [h.value for h in bench.snapshot(core).holdings] == [10, 100, 280]
    return core


@pytest.mark.rule("12.4", "5.3", "5.3b", "10.13")
def test_vector_four_removing_by_weight_drops_the_small_leg_and_nothing_is_redistributed() -> None:
    async def story() -> None:
        async with Bench(venue("XRP", "ETH", "BNB")).running() as bench:
            core = await at_vector_four(bench)
            before = bench.strategy(core).score
            await bench.do(lambda i: RemoveFunds(i, core, d(50)))
            await bench.venue.push()
            record = bench.rebalances[-1]
            assert (record.reason, record.outcome) == ("funds removed", Outcome.PARTLY)
            assert [(leg.asset, leg.wanted, leg.filled) for leg in record.legs] == [
                ("ETH", d("12.5"), d("12.5")),
                ("BNB", d(35), d(35)),
            ]
            assert [(s.asset, s.wanted, s.reason.value) for s in record.skipped] == [("XRP", d("2.5"), "below minimum")]
            assert [h.value for h in bench.snapshot(core).holdings] == [10, d("87.5"), 245]
            assert bench.view.free["USDT"] == d("9647.5")
            after = bench.strategy(core).score
            assert (before.profit, after.profit) == (d(-10), d(-10))
            assert (before.time_weighted, after.time_weighted) == (d("-2.5"), d("-2.5"))
            assert after.net_invested == d("352.5")
            (row,) = [t for t in bench.store.transfers(core, None, 9) if t.kind == TransferKind.REMOVED]
            assert (row.amount, row.value) == (d("47.5"), d("47.5"))
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("5.3d")
def test_most_overweight_first_takes_own_cash_then_each_coin_down_to_its_weight_of_what_stays() -> None:
    """V = 390; 50 out leaves 340: XRP may keep 17 and has 10, ETH 85 of 100, BNB 238 of 280; drifts -2.4, 0.6, 1.8 pp."""

    async def story() -> None:
        async with Bench(venue("XRP", "ETH", "BNB")).running() as bench:
            core = await at_vector_four(bench)
            preview = await bench.preview(lambda i: PreviewFunds(i, core, d(50), OVERWEIGHT))
            assert preview.comes_out == 42, (
                "BNB gives 42; the 8 left are under ETH's minimum, so its leg is passed over"
            )
            await bench.do(lambda i: RemoveFunds(i, core, d(50), OVERWEIGHT))
            await bench.venue.push()
            assert bench.view.free["USDT"] == 9642
            await bench.do(lambda i: RemoveFunds(i, core, d(60), OVERWEIGHT))
            # V = 348, 288 stay: ETH (28.7 %) is the most over now, may keep 72 of 100 and gives 28; BNB gives the 32 left.
            await bench.venue.push()
            assert bench.view.free["USDT"] == 9702
            assert [h.value for h in bench.snapshot(core).holdings] == [10, 72, 206]
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("5.3d", "5.3b")
@pytest.mark.parametrize("method", list(RemovalMethod))
def test_own_cash_goes_first_by_overweight_and_is_not_touched_by_weight(method: RemovalMethod) -> None:
    async def story() -> None:
        market = venue()
        market.rules["ETH/USDT"] = replace(market.rules["ETH/USDT"], step_size=d(1))
        async with Bench(market).running() as bench:
            await market.push(BTC="100", ETH="300")
            core = await bench.create(calm(investment="1000"))
            await market.push()
            assert bench.owned(core) == {"BTC": 5, "ETH": 1, "USDT": 200}
            await bench.do(lambda i: RemoveFunds(i, core, d(150), method))
            await market.push()
            if method is OVERWEIGHT:
                assert bench.owned(core) == {"BTC": 5, "ETH": 1, "USDT": 50}
                assert bench.view.free["USDT"] == 9150
                assert bench.rebalances[-1].outcome is Outcome.DONE
                assert bench.said("funds")[-1] == "150 USDT of the money of Core went to the free pool."
            else:
                assert bench.owned(core) == {"BTC": d("4.25"), "ETH": 1, "USDT": 200}
                assert bench.view.free["USDT"] == 9075
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("5.4", "5.4b")
def test_both_ranges_are_told_and_an_amount_outside_is_refused_with_what_is_legal() -> None:
    """Two coins at 50 %, smallest order 10: adding 20 makes one leg, removing 20 too; 20 must stay."""

    async def story() -> None:
        async with Bench(venue(money="1500")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm())
            await bench.venue.push()
            add = (await bench.preview(lambda i: PreviewFunds(i, core, None))).limits
            assert add is not None
            assert (add.smallest, add.largest) == (d(20), d(500))
            out = (await bench.preview(lambda i: PreviewFunds(i, core, None, RemovalMethod.BY_WEIGHT))).limits
            assert out is not None
            assert (out.smallest, out.largest) == (d(20), d(980))
            for amount, said in (("0", "above 0"), ("19.99", "20 USDT"), ("500.01", "500 USDT"), ("NaN", "above 0")):
                refused = await bench.rejected(lambda i, amount=amount: AddFunds(i, core, d(amount)))  # type: ignore[misc]
                assert (refused.field, said in refused.message) == ("amount", True), refused
            for amount, said in (("-1", "above 0"), ("19.99", "20 USDT"), ("980.01", "stop the strategy")):
                refused = await bench.rejected(lambda i, amount=amount: RemoveFunds(i, core, d(amount)))  # type: ignore[misc]
                assert (refused.field, said in refused.message) == ("amount", True), refused
            assert bench.owned(core) == {"BTC": 5, "ETH": 5}
            await bench.do(lambda i: RemoveFunds(i, core, d(980)))
            await bench.venue.push()
            assert bench.owned(core) == {"BTC": d("0.1"), "ETH": d("0.1")}
            assert bench.view.free == {"USDT": 1480}

    run(story)


@pytest.mark.rule("6.1")
def test_money_of_a_waiting_strategy_is_only_moved_and_no_order_is_sent() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(), trigger="110"))
            await bench.do(lambda i: AddFunds(i, core, d("0.5")))
            await bench.do(lambda i: RemoveFunds(i, core, d(300)))
            refused = await bench.rejected(lambda i: RemoveFunds(i, core, d("680.51")))
            assert "680.5 USDT" in refused.message
            assert bench.owned(core) == {"USDT": d("700.5")}
            assert bench.view.free == {"USDT": d("9299.5")}
            score = bench.strategy(core).score
            assert (score.net_invested, score.profit) == (d("700.5"), d(0))
            for _ in range(3):
                await bench.venue.push(BTC="110")
            score = bench.strategy(core).score
            assert (score.net_invested, score.profit) == (d("700.5"), d(0))
            assert bench.venue.posts

    run(story)


@pytest.mark.rule("3.4f")
def test_funds_are_neither_added_nor_removed_while_it_does_not_run_or_one_removal_is_on_its_way() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm())
            await bench.venue.push()
            await bench.do(lambda i: RemoveFunds(i, core, d(100)))
            again = await bench.rejected(lambda i: RemoveFunds(i, core, d(100)))
            assert "on its way" in again.message
            assert "on its way" in (await bench.rejected(lambda i: AddFunds(i, core, d(100)))).message
            await bench.venue.push()
            assert bench.view.free == {"USDT": 9100}
            await bench.do(lambda i: PauseStrategy(i, core))
            assert "paused" in (await bench.rejected(lambda i: AddFunds(i, core, d(100)))).message
            await bench.do(StopAll)
            assert "halted" in (await bench.rejected(lambda i: RemoveFunds(i, core, d(100)))).message
            assert bench.view.free == {"USDT": 9100}

    run(story)


@pytest.mark.rule("5.3b")
def test_a_removal_asked_for_just_before_a_crash_is_carried_out_after_it() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm())
            await bench.venue.push()
            await bench.do(lambda i: RemoveFunds(i, core, d(100)))
        later = bench.again()
        async with later.running():
            await later.venue.push()
            assert later.view.free == {"USDT": 9100}
            await later.venue.push()
            assert later.view.free == {"USDT": 9100}
        last = later.again()
        async with last.running():
            await last.venue.push()
            assert last.view.free == {"USDT": 9100}

    run(story)


def test_a_removal_that_had_not_begun_is_dropped_when_the_strategy_is_stopped() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm())
            await bench.venue.push()
            await bench.do(lambda i: RemoveFunds(i, core, d(100)))
            await bench.do(lambda i: StopStrategy(i, core, sell_all=True))
        later = bench.again()
        async with later.running():
            for _ in range(3):
                await later.venue.push()
            assert later.strategy(core).state is State.ENDED
            assert later.view.free == {"USDT": 10_000}
            assert all(record.reason != "funds removed" for record in later.rebalances)

    run(story)


@pytest.mark.rule("5.3b", "3.4e")
def test_a_removal_whose_order_has_no_answer_waits_for_it_and_pays_out_once_with_what_it_brought() -> None:
    async def story() -> None:
        async with Bench(venue(authoritative=False)).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm())
            await bench.venue.push()
            await bench.do(lambda i: RemoveFunds(i, core, d(100)))
            bench.venue.answer = lambda request: Unknown("timeout") if request.symbol == "ETH/USDT" else None
            for _ in range(3):
                await bench.venue.push()
            assert bench.strategy(core).checking_order
            assert bench.view.free == {"USDT": 9000}
            assert bench.snapshot(core).total == 1000
            bench.venue.execute(bench.venue.posts[-1])
            await bench.venue.push(timedelta(seconds=10))
            assert bench.view.free == {"USDT": 9100}
            record = bench.rebalances[-1]
            assert (record.outcome, [leg.outcome for leg in record.legs]) == (
                Outcome.DONE,
                [LegOutcome.FILLED, LegOutcome.FILLED],
            )
            assert {row.state for row in bench.store.orders(core, None, 9)} == {IntentState.SETTLED}
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("10.11", "10.13")
def test_the_hodl_line_buys_an_addition_at_the_weights_and_a_removal_takes_the_same_share_of_every_coin() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm(BTC=60, ETH=40))
            await bench.venue.push()
            assert bench.store.load().hodl[core] == {"BTC": 6, "ETH": 4}
            for _ in range(3):
                await bench.venue.push(BTC="200", ETH="50")
            await bench.do(lambda i: AddFunds(i, core, d(1000)))
            assert bench.store.load().hodl[core] == {"BTC": 9, "ETH": 12}
            await bench.venue.push()
            # The line is worth 1800 + 600; 600 out are a quarter of each.
            await bench.do(lambda i: RemoveFunds(i, core, d(600)))
            await bench.venue.push()
            line = bench.store.load().hodl[core]
            assert {asset: round(units, 12) for asset, units in line.items()} == {"BTC": Decimal("6.75"), "ETH": 9}
            assert round(bench.strategy(core).score.hodl_value or d(0), 9) == 1800

    run(story)
