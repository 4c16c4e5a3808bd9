"""Tests a connection with questions only, before an account is stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from rebalancer_gui.adapters.venues.catalogue import name_of
from rebalancer_gui.adapters.venues.ccxt_quirks import quirks_of
from rebalancer_gui.adapters.venues.ccxt_venue import fingerprint
from rebalancer_gui.adapters.venues.ccxt_venues import make_venue
from rebalancer_gui.application.connection import ConnectionReport, Credentials, Permissions, VenueSpec
from rebalancer_gui.application.ports import Clock
from rebalancer_gui.domain.errors import VenueUnavailable

T = TypeVar("T")
UNCONFIRMED = "Proven on loopback; not yet confirmed on the real exchange."


async def probe(spec: VenueSpec, credentials: Credentials, *, clock: Clock, paced: bool = True) -> ConnectionReport:
    """Time, balances, rights, fee rate and name of the account. What was not answered is in ``problems``.

    Raises InvalidInput (``venue``, ``api_url``, ``environment``), VenueAuthError when the key is refused, VenueUnavailable when
    the venue does not answer at all. Closes its connection. Run it in the engine's loop: the first one imports ccxt.
    """
    quirks = quirks_of(spec.venue)
    venue = make_venue(spec, credentials, clock=clock, name=name_of(spec.venue), trading=False, paced=paced)
    problems: list[str] = []

    async def asked(ask: Callable[[], Awaitable[T]]) -> T | None:
        try:
            return await ask()
        except VenueUnavailable as error:
            if error.message not in problems:
                problems.append(error.message)
            return None

    try:
        await venue.server_time()
        offset = venue.dialect.client.ahead
        # The first question that needs the key: a refused one ends it here.
        balances = await asked(venue.balances)
        permissions = await asked(venue.permissions)
        return ConnectionReport(
            venue=spec.venue,
            tier=quirks.tier,
            tier_reason=quirks.rests_on,
            without_evidence=UNCONFIRMED,
            fingerprint=fingerprint(credentials),
            time_offset=offset,
            identity=await asked(venue.identity),
            permissions=permissions or Permissions(note="The rights of the key could not be read."),
            balances=balances,
            fees=await asked(venue.fees),
            problems=tuple(problems),
            exchange=name_of(spec.venue),
        )
    finally:
        await venue.close()
