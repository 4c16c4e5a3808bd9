"""The paper venue's own file: what it remembers, and what it never overwrites."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.venues.paper import PaperVenue
from rebalancer_gui.adapters.venues.paper_schema import SCHEMA_VERSION
from rebalancer_gui.adapters.venues.price_script import MarketSettings, PriceScript
from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput, VenueUnavailable
from rebalancer_gui.domain.orders import Accepted, Side, Unknown
from tests.fake_clock import FakeClock
from tests.paper_bench import PRICES, START, Setup, Waves, at_market, limit, run, take_batches


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accounts" / "Paper" / "paper-venue.sqlite"


def make(path: Path) -> None:
    """An account with one order, a transfer from outside, a returned fee, a market event and a right taken, closed."""

    async def body() -> None:
        async with Setup(path=path).opened() as venue:
            await take_batches(venue, 3)
            assert isinstance(await venue.submit(limit("o-1", Side.BUY, "0.3", "60000")), Accepted)
            venue.paper.deposit("BTC", Decimal(1))
            venue.paper.return_fee("1", Decimal(0))
            venue.paper.change_market(MarketEvent.HALT, "XRP")
            venue.paper.set_may_trade(False)

    run(body())


def open_problem(path: Path) -> EnvironmentProblem:
    async def body() -> None:
        await Setup(path=path).build(FakeClock()).open()

    with pytest.raises(EnvironmentProblem) as problem:
        run(body())
    return problem.value


def contents(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.parent.iterdir()}


# ----------------------------------------------------------------------------------------------------- what it remembers


def test_the_file_is_one_durable_database(path: Path):
    async def body() -> None:
        async with Setup(path=path).opened() as venue:
            db = venue._ledger._db
            assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert db.execute("PRAGMA synchronous").fetchone() == (2,)
            await take_batches(venue, 3)
            assert db.execute("PRAGMA synchronous").fetchone() == (2,), "back in FULL after a quick write"
            tables = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_schema WHERE type = 'table'")]
            assert len(tables) == 10
            assert all(sql.endswith("STRICT") for sql in tables)

    run(body())
    assert [file.name for file in path.parent.iterdir()] == ["paper-venue.sqlite"]
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.rule("3a.5")
def test_a_restart_finds_everything_again(path: Path):
    async def body() -> None:
        clock = FakeClock(START, auto=True)
        async with Setup(path=path).opened(clock) as venue:
            await take_batches(venue, 5)
            venue.demo.set_speed(3600)
            request = limit("o-1", Side.BUY, "0.3", "60000")
            outcome = await venue.submit(request)
            assert isinstance(outcome, Accepted)
            before = (await venue.balances(), venue.clock.now(), await venue.order_book("BTC/USDT"), venue.demo.state())
        later = Setup(path=path, seed=99, start=START + timedelta(days=9), speed=1, balances={"USDT": Decimal(1)})
        async with later.opened(clock) as venue:
            after = (await venue.balances(), venue.clock.now(), await venue.order_book("BTC/USDT"), venue.demo.state())
            assert after == before, "the file goes before the arguments; what was taken from the book is still gone"
            assert await venue.find_order("BTC/USDT", "o-1") == outcome.order
            assert isinstance(await venue.submit(request), Unknown)
            again = await venue.submit(limit("o-2", Side.BUY, "0.3", "60000"))
            assert isinstance(again, Accepted)
            assert int(again.order.venue_order_id) == int(outcome.order.venue_order_id) + 1
            assert int(again.order.fills[0].trade_id) == int(outcome.order.fills[-1].trade_id) + 1
            batches = await take_batches(venue, 2)
            assert [batch.at - before[1] for batch in batches] == [timedelta(0), timedelta(minutes=15)]

    run(body())


@pytest.mark.rule("3a.7")
def test_the_stored_seed_and_start_choose_the_prices(path: Path):
    seen: list[MarketSettings] = []

    def scripts(settings: MarketSettings) -> PriceScript:
        seen.append(settings)
        return PriceScript(Waves(PRICES), "test")

    async def body() -> None:
        async with Setup(scripts=scripts, path=path, seed=5).opened():
            pass
        async with Setup(scripts=scripts, path=path, seed=6, start=START + timedelta(days=3)).opened() as venue:
            assert venue.demo.state().seed == 5

    run(body())
    assert seen == [MarketSettings(5, START), MarketSettings(5, START)]


@pytest.mark.rule("3a.4")
def test_market_time_is_stored_before_a_batch_is_published_and_reaches_the_disk_each_second(path: Path):
    stored: list[tuple[str, int]] = []

    async def body() -> None:
        async with Setup(path=path).opened() as venue:
            db = venue._ledger._db
            db.set_trace_callback(lambda sql: stored.append((sql, 0)) if "synchronous" in sql else None)
            batches = venue.batches()
            for _ in range(13):
                batch = await anext(batches)
                (at,) = db.execute("SELECT at FROM market_time").fetchone()
                assert at == batch.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    run(body())
    quick = sum("NORMAL" in sql for sql, _ in stored)
    assert quick == 9, "twelve batches in three seconds, three of them on to the disk"


@pytest.mark.rule("3a.4")
def test_market_time_never_goes_back(path: Path):
    make(path)
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError, match="never goes back"):
        db.execute("UPDATE market_time SET at = '2021-02-16T00:00:00.000000Z'")


@pytest.mark.parametrize("table", ["venue_order", "trade", "transfer", "market_event", "trading_right", "fee_return"])
def test_what_the_venue_did_cannot_be_changed(path: Path, table: str):
    make(path)
    with closing(sqlite3.connect(path)) as db:
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid + 1"):  # noqa: S608
            with pytest.raises(sqlite3.IntegrityError, match="stays as it was"):
                db.execute(change)


# --------------------------------------------------------------------------------------------------------- what it refuses


def test_a_newer_file_is_refused_and_stays_as_it_is(path: Path):
    make(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = contents(path)
    assert "newer version" in open_problem(path).message
    assert contents(path) == before


def test_a_database_of_another_program_is_refused(path: Path):
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE mine (x)")
    before = contents(path)
    assert "not the file of a paper account" in open_problem(path).message
    assert contents(path) == before


@pytest.mark.parametrize("damage", ["empty", "text", "cut short", "header", "page", "last page"])
def test_a_damaged_file_is_refused_and_stays_as_it_is(path: Path, damage: str):
    make(path)
    whole = path.read_bytes()
    page = 4096
    path.write_bytes(
        {
            "empty": b"",
            "text": b"This is no database. " * 1000,
            "cut short": whole[: len(whole) - 3 * page],
            "header": bytes(16) + whole[16:],
            "page": whole[:page] + b"\xff" * page + whole[2 * page :],
            "last page": whole[:-page] + b"\xff" * page,
        }[damage]
    )
    before = contents(path)
    problem = open_problem(path)
    assert "is damaged" in problem.message
    assert "backup" in problem.advice
    assert contents(path) == before


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM market",
        "DELETE FROM market_time",
        "UPDATE balance SET free = 'much'",
        "UPDATE balance SET free = 'NaN'",
        "UPDATE balance SET free = '-1'",
        "UPDATE balance SET free = free || '1' WHERE asset = 'BTC'",
        "DELETE FROM balance WHERE asset = 'BTC'",
        "UPDATE market SET start = 'yesterday'",
        "INSERT INTO market_event (at, event, asset) VALUES ('2021-02-16', 'halt', 'XRP')",
        "INSERT INTO market_event (at, event, asset, new_name) VALUES ('2021-02-16', 'rename', 'BTC', 'b')",
        "INSERT INTO transfer (at, asset, amount) VALUES ('2021-02-16', 'BTC', '1')",
        "INSERT INTO transfer (at, asset, amount) VALUES ('2021-02-16', 'BTC', 'NaN')",
    ],
)
def test_a_sound_database_with_impossible_content_is_refused(path: Path, damage: str):
    make(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(damage)
    assert "is damaged" in open_problem(path).message


def test_a_read_only_file_is_refused(path: Path):
    make(path)
    path.chmod(0o444)
    before = contents(path)
    assert "read-only" in open_problem(path).message
    assert contents(path) == before


def test_a_file_in_use_is_refused(path: Path):
    async def body() -> None:
        async with Setup(path=path).opened() as venue:
            with pytest.raises(EnvironmentProblem, match="in use by another instance"):
                await Setup(path=path).build(FakeClock()).open()
            assert isinstance(await venue.submit(limit("o-1", Side.BUY, "0.001", "60000")), Accepted)

    run(body())


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    assert "cannot be made" in open_problem(tmp_path / "file" / "paper-venue.sqlite").message


def test_a_missing_file_whose_journal_is_left_is_not_begun_anew(path: Path):
    make(path)
    path.unlink()
    left = path.with_name(path.name + "-wal")
    left.write_bytes(b"what was not yet in the file")
    assert "still there" in open_problem(path).message
    assert [file.name for file in path.parent.iterdir()] == [left.name]


def test_a_half_made_file_of_a_crash_is_made_again(path: Path):
    path.parent.mkdir(parents=True)
    path.with_name(path.name + ".new").write_bytes(b"half")
    make(path)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


# ----------------------------------------------------------------------------------------------- when writing fails later


def fill_the_disk(venue: PaperVenue) -> None:
    """No page more than there are now (SQLite then reports a full disk), until the file is opened again."""
    db = venue._ledger._db
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages}")


def test_an_order_that_cannot_be_stored_has_not_happened(path: Path):
    async def body() -> None:
        async with Setup(path=path).opened() as venue:
            fill_the_disk(venue)
            done = 0
            while True:
                before, book = await venue.balances(), await venue.order_book("BTC/USDT")
                outcome = await venue.submit(at_market(f"o-{done}", Side.BUY, "0.2"))
                if not isinstance(outcome, Accepted):
                    break
                done += 1
            assert isinstance(outcome, Unknown)
            assert "full" in outcome.reason
            assert await venue.find_order("BTC/USDT", f"o-{done}") is None
            assert await venue.balances() == before
            assert await venue.order_book("BTC/USDT") == book
            assert isinstance(await venue.submit(at_market(f"o-{done}", Side.BUY, "0.2")), Accepted), (
                "there is room again"
            )
            assert await venue.find_order("BTC/USDT", "o-0") is not None

    run(body())


def test_a_failed_order_leaves_an_account_in_memory_whole():
    async def body() -> None:
        async with Setup().opened() as venue:
            before = await venue.balances()
            db = venue._ledger._db
            db.execute("PRAGMA query_only = ON")
            assert isinstance(await venue.submit(at_market("o-1", Side.BUY, "0.2")), Unknown)
            db.execute("PRAGMA query_only = OFF")
            assert await venue.balances() == before
            assert await venue.find_order("BTC/USDT", "o-1") is None
            assert isinstance(await venue.submit(at_market("o-1", Side.BUY, "0.2")), Accepted)

    run(body())


def test_while_the_file_cannot_be_read_nothing_is_said_about_an_order(path: Path):
    aside = path.with_name("aside")

    def take_away() -> None:
        path.rename(aside)
        path.touch()

    def bring_back() -> None:
        aside.replace(path)

    async def body() -> None:
        async with Setup(path=path).opened() as venue:
            venue._ledger.failed = True
            take_away()
            assert isinstance(await venue.submit(at_market("o-1", Side.BUY, "0.2")), Unknown)
            for read in (venue.find_order("BTC/USDT", "o-1"), venue.balances(), anext(venue.batches())):
                with pytest.raises(VenueUnavailable, match="is damaged"):
                    await read
            with pytest.raises(InvalidInput, match="closed"):
                venue.demo.set_speed(5)
            bring_back()
            assert await venue.find_order("BTC/USDT", "o-1") is None
            assert (await venue.balances())["USDT"].free == Setup().balances["USDT"]

    run(body())


def test_batches_say_when_the_market_time_cannot_be_stored_and_go_on_later(path: Path):
    async def body() -> None:
        async with Setup(path=path).opened() as venue:
            await take_batches(venue, 2)
            at = venue.clock.now()
            venue._ledger._db.execute("PRAGMA query_only = ON")
            batches = venue.batches()
            await anext(batches)
            with pytest.raises(VenueUnavailable, match="cannot be written"):
                await anext(batches)
            assert venue.clock.now() == at
            assert (await anext(batches)).at > at

    run(body())
