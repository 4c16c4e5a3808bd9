"""Skipping ahead: between two rebalances the units are constant, so many looks are valued at once and the first breach found.

A coin worth v of a portfolio worth V is further from its share w than b when v / (w + b) > V or v / (w - b) < V. So for each look
the largest v / (w + b) and the smallest v / (w - b) of all coins are enough.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rebalancer_gui.backtest.bars import Flags, Floats
from rebalancer_gui.backtest.drift_limits import DriftLimits
from rebalancer_gui.backtest.plain import PlainSearch

FIRST_CHUNK, SMALL_CHUNK, LARGEST_CHUNK = 24, 384, 4096
"""Looks that are valued together: few at first, for a breach may be near; at most what stays in the nearest cache. Up to
``SMALL_CHUNK`` all coins together, which takes fewer steps; beyond it coin by coin, which moves less memory.
"""
_NEAR = 6.0
"""Breaches that are no further apart than so many looks are found faster one by one."""


class SkipSearch:
    """As :class:`rebalancer_gui.backtest.plain.PlainSearch`, many looks at a time."""

    def __init__(self, seen: Floats, shares: Sequence[float], limits: DriftLimits, values: Floats) -> None:
        self.values = values
        self._lanes, self._limits = seen.T, limits
        targets, bands = np.array(shares), np.array(limits.fractions)
        self._targets = targets[:, np.newaxis]
        self._above, self._below = 1 / (targets + bands), targets - bands
        self._sinking = np.flatnonzero(self._below > 0)
        self._below = 1 / self._below[self._sinking]
        self._spare, self._top, self._low = (np.empty(LARGEST_CHUNK) for _ in range(3))

    def first_breach(self, begin: int, stop: int, units: Sequence[float], cash: float) -> int:
        """As the plain loop's."""
        held = np.array(units)
        ups, downs = held * self._above, held[self._sinking] * self._below
        size = FIRST_CHUNK
        while begin < stop:
            end = min(begin + size, stop)
            if self._limits.least is not None:
                beyond = self._moving_limits(begin, end, held, cash)
            elif size <= SMALL_CHUNK:
                beyond = self._together(begin, end, held, cash, ups, downs)
            else:
                beyond = self._coin_by_coin(begin, end, held.tolist(), cash, ups.tolist(), downs.tolist())
            first = int(beyond.argmax())
            if beyond[first]:
                return begin + first
            begin, size = end, min(4 * size, LARGEST_CHUNK)
        return stop

    def _together(self, begin: int, end: int, held: Floats, cash: float, ups: Floats, downs: Floats) -> Flags:
        lanes, worth = self._lanes[:, begin:end], self.values[begin:end]
        np.add.reduce(lanes * held[:, np.newaxis], axis=0, out=worth)
        worth += cash
        beyond: Flags = np.maximum.reduce(lanes * ups[:, np.newaxis], axis=0) > worth
        if len(downs):
            sinking = lanes if len(downs) == len(held) else lanes[self._sinking]
            beyond |= np.minimum.reduce(sinking * downs[:, np.newaxis], axis=0) < worth
        return beyond

    def _coin_by_coin(
        self, begin: int, end: int, held: Sequence[float], cash: float, ups: Sequence[float], downs: Sequence[float]
    ) -> Flags:
        count, worth = end - begin, self.values[begin:end]
        spare, top, low = self._spare[:count], self._top[:count], self._low[:count]
        worth.fill(cash)
        top.fill(0.0)
        for coin, (unit, up) in enumerate(zip(held, ups, strict=True)):
            lane = self._lanes[coin, begin:end]
            np.multiply(lane, unit, out=spare)
            np.add(worth, spare, out=worth)
            np.multiply(lane, up, out=spare)
            np.maximum(top, spare, out=top)
        beyond: Flags = top > worth
        if downs:
            low.fill(np.inf)
            for coin, down in zip(self._sinking.tolist(), downs, strict=True):
                np.multiply(self._lanes[coin, begin:end], down, out=spare)
                np.minimum(low, spare, out=low)
            beyond |= low < worth
        return beyond

    def _moving_limits(self, begin: int, end: int, held: Floats, cash: float) -> Flags:
        parts = self._lanes[:, begin:end] * held[:, np.newaxis]
        worth = parts.sum(axis=0) + cash
        self.values[begin:end] = worth
        limits = self._limits.in_money(begin, end, worth[:, np.newaxis]).T
        beyond: Flags = (np.abs(parts - self._targets * worth) > limits).any(axis=0)
        return beyond


class AdaptiveSearch:
    """Changes over to the plain loop where the last breaches were close together, and back again."""

    def __init__(self, seen: Floats, shares: Sequence[float], limits: DriftLimits, values: Floats) -> None:
        self.values = values
        self._skip, self._plain = (kind(seen, shares, limits, values) for kind in (SkipSearch, PlainSearch))
        self._gap = 2 * _NEAR

    def first_breach(self, begin: int, stop: int, units: Sequence[float], cash: float) -> int:
        """As the others'; the mean of the last gaps decides how it is looked for."""
        if self._gap > _NEAR:
            found = self._skip.first_breach(begin, stop, units, cash)
        else:
            near = min(begin + 2 * int(_NEAR), stop)
            found = self._plain.first_breach(begin, near, units, cash)
            if found == near < stop:
                found = self._skip.first_breach(near, stop, units, cash)
        self._gap += (found - begin - self._gap) / 4
        return found
