"""The figures of a run."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from rebalancer_gui.backtest.job import Costs, Flow, Job
from rebalancer_gui.backtest.metrics import best_coin, coin_index, figures_of, line_figures, return_a_year
from rebalancer_gui.backtest.simulate import simulate
from rebalancer_gui.domain.strategy import RatioRule, TimeRule
from tests.unit.backtest.samples import BEGIN, DAY, bars_of, walked_bars

DAY_S = 86_400


def line(values: list[float]):
    return line_figures(np.arange(len(values), dtype=np.int64) * DAY_S, np.array(values), values[-1])


def test_a_year_of_365_days_returns_what_it_returned() -> None:
    assert return_a_year(1.2, 365 * DAY_S) == pytest.approx(20.0)
    assert return_a_year(1.2, 730 * DAY_S) == pytest.approx((1.2**0.5 - 1) * 100)
    assert return_a_year(0.0, 730 * DAY_S) == -100.0


def test_under_seven_days_nothing_is_said_of_a_year() -> None:
    assert return_a_year(1.2, 7 * DAY_S - 1) is None
    assert return_a_year(1.2, 7 * DAY_S) is not None


def test_the_worst_drawdown_and_the_longest_time_under_water() -> None:
    figures = line([1.0, 2.0, 1.5, 1.0, 1.9, 2.0, 3.0, 2.9, 2.8])

    assert (figures.max_drawdown, figures.trough) == (50.0, 3)
    assert figures.under_water == timedelta(days=4)
    assert line([2.0, 1.0, 1.0, 1.0]).under_water == timedelta(days=3)
    assert line([1.0, 1.0, 2.0]).max_drawdown == 0.0


def test_volatility_is_that_of_a_year() -> None:
    moves = np.array([0.01, -0.01] * 200)
    figures = line(np.exp(np.cumsum(moves)).tolist())

    assert figures.volatility == pytest.approx(float(np.std(moves[1:], ddof=1)) * 365**0.5 * 100)


def test_prices_rebalancing_and_fees_add_up_to_the_profit() -> None:
    bars = walked_bars(2, 500, 3, DAY)
    flows = (Flow(BEGIN + 100 * DAY_S, 500.0), Flow(BEGIN + 300 * DAY_S, -200.0))
    run = simulate(Job(bars, (50.0, 30.0, 20.0), RatioRule(Decimal(2)), 1000.0, Costs(0.002), flows=flows))

    split = figures_of(run).split

    assert split.total == pytest.approx(run.final_value + run.removed - run.added)
    assert split.prices + split.rebalancing + split.fees == pytest.approx(split.total)
    assert split.fees == pytest.approx(-run.fees)


def test_a_rule_that_never_rebalanced_has_no_rebalancing_effect_and_equals_hodl() -> None:
    bars = walked_bars(2, 100, 2, DAY)
    run = simulate(Job(bars, (50.0, 50.0), RatioRule(Decimal(50)), 1000.0))

    figures = figures_of(run)

    assert figures.split.rebalancing == pytest.approx(0.0, abs=1e-9)
    assert figures.versus_hodl_a_year == pytest.approx(0.0, abs=1e-9)
    assert (figures.rebalances_a_year, figures.turnover_a_year) == (0.0, 0.0)


def test_figures_a_year_count_the_rule_only() -> None:
    # Every day 100 of 200 becomes 110: one-way 5 of 210 is moved back.
    prices = [1.0 * 1.1**day for day in range(366)]
    bars = bars_of({"BTC": prices, "ETH": [1.0] * 366})
    run = simulate(Job(bars, (50.0, 50.0), TimeRule(DAY, Decimal(0)), 200.0, Costs(0.001)))

    figures = figures_of(run)

    assert figures.rebalances_a_year == pytest.approx(365)
    mean = float(run.equity.mean())
    build = float(run.trades.values[:2].sum())
    assert figures.turnover_a_year == pytest.approx((run.turnover - build) / 2 / mean * 100)
    assert figures.fee_drag == pytest.approx(run.fees / mean * 100)


def test_the_best_coin_is_the_one_that_gained_most() -> None:
    bars = bars_of({"BTC": [1.0, 2.0, 3.0], "ETH": [5.0, 9.0, 10.0], "SOL": [1.0, 4.0, 2.0]})
    run = simulate(Job(bars, (40.0, 30.0, 30.0), RatioRule(Decimal(50)), 100.0, Costs(0.01)))

    assert best_coin(run) == 0
    assert coin_index(run, 0).tolist() == pytest.approx([0.99, 1.98, 2.97])
    assert figures_of(run).best_symbol == "BTC/USDT"
    assert figures_of(run).best_coin.final_value == pytest.approx(297.0)
