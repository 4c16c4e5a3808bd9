"""Rows 1 to 3, 12, 14, 15, 17 to 20 and 41 of the table of failures: what became of an order."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from rebalancer_gui.application import booking, executor
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import IntentState, OrderType, Side
from rebalancer_gui.domain.strategy import HaltKind, State
from tests.protocol.faults import Fate, Read, Script, Submit
from tests.protocol.rows_bench import (
    STILL,
    booked,
    built,
    core,
    drift,
    executed,
    play,
    reserved,
    said,
    sent,
    settled,
    states,
    traded,
    with_coins,
)
from tests.protocol.sim_exchange import Filling
from tests.protocol.world import World

LOOK_UPS = {"find_order", "orders_since", "trades_since"}
SECOND = timedelta(seconds=1)


def all_settled(w: World) -> None:
    """Each order was sent once, and is booked as it was executed."""
    assert max(w.exchange.posts.values()) == 1
    assert {intent.state for intent in sent(w)} == {IntentState.SETTLED}
    assert all(booked(w, intent) == traded(w, intent) for intent in sent(w))
    assert settled(w)


@pytest.mark.failure(1)
@pytest.mark.parametrize("fate", [Fate.EXECUTED, Fate.UNUSABLE])
def test_an_order_that_was_executed_and_timed_out_is_booked_and_not_sent_again(fate: Fate) -> None:
    async def test() -> None:
        script = Script()
        async with built(script) as w:
            script.plan(Submit(fate, 3.0))
            await drift(w)
            await w.wait(60)
            assert [intent.request.side for intent in sent(w)] == [Side.SELL, Side.BUY]
            all_settled(w)

    play(test)


@pytest.mark.failure(2)
def test_an_order_that_never_arrived_is_absent_after_the_fence_and_planned_anew() -> None:
    async def test() -> None:
        script = Script()
        async with built(script) as w:
            script.plan(Submit(Fate.DROPPED, 3.0))
            await drift(w)
            await w.wait(94)
            assert states(w) == [IntentState.UNKNOWN]
            await w.wait(60)
            assert states(w) == [IntentState.ABSENT, IntentState.SETTLED, IntentState.SETTLED]
            assert len({intent.rebalance_id for intent in sent(w)}) == 2
            assert settled(w)

    play(test)


@pytest.mark.failure(3)
@pytest.mark.parametrize(("fence", "arrives"), [(5, 4.5), (None, 4.5), (None, 25.0), (None, 60.0)])
def test_an_order_that_arrives_late_is_booked_and_nothing_was_sent_before(fence: int | None, arrives: float) -> None:
    async def test() -> None:
        script = Script()
        settings = with_coins(fence=None if fence is None else fence * SECOND)
        async with built(script, settings) as w:
            script.plan(Submit(Fate.LATE, 1.0, arrives))
            await drift(w)
            await w.wait(arrives)
            assert len(sent(w)) == 1
            await w.wait(60)
            assert traded(w, sent(w)[0]) > ZERO
            all_settled(w)

    play(test)


@pytest.mark.failure(3)
@pytest.mark.parametrize("arrives", [5.1, 30.0, 60.0])
def test_an_order_that_comes_after_the_fence_is_refused_by_the_exchange_and_proven_absent(arrives: float) -> None:
    async def test() -> None:
        script = Script()
        async with built(script) as w:
            script.plan(Submit(Fate.LATE, 1.0, arrives))
            await drift(w)
            await w.wait(94)
            assert states(w) == [IntentState.UNKNOWN]
            assert w.exchange.refused_late == 1
            await w.wait(60)
            assert states(w) == [IntentState.ABSENT, IntentState.SETTLED, IntentState.SETTLED]

    play(test)


@pytest.mark.failure(12)
@pytest.mark.parametrize("lag", [5, 20, 45, 60])
@pytest.mark.parametrize("fence", [5, None])
def test_an_order_that_look_ups_do_not_find_yet_stays_unknown(lag: int, fence: int | None) -> None:
    async def test() -> None:
        script = Script()
        settings = with_coins(fence=None if fence is None else fence * SECOND)
        async with built(script, settings) as w:
            script.plan(executed(lookup_lag=lag * SECOND, trade_lag=lag * SECOND))
            await drift(w)
            await w.wait(lag - 1)
            assert states(w) == [IntentState.UNKNOWN]
            await w.wait(40)
            all_settled(w)

    play(test)


@pytest.mark.failure(12)
def test_a_look_up_that_now_and_then_finds_nothing_proves_nothing() -> None:
    async def test() -> None:
        script = Script(on_read=lambda what: Read(blind=True) if what == "find_order" else None)
        async with built(script) as w:
            script.plan(executed())
            await drift(w)
            await w.wait(200)
            all_settled(w)

    play(test)


@pytest.mark.failure(14)
def test_an_order_that_cannot_be_looked_up_for_a_quarter_of_an_hour_is_its_owners_to_decide() -> None:
    async def test() -> None:
        dead: set[str] = set()
        script = Script(on_read=lambda what: Read(error=True) if what in dead else None)
        async with built(script) as w:
            script.plan(executed())
            dead.update(LOOK_UPS)
            await drift(w)
            await w.wait(14 * 60)
            assert states(w) == [IntentState.UNKNOWN]
            await w.wait(3 * 60)
            (intent,) = sent(w)
            assert intent.state is IntentState.QUARANTINED
            assert core(w).record.halt is HaltKind.QUARANTINED
            assert reserved(w, intent) == intent.reserved_amount
            assert intent.client_order_id in said(w)
            await w.wait(6 * 3600)
            assert states(w) == [IntentState.QUARANTINED]
            dead.clear()
            await w.wait(120)
            # The look-up goes on by itself: the order is found, booked, and the strategy goes on where it was.
            assert core(w).record.state is State.RUNNING
            all_settled(w)

    play(test)


@pytest.mark.failure(15)
def test_a_part_that_was_filled_is_booked_by_its_trades_and_the_rest_follows_at_the_fresh_price() -> None:
    async def test() -> None:
        script = Script()
        async with built(script) as w:
            script.plan(Submit(filling=Filling(share=Decimal("0.3"), parts=3)))
            await drift(w)
            await w.wait(40)
            first, rest, _ = sent(w)
            assert first.state is IntentState.SETTLED
            assert len(w.invariants.shadow.fills[first.client_order_id]) == 3
            assert ZERO < booked(w, first) < first.request.quantity
            assert (rest.attempt, rest.request.type) == (2, OrderType.MARKET)
            assert rest.request.quantity == first.request.quantity - booked(w, first)
            all_settled(w)

    play(test)


@pytest.mark.failure(17)
@pytest.mark.parametrize("fate", [Fate.WELL, Fate.EXECUTED])
def test_an_order_that_is_closed_waits_for_its_trades_before_anything_is_booked(fate: Fate) -> None:
    async def test() -> None:
        script = Script()
        async with built(script) as w:
            script.plan(Submit(fate, filling=Filling(trade_lag=30 * SECOND)))
            await drift(w)
            await w.wait(28)
            (intent,) = sent(w)
            assert intent.state is IntentState.ACKED
            assert booked(w, intent) == ZERO
            assert reserved(w, intent) == intent.reserved_amount
            await w.wait(40)
            all_settled(w)

    play(test)


@pytest.mark.failure(18)
@pytest.mark.parametrize("fate", [Fate.WELL, Fate.EXECUTED])
def test_trades_that_come_twice_and_in_any_order_are_booked_once(fate: Fate) -> None:
    async def test() -> None:
        script = Script(on_read=lambda what: Read(shuffled=True))
        async with built(script) as w:
            script.plan(Submit(fate, filling=Filling(parts=3)), executed(parts=3, trade_lag=12 * SECOND))
            await drift(w)
            await w.wait(60)
            for intent in sent(w):
                assert len(w.invariants.shadow.fills[intent.client_order_id]) == 3
            all_settled(w)

    play(test)


@pytest.mark.failure(19)
def test_a_trade_id_that_exists_on_two_symbols_is_two_trades() -> None:
    async def test() -> None:
        async with built(Script()) as w:
            assert {("BTC/USDT", "7001"), ("ETH/USDT", "7001")} <= w.invariants.shadow.trades
            assert settled(w)

    play(test)


@pytest.mark.failure(20)
@pytest.mark.parametrize("down_for", [timedelta(hours=3), timedelta(days=8)])
def test_an_order_that_the_exchange_has_forgotten_is_found_by_its_trades(down_for: timedelta) -> None:
    async def test() -> None:
        script = Script(on_crash=lambda where: where == "after submit" and bool(crashing))
        crashing: list[int] = []
        async with built(script) as w:
            script.plan(executed(parts=2))
            crashing.append(1)
            await drift(w)
            await w.until(lambda: w.crashes)
            crashing.clear()
            w.clock.slept += down_for
            w.exchange.forgets_after = timedelta(hours=2)
            await w.wait(20 * 60)
            assert traded(w, sent(w)[0]) > ZERO
            # Never sent again, whatever else: what it traded is booked, or its owner is asked with the trades shown.
            assert sent(w)[0].state in {IntentState.SETTLED, IntentState.QUARANTINED}
            if sent(w)[0].state is IntentState.QUARANTINED:
                evidence = w.account.store.evidence(sent(w)[0].client_order_id)
                assert any("7003" in one.said for one in evidence)
                assert reserved(w, sent(w)[0]) == sent(w)[0].reserved_amount
                assert len(sent(w)) == 1

    play(test)


@pytest.mark.failure(41)
@pytest.mark.expect_log("a fault in the engine")
@pytest.mark.parametrize(
    "where", ["fault_of", "book_fill", "effects_of", "store_effects", "apply_effects", "order_row"]
)
def test_a_fault_of_our_own_after_the_post_leaves_the_order_open_and_the_next_start_finds_it(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with built(Script()) as w:
            really = getattr(booking, where)
            monkeypatch.setattr(booking, where, partial(_fails_once, really, w, [True]))
            if where == "fault_of":
                monkeypatch.setattr(executor, where, partial(_fails_once, really, w, [True]))
            w.may_fail = True
            await drift(w)
            await w.wait(60)
            assert w.failures == 1
            assert sent(w)[0].state is IntentState.SETTLED
            all_settled(w)

    play(test)


def _fails_once(really, w: World, once: list[bool], *args, **options):
    """Stands for a function of the program: the first time after a POST it fails."""
    if once and w.exchange.posts:
        once.clear()
        raise RuntimeError("a planted fault")
    return really(*args, **options)


@pytest.mark.failure(15)
def test_prices_that_stand_still_trade_nothing() -> None:
    async def test() -> None:
        async with built(Script(), STILL) as w:
            await w.wait(300)
            assert sent(w) == []

    play(test)
