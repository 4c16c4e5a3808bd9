"""What a backtest says in figures: returns a year, risk, costs, and where the return came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from rebalancer_gui.backtest.bars import Floats, Ints
from rebalancer_gui.backtest.simulate import Run
from rebalancer_gui.domain.performance import LEAST_DAYS

YEAR_S = 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class LineFigures:
    """One line of the chart (the rule, HODL, the best coin). Percentages in percent, money in quote units.

    ``return_percent`` over all bars and ``return_a_year`` (None under 7 days) leave money put in or taken out aside;
    ``volatility`` is that of a year; ``max_drawdown`` the largest fall from a peak in percent of it, at its deepest on bar
    ``trough``; ``under_water`` the longest time from a peak until it was reached again, or the end.
    """

    final_value: float
    return_percent: float
    return_a_year: float | None
    volatility: float
    max_drawdown: float
    trough: int
    under_water: timedelta


@dataclass(frozen=True, slots=True)
class ReturnSplit:
    """Where the profit came from, in quote units: ``prices`` is what the coins bought at target weights and never traded
    would have gained free of cost, ``fees`` (<= 0) what trading cost, ``rebalancing`` the rest: what selling and buying
    between brought, or cost. They add up to ``total``.
    """

    total: float
    prices: float
    rebalancing: float
    fees: float


@dataclass(frozen=True, slots=True)
class RunFigures:
    """A run against its HODL line and its best coin. ``versus_hodl_a_year`` in pp a year (None under 7 days),
    ``turnover_a_year`` one-way (half of what was bought and sold by the rule) in percent of the mean value,
    ``fees_a_year`` in quote units and ``fee_drag`` in percent of the mean value a year.
    """

    rule: LineFigures
    hodl: LineFigures
    best_coin: LineFigures
    best_symbol: str
    versus_hodl_a_year: float | None
    best_versus_hodl_a_year: float | None
    rebalances_a_year: float
    turnover_a_year: float
    fees_a_year: float
    fee_drag: float
    split: ReturnSplit


def figures_of(run: Run) -> RunFigures:
    """The figures of a run whose portfolio was built; one that never was shows a flat line."""
    times, begin = run.times, max(run.built, 0)
    rule = line_figures(times, run.index, run.final_value)
    hodl = line_figures(times, hodl_index(run), run.hodl_value)
    best = best_coin(run)
    best_index = coin_index(run, best)
    lasted = float(times[-1] - times[begin])
    years = lasted / YEAR_S if lasted > 0 else 0.0
    mean = float(np.mean(run.equity[begin:]))
    best_line = line_figures(times, best_index, float(best_index[-1]) * run.job.investment)
    return RunFigures(
        rule=rule,
        hodl=hodl,
        best_coin=best_line,
        best_symbol=run.job.bars.symbols[best],
        versus_hodl_a_year=_less(rule.return_a_year, hodl.return_a_year),
        best_versus_hodl_a_year=_less(best_line.return_a_year, hodl.return_a_year),
        rebalances_a_year=_a_year(len(run.rebalances), years),
        turnover_a_year=_a_year(_turnover_of_checks(run) / 2 / mean * 100, years) if mean > 0 else 0.0,
        fees_a_year=_a_year(run.fees, years),
        fee_drag=_a_year(run.fees / mean * 100, years) if mean > 0 else 0.0,
        split=split_of(run),
    )


def line_figures(times: Ints, index: Floats, final_value: float) -> LineFigures:
    """Figures of one ``index`` (float64 a bar, 1 = the money before it bought anything) at ``times`` (seconds)."""
    growth = float(index[-1])
    peaks = np.maximum.accumulate(index)
    falls = 1 - index / np.where(peaks > 0, peaks, 1.0)
    trough = int(np.argmax(falls))
    return LineFigures(
        final_value=final_value,
        return_percent=(growth - 1) * 100,
        return_a_year=return_a_year(growth, float(times[-1] - times[0])),
        volatility=_volatility(times, index),
        max_drawdown=float(falls[trough]) * 100,
        trough=trough,
        under_water=_under_water(times, index, peaks),
    )


def return_a_year(growth: float, seconds: float) -> float | None:
    """``growth`` (1 = unchanged) over ``seconds`` as a return a year in percent; None under 7 days."""
    days = seconds / 86_400
    if days < LEAST_DAYS:
        return None
    if growth <= 0:
        return -100.0
    return float((growth ** (365 / days) - 1) * 100)


def hodl_index(run: Run) -> Floats:
    """The HODL line without the money put in or taken out, 1 = the investment: its growth from bar to bar, where flows of a
    bar count as made at its close.
    """
    moved = np.diff(run.flows_so_far)
    before, after = run.hodl[:-1], run.hodl[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        growths = np.where(before > 0, (after - moved) / before, 1.0)
    return np.cumprod(np.concatenate(([run.hodl[0] / run.flows_so_far[0]], growths)))


def best_coin(run: Run) -> int:
    """The coin that gained most from the first build to the last bar."""
    prices = run.job.bars.prices
    begin, end = max(run.built, 0), len(run.equity) - 1
    return int(np.argmax(prices[end] / prices[begin]))


def coin_index(run: Run, coin: int) -> Floats:
    """One coin bought with all the money when the portfolio was built, 1 = the money before that; it pays the same fee and
    half spread.
    """
    begin = max(run.built, 0)
    prices = run.job.bars.prices[: len(run.equity), coin]
    costs = run.job.costs
    index: Floats = prices / prices[begin] * ((1 - costs.fee) / (1 + costs.half_spread))
    index[:begin] = 1.0
    return index


def split_of(run: Run) -> ReturnSplit:
    """The profit of a run in three parts."""
    total = run.final_value + run.removed - run.added
    prices = run.hodl_before_costs + run.removed - run.added
    return ReturnSplit(total, prices, total - prices + run.fees, -run.fees)


def _turnover_of_checks(run: Run) -> float:
    """What the rule's own rebalances bought and sold: not the first build, nor flows, nor the end."""
    return float(np.sum(run.trades.values[np.isin(run.trades.rows, run.rebalances)]))


def _a_year(amount: float, years: float) -> float:
    return amount / years if years > 0 else 0.0


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _volatility(times: Ints, index: Floats) -> float:
    """The deviation of the growth from bar to bar, for a year, in percent."""
    if len(index) < 3 or not bool(np.all(index > 0)):
        return 0.0
    moves = np.diff(np.log(index))
    spacing = float(times[-1] - times[0]) / len(moves)
    return float(np.std(moves, ddof=1) * np.sqrt(YEAR_S / spacing)) * 100


def _under_water(times: Ints, index: Floats, peaks: Floats) -> timedelta:
    at_peak = times[index >= peaks]
    stretches: Sequence[int] = np.diff(np.append(at_peak, times[-1])).tolist()
    return timedelta(seconds=max(stretches, default=0))
