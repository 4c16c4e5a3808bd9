"""The console twin as processes: what it answers, what it refuses, what it does beside another instance."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from rebalancer_gui.console.arguments import build_parser
from tests.e2e.program import ROOT, Program, run_to_end

STRATEGY = {
    "format": "rebalancer-strategy",
    "version": 1,
    "name": "Core",
    "quote": "USDT",
    "coins": [{"asset": "BTC", "weight": "40"}, {"asset": "ETH", "weight": "60"}],
    "investment": "1000",
    "rule": {"kind": "ratio", "threshold": "1", "check_seconds": 2},
    "sell_all_on_stop": False,
}
HISTORIES = {
    "orders": "time strategy rebalance client_order_id venue_order_id symbol side type time_in_force quantity price filled "
    "average cost fees status reason",
    "fills": "time strategy client_order_id trade_id symbol side quantity price fee_asset fee_amount",
    "rebalances": "time strategy id reason outcome worst_drift legs skipped message",
    "transfers": "time strategy kind asset amount",
    "fees": "time strategy trade_id fee_asset fee_amount refunded bnb_paid saved note",
    "journal": "time strategy kind text",
}
SHOWN = (
    "id name state reason rule coins cash value net_invested profit profit_percent twr hodl_value vs_hodl fees_paid "
    "fees_returned rebalances skipped next_check xirr realised unrealised"
)


def file_of(folder: Path, **changes: object) -> Path:
    path = folder / f"{len(list(folder.glob('*.json')))}.json"
    path.write_text(json.dumps(STRATEGY | changes))
    return path


@pytest.fixture
def console(tmp_path: Path):
    """``console("strategy", "list")``: the JSON of a command that must succeed."""

    def run(*words: object, folder: Path | None = None):
        ended = run_to_end(*words, "--json", "--data-dir", folder or tmp_path / "data")
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    return run


def refused(tmp_path: Path, *words: object) -> str:
    ended = run_to_end(*words, "--data-dir", tmp_path / "data")
    assert ended.returncode == 2, (ended.returncode, ended.stdout, ended.stderr)
    assert ended.stdout == ""
    return ended.stderr


def test_a_whole_life_at_the_console(console, tmp_path):
    made = console("strategy", "create", file_of(tmp_path))
    assert set(made) == {"id", "state"}
    assert made["state"] == "Running"
    (listed,) = console("strategy", "list")
    assert list(listed) == SHOWN.split()
    assert listed["net_invested"] == "1000"
    added = console("strategy", "add-funds", "core", "500")
    assert [leg["outcome"] for leg in added["rebalance"]["legs"]] == ["filled", "filled"]
    out = console("strategy", "remove-funds", made["id"], "300", "--most-overweight")
    assert out["rebalance"]["reason"] == "funds removed"
    coins = [{"asset": "BTC", "weight": "50"}, {"asset": "BNB", "weight": "50"}]
    changed = console("strategy", "change-coins", "core", file_of(tmp_path, coins=coins))
    assert {leg["asset"] for leg in changed["rebalance"]["legs"]} == {"BTC", "ETH", "BNB"}
    rule = {"kind": "time", "interval_seconds": 86400, "gate": "0.5"}
    console("strategy", "edit", "core", file_of(tmp_path, coins=coins, rule=rule, name="Daily"))
    assert console("strategy", "show", "daily")["rule"] == rule
    assert console("strategy", "pause", "daily")["state"] == "Paused"
    assert console("strategy", "resume", "daily")["state"] == "Running"
    assert console("strategy", "stop", "daily", "--sell-all")["state"] == "Ended"
    account = console("account", "show")
    assert account["ledgers"] == {}
    assert account["difference"] == {}
    for kind, keys in HISTORIES.items():
        rows = console("history", kind)
        assert rows, kind
        assert list(rows[0]) == keys.split()
        assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)


def test_reading_changes_nothing(console, tmp_path):
    console("strategy", "create", file_of(tmp_path))
    before = (tmp_path / "data" / "accounts" / "paper" / "ledger.sqlite").read_bytes()
    for words in (("strategy", "list"), ("account", "show"), ("history", "journal"), ("doctor",)):
        console(*words)
    assert (tmp_path / "data" / "accounts" / "paper" / "ledger.sqlite").read_bytes() == before


def test_an_exported_file_can_be_created_again(console, tmp_path):
    console("strategy", "create", file_of(tmp_path))
    exported = run_to_end("strategy", "export", "core", "--data-dir", tmp_path / "data")
    again = tmp_path / "again.json"
    again.write_text(exported.stdout)
    console("strategy", "create", again, folder=tmp_path / "other")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"investment": "NaN"}, "investment"),
        ({"investment": "99999999"}, "investment"),
        ({"coins": [{"asset": "BTC", "weight": "100"}]}, "coins"),
        ({"rule": {"kind": "ratio", "threshold": "51"}}, "threshold"),
        ({"stop_loss": {"basis": "return", "level": "5"}}, "stop_loss"),
        ({"trigger": {"symbol": "NOPE/USDT", "price": "1"}}, "trigger"),
        ({"surprise": 1}, "format"),
        ({"version": 2}, "version"),
    ],
)
def test_a_bad_file_is_refused_with_its_field_and_nothing_is_changed(tmp_path, changes, field):
    said = refused(tmp_path, "strategy", "create", file_of(tmp_path, **changes))
    assert all(": " in line for line in said.strip().splitlines())
    assert field in said or "surprise" in said
    listed = run_to_end("strategy", "list", "--json", "--data-dir", tmp_path / "data")
    assert json.loads(listed.stdout) == []


def test_without_a_terminal_an_open_choice_is_refused(tmp_path):
    content = {key: value for key, value in STRATEGY.items() if key != "sell_all_on_stop"}
    path = tmp_path / "open.json"
    path.write_text(json.dumps(content))
    assert refused(tmp_path, "strategy", "create", path).startswith("sell_all_on_stop: ")


@pytest.mark.parametrize("amount", ["1e3", "-5", "abc", "0", "NaN", "1,000"])
def test_a_bad_amount_is_refused(console, tmp_path, amount):
    console("strategy", "create", file_of(tmp_path))
    assert refused(tmp_path, "strategy", "add-funds", "core", amount).startswith("amount: ")


def test_play_money_goes_in_and_out_and_an_account_begins_anew(console, tmp_path):
    assert console("account", "deposit", "BNB", "2")["free_pool"]["BNB"] == "2"
    assert console("account", "withdraw", "USDT", "1000")["free_pool"]["USDT"] == "9000"
    refused(tmp_path, "account", "withdraw", "USDT", "100000")
    refused(tmp_path, "account", "reset")
    assert console("account", "reset", "--yes")["free_pool"] == {"USDT": "10000"}
    assert list((tmp_path / "data" / "backups").glob("paper-reset-*"))


def test_a_plan_from_a_snapshot_needs_no_data_folder(tmp_path):
    snapshot = {
        "quotes": {s: {"bid": "100", "ask": "100", "last": "100"} for s in ("BTC/USDT", "ETH/USDT")},
        "holdings": {"BTC": "6", "ETH": "4"},
        "cash": "0",
        "rules": {s: {"step": "0.0001", "min_notional": "10"} for s in ("BTC/USDT", "ETH/USDT")},
        "fee": {"rate": "0", "taken_in": "received"},
    }
    place = tmp_path / "snapshot.json"
    place.write_text(json.dumps(snapshot))
    ended = run_to_end("plan", file_of(tmp_path), "--snapshot", place, "--json", "--data-dir", tmp_path / "none")
    answer = json.loads(ended.stdout)
    assert (answer["value"], answer["worst_drift"], answer["triggers"]) == ("1000", "20", True)
    assert [(leg["asset"], leg["side"], leg["notional"]) for leg in answer["legs"]] == [
        ("BTC", "sell", "200"),
        ("ETH", "buy", "200"),
    ]
    assert not (tmp_path / "none").exists()


@pytest.mark.isolated
@pytest.mark.rule("7.10")
def test_stop_all_reaches_a_running_engine_within_a_quarter_of_a_second_and_survives_a_restart(console, tmp_path):
    data = tmp_path / "data"
    console("strategy", "create", file_of(tmp_path, rule={"kind": "ratio", "threshold": "0.1", "check_seconds": 2}))
    with Program(data, "--demo-speed", "86400") as program:
        program.wait_for("by coin ratio")
        busy = run_to_end("strategy", "list", "--data-dir", data)
        assert busy.returncode == 3, "every command that opens the account says that another instance runs"
        assert run_to_end("doctor", "--data-dir", data).returncode == 0
        assert run_to_end("stop-all", "--data-dir", data).returncode == 0
        time.sleep(0.25)
        said = len([line for line in program.lines if "by coin ratio" in line.text])
        time.sleep(2)
        assert len([line for line in program.lines if "by coin ratio" in line.text]) == said
        code, _took = program.stop(signal.SIGTERM)
    assert code == 0
    (stopped,) = console("strategy", "list")
    assert (stopped["state"], stopped["reason"]) == ("Halted", "Stop all")
    resumed = console("resume-all")
    assert list(resumed["strategies"].values()) == ["Running"]
    assert not (data / "STOP").exists()


@pytest.mark.long
@pytest.mark.rule("3a.2")
def test_histories_are_the_same_to_the_byte_also_after_interruptions(tmp_path):
    until, speed = ("--until", "2021-02-22"), ("--demo-speed", "86400")
    path = file_of(tmp_path)
    other = file_of(tmp_path, name="Timed", rule={"kind": "time", "interval_seconds": 43200, "gate": "0.5"})
    folders = (tmp_path / "at once", tmp_path / "interrupted")
    for folder in folders:
        for file in (path, other):
            assert run_to_end("strategy", "create", file, "--demo-seed", 7, "--data-dir", folder).returncode == 0
    for pause in (1.2, 1.9, 1.5):
        with Program(folders[1], *speed, *until) as program:
            time.sleep(pause)
            program.stop(signal.SIGTERM)
    for folder in folders:
        assert run_to_end("run", *speed, *until, "--quiet", "--data-dir", folder).returncode == 0
    for kind in HISTORIES:
        told = [run_to_end("history", kind, "--json", "--data-dir", folder).stdout for folder in folders]
        assert told[0] == told[1], kind
        assert len(json.loads(told[0])) >= (3 if kind == "transfers" else 10)


def test_the_unit_for_systemd_is_sound(tmp_path):
    file = ROOT / "packaging" / "rebalancer.service"
    (start,) = re.findall(r"^ExecStart=(.*)$", file.read_text(), re.MULTILINE)
    environment, program, *words = shlex.split(start)
    assert (environment, program) == ("/usr/bin/env", "rebalancer")
    assert build_parser().parse_args(words).command == "run"
    assert "KillSignal=SIGTERM" in file.read_text()
    if shutil.which("systemd-analyze"):
        # Without a folder for its sockets it says nothing of the unit, and it only warns of what it does not know.
        said = subprocess.run(
            ["systemd-analyze", "--user", "verify", str(file)],
            env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (said.returncode, said.stderr) == (0, "")
