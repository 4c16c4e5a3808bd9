"""When a strategy rebalances (BEHAVIOUR.md section 3): pure decisions from a snapshot, the rule and the time."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.domain.bands import is_outside, most_outside
from rebalancer_gui.domain.money import HUNDRED, ZERO
from rebalancer_gui.domain.strategy import BandRule, RatioRule, Rule, TimeRule, limit_of
from rebalancer_gui.domain.valuation import Snapshot

JUMP_LIMIT = Decimal("0.1")
"""A quote more than this fraction away from the previous one of its coin needs confirmation (BEHAVIOUR.md 3.1)."""


class HoldReason(enum.Enum):
    """Why nothing is traded."""

    WITHIN = "within"
    NOT_DUE = "not due"
    GATE = "gate"
    NO_PRICE = "no price"
    CONFIRMING = "confirming"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing to do; ``asset`` names the coin that is the reason where there is one."""

    reason: HoldReason
    worst_drift: Decimal | None = None
    asset: str = ""
    detail: str = ""


class RebalanceReason(enum.Enum):
    """Why a rebalance is made; the value is the word in the journal."""

    BUILD = "first build"
    RATIO = "by coin ratio"
    TIME = "by time"
    BAND = "by auto band"
    CATCH_UP = "by time, late"
    NOW = "Rebalance now"
    ADD_FUNDS = "funds added"
    CHANGE = "coins or weights changed"
    REMOVE_FUNDS = "funds removed"
    """Not a rebalance: sells what is asked for, by target weights or the most overweight first (section 5)."""


FORCED = frozenset({RebalanceReason.BUILD, RebalanceReason.NOW, RebalanceReason.ADD_FUNDS, RebalanceReason.CHANGE})
"""Rebalances that need neither threshold nor gate (BEHAVIOUR.md 3.3)."""


@dataclass(frozen=True, slots=True)
class Rebalance:
    """Trade back to the target weights."""

    reason: RebalanceReason
    worst_drift: Decimal


Decision = Hold | Rebalance


@dataclass(frozen=True, slots=True)
class TickGrid:
    """The grid of the time rule: ticks at ``start`` + k x interval; ``done`` is the last k that was dealt with."""

    start: datetime
    done: int


def due_tick(rule: TimeRule, grid: TickGrid, now: datetime) -> int | None:
    """The newest k >= 1 with start + k x interval <= ``now`` that is not dealt with yet; None when none is due.

    After sleep or an outage several ticks may have passed: only the newest is returned, so there is one catch-up check
    and never a burst (BEHAVIOUR.md 3.2).
    """
    k = (now - grid.start) // rule.interval
    return k if k >= 1 and k > grid.done else None


def next_tick_at(rule: TimeRule, grid: TickGrid) -> datetime:
    """When the next tick that is not dealt with falls due."""
    return grid.start + rule.interval * (grid.done + 1)


def decide(
    snapshot: Snapshot,
    rule: Rule,
    *,
    grid: TickGrid,
    now: datetime,
    unconfirmed: str = "",
    bands: Mapping[str, Decimal] | None = None,
) -> Decision:
    """Hold or rebalance. ``unconfirmed`` names a coin whose last price jump still needs good quotes ("" = none); ``bands`` are
    those of :func:`~rebalancer_gui.domain.bands.bands_of`, needed by the auto band only.

    The comparison is strict: a drift equal to the threshold, gate or band holds (BEHAVIOUR.md 3.1, 3.2).
    """
    tick = due_tick(rule, grid, now) if isinstance(rule, TimeRule) else None
    if isinstance(rule, TimeRule) and tick is None:
        return Hold(HoldReason.NOT_DUE, snapshot.worst_drift)
    worst = most_outside(snapshot, bands or {}) if isinstance(rule, BandRule) else snapshot.worst
    drift = abs(worst.drift) if worst is not None and worst.drift is not None else None
    if worst is None or drift is None:
        if snapshot.faults:
            first = snapshot.faults[0]
            return Hold(HoldReason.NO_PRICE, asset=first.asset, detail=first.fault.value if first.fault else "")
        return Hold(HoldReason.EMPTY)
    beyond = is_outside(worst, bands or {}) if isinstance(rule, BandRule) else drift > limit_of(rule)
    if not beyond:
        return Hold(HoldReason.GATE if isinstance(rule, TimeRule) else HoldReason.WITHIN, drift, worst.asset)
    if unconfirmed:
        return Hold(HoldReason.CONFIRMING, drift, unconfirmed)
    if isinstance(rule, RatioRule):
        return Rebalance(RebalanceReason.RATIO, drift)
    if isinstance(rule, BandRule):
        return Rebalance(RebalanceReason.BAND, drift)
    late = tick is not None and tick > grid.done + 1
    return Rebalance(RebalanceReason.CATCH_UP if late else RebalanceReason.TIME, drift)


def jumped(previous: Decimal, current: Decimal) -> bool:
    """Whether ``current`` is more than 10 % away from ``previous`` (mid prices > 0)."""
    return abs(current - previous) > JUMP_LIMIT * previous


def unreachable_threshold(rule: RatioRule, smallest_weight: Decimal) -> bool:
    """A threshold >= 100 - the smallest weight can never be exceeded (BEHAVIOUR.md section 2)."""
    return rule.threshold >= HUNDRED - smallest_weight and smallest_weight > ZERO
