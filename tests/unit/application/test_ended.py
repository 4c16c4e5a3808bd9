"""Strategies that are over stay in the store: memory keeps few of them, and all of them can be looked at."""

from __future__ import annotations

import pytest

from rebalancer_gui.application.commands import LoadChart, LoadHistory, StopStrategy
from rebalancer_gui.application.ended_total import EndedTotal
from rebalancer_gui.application.events import ChartReady, EndedPage, HistoryPage
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.shelf import NEWEST
from rebalancer_gui.application.strategy_commands import LoadEnded
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.rails import RailSet
from rebalancer_gui.domain.strategy import RatioRule, State, StrategyParameters
from tests.builders import d, parameters, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

MANY = NEWEST + 3


def venue() -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH", min_notional="10"))


def calm(name: str = "Core", investment: str = "100") -> StrategyParameters:
    return parameters(name=name, investment=investment, rule=RatioRule(d(50)))


async def begun(bench: Bench) -> None:
    await bench.venue.push(BTC="100", ETH="100")


async def ended(bench: Bench, name: str, *, sell_all: bool = False, at: str = "104") -> str:
    """One that gained 4 %, or what ``at`` says, and is put away by now."""
    await bench.venue.push(BTC="100", ETH="100")
    one = await bench.create(calm(name))
    await bench.venue.push()
    await bench.venue.push(BTC=at, ETH=at)
    await bench.do(lambda i: StopStrategy(i, one, sell_all=sell_all))
    await bench.venue.push()
    await bench.venue.push()
    return one


def in_memory(bench: Bench) -> set[str]:
    return set(bench.engine._runners["paper"].account.strategies)


async def pages(bench: Bench, limit: int) -> list[str]:
    """The ids of all that are over, page by page."""
    found: list[str] = []
    while True:
        before = found[-1] if found else ""
        page = await bench.ask(lambda i, b=before: LoadEnded(i, "paper", b, limit))  # type: ignore[misc]
        assert isinstance(page, EndedPage)
        assert len(page.strategies) <= limit
        assert all(view.state is State.ENDED for view in page.strategies)
        found += [view.id for view in page.strategies]
        if not page.more:
            return found


@pytest.mark.rule("7.1")
def test_a_strategy_that_has_ended_stays_in_the_store_only_and_is_shown_as_it_was() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            await begun(bench)
            core = await bench.create(calm())
            await bench.venue.push()
            await bench.venue.push(BTC="104", ETH="104")
            await bench.do(lambda i: StopStrategy(i, core, sell_all=False))
            just_ended = bench.strategy(core)
            assert core in in_memory(bench), "it is in memory until its end was shown"
            await bench.venue.push()
            await bench.venue.push()
            assert in_memory(bench) == set()
            later = bench.strategy(core)
        assert (later.state, later.reason, later.score) == (State.ENDED, "stopped by the user", just_ended.score)
        assert (later.rebalances, later.fees_paid, later.decision) == (1, just_ended.fees_paid, just_ended.decision)
        assert "has ended" in later.decision
        async with bench.again().running() as again:
            await again.venue.push(BTC="50", ETH="50")
            assert in_memory(again) == set()
            assert again.strategy(core) == later

    run(story)


@pytest.mark.rule("7.1")
def test_what_an_ended_strategy_held_last_is_shown_also_after_a_restart() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            kept, sold = await ended(bench, "Kept"), await ended(bench, "Sold", sell_all=True, at="120")
        async with bench.again().running() as again:
            await again.venue.push(BTC="50", ETH="50")
            coins = again.snapshot(kept)
            assert [(h.asset, h.quantity, h.value, h.weight) for h in coins.holdings] == [
                ("BTC", d("0.5"), d(52), d(50)),
                ("ETH", d("0.5"), d(52), d(50)),
            ]
            assert (coins.cash, coins.total) == (ZERO, d(104))
            money = again.snapshot(sold)
            assert [(h.asset, h.quantity, h.value) for h in money.holdings] == [
                ("BTC", ZERO, ZERO),
                ("ETH", ZERO, ZERO),
            ]
            assert [h.quote.mid for h in money.holdings if h.quote is not None] == [120, 120], "prices of its end"
            assert (money.cash, money.total) == (d(120), d(120))

    run(story)


@pytest.mark.rule("7.1")
def test_of_many_that_ended_the_last_stand_in_the_picture_and_older_ones_are_read_page_by_page() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            ids = [await ended(bench, f"S{number}") for number in range(MANY)]
            assert [s.id for s in bench.view.strategies] == ids[::-1][:NEWEST]
            assert bench.view.ended == MANY
            assert bench.view.over == (
                EndedTotal("USDT", MANY, *map(d, (100 * MANY, *(104 * MANY, 4 * MANY), *(104 * MANY,) * 2))),
            )
            assert await pages(bench, 4) == ids[::-1]
        async with bench.again().running() as again:
            await again.venue.push(BTC="50", ETH="50")
            assert [s.id for s in again.view.strategies] == ids[::-1][:NEWEST]
            assert again.view.ended == MANY
            assert await pages(again, MANY) == ids[::-1]

    run(story)


def test_one_that_is_only_stored_has_its_chart_its_name_in_all_lists_and_refuses_what_its_state_forbids() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            first, *_ = [await ended(bench, f"S{number}") for number in range(MANY)]
            chart = await bench.ask(lambda i: LoadChart(i, first, None, 100))
            assert isinstance(chart, ChartReady)
            assert [(s.value, s.hodl) for s in chart.chart.equity][-1] == (d(104), d(104))
            page = await bench.ask(lambda i: LoadHistory(i, "paper", HistoryKind.ORDERS, "", None, 500))
            assert isinstance(page, HistoryPage)
            assert page.names[first] == "S0"
            refused = await bench.rejected(lambda i: StopStrategy(i, first, sell_all=True))
            assert "has ended already" in refused.message
            unknown = await bench.rejected(lambda i: StopStrategy(i, "s-none", sell_all=True))
            assert "There is no strategy s-none" in unknown.message
            assert in_memory(bench) == set()

    run(story)


@pytest.mark.rule("10.6")
def test_todays_profit_counts_what_was_gained_by_those_that_are_only_stored() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            await begun(bench)
            assert bench.view.today == 0
            for number in range(MANY):
                await ended(bench, f"S{number}")
            assert bench.view.today == 4 * MANY
        async with bench.again().running() as again:
            await again.venue.push(BTC="50", ETH="50")
            assert again.view.today == 4 * MANY

    run(story)


def test_what_was_believed_of_a_coin_is_forgotten_when_it_is_gone_for_good() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            await begun(bench)
            guard = bench.engine._runners["paper"].account.guard
            bench.venue.close_market("ETH", MarketStatus.HALTED)
            await bench.venue.push()
            assert {"BTC/USDT", "ETH/USDT"} <= guard._seen.keys(), "a market that is only halted may open again"
            bench.venue.close_market("BTC", MarketStatus.DELISTED)
            await bench.venue.push()
            assert "BTC/USDT" not in guard._seen

    run(story)


def test_rails_and_journal_forget_who_is_over() -> None:
    async def story() -> None:
        bench = Bench(venue(), rails=RailSet())
        async with bench.running():
            core = await ended(bench, "Core")
            account = bench.engine._runners["paper"].account
            assert core not in {**account.rails._before, **account.rails._agreed, **account.rails._drops}
            assert core not in account.journal._newest

    run(story)
