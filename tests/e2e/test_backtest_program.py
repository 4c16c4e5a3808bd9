"""``rebalancer backtest`` and ``sweep`` as processes: without account, network, Qt, and while the program runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.program import Program, run_to_end
from tests.e2e.test_console import file_of
from tests.e2e.test_console_edges import without_qt

pytestmark = pytest.mark.e2e


@pytest.fixture
def candles(tmp_path: Path) -> Path:
    path = tmp_path / "candles.csv"
    rows = [f"2021-01-{day:02d},{coin}/USDT,{close},{close},{close},{close}" for day in range(1, 31)
            for coin, close in (("BTC", 30_000 + 900 * day), ("ETH", 1000))]  # fmt: skip
    path.write_text("\n".join(("time,symbol,open,high,low,close", *rows)) + "\n")
    return path


def test_a_backtest_needs_no_qt_no_account_and_no_data_folder(tmp_path: Path, candles: Path) -> None:
    for command in ("backtest", "sweep"):
        words = (command, file_of(tmp_path), "--candles", candles, "--json", "--data-dir", tmp_path / "none")
        ended = without_qt(*words)
        assert ended.returncode == 0, ended.stderr
        assert json.loads(ended.stdout)
    assert not (tmp_path / "none").exists()


def test_a_backtest_runs_beside_the_program(tmp_path: Path, candles: Path) -> None:
    with Program(tmp_path / "data", "--create-demo") as program:
        program.wait_for("Strategies: ")
        ended = run_to_end(
            "backtest", file_of(tmp_path), "--candles", candles, "--json", "--data-dir", tmp_path / "data"
        )
        assert ended.returncode == 0, ended.stderr
        assert int(json.loads(ended.stdout)["rebalances"]) > 5
        assert program.stop()[0] == 0


def test_bad_candles_are_bad_input(tmp_path: Path, candles: Path) -> None:
    candles.write_text("time,symbol,open,high,low,close\n2021-01-01,BTC/USDT,1,1,1,1\n2021-01-02,BTC/USDT,1,1,1,1\n")
    ended = run_to_end("backtest", file_of(tmp_path), "--candles", candles)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "candles: There are no candles of ETH/USDT." in ended.stderr
