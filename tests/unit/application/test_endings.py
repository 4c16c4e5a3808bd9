"""Every halt and every ending with what happens to the money, and a way out that works (BEHAVIOUR.md section 7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rebalancer_gui.application.commands import (
    ChangeCoins,
    CreateStrategy,
    ResumeStrategy,
    ResumeTrading,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.application.events import MarketsLoaded
from rebalancer_gui.application.records import TransferKind
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.orders import IntentState, OrderRequest, Rejected, Side, Unknown
from rebalancer_gui.domain.strategy import HaltKind, RatioRule, State, StrategyParameters
from tests.builders import d, parameters, rules_for, targets, with_levels
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

TEN = timedelta(seconds=10)


def venue(**options) -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH", "BNB", min_notional="10"), **options)


def calm(**kind) -> StrategyParameters:
    """It never trades by its rule in these tests."""
    return parameters(rule=RatioRule(d(50)), **kind)


async def built(bench: Bench, wanted: StrategyParameters | None = None) -> str:
    """5 BTC and 5 ETH for 1,000."""
    await bench.venue.push(BTC="100", ETH="100", BNB="10")
    core = await bench.create(wanted or calm())
    await bench.venue.push()
    return core


def assert_halted(bench: Bench, core: str, kind: HaltKind, said: str, owned: dict[str, int]) -> None:
    """Money stays put, the reason is said, and the banner names a way out."""
    shown = bench.strategy(core)
    assert (shown.state, shown.halt) == (State.HALTED, kind)
    assert said in shown.reason
    assert shown.advice
    assert bench.owned(core) == owned


@pytest.mark.rule("7.5", "7.8", "7.9")
@pytest.mark.parametrize("status", [MarketStatus.DELISTED, MarketStatus.HALTED])
@pytest.mark.failure(24)
def test_a_closed_market_halts_who_holds_the_coin_and_nobody_else(status: MarketStatus) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            other = await bench.create(calm(name="Other", ETH=50, BNB=50))
            await bench.venue.push()
            sent = len(bench.venue.posts)
            bench.venue.close_market("BTC", status)
            await bench.venue.push(ETH="180")
            words = "BTC was delisted" if status is MarketStatus.DELISTED else "The market of BTC is closed"
            assert_halted(bench, core, HaltKind.MARKET, words, {"BTC": 5, "ETH": 5})
            assert bench.strategy(core).resumable == (
                "The market of BTC is closed: replace or drop it, or wait until it opens."
            )
            await bench.rejected(lambda i: ResumeStrategy(i, core))
            assert bench.strategy(other).state is State.RUNNING
            assert bench.of(MarketsLoaded)[-1].rules["BTC/USDT"].status is status
            await bench.venue.push()
            assert len(bench.venue.posts) == sent

    run(story)


@pytest.mark.rule("7.5", "7.9")
@pytest.mark.failure(24)
def test_whoever_waits_resumes_when_the_market_opens_again() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            bench.venue.close_market("BTC", MarketStatus.HALTED)
            await bench.venue.push()
            bench.venue.open_market("BTC", "100")
            await bench.venue.push()
            assert (bench.strategy(core).state, bench.strategy(core).resumable) == (State.HALTED, "")
            await bench.do(lambda i: ResumeStrategy(i, core))
            await bench.venue.push()
            assert bench.strategy(core).state is State.RUNNING

    run(story)


@pytest.mark.rule("7.5", "5.6b")
@pytest.mark.parametrize("sell_all", [False, True])
def test_ended_after_a_delisting_what_can_be_sold_is_sold_and_the_coin_itself_comes_back_at_its_last_price(
    *, sell_all: bool
) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            await bench.venue.push(BTC="108")
            bench.venue.close_market("BTC")
            await bench.venue.push()
            sent = len(bench.venue.posts)
            await bench.do(lambda i: StopStrategy(i, core, sell_all=sell_all))
            await bench.venue.push()
            shown = bench.strategy(core)
            assert (shown.state, shown.reason) == (State.ENDED, "a coin was delisted or its market closed")
            back = {"USDT": d(9500), "BTC": d(5)} if sell_all else {"USDT": d(9000), "BTC": d(5), "ETH": d(5)}
            assert bench.view.free == back
            assert [(p.symbol, p.side) for p in bench.venue.posts[sent:]] == (
                [("ETH/USDT", Side.SELL)] if sell_all else []
            )
            assert (shown.score.value, shown.score.profit) == (d(1040), d(40)), "at its last price, never at zero"
            assert bench.view.unpriced == ("BTC",)
            if sell_all:
                assert "Core: no market to sell in, given back to the free pool: BTC." in bench.said("dust")
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("7.5")
def test_a_market_that_closes_while_everything_is_being_sold_keeps_the_rest_waiting_until_it_opens_or_is_kept() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            await bench.do(lambda i: StopStrategy(i, core, sell_all=True))
            bench.venue.close_market("BTC", MarketStatus.HALTED)
            for _ in range(3):
                await bench.venue.push(TEN)
            assert bench.strategy(core).state is State.STOPPING
            assert bench.owned(core) == {"BTC": 5, "USDT": 500}
            assert "BTC could not be sold yet" in bench.strategy(core).decision
            await bench.do(lambda i: StopStrategy(i, core, sell_all=False))
            await bench.venue.push()
            shown = bench.strategy(core)
            assert (shown.state, shown.reason) == (State.ENDED, "stopped by the user")
            assert bench.view.free == {"USDT": 9500, "BTC": 5}
            assert shown.score.profit == 0

    run(story)


@pytest.mark.rule("7.5", "3.4")
@pytest.mark.parametrize("price", [("0", "0"), ("0", "101"), ("NaN", "NaN"), ("102", "101")])
def test_nothing_is_ever_sold_at_a_zero_or_senseless_price(price: tuple[str, str]) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            sent = len(bench.venue.posts)
            bench.venue.set_price("BTC", *price)
            bench.venue.set_price("ETH", *price)
            await bench.do(lambda i: StopStrategy(i, core, sell_all=True))
            for _ in range(3):
                await bench.venue.push(TEN)
            assert bench.strategy(core).state is State.STOPPING
            assert len(bench.venue.posts) == sent
            await bench.venue.push(TEN, BTC="100", ETH="100")
            assert bench.strategy(core).state is State.ENDED
            assert bench.view.free == {"USDT": 10_000}

    run(story)


def no_right(request: OrderRequest) -> Rejected:
    return Rejected("Invalid API-key, IP, or permissions for action.", "-2015", no_right=True)


@pytest.mark.rule("7.6", "7.8", "7.9")
@pytest.mark.failure(10)
def test_a_lost_right_to_trade_halts_everybody_and_given_back_each_resumes() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            other = await bench.create(calm(name="Other", ETH=50, BNB=50))
            await bench.venue.push()
            bench.venue.answer = no_right
            await bench.do(lambda i: ChangeCoins(i, core, targets(BTC=60, ETH=40)))
            await bench.venue.push()
            assert_halted(bench, core, HaltKind.NO_RIGHT, "Invalid API-key", {"BTC": 5, "ETH": 5})
            assert_halted(bench, other, HaltKind.NO_RIGHT, "may no longer trade", {"ETH": 5, "BNB": 50})
            sent = len(bench.venue.posts)
            await bench.venue.push(TEN, BTC="108")
            assert len(bench.venue.posts) == sent
            refused = await bench.refused(calm(name="New", investment="100"))
            assert "may not trade" in refused.message
            # Resumed too early the next order finds out, and it is halted again; the other stays as it is.
            await bench.do(lambda i: ResumeStrategy(i, core))
            await bench.venue.push()
            assert_halted(bench, core, HaltKind.NO_RIGHT, "Invalid API-key", {"BTC": 5, "ETH": 5})
            bench.venue.answer = lambda request: None
            for one in (core, other):
                await bench.do(lambda i, one=one: ResumeStrategy(i, one))  # type: ignore[misc]
            await bench.venue.push()
            assert {s.state for s in bench.view.strategies} == {State.RUNNING}
            assert bench.rebalances[-1].reason == "coins or weights changed", "what was asked for is not lost"
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("7.6")
def test_without_the_right_to_trade_it_can_be_ended_with_its_coins_kept_and_with_nothing_sold() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            bench.venue.answer = no_right
            await bench.do(lambda i: StopStrategy(i, core, sell_all=True))
            await bench.venue.push()
            assert_halted(bench, core, HaltKind.NO_RIGHT, "may no longer trade", {"BTC": 5, "ETH": 5})
            refused = await bench.rejected(lambda i: StopStrategy(i, core, sell_all=True))
            assert "keep the coins" in refused.message
            await bench.do(lambda i: StopStrategy(i, core, sell_all=False))
            assert bench.view.free == {"USDT": 9000, "BTC": 5, "ETH": 5}
            assert bench.strategy(core).state is State.ENDED

    run(story)


@pytest.mark.rule("7.6")
def test_halted_while_running_for_a_lost_right_it_ends_with_that_reason() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            bench.venue.answer = no_right
            await bench.do(lambda i: ChangeCoins(i, core, targets(BTC=60, ETH=40)))
            await bench.venue.push()
            await bench.do(lambda i: StopStrategy(i, core, sell_all=False))
            shown = bench.strategy(core)
            assert (shown.state, shown.reason) == (State.ENDED, "the account or key may no longer trade")

    run(story)


@pytest.mark.rule("7.7", "7.9")
def test_under_stop_all_a_strategy_ends_with_that_reason_its_coins_kept_and_a_waiting_one_is_cancelled() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            waits = await bench.create(with_levels(calm(name="Waits"), trigger="150"))
            await bench.do(StopAll)
            assert_halted(bench, core, HaltKind.STOP_ALL, "Stop all", {"BTC": 5, "ETH": 5})
            assert "resume trading" in (await bench.rejected(lambda i: StopStrategy(i, core, sell_all=True))).message
            for one in (core, waits):
                await bench.do(lambda i, one=one: StopStrategy(i, one, sell_all=False))  # type: ignore[misc]
            ends = [(s.state, s.reason) for s in bench.view.strategies]
            assert ends == [(State.ENDED, "Stop all"), (State.ENDED, "trigger cancelled")]
            assert bench.view.free == {"USDT": 9000, "BTC": 5, "ETH": 5}

    run(story)


@pytest.mark.rule("7.11", "7.1")
def test_resume_trading_puts_each_strategy_back_into_its_own_former_state() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            waits = await bench.create(with_levels(calm(name="Waits"), trigger="150"))
            builds = await bench.create(calm(name="Builds"))
            await bench.do(StopAll)
            sent = len(bench.venue.posts)
            await bench.venue.push(BTC="102")
            assert len(bench.venue.posts) == sent
            await bench.do(ResumeTrading)
            states = {s.id: s.state for s in bench.view.strategies}
            assert states == {core: State.RUNNING, waits: State.WAITING, builds: State.BUILDING}
            await bench.venue.push()
            assert bench.strategy(builds).state is State.RUNNING

    run(story)


@pytest.mark.rule("7.9", "7.12")
def test_an_order_of_somebody_else_under_our_id_is_discarded_when_the_owner_ends_the_strategy() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm())

            def foreign(request: OrderRequest) -> Unknown:
                half = replace(request, quantity=request.quantity / 2)
                bench.venue.orders[request.client_order_id] = bench.venue.execute(half)
                return Unknown("timeout")

            bench.venue.answer = foreign
            await bench.venue.push()
            assert bench.strategy(core).halt is HaltKind.FOREIGN_ORDER
            await bench.do(lambda i: ResumeStrategy(i, core))
            await bench.venue.push()
            assert bench.strategy(core).halt is HaltKind.FOREIGN_ORDER, "nothing is sent until it is cleared up"
            await bench.do(lambda i: StopStrategy(i, core, sell_all=False))
            await bench.venue.push()
            assert bench.strategy(core).state is State.ENDED
            (row,) = bench.store.orders(core, None, 9)
            assert (row.state, row.reason) == (IntentState.ABSENT, "its owner ended the strategy; it is not ours")
            # What the foreign order did to the account is money from outside.
            await bench.venue.push(TEN)
            await bench.venue.push(TEN)
            assert bench.view.free == {"USDT": d(9750), "BTC": d("2.5")}
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("7.9")
def test_a_strategy_halted_for_refused_orders_can_be_resumed_or_ended() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm())
            bench.venue.answer = lambda request: Rejected("Filter failure: LOT_SIZE", "-1013")
            for _ in range(3):
                await bench.venue.push()
            assert_halted(bench, core, HaltKind.REFUSED, "LOT_SIZE", {"USDT": 1000})
            await bench.do(lambda i: StopStrategy(i, core, sell_all=True))
            await bench.venue.push()
            shown = bench.strategy(core)
            assert (shown.state, shown.reason) == (State.ENDED, "stopped by the user")
            assert bench.view.free == {"USDT": 10_000}

    run(story)


@pytest.mark.rule("7.1", "1.6")
def test_an_ended_strategy_keeps_its_final_figures_and_reason_over_a_restart_and_leaves_its_place() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            core = await built(bench)
            await bench.venue.push(BTC="108")
            await bench.do(lambda i: StopStrategy(i, core, sell_all=False))
            before = bench.strategy(core)
            released = [t for t in bench.store.transfers(core, None, 9) if t.kind == TransferKind.RELEASED]
            assert {(t.asset, t.amount, t.value) for t in released} == {("BTC", d(5), d(540)), ("ETH", d(5), d(500))}
        later = bench.again()
        async with later.running():
            await later.venue.push(BTC="50", ETH="50")
            after = later.strategy(core)
            assert (after.state, after.reason, after.score) == (before.state, before.reason, before.score)
            assert after.score.profit == 40
            await later.rejected(lambda i: StopStrategy(i, core, sell_all=True))
            await later.ask(lambda i: CreateStrategy(i, "paper", calm()))  # the name is free again
            assert len(later.view.strategies) == 2

    run(story)


@pytest.mark.rule("10.2", "7.9")
def test_a_closed_market_takes_no_value_from_who_waits_with_money_alone() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            waiting = await bench.create(with_levels(calm(name="Waiting", investment="500"), trigger="105"))
            bench.venue.close_market("BTC")
            await bench.venue.push(ETH="110")
            shown, holds = bench.strategy(waiting), bench.strategy(core)
            assert (shown.state, shown.score.value, shown.score.profit, shown.unpriced) == (
                State.HALTED,
                d(500),
                d(0),
                (),
            )
            assert (holds.score.value, holds.priced_part, holds.unpriced) == (None, d(550), ("BTC",))
            assert (bench.view.total, bench.view.unpriced) == (d(9550), ("BTC",))

    run(story)
