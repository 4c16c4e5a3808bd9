"""Odd answers about orders: statuses in other words, look-ups that answer nothing, orders that are not kept, limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rebalancer_gui.application.commands import DiscardOrder
from rebalancer_gui.application.events import OrderChanged
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import (
    Accepted,
    IntentState,
    OrderRequest,
    SubmitOutcome,
    Unknown,
    VenueOrder,
    VenueOrderStatus,
    VenueTrade,
)
from rebalancer_gui.domain.strategy import HaltKind, State
from tests.builders import d, parameters, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import Answer, ScriptedVenue

SECONDS_10 = timedelta(seconds=10)


class ForgetfulVenue(ScriptedVenue):
    """Keeps trades, but, while ``forgets``, no orders: the outage was longer than its history of orders."""

    forgets = False

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        return None if self.forgets else await super().find_order(symbol, client_order_id)

    async def orders_since(self, symbol: str, since: datetime) -> tuple[VenueOrder, ...]:
        return () if self.forgets else await super().orders_since(symbol, since)

    async def trades_since(self, symbol: str, since: datetime) -> tuple[VenueTrade, ...]:
        forgets, self.forgets = self.forgets, False
        trades = await super().trades_since(symbol, since)
        self.forgets = forgets
        return trades


class EmptyVenue(ScriptedVenue):
    """While ``empty``, a look-up answers with an order in which nothing stands."""

    empty = False

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        order = await super().find_order(symbol, client_order_id)
        if not self.empty or order is None:
            return order
        return replace(order, client_order_id="", venue_order_id="", filled=ZERO, fills=())

    async def orders_since(self, symbol: str, since: datetime) -> tuple[VenueOrder, ...]:
        return () if self.empty else await super().orders_since(symbol, since)


async def after_a_first_build(bench: Bench) -> str:
    await bench.venue.push(BTC="100", ETH="100")
    core = await bench.create(parameters())
    await bench.venue.push()
    assert len(bench.venue.posts) == 2
    return core


async def after_a_first_build_in_parts(bench: Bench) -> str:
    await bench.venue.push(BTC="100", ETH="100")
    return await bench.create(parameters())


def executed_without_an_answer(venue: ScriptedVenue) -> Answer:
    def answer(request: OrderRequest) -> SubmitOutcome:
        venue.execute(request)
        return Unknown("timeout")

    return answer


async def quiet(bench: Bench, seconds: int) -> None:
    for _ in range(seconds // 10):
        await bench.venue.push(SECONDS_10)


def state(bench: Bench, client_order_id: str) -> IntentState:
    return [e.row.state for e in bench.of(OrderChanged) if e.row.client_order_id == client_order_id][-1]


def reserved(bench: Bench, client_order_id: str) -> dict[str, object]:
    held = bench.store.load().balances
    return {asset: amount for (account, asset), amount in held.items() if account == f"reserved:{client_order_id}"}


def remote() -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH"), authoritative=False)


@pytest.mark.failure(16)
@pytest.mark.parametrize("status", [s for s in VenueOrderStatus if s is not VenueOrderStatus.OPEN])
def test_whatever_an_order_without_a_fill_is_called_it_is_over_and_nothing_is_booked(status: VenueOrderStatus) -> None:
    async def story() -> None:
        async with Bench(remote()).running() as bench:
            core = await after_a_first_build(bench)
            before = dict(bench.owned(core))

            def nothing(request: OrderRequest) -> SubmitOutcome:
                order = VenueOrder(
                    request.client_order_id, f"n{len(bench.venue.posts)}", request.symbol, request.side, request.type,
                    request.quantity, ZERO, status, bench.venue.clock.now(),
                )  # fmt: skip
                bench.venue.orders[request.client_order_id] = order
                return Accepted(order)

            bench.venue.answer = nothing
            await bench.venue.push(BTC="110", ETH="100")
            sent = [p.client_order_id for p in bench.venue.posts[2:]]
            assert sent
            for client_order_id in sent:
                assert state(bench, client_order_id) is IntentState.SETTLED
                assert bench.store.fills(client_order_id) == ()
                assert not any(reserved(bench, client_order_id).values())
            assert bench.owned(core) == before
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(13)
def test_a_look_up_that_answers_with_an_empty_order_is_no_answer() -> None:
    async def story() -> None:
        venue = EmptyVenue(rules_for("BTC", "ETH"), authoritative=False)
        async with Bench(venue).running() as bench:
            await after_a_first_build(bench)
            bench.venue.answer = executed_without_an_answer(bench.venue)
            venue.empty = True
            await bench.venue.push(BTC="110", ETH="100")
            bench.venue.answer = lambda request: None
            cid = bench.venue.posts[-1].client_order_id
            posts = len(bench.venue.posts)
            await quiet(bench, 300)
            assert state(bench, cid) is IntentState.UNKNOWN
            assert bench.store.fills(cid) == ()
            assert len(bench.venue.posts) == posts
            venue.empty = False
            await quiet(bench, 20)
            assert state(bench, cid) is IntentState.SETTLED
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(14)
def test_an_order_whose_look_up_stays_dead_is_its_owners_to_decide_and_its_money_stays_reserved() -> None:
    async def story() -> None:
        async with Bench(remote()).running() as bench:
            core = await after_a_first_build(bench)
            bench.venue.answer = lambda request: Unknown("timeout")
            bench.venue.lookup_works = False
            await bench.venue.push(BTC="110", ETH="100")
            bench.venue.answer = lambda request: None
            cid = bench.venue.posts[-1].client_order_id
            posts = len(bench.venue.posts)
            await quiet(bench, 14 * 60)
            assert (state(bench, cid), bench.strategy(core).state) == (IntentState.UNKNOWN, State.RUNNING)
            await quiet(bench, 2 * 60)
            shown = bench.strategy(core)
            assert (state(bench, cid), shown.state) == (IntentState.QUARANTINED, State.HALTED)
            assert shown.halt is HaltKind.QUARANTINED
            assert "adopt an order of the exchange as this one, or discard it" in shown.reason
            assert any(reserved(bench, cid).values())
            assert len(bench.venue.posts) == posts
            assert any("no answer" in e.said for e in bench.store.evidence(cid))
            await bench.ask(lambda i: DiscardOrder(i, core, cid))
            assert state(bench, cid) is IntentState.ABSENT
            assert not any(reserved(bench, cid).values())
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(14)
def test_a_look_up_that_comes_back_to_life_settles_a_quarantined_order_by_itself() -> None:
    async def story() -> None:
        async with Bench(remote()).running() as bench:
            core = await after_a_first_build(bench)
            bench.venue.answer = executed_without_an_answer(bench.venue)
            bench.venue.lookup_works = False
            await bench.venue.push(BTC="110", ETH="100")
            bench.venue.answer = lambda request: None
            cid = bench.venue.posts[-1].client_order_id
            await quiet(bench, 16 * 60)
            assert state(bench, cid) is IntentState.QUARANTINED
            bench.venue.lookup_works = True
            await quiet(bench, 2 * 60)
            assert state(bench, cid) is IntentState.SETTLED
            assert bench.strategy(core).state is State.RUNNING
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(20)
def test_an_order_that_the_exchange_keeps_no_longer_is_not_taken_for_absent_while_its_trades_are_there() -> None:
    async def story() -> None:
        venue = ForgetfulVenue(rules_for("BTC", "ETH"), authoritative=False)
        async with Bench(venue).running() as bench:
            await after_a_first_build(bench)
            venue.answer = executed_without_an_answer(venue)
            venue.forgets = True
            await venue.push(BTC="110", ETH="100")
            venue.answer = lambda request: None
            cid, posts = venue.posts[-1].client_order_id, len(venue.posts)
            await quiet(bench, 16 * 60)
            assert state(bench, cid) is IntentState.QUARANTINED
            assert any(reserved(bench, cid).values())
            assert any("trades of no order that we know" in e.said for e in bench.store.evidence(cid))
            assert len(venue.posts) == posts

    run(story)


@pytest.mark.failure(23)
def test_a_leg_above_the_largest_order_is_split_over_several_and_does_not_loop() -> None:
    async def story() -> None:
        rules = rules_for("BTC", "ETH")
        rules["BTC/USDT"] = replace(rules["BTC/USDT"], max_quantity=d(2))
        async with Bench(ScriptedVenue(rules)).running() as bench:
            core = await after_a_first_build_in_parts(bench)
            for _ in range(30):
                await bench.venue.push()
            bought = [p.quantity for p in bench.venue.posts if p.symbol == "BTC/USDT"]
            assert max(bought) == d(2)
            assert sum(bought) == bench.owned(core)["BTC"] == bench.owned(core)["ETH"]
            assert len(bought) == len([q for q in bought if q > ZERO]) <= 4
            bench.assert_conserved()

    run(story)
