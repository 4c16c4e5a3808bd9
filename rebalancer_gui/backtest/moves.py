"""How much coins moved against each other, from bars: what BEHAVIOUR.md section 11 calls s_rel."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rebalancer_gui.backtest.bars import Bars

_YEAR_S = 365 * 86_400.0
LEAST_MOVES = 2


def relative_volatilities(bars: Bars, weights: Sequence[float]) -> tuple[float, ...]:
    """Of each coin the deviation of ln(its growth / growth of the rest at their weights), for a year, as a fraction.

    ``weights`` (> 0) in the order of the bars' symbols, of any sum. A move over a gap is left out; 0.0 for each coin with fewer
    than two moves or a single coin.
    """
    seconds = bars.timeframe.total_seconds()
    whole_steps = np.diff(bars.times) == int(seconds)
    growth = (bars.prices[1:] / bars.prices[:-1])[whole_steps] * np.asarray(weights, dtype=np.float64)
    if len(growth) < LEAST_MOVES or growth.shape[1] < LEAST_MOVES:
        return (0.0,) * len(bars.symbols)
    # The weights in own / rest are the same at every bar: they move the mean only.
    ratios = np.log(growth / (growth.sum(axis=1, keepdims=True) - growth))
    return tuple(float(s) for s in np.std(ratios, axis=0, ddof=1) * math.sqrt(_YEAR_S / seconds))
