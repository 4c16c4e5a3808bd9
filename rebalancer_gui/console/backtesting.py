"""``rebalancer backtest`` and ``rebalancer sweep``: no account, no network, no window. Imports numpy; nothing else does."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.market_data.candle_csv import read_candles
from rebalancer_gui.backtest.bars import make_bars
from rebalancer_gui.backtest.job import Costs, Job, MarketLimit, job_of
from rebalancer_gui.backtest.simulate import Run, simulate
from rebalancer_gui.backtest.sweep import Cell, SweepTable, sweep
from rebalancer_gui.console.answers import Json
from rebalancer_gui.console.doing import read_input
from rebalancer_gui.console.flow_file import read_flows
from rebalancer_gui.console.output import Printer, lines, table
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.hostile_json import plain_number
from rebalancer_gui.domain.market import FeeSide
from rebalancer_gui.domain.money import HUNDRED, plain
from rebalancer_gui.domain.strategy import StrategyParameters
from rebalancer_gui.domain.strategy_file import parse_strategy

SHOWN_TRADES = 20
SHOWN_PLACES = 4
_ALL_PLACES = 400
"""More than any float has."""
_TRADE_COLUMNS = ("time", "asset", "side", "quantity", "price", "value", "fee")


def backtest(options: argparse.Namespace, printer: Printer) -> None:
    """``backtest FILE --candles CSV``. Raises InvalidInput."""
    parameters, job = _job(options)
    run = simulate(job)
    _tell(run.findings, options)
    if options.equity is not None:
        _write_equity(Path(options.equity), run)
    answer = _run_answer(parameters, run)
    printer.answer(answer, _run_text(parameters, answer))


def run_sweep(options: argparse.Namespace, printer: Printer) -> None:
    """``sweep FILE --candles CSV``: the rule of the file does not count. Raises InvalidInput."""
    parameters, job = _job(options)
    found = sweep(job)
    _tell(found.findings, options)
    printer.answer(_sweep_answer(found), _sweep_text(parameters, found))


def number(amount: float) -> str:
    """The shortest plain decimal text that gives ``amount`` back; never an exponent."""
    return plain(Decimal(repr(float(amount))))


def moment(seconds: int) -> str:
    """``2021-02-16T00:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _job(options: argparse.Namespace) -> tuple[StrategyParameters, Job]:
    parameters = parse_strategy(read_input(options.file)).parameters
    start, end = options.start, options.end
    if start is not None and end is not None and start > end:
        raise InvalidInput("to", "The end must not be before the start.")
    wanted = (*parameters.symbols, *parameters.watched)
    file = read_candles([Path(name) for name in options.candles], wanted=wanted)
    _tell((*file.mapping, *file.findings), options)
    bars = make_bars(file.series, parameters.symbols, parameters.watched, start=start, end=end)
    costs = Costs(float(options.fee / HUNDRED), FeeSide(options.fee_side))
    limit = MarketLimit(min_notional=float(options.min_notional))
    flows = read_flows(Path(options.flows)) if options.flows is not None else ()
    return parameters, job_of(parameters, bars, costs, (limit,) * len(parameters.targets), flows)


def _tell(sentences: Iterable[str], options: argparse.Namespace) -> None:
    if not options.quiet:
        for sentence in sentences:
            print(sentence, file=sys.stderr)


def _run_answer(parameters: StrategyParameters, run: Run) -> Json:
    trades = run.trades
    times = run.job.bars.times
    assets = parameters.assets
    return {
        "final_value": number(run.final_value),
        "hodl_value": number(run.hodl_value),
        "vs_hodl": number(run.versus_hodl),
        "rebalances": str(len(run.rebalances)),
        "blocked": str(run.blocked),
        "fees": number(run.fees),
        "turnover": number(run.turnover),
        "max_drawdown": number(run.max_drawdown),
        "bars": str(len(run.equity)),
        "from": moment(int(times[0])),
        "to": moment(int(run.times[-1])),
        "ended": run.end.value if run.end is not None else None,
        "trades": [
            {
                "time": moment(int(times[row])),
                "asset": assets[coin],
                "side": "buy" if units > 0 else "sell",
                "quantity": number(abs(units)),
                "price": number(price),
                "value": number(abs(units) * price),
                "fee": number(fee),
            }
            for row, coin, units, price, fee in zip(
                trades.rows.tolist(), trades.coins.tolist(), trades.units.tolist(), trades.prices.tolist(),
                trades.fees.tolist(), strict=True,
            )
        ],
    }  # fmt: skip


