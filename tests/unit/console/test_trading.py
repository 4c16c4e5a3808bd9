"""`rebalancer account trading NAME on|off`: what it asks, what it answers, and what watch only refuses."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rebalancer_gui.cli import main

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs one command on the test's own folder; answers exit code, stdout and stderr."""

    def run(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        code = main([*words, "--data-dir", str(tmp_path / "data"), "--json"])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def strategy_file(folder: Path) -> str:
    path = folder / "core.json"
    path.write_text(
        json.dumps(
            {
                "format": "rebalancer-strategy", "version": 1, "quote": "USDT", "investment": "1000",
                "coins": [{"asset": "BTC", "weight": "40"}, {"asset": "ETH", "weight": "60"}],
                "rule": {"kind": "ratio", "threshold": "5"}, "sell_all_on_stop": False,
            }
        )
    )  # fmt: skip
    return str(path)


def test_off_is_watch_only_on_is_automatic_or_by_approval(say: Say) -> None:
    for words, typed, mode in (
        (("off",), "", "watch"),
        (("on",), "paper\n", "auto"),
        (("on", "--approve"), "paper\n", "approve"),
        (("on", "--auto"), "paper\n", "auto"),
    ):
        code, out, err = say("account", "trading", "paper", *words, typed=typed)
        assert (code, err) == (0, "")
        assert json.loads(out) == {"name": "paper", "mode": mode}


@pytest.mark.parametrize("typed", ["", "papers\n", "PAPER\n", "yes\n"])
def test_without_the_name_typed_as_it_is_nothing_changes(say: Say, typed: str) -> None:
    say("account", "trading", "paper", "off")
    code, out, err = say("account", "trading", "paper", "on", typed=typed)
    assert (code, out) == (2, "")
    assert err.startswith("account: The name was not typed as it is")
    code, out, _err = say("account", "trading", "paper", "off")
    assert json.loads(out)["mode"] == "watch"


def test_the_largest_order_is_a_rail_and_one_that_this_account_has_not_is_refused_whole(say: Say) -> None:
    code, out, err = say("account", "trading", "paper", "on", "--approve", "--max-order", "100", typed="paper\n")
    assert (code, out) == (2, "")
    assert err.startswith("order_cap: Largest order, in money: this rail is off on a paper account on the demo market")
    # The mode was not changed either.
    code, _out, err = say("account", "trading", "paper", "off", "--approve")
    assert (code, "stand with on only" in err) == (2, True)


def test_an_unknown_account_is_named(say: Say) -> None:
    code, _out, err = say("account", "trading", "binance", "off")
    assert (code, err) == (2, "account: There is no account binance; there is: paper.\n")


def test_on_watch_only_create_prints_the_plan_and_fails_and_nothing_is_taken(say: Say, tmp_path: Path) -> None:
    say("account", "trading", "paper", "off")
    code, out, err = say("strategy", "create", strategy_file(tmp_path))
    assert code == 1
    assert "watch only" in err
    assert {leg["asset"] for leg in json.loads(out)["legs"]} == {"BTC", "ETH"}
    code, out, _err = say("account", "show")
    assert json.loads(out)["free_pool"] == {"USDT": "10000"}
    say("account", "trading", "paper", "on", typed="paper\n")
    code, out, _err = say("strategy", "create", strategy_file(tmp_path))
    assert (code, json.loads(out)["state"]) == (0, "Running")
