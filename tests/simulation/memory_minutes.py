"""`python -m tests.simulation.memory_minutes WARM HOURS`: traced memory of one run of the engine that looks every 60 s.

Real prices of the demo, a quote a minute, five strategies that are checked at each and trade at small drifts; journal, ledger and
charts in SQLite. After WARM hours come HOURS that count. Printed: the most bytes in their first sixth, the most in their last,
checks and rebalances in all of them. A process of its own: in one that has run other tests their caches and captured logs would
be measured with it.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import tracemalloc
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.events import RebalanceChanged
from rebalancer_gui.domain.allocation import equal_weights
from rebalancer_gui.domain.strategy import RatioRule, State, StrategyParameters
from tests.simulation.bench import ACCOUNT, Life, World, run
from tests.simulation.test_soak import forget

SPEED = 240
"""A quote each minute of market time."""
PERIOD = timedelta(seconds=60)
PARTS = 24
"""So often is measured."""
ENDS = PARTS // 6
COINS = ("BTC", "ETH", "BNB", "XRP", "ADA", "DOT", "LTC", "LINK", "DOGE", "BCH")
THRESHOLDS = ("0.1", "0.2", "0.5", "1", "2")


def strategies() -> list[StrategyParameters]:
    """Each of four coins."""
    return [
        StrategyParameters(
            f"S{number}",
            "USDT",
            equal_weights([COINS[(2 * number + place) % len(COINS)] for place in range(4)]),
            Decimal(1500),
            RatioRule(Decimal(threshold), PERIOD),
        )
        for number, threshold in enumerate(THRESHOLDS)
    ]


def measured(warm: int, hours: int) -> tuple[int, int, int, int]:
    """What is printed."""
    kept: list[int] = []
    traded: list[int] = []

    async def live(world: World) -> None:
        async with world.running() as life:
            for parameters in strategies():
                await life.create(parameters)
            await life.market(timedelta(hours=warm))
            traced(life, world)
            for _ in range(PARTS):
                await life.market(timedelta(hours=hours) / PARTS)
                traded.append(len({event.record.id for event in life.of(RebalanceChanged)}))
                kept.append(traced(life, world))
            assert all(strategy.state is State.RUNNING for strategy in life.view.strategies)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        world = World(path=path / "venue.sqlite", store=SqliteStore(path / "ledger.sqlite", ACCOUNT), speed=SPEED)
        tracemalloc.start()
        run(lambda: live(world))
    checks = len(THRESHOLDS) * (timedelta(hours=hours) // PERIOD)
    return max(kept[:ENDS]), max(kept[-ENDS:]), checks, sum(traded)


def traced(life: Life, world: World) -> int:
    """Bytes of the program: what the bench has heard and seen is not its memory."""
    forget(life)
    world.posts.clear()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


if __name__ == "__main__":
    print(*measured(int(sys.argv[1]), int(sys.argv[2])))
