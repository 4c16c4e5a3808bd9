"""One seeded run over the wire: SIM's owners, markets and faults, at the exchange that the seed chooses."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.adapters.venues.ccxt_import import ccxt, loaded
from rebalancer_gui.adapters.venues.ccxt_quirks import quirks_of
from rebalancer_gui.domain.market import FeeSchedule, FeeSide
from rebalancer_gui.domain.rails import AccountKind, RailSet
from rebalancer_gui.domain.strategy import State
from tests.protocol.faults import Mix
from tests.protocol.scenario import Doing, Report, Scenario, few_pictures, no_collector, settle
from tests.protocol.watched_store import new_file
from tests.protocol.world import BrokenInvariantError, Settings
from tests.wire.bench import MADE
from tests.wire.tongues import TONGUES
from tests.wire_sim.faults import WireFaults
from tests.wire_sim.loop import run
from tests.wire_sim.world import WireWorld, wire_world

MINUTES, QUIET, LEAST = 7.0, 10.0, 2.5
PAUSES = (8.0, 50.0)
"""Seconds between what owners and others do: all of it in fewer minutes than SIM takes, because each request is a real one."""
BUILT_WITHIN = 150.0
BAD_WIRE = Mix(crash=0.0012, unusable=0.12, banned=0.02, ban=0.006)
"""There are many more requests on a wire than calls of the port, so it crashes more rarely at each; and the bodies that say
nothing exist only here.
"""


class WireScenario(Scenario):
    """SIM's, and what only happens to a program with a wire."""

    w: WireWorld

    async def begin(self) -> None:
        """In half of the runs all goes well until everything is bought, so that what is sold later meets the faults too."""
        faults = self.w.faults
        faults.on = self.chance.random() < 0.5
        await super().begin()
        if not faults.on:
            await self.w.until(self._is_built, BUILT_WITHIN)
            faults.on = True

    def _is_built(self) -> bool:
        return self.w.is_up and all(s.record.state is State.RUNNING for s in self.w.account.strategies.values())

    def doings(self) -> list[tuple[int, Doing]]:
        return [*super().doings(), (6, self.restart), (2, self.maintenance), (14, self.jump), (8, self.now)]

    async def restart(self) -> None:
        """The program is closed safely, whatever is on its way, and opened again."""
        await self.w.end()
        await asyncio.sleep(self.chance.choice((0.5, 5.0, 90.0)))

    async def maintenance(self) -> None:
        """The exchange answers nobody for some minutes."""
        self.w.wire.down = True
        await self.w.wait(self.chance.uniform(20, 200))
        self.w.wire.down = False


def venue_of(seed: int) -> str:
    """Every exchange in turn."""
    return MADE[seed % len(MADE)]


def settings_of(venue: str, chance: random.Random) -> Settings:
    """What the account of a seed is like at that exchange."""
    sides = {"binance": (FeeSide.RECEIVED, FeeSide.THIRD), "kraken": (FeeSide.QUOTE,), "coinbase": (FeeSide.QUOTE,)}
    return Settings(
        fence=quirks_of(venue).fence,
        volatility=chance.choice([0.001, 0.003, 0.006]),
        spacing=timedelta(seconds=chance.choice([20, 30, 60])),
        min_notional="0" if venue == "okx" else chance.choice(["5", "10"]),
        rails=RailSet(chance.choice([AccountKind.DEMO, AccountKind.PAPER, AccountKind.LIVE])),
        fees=FeeSchedule(Decimal("0.001"), chance.choice(sides.get(venue, (FeeSide.RECEIVED,)))),
    )


async def _play(seed: int, mix: Mix | None, report: Report, *, trace: bool, minutes: float, quiet: float) -> None:
    venue, chance = venue_of(seed), random.Random(seed)
    settings = settings_of(venue, chance)
    if mix is None:
        mix = replace(BAD_WIRE, intensity=chance.choice([0.3, 1.0, 1.0, 2.0]))
    faults = WireFaults(random.Random(chance.random()), mix, TONGUES[venue])
    with new_file() as path:
        async with wire_world(venue, faults, path, settings, seed=seed, trace=trace) as w:
            scenario = WireScenario(w, random.Random(chance.random()), PAUSES)
            with suppress(BrokenInvariantError):
                await scenario.play(minutes)
                faults.on = False
                await settle(w, scenario, report, quiet, LEAST)
        report.broken = w.invariants.broken
        report.trace_hash, report.lines = w.trace_hash, w.lines
        report.crashes = sum(w.crashes.values())
        report.orders = len(w.exchange.posts)
        report.more = Counter({"requests": w.wire.requests, f"runs at {venue}": 1, f"orders at {venue}": report.orders})
        report.rebalances = len(w.rebalances)
        report.double_orders, report.lost_fills = w.invariants.double_orders, w.invariants.lost_fills
        report.faults = faults.counts + scenario.changed


def play(
    seed: int, mix: Mix | None = None, *, trace: bool = False, minutes: float = MINUTES, quiet: float = QUIET
) -> Report:
    """Run one seed. ``mix`` None: the seed chooses how much goes wrong; NOTHING: all is well."""
    ccxt("async_support")
    loaded("rebalancer_gui.adapters.venues.ccxt_wire")
    report = Report(seed)
    with few_pictures(), no_collector():
        run(lambda: _play(seed, mix, report, trace=trace, minutes=minutes, quiet=quiet))
    return report
