"""The grid of thresholds and intervals over the same bars, with a column of the rules by coin ratio (BEHAVIOUR.md 11).

The cell (threshold b, interval T) is the rule by time with interval T and gate b, its first tick one interval after the first
bar. Only the bars that a rule looks at are looked at: those of an interval are gathered once for all thresholds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import numpy as np

from rebalancer_gui.backtest.course import worst_drawdown
from rebalancer_gui.backtest.drift_limits import limits_of_drift
from rebalancer_gui.backtest.hodl import HodlLine
from rebalancer_gui.backtest.job import Job
from rebalancer_gui.backtest.looks import Looks, look_rows, looks_of
from rebalancer_gui.backtest.loops import Loop, search_of
from rebalancer_gui.backtest.metrics import return_a_year
from rebalancer_gui.backtest.simulate import Run, simulate
from rebalancer_gui.backtest.trading import Portfolio
from rebalancer_gui.domain.strategy import INTERVALS, THRESHOLDS, RatioRule, Rule, TimeRule


@dataclass(frozen=True, slots=True)
class Cell:
    """One rule of the grid; ``interval`` None: by coin ratio, looked at on every bar. Money in quote units, percentages in
    percent; ``max_drawdown`` on the bars that are looked at, ``turnover`` both sides, the first build in it.
    ``versus_hodl`` is value / HODL value - 1; ``versus_hodl_a_year`` the difference of the returns a year in pp, ``fee_drag``
    the fees in percent of the mean of investment and final value a year (None under 7 days).
    """

    threshold: Decimal
    interval: timedelta | None
    final_value: float
    hodl_value: float
    versus_hodl: float
    versus_hodl_a_year: float | None
    rebalances: int
    blocked: int
    turnover: float
    fees: float
    fee_drag: float | None
    max_drawdown: float

    @property
    def rule(self) -> Rule:
        """What a click on the cell copies."""
        if self.interval is None:
            return RatioRule(self.threshold)
        return TimeRule(self.interval, self.threshold)


@dataclass(frozen=True, slots=True)
class SweepTable:
    """The cells by (threshold in percent, interval or None for by coin ratio)."""

    thresholds: tuple[Decimal, ...]
    intervals: tuple[timedelta | None, ...]
    cells: Mapping[tuple[Decimal, timedelta | None], Cell]
    findings: tuple[str, ...] = ()

    def cell(self, threshold: Decimal, interval: timedelta | None) -> Cell:
        """KeyError for what is not in the grid."""
        return self.cells[threshold, interval]


def sweep(
    job: Job,
    thresholds: Sequence[Decimal] = THRESHOLDS,
    intervals: Sequence[timedelta | None] = (*INTERVALS, None),
    *,
    progress: Callable[[int, int], None] | None = None,
    loop: Loop = Loop.AUTO,
) -> SweepTable:
    """Every cell of the grid; the rule of ``job`` itself does not count.

    ``progress`` is told after each column how many are done, of how many; an exception that it raises ends the sweep.
    Raises InvalidInput as :func:`rebalancer_gui.backtest.simulate.simulate`.
    """
    simple = not (job.flows or job.trigger or job.stop_loss or job.take_profit)
    columns = Columns(job, loop) if simple else None
    cells: dict[tuple[Decimal, timedelta | None], Cell] = {}
    findings = job.bars.findings
    for done, interval in enumerate(intervals, start=1):
        for threshold in thresholds:
            if columns is not None:
                cells[threshold, interval] = columns.cell(threshold, interval)
            else:
                run = simulate(replace(job, rule=_rule(threshold, interval)), loop)
                cells[threshold, interval] = cell_of(run, threshold, interval)
                findings = run.findings
        if progress is not None:
            progress(done, len(intervals))
    return SweepTable(tuple(thresholds), tuple(intervals), cells, findings)


def cell_of(run: Run, threshold: Decimal, interval: timedelta | None) -> Cell:
    """The cell of a whole run, with the drawdown on the bars that its rule looks at."""
    begin, times = max(run.built, 0), run.times
    looked = look_rows(run.job.rule, run.job.bars, begin)
    looked = np.concatenate(([begin], looked[looked < len(times)]))
    return _cell(
        run.job, threshold, interval,
        final=run.final_value, hodl=run.hodl_value, rebalances=len(run.rebalances), blocked=run.blocked,
        turnover=run.turnover, fees=run.fees, drawdown=worst_drawdown(run.index[looked]), begin=begin, end=len(times) - 1,
        flows=float(run.flows_so_far[-1]) - run.job.investment,
    )  # fmt: skip


class Columns:
    """The columns of a grid without flows and levels. Intervals that look at the same bars share their cells."""

    def __init__(self, job: Job, loop: Loop) -> None:
        self._job, self._loop = job, loop
        self._hodl = _hodl_value(job)
        self._known: list[Column] = []
        self._by_interval: dict[timedelta | None, Column] = {}

    def cell(self, threshold: Decimal, interval: timedelta | None) -> Cell:
        """One rule of the grid; calculated once."""
        return replace(self.column(interval).cell(threshold), interval=interval)

    def column(self, interval: timedelta | None) -> Column:
        """The column of an interval (None: by ratio); several share one where they look at the same bars."""
        column = self._by_interval.get(interval)
        if column is None:
            column = self._by_interval[interval] = self._made(interval)
        return column

    def _made(self, interval: timedelta | None) -> Column:
        looks = looks_of(_rule(THRESHOLDS[0], interval), self._job.bars, 0)
        for column in self._known:
            if column.looks_at_the_same(looks):
                return column
        self._known.append(Column(self._job, looks, self._hodl, self._loop))
        return self._known[-1]


class Column:
    """All thresholds with the same looks."""

    def __init__(self, job: Job, looks: Looks, hodl: float, loop: Loop) -> None:
        self._job, self._looks, self._hodl, self._loop = job, looks, hodl, loop
        self._first_closes, self._last_closes = job.bars.closes.at(0), job.bars.closes.at(-1)
        self._shares = [weight / 100 for weight in job.weights]
        # The value at each look, and at the first build before them.
        self._values = np.empty(len(looks) + 1 - looks.first)
        self._cells: dict[Decimal, Cell] = {}

    def looks_at_the_same(self, looks: Looks) -> bool:
        ours = self._looks.rows
        if ours is None or looks.rows is None:
            return ours is looks.rows
        return np.array_equal(ours, looks.rows)

    def cell(self, threshold: Decimal) -> Cell:
        if threshold not in self._cells:
            self._cells[threshold] = self.run(threshold)
        return self._cells[threshold]

    def run(self, threshold: Decimal) -> Cell:
        """The cell by coin ratio at ``threshold`` percent, calculated anew."""
        job, looks, closes = self._job, self._looks, self._looks.closes
        values = self._values[1 - looks.first :]
        portfolio = Portfolio(self._shares, job.investment, job.costs, job.limits)
        portfolio.rebalance(0, self._first_closes)
        limits = limits_of_drift(job, RatioRule(threshold), closes)
        search, stop = search_of(self._loop, closes, self._shares, limits, values), len(looks)
        self._values[0] = portfolio.value(self._first_closes)
        rebalances = blocked = 0
        look = search.first_breach(looks.first, stop, portfolio.units, portfolio.cash)
        while look < stop:
            at = closes.at(look)
            if portfolio.rebalance(look, at):
                rebalances += 1
                values[look] = portfolio.value(at)
            else:
                blocked += 1
            look = search.first_breach(look + 1, stop, portfolio.units, portfolio.cash)
        return _cell(
            job, threshold, None,
            final=portfolio.value(self._last_closes), hodl=self._hodl, rebalances=rebalances, blocked=blocked + search.blocked,
            turnover=portfolio.turnover, fees=portfolio.fees, drawdown=worst_drawdown(self._values),
            begin=0, end=len(job.bars) - 1,
        )  # fmt: skip


def _cell(
    job: Job,
    threshold: Decimal,
    interval: timedelta | None,
    *,
    final: float,
    hodl: float,
    rebalances: int,
    blocked: int,
    turnover: float,
    fees: float,
    drawdown: float,
    begin: int,
    end: int,
    flows: float = 0.0,
) -> Cell:
    times = job.bars.times
    lasted = float(times[end] - times[begin])
    invested = job.investment + flows
    ours, its = (return_a_year(value / invested, lasted) if invested > 0 else None for value in (final, hodl))
    mean = (invested + final) / 2
    return Cell(
        threshold=threshold,
        interval=interval,
        final_value=final,
        hodl_value=hodl,
        versus_hodl=(final / hodl - 1) * 100 if hodl > 0 else 0.0,
        versus_hodl_a_year=None if ours is None or its is None else ours - its,
        rebalances=rebalances,
        blocked=blocked,
        turnover=turnover,
        fees=fees,
        fee_drag=None if ours is None or mean <= 0 else fees / mean * 100 * 365 * 86_400 / lasted,
        max_drawdown=drawdown * 100,
    )


def _hodl_value(job: Job) -> float:
    line = HodlLine([weight / 100 for weight in job.weights], job.costs)
    line.add(0, job.bars.prices[0].tolist(), job.investment)
    return line.value_at(job.bars.prices[-1], 0.0)


def _rule(threshold: Decimal, interval: timedelta | None) -> Rule:
    return RatioRule(threshold) if interval is None else TimeRule(interval, threshold)
