"""How the looks of a run are gone through."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Protocol

from rebalancer_gui.backtest.closes import Closes, Floats
from rebalancer_gui.backtest.drift_limits import DriftLimits
from rebalancer_gui.backtest.plain import PlainSearch
from rebalancer_gui.backtest.skip_ahead import AdaptiveSearch, SkipSearch


class Loop(enum.Enum):
    """All give the same; ``AUTO`` changes over as rebalances come closer or further apart."""

    AUTO = "auto"
    PLAIN = "plain"
    SKIP = "skip"


class Search(Protocol):
    """Finds the next breach that may be traded. ``values`` has what was held at each look on the way (quote units)."""

    values: Floats

    @property
    def blocked(self) -> int:
        """Breaches on the way at which no order could be large enough."""

    def first_breach(self, begin: int, stop: int, units: Sequence[float], cash: float) -> int:
        """The first look in ``begin .. stop - 1`` that breaches, else ``stop``."""


def search_of(loop: Loop, closes: Closes, shares: Sequence[float], limits: DriftLimits, values: Floats) -> Search:
    """A search over the looks whose closes are ``closes``; it writes into ``values`` (one a look)."""
    if loop is Loop.PLAIN:
        return PlainSearch(closes, shares, limits, values)
    if loop is Loop.SKIP:
        return SkipSearch(closes, shares, limits, values)
    return AdaptiveSearch(closes, shares, limits, values)
