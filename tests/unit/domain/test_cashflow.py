"""Adding and removing funds: the test vectors, both ways to remove, and the legal range of an amount."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rebalancer_gui.domain.cashflow import (
    AmountLimits,
    Removal,
    RemovalMethod,
    addition_limits,
    largest_removal,
    plan_addition,
    plan_removal,
    removal_limits,
)
from rebalancer_gui.domain.market import FeeSchedule, FeeSide
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import Plan, SkipReason
from rebalancer_gui.domain.valuation import Snapshot
from tests.builders import d, rules_for, snapshot

ONE = {"BTC": "1", "ETH": "1", "BNB": "1", "XRP": "1"}
MARKETS = rules_for(*ONE)
FREE = FeeSchedule(d(0))
TAXED = FeeSchedule(d("0.001"))
BY_WEIGHT, MOST_OVERWEIGHT = RemovalMethod.BY_WEIGHT, RemovalMethod.MOST_OVERWEIGHT
VECTOR_4 = snapshot({"XRP": "10", "ETH": "100", "BNB": "280"}, ONE, {"XRP": 5, "ETH": 25, "BNB": 70})


def halves(btc: str, bnb: str, cash: str = "0") -> Snapshot:
    return snapshot({"BTC": btc, "BNB": bnb}, ONE, {"BTC": 50, "BNB": 50}, cash=d(cash))


def legs(plan: Plan) -> list[tuple[Side, str, Decimal]]:
    return [(leg.side, leg.asset, leg.notional) for leg in plan.legs]


def sells(removal: Removal) -> list[tuple[str, Decimal]]:
    assert {leg.side for leg in removal.plan.legs} <= {Side.SELL}
    return [(leg.asset, leg.notional) for leg in removal.plan.legs]


def skips(removal: Removal) -> list[tuple[str, Decimal, SkipReason]]:
    return [(leg.asset, leg.wanted, leg.reason) for leg in removal.plan.skipped]


# ------------------------------------------------------------------------------------------------------------ additions


@pytest.mark.rule("12.3", "5.2")
def test_an_addition_rebalances_fully_on_the_larger_value() -> None:
    plan = plan_addition(halves("450", "550"), d(1000), MARKETS, FREE)
    assert legs(plan) == [(Side.BUY, "BTC", d(550)), (Side.BUY, "BNB", d(450))]
    assert plan.skipped == ()


@pytest.mark.rule("5.2")
def test_an_addition_that_is_smaller_than_the_drift_still_sells_what_is_over() -> None:
    plan = plan_addition(halves("450", "550"), d(20), MARKETS, FREE)
    assert legs(plan) == [(Side.SELL, "BNB", d(40)), (Side.BUY, "BTC", d(60))]


@pytest.mark.rule("5.2")
def test_the_own_money_of_a_strategy_is_spent_with_an_addition() -> None:
    plan = plan_addition(halves("450", "550", cash="100"), d(900), MARKETS, FREE)
    assert legs(plan) == [(Side.BUY, "BTC", d(550)), (Side.BUY, "BNB", d(450))]


@pytest.mark.rule("5.4")
def test_the_legal_addition_begins_where_one_order_can_be_sent_and_ends_at_the_free_pool() -> None:
    limits = addition_limits(VECTOR_4, d("5000.129"), MARKETS, FREE)
    # XRP is 9.50 under its weight of 390: with 10 more it is 10 under, the smallest order.
    assert (limits.smallest, limits.largest) == (d("10.00"), d("5000.12"))
    # 5 of 440 for XRP, 10 for ETH, 28 for BNB: from here on all three are bought.
    assert limits.full == d(50)


@pytest.mark.rule("5.4")
def test_where_a_rebalance_can_trade_by_itself_any_amount_may_be_added() -> None:
    limits = addition_limits(halves("450", "550"), d(5000), MARKETS, FREE)
    assert limits.smallest == d("0.01")
    # 550 of BNB is 10 short of half of 1,120: before that BNB is sold, or left as it is.
    assert limits.full == d(120)


@pytest.mark.rule("5.4")
def test_an_empty_free_pool_allows_no_addition() -> None:
    limits = addition_limits(VECTOR_4, d("9.99"), MARKETS, FREE)
    assert limits.is_empty
    assert limits.fault_of(d("9.99"), "USDT", "more is not free") == "No amount is legal now: more is not free."


def test_without_a_price_for_every_coin_nothing_may_be_added_or_removed() -> None:
    unpriced = snapshot({"BTC": "450", "BNB": "550"}, {"BTC": "1"}, {"BTC": 50, "BNB": 50})
    assert addition_limits(unpriced, d(100), MARKETS, FREE) == AmountLimits(None, d(100))
    for method in RemovalMethod:
        assert removal_limits(unpriced, method, MARKETS, FREE) == AmountLimits(None, d(0))
        with pytest.raises(ValueError, match="good price for every coin"):
            plan_removal(unpriced, d(50), method, MARKETS, FREE)
    assert largest_removal(unpriced, MARKETS) is None


# ----------------------------------------------------------------------------------------- removals, by target weights


@pytest.mark.rule("12.4", "5.3")
def test_a_removal_drops_the_leg_under_the_minimum_and_gives_its_share_to_nobody() -> None:
    removal = plan_removal(VECTOR_4, d(50), BY_WEIGHT, MARKETS, FREE)
    assert sells(removal) == [("ETH", d("12.5")), ("BNB", d(35))]
    assert skips(removal) == [("XRP", d("2.5"), SkipReason.BELOW_MINIMUM)]
    assert (removal.comes_out, removal.own_cash, removal.amount) == (d("47.5"), d(0), d(50))
    left = {leg.asset: VECTOR_4.holding(leg.asset).quantity - leg.quantity for leg in removal.plan.legs}
    assert left == {"ETH": d("87.5"), "BNB": d(245)}


@pytest.mark.rule("5.3b")
@pytest.mark.parametrize(("side", "out"), [("received", "47.4525"), ("quote", "47.4525"), ("third", "47.5")])
def test_what_comes_out_is_net_of_the_fee_that_is_taken_in_the_money(side: str, out: str) -> None:
    removal = plan_removal(VECTOR_4, d(50), BY_WEIGHT, MARKETS, FeeSchedule(d("0.001"), FeeSide(side)))
    assert removal.comes_out == d(out)
    assert removal.plan.estimated_fees == d("0.0475")


@pytest.mark.rule("5.3b")
def test_by_target_weights_the_own_money_of_the_strategy_stays() -> None:
    removal = plan_removal(halves("450", "450", cash="100"), d(100), BY_WEIGHT, MARKETS, FREE)
    assert sells(removal) == [("BTC", d(50)), ("BNB", d(50))]
    assert (removal.own_cash, removal.comes_out) == (d(0), d(100))


@pytest.mark.rule("5.3")
def test_a_share_that_is_larger_than_the_holding_sells_the_holding_and_no_more() -> None:
    removal = plan_removal(halves("30", "970"), d(500), BY_WEIGHT, MARKETS, FREE)
    assert sells(removal) == [("BTC", d(30)), ("BNB", d(250))]
    assert removal.comes_out == 280


@pytest.mark.rule("5.3")
def test_a_share_is_cut_down_to_the_step_before_it_must_reach_the_minimum() -> None:
    markets = rules_for("BTC", "BNB", step="3")
    removal = plan_removal(halves("450", "550"), d(23), BY_WEIGHT, markets, FREE)
    assert sells(removal) == [], "11.5 is cut to 9, which is under 10"
    removal = plan_removal(halves("450", "550"), d(25), BY_WEIGHT, markets, FREE)
    assert sells(removal) == [("BTC", d(12)), ("BNB", d(12))]


@pytest.mark.rule("5.3")
def test_a_coin_that_left_the_portfolio_has_no_share_of_a_removal() -> None:
    leftover = snapshot({"BTC": "450", "BNB": "550", "XRP": "90"}, ONE, {"BTC": 50, "BNB": 50, "XRP": 0})
    removal = plan_removal(leftover, d(100), BY_WEIGHT, MARKETS, FREE)
    assert sells(removal) == [("BTC", d(50)), ("BNB", d(50))]
    assert removal.plan.skipped == ()


# ------------------------------------------------------------------------------------ removals, most overweight first


@pytest.mark.rule("5.3d")
def test_the_most_overweight_coin_is_sold_at_most_down_to_its_weight_of_what_stays() -> None:
    removal = plan_removal(halves("450", "550"), d(200), MOST_OVERWEIGHT, MARKETS, FREE)
    # Half of 800 is 400: 150 of BNB, then 50 of BTC.
    assert sells(removal) == [("BNB", d(150)), ("BTC", d(50))]
    assert removal.comes_out == 200


@pytest.mark.rule("5.3d")
def test_the_coins_are_taken_in_the_order_of_their_drift() -> None:
    mixed = snapshot({"BTC": "300", "ETH": "420", "BNB": "280"}, ONE, {"BTC": 30, "ETH": 40, "BNB": 30})
    removal = plan_removal(mixed, d(100), MOST_OVERWEIGHT, MARKETS, FREE)
    # Of 900: 270, 360, 270. ETH is 60 over, BTC 30, BNB 10.
    assert sells(removal) == [("ETH", d(60)), ("BTC", d(30)), ("BNB", d(10))]


@pytest.mark.rule("5.3d")
def test_the_own_money_goes_first_and_only_as_much_as_is_asked_for() -> None:
    rich = halves("450", "530", cash="20")
    removal = plan_removal(rich, d(70), MOST_OVERWEIGHT, MARKETS, FREE)
    assert (sells(removal), removal.own_cash, removal.comes_out) == ([("BNB", d(50))], d(20), d(70))
    removal = plan_removal(rich, d(15), MOST_OVERWEIGHT, MARKETS, FREE)
    assert (sells(removal), removal.own_cash, removal.comes_out) == ([], d(15), d(15))


@pytest.mark.rule("5.3d")
def test_a_coin_that_cannot_be_sold_legally_is_passed_over_and_the_next_one_is_sold() -> None:
    markets = MARKETS | rules_for("BNB", min_notional="500")
    removal = plan_removal(halves("450", "550"), d(200), MOST_OVERWEIGHT, markets, FREE)
    assert sells(removal) == [("BTC", d(50))]
    assert skips(removal) == [("BNB", d(150), SkipReason.BELOW_MINIMUM)]


@pytest.mark.rule("5.3d")
def test_what_a_step_leaves_over_is_not_asked_of_the_next_coin_in_vain() -> None:
    markets = rules_for("BTC", "ETH", "BNB", step="0.4")
    mixed = snapshot({"BTC": "400", "ETH": "320", "BNB": "280"}, ONE, {"BTC": 30, "ETH": 30, "BNB": 40})
    removal = plan_removal(mixed, d(45), MOST_OVERWEIGHT, markets, FREE)
    assert sells(removal) == [("BTC", d("44.8"))]
    assert removal.plan.skipped == (), "0.2 are missing because of the step, not because of ETH"


# ----------------------------------------------------------------------------------------------------------- its limits


@pytest.mark.rule("5.4b")
@pytest.mark.parametrize(("method", "smallest"), [(BY_WEIGHT, "14.29"), (MOST_OVERWEIGHT, "10.00")])
def test_the_legal_removal_begins_at_one_order_and_leaves_the_smallest_legal_investment(
    method: RemovalMethod, smallest: str
) -> None:
    # By weight 70 % of the amount must reach 10. XRP needs 10 / 5 % = 200 to stay.
    limits = removal_limits(VECTOR_4, method, MARKETS, FREE)
    assert (limits.smallest, limits.largest) == (d(smallest), d(190))
    assert limits.full is None, "5 % of at most 190 never reach 10, or another coin takes its place"


@pytest.mark.rule("5.4b")
def test_from_the_full_amount_on_no_leg_of_a_removal_is_dropped() -> None:
    assert removal_limits(halves("450", "550"), BY_WEIGHT, MARKETS, FREE) == AmountLimits(d(20), d(980), d(20))
    uneven = snapshot({"BTC": "900", "BNB": "100"}, ONE, {"BTC": 90, "BNB": 10})
    assert removal_limits(uneven, BY_WEIGHT, MARKETS, FREE) == AmountLimits(d("11.12"), d(900), d(100))


@pytest.mark.rule("5.4b")
def test_own_money_can_be_taken_to_the_cent_when_it_goes_first() -> None:
    limits = removal_limits(halves("450", "530", cash="20"), MOST_OVERWEIGHT, MARKETS, FREE)
    assert (limits.smallest, limits.largest) == (d("0.01"), d(980))


@pytest.mark.rule("5.4b")
@pytest.mark.parametrize("method", RemovalMethod)
def test_nothing_can_be_removed_from_what_is_as_small_as_is_legal(method: RemovalMethod) -> None:
    smallest = halves("10", "10.009")
    assert largest_removal(smallest, MARKETS) == 0
    assert removal_limits(smallest, method, MARKETS, FREE) == AmountLimits(None, d(0))


@pytest.mark.rule("5.4b")
@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("0", "The amount must be above 0 USDT."),
        ("-1", "The amount must be above 0 USDT."),
        ("NaN", "The amount must be above 0 USDT."),
        ("Infinity", "The amount must be above 0 USDT."),
        ("14.28", "Too small for any order: the smallest amount now is 14.29 USDT."),
        ("14.29", ""),
        ("190", ""),
        ("190.01", "At most 190 USDT: stop it to take all."),
    ],
)
def test_an_amount_is_refused_with_what_is_legal(amount: str, says: str) -> None:
    limits = removal_limits(VECTOR_4, BY_WEIGHT, MARKETS, TAXED)
    assert limits.fault_of(d(amount), "USDT", "stop it to take all") == says
