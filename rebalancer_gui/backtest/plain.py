"""The plain loop: bar by bar in Python. Where rebalances are close together nothing is faster."""

from __future__ import annotations

from collections.abc import Sequence

from rebalancer_gui.backtest.bars import Floats
from rebalancer_gui.backtest.drift_limits import DriftLimits

_BATCH = 64


def first_breach(
    prices: Floats,
    begin: int,
    stop: int,
    units: Sequence[float],
    cash: float,
    shares: Sequence[float],
    limits: DriftLimits,
) -> int:
    """The first row of ``prices`` (rows x coins) in ``begin .. stop - 1`` at which some coin's weight is further from its
    share (a fraction) than its limit, strictly; ``stop`` where there is none.
    """
    held = list(units)
    moving = limits.least is not None
    bands = list(zip(shares, limits.fractions, strict=True))
    multiply = float.__mul__
    while begin < stop:
        end = min(begin + _BATCH, stop)
        for row, at in enumerate(prices[begin:end].tolist(), start=begin):
            values = list(map(multiply, held, at))
            worth = sum(values, cash)
            if moving:
                bands = list(zip(shares, limits.at(row, worth), strict=True))
            for value, (share, band) in zip(values, bands, strict=True):
                if abs(value - share * worth) > band * worth:
                    return row
        begin = end
    return stop
