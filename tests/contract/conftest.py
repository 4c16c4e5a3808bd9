"""The stores that the contract is held against."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.ports import Store
from tests.fakes import FakeStore
from tests.support.stored_rows import ACCOUNT


@pytest.fixture(params=["in memory", "in a file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = FakeStore(ACCOUNT) if request.param == "in memory" else SqliteStore(tmp_path / "l.sqlite", ACCOUNT)
    made.open()
    yield made
    made.close()
