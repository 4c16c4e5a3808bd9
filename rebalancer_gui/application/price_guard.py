"""A price that jumps needs to be seen three times before a rebalance may rest on it (BEHAVIOUR.md 3.1).

Where the account's rails say so it is also held against the median of the last five minutes (ORDERS.md section 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.domain.market import Quote
from rebalancer_gui.domain.money import plain
from rebalancer_gui.domain.protection import APART, GOOD_QUOTES
from rebalancer_gui.domain.rail_checks import MEDIAN_WINDOW, has_new_units, is_away, is_settled, median
from rebalancer_gui.domain.rails import Rail, RailSet
from rebalancer_gui.domain.triggers import jumped

FAR_APART = timedelta(seconds=60)
"""Where quotes are further apart than this, one is enough."""


@dataclass(slots=True)
class _Seen:
    """The last believed mid of a symbol, and the jump that is being confirmed."""

    believed: Decimal
    believed_at: datetime
    jump: Decimal | None = None
    jump_at: datetime | None = None
    count: int = 0


@dataclass(slots=True)
class _Recent:
    """The good mids of a symbol within the last five minutes (at least one), and the jump that is being confirmed."""

    samples: list[tuple[datetime, Decimal]] = field(default_factory=list)
    jump: Decimal | None = None
    first: datetime | None = None
    count: int = 0

    @property
    def usual(self) -> Decimal:
        return median([mid for _, mid in self.samples])


class PriceGuard:
    """Knows which symbols have just jumped by more than 10 % and are not confirmed yet."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._rails = RailSet()
        self._recent: dict[str, _Recent] = {}
        self.new_units: dict[str, tuple[Decimal, Decimal]] = {}
        """Symbols whose confirmed price is so far from what it was that the coin has new units: (before, after). Whoever
        acts on one takes it out.
        """

    def use(self, rails: RailSet) -> None:
        """The rails of the account: whether the median counts, and how far from it is a jump."""
        self._rails = rails
        if not rails.is_on(Rail.JUMP):
            self._recent.clear()

    def observe(self, quotes: Mapping[str, Quote], stale_after: timedelta | None, now: datetime) -> None:
        """Take in one batch; quotes with a fault count for nothing.

        What counts is when the venue confirmed a quote: on a quiet pair the same price is a good quote again.
        """
        for symbol, quote in quotes.items():
            if quote.fault(now, stale_after) is None:
                self._observe(symbol, quote.mid, quote.received_at)
                self._observe_median(symbol, quote.mid, quote.received_at)

    def _observe(self, symbol: str, mid: Decimal, at: datetime) -> None:
        seen = self._seen.get(symbol)
        if seen is None:
            self._seen[symbol] = _Seen(mid, at)
            return
        newest = seen.jump_at or seen.believed_at
        if not jumped(seen.believed, mid) or at - newest > FAR_APART:
            self._seen[symbol] = _Seen(mid, at)
        elif seen.jump is None or jumped(seen.jump, mid):
            seen.jump, seen.jump_at, seen.count = mid, at, 1
        elif at - newest >= APART:
            seen.jump_at, seen.count = at, seen.count + 1
            if seen.count >= GOOD_QUOTES:
                self._seen[symbol] = _Seen(mid, at)

    def _observe_median(self, symbol: str, mid: Decimal, at: datetime) -> None:
        limit = self._rails.limit(Rail.JUMP)
        if limit is None:
            return
        recent = self._recent.setdefault(symbol, _Recent())
        recent.samples = [sample for sample in recent.samples if at - sample[0] <= MEDIAN_WINDOW]
        if not recent.samples:
            # The first, or the first after a gap: there is nothing near enough to hold it against.
            self._recent[symbol] = _Recent([(at, mid)])
            return
        usual = recent.usual
        if not is_away(usual, mid, limit):
            recent.samples.append((at, mid))
            recent.jump = None
        elif recent.jump is None or is_away(recent.jump, mid, limit):
            recent.jump, recent.first, recent.count = mid, at, 1
        elif recent.first is not None:
            recent.count += 1
            if is_settled(recent.first, recent.count, at):
                if has_new_units(self._rails, usual, mid):
                    self.new_units[symbol] = (usual, mid)
                self._recent[symbol] = _Recent([(at, mid)])

    def is_settled(self, symbol: str) -> bool:
        """Whether no jump against the median waits for confirmation; always so where that rail is off."""
        recent = self._recent.get(symbol)
        return recent is None or recent.jump is None

    def believes(self, quote: Quote) -> bool:
        """Whether a quote that was read just now, between two batches, may be traded on: no jump of it waits for
        confirmation, and it is none itself.
        """
        limit, recent = self._rails.limit(Rail.JUMP), self._recent.get(quote.symbol)
        if limit is None or recent is None:
            return True
        return self.is_confirmed(quote.symbol) and not is_away(recent.usual, quote.mid, limit)

    def forget(self, symbol: str) -> None:
        """Its market is gone for good: what was believed of it is never asked for again."""
        self._seen.pop(symbol, None)
        self._recent.pop(symbol, None)
        self.new_units.pop(symbol, None)

    def turned_to(self, now: datetime) -> None:
        """The clock was set: what was believed was believed until now, and what was being confirmed begins anew."""
        self._recent.clear()
        for symbol, seen in self._seen.items():
            self._seen[symbol] = _Seen(seen.believed, now)

    def to_plain(self) -> dict[str, list[str | int]]:
        """What is being confirmed, for the next start."""
        return {
            symbol: [
                plain(s.believed), s.believed_at.isoformat(), plain(s.jump) if s.jump is not None else "",
                s.jump_at.isoformat() if s.jump_at is not None else "", s.count,
            ]
            for symbol, s in self._seen.items()
        }  # fmt: skip

    def from_plain(self, kept: Mapping[str, list[str | int]]) -> None:
        """As :meth:`to_plain` gave it."""
        for symbol, (believed, believed_at, jump, jump_at, count) in kept.items():
            self._seen[symbol] = _Seen(
                Decimal(str(believed)),
                datetime.fromisoformat(str(believed_at)),
                Decimal(str(jump)) if jump else None,
                datetime.fromisoformat(str(jump_at)) if jump_at else None,
                int(count),
            )

    def is_confirmed(self, symbol: str) -> bool:
        """Whether the newest quote of ``symbol`` may be traded on."""
        seen = self._seen.get(symbol)
        return (seen is None or seen.jump is None) and self.is_settled(symbol)
