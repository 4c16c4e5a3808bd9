"""What a paper account's market plays: which prices, how far, and what the screen says about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.adapters.market_data.price_path import PricePath


@dataclass(frozen=True, slots=True)
class WalkStart:
    """From where a random walk goes on: moment and quote units per unit of each coin. Stored, so it stays the same."""

    at: datetime
    prices: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class MarketSettings:
    """What is fixed when a paper account is made (``walk`` also when a replay is over and goes on as a random walk)."""

    seed: int
    start: datetime
    walk: WalkStart | None = None


@dataclass(frozen=True, slots=True)
class PriceScript:
    """Prices of ``coins`` (None = of whatever is asked for) until ``end`` (None = for ever); ``text`` tells people what
    they are.
    """

    prices: PricePath
    text: str
    end: datetime | None = None
    coins: frozenset[str] | None = None


PriceScripts = Callable[[MarketSettings], PriceScript]
"""Finds the script that belongs to an account's stored settings."""


def play(prices: PricePath, text: str = "Prices made for a test", end: datetime | None = None) -> PriceScripts:
    """Always the same prices, whatever the settings; they do not go on after ``end``."""
    script = PriceScript(prices, text, end)

    def scripts(_settings: MarketSettings) -> PriceScript:
        return script

    return scripts
