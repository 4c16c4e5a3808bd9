"""SIM over the wire: seeded runs of the real engine with the real adapter, ccxt and HTTP, at each of the five exchanges in turn."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.protocol.faults import NOTHING
from tests.protocol.naive import naive_engine
from tests.protocol.scenario import Report
from tests.wire.bench import MADE
from tests.wire_sim.scenario import play

FIRST = 1
RUNS, BLOCK = 200, 20
"""In every run of all tests."""
LONG_RUNS, LONG_BLOCK = 2_000, 100
NAIVE_RUNS = 10
REPOSITORY = Path(__file__).parents[2]


def failures(reports: list[Report]) -> dict[int, list[str]]:
    """Broken invariants by seed; `python -m tests.wire_sim.run --replay SEED` shows such a run."""
    return {report.seed: report.broken for report in reports if report.broken}


@pytest.mark.timeout(600)
@pytest.mark.failure(1, 2, 3, 4, 5, 6, 7, 8, 12, 15, 17, 18, 34)
@pytest.mark.parametrize("first", range(FIRST, FIRST + RUNS, BLOCK))
def test_no_order_is_doubled_on_a_bad_wire_and_the_ledger_is_the_exchange(first: int) -> None:
    reports = [play(seed) for seed in range(first, first + BLOCK)]
    assert failures(reports) == {}
    assert sum(report.double_orders + report.lost_fills for report in reports) == 0
    # They were not idle: something was traded, went wrong and died in each block, at each exchange.
    total = sum((report.more for report in reports), Counter[str]())
    assert all(total[f"orders at {venue}"] > BLOCK // 2 for venue in MADE)
    assert sum(report.crashes for report in reports) > 0
    faults = sum((report.faults for report in reports), Counter[str]())
    assert sum(times for name, times in faults.items() if name.startswith("order: ")) > BLOCK


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("first", range(FIRST, FIRST + LONG_RUNS, LONG_BLOCK))
def test_two_thousand_runs_over_the_wire(first: int) -> None:
    assert failures([play(seed) for seed in range(first, first + LONG_BLOCK)]) == {}


def test_a_naive_executor_is_caught_over_the_wire_too() -> None:
    with naive_engine():
        caught = failures([play(seed, quiet=3) for seed in range(FIRST, FIRST + NAIVE_RUNS)])
    assert len(caught) >= NAIVE_RUNS // 4, caught


def test_a_naive_executor_passes_where_the_wire_is_good() -> None:
    with naive_engine():
        assert failures([play(seed, NOTHING) for seed in range(FIRST, FIRST + len(MADE))]) == {}


def test_the_same_seed_gives_the_same_trace_over_real_sockets_also_in_another_process() -> None:
    here = play(3).trace_hash
    assert play(3).trace_hash == here
    command = [sys.executable, "-m", "tests.wire_sim.run", "--replay", "3", "--hash"]
    environment = os.environ | {"PYTHONHASHSEED": "77"}
    told = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == here
