"""What a child process lives through until it is killed: all that an owner can do in a few market days, one after the other."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.application.commands import (
    AddFunds,
    ChangeCoins,
    Command,
    CreateStrategy,
    EditStrategy,
    PauseStrategy,
    RebalanceNow,
    RemoveFunds,
    ResumeStrategy,
    ResumeTrading,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.application.events import CommandRejected
from rebalancer_gui.domain.allocation import equal_weights
from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.strategy import Basis, Level, RatioRule, State, StrategyParameters, TimeRule
from tests.builders import d
from tests.kill.points import DyingStore, Points, dying_venue, watch_venue_commits
from tests.simulation.bench import ACCOUNT, Life, World, run
from tests.support.ledger_check import Audit, audit

HOUR = timedelta(hours=1)
SPEED = 14_400
FAILED, DONE = 70, 0


@dataclass(frozen=True)
class Result:
    """What came of one child: the numbers and names of the points it passed when it was not killed."""

    killed: bool
    names: tuple[str, ...]


def account_folder(data: Path) -> Path:
    return data / "accounts" / ACCOUNT


def world(data: Path, points: Points) -> World:
    folder = account_folder(data)
    folder.mkdir(parents=True, exist_ok=True)
    return World(
        path=folder / "paper-venue.sqlite",
        store=DyingStore(folder / "ledger.sqlite", ACCOUNT, points),
        speed=SPEED,
        make_venue=dying_venue(points),
    )


def strategies() -> tuple[StrategyParameters, ...]:
    quick, shared = RatioRule(d("0.5"), HOUR), equal_weights(("BTC", "ETH", "BNB"))
    return (
        StrategyParameters("By ratio", "USDT", shared, Decimal(900), quick, stop_loss=Level(Basis.RETURN, d(-90))),
        StrategyParameters("By time", "USDT", equal_weights(("ETH", "ADA")), Decimal(700), TimeRule(6 * HOUR, d(0))),
        StrategyParameters("Short life", "USDT", equal_weights(("BTC", "XRP")), Decimal(500), quick),
        StrategyParameters("Kept", "USDT", equal_weights(("LTC", "BTC")), Decimal(300), quick, sell_all_on_stop=False),
    )


async def live(life: Life) -> None:
    """The whole story. What is refused because of an earlier kill is skipped, as an owner would."""
    standing = {s.parameters.name for s in life.view.strategies}
    for parameters in strategies():
        if parameters.name not in standing:
            await ask(life, lambda i, p=parameters: CreateStrategy(i, ACCOUNT, p))  # type: ignore[misc]
    await life.market(HOUR)
    of = {s.parameters.name: s for s in life.view.strategies if s.state is not State.ENDED}
    doings: list[tuple[str, Callable[[str, str], Command]]] = [
        ("By ratio", lambda i, sid: AddFunds(i, sid, d(200))),
        ("By time", lambda i, sid: RemoveFunds(i, sid, d(150), RemovalMethod.BY_WEIGHT)),
        ("By ratio", lambda i, sid: ChangeCoins(i, sid, equal_weights(("BTC", "SOL", "BNB")))),
        ("By time", lambda i, sid: EditStrategy(i, sid, edited(life, sid))),
        ("By ratio", RebalanceNow),
        ("By time", PauseStrategy),
        ("By time", ResumeStrategy),
        ("By ratio", lambda i, sid: RemoveFunds(i, sid, d(100), RemovalMethod.MOST_OVERWEIGHT)),
        ("Short life", lambda i, sid: StopStrategy(i, sid, sell_all=True)),
        ("Kept", lambda i, sid: StopStrategy(i, sid, sell_all=False)),
    ]
    for name, make in doings:
        if name in of:
            await ask(life, lambda i, m=make, sid=of[name].id: m(i, sid))  # type: ignore[misc]
        await life.market(HOUR)
    await ask(life, StopAll)
    await life.market(HOUR)
    await ask(life, ResumeTrading)
    await life.market(3 * HOUR)


def edited(life: Life, strategy_id: str) -> StrategyParameters:
    present = life.strategy(strategy_id).parameters
    return StrategyParameters(
        present.name, present.quote, present.targets, present.investment, TimeRule(3 * HOUR, d("0.5"))
    )


async def ask(life: Life, make: Callable[[str], Command]) -> bool:
    return not isinstance(await life.ask(make), CommandRejected)


def in_a_child(data: Path, fatal: int) -> Result:
    """Fork, live the story, die at point number ``fatal`` (0: at none)."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        code = FAILED
        try:
            points = Points(fatal)
            watch_venue_commits(points)
            run(lambda: _run(world(data, points)))
            with os.fdopen(write, "wb") as out:
                pickle.dump(tuple(points.names), out)
            code = DONE
        except BaseException:  # noqa: BLE001 - whatever it is, it is told, and pytest must not go on in the child
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(code)
    os.close(write)
    with os.fdopen(read, "rb") as told:
        sent = told.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return Result(killed=True, names=())
    assert os.WIFEXITED(status), status
    assert os.WEXITSTATUS(status) == DONE, "the child failed by itself: see its traceback above"
    return Result(killed=False, names=pickle.loads(sent))  # noqa: S301 - from our own child


async def _run(of: World) -> None:
    async with of.running() as life:
        await live(life)


def recover(data: Path) -> Audit:
    """The next start of the program: it recovers, trades on for some hours and stops safely."""

    async def go_on() -> None:
        async with world(data, Points()).running() as life:
            await life.market(3 * HOUR)

    run(go_on)
    return audit(data, stopped_safely=True)
