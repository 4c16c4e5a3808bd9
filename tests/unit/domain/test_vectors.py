"""The test vectors of BEHAVIOUR.md section 12 on the pure domain."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from rebalancer_gui.domain.allocation import problems_with_rule, problems_with_targets
from rebalancer_gui.domain.creation import problems_with
from rebalancer_gui.domain.fee_return import return_fee
from rebalancer_gui.domain.ledger import FEES, FREE, book_fill, strategy_account
from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.orders import Fill, Side
from rebalancer_gui.domain.planning import MINIMUM_VALUE_MESSAGE, SkipReason, plan_rebalance
from rebalancer_gui.domain.strategy import RatioRule, Target, TimeRule
from rebalancer_gui.domain.triggers import Hold, HoldReason, Rebalance, RebalanceReason, TickGrid, decide
from tests.builders import NOON, d, parameters, quotes, rules_for, snapshot, targets

NO_FEE = FeeSchedule(Decimal(0))
START = TickGrid(NOON, 0)


def btc_bnb(btc_value: str, bnb_value: str):
    """A 50/50 portfolio at price 1, so that quantities are values."""
    return snapshot({"BTC": btc_value, "BNB": bnb_value}, {"BTC": "1", "BNB": "1"}, {"BTC": 50, "BNB": 50})


@pytest.mark.rule("12.1")
def test_a_balanced_portfolio_holds() -> None:
    decision = decide(btc_bnb("400", "400"), RatioRule(d(1)), grid=START, now=NOON)
    assert decision == Hold(HoldReason.WITHIN, d(0), "BTC")


@pytest.mark.rule("12.1")
def test_45_to_55_percent_trades_fifty_back_on_each_side() -> None:
    portfolio = btc_bnb("450", "550")
    assert portfolio.total == 1000
    assert [h.weight for h in portfolio.holdings] == [d(45), d(55)]
    assert decide(portfolio, RatioRule(d(1)), grid=START, now=NOON) == Rebalance(RebalanceReason.RATIO, d(5))
    plan = plan_rebalance(portfolio, rules_for("BTC", "BNB"), NO_FEE)
    assert [(leg.asset, leg.side, leg.quantity) for leg in plan.legs] == [
        ("BNB", Side.SELL, d(50)),
        ("BTC", Side.BUY, d(50)),
    ]


@pytest.mark.rule("12.2")
def test_by_time_nothing_happens_before_the_seventh_day_and_then_the_same() -> None:
    rule = TimeRule(timedelta(days=7), d("0.5"))
    portfolio = btc_bnb("450", "550")
    early = decide(portfolio, rule, grid=START, now=NOON + timedelta(days=7) - timedelta(seconds=1))
    assert early == Hold(HoldReason.NOT_DUE, d(5))
    due = decide(portfolio, rule, grid=START, now=NOON + timedelta(days=7))
    assert due == Rebalance(RebalanceReason.TIME, d(5))


@pytest.mark.rule("12.2")
def test_by_time_a_drift_of_exactly_the_gate_holds() -> None:
    rule = TimeRule(timedelta(days=7), d("0.5"))
    decision = decide(btc_bnb("505", "495"), rule, grid=START, now=NOON + timedelta(days=7))
    assert decision == Hold(HoldReason.GATE, d("0.5"), "BTC")


@pytest.mark.rule("12.5")
def test_a_portfolio_whose_orders_are_all_too_small_says_so() -> None:
    portfolio = snapshot({"GAL": "130", "RDNT": "500"}, {"GAL": "0.953", "RDNT": "0.2631"}, {"GAL": 50, "RDNT": 50})
    assert portfolio.total == d("255.44")
    assert [round(h.weight or d(0), 2) for h in portfolio.holdings] == [d("48.50"), d("51.50")]
    assert round(portfolio.worst_drift or d(0), 2) == d("1.50")
    assert isinstance(decide(portfolio, RatioRule(d(1)), grid=START, now=NOON), Rebalance)
    plan = plan_rebalance(portfolio, rules_for("GAL", "RDNT"), NO_FEE)
    assert plan.legs == ()
    assert plan.message == MINIMUM_VALUE_MESSAGE
    assert plan.message == ("The order value is less than the minimum value, and is unable to rebalance this time.")
    assert [(s.asset, s.reason, round(s.wanted, 2)) for s in plan.skipped] == [
        ("GAL", SkipReason.BELOW_MINIMUM, d("3.83")),
        ("RDNT", SkipReason.BELOW_MINIMUM, d("3.83")),
    ]
    assert all(d("6.16") < s.shortfall < d("6.18") for s in plan.skipped)


def refused_fields(**changes: Any) -> list[str]:
    chosen = replace(parameters(), **changes)
    markets = rules_for("BTC", "ETH", "BNB", min_notional="5")
    prices = quotes({"BTC": "20000", "ETH": "1500", "BNB": "300"})
    found = problems_with(chosen, taken_names=["Taken"], free={"USDT": d(10000)}, rules=markets, quotes=prices)
    return [problem.field for problem in found]


@pytest.mark.rule("12.6")
@pytest.mark.parametrize(
    ("changes", "field"),
    (
        ({"targets": targets(BTC="50", ETH="49.99")}, "weights"),
        ({"targets": targets(BTC="50", ETH="50.01")}, "weights"),
        ({"targets": targets(BTC="100")}, "coins"),
        ({"targets": (*tuple(Target(f"C{i}", d("9.09")) for i in range(10)), Target("C10", d("9.10")))}, "coins"),
        ({"targets": targets(BTC="50", USDT="50")}, "coins"),
        ({"targets": (Target("BTC", d(50)), Target("BTC", d(50)))}, "coins"),
        ({"rule": RatioRule(d(0))}, "threshold"),
        ({"rule": RatioRule(d(51))}, "threshold"),
        ({"rule": RatioRule(d("0.15"))}, "threshold"),
        ({"rule": TimeRule(timedelta(seconds=59))}, "interval"),
        ({"rule": TimeRule(timedelta(days=91))}, "interval"),
        ({"rule": TimeRule(gate=d("50.1"))}, "gate"),
        ({"rule": TimeRule(gate=d("-0.1"))}, "gate"),
        ({"investment": d(10001)}, "investment"),
        ({"investment": d("9.99")}, "investment"),
        ({"investment": d(0)}, "investment"),
        ({"name": " "}, "name"),
        ({"name": "taken"}, "name"),
        ({"targets": targets(BTC="0", ETH="100")}, "weights"),
        ({"targets": targets(BTC="50.005", ETH="49.995")}, "weights"),
        ({"targets": targets(BTC="50", DOGE="50")}, "coins"),
    ),
)
def test_illegal_parameters_are_refused_with_the_field_named(changes: dict[str, object], field: str) -> None:
    assert refused_fields(**changes) == [field] * len(refused_fields(**changes))
    assert refused_fields(**changes)


def test_legal_parameters_have_no_problem() -> None:
    assert refused_fields() == []
    assert problems_with_rule(TimeRule(gate=d(0))) == []


@pytest.mark.rule("2.10")
def test_the_quote_asset_as_a_coin_is_explained_in_the_words_of_the_specification() -> None:
    problem = problems_with_targets(targets(BTC="50", USDT="50"), "USDT")[0]
    assert problem.message == (
        "USDT is the strategy's money, not a coin. To keep a cash share, add a dollar coin such as USDC, or invest less."
    )


def fill(side: Side, quantity: str, price: str, fee: str, fee_asset: str) -> Fill:
    return Fill("t1", "rb1", "BTC/USDT", side, d(quantity), d(price), d(fee), fee_asset, NOON)


def moved(entry, account: str, asset: str) -> Decimal:
    return sum((p.amount for p in entry.postings if (p.account, p.asset) == (account, asset)), Decimal(0))


@pytest.mark.rule("8.2", "12.7")
def test_a_fee_paid_in_the_coin_leaves_a_thousandth_less_of_it() -> None:
    entry = book_fill(fill(Side.BUY, "0.0025", "20000", "0.0000025", "BTC"), "s1", "USDT", d(50))
    assert moved(entry, strategy_account("s1"), "BTC") == d("0.0024975")
    assert moved(entry, "reserved:rb1", "USDT") == -50
    assert moved(entry, FEES, "BTC") == d("0.0000025")


@pytest.mark.rule("12.7c")
def test_a_fee_charged_in_bnb_leaves_the_coin_whole() -> None:
    entry = book_fill(fill(Side.BUY, "0.0025", "20000", "0.000125", "BNB"), "s1", "USDT", d(50))
    assert moved(entry, strategy_account("s1"), "BTC") == d("0.0025")
    assert moved(entry, FREE, "BNB") == d("-0.000125")


@pytest.mark.rule("8.1")
def test_a_fee_in_quote_is_taken_from_what_a_sell_brings() -> None:
    entry = book_fill(fill(Side.SELL, "0.0025", "20000", "0.05", "USDT"), "s1", "USDT", d("0.0025"))
    assert moved(entry, strategy_account("s1"), "USDT") == d("49.95")
    assert moved(entry, "reserved:rb1", "BTC") == d("-0.0025")


def test_what_a_market_order_took_beyond_its_reservation_comes_from_the_strategy() -> None:
    entry = book_fill(fill(Side.BUY, "0.0025", "20000", "0", "BTC"), "s1", "USDT", d(49))
    assert moved(entry, "reserved:rb1", "USDT") == -49
    assert moved(entry, strategy_account("s1"), "USDT") == -1


@pytest.mark.rule("8.4", "12.7b")
def test_paying_with_bnb_costs_three_quarters_and_brings_the_whole_fee_back() -> None:
    bought = fill(Side.BUY, "0.0025", "20000", "0.0000025", "BTC")
    result = return_fee(bought, "USDT", d(1), quotes({"BNB": "250"})["BNB/USDT"], NOON)
    assert result.entry is not None
    assert moved(result.entry, FREE, "BNB") == d("-0.00015")  # 0.05 USDT x 75 % / 250
    assert moved(result.entry, FREE, "BTC") == d("0.0000025")
    assert result.saved == d("0.0125")


@pytest.mark.rule("8.5")
def test_without_enough_bnb_nothing_is_refunded_and_the_row_says_so() -> None:
    bought = fill(Side.BUY, "0.0025", "20000", "0.0000025", "BTC")
    result = return_fee(bought, "USDT", d("0.0001499"), quotes({"BNB": "250"})["BNB/USDT"], NOON)
    assert result.entry is None
    assert result.refunded == 0
    assert "not enough BNB" in result.note
