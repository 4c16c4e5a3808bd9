"""What the application asks of a source of live prices beyond what a venue offers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Protocol


class PriceFollower(Protocol):
    """A source of prices that quotes only what is needed; everything else is asked for one by one (``Venue.quote``)."""

    def follow(self, symbols: Collection[str]) -> None:
        """From now on these markets are needed, and no others. Returns at once; their quotes are in the batches to come."""
        ...

    def hold(self, span: timedelta) -> None:
        """The venue wants to be left alone for ``span``: it is asked for nothing, and no new connection is made."""
        ...
