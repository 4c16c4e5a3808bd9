"""A price that jumps needs to be seen three times before a rebalance may rest on it (BEHAVIOUR.md 3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.domain.market import Quote
from rebalancer_gui.domain.money import plain
from rebalancer_gui.domain.protection import APART, GOOD_QUOTES
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


class PriceGuard:
    """Knows which symbols have just jumped by more than 10 % and are not confirmed yet."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def observe(self, quotes: Mapping[str, Quote], stale_after: timedelta | None, now: datetime) -> None:
        """Take in one batch; quotes with a fault count for nothing.

        What counts is when the venue confirmed a quote: on a quiet pair the same price is a good quote again.
        """
        for symbol, quote in quotes.items():
            if quote.fault(now, stale_after) is None:
                self._observe(symbol, quote.mid, quote.received_at)

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

    def turned_to(self, now: datetime) -> None:
        """The clock was set: what was believed was believed until now, and what was being confirmed begins anew."""
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
        return seen is None or seen.jump is None
