"""Warnings about a rule, and what mends each."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.domain.rule_advice import Advice, Concern, advise_on_rule, smallest_drifts
from rebalancer_gui.domain.strategy import RatioRule, Rule, Target, TimeRule
from tests.builders import d, quotes, rules_for, targets

HALVES = targets(BTC="50", ETH="50")
SIXTY = {"BTC": d("0.6"), "ETH": d("0.6")}
MARKETS = rules_for("BTC", "ETH", "XRP", min_notional="5", step="0.00001")
PRICES = quotes({"BTC": "50000", "ETH": "2500", "XRP": "0.5"})


def advice(rule: Rule, worth: str, coins: tuple[Target, ...] = HALVES, cost: str = "0.001") -> tuple[Advice, ...]:
    drifts = smallest_drifts(coins, "USDT", d(worth), MARKETS, PRICES)
    return advise_on_rule(rule, coins, drifts, d(worth), SIXTY, d(cost))


@pytest.mark.rule("11.6")
def test_the_smallest_tradable_drift_is_the_smallest_order_over_the_value() -> None:
    assert smallest_drifts(HALVES, "USDT", d(250), MARKETS, PRICES) == {"BTC": d("2"), "ETH": d("2")}
    coarse = rules_for("BTC", "ETH", min_notional="5", step="0.001")
    assert smallest_drifts(HALVES, "USDT", d(250), coarse, PRICES) == {"BTC": d("20"), "ETH": d("2")}


def test_without_money_or_a_price_there_is_no_drift_to_name() -> None:
    assert smallest_drifts(HALVES, "USDT", d(0), MARKETS, PRICES) == {}
    assert set(smallest_drifts(HALVES, "USDT", d(1), MARKETS, quotes({"BTC": "1"}))) == {"BTC"}


def test_a_rule_that_trades_cheaply_and_legally_is_not_warned_of() -> None:
    assert advice(RatioRule(d(5)), "5000") == ()


def test_orders_that_are_all_too_small_are_mended_by_a_higher_threshold_or_more_money() -> None:
    (found,) = advice(RatioRule(d(2)), "100")
    assert (found.concern, found.coins, found.drift) == (Concern.TOO_SMALL, ("BTC", "ETH"), d(5))
    assert (found.limit, found.amount) == (d(5), d(250))
    assert Concern.TOO_SMALL not in {a.concern for a in advice(RatioRule(d(5)), "100")}
    assert Concern.TOO_SMALL not in {a.concern for a in advice(RatioRule(d(2)), str(found.amount))}


def test_a_small_coin_whose_legs_are_often_too_small_can_be_dropped() -> None:
    coins = targets(BTC="48", ETH="48", XRP="4")
    found = advice(RatioRule(d(5)), "400", coins)[0]
    assert (found.concern, found.coins) == (Concern.SKIPPED, ("XRP",))
    assert found.dropped == ("XRP",)
    assert {t.asset: t.weight for t in found.targets} == {"BTC": d(50), "ETH": d(50)}
    mended = advice(RatioRule(d(5)), str(found.amount), coins)
    assert Concern.SKIPPED not in {a.concern for a in mended}
    assert found.limit is not None
    assert Concern.SKIPPED not in {a.concern for a in advice(RatioRule(found.limit), "400", coins)}


def test_of_two_coins_none_can_be_dropped() -> None:
    (found,) = advice(RatioRule(d(5)), "200")
    assert (found.concern, found.dropped, found.targets) == (Concern.SKIPPED, (), ())


def test_fees_over_one_percent_a_year_are_mended_by_the_next_threshold_that_is_cheap() -> None:
    (found,) = advice(RatioRule(d("0.3")), "100000")
    assert (found.concern, found.limit) == (Concern.DEAR, d("0.5"))
    (dear,) = advice(RatioRule(d("0.5")), "100000", cost="0.005")
    assert (dear.concern, dear.limit) == (Concern.DEAR, d(5))


def test_by_time_the_usual_drift_at_a_tick_counts_not_the_gate() -> None:
    weekly = TimeRule(timedelta(days=7), d("0.1"))
    assert advice(weekly, "2000") == ()
    (found,) = advice(TimeRule(timedelta(hours=1), d("0.1")), "100")[:1]
    assert found.concern is Concern.TOO_SMALL


@pytest.mark.parametrize("rule", [RatioRule(d(50)), TimeRule(timedelta(days=1), d(50))])
def test_a_limit_that_no_drift_can_exceed_is_named_first_with_one_that_can(rule: Rule) -> None:
    coins = targets(BTC="50", ETH="50")
    found = advice(rule, "5000", coins)[0]
    assert (found.concern, found.limit) == (Concern.NEVER, d(30))


def test_amounts_are_rounded_up_to_two_digits_that_people_type() -> None:
    (found,) = advice(RatioRule(d(3)), "100")
    assert found.amount == Decimal(170)
