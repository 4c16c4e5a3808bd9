"""Daily backups: verified, without holding up the engine, as many as are wanted and no more; never a reason to stop."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage import backups, keeper, together
from rebalancer_gui.adapters.storage.backups import Backup, daily_backups, superfluous
from rebalancer_gui.adapters.storage.gate import Gate
from rebalancer_gui.adapters.storage.keeper import FileKeeper
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.adapters.venues.paper_file import make_file
from tests.support.stored_rows import ACCOUNT, a_fill, an_entry, an_intent, with_strategies

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
pytestmark = pytest.mark.failure(43)


class Wall:
    """A wall clock that is set by hand."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class Venue:
    """A file of its own beside the ledger, as the paper venue has one."""

    def __init__(self, path: Path) -> None:
        make_file(path, lambda connection: None)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.gate = Gate()

    def copy_to(
        self, target: sqlite3.Connection, pages: int = -1, pause: Callable[[int, int, int], object] | None = None
    ) -> None:
        self._connection.backup(target, pages=pages, progress=pause)

    def close(self) -> None:
        self._connection.close()


class Desk:
    """An open account with its keeper."""

    def __init__(self, folder: Path, *, rows: int = 10) -> None:
        self.wall, self.backups = Wall(), folder / "backups"
        place = folder / "accounts" / ACCOUNT
        place.mkdir(parents=True)
        self.store = SqliteStore(place / "ledger.sqlite", ACCOUNT, now=self.wall.now)
        self.store.open()
        with_strategies(self.store, "s-1")
        self.commit(rows)
        self.venue = Venue(place / "paper-venue.sqlite")
        self.keeper = FileKeeper(
            self.backups, self.store, self.wall.now, (place / "paper-venue.sqlite", self.venue), warning=""
        )

    def commit(self, rows: int, first: int = 1) -> None:
        with self.store.transaction():
            for number in range(first, first + rows):
                intent = an_intent(f"rbtest{number:012}")
                self.store.insert_intent(intent)
                self.store.insert_fill(ACCOUNT, "s-1", a_fill(str(number), intent.client_order_id))
                self.store.save_journal(an_entry(f"j-{number}", text="word " * 200))

    def look(self) -> tuple[str, ...]:
        return asyncio.run(self.keeper.look())

    def names(self) -> list[str]:
        return sorted(place.name for place in self.backups.iterdir()) if self.backups.exists() else []

    def close(self) -> None:
        self.store.close()
        self.venue.close()


@pytest.fixture
def desk(tmp_path: Path):
    made = Desk(tmp_path)
    yield made
    made.close()


def orders_in(ledger: Path) -> int:
    with closing(sqlite3.connect(ledger)) as sqlite:
        assert sqlite.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(sqlite.execute("SELECT count(*) FROM intent").fetchone()[0])


def test_ledger_and_venue_file_are_copied_together_once_a_day(desk: Desk) -> None:
    assert desk.look() == ("A backup was made and checked: paper-daily-20260314-150926.",)
    place = desk.backups / "paper-daily-20260314-150926"
    assert sorted(file.name for file in place.iterdir()) == ["ledger.sqlite", "paper-venue.sqlite"]
    assert [f.stat().st_mode & 0o077 for f in (place, *place.iterdir())] == [0, 0, 0]
    assert orders_in(place / "ledger.sqlite") == 10
    assert sqlite3.connect(place / "paper-venue.sqlite").execute("SELECT count(*) FROM venue_order").fetchone() == (0,)
    desk.wall.at += timedelta(hours=23, minutes=59)
    assert desk.look() == ()
    desk.wall.at += timedelta(minutes=1)
    assert len(desk.look()) == 1
    assert desk.names() == ["paper-daily-20260314-150926", "paper-daily-20260315-150926"]


def test_a_backup_of_a_time_to_come_does_not_keep_the_next_one_away(desk: Desk) -> None:
    desk.wall.at += timedelta(days=400)
    desk.look()
    desk.wall.at = NOW
    assert len(desk.look()) == 1


def test_a_backup_can_be_opened_as_a_ledger(desk: Desk) -> None:
    desk.look()
    state = desk.store.load()
    (backup,) = daily_backups(desk.backups, ACCOUNT)
    copy = SqliteStore(backup.ledger, ACCOUNT)
    copy.open()
    assert copy.load() == state
    copy.close()


def test_kept_are_seven_days_four_weeks_and_what_migrations_and_people_kept(desk: Desk) -> None:
    desk.backups.mkdir()
    others = ("paper-ledger-v0001-before-v0002.sqlite", "paper-reset-20200101-000000", "paper 2-daily-20200101-000000")
    for name in others:
        (desk.backups / name).mkdir()
    for _ in range(80):
        desk.look()
        desk.wall.at += timedelta(days=1)
    last = desk.wall.at - timedelta(days=1)
    kept = [b.at for b in daily_backups(desk.backups, ACCOUNT)]
    assert kept[-7:] == [last - timedelta(days=d) for d in range(6, -1, -1)]
    weekly = kept[:-7]
    assert len(weekly) == 4
    assert len({at.isocalendar()[:2] for at in weekly}) == 4
    assert all(timedelta(days=1) <= b - a <= timedelta(days=7) for a, b in zip(weekly, kept[1:], strict=False))
    assert last - weekly[0] > timedelta(days=21)
    assert set(others) < set(desk.names())


