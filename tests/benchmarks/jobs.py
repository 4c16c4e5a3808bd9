"""The jobs of the benchmark, made from a seed: the same arrays for us and for the peers. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEIGHTS = (25.0, 20.0, 15.0, 10.0, 8.0, 7.0, 5.0, 4.0, 3.5, 2.5)
"""Percent, ten coins."""
INVESTMENT = 1000.0
THRESHOLDS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 50.0)
INTERVALS = (1800, 3600, 14_400, 28_800, 43_200, 86_400, 259_200, 604_800, 1_209_600, 2_419_200)
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Market:
    """``prices`` float64[bars, 10] of bars that close each ``seconds``, the first at ``seconds``."""

    prices: NDArray[np.float64]
    seconds: int

    @property
    def times(self) -> NDArray[np.int64]:
        return np.arange(1, len(self.prices) + 1, dtype=np.int64) * self.seconds


def market(bars: int, seconds: int, seed: int = 7) -> Market:
    """Ten coins that move as coins do: 80 % a year each, half of it in common."""
    chance = np.random.default_rng(seed)
    deviation = 0.8 * np.sqrt(seconds / (365 * 86_400))
    moves = deviation * 0.7 * (chance.normal(size=(bars, 10)) + chance.normal(size=(bars, 1)))
    start = np.array([40_000.0, 2_500, 100, 1.2, 0.6, 7, 15, 30, 90, 11])
    return Market(np.exp(np.cumsum(moves, axis=0)) * start, seconds)


def looks_of(times: NDArray[np.int64], interval: int) -> NDArray[np.bool_]:
    """At which bars the rule by time looks: the first one at or after each tick."""
    ticks = (times - times[0]) // interval
    return np.concatenate(([False], np.diff(ticks) > 0))
