"""The gate before a venue: pauses are kept, the budget is kept, a key that is refused again and again is used no more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from rebalancer_gui.application.venue_gate import NOT_SENT, VenueGate
from rebalancer_gui.domain.errors import VenueAuthError, VenueUnavailable
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Rejected, Side, SubmitOutcome, Unknown
from tests.builders import NOON, d, rules_for
from tests.engine_bench import run
from tests.scripted_venue import HandClock, ScriptedVenue


class WaitingClock(HandClock):
    """Sleeping turns it."""

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Counting(ScriptedVenue):
    """Counts what reaches it and answers as it is told."""

    def __init__(self) -> None:
        super().__init__(rules_for("BTC"))
        self.clock = WaitingClock()
        self.calls = 0
        self.fault: Exception | None = None
        self.outcome: SubmitOutcome | None = Unknown("none")

    async def server_time(self) -> datetime:
        self.calls += 1
        if self.fault is not None:
            raise self.fault
        return self.clock.now()

    async def submit(self, request: OrderRequest) -> SubmitOutcome:
        self.calls += 1
        return self.outcome if self.outcome is not None else await super().submit(request)


ORDER = OrderRequest("rbtest000000000001", "BTC/USDT", Side.BUY, OrderType.MARKET, d(1), None)


@pytest.mark.failure(8)
def test_in_a_pause_that_the_venue_asked_for_nothing_reaches_it_neither_reads_nor_orders():
    async def story() -> None:
        venue = Counting()
        gate = VenueGate(venue)
        venue.fault = VenueUnavailable("429", retry_after=timedelta(seconds=30))
        with pytest.raises(VenueUnavailable):
            await gate.server_time()
        venue.fault, before = None, venue.calls
        for _ in range(29):
            venue.clock.time += timedelta(seconds=1)
            with pytest.raises(VenueUnavailable, match="pause"):
                await gate.server_time()
            outcome = await gate.submit(ORDER)
            assert isinstance(outcome, Rejected)
            assert outcome.code == NOT_SENT
        assert venue.calls == before
        assert "1 s more" in gate.pause
        venue.clock.time += timedelta(seconds=1)
        assert gate.pause == ""
        await gate.server_time()
        assert venue.calls == before + 1

    run(story)


@pytest.mark.failure(8)
@pytest.mark.parametrize(
    "outcome", [Unknown("418", timedelta(minutes=2)), Rejected("429", "-1003", retry_after=timedelta(minutes=2))]
)
def test_an_order_s_answer_can_ask_for_the_pause_too(outcome: SubmitOutcome):
    async def story() -> None:
        venue = Counting()
        gate = VenueGate(venue)
        venue.outcome = outcome
        assert await gate.submit(ORDER) == outcome
        assert gate.pause
        with pytest.raises(VenueUnavailable):
            await gate.server_time()
        assert venue.calls == 1

    run(story)


def test_a_shorter_pause_does_not_end_a_longer_one():
    async def story() -> None:
        venue = Counting()
        gate = VenueGate(venue)
        venue.outcome = Unknown("418", timedelta(minutes=2))
        await gate.submit(ORDER)
        gate._ask_for_pause(timedelta(seconds=1))
        venue.clock.time += timedelta(seconds=60)
        assert gate.pause

    run(story)


def test_seventy_percent_of_what_the_venue_allows_is_used_in_any_minute():
    async def story() -> None:
        venue = Counting()
        gate, begun = VenueGate(venue, calls_per_minute=10), venue.clock.now()
        times = []
        for _ in range(21):
            await gate.server_time()
            times.append((venue.clock.now() - begun).total_seconds())
        assert times[:7] == [0.0] * 7
        for first, eighth in zip(times, times[7:], strict=False):
            assert eighth - first >= 60

    run(story)


@pytest.mark.failure(9)
def test_a_key_that_is_refused_three_times_within_a_minute_is_used_no_more_until_its_owner_says_so():
    async def story() -> None:
        venue = Counting()
        gate = VenueGate(venue)
        venue.fault = VenueAuthError("Invalid API-key, IP, or permissions for action.")
        for _ in range(6):
            with pytest.raises(VenueUnavailable):
                await gate.server_time()
            venue.clock.time += timedelta(seconds=5)
        assert venue.calls == 3
        assert "Invalid API-key" in gate.key_refused
        assert isinstance(await gate.submit(ORDER), Rejected)
        assert venue.calls == 3
        venue.fault = None
        gate.key_works_again()
        await gate.server_time()

    run(story)


SIGNED: dict[str, Callable[[VenueGate], Awaitable[object]]] = {
    "balances": lambda gate: gate.balances(),
    "look-up": lambda gate: gate.find_order("BTC/USDT", "rbtest"),
    "orders": lambda gate: gate.orders_since("BTC/USDT", NOON),
    "trades": lambda gate: gate.trades_since("BTC/USDT", NOON),
    "order": lambda gate: gate.submit(ORDER),
}
PUBLIC: dict[str, Callable[[VenueGate], Awaitable[object]]] = {
    "time": lambda gate: gate.server_time(),
    "markets": lambda gate: gate.markets(),
}


async def refused_between(call: Callable[[VenueGate], Awaitable[object]]) -> VenueGate:
    """A gate whose key was refused five times, with a ``call`` that succeeds after each."""
    venue = Counting()
    gate = VenueGate(venue)
    venue.set_price("BTC", "100")
    venue.outcome = None
    for _ in range(5):
        venue.fault = VenueAuthError("busy")
        with pytest.raises(VenueUnavailable):
            await gate.server_time()
        venue.fault = None
        with suppress(VenueUnavailable):
            await call(gate)
    return gate


@pytest.mark.parametrize("name", SIGNED)
def test_a_key_that_is_refused_now_and_then_is_not_given_up(name: str):
    async def story() -> None:
        assert (await refused_between(SIGNED[name])).key_refused == ""

    run(story)


@pytest.mark.failure(9)
@pytest.mark.parametrize("name", PUBLIC)
def test_answers_that_anybody_gets_do_not_speak_for_a_key_that_is_refused(name: str):
    async def story() -> None:
        assert (await refused_between(PUBLIC[name])).key_refused == "busy"

    run(story)
