"""What would send orders that the rails on size never let go is refused by the command itself, not only by its preview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rebalancer_gui.application.commands import (
    AddFunds,
    ChangeCoins,
    Command,
    CreateStrategy,
    EditStrategy,
    PreviewChange,
    PreviewEdit,
    PreviewFunds,
    PreviewStrategy,
    RemoveFunds,
    StopStrategy,
)
from rebalancer_gui.application.safety_commands import SetRails
from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.rails import Rail
from rebalancer_gui.domain.strategy import State, StrategyParameters, Target, Trigger
from tests.builders import d, parameters
from tests.engine_bench import Bench, run
from tests.rails_bench import LIVE, bench, running

CAPPED = LIVE.with_settings({Rail.ORDER_CAP: d(400)}, frozenset())
ALL_BTC = (Target("BTC", d(95)), Target("ETH", d(5)))
Pair = tuple[Callable[[str], Command], Callable[[str], Command]]


def asked(investment: int) -> StrategyParameters:
    return replace(parameters(BTC=50, ETH=50), investment=d(investment))


async def refused_alike(b: Bench, field: str, pair: Pair, words: str = "over the largest order allowed (400)") -> None:
    """The command says what its preview says, and nothing was changed or sent."""
    before = dict(b.store.load().balances)
    command, preview = pair
    answer = await b.rejected(command)
    shown = await b.preview(preview)
    assert answer.field == field
    assert words in answer.message
    assert "Choose less, or allow larger orders in Settings" in answer.message
    assert (field, answer.message) in shown.problems
    await b.venue.push()
    await b.venue.push()
    assert b.venue.posts == []
    assert dict(b.store.load().balances) == before


async def built(b: Bench) -> str:
    """A strategy of 1,000 that was built before the cap was set."""
    core = await running(b)
    await b.do(lambda i: SetRails(i, "paper", {Rail.ORDER_CAP: d(400)}, frozenset()))
    return core


async def quoted(b: Bench) -> None:
    for coin in ("BTC", "ETH"):
        b.venue.set_price(coin, "100")
    await b.venue.push()


def test_a_strategy_whose_first_orders_are_over_the_cap_is_not_created() -> None:
    async def story() -> None:
        async with bench(CAPPED).running() as b:
            await quoted(b)
            wide = asked(1000)
            await refused_alike(
                b,
                "investment",
                (lambda i: CreateStrategy(i, "paper", wide), lambda i: PreviewStrategy(i, "paper", wide)),
            )
            assert b.view.strategies == ()
            await b.create(asked(600))
            await b.venue.push()
            assert len(b.venue.posts) == 2

    run(story)


def test_the_share_of_a_days_volume_counts_too() -> None:
    async def story() -> None:
        async with bench(LIVE).running() as b:
            await quoted(b)
            for symbol, quote in b.venue.prices.items():
                b.venue.prices[symbol] = replace(quote, volume=d(10_000))
            await b.venue.push()
            wide = asked(600)
            await refused_alike(
                b,
                "investment",
                (lambda i: CreateStrategy(i, "paper", wide), lambda i: PreviewStrategy(i, "paper", wide)),
                "24 h volume",
            )

    run(story)


def test_one_that_builds_nothing_now_sends_nothing_and_is_not_measured() -> None:
    async def story() -> None:
        tight = LIVE.with_settings({Rail.ORDER_CAP: d(10)}, frozenset())
        async with bench(tight).running() as b:
            await quoted(b)
            answer = await b.refused(asked(600))
            assert answer.field == "investment"
            assert "over the largest order" not in (await b.refused(asked(600), build=False)).message

    run(story)


@pytest.mark.parametrize("verb", ["add", "remove"])
def test_funds_that_take_an_order_over_the_cap_are_neither_added_nor_removed(verb: str) -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await built(b)
            way = RemovalMethod.BY_WEIGHT
            pair: Pair
            if verb == "add":
                pair = (lambda i: AddFunds(i, core, d(1000)), lambda i: PreviewFunds(i, core, d(1000), None))
            else:
                pair = (lambda i: RemoveFunds(i, core, d(900), way), lambda i: PreviewFunds(i, core, d(900), way))
            await refused_alike(b, "amount", pair)
            if verb == "add":
                await b.do(lambda i: AddFunds(i, core, d(600)))
            else:
                await b.do(lambda i: RemoveFunds(i, core, d(600), way))
            await b.venue.push()
            assert len(b.venue.posts) == 2

    run(story)


def test_other_weights_that_take_an_order_over_the_cap_are_refused_and_smaller_steps_are_taken() -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await built(b)
            pair = (lambda i: ChangeCoins(i, core, ALL_BTC), lambda i: PreviewChange(i, core, ALL_BTC))
            await refused_alike(b, "weights", pair)
            assert b.strategy(core).parameters.targets != ALL_BTC
            step = (Target("BTC", d(80)), Target("ETH", d(20)))
            await b.do(lambda i: ChangeCoins(i, core, step))
            await b.venue.push()
            assert len(b.venue.posts) == 2

    run(story)


def test_a_trigger_is_not_taken_away_when_the_start_would_be_over_the_cap() -> None:
    async def story() -> None:
        first = bench(LIVE)
        async with first.running() as b:
            await quoted(b)
            waiting = await b.create(replace(asked(1000), trigger=Trigger("BTC/USDT", d(120))))
        first.rails = CAPPED
        async with first.again().running() as b:
            await quoted(b)
            now = replace(b.strategy(waiting).parameters, trigger=None)
            pair = (lambda i: EditStrategy(i, waiting, now), lambda i: PreviewEdit(i, waiting, now))
            await refused_alike(b, "trigger", pair)
            assert b.strategy(waiting).state is State.WAITING

    run(story)


def test_a_stop_is_not_measured() -> None:
    async def story() -> None:
        first = bench(LIVE)
        async with first.running() as b:
            core = await running(b)
        first.rails = LIVE.with_settings({Rail.ORDER_CAP: d(100)}, frozenset())
        async with first.again().running() as b:
            await quoted(b)
            await b.ask(lambda i: StopStrategy(i, core, sell_all=True))
            await b.venue.push()
            assert b.strategy(core).state is State.ENDED

    run(story)
