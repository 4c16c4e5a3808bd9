"""Gate G0: every cell of the grid, in single runs and in the sweep, equals the plain loop of ``reference.py``."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.backtest.bars import Bars
from rebalancer_gui.backtest.job import Costs, Job, MarketLimit
from rebalancer_gui.backtest.loops import Loop
from rebalancer_gui.backtest.simulate import simulate
from rebalancer_gui.backtest.sweep import sweep
from rebalancer_gui.domain.strategy import RatioRule
from tests.unit.backtest.reference import Outcome, Terms, play
from tests.unit.backtest.samples import DAY, HOUR, MINUTE, walked_bars, weights_of

pytestmark = pytest.mark.rule("11.9")
CLOSE = 1e-9
IN_CI = {DAY: 730, HOUR: 4_380, MINUTE: 10_080}
J1_BARS = 259_200
SINGLE_RUNS = {(Decimal("0.5"), None), (Decimal(5), None), (Decimal(1), DAY), (Decimal(2), timedelta(hours=4))}
"""The sweep shares its work over the grid; these are also run one by one, with each loop."""


def check_grid(bars: Bars, fee: float, minimum: float) -> None:
    times, prices = bars.times.tolist(), bars.prices.tolist()
    coins = len(bars.symbols)
    job = Job(bars, weights_of(coins), RatioRule(), 1000.0, Costs(fee), (MarketLimit(min_notional=minimum),) * coins)
    table = sweep(job)
    assert len(table.cells) == 8 * 11
    for (threshold, interval), cell in table.cells.items():
        seconds = None if interval is None else int(interval.total_seconds())
        terms = Terms(weights_of(coins), float(threshold), seconds, 1000.0, fee, minimum=minimum)
        expected = play(times, prices, terms)
        where = (threshold, interval, fee, minimum)
        assert (cell.rebalances, cell.blocked) == (expected.rebalances, expected.blocked), where
        assert cell.final_value == pytest.approx(expected.final_value, rel=CLOSE), where
        assert cell.turnover == pytest.approx(expected.turnover, rel=CLOSE), where
        assert cell.fees == pytest.approx(expected.fees, rel=CLOSE, abs=CLOSE), where
        assert cell.max_drawdown == pytest.approx(expected.drawdown * 100, rel=CLOSE, abs=CLOSE), where
        if (threshold, interval) in SINGLE_RUNS:
            check_single(job, cell.rule, expected)


def check_single(job: Job, rule: object, expected: Outcome) -> None:
    for loop in Loop:
        run = simulate(Job(job.bars, job.weights, rule, job.investment, job.costs, job.limits), loop)  # type: ignore[arg-type]
        assert (len(run.rebalances), run.blocked) == (expected.rebalances, expected.blocked), (rule, loop)
        assert run.final_value == pytest.approx(expected.final_value, rel=CLOSE)
        trades = list(zip(run.trades.rows.tolist(), run.trades.coins.tolist(), strict=True))
        assert trades == [(bar, coin) for bar, coin, _ in expected.trades], (rule, loop)
        assert run.trades.units.tolist() == pytest.approx([units for _, _, units in expected.trades], rel=CLOSE)


@pytest.mark.parametrize("minimum", [0.0, 10.0])
@pytest.mark.parametrize("fee", [0.0, 0.001])
@pytest.mark.parametrize("coins", [2, 10])
@pytest.mark.parametrize("timeframe", [DAY, HOUR, MINUTE], ids=["daily", "hourly", "minute"])
def test_every_cell_equals_a_plain_loop_that_follows_the_rules(
    timeframe: timedelta, coins: int, fee: float, minimum: float
) -> None:
    check_grid(walked_bars(7, IN_CI[timeframe], coins, timeframe), fee, minimum)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("minimum", [0.0, 10.0])
@pytest.mark.parametrize("fee", [0.0, 0.001])
def test_every_cell_of_the_largest_job_equals_the_plain_loop(fee: float, minimum: float) -> None:
    check_grid(walked_bars(7, J1_BARS, 10, MINUTE), fee, minimum)
