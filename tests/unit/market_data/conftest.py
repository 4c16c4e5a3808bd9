from pathlib import Path

import pytest

from rebalancer_gui.adapters.market_data.history import DailyHistory
from rebalancer_gui.resources_path import resource_dir


@pytest.fixture(scope="session")
def resources() -> Path:
    return resource_dir()


@pytest.fixture(scope="session")
def history(resources: Path) -> DailyHistory:
    return DailyHistory(resources / "demo")
