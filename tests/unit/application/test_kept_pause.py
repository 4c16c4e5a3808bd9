"""A pause that the exchange asked for is kept over a restart of the program."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rebalancer_gui.application import kept_pause
from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.recovery import open_account
from rebalancer_gui.domain.errors import StoreUnavailable, VenueUnavailable
from tests.builders import rules_for
from tests.engine_bench import CountingIds, run
from tests.fakes import FakeStore
from tests.scripted_venue import ScriptedVenue

BAN = timedelta(seconds=90)


class Banning(ScriptedVenue):
    """Counts what it is asked; ``fault`` is what it answers."""

    def __init__(self) -> None:
        super().__init__(rules_for("BTC"))
        self.asked = 0
        self.fault: VenueUnavailable | None = None

    async def open(self) -> None:
        self.asked += 1
        if self.fault is not None:
            raise self.fault


def account(venue: Banning, store: FakeStore, *, counts: bool = True) -> AccountSetup:
    return AccountSetup("live", "Live", "LIVE", venue, store, CountingIds(), calls_per_minute=600 if counts else None)


async def opened(setup: AccountSetup) -> None:
    """Opened and closed again."""
    try:
        await open_account(setup, lambda event: None)
    finally:
        setup.store.close()


@pytest.mark.failure(8)
def test_a_program_that_is_started_in_a_pause_asks_nothing_until_it_is_over() -> None:
    async def story() -> None:
        venue, store = Banning(), FakeStore("live")
        venue.fault = VenueUnavailable("429", retry_after=BAN)
        with pytest.raises(VenueUnavailable):
            await opened(account(venue, store))
        again = Banning()
        again.clock = venue.clock
        again.clock.time += timedelta(seconds=30)
        with pytest.raises(
            VenueUnavailable, match="asked for a pause before the program was started; it ends in 65 s"
        ) as told:
            await opened(account(again, store))
        assert told.value.retry_after == timedelta(seconds=65)
        assert again.asked == 0
        again.clock.time += timedelta(seconds=66)
        await opened(account(again, store))
        assert again.asked == 1

    run(story)


@pytest.mark.failure(8)
def test_a_pause_that_is_asked_for_while_it_runs_is_stored_once() -> None:
    async def story() -> None:
        venue, store = Banning(), FakeStore("live")
        made = await open_account(account(venue, store), lambda event: None)
        before = kept_pause.PAUSE_KEY in store.load().values
        made.gate.hold(BAN)
        assert not before
        assert kept_pause.left(made.setup, store.load().values) == BAN + kept_pause.MARGIN
        stored = store.load().values[kept_pause.PAUSE_KEY]
        venue.clock.time += timedelta(seconds=40)
        made.gate.hold(BAN - timedelta(seconds=40))
        assert store.load().values[kept_pause.PAUSE_KEY] == stored
        store.close()

    run(story)


def test_a_disk_that_is_full_does_not_end_the_pause_of_the_running_program() -> None:
    class Full(FakeStore):
        full = False

        def set_value(self, key: str, value: str) -> None:
            if self.full:
                raise StoreUnavailable("The disk is full.")
            super().set_value(key, value)

    async def story() -> None:
        store = Full("live")
        made = await open_account(account(Banning(), store), lambda event: None)
        store.full = True
        made.gate.hold(BAN)
        assert made.gate.pause
        store.close()

    run(story)


@pytest.mark.parametrize("clock_moves", [timedelta(days=-400), timedelta(days=400)])
def test_a_clock_that_was_set_wrong_does_not_lock_an_account_for_years(clock_moves: timedelta) -> None:
    venue, store = Banning(), FakeStore("live")
    store.open()
    setup = account(venue, store)
    kept_pause.keep(setup, BAN)
    venue.clock.time += clock_moves
    assert kept_pause.left(setup, store.load().values) is None


def test_a_venue_that_does_not_count_knows_no_pause_that_would_be_kept() -> None:
    venue, store = Banning(), FakeStore("live")
    store.open()
    kept_pause.keep(account(venue, store, counts=False), BAN)
    assert kept_pause.PAUSE_KEY not in store.load().values
