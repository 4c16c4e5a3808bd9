"""Preset cards: weights of today, past returns, smallest investment (BEHAVIOUR.md section 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.application.caps_port import DailyCloses, MarketCapSource
from rebalancer_gui.application.views import PresetCard
from rebalancer_gui.domain.allocation import smallest_investment, with_minimum
from rebalancer_gui.domain.market import MarketRules, MarketStatus, Quote, symbol_of
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.preset_returns import annualised_return
from rebalancer_gui.domain.presets import PresetDefinition, needs_caps, weights_of
from rebalancer_gui.domain.rail_checks import DOLLARS
from rebalancer_gui.domain.strategy import MIN_COINS, Target

RETURN_DAYS = (7, 30, 180)
ANOTHER_COIN = Decimal(2)
"""A price that is this many times the one that the source of caps knew, or as many times smaller, is another coin's."""


def build_card(
    preset: PresetDefinition,
    *,
    quote: str,
    rules: Mapping[str, MarketRules],
    quotes: Mapping[str, Quote],
    caps: MarketCapSource | None,
    at: datetime,
    read_at: datetime | None = None,
    closes: DailyCloses | None = None,
) -> PresetCard:
    """The card of ``preset`` as of ``at``, from what trades in ``quote`` on this account and, where its weights need it, has a
    known cap then. ``read_at``: when the caps were read. ``closes``: the account's own, before those of ``caps``.
    """
    tradable = [a for a in preset.coins if _trades(a, quote, rules)]
    by_caps = needs_caps(preset, len(tradable))
    known = dict(caps.market_caps(preset.coins, at)) if caps is not None and by_caps else {}
    doubtful = tuple(a for a in tradable if a in known and is_another(a, quote, quotes, caps, at))
    able = [a for a in tradable if a in known and a not in doubtful] if by_caps else tradable
    chosen = sorted(able, key=lambda a: (-known.get(a, ZERO), preset.coins.index(a)))[: preset.take]
    targets: tuple[Target, ...] = ()
    if chosen:
        targets = with_minimum(weights_of(preset, chosen, known), preset.minimum_weight)
    unusable = ""
    if len(chosen) < MIN_COINS:
        cap = " with a known market cap" if by_caps else ""
        unusable = f"fewer than {MIN_COINS} of its coins trade in {quote}{cap}"
        if by_caps and caps is None:
            unusable = "there is no source of market caps on this account"
    series = {a: _closes(a, quote, at, caps, closes) for a in chosen}
    used = caps if by_caps else None
    return PresetCard(
        id=preset.id,
        name=preset.name,
        category=preset.category,
        targets=targets,
        rule=preset.rule,
        sell_all_on_stop=preset.sell_all_on_stop,
        minimum_weight=preset.minimum_weight,
        smallest_investment=smallest_investment(targets, quote, rules, quotes) if not unusable else None,
        returns=tuple(annualised_return(targets, series, days) for days in RETURN_DAYS) if not unusable else (),
        source=used.attribution if used is not None else "",
        as_of=used.as_of(at) if used is not None else None,
        list_date=preset.list_date,
        candidates=preset.coins,
        missing=tuple(a for a in preset.coins if a not in able),
        unusable=unusable,
        list_source=preset.source,
        weighting=preset.weighting,
        by_caps=by_caps,
        own=preset.own,
        read_at=read_at if used is not None else None,
        doubtful=doubtful,
    )


def _trades(asset: str, quote: str, rules: Mapping[str, MarketRules]) -> bool:
    market = rules.get(symbol_of(asset, quote))
    return market is not None and market.status is MarketStatus.TRADING


def is_another(asset: str, quote: str, quotes: Mapping[str, Quote], caps: MarketCapSource | None, at: datetime) -> bool:
    """Whether the exchange sells something else for ``quote`` under this name than the source of caps speaks of; only prices in
    dollars can tell.
    """
    price = quotes.get(symbol_of(asset, quote))
    dollars = caps.price(asset, at) if caps is not None and quote in DOLLARS else None
    if price is None or dollars is None or price.fault(price.at, None) is not None:
        return False
    return not dollars / ANOTHER_COIN <= price.mid <= dollars * ANOTHER_COIN


def _closes(
    asset: str, quote: str, at: datetime, caps: MarketCapSource | None, closes: DailyCloses | None
) -> Sequence[Decimal]:
    """Both end with the price at 00:00 UTC of the day of ``at``: the exchange's close of the day before, and the source's row of
    that date (the day shift of domain/daily_closes.py).
    """
    wanted = max(RETURN_DAYS) + 1
    own = closes.closes(symbol_of(asset, quote), at, wanted) if closes is not None else ()
    if own or caps is None:
        return own
    return caps.closes(asset, at, wanted)
