"""How much coins moved against each other, from their daily closes, fast enough for every keystroke. Pure: no Qt.

Floats: what comes of it is an estimate for the screen. The definition is `domain.expectation.relative_volatilities`, and a
test holds that both give the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise

from rebalancer_gui.domain.strategy import Target

DAYS = 180
"""So many moves are looked at, where there are so many."""
FEWEST = 30
"""A coin with fewer moves than this is not known well enough."""
_DAYS_A_YEAR = 365
_PLACES = Decimal("0.0001")
_KEPT = 64
"""So many portfolios are remembered at most."""


@dataclass(frozen=True, slots=True)
class Moves:
    """Growth factors from day to day by coin, oldest first; `until` is the day of the newest close (None: nothing known)."""

    growths: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    until: date | None = None
    _found: dict[tuple[Target, ...], Mapping[str, Decimal]] = field(default_factory=dict, compare=False, repr=False)
    """What was worked out before: pages ask at each change of prices, which this does not rest on."""

    def known(self, targets: Sequence[Target]) -> tuple[Target, ...]:
        """Those of `targets` with enough moves."""
        return tuple(t for t in targets if t.asset in self.growths)

    def days(self, targets: Sequence[Target]) -> int:
        """How many moves there are of every one of `targets` that is known; 0 where none is."""
        return min((len(self.growths[t.asset]) for t in self.known(targets)), default=0)

    def volatilities(self, targets: Sequence[Target]) -> Mapping[str, Decimal]:
        """The yearly volatility of each known coin relative to the other known ones, as a fraction; empty with fewer than two."""
        wanted = tuple(targets)
        if wanted not in self._found:
            if len(self._found) >= _KEPT:
                self._found.clear()
            self._found[wanted] = self._volatilities(wanted)
        return self._found[wanted]

    def _volatilities(self, targets: Sequence[Target]) -> Mapping[str, Decimal]:
        known, days = self.known(targets), self.days(targets)
        if len(known) < 2 or any(t.weight <= 0 for t in known):
            return {}
        parts = [[float(t.weight) * g for g in self.growths[t.asset][-days:]] for t in known]
        whole = [sum(day) for day in zip(*parts, strict=True)]
        found = {}
        for target, part in zip(known, parts, strict=True):
            # The weights in own / rest are the same every day: they move the mean only.
            ratios = [math.log(own / (every - own)) for own, every in zip(part, whole, strict=True)]
            mean = sum(ratios) / days
            variance = sum((r - mean) ** 2 for r in ratios) / (days - 1)
            found[target.asset] = Decimal(str(math.sqrt(variance * _DAYS_A_YEAR))).quantize(_PLACES)
        return found


def moves_of(closes: Mapping[str, Sequence[Decimal]], until: date | None) -> Moves:
    """`closes` daily, oldest first, ending on the same day. A coin with few of them, or with one that is no price, is left out."""
    growths = {}
    for asset, prices in closes.items():
        newest = prices[-(DAYS + 1) :]
        if len(newest) > FEWEST and all(p.is_finite() and p > 0 for p in newest):
            growths[asset] = tuple(float(now / before) for before, now in pairwise(newest))
    return Moves(growths, until)
