"""What the engine lives through at the end of a real wire until it is killed, and how the next start finds it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.adapters.system import RandomIdSource
from rebalancer_gui.adapters.venues.ccxt_import import ccxt, loaded
from rebalancer_gui.adapters.venues.ccxt_venues import make_venue
from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.commands import (
    AddFunds,
    ChangeCoins,
    Command,
    CreateStrategy,
    RemoveFunds,
    StopStrategy,
)
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import (
    AccountChanged,
    CommandDone,
    CommandRejected,
    EngineFailed,
    StrategyCreated,
)
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.allocation import equal_weights
from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.ledger import is_inside
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import RatioRule, State, StrategyParameters
from tests.builders import d
from tests.kill.wire_exchange import VENUE, Exchange, FastClock
from tests.wire.bench import KEY

ACCOUNT = "live"
PATIENCE = 90.0
"""Seconds of real time until a step or a recovery has to be through."""


class Run:
    """One process of the program on one ledger."""

    def __init__(self, there: Exchange, ledger: Path) -> None:
        self._clock = FastClock(there.began)
        spec = VenueSpec(VENUE, there.url)
        venue = make_venue(
            spec, KEY, clock=self._clock, name=ACCOUNT, trading=True, quote_assets=("USDT",), paced=False
        )
        self.store = SqliteStore(ledger, ACCOUNT)
        setup = AccountSetup(ACCOUNT, "Live", "LIVE", venue, self.store, RandomIdSource("test"))
        self.events: list[object] = []
        self.engine = Engine([setup], self.events.append)
        self._asked = 0

    async def ask(self, make: Callable[[str], Command]) -> bool:
        """Whether it was done."""
        self._asked += 1
        command_id = f"c{self._asked}"
        self.engine.post(make(command_id))
        kinds = (CommandDone, CommandRejected, StrategyCreated)
        await self.until(lambda: any(isinstance(e, kinds) and e.command_id == command_id for e in self.events))
        answer = next(e for e in self.events if isinstance(e, kinds) and e.command_id == command_id)
        return not isinstance(answer, CommandRejected)

    @property
    def view(self) -> AccountView | None:
        return next((e.view for e in reversed(self.events) if isinstance(e, AccountChanged)), None)

    def of(self, name: str) -> str:
        """The id of the strategy of that name."""
        assert self.view is not None
        return next(s.id for s in self.view.strategies if s.parameters.name == name)

    def state(self, name: str) -> State | None:
        found = [s.state for s in (self.view.strategies if self.view else ()) if s.parameters.name == name]
        return found[0] if found else None

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                failed = [e for e in self.events if isinstance(e, EngineFailed)]
                assert not failed, failed
                await asyncio.sleep(0.005)

    async def some_batches(self) -> None:
        await self._clock.sleep(12)


async def live(run: Run) -> None:
    """Buys, sells and flows of two strategies with a coin in common."""
    await run.until(lambda: run.view is not None)
    rule = RatioRule(d("0.5"))
    for name, coins in (("A", ("BTC", "ETH")), ("B", ("ETH", "XRP"))):
        await run.ask(
            lambda i, n=name, c=coins: CreateStrategy(  # type: ignore[misc]
                i, ACCOUNT, StrategyParameters(n, "USDT", equal_weights(c), Decimal(1000), rule)
            )
        )
        await run.until(lambda n=name: run.state(n) is State.RUNNING)  # type: ignore[misc]
    a, b = run.of("A"), run.of("B")
    await run.ask(lambda i: AddFunds(i, a, d(300)))
    await run.some_batches()
    await run.ask(lambda i: ChangeCoins(i, a, equal_weights(("BTC", "XRP"))))
    await run.some_batches()
    await run.ask(lambda i: RemoveFunds(i, b, d(200), RemovalMethod.BY_WEIGHT))
    await run.some_batches()
    await run.ask(lambda i: StopStrategy(i, a, sell_all=True))
    await run.until(lambda: run.state("A") is State.ENDED)


async def recover(run: Run) -> None:
    """Until no order is open any more, and some quotes more."""
    await run.until(lambda: run.view is not None)
    await run.until(lambda: not run.store.load().open_intents)
    await run.some_batches()


async def _process(there: Exchange, ledger: Path, story: Callable[[Run], object]) -> None:
    run = Run(there, ledger)
    task = asyncio.create_task(run.engine.main())
    try:
        await story(run)  # type: ignore[misc]
    finally:
        run.engine.request_stop()
        await asyncio.wait_for(task, 10)


def warm() -> None:
    """Import what every child would import: forked children have it then, and half their time is saved."""
    getattr(ccxt("async_support"), VENUE)
    loaded("rebalancer_gui.adapters.venues.ccxt_wire")


def in_a_child(there: Exchange, ledger: Path, story: Callable[[Run], object], kill_after: float | None = None) -> float:
    """Live ``story`` in a process of its own; SIGKILL ``kill_after`` seconds later. The seconds that it took."""
    warm()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            asyncio.run(_process(there, ledger, story))
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it is, it is told, and pytest must not go on in the child
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(code)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if kill_after is None or not os.WIFSIGNALED(status):
        assert os.WEXITSTATUS(status) == 0, "the child failed by itself: see its traceback above"
    return time.monotonic() - began


def inside(ledger: Path) -> dict[str, Decimal]:
    """What the ledger says the exchange holds, without zeros."""
    store = SqliteStore(ledger, ACCOUNT)
    store.open()
    try:
        totals: dict[str, Decimal] = {}
        for (account, asset), amount in store.load().balances.items():
            if is_inside(account):
                totals[asset] = totals.get(asset, ZERO) + amount
        return {asset: amount for asset, amount in totals.items() if amount}
    finally:
        store.close()
