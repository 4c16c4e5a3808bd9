"""Candles of the wire's exchange: a function of market and time, so every face and every test knows the same ones."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

Bar = tuple[int, str, str, str, str, str]
"""Opening in seconds, then open, high, low, close and volume as a venue writes them."""
WEEK, MONDAY = 7 * 86_400, 4 * 86_400


@dataclass
class CandleBook:
    """``listed``: when a market began; ``outages``: spans (seconds) in which no bar opens; ``odd``: bars by their opening that
    are told in place of the true ones.
    """

    listed: dict[str, int] = field(default_factory=dict)
    outages: list[tuple[int, int]] = field(default_factory=list)
    odd: dict[int, Bar] = field(default_factory=dict)

    def bars(self, symbol: str, seconds: int, begin: int, end: int) -> list[Bar]:
        """Those that open from ``begin`` to before ``end``, oldest first. Weeks begin on Mondays."""
        shift = MONDAY if seconds == WEEK else 0
        first = -(-(max(begin, self.listed.get(symbol, 0)) - shift) // seconds) * seconds + shift
        return [
            self.odd.get(opened) or bar_of(symbol, seconds, opened)
            for opened in range(first, end, seconds)
            if not any(start <= opened < stop for start, stop in self.outages)
        ]


def price_at(symbol: str, at: int) -> float:
    return round(100 + sum(map(ord, symbol)) % 50 + 20 * math.sin(at / 40_000), 2)


def bar_of(symbol: str, seconds: int, opened: int) -> Bar:
    first, last = price_at(symbol, opened), price_at(symbol, opened + seconds)
    figures = (first, max(first, last) + 0.25, min(first, last) - 0.25, last, 3.5)
    return (opened, *(f"{figure:.2f}" for figure in figures))  # type: ignore[return-value]
