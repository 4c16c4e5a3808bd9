"""`rebalancer history`: lists by strategy, coin, kind and time, what goes into a tax tool, and files of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rebalancer_gui.cli import main
from tests.unit.console.test_trading import strategy_file

LOTS = (
    "method event coin quantity date_acquired date_sold proceeds cost gain currency holding_days fee_taken_off fee_treatment "
    "strategy trade_id note"
)
Ask = Callable[..., Any]


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """The JSON of a command that must succeed, on an account whose one strategy was built and sold again."""

    def run(*words: str) -> object:
        code = main([*words, "--data-dir", str(tmp_path / "data"), "--json"])
        said = capsys.readouterr()
        assert (code, said.err) == (0, "")
        return json.loads(said.out)

    run("strategy", "create", strategy_file(tmp_path))
    run("strategy", "stop", "BTC ETH", "--sell-all")
    return run


def test_lots_and_lists_are_told_by_strategy_coin_kind_and_time_and_written_into_files(
    ask: Ask, tmp_path: Path
) -> None:
    lots = ask("history", "lots", "--method", "hifo")
    assert set(lots[0]) == set(LOTS.split())
    assert [(row["coin"], row["event"], row["method"]) for row in lots] == [
        ("BTC", "sale", "hifo"),
        ("ETH", "sale", "hifo"),
    ]
    assert [row["coin"] for row in ask("history", "lots", "--coin", "eth")] == ["ETH"]
    assert ask("history", "lots", "--strategy", "BTC ETH") == [{**row, "method": "fifo"} for row in lots]
    assert ask("history", "fills", "--word", "sell", "--coin", "BTC")[0]["side"] == "sell"
    assert ask("history", "orders", "--to", "2020-01-01") == []
    assert len(ask("history", "orders", "--from", "2020-01-01")) == 4
    file = tmp_path / "lots.csv"
    written = ask("history", "lots", "--csv", str(file))
    assert written == {"file": str(file), "rows": "2", "unknown_cost": "0"}
    with file.open(encoding="utf-8", newline="") as read:
        assert [row["gain"] for row in csv.DictReader(read)] == [row["gain"] for row in lots]
    deposit, *trades = ask("history", "transactions")
    assert (deposit["received_amount"], deposit["received_currency"]) == ("10000", "USDT")
    assert len(trades) == 4
