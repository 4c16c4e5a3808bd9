"""`python -m tests.simulation.memory DAYS`: traced memory after the first tenth of DAYS and at their end, in bytes, and how
many strategies have ended in between.

A process of its own: in one that has run other tests their caches and captured logs would be measured with it.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import tracemalloc
from functools import partial
from pathlib import Path

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from tests.simulation.bench import ACCOUNT, Life, World, run
from tests.simulation.test_soak import SPEED, Owner, live


def measured(days: int) -> tuple[int, int, int]:
    """What is kept after a tenth of the days and at their end, and how many strategies more are listed as ended then."""
    kept: list[int] = []
    over: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        world = World(path=path / "venue.sqlite", store=SqliteStore(path / "ledger.sqlite", ACCOUNT), speed=SPEED)

        def measure(life: Life, _day: int) -> None:
            world.posts.clear()  # what the bench has seen is not the program's memory
            over.append(life.view.ended)
            gc.collect()
            kept.append(tracemalloc.get_traced_memory()[0])

        tracemalloc.start()
        run(partial(live, world, Owner(21), days, measure))
    return kept[days // 10], kept[-1], over[-1] - over[days // 10]


if __name__ == "__main__":
    print(*measured(int(sys.argv[1])))
