"""J6: one answer with all tickers of a venue, from its text to prices; ours, and ccxt's own parse of the same text.

The text is made here, in the shape of Binance's ``GET /api/v3/ticker/24hr``. Nothing leaves the machine: ccxt's method that
fetches is replaced by one that hands out the text, on both sides.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rebalancer_gui.adapters.venues.ccxt_client import make_client
from rebalancer_gui.adapters.venues.ccxt_dialect import Market
from rebalancer_gui.adapters.venues.ccxt_import import ccxt
from rebalancer_gui.adapters.venues.ccxt_venues import dialect_of
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.domain.market import Quote
from tests.benchmarks.live import NOON, rules_of

TICKERS = 3_000
_FIELDS = (
    "priceChange", "priceChangePercent", "weightedAvgPrice", "prevClosePrice", "lastPrice", "lastQty", "bidPrice", "bidQty",
    "askPrice", "askQty", "openPrice", "highPrice", "lowPrice", "volume", "quoteVolume",
)  # fmt: skip


class StillClock:
    """Implements ``Clock``: it is noon."""

    def now(self) -> datetime:
        return NOON.astimezone(UTC)

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        """At once."""


def text_of(count: int, seed: int = 7) -> str:
    chance = random.Random(seed)
    rows = []
    for k in range(count):
        row: dict[str, object] = {"symbol": f"C{k}USDT"}
        row |= {name: f"{10 ** chance.uniform(0, 5.9):.8f}" for name in _FIELDS}
        ask = 10 ** chance.uniform(-3, 4.6)
        row |= {"bidPrice": f"{ask * 0.9999:.8f}", "askPrice": f"{ask:.8f}"}
        first = chance.randrange(10**9)
        row |= {"openTime": 1_640_952_000_000, "closeTime": 1_641_038_400_000, "firstId": first}
        row |= {"lastId": first + 5000, "count": 5001}
        rows.append(row)
    return json.dumps(rows, separators=(",", ":"))


class Ours:
    """The reader of the program's own Binance adapter, with all checks that an answer passes."""

    def __init__(self, text: str, count: int) -> None:
        self._loop = asyncio.new_event_loop()
        client = make_client(VenueSpec("binance"), None, clock=StillClock(), paced=False)
        exchange = client.exchange

        async def fetch(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
            return exchange.parse_json(exchange.on_rest_response(200, "OK", url, method, {}, text, headers, body))

        exchange.fetch = fetch
        self._client = client
        self._dialect = dialect_of(client)
        self._dialect.known = {f"C{k}/USDT": Market(f"C{k}USDT", rules_of(f"C{k}")) for k in range(count)}
        self._symbols = tuple(self._dialect.known)

    def read(self) -> Iterable[Quote]:
        return self._loop.run_until_complete(self._dialect.quotes(self._symbols))

    def close(self) -> None:
        self._loop.run_until_complete(self._client.close())
        self._loop.close()


class Theirs:
    """``fetch_tickers`` of ccxt as it comes: floats, and every field of every ticker."""

    def __init__(self, text: str, count: int) -> None:
        self._exchange = exchange = ccxt().binance({"enableRateLimit": False})
        market = {"spot": True, "type": "spot", "active": True, "quote": "USDT", "precision": {}, "limits": {}}
        exchange.set_markets(
            [
                {
                    **market,
                    "id": f"C{k}USDT",
                    "symbol": f"C{k}/USDT",
                    "base": f"C{k}",
                    "baseId": f"C{k}",
                    "quoteId": "USDT",
                }
                for k in range(count)
            ]
        )
        exchange.fetch = lambda *_args, **_named: exchange.parse_json(text)

    def read(self) -> dict[str, Any]:
        told: dict[str, Any] = self._exchange.fetch_tickers()
        return told
