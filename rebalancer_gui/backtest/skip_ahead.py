"""Skipping ahead: between two rebalances the units are constant, so many looks are valued at once and the first breach found.

A coin worth v of a portfolio worth V is further from its share w than b when v / (w + b) > V or v / (w - b) < V. So for each look
the largest v / (w + b) and the smallest v / (w - b) of all coins are enough.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rebalancer_gui.backtest.closes import BLOCK, Closes, Flags, Floats, block_extremes
from rebalancer_gui.backtest.drift_limits import DriftLimits
from rebalancer_gui.backtest.plain import PlainSearch

FIRST_CHUNK, SMALL_CHUNK, LARGEST_CHUNK = 24, 512, 16_384
"""Looks that are valued together: few at first, for a breach may be near. Chunks beyond ``SMALL_CHUNK`` are looked at block by
block: what a block's highest and lowest closes cannot breach needs no closer look. Beyond the largest numpy's dot product
would start threads, which cost more than they bring.
"""
_NEAR = 8.0
"""Breaches that are no further apart than so many looks are found faster one by one."""
_NEVER = 1e100
"""In the place of a factor: no portfolio is worth so much."""


class SkipSearch:
    """As :class:`rebalancer_gui.backtest.plain.PlainSearch`, many looks at a time."""

    def __init__(self, closes: Closes, shares: Sequence[float], limits: DriftLimits, values: Floats) -> None:
        self.values, self.blocked = values, 0
        self._closes, self._lanes, self._limits = closes, closes.lanes, limits
        targets, bands = np.array(shares), np.array(limits.fractions)
        self._targets = targets[:, np.newaxis]
        # A coin whose band is wider than its weight cannot be too small a part.
        self._sinks = targets - bands > 0
        self._above, self._below = 1 / (targets + bands), 1 / np.where(self._sinks, targets - bands, 1.0)

    def first_breach(self, begin: int, stop: int, units: Sequence[float], cash: float, size: int = FIRST_CHUNK) -> int:
        """As the plain loop's; ``size`` looks are valued first."""
        held = np.array(units)
        ups, downs = held * self._above, np.where(self._sinks, held * self._below, _NEVER)
        while begin < stop:
            end = min(begin + size, stop)
            worth = self.values[begin:end]
            np.dot(held, self._lanes[:, begin:end], out=worth)
            worth += cash
            if self._limits.least is not None:
                found = self._first(self._moving_limits(begin, end, held), begin, end, held)
            elif size <= SMALL_CHUNK:
                found = self._closer_look(begin, end, held, ups, downs)
            else:
                found = self._block_by_block(begin, end, held, ups, downs)
            if found < end:
                return found
            begin, size = end, min(4 * size, LARGEST_CHUNK)
        return stop

    def _closer_look(self, begin: int, end: int, held: Floats, ups: Floats, downs: Floats) -> int:
        """The first breach in ``begin .. end - 1``, else ``end``; the values are known."""
        lanes, worth = self._lanes[:, begin:end], self.values[begin:end]
        beyond, other = np.empty((2, end - begin), dtype=np.bool_)
        np.greater(np.maximum.reduce(lanes * ups[:, np.newaxis], axis=0), worth, out=beyond)
        np.less(np.minimum.reduce(lanes * downs[:, np.newaxis], axis=0), worth, out=other)
        return self._first(beyond | other, begin, end, held)

    def _block_by_block(self, begin: int, end: int, held: Floats, ups: Floats, downs: Floats) -> int:
        """As the closer look, which is taken only at blocks that may breach: if each coin's extreme of the block met the
        worst value in it.
        """
        whole_from, whole_to = -(-begin // BLOCK), end // BLOCK
        if whole_from >= whole_to:
            return self._closer_look(begin, end, held, ups, downs)
        found = self._closer_look(begin, whole_from * BLOCK, held, ups, downs)
        if found < whole_from * BLOCK:
            return found
        worth, blocks = self.values[whole_from * BLOCK : whole_to * BLOCK], slice(whole_from, whole_to)
        highs, lows = self._closes.highs[:, blocks], self._closes.lows[:, blocks]
        may = np.maximum.reduce(highs * ups[:, np.newaxis], axis=0) > block_extremes(worth, np.minimum)
        may |= np.minimum.reduce(lows * downs[:, np.newaxis], axis=0) < block_extremes(worth, np.maximum)
        for block in (np.flatnonzero(may) + whole_from).tolist():
            found = self._closer_look(block * BLOCK, (block + 1) * BLOCK, held, ups, downs)
            if found < (block + 1) * BLOCK:
                return found
        return self._closer_look(whole_to * BLOCK, end, held, ups, downs)

    def _moving_limits(self, begin: int, end: int, held: Floats) -> Flags:
        parts, worth = self._lanes[:, begin:end] * held[:, np.newaxis], self.values[begin:end]
        limits = self._limits.in_money(begin, end, worth[:, np.newaxis]).T
        off = np.abs(parts - self._targets * worth)
        beyond: Flags = np.logical_or.reduce(off > limits, axis=0)
        return beyond

    def _first(self, beyond: Flags, begin: int, end: int, held: Floats) -> int:
        """The first look of ``beyond`` (those of ``begin .. end - 1`` that breach) that may be traded, else ``end``."""
        if begin == end:
            return end
        smallest = self._limits.smallest
        if not smallest:
            first = int(beyond.argmax())
            return begin + first if beyond[first] else end
        places = np.flatnonzero(beyond)
        if not len(places):
            return end
        looks = places + begin
        off = np.abs(self._lanes[:, looks] * held[:, np.newaxis] - self._targets * self.values[looks])
        enough = np.maximum.reduce(off, axis=0) >= smallest
        first = int(enough.argmax())
        if enough[first]:
            self.blocked += first
            return int(looks[first])
        self.blocked += len(looks)
        return end


class AdaptiveSearch:
    """Changes over to the plain loop where the last breaches were close together, and back again."""

    def __init__(self, closes: Closes, shares: Sequence[float], limits: DriftLimits, values: Floats) -> None:
        self.values = values
        self._skip = SkipSearch(closes, shares, limits, values)
        self._plain = PlainSearch(closes, shares, limits, values)
        self._gap = 2 * _NEAR

    @property
    def blocked(self) -> int:
        return self._skip.blocked + self._plain.blocked

    def first_breach(self, begin: int, stop: int, units: Sequence[float], cash: float) -> int:
        """As the others'; the mean of the last gaps decides how it is looked for."""
        if self._gap > _NEAR:
            found = self._skip.first_breach(begin, stop, units, cash, min(2 * int(self._gap), SMALL_CHUNK))
        else:
            near = min(begin + 2 * int(_NEAR), stop)
            found = self._plain.first_breach(begin, near, units, cash)
            if found == near < stop:
                found = self._skip.first_breach(near, stop, units, cash)
        self._gap += (found - begin - self._gap) / 4
        return found
