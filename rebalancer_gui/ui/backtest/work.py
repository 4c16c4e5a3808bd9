"""The whole test of a rule, step by step, in the worker's thread: bars, its own run, then the map column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from rebalancer_gui.backtest.bars import Bars, make_bars
from rebalancer_gui.backtest.job import Job
from rebalancer_gui.backtest.sweep import Cell, sweep
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.strategy import INTERVALS, THRESHOLDS, Rule
from rebalancer_gui.ui.backtest.rule_run import RuleRun, job_of, run_rule
from rebalancer_gui.ui.backtest.subject import Subject
from rebalancer_gui.ui.backtest.wish import LEAST_BARS, Wish
from rebalancer_gui.ui.translation import tr

COLUMNS: tuple[timedelta | None, ...] = (*INTERVALS, None)
"""Of the map: the intervals, then by coin ratio."""
CellKey = tuple[Decimal, timedelta | None]


@dataclass(frozen=True, slots=True)
class Candles:
    """What a test runs over; ``source`` and ``findings`` are words for people."""

    series: Mapping[str, CandleSeries]
    source: str
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """The bars are made and the rule itself was run: ``job`` is what other rules are run with."""

    job: Job
    run: RuleRun
    first: datetime
    last: datetime
    findings: tuple[str, ...]

    @property
    def bars(self) -> Bars:
        return self.job.bars


@dataclass(frozen=True, slots=True)
class Swept:
    """One more column of the map; ``done`` of ``total`` are there."""

    cells: Mapping[CellKey, Cell]
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class FileRead:
    """The candles of files called ``names``; ``first`` and ``last`` are the days that all wanted coins have, in UTC."""

    candles: Candles
    names: str
    first: date
    last: date


def run_test(subject: Subject, wish: Wish, candles: Candles, *, cut: bool = False) -> Iterator[Measured | Swept]:
    """Bars and the rule's own run, then the columns. Raises InvalidInput; whoever iterates may stop at any step.

    ``cut``: the candles are those of a file, and reach beyond the days that are wished. What the account answered is taken
    whole: where bundled prices stand in, their days are others.
    """
    timeframe = _timeframe(candles.series, subject.symbols)
    start, end = (wish.since, wish.until - timeframe) if cut else (None, None)
    bars = make_bars(candles.series, subject.symbols, start=start, end=end)
    if len(bars) < LEAST_BARS:
        raise InvalidInput(
            "candles",
            tr(
                "Only {count} candles are there of every coin; a test needs at least {LEAST_BARS}.",
                count=len(bars),
                LEAST_BARS=LEAST_BARS,
            ),
        )
    job = job_of(subject, bars, float(wish.amount), subject.rule)
    run = run_rule(job, subject.assets)
    findings = tuple(dict.fromkeys((*candles.findings, *bars.findings)))
    yield Measured(job, run, bars.at(0), bars.at(len(bars) - 1), findings)
    for done, interval in enumerate(COLUMNS, start=1):
        yield Swept(sweep(job, THRESHOLDS, (interval,)).cells, done, len(COLUMNS))


def show_rule(subject: Subject, measured: Measured, rule: Rule) -> Iterator[RuleRun]:
    """Another rule over the bars that are made already."""
    job = job_of(subject, measured.bars, measured.job.investment, rule)
    yield run_rule(job, subject.assets)


def file_read(
    series: Mapping[str, CandleSeries], names: str, notes: tuple[str, ...], symbols: Sequence[str]
) -> FileRead:
    """The candles of files that were read; ``notes`` about them. Raises InvalidInput where they lack one of ``symbols``."""
    lacking = [symbol for symbol in symbols if symbol not in series or not len(series[symbol])]
    if lacking:
        there = ", ".join(series) or "nothing"
        raise InvalidInput(
            "candles",
            tr(
                "{names} has no candles of {names2}; it has {there}.",
                names=names,
                names2=", ".join(lacking),
                there=there,
            ),
        )
    wanted = [series[symbol] for symbol in symbols]
    first, last = max(each.opened[0] for each in wanted), min(each.opened[-1] for each in wanted)
    return FileRead(Candles(series, names, notes), names, _day(first), _day(last))


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


def _timeframe(series: Mapping[str, CandleSeries], symbols: Sequence[str]) -> timedelta:
    return next((series[symbol].timeframe for symbol in symbols if symbol in series), timedelta(0))
