"""What comes in or goes out outside the program: noticed, explained, never invested or bought back (ORDERS.md section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.commands import (
    AcceptShortage,
    AddFunds,
    RebalanceNow,
    ResumeStrategy,
    ResumeTrading,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.application.events import TransferBooked
from rebalancer_gui.application.records import TransferKind
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import Balance
from rebalancer_gui.domain.orders import Unknown
from rebalancer_gui.domain.strategy import HaltKind, RatioRule, State, StrategyParameters
from tests.builders import d, parameters, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

TEN = timedelta(seconds=10)


def venue(money: str = "10000", **options) -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH", "BNB", min_notional="10"), money=money, **options)


def calm(name: str = "Core", investment: str = "1000", **weights: int) -> StrategyParameters:
    """It never trades by its rule in these tests."""
    return parameters(name=name, investment=investment, rule=RatioRule(d(50)), **weights)


async def three(bench: Bench) -> tuple[str, str, str]:
    """A holds 1 BTC, B holds 3 BTC, C holds none."""
    await bench.venue.push(BTC="100", ETH="100", BNB="10")
    a = await bench.create(calm("A", "200"))
    b = await bench.create(calm("B", "600"))
    c = await bench.create(calm("C", "200", ETH=50, BNB=50))
    await bench.venue.push()
    assert [bench.owned(s).get("BTC", 0) for s in (a, b, c)] == [1, 3, 0]
    return a, b, c


async def noticed(bench: Bench) -> None:
    """Two samples that are ten seconds apart."""
    await bench.venue.push(TEN)
    await bench.venue.push(TEN)


def inside(bench: Bench) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = {}
    for (account, asset), amount in bench.store.load().balances.items():
        if account.startswith(("free", "strategy:")):
            found[asset] = found.get(asset, d(0)) + amount
    return found


@pytest.mark.rule("1.6", "10.13")
@pytest.mark.failure(51)
def test_a_deposit_from_outside_goes_to_the_free_pool_after_two_samples_and_is_never_invested() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await three(bench)
            before = {s.id: s.score for s in bench.view.strategies}
            sent = len(bench.venue.posts)
            bench.venue.held["BTC"] += 7
            await bench.venue.push(TEN)
            await bench.venue.push(timedelta(seconds=9))
            assert "BTC" not in bench.view.free, "one sample proves nothing"
            await bench.venue.push(timedelta(seconds=1))
            assert bench.view.free == {"USDT": 9000, "BTC": 7}
            assert "7 BTC came in from outside: booked to the free pool, not invested." in bench.said("transfer")
            (row, *_) = bench.store.transfers("", None, 1)
            assert (row.kind, row.asset, row.amount, row.value) == (TransferKind.DEPOSIT, "BTC", d(7), d(700))
            for _ in range(3):
                await bench.venue.push(TEN)
            assert len(bench.venue.posts) == sent
            assert {s.id: s.score for s in bench.view.strategies} == before
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("1.6")
@pytest.mark.failure(51)
def test_a_withdrawal_comes_out_of_the_free_pool_first_and_halts_nobody() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await three(bench)
            bench.venue.held["USDT"] -= 9000
            await noticed(bench)
            assert bench.view.free == {}
            assert {s.state for s in bench.view.strategies} == {State.RUNNING}
            assert "9,000 USDT went out: taken from the free pool." in bench.said("transfer")
            bench.assert_conserved()

    run(story)


def test_a_difference_that_changes_or_goes_away_between_two_samples_is_not_booked() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await three(bench)
            for change in ("1", "1", "-2", "3", "-3"):
                bench.venue.held["BTC"] += d(change)
                await bench.venue.push(TEN)
            assert {event.row.asset for event in bench.of(TransferBooked)} == {"USDT"}
            assert "BTC" not in bench.view.free
            assert {s.state for s in bench.view.strategies} == {State.RUNNING}

    run(story)


@pytest.mark.rule("1.6", "3.4e")
@pytest.mark.failure(50)
def test_nothing_is_booked_while_an_order_is_in_flight_or_the_balances_cannot_be_read() -> None:
    async def story() -> None:
        async with Bench(venue(authoritative=False)).running() as bench:
            a, _, _ = await three(bench)
            bench.venue.answer = lambda request: Unknown("timeout")
            await bench.do(lambda i: AddFunds(i, a, d(200)))
            await bench.venue.push()
            assert bench.strategy(a).checking_order
            bench.venue.execute(bench.venue.posts[-1])  # the venue has traded, the ledger does not know it yet
            bench.venue.lookup_works = False
            for _ in range(4):
                await bench.venue.push(TEN)
            assert bench.view.free == {"USDT": 8800}
            bench.venue.lookup_works = True
            bench.venue.answer = lambda request: None
            balances = bench.venue.balances

            async def silent() -> Mapping[str, Balance]:
                raise VenueUnavailable("no answer")

            bench.venue.balances = silent  # type: ignore[method-assign]
            bench.venue.held["BNB"] += 1
            await noticed(bench)
            bench.venue.balances = balances  # type: ignore[method-assign]
            await noticed(bench)
            assert bench.view.free == {"USDT": 8800, "BNB": 1}
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("7.8", "7.9")
@pytest.mark.failure(50, 51)
def test_a_shortage_halts_only_who_is_short_with_a_proposal_in_proportion() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            a, b, c = await three(bench)
            bench.venue.held["BTC"] -= 2
            sent = len(bench.venue.posts)
            await noticed(bench)
            assert [bench.strategy(s).state for s in (a, b, c)] == [State.HALTED, State.HALTED, State.RUNNING]
            assert [bench.strategy(s).halt for s in (a, b, c)] == [HaltKind.SHORT, HaltKind.SHORT, None]
            assert bench.strategy(a).missing == (("BTC", d("0.5")),)
            assert bench.strategy(b).missing == (("BTC", d("1.5")),)
            assert "0.5 BTC of it are missing" in bench.strategy(a).reason
            assert "book the loss" in bench.strategy(a).advice
            assert inside(bench)["BTC"] == 4, "the ledger is not written down by itself"
            for command in (
                lambda i: ResumeStrategy(i, a),
                lambda i: StopStrategy(i, a, sell_all=True),
                lambda i: StopStrategy(i, a, sell_all=False),
                lambda i: RebalanceNow(i, a),
            ):
                await bench.rejected(command)
            await bench.do(lambda i: RebalanceNow(i, c))
            for _ in range(3):
                await bench.venue.push(TEN, BTC="92", ETH="108")
            assert all("BTC" not in post.symbol for post in bench.venue.posts[sent:]), "nothing is bought back"

    run(story)


@pytest.mark.rule("7.9", "10.13", "10.11")
def test_a_loss_that_is_accepted_is_a_flow_profit_stays_and_each_part_is_asked_for_once_also_over_restarts() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            a, b, _ = await three(bench)
            await bench.venue.push(BTC="108")
            before = bench.strategy(a).score
            bench.venue.held["BTC"] -= 2
            await noticed(bench)
            await bench.do(lambda i: AcceptShortage(i, a))
            after = bench.strategy(a).score
            assert (before.profit, after.profit) == (d(8), d(8))
            assert before.time_weighted == after.time_weighted == 4
            assert after.net_invested == d(200) - d(54)
            assert round((after.hodl_value or d(0)) / (before.hodl_value or d(1)), 9) == round(d(154) / d(208), 9)
            assert bench.strategy(a).average_costs["BTC"] == 100
            assert "missing" in (await bench.rejected(lambda i: AcceptShortage(i, a))).message
            await noticed(bench)
            assert bench.strategy(a).missing == ()
            assert bench.strategy(b).missing == (("BTC", d("1.5")),)
        later = bench.again()
        async with later.running():
            await later.venue.push()
            assert [later.strategy(s).missing for s in (a, b)] == [(), (("BTC", d("1.5")),)]
            await later.do(lambda i: ResumeStrategy(i, a))
            await noticed(later)
            assert (later.strategy(a).state, later.strategy(b).state) == (State.RUNNING, State.HALTED)
            await later.do(lambda i: AcceptShortage(i, b))
            await later.do(lambda i: ResumeStrategy(i, b))
            later.assert_conserved()
            (row,) = [t for t in later.store.transfers(b, None, 9) if t.kind == TransferKind.LOST]
            assert (row.asset, row.amount, row.value) == ("BTC", d("1.5"), d(162))
        last = later.again()
        async with last.running():
            await noticed(last)
            assert {s.state for s in last.view.strategies} == {State.RUNNING}
            last.assert_conserved()

    run(story)


@pytest.mark.rule("7.9")
@pytest.mark.parametrize("surplus", ["0", "0.25"])
def test_deposited_again_the_shortage_is_over_and_resume_goes_on(surplus: str) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            a, b, _ = await three(bench)
            bench.venue.held["BTC"] -= 2
            await noticed(bench)
            bench.venue.held["BTC"] += 2 + d(surplus)
            await noticed(bench)
            for core in (a, b):
                shown = bench.strategy(core)
                assert (shown.state, shown.missing, shown.resumable) == (State.HALTED, (), "")
                await bench.do(lambda i, core=core: ResumeStrategy(i, core))  # type: ignore[misc]
            assert {s.state for s in bench.view.strategies} == {State.RUNNING}
            assert "What was missing of BTC is there again." in bench.said("transfer")
            assert bench.view.free.get("BTC", 0) == d(surplus)
            await noticed(bench)
            assert {s.state for s in bench.view.strategies} == {State.RUNNING}
            bench.assert_conserved()

    run(story)


def test_what_comes_back_in_part_lessens_each_part_and_what_goes_out_besides_is_shared_by_what_each_still_has() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            a, b, _ = await three(bench)
            bench.venue.held["BTC"] -= 2
            await noticed(bench)
            bench.venue.held["BTC"] += 1
            await noticed(bench)
            assert [bench.strategy(s).missing for s in (a, b)] == [(("BTC", d("0.25")),), (("BTC", d("0.75")),)]
            await bench.do(lambda i: AcceptShortage(i, a))
            bench.venue.held["BTC"] += d("0.5")
            await noticed(bench)
            assert [bench.strategy(s).missing for s in (a, b)] == [(), (("BTC", d("0.25")),)], "A has borne its part"
            # A still has 0.75, B 2.75 of which 0.25 are missing; 1.4 more go out: 0.3 and 1.1
            bench.venue.held["BTC"] -= d("1.4")
            await noticed(bench)
            assert [bench.strategy(s).missing for s in (a, b)] == [(("BTC", d("0.3")),), (("BTC", d("1.35")),)]
            for core in (a, b):
                await bench.do(lambda i, core=core: AcceptShortage(i, core))  # type: ignore[misc]
            bench.assert_conserved()

    run(story)


@pytest.mark.rule("7.11", "7.8")
def test_resume_trading_leaves_who_is_short_halted() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            a, _, c = await three(bench)
            await bench.do(StopAll)
            bench.venue.held["BTC"] -= 2
            await noticed(bench)
            sent = len(bench.venue.posts)
            await bench.do(ResumeTrading)
            await bench.venue.push(timedelta(seconds=2))
            assert (bench.strategy(a).state, bench.strategy(a).halt) == (State.HALTED, HaltKind.SHORT)
            assert bench.strategy(c).state is State.RUNNING
            assert len(bench.venue.posts) == sent

    run(story)


@pytest.mark.rule("1.6")
def test_two_strategies_with_the_same_coin_never_touch_each_other_s_units() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            a, b, c = await three(bench)
            others = (bench.owned(b), bench.owned(c))
            await bench.do(lambda i: AddFunds(i, a, d(100)))
            await bench.venue.push()
            await bench.do(lambda i: StopStrategy(i, a, sell_all=True))
            await bench.venue.push()
            assert bench.strategy(a).state is State.ENDED
            assert (bench.owned(b), bench.owned(c)) == others
            sold = [p.quantity for p in bench.venue.posts if p.symbol == "BTC/USDT"][-1]
            assert sold == d("1.5"), "of the 4.5 BTC in the account only its own"
            bench.assert_conserved()

    run(story)
