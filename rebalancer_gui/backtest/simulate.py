"""One backtest: a rule over bars, as the engine would have traded it (BEHAVIOUR.md sections 3 to 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rebalancer_gui.backtest.bars import Floats, Ints
from rebalancer_gui.backtest.course import Holdings, worst_drawdown
from rebalancer_gui.backtest.drift_limits import limits_of_drift
from rebalancer_gui.backtest.hodl import HodlLine
from rebalancer_gui.backtest.job import Costs, Job
from rebalancer_gui.backtest.levels import Exit, confirmations, confirmed, exits_of, trigger_row
from rebalancer_gui.backtest.looks import Looks, looks_of
from rebalancer_gui.backtest.loops import Loop, Search, search_of
from rebalancer_gui.backtest.planned_flows import PlannedFlow, planned_flows, refuse_removal
from rebalancer_gui.backtest.trading import Portfolio, TradeLog
from rebalancer_gui.domain.strategy import EndReason


@dataclass(frozen=True, slots=True)
class Trades:
    """Every trade, oldest first, one place an array: ``rows`` int64 (the bar), ``coins`` int64 (place among the symbols),
    ``units`` float64 (> 0 bought, < 0 sold), ``prices`` quote units per unit, ``fees`` quote units.
    """

    rows: Ints
    coins: Ints
    units: Floats
    prices: Floats
    fees: Floats

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def values(self) -> Floats:
        """What each trade was worth, in quote units, without its sign."""
        return np.abs(self.units) * self.prices


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a job. Arrays of bars hold one float64 for each bar up to the last one that was lived through: all of the
    job's bars, unless a level ended the strategy before.

    ``equity`` is the value in quote units at each bar's close, after what was traded there. ``built`` is the bar of the first
    build (-1: the trigger was never reached). ``rebalances`` are the bars of checks that sent an order (the first build,
    flows and the end are none of them), ``blocked`` counts checks that triggered and could send none. ``turnover`` is what
    was bought and sold, both sides, ``fees`` what that cost, in quote units; ``added`` and ``removed`` the money put in (the
    investment too) and taken out, ``moved`` each of these moves: bar and amount. ``end`` says which level ended it; None: it
    ran to the last bar. ``holdings`` is what was held, ``line`` and ``line_free_of_cost`` the HODL line.
    """

    job: Job
    equity: Floats
    trades: Trades
    rebalances: Ints
    blocked: int
    turnover: float
    fees: float
    added: float
    removed: float
    built: int
    end: EndReason | None
    moved: tuple[tuple[int, float], ...]
    holdings: Holdings
    line: HodlLine
    line_free_of_cost: HodlLine
    findings: tuple[str, ...] = ()

    @property
    def hodl(self) -> Floats:
        """The HODL line's value at each bar, in quote units: the same money in and out. Calculated at each call."""
        return self.line.values(self._prices, self.equity)

    @property
    def index(self) -> Floats:
        """The equity without the money put in or taken out, 1 = the investment. Calculated at each call."""
        scales = self.holdings.scales
        if all(scale == scales[0] for scale in scales):
            return self.equity * scales[0]
        return self.equity * self.holdings.spread(scales, len(self.equity))

    @property
    def flows_so_far(self) -> Floats:
        """Money put in less money taken out up to each bar, the investment included, in quote units."""
        moves = np.zeros(len(self.equity))
        for row, amount in self.moved:
            moves[row] += amount
        return np.cumsum(moves)

    @property
    def final_value(self) -> float:
        return float(self.equity[-1])

    @property
    def hodl_value(self) -> float:
        return self.line.value_at(self._prices[-1], self.final_value)

    @property
    def hodl_before_costs(self) -> float:
        """What the HODL line would be worth at the end if nothing cost anything."""
        return self.line_free_of_cost.value_at(self._prices[-1], self.final_value)

    @property
    def versus_hodl(self) -> float:
        """Value / HODL value - 1, in percent."""
        return (self.final_value / self.hodl_value - 1) * 100 if self.hodl_value > 0 else 0.0

    @property
    def max_drawdown(self) -> float:
        """The largest fall of the index from a peak, in percent of the peak, without sign."""
        return worst_drawdown(self.index) * 100

    @property
    def times(self) -> Ints:
        """The moments of ``equity``, seconds since 1970 UTC."""
        return self.job.bars.times[: len(self.equity)]

    @property
    def _prices(self) -> Floats:
        return self.job.bars.prices[: len(self.equity)]


