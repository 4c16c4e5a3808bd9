"""A file that cannot be used is named, with what to do; and no byte of it is changed."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.ledger import allocate, deposit
from rebalancer_gui.domain.money import HUNDRED
from tests.support.stored_rows import (
    ACCOUNT,
    START,
    a_fill,
    a_rebalance,
    a_transfer,
    an_entry,
    an_intent,
    with_strategies,
)
from tests.support.unprivileged import folder_of_somebody

ROOT = Path(__file__).resolve().parents[3]


def make_ledger(path: Path) -> None:
    """A closed ledger with a few rows of each kind."""
    store = SqliteStore(path, ACCOUNT)
    store.open()
    with_strategies(store, "s-1", "s-2")
    with store.transaction():
        store.post(deposit(START, "USDT", HUNDRED))
        store.post(allocate(START, "s-1", "USDT", HUNDRED))
        store.save_transfer(a_transfer())
        for number in range(40):
            intent = an_intent(f"rbtest{number:012}")
            store.insert_intent(intent)
            store.insert_fill(ACCOUNT, "s-1", a_fill(str(number), intent.client_order_id))
            store.save_rebalance(a_rebalance(f"r-{number}"))
            store.save_journal(an_entry(f"j-{number}"))
    store.close()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` but SQLite's index, which is made anew by each first reader."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and not p.name.endswith("-shm")
    }


@contextmanager
def nothing_changes(folder: Path) -> Iterator[None]:
    before = contents(folder)
    yield
    assert contents(folder) == before


def refused(path: Path, account: str = ACCOUNT) -> EnvironmentProblem:
    """What `open` says of a file that it must refuse."""
    store = SqliteStore(path, account)
    with nothing_changes(path.parent), pytest.raises(EnvironmentProblem) as caught:
        store.open()
    store.close()
    problem = caught.value
    assert str(path) in problem.message
    assert problem.advice
    return problem


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    make_ledger(path)
    return path


def killed_in_the_middle(path: Path, statements: str) -> None:
    """Run `statements` on the open file `path` in a process that is then killed, so that they stay in the log only."""
    program = f"""
import os, signal, sqlite3
sqlite = sqlite3.connect({str(path)!r}, isolation_level=None)
sqlite.execute("PRAGMA locking_mode = EXCLUSIVE")
sqlite.executescript({statements!r})
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.with_name(path.name + "-wal").stat().st_size > 0


def test_a_closed_ledger_is_one_single_file_beside_its_epoch(ledger: Path) -> None:
    assert sorted(p.name for p in ledger.parent.iterdir()) == ["ledger.epoch", "ledger.sqlite"]
    store = SqliteStore(ledger, ACCOUNT)
    store.open()
    store.load()
    store.close()
    assert sorted(p.name for p in ledger.parent.iterdir()) == ["ledger.epoch", "ledger.sqlite"]


@pytest.mark.parametrize("content", (b"not a database at all\n" * 400, b"SQLite format 3\x00", os.urandom(8192)))
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    refused(path)


def test_an_empty_file_is_refused_and_not_taken_for_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.touch()
    assert "empty" in refused(path).message


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.executescript("CREATE TABLE cookies (name TEXT); PRAGMA user_version = 1;")
    assert "not one of Rebalancer's" in refused(path).message


@pytest.mark.failure(45)
def test_a_newer_file_is_refused(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger, isolation_level=None)) as newer:
        newer.execute("PRAGMA user_version = 99")
    assert "newer Rebalancer" in refused(ledger).message


@pytest.mark.failure(45)
def test_a_newer_file_is_refused_also_while_its_version_is_only_in_the_log(ledger: Path) -> None:
    killed_in_the_middle(ledger, "PRAGMA user_version = 99")
    assert "newer Rebalancer" in refused(ledger).message


def test_a_ledger_of_another_account_is_refused(ledger: Path) -> None:
    store = SqliteStore(ledger, "live")
    before = ledger.read_bytes()
    with pytest.raises(EnvironmentProblem, match="belongs to the account paper"):
        store.open()
    assert ledger.read_bytes() == before


@pytest.mark.failure(43)
def test_a_cut_off_file_is_refused(ledger: Path) -> None:
    ledger.write_bytes(ledger.read_bytes()[:-8192])
    refused(ledger)


def test_a_missing_table_is_refused(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger, isolation_level=None)) as sqlite:
        sqlite.execute("DROP TRIGGER posting_is_not_changed")
    assert "posting_is_not_changed" in refused(ledger).message


def test_a_log_without_its_file_is_refused(ledger: Path) -> None:
    killed_in_the_middle(ledger, "INSERT INTO engine_state VALUES ('a', 'b')")
    ledger.unlink()
    assert "its log ledger.sqlite-wal is still there" in refused(ledger).message


def test_a_file_in_use_by_another_process_is_refused_and_can_be_opened_afterwards(ledger: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore\n"
        "store = SqliteStore(Path(sys.argv[1]), sys.argv[2]); store.open()\n"
        "with store.transaction(): store.set_value('held', 'yes')\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, ledger, ACCOUNT],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        # Reading the bytes here is harmless: the locks are the other process's.
        assert "in use" in refused(ledger).message
        holder.kill()
    store = SqliteStore(ledger, ACCOUNT)
    store.open()
    assert store.load().values == {"held": "yes"}
    store.close()


def _take_writing_from_file(path: Path) -> None:
    path.chmod(0o400)


def _take_writing_from_folder(path: Path) -> None:
    path.parent.chmod(0o500)


def _take_reading_from_file(path: Path) -> None:
    path.chmod(0o200)


@pytest.mark.parametrize("take", (_take_writing_from_file, _take_writing_from_folder, _take_reading_from_file))
@pytest.mark.failure(46)
def test_a_file_or_folder_that_may_not_be_written_is_refused(take: Callable[[Path], None]) -> None:
    with folder_of_somebody() as folder:
        path = folder / "ledger.sqlite"
        make_ledger(path)
        before = contents(folder)
        take(path)
        with pytest.raises(EnvironmentProblem, match="read-only for you") as caught:
            SqliteStore(path, ACCOUNT).open()
        assert str(folder) in caught.value.message
        path.parent.chmod(0o700)
        path.chmod(0o600)
        assert contents(folder) == before


def test_a_new_ledger_in_a_read_only_folder_is_refused() -> None:
    with folder_of_somebody() as folder:
        folder.chmod(0o500)
        with pytest.raises(EnvironmentProblem, match="cannot be made"):
            SqliteStore(folder / "ledger.sqlite", ACCOUNT).open()
        assert list(folder.iterdir()) == []


def test_a_new_ledger_in_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="cannot be made"):
        SqliteStore(tmp_path / "none" / "ledger.sqlite", ACCOUNT).open()
