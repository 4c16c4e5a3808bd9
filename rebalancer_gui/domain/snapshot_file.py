"""The snapshot of ``rebalancer plan`` (docs/files.md): prices, holdings and market rules, written down by somebody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from rebalancer_gui.domain.hostile_json import (
    ASSET_LEGAL,
    SYMBOL_LEGAL,
    WHOLE_DIGITS,
    JsonObject,
    is_asset,
    is_symbol,
    named,
    read_object,
    refuse_if,
)
from rebalancer_gui.domain.market import FeeSchedule, FeeSide, MarketRules, Quote
from rebalancer_gui.domain.money import HUNDRED, ZERO, plain
from rebalancer_gui.domain.problems import Problem

TIMELESS = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of every quote of a file: nothing in it grows old."""
DEFAULT_FEE_PERCENT = Decimal("0.1")
DEFAULT_TICK = Decimal("0.00000001")
_MOST = Decimal(10) ** WHOLE_DIGITS - 1
_PRICE_PLACES = 15
"""Prices, steps and minimums have fewer places than amounts: they divide, and what comes out must stay countable."""
_WHOLE_FILE = "snapshot"
_V = TypeVar("_V")
_SIDES = ", ".join(f'"{side.value}"' for side in FeeSide)


@dataclass(frozen=True, slots=True)
class PlanSnapshot:
    """What a plan is calculated from: ``quotes`` and ``rules`` by symbol, ``holdings`` in units by asset, ``cash`` in
    quote units.
    """

    quotes: Mapping[str, Quote]
    holdings: Mapping[str, Decimal]
    cash: Decimal
    rules: Mapping[str, MarketRules]
    fees: FeeSchedule


def parse_snapshot(text: str | bytes) -> PlanSnapshot:
    """Read a snapshot file. Raises InvalidFile with every fault, under the fields ``quotes``, ``holdings``, ``cash``,
    ``rules``, ``fee``, and ``snapshot`` for the file as a whole.
    """
    noted: list[Problem] = []
    table = read_object(text, _WHOLE_FILE, noted)
    quotes = _by_symbol(table, "quotes", _quote)
    holdings = _holdings(table)
    cash = table.number("cash", "cash", "0", needed=False, least=ZERO)
    rules = _by_symbol(table, "rules", _rules)
    fees = _fees(table)
    table.finish()
    refuse_if(noted)
    return PlanSnapshot(quotes, holdings, ZERO if cash is None else cash, rules, fees)


def _by_symbol(table: JsonObject, field: str, read: Callable[[JsonObject, str, str], _V | None]) -> dict[str, _V]:
    content = table.nested(field, field, f"an object with {SYMBOL_LEGAL} for each key")
    found: dict[str, _V] = {}
    if content is None or not _keys_are(content, field, is_symbol, SYMBOL_LEGAL):
        return found
    for symbol in content.keys:
        entry = content.nested(symbol, field, "an object")
        value = read(entry, field, symbol) if entry is not None else None
        if value is not None:
            found[symbol] = value
    return found


def _keys_are(content: JsonObject, field: str, fits: Callable[[str], bool], legal: str) -> bool:
    wrong = tuple(key for key in content.keys if not fits(key))
    if wrong:
        content.note(field, f"A key must be {legal}, not {named(wrong)}.")
    return not wrong


def _positive(entry: JsonObject, key: str, field: str, example: str) -> Decimal | None:
    number = entry.number(key, field, example, places=_PRICE_PLACES)
    if number is not None and number <= ZERO:
        entry.note(field, f'"{key}" must be above 0, not {plain(number)}.')
        return None
    return number


def _quote(entry: JsonObject, field: str, symbol: str) -> Quote | None:
    bid, ask, last = (_positive(entry, key, field, "50000.5") for key in ("bid", "ask", "last"))
    entry.finish()
    if bid is None or ask is None or last is None:
        return None
    return Quote(symbol, bid, ask, last, TIMELESS, TIMELESS)


def _rules(entry: JsonObject, field: str, symbol: str) -> MarketRules | None:
    def number(key: str, example: str, default: Decimal | None = None) -> Decimal | None:
        found = entry.number(key, field, example, needed=default is None, places=_PRICE_PLACES, least=ZERO)
        return default if found is None and key not in entry else found

    step, tick = number("step", "0.00001"), number("tick", "0.01", DEFAULT_TICK)
    least, most = number("min_quantity", "0.00001", ZERO), number("max_quantity", "9000", _MOST)
    notional = number("min_notional", "5")
    entry.finish()
    if step is None or tick is None or least is None or most is None or notional is None:
        return None
    if most < least:
        entry.note(field, f'"max_quantity" must be at least "min_quantity", {plain(least)}, not {plain(most)}.')
        return None
    base, _, money = symbol.partition("/")
    return MarketRules(base, money, tick, step, least, most, notional)


def _holdings(table: JsonObject) -> dict[str, Decimal]:
    content = table.nested("holdings", "holdings", "an object with a quantity for each coin", needed=False)
    legal = f"the name of a coin, {ASSET_LEGAL}"
    if content is None or not _keys_are(content, "holdings", is_asset, legal):
        return {}
    found = {asset: content.number(asset, "holdings", "0.1", least=ZERO) for asset in content.keys}
    return {asset: quantity for asset, quantity in found.items() if quantity is not None}


def _fees(table: JsonObject) -> FeeSchedule:
    content = table.nested("fee", "fee", 'an object such as {"rate": "0.1", "taken_in": "received"}', needed=False)
    default = FeeSchedule(DEFAULT_FEE_PERCENT / HUNDRED)
    if content is None:
        return default
    rate = content.number("rate", "fee", "0.1", needed=False, least=ZERO)
    taken_in = content.text("taken_in", "fee", f"one of {_SIDES}", needed=False)
    content.finish()
    if rate is not None and rate >= HUNDRED:
        content.note("fee", f'"rate" is in percent and must be under 100, not {plain(rate)}.')
    if taken_in is not None and taken_in not in {side.value for side in FeeSide}:
        content.note("fee", f'"taken_in" must be one of {_SIDES}, not {named((taken_in,))}.')
        return default
    percent = DEFAULT_FEE_PERCENT if rate is None else rate
    return FeeSchedule(percent / HUNDRED, FeeSide(taken_in) if taken_in is not None else FeeSide.RECEIVED)