def simulate(job: Job, loop: Loop = Loop.AUTO) -> Run:
    """Run ``job``. Raises InvalidInput for a level that would fire at once and for a removal that leaves too little."""
    return _Simulation(job, loop).run()


class _Simulation:
    """The state of one run."""

    def __init__(self, job: Job, loop: Loop) -> None:
        self._job, self._prices = job, job.bars.prices
        self._shares = [weight / 100 for weight in job.weights]
        self._loop = loop
        self._log = TradeLog()
        self._portfolio = Portfolio(self._shares, job.investment, job.costs, job.limits, self._log)
        self._hodl, self._free_hodl = HodlLine(self._shares, job.costs), HodlLine(self._shares, Costs())
        self._holdings = Holdings()
        self._rebalances: list[int] = []
        self._blocked = 0
        self._added, self._removed = job.investment, 0.0
        self._moved: list[tuple[int, float]] = [(0, job.investment)]
        self._growth, self._base = 1.0, job.investment
        self._built, self._end_row = -1, len(job.bars) - 1
        self._end: EndReason | None = None
        self._exits: tuple[Exit, ...] = ()
        self._watched_to, self._agreeing = 0, [0, 0]
        self._equity: Floats | None = None

    def run(self) -> Run:
        job = self._job
        self._built = trigger_row(job)
        flows, findings = planned_flows(job)
        self._holdings.begin(0, self._portfolio.units, self._portfolio.cash, 1 / self._base)
        waiting = [f for f in flows if self._built < 0 or f.row <= self._built]
        for flow in waiting:
            self._flow_while_waiting(flow)
        if self._built >= 0:
            self._build()
            self._go_through([f for f in flows if f.row > self._built])
        else:
            findings = (*findings, "The trigger was never reached: nothing was bought.")
        return self._result(findings)

    def _flow_while_waiting(self, flow: PlannedFlow) -> None:
        """Money of a strategy that waits for its trigger is only moved."""
        portfolio = self._portfolio
        refuse_removal(self._job, flow, portfolio.cash, self._prices[flow.row])
        portfolio.cash += flow.amount
        self._book(flow.row, flow.amount)
        self._base = portfolio.cash
        self._mark(flow.row)

    def _build(self) -> None:
        """The first build: a rebalance without threshold, none of those that are counted."""
        row = self._built
        for line in (self._hodl, self._free_hodl):
            line.add(row, self._prices[row].tolist(), self._portfolio.cash)
        self._exits = exits_of(self._job, row)
        self._watched_to = row + 1
        self._portfolio.rebalance(row, self._prices[row].tolist())
        self._mark(row)

    def _go_through(self, flows: Sequence[PlannedFlow]) -> None:
        looks = looks_of(self._job.rule, self._job.bars, self._built)
        values = np.empty(len(looks))
        limits = limits_of_drift(self._job, self._job.rule, looks.closes)
        if self._exits:
            # A level may end it before the next order: what would be blocked after that must not be counted.
            limits = replace(limits, smallest=0.0)
        search = search_of(self._loop, looks.closes, self._shares, limits, values)
        done = looks.first
        for flow in flows:
            stop = looks.since(flow.row)
            self._check(looks, search, done, stop)
            if self._is_over(flow.row):
                return
            self._flow(flow)
            done = stop
        self._check(looks, search, done, len(looks))
        self._blocked += search.blocked
        if not self._is_over(len(self._prices) - 1) and not flows and looks.rows is None and self._built == 0:
            # Every bar was valued on the way.
            values[0] = self._prices[0] @ np.array(self._holdings.units[0]) + self._holdings.cash[0]
            self._equity = values

    def _check(self, looks: Looks, search: Search, begin: int, stop: int) -> None:
        """Every look of ``begin .. stop - 1``: where a drift is beyond its band, rebalance."""
        portfolio = self._portfolio
        while begin < stop and self._end is None:
            found = search.first_breach(begin, stop, portfolio.units, portfolio.cash)
            if found == stop:
                return
            row = looks.row(found)
            if self._is_over(row):
                return
            prices = self._prices[row].tolist()
            if portfolio.rebalance(row, prices):
                self._rebalances.append(row)
                self._mark(row)
                search.values[found] = portfolio.value(prices)
            else:
                self._blocked += 1
            begin = found + 1

    def _flow(self, flow: PlannedFlow) -> None:
        """Money put in: a full rebalance on what is there then. Money taken out: sells by target weights."""
        portfolio, row = self._portfolio, flow.row
        prices = self._prices[row].tolist()
        before = portfolio.value(prices)
        if flow.amount > 0:
            self._growth *= before / self._base
            self._base = before + flow.amount
            portfolio.cash += flow.amount
            for line in (self._hodl, self._free_hodl):
                line.add(row, prices, flow.amount)
            self._book(row, flow.amount)
            portfolio.rebalance(row, prices)
        else:
            refuse_removal(self._job, flow, before, self._prices[row])
            brought = portfolio.remove(row, prices, -flow.amount)
            left = portfolio.value(prices)
            self._growth *= (left + brought) / self._base
            self._base = left
            for line in (self._hodl, self._free_hodl):
                line.remove(row, prices, brought)
            self._book(row, -brought)
        self._mark(row)

    def _book(self, row: int, amount: float) -> None:
        self._moved.append((row, amount))
        if amount > 0:
            self._added += amount
        else:
            self._removed -= amount

    def _is_over(self, row: int) -> bool:
        """Whether a level fires on a bar up to ``row``, with what is held now; it ends the strategy on that bar."""
        if self._end is not None:
            return True
        if not self._exits or row < self._watched_to:
            return False
        begin, portfolio = self._watched_to, self._portfolio
        values = self._prices[begin : row + 1] @ np.array(portfolio.units) + portfolio.cash
        growths = values * (self._growth / self._base)
        needed = confirmations(self._job.bars)
        fired: list[tuple[int, int]] = []
        for number, level in enumerate(self._exits):
            place, self._agreeing[number] = confirmed(level.holds_at(growths, begin), needed, self._agreeing[number])
            if place >= 0:
                fired.append((place, number))
        self._watched_to = row + 1
        if not fired:
            return False
        place, number = min(fired)
        self._end, self._end_row = self._exits[number].reason, begin + place
        if self._job.sell_all:
            portfolio.sell_all(self._end_row, self._prices[self._end_row].tolist())
            self._mark(self._end_row)
        return True

    def _mark(self, row: int) -> None:
        scale = self._growth / self._base if self._base > 0 else 0.0
        self._holdings.begin(row, self._portfolio.units, self._portfolio.cash, scale)

    def _result(self, findings: tuple[str, ...]) -> Run:
        log = self._log
        equity = self._equity
        if equity is None:
            equity = self._holdings.values(self._prices[: self._end_row + 1])
        return Run(
            job=self._job,
            equity=equity,
            trades=Trades(
                np.array(log.rows, dtype=np.int64), np.array(log.coins, dtype=np.int64), np.array(log.units),
                np.array(log.prices), np.array(log.fees),
            ),
            rebalances=np.array(self._rebalances, dtype=np.int64),
            blocked=self._blocked,
            turnover=self._portfolio.turnover,
            fees=self._portfolio.fees,
            added=self._added,
            removed=self._removed,
            moved=tuple(self._moved),
            holdings=self._holdings,
            line=self._hodl,
            line_free_of_cost=self._free_hodl,
            built=self._built,
            end=self._end,
            findings=(*self._job.bars.findings, *findings),
        )  # fmt: skip
