"""The console twin where something is in its way: no Qt, another instance, bad input, a poor terminal, a damaged file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.program import PATIENCE_S, ROOT, Program, run_to_end
from tests.e2e.test_console import file_of
from tests.support.ledger_check import audit

pytestmark = pytest.mark.e2e
WITHOUT_QT = """
import sys
for absent in ("PySide6", "shiboken6", "pyqtgraph"):
    sys.modules[absent] = None          # importing it raises ImportError, as where it is not installed
from rebalancer_gui.cli import main
sys.exit(main(sys.argv[1:]))
"""
OPENING = (
    ("strategy", "list"), ("strategy", "show", "core"), ("strategy", "export", "core"), ("strategy", "pause", "core"),
    ("strategy", "rebalance", "core"), ("strategy", "stop", "core"), ("strategy", "add-funds", "core", "5"), ("account", "show"),
    ("account", "deposit", "USDT", "1"), ("account", "reset", "--yes"), ("history", "journal"), ("resume-all",), ("run",),
)  # fmt: skip


def without_qt(*words: object, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_QT, *map(str, words)], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | (environment or {}), text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip


def test_one_command_of_each_kind_works_where_no_qt_is_installed(tmp_path: Path) -> None:
    data, coins = tmp_path / "data", [{"asset": "BTC", "weight": "50"}, {"asset": "ETH", "weight": "50"}]
    commands: list[tuple[object, ...]] = [
        ("strategy", "create", file_of(tmp_path)),
        ("strategy", "change-coins", "core", file_of(tmp_path, coins=coins)),
        ("strategy", "edit", "core", file_of(tmp_path, coins=coins, name="New")),
        ("plan", file_of(tmp_path)),
        ("account", "deposit", "BNB", "1"),
        ("run", "--until", "2021-02-16T12:00", "--demo-speed", "86400"),
        ("strategy", "stop", "new", "--sell-all"),
        ("history", "orders"),
        ("notify", "list"),
        ("doctor",),
    ]
    for words in commands:
        ended = without_qt(*words, "--data-dir", data)
        assert ended.returncode == 0, (words, ended.stderr)
        assert ended.stderr == "", words
        assert ended.stdout != "", words


@pytest.mark.timeout(180)
def test_every_command_that_opens_the_account_says_that_another_instance_runs(tmp_path: Path) -> None:
    with Program(tmp_path, "--create-demo") as program:
        program.wait_for("Strategies: ")
        for words in OPENING:
            ended = run_to_end(*words, "--data-dir", tmp_path)
            assert (ended.returncode, ended.stdout) == (3, ""), words
            assert f"process {program.pid}" in ended.stderr, words
        assert json.loads(run_to_end("doctor", "--json", "--data-dir", tmp_path).stdout)["in_use"] is True
        assert program.stop()[0] == 0


def test_every_problem_of_a_new_strategy_is_told_in_a_line_of_its_own(tmp_path: Path) -> None:
    coins = [{"asset": "NOPE", "weight": "40"}, {"asset": "ETH", "weight": "60"}]
    ended = run_to_end(
        "strategy", "create", file_of(tmp_path, coins=coins, investment="99999999"), "--data-dir", tmp_path
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert {line.partition(": ")[0] for line in ended.stderr.splitlines()} == {"coins", "investment"}


def test_a_name_that_the_terminal_cannot_write_does_no_harm(tmp_path: Path) -> None:
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    made = without_qt(
        "strategy", "create", file_of(tmp_path, name="日本"), "--data-dir", tmp_path, environment=ascii_only
    )
    shown = without_qt("strategy", "list", "--json", "--data-dir", tmp_path, environment=ascii_only)

    assert (made.returncode, made.stderr) == (0, "")
    assert [row["name"] for row in json.loads(shown.stdout)] == ["日本"]


def test_coins_of_another_money_are_not_taken_over(tmp_path: Path) -> None:
    run_to_end("strategy", "create", file_of(tmp_path), "--data-dir", tmp_path / "data")
    ended = run_to_end(
        "strategy", "change-coins", "core", file_of(tmp_path, quote="EUR"), "--data-dir", tmp_path / "data"
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith("quote: ")


def test_what_the_first_opening_booked_stands_in_the_journal_whatever_came_first(tmp_path: Path) -> None:
    """A look before the first strategy must not change what is told of it: not one id, not one line."""
    told = []
    for folder, looks_first in ((tmp_path / "a", False), (tmp_path / "b", True)):
        if looks_first:
            assert run_to_end("strategy", "list", "--data-dir", folder).returncode == 0
        assert run_to_end("strategy", "create", file_of(tmp_path), "--data-dir", folder).returncode == 0
        told.append(run_to_end("history", "journal", "--json", "--data-dir", folder).stdout)

    assert told[0] == told[1]
    assert "The account starts with 10,000 USDT." in told[0]


def test_stop_all_for_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    ended = run_to_end("stop-all", "--data-dir", tmp_path / "typo")

    assert ended.returncode == 2
    assert ended.stderr.startswith("data_dir: ")
    assert not (tmp_path / "typo").exists()


@pytest.mark.isolated
@pytest.mark.rule("7.10")
def test_after_stop_all_no_order_is_begun_within_a_quarter_of_a_second(tmp_path: Path) -> None:
    """Counted in the ledger itself, in which every order stands before it is sent."""
    rule = {"kind": "ratio", "threshold": "0.1", "check_seconds": 2}
    for number in range(4):
        made = file_of(tmp_path, name=f"S{number}", rule=rule)
        assert run_to_end("strategy", "create", made, "--data-dir", tmp_path / "data").returncode == 0
    with Program(tmp_path / "data", "--demo-speed", "86400") as program:
        program.wait_for("by coin ratio", 4)
        assert run_to_end("stop-all", "--data-dir", tmp_path / "data").returncode == 0
        time.sleep(0.25)
        after = audit(tmp_path / "data", stopped_safely=False)
        time.sleep(1.5)
        later = audit(tmp_path / "data", stopped_safely=False)
        assert program.stop(signal.SIGTERM)[0] == 0

    assert later.market_time > after.market_time, "the market went on meanwhile"
    assert later.orders == after.orders
    assert set(later.states.values()) == {"Halted"}


def test_run_tells_changes_of_decision_and_in_json_one_object_a_line(tmp_path: Path) -> None:
    data, until = tmp_path / "data", ("--demo-speed", "86400")
    run_to_end("strategy", "create", file_of(tmp_path), "--data-dir", data)
    plain = run_to_end("run", *until, "--until", "2021-02-18", "--data-dir", data)
    told = run_to_end("run", *until, "--until", "2021-02-21", "--json", "--data-dir", data)

    assert "2021-02-16 06:00 Core is within 1 %: nothing to do." in plain.stdout
    events = [json.loads(line) for line in told.stdout.splitlines()]
    assert {event["event"] for event in events} == {"rebalance", "journal"}
    listed = json.loads(run_to_end("history", "rebalances", "--json", "--data-dir", data).stdout)
    rows = [{k: v for k, v in event.items() if k != "event"} for event in events if event["event"] == "rebalance"]
    assert rows == listed[-len(rows) :]


def test_all_numbers_of_an_answer_are_strings(tmp_path: Path) -> None:
    """But the whole seconds of a rule, which stand bare in a strategy file too."""
    run_to_end("strategy", "create", file_of(tmp_path), "--data-dir", tmp_path / "data")
    bare = []

    def look(value: object, key: str) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                look(inner, name)
        elif isinstance(value, list):
            for inner in value:
                look(inner, key)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            bare.append(key)

    for words in (
        ("strategy", "list"),
        ("account", "show"),
        ("history", "orders"),
        ("history", "rebalances"),
        ("doctor",),
    ):
        look(json.loads(run_to_end(*words, "--json", "--data-dir", tmp_path / "data").stdout), "")
    assert bare == ["check_seconds"]


def test_the_doctor_finds_a_damaged_ledger_and_makes_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run_to_end("doctor", "--data-dir", empty).returncode == 0
    assert list(empty.iterdir()) == []

    data = tmp_path / "data"
    run_to_end("strategy", "create", file_of(tmp_path), "--data-dir", data)
    sound = json.loads(run_to_end("doctor", "--json", "--data-dir", data).stdout)
    assert sound["versions"]["rebalancer"]
    assert sound["accounts"][0]["strategies"] == {"Running": "1"}
    (data / "accounts" / "paper" / "ledger.sqlite").write_bytes(b"junk" * 100)
    ended = run_to_end("doctor", "--json", "--data-dir", data)
    assert ended.returncode == 1
    assert "ledger.sqlite" in json.loads(ended.stdout)["problems"][0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_interrupted_fails_and_leaves_a_sound_account(tmp_path: Path, number: int) -> None:
    """At whatever moment the signal comes: either it was too late, or the command says that it was cut short."""
    data = tmp_path / "data"
    run_to_end("strategy", "create", file_of(tmp_path), "--data-dir", data)
    codes = set()
    for moment in (0.15, 0.3, 0.4, 0.5, 0.6):
        with subprocess.Popen(
            [sys.executable, "-m", "rebalancer_gui.cli", "strategy", "add-funds", "core", "100", "--data-dir", str(data)],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            time.sleep(moment)
            process.send_signal(number)
            codes.add(process.wait(PATIENCE_S))
        audit(data, stopped_safely=False)
    assert codes <= {0, 1, -number}, codes
    assert json.loads(run_to_end("account", "show", "--json", "--data-dir", data).stdout)["difference"] == {}
