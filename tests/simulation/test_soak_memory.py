"""A program that runs for months keeps no more in memory than after its first days."""

from __future__ import annotations

import gc
import tracemalloc
from functools import partial
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from tests.simulation.bench import ACCOUNT, Life, World, run
from tests.simulation.test_soak import SPEED, Owner, live

GROWTH = 1.05
"""Of the memory after the first tenth."""


@pytest.mark.parametrize(
    "days", [pytest.param(12, id="12 days"), pytest.param(365, id="a year", marks=pytest.mark.long)]
)
@pytest.mark.timeout(7200)
def test_what_is_kept_in_memory_after_the_first_tenth_is_all_that_is_ever_kept(days: int, tmp_path: Path) -> None:
    world = World(path=tmp_path / "venue.sqlite", store=SqliteStore(tmp_path / "ledger.sqlite", ACCOUNT), speed=SPEED)
    kept: list[int] = []

    def measure(_life: Life, _day: int) -> None:
        world.posts.clear()  # what the bench has seen is not the program's memory
        gc.collect()
        kept.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        run(partial(live, world, Owner(21), days, measure))
    finally:
        tracemalloc.stop()
    early, late = kept[days // 10], kept[-1]
    assert late <= GROWTH * early, f"{early:,} bytes after the first tenth, {late:,} at the end"
