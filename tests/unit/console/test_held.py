"""Start from coins I hold, at the console; what ended strategies gave back; and the list of accounts."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.cli import main

Say = Callable[..., tuple[int, str, str]]
FILE = {
    "format": "rebalancer-strategy", "version": 1, "name": "Core", "quote": "USDT",
    "coins": [{"asset": "BTC", "weight": "50"}, {"asset": "ETH", "weight": "50"}],
    "investment": "100", "rule": {"kind": "ratio", "threshold": "5"}, "sell_all_on_stop": False,
}  # fmt: skip


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs one command on a new demo account; answers exit code, stdout and stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        try:
            code = main([*words, "--data-dir", str(tmp_path / "data")])
        except SystemExit as end:
            code = int(str(end.code))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "core.json"
    path.write_text(json.dumps(FILE))
    return str(path)


def told(say: Say, *words: str):
    code, out, err = say(*words, "--json")
    assert code == 0, err
    return json.loads(out)


@pytest.mark.rule("5.1b")
def test_a_strategy_begins_with_coins_that_are_held_and_only_the_difference_is_traded(say: Say, file: str) -> None:
    told(say, "account", "deposit", "BTC", "0.05")
    plan = told(say, "strategy", "create", file, "--hold", "BTC=0.02@30000", "--investment", "500", "--preview")
    assert told(say, "strategy", "list") == [], "a preview creates nothing"
    made = told(say, "strategy", "create", file, "--hold", "BTC=0.02@30000", "--investment", "500")
    assert made["state"] == "Running"
    sent = told(say, "history", "orders")
    assert {(row["symbol"], row["side"]) for row in sent} == {(leg["symbol"], leg["side"]) for leg in plan["legs"]}
    invested = [row for row in told(say, "history", "transfers") if row["kind"] == "invested"]
    assert [(row["asset"], row["amount"]) for row in invested] == [("USDT", "500"), ("BTC", "0.02")]
    shown = told(say, "strategy", "show", "core")
    assert Decimal(shown["net_invested"]) > 500, "the coins count at their price of that moment"
    assert told(say, "account", "show")["free_pool"]["BTC"] == "0.03"


def test_all_of_a_coin_goes_in_with_its_cost_and_nothing_is_built_before_the_rule_triggers(say: Say, file: str) -> None:
    told(say, "account", "deposit", "BTC", "0.05")
    told(say, "account", "deposit", "ETH", "1")
    words = ("--hold", "BTC=all@30000", "--hold", "ETH=0.5", "--investment", "0", "--build-nothing")
    assert told(say, "strategy", "create", file, *words)["state"] == "Running"
    assert told(say, "history", "orders") == []
    coins = {row["asset"]: row for row in told(say, "strategy", "show", "core")["coins"]}
    assert (coins["BTC"]["quantity"], coins["BTC"]["average_cost"]) == ("0.05", "30000")
    assert (coins["ETH"]["quantity"], coins["ETH"]["average_cost"]) == ("0.5", None), "what it cost was left open"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--hold", "BTC=1"], "coins: BTC: only 0.05 are free, use at most that much."),
        (["--hold", "BTC=0"], "coins: BTC: the quantity must be above 0."),
        (["--hold", "BNB=0.5"], "coins: BNB is not a coin of this strategy"),
        (["--hold", "BTC=0.01", "--hold", "BTC=0.02"], "coins: BTC is there twice."),
        (["--hold", "ETH=all"], "coins: ETH: nothing of it is free, so all of it is nothing."),
        (["--hold", "BTC=0.01@-5"], "coins: BTC: what it cost must be 0 or more, or left open."),
        (["--build-nothing"], "coins: Building nothing now needs coins you hold to start with, and no trigger."),
        (["--investment", "0"], "investment: The investment must be above 0 USDT."),
        (["--hold", "BTC"], "'BTC' is not COIN=QUANTITY or COIN=QUANTITY@COST"),
        (["--hold", "BTC=1e3"], "'BTC=1e3' is not COIN=QUANTITY"),
        (["--hold", "BTC=0.01@"], "'BTC=0.01@' is not COIN=QUANTITY"),
        (["--investment", "much"], "'much' is no amount of 0 or more"),
        (["--hold", "BTC=0.01", "--build-nothing", "--preview"], "not allowed with argument"),
    ],
)
def test_what_cannot_be_held_is_refused_with_its_field_and_nothing_changes(
    say: Say, file: str, words: list[str], why: str
) -> None:
    told(say, "account", "deposit", "BTC", "0.05")
    code, out, err = say("strategy", "create", file, *words)
    assert (code, out) == (2, "")
    assert why in err
    assert told(say, "strategy", "list") == []


@pytest.mark.rule("7.1")
def test_an_ended_strategy_tells_what_it_gave_back(say: Say, file: str) -> None:
    told(say, "strategy", "create", file)
    told(say, "strategy", "stop", "core", "--keep")
    shown = told(say, "strategy", "show", "core")
    assert (shown["state"], shown["coins"], shown["cash"]) == ("Ended", [], None)
    released = {(r["asset"], r["amount"]) for r in told(say, "history", "transfers") if r["kind"] == "released"}
    assert {(row["asset"], row["quantity"]) for row in shown["given_back"]} == released
    assert all(row["price"] is not None for row in shown["given_back"] if row["asset"] != "USDT")
    assert shown["reason"] == "stopped by the user"


def test_the_list_of_accounts_has_rights_clock_tier_and_balances_and_null_where_nothing_is_known(say: Say) -> None:
    (before,) = told(say, "account", "list")
    assert (before["balances"], before["exists"]) == (None, False)
    told(say, "account", "deposit", "BTC", "0.05")
    (row,) = told(say, "account", "list")
    assert row["balances"] == told(say, "account", "show")["venue_balances"]
    assert row["balances"]["BTC"] == "0.05"
    assert (row["tier"], row["permissions"], row["time_offset"], row["tested_at"]) == (None, None, None, None)
    code, out, _err = say("account", "list")
    assert code == 0
    head, line = out.splitlines()
    assert head.split() == ["name", "venue", "mode", "tier", "kept", "key", "permissions", "clock", "balances"]
    assert "no key" in line
    assert "BTC 0.05" in line
