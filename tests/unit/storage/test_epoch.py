"""An older ledger in the place of a newer one is noticed, whoever put it there."""

import shutil
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from tests.support.stored_rows import ACCOUNT, with_strategies

pytestmark = pytest.mark.failure(44)


def opened(path: Path) -> SqliteStore:
    store = SqliteStore(path, ACCOUNT)
    store.open()
    return store


def run(path: Path, value: str = "x") -> None:
    """One run of the program that stores something."""
    store = opened(path)
    with store.transaction():
        store.set_value("anything", value)
    store.close()


def restored(path: Path) -> str:
    """The value with which the application learns of it; then it is taken away, as the application does."""
    store = opened(path)
    found = store.load().values.get("restored", "")
    if found:
        with store.transaction():
            store.set_value("restored", "")
    store.close()
    return found


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    store = opened(path)
    with_strategies(store, "s-1")
    store.close()
    return path


def test_runs_one_after_the_other_are_no_restore(ledger: Path) -> None:
    for _ in range(5):
        run(ledger)
        assert restored(ledger) == ""


def test_a_copy_of_an_earlier_run_is_noticed_once(ledger: Path, tmp_path: Path) -> None:
    copy = shutil.copy(ledger, tmp_path / "copy")
    run(ledger)
    shutil.copy(copy, ledger)
    assert restored(ledger)
    assert restored(ledger) == ""
    run(ledger)
    assert restored(ledger) == ""


def test_the_same_copy_put_back_a_second_time_is_noticed_again(ledger: Path, tmp_path: Path) -> None:
    copy = shutil.copy(ledger, tmp_path / "copy")
    found = []
    for _ in range(3):
        run(ledger)
        shutil.copy(copy, ledger)
        found.append(int(restored(ledger)))
    assert found == sorted(set(found))


def test_a_copy_taken_while_the_run_went_on_is_noticed_after_its_end(ledger: Path, tmp_path: Path) -> None:
    store = opened(ledger)
    with store.transaction():
        store.set_value("anything", "1")
    copy = Path(shutil.copy(ledger, tmp_path / "copy"))
    shutil.copy(ledger.with_name("ledger.sqlite-wal"), tmp_path / "copy-wal")
    with store.transaction():
        store.set_value("anything", "2")
    store.close()
    shutil.copy(copy, ledger)
    shutil.copy(tmp_path / "copy-wal", ledger.with_name("ledger.sqlite-wal"))
    assert restored(ledger)


def test_a_new_ledger_where_one_was_is_noticed(ledger: Path) -> None:
    ledger.unlink()
    assert restored(ledger)


def test_reading_alone_is_no_new_state(ledger: Path) -> None:
    before = ledger.read_bytes()
    opened(ledger).close()
    assert ledger.read_bytes() == before


@pytest.mark.parametrize(
    "content", ("", "{}", "nonsense", '{"format":"rebalancer-epoch","version":1,"epoch":true}', "[" * 900, "x" * 5000)
)
def test_an_epoch_file_that_cannot_be_understood_claims_nothing_and_is_written_anew(ledger: Path, content: str) -> None:
    ledger.with_suffix(".epoch").write_text(content, encoding="utf-8")
    assert restored(ledger) == ""
    run(ledger)
    assert '"epoch": ' in ledger.with_suffix(".epoch").read_text(encoding="utf-8")


def test_a_missing_epoch_file_is_no_restore(ledger: Path) -> None:
    ledger.with_suffix(".epoch").unlink()
    assert restored(ledger) == ""


def test_an_epoch_file_that_cannot_be_written_undoes_no_commit(ledger: Path) -> None:
    ledger.with_suffix(".epoch").unlink()
    ledger.with_suffix(".epoch").mkdir()
    run(ledger, "kept")
    store = opened(ledger)
    assert store.load().values["anything"] == "kept"
    store.close()


def test_the_files_own_values_are_not_the_engines(ledger: Path) -> None:
    run(ledger)
    store = opened(ledger)
    assert store.load().values == {"anything": "x"}
    store.close()
