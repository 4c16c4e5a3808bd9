"""What "Test this rule" writes into CSV files: the map, the lines, every trade; plain numbers. Pure: no Qt."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from rebalancer_gui.backtest.sweep import Cell
from rebalancer_gui.ui.backtest.rule_run import RuleRun, TradeRow
from rebalancer_gui.ui.backtest.sweep_figures import decimal_of
from rebalancer_gui.ui.backtest.work import CellKey
from rebalancer_gui.ui.formatting import plain_ascii, utc_iso

_CELL_HEADER = (
    "threshold", "interval_seconds", "final_value", "hodl_value", "vs_hodl", "vs_hodl_a_year", "rebalances", "blocked",
    "turnover", "fees", "fee_drag", "max_drawdown",
)  # fmt: skip


def map_csv(cells: Mapping[CellKey, Cell]) -> str:
    """A line a cell; ``interval_seconds`` is empty by coin ratio. Percentages and pp in percent, money in quote units."""

    def line(cell: Cell) -> list[str]:
        seconds = "" if cell.interval is None else str(int(cell.interval.total_seconds()))
        figures = (cell.final_value, cell.hodl_value, cell.versus_hodl, cell.versus_hodl_a_year)
        costs = (cell.turnover, cell.fees, cell.fee_drag, cell.max_drawdown)
        return [
            plain_ascii(cell.threshold), seconds, *map(_plain, figures), str(cell.rebalances), str(cell.blocked),
            *map(_plain, costs),
        ]  # fmt: skip

    return _csv(_CELL_HEADER, (line(cell) for cell in cells.values()))


def lines_csv(run: RuleRun) -> str:
    """The lines as they are drawn, oldest first: values in quote units, drawdown in percent."""
    lines = run.lines
    rows = zip(
        lines.times.tolist(), lines.value.tolist(), lines.hodl.tolist(), lines.best.tolist(), lines.drawdown.tolist(),
        strict=True,
    )  # fmt: skip
    header = ("time", "value", "hodl", f"best_coin_{run.figures.best_symbol.partition('/')[0]}", "drawdown")
    return _csv(header, ([_moment(at), *map(_plain, values)] for at, *values in rows))


def trades_csv(trades: Sequence[TradeRow]) -> str:
    """A line a trade; ``quantity`` is below 0 where it was sold, ``worth_after`` that of the whole portfolio."""
    rows = (
        [utc_iso(one.at), one.why, one.asset, *map(_plain, (one.units, one.price, one.value, one.fee, one.after))]
        for one in trades
    )
    return _csv(("time", "why", "asset", "quantity", "price", "value", "fee", "worth_after"), rows)


def _moment(seconds: float) -> str:
    return utc_iso(datetime.fromtimestamp(int(seconds), UTC))


def _plain(value: float | None) -> str:
    return "" if value is None else plain_ascii(decimal_of(value))


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
