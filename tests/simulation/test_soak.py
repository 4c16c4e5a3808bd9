"""Twenty strategies over months of real prices, with everything that owners, exchanges and restarts do to them."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.commands import (
    AcceptRename,
    AcceptShortage,
    AddFunds,
    ChangeCoins,
    ChangePaperMarket,
    Command,
    CreateStrategy,
    EditStrategy,
    PaperTransfer,
    PauseStrategy,
    RebalanceNow,
    RemoveFunds,
    ResumeStrategy,
    ResumeTrading,
    SetPayFeesWithBnb,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.application.events import AccountChanged, CommandRejected
from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.allocation import equal_weights, without
from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.ledger import is_inside
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import Basis, HaltKind, Level, RatioRule, State, StrategyParameters, TimeRule
from tests.builders import d
from tests.fakes import FakeStore
from tests.simulation.bench import ACCOUNT, DAY, Life, World, run
from tests.simulation.crashes import PLACES, Crash, MortalStore, live_until_stop_or_crash, mortal
from tests.simulation.invariants import watch

COINS = ("BTC", "ETH", "BNB", "XRP", "ADA", "DOT", "LTC", "LINK", "DOGE", "BCH", "SOL")
DEEDS = (
    *("create", "add", "remove", "change", "edit", "rebalance", "pause", "resume", "stop", "stop all", "resume all"),
    *("deposit", "withdraw", "book loss", "bnb", "halt", "reopen", "delist", "drop", "replace", "end", "wait"),
    *("rename", "take over"),
)
HOUR = timedelta(hours=1)
SPEED = 14_400
"""A quote each hour of market time."""
STRATEGIES = 20
COINS_LEFT = 7
"""A delisting is for good: with so few coins left no further one is delisted."""


def parameters(chance: random.Random, number: int, coins: Sequence[str]) -> StrategyParameters:
    coins = chance.sample(coins, chance.randint(2, 5))
    rule: RatioRule | TimeRule = RatioRule(d(chance.choice(["0.5", "1", "2", "5"])), HOUR)
    if number % 2:
        rule = TimeRule(chance.choice([HOUR, 6 * HOUR, DAY, 7 * DAY]), d(chance.choice(["0", "0.5", "1"])))
    stop_loss = Level(Basis.RETURN, d(-60)) if number % 5 == 0 else None
    return StrategyParameters(
        f"S{number}", "USDT", equal_weights(coins), Decimal(chance.randint(200, 400)), rule,
        sell_all_on_stop=bool(number % 3), stop_loss=stop_loss,
    )  # fmt: skip


class Owner:
    """Presses something now and then, by seeded chance; what the engine refuses is counted, not minded."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.pressed: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.made = self.names = 0

    async def day(self, life: Life) -> None:
        """One day's deeds: strategies up to twenty, three presses, and a way out for whoever is halted."""
        while sum(s.state is not State.ENDED for s in life.view.strategies) < STRATEGIES:
            self.made += 1
            wanted = parameters(self.chance, self.made, coins_of(life))
            if not await self.ask(life, "create", lambda i, p=wanted: CreateStrategy(i, ACCOUNT, p)):  # type: ignore[misc]
                break
        for _ in range(3):
            await self.press(life)
        for strategy in life.view.strategies:
            if strategy.state is State.HALTED:
                await self.help(life, strategy)

    async def press(self, life: Life) -> None:
        standing = [s for s in life.view.strategies if s.state is State.RUNNING]
        if not standing:
            return
        one, draw = self.chance.choice(standing), self.chance.random()
        coins = coins_of(life)
        coin = self.chance.choice(coins)
        amount = Decimal(self.chance.randint(20, 120))
        doings: list[tuple[str, Callable[[str], Command]]] = [
            ("add", lambda i: AddFunds(i, one.id, amount)),
            ("remove", lambda i: RemoveFunds(i, one.id, amount, self.chance.choice(list(RemovalMethod)))),
            ("change", lambda i: ChangeCoins(i, one.id, equal_weights(self.chance.sample(coins, 3)))),
            ("edit", lambda i: EditStrategy(i, one.id, self.edited(one, coins))),
            ("rebalance", lambda i: RebalanceNow(i, one.id)),
            ("pause", lambda i: PauseStrategy(i, one.id)),
            ("stop", lambda i: StopStrategy(i, one.id, sell_all=draw < 0.5)),
            ("deposit", lambda i: PaperTransfer(i, ACCOUNT, self.chance.choice(["USDT", "BNB", coin]), amount / 10)),
            ("withdraw", lambda i: PaperTransfer(i, ACCOUNT, coin, -amount / 1000)),
            ("halt", lambda i: ChangePaperMarket(i, ACCOUNT, MarketEvent.HALT, coin)),
            ("delist", lambda i: ChangePaperMarket(i, ACCOUNT, MarketEvent.DELIST, coin)),
            ("rename", lambda i: ChangePaperMarket(i, ACCOUNT, MarketEvent.RENAME, coin, self.new_name())),
            ("bnb", lambda i: SetPayFeesWithBnb(i, ACCOUNT, draw < 0.7)),
            ("stop all", StopAll),
        ]
        weights = (6, 5, 4, 4, 5, 3, 1, 4, 2, 1, int(len(coins) > COINS_LEFT), 1, 1, 1)
        name, make = self.chance.choices(doings, weights)[0]
        await self.ask(life, name, make)
        if name == "stop all":
            await life.market(2 * HOUR)
            await self.ask(life, "resume all", ResumeTrading)
        paused = [s for s in life.view.strategies if s.state is State.PAUSED]
        for strategy in paused:
            await self.ask(life, "resume", lambda i, s=strategy: ResumeStrategy(i, s.id))  # type: ignore[misc]

    def new_name(self) -> str:
        self.names += 1
        return f"NEW{self.names}"

    def edited(self, one: StrategyView, coins: Sequence[str]) -> StrategyParameters:
        fresh = parameters(self.chance, self.made + 1, coins)
        present = one.parameters
        return StrategyParameters(
            present.name, present.quote, present.targets, present.investment, fresh.rule,
            sell_all_on_stop=not present.sell_all_on_stop, stop_loss=present.stop_loss,
        )  # fmt: skip

    async def help(self, life: Life, strategy: StrategyView) -> None:
        """The working way out of each halt, as the banner offers it."""
        if strategy.halt is HaltKind.SHORT and strategy.missing:
            await self.ask(life, "book loss", lambda i: AcceptShortage(i, strategy.id))
        for old, new in strategy.renamed:
            await self.ask(life, "take over", lambda i, o=old, n=new: AcceptRename(i, ACCOUNT, o, n))  # type: ignore[misc]
        if strategy.halt is HaltKind.MARKET:
            await self.out_of_closed_market(life, strategy)
            return
        await self.ask(life, "resume", lambda i: ResumeStrategy(i, strategy.id))

    async def out_of_closed_market(self, life: Life, strategy: StrategyView) -> None:
        """Drop what is frozen, put another coin in its place, end it, or wait; what is only halted opens again."""
        present, frozen = strategy.parameters.targets, strategy.frozen
        ways: list[tuple[str, Callable[[str], Command]]] = [
            ("end", lambda i: StopStrategy(i, strategy.id, sell_all=True)),
        ]
        left = without(present, frozen)
        if len(left) >= 2:
            ways.append(("drop", lambda i: ChangeCoins(i, strategy.id, left)))
        others = [coin for coin in coins_of(life) if coin not in strategy.parameters.assets]
        if len(others) >= len(frozen):
            instead = dict(zip(frozen, self.chance.sample(others, len(frozen)), strict=True))
            other = tuple(replace(target, asset=instead.get(target.asset, target.asset)) for target in present)
            ways.append(("replace", lambda i: ChangeCoins(i, strategy.id, other)))
        draw = self.chance.random()
        if draw < 0.5:
            weights = (1, *(4 for _ in ways[1:]))
            await self.ask(life, *self.chance.choices(ways, weights)[0])
        elif draw < 0.8:
            for coin in frozen:
                await self.ask(
                    life,
                    "reopen",
                    lambda i, c=coin: ChangePaperMarket(i, ACCOUNT, MarketEvent.REOPEN, c),  # type: ignore[misc]
                )
            await self.ask(life, "resume", lambda i: ResumeStrategy(i, strategy.id))
        else:
            self.pressed["wait"] += 1

    async def ask(self, life: Life, name: str, make: Callable[[str], Command]) -> bool:
        answer = await life.ask(make)
        self.pressed[name] += 1
        if isinstance(answer, CommandRejected):
            self.refused[name] += 1
            return False
        return True


