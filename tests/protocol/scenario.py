"""One seeded run: two strategies, sixty minutes of faults and of whatever owners and exchanges do, then quiet."""

from __future__ import annotations

import gc
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application import account_runner, checker, journal
from rebalancer_gui.application.commands import (
    AcceptShortage,
    AddFunds,
    ChangeCoins,
    PauseStrategy,
    RebalanceNow,
    RemoveFunds,
    ResumeStrategy,
    ResumeTrading,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.allocation import equal_weights
from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.market import FeeSchedule, FeeSide, MarketStatus
from rebalancer_gui.domain.money import ZERO, floor_to_step
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.rails import AccountKind, RailSet
from rebalancer_gui.domain.strategy import RatioRule, State, StrategyParameters, TimeRule
from tests.protocol.faults import NOTHING, Faults, Mix
from tests.protocol.virtual_loop import run
from tests.protocol.watched_store import new_file
from tests.protocol.world import FENCE, BrokenInvariantError, Settings, World, world

MINUTES, QUIET = 60, 10
BY_RATIO, BY_TIME = "by ratio", "by time"
Doing = Callable[[], Awaitable[None]]


@dataclass
class Report:
    """What came of a run."""

    seed: int
    broken: list[str] = field(default_factory=list)
    trace_hash: str = ""
    faults: Counter[str] = field(default_factory=Counter)
    crashes: int = 0
    orders: int = 0
    rebalances: int = 0
    double_orders: int = 0
    lost_fills: int = 0
    settled_after: float = 0.0
    """Minutes from the last fault until no order was open."""
    lines: list[str] | None = None
    more: Counter[str] = field(default_factory=Counter)
    """What else is added up over the runs."""


def parameters(chance: random.Random) -> tuple[StrategyParameters, StrategyParameters]:
    """One by ratio, one by time; ETH and SOL are in both."""
    ratio = RatioRule(Decimal(chance.choice(["0.5", "1"])), timedelta(seconds=1))
    time = TimeRule(timedelta(minutes=chance.choice([10, 15, 20])), Decimal(chance.choice(["0.1", "0.3"])))
    return (
        StrategyParameters(BY_RATIO, "USDT", equal_weights(["BTC", "ETH", "SOL", "XRP"]), Decimal(1500), ratio),
        StrategyParameters(BY_TIME, "USDT", equal_weights(["ETH", "SOL", "ADA", "DOGE"]), Decimal(1000), time),
    )


class Scenario:
    """Owners, other programs and the exchange, by seeded chance; something is done every ``pauses`` seconds."""

    def __init__(self, w: World, chance: random.Random, pauses: tuple[float, float] = (60, 400)) -> None:
        self.w = w
        self.chance = chance
        self.pauses = pauses
        self.changed: Counter[str] = Counter()
        self.delisted = ""

    async def play(self, minutes: float) -> None:
        """Everything until the faults end."""
        w = self.w
        await self.begin()
        doings = self.doings()
        while w.clock.minutes < minutes and w.clock.monotonic() < minutes * 60:
            pause = self.chance.uniform(*self.pauses)
            await w.wait(min(pause, max(minutes * 60 - w.clock.monotonic(), 1)), restart_after=self._delay())
            if w.clock.monotonic() >= minutes * 60:
                break
            (doing,) = self.chance.choices([d for _, d in doings], [n for n, _ in doings])
            self.changed[doing.__name__] += 1
            w.say(f"-- {doing.__name__}")
            await doing()

    async def begin(self) -> None:
        """The strategies are created."""
        for wanted in parameters(self.chance):
            await self.w.create(wanted)

    def doings(self) -> list[tuple[int, Doing]]:
        """What may happen, and how often."""
        return [
            (6, self.add), (5, self.remove), (4, self.now), (4, self.pause), (2, self.stop_all), (1, self.sell_all),
            (5, self.deposit), (3, self.withdraw), (4, self.manual), (2, self.rules), (1, self.delist), (4, self.jump),
            (2, self.skew), (1, self.sleep),
        ]  # fmt: skip

    def _delay(self) -> float:
        return self.chance.choice((0.5, 5.0, 20.0, 90.0))

    def _one(self) -> StrategyRuntime | None:
        if not self.w.is_up:
            return None
        alive = [s for s in self.w.account.strategies.values() if s.record.state is not State.ENDED]
        return self.chance.choice(alive) if alive else None

    # -------------------------------------------------------------------------------------------------------- owners

    async def add(self) -> None:
        one, amount = self._one(), Decimal(self.chance.randint(20, 300))
        if one is not None:
            await self.w.ask(lambda i: AddFunds(i, one.id, amount))

    async def remove(self) -> None:
        one, amount = self._one(), Decimal(self.chance.randint(20, 300))
        method = self.chance.choice(list(RemovalMethod))
        if one is not None:
            await self.w.ask(lambda i: RemoveFunds(i, one.id, amount, method))

    async def now(self) -> None:
        one = self._one()
        if one is not None:
            await self.w.ask(lambda i: RebalanceNow(i, one.id))

    async def pause(self) -> None:
        one = self._one()
        if one is not None:
            await self.w.ask(lambda i: PauseStrategy(i, one.id))
            await self.w.wait(self.chance.uniform(1, 120))
            await self.w.ask(lambda i: ResumeStrategy(i, one.id))

    async def stop_all(self) -> None:
        await self.w.ask(StopAll)
        await self.w.wait(self.chance.uniform(1, 200))
        await self.w.ask(ResumeTrading)

    async def sell_all(self) -> None:
        one = self._one()
        if one is not None:
            await self.w.ask(lambda i: StopStrategy(i, one.id, sell_all=True))

    # ------------------------------------------------------------------------------------------------------- outside

    async def deposit(self) -> None:
        asset = self.chance.choice(["USDT", "ETH", "SOL", "DOT"])
        self.w.exchange.catch_up()
        self.w.exchange.transfer(asset, Decimal(self.chance.randint(1, 500)) / 100)

    async def withdraw(self) -> None:
        """Mostly of what is free; now and then coins that strategies own."""
        asset = self.chance.choice(["USDT", "USDT", "ETH"])
        largest = 300 if asset == "USDT" else Decimal("0.02")
        if self.chance.random() < 0.1:
            asset, largest = "SOL", Decimal(1)
        self.w.exchange.catch_up()
        self.w.exchange.transfer(
            asset, -(largest * self.chance.randint(1, 100) / Decimal(100)).quantize(Decimal("1e-6"))
        )

    async def manual(self) -> None:
        """By hand, or another program with the same key."""
        symbol, rules = self.chance.choice(list(self.w.market.rules.items()))
        self.w.exchange.catch_up()
        price = self.w.market.quote(symbol, self.w.clock.true()).ask
        quantity = floor_to_step(Decimal(self.chance.randint(10, 100)) / price, rules.step_size)
        cid = self.chance.choice(["", "web_1234", "rbelse" + "".join(self.chance.choices("abcdef234567", k=12))])
        order = self.w.exchange.manual_trade(cid, symbol, self.chance.choice(list(Side)), quantity)
        self.w.say(f"by hand: {order is not None} {symbol}")

    async def rules(self) -> None:
        """Filters change; the feed says so at once or some time later."""
        symbol = self.chance.choice(["ETH/USDT", "SOL/USDT"])
        rules = self.w.market.rules[symbol]
        if self.chance.random() < 0.5:
            self.w.market.change(symbol, step_size=rules.step_size * 10, min_quantity=rules.step_size * 10)
        else:
            self.w.market.change(symbol, min_notional=rules.min_notional * 2)
        await self.w.wait(self.chance.choice([0.1, 60, 150]))
        self.w.exchange.markets_changed = True

    async def delist(self) -> None:
        """A coin goes; its owner drops it some minutes later."""
        if self.delisted:
            return
        self.delisted = self.chance.choice(["XRP", "ADA"])
        self.w.market.change(f"{self.delisted}/USDT", status=MarketStatus.DELISTED)
        self.w.exchange.markets_changed = True
        await self.w.wait(self.chance.uniform(30, 300))

    async def jump(self) -> None:
        """A price moves at once."""
        self.w.market.push(self.chance.choice(list(self.w.market.rules)), self.chance.choice(["0.94", "1.05", "1.08"]))

    async def skew(self) -> None:
        """This computer's clock is set."""
        self.w.clock.skew = timedelta(seconds=self.chance.choice([-2.0, -0.5, 0.0, 0.5, 0.9, 3.0]))

    async def sleep(self) -> None:
        """The machine sleeps; the exchange does not."""
        self.w.clock.slept += timedelta(minutes=self.chance.choice([2, 30, 600]))

    # ---------------------------------------------------------------------------------------------------------- quiet

    async def put_right(self) -> None:
        """Each halt has a way out: the owner takes it."""
        w = self.w
        await w.ask(ResumeTrading)
        for one in list(w.account.strategies.values()) if w.is_up else []:
            if one.record.state is State.ENDED:
                continue
            if w.account.missing_of(one.id):
                await w.ask(lambda i, s=one: AcceptShortage(i, s.id))  # type: ignore[misc]
            gone = [a for a in one.record.parameters.assets if a == self.delisted]
            if gone and one.record.state is not State.STOPPING:
                left = equal_weights([a for a in one.record.parameters.assets if a not in gone])
                await w.ask(lambda i, s=one, t=left: ChangeCoins(i, s.id, t))  # type: ignore[misc]
            if one.record.state in {State.PAUSED, State.HALTED}:
                await w.ask(lambda i, s=one: ResumeStrategy(i, s.id))  # type: ignore[misc]


def settings_of(chance: random.Random) -> Settings:
    """What the account of a seed is like."""
    side = chance.choice([FeeSide.RECEIVED, FeeSide.RECEIVED, FeeSide.QUOTE, FeeSide.THIRD])
    return Settings(
        fence=chance.choice([FENCE, FENCE, None]),
        volatility=chance.choice([0.001, 0.002, 0.005]),
        spacing=timedelta(seconds=chance.choice([60, 120, 240])),
        min_notional=chance.choice(["5", "10"]),
        rails=RailSet(chance.choice([AccountKind.DEMO, AccountKind.DEMO, AccountKind.PAPER, AccountKind.LIVE])),
        fees=FeeSchedule(Decimal("0.001"), side),
    )


async def _play(seed: int, mix: Mix | None, report: Report, *, trace: bool, minutes: float, quiet: float) -> None:
    chance = random.Random(seed)
    settings = settings_of(chance)
    if mix is None:
        mix = replace(Mix(), intensity=chance.choice([0.3, 1.0, 1.0, 2.0]))
    faults = Faults(random.Random(chance.random()), mix)
    with new_file() as path:
        async with world(faults, path, settings, seed=seed, trace=trace) as w:
            scenario = Scenario(w, random.Random(chance.random()))
            with suppress(BrokenInvariantError):
                await scenario.play(minutes)
                faults.on = False
                await settle(w, scenario, report, quiet)
        report.broken = w.invariants.broken
        report.trace_hash, report.lines = w.trace_hash, w.lines
        report.crashes = sum(w.crashes.values())
        report.orders = len(w.exchange.posts)
        report.rebalances = len(w.rebalances)
        report.double_orders, report.lost_fills = w.invariants.double_orders, w.invariants.lost_fills
        report.faults = faults.counts + scenario.changed


async def settle(w: World, scenario: Scenario, report: Report, quiet: float, least: float | None = None) -> None:
    """Quiet time, in which everything must come to its end: within ``quiet`` minutes, and ``least`` (None: as many) go by."""
    w.say("-- quiet")
    last = w.clock.monotonic()
    await w.until(lambda: w.is_up and not w.invariants.shadow.open, quiet * 60)
    report.settled_after = (w.clock.monotonic() - last) / 60
    w.clock.skew = timedelta(0)
    batch = w.settings.spacing.total_seconds()
    await w.wait(2.5 * batch)  # a difference is seen in two batches before it is believed
    await scenario.put_right()
    await w.wait(max((quiet if least is None else least) * 60 - (w.clock.monotonic() - last), 1.5 * batch))
    await _come_to_rest(w)
    await w.end()
    w.exchange.catch_up()
    w.invariants.at_the_end()
    w.check_file()


async def _come_to_rest(w: World) -> None:
    """The run may end in the middle of a new rebalance: prices stand still, so that nothing new begins."""
    w.market._volatility = 0.0
    await w.until(lambda: w.is_up and not w.invariants.shadow.open and not w.invariants.difference(), 600)


@contextmanager
def few_pictures() -> Iterator[None]:
    """Nobody looks at the window's pictures and charts here, so hardly any is drawn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(account_runner, "SHOW_EVERY", 600.0)
        patch.setattr(checker, "SAMPLE_EVERY", timedelta(minutes=10))
        patch.setattr(journal, "WRITE_EVERY", timedelta(minutes=10))
        yield


@contextmanager
def no_collector() -> Iterator[None]:
    """What a run leaves is small and goes with it: looking for cycles meanwhile costs a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def play(
    seed: int, mix: Mix | None = None, *, trace: bool = False, minutes: float = MINUTES, quiet: float = QUIET
) -> Report:
    """Run one seed. ``mix`` None: the seed chooses how much goes wrong; NOTHING: all is well."""
    report = Report(seed)
    with few_pictures(), no_collector():
        run(lambda: _play(seed, mix, report, trace=trace, minutes=minutes, quiet=quiet))
    return report


__all__ = ["NOTHING", "ZERO", "Report", "play"]
