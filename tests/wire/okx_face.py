"""OKX's interface V5 (spot, cash) as its documentation writes it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from aiohttp import web

from rebalancer_gui.adapters.venues.ccxt_fields import ms
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Rejected, Side, VenueOrderStatus, VenueTrade
from tests.wire.core import WireOrder
from tests.wire.face_tools import RefusedError, kind_of
from tests.wire.server import Face

WORDS = {VenueOrderStatus.FILLED: "filled", VenueOrderStatus.OPEN: "live"}
CODES = {
    "no right": ("50120", "This API key doesn't have permission to use this function"),
    "duplicate": ("51016", "Client order ID already exists."), "symbol": ("51001", "Instrument ID doesn't exist."),
    "closed": ("51022", "Contract suspended."), "price": ("51000", "Parameter px error"),
    "lot": ("51121", "Order quantity must be a multiple of the lot size."),
    "market lot": ("51202", "Market order amount exceeds the maximum amount."),
    "value": ("51020", "Your order should meet or exceed the minimum order amount."),
    "money": ("51008", "Order failed. Insufficient USDT balance in account."), "id": ("51000", "Parameter clOrdId error"),
}  # fmt: skip
KEPT_UNFILLED = timedelta(hours=2)


class OkxFace(Face):
    venue = "okx"
    order_path = "/api/v5/trade/order"

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.text()
        status, said = 200, {"code": "0", "msg": ""}
        try:
            said["data"] = await self._route(request, body)  # type: ignore[assignment]
        except RefusedError as refused:
            status, said = refused.status, {"code": str(refused.code), "msg": refused.message, "data": []}  # type: ignore[dict-item]
            if self.is_order(request.method, request.path) and status == 200:
                row = {"clOrdId": "", "ordId": "", "tag": "", "sCode": said["code"], "sMsg": refused.message, "ts": "0"}
                said = {"code": "1", "msg": "All operations failed", "data": [row]}  # type: ignore[dict-item]
        return web.Response(status=status, text=json.dumps(said), content_type="application/json")

    async def _route(self, request: web.Request, body: str) -> object:
        fields = json.loads(body) if request.method == "POST" else dict(request.query)
        public = {
            "public/time": self._time, "public/instruments": self._instruments, "market/tickers": self._tickers,
            "market/ticker": self._tickers,
            "market/books": self._book, "market/candles": self._candles, "market/history-candles": self._candles,
        }  # fmt: skip
        private = {
            "GET account/balance": self._balance, "GET account/trade-fee": self._fee, "GET account/config": self._config,
            "POST trade/order": self._new_order, "GET trade/order": self._query, "GET trade/orders-pending": self._pending,
            "GET trade/orders-history": self._history, "GET trade/orders-history-archive": self._archive,
            "GET trade/fills": self._fills, "GET trade/fills-history": self._fills,
        }  # fmt: skip
        path = request.path.removeprefix("/api/v5/")
        if path in public:
            return await public[path](fields)
        self._check(request, body)
        return await private[f"{request.method} {path}"](fields)

    def _check(self, request: web.Request, body: str) -> None:
        head, key = request.headers, self.core.credentials
        if head["OK-ACCESS-KEY"] != key.key or not self.core.key_works:
            raise RefusedError("50111", "Invalid OK-ACCESS-KEY", 401)
        if head["OK-ACCESS-PASSPHRASE"] != key.passphrase:
            raise RefusedError("50105", "Request header OK-ACCESS-PASSPHRASE incorrect.", 401)
        stamp = head["OK-ACCESS-TIMESTAMP"]
        signed = f"{stamp}{request.method}{request.raw_path}{body}"
        right = base64.b64encode(hmac.new(key.secret.encode(), signed.encode(), hashlib.sha256).digest()).decode()
        if head["OK-ACCESS-SIGN"] != right:
            raise RefusedError("50113", "Invalid Sign", 401)
        apart = datetime.fromisoformat(stamp) - self.core.clock.true()
        if abs(apart) > timedelta(seconds=30):
            raise RefusedError("50102", "Timestamp request expired", 401)

    # ---------------------------------------------------------------------------------------------------------- public

    async def _time(self, fields: dict[str, Any]) -> object:
        return [{"ts": str(ms(self.core.clock.true()))}]

    async def _instruments(self, fields: dict[str, Any]) -> object:
        assert fields["instType"] == "SPOT"
        return [
            {
                "instType": "SPOT", "instId": symbol.replace("/", "-"), "baseCcy": r.base, "quoteCcy": r.quote,
                "lotSz": f"{r.step_size:f}", "minSz": f"{r.min_quantity:f}", "tickSz": f"{r.tick_size:f}",
                "maxLmtSz": f"{r.max_quantity:f}", "maxMktSz": "1000000", "maxLmtAmt": f"{r.max_notional:f}",
                "maxMktAmt": f"{r.max_notional:f}", "state": "live" if r.status is MarketStatus.TRADING else "suspend",
                "ctVal": "", "expTime": "", "listTime": "1733454000000", "ruleType": "normal",
            }
            for symbol, r in self.core.rules.items()
        ]  # fmt: skip

    async def _candles(self, fields: dict[str, Any]) -> object:
        """The newest ones between (not at) before and after, newest first; days begin at midnight UTC only by that name."""
        seconds = {"1m": 60, "1H": 3600, "1Dutc": 86_400, "1Wutc": 604_800}[fields["bar"]]
        symbol, now = fields["instId"].replace("-", "/"), ms(self.core.clock.true()) // 1000
        begin, end = int(fields["before"]) // 1000 + 1, -(-int(fields["after"]) // 1000)
        found = self.core.candles.bars(symbol, seconds, begin, min(end, now + 1))
        found = found[-min(int(fields["limit"]), self.most, 300) :]
        over = [(at, o, h, low, c, v, "1" if at + seconds <= now else "0") for at, o, h, low, c, v in reversed(found)]
        return [[str(at * 1000), o, h, low, c, v, "0", "0", done] for at, o, h, low, c, v, done in over]

    async def _tickers(self, fields: dict[str, Any]) -> object:
        told = []
        for symbol, rules in self.core.rules.items():
            if rules.status is MarketStatus.TRADING:
                quote = await self.core.paper.quote(symbol)
                told.append({
                    "instType": "SPOT", "instId": symbol.replace("/", "-"), "last": f"{quote.last:f}", "lastSz": "1",
                    "askPx": self.price(symbol, quote.ask), "askSz": "1", "bidPx": self.price(symbol, quote.bid),
                    "bidSz": "1", "volCcy24h": "15000000.3", "vol24h": "300", "ts": str(ms(self.core.clock.true())),
                })  # fmt: skip
        return [row for row in told if row["instId"] == fields.get("instId", row["instId"])]

    async def _book(self, fields: dict[str, Any]) -> object:
        symbol = self._symbol(fields)
        book = await self.core.paper.order_book(symbol)
        sides = {
            name: [[self.price(symbol, x.price), f"{x.quantity:f}", "0", "1"] for x in side]
            for name, side in (("asks", book.asks), ("bids", book.bids))
        }
        return [sides | {"ts": str(ms(self.core.clock.true()))}]

    # --------------------------------------------------------------------------------------------------------- account

    async def _balance(self, fields: dict[str, Any]) -> object:
        details = [
            {"ccy": b.asset, "cashBal": f"{b.total:f}", "availBal": f"{b.free:f}", "frozenBal": f"{b.locked:f}",
             "ordFrozen": f"{b.locked:f}", "eq": f"{b.total:f}"}
            for b in (await self.core.paper.balances()).values()
        ]  # fmt: skip
        return [{"details": details, "totalEq": "1", "uTime": "1"}]

    async def _fee(self, fields: dict[str, Any]) -> object:
        rate = f"-{self.core.fees.taker_rate:f}"
        return [{"category": "1", "instType": "SPOT", "level": "Lv1", "maker": "-0.0008", "taker": rate, "ts": "1"}]

    async def _config(self, fields: dict[str, Any]) -> object:
        rights = [
            "read_only",
            *(["trade"] if self.core.may_trade else []),
            *(["withdraw"] if self.core.may_withdraw else []),
        ]
        return [{"uid": self.core.uid, "acctLv": "1", "perm": ",".join(rights), "ip": ",".join(self.core.ip_list)}]

    # ---------------------------------------------------------------------------------------------------------- orders

    def _symbol(self, fields: dict[str, Any]) -> str:
        symbol = str(fields.get("instId", "")).replace("-", "/")
        if symbol not in self.core.rules:
            raise RefusedError("51001", "Instrument ID doesn't exist.", 200)
        return symbol

    async def _new_order(self, fields: dict[str, Any]) -> object:
        symbol, cid = self._symbol(fields), fields["clOrdId"]
        self.core.posts[cid] += 1
        if re.fullmatch(r"[A-Za-z0-9]{1,32}", cid) is None:
            raise RefusedError("51000", "Parameter clOrdId error", 200)
        assert fields["tdMode"] == "cash"
        market = fields["ordType"] == "market"
        assert market or fields["ordType"] == "ioc"
        quantity = Decimal(fields["sz"])
        if market and fields["side"] == "buy" and fields.get("tgtCcy", "quote_ccy") == "quote_ccy":
            # What happens to who forgets the unit: the size is an amount of money.
            quantity = quantity / (await self.core.paper.order_book(symbol)).asks[0].price
        request = OrderRequest(
            cid, symbol, Side(fields["side"]), OrderType.MARKET if market else OrderType.LIMIT_IOC, quantity,
            None if market else Decimal(fields["px"]),
        )  # fmt: skip
        made = await self.core.place(request)
        if isinstance(made, Rejected):
            raise RefusedError(*CODES[kind_of(made)], 200)
        at = str(ms(made.order.at))
        return [{"clOrdId": cid, "ordId": _id(made.number), "tag": "", "ts": at, "sCode": "0", "sMsg": "Order placed"}]

    def _order(self, made: WireOrder) -> dict[str, Any]:
        order, request, at = made.order, made.request, str(ms(made.order.at))
        market = request.type is OrderType.MARKET
        return {
            "instType": "SPOT", "instId": order.symbol.replace("/", "-"), "ordId": _id(made.number),
            "clOrdId": order.client_order_id, "px": "" if market else f"{request.limit_price:f}", "sz": f"{order.quantity:f}",
            "ordType": "market" if market else "ioc" if made.at_once else "limit", "side": order.side.value, "tdMode": "cash",
            "accFillSz": f"{order.filled:f}", "fillPx": "", "tradeId": "", "fillSz": "0", "avgPx": "",
            "state": made.word or WORDS.get(order.status, "canceled"), "tgtCcy": "base_ccy" if market else "", "fee": "0",
            "feeCcy": "", "cancelSource": "", "category": "normal", "uTime": at, "cTime": at,
        }  # fmt: skip

    async def _query(self, fields: dict[str, Any]) -> object:
        symbol, made = self._symbol(fields), self.core.of_client_id(fields["clOrdId"])
        if made is None or made.request.symbol != symbol or self._gone(made):
            raise RefusedError("51603", "Order does not exist.", 200)
        return [self._order(made)]

    def _gone(self, made: WireOrder) -> bool:
        return made.order.is_final and not made.order.filled and self.core.clock.true() - made.order.at > KEPT_UNFILLED

    def _page(self, rows: list[dict[str, Any]], key: str, fields: dict[str, Any]) -> list[dict[str, Any]]:
        """Newest first, what is older than ``after``."""
        assert fields["instType"] == "SPOT"
        newest = sorted(rows, key=lambda row: int(row[key]), reverse=True)
        if "after" in fields:
            newest = [row for row in newest if int(row[key]) < int(fields["after"])]
        return newest[: min(int(fields.get("limit", 100)), 100, self.most)]

    def _within(self, at: datetime, fields: dict[str, Any]) -> bool:
        return int(fields.get("begin", 0)) < ms(at) < int(fields.get("end", 10**15))

    async def _pending(self, fields: dict[str, Any]) -> object:
        orders = self.core.listed(self._symbol(fields))
        return self._page([self._order(o) for o in orders if not o.order.is_final], "ordId", fields)

    async def _history(self, fields: dict[str, Any]) -> object:
        return await self._archive(fields, timedelta(days=7))

    async def _archive(self, fields: dict[str, Any], reach: timedelta = timedelta(days=90)) -> object:
        oldest = self.core.clock.true() - reach
        orders = [
            o
            for o in self.core.listed(self._symbol(fields))
            if o.order.is_final and not self._gone(o) and o.order.at > oldest and self._within(o.order.at, fields)
        ]
        return self._page([self._order(o) for o in orders], "ordId", fields)

    async def _fills(self, fields: dict[str, Any]) -> object:
        trades = [t for t in self.core.trades(self._symbol(fields)) if self._within(t.at, fields)]
        if "ordId" in fields:
            trades = [t for t in trades if _id(int(t.venue_order_id)) == fields["ordId"]]
        return self._page([self._trade(t) for t in trades], "billId", fields)

    def _trade(self, t: VenueTrade) -> dict[str, Any]:
        return {
            "instType": "SPOT", "instId": t.symbol.replace("/", "-"), "tradeId": t.trade_id, "ordId": _id(int(t.venue_order_id)),
            "clOrdId": "", "billId": str(900_000 + int(t.trade_id)), "fillPx": f"{t.price:f}", "fillSz": f"{t.quantity:f}",
            "side": t.side.value, "execType": "T", "feeCcy": t.fee_asset, "fee": f"{-(t.fee or Decimal(0)):f}", "ts": str(ms(t.at)),
            "fillTime": str(ms(t.at)),
        }  # fmt: skip


def _id(number: int) -> str:
    return str(2_497_956_918_703_120_384 + number)
