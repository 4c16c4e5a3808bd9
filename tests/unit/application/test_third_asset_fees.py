"""Fees that the exchange itself takes in BNB (BEHAVIOUR.md section 8, ORDERS.md section 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rebalancer_gui.application.events import FeeBooked
from rebalancer_gui.domain.ledger import FREE, SUSPENSE
from rebalancer_gui.domain.market import FeeSchedule, FeeSide
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Accepted, OrderRequest, SubmitOutcome
from rebalancer_gui.domain.strategy import HaltKind, State, Target
from tests.builders import d, parameters, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue


class TakesBnb(ScriptedVenue):
    """0.075 % in BNB instead of 0.1 %."""

    bnb_price = d(200)

    def __init__(self, bnb: str) -> None:
        super().__init__(rules_for("BTC", "ETH", "BNB"))
        self.schedule = FeeSchedule(d("0.00075"), FeeSide.THIRD, d("0.001"))
        self.held["BNB"] = d(bnb)
        self.answer = self.with_a_fee_in_bnb

    def with_a_fee_in_bnb(self, request: OrderRequest) -> SubmitOutcome | None:
        order = self.execute(request)
        fills = []
        for fill in order.fills:
            self.held[fill.fee_asset] += fill.fee
            fee = (fill.value * self.schedule.taker_rate / self.bnb_price).quantize(d("0.00000001"))
            self.held["BNB"] = self.held.get("BNB", ZERO) - fee
            fills.append(replace(fill, fee=fee, fee_asset="BNB"))
        order = replace(order, fills=tuple(fills))
        self.orders[request.client_order_id] = order
        return Accepted(order)


async def built(bench: Bench) -> str:
    await bench.venue.push(BTC="100", ETH="100", BNB="200")
    core = await bench.create(parameters())
    await bench.venue.push()
    return core


@pytest.mark.rule("8.7")
def test_a_fee_in_bnb_comes_out_of_the_free_pool_costs_profit_leaves_the_coin_whole_and_shows_what_was_saved():
    async def story() -> None:
        async with Bench(TakesBnb("1")).running() as bench:
            core = await built(bench)
            bench.assert_conserved()
            bought = sum((p.quantity for p in bench.venue.posts if p.symbol == "BTC/USDT"), ZERO)
            assert bench.owned(core)["BTC"] == bought, "the coin is whole"
            rows = [e.row for e in bench.of(FeeBooked)]
            assert len(rows) == 2
            free = bench.store.load().balances[(FREE, "BNB")]
            assert free == 1 - sum(row.bnb_paid for row in rows)
            for row in rows:
                assert (row.fee_asset, row.refunded) == ("BNB", ZERO)
                assert row.paid_value == row.bnb_paid * 200
                assert abs(row.saved - row.paid_value / 3) < d("0.0001"), "a quarter of the standard fee"
            view = bench.strategy(core)
            assert view.score.profit is not None
            assert abs(view.score.profit + sum(row.paid_value for row in rows)) < d("0.0001")

    run(story)


def test_what_the_free_pool_has_not_is_missing_of_nobody_silently():
    """The venue ate BNB of a strategy: the ledger says so, and who lacks them is halted until its owner decides."""

    async def story() -> None:
        venue = TakesBnb("1")
        venue.schedule = FeeSchedule(d("0.00075"))
        async with Bench(venue).running() as bench:
            await venue.push(BTC="100", ETH="100", BNB="200")
            venue.schedule = FeeSchedule(d("0.00075"), FeeSide.THIRD, d("0.001"))
            asked = replace(parameters(), name="with BNB", targets=(Target("BTC", d(50)), Target("BNB", d(50))))
            holder = await bench.create(asked)
            venue.held["BNB"] -= 1
            await venue.push()
            for _ in range(8):
                await venue.push(timedelta(seconds=10))
            shown = bench.strategy(holder)
            assert (shown.state, shown.halt) == (State.HALTED, HaltKind.SHORT)
            balances = bench.store.load().balances
            assert balances.get((FREE, "BNB"), ZERO) >= ZERO
            assert balances.get((SUSPENSE, "BNB"), ZERO) <= ZERO

    run(story)


def test_a_strategy_with_bnb_is_taken_on_only_while_the_free_pool_pays_thirty_days_of_fees():
    async def story() -> None:
        asked = replace(parameters(), targets=(Target("BTC", d(50)), Target("BNB", d(50))))
        async with Bench(TakesBnb("0.001")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100", BNB="200")
            refused = await bench.refused(asked)
            assert refused.field == "coins"
            for words in ("30 days of fees", "it has 0.001", "or leave BNB out"):
                assert words in refused.message
            assert await bench.create(parameters()), "without BNB as a coin there is nothing to protect"
        async with Bench(TakesBnb("1")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100", BNB="200")
            assert await bench.create(asked)

    run(story)
