"""A backup of accounts with many rows that are being written to: files of one moment, and nothing half-done after a kill -9."""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage import together
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_restore import look_through, restore_folder
from rebalancer_gui.adapters.system import SystemClock
from rebalancer_gui.domain.errors import EnvironmentProblem
from tests.support.backup_bench import NOW, Bench, picture
from tests.support.stored_rows import ACCOUNT

ROWS = 200_000
MARK = "a word of the test"
LONGEST_WAIT = 0.5
"""Seconds of one write, on a machine that has other work."""


def fill(bench: Bench, rows: int) -> None:
    """So many lines of the journal."""
    at = int(NOW.timestamp() * 1e6)
    with bench.store.transaction():
        bench.store._db.write_many(
            "INSERT INTO journal (id, strategy, at, last_at, count, kind, text) VALUES (?, 1, ?, ?, 1, 'hold', 'held')",
            [(f"j-{number}", at, at) for number in range(rows)],
        )


def write_until(bench: Bench, done: threading.Event, clock: Callable[[], float]) -> tuple[int, float]:
    """As an engine writes: first into the ledger what it will do, then into the exchange's book what came of it. How often, and how
    many seconds the longest of it took.
    """
    paper, count, longest = bench.venue.paper, 0, 0.0
    assert paper is not None
    while not done.is_set():
        count, begun = count + 1, clock()
        with bench.store.transaction():
            bench.store.set_value(MARK, str(count))
        paper.deposit("USDT", Decimal(1))
        longest = max(longest, clock() - begun)
    return count, longest


def slowly(plain: Callable[..., None]) -> Callable[..., None]:
    """Of two files the small one is ready a while before the large one: whoever could write then would part them."""

    def copy(source: together.Copyable, target: Path, pages: int = -1, *more: object) -> None:
        plain(source, target, pages, *more)
        if pages == -1:
            threading.Event().wait(0.1)

    return copy


def test_ledger_and_exchange_of_a_backup_are_of_one_moment_while_200_000_rows_are_copied_and_written_to(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(bench, ROWS)
    monkeypatch.setattr(together, "copy_one", slowly(together.copy_one))
    done, failed = threading.Event(), list[BaseException]()

    def back_up() -> None:
        try:
            bench.back_up(tmp_path / "all.zip")
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            done.set()

    making = threading.Thread(target=back_up)
    making.start()
    written, longest = write_until(bench, done, SystemClock().monotonic)
    making.join()
    assert not failed
    with DataFolder(tmp_path / "new") as folder:
        restore_folder(folder, tmp_path / "all.zip", NOW)
        place = folder.path / "accounts" / ACCOUNT
        with (
            closing(sqlite3.connect(place / "ledger.sqlite")) as ledger,
            closing(sqlite3.connect(place / "paper-venue.sqlite")) as book,
        ):
            (rows,) = ledger.execute("SELECT count(*) FROM journal").fetchone()
            (meant,) = ledger.execute("SELECT value FROM engine_state WHERE name = ?", (MARK,)).fetchone()
            (came,) = book.execute("SELECT count(*) FROM transfer WHERE amount = '1'").fetchone()
    assert rows >= ROWS
    # Written to before and after that moment, and between the two files nothing but the one step that was just being done.
    assert 0 < int(meant) < written
    assert came in {int(meant) - 1, int(meant)}
    assert longest < LONGEST_WAIT


def test_an_account_that_is_closed_in_the_middle_of_its_backup_ends_the_backup_and_waits_for_nobody(
    bench: Bench, tmp_path: Path
) -> None:
    fill(bench, 20_000)
    said, near = list[str](), threading.Event()
    plain = bench.store.copy_to

    def seen(target: sqlite3.Connection, pages: int = -1, pause: Callable[..., object] | None = None) -> None:
        near.set()
        plain(target, pages, pause)

    object.__setattr__(bench.store, "copy_to", seen)

    def back_up() -> None:
        try:
            bench.back_up(tmp_path / "all.zip")
        except EnvironmentProblem as error:
            said.append(error.message)

    making = threading.Thread(target=back_up)
    making.start()
    assert near.wait(30)
    bench.close_account()
    making.join(30)
    assert said == ["The program ended in the middle of the backup."]
    assert not list(tmp_path.glob("all*"))
    bench.open_account()


# ------------------------------------------------------------------------------------------------------------- kill -9


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do it in a process of its own that SIGKILL ends just before its ``step``-th file is opened, named, made durable or taken away.
    False: it came to its end before.
    """
    child = os.fork()
    if child == 0:  # pragma: no cover -- ends by the kill
        left = [step]

        def counted(real: Callable[..., object]) -> Callable[..., object]:
            def call(*given: object, **more: object) -> object:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*given, **more)

            return call

        for name in ("open", "fsync", "rename", "replace", "unlink", "rmdir"):
            setattr(os, name, counted(getattr(os, name)))
        try:
            work()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("step", range(2, 60, 7))
def test_a_backup_that_is_killed_leaves_no_file_under_its_name_and_no_rest_after_the_next_start(
    bench: Bench, tmp_path: Path, step: int
) -> None:
    bench.close_account()
    before = picture(bench.folder.path)
    killed = killed_at(step, lambda: bench.back_up(tmp_path / "all.zip"))
    if (tmp_path / "all.zip").exists():
        assert look_through(tmp_path / "all.zip").accounts == (ACCOUNT,)
    else:
        assert killed
    bench.folder.close()
    bench.folder.open()  # the next start
    assert list(bench.folder.backups.iterdir()) == []
    assert picture(bench.folder.path) == before
    bench.back_up(tmp_path / "again.zip")
    bench.open_account()


@pytest.mark.parametrize("step", range(3, 90, 9))
def test_a_restore_that_is_killed_leaves_the_old_folder_or_the_new_one_and_no_rest_after_the_next_start(
    backup: Path, elsewhere: DataFolder, step: int
) -> None:
    before = picture(elsewhere.path)
    killed = killed_at(step, lambda: restore_folder(elsewhere, backup, NOW))
    elsewhere.close()
    elsewhere.open()  # the next start
    kept = list(elsewhere.backups.iterdir())
    if picture(elsewhere.path) == before:
        assert killed
        assert kept == []
    else:
        assert [place.name for place in kept] == ["folder-replaced-20260314-150926"]
        assert picture(kept[0]) == before
    assert not (elsewhere.path / "restoring.json").exists()
