"""Bybit's interface V5 (spot) as its documentation writes it."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from decimal import Decimal
from typing import Any

from aiohttp import web

from rebalancer_gui.adapters.venues.ccxt_fields import ms
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Rejected, Side, VenueOrderStatus, VenueTrade
from tests.wire.core import WireOrder
from tests.wire.face_tools import RefusedError, kind_of, page_of
from tests.wire.server import Face

WORDS = {
    VenueOrderStatus.FILLED: "Filled", VenueOrderStatus.OPEN: "New", VenueOrderStatus.REJECTED: "Rejected",
    VenueOrderStatus.CANCELED: "Cancelled",
}  # fmt: skip
CODES = {
    "no right": ("10005", "Permission denied, please check your API key permissions."),
    "duplicate": ("170141", "Duplicate clientOrderId"), "symbol": ("170121", "Invalid symbol."),
    "closed": ("170151", "The trading pair is not open yet"), "price": ("170134", "Order price has too many decimals."),
    "lot": ("170137", "Order volume decimal too long"), "market lot": ("170135", "Order quantity exceeded upper limit."),
    "value": ("170140", "Order value exceeded lower limit."), "money": ("170131", "Insufficient balance."),
    "id": ("10001", "params error: orderLinkId"),
}  # fmt: skip
SEVEN_DAYS = 7 * 86_400_000


class BybitFace(Face):
    venue = "bybit"
    order_path = "/v5/order/create"

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.text()
        try:
            result = await self._route(request, body)
            code, message = "0", "OK"
        except RefusedError as refused:
            code, message, result = str(refused.code), refused.message, {}
        said = {
            "retCode": int(code), "retMsg": message, "result": result, "retExtInfo": {},
            "time": ms(self.core.clock.true()),
        }  # fmt: skip
        return web.Response(text=json.dumps(said), content_type="application/json")

    async def _route(self, request: web.Request, body: str) -> object:
        fields = json.loads(body) if request.method == "POST" else dict(request.query)
        public = {
            "/v5/market/time": self._time, "/v5/market/instruments-info": self._instruments,
            "/v5/market/tickers": self._tickers, "/v5/market/orderbook": self._book,
            "/v5/market/kline": self._kline,
        }  # fmt: skip
        private = {
            "/v5/account/wallet-balance": self._wallet, "/v5/account/fee-rate": self._fee_rate,
            "/v5/user/query-api": self._key, "/v5/order/create": self._create, "/v5/order/realtime": self._realtime,
            "/v5/order/history": self._history, "/v5/execution/list": self._executions,
        }  # fmt: skip
        if request.path in public:
            return await public[request.path](fields)
        self._check(request, body)
        if "category" in fields:
            assert fields["category"] == "spot"
        return await private[request.path](fields)

    def _check(self, request: web.Request, body: str) -> None:
        head = request.headers
        key, stamp, window = head["X-BAPI-API-KEY"], head["X-BAPI-TIMESTAMP"], head["X-BAPI-RECV-WINDOW"]
        assert window == "5000", "the fence that the adapter promises"
        if key != self.core.credentials.key or not self.core.key_works:
            raise RefusedError("10003", "API key is invalid.")
        signed = f"{stamp}{key}{window}{body if request.method == 'POST' else request.rel_url.raw_query_string}"
        right = hmac.new(self.core.credentials.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        if head["X-BAPI-SIGN"] != right:
            raise RefusedError("10004", "error sign! please check your signature generation algorithm.")
        now = ms(self.core.clock.true())
        if not (now - 5000 <= int(stamp) < now + 1000):
            raise RefusedError("10002", "invalid request, please check your server timestamp or recv_window param")

    # ---------------------------------------------------------------------------------------------------------- public

    async def _time(self, fields: dict[str, Any]) -> object:
        now = ms(self.core.clock.true())
        return {"timeSecond": str(now // 1000), "timeNano": str(now * 1_000_000)}

    async def _instruments(self, fields: dict[str, Any]) -> object:
        assert fields["category"] == "spot"
        return {"category": "spot", "nextPageCursor": "", "list": [self._market(symbol) for symbol in self.core.rules]}

    def _market(self, symbol: str) -> dict[str, Any]:
        rules = self.core.rules[symbol]
        return {
            "symbol": symbol.replace("/", ""), "baseCoin": rules.base, "quoteCoin": rules.quote, "innovation": "0",
            "status": "Trading" if rules.status is MarketStatus.TRADING else "PreLaunch", "marginTrading": "utaOnly",
            "lotSizeFilter": {
                "basePrecision": f"{rules.step_size:f}", "quotePrecision": "0.0000001",
                "minOrderQty": f"{rules.min_quantity:f}", "maxOrderQty": f"{rules.max_quantity:f}",
                "minOrderAmt": f"{rules.min_notional:f}", "maxOrderAmt": f"{rules.max_notional:f}",
                "maxLimitOrderQty": f"{rules.max_quantity:f}", "maxMarketOrderQty": f"{rules.market_max_quantity:f}",
            },
            "priceFilter": {"tickSize": f"{rules.tick_size:f}"},
        }  # fmt: skip

    async def _kline(self, fields: dict[str, Any]) -> object:
        """The newest ones between start and end, newest first."""
        seconds = {"1": 60, "60": 3600, "D": 86_400, "W": 604_800}[fields["interval"]]
        symbol = next(symbol for symbol in self.core.rules if symbol.replace("/", "") == fields["symbol"])
        begin, end = -(-int(fields["start"]) // 1000), int(fields["end"]) // 1000 + 1
        now = ms(self.core.clock.true()) // 1000 + 1
        found = self.core.candles.bars(symbol, seconds, begin, min(end, now))[-min(int(fields["limit"]), self.most) :]
        rows = [[str(at * 1000), o, h, low, c, v, "0"] for at, o, h, low, c, v in reversed(found)]
        return {"category": "spot", "symbol": fields["symbol"], "list": rows}

    async def _tickers(self, fields: dict[str, Any]) -> object:
        listed = []
        for symbol, rules in self.core.rules.items():
            if rules.status is MarketStatus.TRADING:
                quote = await self.core.paper.quote(symbol)
                listed.append({
                    "symbol": symbol.replace("/", ""), "bid1Price": self.price(symbol, quote.bid), "bid1Size": "1",
                    "ask1Price": self.price(symbol, quote.ask), "ask1Size": "1", "lastPrice": f"{quote.last:f}",
                    "turnover24h": "15000000.3", "volume24h": "300",
                })  # fmt: skip
        if "symbol" in fields:
            listed = [row for row in listed if row["symbol"] == fields["symbol"]]
        return {"category": "spot", "list": listed}

    async def _book(self, fields: dict[str, Any]) -> object:
        symbol = self._symbol(fields)
        book = await self.core.paper.order_book(symbol)
        return {
            "s": fields["symbol"], "ts": ms(self.core.clock.true()), "u": 1, "seq": 2,
            "b": [[self.price(symbol, x.price), f"{x.quantity:f}"] for x in book.bids],
            "a": [[self.price(symbol, x.price), f"{x.quantity:f}"] for x in book.asks],
        }  # fmt: skip

    # --------------------------------------------------------------------------------------------------------- account

    async def _wallet(self, fields: dict[str, Any]) -> object:
        assert fields["accountType"] == "UNIFIED"
        coins = [
            {"coin": b.asset, "walletBalance": f"{b.total:f}", "locked": f"{b.locked:f}", "equity": f"{b.total:f}",
             "spotBorrow": "0", "borrowAmount": "0", "availableToWithdraw": "", "usdValue": "0", "bonus": "0"}
            for b in (await self.core.paper.balances()).values()
        ]  # fmt: skip
        return {"list": [{"accountType": "UNIFIED", "totalEquity": "1", "coin": coins}]}

    async def _fee_rate(self, fields: dict[str, Any]) -> object:
        rate = f"{self.core.fees.taker_rate:f}"
        return {"list": [{"symbol": fields["symbol"], "takerFeeRate": rate, "makerFeeRate": rate, "baseCoin": ""}]}

    async def _key(self, fields: dict[str, Any]) -> object:
        wallet = ["AccountTransfer", "Withdraw"] if self.core.may_withdraw else []
        return {
            "id": "2208369", "apiKey": "XXXXXXXX", "readOnly": 0, "secret": "", "userID": int(self.core.uid), "uta": 1,
            "permissions": {"ContractTrade": [], "Spot": ["SpotTrade"] if self.core.may_trade else [], "Wallet": wallet,
                            "Options": [], "Derivatives": []},
            "ips": list(self.core.ip_list) or ["*"], "type": 1, "isMaster": True,
        }  # fmt: skip

    # ---------------------------------------------------------------------------------------------------------- orders

    def _symbol(self, fields: dict[str, Any]) -> str:
        for symbol in self.core.rules:
            if symbol.replace("/", "") == fields.get("symbol"):
                return symbol
        raise RefusedError("170121", "Invalid symbol.")

    async def _create(self, fields: dict[str, Any]) -> object:
        symbol, cid = self._symbol(fields), fields["orderLinkId"]
        self.core.posts[cid] += 1
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,36}", cid)
        market = fields["orderType"] == "Market"
        assert market or fields["timeInForce"] == "IOC"
        quantity = Decimal(fields["qty"])
        if market and fields["side"] == "Buy" and fields.get("marketUnit", "quoteCoin") == "quoteCoin":
            # What happens to who forgets the unit: the quantity is an amount of money.
            quantity = quantity / (await self.core.paper.order_book(symbol)).asks[0].price
        request = OrderRequest(
            cid, symbol, Side(fields["side"].lower()), OrderType.MARKET if market else OrderType.LIMIT_IOC, quantity,
            None if market else Decimal(fields["price"]),
        )  # fmt: skip
        made = await self.core.place(request)
        if isinstance(made, Rejected):
            raise RefusedError(*CODES[kind_of(made)])
        return {"orderId": _uuid(made.number), "orderLinkId": cid}

    def _order(self, made: WireOrder) -> dict[str, Any]:
        order, request, at = made.order, made.request, str(ms(made.order.at))
        market = request.type is OrderType.MARKET
        usual = WORDS.get(order.status, "PartiallyFilledCanceled" if order.filled else "Cancelled")
        return {
            "orderId": _uuid(made.number), "orderLinkId": order.client_order_id, "blockTradeId": None,
            "symbol": order.symbol.replace("/", ""), "price": f"{request.limit_price or 0:f}", "qty": f"{order.quantity:f}",
            "side": order.side.value.capitalize(), "isLeverage": "0", "positionIdx": 0,
            "orderStatus": made.word or usual, "cancelType": "UNKNOWN", "rejectReason": "EC_NoError", "avgPrice": "",
            "leavesQty": "0", "leavesValue": "0", "cumExecQty": f"{order.filled:f}",
            "cumExecValue": f"{sum((f.value for f in order.fills), Decimal(0)):f}", "cumExecFee": "0",
            "timeInForce": "IOC" if made.at_once else "GTC", "orderType": "Market" if market else "Limit",
            "marketUnit": "baseCoin" if market else "", "createdTime": at, "updatedTime": at,
        }  # fmt: skip

    def _listed(self, fields: dict[str, Any], orders: list[WireOrder]) -> object:
        if "orderLinkId" in fields:
            number = self.core.by_cid.get(fields["orderLinkId"])
            orders = [o for o in orders if o.number == number]
        page, cursor = page_of(orders[::-1], fields.get("cursor", ""), min(int(fields.get("limit", 20)), 50, self.most))
        return {"category": "spot", "list": [self._order(o) for o in page], "nextPageCursor": cursor}

    async def _realtime(self, fields: dict[str, Any]) -> object:
        return self._listed(fields, [o for o in self.core.listed(self._symbol(fields)) if not o.order.is_final])

    async def _history(self, fields: dict[str, Any]) -> object:
        begin, end = self._span(fields)
        orders = self.core.listed(self._symbol(fields))
        return self._listed(fields, [o for o in orders if o.order.is_final and begin <= ms(o.order.at) <= end])

    def _span(self, fields: dict[str, Any]) -> tuple[int, int]:
        end = int(fields.get("endTime", ms(self.core.clock.true()) + 1))
        begin = int(fields.get("startTime", end - SEVEN_DAYS))
        if end - begin > SEVEN_DAYS:
            raise RefusedError("10001", "The time range between startTime and endTime should be within 7 days.")
        return begin, end

    async def _executions(self, fields: dict[str, Any]) -> object:
        begin, end = self._span(fields)
        trades = [t for t in self.core.trades(self._symbol(fields)) if begin <= ms(t.at) <= end]
        if "orderId" in fields:
            trades = [t for t in trades if _uuid(int(t.venue_order_id)) == fields["orderId"]]
        page, cursor = page_of(
            trades[::-1], fields.get("cursor", ""), min(int(fields.get("limit", 50)), 100, self.most)
        )
        return {"category": "spot", "nextPageCursor": cursor, "list": [self._trade(t) for t in page]}

    def _trade(self, t: VenueTrade) -> dict[str, Any]:
        return {
            "symbol": t.symbol.replace("/", ""), "orderId": _uuid(int(t.venue_order_id)), "orderLinkId": "",
            "side": t.side.value.capitalize(), "orderType": "Limit", "execFee": f"{t.fee:f}", "execId": t.trade_id,
            "execPrice": f"{t.price:f}", "execQty": f"{t.quantity:f}", "execType": "Trade",
            "execValue": f"{t.price * t.quantity:f}", "execTime": str(ms(t.at)), "feeCurrency": t.fee_asset,
            "isMaker": False, "feeRate": "0.001",
        }  # fmt: skip


def _uuid(number: int) -> str:
    return f"8c065341-7b52-4ca9-ac2c-{number:012d}"
