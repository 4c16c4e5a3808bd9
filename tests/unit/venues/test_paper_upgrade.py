"""A paper account of an older version of the program is brought up to date after a copy, whole or not at all."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.venues import paper_file, paper_schema
from rebalancer_gui.adapters.venues.paper_schema import SCHEMA_VERSION, bring_up_to_date
from rebalancer_gui.application.paper_port import MarketEvent, PaperState
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.market import Balance
from rebalancer_gui.domain.orders import Side, VenueOrderStatus
from tests.paper_bench import limit, run
from tests.support.paper_venue_file import demo_venue

RELEASED = Path(__file__).resolve().parents[2] / "data" / "paper_venue"
TABLES = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A copy of the real file of version 1 in its account's folder."""
    path = tmp_path / "accounts" / "paper" / "paper-venue.sqlite"
    path.parent.mkdir(parents=True)
    shutil.copyfile(RELEASED / "v0001.sqlite", path)
    return path


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def rows_of(path: Path) -> list[str]:
    """Everything that stands in the tables of version 1."""
    with closing(sqlite3.connect(path)) as db:
        new = ("market_event", "trading_right", "fee_return")
        return [line for line in db.iterdump() if line.startswith("INSERT") and not any(name in line for name in new)]


def problem_at_opening(path: Path) -> EnvironmentProblem:
    with pytest.raises(EnvironmentProblem) as problem:
        asyncio.run(open_and_close(path))
    return problem.value


async def open_and_close(path: Path) -> None:
    venue = demo_venue(path)
    try:
        await venue.open()
    finally:
        await venue.close()


def test_the_file_of_version_1_opens_with_everything_in_it(old: Path) -> None:
    async def body() -> None:
        venue = demo_venue(old)
        await venue.open()
        assert venue.clock.now() == datetime(2022, 9, 10, 9, tzinfo=UTC)
        state = venue.demo.state()
        assert (state.seed, state.speed, state.first_day.isoformat()) == (5, 43_200, "2022-09-08")
        assert state.source == "Simulated random walk from the last prices of 2022-09-10, seed 5"
        assert await venue.balances() == {
            asset: Balance(asset, Decimal(amount))
            for asset, amount in {"BTC": "0.25879093", "ETH": "1.24875", "USDT": "2571.7816969"}.items()
        }
        assert venue.paper.state() == PaperState(may_trade=True, closed={}, renamed={})
        whole = await venue.find_order("ETH/USDT", "rbtest000000000002")
        assert whole is not None
        (fill,) = whole.fills
        assert (fill.price, fill.quantity, fill.fee, fill.fee_asset, fill.side) == (
            Decimal("1629.98"), Decimal("1.25"), Decimal("0.00125"), "ETH", Side.BUY,
        )  # fmt: skip
        in_part = await venue.find_order("BTC/USDT", "rbtest000000000005")
        assert in_part is not None
        assert (in_part.status, in_part.filled, in_part.quantity) == (
            VenueOrderStatus.EXPIRED, Decimal("0.22907"), Decimal("0.3"),
        )  # fmt: skip
        # The last orders took the best ask whole and 0.02 of the best bid, at this very moment.
        book = await venue.order_book("BTC/USDT")
        assert (book.asks[0].price, book.bids[0].price) == (Decimal("21172.36"), Decimal("21161.78"))
        assert book.bids[0].quantity == Decimal("0.09509")
        await venue.close()

    run(body())


