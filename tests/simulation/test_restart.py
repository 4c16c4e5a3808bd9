"""A safe stop and a new start at the same market time: every figure on the screen is the same as before."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.commands import (
    LoadChart,
    LoadHistory,
    PauseStrategy,
    SetDemoPaused,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.application.events import ChartReady, HistoryPage
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.performance import Scorecard
from rebalancer_gui.domain.strategy import RatioRule, State
from tests.builders import d, parameters
from tests.simulation.bench import ACCOUNT, DAY, Life, World, run

DIGITS = 8
"""Samples keep 12 significant digits, and sums of 50 digits depend on their order: nobody sees either."""


def rounded(score: Scorecard) -> Scorecard:
    def cut(amount: Decimal | None) -> Decimal | None:
        return None if amount is None else round(amount, DIGITS)

    return Scorecard(
        cut(score.value),
        round(score.net_invested, DIGITS),
        cut(score.profit),
        cut(score.profit_percent),
        cut(score.hodl_value),
        cut(score.versus_hodl),
    )


def shown(view: StrategyView) -> StrategyView:
    """What must be the same: all but the number of the snapshot, the newest decision and when it is looked at again."""
    assert view.snapshot is not None or view.state is State.ENDED
    snapshot = replace(view.snapshot, seq=0) if view.snapshot is not None and view.state is not State.ENDED else None
    return replace(view, snapshot=snapshot, score=rounded(view.score), decision="", next_check=None)


def figures(view: AccountView) -> AccountView:
    strategies = tuple(shown(strategy) for strategy in view.strategies)
    return replace(view, strategies=strategies, next_check=None, last="", demo=None)


async def histories(life: Life, strategy_id: str) -> list[object]:
    """Every list that a person can look at, without the journal: a start may add to that."""
    found: list[object] = []
    for kind in (HistoryKind.ORDERS, HistoryKind.REBALANCES, HistoryKind.TRANSFERS):
        page = await life.ask(lambda i, kind=kind: LoadHistory(i, ACCOUNT, kind, ""))  # type: ignore[misc]
        assert isinstance(page, HistoryPage)
        found.append(page.rows)
    chart = await life.ask(lambda i: LoadChart(i, strategy_id))
    assert isinstance(chart, ChartReady)
    return [*found, chart.chart]


@pytest.mark.parametrize("stop_all", [False, True])
def test_every_figure_is_the_same_after_a_restart(stop_all: bool, tmp_path: Path) -> None:
    world = World(path=tmp_path / "venue.sqlite", store=SqliteStore(tmp_path / "ledger.sqlite", ACCOUNT))
    ids: dict[str, str] = {}

    async def before() -> tuple[AccountView, list[object]]:
        async with world.running() as life:
            for name in ("Runs", "Paused", "Sold", "Given back"):
                rule = RatioRule(d("0.5"))
                ids[name] = await life.create(
                    parameters(name=name, investment="2000", rule=rule, BTC=40, ETH=35, ADA=25)
                )
            await life.market(4 * DAY)
            await life.ask(lambda i: PauseStrategy(i, ids["Paused"]))
            for name in ("Sold", "Given back"):
                await life.ask(partial(StopStrategy, strategy_id=ids[name], sell_all=name == "Sold"))
            await life.market(4 * DAY)
            if stop_all:
                await life.ask(StopAll)
            await life.ask(lambda i: SetDemoPaused(i, ACCOUNT, paused=True))
            await life.wall(1)
            return life.view, await histories(life, ids["Runs"])

    async def after() -> tuple[AccountView, list[object]]:
        async with world.running() as life:
            return life.view, await histories(life, ids["Runs"])

    old_view, old_histories = run(before)
    new_view, new_histories = run(after)

    assert figures(new_view) == figures(replace(old_view, engine=new_view.engine))
    assert new_histories == old_histories
    states = {strategy.parameters.name: strategy.state for strategy in new_view.strategies}
    running, paused = (State.HALTED, State.HALTED) if stop_all else (State.RUNNING, State.PAUSED)
    assert states == {"Runs": running, "Paused": paused, "Sold": State.ENDED, "Given back": State.ENDED}
    assert new_view.total is not None
    assert new_view.total > Decimal(5000)
    assert all(strategy.rebalances > 1 for strategy in new_view.strategies)
