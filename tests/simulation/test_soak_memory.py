"""A program that runs for months keeps no more in memory than after its first days."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

GROWTH = 1.05
"""Of the memory after the first tenth."""
FLAT = 100_000
"""Bytes, of some 2.5 million: a minute in which five strategies are checked leaves less than this behind in an hour, so no record
of a check (a kilobyte) stays; in a week it is 10 bytes a minute. What is kept to a bound (rows that are waited for, charts) has
reached it after two hours.
"""
REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "days", [pytest.param(12, id="12 days"), pytest.param(365, id="a year", marks=pytest.mark.long)]
)
@pytest.mark.timeout(7200)
def test_what_is_kept_in_memory_after_the_first_tenth_is_all_that_is_ever_kept(days: int) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.simulation.memory", str(days)],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    early, late, ended = map(int, told.stdout.split()[-3:])
    words = f"{early:,} bytes after the first tenth, {late:,} at the end, {ended} strategies ended in between"
    assert late <= GROWTH * early, words


@pytest.mark.parametrize(
    ("warm", "hours"),
    [pytest.param(2, 1, id="an hour"), pytest.param(24, 168, id="a week", marks=pytest.mark.long)],
)
@pytest.mark.timeout(3600)
def test_checks_every_60_seconds_leave_memory_flat(warm: int, hours: int) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.simulation.memory_minutes", str(warm), str(hours)],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    early, late, checks, rebalances = map(int, told.stdout.split()[-4:])
    words = f"{early:,} bytes in the first sixth, {late:,} in the last, {checks:,} checks, {rebalances:,} rebalances"
    print(words)
    assert checks == 5 * 60 * hours
    assert rebalances > hours, "something was traded"
    assert late <= early + FLAT, words
