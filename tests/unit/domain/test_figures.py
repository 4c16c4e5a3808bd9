"""Past returns, scorecard, HODL line, advice on minimums, reached weights."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.minimum_advice import advise
from rebalancer_gui.domain.outcome import reached_weights
from rebalancer_gui.domain.performance import hodl_purchase, score, value_at_mid
from rebalancer_gui.domain.planning import plan_rebalance
from rebalancer_gui.domain.preset_returns import annualised_return
from tests.builders import d, quote, rules_for, snapshot, targets


@pytest.mark.rule("9.4")
def test_annualised_return_holds_todays_weights_with_a_rebalance_each_day() -> None:
    closes = {"A": [d(100), d(110), d(121)], "B": [d(100), d(100), d(100)]}
    found = annualised_return(targets(A=50, B=50), closes, 2)
    assert found.used == 2
    assert found.percent is not None
    expected = (d("1.05") * d("1.05")) ** (Decimal(365) / 2) - 1
    assert abs(found.percent / 100 - expected) < expected * d("1e-30")


@pytest.mark.rule("9.5")
def test_with_fewer_days_than_asked_the_days_that_are_there_are_used_and_said() -> None:
    closes = {"A": [d(100), d(101)], "B": [d(50), d(50), d(50), d(50)]}
    found = annualised_return(targets(A=50, B=50), closes, 7)
    assert (found.days, found.used) == (7, 1)
    assert annualised_return(targets(A=50, B=50), {"A": [d(1)], "B": [d(1)]}, 7).percent is None


@pytest.mark.rule("10.12")
def test_the_hodl_line_pays_the_ask_and_the_fee_and_takes_no_steps() -> None:
    prices = {"BTC/USDT": quote("BTC", "99", "101"), "ETH/USDT": quote("ETH", "10")}
    units = hodl_purchase(d(1010), targets(BTC=50, ETH=50), "USDT", prices, FeeSchedule(d("0.001")))
    assert units == {"BTC": d("4.995"), "ETH": d("50.4495")}
    assert value_at_mid(units, "USDT", prices) == d("4.995") * 100 + d("504.495")
    assert value_at_mid(units, "USDT", {}) is None


@pytest.mark.rule("10.1", "10.2", "10.7", "10.13")
def test_profit_is_value_less_net_invested_and_does_not_move_with_a_deposit() -> None:
    before = score(value=d(1100), added=d(1000), removed=d(0), hodl_value=d(1050))
    after = score(value=d(1600), added=d(1500), removed=d(0), hodl_value=d(1550))
    assert before.profit == after.profit == 100
    assert before.profit_percent == 10
    assert before.versus_hodl is not None
    assert round(before.versus_hodl, 4) == d("4.7619")


@pytest.mark.rule("4.6b")
def test_the_addition_that_is_advised_is_for_coins_of_the_portfolio_and_not_for_what_is_left_of_one_that_is_out() -> (
    None
):
    markets = rules_for("GAL", "OLD")
    portfolio = snapshot({"GAL": "1000", "OLD": "3"}, {"GAL": "1", "OLD": "1"}, {"GAL": 100, "OLD": 0})
    plan = plan_rebalance(portfolio, markets, FeeSchedule(d(0)))
    assert [leg.asset for leg in plan.skipped] == ["GAL", "OLD"]
    assert advise(portfolio, plan.skipped, markets).amount == 7  # GAL's: 10 is the smallest order, 3 is to be bought
    only_the_rest = [leg for leg in plan.skipped if leg.asset == "OLD"]
    assert advise(portfolio, tuple(only_the_rest), markets).amount is None


@pytest.mark.rule("4.6b", "11.6")
def test_the_advice_on_minimums_is_true_for_the_threshold_and_for_the_amount() -> None:
    markets = rules_for("GAL", "RDNT")
    portfolio = snapshot({"GAL": "130", "RDNT": "500"}, {"GAL": "0.953", "RDNT": "0.2631"}, {"GAL": 50, "RDNT": 50})
    plan = plan_rebalance(portfolio, markets, FeeSchedule(d(0)))
    advice = advise(portfolio, plan.skipped, markets)
    assert advice.threshold == 4  # 10 / 255.44 = 3.91 pp, up to the grid
    assert advice.amount is not None
    richer = snapshot(
        {"GAL": "130", "RDNT": "500"},
        {"GAL": "0.953", "RDNT": "0.2631"},
        {"GAL": 50, "RDNT": 50},
        cash=advice.amount,
    )
    assert plan_rebalance(richer, markets, FeeSchedule(d(0))).legs
    poorer = snapshot(
        {"GAL": "130", "RDNT": "500"},
        {"GAL": "0.953", "RDNT": "0.2631"},
        {"GAL": 50, "RDNT": 50},
        cash=advice.amount - d("0.02"),
    )
    assert not plan_rebalance(poorer, markets, FeeSchedule(d(0))).legs
    assert "GAL 6.18 USDT" in advice.words("USDT")


@pytest.mark.rule("4.7")
def test_reached_against_target_names_the_reason_of_each_difference() -> None:
    markets = rules_for("BTC", "ETH", "XRP", step="0.1")
    after = snapshot(
        {"BTC": "3", "ETH": "3.03", "XRP": "3.9"},
        {"BTC": "100", "ETH": "100", "XRP": "100"},
        {"BTC": 30, "ETH": 30, "XRP": 40},
    )
    rows = {r.asset: r.why for r in reached_weights(after, (), {"XRP": "expired"}, markets)}
    assert rows == {"BTC": "step size", "ETH": "step size", "XRP": "expired"}