def _run_text(parameters: StrategyParameters, answer: Json) -> str:
    trades = answer["trades"]
    text = lines({key: _rounded(value) for key, value in answer.items() if key != "trades"})
    text += f"\n\nMoney in {parameters.quote}; vs hodl and max drawdown in %."
    if isinstance(trades, list) and trades:
        shown = [{key: _rounded(value) for key, value in trade.items()} for trade in trades[-SHOWN_TRADES:]]
        which = f"the last {SHOWN_TRADES} of {len(trades)} trades" if len(trades) > SHOWN_TRADES else "trades"
        text += f"\n\n{which}\n" + table(shown, _TRADE_COLUMNS)
    return text


def _rounded(value: object) -> object:
    """A figure as people read it: at most :data:`SHOWN_PLACES` places, or as many as a small one needs."""
    amount = plain_number(value, places=_ALL_PLACES) if isinstance(value, str) else None
    if amount is None:
        return value
    return plain(round(amount, SHOWN_PLACES if abs(amount) >= 1 else 2 * SHOWN_PLACES))


def _sweep_answer(found: SweepTable) -> Json:
    cells = found.cells.values()
    return {
        "cells": [_cell_answer(cell) for cell in cells if cell.interval is not None],
        "by_ratio": [_cell_answer(cell) for cell in cells if cell.interval is None],
    }


def _cell_answer(cell: Cell) -> Json:
    return {
        "threshold": plain(cell.threshold),
        "interval_seconds": None if cell.interval is None else int(cell.interval.total_seconds()),
        "final_value": number(cell.final_value),
        "hodl_value": number(cell.hodl_value),
        "vs_hodl": number(cell.versus_hodl),
        "rebalances": str(cell.rebalances),
        "blocked": str(cell.blocked),
        "fees": number(cell.fees),
        "turnover": number(cell.turnover),
        "max_drawdown": number(cell.max_drawdown),
    }


def _sweep_text(parameters: StrategyParameters, found: SweepTable) -> str:
    heads = [_interval_words(interval) for interval in found.intervals]
    rows: list[Json] = []
    for threshold in found.thresholds:
        cells = [found.cell(threshold, interval) for interval in found.intervals]
        words = [f"{cell.versus_hodl:+.2f}" if cell.rebalances else "=" for cell in cells]
        rows.append({"threshold": f"{plain(threshold)} %", **dict(zip(heads, words, strict=True))})
    first = next(iter(found.cells.values()))
    return (
        "Value against HODL at the end, in %, after fees; = is a rule that never rebalanced.\n\n"
        f"{table(rows, ('threshold', *heads))}\n\n"
        f"HODL ends at {first.hodl_value:.2f} {parameters.quote}. --json has all figures of each cell. The best cell of the past is "
        "mostly luck."
    )


def _interval_words(interval: timedelta | None) -> str:
    if interval is None:
        return "by ratio"
    minutes = interval // timedelta(minutes=1)
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"


def _write_equity(path: Path, run: Run) -> None:
    rows: Sequence[tuple[int, float, float]] = list(
        zip(run.times.tolist(), run.equity.tolist(), run.hodl.tolist(), strict=True)
    )
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("time", "value", "hodl_value"))
            writer.writerows((moment(at), number(value), number(hodl)) for at, value, hodl in rows)
    except OSError as error:
        raise InvalidInput("equity", f"{path} cannot be written: {error.strerror}.") from error
