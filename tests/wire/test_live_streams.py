"""What each first-class venue's channel is asked for, and what its messages come to. By real ccxt against loopback.

Messages as in the venues' own documentation of their public channels: Binance individual symbol ticker, OKX tickers, Kraken
v2 ticker, Bybit v5 tickers and orderbook.1, Coinbase ticker_batch.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from rebalancer_gui.adapters.market_data.live_quotes import Tick
from rebalancer_gui.adapters.system import SystemClock
from rebalancer_gui.adapters.venues.ccxt_prices import CcxtPrices
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.domain.errors import VenueUnavailable

COINBASE_TICKER = {
    "type": "ticker", "product_id": "BTC-USDT", "price": "21932.98", "volume_24_h": "100", "low_24_h": "1", "high_24_h": "1",
    "low_52_w": "1", "high_52_w": "1", "price_percent_chg_24_h": "-4.1", "best_bid": "21932.97",
    "best_bid_quantity": "0.02", "best_ask": "21932.99", "best_ask_quantity": "0.015",
}  # fmt: skip


@dataclass(frozen=True)
class Tongue:
    """One venue: its name of the market, words that stand in what it is asked, and its messages."""

    id: str
    asked: tuple[str, ...]
    messages: tuple[dict[str, Any], ...]
    bid: str
    ask: str
    last: str
    volume: str


TONGUES = {
    "binance": Tongue(
        "BTCUSDT",
        ("SUBSCRIBE", "btcusdt@ticker"),
        (
            {"e": "24hrTicker", "E": 1672515782136, "s": "BTCUSDT", "p": "0.0015", "P": "250.00", "w": "0.0018",
             "x": "0.0009", "c": "0.00250001", "Q": "10", "b": "0.00240001", "B": "10", "a": "0.00260001", "A": "100",
             "o": "0.0010", "h": "0.0025", "l": "0.0010", "v": "10000", "q": "18.123", "O": 0, "C": 86400000, "F": 0,
             "L": 18150, "n": 18151},
        ),
        "0.00240001", "0.00260001", "0.00250001", "18.123",
    ),
    "okx": Tongue(
        "BTC-USDT",
        ("subscribe", "tickers", "BTC-USDT"),
        (
            {"arg": {"channel": "tickers", "instId": "BTC-USDT"},
             "data": [{"instType": "SPOT", "instId": "BTC-USDT", "last": "31500.1", "lastSz": "0.00001754",
                       "askPx": "31500.2", "askSz": "0.00998144", "bidPx": "31500.123456789", "bidSz": "3.05652439",
                       "open24h": "31697", "high24h": "32248", "low24h": "31165.6", "sodUtc0": "31385.5",
                       "sodUtc8": "32134.9", "volCcy24h": "503403597.38138519", "vol24h": "15937.10781721",
                       "ts": "1626526618762"}]},
        ),
        "31500.123456789", "31500.2", "31500.1", "503403597.38138519",
    ),
    "kraken": Tongue(
        "XBT/USDT",
        ("subscribe", "ticker", "bbo"),
        (
            {"channel": "ticker", "type": "snapshot",
             "data": [{"symbol": "BTC/USDT", "bid": 108359.8, "bid_qty": 0.01362603, "ask": 108359.9,
                       "ask_qty": 17.17988863, "last": 108359.8, "volume": 2.0, "vwap": 100.5, "low": 106824,
                       "high": 111300, "change": -2679.9, "change_pct": -2.41}]},
        ),
        "108359.8", "108359.9", "108359.8", "201",
    ),
    "bybit": Tongue(
        "BTCUSDT",
        ("subscribe", "tickers.BTCUSDT", "orderbook.1.BTCUSDT"),
        (
            {"topic": "tickers.BTCUSDT", "ts": 1673853746003, "type": "snapshot", "cs": 2588407389,
             "data": {"symbol": "BTCUSDT", "lastPrice": "21109.77", "highPrice24h": "21426.99", "lowPrice24h": "20575",
                      "prevPrice24h": "20704.93", "volume24h": "6780.866843", "turnover24h": "141946527.22907118",
                      "price24hPcnt": "0.0196", "usdIndexPrice": "21120.2400136"}},
            {"topic": "orderbook.1.BTCUSDT", "type": "snapshot", "ts": 1672304484978,
             "data": {"s": "BTCUSDT", "b": [["21109.70000001", "0.006"]], "a": [["21109.8", "0.029"]], "u": 18521288,
                      "seq": 7961638724}, "cts": 1672304484976},
        ),
        "21109.70000001", "21109.8", "21109.77", "141946527.22907118",
    ),
    "coinbase": Tongue(
        "BTC-USDT",
        ("subscribe", "ticker_batch", "BTC-USDT"),
        (
            {"channel": "ticker_batch", "client_id": "", "timestamp": "2023-02-09T20:30:37.167359596Z",
             "sequence_num": 0, "events": [{"type": "snapshot", "tickers": [COINBASE_TICKER]}]},
        ),
        "21932.97", "21932.99", "21932.98", "2193298",
    ),
}  # fmt: skip


class Ear:
    """Takes every subscription and sends the venue's messages; says what it was asked."""

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue
        self.heard: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.heard.append(message.data)
                for said in self._tongue.messages:
                    await socket.send_str(json.dumps(said))
        return socket


