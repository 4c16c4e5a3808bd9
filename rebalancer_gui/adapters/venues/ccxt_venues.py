"""Which dialect each first-class venue speaks."""

from __future__ import annotations

from rebalancer_gui.adapters.venues.ccxt_binance import Binance
from rebalancer_gui.adapters.venues.ccxt_client import VenueClient
from rebalancer_gui.adapters.venues.ccxt_dialect import Dialect
from rebalancer_gui.domain.errors import InvalidInput

DIALECTS: dict[str, type[Dialect]] = {"binance": Binance}


def dialect_of(client: VenueClient) -> Dialect:
    """InvalidInput (``venue``) where there is none."""
    dialect = DIALECTS.get(client.spec.venue)
    if dialect is None:
        raise InvalidInput("venue", f"{client.spec.venue} can be watched only: its orders are not spoken here.")
    return dialect(client)
