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

from rebalancer_gui.domain.bands import bands_of
from rebalancer_gui.domain.market import FeeSchedule, MarketRules, Quote
from rebalancer_gui.domain.planning import Plan, plan_rebalance
from rebalancer_gui.domain.strategy import RatioRule, Target
from rebalancer_gui.domain.triggers import Rebalance, TickGrid, decide
from rebalancer_gui.domain.valuation import Marks, Snapshot, snapshot_at
from tests.benchmarks.jobs import WEIGHTS

STRATEGIES, COINS, BATCHES = 20, 30, 50
"""Ten of the coins in each strategy."""
NOON = datetime(2022, 1, 1, 12, tzinfo=UTC)
RULE = RatioRule(Decimal(1))
FEES = FeeSchedule(Decimal("0.001"))
_GRID = TickGrid(NOON, 0)
CcxtTicker = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Owned:
    """A strategy as the check needs it: weights in percent, base units per coin, own money in quote units."""

    targets: tuple[Target, ...]
    units: Mapping[str, Decimal]
    cash: Decimal


@dataclass(frozen=True, slots=True)
class Live:
    """Strategies, and several batches of quotes: ``told`` are the same batches as ccxt hands them out, in floats."""

    owned: tuple[Owned, ...]
    batches: tuple[Mapping[str, Quote], ...]
    told: tuple[Mapping[str, CcxtTicker], ...]
    rules: Mapping[str, MarketRules]


@dataclass(frozen=True, slots=True)
class Spread:
    """Processor seconds of one batch each: the middle one, and what one in a hundred exceeds."""

    p50: float
    p99: float


def live_market(seed: int = 7) -> Live:
    """Coins that move by up to 6 % around their price, so that some strategies trigger and most hold."""
    chance = random.Random(seed)
    coins = [f"C{k}" for k in range(COINS)]
    middle = {coin: 10 ** chance.uniform(-3, 4.6) for coin in coins}
    owned = []
    for _ in range(STRATEGIES):
        mine = chance.sample(coins, len(WEIGHTS))
        weights = [Decimal(str(weight)) for weight in WEIGHTS]
        units = {
            coin: Decimal(f"{float(w) * 100 * chance.uniform(0.95, 1.05) / middle[coin]:.8f}")
            for coin, w in zip(mine, weights, strict=True)
        }
        owned.append(Owned(tuple(map(Target, mine, weights)), units, Decimal("12.34")))
    batches, told = [], []
    for k in range(BATCHES):
        quotes, tickers = {}, {}
        at = NOON + timedelta(seconds=2 * k)
        for coin in coins:
            mid = middle[coin] * chance.uniform(0.94, 1.06)
            bid, ask = f"{mid * 0.9999:.6g}", f"{mid * 1.0001:.6g}"
            bid, ask = (format(Decimal(price), "f") for price in (bid, ask))
            symbol = f"{coin}/USDT"
            quotes[symbol] = Quote(symbol, Decimal(bid), Decimal(ask), Decimal(bid), at, at)
            tickers[symbol] = {"symbol": symbol, "bid": float(bid), "ask": float(ask), "last": float(bid)}
        batches.append(quotes)
        told.append(tickers)
    return Live(tuple(owned), tuple(batches), tuple(told), {f"{coin}/USDT": rules_of(coin) for coin in coins})


def rules_of(coin: str) -> MarketRules:
    step = Decimal("0.00000001")
    return MarketRules(coin, "USDT", step, step, step, Decimal(9_000_000), Decimal(5))


def marks_of(quotes: Mapping[str, Quote]) -> Marks:
    return Marks(quotes, next(iter(quotes.values())).at)


def snapshot_of(owned: Owned, marks: Marks) -> Snapshot:
    return snapshot_at(marks, 1, "USDT", owned.targets, owned.units, owned.cash)


def check(live: Live, quotes: Mapping[str, Quote]) -> list[bool]:
    """J4: as the engine values and decides, what it does with the decision left out. Which strategies rebalance."""
    decisions, marks = [], marks_of(quotes)
    for owned in live.owned:
        snapshot = snapshot_of(owned, marks)
        bands = bands_of(RULE, snapshot, live.rules, FEES.taker_rate)
        decision = decide(snapshot, RULE, grid=_GRID, now=snapshot.at, bands=bands)
        decisions.append(isinstance(decision, Rebalance))
    return decisions


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


def spreads(actions: Sequence[Callable[[int], object]], times: int) -> list[Spread]:
    """Of ``times`` batches for each of ``actions``, which are told which batch they get. They take turns: what else the machine
    does meets all of them.
    """
    seconds: list[list[float]] = [[] for _ in actions]
    for k in range(times):
        for action, took in zip(actions, seconds, strict=True):
            begun = time.process_time_ns()
            action(k % BATCHES)
            took.append((time.process_time_ns() - begun) / 1e9)
    return [spread_of(took) for took in seconds]


def spread_of(seconds: list[float]) -> Spread:
    """Of at least one."""
    ordered = sorted(seconds)
    return Spread(ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100])
