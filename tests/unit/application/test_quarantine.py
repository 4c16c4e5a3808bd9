"""An order that is its owner's to decide: what it is shown, and what adopting and discarding it do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.commands import AdoptOrder, DiscardOrder, LoadQuarantine, ResumeStrategy
from rebalancer_gui.application.events import OrderChanged, QuarantineShown
from rebalancer_gui.application.views import QuarantineView
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import (
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
from tests.scripted_venue import ScriptedVenue


class DeafVenue(ScriptedVenue):
    """Its look-up by our id is dead while ``deaf``; its lists can be read while ``lookup_works``."""

    deaf = False

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        if not self.deaf:
            return await super().find_order(symbol, client_order_id)
        works, self.lookup_works = self.lookup_works, False
        try:
            return await super().find_order(symbol, client_order_id)
        finally:
            self.lookup_works = works


async def quiet(bench: Bench, seconds: int) -> None:
    for _ in range(seconds // 10):
        await bench.venue.push(timedelta(seconds=10))


async def quarantined(bench: Bench, *, executed: bool, under: str | None = None) -> tuple[str, str]:
    """Strategy and order after 16 minutes without proof. ``under``: the venue keeps what it executed under this id."""
    venue = bench.venue
    assert isinstance(venue, DeafVenue)
    await venue.push(BTC="100", ETH="100")
    core = await bench.create(parameters())
    await venue.push()

    def silence(request: OrderRequest) -> SubmitOutcome:
        if executed:
            order = venue.execute(request)
            if under is not None:
                del venue.orders[request.client_order_id]
                fills = tuple(replace(fill, client_order_id=under) for fill in order.fills)
                venue.orders[under] = replace(order, client_order_id=under, fills=fills)
        return Unknown("timeout")

    venue.answer, venue.deaf, venue.lookup_works = silence, True, False
    await venue.push(BTC="110", ETH="100")
    venue.answer = lambda request: None
    cid = venue.posts[-1].client_order_id
    await quiet(bench, 16 * 60)
    shown = bench.strategy(core)
    assert (shown.state, shown.halt, shown.quarantined) == (State.HALTED, HaltKind.QUARANTINED, (cid,))
    assert "adopt or discard it first" in shown.resumable
    return core, cid


async def looked_at(bench: Bench, core: str, cid: str) -> QuarantineView:
    await bench.ask(lambda i: LoadQuarantine(i, core, cid))
    return bench.of(QuarantineShown)[-1].quarantine


def reserved(bench: Bench, cid: str) -> dict[str, Decimal]:
    held = bench.store.load().balances
    return {asset: n for (account, asset), n in held.items() if account == f"reserved:{cid}" and n != ZERO}


def state(bench: Bench, cid: str) -> IntentState:
    return [e.row.state for e in bench.of(OrderChanged) if e.row.client_order_id == cid][-1]


def hear_again(bench: Bench) -> None:
    """Every look-up works from now on."""
    assert isinstance(bench.venue, DeafVenue)
    bench.venue.deaf, bench.venue.lookup_works = False, True


async def assert_it_rebalances(bench: Bench) -> None:
    posts = len(bench.venue.posts)
    hear_again(bench)
    for price in ("120", "130", "130", "130"):
        await bench.venue.push(BTC=price, ETH="100")
    assert len(bench.venue.posts) > posts


def venue() -> DeafVenue:
    return DeafVenue(rules_for("BTC", "ETH"), authoritative=False)


@pytest.mark.failure(14)
@pytest.mark.parametrize("under", [None, "", "web_77"], ids=["its own id", "no id", "an id of the web"])
def test_its_owner_sees_evidence_and_candidates_and_adopting_one_books_its_trades_and_goes_on(
    under: str | None,
) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core, cid = await quarantined(bench, executed=True, under=under)
            before = bench.owned(core)
            dead = await looked_at(bench, core, cid)
            assert dead.candidates == ()
            assert "does not answer" in dead.unlisted
            assert {one.source for one in dead.evidence} >= {"look-up by our id", "list of orders"}
            bench.venue.lookup_works = True
            shown = await looked_at(bench, core, cid)
            assert shown.unlisted == ""
            assert shown.order.state is IntentState.QUARANTINED
            assert {shown.reserved_asset: shown.reserved} == reserved(bench, cid)
            assert shown.reserved > ZERO
            found = shown.candidates[0]
            assert len(shown.candidates) == 1
            assert found.client_order_id == (cid if under is None else under)
            await bench.do(lambda i: AdoptOrder(i, core, cid, found.venue_order_id))
            assert state(bench, cid) is IntentState.SETTLED
            fills = bench.store.fills(cid)
            assert [(f.trade_id, f.quantity) for f in fills] == [(f.trade_id, f.quantity) for f in found.fills]
            assert reserved(bench, cid) == {}
            assert before != bench.owned(core)
            assert bench.store.evidence(cid)[-1].said == f"it is the order {found.venue_order_id}"
            after = bench.strategy(core)
            assert (after.state, after.halt, after.quarantined) == (State.RUNNING, None, ())
            await assert_it_rebalances(bench)
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(14)
def test_its_owner_discards_it_what_was_set_aside_goes_back_and_the_strategy_goes_on() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core, cid = await quarantined(bench, executed=False)
            assert reserved(bench, cid)
            owned = bench.owned(core)
            bench.venue.lookup_works = True
            assert (await looked_at(bench, core, cid)).candidates == ()
            await bench.do(lambda i: DiscardOrder(i, core, cid))
            assert (state(bench, cid), reserved(bench, cid)) == (IntentState.ABSENT, {})
            assert bench.store.fills(cid) == ()
            assert bench.owned(core) != owned, "what was set aside is its own again"
            assert bench.strategy(core).state is State.RUNNING
            assert bench.store.evidence(cid)[-1].said == "it never was"
            await assert_it_rebalances(bench)
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(14)
def test_an_order_discarded_that_did_trade_is_found_all_the_same_and_booked_with_an_alarm() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core, cid = await quarantined(bench, executed=True)
            await bench.do(lambda i: DiscardOrder(i, core, cid))
            assert state(bench, cid) is IntentState.ABSENT
            hear_again(bench)
            await quiet(bench, 900)
            assert state(bench, cid) is IntentState.SETTLED
            assert bench.said("alarm")
            after = bench.strategy(core)
            assert (after.state, after.halt, after.resumable) == (State.HALTED, HaltKind.LATE_ORDER, "")
            await bench.do(lambda i: ResumeStrategy(i, core))
            assert bench.strategy(core).state is State.RUNNING
            bench.assert_conserved()

    run(story)


@pytest.mark.failure(14)
def test_when_the_look_up_answers_again_it_goes_on_by_itself_and_there_is_nothing_left_to_decide() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core, cid = await quarantined(bench, executed=True)
            hear_again(bench)
            await quiet(bench, 120)
            assert state(bench, cid) is IntentState.SETTLED
            after = bench.strategy(core)
            assert (after.state, after.quarantined) == (State.RUNNING, ())
            for make in (
                lambda i: LoadQuarantine(i, core, cid),
                lambda i: AdoptOrder(i, core, cid, "v3"),
                lambda i: DiscardOrder(i, core, cid),
            ):
                assert "is not waiting for a decision" in (await bench.rejected(make)).message
            bench.assert_conserved()

    run(story)


def _open(order: VenueOrder) -> VenueOrder:
    return replace(order, status=VenueOrderStatus.OPEN, filled=ZERO, fills=())


def _without_a_trade(order: VenueOrder) -> VenueOrder:
    return replace(order, fills=())


@pytest.mark.failure(14)
@pytest.mark.parametrize(
    ("change", "words"),
    [(_open, "still open at the exchange"), (_without_a_trade, "does not list every trade")],
    ids=["open", "trades not listed"],
)
def test_an_order_that_cannot_be_booked_whole_now_is_not_adopted_and_stays_to_be_decided(change, words) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core, cid = await quarantined(bench, executed=True, under="web_77")
            bench.venue.lookup_works = True
            bench.venue.orders["web_77"] = change(bench.venue.orders["web_77"])
            found = (await looked_at(bench, core, cid)).candidates[0]
            held = reserved(bench, cid)
            assert words in (await bench.rejected(lambda i: AdoptOrder(i, core, cid, found.venue_order_id))).message
            assert (state(bench, cid), reserved(bench, cid)) == (IntentState.QUARANTINED, held)
            assert "could be this one" in (await bench.rejected(lambda i: AdoptOrder(i, core, cid, "v999"))).message

    run(story)


@pytest.mark.failure(14)
def test_an_order_of_more_than_was_sent_or_of_another_side_is_no_candidate() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core, cid = await quarantined(bench, executed=True, under="web_77")
            bench.venue.lookup_works = True
            order = bench.venue.orders["web_77"]
            bench.venue.orders["web_77"] = replace(order, quantity=order.quantity * 2, filled=order.filled + d("0.01"))
            assert (await looked_at(bench, core, cid)).candidates == ()

    run(story)


@pytest.mark.failure(20)
def test_an_order_that_the_exchange_lists_no_longer_can_be_adopted_from_its_trades():
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core, cid = await quarantined(bench, executed=True, under="forgotten")
            forgotten = bench.venue.orders.pop("forgotten")
            listed = bench.venue.trades_since

            async def with_its_trades(symbol, since):
                trades = await listed(symbol, since)
                own = [
                    VenueTrade(
                        f.trade_id,
                        forgotten.venue_order_id,
                        f.symbol,
                        f.side,
                        f.quantity,
                        f.price,
                        f.fee,
                        f.fee_asset,
                        f.at,
                    )
                    for f in forgotten.fills
                    if f.symbol == symbol and f.at >= since
                ]
                return (*trades, *own)

            bench.venue.trades_since = with_its_trades  # type: ignore[method-assign]
            hear_again(bench)
            (candidate,) = (await looked_at(bench, core, cid)).candidates
            assert (candidate.venue_order_id, candidate.filled) == (forgotten.venue_order_id, forgotten.filled)
            await bench.do(lambda i: AdoptOrder(i, core, cid, candidate.venue_order_id))
            assert state(bench, cid) is IntentState.SETTLED
            assert sum(f.quantity for f in bench.store.fills(cid)) == forgotten.filled
            assert bench.strategy(core).state is State.RUNNING
            bench.assert_conserved()

    run(story)
