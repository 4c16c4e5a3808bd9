"""Backups of a data folder, and folders to restore them into."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from tests.support.backup_bench import Bench
from tests.support.stored_rows import ACCOUNT, with_strategies


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One backup for many tests."""
    place = tmp_path_factory.mktemp("backup")
    bench = Bench(place / "data")
    file = bench.back_up(place / "all.zip")
    bench.close_account()
    bench.folder.close()
    return file


@pytest.fixture
def backup(made: Path, tmp_path: Path) -> Path:
    """A backup of a folder with settings, a preset and a paper account with the strategy s-1."""
    return Path(shutil.copy(made, tmp_path / "all.zip"))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[DataFolder]:
    """Another installation with settings and an account of its own."""
    with DataFolder(tmp_path / "other") as folder:
        folder.write_settings({"format": "rebalancer-settings", "version": 1, "window": {"theme": "light"}})
        (folder.path / "keys.vault").write_text("locked")
        (folder.path / "told.json").write_text("{}")
        store = SqliteStore(folder.ledger_file(ACCOUNT), ACCOUNT)
        store.open()
        with_strategies(store, "s-9")
        store.close()
        (folder.account_folder("Second") / "account.json").write_text("{}")
        yield folder


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A data folder with an account that is open."""
    made = Bench(tmp_path / "data")
    yield made
    made.close_account()
    made.folder.close()
