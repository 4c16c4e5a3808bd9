"""Prices, market rules and quotes for tests of the window: invented, but of the right size."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

from rebalancer_gui.domain.market import FeeSchedule, MarketRules, Quote
from rebalancer_gui.domain.money import floor_to_step

NOW = datetime(2021, 5, 14, 14, 32, 8, tzinfo=UTC)
QUOTE = "USDT"
FEES = FeeSchedule(Decimal("0.001"))

# base: price, tick, step
_MARKETS: Mapping[str, tuple[str, str, str]] = {
    "BTC": ("96418.20", "0.01", "0.00001"),
    "ETH": ("3310.45", "0.01", "0.0001"),
    "BNB": ("884.60", "0.1", "0.001"),
    "SOL": ("162.35", "0.01", "0.001"),
    "XRP": ("2.1834", "0.0001", "0.1"),
    "ADA": ("0.8412", "0.0001", "0.1"),
    "DOGE": ("0.31415", "0.00001", "1"),
    "DOT": ("6.512", "0.001", "0.01"),
    "LTC": ("101.42", "0.01", "0.001"),
    "LINK": ("18.77", "0.01", "0.01"),
    "UNI": ("9.432", "0.001", "0.01"),
    "AAVE": ("241.80", "0.01", "0.001"),
    "CAKE": ("2.571", "0.001", "0.01"),
    "ATOM": ("7.214", "0.001", "0.01"),
    "TRX": ("0.2466", "0.0001", "0.1"),
    "XLM": ("0.4021", "0.0001", "1"),
    "AVAX": ("31.55", "0.01", "0.01"),
    "FIL": ("5.102", "0.001", "0.01"),
    "XVS": ("9.05", "0.01", "0.01"),
    "USDC": ("0.9998", "0.0001", "1"),
}
ASSETS = tuple(_MARKETS)
START_PRICES: Mapping[str, Decimal] = {base: Decimal(price) for base, (price, _, _) in _MARKETS.items()}
MARKET_CAPS: Mapping[str, Decimal] = {
    base: Decimal(cap) * 1_000_000
    for base, cap in (
        ("BTC", 1_912_000), ("ETH", 399_000), ("BNB", 128_000), ("XRP", 125_000), ("SOL", 78_000), ("DOGE", 46_000),
        ("ADA", 29_600), ("TRX", 21_200), ("AVAX", 13_000), ("LINK", 11_900), ("XLM", 12_300), ("DOT", 9_900),
        ("LTC", 7_600), ("UNI", 5_600), ("AAVE", 3_600), ("ATOM", 2_800), ("FIL", 3_200), ("CAKE", 730), ("XVS", 150),
    )
}  # fmt: skip


def market_rules() -> dict[str, MarketRules]:
    """By symbol; minimum notional 5 USDT everywhere."""
    return {
        f"{base}/{QUOTE}": MarketRules(
            base,
            QUOTE,
            Decimal(tick),
            Decimal(step),
            min_quantity=Decimal(step),
            max_quantity=Decimal(9_000_000),
            min_notional=Decimal(5),
            source="invented for tests",
        )
        for base, (_, tick, step) in _MARKETS.items()
    }


def make_quotes(prices: Mapping[str, Decimal], at: datetime = NOW) -> dict[str, Quote]:
    """Quotes with a spread of one tick around ``prices`` (quote units by asset)."""
    quotes = {}
    for base, price in prices.items():
        tick = Decimal(_MARKETS[base][1])
        bid = floor_to_step(price, tick)
        quotes[f"{base}/{QUOTE}"] = Quote(f"{base}/{QUOTE}", bid, bid + tick, bid, at, at)
    return quotes


def sample_closes(assets: Iterable[str], days: int) -> dict[str, tuple[Decimal, ...]]:
    """Daily closes that wander, each coin its own way and always the same; XVS and USDC are not known."""
    found = {}
    for asset in assets:
        if asset not in MARKET_CAPS or asset == "XVS":
            continue
        chance, price, closes = Random(asset), float(START_PRICES[asset]), []
        for _ in range(days):
            closes.append(Decimal(f"{price:.8f}"))
            price /= math.exp(chance.gauss(0, 0.03))
        found[asset] = tuple(reversed(closes))
    return found
