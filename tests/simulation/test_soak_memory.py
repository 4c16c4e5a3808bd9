"""A program that runs for months keeps no more in memory than after its first days."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

GROWTH = 1.05
"""Of the memory after the first tenth."""
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
