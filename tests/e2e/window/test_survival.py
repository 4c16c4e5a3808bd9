"""Closing, killing, starting twice and damaged files, with the real program as a process."""

import signal
import sqlite3
import time

import pytest

from tests.e2e.program import Program
from tests.e2e.window.steps import create_by_hand, market_time, quit_asking, ready, runs
from tests.e2e.window.window import open_window

pytestmark = [pytest.mark.window, pytest.mark.e2e]

SECOND_START_S = 3.0
SAFE_STOP_S = 3.0
HEADLESS_RUNS = 3


@pytest.mark.failure(34)
def test_after_closing_and_after_a_kill_everything_is_as_it_was_and_goes_on(desktop, data_dir):
    with open_window(desktop, data_dir) as window:
        ready(window)
        create_by_hand(window)
        window.open_tab("detailTabs", "Journal")
        window.resize(1100, 720)
        window.close()
        window.says("closeQuestion", "^1 strategy is running$")
        window.click("closeQuestionCancel")
        window.gone("closeQuestion")
        assert window.process.poll() is None, "Cancel goes on"
        code, took = quit_asking(window)
        assert code == 0, window.said()
        assert took < SAFE_STOP_S

    with open_window(desktop, data_dir) as window:
        runs(window, "BTC ETH")
        assert window.look("mainWindow").bounds[2:] == (1100, 720)
        assert window.opened_tab("detailTabs") == "Journal"
        assert window.opened_tab("createTabs") == "Manual"
        window.open_tab("detailTabs", "Rebalances")
        window.eventually(lambda: window.count("rebalancesTable") >= 2, "no rebalance", within=30)
        # One that is just under way goes on as another one after the kill.
        history = [row for row in window.rows("rebalancesTable", most=40) if row["Outcome"] != "Running"]
        reached = market_time(window)
        window.signal(signal.SIGKILL)
        window.end()

    with open_window(desktop, data_dir) as window:
        runs(window, "BTC ETH")
        window.eventually(lambda: market_time(window) > reached, "the replay does not go on")
        window.open_tab("detailTabs", "Rebalances")
        known = window.eventually(lambda: window.rows("rebalancesTable", most=40), "the history is gone")
        assert known[-len(history) :] == history
        window.eventually(lambda: window.count("rebalancesTable") > len(history), "it does not rebalance", within=30)
        window.signal(signal.SIGTERM)
        code, took = window.end()
        assert code == 0, window.said()
        assert took < SAFE_STOP_S


@pytest.mark.isolated
@pytest.mark.failure(47)
def test_a_second_start_raises_the_first_window_and_ends(desktop, data_dir, tmp_path):
    with open_window(desktop, data_dir) as window:
        ready(window)
        window.minimize()
        begun = time.monotonic()
        second = desktop.start_program(data_dir, tmp_path / "second.txt")
        try:
            code = second.wait(10)
        finally:
            second.kill()
            second.wait()
        assert code == 0, (tmp_path / "second.txt").read_text()
        assert time.monotonic() - begun < SECOND_START_S
        window.eventually(lambda: window.look("mainWindow").active, "the first window is not raised")
        assert window.is_mapped()


@pytest.mark.failure(47)
def test_where_the_engine_runs_without_a_window_the_window_says_so(desktop, data_dir):
    with Program(data_dir) as program:
        program.wait_for("^Market time")
        with open_window(desktop, data_dir) as window:
            window.says("failureMessage", "(?i)another|already|running")
            window.click("failureQuitButton")
            assert window.end()[0] == HEADLESS_RUNS
        assert program.stop()[0] == 0


@pytest.mark.failure(43)
def test_a_damaged_ledger_is_reported_and_left_as_it_is(desktop, data_dir):
    with open_window(desktop, data_dir) as window:
        ready(window)
        window.close()
        assert window.end()[0] == 0, "without a strategy it closes without asking"
    ledger = data_dir / "accounts" / "paper" / "ledger.sqlite"
    damaged = b"no database at all " * 1000
    ledger.write_bytes(damaged)
    with pytest.raises(sqlite3.DatabaseError), sqlite3.connect(ledger) as connection:
        connection.execute("SELECT * FROM strategy")

    with open_window(desktop, data_dir) as window:
        window.says("failureMessage", "ledger")
        window.see("repairButton0")
        window.click("failureQuitButton")
        assert window.end()[0] == 1
    assert ledger.read_bytes() == damaged