def test_of_several_backups_of_one_day_the_newest_is_kept() -> None:
    made = [Backup(Path(f"{n}"), NOW + timedelta(hours=n), Path()) for n in (0, 1, 2, 24)]
    assert [b.place.name for b in superfluous(made)] == ["0", "1"]


def test_a_foreign_file_in_an_old_backup_is_not_deleted(desk: Desk) -> None:
    desk.look()
    mine = desk.backups / desk.names()[0] / "my notes.txt"
    mine.write_text("keep", encoding="utf-8")
    said: tuple[str, ...] = ()
    for _ in range(60):
        desk.wall.at += timedelta(days=1)
        said = desk.look()
    assert mine.read_text(encoding="utf-8") == "keep"
    assert "could not be deleted" in said[1]


def test_a_failed_backup_is_said_and_tried_again_after_ten_minutes(desk: Desk) -> None:
    desk.backups.write_text("a file in the place of the folder", encoding="utf-8")
    (said,) = desk.look()
    assert said.startswith("The daily backup could not be made: ")
    assert said.endswith("trading goes on.")
    desk.backups.unlink()
    desk.wall.at += timedelta(minutes=9)
    assert desk.look() == ()
    desk.wall.at += timedelta(minutes=1)
    assert "A backup was made" in desk.look()[0]


def test_a_copy_that_is_not_good_is_no_backup(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = together.copy_one

    def damaging(source: together.Copyable, target: Path, *more: object) -> None:
        whole(source, target)
        with target.open("r+b") as file:
            file.seek(target.stat().st_size // 2)
            file.write(b"\xff" * 6000)

    monkeypatch.setattr(keeper, "copy_one", damaging)
    (said,) = desk.look()
    assert "The daily backup could not be made" in said
    assert desk.names() == []


def test_what_a_killed_run_left_half_made_is_cleared_away(desk: Desk) -> None:
    draft = desk.backups / "paper-daily-20260313-000000.part"
    draft.mkdir(parents=True)
    (draft / "ledger.sqlite").write_bytes(b"half")
    desk.look()
    assert desk.names() == ["paper-daily-20260314-150926"]


def test_a_large_ledger_is_copied_while_the_engine_goes_on_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is whole, and no commit of the engine waited for long."""
    monkeypatch.setattr(keeper, "AT_ONCE_BYTES", 0)
    desk = Desk(tmp_path, rows=6000)
    assert desk.store.path.stat().st_size + desk.store.path.with_name("ledger.sqlite-wal").stat().st_size > 10_000_000
    longest, number = 0.0, 6000

    async def story() -> tuple[str, ...]:
        nonlocal longest, number
        task = asyncio.create_task(desk.keeper.look())
        while not task.done():
            begun = time.perf_counter()
            number += 1
            desk.commit(1, number)
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - begun)
        return await task

    assert "A backup was made" in asyncio.run(story())[0]
    assert number > 6003  # it did go on meanwhile
    assert 6000 <= orders_in(desk.backups / desk.names()[0] / "ledger.sqlite") <= number
    # Fifty milliseconds are meant; the disk under the tests and their neighbours may take their share of a commit.
    assert longest < 0.5
    desk.close()


def test_a_backup_that_is_interrupted_ends_at_once_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "AT_ONCE_BYTES", 0)
    monkeypatch.setattr(together, "STEP_PAGES", 1)
    desk = Desk(tmp_path, rows=2000)

    async def story() -> float:
        task = asyncio.create_task(desk.keeper.look())
        while not any(desk.backups.glob("*.part/ledger.sqlite")):  # noqa: ASYNC110 -- there is no other sign of it
            await asyncio.sleep(0.001)
        begun = time.perf_counter()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.perf_counter() - begun

    before = threading.active_count()
    assert asyncio.run(story()) < 1
    assert threading.active_count() == before
    assert desk.names() == []
    desk.close()  # closing works: nobody reads the files any more


def test_the_newest_good_one_is_found_past_a_damaged_one(desk: Desk) -> None:
    desk.look()
    desk.wall.at += timedelta(days=1)
    desk.look()
    first, second = daily_backups(desk.backups, ACCOUNT)
    second.ledger.write_bytes(second.ledger.read_bytes()[:-9000])
    steps = desk.store._steps
    found = backups.newest_good(desk.backups, ACCOUNT, steps)
    assert found is not None
    assert found.place == first.place
    first.ledger.unlink()
    assert backups.newest_good(desk.backups, ACCOUNT, steps) is None
