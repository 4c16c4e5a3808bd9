"""Makes a venue of ccxt's from its name: first class where its language is spoken here, else watch only."""

from __future__ import annotations

from rebalancer_gui.adapters.venues.ccxt_binance import Binance
from rebalancer_gui.adapters.venues.ccxt_bybit import Bybit
from rebalancer_gui.adapters.venues.ccxt_client import VenueClient, make_client
from rebalancer_gui.adapters.venues.ccxt_coinbase import Coinbase
from rebalancer_gui.adapters.venues.ccxt_dialect import Dialect
from rebalancer_gui.adapters.venues.ccxt_kraken import Kraken
from rebalancer_gui.adapters.venues.ccxt_okx import Okx
from rebalancer_gui.adapters.venues.ccxt_quirks import quirks_of
from rebalancer_gui.adapters.venues.ccxt_venue import CcxtVenue, QuoteSource
from rebalancer_gui.adapters.venues.ccxt_watched import Watched
from rebalancer_gui.application.connection import Credentials, Tier, VenueSpec
from rebalancer_gui.application.ports import Clock

DIALECTS: dict[str, type[Dialect]] = {
    "binance": Binance,
    "bybit": Bybit,
    "okx": Okx,
    "kraken": Kraken,
    "coinbase": Coinbase,
}


def dialect_of(client: VenueClient) -> Dialect:
    """What is spoken at the other end."""
    return DIALECTS.get(client.spec.venue, Watched)(client)


def make_venue(
    spec: VenueSpec,
    credentials: Credentials | None,
    *,
    clock: Clock,
    name: str,
    trading: bool,
    quotes: QuoteSource | None = None,
    quote_assets: tuple[str, ...] | None = None,
    paced: bool = True,
) -> CcxtVenue:
    """A venue that has asked nothing yet; ``trading`` False, or a venue that is not first class: every order is refused here.

    Raises InvalidInput (``venue``, ``api_url``, ``environment``). To be made, used and closed in the engine's loop: the first
    one imports ccxt. ``quotes`` None: prices are polled. ``paced`` False: for a server on this machine.
    """
    client = make_client(spec, credentials, clock=clock, paced=paced)
    return CcxtVenue(
        dialect_of(client),
        name=name,
        credentials=credentials,
        trading=trading,
        quotes=quotes,
        quote_assets=quote_assets,
    )


def tier_of(venue: str) -> tuple[Tier, str]:
    """What this program does at a venue, and what that rests on, in one sentence. Imports nothing of ccxt."""
    quirks = quirks_of(venue)
    return quirks.tier, quirks.rests_on


def environments_of(venue: str) -> tuple[str, ...]:
    """Names of the places to practise that a venue has (``sandbox``, ``demo``). Imports nothing of ccxt."""
    return tuple(quirks_of(venue).environments)
