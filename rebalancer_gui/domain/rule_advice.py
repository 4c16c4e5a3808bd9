"""What is wrong with a rule before it trades, and what would mend it (BEHAVIOUR.md section 11)."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from rebalancer_gui.domain.allocation import MONEY_GRID, without
from rebalancer_gui.domain.expectation import expect, usual_drift, weight_deviations
from rebalancer_gui.domain.market import MarketRules, Quote, symbol_of
from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO, ceil_to_step, floor_to_step
from rebalancer_gui.domain.strategy import (
    GATE_GRID,
    MAX_THRESHOLD,
    MIN_COINS,
    THRESHOLD_GRID,
    THRESHOLDS,
    BandRule,
    RatioRule,
    Rule,
    Target,
    TimeRule,
    limit_of,
)

DEAR = Decimal("0.01")
"""A fee drag of more than 1 % a year is worth a warning."""
_LEAST_SHARE = Decimal(1) / 3
"""Drifts lie about normally around zero when the first coin breaches: one in four is under a third of the usual one."""


class Concern(enum.Enum):
    """What a warning is about, the worst first."""

    NEVER = "never triggers"
    """The threshold cannot be exceeded."""
    TOO_SMALL = "too small to trade"
    """When the rule triggers no order is legal."""
    SKIPPED = "small legs will be skipped"
    """When the rule triggers, the legs of some coins are often too small."""
    DEAR = "fees"


@dataclass(frozen=True, slots=True)
class Advice:
    """One warning and what mends it. ``drift`` in pp is the smallest tradable one of the coins named; the fixes are None (or
    empty) where they do not help: ``limit`` a threshold or gate in pp, ``amount`` a whole investment in quote units,
    ``targets`` the weights without ``dropped``.
    """

    concern: Concern
    coins: tuple[str, ...] = ()
    drift: Decimal | None = None
    limit: Decimal | None = None
    amount: Decimal | None = None
    dropped: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()


def smallest_drifts(
    targets: Sequence[Target], quote: str, worth: Decimal, rules: Mapping[str, MarketRules], quotes: Mapping[str, Quote]
) -> Mapping[str, Decimal]:
    """Smallest tradable drift of each coin in pp: its smallest legal order as a part of ``worth`` (quote units).

    A coin without rules or a price is left out; empty when ``worth`` is not above 0.
    """
    found: dict[str, Decimal] = {}
    if worth <= ZERO:
        return found
    for target in targets:
        symbol = symbol_of(target.asset, quote)
        market, price = rules.get(symbol), quotes.get(symbol)
        if market is not None and price is not None and price.ask > ZERO:
            found[target.asset] = market.smallest_order_value(price.ask) * HUNDRED / worth
    return found


def advise_on_rule(
    rule: Rule,
    targets: tuple[Target, ...],
    drifts: Mapping[str, Decimal],
    worth: Decimal,
    volatilities: Mapping[str, Decimal],
    cost: Decimal,
) -> tuple[Advice, ...]:
    """Everything worth a warning, the worst first.

    ``drifts`` as :func:`smallest_drifts` gives them for ``worth``; ``volatilities`` and ``cost`` as in
    :func:`~rebalancer_gui.domain.expectation.expect`.
    """
    found = []
    smallest_weight = min((t.weight for t in targets), default=ZERO)
    if not isinstance(rule, BandRule) and len(targets) >= MIN_COINS and limit_of(rule) >= HUNDRED - smallest_weight:
        highest = floor_to_step(HUNDRED - smallest_weight, THRESHOLD_GRID)
        lower = [t for t in THRESHOLDS if t < highest]
        found.append(Advice(Concern.NEVER, limit=lower[-1] if lower else None))
    elif small := _too_small(rule, targets, drifts, worth, volatilities, cost):
        found.append(small)
    if dear := _dear(rule, targets, volatilities, cost, drifts):
        found.append(dear)
    return tuple(found)


def _too_small(
    rule: Rule,
    targets: tuple[Target, ...],
    drifts: Mapping[str, Decimal],
    worth: Decimal,
    volatilities: Mapping[str, Decimal],
    cost: Decimal,
) -> Advice | None:
    """Whether the legs of a triggered rebalance are legal orders: of the coin that triggers, and of the others."""
    if len(drifts) < len(targets) or not drifts:
        return None
    deviations = weight_deviations(targets, volatilities)
    widest = max(deviations.values())
    leading = usual_drift(rule, targets, volatilities, cost, drifts)
    if ZERO in (leading, widest):
        return None
    usual = {asset: leading * deviation / widest for asset, deviation in deviations.items()}
    tradable = min(drifts.values())
    if leading < tradable:
        # The largest leg is the one of the coin that triggers, and no coin can trade so little.
        return Advice(
            Concern.TOO_SMALL, tuple(drifts), tradable, _limit(rule, tradable), _worth_for(tradable / leading, worth)
        )
    short = tuple(asset for asset, drift in drifts.items() if drift > usual[asset] * _LEAST_SHARE)
    if not short:
        return None
    factor = max(drifts[asset] / (usual[asset] * _LEAST_SHARE) for asset in short)
    left = without(targets, short) if len(targets) - len(short) >= MIN_COINS else ()
    return Advice(
        Concern.SKIPPED,
        short,
        max(drifts[asset] for asset in short),
        limit=_limit(rule, leading * factor),
        amount=_worth_for(factor, worth),
        dropped=short if left else (),
        targets=left,
    )


def _limit(rule: Rule, wanted: Decimal) -> Decimal | None:
    """``wanted`` on the grid of the threshold or gate; None beyond what is legal, and for an auto band, which has none."""
    if isinstance(rule, BandRule):
        return None
    found = ceil_to_step(wanted, GATE_GRID if isinstance(rule, TimeRule) else THRESHOLD_GRID)
    return found if found <= MAX_THRESHOLD else None


def _worth_for(factor: Decimal, worth: Decimal) -> Decimal:
    """``worth`` times ``factor``, rounded up to two leading digits: a sum that people would type."""
    wanted = worth * factor
    grid = max(ONE.scaleb(wanted.adjusted() - 1), MONEY_GRID)
    return ceil_to_step(wanted, grid)


def _dear(
    rule: Rule,
    targets: Sequence[Target],
    volatilities: Mapping[str, Decimal],
    cost: Decimal,
    drifts: Mapping[str, Decimal],
) -> Advice | None:
    """Fees over 1 % a year: the smallest threshold (or gate) of the list that stays under it."""
    if expect(rule, targets, volatilities, cost, drifts).fee_drag <= DEAR:
        return None
    if isinstance(rule, BandRule):
        return Advice(Concern.DEAR)
    for limit in THRESHOLDS:
        other = replace(rule, threshold=limit) if isinstance(rule, RatioRule) else replace(rule, gate=limit)
        if limit > limit_of(rule) and expect(other, targets, volatilities, cost).fee_drag <= DEAR:
            return Advice(Concern.DEAR, limit=limit)
    return Advice(Concern.DEAR)
