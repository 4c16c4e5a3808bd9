"""Pay fees with BNB through the whole engine on the paper venue (BEHAVIOUR.md section 8), kept equal on both sides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rebalancer_gui.application.commands import (
    Command,
    LoadHistory,
    PaperTransfer,
    RebalanceNow,
    SetPayFeesWithBnb,
    StopStrategy,
)
from rebalancer_gui.application.events import CommandDone, FeeBooked, HistoryPage
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.records import FeeRow, TransferKind
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.strategy import RatioRule, State, StrategyParameters
from tests.builders import d, parameters, rules_for
from tests.fake_clock import FakeClock
from tests.simulation.bench import ACCOUNT, START, Life, WithAwaits, World, plateaus, run
from tests.simulation.crashes import Crash, CrashError, MortalStore, live_as_long_as_it_lives
from tests.simulation.invariants import Watch, held_at, watch

HALF_A_DAY = timedelta(hours=12)
PRICES = (
    (-1, {"BTC": "100", "ETH": "10", "BNB": "5"}),
    (1, {"BTC": "110", "ETH": "10", "BNB": "5"}),
)


def world(path: Path | None = None, *, bnb: str = "10") -> tuple[World, Watch]:
    """A fee of 0.1 %, no spread, BNB at 5 in the free pool."""
    made = World(
        scripts=plateaus(*PRICES),
        rules=rules_for("BTC", "ETH", "BNB", min_notional="10"),
        spread=Decimal(0),
        fees=FeeSchedule(d("0.001")),
        balances={"USDT": Decimal(10_000), "BNB": d(bnb)},
        path=path,
    )
    return made, watch(made)


def calm(**kind) -> StrategyParameters:
    return parameters(rule=RatioRule(d(50)), **kind)


async def done(life: Life, make: Callable[[str], Command]) -> None:
    answer = await life.ask(make)
    assert isinstance(answer, CommandDone), answer


async def switch(life: Life, *, on: bool) -> None:
    await done(life, partial(SetPayFeesWithBnb, account=ACCOUNT, on=on))


async def fee_rows(life: Life, strategy_id: str = "") -> list[FeeRow]:
    """Fees Return History, oldest first."""
    page = await life.ask(lambda i: LoadHistory(i, ACCOUNT, HistoryKind.FEES, strategy_id))
    assert isinstance(page, HistoryPage)
    rows = [row for row in page.rows if isinstance(row, FeeRow)]
    assert len(rows) == len(page.rows)
    return rows[::-1]


def assert_agree(life: Life, watcher: Watch) -> None:
    watcher.check()
    assert watcher.inside() == held_at(life.venue)


@pytest.mark.rule("8.3", "8.2", "8.6", "8.5")
def test_by_default_no_fee_is_paid_with_bnb_and_each_row_says_so() -> None:
    made, watcher = world()

    async def story() -> None:
        async with made.running() as life:
            assert life.view.pay_fees_with_bnb is False
            core = await life.create(calm(investment="1000", BTC=50, ETH=50))
            await life.market(HALF_A_DAY)
            assert life.view.free == {"USDT": d(9000), "BNB": d(10)}
            rows = await fee_rows(life, core)
            assert [(r.fee_asset, r.fee, r.refunded, r.bnb_paid, r.note) for r in rows] == [
                ("BTC", d("0.005"), d(0), d(0), "Pay fees with BNB is off"),
                ("ETH", d("0.05"), d(0), d(0), "Pay fees with BNB is off"),
            ]
            assert life.strategy(core).fees_returned == 0
            assert_agree(life, watcher)

    run(story)


@pytest.mark.rule("12.7b", "8.4", "8.6", "8.8", "10.2", "10.8")
def test_the_pool_pays_three_quarters_in_bnb_the_whole_fee_comes_back_to_it_and_the_strategy_pays_in_full() -> None:
    """Buys of 500 each: fees of 0.005 BTC and 0.05 ETH, 0.5 USDT each; 75 % is 0.375 USDT = 0.075 BNB at 5."""
    made, watcher = world()

    async def story() -> None:
        async with made.running() as life:
            await switch(life, on=True)
            core = await life.create(calm(investment="1000", BTC=50, ETH=50))
            await life.market(HALF_A_DAY)
            assert life.owned(core) == {"BTC": d("4.995"), "ETH": d("49.95")}
            assert life.view.free == {"USDT": d(9000), "BNB": d("9.85"), "BTC": d("0.005"), "ETH": d("0.05")}
            (btc, eth) = await fee_rows(life)
            assert (btc.fee, btc.refunded, btc.bnb_paid, btc.saved) == (d("0.005"), d("0.005"), d("0.075"), d("0.125"))
            assert (eth.fee, eth.refunded, eth.bnb_paid, eth.saved) == (d("0.05"), d("0.05"), d("0.075"), d("0.125"))
            assert {btc.note, eth.note} == {""}
            assert [event.row for event in life.of(FeeBooked)] == [btc, eth]
            assert await fee_rows(life, core) == [btc, eth]
            shown = life.strategy(core)
            # Value 999; the pool paid 0.75 and got 1 back: the owner lost 0.75 in all.
            assert (shown.score.value, shown.score.profit) == (d(999), d("-0.75"))
            assert (shown.fees_paid, shown.fees_returned) == (d(1), d("0.25"))
            assert life.view.total == d(10_050) - d("0.75")
            assert_agree(life, watcher)

            # A sale: its fee is in USDT and goes back in USDT.
            await life.market(HALF_A_DAY)
            await done(life, lambda i: StopStrategy(i, core, sell_all=True))
            await life.market(HALF_A_DAY)
            assert life.strategy(core).state is State.ENDED
            rows = (await fee_rows(life, core))[2:]
            # 4.995 x 110 = 549.45 and 49.95 x 10 = 499.5
            assert [(r.fee_asset, r.fee, r.refunded) for r in rows] == [
                ("USDT", d("0.54945"), d("0.54945")),
                ("USDT", d("0.4995"), d("0.4995")),
            ]
            assert [r.bnb_paid for r in rows] == [d("0.0824175"), d("0.074925")]
            assert life.view.free["USDT"] == d(9000) + d("549.45") + d("499.5")
            assert_agree(life, watcher)

    run(story)


@pytest.mark.rule("8.4", "8.5")
def test_without_enough_bnb_a_trade_has_no_refund_and_its_row_says_so_all_or_nothing() -> None:
    made, watcher = world(bnb="0.1")

    async def story() -> None:
        async with made.running() as life:
            await switch(life, on=True)
            core = await life.create(calm(investment="1000", BTC=50, ETH=50))
            await life.market(HALF_A_DAY)
            rows = await fee_rows(life, core)
            assert [(r.bnb_paid, r.refunded, r.note) for r in rows] == [
                (d("0.075"), d("0.005"), ""),
                (d(0), d(0), "no refund: not enough BNB in the free pool"),
            ]
            assert life.view.free == {"USDT": d(9000), "BNB": d("0.025"), "BTC": d("0.005")}
            # With BNB deposited the next trades are paid again.
            await done(life, lambda i: PaperTransfer(i, ACCOUNT, "BNB", d(1)))
            await life.market(HALF_A_DAY)
            await done(life, partial(RebalanceNow, strategy_id=core))
            await life.market(HALF_A_DAY)
            assert [r.note for r in await fee_rows(life, core)][2:] == ["", ""]
            await switch(life, on=False)
            await done(life, lambda i: StopStrategy(i, core, sell_all=True))
            await life.market(HALF_A_DAY)
            assert {r.note for r in (await fee_rows(life, core))[4:]} == {"Pay fees with BNB is off"}
            assert_agree(life, watcher)

    run(story)


@pytest.mark.rule("8.4", "1.6")
def test_a_strategy_s_own_bnb_is_never_used_and_a_fee_in_bnb_goes_back_in_bnb() -> None:
    made, watcher = world(bnb="0.2")

    async def story() -> None:
        async with made.running() as life:
            await switch(life, on=True)
            core = await life.create(calm(investment="1000", BTC=50, BNB=50))
            await life.market(HALF_A_DAY)
            # BTC: 0.075 of the 0.2 free BNB; BNB: fee 0.1 BNB worth 0.5, paid 0.075 and 0.1 come back
            assert life.owned(core) == {"BTC": d("4.995"), "BNB": d("99.9")}
            assert life.view.free == {"USDT": d(9000), "BTC": d("0.005"), "BNB": d("0.15")}
            assert_agree(life, watcher)
            # The pool is empty now: the 99.9 BNB of the strategy stay its own.
            await done(life, lambda i: PaperTransfer(i, ACCOUNT, "BNB", d("-0.15")))
            await life.market(HALF_A_DAY)
            other = await life.create(calm(name="Other", investment="1000", BTC=50, ETH=50))
            await life.market(HALF_A_DAY)
            assert life.owned(core)["BNB"] == d("99.9")
            notes = {r.note for r in await fee_rows(life, other)}
            assert notes == {"no refund: not enough BNB in the free pool"}
            assert_agree(life, watcher)

    run(story)


@pytest.mark.rule("8.3")
def test_the_switch_survives_a_restart_and_is_said_in_the_journal(tmp_path: Path) -> None:
    made, _ = world(tmp_path / "venue.sqlite")

    async def first() -> None:
        async with made.running() as life:
            await switch(life, on=True)

    async def second() -> None:
        async with made.running() as life:
            assert life.view.pay_fees_with_bnb is True
            said = [row.text for row in life.store.journal(None, None, 99)]
            assert "Pay fees with BNB was switched on." in said

    run(first)
    made.clock = FakeClock(START, auto=True)
    run(second)


@pytest.mark.rule("8.4", "1.6")
def test_a_crash_between_ledger_and_venue_returns_every_fee_on_both_sides_exactly_once(tmp_path: Path) -> None:
    places = 0
    while True:
        made, watcher = world(tmp_path / f"venue-{places}.sqlite")
        made.store = store = MortalStore()
        watcher = watch(made)
        crash = Crash("commit", places + 1)
        watcher.also = lambda: crash.pass_by("commit")  # noqa: B023 -- used within this round only
        try:
            run(partial(live_as_long_as_it_lives, made, build_with_bnb))
        except CrashError:
            assert crash.happened
        if not crash.happened:
            break
        places += 1
        crash.where, crash.happened = "nowhere", False
        store.close()
        made.clock = FakeClock(START, auto=True)
        run(partial(finish_with_bnb, made, watcher))
    assert places >= 12, f"only {places} places to crash were found"


class FullDisk:
    """Stands for the venue's file: it takes no returned fee while ``full``."""

    def __init__(self) -> None:
        self.full = True
        self.refused = 0

    def attach(self, venue: WithAwaits) -> None:
        really = venue._ledger.add_fee_return

        def add(*row: Any) -> None:
            if self.full:
                self.refused += 1
                raise EnvironmentProblem("The disk is full.")
            really(*row)

        vars(venue._ledger)["add_fee_return"] = add


