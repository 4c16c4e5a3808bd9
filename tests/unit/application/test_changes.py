"""Other coins and weights, and another rule, while a strategy lives (BEHAVIOUR.md section 5): versions, sentences, trades."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from rebalancer_gui.application.commands import (
    AddFunds,
    ChangeCoins,
    PauseStrategy,
    PreviewChange,
    RebalanceNow,
    ResumeStrategy,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.application.records import TransferKind
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.strategy import HaltKind, RatioRule, State, StrategyParameters, TimeRule
from tests.builders import d, parameters, rules_for, targets, with_levels
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue


def venue(**options) -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH", "BNB", min_notional="10"), **options)


def calm(**kind) -> StrategyParameters:
    """It never trades by its rule in these tests."""
    return parameters(rule=RatioRule(d(50)), **kind)


async def built(bench: Bench, wanted: StrategyParameters | None = None) -> str:
    await bench.venue.push(BTC="100", ETH="100", BNB="10")
    core = await bench.create(wanted or calm())
    await bench.venue.push()
    assert bench.strategy(core).state is State.RUNNING
    return core


@pytest.mark.rule("5.5", "3.3", "5.5b", "10.12b", "10.13")
def test_a_change_of_coins_sells_what_left_buys_what_came_and_is_a_version_with_its_time() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            sent, asked = len(bench.venue.posts), targets(BTC=30, BNB=70)
            preview = await bench.preview(lambda i: PreviewChange(i, core, asked))
            await bench.do(lambda i: ChangeCoins(i, core, asked))
            changed_at = bench.venue.clock.now()
            assert bench.strategy(core).score.profit == 0
            await bench.venue.push()
            posts = bench.venue.posts[sent:]
            assert [(p.symbol, p.side, p.quantity) for p in posts] == [
                ("BTC/USDT", Side.SELL, d(2)),
                ("ETH/USDT", Side.SELL, d(5)),
                ("BNB/USDT", Side.BUY, d(70)),
            ]
            assert {(leg.symbol, leg.quantity) for leg in preview.plan.legs} == {(p.symbol, p.quantity) for p in posts}
            assert bench.owned(core) == {"BTC": 3, "BNB": 70}
            assert bench.store.load().hodl[core] == {"BTC": 3, "BNB": 70}
            shown = bench.strategy(core)
            assert (shown.version, shown.parameters.targets) == (2, asked)
            assert [h.asset for h in shown.snapshot.holdings] == ["BTC", "BNB"] if shown.snapshot else False
            versions = [(number, at, p.targets) for number, at, p in bench.store.versions(core)]
            assert versions == [(1, shown.created_at, targets(BTC=50, ETH=50)), (2, changed_at, asked)]
            assert bench.said("version") == ["Core, version 2: BTC 50 -> 30 %, BNB new 70 %, ETH out."]
            assert bench.rebalances[-1].reason == "coins or weights changed"
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("5.5")
def test_what_is_left_of_a_coin_that_is_out_is_sold_at_the_next_quotes_and_dust_is_given_back() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            bench.venue.fill_part, bench.venue.depth = d("0.7"), d("0.0001")
            await bench.do(lambda i: ChangeCoins(i, core, targets(BTC=50, BNB=50)))
            await bench.venue.push()
            assert bench.owned(core)["ETH"] == d("1.5"), "the rest of a thin book waits"
            await bench.venue.push()
            assert bench.owned(core)["ETH"] == d("0.45")
            for _ in range(4):
                await bench.venue.push()
            assert "ETH" not in bench.owned(core)
            assert bench.view.free["ETH"] == d("0.0405"), "0.0405 x 100 is under the smallest order of 10"
            (row,) = [t for t in bench.store.transfers(core, None, 9) if t.kind == TransferKind.RELEASED]
            assert (row.asset, row.amount, row.value) == ("ETH", d("0.0405"), d("4.05"))
            assert bench.strategy(core).score.profit == 0
            assert bench.said("dust") == ["Core: too little to sell, given back to the free pool: 0.0405 ETH."]
            sent = len(bench.venue.posts)
            await bench.venue.push()
            assert len(bench.venue.posts) == sent
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("5.5", "3.4f")
def test_a_change_while_paused_trades_only_after_resume_also_over_a_restart() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            core = await built(bench)
            await bench.do(lambda i: PauseStrategy(i, core))
            await bench.do(lambda i: ChangeCoins(i, core, targets(BTC=20, ETH=80)))
            sent = len(bench.venue.posts)
            await bench.venue.push()
            assert (bench.strategy(core).state, len(bench.venue.posts)) == (State.PAUSED, sent)
        later = bench.again()
        async with later.running():
            await later.venue.push()
            assert len(later.venue.posts) == sent
            await later.do(lambda i: ResumeStrategy(i, core))
            await later.venue.push()
            assert later.owned(core) == {"BTC": 2, "ETH": 8}

    run(story)


@pytest.mark.rule("6.1", "5.5")
def test_a_waiting_strategy_is_built_with_the_coins_it_was_changed_to() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100", BNB="10")
            core = await bench.create(with_levels(calm(), trigger="105"))
            await bench.do(lambda i: ChangeCoins(i, core, targets(BNB=100 - 40, ETH=40)))
            assert bench.strategy(core).state is State.WAITING
            for _ in range(3):
                await bench.venue.push(BTC="105")
            assert bench.owned(core) == {"BNB": 60, "ETH": 4}

    run(story)


@pytest.mark.rule("7.5", "7.9", "10.13")
@pytest.mark.parametrize("status", [MarketStatus.DELISTED, MarketStatus.HALTED])
@pytest.mark.parametrize(
    "after", [{"ETH": 50, "BNB": 50}, {"ETH": 100 - 50, "BTC": 50}], ids=["replace", "drop and redistribute"]
)
def test_a_strategy_halted_for_a_closed_market_runs_again_without_that_coin(
    status: MarketStatus, after: dict[str, int]
) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench, calm(investment="900", BTC="33.33", ETH="33.33", BNB="33.34"))
            lost = "BTC" if "BTC" not in after else "BNB"
            units = bench.owned(core)[lost]
            bench.venue.close_market(lost, status)
            await bench.venue.push()
            shown = bench.strategy(core)
            assert (shown.state, shown.halt, shown.frozen) == (State.HALTED, HaltKind.MARKET, (lost,))
            sent = len(bench.venue.posts)
            preview = await bench.preview(lambda i: PreviewChange(i, core, targets(**after)))
            assert preview.problems == ()
            assert preview.released == ((lost, units),)
            await bench.do(lambda i: ChangeCoins(i, core, targets(**after)))
            await bench.venue.push()
            await bench.venue.push()
            shown = bench.strategy(core)
            assert (shown.state, shown.halt, shown.frozen) == (State.RUNNING, None, ())
            assert bench.view.free[lost] == units
            assert all(lost not in post.symbol for post in bench.venue.posts[sent:])
            assert sorted(bench.owned(core)) == sorted({*after, *({"USDT"} & set(bench.owned(core)))})
            assert round(shown.score.profit or d(0), 6) == 0
            assert lost not in bench.store.load().hodl[core]
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("7.5", "7.9", "10.13")
def test_a_coin_that_left_and_whose_market_closed_before_it_was_sold_can_be_let_go_without_another_change() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            await bench.do(lambda i: PauseStrategy(i, core))
            changed = targets(ETH=50, BNB=50)
            await bench.do(lambda i: ChangeCoins(i, core, changed))
            bench.venue.close_market("BTC")
            await bench.venue.push()
            shown = bench.strategy(core)
            assert (shown.halt, shown.frozen, shown.parameters.targets) == (HaltKind.MARKET, ("BTC",), changed)

            await bench.do(lambda i: ChangeCoins(i, core, changed))
            assert bench.view.free["BTC"] == 5
            assert bench.said("version")[-1] == "Core, version 3: without BTC."
            assert bench.strategy(core).state is State.PAUSED
            # The line sold its BTC for BNB when the coin left; half of all goes out with the other 500.
            assert bench.store.load().hodl[core] == {"ETH": d("2.5"), "BNB": d(25)}
            await bench.do(lambda i: ResumeStrategy(i, core))
            await bench.venue.push()
            assert bench.owned(core) == {"ETH": d("2.5"), "BNB": d(25)}
            score = bench.strategy(core).score
            assert (score.net_invested, score.profit, score.versus_hodl) == (d(500), d(0), d(0))
            bench.assert_conserved()

            again = await bench.ask(lambda i: ChangeCoins(i, core, changed))
            assert "the coins and weights it has" in str(again)

    run(story)


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        (targets(BTC=50, ETH=50), "weights", "the coins and weights it has"),
        (targets(BTC=50, ETH=49), "weights", "add up to 99 %"),
        (targets(BTC=100), "coins", "2 to 10 coins"),
        (targets(BTC=50, USDT=50), "coins", "USDT is the strategy's money"),
        (targets(BTC=50, ADA=50), "coins", "ADA does not trade in USDT now"),
        (targets(BTC=50, NIX=50), "coins", "NIX does not trade in USDT now"),
        (targets(BTC=50, XRP=50), "coins", "no good price"),
        (targets(BTC="99.5", ETH="0.5"), "weights", "these weights need 2000 USDT at least"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_its_reason_and_changes_nothing(
    asked: Any, field: str, said: str
) -> None:
    rules = rules_for("BTC", "ETH", "BNB", "XRP", "ADA", min_notional="10")
    rules["ADA/USDT"] = replace(rules["ADA/USDT"], status=MarketStatus.HALTED)

    async def story() -> None:
        async with Bench(ScriptedVenue(rules)).running() as bench:
            core = await built(bench)
            refused = await bench.rejected(lambda i: ChangeCoins(i, core, asked))
            assert refused.field == field
            assert said in refused.message
            assert bench.strategy(core).version == 1
            assert bench.said("version") == []

    run(story)


def test_coins_are_not_changed_while_trading_is_stopped_or_after_the_end() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            asked = targets(BTC=20, ETH=80)
            await bench.do(StopAll)
            assert "halted" in (await bench.rejected(lambda i: ChangeCoins(i, core, asked))).message
            await bench.do(lambda i: StopStrategy(i, core, sell_all=False))
            assert "ended" in (await bench.rejected(lambda i: ChangeCoins(i, core, asked))).message

    run(story)


@pytest.mark.rule("5.5")
def test_a_change_in_the_middle_of_a_rebalance_begins_no_further_order_of_the_old_plan() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench, calm(BTC=40, ETH=30, BNB=30))
            sent = len(bench.venue.posts)
            await bench.do(lambda i: ChangeCoins(i, core, targets(BTC=20, ETH=40, BNB=40)))
            market, waiting = bench.venue, asyncio.Event()
            quote, calls = market.quote, list[str]()

            async def slow_quote(symbol: str):
                calls.append(symbol)
                if len(calls) == 2:
                    await waiting.wait()
                return await quote(symbol)

            market.quote = slow_quote  # type: ignore[method-assign]
            pushing = asyncio.create_task(market.push())
            await bench.until(lambda: len(calls) == 2)
            await bench.do(lambda i: ChangeCoins(i, core, targets(BTC=50, ETH=50)))
            waiting.set()
            await pushing
            assert [p.symbol for p in market.posts[sent:]] == ["BTC/USDT"], "ETH was not bought for the old weights"
            await market.push()
            assert bench.owned(core) == {"BTC": 5, "ETH": 5}
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("3.3")
@pytest.mark.parametrize("what", ["now", "change", "add"])
def test_a_rebalance_that_was_asked_for_survives_a_crash_before_it_begins_and_is_made_once(what: str) -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            core = await built(bench)
            await bench.venue.push(BTC="105", ETH="95")
            sent = len(bench.venue.posts)
            if what == "now":
                await bench.do(lambda i: RebalanceNow(i, core))
            elif what == "change":
                await bench.do(lambda i: ChangeCoins(i, core, targets(BTC=60, ETH=40)))
            else:
                await bench.do(lambda i: AddFunds(i, core, d(500)))
        later = bench.again()
        async with later.running():
            for _ in range(3):
                await later.venue.push()
            assert len(later.venue.posts) == sent + 2
            weights = [round(h.weight or d(0), 5) for h in later.snapshot(core).holdings]
            assert weights == ([60, 40] if what == "change" else [50, 50])
        last = later.again()
        async with last.running():
            await last.venue.push()
            assert len(last.venue.posts) == sent + 2
            last.assert_conserved()

    run(story)


@pytest.mark.rule("3.3")
def test_a_rebalance_asked_for_while_one_runs_is_made_after_it() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            await bench.venue.push(BTC="105", ETH="95")
            await bench.do(lambda i: RebalanceNow(i, core))
            sent = len(bench.venue.posts)
            bench.venue.hang = asyncio.Event()
            pushing = asyncio.create_task(bench.venue.push())
            await bench.until(lambda: len(bench.venue.posts) == sent + 1)
            await bench.do(lambda i: RebalanceNow(i, core))
            await bench.do(lambda i: AddFunds(i, core, d(200)))
            bench.venue.hang.set()
            await pushing
            bench.venue.hang = None
            done = len(bench.rebalances)
            await bench.venue.push()
            assert len(bench.rebalances) == done + 1
            assert bench.rebalances[-1].reason == "funds added"
            assert [round(h.value or Decimal(0), 5) for h in bench.snapshot(core).holdings] == [600, 600]
            await bench.venue.push()
            assert len(bench.rebalances) == done + 1
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("3.2c")
def test_a_change_of_coins_does_not_move_the_time_grid() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            week = timedelta(days=7)
            core = await built(bench, parameters(rule=TimeRule(week, d("0.5"))))
            start = bench.strategy(core).started_at
            assert start is not None
            await bench.venue.push(timedelta(days=3))
            await bench.do(lambda i: ChangeCoins(i, core, targets(BTC=30, ETH=70)))
            await bench.do(lambda i: RebalanceNow(i, core))
            await bench.venue.push()
            assert bench.strategy(core).next_check == start + week

    run(story)