def test_it_is_of_this_version_afterwards_and_a_copy_of_the_old_one_lies_beside_it(old: Path) -> None:
    before = rows_of(RELEASED / "v0001.sqlite")
    asyncio.run(open_and_close(old))
    assert version_of(old) == SCHEMA_VERSION == 2
    assert rows_of(old) == before
    copy = old.with_name("paper-venue.sqlite-v1.bak")
    assert sorted(file.name for file in old.parent.iterdir()) == [old.name, copy.name]
    assert copy.stat().st_mode & 0o077 == 0
    assert (version_of(copy), rows_of(copy)) == (1, before)
    # The copy is a whole account: put back, it is brought up to date again.
    shutil.copyfile(copy, old)
    asyncio.run(open_and_close(old))
    assert (version_of(old), rows_of(old)) == (2, before)
    with closing(sqlite3.connect(old)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert len(list(old.parent.iterdir())) == 2, "an equal copy is not made twice"


def test_everything_new_works_in_a_file_that_was_brought_up_to_date_and_lasts(old: Path) -> None:
    async def body() -> None:
        venue = demo_venue(old)
        await venue.open()
        venue.paper.deposit("ADA", Decimal(100))
        venue.paper.change_market(MarketEvent.RENAME, "BTC", "XBT")
        venue.paper.set_may_trade(False)
        state, balances, markets = venue.paper.state(), await venue.balances(), await venue.markets()
        await venue.close()
        venue = demo_venue(old)
        await venue.open()
        assert venue.paper.state() == state == PaperState(may_trade=False, closed={}, renamed={"BTC": "XBT"})
        assert (await venue.balances(), await venue.markets()) == (balances, markets)
        assert balances["XBT"].free == Decimal("0.25879093")
        await venue.close()

    run(body())


def test_a_file_of_this_version_is_not_copied(old: Path) -> None:
    asyncio.run(open_and_close(old))
    old.with_name("paper-venue.sqlite-v1.bak").unlink()
    asyncio.run(open_and_close(old))
    assert [file.name for file in old.parent.iterdir()] == [old.name]


def test_what_a_killed_version_1_had_only_in_its_journal_is_in_the_new_file_and_in_the_copy(old: Path) -> None:
    killed = old.with_name("killed.sqlite")
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("BEGIN")
        db.execute("INSERT INTO transfer (at, asset, amount) VALUES ('2022-09-10T09:00:00.000000Z', 'BNB', '3')")
        db.execute("INSERT INTO balance VALUES ('BNB', '3', '0')")
        db.execute("COMMIT")
        for ending in ("", "-wal"):
            shutil.copyfile(f"{old}{ending}", f"{killed}{ending}")

    async def body() -> None:
        venue = demo_venue(killed)
        await venue.open()
        assert (await venue.balances())["BNB"].free == 3
        await venue.close()

    run(body())
    assert any("'BNB','3'" in row for row in rows_of(killed.with_name("killed.sqlite-v1.bak")))


def _no_room_for_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_small(connection: sqlite3.Connection, version: int) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        bring_up_to_date(connection, version)

    monkeypatch.setattr(paper_file, "bring_up_to_date", too_small)


def _a_step_that_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    first, (script, names) = paper_schema._VERSIONS
    broken = (first, (f"{script}DROP TABLE nowhere;\n", names))
    monkeypatch.setattr(paper_schema, "_VERSIONS", broken)


@pytest.mark.parametrize("trouble", [_no_room_for_tables, _a_step_that_breaks])
def test_an_upgrade_that_fails_leaves_the_file_as_it_was(
    old: Path, monkeypatch: pytest.MonkeyPatch, trouble: Callable[[pytest.MonkeyPatch], None]
) -> None:
    before = rows_of(old)
    trouble(monkeypatch)
    for _ in range(2):
        assert "cannot be brought up to date" in problem_at_opening(old).message
        with closing(sqlite3.connect(old)) as db:
            assert not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'market_event'").fetchall()
        assert (version_of(old), rows_of(old)) == (1, before)
    copies = [file.name for file in old.parent.iterdir() if file != old]
    assert copies == ["paper-venue.sqlite-v1.bak"], "the second try has the copy of the first"
    monkeypatch.undo()
    asyncio.run(open_and_close(old))
    assert (version_of(old), rows_of(old)) == (2, before)


def test_an_older_copy_that_differs_is_never_overwritten(old: Path) -> None:
    earlier = old.with_name("paper-venue.sqlite-v1.bak")
    earlier.write_bytes(b"somebody else's copy")
    asyncio.run(open_and_close(old))
    assert earlier.read_bytes() == b"somebody else's copy"
    assert version_of(old.with_name("paper-venue.sqlite-v1-2.bak")) == 1


def test_without_a_copy_nothing_is_changed(old: Path) -> None:
    old.with_name("paper-venue.sqlite-v1.part").mkdir()
    before = old.read_bytes()
    assert "No copy" in problem_at_opening(old).message
    assert old.read_bytes() == before


@pytest.mark.parametrize("damage", ["UPDATE balance SET free = '1'", "UPDATE market SET start = 'yesterday'"])
def test_an_old_file_with_impossible_content_is_refused_and_stays_old(old: Path, damage: str) -> None:
    with closing(sqlite3.connect(old)) as db, db:
        db.execute(damage)
    before = rows_of(old)
    assert "is damaged" in problem_at_opening(old).message
    assert (version_of(old), rows_of(old)) == (1, before)


@pytest.mark.parametrize("version", [0, -1])
def test_a_version_that_never_was_is_refused(old: Path, version: int) -> None:
    with closing(sqlite3.connect(old)) as db:
        db.execute(f"PRAGMA user_version = {version}")
    assert "is damaged" in problem_at_opening(old).message
    assert version_of(old) == version


def test_a_released_version_is_never_edited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of the kept file are those that the first step makes; all steps make those of a new file."""
    kept_file = f"file:{RELEASED}/v0001.sqlite?mode=ro&immutable=1"
    with (
        closing(sqlite3.connect(":memory:", isolation_level=None)) as made,
        closing(sqlite3.connect(kept_file, uri=True)) as kept,
        closing(paper_file.memory_database()) as new,
    ):
        with monkeypatch.context() as only_the_first:
            only_the_first.setattr(paper_schema, "_VERSIONS", paper_schema._VERSIONS[:1])
            bring_up_to_date(made, 0)
        assert made.execute(TABLES).fetchall() == kept.execute(TABLES).fetchall()
        bring_up_to_date(made, 1)
        assert made.execute(TABLES).fetchall() == new.execute(TABLES).fetchall()


def test_an_order_can_be_sent_after_the_upgrade_and_gets_the_next_numbers(old: Path) -> None:
    async def body() -> None:
        venue = demo_venue(old)
        await venue.open()
        outcome = await venue.submit(limit("rbtest000000000006", Side.BUY, "0.01", "22000"))
        assert (outcome.order.venue_order_id, outcome.order.fills[0].trade_id) == ("6", "5")  # type: ignore[union-attr]
        await venue.close()

    run(body())