@pytest.mark.rule("8.4", "8.5")
@pytest.mark.parametrize("restart", [False, True])
def test_a_fee_that_the_account_s_file_cannot_take_is_said_tried_at_each_check_and_booked_once(
    tmp_path: Path, *, restart: bool
) -> None:
    made, watcher = world(tmp_path / "venue.sqlite")
    disk, follow = FullDisk(), made.on_venue

    def on_venue(venue: WithAwaits) -> None:
        follow(venue)
        disk.attach(venue)

    made.on_venue = on_venue

    async def fails(life: Life) -> None:
        await switch(life, on=True)
        await life.create(calm(investment="1000", BTC=50, ETH=50))
        await life.market(HALF_A_DAY)
        (core,) = life.view.strategies
        assert core.state is State.RUNNING
        assert [(r.refunded, r.note) for r in await fee_rows(life)] == [
            (d("0.005"), ""),
            (d(0), "no refund: the account's file could not yet take an earlier one"),
        ]
        assert disk.refused > 2, "it is tried at each check"
        said = "A fee could not be returned yet and is tried again at each check: The disk is full."
        assert [row.text for row in life.store.journal(None, None, 99)].count(said) == 1
        assert life.view.free == {"USDT": d(9000), "BNB": d("9.925"), "BTC": d("0.005")}
        watcher.check()

    async def works_again(life: Life) -> None:
        tries = disk.refused
        await life.market(HALF_A_DAY / 2)
        assert disk.refused > tries
        disk.full = False
        await life.market(HALF_A_DAY / 2)
        assert life.view.free == {"USDT": d(9000), "BNB": d("9.925"), "BTC": d("0.005")}
        assert {row.kind for row in life.store.transfers(None, None, 99)} == {
            TransferKind.DEPOSIT,
            TransferKind.INVESTED,
        }, "the difference meanwhile was no money from outside"
        assert len(life.store.transfers(None, None, 99)) == 3
        assert_agree(life, watcher)
        (core,) = life.view.strategies
        await done(life, lambda i: StopStrategy(i, core.id, sell_all=True))
        await life.market(HALF_A_DAY)
        assert [r.note for r in await fee_rows(life, core.id)][2:] == ["", ""]
        assert_agree(life, watcher)

    async def story() -> None:
        async with made.running() as life:
            await fails(life)
            if not restart:
                await works_again(life)
        if restart:
            async with made.running() as life:
                await works_again(life)

    run(story)