def coins_of(life: Life) -> list[str]:
    """What the coins are called now; those that were delisted are no longer among them."""
    state = life.venue.paper.state()
    found = []
    for first in COINS:
        name = first
        while name in state.renamed:
            name = state.renamed[name]
        if state.closed.get(name) is not MarketEvent.DELIST:
            found.append(name)
    return found


def forget(life: Life) -> None:
    """What the bench has listened to is not the program's memory."""
    newest = next(e for e in reversed(life.events) if isinstance(e, AccountChanged))
    life.events[:] = [newest]


async def live(
    world: World, owner: Owner, days: int, each_day: Callable[[Life, int], None], crash: Crash | None = None
) -> None:
    """``days`` market days with a new start about once a week, after a safe stop and a crash (only with ``crash``) in turn."""
    crash = crash or Crash("nowhere", 1)
    ends = itertools.cycle([end for place in PLACES for end in (place, "nowhere")])
    day = 0

    async def some_days(life: Life) -> None:
        nonlocal day
        for _ in range(owner.chance.randint(3, 11)):
            if day >= days:
                return
            await owner.day(life)
            await life.market(DAY)
            forget(life)
            each_day(life, day)
            day += 1

    while day < days:
        where = next(ends)
        crash.arm(where, owner.chance.randint(1, 30 if "order" in where else 400))
        if await live_until_stop_or_crash(world, some_days, crash):
            owner.pressed[f"crash: {where}"] += 1
        else:
            owner.pressed["safe stop"] += 1


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(60, id="two months"),
        pytest.param(365, id="a year", marks=pytest.mark.long),
    ],
)
@pytest.mark.timeout(3600)
def test_after_every_transaction_of_months_the_ledger_is_the_venue_and_nobody_touches_another_s_units(
    days: int, tmp_path: Path
) -> None:
    crash = Crash("nowhere", 1)
    store = MortalStore()
    store.crash = crash
    world = World(path=tmp_path / "venue.sqlite", store=store, speed=SPEED, make_venue=mortal(crash))
    watcher = watch(world)
    watcher.also = lambda: crash.pass_by("commit")
    owner = Owner(20)
    run(partial(live, world, owner, days, lambda _life, _day: watcher.check(), crash))
    assert watcher.commits > 20 * days
    assert len({request.client_order_id for request in world.posts}) == len(world.posts), "an order was sent twice"
    for name in (*DEEDS, "safe stop", *(f"crash: {place}" for place in PLACES)):
        assert owner.pressed[name] > owner.refused[name], f"{name} never worked"
    replayed_from_nothing(world)


