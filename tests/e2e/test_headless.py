"""The real console command as a process: what it says, how it stops, what it refuses, what it leaves behind."""

import json
import os
import re
import signal
import sqlite3
import subprocess
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.data_folder import default_data_folder
from rebalancer_gui.domain.allocation import equal_weights
from rebalancer_gui.domain.strategy import RatioRule, StrategyParameters
from tests.e2e.program import COMMAND, PATIENCE_S, READY, ROOT, Program, make_strategies, run_to_end
from tests.support.ledger_check import audit

pytestmark = pytest.mark.e2e
FULL_SPEED = ("--demo-speed", 86_400)
DEMO = ("--create-demo", *FULL_SPEED)
REBALANCE = r"^(\S+ \S+) Demo BTC ETH: (first build|by coin ratio), worst drift [\d.]+ pp, (done|partly|skipped): "
SUMMARY = (
    r"^(\d{4}-\d\d-\d\d) Demo BTC ETH \(Running\): value [\d,.]+ USDT, profit [+-][\d.]+ %, vs HODL [+-][\d.]+ %, "
)
STOP_WITHIN_S = 2


def ledger(folder: Path) -> Path:
    return folder / "accounts" / "paper" / "ledger.sqlite"


def venue_file(folder: Path) -> Path:
    return folder / "accounts" / "paper" / "paper-venue.sqlite"


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def twenty_of_ten_coins() -> list[StrategyParameters]:
    coins = ("BTC", "ETH", "BNB", "XRP", "ADA", "SOL", "DOT", "LTC", "LINK", "DOGE")
    return [
        StrategyParameters(f"S{i}", "USDT", equal_weights(coins), Decimal(490), RatioRule(Decimal("0.1")))
        for i in range(20)
    ]


