"""What the engine asks of the exchange behind a live account besides trading there; see ``go_live``."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from rebalancer_gui.application.connection import ConnectionReport, Tier


class LiveSide(Protocol):
    """Implemented where the account is put together."""

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits of the key that is used now, as in the report; "" without a key."""
        ...

    @property
    def locked(self) -> str:
        """Why its key cannot be had now, with what to do, in whole sentences: prices come, nothing else is asked or sent. ""
        with a key.
        """
        ...

    def look_for_key(self) -> Awaitable[bool]:
        """Whether the key can be had again: then it is to be opened anew. May take a minute. Never raises."""
        ...

    @property
    def tier(self) -> Tier: ...

    @property
    def against_folder(self) -> str:
        """Why the data folder is no place for a live account (a network or cloud folder); "" when it is one."""
        ...

    def probe(self) -> Awaitable[ConnectionReport]:
        """Read-only questions to the exchange. Raises VenueError."""
        ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """The first contact of an account: when, with which key, at which account of the venue, and what the buy and the
    sell-back cost (quote units; ``trades`` names the two orders).
    """

    at: datetime
    fingerprint: str
    identity: str
    symbol: str
    cost: Decimal
    quote: str
    trades: tuple[str, ...]

    def to_text(self) -> str:
        """As JSON."""
        return json.dumps(
            {
                "at": self.at.isoformat(), "fingerprint": self.fingerprint, "identity": self.identity,
                "symbol": self.symbol, "cost": f"{self.cost:f}", "quote": self.quote, "trades": list(self.trades),
            },
            sort_keys=True,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quotation:
    """What a first contact in ``symbol`` takes now: ``investment`` is used, ``cost`` is about what does not come back (spread
    and two fees), both in ``quote`` units.
    """

    symbol: str
    quote: str
    investment: Decimal
    cost: Decimal
