"""Rows 36, 37 and 48 to 51 of the table of failures: sleep, clocks, other programs, many strategies, money from outside."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.commands import RebalanceNow
from rebalancer_gui.domain.ledger import FREE
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import IntentState, Side
from rebalancer_gui.domain.strategy import HaltKind, State, StrategyParameters, TimeRule, TradingMode
from tests.protocol.faults import Fate, Script, Submit
from tests.protocol.rows_bench import (
    STILL,
    booked,
    built,
    core,
    drift,
    executed,
    parameters,
    play,
    said,
    sent,
    settled,
    states,
    traded,
    with_coins,
)
from tests.protocol.world import World

EIGHT_HOURS = timedelta(hours=8)


def by_time(minutes: int = 10) -> StrategyParameters:
    return replace(parameters(), rule=TimeRule(timedelta(minutes=minutes), Decimal("0.1")))


def free(w: World, asset: str) -> Decimal:
    return w.invariants.shadow.balances[FREE].get(asset, ZERO)


def owned(w: World) -> dict[str, Decimal]:
    """What the strategy can use."""
    return dict(w.invariants.shadow.balances[f"strategy:{core(w).id}"])


# ------------------------------------------------------------------------------------------------------ sleep and clocks


@pytest.mark.failure(36)
@pytest.mark.parametrize("fate", [Fate.WELL, Fate.EXECUTED, Fate.DROPPED, Fate.LATE])
def test_a_machine_that_sleeps_for_eight_hours_while_an_order_is_on_its_way(fate: Fate) -> None:
    async def test() -> None:
        script = Script()
        async with built(script) as w:
            script.plan(Submit(fate, 5.0, 4.0))
            await drift(w)
            await w.wait(1)
            w.clock.slept += EIGHT_HOURS
            await w.wait(240)
            assert "went by unseen" in said(w)
            assert max(w.exchange.posts.values()) == 1
            # The first became known before anything else was sent.
            first, *others = sent(w)
            assert first.state is (IntentState.ABSENT if fate is Fate.DROPPED else IntentState.SETTLED)
            assert [other.request.side for other in others] in ([Side.BUY], [Side.SELL, Side.BUY])
            assert settled(w)

    play(test)


@pytest.mark.failure(36, 37)
@pytest.mark.parametrize("gone", [timedelta(minutes=25), EIGHT_HOURS, timedelta(days=30)])
def test_after_a_sleep_there_is_one_catch_up_and_no_burst(gone: timedelta) -> None:
    async def test() -> None:
        async with built(Script(), STILL, by_time()) as w:
            w.market.push("BTC/USDT", "1.06")
            w.clock.slept += gone
            await w.wait(120)
            assert len(w.rebalances) == 2  # the build, and the one that was missed
            assert len(sent(w)) == 2

    play(test)


@pytest.mark.failure(37)
@pytest.mark.parametrize(
    "jump",
    [timedelta(seconds=1), timedelta(seconds=4), timedelta(hours=1), timedelta(hours=-1), timedelta(seconds=-4),
     timedelta(seconds=-1), timedelta(days=365), timedelta(days=-365)],
)  # fmt: skip
def test_a_clock_that_is_set_repeats_nothing_and_causes_no_burst(jump: timedelta) -> None:
    async def test() -> None:
        async with built(Script(), STILL, by_time()) as w:
            w.market.push("BTC/USDT", "1.06")
            w.clock.skew = jump
            await w.wait(90)
            assert len(sent(w)) in {0, 2}
            w.clock.skew = timedelta(0)
            await w.wait(20 * 60)
            # However the clock went: one rebalance for the one drift.
            assert len(sent(w)) == 2
            assert set(states(w)) == {IntentState.SETTLED}
            assert settled(w)

    play(test)


@pytest.mark.failure(37)
def test_a_clock_that_is_set_back_in_the_middle_of_a_look_up_proves_nothing_too_early() -> None:
    async def test() -> None:
        script = Script()
        async with built(script, with_coins(fence=None)) as w:
            script.plan(Submit(Fate.LATE, 1.0, 60.0))
            await drift(w)
            w.clock.skew = timedelta(hours=1)
            await w.wait(30)
            assert states(w) == [IntentState.UNKNOWN]
            w.clock.skew = timedelta(0)
            await w.wait(120)
            assert traded(w, sent(w)[0]) > ZERO
            assert booked(w, sent(w)[0]) == traded(w, sent(w)[0])
            assert sent(w)[0].state is IntentState.SETTLED

    play(test)


# --------------------------------------------------------------------------------------------------------- other programs


@pytest.mark.failure(48, 50)
@pytest.mark.parametrize("cid", ["", "web_8831", "rbelseabcdef234567"])
@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_orders_of_somebody_else_are_not_ours_and_the_free_pool_takes_what_they_did(cid: str, side: Side) -> None:
    async def test() -> None:
        async with built(Script()) as w:
            before, money, coins = owned(w), free(w, "USDT"), free(w, "ETH")
            w.exchange.catch_up()
            order = w.exchange.manual_trade(cid, "ETH/USDT", side, Decimal("0.01"))
            assert order is not None
            await w.wait(60)
            sign = 1 if side is Side.BUY else -1
            assert owned(w) == before
            assert (free(w, "USDT") - money) * sign < ZERO
            assert (free(w, "ETH") - coins) * sign > ZERO
            assert core(w).record.state is State.RUNNING
            assert sent(w) == []
            assert settled(w)

    play(test)


@pytest.mark.failure(48, 50)
def test_an_order_of_somebody_else_in_the_same_market_is_not_taken_for_one_whose_outcome_is_open() -> None:
    async def test() -> None:
        script = Script()
        async with built(script) as w:
            script.plan(Submit(Fate.DROPPED, 1.0))
            await drift(w)
            w.exchange.catch_up()
            w.exchange.manual_trade("web_7", "BTC/USDT", Side.SELL, sent(w)[0].request.quantity)
            await w.wait(200)
            assert states(w) == [IntentState.ABSENT, IntentState.SETTLED, IntentState.SETTLED]
            assert settled(w) or core(w).record.halt is HaltKind.SHORT

    play(test)


@pytest.mark.failure(48)
def test_an_order_with_our_tag_that_no_row_knows_is_said_at_the_next_start_and_not_booked() -> None:
    async def test() -> None:
        async with built(Script()) as w:
            before = owned(w)
            w.exchange.catch_up()
            stranger = w.exchange.manual_trade("rbtestzzzzzzzzzzzz", "BTC/USDT", Side.BUY, Decimal("0.001"))
            assert stranger is not None
            await w.end()
            await w.wait(60)
            assert "1 order of this program at the exchange is not in it (rbtestzzzzzzzzzzzz)" in said(w)
            assert w.account.trading is TradingMode.WATCH
            assert owned(w) == before
            assert not any(w.invariants.shadow.fills[cid] for cid in ("rbtestzzzzzzzzzzzz",))
            assert settled(w)

    play(test)


@pytest.mark.failure(3)
def test_an_order_that_turns_up_after_it_was_proven_absent_is_booked_and_that_is_an_alarm() -> None:
    async def test() -> None:
        script = Script()
        async with built(script, with_coins(fence=None)) as w:
            w.invariants.late_orders = True
            script.plan(Submit(Fate.LATE, 1.0, 300.0))
            await drift(w)
            await w.wait(290)
            first = sent(w)[0]
            assert first.state is IntentState.ABSENT
            await w.wait(12 * 60)
            first = sent(w)[0]
            assert first.state is IntentState.SETTLED
            assert booked(w, first) == traded(w, first) == first.request.quantity
            assert "turned up" in said(w)
            assert core(w).record.halt is HaltKind.LATE_ORDER
            assert settled(w)

    play(test)


# --------------------------------------------------------------------------------------------------------- many strategies


@pytest.mark.failure(49)
@pytest.mark.parametrize("fates", [(), (Fate.EXECUTED, Fate.DROPPED, Fate.LATE)])
def test_twenty_strategies_that_fire_together_send_one_order_at_a_time(fates: tuple[Fate, ...]) -> None:
    async def test() -> None:
        script = Script()
        twenty = [parameters(f"S{n}", "BTC", "ETH", investment="300") for n in range(20)]
        async with built(script, STILL, *twenty) as w:
            script.plan(*[Submit(fate, 2.0, 3.0) for fate in fates])
            await drift(w, "1.08")
            await w.wait(20 * 60)
            # Reservations never exceed what is there and no POST overtakes another: the invariants are looked at each time.
            assert len({intent.strategy_id for intent in sent(w)}) == 20
            assert set(states(w)) <= {IntentState.SETTLED, IntentState.ABSENT}
            assert settled(w)
            for one in w.account.strategies.values():
                assert one.snapshot is not None
                assert (one.snapshot.worst_drift or ZERO) <= 1

    play(test)


@pytest.mark.failure(49)
def test_a_command_in_the_middle_of_an_order_sends_no_second_one_beside_it() -> None:
    async def test() -> None:
        script = Script()
        async with built(script, STILL, parameters("core"), parameters("S2", "SOL", "ETH")) as w:
            script.plan(Submit(answer_after=8.0), Submit(answer_after=8.0))
            await drift(w)
            await w.ask(lambda i: RebalanceNow(i, w.strategy("S2").id))
            await w.ask(lambda i: RebalanceNow(i, core(w).id))
            await w.wait(120)
            assert set(states(w)) == {IntentState.SETTLED}
            assert settled(w)

    play(test)


# -------------------------------------------------------------------------------------------------------------- outside


@pytest.mark.failure(50, 51)
def test_coins_that_are_taken_out_halt_who_is_short_and_nothing_is_bought_back() -> None:
    async def test() -> None:
        async with built(Script()) as w:
            had = owned(w)["BTC"]
            w.exchange.catch_up()
            w.exchange.transfer("BTC", -had / 2)
            await w.wait(60)
            assert core(w).record.state is State.HALTED
            assert core(w).record.halt is HaltKind.SHORT
            assert w.account.missing_of(core(w).id) == (("BTC", had / 2),)
            assert owned(w)["BTC"] == had  # a proposal: written down only when its owner says so
            await w.wait(3600)
            assert sent(w) == []
            w.exchange.transfer("BTC", had / 2)
            await w.wait(60)
            assert w.account.missing == {}
            assert settled(w)

    play(test)


@pytest.mark.failure(51)
@pytest.mark.parametrize("fate", [Fate.WELL, Fate.EXECUTED, Fate.DROPPED, Fate.LATE])
@pytest.mark.parametrize("amount", [Decimal("12.34"), Decimal("-12.34")])
@pytest.mark.parametrize("asset", ["USDT", "BNB", "DOT"])
def test_a_transfer_while_an_order_is_open_is_booked_to_the_free_pool_and_never_invested(
    fate: Fate, amount: Decimal, asset: str
) -> None:
    async def test() -> None:
        script = Script()
        async with built(script) as w:
            before = free(w, asset)
            script.plan(Submit(fate, 2.0, 4.0))
            await drift(w)
            await w.wait(3)
            w.exchange.catch_up()
            moved = w.exchange.transfer(asset, amount)
            await w.wait(260)
            assert free(w, asset) - before == moved
            assert core(w).record.state is State.RUNNING
            assert settled(w)

    play(test)


@pytest.mark.failure(51)
def test_a_deposit_of_as_much_as_an_open_order_brings_is_not_taken_for_it() -> None:
    async def test() -> None:
        script = Script()
        async with built(script) as w:
            script.plan(executed(lookup_lag=timedelta(seconds=50), trade_lag=timedelta(seconds=50)))
            await drift(w)
            (first,) = sent(w)
            w.exchange.catch_up()
            w.exchange.transfer("BTC", first.request.quantity)
            await w.wait(120)
            assert booked(w, sent(w)[0]) == first.request.quantity
            assert free(w, "BTC") == first.request.quantity
            assert settled(w)

    play(test)
