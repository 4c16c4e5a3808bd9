"""What a rule will do and cost, before it trades."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.domain.expectation import (
    ASSUMED_VOLATILITY,
    distance_outside,
    expect,
    growth_ratio_that_hodl_needs,
    premium_of_two,
    relative_volatilities,
    steps_until_outside,
    usual_drift,
)
from rebalancer_gui.domain.strategy import RatioRule, TimeRule
from tests.builders import d, targets

HALVES = targets(BTC="50", ETH="50")
SIXTY = {"BTC": d("0.6"), "ETH": d("0.6")}
DAY = timedelta(days=1)


@pytest.mark.rule("11.4", "11.1")
@pytest.mark.parametrize(
    ("threshold", "count", "drag"), [("0.5", "900", "0.009"), ("1", "225", "0.0045"), ("5", "9", "0.0009")]
)
def test_half_and_half_at_sixty_percent_trades_as_often_and_costs_as_much_as_the_rule_book_says(
    threshold: str, count: str, drag: str
) -> None:
    found = expect(RatioRule(d(threshold)), HALVES, SIXTY, d("0.001"))
    assert (found.rebalances, found.fee_drag) == (d(count), d(drag))
    assert found.turnover == d(drag) / d("0.002")


@pytest.mark.rule("11.1")
def test_a_rebalance_costs_its_share_of_the_years_fees() -> None:
    found = expect(RatioRule(d(5)), HALVES, SIXTY, d("0.001"))
    assert found.cost_of_one(d(10_000)) == d("1.00")  # 5 pp sold and bought at 0.1 % each
    assert expect(RatioRule(d(5)), targets(BTC="100"), {}, d("0.001")).cost_of_one(d(1)) == 0


@pytest.mark.rule("11.2")
def test_with_three_coins_the_widest_gives_the_count_and_the_turnovers_are_added_and_halved() -> None:
    three = targets(BTC="50", ETH="30", SOL="20")
    volatilities = {"BTC": d("0.4"), "ETH": d("0.5"), "SOL": d("1")}
    found = expect(RatioRule(d(5)), three, volatilities, d("0.001"))
    # s_w: 0.1, 0.105, 0.16
    assert found.first == "SOL"
    assert found.rebalances == d("10.24")
    assert found.turnover == (d("0.01") + d("0.011025") + d("0.0256")) / d("0.05") / 2
    assert found.fee_drag == found.turnover * d("0.002")


def test_a_coin_of_which_nothing_is_known_counts_with_sixty_percent() -> None:
    assert d("0.6") == ASSUMED_VOLATILITY
    assert expect(RatioRule(d(1)), HALVES, {}, d("0.001")).rebalances == 225


@pytest.mark.rule("11.3")
def test_by_time_without_a_gate_every_tick_counts() -> None:
    found = expect(TimeRule(DAY, d(0)), HALVES, SIXTY, d("0.001"))
    assert found.rebalances == 365
    # E|N| = sqrt(2 / pi) of 0.15 / sqrt(365) at each tick
    assert abs(found.turnover - d("365") * d("0.79788") * d("0.15") / d(365).sqrt()) < d("1e-9")


@pytest.mark.rule("11.3")
@pytest.mark.parametrize("a", ["0.3", "1", "1.4", "2", "5"])
def test_the_chance_at_a_tick_is_that_of_a_random_walk_that_starts_anew_after_each_rebalance(a: str) -> None:
    chance, steps, far, runs = random.Random(7), 0, 0.0, 4000
    for _ in range(runs):
        place = 0.0
        while True:
            steps += 1
            place += chance.gauss(0, 1)
            if abs(place) > float(a):
                far += abs(place)
                break
    assert float(steps_until_outside(d(a))) == pytest.approx(steps / runs, rel=0.05)
    assert float(distance_outside(d(a))) == pytest.approx(far / runs, rel=0.03)


@pytest.mark.rule("11.3")
def test_a_wider_gate_trades_less_often_and_a_gate_beyond_all_drift_like_a_threshold_of_the_same_width() -> None:
    counts = [expect(TimeRule(DAY, d(g)), HALVES, SIXTY, d("0.001")).rebalances for g in (0, 1, 2, 5, 20)]
    assert counts == sorted(counts, reverse=True)
    by_ratio = expect(RatioRule(d(20)), HALVES, SIXTY, d("0.001")).rebalances
    assert abs(counts[-1] / by_ratio - 1) < d("0.1")


def test_the_usual_drift_is_the_threshold_or_what_time_makes_of_it() -> None:
    assert usual_drift(RatioRule(d(5)), HALVES, SIXTY) == 5
    week = usual_drift(TimeRule(timedelta(days=7), d("0.5")), HALVES, SIXTY)
    assert d("1.6") < week < d("2.2")


def test_volatility_is_that_of_the_coin_against_the_rest_at_their_weights() -> None:
    # ETH doubles and halves in turn, BTC stands: ln 2 up and down, variance of +-ln2 over 4 growths.
    closes = {"BTC": [d(1)] * 5, "ETH": [d(1), d(2), d(1), d(2), d(1)]}
    found = relative_volatilities(HALVES, closes, DAY)
    expected = (Decimal(2).ln() ** 2 * 4 / 3 * 365).sqrt()
    assert abs(found["ETH"] - expected) < d("1e-9")
    assert abs(found["BTC"] - found["ETH"]) < d("1e-9")


def test_volatility_of_three_coins_compares_each_with_the_two_others_together() -> None:
    three = targets(BTC="50", ETH="25", SOL="25")
    closes = {"BTC": [d(1), d(2), d(1)], "ETH": [d(1), d(2), d(1)], "SOL": [d(1), d(1), d(1)]}
    found = relative_volatilities(three, closes, DAY)
    # BTC doubles while the rest (half ETH, half SOL) makes 1.5, then halves while it makes 0.75: ln 4/3 and ln 2/3.
    first, second = (Decimal(4) / 3).ln(), (Decimal(2) / 3).ln()
    assert abs(found["BTC"] - ((first - second) ** 2 / 2 * 365).sqrt()) < d("1e-9")


@pytest.mark.parametrize(
    "bad", [{}, {"BTC": [d(1), d(2)], "ETH": [d(1), d(2)]}, {"BTC": [d(1)] * 4, "ETH": [d(1), d(0), d(1)]}]
)
def test_too_few_or_unusable_closes_give_no_volatility(bad: dict[str, list[Decimal]]) -> None:
    assert relative_volatilities(HALVES, bad, DAY) == {}


def test_the_premium_and_the_growth_that_defeats_it() -> None:
    assert premium_of_two(d("0.5"), d("0.6")) == d("0.045")
    # exp(0.36 / 8) = 1.0460; 2 arccosh of it is 0.6045, so one coin must grow 1.830 times as much.
    assert abs(growth_ratio_that_hodl_needs(d("0.6"), d(1)) - d("1.8303")) < d("0.0001")
    assert growth_ratio_that_hodl_needs(d("0.6"), d(4)) > growth_ratio_that_hodl_needs(d("0.6"), d(1))