async def build_with_bnb(life: Life) -> None:
    if not life.view.pay_fees_with_bnb:
        await life.ask(partial(SetPayFeesWithBnb, account=ACCOUNT, on=True))
    if not life.view.strategies:
        await life.create(calm(investment="1000", BTC=50, ETH=50))
    await life.market(HALF_A_DAY)


async def finish_with_bnb(made: World, watcher: Watch) -> None:
    async with made.running() as life:
        await build_with_bnb(life)
        rows = await fee_rows(life)
        # Where the crash came between the two buys the second one is planned anew, after the first one's fee.
        assert [(r.fee_asset, r.refunded) for r in rows] == [(r.fee_asset, r.fee) for r in rows]
        assert [r.fee_asset for r in rows] == ["BTC", "ETH"]
        for row, price in zip(rows, (100, 10), strict=True):
            assert row.bnb_paid == row.fee * price * d("0.75") / 5
        paid = sum((row.bnb_paid for row in rows), d(0))
        fees = {row.fee_asset: row.fee for row in rows}
        assert life.view.free == {"USDT": d(9000), "BNB": 10 - paid, **fees}
        assert_agree(life, watcher)


@pytest.mark.rule("8.5", "1.6")
def test_bnb_that_is_withdrawn_in_the_middle_of_an_order_pays_for_no_fee(tmp_path: Path) -> None:
    turn = 0
    while True:
        turn += 1
        made, watcher = world(tmp_path / f"venue-{turn}.sqlite")
        made.turns = 4
        waits: list[str] = []

        async def story(
            made: World = made, watcher: Watch = watcher, waits: list[str] = waits, turn: int = turn
        ) -> None:
            async with made.running() as life:
                await switch(life, on=True)

                def press() -> None:
                    waits.append("turn")
                    if len(waits) == turn:
                        life.post(lambda i: PaperTransfer(i, ACCOUNT, "BNB", d("-10")))

                life.venue.on_turn = press
                await life.create(calm(investment="1000", BTC=50, ETH=50))
                await life.market(2 * HALF_A_DAY)
                assert_agree(life, watcher)
                assert all(row.refunded in {d(0), row.fee} for row in await fee_rows(life))

        run(story)
        if len(waits) < turn:
            break
    assert turn > 8, f"only {turn} places were found"
