"""One rule over the bars, made ready for the screen in the worker's thread: lines thinned out, figures, every rebalance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from rebalancer_gui.backtest.bars import Bars, Floats, Ints
from rebalancer_gui.backtest.job import Costs, Job, MarketLimit
from rebalancer_gui.backtest.metrics import RunFigures, best_coin, coin_index, figures_of, hodl_index
from rebalancer_gui.backtest.simulate import Run, simulate
from rebalancer_gui.domain.market import FeeSide, MarketRules
from rebalancer_gui.domain.strategy import EndReason, Rule
from rebalancer_gui.ui.backtest.subject import Subject
from rebalancer_gui.ui.translation import tr

MOST_POINTS = 2400
"""Points of a drawn line: more than its pixels, so that no peak is lost."""
FIRST_BUILD = tr("Build")
BY_RULE = tr("Rule")
AT_END = tr("End")


@dataclass(frozen=True, slots=True)
class Lines:
    """What is drawn: ``times`` in seconds since 1970 UTC, values in quote units, drawdowns in percent (<= 0); all of the
    same length. ``marks`` are the moments of the rule's rebalances.
    """

    times: Floats
    value: Floats
    hodl: Floats
    best: Floats
    drawdown: Floats
    hodl_drawdown: Floats
    marks: Floats


@dataclass(frozen=True, slots=True)
class TradeRow:
    """One trade: ``units`` of a coin bought (> 0) or sold (< 0) at ``price``; money in quote units, ``after`` is what the
    portfolio was worth when its rebalance was done. ``number`` counts the trades from 0.
    """

    number: int
    at: datetime
    why: str
    asset: str
    units: float
    price: float
    value: float
    fee: float
    after: float


@dataclass(frozen=True, slots=True)
class RuleRun:
    """What came of ``rule``. ``worst`` is the moment (seconds) and depth (percent, <= 0) of the worst drawdown.

    ``fees_of_hodl`` in quote units a year: what buying once cost. ``relative_volatility`` of two coins, as a fraction a year,
    and by how much the one grew more than the other (>= 1): None with more coins.
    """

    rule: Rule
    figures: RunFigures
    lines: Lines
    worst: tuple[float, float]
    rebalances: int
    blocked: int
    lasted: timedelta
    table: Sequence[TradeRow]
    end: EndReason | None
    fees_of_hodl: float
    relative_volatility: float | None = None
    growth_ratio: float | None = None


def job_of(subject: Subject, bars: Bars, amount: float, rule: Rule) -> Job:
    """The backtest of ``rule`` with the money, costs and limits of ``subject``."""
    # A fee that is taken in a third coin leaves the bought coin whole.
    side = FeeSide.RECEIVED if subject.fees.taken_in is FeeSide.RECEIVED else FeeSide.QUOTE
    return Job(
        bars=bars,
        weights=tuple(float(target.weight) for target in subject.targets),
        rule=rule,
        investment=amount,
        costs=Costs(float(subject.fees.taker_rate), side, float(subject.half_spread)),
        limits=tuple(_limit(subject.rules.get(symbol)) for symbol in subject.symbols),
        stop_loss=subject.stop_loss,
        take_profit=subject.take_profit,
    )


def _limit(rules: MarketRules | None) -> MarketLimit:
    if rules is None:
        return MarketLimit()
    return MarketLimit(float(rules.step_size), float(rules.min_quantity), float(rules.min_notional))


def run_rule(job: Job, assets: Sequence[str]) -> RuleRun:
    """Run it and make it ready to be shown. Raises InvalidInput."""
    run = simulate(job)
    figures = figures_of(run)
    drawdown, hodl_drawdown = _falls(run.index), _falls(hodl_index(run))
    trough = figures.rule.trough
    lasted = timedelta(seconds=int(run.times[-1] - run.times[0]))
    years = lasted / timedelta(days=365)
    two = _two_coins(run) if len(assets) == 2 else (None, None)
    return RuleRun(
        rule=job.rule,
        figures=figures,
        lines=_lines(run, drawdown, hodl_drawdown),
        worst=(float(run.times[trough]), float(drawdown[trough])),
        rebalances=len(run.rebalances),
        blocked=run.blocked,
        lasted=lasted,
        table=_table(run, assets),
        end=run.end,
        fees_of_hodl=job.investment * job.costs.fee / years if years > 0 else 0.0,
        relative_volatility=two[0],
        growth_ratio=two[1],
    )


def _falls(index: Floats) -> Floats:
    """How far each point lies below the highest before it, in percent (<= 0)."""
    peaks = np.maximum.accumulate(index)
    falls: Floats = (index / np.where(peaks > 0, peaks, 1.0) - 1) * 100
    return falls


def _lines(run: Run, drawdown: Floats, hodl_drawdown: Floats) -> Lines:
    best = coin_index(run, best_coin(run)) * run.job.investment
    rows = _thinned(run.equity, drawdown)
    return Lines(
        times=run.times[rows].astype(np.float64),
        value=run.equity[rows],
        hodl=run.hodl[rows],
        best=best[rows],
        drawdown=drawdown[rows],
        hodl_drawdown=hodl_drawdown[rows],
        marks=run.times[run.rebalances].astype(np.float64),
    )


def _thinned(value: Floats, drawdown: Floats) -> Ints:
    """Rows to draw: all where they are few, else the highest and the lowest of each stretch, and the deepest drawdowns."""
    rows = len(value)
    if rows <= MOST_POINTS:
        return np.arange(rows, dtype=np.int64)
    stretches = MOST_POINTS // 3
    width = rows // stretches
    whole = stretches * width
    parts, falls = value[:whole].reshape(stretches, width), drawdown[:whole].reshape(stretches, width)
    starts = np.arange(stretches, dtype=np.int64) * width
    chosen = [starts + parts.argmin(axis=1), starts + parts.argmax(axis=1), starts + falls.argmin(axis=1)]
    # What the stretches leave over at the end is less than one of them.
    found: Ints = np.unique(np.concatenate((*chosen, np.arange(whole, rows), [0, rows - 1])))
    return found


def _table(run: Run, assets: Sequence[str]) -> list[TradeRow]:
    trades = run.trades
    by_rule = set(run.rebalances.tolist())
    columns = zip(
        trades.rows.tolist(), trades.coins.tolist(), trades.units.tolist(), trades.prices.tolist(),
        trades.values.tolist(), trades.fees.tolist(), run.equity[trades.rows].tolist(), run.times[trades.rows].tolist(),
        strict=True,
    )  # fmt: skip
    return [
        TradeRow(
            number=number,
            at=datetime.fromtimestamp(moment, UTC),
            why=BY_RULE if row in by_rule else FIRST_BUILD if row == run.built else AT_END,
            asset=assets[coin],
            units=units,
            price=price,
            value=value,
            fee=fee,
            after=after,
        )
        for number, (row, coin, units, price, value, fee, after, moment) in enumerate(columns)
    ]


def _two_coins(run: Run) -> tuple[float | None, float | None]:
    """Yearly volatility of the one against the other, and by how much the better one grew more."""
    prices = run.job.bars.prices[: len(run.equity)]
    ratio = np.log(prices[:, 0] / prices[:, 1])
    spacing = float(run.times[-1] - run.times[0]) / max(len(ratio) - 1, 1)
    if len(ratio) < 3 or spacing <= 0:
        return None, None
    volatility = float(np.std(np.diff(ratio), ddof=1) * np.sqrt(365 * 86_400 / spacing))
    return volatility, float(np.exp(abs(ratio[-1] - ratio[0])))
