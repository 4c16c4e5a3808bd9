"""The benchmark of the first window in its short form: it runs, and a preset can be created in the window that it opens."""

from __future__ import annotations

import pytest

from tests.benchmarks import start

pytestmark = [pytest.mark.window, pytest.mark.e2e]


def test_a_preset_can_be_created_in_the_window_and_the_markets_of_an_exchange_are_in_memory_beside_it(
    window_environment, tmp_path
):
    environment = {name: value for name, value in window_environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    lines = start.first_windows(environment, tmp_path / "data", times=1)
    assert "J8, a preset can be created after" in lines[1]
    lines = start.memory(environment, tmp_path / "data", markets=40)
    assert "with ccxt and 40 markets" in lines[0]
