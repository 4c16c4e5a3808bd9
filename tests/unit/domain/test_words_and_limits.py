"""Sections 1 and 2 of the behaviour specification: what the words mean, and the limits to the last step of their grids."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.domain.allocation import equal_weights
from rebalancer_gui.domain.creation import problems_with
from rebalancer_gui.domain.market import FeeSchedule, QuoteFault
from rebalancer_gui.domain.market_order import market_quantity
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.planning import SkipReason, plan_rebalance
from rebalancer_gui.domain.strategy import (
    INTERVALS,
    OCCUPYING,
    THRESHOLDS,
    RatioRule,
    State,
    StrategyParameters,
    Target,
    TimeRule,
)
from rebalancer_gui.domain.triggers import Hold, HoldReason, Rebalance, TickGrid, decide, unreachable_threshold
from tests.builders import NOON, d, parameters, quote, quotes, rules_for, snapshot, targets

NO_FEE = FeeSchedule(ZERO)
COINS = tuple(f"C{number}" for number in range(12))
MARKETS = rules_for("BTC", "ETH", *COINS, min_notional="5")
PRICES = quotes(dict.fromkeys(("BTC", "ETH", *COINS), "100"))


def fields(asked: StrategyParameters) -> list[str]:
    """The fields that are refused."""
    found = problems_with(asked, taken_names=[], free={"USDT": d(10000)}, rules=MARKETS, quotes=PRICES)
    return [problem.field for problem in found]


# --------------------------------------------------------------------------------------------------------------- words


@pytest.mark.rule("1.1")
def test_each_coin_of_a_strategy_trades_against_its_quote_asset() -> None:
    assert parameters(BTC=60, ETH=40).symbols == ("BTC/USDT", "ETH/USDT")
    plan = plan_rebalance(snapshot({}, {"BTC": "100", "ETH": "100"}, {"BTC": 60, "ETH": 40}, d(1000)), MARKETS, NO_FEE)
    assert {(leg.symbol, leg.notional) for leg in plan.legs} == {("BTC/USDT", d(600)), ("ETH/USDT", d(400))}


@pytest.mark.rule("1.2", "1.3")
def test_weights_are_shares_of_the_whole_value_and_the_worst_drift_has_no_sign() -> None:
    taken = snapshot(
        {"A": "3", "B": "2", "C": "4"}, {"A": "100", "B": "100", "C": "100"}, {"A": 20, "B": 50, "C": 30}, d(100)
    )
    assert [(h.asset, h.weight, h.drift) for h in taken.holdings] == [
        ("A", d(30), d(10)),
        ("B", d(20), d(-30)),
        ("C", d(40), d(10)),
    ]
    assert taken.worst is not None
    assert (taken.worst.asset, taken.worst_drift) == ("B", d(30))


@pytest.mark.rule("1.5")
def test_a_legal_order_is_on_the_grid_and_worth_the_minimum_notional() -> None:
    market = rules_for("BTC", step="0.01", min_quantity="0.02", min_notional="10")["BTC/USDT"]
    assert market.fault_of(d("0.1"), d(100)) is None
    assert "worth 10 USDT" in str(market.fault_of(d("0.09"), d(100)))
    assert "multiple of 0.01" in str(market.fault_of(d("0.105"), d(100)))
    assert "smallest quantity is 0.02" in str(market.fault_of(d("0.01"), d(5000)))


# -------------------------------------------------------------------------------------------------------------- limits


@pytest.mark.rule("2.1")
@pytest.mark.parametrize(("count", "refused"), [(1, ["coins"]), (2, []), (10, []), (11, ["coins"])])
def test_a_strategy_has_two_to_ten_coins(count: int, refused: list[str]) -> None:
    assert fields(replace(parameters(), targets=equal_weights(COINS[:count]))) == refused


@pytest.mark.rule("2.2")
def test_every_state_but_ended_counts_among_the_twenty() -> None:
    assert set(State) - {State.ENDED} == OCCUPYING


@pytest.mark.rule("2.3")
@pytest.mark.parametrize(
    ("btc", "eth", "refused"),
    [
        ("50", "50", []),
        ("0.01", "99.99", ["investment"]),  # legal as weights; the money does not reach
        ("50.005", "49.995", ["weights"]),
        ("50", "49.99", ["weights"]),
        ("50", "50.01", ["weights"]),
        ("0", "100", ["weights"]),
        ("-1", "101", ["weights"]),
    ],
)
def test_weights_are_above_zero_on_their_grid_and_add_up_to_exactly_100(btc: str, eth: str, refused: list[str]) -> None:
    assert sorted(set(fields(parameters(BTC=btc, ETH=eth)))) == refused


@pytest.mark.rule("2.4", "2.9")
def test_the_threshold_list_is_binances_and_one_percent_is_the_default() -> None:
    assert [str(t) for t in THRESHOLDS] == ["0.5", "1", "2", "5", "10", "20", "30", "50"]
    assert RatioRule() == RatioRule(d(1), timedelta(seconds=2))


@pytest.mark.rule("2.4")
@pytest.mark.parametrize(
    ("threshold", "refused"),
    [("0.1", []), ("50", []), ("2.5", []), ("0", ["threshold"]), ("0.05", ["threshold"]), ("50.1", ["threshold"])],
)
def test_a_threshold_of_ones_own_is_a_tenth_to_fifty_percent_in_tenths(threshold: str, refused: list[str]) -> None:
    assert fields(parameters(rule=RatioRule(d(threshold)))) == refused


@pytest.mark.rule("2.4b")
@pytest.mark.parametrize(("smallest", "never"), [("50", True), ("49.99", False), ("60", True)])
def test_a_threshold_of_100_less_the_smallest_weight_can_never_be_exceeded(smallest: str, never: bool) -> None:
    assert unreachable_threshold(RatioRule(d(50)), d(smallest)) is never


@pytest.mark.rule("2.5", "2.9")
def test_the_interval_list_is_binances_and_one_day_above_half_a_percent_is_the_default() -> None:
    half_hours = [1, 2, 8, 16, 24, 48, 3 * 48, 7 * 48, 14 * 48, 28 * 48]
    assert list(INTERVALS) == [timedelta(minutes=30) * n for n in half_hours]
    assert TimeRule() == TimeRule(timedelta(days=1), d("0.5"))


@pytest.mark.rule("2.5")
@pytest.mark.parametrize(
    ("interval", "refused"),
    [
        (timedelta(minutes=1), []),
        (timedelta(days=90), []),
        (timedelta(seconds=59), ["interval"]),
        (timedelta(days=90, seconds=1), ["interval"]),
    ],
)
def test_an_interval_of_ones_own_is_a_minute_to_ninety_days(interval: timedelta, refused: list[str]) -> None:
    assert fields(parameters(rule=TimeRule(interval))) == refused


@pytest.mark.rule("2.6")
@pytest.mark.parametrize(
    ("seconds", "refused"), [(1, []), (3600, []), (0.5, ["check_period"]), (3601, ["check_period"])]
)
def test_a_portfolio_is_looked_at_every_second_to_every_hour(seconds: float, refused: list[str]) -> None:
    assert fields(parameters(rule=RatioRule(d(1), timedelta(seconds=seconds)))) == refused


@pytest.mark.rule("2.7")
@pytest.mark.parametrize(
    ("gate", "refused"),
    [("0", []), ("50", []), ("0.1", []), ("-0.1", ["gate"]), ("0.05", ["gate"]), ("50.1", ["gate"])],
)
def test_the_gate_is_zero_to_fifty_percent_in_tenths(gate: str, refused: list[str]) -> None:
    assert fields(parameters(rule=TimeRule(gate=d(gate)))) == refused


@pytest.mark.rule("2.7b")
def test_with_a_gate_of_zero_any_drift_is_traded_at_a_tick_and_none_holds() -> None:
    rule, start = TimeRule(timedelta(days=1), ZERO), TickGrid(NOON, 0)
    tick = NOON + timedelta(days=1)
    level = snapshot({"BTC": "5", "ETH": "5"}, {"BTC": "100", "ETH": "100"}, {"BTC": 50, "ETH": 50})
    off = snapshot({"BTC": "5", "ETH": "5"}, {"BTC": "100", "ETH": "100.01"}, {"BTC": 50, "ETH": 50})
    assert decide(level, rule, grid=start, now=tick) == Hold(HoldReason.GATE, ZERO, "BTC")
    assert isinstance(decide(off, rule, grid=start, now=tick), Rebalance)


@pytest.mark.rule("2.8")
def test_each_symbol_has_its_own_smallest_order() -> None:
    taken = snapshot({"BTC": "4.5", "ETH": "5.5"}, {"BTC": "100", "ETH": "100"}, {"BTC": 50, "ETH": 50}, d(50))
    low, high = rules_for("BTC", "ETH", min_notional="5"), rules_for("ETH", min_notional="60")
    assert [(leg.asset, leg.wanted) for leg in plan_rebalance(taken, low, NO_FEE).legs] == [
        ("ETH", d(25)),
        ("BTC", d(75)),
    ]
    plan = plan_rebalance(taken, low | high, NO_FEE)
    assert [leg.asset for leg in plan.legs] == ["BTC"]
    assert [(s.asset, s.reason) for s in plan.skipped] == [("ETH", SkipReason.BELOW_MINIMUM)]


@pytest.mark.rule("2.8b")
def test_a_market_order_stays_one_percent_above_the_minimum_notional() -> None:
    market = rules_for("BTC", step="0.001", min_notional="10")["BTC/USDT"]
    assert market_quantity(d("0.101"), None, d(100), market, ZERO) == d("0.101")  # worth 10.10
    assert market_quantity(d("0.100"), None, d(100), market, ZERO) == 0  # worth 10.00: on average perhaps less


@pytest.mark.rule("2.8")
def test_a_market_order_is_no_larger_than_one_order_may_be() -> None:
    market = rules_for("BTC", step="0.001", max_notional="50", max_quantity="0.6")["BTC/USDT"]
    assert market_quantity(d(3), None, d(100), market, ZERO) == d("0.5")
    assert market_quantity(d(3), None, d(50), market, ZERO) == d("0.6")
    small = replace(market, market_max_quantity=d("0.2"))
    assert market_quantity(d(3), None, d(100), small, ZERO) == d("0.2")


@pytest.mark.rule("2.9")
def test_weights_are_equal_by_default_and_what_cannot_be_shared_goes_to_the_first() -> None:
    assert equal_weights(("A", "B", "C")) == (
        Target("A", Decimal("33.34")),
        Target("B", Decimal("33.33")),
        Target("C", Decimal("33.33")),
    )
    assert equal_weights(("A", "B")) == targets(A=50, B=50)


# ---------------------------------------------------------------------------------------------------------- good quotes


@pytest.mark.rule("3.4")
@pytest.mark.parametrize(
    ("bid", "ask", "fault"),
    [
        ("100", "100", None),
        ("100", "101", None),
        ("101", "100", QuoteFault.CROSSED),
        ("0", "100", QuoteFault.NOT_POSITIVE),
        ("-1", "100", QuoteFault.NOT_POSITIVE),
        ("NaN", "100", QuoteFault.NOT_FINITE),
        ("100", "Infinity", QuoteFault.NOT_FINITE),
    ],
)
def test_what_is_no_price_is_told_from_an_equal_bid_and_ask(bid: str, ask: str, fault: QuoteFault | None) -> None:
    assert quote("BTC", bid, ask).fault(NOON) is fault


@pytest.mark.rule("3.4b")
def test_a_price_is_old_ten_seconds_after_the_venue_last_confirmed_it_however_old_the_price_itself_is() -> None:
    unchanged = replace(quote("BTC", "100", at=NOON), received_at=NOON + timedelta(hours=1))
    for seconds, fault in ((0, None), (10, None), (10.001, QuoteFault.STALE)):
        assert unchanged.fault(NOON + timedelta(hours=1, seconds=seconds)) is fault
