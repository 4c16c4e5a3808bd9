"""Kraken's REST interface (spot) as its documentation writes it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from rebalancer_gui.adapters.venues.ccxt_fields import ms
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Rejected, Side, VenueOrderStatus, VenueTrade
from tests.wire.core import Core, WireOrder
from tests.wire.face_tools import RefusedError, kind_of
from tests.wire.server import Face

NAMES = {"BTC": ("XBT", "XXBT"), "ETH": ("ETH", "XETH"), "XRP": ("XRP", "XXRP"), "DOGE": ("XDG", "XXDG")}
WORDS = {VenueOrderStatus.FILLED: "closed", VenueOrderStatus.OPEN: "open", VenueOrderStatus.EXPIRED: "canceled"}
ERRORS = {
    "no right": "EGeneral:Permission denied", "duplicate": "EOrder:Duplicate cl_ord_id", "symbol": "EQuery:Unknown asset pair",
    "closed": "EService:Market in cancel_only mode", "price": "EOrder:Tick size check failed",
    "lot": "EOrder:Order minimum not met", "market lot": "EGeneral:Invalid arguments:volume",
    "value": "EOrder:Cost minimum not met", "money": "EOrder:Insufficient funds", "id": "EGeneral:Invalid arguments:cl_ord_id",
}  # fmt: skip


class KrakenFace(Face):
    venue = "kraken"
    order_path = "/0/private/AddOrder"

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.last_nonce = 0

    def trade_id(self, trade_id: str) -> str:
        return _id("T", int(trade_id))

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.text()
        try:
            said: dict[str, Any] = {"error": [], "result": await self._route(request, body)}
        except RefusedError as refused:
            said = {"error": [refused.message]}
        return web.Response(text=json.dumps(said), content_type="application/json")

    async def _route(self, request: web.Request, body: str) -> object:
        public = {
            "Time": self._time,
            "AssetPairs": self._pairs,
            "Ticker": self._ticker,
            "Depth": self._depth,
            "Assets": self._assets,
            "OHLC": self._ohlc,
        }
        private = {
            "BalanceEx": self._balance, "TradeVolume": self._volume, "GetApiKeyInfo": self._key, "AddOrder": self._add,
            "OpenOrders": self._open, "ClosedOrders": self._closed, "QueryTrades": self._query_trades,
            "TradesHistory": self._trades,
        }  # fmt: skip
        _, _, where, name = request.path.split("/")
        if where == "public":
            return await public[name](dict(request.query))
        fields = dict(parse_qsl(body, keep_blank_values=True))
        self._check(request, body, fields)
        return await private[name](fields)

    def _check(self, request: web.Request, body: str, fields: dict[str, str]) -> None:
        key = self.core.credentials
        if request.headers["API-Key"] != key.key or not self.core.key_works:
            raise RefusedError("", "EAPI:Invalid key")
        inner = hashlib.sha256((fields["nonce"] + body).encode()).digest()
        mac = hmac.new(base64.b64decode(key.secret), request.path.encode() + inner, hashlib.sha512)
        if request.headers["API-Sign"] != base64.b64encode(mac.digest()).decode():
            raise RefusedError("", "EAPI:Invalid signature")
        if int(fields["nonce"]) <= self.last_nonce:
            raise RefusedError("", "EAPI:Invalid nonce")
        self.last_nonce = int(fields["nonce"])

    # ---------------------------------------------------------------------------------------------------------- public

    async def _time(self, fields: dict[str, str]) -> object:
        return {"unixtime": ms(self.core.clock.true()) // 1000, "rfc1123": "Mon, 02 Mar 26 10:00:00 +0000"}

    async def _assets(self, fields: dict[str, str]) -> object:
        return {
            inner: {"aclass": "currency", "altname": name, "decimals": 10, "display_decimals": 5, "status": "enabled"}
            for name, inner in (*NAMES.values(), ("USDT", "USDT"), ("GONE", "GONE"))
        }

    async def _pairs(self, fields: dict[str, str]) -> object:
        return {_altname(symbol): self._pair(symbol) for symbol in self.core.rules}

    def _pair(self, symbol: str) -> dict[str, Any]:
        rules = self.core.rules[symbol]
        name, inner = NAMES.get(rules.base, (rules.base, rules.base))
        return {
            "altname": _altname(symbol), "wsname": f"{name}/{rules.quote}", "aclass_base": "currency", "base": inner,
            "aclass_quote": "currency", "quote": rules.quote, "lot": "unit", "cost_decimals": 8, "pair_decimals": 4,
            "lot_decimals": -int(rules.step_size.normalize().adjusted()), "lot_multiplier": 1,
            "fees": [[0, 0.4], [10000, 0.35]], "fees_maker": [[0, 0.25]], "fee_volume_currency": "ZUSD",
            "ordermin": f"{rules.min_quantity:f}", "costmin": f"{rules.min_notional:f}", "tick_size": f"{rules.tick_size:f}",
            "status": "online" if rules.status is MarketStatus.TRADING else "cancel_only",
        }  # fmt: skip

    async def _ohlc(self, fields: dict[str, str]) -> object:
        """The newest 720, whatever is asked, the one that is not over yet among them."""
        seconds, now = int(fields["interval"]) * 60, ms(self.core.clock.true()) // 1000
        symbol = next(symbol for symbol in self.core.rules if _altname(symbol) == fields["pair"])
        newest = self.core.candles.bars(symbol, seconds, now - 720 * seconds + 1, now + 1)
        rows = [[at, o, h, low, c, c, v, 7] for at, o, h, low, c, v in newest if at > int(fields["since"])]
        return {fields["pair"]: rows, "last": now // seconds * seconds - seconds}

    async def _ticker(self, fields: dict[str, str]) -> object:
        told = {}
        for symbol, rules in self.core.rules.items():
            if rules.status is MarketStatus.TRADING:
                quote = await self.core.paper.quote(symbol)
                bid, ask, last = self.price(symbol, quote.bid), self.price(symbol, quote.ask), f"{quote.last:f}"
                told[_altname(symbol)] = {
                    "a": [ask, "1", "1.000"], "b": [bid, "1", "1.000"], "c": [last, "0.00009443"],
                    "v": ["0.78648221", "163.28908096"], "p": ["105960.6", "105904.3"], "t": [35, 3276], "o": "106021.6",
                }  # fmt: skip
        return told

    async def _depth(self, fields: dict[str, str]) -> object:
        symbol = self._symbol(fields)
        book = await self.core.paper.order_book(symbol)
        now = ms(self.core.clock.true()) // 1000
        sides = {
            name: [[self.price(symbol, x.price), f"{x.quantity:f}", now] for x in side][: int(fields["count"])]
            for name, side in (("asks", book.asks), ("bids", book.bids))
        }
        return {_altname(symbol): sides}

    # --------------------------------------------------------------------------------------------------------- account

    async def _balance(self, fields: dict[str, str]) -> object:
        return {
            NAMES.get(b.asset, (b.asset, b.asset))[1]: {"balance": f"{b.total:f}", "hold_trade": f"{b.locked:f}"}
            for b in (await self.core.paper.balances()).values()
        }

    async def _volume(self, fields: dict[str, str]) -> object:
        fee = f"{self.core.fees.taker_rate * 100:.4f}"
        return {
            "currency": "ZUSD",
            "volume": "1.0",
            "fees": {fields["pair"]: {"fee": fee, "minfee": "0.1", "maxfee": "0.4"}},
        }

    async def _key(self, fields: dict[str, str]) -> object:
        trade = ["modify-trades", "close-trades"] if self.core.may_trade else []
        withdraw = ["withdraw-funds"] if self.core.may_withdraw else []
        return {
            "apiKeyName": "rebalancer", "permissions": ["query-funds", "query-open-trades", *trade, *withdraw],
            "iban": f"AA{self.core.uid}", "ipAllowlist": list(self.core.ip_list), "validUntil": "0",
        }  # fmt: skip

    # ---------------------------------------------------------------------------------------------------------- orders

    def _symbol(self, fields: dict[str, str]) -> str:
        for symbol in self.core.rules:
            if _altname(symbol) == fields["pair"]:
                return symbol
        raise RefusedError("", "EQuery:Unknown asset pair")

    async def _add(self, fields: dict[str, str]) -> object:
        symbol, cid = self._symbol(fields), fields["cl_ord_id"]
        self.core.posts[cid] += 1
        if len(cid) > 18:
            raise RefusedError("", "EGeneral:Invalid arguments:cl_ord_id")
        if datetime.fromisoformat(fields["deadline"]) < self.core.clock.true():
            raise RefusedError("", "EService:Deadline elapsed")
        market = fields["ordertype"] == "market"
        assert market or fields["timeinforce"] == "IOC"
        assert fields["oflags"] == "fciq"
        request = OrderRequest(
            cid, symbol, Side(fields["type"]), OrderType.MARKET if market else OrderType.LIMIT_IOC,
            Decimal(fields["volume"]), None if market else Decimal(fields["price"]),
        )  # fmt: skip
        made = await self.core.place(request)
        if isinstance(made, Rejected):
            raise RefusedError("", ERRORS[kind_of(made)])
        how = "market" if market else f"limit {fields['price']}"
        words = f"{fields['type']} {request.quantity:.8f} {_altname(symbol)} @ {how}"
        return {"descr": {"order": words}, "txid": [_id("O", made.number)]}

    def _order(self, made: WireOrder) -> dict[str, Any]:
        order, request, at = made.order, made.request, ms(made.order.at) / 1000
        market = request.type is OrderType.MARKET
        kind = "market" if market else "limit"
        return {
            "refid": None, "userref": 0, "cl_ord_id": order.client_order_id, "status": made.word or WORDS[order.status],
            "opentm": at, "closetm": at, "starttm": 0, "expiretm": 0,
            "descr": {"pair": _altname(order.symbol), "type": order.side.value, "ordertype": kind, "leverage": "none",
                      "price": f"{request.limit_price or 0:f}", "price2": "0"},
            "vol": f"{order.quantity:.8f}", "vol_exec": f"{order.filled:.8f}",
            "cost": f"{sum((f.value for f in order.fills), Decimal(0)):f}",
            "fee": f"{sum((f.fee for f in order.fills), Decimal(0)):f}", "price": "0", "misc": "", "oflags": "fciq",
            "trades": [_id("T", int(t.trade_id)) for t in self.core.trades() if t.venue_order_id == order.venue_order_id],
        }  # fmt: skip

    def _orders(self, orders: list[WireOrder], fields: dict[str, str]) -> list[WireOrder]:
        if "cl_ord_id" not in fields:
            return orders
        number = self.core.by_cid.get(fields["cl_ord_id"])
        return [o for o in orders if o.number == number]

    async def _open(self, fields: dict[str, str]) -> object:
        orders = self._orders([o for o in self.core.listed() if not o.order.is_final], fields)
        return {"open": {_id("O", o.number): self._order(o) for o in orders}}

    def _within(self, at: datetime, fields: dict[str, str]) -> bool:
        return int(fields.get("start", 0)) < ms(at) / 1000 <= int(fields.get("end", 10**12))

    async def _closed(self, fields: dict[str, str]) -> object:
        orders = [o for o in self.core.listed() if o.order.is_final and self._within(o.order.at, fields)]
        found, offset = self._orders(orders, fields)[::-1], int(fields.get("ofs", 0))
        page = found[offset : offset + min(50, self.most)]
        return {"closed": {_id("O", o.number): self._order(o) for o in page}, "count": len(found)}

    async def _query_trades(self, fields: dict[str, str]) -> object:
        wanted = fields["txid"].split(",")
        assert len(wanted) <= 20
        return {
            _id("T", int(t.trade_id)): self._trade(t) for t in self.core.trades() if _id("T", int(t.trade_id)) in wanted
        }

    async def _trades(self, fields: dict[str, str]) -> object:
        found = [t for t in self.core.trades() if self._within(t.at, fields)][::-1]
        offset = int(fields.get("ofs", 0))
        page = found[offset : offset + min(50, self.most)]
        return {"trades": {_id("T", int(t.trade_id)): self._trade(t) for t in page}, "count": len(found)}

    def _trade(self, t: VenueTrade) -> dict[str, Any]:
        return {
            "ordertxid": _id("O", int(t.venue_order_id)), "postxid": "TKH2SE-M7IF5-CFI7LT", "pair": _altname(t.symbol),
            "time": ms(t.at) / 1000, "type": t.side.value, "ordertype": "limit", "price": f"{t.price:f}",
            "cost": f"{t.price * t.quantity:f}", "fee": f"{t.fee:f}", "vol": f"{t.quantity:.8f}", "margin": "0.00000",
            "misc": "", "trade_id": int(t.trade_id), "maker": False,
        }  # fmt: skip


def _altname(symbol: str) -> str:
    base, _, quote = symbol.partition("/")
    return f"{NAMES.get(base, (base,))[0]}{quote}"


def _id(letter: str, number: int) -> str:
    return f"{letter}AAAAA-BBBBB-{number:06d}"
