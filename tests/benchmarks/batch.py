"""What one batch of quotes costs the whole engine: 20 strategies of 10 coins at a venue of many markets, events for the window
and journal included; the store keeps all in memory.
"""

from __future__ import annotations

import random
import time
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.domain.strategy import RatioRule
from tests.benchmarks.jobs import WEIGHTS
from tests.benchmarks.live import COINS, STRATEGIES, Spread, spread_of
from tests.builders import parameters, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

APART = timedelta(seconds=2)


def whole_batches(markets: int, times: int, seed: int = 7) -> Spread:
    """Processor seconds of ``times`` batches in which every price changes and no strategy trades."""
    seconds: list[float] = []
    chance = random.Random(seed)
    coins = [f"C{k}" for k in range(COINS)]

    async def story() -> None:
        venue = ScriptedVenue(rules_for(*(f"C{k}" for k in range(markets))), money="1000000")
        async with Bench(venue).running() as bench:
            await venue.push(APART, **dict.fromkeys(coins, "100"))
            for k in range(STRATEGIES):
                weights = dict(zip(chance.sample(coins, len(WEIGHTS)), map(str, WEIGHTS), strict=True))
                await bench.create(parameters(name=f"S{k}", rule=RatioRule(Decimal("49.9")), **weights))
            await venue.push()
            for _ in range(times):
                prices = {coin: str(chance.randint(95, 105)) for coin in coins}
                begun = time.process_time()
                await venue.push(APART, **prices)
                seconds.append(time.process_time() - begun)

    run(story)
    return spread_of(seconds)
