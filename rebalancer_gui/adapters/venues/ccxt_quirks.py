"""What each venue needs beyond what ccxt does by itself. A new first-class venue is a row here and its wire suite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from rebalancer_gui.application.connection import Tier


@dataclass(frozen=True, slots=True)
class Quirks:
    """One venue.

    ``options``: what ccxt is told so that it asks for spot markets only and makes no call of its own accord.
    ``environments``: places to practise; the value is how ccxt is switched there (``sandbox`` or ``demo``).
    ``fence``: the venue refuses an order that arrives later than this after it was signed (None: it has no such rule).
    ``calls_per_minute``: what the venue allows one account.
    ``kept_words``: what ccxt's methods that are used here read of a market in the venue's own words; the rest is not kept in
    memory. None: unknown, all is kept.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    environments: Mapping[str, str] = field(default_factory=dict)
    fence: timedelta | None = None
    calls_per_minute: int = 60
    tier: Tier = Tier.WATCH_ONLY
    rests_on: str = "Nothing of its trading was tried: plans are shown, nothing is sent."
    needs_passphrase: bool = False
    set_up: Mapping[str, Any] = field(default_factory=dict)
    """Attributes of ccxt's object that are set before its first call."""
    kept_words: tuple[str, ...] | None = None


SPOT = {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False, "fetchMargins": False}
WINDOW = timedelta(seconds=5)
PROVEN = (
    "Proven on loopback: the whole wire suite and the contract of all venues. Not yet confirmed on the real exchange."
)

FIRST_CLASS: Mapping[str, Quirks] = {
    "binance": Quirks(
        options={**SPOT, "recvWindow": 5000, "warnOnFetchOpenOrdersWithoutSymbol": False},
        environments={"sandbox": "sandbox", "demo": "demo"},
        fence=WINDOW,
        calls_per_minute=600,
        tier=Tier.FIRST_CLASS,
        rests_on=PROVEN,
        kept_words=(),
    ),
    "bybit": Quirks(
        options={
            **SPOT,
            "recvWindow": 5000,
            # Else ccxt asks what kind of account it is before its first private call.
            "enableUnifiedMargin": False,
            "enableUnifiedAccount": True,
            "createMarketBuyOrderRequiresPrice": False,
        },
        environments={"sandbox": "sandbox", "demo": "demo"},
        fence=WINDOW,
        calls_per_minute=600,
        tier=Tier.FIRST_CLASS,
        rests_on=PROVEN,
        kept_words=(),
    ),
    "okx": Quirks(
        options={**SPOT, "createMarketBuyOrderRequiresPrice": False},
        environments={"demo": "sandbox"},
        calls_per_minute=600,
        needs_passphrase=True,
        tier=Tier.FIRST_CLASS,
        rests_on=PROVEN,
        kept_words=(),
    ),
    "kraken": Quirks(
        options={"fetchCurrencies": False},
        calls_per_minute=60,
        tier=Tier.FIRST_CLASS,
        rests_on=PROVEN,
        # By this name its order books and its pushes are found.
        kept_words=("wsname",),
    ),
    "coinbase": Quirks(
        options={"fetchCurrencies": False, "createMarketBuyOrderRequiresPrice": False},
        calls_per_minute=600,
        tier=Tier.FIRST_CLASS,
        rests_on=PROVEN,
        kept_words=(),
    ),
}

ANY_OTHER = Quirks(options=SPOT)


def quirks_of(venue: str) -> Quirks:
    """The row of a venue; of any other one what holds for all."""
    return FIRST_CLASS.get(venue, ANY_OTHER)
