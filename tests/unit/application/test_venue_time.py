"""The venue's time is never taken for earlier than it is; jumps of the clock are noticed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rebalancer_gui.application.commands import RebalanceNow
from rebalancer_gui.application.events import AccountWaits, EngineFailed, EngineStarted
from rebalancer_gui.application.venue_time import VenueTime
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.orders import Unknown
from tests.builders import parameters, rules_for
from tests.engine_bench import Bench, run
from tests.fakes import FakeStore
from tests.scripted_venue import HandClock, ScriptedVenue

SECOND = timedelta(seconds=1)


class TwoClocks(HandClock):
    """Wall time that can be set, and monotonic time that can stand still."""

    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0

    def monotonic(self) -> float:
        return self.elapsed

    def pass_by(self, seconds: float) -> None:
        self.elapsed += seconds
        self.time += timedelta(seconds=seconds)


class Skewed(ScriptedVenue):
    """Its own clock is ``ahead`` of ours."""

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        super().__init__(rules_for("BTC", "ETH"), authoritative=False)
        self.hands = TwoClocks()
        self.clock = self.hands
        self.ahead = ahead

    async def push(self, after: timedelta = timedelta(seconds=2), **prices: str) -> None:
        self.hands.elapsed += after.total_seconds()
        await super().push(after, **prices)

    async def server_time(self) -> datetime:
        return self.clock.now() + self.ahead


def measured(venue: Skewed) -> VenueTime:
    time = VenueTime(venue, same=False)

    async def measure() -> None:
        assert await time.measure()

    run(measure)
    return time


def test_the_offset_is_measured_and_used():
    venue = Skewed(timedelta(seconds=3))
    time = measured(venue)
    assert time.now() == venue.clock.now() + 3 * SECOND
    venue.hands.pass_by(60)
    assert time.now() == venue.clock.now() + 3 * SECOND


@pytest.mark.failure(37)
@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-365), timedelta(hours=1), timedelta(seconds=-2)])
def test_a_clock_that_is_set_does_not_make_the_venue_s_time_too_early(jump: timedelta):
    venue = Skewed()
    time = measured(venue)
    true = venue.clock.now()
    venue.hands.pass_by(30)
    venue.hands.time += jump
    assert time.now() >= true + 30 * SECOND


@pytest.mark.failure(36)
def test_sleep_in_which_monotonic_time_stands_still_does_not_make_it_too_early_either():
    venue = Skewed()
    time = measured(venue)
    true = venue.clock.now()
    venue.hands.time += timedelta(hours=8)
    assert time.now() == true + timedelta(hours=8)


@pytest.mark.parametrize(
    ("ahead", "held", "warned"), [(0.5, False, False), (-3, False, True), (5.5, True, True), (-3600, True, True)]
)
def test_a_clock_that_is_wrong_is_said_and_from_five_seconds_on_nothing_is_sent(ahead: float, held: bool, warned: bool):
    time = measured(Skewed(timedelta(seconds=ahead)))
    assert bool(time.hold()) is held
    assert bool(time.warning()) is warned


@pytest.mark.failure(11)
def test_with_a_wrong_clock_no_order_is_sent_until_it_is_right_again():
    async def story() -> None:
        venue = Skewed(timedelta(seconds=30))
        async with Bench(venue).running() as bench:
            await venue.push(BTC="100", ETH="100")
            await bench.create(parameters())
            await venue.push()
            assert venue.posts == []
            assert any("30.0 s slow" in text for text in bench.said("clock"))
            venue.ahead = timedelta(0)
            venue.hands.elapsed += 1801
            venue.hands.time += timedelta(seconds=1801)
            await venue.push()
            await venue.push()
            assert len(venue.posts) == 2

    run(story)


@pytest.mark.failure(36)
def test_after_a_night_asleep_the_open_order_is_looked_up_before_anything_and_one_rebalance_catches_up():
    async def story() -> None:
        venue = Skewed()
        async with Bench(venue).running() as bench:
            await venue.push(BTC="100", ETH="100")
            await bench.create(parameters())
            await venue.push()

            def executed(request):
                venue.execute(request)
                return Unknown("the lid was closed")

            venue.answer = executed
            venue.lookup_works = False
            await venue.push(BTC="110", ETH="100")
            venue.answer = lambda request: None
            venue.lookup_works = True
            sent = len(venue.posts)
            venue.hands.time += timedelta(hours=8)
            await venue.push()
            assert any("went by unseen" in text for text in bench.said("clock"))
            assert {o.state.value for o in bench.store.orders(None, None, 50)} == {"settled"}
            for _ in range(5):
                await venue.push()
            assert len(venue.posts) - sent <= 4, "missed rebalances were caught up one by one"
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(37)
@pytest.mark.parametrize(
    "jump", [timedelta(seconds=-2), timedelta(hours=-3), timedelta(days=-365), timedelta(days=365)]
)
def test_a_strategy_goes_on_checking_after_the_clock_was_set(jump: timedelta):
    async def story() -> None:
        venue = Skewed()
        async with Bench(venue).running() as bench:
            await venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await venue.push()
            venue.hands.time += jump
            await venue.push()
            sent = len(venue.posts)
            await venue.push()
            assert len(venue.posts) == sent, "the jump alone made it trade"
            await venue.push(BTC="108", ETH="100")
            await venue.push()
            assert len(venue.posts) > sent, "it does not check any more"
            assert bench.strategy(core).rebalances == 2
            bench.assert_conserved()

    run(story)


@pytest.mark.expect_log("the engine cannot go on")
def test_another_account_s_key_is_not_bound_to_this_ledger():
    async def story() -> None:
        store = FakeStore()
        async with Bench(Skewed(), store).running():
            pass
        other = Skewed()

        async def identity() -> str:
            return "somebody else"

        other.identity = identity  # type: ignore[method-assign]
        bench = Bench(other, store)
        async with bench.running():
            pass
        assert ["another account" in failed.message for failed in bench.of(EngineFailed)] == [True]
        assert not bench.of(EngineStarted)

    run(story)


@pytest.mark.failure(26)
def test_an_exchange_in_maintenance_at_the_start_is_asked_again_until_it_answers():
    async def story() -> None:
        venue = Skewed()
        tries = 0

        async def fees():
            nonlocal tries
            tries += 1
            if tries < 4:
                raise VenueUnavailable("maintenance")
            return venue.schedule

        venue.fees = fees  # type: ignore[method-assign]
        bench = Bench(venue)
        async with bench.running():
            assert len(bench.of(AccountWaits)) == 3
            assert bench.of(EngineStarted)
        assert not bench.of(EngineFailed)

    run(story)


def test_a_rebalance_that_is_asked_for_while_the_clock_forbids_orders_is_refused_with_the_reason():
    async def story() -> None:
        venue = Skewed()
        async with Bench(venue).running() as bench:
            await venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await venue.push()
            venue.ahead = timedelta(seconds=30)
            await venue.push(timedelta(seconds=1801))
            refused = await bench.rejected(lambda i: RebalanceNow(i, core))
            assert "the clock of this computer is 30.0 s slow" in refused.message

    run(story)
