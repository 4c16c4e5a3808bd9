"""A venue's public side on loopback, as Binance has it (HTTP and WebSocket), and one that can only be asked (as Bitso).

Shapes as in Binance's Spot API documentation (market data endpoints, individual symbol ticker streams) and Bitso's.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from aiohttp import WSMsgType, web

from rebalancer_gui.domain.money import plain

SPEED = 10.0
"""So much faster than the wall goes the clock of whoever is tested."""


class FastClock:
    """The port Clock: time goes ``SPEED`` times as fast as on the wall."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._began = datetime.now(UTC)

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._start) * SPEED

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)


@dataclass
class Priced:
    """One market of the server. ``bid`` and the others are what is sent, word for word."""

    id: str
    base: str
    quote: str
    bid: str
    ask: str
    last: str
    volume: str = "123456789.5"
    status: str = "TRADING"
    min_notional: str = "5.00000000"
    busy: bool = True
    """Whether it is pushed again and again."""


@dataclass
class PublicVenue:
    """What is there, what it does, and what it was asked. Change the fields while it runs."""

    markets: dict[str, Priced] = field(
        default_factory=lambda: {
            "BTCUSDT": Priced("BTCUSDT", "BTC", "USDT", "50000.01000000", "50000.02000000", "50000.01000000"),
            "ETHUSDT": Priced("ETHUSDT", "ETH", "USDT", "2500.10000000", "2500.11000000", "2500.10000000"),
            "XRPUSDT": Priced("XRPUSDT", "XRP", "USDT", "0.51230000", "0.51240000", "0.51230000"),
            "USDCUSDT": Priced("USDCUSDT", "USDC", "USDT", "0.99990000", "1.00000000", "0.99990000"),
            "OLDUSDT": Priced("OLDUSDT", "OLD", "USDT", "0.00000000", "0.00000000", "1.00000000", status="BREAK"),
        }
    )
    push_every: float = 1.0 / SPEED
    pushes: bool = True
    deaf: bool = False
    """It takes what it is sent and answers nothing, pings neither."""
    status: int = 200
    retry_after: str = ""
    sockets_refused: bool = False
    refuses_lists: bool = False
    tickers_have_prices: bool = True
    """Whether Bitso's tickers have bid and ask."""
    raw_push: list[str] = field(default_factory=list)
    """Sent once, as they are, to every socket that is open."""
    asked: list[tuple[float, str, str]] = field(default_factory=list)
    connections: int = 0
    subscribed: list[list[str]] = field(default_factory=list)
    url: str = ""
    refusal: str = ""
    """The body of an answer with another ``status`` than 200 ("": Binance's at too many requests)."""
    _sockets: list[web.WebSocketResponse] = field(default_factory=list)

    # ------------------------------------------------------------------------------------------------------------ questions

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if "/stream/" in request.path:
            return await self._socket(request)
        self.asked.append((time.monotonic(), request.path, request.query_string))
        if self.status != 200 and self.refusal:
            return web.Response(status=self.status, text=self.refusal)
        if self.status != 200:
            headers = {"Retry-After": self.retry_after} if self.retry_after else {}
            return web.json_response({"code": -1003, "msg": "Too many requests."}, status=self.status, headers=headers)
        if self.refuses_lists and "symbols" in request.query:
            return web.json_response({"code": -1100, "msg": "Illegal characters found."}, status=400)
        answer = getattr(self, "_" + request.path.strip("/").replace("/", "_"), None)
        if answer is None:
            return web.json_response({"code": -1, "msg": f"no such path {request.path}"}, status=404)
        return web.json_response(answer(request))

    def _api_v3_time(self, _request: web.Request) -> Any:
        return {"serverTime": int(time.time() * 1000)}

    def _api_v3_exchangeInfo(self, _request: web.Request) -> Any:
        return {
            "timezone": "UTC",
            "serverTime": int(time.time() * 1000),
            "rateLimits": [],
            "exchangeFilters": [],
            "symbols": [_listed(market) for market in self.markets.values()],
        }

    def _api_v3_ticker_24hr(self, request: web.Request) -> Any:
        if "symbol" in request.query:
            return _ticker(self.markets[request.query["symbol"]])
        return [_ticker(self.markets[symbol]) for symbol in json.loads(request.query["symbols"])]

    def _api_v3_klines(self, request: web.Request) -> Any:
        """Hourly bars of one price, the one that is not over yet among them."""
        market, hour = self.markets[request.query["symbol"]], 3_600_000
        begin, now = -(-int(request.query["startTime"]) // hour) * hour, int(time.time() * 1000)
        times = range(begin, now + 1, hour)[: int(request.query["limit"])]
        price = market.last
        return [[at, price, price, price, price, "1.0", at + hour - 1, price, 1, "0", "0", "0"] for at in times]

    def _api_v3_depth(self, request: web.Request) -> Any:
        market = self.markets[request.query["symbol"]]
        return {"lastUpdateId": 1, "bids": _side(market.bid, -1), "asks": _side(market.ask, 1)}

    def _api_v3_catalogues(self, _request: web.Request) -> Any:
        assets = sorted({a for m in self.markets.values() for a in (m.base, m.quote)})
        listed = [
            {"code": a.lower(), "full_name": a, "precision": 8, "display_ticker": a, "type": "crypto"} for a in assets
        ]
        return {"success": True, "payload": {"currencies": {"metadata": listed}}}

    def _api_v3_available_books(self, _request: web.Request) -> Any:
        return {
            "success": True,
            "payload": [
                {
                    "book": f"{m.base}_{m.quote}".lower(), "minimum_amount": "0.00000001", "maximum_amount": "500",
                    "minimum_value": "1", "maximum_value": "10000000", "tick_size": "0.01", "minimum_price": "0.01",
                    "maximum_price": "10000000", "fees": {"flat_rate": {"maker": "0.500", "taker": "0.650"}, "structure": []},
                }
                for m in self.markets.values()
            ],
        }  # fmt: skip

    def _api_v3_ticker(self, request: web.Request) -> Any:
        market = self.markets[request.query["book"].replace("_", "").upper()]
        told = {
            "high": market.last, "last": market.last, "created_at": "2022-01-28T17:03:29+00:00", "book": request.query["book"],
            "volume": "6.16", "vwap": market.last, "low": market.last, "change_24": "0",
        }  # fmt: skip
        if self.tickers_have_prices:
            told |= {"ask": market.ask, "bid": market.bid}
        return {"success": True, "payload": told}

    def _api_v3_order_book(self, request: web.Request) -> Any:
        market = self.markets[request.query["book"].replace("_", "").upper()]
        sides = {
            name: [
                {"book": request.query["book"], "price": price, "amount": amount} for price, amount in _side(best, way)
            ]
            for name, best, way in (("bids", market.bid, -1), ("asks", market.ask, 1))
        }
        return {"success": True, "payload": {**sides, "updated_at": "2022-01-28T17:03:29+00:00", "sequence": "1"}}

    # -------------------------------------------------------------------------------------------------------------- pushes

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        self.connections += 1
        if self.sockets_refused:
            return web.Response(status=503)
        socket = web.WebSocketResponse(autoping=False)
        try:
            await socket.prepare(request)
        except ConnectionResetError:
            # The program was stopped in the middle of connecting.
            return web.Response(status=503)
        self._sockets.append(socket)
        pushing: list[asyncio.Task[None]] = []
        try:
            async for message in socket:
                if self.deaf:
                    continue
                if message.type is WSMsgType.PING:
                    await socket.pong(message.data)
                elif message.type is WSMsgType.TEXT:
                    said = json.loads(message.data)
                    self.subscribed.append(said["params"])
                    await socket.send_json({"result": None, "id": said["id"]})
                    pushing.append(asyncio.create_task(self._push(socket, said["params"])))
        finally:
            for task in pushing:
                task.cancel()
            await asyncio.gather(*pushing, return_exceptions=True)
            self._sockets.remove(socket)
        return socket

    async def _push(self, socket: web.WebSocketResponse, streams: list[str]) -> None:
        first = True
        while not socket.closed:
            for stream in streams:
                market = self.markets.get(stream.partition("@")[0].upper())
                if market is not None and self.pushes and not self.deaf and (first or market.busy):
                    await socket.send_str(json.dumps(pushed(market)))
            first = False
            await asyncio.sleep(self.push_every)

    async def push_raw(self, *messages: str) -> None:
        """The same words to every socket."""
        for socket in self._sockets:
            for message in messages:
                await socket.send_str(message)

    async def drop_sockets(self) -> None:
        """Cut every socket off."""
        for socket in list(self._sockets):
            await socket.close()

    def count(self, path: str) -> int:
        return sum(asked == path for _at, asked, _query in self.asked)


@asynccontextmanager
async def public_venue() -> AsyncIterator[PublicVenue]:
    """Running on a port of its own."""
    venue = PublicVenue()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", venue.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        venue.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield venue
    finally:
        await venue.drop_sockets()
        await runner.cleanup()


def _listed(market: Priced) -> dict[str, Any]:
    return {
        "symbol": market.id, "status": market.status, "baseAsset": market.base, "baseAssetPrecision": 8,
        "quoteAsset": market.quote, "quotePrecision": 8, "quoteAssetPrecision": 8, "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8, "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"], "icebergAllowed": True,
        "ocoAllowed": True, "quoteOrderQtyMarketAllowed": True, "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False, "permissions": ["SPOT"], "permissionSets": [["SPOT"]],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.00010000", "maxPrice": "1000000.00000000",
             "tickSize": "0.00010000" if float(market.last) < 10 else "0.01000000"},
            {"filterType": "LOT_SIZE", "minQty": "0.00001000", "maxQty": "9000.00000000", "stepSize": "0.00001000"},
            {"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": "100.00000000", "stepSize": "0.00000000"},
            {"filterType": "NOTIONAL", "minNotional": market.min_notional, "applyMinToMarket": True,
             "maxNotional": "9000000.00000000", "applyMaxToMarket": False, "avgPriceMins": 5},
        ],
    }  # fmt: skip