def market(exchange: Any, tongue: Tongue) -> dict[str, Any]:
    """The one market of a test, as ccxt knows it."""
    base_id, quote_id = ("XBT", "USDT") if tongue.id.startswith("XBT") else ("BTC", "USDT")
    whole: dict[str, Any] = exchange.safe_market_structure(
        {
            "id": tongue.id, "lowercaseId": tongue.id.lower(), "symbol": "BTC/USDT", "base": "BTC", "quote": "USDT",
            "baseId": base_id, "quoteId": quote_id, "type": "spot", "spot": True, "active": True, "contract": False,
            "swap": False, "future": False, "option": False, "margin": False, "linear": None, "inverse": None,
            "precision": {"amount": "0.00001", "price": "0.01"}, "info": {"wsname": "XBT/USDT"},
        }
    )  # fmt: skip
    return whole


@pytest.mark.parametrize("venue", sorted(TONGUES))
def test_a_venues_channel_brings_bid_ask_and_last_exactly(venue: str):
    tongue = TONGUES[venue]

    async def story() -> None:
        ear = Ear(tongue)
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", ear.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        source = CcxtPrices(VenueSpec(venue, f"http://127.0.0.1:{runner.addresses[0][1]}"), SystemClock(), paced=False)
        source._client.exchange.set_markets([market(source._client.exchange, tongue)])
        stream = source.stream(["BTC/USDT"])
        told: dict[str, Tick] = {}

        async def read(channel: str) -> None:
            while channel not in told:
                for tick in await stream.next(channel):
                    told[channel] = tick

        try:
            async with asyncio.timeout(5):
                await asyncio.gather(*(read(channel) for channel in stream.channels))
        finally:
            await stream.close()
            await source.close()
            await runner.cleanup()
        heard = " ".join(ear.heard)
        for word in tongue.asked:
            assert word in heard, heard
        bids = [tick for tick in told.values() if tick.confirms]
        lasts = [tick for tick in told.values() if tick.last is not None]
        assert [(tick.bid, tick.ask) for tick in bids] == [(Decimal(tongue.bid), Decimal(tongue.ask))]
        assert [(tick.last, tick.volume) for tick in lasts] == [(Decimal(tongue.last), Decimal(tongue.volume))]

    asyncio.run(story())


def test_a_venue_that_refuses_the_connection_is_just_not_available():
    async def story() -> None:
        async def refuse(_request: web.Request) -> web.Response:
            return web.Response(status=403)

        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", refuse)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        source = CcxtPrices(VenueSpec("binance", url), SystemClock(), paced=False)
        source._client.exchange.set_markets([market(source._client.exchange, TONGUES["binance"])])
        stream = source.stream(["BTC/USDT"])
        try:
            with pytest.raises(VenueUnavailable):
                await stream.next("tickers")
            with pytest.raises(VenueUnavailable):
                await source.poll(["BTC/USDT"])
        finally:
            await stream.close()
            await source.close()
            await runner.cleanup()

    asyncio.run(story())
