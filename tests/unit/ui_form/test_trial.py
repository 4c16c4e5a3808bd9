"""A rule tried on candles for the cockpit agrees with the formulas where both can be right."""

from array import array
from datetime import date, timedelta
from decimal import Decimal
from math import exp
from random import Random

import pytest

from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.expectation import expect, relative_volatilities
from rebalancer_gui.domain.market import FeeSide
from rebalancer_gui.domain.strategy import BandRule, RatioRule, Rule, TimeRule
from rebalancer_gui.ui.create.trial import Trial, TrialWish, bars_of, try_rule
from tests.builders import d, rules_for, targets

HALVES = targets(BTC="50", ETH="50")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def walk(asset: str, timeframe: timedelta, days: int) -> CandleSeries:
    """A random walk of 100 % a year from 1 January 2024 on."""
    step = int(timeframe.total_seconds())
    chance, price, closes = Random(asset), 100.0, []
    for _ in range(days * 86_400 // step):
        price *= exp(chance.gauss(0, (step / 86_400 / 365) ** 0.5))
        closes.append(price)
    row = array("d", closes)
    first = 1_704_067_200
    opened = array("q", range(first, first + step * len(closes), step))
    return CandleSeries(f"{asset}/USDT", timeframe, opened, row, row, row, row, row)


def tried(rule: Rule, timeframe: timedelta = HOUR, days: int = 365, worth: str | None = None, **known: str) -> Trial:
    symbols = ("BTC/USDT", "ETH/USDT")
    bars = bars_of({f"{a}/USDT": walk(a, timeframe, days) for a in ("BTC", "ETH")}, symbols)
    limits = tuple(rules_for("BTC", "ETH", **known).values()) if known else ()
    money = d(worth) if worth else None
    return try_rule(bars, TrialWish(HALVES, "USDT", rule, money, d("0.001"), d(0), FeeSide.THIRD, limits))


@pytest.mark.rule("11.1")
@pytest.mark.parametrize("rule", [RatioRule(d(3)), TimeRule(timedelta(hours=4), d(3)), BandRule()])
def test_backtest_and_formula_count_the_same_on_a_random_walk(rule: Rule) -> None:
    trial = tried(rule)
    assert trial.rebalances is not None
    assert trial.turnover is not None
    formula = expect(rule, HALVES, trial.volatilities, d("0.001"))
    assert abs(trial.rebalances / formula.rebalances - 1) < d("0.4")
    assert abs(trial.turnover / formula.turnover - 1) < d("0.4")


def test_a_rule_that_trades_more_often_than_every_third_bar_is_left_to_the_formula() -> None:
    assert tried(RatioRule(d("0.5"))).rebalances is None
    assert tried(RatioRule(d(1)), DAY).rebalances is None
    assert tried(RatioRule(d(5)), DAY).rebalances is not None


def test_the_volatilities_are_those_of_the_domain() -> None:
    closes = {a: [Decimal(repr(c)) for c in walk(a, DAY, 200).closes] for a in ("BTC", "ETH")}
    exact = relative_volatilities(HALVES, closes, DAY)
    found = tried(RatioRule(d(5)), DAY, 200)
    assert all(abs(found.volatilities[a] - exact[a]) < d("0.0002") for a in exact)
    assert (found.span, found.until) == (timedelta(days=199), date(2024, 7, 19))


def test_with_an_amount_the_legs_that_are_too_small_are_not_counted() -> None:
    small = tried(RatioRule(d(5)), worth="20", min_notional="5").rebalances
    large = tried(RatioRule(d(5)), worth="2000", min_notional="5").rebalances
    assert small is not None
    assert large is not None
    assert 0 < small < large / 5
    assert large == tried(RatioRule(d(5))).rebalances


def test_of_less_than_a_month_no_year_is_told() -> None:
    with pytest.raises(InvalidInput, match="less than 30 days"):
        tried(RatioRule(d(5)), days=20)
