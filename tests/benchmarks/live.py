"""The live jobs of the benchmark: J4 a check of 20 strategies, J5 one order plan, J6 tickers to prices.

Beside each stands what somebody would write first. Seconds are those of the processor, as in ``ours``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from rebalancer_gui.domain.bands import bands_of
from rebalancer_gui.domain.calm import Calm, calm_ranges, calm_reach
from rebalancer_gui.domain.market import STALE_AFTER, FeeSchedule, MarketRules, Quote
from rebalancer_gui.domain.planning import Plan, plan_rebalance
from rebalancer_gui.domain.strategy import RatioRule, Target
from rebalancer_gui.domain.triggers import Rebalance, TickGrid, decide
from rebalancer_gui.domain.valuation import Marks, Snapshot, snapshot_at
from tests.benchmarks.jobs import WEIGHTS

STRATEGIES, COINS, WILD_BATCHES = 20, 30, 50
"""Ten of the coins in each strategy."""
APART = timedelta(seconds=2)
PER_YEAR = 0.8
"""How much a coin moves, as a fraction: half of it in common with all others, as in ``jobs.market``."""
NOON = datetime(2022, 1, 1, 12, tzinfo=UTC)
RULE = RatioRule(Decimal(1))
FEES = FeeSchedule(Decimal("0.001"))
_GRID = TickGrid(NOON, 0)
CcxtTicker = Mapping[str, object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Owned:
    """A strategy as the check needs it: weights in percent, base units per coin, own money in quote units."""

    targets: tuple[Target, ...]
    units: Mapping[str, Decimal]
    cash: Decimal


@dataclass(frozen=True, slots=True)
class Live:
    """Strategies, and several batches of prices: (bid, ask) in words by coin. What is looked at is made of them just before, as
    what was just decoded: a machine has it at hand.
    """

    owned: tuple[Owned, ...]
    batches: tuple[Mapping[str, tuple[str, str]], ...]
    rules: Mapping[str, MarketRules]

    def quotes(self, k: int) -> Mapping[str, Quote]:
        """Batch ``k`` (they begin anew at the end) as the engine gets it."""
        at = NOON + APART * k
        found = {}
        for coin, (bid, ask) in self.batches[k % len(self.batches)].items():
            symbol = f"{coin}/USDT"
            found[symbol] = Quote(symbol, Decimal(bid), Decimal(ask), Decimal(bid), at, at)
        return found

    def told(self, k: int) -> Mapping[str, CcxtTicker]:
        """The same as ccxt hands it out, in floats."""
        return {
            f"{coin}/USDT": {"symbol": f"{coin}/USDT", "bid": float(bid), "ask": float(ask), "last": float(bid)}
            for coin, (bid, ask) in self.batches[k % len(self.batches)].items()
        }


@dataclass(frozen=True, slots=True)
class Spread:
    """Processor seconds of one batch each: the middle one, and what one in a hundred exceeds. ``least``: what it takes where
    nothing else on the machine has just emptied the processor's caches.
    """

    least: float
    p50: float
    p99: float


def live_market(batches: int, seed: int = 7) -> Live:
    """Coins that move as coins do in two seconds, in strategies that were balanced a while ago."""
    chance = random.Random(seed)
    step = PER_YEAR * 0.7 * (APART / timedelta(days=365)) ** 0.5

    def move(prices: dict[str, float]) -> dict[str, float]:
        common = chance.gauss(0, 1)
        return {coin: price * (1 + step * (common + chance.gauss(0, 1))) for coin, price in prices.items()}

    return _market(chance, batches, 0.03, move)


def wild_market(seed: int = 7) -> Live:
    """Coins that jump by up to 6 % around their price from one batch to the next: nothing that was known helps."""
    chance = random.Random(seed)
    middle: dict[str, float] = {}

    def jump(prices: dict[str, float]) -> dict[str, float]:
        middle.update({coin: price for coin, price in prices.items() if coin not in middle})
        return {coin: price * chance.uniform(0.94, 1.06) for coin, price in middle.items()}

    return _market(chance, WILD_BATCHES, 0.05, jump)


def _market(
    chance: random.Random, count: int, off: float, move: Callable[[dict[str, float]], dict[str, float]]
) -> Live:
    """``off``: by how much a coin may be off its weight at first, as a fraction of it."""
    coins = [f"C{k}" for k in range(COINS)]
    prices = {coin: 10 ** chance.uniform(-3, 4.6) for coin in coins}
    owned = []
    for _ in range(STRATEGIES):
        mine = chance.sample(coins, len(WEIGHTS))
        weights = [Decimal(str(weight)) for weight in WEIGHTS]
        units = {
            coin: Decimal(f"{float(w) * 100 * chance.uniform(1 - off, 1 + off) / prices[coin]:.8f}")
            for coin, w in zip(mine, weights, strict=True)
        }
        owned.append(Owned(tuple(map(Target, mine, weights)), units, Decimal("12.34")))
    batches = []
    for _ in range(count):
        prices = move(prices)
        batches.append({coin: (_words(price * 0.9999), _words(price * 1.0001)) for coin, price in prices.items()})
    return Live(tuple(owned), tuple(batches), {f"{coin}/USDT": rules_of(coin) for coin in coins})


def _words(price: float) -> str:
    return format(Decimal(f"{price:.6g}"), "f")


def rules_of(coin: str) -> MarketRules:
    step = Decimal("0.00000001")
    return MarketRules(coin, "USDT", step, step, step, Decimal(9_000_000), Decimal(5))


def marks_of(quotes: Mapping[str, Quote]) -> Marks:
    return Marks(quotes, next(iter(quotes.values())).at)


def snapshot_of(owned: Owned, marks: Marks) -> Snapshot:
    return snapshot_at(marks, 1, "USDT", owned.targets, owned.units, owned.cash)


class Check:
    """J4: as the engine looks at quotes, values and decides; what it does with the decision left out."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._calm = Calm()
        self.valued = 0
        """How many portfolios had to be valued so far."""

    def __call__(self, quotes: Mapping[str, Quote]) -> list[bool]:
        """Which strategies rebalance."""
        marks = marks_of(quotes)
        calm = self._calm.undisturbed(quotes, marks.at - STALE_AFTER)
        return [k not in calm and self._decide(k, owned, marks) for k, owned in enumerate(self._live.owned)]

    def _decide(self, key: int, owned: Owned, marks: Marks) -> bool:
        self.valued += 1
        snapshot = snapshot_of(owned, marks)
        bands = bands_of(RULE, snapshot, self._live.rules, FEES.taker_rate)
        decision = decide(snapshot, RULE, grid=_GRID, now=snapshot.at, bands=bands)
        if isinstance(decision, Rebalance):
            return True
        if self._calm.may_draw(key):
            self._calm.draw(key, calm_ranges(snapshot, calm_reach(snapshot, RULE.threshold)))
        return False


