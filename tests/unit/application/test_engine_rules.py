"""Rules of the behaviour specification, sections 1 to 5, that show only while the engine runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rebalancer_gui.application.commands import EditStrategy, LoadHistory, RebalanceNow, StopStrategy
from rebalancer_gui.application.events import CommandDone, HistoryPage, JournalChanged
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.records import TransferKind, TransferRow
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.strategy import RatioRule, State, TimeRule
from tests.builders import d, parameters, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

NEVER = RatioRule(d("49.9"))
"""A threshold that no test here comes near."""


def venue(*bases: str, **options) -> ScriptedVenue:
    return ScriptedVenue(rules_for(*(bases or ("BTC", "ETH"))), **options)


@pytest.mark.rule("1.7", "10.7", "10.12")
def test_the_hodl_line_keeps_what_it_bought_through_every_rebalance() -> None:
    async def story() -> None:
        async with Bench(venue(fee="0.01")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await bench.venue.push()
            bought = d("4.95")  # 500 at 100, less a fee of 1 %
            for btc, eth in (("91", "109"), ("99", "100"), ("92", "108")):
                await bench.venue.push(BTC=btc, ETH=eth)
                await bench.venue.push()
                score = bench.strategy(core).score
                assert score.hodl_value == bought * d(btc) + bought * d(eth)
                assert score.value is not None
                assert score.versus_hodl == (score.value / score.hodl_value - 1) * 100
            assert bench.strategy(core).rebalances >= 3

    run(story)


@pytest.mark.rule("2.6")
def test_a_portfolio_is_looked_at_once_in_a_check_period() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            await bench.create(parameters(rule=RatioRule(d(1), timedelta(seconds=60))))
            await bench.venue.push()
            await bench.venue.push()
            posts = len(bench.venue.posts)
            for _ in range(28):
                await bench.venue.push(BTC="95", ETH="105")
            assert len(bench.venue.posts) == posts, "56 s after the last look"
            await bench.venue.push()
            await bench.venue.push()
            assert len(bench.venue.posts) == posts + 2

    run(story)


@pytest.mark.rule("3.1c")
@pytest.mark.parametrize(("apart", "traded"), [(60, False), (61, True)])
def test_where_quotes_are_over_a_minute_apart_one_confirms_a_jump(apart: int, traded: bool) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            await bench.create(parameters())
            await bench.venue.push()
            posts = len(bench.venue.posts)
            await bench.venue.push(timedelta(seconds=apart), BTC="80")
            assert (len(bench.venue.posts) > posts) is traded

    run(story)


@pytest.mark.rule("3.2c")
def test_a_rebalance_that_was_asked_for_does_not_move_the_grid() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters(rule=TimeRule(timedelta(days=7))))
            await bench.venue.push()
            start = bench.strategy(core).started_at
            assert start is not None
            await bench.venue.push(timedelta(days=3), BTC="95", ETH="105")
            await bench.ask(lambda i: RebalanceNow(i, core))
            await bench.venue.push()
            assert bench.rebalances[-1].reason == "Rebalance now"
            assert bench.strategy(core).next_check == start + timedelta(days=7)
            await bench.venue.push(start + timedelta(days=7) - bench.venue.clock.now(), BTC="90", ETH="110")
            assert bench.rebalances[-1].reason == "by time"

    run(story)


@pytest.mark.rule("3.3")
def test_the_first_build_needs_no_threshold() -> None:
    async def story() -> None:
        async with Bench(venue("BTC", "ETH", "XRP")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100", XRP="1")
            core = await bench.create(parameters(rule=NEVER, BTC=40, ETH=30, XRP=30))
            await bench.venue.push()
            assert bench.rebalances[-1].reason == "first build"
            assert bench.rebalances[-1].worst_drift < 50
            assert bench.strategy(core).state is State.RUNNING

    run(story)


@pytest.mark.rule("4.0")
def test_the_picture_that_triggered_is_the_one_that_is_planned_on_and_named_by_the_rebalance() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await bench.venue.push()
            seen = bench.snapshot(core).seq

            def swing(request):
                # Between the two orders the market turns: what was decided on stays decided.
                bench.venue.set_price("BTC", "94.8")

            bench.venue.answer = swing
            await bench.venue.push(BTC="95", ETH="105")
            record = bench.rebalances[-1]
            assert record.worst_drift == d("2.5")
            assert [(leg.asset, leg.wanted) for leg in record.legs] == [("ETH", d(25)), ("BTC", d(25))]
            assert record.snapshot_seq > seen
            stored = bench.store.rebalances(core, None, 1)[0]
            assert (stored.id, stored.snapshot_seq) == (record.id, record.snapshot_seq)

    run(story)


@pytest.mark.rule("4.4")
def test_each_order_goes_at_the_quote_of_its_own_moment_for_the_value_that_was_decided() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            await bench.create(parameters())

            def dearer(request):
                bench.venue.set_price("ETH", "100.2")

            bench.venue.answer = dearer
            await bench.venue.push()
            first, second = bench.venue.posts
            assert (first.limit_price, first.quantity) == (d(100), d(5))
            assert second.limit_price == d("100.2")
            assert second.quantity == d("4.99001996")  # 500 / 100.2, cut to 8 decimals

    run(story)


@pytest.mark.rule("5.1")
def test_start_reserves_the_investment_at_once_and_builds_the_portfolio_from_it() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="50")
            core = await bench.create(parameters(investment="1000", BTC=60, ETH=40))
            assert bench.view.free == {"USDT": 9000}
            assert bench.venue.posts == []
            await bench.venue.push()
            assert [(p.symbol, p.side, p.quantity) for p in bench.venue.posts] == [
                ("BTC/USDT", Side.BUY, d(6)),
                ("ETH/USDT", Side.BUY, d(8)),
            ]
            assert bench.view.free == {"USDT": 9000}
            page = await bench.ask(lambda i: LoadHistory(i, "paper", HistoryKind.TRANSFERS, core))
            assert isinstance(page, HistoryPage)
            (row,) = page.rows
            assert isinstance(row, TransferRow)
            assert (row.kind, row.asset, row.amount) == (TransferKind.INVESTED, "USDT", d(1000))
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("3.2d")
def test_an_edited_interval_starts_a_new_grid_and_another_gate_does_not() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            weekly = parameters(rule=TimeRule(timedelta(days=7)))
            core = await bench.create(weekly)
            await bench.venue.push()
            start = bench.strategy(core).started_at
            assert start is not None
            await bench.venue.push(timedelta(days=3), BTC="95", ETH="105")
            stricter = replace(weekly, rule=TimeRule(timedelta(days=7), d(1)))
            assert isinstance(await bench.ask(lambda i: EditStrategy(i, core, stricter)), CommandDone)
            assert bench.strategy(core).next_check == start + timedelta(days=7)

            every_two_days = replace(weekly, rule=TimeRule(timedelta(days=2)))
            edited = bench.venue.clock.now()
            assert isinstance(await bench.ask(lambda i: EditStrategy(i, core, every_two_days)), CommandDone)
            assert bench.strategy(core).next_check == edited + timedelta(days=2)
            count = len(bench.rebalances)
            await bench.venue.push(timedelta(days=2) - timedelta(seconds=1))
            assert len(bench.rebalances) == count, "counted from the old start a tick was due on day 4"
            await bench.venue.push(timedelta(seconds=1))
            assert bench.rebalances[-1].reason == "by time"

    run(story)


@pytest.mark.rule("5.6b")
def test_dust_that_no_order_can_sell_is_given_back_with_a_note() -> None:
    async def story() -> None:
        async with Bench(venue("BTC", "ETH")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters(investment="500", BTC="97.9", ETH="2.1", rule=NEVER))
            await bench.venue.push()
            await bench.venue.push(ETH="95")  # 0.105 ETH are worth 9.975 now, under the minimum of 10
            await bench.ask(lambda i: StopStrategy(i, core, sell_all=True))
            await bench.venue.push()
            assert bench.strategy(core).state is State.ENDED
            assert bench.view.free == {"USDT": d("9989.5"), "ETH": d("0.105")}
            notes = [e.entry.text for e in bench.of(JournalChanged) if e.entry.kind == "dust"]
            assert len(notes) == 1
            assert notes[0].endswith("given back to the free pool: ETH.")
            bench.assert_conserved()

    run(story)
