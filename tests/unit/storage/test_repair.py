"""A damaged ledger gets its newest good backup back, or a new beginning; nothing is deleted."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage import repair
from rebalancer_gui.adapters.storage.backups import daily_backups
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.keeper import FileKeeper
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.records import RepairKind
from rebalancer_gui.domain.errors import EnvironmentProblem, FileDamaged, InvalidInput
from tests.fake_clock import FakeClock
from tests.paper_bench import Setup
from tests.support.stored_rows import ACCOUNT, with_strategies

pytestmark = pytest.mark.failure(43, 44)
NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
RELEASED = Path(__file__).resolve().parents[2] / "data" / "schemas"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    """A paper account with one strategy, a backup of that, and a second strategy since."""
    with DataFolder(tmp_path / "data") as made:
        venue = Setup(path=made.paper_venue_file(ACCOUNT)).build(FakeClock(NOW, auto=True))
        store = SqliteStore(made.ledger_file(ACCOUNT), ACCOUNT, now=lambda: NOW)
        store.open()
        with_strategies(store, "s-1")

        async def story() -> None:
            await venue.open()
            keeper = FileKeeper(made.backups, store, lambda: NOW, (made.paper_venue_file(ACCOUNT), venue))
            await keeper.look()
            await venue.close()

        asyncio.run(story())
        with_strategies(store, "s-2")
        store.close()
        yield made


def strategies(folder: DataFolder) -> tuple[list[str], str]:
    """The strategies of the ledger, and whether it knows that it is an older one."""
    store = SqliteStore(folder.ledger_file(ACCOUNT), ACCOUNT)
    store.open()
    state = store.load()
    store.close()
    return [s.id for s in state.strategies], state.values.get("restored", "")


def damage(path: Path) -> bytes:
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * 2000 + content[2100:])
    return path.read_bytes()


def test_the_backup_takes_the_place_and_the_damaged_file_is_kept(folder: DataFolder) -> None:
    ledger = folder.ledger_file(ACCOUNT)
    damaged = damage(ledger)
    assert repair.fault_of_account(folder, ACCOUNT) is not None
    (backup,) = daily_backups(folder.backups, ACCOUNT)
    venue_before = folder.paper_venue_file(ACCOUNT).read_bytes()
    done = repair.put_back(folder, ACCOUNT, backup, NOW)
    assert done.kept == folder.backups / "paper-replaced-20260314-150926"
    assert (done.kept / "ledger.sqlite").read_bytes() == damaged
    assert ledger.stat().st_mode & 0o077 == 0
    assert repair.fault_of_account(folder, ACCOUNT) is None
    found, restored = strategies(folder)
    assert found == ["s-1"]
    assert restored
    # A sound file of the venue is the truth that the ledger is compared with.
    assert folder.paper_venue_file(ACCOUNT).read_bytes() == venue_before
    assert not list(ledger.parent.glob("*.restoring"))


def test_a_log_of_the_damaged_file_is_not_poured_into_the_new_one(folder: DataFolder) -> None:
    ledger = folder.ledger_file(ACCOUNT)
    log = ledger.with_name("ledger.sqlite-wal")
    log.write_bytes(b"what a killed run left" * 100)
    damage(ledger)
    (backup,) = daily_backups(folder.backups, ACCOUNT)
    done = repair.put_back(folder, ACCOUNT, backup, NOW)
    assert (done.kept / log.name).read_bytes() == b"what a killed run left" * 100
    assert strategies(folder)[0] == ["s-1"]


def test_a_damaged_file_of_the_venue_comes_back_with_the_ledger_of_that_time(folder: DataFolder) -> None:
    venue = folder.paper_venue_file(ACCOUNT)
    with closing(sqlite3.connect(venue)) as sqlite, sqlite:
        sqlite.execute("UPDATE balance SET free = '1'")  # sound as a database, but not the sum of its transfers
    fault = repair.fault_of_account(folder, ACCOUNT)
    assert fault is not None
    assert fault.path == str(venue)
    (backup,) = daily_backups(folder.backups, ACCOUNT)
    done = repair.put_back(folder, ACCOUNT, backup, NOW)
    assert sorted(p.name for p in done.kept.iterdir()) == ["ledger.sqlite", "paper-venue.sqlite"]
    assert repair.fault_of_account(folder, ACCOUNT) is None
    assert strategies(folder)[0] == ["s-1"]


def test_looking_for_faults_changes_no_byte(folder: DataFolder) -> None:
    place = folder.ledger_file(ACCOUNT).parent
    before = {p.name: p.read_bytes() for p in place.iterdir()}
    repair.fault_of_account(folder, ACCOUNT)
    assert {p.name: p.read_bytes() for p in place.iterdir()} == before


def test_a_new_ledger_begins_where_the_damaged_one_is_moved_away(folder: DataFolder) -> None:
    damaged = damage(folder.ledger_file(ACCOUNT))
    done = repair.begin_new_ledger(folder, ACCOUNT, NOW)
    assert (done.kept / "ledger.sqlite").read_bytes() == damaged
    found, restored = strategies(folder)
    assert found == []
    assert restored


def test_two_repairs_in_one_second_keep_both_files(folder: DataFolder) -> None:
    (backup,) = daily_backups(folder.backups, ACCOUNT)
    kept = {repair.put_back(folder, ACCOUNT, backup, NOW).kept for _ in range(2)}
    assert len(kept) == 2


def test_a_backup_that_is_damaged_is_not_put_back(folder: DataFolder) -> None:
    ledger = folder.ledger_file(ACCOUNT)
    before = ledger.read_bytes()
    (backup,) = daily_backups(folder.backups, ACCOUNT)
    damage(backup.ledger)
    with pytest.raises(InvalidInput, match="cannot be put back"):
        repair.put_back(folder, ACCOUNT, backup, NOW)
    assert ledger.read_bytes() == before


def test_what_a_migration_kept_can_be_put_back_too(folder: DataFolder) -> None:
    kept = folder.backups / "paper-ledger-v0002-before-v0003.sqlite"
    shutil.copyfile(RELEASED / "v0002.sqlite", kept)
    damage(folder.ledger_file(ACCOUNT))
    repair.put_back(folder, ACCOUNT, repair.backup_at(folder, ACCOUNT, kept), NOW)
    assert strategies(folder)[0] == ["s-1", "s-2"]


@pytest.mark.parametrize("place", ("none", "accounts/paper/ledger.sqlite", "accounts/paper"))
def test_what_is_no_backup_is_refused(folder: DataFolder, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        repair.backup_at(folder, ACCOUNT, folder.path / place)
    assert caught.value.field == "backup"


def test_a_full_or_closed_folder_leaves_everything_as_it_was(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = folder.ledger_file(ACCOUNT)
    damaged = damage(ledger)
    (backup,) = daily_backups(folder.backups, ACCOUNT)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "x")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(EnvironmentProblem, match="No space left"):
        repair.put_back(folder, ACCOUNT, backup, NOW)
    assert ledger.read_bytes() == damaged


def test_the_window_is_offered_the_newest_good_backup_with_its_age_and_a_new_ledger(folder: DataFolder) -> None:
    later = NOW + timedelta(days=2, hours=3)
    store = SqliteStore(folder.ledger_file(ACCOUNT), ACCOUNT)
    damage(folder.ledger_file(ACCOUNT))
    with pytest.raises(FileDamaged) as caught:
        store.open()
    keeper = FileKeeper(folder.backups, store, lambda: later)
    first, second = keeper.repairs(caught.value.path)
    assert (first.kind, second.kind) == (RepairKind.BACKUP, RepairKind.NEW_LEDGER)
    assert first.text == "Put back the backup of 2026-03-14 15:09 UTC (2 days old)"
    assert first.backup == str(folder.backups / "paper-daily-20260314-150926")
    assert keeper.repairs("/somebody/elses/file") == ()


def test_a_damaged_file_of_the_venue_offers_no_new_ledger(folder: DataFolder) -> None:
    venue = folder.paper_venue_file(ACCOUNT)
    found = repair.repairs_of(folder.backups, venue, ACCOUNT, str(venue), NOW)
    assert [r.kind for r in found] == [RepairKind.BACKUP]


def kinds(folder: DataFolder, *, readable: bool = True) -> list[RepairKind]:
    return [way.kind for way in repair.ways_out(folder, ACCOUNT, NOW, readable=readable)]


def test_the_ways_out_are_found_in_the_files_themselves_and_there_are_none_for_files_in_order(
    folder: DataFolder,
) -> None:
    before = {p: p.read_bytes() for p in folder.ledger_file(ACCOUNT).parent.iterdir()}
    assert kinds(folder) == []
    assert {p: p.read_bytes() for p in folder.ledger_file(ACCOUNT).parent.iterdir()} == before
    damage(folder.ledger_file(ACCOUNT))
    assert kinds(folder) == [RepairKind.BACKUP, RepairKind.NEW_LEDGER, RepairKind.SET_ASIDE]
    # A record that cannot be read is not mended by another ledger.
    assert kinds(folder, readable=False) == [RepairKind.SET_ASIDE]


def test_where_the_venues_file_is_damaged_no_new_ledger_is_offered(folder: DataFolder) -> None:
    damage(folder.ledger_file(ACCOUNT))
    damage(folder.paper_venue_file(ACCOUNT))
    assert kinds(folder) == [RepairKind.BACKUP, RepairKind.SET_ASIDE]
    shutil.rmtree(folder.backups)
    folder.backups.mkdir()
    assert kinds(folder) == [RepairKind.SET_ASIDE]


def test_setting_aside_is_not_carried_out_where_the_key_would_stay(folder: DataFolder) -> None:
    damage(folder.ledger_file(ACCOUNT))
    aside = repair.ways_out(folder, ACCOUNT, NOW, readable=True)[-1]
    with pytest.raises(InvalidInput, match="together with its key"):
        repair.carry_out(folder, aside, NOW)
    assert folder.ledger_file(ACCOUNT).exists()
