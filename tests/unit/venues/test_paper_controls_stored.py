"""What happens outside the program is in the venue's file before it is believed: restarts, full disks, copies at any commit."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.venues.paper import PaperVenue
from rebalancer_gui.adapters.venues.simulated_book import FillRatio
from rebalancer_gui.application.paper_port import MarketEvent, PaperState
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.orders import Accepted, Side
from tests.fake_clock import FakeClock
from tests.paper_bench import START, Setup, at_market, limit, run, take_batches

HALT, REOPEN, DELIST, RENAME = MarketEvent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accounts" / "Paper" / "paper-venue.sqlite"


async def all_that_can_be_seen(venue: PaperVenue) -> list[object]:
    """Of one moment; the book only where there is one."""
    batch = (await take_batches(venue, 1))[0]
    books = [await venue.order_book(symbol) for symbol in sorted(batch.quotes)]
    return [venue.paper.state(), await venue.balances(), await venue.markets(), batch.quotes, books, venue.clock.now()]


def changes() -> Iterator[Callable[[PaperVenue], None]]:
    """Every kind of change, one after the other."""
    yield lambda venue: venue.paper.deposit("XRP", Decimal("12.5"))
    yield lambda venue: venue.paper.change_market(HALT, "ETH")
    yield lambda venue: venue.paper.withdraw("USDT", Decimal("0.00000001"))
    yield lambda venue: venue.paper.change_market(RENAME, "XRP", "XRP2")
    yield lambda venue: venue.paper.set_may_trade(False)
    yield lambda venue: venue.paper.change_market(REOPEN, "ETH")
    yield lambda venue: venue.paper.change_market(RENAME, "XRP2", "XRP3")
    yield lambda venue: venue.paper.set_may_trade(True)
    yield lambda venue: venue.paper.change_market(DELIST, "ETH")


def test_a_restart_finds_every_change_again(path: Path):
    setup = Setup(path=path)

    async def body() -> None:
        clock = FakeClock(START, auto=True)
        async with setup.opened(clock) as venue:
            await take_batches(venue, 3)
            for change in changes():
                change(venue)
            before = await all_that_can_be_seen(venue)
        async with setup.opened(clock) as venue:
            assert await all_that_can_be_seen(venue) == before
            assert venue.paper.state() == PaperState(
                may_trade=True, closed={"ETH": DELIST}, renamed={"XRP": "XRP2", "XRP2": "XRP3"}
            )
            batches = await take_batches(venue, 2)
            assert not any(batch.markets_changed for batch in batches), (
                "whoever opens the account reads the markets anyway"
            )

    run(body())


def test_events_are_stored_with_their_market_time_in_the_order_in_which_they_came(path: Path):
    async def body() -> None:
        async with Setup(path=path).opened() as venue:
            batches = venue.batches()
            await anext(batches)
            venue.paper.change_market(HALT, "ETH")
            first = venue.clock.now()
            await anext(batches)
            venue.paper.change_market(RENAME, "XRP", "XRP2")
            venue.paper.set_may_trade(False)
            second = venue.clock.now()
            db = venue._ledger._db
            at = [time.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for time in (first, second)]
            events = db.execute("SELECT at, event, asset, new_name FROM market_event ORDER BY event_id").fetchall()
            assert events == [(at[0], "halt", "ETH", None), (at[1], "rename", "XRP", "XRP2")]
            assert db.execute("SELECT at, may_trade FROM trading_right").fetchall() == [(at[1], 0)]

    run(body())


def test_a_copy_of_the_files_after_any_change_is_a_whole_account_with_that_change(path: Path, tmp_path: Path):
    """What a power cut at that point would leave: the file and its write-ahead log, as they lie on the disk."""

    async def body() -> None:
        clock = FakeClock(START, auto=True)
        async with Setup(path=path).opened(clock) as venue:
            await take_batches(venue, 2)
            for number, change in enumerate(changes()):
                await venue.submit(at_market(f"o-{number}", Side.BUY, "0.01"))
                change(venue)
                copy = tmp_path / f"cut-{number}" / path.name
                copy.parent.mkdir()
                for file in path.parent.iterdir():
                    shutil.copyfile(file, copy.with_name(file.name))
                now = await all_that_can_be_seen(venue)
                async with Setup(path=copy).opened(clock) as found:
                    assert await all_that_can_be_seen(found) == now
        assert number == 8

    run(body())


def fill_the_disk(venue: PaperVenue) -> None:
    """No page more than there are now (SQLite then reports a full disk), until the file is opened again."""
    db = venue._ledger._db
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages}")


def test_a_change_that_cannot_be_stored_has_not_happened(path: Path):
    async def body() -> None:
        async with Setup(path=path).opened() as venue:
            await take_batches(venue, 2)
            before = await all_that_can_be_seen(venue)
            for change in changes():
                venue._ledger._db.execute("PRAGMA query_only = ON")
                with pytest.raises(EnvironmentProblem, match="cannot be written"):
                    change(venue)
                assert await all_that_can_be_seen(venue) == before
                change(venue)  # The file was opened again, and now it can be written.
                before = await all_that_can_be_seen(venue)

    run(body())


def rename_on_and_on(venue: PaperVenue, names: list[str]) -> None:
    for number in range(5000):
        venue.paper.change_market(RENAME, names[-1], f"XRP{number}")
        names.append(f"XRP{number}")


def test_a_disk_that_fills_up_takes_back_the_whole_renaming(path: Path):
    async def body() -> None:
        async with Setup(path=path).opened() as venue:
            fill_the_disk(venue)
            names = ["XRP"]
            with pytest.raises(EnvironmentProblem, match="full"):
                rename_on_and_on(venue, names)
            assert len(names) > 1
            name = names[-1]
            assert (await venue.balances())[name].free == Setup().balances["XRP"]
            assert venue._ledger.totals()[name] == Setup().balances["XRP"]
            venue.paper.change_market(RENAME, name, "THEEND")
            assert (await venue.balances())["THEEND"].free == Setup().balances["XRP"]

    run(body())


def test_a_change_that_was_stored_though_it_was_reported_as_failed_is_told_by_the_next_batch(path: Path):
    """The commit reached the disk, its answer did not: only the file knows."""

    async def body() -> None:
        async with Setup(path=path).opened() as venue:
            batches = venue.batches()
            await anext(batches)
            db = venue._ledger._db
            db.execute(
                "INSERT INTO market_event (at, event, asset) VALUES ('2021-02-16T00:00:00.000000Z', 'halt', 'ETH')"
            )
            venue._ledger.failed = True
            batch = await anext(batches)
            assert batch.markets_changed
            assert "ETH/USDT" not in batch.quotes
            assert venue.paper.state().closed == {"ETH": HALT}
            assert not (await anext(batches)).markets_changed

    run(body())


@pytest.mark.parametrize("then", ["reopened", "renamed", "delisted"])
def test_orders_and_events_of_one_moment_are_the_same_after_a_restart(path: Path, then: str):
    """The books lack exactly what they lacked, whatever happened to their markets between the orders."""
    setup = Setup(path=path, fill_ratio=FillRatio(Decimal("0.3"), Decimal("0.9")))

    async def orders(venue: PaperVenue, name: str, number: int) -> None:
        for symbol in (f"{name}/USDT", "BTC/USDT"):
            for way, price in ((Side.BUY, "100000"), (Side.SELL, "2")):
                number += 1
                assert isinstance(await venue.submit(limit(f"o-{number}", way, "4", price, symbol)), Accepted)

    async def body() -> None:
        clock = FakeClock(START, auto=True)
        async with setup.opened(clock) as venue:
            await take_batches(venue, 4)
            await orders(venue, "ETH", 0)
            venue.paper.change_market(HALT, "ETH")
            venue.paper.change_market(HALT, "BTC")
            middle = await all_that_can_be_seen(venue)
        async with setup.opened(clock) as venue:
            assert await all_that_can_be_seen(venue) == middle
            venue.paper.change_market(REOPEN, "BTC")
            if then == "reopened":
                venue.paper.change_market(REOPEN, "ETH")
                await orders(venue, "ETH", 10)
            elif then == "renamed":
                venue.paper.change_market(REOPEN, "ETH")
                venue.paper.change_market(RENAME, "ETH", "ETH2")
                await orders(venue, "ETH2", 10)
            else:
                venue.paper.change_market(DELIST, "ETH")
            end = await all_that_can_be_seen(venue)
        async with setup.opened(clock) as venue:
            assert await all_that_can_be_seen(venue) == end
        uninterrupted = Setup(fill_ratio=setup.fill_ratio)
        if then == "reopened":
            async with uninterrupted.opened(clock) as venue:
                await take_batches(venue, 4)
                await orders(venue, "ETH", 0)
                await orders(venue, "ETH", 10)
                expected = await all_that_can_be_seen(venue)
            assert end == expected

    run(body())
