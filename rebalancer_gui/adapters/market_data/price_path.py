"""What every source of simulated prices offers, and how often the demo market publishes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Protocol

MIN_SPACING = timedelta(seconds=2)
MIN_SPEED, MAX_SPEED = 1, 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PricePath(Protocol):
    """Mid prices in quote units per unit of ``asset``: a pure function of (seed, asset, moment).

    The same question has the same answer at every speed, in every order of asking and in every process.
    """

    def price(self, asset: str, at: datetime) -> Decimal | None:
        """The price at ``at`` (UTC), not rounded to a tick; None where the path has none (gap, before, after)."""
        ...


def quote_spacing(speed: int) -> timedelta:
    """Market time between two quotes at ``speed`` market seconds per wall second (BEHAVIOUR.md section 3a)."""
    return max(MIN_SPACING, timedelta(milliseconds=250 * speed))


def next_quote_at(now: datetime, spacing: timedelta) -> datetime:
    """The first multiple of ``spacing`` since 1970-01-01 UTC that is after ``now``: one grid for all runs."""
    return _EPOCH + ((now - _EPOCH) // spacing + 1) * spacing
