"""The plain loop: look by look in Python. Where rebalances are close together nothing is faster."""

from __future__ import annotations

from collections.abc import Sequence

from rebalancer_gui.backtest.closes import Closes, Floats
from rebalancer_gui.backtest.drift_limits import DriftLimits

_BATCH = 32


class PlainSearch:
    """Finds the next breach of the drift limits among the looks whose closes are ``closes``.

    ``shares`` are the target weights as fractions. ``values`` (one a look) is filled with what was held there, in quote
    units, as far as was looked; ``blocked`` counts the breaches so far at which no order could be sent.
    """

    def __init__(self, closes: Closes, shares: Sequence[float], limits: DriftLimits, values: Floats) -> None:
        self.values, self.blocked = values, 0
        self._lanes, self._limits = closes.lanes, limits
        self._shares = list(shares)
        self._bands = list(zip(shares, limits.fractions, strict=True))

    def first_breach(self, begin: int, stop: int, units: Sequence[float], cash: float) -> int:
        """The first look in ``begin .. stop - 1`` at which some coin of ``units`` (``cash`` beside them) is further from its
        share than its limit, strictly, and an order may be large enough; ``stop`` where there is none.
        """
        held, values, bands, smallest = list(units), self.values, self._bands, self._limits.smallest
        moving = self._limits.least is not None
        multiply = float.__mul__
        while begin < stop:
            end = min(begin + _BATCH, stop)
            for look, at in enumerate(self._lanes[:, begin:end].T.tolist(), start=begin):
                parts = list(map(multiply, held, at))
                values[look] = worth = sum(parts, cash)
                if moving:
                    bands = list(zip(self._shares, self._limits.at(look, worth), strict=True))
                for part, (share, band) in zip(parts, bands, strict=True):
                    if abs(part - share * worth) > band * worth:
                        if not smallest or self._may_trade(parts, worth, smallest):
                            return look
                        self.blocked += 1
                        break
            begin = end
        return stop

    def _may_trade(self, parts: Sequence[float], worth: float, smallest: float) -> bool:
        return any(abs(part - share * worth) >= smallest for part, share in zip(parts, self._shares, strict=True))
