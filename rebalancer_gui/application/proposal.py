"""A rebalance that a rule has triggered and that waits for its owner's word (approve mode), or is only shown (watch only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.domain.market import Quote
from rebalancer_gui.domain.planning import Plan
from rebalancer_gui.domain.triggers import RebalanceReason
from rebalancer_gui.domain.valuation import Snapshot

LASTS = timedelta(seconds=60)
MAX_MOVE = Decimal("0.003")
"""A price of its legs that moved by more than this fraction since the plan ends it (FILES.md)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """``plan`` carries the snapshot that it was made from and that it is traded on. ``tick``: see Rebalancer.rebalance.

    ``only_shown``: the account only watches, so there is nothing to approve.
    """

    id: str
    plan: Plan
    reason: RebalanceReason
    tick: int
    at: datetime
    version: int
    """Of the strategy's parameters."""
    only_shown: bool = False
    approved: bool = False

    @property
    def expires_at(self) -> datetime:
        return self.at + LASTS

    def is_over(self, now: datetime, quotes: Mapping[str, Quote], present: Snapshot | None) -> bool:
        """Whether it must be planned anew: it is old, a price moved, or the portfolio is not what it was."""
        if not self.at <= now <= self.expires_at or present is None:
            return True
        snapshot = self.plan.snapshot
        if [(h.asset, h.quantity, h.target) for h in present.holdings] != [
            (h.asset, h.quantity, h.target) for h in snapshot.holdings
        ] or present.cash != snapshot.cash:
            return True
        then = {h.quote.symbol: h.quote for h in snapshot.holdings if h.quote is not None}
        return any(_moved(then[leg.symbol], quotes.get(leg.symbol)) for leg in self.plan.legs)


def _moved(then: Quote, now: Quote | None) -> bool:
    return now is None or now.fault(now.at, None) is not None or abs(now.mid - then.mid) > MAX_MOVE * then.mid
