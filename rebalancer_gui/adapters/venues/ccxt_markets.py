"""A venue's own list of markets, as ccxt reads it, in our words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from rebalancer_gui.domain.hostile_json import is_asset
from rebalancer_gui.domain.market import MarketRules, MarketStatus
from rebalancer_gui.domain.money import ZERO

_NO_GRID = Decimal("0.00000001")
"""Grid where a venue tells none that can be used."""
_NO_LIMIT = Decimal(10) ** 12
_DECIMAL_PLACES, _TICK_SIZE = 2, 4
"""ccxt's ways of telling a grid; the third, significant digits, is none that an order can be cut to."""


def rules_of(markets: Mapping[str, Mapping[str, Any]], precision_mode: int, source: str) -> dict[str, MarketRules]:
    """The spot markets among ccxt's ``markets`` by symbol. What cannot be named or has a grid that is nonsense is left out.

    ``precision_mode`` is ccxt's; ``source`` says where the numbers come from.
    """
    found = {}
    for market in markets.values():
        rules = _rules(market, precision_mode, source)
        if rules is not None:
            found[rules.symbol] = rules
    return found


def exact(number: object) -> Decimal | None:
    """A number of ccxt (text, as a rule) exactly; None where there is none. May be infinite or not a number."""
    if number is None or isinstance(number, bool):
        return None
    try:
        return Decimal(str(number))
    except InvalidOperation:
        return None


def _figure(told: object) -> Decimal | None:
    """As ``exact``; the same object for the same text, because thousands of markets have few different figures."""
    return None if told is None or isinstance(told, bool) else _one_of_each(str(told))


@lru_cache(maxsize=4096)
def _one_of_each(text: str) -> Decimal | None:
    return exact(text)


def _rules(market: Mapping[str, Any], precision_mode: int, source: str) -> MarketRules | None:
    base, quote = str(market.get("base")), str(market.get("quote"))
    if not market.get("spot") or not is_asset(base) or not is_asset(quote) or base == quote:
        return None
    precision, limits = market.get("precision") or {}, market.get("limits") or {}
    amount, cost, at_market = (limits.get(name) or {} for name in ("amount", "cost", "market"))
    step = _grid(precision.get("amount"), precision_mode)
    smallest, largest = _positive(amount.get("min")), _positive(amount.get("max"))
    if smallest is not None and largest is not None and smallest > largest:
        return None
    return MarketRules(
        base=base,
        quote=quote,
        tick_size=_grid(precision.get("price"), precision_mode),
        step_size=step,
        min_quantity=smallest if smallest is not None else step,
        max_quantity=largest if largest is not None else max(_NO_LIMIT, smallest or ZERO),
        min_notional=_positive(cost.get("min")) or ZERO,
        market_max_quantity=_positive(at_market.get("max")),
        max_notional=_positive(cost.get("max")),
        status=MarketStatus.HALTED if market.get("active") is False else MarketStatus.TRADING,
        source=source,
    )


def _grid(told: object, precision_mode: int) -> Decimal:
    number = _figure(told)
    if number is None or not number.is_finite():
        return _NO_GRID
    if precision_mode == _DECIMAL_PLACES and number == number.to_integral_value() and 0 <= number <= 18:
        return Decimal(1).scaleb(-int(number))
    if precision_mode == _TICK_SIZE and number > ZERO:
        return number
    return _NO_GRID


def _positive(told: object) -> Decimal | None:
    number = _figure(told)
    return number if number is not None and number.is_finite() and number > ZERO else None
