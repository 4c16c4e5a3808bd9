"""Skipping ahead: between two rebalances the units are constant, so many bars are valued at once and the first breach found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rebalancer_gui.backtest import plain
from rebalancer_gui.backtest.bars import Floats
from rebalancer_gui.backtest.drift_limits import DriftLimits

FIRST_CHUNK, LARGEST_CHUNK = 64, 4096
"""Rows that are looked at together: few at first, for a breach may be near; at most what stays in the cache."""
_NEAR = 12
"""Breaches that are no further apart than so many rows are found faster one by one."""


def first_breach(
    prices: Floats,
    begin: int,
    stop: int,
    units: Sequence[float],
    cash: float,
    shares: Sequence[float],
    limits: DriftLimits,
) -> int:
    """As :func:`rebalancer_gui.backtest.plain.first_breach`, many rows at a time."""
    held, targets = np.array(units), np.array(shares)
    size = FIRST_CHUNK
    while begin < stop:
        end = min(begin + size, stop)
        values = prices[begin:end] * held
        worth = values.sum(axis=1, keepdims=True) + cash
        beyond = np.abs(values - targets * worth) > limits.in_money(begin, end, worth)
        rows = beyond.any(axis=1)
        first = int(rows.argmax())
        if rows[first]:
            return begin + first
        begin, size = end, min(2 * size, LARGEST_CHUNK)
    return stop


class Adaptive:
    """Changes over to the plain loop where the last breaches were close together, and back again."""

    def __init__(self) -> None:
        self._gap = float(_NEAR)

    def first_breach(
        self,
        prices: Floats,
        begin: int,
        stop: int,
        units: Sequence[float],
        cash: float,
        shares: Sequence[float],
        limits: DriftLimits,
    ) -> int:
        """As the others; the mean of the last gaps decides how it is looked for."""
        if self._gap >= _NEAR:
            found = first_breach(prices, begin, stop, units, cash, shares, limits)
        else:
            near = min(begin + 2 * _NEAR, stop)
            found = plain.first_breach(prices, begin, near, units, cash, shares, limits)
            if found == near < stop:
                found = first_breach(prices, near, stop, units, cash, shares, limits)
        self._gap += (found - begin - self._gap) / 4
        return found
