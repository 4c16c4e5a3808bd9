"""A damaged ledger is refused in plain words before anything is traded, or the damage harms nothing: it still adds up."""

import random
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage import inspection
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.domain.errors import EnvironmentProblem, FileDamaged
from tests.support.stored_rows import ACCOUNT
from tests.unit.storage.test_refused_files import contents, make_ledger, nothing_changes

pytestmark = pytest.mark.failure(43)
NOW = datetime(2026, 3, 14, tzinfo=UTC)
PAGE = 4096


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "whole" / "ledger.sqlite"
    path.parent.mkdir()
    make_ledger(path)
    return path


def damage_variants(ledger: Path, number: int) -> Counter[str]:
    """Overwrite 1 to 4096 bytes anywhere, so many times, each time in a fresh copy; what came of it, by outcome."""
    chance, counts = random.Random(20210314), Counter[str]()
    whole, place = ledger.read_bytes(), ledger.parent.parent / "damaged"
    true = balances(ledger)
    for _ in range(number):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        length = chance.choice((1, 1, 4, 32, 512, 4096))
        at = chance.choice((chance.randrange(100), chance.randrange(len(whole) - length)))
        noise = chance.choice((chance.randbytes(length), bytes(length)))
        (place / ledger.name).write_bytes(whole[:at] + noise + whole[at + length :])
        counts[outcome(place / ledger.name, true)] += 1
    return counts


def balances(path: Path) -> dict[tuple[str, str], Decimal]:
    store = SqliteStore(path, ACCOUNT)
    store.open()
    found = dict(store.load().balances)
    store.close()
    return found


def outcome(path: Path, true: dict[tuple[str, str], Decimal]) -> str:
    """Only EnvironmentProblem may come out, whatever the bytes say; and what opens has the true balances."""
    before = contents(path.parent)
    store = SqliteStore(path, ACCOUNT)
    problem: EnvironmentProblem | None = None
    try:
        store.open()
    except EnvironmentProblem as caught:
        problem = caught
    if problem is not None:
        assert str(path) in problem.message
        assert problem.advice
        assert contents(path.parent) == before
        return "refused"
    try:
        state = store.load()
        for read in (store.orders, store.rebalances, store.transfers, store.journal):
            read(None, None, 500)
    except EnvironmentProblem:
        return "refused when read"
    finally:
        store.close()
    assert state.balances == true
    return "harmless"


def test_damage_anywhere_is_noticed_or_harmless_and_never_changes_the_file(ledger: Path) -> None:
    counts = damage_variants(ledger, 200)
    # Much of a young file is empty pages, where damage harms nothing.
    assert counts["refused"] > 60
    assert counts["harmless"] > 20


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_thousand_damaged_files_are_refused_or_harmless(ledger: Path) -> None:
    counts = damage_variants(ledger, 1000)
    print(dict(counts))
    assert counts["refused"] > 300


def refused(path: Path) -> str:
    with nothing_changes(path.parent), pytest.raises(FileDamaged) as caught:
        SqliteStore(path, ACCOUNT).open()
    assert caught.value.path == str(path)
    assert "account restore" in caught.value.advice
    return caught.value.message


def root_page(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as sqlite:
        return int(sqlite.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).fetchone()[0])


def patch(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def test_a_damaged_header_is_refused(ledger: Path) -> None:
    patch(ledger, 0, b"SQLite farmat 3")
    assert "damaged at its very beginning" in refused(ledger)


def test_a_damaged_page_of_a_table_is_refused(ledger: Path) -> None:
    patch(ledger, (root_page(ledger, "posting") - 1) * PAGE, b"\x00" * 64)
    assert "is damaged (" in refused(ledger)


def test_an_index_that_does_not_agree_with_its_rows_is_refused(ledger: Path) -> None:
    """By it a trade that is delivered twice would be booked twice: its number is not found."""
    with closing(sqlite3.connect(ledger, isolation_level=None)) as sqlite:
        sqlite.execute("PRAGMA writable_schema = ON")
        name = sqlite.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'fill' AND sql IS NULL"
        ).fetchone()[0]
    page = (root_page(ledger, name) - 1) * PAGE
    content = ledger.read_bytes()[page : page + PAGE]
    at = content.rindex(b"38")
    patch(ledger, page + at, b"99")
    with closing(sqlite3.connect(ledger)) as sqlite:
        assert sqlite.execute("PRAGMA quick_check").fetchone() == ("ok",)
    assert "is damaged (" in refused(ledger)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which checks SQLite was asked for; every file counts as a large one."""
    asked: list[str] = []
    monkeypatch.setattr(inspection, "SMALL_BYTES", 0)
    monkeypatch.setattr("rebalancer_gui.adapters.storage.sqlite_store.SMALL_BYTES", 0)
    real = sqlite3.connect

    def connect(*arguments, **named):
        connection = real(*arguments, **named)
        connection.set_trace_callback(lambda sql: asked.append(sql[7:22]) if "_check(" in sql else None)
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect)
    return asked


def _same(at: datetime) -> datetime:
    return at


def test_a_large_ledger_is_checked_throughout_once_a_week_and_quickly_at_each_start(
    ledger: Path, checks: list[str]
) -> None:
    at = NOW
    for days, expected in ((0, "integrity_check"), (1, "quick_check"), (5, "quick_check"), (1.5, "integrity_check")):
        at += timedelta(days=days)
        store = SqliteStore(ledger, ACCOUNT, now=partial(_same, at))
        store.open()
        store.close()
        assert checks[-1].startswith(expected), (days, checks)


def test_a_date_of_a_clock_that_was_wrong_does_not_put_the_check_off(ledger: Path, checks: list[str]) -> None:
    for at in (NOW + timedelta(days=4000), NOW):
        store = SqliteStore(ledger, ACCOUNT, now=partial(_same, at))
        store.open()
        store.close()
    assert all(check.startswith("integrity_check") for check in checks)


def test_a_store_without_wall_time_checks_a_large_file_quickly(ledger: Path, checks: list[str]) -> None:
    SqliteStore(ledger, ACCOUNT).open()
    assert checks[-1].startswith("quick_check")
