"""A session of the console: opened, looked at once, acted on, closed; the market stands still meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.commands import (
    AddFunds,
    CreateStrategy,
    PreviewStrategy,
    RebalanceNow,
    StopStrategy,
)
from rebalancer_gui.application.events import PreviewReady, StrategyCreated
from rebalancer_gui.application.ports import QuoteBatch
from rebalancer_gui.application.records import LegOutcome, Outcome
from rebalancer_gui.application.session import ASK_AGAIN, LONGEST, Session
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput, OutcomeUnknown
from rebalancer_gui.domain.orders import OrderRequest, Side, SubmitOutcome, Unknown
from rebalancer_gui.domain.strategy import State
from tests.builders import parameters, rules_for
from tests.engine_bench import CountingIds, run
from tests.fakes import FakeStore
from tests.scripted_venue import HandClock, ScriptedVenue


class WallClock(HandClock):
    """Market time stands still, waiting takes wall time at once; ``waited`` is how much."""

    waited = 0.0

    def monotonic(self) -> float:
        return self.waited

    async def sleep(self, seconds: float) -> None:
        self.waited += seconds
        await asyncio.sleep(0)


class StandingVenue(ScriptedVenue):
    """Gives the batch of its present moment, and no other."""

    def __init__(self, **prices: str) -> None:
        super().__init__(rules_for(*prices))
        self.clock = WallClock()
        for base, price in prices.items():
            self.set_price(base, price)

    async def batches(self) -> AsyncIterator[QuoteBatch]:
        yield QuoteBatch(self.clock.now(), dict(self.prices), timedelta(seconds=2))
        raise AssertionError("a session looks at one batch only")


class Bench:
    """A venue and a store on which sessions are opened one after the other."""

    def __init__(self) -> None:
        self.venue = StandingVenue(BTC="100", ETH="10")
        self.store = FakeStore()
        self.ids = CountingIds()

    def session(self) -> Session:
        return Session(AccountSetup("paper", "Paper", "PAPER", self.venue, self.store, self.ids))

    def later(self, **prices: str) -> None:
        """Market time has gone on while nothing ran."""
        self.venue.clock.time += timedelta(minutes=2)
        for base, price in (("BTC", "100"), ("ETH", "10"), *prices.items()):
            self.venue.set_price(base, price)

    async def created(self) -> str:
        """A strategy that runs, made in a session of its own."""
        async with self.session() as session:
            events = await session.ask(CreateStrategy(session.next_id(), "paper", parameters()))
            (created,) = [event for event in events if isinstance(event, StrategyCreated)]
            await session.carry_out(created.strategy_id)
            assert state_of(session) is State.RUNNING
        return created.strategy_id

    def contents(self) -> dict[str, Any]:
        """All that is stored."""
        self.store.open()
        state = self.store.load()
        rows = {
            "journal": self.store.journal(None, None, 1000),
            "rebalances": self.store.rebalances(None, None, 1000),
            "orders": self.store.orders(None, None, 1000),
            "commits": self.store.commits,
        }
        self.store.close()
        return rows | {"state": state}


def state_of(session: Session) -> State:
    (view,) = session.view().strategies
    return view.state


def test_what_was_asked_for_is_carried_out_before_the_session_ends():
    async def story() -> None:
        bench = Bench()
        strategy_id = await bench.created()

        async with bench.session() as session:
            await session.ask(AddFunds(session.next_id(), strategy_id, Decimal(500)))
            done = await session.carry_out(strategy_id)

        assert [(r.reason, r.outcome) for r in done] == [("funds added", Outcome.DONE)]
        assert [leg.outcome for leg in done[0].legs] == [LegOutcome.FILLED, LegOutcome.FILLED]
        assert bench.venue.held["USDT"] == Decimal(8500)
        assert bench.venue.closed

    run(story)


def test_nothing_is_decided_by_rule():
    async def story() -> None:
        bench = Bench()
        await bench.created()
        bench.later(BTC="200")
        orders = len(bench.venue.posts)

        async with bench.session() as session:
            (view,) = session.view().strategies
            assert view.snapshot is not None
            assert view.snapshot.worst_drift is not None
            assert view.snapshot.worst_drift > 15
            await session.carry_out(view.id)

        assert len(bench.venue.posts) == orders

    run(story)


def test_a_session_that_only_asks_stores_nothing():
    async def story() -> None:
        bench = Bench()
        await bench.created()
        before = bench.contents()

        async with bench.session() as session:
            session.view()
            events = await session.read(PreviewStrategy(session.next_id(), "paper", parameters(name="Other")))
            assert [type(event) for event in events] == [PreviewReady]

        assert bench.contents() == before

    run(story)


def test_a_refused_command_changes_nothing_and_the_session_closes_in_order():
    async def story() -> None:
        bench = Bench()
        strategy_id = await bench.created()
        before = bench.contents()

        with pytest.raises(InvalidInput):
            async with bench.session() as session:
                await session.ask(AddFunds(session.next_id(), strategy_id, Decimal(1_000_000)))

        after = bench.contents()
        assert {k: v for k, v in after.items() if k not in {"state", "commits"}} == {
            k: v for k, v in before.items() if k not in {"state", "commits"}
        }
        assert after["state"].balances == before["state"].balances
        assert bench.venue.closed

    run(story)


def test_a_venue_that_cannot_be_opened_leaves_nothing_open():
    async def story() -> None:
        bench = Bench()

        async def broken() -> None:
            raise EnvironmentProblem("The file of the venue is damaged.")

        bench.venue.open = broken  # type: ignore[method-assign]
        with pytest.raises(EnvironmentProblem, match="damaged"):
            async with bench.session():
                raise AssertionError("it is not open")
        bench.store.open()  # It was closed, else this would fail.

    run(story)


def test_a_book_too_thin_to_sell_all_leaves_the_strategy_stopping_and_the_next_session_goes_on():
    async def story() -> None:
        bench = Bench()
        strategy_id = await bench.created()

        def refuse_market_orders(request: OrderRequest) -> SubmitOutcome | None:
            bench.venue.fill_part = Decimal(0)
            return None

        bench.venue.answer = refuse_market_orders
        bench.venue.depth = Decimal(0)
        async with bench.session() as session:
            await session.ask(StopStrategy(session.next_id(), strategy_id, sell_all=True))
            await session.carry_out(strategy_id)
            assert state_of(session) is State.STOPPING
        assert bench.venue.clock.monotonic() == 0, "waiting cannot help: the market stands still"

        bench.venue.answer = lambda request: None
        bench.venue.fill_part = Decimal(1)
        bench.later()
        async with bench.session() as session:
            await session.carry_out(strategy_id)
            assert state_of(session) is State.ENDED
        assert bench.venue.held["USDT"] == Decimal(10_000)

    run(story)


def test_an_order_without_an_answer_is_looked_up_for_a_minute_and_then_named():
    async def story() -> None:
        bench = Bench()
        strategy_id = await bench.created()
        bench.later(BTC="150")
        bench.venue.answer = lambda request: Unknown("no answer")
        bench.venue.lookup_works = False

        async with bench.session() as session:
            await session.ask(RebalanceNow(session.next_id(), strategy_id))
            with pytest.raises(OutcomeUnknown) as problem:
                await session.carry_out(strategy_id)

        assert bench.venue.posts[-1].client_order_id in problem.value.message
        assert LONGEST < bench.venue.clock.monotonic() <= LONGEST + 2 * ASK_AGAIN
        assert len(bench.venue.posts) == 3, "two of the build and one that is not known: nothing else is sent"

    run(story)


def test_an_order_that_is_found_after_some_time_is_booked_and_the_rest_is_done():
    async def story() -> None:
        bench = Bench()
        strategy_id = await bench.created()
        bench.later(BTC="150")

        def without_answer(request: OrderRequest) -> SubmitOutcome:
            bench.venue.answer = lambda request: None
            bench.venue.execute(request)
            bench.venue.lookup_works = False
            return Unknown("no answer")

        bench.venue.answer = without_answer
        sleep = bench.venue.clock.sleep

        async def found_after_five(seconds: float) -> None:
            await sleep(seconds)
            bench.venue.lookup_works = bench.venue.clock.monotonic() >= 5

        bench.venue.clock.sleep = found_after_five  # type: ignore[method-assign]
        async with bench.session() as session:
            await session.ask(RebalanceNow(session.next_id(), strategy_id))
            done = await session.carry_out(strategy_id)

        assert {leg.side for record in done for leg in record.legs} >= {Side.SELL}
        # It was asked at once, and after 1, 2 and 5 seconds more.
        assert bench.venue.clock.monotonic() == 8

    run(story)


def test_a_session_that_was_interrupted_begins_nothing_more():
    async def story() -> None:
        bench = Bench()
        strategy_id = await bench.created()
        bench.later(BTC="150")
        orders = len(bench.venue.posts)

        async with bench.session() as session:
            await session.ask(AddFunds(session.next_id(), strategy_id, Decimal(500)))
            session.request_stop()
            done = await session.carry_out(strategy_id)

        assert done == ()
        assert len(bench.venue.posts) == orders

        async with bench.session() as session:
            done = await session.carry_out(strategy_id)
        assert [r.reason for r in done] == ["funds added"], "what was asked for is not forgotten"

    run(story)


def test_a_session_that_is_interrupted_before_it_did_anything_does_nothing():
    async def story() -> None:
        bench = Bench()
        strategy_id = await bench.created()
        before = bench.contents()

        async with bench.session() as session:
            session.request_stop()
            with pytest.raises(EnvironmentProblem, match="interrupted"):
                await session.ask(AddFunds(session.next_id(), strategy_id, Decimal(500)))

        assert bench.contents() == before

    run(story)


def test_what_opening_the_account_said_is_kept_also_by_a_session_that_only_asks():
    async def story() -> None:
        bench = Bench()
        async with bench.session() as session:
            session.view()

        assert [entry.text for entry in bench.contents()["journal"]] == ["The account starts with 10,000 USDT."]

    run(story)


def test_what_orders_did_to_prices_before_the_stop_is_not_taken_for_a_jump_of_the_market():
    async def story() -> None:
        bench = Bench()
        strategy_id = await bench.created()
        bench.later()
        async with bench.session() as session:
            await session.ask(RebalanceNow(session.next_id(), strategy_id))
            account = session.runner.account
            account.batch_at, account.turned = account.venue.clock.now(), {strategy_id}
        bench.venue.set_price("BTC", "140")

        async with bench.session() as session:
            assert session.runner.account.guard.is_confirmed("BTC/USDT")

    run(story)
