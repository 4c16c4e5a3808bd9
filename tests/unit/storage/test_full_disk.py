"""A full disk: nothing is half written, the message says what to do, and it goes on when there is room again."""

from contextlib import suppress
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.ledger import FREE, deposit
from rebalancer_gui.domain.money import ONE
from tests.support.small_disk import can_mount, small_disk
from tests.support.stored_rows import ACCOUNT, START, an_entry, with_strategies

LONG_TEXT = "word " * 2000


def commit(store: SqliteStore, number: int) -> None:
    with store.transaction():
        store.post(deposit(START, "USDT", ONE))
        store.save_journal(an_entry(f"j-{number}", text=LONG_TEXT))


def commit_until_full(store: SqliteStore, number: int = 0) -> int:
    """Commit from `number` on; the number that found no more room."""
    problem: EnvironmentProblem | None = None
    while problem is None:
        try:
            commit(store, number)
            number += 1
        except EnvironmentProblem as full:
            problem = full
    assert "disk is full" in problem.message
    assert "Free some space" in problem.advice
    return number


def assert_holds(store: SqliteStore, number: int) -> None:
    assert store.load().balances[FREE, "USDT"] == number
    assert len(store.journal(None, None, 10_000)) == number


def test_the_store_takes_back_what_found_no_room_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "ledger.sqlite", ACCOUNT)
    store.open()
    with_strategies(store, "s-1")
    # SQLite's own limit gives the error that a full disk gives.
    pages = store._db.rows("PRAGMA page_count")[0][0]
    store._db.rows(f"PRAGMA max_page_count = {pages + 30}")
    taken = commit_until_full(store)
    assert taken > 0
    assert_holds(store, taken)
    with pytest.raises(EnvironmentProblem, match="disk is full"):
        commit(store, taken)
    store._db.rows(f"PRAGMA max_page_count = {pages + 1000}")
    commit(store, taken)
    assert_holds(store, taken + 1)
    store.close()
    store.open()
    assert_holds(store, taken + 1)
    store.close()


def fill_up(ballast: Path) -> None:
    """Take all the room that is left."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass


if can_mount():

    def test_a_really_full_disk_leaves_the_last_commit_and_recovers() -> None:
        with small_disk() as disk:
            first, second = disk / "ballast-1", disk / "ballast-2"
            first.write_bytes(bytes(150_000))
            second.write_bytes(bytes(150_000))
            store = SqliteStore(disk / "ledger.sqlite", ACCOUNT)
            store.open()
            with_strategies(store, "s-1")
            taken = commit_until_full(store)
            assert taken > 0
            assert_holds(store, taken)
            first.unlink()
            commit(store, taken)
            assert_holds(store, taken + 1)
            taken = commit_until_full(store, taken + 1)
            store.close()
            with pytest.raises(EnvironmentProblem, match="disk is full"):
                store.open()
            second.unlink()
            store.open()
            assert_holds(store, taken)
            commit(store, taken)
            store.close()

    def test_settings_keep_their_old_content_on_a_full_disk() -> None:
        with small_disk() as disk, DataFolder(disk / "data") as folder:
            folder.write_settings({"theme": "dark"})
            ballast = disk / "ballast"
            fill_up(ballast)
            with pytest.raises(EnvironmentProblem, match="No space left"):
                folder.write_settings({"theme": "light"})
            assert folder.read_settings().values == {"theme": "dark"}
            ballast.unlink()
            folder.write_settings({"theme": "light"})
            assert folder.read_settings().values == {"theme": "light"}

    def test_a_new_ledger_on_a_full_disk_is_refused_and_made_when_there_is_room() -> None:
        with small_disk() as disk:
            ballast = disk / "ballast"
            ballast.write_bytes(bytes(1_000_000))
            store = SqliteStore(disk / "ledger.sqlite", ACCOUNT)
            with pytest.raises(EnvironmentProblem, match=r"disk is full|cannot be made"):
                store.open()
            assert not (disk / "ledger.sqlite").exists()
            ballast.unlink()
            store.open()
            assert store.load().strategies == ()
            store.close()
