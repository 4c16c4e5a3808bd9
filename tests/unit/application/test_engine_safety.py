"""Never lose, never double: answers that do not come, refusals, stopping, starting again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from rebalancer_gui.application.commands import (
    ResumeStrategy,
    ResumeTrading,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.application.events import CommandRejected, EngineFailed, EngineStopped
from rebalancer_gui.application.records import LegOutcome, Outcome
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.orders import Accepted, IntentState, Rejected, Unknown
from rebalancer_gui.domain.strategy import HaltKind, State
from tests.builders import parameters, rules_for
from tests.engine_bench import Bench, CountingIds, run
from tests.scripted_venue import ScriptedVenue


def venue(**options) -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH", "XRP", "ADA"), **options)


@pytest.mark.failure(1)
def test_an_order_without_an_answer_that_was_executed_is_found_and_booked_not_sent_again() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            await bench.create(parameters())

            def timeout(request):
                bench.venue.execute(request)
                return Unknown("timeout")

            bench.venue.answer = timeout
            await bench.venue.push()
            assert len(bench.venue.posts) == 2
            assert bench.rebalances[-1].outcome is Outcome.DONE
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(2)
def test_an_order_that_never_arrived_is_proven_absent_and_the_drift_is_traded_later() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            lost = {"left": 1}

            def drop(request):
                lost["left"] -= 1
                return Unknown("connection reset") if lost["left"] >= 0 else None

            bench.venue.answer = drop
            await bench.venue.push()
            assert len({p.client_order_id for p in bench.venue.posts}) == len(bench.venue.posts)
            await bench.venue.push()
            weights = [h.weight for h in bench.snapshot(core).holdings]
            assert weights == [50, 50]
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("3.4e")
def test_while_an_outcome_is_open_nothing_else_is_sent_for_that_strategy() -> None:
    async def story() -> None:
        async with Bench(venue(authoritative=False)).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            bench.venue.answer = lambda request: Unknown("timeout")
            await bench.venue.push()
            await bench.venue.push()
            assert len(bench.venue.posts) == 1
            shown = bench.strategy(core)
            assert shown.checking_order
            assert bench.snapshot(core).total == 1000  # what is reserved still belongs to the strategy
            # the venue knows it after all, some time later
            bench.venue.answer = lambda request: None
            bench.venue.execute(bench.venue.posts[0])
            await bench.venue.push()
            assert not bench.strategy(core).checking_order
            assert [p.symbol for p in bench.venue.posts] == ["BTC/USDT", "ETH/USDT"]
            assert bench.strategy(core).state is State.RUNNING
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(13)
def test_an_answer_that_does_not_fit_the_order_counts_as_no_answer() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            await bench.create(parameters())

            def wrong(request):
                order = bench.venue.execute(request)
                return Accepted(replace(order, venue_order_id="", filled=order.quantity * 0, fills=()))

            bench.venue.answer = wrong
            await bench.venue.push()
            assert len(bench.venue.posts) == 2
            assert bench.rebalances[-1].outcome is Outcome.DONE
            bench.assert_conserved()

    run(story)


def test_a_refused_order_gives_its_reservation_back_and_five_in_a_row_halt_the_strategy() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            bench.venue.answer = lambda request: Rejected("Filter failure: LOT_SIZE", "-1013")
            await bench.venue.push()
            assert [leg.outcome for leg in bench.rebalances[-1].legs] == [LegOutcome.REJECTED] * 2
            bench.assert_conserved()
            for _ in range(3):
                await bench.venue.push()
            shown = bench.strategy(core)
            assert shown.state is State.HALTED
            assert "LOT_SIZE" in shown.reason
            posts = len(bench.venue.posts)
            assert posts <= 6
            await bench.venue.push()
            assert len(bench.venue.posts) == posts
            bench.venue.answer = lambda request: None
            await bench.ask(lambda i: ResumeStrategy(i, core))
            await bench.venue.push()
            await bench.venue.push()
            assert bench.strategy(core).state is State.RUNNING

    run(story)


@pytest.mark.failure(40)
def test_the_engine_stops_within_two_seconds_with_an_order_in_flight_and_the_next_start_resolves_it() -> None:
    async def story() -> None:
        first = venue()
        bench = Bench(first)
        async with bench.running():
            await first.push(BTC="100", ETH="100")
            await bench.create(parameters())
            first.hang = asyncio.Event()
            pushing = asyncio.create_task(first.push())
            await bench.until(lambda: first.posts)
            begun = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - begun < 2
        pushing.cancel()
        assert bench.of(EngineStopped)
        bench.store.open()
        (open_intent,) = bench.store.load().open_intents
        assert open_intent.state is IntentState.UNKNOWN
        # it was executed all the same
        first.hang = None
        first.execute(first.posts[0])
        again = Bench(first, bench.store, CountingIds())
        async with again.running():
            again.assert_conserved()
            await first.push()
            assert len(first.posts) == 2
            await first.push()
            assert [s.state for s in again.view.strategies] == [State.RUNNING]
            assert [h.weight for h in again.snapshot(again.view.strategies[0].id).holdings] == [50, 50]

    run(story)


def test_after_a_restart_strategies_run_on_with_their_figures() -> None:
    async def story() -> None:
        first = venue(fee="0.001")
        bench = Bench(first)
        async with bench.running():
            await first.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await first.push()
            await first.push(BTC="103")
            before = bench.strategy(core)
        again = Bench(first, bench.store, CountingIds())
        async with again.running():
            await first.push()
            after = again.strategy(core)
            assert (after.score, after.rebalances, after.skipped) == (before.score, before.rebalances, before.skipped)
            assert after.fees_paid == before.fees_paid
            assert after.parameters == before.parameters

    run(story)


@pytest.mark.rule("7.10", "7.11")
def test_stop_all_sends_nothing_more_survives_a_restart_and_resume_puts_back() -> None:
    async def story() -> None:
        first = venue()
        bench = Bench(first)
        async with bench.running():
            await first.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await first.push()
            await bench.ask(StopAll)
            assert bench.strategy(core).state is State.HALTED
            assert bench.strategy(core).reason == "Stop all"
            posts = len(first.posts)
            await first.push(BTC="95", ETH="105")
            refusal = await bench.refused(parameters(name="Other", investment="100"))
            assert "Stop all" in refusal.message
        again = Bench(first, bench.store, CountingIds())
        async with again.running():
            await first.push()
            assert len(first.posts) == posts
            assert again.view.stop_all
            await again.ask(ResumeTrading)
            assert again.strategy(core).state is State.RUNNING
            await first.push()
            assert len(first.posts) == posts + 2

    run(story)


@pytest.mark.rule("5.6", "7.2")
def test_stop_with_sell_all_turns_every_coin_into_money_in_the_free_pool() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await bench.venue.push()
            await bench.ask(lambda i: StopStrategy(i, core, sell_all=True))
            await bench.venue.push(BTC="102", ETH="102")
            shown = bench.strategy(core)
            assert (shown.state, shown.reason) == (State.ENDED, "stopped by the user")
            assert shown.score.profit == 20
            assert bench.view.free == {"USDT": 10020}
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("5.6", "7.2")
def test_stop_without_selling_gives_the_coins_back_at_once() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await bench.venue.push()
            posts = len(bench.venue.posts)
            await bench.ask(lambda i: StopStrategy(i, core, sell_all=False))
            await bench.venue.push()
            assert bench.strategy(core).state is State.ENDED
            assert bench.view.free == {"USDT": 9000, "BTC": 5, "ETH": 5}
            assert len(bench.venue.posts) == posts
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("2.2", "12.6b")
@pytest.mark.failure(49)
def test_the_twenty_first_strategy_is_refused_and_money_is_never_promised_twice() -> None:
    async def story() -> None:
        async with Bench(venue(money="3000")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            for number in range(20):
                await bench.create(parameters(name=f"S{number}", investment="100"))
            refusal = await bench.refused(parameters(name="One more", investment="100"))
            assert (refusal.field, "20 strategies" in refusal.message) == ("strategies", True)
            await bench.venue.push()
            assert bench.view.free == {"USDT": 1000}
            bench.assert_conserved()

    run(story)


def test_an_investment_above_the_free_pool_is_refused_with_its_field_and_nothing_changes() -> None:
    async def story() -> None:
        async with Bench(venue(money="500")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            refusal = await bench.refused(parameters(investment="501"))
            assert refusal.field == "investment"
            assert "500" in refusal.message
            assert bench.view.free == {"USDT": 500}
            assert bench.view.strategies == ()

    run(story)


@pytest.mark.failure(50)
def test_money_missing_at_the_venue_halts_only_who_is_short_and_the_ledger_is_not_bent() -> None:
    async def story() -> None:
        first = venue(money="1200")
        bench = Bench(first)
        async with bench.running():
            await first.push(BTC="100", ETH="100", XRP="1", ADA="1")
            core = await bench.create(parameters(investment="1000"))
            other = await bench.create(parameters(name="Other", investment="100", XRP=50, ADA=50))
            await first.push()
        first.held["BTC"] -= 1
        again = Bench(first, bench.store, CountingIds())
        async with again.running():
            posts = len(first.posts)
            await first.push(BTC="95", ETH="105")
            assert again.strategy(core).state is State.HALTED
            assert again.strategy(core).halt is HaltKind.SHORT
            assert again.strategy(core).missing == (("BTC", Decimal(1)),)
            assert again.strategy(other).state is State.RUNNING
            assert len(first.posts) == posts
            answer = await again.ask(lambda i: ResumeStrategy(i, core))
            assert isinstance(answer, CommandRejected)
            assert "missing" in answer.message

    run(story)


@pytest.mark.expect_log("a fault in the engine")
@pytest.mark.failure(38, 41)
def test_a_fault_of_our_own_stops_everything_and_says_so() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            await bench.create(parameters())

            def bug(request):
                raise ZeroDivisionError

            bench.venue.answer = bug
            pushing = asyncio.create_task(bench.venue.push())
            await bench.until(lambda: bench.of(EngineFailed))
            pushing.cancel()
        bench.store.open()
        (left,) = bench.store.load().open_intents
        assert left.state is IntentState.SENDING
        bench.assert_conserved()

    run(story)


@pytest.mark.failure(13, 48)
def test_an_order_of_somebody_else_under_our_id_is_never_booked() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())

            def foreign(request):
                bench.venue.orders[request.client_order_id] = replace(
                    bench.venue.execute(replace(request, quantity=request.quantity / 2)), quantity=request.quantity / 2
                )
                return Unknown("timeout")

            bench.venue.answer = foreign
            await bench.venue.push()
            shown = bench.strategy(core)
            assert shown.state is State.HALTED
            assert "another order" in shown.reason
            assert len(bench.venue.posts) == 1
            assert bench.store.load().open_intents[0].state is IntentState.UNKNOWN

    run(story)


@pytest.mark.failure(26)
def test_prices_that_fail_to_come_are_asked_for_again() -> None:
    async def story() -> None:
        first = venue()
        good = first.batches
        fails = {"left": 2}

        async def shaky():
            if fails["left"]:
                fails["left"] -= 1
                raise VenueUnavailable("the disk is full.")
            async for batch in good():
                yield batch

        first.batches = shaky  # type: ignore[method-assign]
        async with Bench(first).running() as bench:
            await first.push(BTC="100", ETH="100")
            await first.push()
            assert bench.view.quotes
            assert fails["left"] == 0

    run(story)
