"""Market caps as the application sees them: what is known of them, and what can be done to know more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CapsState:
    """Where the market caps of an account come from now.

    ``source`` is the attribution that must be shown ("" = there is none), ``as_of`` the date of the data, ``read_at`` when
    it was read (None: it came with the program, or is of the demo's own day). ``busy``: it is being read just now. ``problem``: why
    newer caps could not be had ("" = nothing is wrong). ``why_no_refresh``: why it cannot be read anew now ("" = it can).
    """

    source: str = ""
    as_of: date | None = None
    read_at: datetime | None = None
    busy: bool = False
    problem: str = ""
    why_no_refresh: str = ""


class MarketCapSource(Protocol):
    """Market capitalisations and daily closes as they were known at a moment."""

    @property
    def attribution(self) -> str: ...

    def market_caps(self, assets: Sequence[str], at: datetime) -> Mapping[str, Decimal]:
        """Known caps in USD; an asset without one is left out."""
        ...

    def price(self, asset: str, at: datetime) -> Decimal | None:
        """What one unit of the asset, as it is traded, cost in USD when the caps were read; None where that is not known. It
        tells whether the source speaks of the same coin as the exchange.
        """
        ...

    def as_of(self, at: datetime) -> date | None:
        """The date of the newest data known at ``at``."""
        ...

    def closes(self, asset: str, at: datetime, days: int) -> Sequence[Decimal]:
        """The last ``days`` daily closes known at ``at``, oldest first; fewer where there are fewer."""
        ...


class CapsFeed(Protocol):
    """A source of market caps that can be read anew. Engine thread only."""

    @property
    def revision(self) -> int:
        """Grows with every change of what is known: cards made before are out of date then."""
        ...

    def state(self) -> CapsState: ...

    def refresh(self) -> None:
        """Read it anew, beside everything else. Raises InvalidInput with the reason when that is not possible now."""
        ...


class DailyCloses(Protocol):
    """An account's own daily closes, as far as they are at hand: nothing is asked of anybody."""

    def closes(self, symbol: str, at: datetime, days: int) -> Sequence[Decimal]:
        """The last ``days`` daily closes known at ``at`` in quote units, oldest first and without a gap up to the newest, which
        is the close of the day before that of ``at``; () where that one is not at hand.
        """
        ...