def replayed_from_nothing(world: World) -> None:
    """I10: every entry from the first, added up again, gives the balances that the store has."""
    assert isinstance(world.store, FakeStore)
    sums: dict[tuple[str, str], Decimal] = {}
    for entry in world.store.entries:
        for posting in entry.postings:
            key = (posting.account, posting.asset)
            sums[key] = sums.get(key, ZERO) + posting.amount
    assert {key: amount for key, amount in sums.items() if amount} == world.store._balances
    assert all(amount >= ZERO for (account, _), amount in sums.items() if is_inside(account))


@pytest.mark.parametrize("days", [pytest.param(8, id="a week"), pytest.param(365, id="a year", marks=pytest.mark.long)])
@pytest.mark.timeout(3600)
def test_the_file_grows_by_no_more_than_a_check_and_an_order_may_cost(days: int, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    world = World(path=tmp_path / "venue.sqlite", store=SqliteStore(ledger, ACCOUNT), speed=SPEED)
    begun = ledger_size(tmp_path)
    run(partial(live, world, Owner(21), days, lambda _life, _day: None))
    store = SqliteStore(ledger, ACCOUNT)
    store.open()
    try:
        sent = sum(1 for _ in store.orders(None, None, 10_000_000))
    finally:
        store.close()
    checks = STRATEGIES * 24 * days
    grown = ledger_size(tmp_path) - begun
    assert grown <= 200 * checks + 4_000 * sent, f"{grown:,} bytes for {checks:,} checks and {sent:,} orders"


def ledger_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("ledger.sqlite*"))
