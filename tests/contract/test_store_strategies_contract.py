"""What every store keeps of a strategy, whether it keeps things in memory or in a file."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.ports import Store
from rebalancer_gui.application.records import EquitySample, Outcome, TransferKind, TransferRow
from rebalancer_gui.domain.coin_result import NO_RESULT, CoinResult
from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.money_weighted import Flow
from rebalancer_gui.domain.strategy import Direction, HaltKind, Rule, State, Trigger
from tests.support.stored_rows import (
    RATIO,
    START,
    TIME,
    a_living_strategy,
    a_rebalance,
    a_strategy,
    a_transfer,
    an_entry,
    parameters,
    reopened,
    with_strategies,
)

LONG = Decimal("1234567.8901234567890123456789012345678901234567")


@pytest.mark.parametrize("rule", (RATIO, TIME))
def test_a_strategy_comes_back_as_it_was(store: Store, rule: Rule) -> None:
    record = replace(
        a_strategy(),
        parameters=replace(parameters(rule=rule), sell_all_on_stop=True),
        state=State.PAUSED,
        started_at=START + timedelta(microseconds=1),
        ended_at=START + timedelta(days=400),
        reason="stopped — «by hand»",
        former_state=State.RUNNING,
        last_tick=12,
    )
    with store.transaction():
        store.save_strategy(a_strategy(), START)
        store.save_strategy(replace(record, version=2), START)
    assert reopened(store).load().strategies == (replace(record, version=2),)


def test_everything_a_strategy_can_have_comes_back_and_can_be_taken_off_again(store: Store) -> None:
    living, plain = a_living_strategy("s-1"), a_living_strategy("s-2")
    plain = replace(plain, parameters=replace(plain.parameters, trigger=None, stop_loss=None, take_profit=None))
    plain = replace(plain, halt=None, grid_from=None, pending="", growth=Decimal(1), growth_base=Decimal(0))
    with store.transaction():
        store.save_strategy(living, START)
        store.save_strategy(a_living_strategy("s-2"), START)
        store.save_strategy(replace(plain, version=2), START)
    assert reopened(store).load().strategies == (living, replace(plain, version=2))


@pytest.mark.parametrize("direction", (None, Direction.RISING, Direction.FALLING))
def test_a_trigger_comes_back_with_its_direction(store: Store, direction: Direction | None) -> None:
    trigger = Trigger("BTC/USDT", LONG, direction)
    waiting = replace(a_strategy(), parameters=replace(parameters(), trigger=trigger), state=State.WAITING)
    with store.transaction():
        store.save_strategy(waiting, START)
    assert reopened(store).load().strategies == (waiting,)


@pytest.mark.parametrize("kind", HaltKind)
def test_a_halt_comes_back_with_its_cause(store: Store, kind: HaltKind) -> None:
    with store.transaction():
        store.save_strategy(replace(a_strategy(), state=State.HALTED, halt=kind), START)
    assert [record.halt for record in reopened(store).load().strategies] == [kind]


def test_every_version_is_kept_with_the_time_from_which_it_held(store: Store) -> None:
    first, other = a_strategy("s-1"), a_strategy("s-2", TIME)
    moments = [START + timedelta(days=number, microseconds=number) for number in range(12)]
    chosen = [replace(first.parameters, name=f"Name {number}") for number in range(12)]
    with store.transaction():
        store.save_strategy(other, START)
        for number, (at, mine) in enumerate(zip(moments, chosen, strict=True), start=1):
            store.save_strategy(replace(first, version=number, parameters=mine), at)
    with store.transaction():
        # The same version again: it holds since it was chosen.
        last = replace(first, version=12, parameters=chosen[-1], state=State.RUNNING)
        store.save_strategy(last, START + timedelta(days=400))
    versions = reopened(store).versions("s-1")
    assert versions == tuple(zip(range(1, 13), moments, chosen, strict=True))
    assert store.versions("s-2") == ((1, START, other.parameters),)
    assert store.versions("unknown") == ()


def test_results_are_replaced_coin_by_coin_and_can_be_unknown(store: Store) -> None:
    known, unknown = CoinResult(LONG, Decimal("-1.5")), CoinResult(None, None)
    with_strategies(store, "s-1", "s-2")
    with store.transaction():
        store.save_results("s-1", {"BTC": known, "ETH": unknown, "SOL": NO_RESULT})
        store.save_results("s-2", {"BTC": NO_RESULT})
    with store.transaction():
        store.save_results("s-1", {"ETH": NO_RESULT, "SOL": unknown})
        store.save_results("s-1", {})
    assert reopened(store).load().results == {
        "s-1": {"BTC": known, "ETH": NO_RESULT, "SOL": unknown},
        "s-2": {"BTC": NO_RESULT},
    }


def test_each_flow_is_kept_at_its_moment_with_its_sign(store: Store) -> None:
    with_strategies(store, "s-1", "s-2")
    kinds = (TransferKind.INVESTED, TransferKind.ADDED, TransferKind.REMOVED, TransferKind.RELEASED)
    with store.transaction():
        for hour, kind in enumerate(kinds):
            store.save_transfer(replace(a_transfer(kind, "s-1", str(hour + 1)), at=START + timedelta(hours=hour)))
        store.save_transfer(a_transfer(TransferKind.DEPOSIT, "", "10000"))
        store.save_transfer(a_transfer(TransferKind.LOST, "s-2", "7"))
    assert reopened(store).load().dated_flows == {
        "s-1": tuple(Flow(START + timedelta(hours=hour), Decimal(n)) for hour, n in enumerate((1, 2, -3, -4))),
        "s-2": (Flow(START, Decimal(-7)),),
    }


def test_costs_are_replaced_coin_by_coin_and_can_be_unknown(store: Store) -> None:
    with_strategies(store, "s-1", "s-2")
    with store.transaction():
        store.save_costs("s-1", {"BTC": LONG, "ETH": None, "SOL": Decimal(1)})
        store.save_costs("s-2", {"BTC": Decimal("0.1")})
    with store.transaction():
        store.save_costs("s-1", {"ETH": Decimal(5), "SOL": None})
        store.save_costs("s-1", {})
    assert reopened(store).load().costs == {
        "s-1": {"BTC": LONG, "ETH": Decimal(5), "SOL": None},
        "s-2": {"BTC": Decimal("0.1")},
    }


def test_parameters_never_change_without_a_new_version(store: Store) -> None:
    with_strategies(store, "s-1")
    with pytest.raises(InvariantBroken, match="without a new version"), store.transaction():
        store.save_strategy(replace(a_strategy(), parameters=parameters("Another name")), START)


def test_strategies_come_in_the_order_in_which_they_were_made(store: Store) -> None:
    with_strategies(store, "s-b", "s-a", "s-c")
    assert [r.id for r in reopened(store).load().strategies] == ["s-b", "s-a", "s-c"]


def test_hodl_units_are_replaced_as_a_whole(store: Store) -> None:
    with_strategies(store, "s-1", "s-2")
    with store.transaction():
        store.save_hodl("s-1", {"BTC": LONG, "ETH": Decimal(1)})
        store.save_hodl("s-2", {"SOL": Decimal("0.1")})
        store.save_hodl("s-1", {"BTC": LONG, "ADA": Decimal(3)})
    assert reopened(store).load().hodl == {
        "s-1": {"BTC": LONG, "ADA": Decimal(3)},
        "s-2": {"SOL": Decimal("0.1")},
    }


def test_nothing_of_a_strategy_that_is_over_is_loaded_and_it_is_read_with_its_figures(store: Store) -> None:
    over = replace(
        a_strategy("s-over"),
        state=State.ENDED,
        started_at=START,
        ended_at=START + timedelta(days=1),
        reason="stop-loss",
    )
    at, end = START, START + timedelta(days=1)
    with_strategies(store, "s-going")
    with store.transaction():
        store.save_strategy(over, START)
        for kind, when, asset, amount, value in (
            (TransferKind.INVESTED, at, "USDT", 100, 100),
            (TransferKind.REMOVED, at, "USDT", 30, 30),
            (TransferKind.RELEASED, at, "ETH", 1, 5),
            (TransferKind.RELEASED, end, "BTC", 2, 66),
        ):
            store.save_transfer(TransferRow(0, when, "s-over", kind, asset, Decimal(amount), Decimal(value)))
        store.save_hodl("s-over", {"BTC": Decimal(1)})
        store.save_costs("s-over", {"BTC": Decimal(1)})
        store.save_rebalance(replace(a_rebalance("r-1", "s-over"), outcome=Outcome.DONE))
        store.save_rebalance(replace(a_rebalance("r-2", "s-over"), outcome=Outcome.SKIPPED, repeats=3))
        store.save_journal(an_entry("j-1", "s-over", "It began."))
        store.save_journal(an_entry("j-2", "s-over", "It has ended."))
        store.add_equity([EquitySample("s-over", at, Decimal(99), Decimal(98))])
        store.add_equity([EquitySample("s-over", end, Decimal(66), Decimal(65))])
        store.add_prices(end, {"BTC/USDT": Decimal(33)})
    kept = reopened(store)
    state = kept.load()
    assert [record.id for record in state.strategies] == ["s-going"]
    for of in (state.hodl, state.costs, state.counters, state.flows, state.fees_value, state.journal_tail):
        assert "s-over" not in of
    found = kept.ended_one("s-over")
    assert found is not None
    assert found.record == over
    assert [found.value, found.hodl, found.added, found.removed] == [Decimal(n) for n in (66, 65, 100, 101)]
    assert (found.rebalances, found.skipped, found.last) == (1, 3, "It has ended.")
    assert [(row.asset, row.amount, row.value) for row in found.given_back] == [("BTC", Decimal(2), Decimal(66))]
    assert found.prices == {"BTC/USDT": 33}
    assert kept.ended_one("s-going") is None
    assert kept.ended_one("s-none") is None


def test_strategies_that_are_over_come_in_pages_the_last_to_end_first(store: Store) -> None:
    ends = {"s-1": 3, "s-2": 9, "s-3": 5, "s-4": 5}
    with store.transaction():
        for name, days in ends.items():
            store.save_strategy(
                replace(a_strategy(name), state=State.ENDED, ended_at=START + timedelta(days=days)), START
            )
    kept = reopened(store)
    assert [one.record.id for one in kept.ended(None, 10)] == ["s-2", "s-4", "s-3", "s-1"]
    assert [one.record.id for one in kept.ended(None, 2)] == ["s-2", "s-4"]
    assert [one.record.id for one in kept.ended("s-4", 1)] == ["s-3"]
    assert [one.record.id for one in kept.ended("s-3", 5)] == ["s-1"]
    assert kept.ended("s-1", 5) == ()


def test_the_names_of_strategies_that_are_over_come_in_pages_the_newest_first(store: Store) -> None:
    with store.transaction():
        for name in ("s-1", "s-2", "s-3", "s-4"):
            over = replace(a_strategy(name), state=State.ENDED, ended_at=START + timedelta(days=1))
            store.save_strategy(over if name != "s-3" else a_strategy(name), START)
    kept = reopened(store)
    assert kept.ended_names(None, 10) == (("s-4", "s-4"), ("s-2", "s-2"), ("s-1", "s-1"))
    assert kept.ended_names(None, 2) == (("s-4", "s-4"), ("s-2", "s-2"))
    assert kept.ended_names("s-2", 2) == (("s-1", "s-1"),)
    assert kept.ended_names("s-1", 2) == ()
