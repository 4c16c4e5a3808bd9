"""The rails' settings and the trading mode of an account, as its owner chose them: checked, stored, taken up at start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.money import plain
from rebalancer_gui.domain.rails import Rail, RailSet, problems_with_rails
from rebalancer_gui.domain.strategy import TradingMode

RAILS_KEY, TRADING_KEY = "rails", "trading"


def to_text(rails: RailSet) -> str:
    """What differs from the defaults, as JSON; "" when nothing does."""
    if not rails.values and not rails.off:
        return ""
    values = {rail.value: plain(value) for rail, value in rails.values.items()}
    return json.dumps({"values": values, "off": sorted(rail.value for rail in rails.off)}, sort_keys=True)


def from_text(rails: RailSet, text: str) -> RailSet:
    """The set of the account's kind with what was stored. What another version stored and is not legal now is left out: the
    default, which is the safer one, holds then.
    """
    if not text:
        return rails
    stored = json.loads(text)
    known = {rail.value: rail for rail in Rail}
    values = {known[key]: Decimal(value) for key, value in stored["values"].items() if key in known}
    off = frozenset(known[key] for key in stored["off"] if key in known)
    bad = {problem.field for problem in problems_with_rails(rails.kind, values, off)}
    return rails.with_settings(
        {rail: value for rail, value in values.items() if rail.value not in bad},
        frozenset(rail for rail in off if rail.value not in bad),
    )


def changed(rails: RailSet, values: Mapping[Rail, Decimal], off: frozenset[Rail]) -> RailSet:
    """The set with other settings. Raises InvalidInput, whose field is the rail's key."""
    problems = problems_with_rails(rails.kind, values, off)
    if problems:
        raise InvalidInput(problems[0].field, problems[0].message)
    return rails.with_settings(values, off)


def mode_from_text(text: str, default: TradingMode) -> TradingMode:
    """The stored mode; ``default`` where none is stored."""
    return next((mode for mode in TradingMode if mode.value == text), default)
