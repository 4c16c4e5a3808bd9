"""SIM: thousands of seeded runs of the real engine, in which everything goes wrong that can (docs/orders.md)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.protocol.faults import NOTHING
from tests.protocol.naive import naive_engine
from tests.protocol.scenario import Report, play

FIRST = 1
RUNS, BLOCK = 2_000, 40
"""In every run of all tests."""
LONG_RUNS, LONG_BLOCK = 100_000, 500
NAIVE_RUNS = 60
REPOSITORY = Path(__file__).parents[2]


def failures(reports: list[Report]) -> dict[int, list[str]]:
    """Broken invariants by seed; `python -m tests.protocol.run --replay SEED` shows such a run."""
    return {report.seed: report.broken for report in reports if report.broken}


@pytest.mark.timeout(600)
@pytest.mark.failure(1, 2, 3, 12, 15, 17, 18, 19, 48, 50, 51)
@pytest.mark.parametrize("first", range(FIRST, FIRST + RUNS, BLOCK))
def test_no_order_is_doubled_no_fill_is_lost_and_the_ledger_is_the_exchange(first: int) -> None:
    reports = [play(seed) for seed in range(first, first + BLOCK)]
    assert failures(reports) == {}
    assert sum(report.double_orders + report.lost_fills for report in reports) == 0
    # They were not idle: something was traded and something went wrong in each block.
    assert sum(report.orders for report in reports) > 10 * BLOCK
    assert sum(report.crashes for report in reports) > 0


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("first", range(FIRST, FIRST + LONG_RUNS, LONG_BLOCK))
def test_a_hundred_thousand_runs(first: int) -> None:
    assert failures([play(seed) for seed in range(first, first + LONG_BLOCK)]) == {}


@pytest.mark.parametrize("first", range(FIRST, FIRST + NAIVE_RUNS, 20))
def test_a_naive_executor_is_caught_in_at_least_a_quarter_of_the_runs(first: int) -> None:
    with naive_engine():
        caught = failures([play(seed, quiet=3) for seed in range(first, first + 20)])
    assert len(caught) >= 5, caught


def test_a_naive_executor_passes_where_nothing_goes_wrong() -> None:
    with naive_engine():
        assert failures([play(seed, NOTHING) for seed in range(FIRST, FIRST + 5)]) == {}


def test_the_same_seed_gives_the_same_trace_also_in_another_process() -> None:
    here = [play(seed).trace_hash for seed in (3, 4)]
    assert [play(seed).trace_hash for seed in (3, 4)] == here
    command = [sys.executable, "-m", "tests.protocol.run", "--replay", "3", "--hash"]
    environment = os.environ | {"PYTHONHASHSEED": "77"}
    told = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == here[0]


def test_a_replay_prints_every_step_and_the_long_form_prints_figures() -> None:
    command = [sys.executable, "-m", "tests.protocol.run", "--runs", "2", "--seed", "3", "--workers", "1"]
    told = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    assert "runs: 2" in told
    assert "double orders: 0" in told
    assert "worst time to settle" in told
    replay = [sys.executable, "-m", "tests.protocol.run", "--replay", "3"]
    lines = subprocess.run(replay, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.splitlines()
    assert any("POST" in line for line in lines)
    assert lines[-1].startswith("trace ")
