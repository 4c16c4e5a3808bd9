"""The backtest decides as the engine does: random jobs through both give the same orders at the same moments."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np
import pytest

from rebalancer_gui.adapters.venues.price_script import play
from rebalancer_gui.adapters.venues.simulated_book import Depth
from rebalancer_gui.application import legs
from rebalancer_gui.application.events import AccountChanged
from rebalancer_gui.backtest.bars import Bars
from rebalancer_gui.backtest.job import Costs, Job, MarketLimit, job_of
from rebalancer_gui.backtest.simulate import Run, simulate
from rebalancer_gui.domain.bands import auto_band
from rebalancer_gui.domain.market import FeeSchedule, FeeSide
from rebalancer_gui.domain.money import ZERO, largest_remainder
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.strategy import BandRule, RatioRule, Rule, StrategyParameters, Target, TimeRule, limit_of
from tests.builders import rules_for
from tests.simulation.bench import DAY, START, Life, World, run

JOBS, BLOCK = 200, 20
HOUR = timedelta(hours=1)
SPEED = 14_400
"""A quote each hour of market time: one bar."""
BARS = 72
COINS = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")
STEP = Decimal("0.00000001")
GRID = 5e-8
"""Five steps: where so little is traded that a step is more than a millionth of it."""
CLOSE_CALL = 1e-9
"""A job with a drift this near to its limit (fraction of the portfolio) may be decided by rounding: it is drawn again."""


@dataclass(frozen=True)
class Walk:
    """Hourly closes of each coin from START on, as a random walk with now and then a jump."""

    seed: int
    volatility: float

    @cached_property
    def closes(self) -> Mapping[str, Sequence[Decimal]]:
        chance = random.Random(f"walk {self.seed}")
        found: dict[str, list[Decimal]] = {}
        for coin in COINS:
            price, line = chance.uniform(0.01, 0.5), []
            for _ in range(BARS * 2):
                jump = chance.gauss(0, 0.15) if chance.random() < 0.02 else 0.0
                price *= np.exp(chance.gauss(0, self.volatility) + min(max(jump, -0.3), 0.3))
                line.append(Decimal(f"{price:.8f}"))
            found[coin] = line
        return found

    def price(self, asset: str, at: datetime) -> Decimal | None:
        line = self.closes.get(asset)
        return line[max((at - START) // HOUR, 0) % len(line)] if line is not None else None


@dataclass(frozen=True)
class Drawn:
    """One random job: what the owner chose and what the market is like."""

    walk: Walk
    parameters: StrategyParameters
    fees: FeeSchedule
    min_notional: Decimal


def draw(seed: int) -> Drawn:
    chance = random.Random(f"job {seed}")
    coins = chance.sample(COINS, chance.randint(2, 6))
    weights = largest_remainder([Decimal(chance.randint(5, 100)) for _ in coins], Decimal(100), Decimal("0.01"))
    rules: list[Rule] = [
        RatioRule(Decimal(chance.choice(["0.5", "1", "2", "3.3", "5", "10"])), timedelta(seconds=1)),
        TimeRule(chance.choice([HOUR, 4 * HOUR, 12 * HOUR, DAY]), Decimal(chance.choice(["0", "0.5", "1", "2.5"]))),
        BandRule(timedelta(seconds=1)),
    ]
    fee, minimum = Decimal(chance.choice(["0", "0.001", "0.0025"])), Decimal(chance.choice([0, 5, 10]))
    # So that the smallest coin can be bought at all.
    least = minimum * 120 / min(weights)
    return Drawn(
        Walk(seed, chance.choice([0.005, 0.015, 0.03])),
        StrategyParameters(
            "Job", "USDT", tuple(Target(c, w) for c, w in zip(coins, weights, strict=True)),
            max(Decimal(chance.choice([150, 400, 2500, 9000])), least.quantize(Decimal(1))), chance.choice(rules),
        ),
        FeeSchedule(fee, chance.choice([FeeSide.RECEIVED, FeeSide.QUOTE])),
        minimum,
    )  # fmt: skip


@dataclass(frozen=True)
class Trade:
    """One order as both sides tell it."""

    at: datetime
    asset: str
    side: Side
    units: float


async def lived(drawn: Drawn) -> tuple[list[Trade], list[datetime]]:
    """What the engine traded on the paper venue, and the moments of its quotes from the build on."""
    world = World(
        scripts=play(drawn.walk),
        rules=rules_for(*drawn.parameters.assets, min_notional=str(drawn.min_notional), step=str(STEP)),
        spread=Decimal(0),
        fees=drawn.fees,
        depth=Depth(levels=1, value=Decimal(10) ** 9),
        speed=SPEED,
        balances={"USDT": Decimal(100_000)},
    )
    async with world.running() as life:
        await life.create(drawn.parameters)
        await life.market(BARS * HOUR)
        return _trades(life), _quoted(life)


def _trades(life: Life) -> list[Trade]:
    return [
        Trade(record.at, leg.asset, leg.side, float(leg.filled))
        for record in life.rebalances
        for leg in record.legs
        if leg.filled
    ]


def _quoted(life: Life) -> list[datetime]:
    snapshots = (s.snapshot for event in life.of(AccountChanged) for s in event.view.strategies)
    moments = (s.at for s in snapshots if s is not None and s.total is not None)
    return [at for at in dict.fromkeys(moments) if at >= life.rebalances[0].at]


def bars_of(drawn: Drawn, moments: Sequence[datetime]) -> Bars:
    prices = [[float(drawn.walk.price(c, at) or 0) for c in drawn.parameters.assets] for at in moments]
    times = np.array([int(at.timestamp()) for at in moments], dtype=np.int64)
    return Bars(drawn.parameters.symbols, HOUR, times, np.array(prices), {})


def job(drawn: Drawn, bars: Bars) -> Job:
    limit = MarketLimit(step=float(STEP), min_notional=float(drawn.min_notional))
    costs = Costs(float(drawn.fees.taker_rate), drawn.fees.taken_in)
    return job_of(drawn.parameters, bars, costs, (limit,) * len(drawn.parameters.targets))


def simulated(found: Run) -> list[Trade]:
    assets = [symbol.partition("/")[0] for symbol in found.job.bars.symbols]
    return [
        Trade(found.job.bars.at(int(row)), assets[coin], Side.BUY if units > 0 else Side.SELL, abs(float(units)))
        for row, coin, units in zip(found.trades.rows, found.trades.coins, found.trades.units, strict=True)
    ]


def is_a_close_call(found: Run) -> bool:
    """Whether some drift was within CLOSE_CALL of its limit at some bar, by the units that were held there."""
    prices = found.job.bars.prices
    units, cash = np.zeros(prices.shape[1]), found.job.investment
    costs, place = found.job.costs, 0
    shares = np.array(found.job.weights) / 100
    for row in range(len(prices)):
        worth = float(units @ prices[row]) + cash
        drifts = np.abs(units * prices[row] / worth - shares)
        if row and any(
            abs(drift - limit) < CLOSE_CALL for drift, limit in zip(drifts, _limits(found.job, worth), strict=True)
        ):
            return True
        while place < len(found.trades) and found.trades.rows[place] == row:
            traded, price = float(found.trades.units[place]), float(found.trades.prices[place])
            received = costs.side is FeeSide.RECEIVED
            units[found.trades.coins[place]] += traded * (1 - costs.fee if traded > 0 and received else 1)
            kept = 1 - costs.fee if traded < 0 else (1 if received else 1 + costs.fee)
            cash -= traded * price * kept
            place += 1
    return False


def _limits(asked: Job, worth: float) -> list[float]:
    if not isinstance(asked.rule, BandRule):
        return [float(limit_of(asked.rule)) / 100] * len(asked.weights)
    cost, value = Decimal(repr(asked.costs.fee)), Decimal(repr(worth))
    smallest = Decimal(repr(asked.limits[0].min_notional))
    return [float(auto_band(Decimal(repr(w)), cost, smallest, value)) / 100 for w in asked.weights]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(0, JOBS, BLOCK))
def test_random_jobs_give_the_same_orders_in_the_backtest_and_in_the_engine(
    first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the engine keeps aside for venues that round fees up is no rule, and this venue does not round.
    monkeypatch.setattr(legs, "FEE_ROUNDING", ZERO)
    compared = again = orders = 0
    seed = first * 1000
    while compared < BLOCK:
        drawn = draw(seed)
        seed += 1
        traded, moments = run(lambda d=drawn: lived(d))  # type: ignore[misc]
        found = simulate(job(drawn, bars_of(drawn, moments)))
        if is_a_close_call(found):
            again += 1
            continue
        expected = simulated(found)
        where = f"job {seed - 1}: {drawn.parameters.rule}"
        assert [(t.at, t.asset, t.side) for t in traded] == [(t.at, t.asset, t.side) for t in expected], where
        assert [t.units for t in traded] == pytest.approx([t.units for t in expected], rel=1e-6, abs=GRID), where
        compared += 1
        orders += len(traded)
    assert again < BLOCK
    assert orders > 10 * BLOCK, "they traded"
