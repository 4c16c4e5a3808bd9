"""Puts together what trades or is watched on the live prices of a real exchange."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.market_data.live_feed import LiveQuoteFeed
from rebalancer_gui.adapters.venues.catalogue import name_of
from rebalancer_gui.adapters.venues.ccxt_hosts import host_of, is_loopback
from rebalancer_gui.adapters.venues.ccxt_prices import CcxtPrices
from rebalancer_gui.adapters.venues.live_paper import LivePaperVenue
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.application.ports import Clock

START_MONEY = Decimal(10_000)
"""Play money of a new paper account, in its main quote asset; more where one unit of it is worth little."""
_UNITS = {
    "MXN": 10, "TRY": 10, "TWD": 10, "ZAR": 10, "INR": 100, "JPY": 100, "PHP": 100, "KRW": 1_000, "IDR": 10_000,
}  # fmt: skip


def build_live_feed(spec: VenueSpec, clock: Clock, *, opens_itself: bool = False) -> LiveQuoteFeed:
    """Prices of a venue without a key. Nothing is imported or asked before it is opened. With ``opens_itself`` it can be the
    ``quotes`` of a ``CcxtVenue``; its account's ``AccountSetup.prices`` is the same feed then.
    """
    own_machine = spec.api_url is not None and is_loopback(host_of(spec.api_url)[0])
    return LiveQuoteFeed(CcxtPrices(spec, clock, paced=not own_machine), clock, opens_itself=opens_itself)


def build_live_paper_venue(
    path: Path | None,
    spec: VenueSpec,
    clock: Clock,
    *,
    quote_asset: str,
    balances: Mapping[str, Decimal] | None = None,
) -> LivePaperVenue:
    """A paper account whose file is ``path`` (None = memory only) on the venue's prices. ``balances`` (None: about what 10,000
    dollars are, in ``quote_asset``) count only when the account is made.
    """
    return LivePaperVenue(
        build_live_feed(spec, clock),
        clock,
        path,
        balances=balances if balances is not None else {quote_asset: START_MONEY * _UNITS.get(quote_asset, 1)},
        quote_asset=quote_asset,
        name=f"Paper on {name_of(spec.venue)}",
    )
