"""A program that always halts is safe and useless: with faults that pass, rebalances get done soon after the last of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.application.commands import RebalanceNow
from rebalancer_gui.application.events import CommandDone
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.strategy import BandRule, State, limit_of
from tests.protocol.faults import RECOVERABLE, Faults
from tests.protocol.scenario import BY_RATIO, BY_TIME, few_pictures, parameters
from tests.protocol.virtual_loop import run
from tests.protocol.watched_store import new_file
from tests.protocol.world import FENCE, Settings, World, world

EPISODES = 3
IN_TIME = 300.0
"""Seconds from the last fault in which a triggered rebalance must be done."""


@dataclass
class Lively:
    """What came of one run."""

    seed: int
    triggered: int = 0
    late: list[str] = field(default_factory=list)
    halts: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    slowest: float = 0.0
    """Seconds from the last fault to the last rebalance that was done."""


def is_done(one: StrategyRuntime) -> bool:
    """Nothing of it is open, and its coins are where its rule wants them."""
    if one.unresolved or one.forced is not None or one.record.state is not State.RUNNING:
        return False
    drift = one.snapshot.worst_drift if one.snapshot is not None else None
    rule = one.record.parameters.rule
    assert not isinstance(rule, BandRule), "these runs know one limit for all coins"
    return drift is not None and drift <= max(limit_of(rule), Decimal("0.5"))


async def _episode(w: World, faults: Faults, chance: random.Random, came: Lively) -> None:
    """Something triggers while things go wrong; then they go well again."""
    faults.on = True
    await w.wait(chance.uniform(0, 40), restart_after=5)
    coin = chance.choice(["BTC", "XRP", "SOL"])
    w.market.push(f"{coin}/USDT", chance.choice(["0.93", "1.08"]))
    await w.wait(chance.uniform(1, 60), restart_after=5)
    triggered = [BY_RATIO]
    if await w.until(lambda: w.is_up, 300):
        shown = w.strategy(BY_TIME)
        # During a pause that the exchange asked for it is refused: its owner is told, nothing is triggered.
        if isinstance(await w.ask(lambda i: RebalanceNow(i, shown.id)), CommandDone):
            triggered.append(BY_TIME)
    await w.wait(chance.uniform(20, 120), restart_after=5)
    faults.on = False
    last = w.clock.monotonic()
    pause = (w.venue.banned_until - w.clock.true()).total_seconds() if w.venue.banned_until is not None else 0.0
    for name in triggered:
        came.triggered += 1
        limit = last + max(pause, 0.0) + IN_TIME - w.clock.monotonic()
        done = await w.until(lambda n=name: w.is_up and is_done(w.strategy(n)), max(limit, 1.0))  # type: ignore[misc]
        if not done:
            why = w.strategy(name).decision if w.is_up else "the engine is down"
            came.late.append(f"{name} at {last:.0f} s: {why}")
    came.slowest = max(came.slowest, w.clock.monotonic() - last - max(pause, 0.0))
    for one in w.account.strategies.values() if w.is_up else ():
        if one.record.state is State.HALTED or w.account.halted:
            came.halts.append(f"{one.name}: {w.account.halted or one.record.reason}")
    await w.wait(31)


async def _live(seed: int, came: Lively) -> None:
    chance = random.Random(seed)
    settings = Settings(
        fence=chance.choice([FENCE, FENCE, None]), volatility=0.0, spacing=timedelta(seconds=30), min_notional="1"
    )
    faults = Faults(random.Random(chance.random()), RECOVERABLE)
    faults.on = False
    with new_file() as path:
        async with world(faults, path, settings, seed=seed) as w:
            for wanted in parameters(chance):
                await w.create(wanted)
            await w.wait(120)
            for _ in range(EPISODES):
                await _episode(w, faults, chance, came)
        came.broken = w.invariants.broken


def live(seed: int) -> Lively:
    """One seeded run."""
    came = Lively(seed)
    with few_pictures():
        run(lambda: _live(seed, came))
    return came
