"""Our side of the benchmark, with the plain loop of the tests and a pass in C beside it: seconds, and what came out.

Seconds are those of the processor that the process used: what else the machine does counts less than by the clock on the wall.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import numpy as np

from rebalancer_gui.backtest.bars import Bars
from rebalancer_gui.backtest.job import Job
from rebalancer_gui.backtest.loops import Loop
from rebalancer_gui.backtest.simulate import simulate
from rebalancer_gui.backtest.sweep import Columns, SweepTable, sweep
from rebalancer_gui.domain.strategy import RatioRule
from tests.benchmarks.jobs import INTERVALS, INVESTMENT, THRESHOLDS, WEIGHTS, Market
from tests.unit.backtest.reference import Terms, play

HERE = Path(__file__).resolve().parent
GRID = tuple(timedelta(seconds=seconds) for seconds in INTERVALS)
ROWS = tuple(Decimal(str(threshold)) for threshold in THRESHOLDS)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Timed:
    """``seconds`` of the fastest run, and the figures it gave, to be compared."""

    seconds: float
    figures: tuple[float, ...]


def fastest(action: Callable[[], _Answer], times: int) -> tuple[float, _Answer]:
    """Processor seconds of the fastest of ``times`` runs (>= 1), and what the last one answered."""
    best = float("inf")
    while True:
        begun = time.process_time()
        answer = action()
        best = min(best, time.process_time() - begun)
        times -= 1
        if times < 1:
            return best, answer


def bars_of(market: Market) -> Bars:
    symbols = tuple(f"C{k}/USDT" for k in range(market.prices.shape[1]))
    return Bars(symbols, timedelta(seconds=market.seconds), market.times, market.prices, {})


def one_run(bars: Bars, times: int) -> Timed:
    """J1: one run by coin ratio at 5 %, with the equity curve."""
    job = Job(bars, WEIGHTS, RatioRule(Decimal(5)), INVESTMENT)
    seconds, run = fastest(lambda: simulate(job), times)
    return Timed(seconds, (float(run.equity[-1]), float(len(run.rebalances))))


def grid(bars: Bars, times: int) -> tuple[Timed, SweepTable]:
    """J2 and J3: 80 cells."""
    job = Job(bars, WEIGHTS, RatioRule(Decimal(5)), INVESTMENT)
    seconds, table = fastest(lambda: sweep(job, ROWS, GRID), times)
    finals = tuple(table.cell(row, column).final_value for row in ROWS for column in GRID)
    return Timed(seconds, finals), table


def plain_grid(market: Market) -> Timed:
    """The same cells by the plain loop of the tests."""
    times, prices = market.times.tolist(), market.prices.tolist()

    def all_cells() -> list[float]:
        return [
            play(times, prices, Terms(WEIGHTS, threshold, seconds, INVESTMENT)).final_value
            for threshold in THRESHOLDS
            for seconds in INTERVALS
        ]

    seconds, finals = fastest(all_cells, 1)
    return Timed(seconds, tuple(finals))


def slowest_cell(
    market: Market, thresholds: tuple[float, ...], intervals: tuple[int, ...], times: int
) -> tuple[float, str]:
    """By how much the cell in which we gain least is faster than the plain loop (under 1: slower), and which it is."""
    bars, at, prices = bars_of(market), market.times.tolist(), market.prices.tolist()
    job = Job(bars, WEIGHTS, RatioRule(Decimal(5)), INVESTMENT)
    columns = Columns(job, Loop.AUTO)
    worst, where = float("inf"), ""
    for threshold in thresholds:
        for interval in intervals:
            row, column = Decimal(str(threshold)), columns.column(timedelta(seconds=interval))
            terms = Terms(WEIGHTS, threshold, interval, INVESTMENT)
            # One after the other, several times: what else the machine does then meets both.
            ours = plain = float("inf")
            for _ in range(times):
                ours = min(ours, fastest(lambda c=column, r=row: c.run(r), 1)[0])  # type: ignore[misc]
                plain = min(plain, fastest(lambda t=terms: play(at, prices, t), 1)[0])  # type: ignore[misc]
            if plain / ours < worst:
                worst, where = plain / ours, f"{threshold:g} %, {interval} s, bars of {market.seconds} s"
    return worst, where


def pass_in_c(market: Market, folder: Path, times: int) -> Timed | None:
    """J1 in one hand-written pass; None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library, part = folder / "one_pass.so", folder / "one_pass.o"
    fast = ("-O3", "-march=native", "-ffast-math", "-fPIC", "-c")
    subprocess.run([compiler, *fast, "-o", str(part), str(HERE / "one_pass.c")], check=True)
    # Linked without -ffast-math: with it the library would take small numbers for zero in this whole process.
    subprocess.run([compiler, "-shared", "-o", str(library), str(part)], check=True)
    doubles = ctypes.POINTER(ctypes.c_double)
    one_pass = ctypes.CDLL(str(library)).one_pass
    one_pass.restype = ctypes.c_long
    one_pass.argtypes = [doubles, ctypes.c_long, doubles, ctypes.c_double, ctypes.c_double, doubles]
    prices, shares = np.ascontiguousarray(market.prices), np.array(WEIGHTS) / 100
    equity = np.empty(len(prices))
    seconds, rebalances = fastest(
        lambda: one_pass(
            prices.ctypes.data_as(doubles), len(prices), shares.ctypes.data_as(doubles), 0.05, INVESTMENT,
            equity.ctypes.data_as(doubles),
        ),
        times,
    )  # fmt: skip
    return Timed(seconds, (float(equity[-1]), float(rebalances)))
