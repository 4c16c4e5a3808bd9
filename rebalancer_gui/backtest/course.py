"""What a portfolio held from bar to bar, and the curves that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from rebalancer_gui.backtest.bars import Floats

_LONG_STRETCH = 24
"""Bars from which on one matrix product a stretch is faster than one row by row."""
_ROWS_AT_ONCE = 4096


@dataclass(slots=True)
class Holdings:
    """Stretches of constant holdings: from bar ``rows[k]`` on (until the next one) ``units[k]`` of each coin and
    ``cash[k]`` quote units; ``scales[k]`` turns the value into an index that money put in or taken out does not move.
    """

    rows: list[int] = field(default_factory=list)
    units: list[list[float]] = field(default_factory=list)
    cash: list[float] = field(default_factory=list)
    scales: list[float] = field(default_factory=list)

    def begin(self, row: int, units: Sequence[float], cash: float, scale: float) -> None:
        """A new stretch from ``row`` on; one that begins at the same bar takes the place of the one before."""
        if self.rows and self.rows[-1] == row:
            for column in (self.rows, self.units, self.cash, self.scales):
                column.pop()
        self.rows.append(row)
        self.units.append(list(units))
        self.cash.append(cash)
        self.scales.append(scale)

    def values(self, prices: Floats) -> Floats:
        """The value at each row of ``prices`` (bars x coins, from bar 0), in quote units; the first stretch begins at 0."""
        rows = len(prices)
        starts = [row for row in self.rows if row < rows]
        ends = [*starts[1:], rows]
        if rows < _LONG_STRETCH * len(starts):
            return self._value_by_row(prices, np.array(starts), np.array(ends))
        out = np.empty(rows)
        for k, (start, end) in enumerate(zip(starts, ends, strict=True)):
            np.dot(prices[start:end], np.array(self.units[k]), out=out[start:end])
            out[start:end] += self.cash[k]
        return out

    def _value_by_row(self, prices: Floats, starts: Floats, ends: Floats) -> Floats:
        lengths = (ends - starts).astype(np.int64)
        stretch = np.repeat(np.arange(len(starts)), lengths)
        units, cash = np.array(self.units[: len(starts)]), np.array(self.cash[: len(starts)])
        out = np.empty(len(prices))
        for begin in range(0, len(prices), _ROWS_AT_ONCE):
            part = slice(begin, begin + _ROWS_AT_ONCE)
            np.einsum("ij,ij->i", prices[part], units[stretch[part]], out=out[part])
        out += cash[stretch]
        return out

    def spread(self, column: Sequence[float], rows: int) -> Floats:
        """One figure of each stretch, for each of the first ``rows`` bars."""
        starts = [row for row in self.rows if row < rows]
        return np.repeat(np.array(column[: len(starts)]), np.diff([*starts, rows]))


def worst_drawdown(index: Floats) -> float:
    """The largest fall from a peak so far, as a fraction of the peak (0.506 = 50.6 %)."""
    if not len(index):
        return 0.0
    peaks = np.maximum.accumulate(index)
    return float(np.max(1 - index / peaks))
