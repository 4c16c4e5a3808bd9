"""The market rules of the paper account, and its start values for random walks, from ``resources/markets``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.market_data.toml_fields import Fields, read_toml
from rebalancer_gui.domain.market import MarketRules

_MAX_YEARLY_VOLATILITY = 1000
_DAYS_A_YEAR = 365


def read_market_rules(path: Path) -> Mapping[str, MarketRules]:
    """Rules by symbol, in the order of the file. Raises EnvironmentProblem naming the file, the row and the key."""
    fields = read_toml(path)
    quote = fields.text("quote")
    min_notional, max_notional = fields.positive("min_notional"), fields.positive("max_notional")
    rules: dict[str, MarketRules] = {}
    for row in fields.tables("market"):
        market = _market(row, quote, min_notional, max_notional)
        if market.symbol in rules:
            row.refuse("base", f"{market.base} is there twice")
        rules[market.symbol] = market
    fields.finish()
    return rules


def _market(row: Fields, quote: str, min_notional: Decimal, max_notional: Decimal) -> MarketRules:
    market = MarketRules(
        base=row.text("base"),
        quote=quote,
        tick_size=row.positive("tick"),
        step_size=row.positive("step"),
        min_quantity=row.positive("min"),
        max_quantity=row.positive("max"),
        market_max_quantity=row.positive("market_max"),
        min_notional=row.positive("min_notional") if "min_notional" in row else min_notional,
        max_notional=max_notional,
        source=row.text("source"),
    )
    if market.min_quantity % market.step_size:
        row.refuse("min", "must be a multiple of the step")
    if market.max_quantity < market.min_quantity:
        row.refuse("max", "must not be under the smallest quantity")
    row.finish()
    return market


@dataclass(frozen=True, slots=True)
class RandomWalkSettings:
    """Start prices in quote units, volatility as standard deviation of the log return over one day."""

    start_prices: Mapping[str, Decimal]
    volatility: Mapping[str, float]
    correlation: float
    source: str


def read_random_walk(path: Path) -> RandomWalkSettings:
    """The examples from which a paper account without a history starts. Raises EnvironmentProblem naming the key."""
    fields = read_toml(path)
    correlation, source = fields.number("correlation"), fields.text("source")
    if not 0 <= correlation <= 1:
        fields.refuse("correlation", "must lie between 0 and 1")
    prices: dict[str, Decimal] = {}
    volatility: dict[str, float] = {}
    for row in fields.tables("coin"):
        asset, price, percent = row.text("base"), row.positive("price"), row.number("yearly_volatility")
        if not 0 <= percent <= _MAX_YEARLY_VOLATILITY:
            row.refuse("yearly_volatility", f"must be a percentage from 0 to {_MAX_YEARLY_VOLATILITY}")
        if asset in prices:
            row.refuse("base", f"{asset} is there twice")
        prices[asset] = price
        volatility[asset] = float(percent) / 100 / math.sqrt(_DAYS_A_YEAR)
        row.finish()
    fields.finish()
    return RandomWalkSettings(prices, volatility, float(correlation), source)
