"""The grid of rules over the same bars."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.backtest.job import Costs, Flow, Job, MarketLimit
from rebalancer_gui.backtest.loops import Loop
from rebalancer_gui.backtest.simulate import simulate
from rebalancer_gui.backtest.sweep import Cell, cell_of, sweep
from rebalancer_gui.domain.strategy import INTERVALS, THRESHOLDS, Basis, Level, RatioRule, TimeRule, Trigger
from tests.unit.backtest.samples import BEGIN, HOUR, walked_bars

JOB = Job(
    walked_bars(4, 900, 3, HOUR), (50.0, 30.0, 20.0), RatioRule(Decimal(1)), 1000.0, Costs(0.001),
    (MarketLimit(min_notional=10.0),) * 3,
)  # fmt: skip


def figures(cell: Cell) -> tuple[float, ...]:
    return (
        cell.final_value, cell.hodl_value, cell.versus_hodl, cell.versus_hodl_a_year or 0.0, cell.rebalances, cell.blocked,
        cell.turnover, cell.fees, cell.fee_drag or 0.0, cell.max_drawdown,
    )  # fmt: skip


@pytest.mark.rule("11.9")
def test_a_cell_is_the_rule_by_time_that_a_click_on_it_copies() -> None:
    table = sweep(JOB)

    for interval in INTERVALS:
        cell = table.cell(Decimal(2), interval)
        assert cell.rule == TimeRule(interval, Decimal(2))
        again = cell_of(simulate(replace(JOB, rule=cell.rule)), Decimal(2), interval)
        assert figures(again) == pytest.approx(figures(cell), rel=1e-9)


@pytest.mark.rule("11.10")
def test_by_ratio_at_every_bar_is_an_eleventh_column() -> None:
    table = sweep(JOB)

    assert table.intervals == (*INTERVALS, None)
    for threshold in THRESHOLDS:
        cell = table.cell(threshold, None)
        run = simulate(replace(JOB, rule=RatioRule(threshold)))
        assert cell.rule == RatioRule(threshold)
        assert (cell.rebalances, cell.blocked) == (len(run.rebalances), run.blocked)
        assert (cell.final_value, cell.hodl_value) == pytest.approx((run.final_value, run.hodl_value), rel=1e-9)
        assert cell.max_drawdown == pytest.approx(run.max_drawdown, rel=1e-9)


def test_the_first_tick_is_one_interval_after_the_first_bar() -> None:
    bars = JOB.bars
    every = timedelta(days=14)
    run = simulate(replace(JOB, rule=TimeRule(every, Decimal("0.5"))))

    assert [int(at - bars.times[0]) for at in bars.times[run.rebalances]] == [14 * 86_400, 28 * 86_400]


@pytest.mark.parametrize(
    "change",
    [
        {"flows": (Flow(BEGIN + 86_400 * 10, 300.0), Flow(BEGIN + 86_400 * 20, -100.0))},
        {"stop_loss": Level(Basis.RETURN, Decimal(-3))},
        {"trigger": Trigger("BTC/USDT", Decimal(39_000))},
    ],
)
def test_flows_and_levels_count_in_every_cell(change: dict[str, object]) -> None:
    job = replace(JOB, **change)  # type: ignore[arg-type]
    table = sweep(job, thresholds=(Decimal(1), Decimal(5)), intervals=(timedelta(days=1), None))

    for cell in table.cells.values():
        run = simulate(replace(job, rule=cell.rule))
        assert (cell.rebalances, cell.final_value, cell.fees) == (len(run.rebalances), run.final_value, run.fees)
        assert (
            cell.final_value
            != sweep(JOB, (cell.threshold,), (cell.interval,)).cell(cell.threshold, cell.interval).final_value
        )


def test_every_loop_gives_the_same_table() -> None:
    tables = [sweep(JOB, loop=loop) for loop in Loop]

    for table in tables[1:]:
        for place, cell in table.cells.items():
            assert figures(cell) == pytest.approx(figures(tables[0].cells[place]), rel=1e-9), place


def test_progress_is_told_column_by_column_and_can_end_it() -> None:
    told: list[tuple[int, int]] = []
    sweep(JOB, (Decimal(5),), progress=lambda done, of: told.append((done, of)))
    assert told == [(n, 11) for n in range(1, 12)]

    def enough(done: int, of: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        sweep(JOB, (Decimal(5),), progress=enough)
