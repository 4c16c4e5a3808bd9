"""Delisted, halted, reopened and renamed coins and a lost right to trade, on the real paper venue, with their ways out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from rebalancer_gui.application.commands import (
    AcceptRename,
    ChangeCoins,
    ChangePaperMarket,
    Command,
    RebalanceNow,
    ResumeStrategy,
    SetPaperTradingRight,
    StopStrategy,
)
from rebalancer_gui.application.events import CommandDone
from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.console.answers import figure, strategy_answer
from rebalancer_gui.domain.allocation import without
from rebalancer_gui.domain.strategy import HaltKind, RatioRule, State
from tests.builders import d, parameters
from tests.simulation.bench import ACCOUNT, DAY, Life, World, run
from tests.simulation.invariants import Watch, watch

HOUR = timedelta(hours=1)
COINS = {"BTC": 40, "ETH": 30, "ADA": 30}


def world(path: Path) -> tuple[World, Watch]:
    made = World(path=path)
    return made, watch(made)


async def done(life: Life, make: Callable[[str], Command]) -> None:
    answer = await life.ask(make)
    assert isinstance(answer, CommandDone), answer


async def happen(life: Life, event: MarketEvent, asset: str, new_name: str = "") -> None:
    await done(life, partial(ChangePaperMarket, account=ACCOUNT, event=event, asset=asset, new_name=new_name))


async def two(life: Life) -> tuple[str, str]:
    """One with ADA and one without."""
    rule = RatioRule(d("0.5"), HOUR)
    with_ada = await life.create(parameters(name="With ADA", investment="2000", rule=rule, **COINS))
    other = await life.create(parameters(name="Other", investment="2000", rule=rule, BTC=50, ETH=50))
    await life.market(2 * DAY)
    return with_ada, other


def assert_shown_in_part(life: Life, shown: StrategyView) -> None:
    """The value of what can be priced, and which coin that is without; nothing can be decided on it."""
    assert shown.snapshot is not None
    assert (shown.score.value, shown.snapshot.total, shown.snapshot.worst_drift) == (None, None, None)
    rest = [row.value for row in shown.snapshot.holdings if row.asset != "ADA"]
    assert shown.priced_part == shown.snapshot.cash + sum(value for value in rest if value is not None) > 500
    assert (shown.unpriced, life.view.unpriced) == (("ADA",), ("ADA",))
    told = strategy_answer(shown)
    assert (told["value"], told["in_part"]) == (None, {"value": figure(shown.priced_part), "without": ["ADA"]})
    others = [s.score.value for s in life.view.strategies if s.id != shown.id]
    free = life.view.free["USDT"] + sum(
        n * life.view.quotes[f"{a}/USDT"].mid for a, n in life.view.free.items() if a != "USDT"
    )
    assert life.view.total == shown.priced_part + free + sum(value for value in others if value is not None)


def profit(life: Life, core: str) -> Decimal:
    found = life.strategy(core).score.profit
    assert found is not None
    return found


@pytest.mark.rule("7.5", "7.8", "7.9", "10.13")
@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.failure(24)
def test_a_delisted_coin_freezes_and_halts_until_it_is_dropped(tmp_path: Path, *, restart: bool) -> None:
    made, watcher = world(tmp_path / "venue.sqlite")
    ids: list[str] = []
    seen: list[Decimal] = []

    async def before() -> None:
        async with made.running() as life:
            ids.extend(await two(life))
            seen.extend([profit(life, ids[0]), life.owned(ids[0])["ADA"]])
            await happen(life, MarketEvent.DELIST, "ADA")
            await halted(life)
            if not restart:
                await dropped(life)

    async def halted(life: Life) -> None:
        shown = life.strategy(ids[0])
        assert (shown.state, shown.halt, shown.frozen) == (State.HALTED, HaltKind.MARKET, ("ADA",))
        assert "ADA was delisted" in shown.reason
        assert_shown_in_part(life, shown)
        await life.market(DAY)
        assert all("ADA" not in post.symbol for post in made.posts[-4:])
        assert life.strategy(ids[1]).state is State.RUNNING

    async def dropped(life: Life) -> None:
        left = without(life.strategy(ids[0]).parameters.targets, ["ADA"])
        was = life.strategy(ids[0])
        await done(life, lambda i: ChangeCoins(i, ids[0], left))
        await life.market(2 * HOUR)
        shown = life.strategy(ids[0])
        assert (shown.state, shown.halt) == (State.RUNNING, None)
        assert sorted(life.owned(ids[0])) in (["BTC", "ETH"], ["BTC", "ETH", "USDT"])
        assert life.view.free["ADA"] == seen[1]
        assert life.view.unpriced == ("ADA",)
        assert was.score.profit is None, "nobody knows what a delisted coin is worth"
        assert shown.score.profit is not None
        watcher.check()

    async def after() -> None:
        async with made.running() as life:
            await halted(life)
            await dropped(life)

    run(before)
    if restart:
        run(after)


@pytest.mark.rule("7.5", "7.9")
@pytest.mark.failure(24)
def test_a_halted_market_that_opens_again_lets_the_strategy_go_on(tmp_path: Path) -> None:
    made, watcher = world(tmp_path / "venue.sqlite")

    async def story() -> None:
        async with made.running() as life:
            core, _ = await two(life)
            owned = life.owned(core)
            await happen(life, MarketEvent.HALT, "ADA")
            await life.market(DAY)
            assert life.strategy(core).halt is HaltKind.MARKET
            assert life.owned(core) == owned
            await happen(life, MarketEvent.REOPEN, "ADA")
            await life.market(2 * HOUR)
            assert life.strategy(core).resumable == ""
            await done(life, partial(ResumeStrategy, strategy_id=core))
            rebalances = life.strategy(core).rebalances
            await life.market(3 * DAY)
            assert life.strategy(core).state is State.RUNNING
            assert life.strategy(core).rebalances > rebalances
            watcher.check()

    run(story)


@pytest.mark.rule("7.9", "10.13")
@pytest.mark.failure(24)
def test_a_renamed_coin_is_taken_over_and_traded_under_its_new_name(tmp_path: Path) -> None:
    made, watcher = world(tmp_path / "venue.sqlite")

    async def story() -> None:
        async with made.running() as life:
            core, other = await two(life)
            ada, before = life.owned(core)["ADA"], profit(life, core)
            await happen(life, MarketEvent.RENAME, "ADA", "ADX")
            shown = life.strategy(core)
            assert (shown.state, shown.halt, shown.renamed) == (State.HALTED, HaltKind.RENAMED, (("ADA", "ADX"),))
            await done(life, lambda i: AcceptRename(i, ACCOUNT, "ADA", "ADX"))
            assert life.owned(core)["ADX"] == ada
            assert "ADA" not in life.owned(core)
            await done(life, partial(ResumeStrategy, strategy_id=core))
            await life.market(2 * HOUR)
            assert abs(profit(life, core) - before) < 200, "the price moved on, nothing else"
            await done(life, partial(RebalanceNow, strategy_id=core))
            await life.market(3 * DAY)
            assert life.strategy(core).state is State.RUNNING
            assert any(post.symbol == "ADX/USDT" for post in made.posts)
            assert life.strategy(other).state is State.RUNNING
            watcher.check()

    run(story)


@pytest.mark.rule("7.6", "7.8", "7.9")
@pytest.mark.failure(10)
def test_without_the_right_to_trade_everything_stands_still_and_goes_on_when_it_is_given_back(tmp_path: Path) -> None:
    made, watcher = world(tmp_path / "venue.sqlite")

    async def story() -> None:
        async with made.running() as life:
            core, other = await two(life)
            await done(life, partial(SetPaperTradingRight, account=ACCOUNT, may_trade=False))
            await done(life, partial(RebalanceNow, strategy_id=core))
            await life.market(DAY)
            assert {s.halt for s in life.view.strategies} == {HaltKind.NO_RIGHT}
            sent = len(made.posts)
            await life.market(DAY)
            assert len(made.posts) == sent
            await done(life, partial(SetPaperTradingRight, account=ACCOUNT, may_trade=True))
            await done(life, partial(ResumeStrategy, strategy_id=core))
            await done(life, partial(StopStrategy, strategy_id=other, sell_all=False))
            await life.market(DAY)
            assert life.strategy(core).state is State.RUNNING
            assert len(made.posts) > sent, "what was asked for before is made now"
            shown = life.strategy(other)
            assert (shown.state, shown.reason) == (State.ENDED, "the account or key may no longer trade")
            watcher.check()

    run(story)
