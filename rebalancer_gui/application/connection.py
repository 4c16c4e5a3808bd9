"""What it takes to connect to an exchange, and what a test of the connection found. No network here."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NoReturn, Protocol

from rebalancer_gui.domain.market import Balance, FeeSchedule


class Tier(enum.Enum):
    """What this program does at a venue; the value is the word on screen."""

    FIRST_CLASS = "first class"
    """Trading is possible: its adapter is proven by the whole wire suite."""
    WATCH_ONLY = "watch only"
    """Plans are shown, nothing is sent."""


@dataclass(frozen=True, slots=True)
class VenueSpec:
    """Which venue, and where. ``venue`` is ccxt's id (``binance``); ``api_url`` an own address instead of the venue's (None:
    the venue's); ``environment`` ``sandbox`` or ``demo`` where the venue has one (None: the real exchange).
    """

    venue: str
    api_url: str | None = None
    environment: str | None = None


LIVE, SANDBOX = "LIVE", "SANDBOX"
"""The word of an account at an exchange: its money is real, or the exchange's own to practise with. Everything else (watch only
at first, first contact, the gate, the rails) is the same.
"""


def mode_of(spec: VenueSpec) -> str:
    """LIVE or SANDBOX."""
    return LIVE if spec.environment is None else SANDBOX


def is_at_exchange(mode: str) -> bool:
    """Whether orders of an account of this mode, in any case, reach an exchange once its trading is on."""
    return mode.upper() in {LIVE, SANDBOX}


def whose_money(mode: str) -> str:
    """What such an account trades with, in words."""
    return "the exchange's play money" if mode.upper() == SANDBOX else "real money"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key. Nothing of it is in its repr, and it is neither copied nor pickled; ``passphrase`` "" where the venue has none."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(default="", repr=False)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A key is neither copied nor stored.")

    @property
    def values(self) -> tuple[str, ...]:
        """What must never be seen anywhere, longest first."""
        return tuple(sorted({v for v in (self.key, self.secret, self.passphrase) if v}, key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a key may do, as the venue says. None: the venue does not tell (it "cannot be checked").

    ``others`` names further rights it has that the program never needs (transfers, margin, futures), in the venue's words.
    """

    may_trade: bool | None = None
    may_withdraw: bool | None = None
    ip_restricted: bool | None = None
    others: tuple[str, ...] = ()
    note: str = ""
    """A sentence on what could not be checked and why; "" when everything was."""


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """What a test of the connection found. Fields that the venue did not answer are None, with the reason in ``problems``.

    ``time_offset``: how far the venue's clock is ahead of ours. ``identity``: tells this account from every other;
    ``fingerprint``: 8 hexadecimal digits of the key, which do not give it away. ``without_evidence``: what has never been
    confirmed on the real exchange, one sentence. ``exchange``: what people call the venue ("" = by its id).
    """

    venue: str
    tier: Tier
    tier_reason: str
    without_evidence: str
    fingerprint: str
    time_offset: timedelta | None = None
    identity: str | None = None
    permissions: Permissions = Permissions()
    balances: Mapping[str, Balance] | None = None
    fees: FeeSchedule | None = None
    problems: tuple[str, ...] = ()
    exchange: str = ""

    @property
    def called(self) -> str:
        """The venue in a sentence."""
        return self.exchange or self.venue

    @property
    def may_go_live(self) -> bool:
        """Whether live trading may be offered at all; a right to withdraw refuses it (ORDERS.md section 5)."""
        return (
            self.tier is Tier.FIRST_CLASS
            and not self.problems
            and self.permissions.may_withdraw is not True
            and self.permissions.may_trade is not False
        )


class ConnectionProbe(Protocol):
    """A test of a connection: reads only. Implemented by ``adapters.venues.probe.probe``.

    Raises InvalidInput (field ``venue``, ``api_url`` or ``environment``), VenueAuthError when the key is refused,
    VenueUnavailable when the venue does not answer at all.
    """

    async def __call__(self, spec: VenueSpec, credentials: Credentials) -> ConnectionReport: ...
