"""Preset cards: coins and weights by market cap, past returns, smallest investment (BEHAVIOUR.md section 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from rebalancer_gui.application.ports import MarketCapSource
from rebalancer_gui.application.views import PresetCard
from rebalancer_gui.domain.allocation import smallest_investment, weights_by, with_minimum
from rebalancer_gui.domain.market import MarketRules, MarketStatus, Quote, symbol_of
from rebalancer_gui.domain.preset_returns import annualised_return
from rebalancer_gui.domain.strategy import MIN_COINS, Rule, Target

RETURN_DAYS = (7, 30, 180)


@dataclass(frozen=True, slots=True)
class PresetDefinition:
    """A preset as its file says it. ``coins`` in list order; the ``take`` largest by market cap are used."""

    id: str
    name: str
    category: str
    coins: tuple[str, ...]
    list_date: date
    source: str
    take: int
    minimum_weight: Decimal
    rule: Rule
    sell_all_on_stop: bool


def build_card(
    preset: PresetDefinition,
    *,
    quote: str,
    rules: Mapping[str, MarketRules],
    quotes: Mapping[str, Quote],
    caps: MarketCapSource | None,
    at: datetime,
) -> PresetCard:
    """The card of ``preset`` as of ``at``, from what trades in ``quote`` on this account and has a known cap then."""
    known = caps.market_caps(preset.coins, at) if caps is not None else {}
    tradable = [a for a in preset.coins if _trades(a, quote, rules)]
    capped = [a for a in tradable if a in known]
    chosen = sorted(capped, key=lambda a: (-known[a], preset.coins.index(a)))[: preset.take]
    targets: tuple[Target, ...] = ()
    if chosen:
        targets = with_minimum(weights_by({a: known[a] for a in chosen}), preset.minimum_weight)
    unusable = ""
    if len(chosen) < MIN_COINS:
        unusable = f"fewer than {MIN_COINS} of its coins trade in {quote} with a known market cap"
    if caps is None:
        unusable = "there is no source of market caps on this account"
    closes = {a: caps.closes(a, at, max(RETURN_DAYS) + 1) for a in chosen} if caps is not None else {}
    return PresetCard(
        id=preset.id,
        name=preset.name,
        category=preset.category,
        targets=targets,
        rule=preset.rule,
        sell_all_on_stop=preset.sell_all_on_stop,
        minimum_weight=preset.minimum_weight,
        smallest_investment=smallest_investment(targets, quote, rules, quotes) if not unusable else None,
        returns=tuple(annualised_return(targets, closes, days) for days in RETURN_DAYS) if not unusable else (),
        source=caps.attribution if caps is not None else "",
        as_of=caps.as_of(at) if caps is not None else None,
        list_date=preset.list_date,
        candidates=preset.coins,
        missing=tuple(a for a in preset.coins if a not in capped),
        unusable=unusable,
        list_source=preset.source,
    )


def _trades(asset: str, quote: str, rules: Mapping[str, MarketRules]) -> bool:
    market = rules.get(symbol_of(asset, quote))
    return market is not None and market.status is MarketStatus.TRADING
