"""Orders without an answer: found, proven absent, turned up late; always booked once, never sent twice (ORDERS.md 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.events import OrderChanged
from rebalancer_gui.domain.ledger import SUSPENSE, strategy_account
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Accepted, IntentState, OrderRequest, Rejected, SubmitOutcome, Unknown
from rebalancer_gui.domain.performance import fee_value
from rebalancer_gui.domain.strategy import HaltKind, State
from tests.builders import d, parameters, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

SECONDS_10 = timedelta(seconds=10)


def remote(**options: object) -> ScriptedVenue:
    """A venue at the other end of a network: "not found" proves nothing there."""
    return ScriptedVenue(rules_for("BTC", "ETH"), authoritative=False, **options)  # type: ignore[arg-type]


def lost(request: OrderRequest) -> SubmitOutcome:
    return Unknown("timeout")


async def after_a_first_build(bench: Bench) -> str:
    """A strategy that runs: two orders of the account are known to exist."""
    await bench.venue.push(BTC="100", ETH="100")
    core = await bench.create(parameters())
    await bench.venue.push()
    assert len(bench.venue.posts) == 2
    return core


async def drift_without_an_answer(bench: Bench, answer=lost) -> None:
    bench.venue.answer = answer
    await bench.venue.push(BTC="110", ETH="100")
    bench.venue.answer = lambda request: None


async def quiet(bench: Bench, seconds: int) -> None:
    """Time goes by, prices stay."""
    for _ in range(seconds // 10):
        await bench.venue.push(SECONDS_10)


def states(bench: Bench, cid: str) -> list[str]:
    """The states that the order was shown in, each once."""
    seen = [e.row.state.value for e in bench.of(OrderChanged) if e.row.client_order_id == cid]
    return [s for n, s in enumerate(seen) if n == 0 or seen[n - 1] != s]


@pytest.mark.failure(1)
def test_an_order_that_was_executed_without_an_answer_is_found_and_booked_and_not_sent_again():
    async def story() -> None:
        async with Bench(remote()).running() as bench:
            await after_a_first_build(bench)
            bench.venue.lookup_works = False

            def executed(request: OrderRequest) -> SubmitOutcome:
                bench.venue.execute(request)
                return Unknown("timeout")

            await drift_without_an_answer(bench, executed)
            cid = bench.venue.posts[-1].client_order_id
            await quiet(bench, 60)
            assert len(bench.venue.posts) == 3, "something was sent while an outcome was open"
            bench.venue.lookup_works = True
            await quiet(bench, 20)
            assert states(bench, cid) == ["sending", "unknown", "settled"]
            assert [p.client_order_id for p in bench.venue.posts].count(cid) == 1
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(2)
def test_an_order_that_never_arrived_is_absent_only_after_fence_and_margin_and_is_planned_anew():
    async def story() -> None:
        async with Bench(remote()).running() as bench:
            await after_a_first_build(bench)
            await drift_without_an_answer(bench)
            cid = bench.venue.posts[-1].client_order_id
            await quiet(bench, 90)
            assert states(bench, cid) == ["sending", "unknown"], "it was given up before the fence and the margin"
            assert len(bench.venue.posts) == 3
            await quiet(bench, 40)
            assert states(bench, cid)[-1] == "absent"
            assert len(bench.venue.posts) > 3, "the drift was not planned anew"
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(12)
def test_a_look_up_that_does_not_find_a_known_order_proves_nothing():
    async def story() -> None:
        async with Bench(remote()).running() as bench:
            await after_a_first_build(bench)
            await drift_without_an_answer(bench)
            cid = bench.venue.posts[-1].client_order_id
            known = dict(bench.venue.orders)
            bench.venue.orders.clear()
            await quiet(bench, 400)
            assert states(bench, cid)[-1] == "unknown"
            said = [e.said for e in bench.store.evidence(cid)]
            assert "it does not find an order that exists" in said
            bench.venue.orders.update(known)
            await quiet(bench, 30)
            assert states(bench, cid)[-1] == "absent"

    run(story)


@pytest.mark.failure(3)
def test_an_order_that_arrives_late_is_booked_and_nothing_was_sent_meanwhile():
    async def story() -> None:
        async with Bench(remote()).running() as bench:
            await after_a_first_build(bench)
            await drift_without_an_answer(bench)
            late = bench.venue.posts[-1]
            await quiet(bench, 60)
            bench.venue.execute(late)
            await quiet(bench, 10)
            assert states(bench, late.client_order_id)[-1] == "settled"
            posts = [p.client_order_id for p in bench.venue.posts]
            assert len(posts) == len(set(posts))
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(20)
def test_a_trade_that_no_known_order_explains_keeps_an_order_from_being_taken_for_absent():
    async def story() -> None:
        async with Bench(remote()).running() as bench:
            await after_a_first_build(bench)
            await drift_without_an_answer(bench)
            request = bench.venue.posts[-1]
            # The same trade under an order that carries no id of ours: it may be this one.
            bench.venue.orders["by hand"] = replace(bench.venue.execute(request), client_order_id="")
            del bench.venue.orders[request.client_order_id]
            await quiet(bench, 200)
            assert states(bench, request.client_order_id)[-1] == "unknown"
            assert any("could be it" in e.said for e in bench.store.evidence(request.client_order_id))

    run(story)


@pytest.mark.failure(48)
def test_an_order_of_somebody_else_on_the_same_market_is_no_obstacle():
    async def story() -> None:
        async with Bench(remote()).running() as bench:
            await after_a_first_build(bench)
            await drift_without_an_answer(bench)
            request = bench.venue.posts[-1]
            other = replace(request, client_order_id="x-another-program")
            bench.venue.orders["x-another-program"] = bench.venue.execute(other)
            await quiet(bench, 130)
            assert states(bench, request.client_order_id)[-1] == "absent"

    run(story)


@pytest.mark.failure(17)
@pytest.mark.failure(18)
def test_trades_that_come_later_and_twice_are_each_booked_once():
    async def story() -> None:
        async with Bench(remote()).running() as bench:
            await after_a_first_build(bench)
            whole = {}

            def without_trades(request: OrderRequest) -> SubmitOutcome:
                order = whole[request.client_order_id] = bench.venue.execute(request)
                bench.venue.orders[request.client_order_id] = replace(order, fills=())
                return Accepted(replace(order, fills=()))

            await drift_without_an_answer(bench, without_trades)
            cid = bench.venue.posts[-1].client_order_id
            assert states(bench, cid)[-1] == "acked"
            bench.venue.orders[cid] = replace(whole[cid], fills=(*whole[cid].fills, *whole[cid].fills))
            await quiet(bench, 20)
            assert states(bench, cid)[-1] == "settled"
            assert bench.store.fills(cid) == whole[cid].fills
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(3)
def test_an_order_that_turns_up_after_it_was_proven_absent_is_booked_with_an_alarm():
    async def story() -> None:
        async with Bench(remote()).running() as bench:
            core = await after_a_first_build(bench)
            await drift_without_an_answer(bench)
            late = bench.venue.posts[-1]
            await quiet(bench, 140)
            assert states(bench, late.client_order_id)[-1] == "absent"
            bench.venue.execute(late)
            await quiet(bench, 700)
            assert states(bench, late.client_order_id)[-3:] == ["absent", "reopened", "settled"]
            assert bench.strategy(core).state is State.HALTED
            assert bench.strategy(core).halt is HaltKind.LATE_ORDER
            assert len(bench.said("alarm")) == 1
            bench.assert_conserved()

    run(story)


def test_a_late_order_that_used_other_people_s_money_is_in_suspense_and_found_as_a_shortage():
    async def story() -> None:
        venue = remote(money="1000")
        async with Bench(venue).running() as bench:
            core = await after_a_first_build(bench)
            await drift_without_an_answer(bench, lambda r: Unknown("timeout") if r.side.value == "sell" else None)
            late = bench.venue.posts[-1]
            await quiet(bench, 140)
            held = bench.owned(core)["BTC"]
            # More than the strategy has: the order is executed after its coins were sold by another one.
            venue.held["BTC"] -= held
            await quiet(bench, 60)
            venue.execute(late)
            await quiet(bench, 700)
            balances = bench.store.load().balances
            assert balances.get((strategy_account(core), "BTC"), ZERO) >= ZERO
            assert states(bench, late.client_order_id)[-1] == "settled"
            owed = -balances.get((SUSPENSE, "BTC"), ZERO)
            assert owed >= ZERO

    run(story)


def test_a_fee_that_is_not_told_is_estimated_and_trued_up_when_it_is():
    async def story() -> None:
        async with Bench(remote(fee="0.001")).running() as bench:
            core = await after_a_first_build(bench)
            whole = {}

            def feeless(request: OrderRequest) -> SubmitOutcome:
                order = whole[request.client_order_id] = bench.venue.execute(request)
                fills = tuple(replace(f, fee=f.fee * 2, fee_known=False) for f in order.fills)
                bench.venue.orders[request.client_order_id] = replace(order, fills=fills)
                return Accepted(bench.venue.orders[request.client_order_id])

            await drift_without_an_answer(bench, feeless)
            cids = [p.client_order_id for p in bench.venue.posts[2:]]
            assert [states(bench, c)[-1] for c in cids] == ["done"] * len(cids)
            assert bench.strategy(core).state is State.RUNNING
            assert not bench.strategy(core).checking_order
            bench.venue.orders.update(whole)
            await quiet(bench, 120)
            assert [states(bench, c)[-1] for c in cids] == ["settled"] * len(cids)
            assert bench.store.fees_due() == ()
            paid = sum((f.fee for o in bench.venue.orders.values() for f in o.fills if f.fee_asset == "USDT"), ZERO)
            assert bench.store.load().fees[core]["USDT"] == paid
            every = [f for o in bench.venue.orders.values() for f in o.fills]
            assert bench.strategy(core).fees_paid == sum(fee_value(f, "USDT") for f in every)
            bench.assert_conserved()

    run(story)


def test_a_fee_that_is_never_told_stands_as_estimated_after_a_day_and_the_difference_is_found():
    async def story() -> None:
        async with Bench(remote(fee="0.001")).running() as bench:
            await after_a_first_build(bench)

            def feeless(request: OrderRequest) -> SubmitOutcome:
                order = bench.venue.execute(request)
                fills = tuple(replace(f, fee=f.fee * 2, fee_known=False) for f in order.fills)
                bench.venue.orders[request.client_order_id] = replace(order, fills=fills)
                return Accepted(bench.venue.orders[request.client_order_id])

            await drift_without_an_answer(bench, feeless)
            for _ in range(30):
                await bench.venue.push(timedelta(hours=1))
                await bench.venue.push(SECONDS_10)
            assert bench.store.fees_due() == ()
            assert any("the estimate stands" in text for text in bench.said("fee"))
            await quiet(bench, 60)
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(13)
def test_an_answer_that_does_not_fit_the_order_counts_as_no_answer():
    async def story() -> None:
        async with Bench(remote()).running() as bench:
            await after_a_first_build(bench)

            def garbage(request: OrderRequest) -> SubmitOutcome:
                return Accepted(replace(bench.venue.execute(request), venue_order_id="", filled=ZERO, fills=()))

            await drift_without_an_answer(bench, garbage)
            cid = bench.venue.posts[-1].client_order_id
            assert "unknown" in states(bench, cid)
            assert states(bench, cid)[-1] == "settled"
            filled: Decimal = bench.venue.orders[cid].filled
            assert sum(f.quantity for f in bench.store.fills(cid)) == filled > d(0)
            assert IntentState.SETTLED.is_final
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(21)
def test_after_a_refusal_the_market_s_rules_are_read_anew_and_the_next_plan_fits_them():
    async def story() -> None:
        async with Bench(remote()).running() as bench:
            await after_a_first_build(bench)
            old = bench.venue.rules["BTC/USDT"]
            new = replace(old, step_size=d("0.1"), min_quantity=d("0.1"))

            def by_new_rules(request: OrderRequest) -> SubmitOutcome | None:
                bench.venue.rules["BTC/USDT"] = new
                fits = request.symbol != "BTC/USDT" or request.quantity % new.step_size == 0
                return None if fits else Rejected("Filter failure: LOT_SIZE", "-1013")

            bench.venue.answer = by_new_rules
            await bench.venue.push(BTC="109", ETH="100")
            refused = [p for p in bench.venue.posts[2:] if p.symbol == "BTC/USDT"]
            assert len(refused) == 1
            await bench.venue.push()
            await bench.venue.push()
            later = [p for p in bench.venue.posts[3:] if p.symbol == "BTC/USDT"]
            assert later, "it was not planned anew"
            assert all(p.quantity % new.step_size == 0 for p in later)
            bench.assert_conserved()

    run(story)