def plain_check(live: Live, told: Mapping[str, CcxtTicker]) -> list[bool]:
    """The same from ccxt's dictionaries: each price read by ``Decimal(str())`` where it is needed."""
    decisions = []
    for owned in live.owned:
        values = {}
        for target in owned.targets:
            ticker = told[f"{target.asset}/USDT"]
            bid, ask = Decimal(str(ticker["bid"])), Decimal(str(ticker["ask"]))
            values[target.asset] = owned.units[target.asset] * (bid + ask) / 2
        total = sum(values.values()) + owned.cash
        worst = max(abs(values[t.asset] * 100 / total - t.weight) for t in owned.targets)
        decisions.append(worst > RULE.threshold)
    return decisions


def plan(live: Live, snapshot: Snapshot) -> Plan:
    """J5."""
    return plan_rebalance(snapshot, live.rules, FEES)


Timed = tuple[Callable[[int], T], Callable[[T], object]]
"""What makes a batch by its number, and what is timed with it."""


def spreads(actions: Sequence[Timed[Any]], times: int) -> list[Spread]:
    """Of ``times`` batches for each of ``actions``. They take turns: what else the machine does meets all of them."""
    seconds: list[list[float]] = [[] for _ in actions]
    for k in range(times):
        for (make, action), took in zip(actions, seconds, strict=True):
            batch = make(k)
            begun = time.process_time_ns()
            action(batch)
            took.append((time.process_time_ns() - begun) / 1e9)
    return [spread_of(took) for took in seconds]


def spread_of(seconds: list[float]) -> Spread:
    """Of at least one."""
    ordered = sorted(seconds)
    return Spread(ordered[0], ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100])
