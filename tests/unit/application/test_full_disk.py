"""A disk that refuses: no order without a stored intent, the account is held in plain words, and it goes on by itself."""

from __future__ import annotations

import asyncio

import pytest

from rebalancer_gui.application.commands import LoadHistory, RebalanceNow, StopAll
from rebalancer_gui.application.events import EngineFailed, HistoryPage
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.domain.errors import FileDamaged
from rebalancer_gui.domain.orders import IntentState
from rebalancer_gui.domain.strategy import State
from tests.builders import parameters, rules_for
from tests.engine_bench import Bench, run
from tests.fakes import FakeStore
from tests.scripted_venue import ScriptedVenue

pytestmark = pytest.mark.failure(42)


def fresh() -> tuple[Bench, FakeStore, ScriptedVenue]:
    store, venue = FakeStore(), ScriptedVenue(rules_for("BTC", "ETH", "XRP", "ADA"))
    return Bench(venue, store), store, venue


async def built(bench: Bench) -> str:
    """A strategy that has bought its coins."""
    await bench.venue.push(BTC="100", ETH="100")
    core = await bench.create(parameters())
    await bench.venue.push()
    assert bench.strategy(core).state is State.RUNNING
    return core


async def push_and_hold(bench: Bench, *, BTC: str) -> None:  # noqa: N803 -- as `push` names it
    """A batch whose handling meets the full disk; the bench waits until the account says so."""
    pushing = asyncio.create_task(bench.venue.push(BTC=BTC))
    await bench.until(lambda: bench.view.halted)
    pushing.cancel()


async def goes_on(bench: Bench) -> None:
    await bench.until(lambda: not bench.view.halted)


def test_without_a_stored_intent_nothing_is_sent_and_it_goes_on_when_there_is_room() -> None:
    bench, store, venue = fresh()

    async def story() -> None:
        async with bench.running():
            core = await built(bench)
            sent = len(venue.posts)
            store.disk_full = True
            await push_and_hold(bench, BTC="110")
            assert len(venue.posts) == sent
            assert bench.view.engine == "halted"
            assert bench.view.halted.startswith("The disk is full. Nothing more is sent; it is tried again")
            assert bench.view.halted_advice == "Free some space."
            for _ in range(50):
                await asyncio.sleep(0)
            assert bench.view.halted
            assert not bench.of(EngineFailed)
            store.disk_full = False
            await goes_on(bench)
            await venue.push(BTC="110")
            assert len(venue.posts) == sent + 2
            assert [round(h.weight) for h in bench.snapshot(core).holdings if h.weight is not None] == [50, 50]
            assert any("Nothing could be stored for" in text for text in bench.said("storage"))
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(41)
def test_what_was_sent_and_could_not_be_booked_is_looked_up_and_booked_once() -> None:
    bench, store, venue = fresh()

    async def story() -> None:
        async with bench.running():
            await built(bench)
            sent = len(venue.posts)

            def fill_disk(request):
                store.disk_full = True

            venue.answer = fill_disk
            await push_and_hold(bench, BTC="110")
            assert len(venue.posts) == sent + 1
            (intent,) = store.load().open_intents
            assert intent.state is IntentState.SENDING
            venue.answer = lambda request: None
            store.disk_full = False
            await goes_on(bench)
            assert store.load().open_intents == ()
            assert len(venue.posts) == sent + 1
            bench.assert_conserved()
            await venue.push()
            bench.assert_conserved()
            assert len({p.client_order_id for p in venue.posts}) == len(venue.posts)

    run(story)


def test_while_it_is_held_nothing_is_changed_but_it_can_be_looked_at() -> None:
    bench, store, venue = fresh()

    async def story() -> None:
        async with bench.running():
            core = await built(bench)
            store.disk_full = True
            await push_and_hold(bench, BTC="110")
            refusal = await bench.rejected(lambda i: RebalanceNow(i, core))
            assert refusal.message.startswith("Nothing was done: The disk is full.")
            page = await bench.ask(lambda i: LoadHistory(i, "paper", HistoryKind.ORDERS, "", None))
            assert isinstance(page, HistoryPage)
            assert len(page.rows) == len(venue.posts)
            await bench.do(StopAll)
            store.disk_full = False

    run(story)


def test_a_stop_in_the_middle_of_the_hold_ends_the_engine_and_the_next_start_goes_on() -> None:
    bench, store, venue = fresh()

    async def story() -> None:
        async with bench.running():
            await built(bench)
            store.disk_full = True
            await push_and_hold(bench, BTC="110")
        assert not bench.of(EngineFailed)
        store.disk_full = False
        async with bench.again().running() as after:
            await venue.push(BTC="110")
            assert not after.view.halted
            after.assert_conserved()

    run(story)


@pytest.mark.failure(43)
@pytest.mark.expect_log("the engine cannot go on")
def test_a_file_that_turns_out_damaged_is_not_held_but_ends_the_engine() -> None:
    bench, store, venue = fresh()

    async def story() -> None:
        async with bench.running():
            await built(bench)

            def damaged() -> None:
                raise FileDamaged("The file is damaged.", "Put a backup back.", path="/x")

            store.on_commit = damaged
            pushing = asyncio.create_task(venue.push(BTC="110"))
            await bench.until(lambda: bench.of(EngineFailed))
            pushing.cancel()
        # Until its very end nothing more is written into it.
        assert bench.of(EngineFailed)[0].message == "The file is damaged."

    run(story)
