"""The HODL line: the same money in and out, bought at target weights and never traded again (BEHAVIOUR.md section 10)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rebalancer_gui.backtest.bars import Floats
from rebalancer_gui.backtest.course import Holdings
from rebalancer_gui.backtest.job import Costs
from rebalancer_gui.domain.market import FeeSide


class HodlLine:
    """Units of each coin; it pays the same fee and half spread as the strategy, without steps and minimums."""

    def __init__(self, shares: Sequence[float], costs: Costs) -> None:
        """``shares`` are the target weights as fractions."""
        self._shares, self._costs = shares, costs
        self._units = [0.0] * len(shares)
        self._holdings = Holdings()

    def add(self, row: int, prices: Sequence[float], amount: float) -> None:
        """Buy for ``amount`` (quote units) at target weights, at the closes ``prices`` of bar ``row``."""
        costs = self._costs
        kept = 1 - costs.fee if costs.side is FeeSide.RECEIVED else 1 / (1 + costs.fee)
        for coin, (share, price) in enumerate(zip(self._shares, prices, strict=True)):
            self._units[coin] += amount * share / (price * (1 + costs.half_spread)) * kept
        self._holdings.begin(row, self._units, 0.0, 1.0)

    def remove(self, row: int, prices: Sequence[float], amount: float) -> None:
        """Sell the same share of every coin, so that it brings ``amount`` (quote units, fee off). Never below nothing."""
        costs = self._costs
        brings = sum(map(float.__mul__, self._units, prices)) * (1 - costs.half_spread) * (1 - costs.fee)
        stays = max(1 - amount / brings, 0.0) if brings > 0 else 1.0
        self._units = [units * stays for units in self._units]
        self._holdings.begin(row, self._units, 0.0, 1.0)

    def values(self, prices: Floats, before: Floats) -> Floats:
        """The line's value at each bar of ``prices`` (bars x coins); ``before`` until it is bought."""
        rows = self._holdings.rows
        bought = rows[0] if rows else len(prices)
        if bought >= len(prices):
            return before.copy()
        held = self._holdings
        if bought:
            held = Holdings([0, *rows], [[0.0] * len(self._units), *held.units], [0.0, *held.cash])
        line = held.values(prices)
        line[:bought] = before[:bought]
        return line

    def value_at(self, prices: Floats, before: float) -> float:
        """What is held now at ``prices`` (one close a coin); ``before`` where nothing was ever bought."""
        return float(prices @ np.array(self._units)) if self._holdings.rows else before
