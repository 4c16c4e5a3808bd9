"""A ccxt venue at the end of a real wire: the adapter, ccxt itself, HTTP on this machine, and a face of the exchange."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from rebalancer_gui.adapters.venues.ccxt_client import make_client
from rebalancer_gui.adapters.venues.ccxt_venue import CcxtVenue
from rebalancer_gui.adapters.venues.ccxt_venues import dialect_of
from rebalancer_gui.application.connection import Credentials, VenueSpec
from rebalancer_gui.domain.market import FeeSchedule, FeeSide
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Side
from tests.paper_bench import RULES, Setup
from tests.wire.binance_face import BinanceFace
from tests.wire.bybit_face import BybitFace
from tests.wire.coinbase_face import COINBASE_KEY, CoinbaseFace
from tests.wire.core import Core, core
from tests.wire.kraken_face import KrakenFace
from tests.wire.okx_face import OkxFace
from tests.wire.server import Face, Wire, serving

KEY = Credentials("KEYthatNobodyMaySee", "c2VjcmV0dGhhdG5vYm9keW1heXNlZQ==", "passphraseNobodyMaySee")
FACES: dict[str, Callable[[Core], Face]] = {
    "binance": BinanceFace,
    "bybit": BybitFace,
    "okx": OkxFace,
    "kraken": KrakenFace,
    "coinbase": CoinbaseFace,
}
KEYS: dict[str, Credentials] = {"coinbase": COINBASE_KEY}
IN_QUOTE = Setup(fees=FeeSchedule(Decimal("0.0026"), FeeSide.QUOTE))
SETUPS = {
    "okx": Setup(rules={symbol: replace(rules, min_notional=Decimal(0)) for symbol, rules in RULES.items()}),
    "kraken": IN_QUOTE,
    "coinbase": IN_QUOTE,
}
"""What a venue has otherwise: OKX knows no smallest value, Kraken and Coinbase take their fee in quote."""
MADE = tuple(FACES)


@dataclass
class Line:
    """Both ends."""

    venue: CcxtVenue
    wire: Wire
    core: Core


@asynccontextmanager
async def line(name: str, setup: Setup | None = None) -> AsyncIterator[Line]:
    """An open venue and its server."""
    key = KEYS.get(name, KEY)
    async with core(key, setup or SETUPS.get(name)) as there, serving(there, FACES[name]) as wire:
        client = make_client(VenueSpec(name, wire.url), key, clock=there.clock, paced=False)
        venue = CcxtVenue(dialect_of(client), name=name, credentials=key, quote_assets=("USDT",))
        try:
            await venue.open()
            yield Line(venue, wire, there)
        finally:
            await venue.close()
            assert wire.breaches == []


def on(name: str, body: Callable[[Line], Coroutine[Any, Any, None]], setup: Setup | None = None) -> None:
    """Run ``body`` on a fresh line."""

    async def run() -> None:
        async with line(name, setup) as made:
            await body(made)

    asyncio.run(run())


async def buy(
    made: Line, cid: str = "rbtest000000000001", quantity: str = "0.01", *, market: bool = False
) -> OrderRequest:
    """A legal buy of BTC, at the best ask or at the market."""
    ask = (await made.core.paper.order_book("BTC/USDT")).asks[0].price
    kind = OrderType.MARKET if market else OrderType.LIMIT_IOC
    return OrderRequest(cid, "BTC/USDT", Side.BUY, kind, Decimal(quantity), None if market else ask)