def _ticker(market: Priced) -> dict[str, Any]:
    now = int(time.time() * 1000)
    return {
        "symbol": market.id, "priceChange": "0.0", "priceChangePercent": "0.0", "weightedAvgPrice": market.last,
        "prevClosePrice": market.last, "lastPrice": market.last, "lastQty": "1.0", "bidPrice": market.bid, "bidQty": "1.0",
        "askPrice": market.ask, "askQty": "1.0", "openPrice": market.last, "highPrice": market.last, "lowPrice": market.last,
        "volume": "1000.0", "quoteVolume": market.volume, "openTime": now - 86_400_000, "closeTime": now, "firstId": 1,
        "lastId": 2, "count": 2,
    }  # fmt: skip


def pushed(market: Priced) -> dict[str, Any]:
    """A ticker of now, as Binance pushes it."""
    now = int(time.time() * 1000)
    return {
        "e": "24hrTicker", "E": now, "s": market.id, "p": "0.0", "P": "0.0", "w": market.last, "x": market.last,
        "c": market.last, "Q": "1.0", "b": market.bid, "B": "1.0", "a": market.ask, "A": "1.0", "o": market.last,
        "h": market.last, "l": market.last, "v": "1000.0", "q": market.volume, "O": now - 86_400_000, "C": now, "F": 1,
        "L": 2, "n": 2,
    }  # fmt: skip


def _side(best: str, way: int) -> list[list[str]]:
    """Five levels of half a coin, or of a few hundred quote units where a coin costs little."""
    price, tick = Decimal(best), Decimal("0.01") if Decimal(best) > 10 else Decimal("0.0001")
    size = max(Decimal("0.5"), (Decimal(500) / price).quantize(Decimal("0.00001")))
    return [[plain(price + way * tick * place), plain(size)] for place in range(5)]
