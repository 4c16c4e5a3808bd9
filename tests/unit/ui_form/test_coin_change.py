"""What Change coins begins with, also for a coin whose market is closed."""

from decimal import Decimal

import pytest

from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.ui.create.coin_change import (
    ChangeMode,
    change_draft,
    closed_off,
    examine_change,
    first_allocation,
    tradable_worth,
    with_replaced,
    without_frozen,
)
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.create.weights import Allocation
from rebalancer_gui.ui.formatting import NumberFormat
from tests.builders import quote, rules_for, snapshot

TARGETS = (Target("BTC", Decimal(50)), Target("ETH", Decimal(30)), Target("SOL", Decimal(20)))


def weights(allocation: Allocation) -> dict[str, str]:
    return {t.asset: f"{t.weight:f}" for t in allocation.targets}


def around(*frozen: str) -> Surroundings:
    markets = rules_for("BTC", "ETH", "SOL", "ADA")
    quotes = {f"{a}/USDT": quote(a, "1") for a in ("BTC", "ETH", "SOL", "ADA")}
    return closed_off(Surroundings("paper", "USDT", markets, quotes, {}), "USDT", frozen)


def problem(allocation: Allocation, *frozen: str, wrong: str = "") -> str:
    draft = change_draft(allocation, "USDT", Decimal(1000), wrong)
    first = examine_change(draft, TARGETS, around(*frozen), NumberFormat(), frozen).first
    return "" if first is None else first.message


@pytest.mark.parametrize("mode", (ChangeMode.EDIT, ChangeMode.REPLACE))
def test_it_begins_with_what_it_has(mode):
    assert first_allocation(TARGETS, ("SOL",), mode).targets == TARGETS


def test_drop_begins_with_the_others_in_their_proportions():
    assert weights(first_allocation(TARGETS, ("SOL",), ChangeMode.DROP)) == {"BTC": "62.50", "ETH": "37.50"}


def test_where_every_coin_is_closed_there_is_nothing_to_drop_to():
    assert first_allocation(TARGETS, ("BTC", "ETH", "SOL"), ChangeMode.DROP).targets == TARGETS


def test_another_coin_takes_the_place_and_the_weight_of_a_closed_one():
    allocation = first_allocation(TARGETS, ("ETH",), ChangeMode.REPLACE)
    replaced = with_replaced(allocation, ("ETH",), ("ADA",))
    assert replaced.assets == ("BTC", "ADA", "SOL")
    assert weights(replaced)["ADA"] == "30"


def test_more_coins_than_are_closed_are_added_and_one_that_is_there_changes_nothing():
    allocation = first_allocation(TARGETS, ("ETH",), ChangeMode.REPLACE)
    assert with_replaced(allocation, ("ETH",), ("BTC",)).targets == TARGETS
    more = with_replaced(allocation, ("ETH",), ("ADA", "XRP"))
    assert more.assets == ("BTC", "ADA", "SOL", "XRP")
    assert more.left == 0


def test_a_closed_coin_can_be_dropped_later_too():
    allocation = first_allocation(TARGETS, ("SOL",), ChangeMode.REPLACE).with_weight("SOL", None)
    assert weights(without_frozen(allocation, ("SOL",))) == {"BTC": "62.50", "ETH": "37.50"}


def test_a_closed_coin_may_not_stay():
    assert "SOL cannot be traded" in problem(first_allocation(TARGETS, ("SOL",), ChangeMode.REPLACE), "SOL")
    assert problem(first_allocation(TARGETS, ("SOL",), ChangeMode.DROP), "SOL") == ""


def test_the_same_coins_and_weights_are_no_change():
    assert "change something first" in problem(Allocation().with_targets(TARGETS))


def test_the_same_coins_and_weights_let_a_closed_coin_go_that_had_left_before():
    assert problem(Allocation().with_targets(TARGETS), "ADA") == ""


def test_weights_that_do_not_add_up_or_read_are_told():
    assert "left to give" in problem(Allocation().with_targets(TARGETS).with_weight("BTC", Decimal(40)))
    assert problem(Allocation().with_targets(TARGETS), wrong="BTC: no number") == "BTC: no number"


def test_what_the_weights_are_taken_of_leaves_closed_coins_out():
    known = snapshot({"AAA": "10", "BBB": "5"}, {"AAA": "2", "BBB": "4"}, {"AAA": 50, "BBB": 50}, Decimal(3))
    assert tradable_worth(known, ()) == Decimal(43)
    assert tradable_worth(known, ("BBB",)) == Decimal(23)
    unpriced = snapshot({"AAA": "10", "BBB": "5"}, {"AAA": "2"}, {"AAA": 50, "BBB": 50}, Decimal(3))
    assert tradable_worth(unpriced, ()) is None
    assert tradable_worth(unpriced, ("BBB",)) == Decimal(23)
    assert tradable_worth(None, ()) is None