def test_it_creates_the_demo_strategy_and_tells_every_rebalance_and_every_market_day(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Program(folder, *DEMO) as program:
        program.wait_for(SUMMARY, 4)
        code, _ = program.stop()

    assert code == 0
    assert 'created "Demo BTC ETH" (BTC 50 %, ETH 50 %, by coin ratio 1 %, 1,000 USDT)' in program.output
    assert program.lines[-1].text == "Stopped. Everything is stored; the next start goes on from here."
    told = re.findall(REBALANCE, program.output, re.MULTILINE)
    stored = rows(ledger(folder), "SELECT reason FROM rebalance ORDER BY key")
    assert [reason for _, reason, _ in told] == [reason for (reason,) in stored]
    assert len(told) > 2
    days = [date.fromisoformat(day) for day in re.findall(SUMMARY, program.output, re.MULTILINE)]
    assert days == [date(2021, 2, 17) + timedelta(days=n) for n in range(len(days))]
    audit(folder, stopped_safely=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_within_two_seconds_with_exit_code_0(tmp_path: Path, number: int) -> None:
    with Program(tmp_path / "data", *DEMO) as program:
        program.wait_for(SUMMARY)
        code, took = program.stop(number)

    assert code == 0
    assert took < STOP_WITHIN_S
    audit(tmp_path / "data", stopped_safely=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.failure(40)
def test_a_signal_in_the_middle_of_200_orders_stops_it_within_two_seconds(tmp_path: Path, number: int) -> None:
    folder = tmp_path / "data"
    make_strategies(folder, twenty_of_ten_coins())
    with Program(folder, *FULL_SPEED) as program:
        program.wait_for(r"S\d+: first build", 2)
        code, took = program.stop(number)

    assert code == 0
    assert took < STOP_WITHIN_S
    found = audit(folder, stopped_safely=True)
    assert found.orders < 200, "the signal came too late to show anything"
    assert "Building" in found.states.values()


@pytest.mark.parametrize("moment", ["the folder is locked", "the files are made", "it speaks"])
def test_ctrl_c_while_it_starts_ends_it_with_exit_code_0_and_without_a_traceback(tmp_path: Path, moment: str) -> None:
    folder = tmp_path / "data"
    with Program(folder, *DEMO) as program:
        begun = {
            "the folder is locked": (folder / "lock").exists,
            "the files are made": ledger(folder).exists,
            "it speaks": lambda: bool(program.lines),
        }
        program.wait_until(begun[moment])
        code, took = program.stop()

    assert (code, "Traceback" in program.output) == (0, False), program.output
    assert took < STOP_WITHIN_S
    assert run_and_stop(folder) == 0


def run_and_stop(folder: Path) -> int:
    with Program(folder, *DEMO) as program:
        program.wait_for(REBALANCE)
        return program.stop()[0]


@pytest.mark.failure(47)
def test_a_second_instance_on_the_same_folder_is_refused_with_exit_code_3(tmp_path: Path) -> None:
    with Program(tmp_path / "data", *DEMO) as first:
        first.wait_for(READY)
        second = run_to_end("run", "--data-dir", tmp_path / "data")
        assert second.returncode == 3
        assert f"already running with the data folder {tmp_path / 'data'} (process {first.pid})" in second.stderr
        assert "--data-dir" in second.stderr
        first.wait_for(SUMMARY)
        assert first.stop()[0] == 0


def test_a_backup_is_made_by_the_program_that_runs_without_a_window_and_it_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    with Program(tmp_path / "data", *DEMO) as program:
        program.wait_for(REBALANCE)
        done = run_to_end("backup", file, "--json", "--data-dir", tmp_path / "data")
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert (answer["file"], answer["verified"], answer["accounts"]) == (str(file), True, ["paper"])
        assert answer["made_by"] == "the program that runs"
        again = run_to_end("backup", file, "--data-dir", tmp_path / "data")
        assert (again.returncode, again.stderr.count("is there already")) == (2, 1)
        program.wait_for(SUMMARY)
        assert program.stop()[0] == 0
    assert run_to_end("restore", file, "--yes", "--data-dir", tmp_path / "other").returncode == 0
    listed = run_to_end("strategy", "list", "--json", "--data-dir", tmp_path / "other")
    assert [row["name"] for row in json.loads(listed.stdout)] == ["Demo BTC ETH"]
    alone = run_to_end("backup", tmp_path / "alone.zip", "--json", "--data-dir", tmp_path / "other")
    assert json.loads(alone.stdout)["made_by"] == "this command"


@pytest.mark.parametrize(
    ("options", "legal"),
    [
        (("--demo-speed", "0"), "a whole number from 1 to 86400"),
        (("--demo-speed", "86401"), "a whole number from 1 to 86400"),
        (("--demo-speed", "1e3"), "a whole number from 1 to 86400"),
        (("--demo-speed", "٣"), "a whole number from 1 to 86400"),
        (("--demo-seed", "-1"), "a whole number from 0 to 9223372036854775807"),
        (("--demo-seed", "9223372036854775808"), "a whole number from 0 to 9223372036854775807"),
        (("--demo-seed", "9" * 5000), "a whole number from 0 to 9223372036854775807"),
        (("--demo-start", "2021-02-30"), "YYYY-MM-DD"),
        (("--demo-start", "soon"), "YYYY-MM-DD"),
        (("--demo-start", "2019-01-01"), "from 2020-09-18 to 2022-09-09"),
        (("--demo-start", "2022-09-10"), "from 2020-09-18 to 2022-09-09"),
        (("--account", "binance"), "there is: paper"),
        (("--data-dir", ""), "no folder"),
        (("--colour", "red"), "unrecognized arguments"),
    ],
)
def test_what_is_not_legal_is_refused_with_exit_code_2_and_with_what_is(
    tmp_path: Path, options: tuple[str, ...], legal: str
) -> None:
    answer = run_to_end("run", "--data-dir", tmp_path / "data", *options)

    assert answer.returncode == 2
    assert legal in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not venue_file(tmp_path / "data").exists()


def test_quiet_says_nothing_but_errors(tmp_path: Path) -> None:
    log = ledger(tmp_path / "data").with_name("ledger.sqlite-wal")
    with Program(tmp_path / "data", *DEMO, "--quiet") as program:
        program.wait_until(lambda: log.exists() and log.stat().st_size > 100_000)
        code, _ = program.stop()

    assert (code, program.output) == (0, "")
    assert audit(tmp_path / "data", stopped_safely=True).orders > 0


def test_a_reader_that_goes_away_stops_it_safely(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    command = [*COMMAND, "run", "--data-dir", str(folder), *map(str, DEMO)]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        assert process.wait(PATIENCE_S) == 0
    assert errors == ""
    audit(folder, stopped_safely=True)


@pytest.mark.rule("3a.5")
def test_a_restart_goes_on_where_the_last_run_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Program(folder, *DEMO) as program:
        program.wait_for(SUMMARY, 2)
        program.stop()
    before = audit(folder, stopped_safely=True)
    with Program(folder, *DEMO) as program:
        program.wait_for(READY)
        program.wait_for(SUMMARY, 2)
        program.stop()
    after = audit(folder, stopped_safely=True)

    assert f"Market time {before.market_time:%Y-%m-%d %H:%M} UTC. Strategies: Demo BTC ETH." in program.output
    assert "There was no strategy" not in program.output
    assert after.states == {"Demo BTC ETH": "Running"}
    assert after.market_time > before.market_time
    days = re.findall(SUMMARY, program.output, re.MULTILINE)
    assert days[0] == str(before.market_time.date() + timedelta(days=1))


def test_the_speed_can_be_chosen_anew_on_an_account_that_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    make_strategies(folder, [])
    assert rows(venue_file(folder), "SELECT speed FROM market") == [(21_600,)]
    with Program(folder, *DEMO) as program:
        program.wait_for("speed 86400 x")
        program.wait_for(REBALANCE)
        program.stop()

    assert rows(venue_file(folder), "SELECT speed FROM market") == [(86_400,)]


def test_demo_leaves_the_default_folder_alone_and_nothing_behind(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert not default_data_folder().exists()
    with Program(None, "--demo", *DEMO) as program:
        program.wait_for(REBALANCE, 2)
        assert [p.name for p in tmp_path.iterdir()] != []
        code, _ = program.stop()
    assert code == 0
    assert list(tmp_path.iterdir()) == []
    assert not default_data_folder().exists()


HISTORY = """
    SELECT i.sent_at, y.name, i.side, i.type, i.quantity, i.limit_price, i.state, i.filled, f.trade_id, f.quantity, f.price,
        f.fee, f.fee_asset
    FROM intent i JOIN symbol y ON y.key = i.symbol LEFT JOIN fill f ON f.intent = i.key ORDER BY i.key, f.key
"""
IDS = "SELECT sent_at, client_order_id, rebalance_id, venue_order_id FROM intent ORDER BY key"


def a_run(folder: Path, *pauses: int) -> None:
    """Days of market time in one run, or in several one after the other; only the first one is told seed and start."""
    for number, days in enumerate(pauses):
        new = ("--demo-seed", 77, "--demo-start", "2021-05-18") if number == 0 else ()
        with Program(folder, "--create-demo", *FULL_SPEED, *new) as program:
            program.wait_for(SUMMARY, days)
            assert program.stop()[0] == 0


def common(first: Path, second: Path, query: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Both histories up to the market time that both have reached."""
    end = min(audit(folder, stopped_safely=True).market_time.timestamp() for folder in (first, second))
    pages = [rows(ledger(folder), query) for folder in (first, second)]
    return tuple([row for row in page if float(str(row[0])) / 1e6 < end] for page in pages)  # type: ignore[return-value]


def test_the_same_seed_start_and_speed_give_the_same_history_also_over_a_restart(tmp_path: Path) -> None:
    once, again, broken = tmp_path / "once", tmp_path / "again", tmp_path / "broken"
    a_run(once, 3)
    a_run(again, 3)
    a_run(broken, 2, 1)

    for query in (HISTORY, IDS):
        first, second = common(once, again, query)
        assert first == second
        assert len(first) >= 6
    first, third = common(once, broken, HISTORY)
    assert first == third
    tags = {str(cid)[:6] for _, cid, *_ in rows(ledger(broken), IDS)}
    assert len(tags) == 1, "the account's own seed gives the ids, whatever the start was told"


def test_another_seed_gives_another_history(tmp_path: Path) -> None:
    for seed in (1, 2):
        with Program(tmp_path / str(seed), *DEMO, "--demo-seed", seed) as program:
            program.wait_for(REBALANCE, 2)
            program.stop()
    first, second = common(tmp_path / "1", tmp_path / "2", HISTORY)
    assert first != second


def test_the_demo_that_everybody_sees_first_rebalances_within_30_seconds(tmp_path: Path) -> None:
    with Program(tmp_path / "data", "--create-demo") as program:
        line = program.wait_for("Demo BTC ETH: by coin ratio.*(buy|sell)")
        assert line.at - program.started_at < 30
        program.stop()
