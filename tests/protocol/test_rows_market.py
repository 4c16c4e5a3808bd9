"""Rows 8, 22 to 24, 26, 29 to 31, 57 and 58 of the table of failures: bans, filters, closed markets, prices."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.commands import RebalanceNow
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import IntentState, Side
from rebalancer_gui.domain.rail_checks import SELL_OFF
from rebalancer_gui.domain.strategy import Basis, EndReason, HaltKind, Level, State, TimeRule
from tests.protocol.faults import Fate, Read, Script, Submit
from tests.protocol.rows_bench import (
    STILL,
    built,
    core,
    drift,
    parameters,
    play,
    said,
    sent,
    settled,
    states,
    with_coins,
)
from tests.protocol.sim_exchange import Filling
from tests.protocol.world import World


def calls_between(w: World, begin: float, end: float) -> int:
    """Requests that left the program in that stretch of monotonic seconds."""
    zero = w.clock.true() - timedelta(seconds=w.clock.monotonic())
    return sum(begin < (at - zero).total_seconds() < end for at, _ in w.venue.log)


@pytest.mark.failure(8)
@pytest.mark.parametrize("pause", [30, 90, 600])
@pytest.mark.parametrize("what", ["balances", "quote", "server_time", "find_order"])
def test_during_a_ban_nothing_at_all_is_asked_and_afterwards_everything_goes_on(what: str, pause: int) -> None:
    async def test() -> None:
        armed = [False]

        def once(asked: str) -> Read | None:
            if armed[0] and asked == what:
                armed[0] = False
                return Read(error=True, pause=pause)
            return None

        script = Script(on_read=once)
        async with built(script) as w:
            armed[0] = True
            script.plan(Submit(Fate.EXECUTED, 1.0))
            w.market.push("BTC/USDT", "1.06")
            assert await w.until(lambda: w.venue.banned_until is not None, 3000)
            begin = w.clock.monotonic()
            await w.wait(pause + 60)
            assert calls_between(w, begin, begin + pause - 1) == 0
            assert not w.venue.breaches
            assert await w.until(lambda: sent(w) and settled(w) and core(w).forced is None)
            assert max(w.exchange.posts.values()) == 1
            assert core(w).record.state is State.RUNNING

    play(test)


@pytest.mark.failure(8)
def test_an_order_that_is_refused_with_a_pause_is_not_sent_again_and_the_pause_is_kept() -> None:
    async def test() -> None:
        script = Script()
        async with built(script) as w:
            script.plan(Submit(Fate.BANNED, pause=60))
            await drift(w)
            begin = w.clock.monotonic()
            await w.wait(55)
            assert states(w) == [IntentState.REJECTED]
            assert calls_between(w, begin, begin + 55) == 0
            await w.wait(40)
            assert states(w) == [IntentState.REJECTED, IntentState.SETTLED, IntentState.SETTLED]

    play(test)


@pytest.mark.failure(23)
def test_orders_that_are_refused_again_and_again_halt_the_strategy_and_are_not_sent_for_ever() -> None:
    async def test() -> None:
        script = Script()
        async with built(script) as w:
            script.plan(*[Submit(Fate.REJECTED)] * 50)
            await drift(w)
            await w.wait(1800)
            assert core(w).record.state is State.HALTED
            assert core(w).record.halt is HaltKind.REFUSED
            assert len(sent(w)) <= 6
            assert set(states(w)) == {IntentState.REJECTED}
            assert settled(w)

    play(test)


@pytest.mark.failure(22)
def test_what_is_too_small_to_trade_is_never_sent_and_tried_again_only_when_the_drift_has_grown() -> None:
    async def test() -> None:
        settings = with_coins(min_notional="10")
        async with built(Script(), settings, parameters(investment="200")) as w:
            w.market.push("BTC/USDT", "1.06")
            await w.wait(1200)
            assert sent(w) == []
            newest = core(w).newest
            assert newest is not None
            assert newest.repeats > 10  # counted in one row, not said again and again
            assert "less than the minimum value" in newest.message
            w.market.push("BTC/USDT", "1.09")
            await w.wait(30)
            w.market.push("BTC/USDT", "1.09")
            await w.wait(30)
            assert {intent.state for intent in sent(w)} == {IntentState.SETTLED}
            assert sent(w)

    play(test)


@pytest.mark.failure(22)
@pytest.mark.parametrize("seed", range(10))
def test_tiny_portfolios_send_no_order_that_the_exchange_would_refuse(seed: int) -> None:
    async def test() -> None:
        chance = random.Random(seed)
        settings = with_coins(volatility=0.01, min_notional="10")
        coins = chance.sample(["BTC", "ETH", "SOL", "XRP", "ADA", "DOGE"], chance.randint(2, 5))
        tiny = parameters("core", *coins, investment=str(len(coins) * chance.randint(11, 30)))
        async with built(Script(), settings, tiny) as w:
            await w.wait(3600)
            assert IntentState.REJECTED not in states(w)
            assert len(sent(w)) < 360  # not one at each batch

    play(test)


@pytest.mark.failure(23)
def test_an_order_over_the_largest_quantity_is_cut_to_it_and_goes_on_at_the_next_check() -> None:
    async def test() -> None:
        async with built(Script()) as w:
            w.market.change("BTC/USDT", max_quantity=Decimal("0.00013"))
            w.exchange.markets_changed = True
            await w.wait(20)
            await drift(w, "1.09")
            await w.wait(300)
            sells = [intent for intent in sent(w) if intent.request.side is Side.SELL]
            assert len(sells) >= 2
            assert all(
                intent.request.quantity <= Decimal("0.00013") for intent in sent(w) if "BTC" in intent.request.symbol
            )
            assert set(states(w)) == {IntentState.SETTLED}
            assert core(w).record.state is State.RUNNING

    play(test)


@pytest.mark.failure(24)
@pytest.mark.parametrize("status", [MarketStatus.DELISTED, MarketStatus.HALTED])
def test_a_coin_whose_market_closes_halts_its_strategy_and_the_rest_is_not_sold(status: MarketStatus) -> None:
    async def test() -> None:
        async with built(Script()) as w:
            before = w.invariants.shadow.flat()
            w.market.change("ETH/USDT", status=status)
            w.exchange.markets_changed = True
            w.market.push("BTC/USDT", "1.08")
            await w.wait(600)
            assert core(w).record.state is State.HALTED
            assert core(w).record.halt is HaltKind.MARKET
            assert sent(w) == []
            assert w.invariants.shadow.flat() == before

    play(test)


@pytest.mark.failure(26)
@pytest.mark.parametrize("stop_the_program", [False, True])
def test_six_hours_of_maintenance_are_waited_out_and_everything_is_compared_before_it_goes_on(
    stop_the_program: bool,
) -> None:
    async def test() -> None:
        script = Script()
        async with built(script) as w:
            script.plan(Submit(Fate.EXECUTED, 1.0))
            await drift(w)
            w.down = w.venue.down = True
            await w.wait(3600)
            if stop_the_program:
                await w.end()
                w.begin()
            await w.wait(5 * 3600)
            assert len(sent(w)) == 1
            w.exchange.transfer("USDT", Decimal(7))
            w.down = w.venue.down = False
            await w.wait(300)
            assert core(w).record.state is State.RUNNING
            assert sent(w)[0].state is IntentState.SETTLED
            assert settled(w)
            assert max(w.exchange.posts.values()) == 1

    play(test)


@pytest.mark.failure(29)
def test_a_price_that_is_not_confirmed_any_more_is_not_traded_on() -> None:
    async def test() -> None:
        async with built(Script()) as w:
            w.market.silent.add("ETH/USDT")
            await w.wait(60)
            w.market.push("BTC/USDT", "1.06")
            await w.wait(600)
            assert sent(w) == []
            w.market.silent.clear()
            await w.wait(30)
            assert set(states(w)) == {IntentState.SETTLED}

    play(test)


@pytest.mark.failure(30)
@pytest.mark.parametrize("how", ["crossed", "wide", "empty"])
def test_what_an_order_left_waits_when_the_book_is_not_sane(how: str) -> None:
    async def test() -> None:
        script = Script()
        async with built(script) as w:
            script.plan(Submit(answer_after=2.0, filling=Filling(share=Decimal("0.3"))))
            await drift(w)
            quote = w.market.quote("BTC/USDT", w.clock.true())
            if how == "crossed":
                w.market.odd["BTC/USDT"] = (quote.ask, quote.bid)
            elif how == "wide":
                w.market.odd["BTC/USDT"] = (quote.bid, quote.bid * Decimal("1.04"))
            else:
                w.exchange.empty_books.add("BTC/USDT")
            await w.wait(6)
            # The rest did not go as a Market order.
            assert [intent.attempt for intent in sent(w) if intent.request.symbol == "BTC/USDT"] == [1]

    play(test)


@pytest.mark.failure(31)
def test_without_the_price_of_one_coin_nothing_is_rebalanced() -> None:
    async def test() -> None:
        async with built(Script(), STILL, parameters("core", "BTC", "ETH", "SOL")) as w:
            w.market.missing.add("SOL/USDT")
            await w.wait(60)
            w.market.push("BTC/USDT", "1.08")
            w.market.push("ETH/USDT", "0.94")
            await w.wait(600)
            assert sent(w) == []
            assert core(w).record.state is State.RUNNING
            w.market.missing.clear()
            await w.wait(30)
            assert sent(w)

    play(test)


@pytest.mark.failure(57)
@pytest.mark.parametrize("asleep", [False, True])
def test_a_real_fall_of_thirty_percent_fires_the_stop_loss_once_after_its_confirmation(asleep: bool) -> None:
    async def test() -> None:
        guarded = replace(
            parameters(), stop_loss=Level(Basis.PRICE, Decimal(36_000), "BTC/USDT"), sell_all_on_stop=True
        )
        async with built(Script(), STILL, guarded) as w:
            if asleep:
                w.clock.slept += timedelta(hours=8)
            w.market.push("BTC/USDT", "0.7")
            await w.wait(11)
            assert core(w).record.state is State.RUNNING  # one quote is none
            assert await w.until(lambda: core(w).record.state is State.ENDED, 180)
            assert core(w).record.reason == EndReason.STOP_LOSS.value
            await w.wait(600)
            sold = [intent for intent in sent(w) if w.rebalances[intent.rebalance_id].reason == SELL_OFF]
            assert [intent.request.side for intent in sold] == [Side.SELL, Side.SELL]
            # After a sleep the first price that is seen is believed, and rebalanced on: once.
            assert len(sent(w)) - len(sold) <= (2 if asleep else 0)
            assert settled(w)
            assert said(w).count("stop-loss reached") == 1

    play(test)


@pytest.mark.failure(57)
def test_a_wick_of_one_quote_fires_nothing() -> None:
    async def test() -> None:
        guarded = replace(
            parameters(), stop_loss=Level(Basis.PRICE, Decimal(36_000), "BTC/USDT"), sell_all_on_stop=True
        )
        async with built(Script(), STILL, guarded) as w:
            w.market.push("BTC/USDT", "0.13")
            await w.wait(11)
            w.market.push("BTC/USDT", "7.6923")
            await w.wait(300)
            assert core(w).record.state is State.RUNNING
            assert not any(intent.request.side is Side.SELL for intent in sent(w))

    play(test)


@pytest.mark.failure(58)
def test_a_pair_that_is_silent_for_ten_minutes_is_not_stale_and_is_traded() -> None:
    async def test() -> None:
        async with built(Script()) as w:
            w.market.quiet.add("ETH/USDT")
            await w.wait(600)
            await drift(w)
            await w.wait(30)
            assert [intent.request.symbol for intent in sent(w)] == ["BTC/USDT", "ETH/USDT"]
            assert set(states(w)) == {IntentState.SETTLED}
            assert w.invariants.shadow.balances["free"].get("USDT", ZERO) > ZERO

    play(test)


def test_a_price_that_cannot_be_read_once_leaves_a_rebalance_that_was_asked_for_due() -> None:
    async def test() -> None:
        failing = [False]
        script = Script(on_read=lambda what: Read(error=True) if what == "quote" and failing[0] else None)
        steady = replace(parameters(), rule=TimeRule(timedelta(days=1), ZERO))
        async with built(script, STILL, steady) as w:
            w.market.push("BTC/USDT", "1.06")
            failing[0] = True
            await w.ask(lambda i: RebalanceNow(i, core(w).id))
            await w.wait(15)
            assert sent(w) == []
            failing[0] = False
            await w.wait(15)
            assert states(w) == [IntentState.SETTLED, IntentState.SETTLED]

    play(test)
