"""Binance Spot's REST interface as its documentation writes it: errors, payloads and limits."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from rebalancer_gui.adapters.venues.ccxt_fields import ms
from rebalancer_gui.domain.market import FeeSide, MarketStatus
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Rejected, Side, VenueOrderStatus, VenueTrade
from tests.wire.core import DUPLICATE, WireOrder
from tests.wire.face_tools import RefusedError
from tests.wire.server import Face

WORDS = {
    VenueOrderStatus.FILLED: "FILLED", VenueOrderStatus.EXPIRED: "EXPIRED", VenueOrderStatus.CANCELED: "CANCELED",
    VenueOrderStatus.OPEN: "NEW", VenueOrderStatus.REJECTED: "REJECTED",
}  # fmt: skip


class BinanceFace(Face):
    venue = "binance"
    order_path = "/api/v3/order"

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.text()
        fields = dict(parse_qsl(request.query_string if request.method == "GET" else body, keep_blank_values=True))
        try:
            said = await self._route(request, body, fields)
        except RefusedError as refused:
            return web.json_response({"code": refused.code, "msg": refused.message}, status=refused.status)
        return web.Response(text=json.dumps(said), content_type="application/json")

    async def _route(self, request: web.Request, body: str, fields: dict[str, str]) -> object:
        public = {
            "/api/v3/time": self._time, "/api/v3/exchangeInfo": self._exchange_info, "/api/v3/depth": self._depth,
            "/api/v3/ticker/24hr": self._tickers, "/api/v3/klines": self._klines,
        }  # fmt: skip
        private = {
            "GET /api/v3/account": self._account, "GET /api/v3/account/commission": self._commission,
            "GET /sapi/v1/account/apiRestrictions": self._restrictions, "POST /api/v3/order": self._new_order,
            "GET /api/v3/order": self._query, "GET /api/v3/openOrders": self._open, "GET /api/v3/allOrders": self._all_orders,
            "GET /api/v3/myTrades": self._my_trades,
        }  # fmt: skip
        if request.path in public:
            return await public[request.path](fields)
        self._check(request, body, fields)
        there = private.get(f"{request.method} {request.path}")
        if there is None:
            raise RefusedError(-1, "no such path", 404)
        return await there(fields)

    def _check(self, request: web.Request, body: str, fields: dict[str, str]) -> None:
        """Key, signature and time, in the order of the documentation."""
        key = request.headers.get("X-MBX-APIKEY", "")
        if key != self.core.credentials.key or not self.core.key_works:
            raise RefusedError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        signed = request.query_string if request.method == "GET" else body
        unsigned, _, signature = signed.rpartition("&signature=")
        right = hmac.new(self.core.credentials.secret.encode(), unsigned.encode(), hashlib.sha256).hexdigest()
        if signature != right:
            raise RefusedError(-1022, "Signature for this request is not valid.")
        now, stamp, window = ms(self.core.clock.true()), int(fields["timestamp"]), int(fields.get("recvWindow", 5000))
        assert window == 5000, "the fence that the adapter promises"
        if not (stamp < now + 1000 and now - stamp <= window):
            raise RefusedError(-1021, "Timestamp for this request is outside of the recvWindow.")

    # ---------------------------------------------------------------------------------------------------------- public

    async def _time(self, fields: dict[str, str]) -> object:
        return {"serverTime": ms(self.core.clock.true())}

    async def _open(self, fields: dict[str, str]) -> object:
        return [self._order(o) for o in self.core.listed(self._symbol(fields)) if not o.order.is_final]

    async def _exchange_info(self, fields: dict[str, str]) -> object:
        return {
            "timezone": "UTC",
            "serverTime": ms(self.core.clock.true()),
            "rateLimits": [],
            "exchangeFilters": [],
            "symbols": [self._market(symbol) for symbol in self.core.rules],
        }

    def _market(self, symbol: str) -> dict[str, Any]:
        rules = self.core.rules[symbol]
        status = {MarketStatus.TRADING: "TRADING", MarketStatus.HALTED: "HALT", MarketStatus.DELISTED: "BREAK"}
        market_max = rules.market_max_quantity or rules.max_quantity
        most = rules.max_notional or Decimal(9_000_000)
        return {
            "symbol": symbol.replace("/", ""), "status": status[rules.status], "baseAsset": rules.base,
            "baseAssetPrecision": 8, "quoteAsset": rules.quote, "quotePrecision": 8, "quoteAssetPrecision": 8,
            "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"],
            "quoteOrderQtyMarketAllowed": True, "isSpotTradingAllowed": True, "isMarginTradingAllowed": False,
            "permissions": ["SPOT"], "permissionSets": [["SPOT"]],
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": f"{rules.tick_size:.8f}", "maxPrice": "1000000.00000000",
                 "tickSize": f"{rules.tick_size:.8f}"},
                {"filterType": "LOT_SIZE", "minQty": f"{rules.min_quantity:.8f}", "maxQty": f"{rules.max_quantity:.8f}",
                 "stepSize": f"{rules.step_size:.8f}"},
                {"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": f"{market_max:.8f}",
                 "stepSize": "0.00000000"},
                {"filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": "5", "bidMultiplierDown": "0.2",
                 "askMultiplierUp": "5", "askMultiplierDown": "0.2", "avgPriceMins": 5},
                {"filterType": "NOTIONAL", "minNotional": f"{rules.min_notional:.8f}", "applyMinToMarket": True,
                 "maxNotional": f"{most:.8f}", "applyMaxToMarket": False, "avgPriceMins": 5},
            ],
        }  # fmt: skip

    async def _depth(self, fields: dict[str, str]) -> object:
        symbol = self._symbol(fields)
        book = await self.core.paper.order_book(symbol)
        limit = int(fields.get("limit", "100"))
        return {
            "lastUpdateId": 1027024,
            "bids": [[self.price(symbol, x.price), f"{x.quantity:.8f}"] for x in book.bids[:limit]],
            "asks": [[self.price(symbol, x.price), f"{x.quantity:.8f}"] for x in book.asks[:limit]],
        }

    async def _tickers(self, fields: dict[str, str]) -> object:
        told: list[dict[str, object]] = []
        for symbol, rules in self.core.rules.items():
            if rules.status is not MarketStatus.TRADING:
                # Binance goes on listing markets that are closed, with nothing in their books.
                told.append({"symbol": symbol.replace("/", ""), "bidPrice": "0.00000000", "askPrice": "0.00000000",
                             "lastPrice": "1.00000000", "quoteVolume": "0.00000000"})  # fmt: skip
                continue
            quote = await self.core.paper.quote(symbol)
            told.append({
                "symbol": symbol.replace("/", ""), "bidPrice": self.price(symbol, quote.bid), "bidQty": "1.00000000",
                "askPrice": self.price(symbol, quote.ask), "askQty": "1.00000000", "lastPrice": f"{quote.last:.8f}",
                "volume": "8913.30000000", "quoteVolume": "15000000.30000000",
                "openTime": ms(self.core.clock.true()) - 86_400_000, "closeTime": ms(self.core.clock.true()),
                "firstId": 28385, "lastId": 28460, "count": 76,
            })  # fmt: skip
        if "symbol" not in fields:
            return told
        one = next((row for row in told if row["symbol"] == fields["symbol"]), None)
        if one is None:
            raise RefusedError(-1121, "Invalid symbol.")
        return one

    async def _klines(self, fields: dict[str, str]) -> object:
        """The first ones from the start on, the one that is not over yet among them."""
        seconds = {"1m": 60, "1h": 3600, "1d": 86_400, "1w": 604_800}[fields["interval"]]
        begin = -(-int(fields["startTime"]) // 1000)
        end = min(int(fields.get("endTime", 10**15)), ms(self.core.clock.true())) // 1000 + 1
        found = self.core.candles.bars(self._symbol(fields), seconds, begin, end)[
            : min(int(fields["limit"]), self.most)
        ]
        return [
            [at * 1000, o, h, low, c, v, (at + seconds) * 1000 - 1, "0.0", 7, "0.0", "0.0", "0"]
            for at, o, h, low, c, v in found
        ]  # fmt: skip

    # --------------------------------------------------------------------------------------------------------- account

    async def _account(self, fields: dict[str, str]) -> object:
        rate = self.core.fees.taker_rate
        balances = await self.core.paper.balances()
        return {
            "makerCommission": 15, "takerCommission": 15, "buyerCommission": 0, "sellerCommission": 0,
            "commissionRates": {"maker": f"{rate:.8f}", "taker": f"{rate:.8f}", "buyer": "0.00000000", "seller": "0.00000000"},
            "canTrade": self.core.may_trade, "canWithdraw": True, "canDeposit": True, "brokered": False,
            "accountType": "SPOT", "permissions": ["SPOT"], "uid": int(self.core.uid),
            "balances": [
                {"asset": b.asset, "free": f"{b.free:f}", "locked": f"{b.locked:f}"} for b in balances.values()
            ],
        }  # fmt: skip

    async def _commission(self, fields: dict[str, str]) -> object:
        self._symbol(fields)
        rate = self.core.fees.taker_rate
        third = self.core.fees.taken_in is FeeSide.THIRD
        none = {"maker": "0.00000000", "taker": "0.00000000", "buyer": "0.00000000", "seller": "0.00000000"}
        return {
            "symbol": fields["symbol"], "standardCommission": none | {"maker": f"{rate:.8f}", "taker": f"{rate:.8f}"},
            "specialCommission": none, "taxCommission": none,
            "discount": {"enabledForAccount": third, "enabledForSymbol": True, "discountAsset": "BNB", "discount": "0.75000000"},
        }  # fmt: skip

    async def _restrictions(self, fields: dict[str, str]) -> object:
        return {
            "ipRestrict": bool(self.core.ip_list), "createTime": 1623840271000, "enableReading": True,
            "enableWithdrawals": self.core.may_withdraw, "enableInternalTransfer": False, "enableMargin": False,
            "enableFutures": False, "permitsUniversalTransfer": False, "enableVanillaOptions": False,
            "enableSpotAndMarginTrading": self.core.may_trade,
        }  # fmt: skip

    # ---------------------------------------------------------------------------------------------------------- orders

    def _symbol(self, fields: dict[str, str]) -> str:
        wanted = fields.get("symbol", "")
        for symbol in self.core.rules:
            if symbol.replace("/", "") == wanted:
                return symbol
        raise RefusedError(-1121, "Invalid symbol.")

    async def _new_order(self, fields: dict[str, str]) -> object:
        symbol = self._symbol(fields)
        cid = fields["newClientOrderId"]
        self.core.posts[cid] += 1
        if re.fullmatch(r"[\.A-Z\:/a-z0-9_-]{1,36}", cid) is None:
            raise RefusedError(-1100, "Illegal characters found in parameter 'newClientOrderId'.")
        market = fields["type"] == "MARKET"
        if not market and fields.get("timeInForce") != "IOC":
            raise RefusedError(-1102, "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed.")
        if market and ("price" in fields or "timeInForce" in fields):
            raise RefusedError(-1106, "Parameter 'price' sent when not required.")
        if "quoteOrderQty" in fields:
            raise RefusedError(-1106, "this exchange takes quantities only")
        request = OrderRequest(
            cid, symbol, Side(fields["side"].lower()), OrderType.MARKET if market else OrderType.LIMIT_IOC,
            Decimal(fields["quantity"]), None if market else Decimal(fields["price"]),
        )  # fmt: skip
        made = await self.core.place(request)
        if isinstance(made, Rejected):
            self._refuse(made)
        assert isinstance(made, WireOrder)
        return self._order(made, full=True)

    def _refuse(self, rejected: Rejected) -> None:
        if rejected.no_right:
            raise RefusedError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        if rejected.code == DUPLICATE:
            raise RefusedError(-2010, "Duplicate order sent.")
        raise RefusedError(int(rejected.code), rejected.reason)

    def _order(self, made: WireOrder, *, full: bool = False) -> dict[str, Any]:
        order, request, at = made.order, made.request, ms(made.order.at)
        cost = sum((f.value for f in order.fills), Decimal(0))
        market = request.type is OrderType.MARKET
        said: dict[str, Any] = {
            "symbol": order.symbol.replace("/", ""), "orderId": made.number, "orderListId": -1,
            "clientOrderId": order.client_order_id, "price": f"{request.limit_price or Decimal(0):.8f}",
            "origQty": f"{order.quantity:.8f}", "executedQty": f"{order.filled:.8f}", "origQuoteOrderQty": "0.000000",
            "cummulativeQuoteQty": f"{cost:f}", "status": made.word or WORDS[order.status],
            "timeInForce": "IOC" if not market and made.at_once else "GTC", "type": "MARKET" if market else "LIMIT",
            "side": order.side.name, "workingTime": at, "selfTradePreventionMode": "NONE",
        }  # fmt: skip
        if not full:
            return said | {"stopPrice": "0.0", "icebergQty": "0.0", "time": at, "updateTime": at, "isWorking": True}
        fills = [
            {"price": f"{f.price:.8f}", "qty": f"{f.quantity:.8f}", "commission": f"{f.fee:f}", "commissionAsset": f.fee_asset,
             "tradeId": int(f.trade_id)}
            for f in order.fills
        ]  # fmt: skip
        return said | {"transactTime": at, "fills": fills}

    async def _query(self, fields: dict[str, str]) -> object:
        symbol = self._symbol(fields)
        made = self.core.of_client_id(fields["origClientOrderId"])
        if made is None or made.request.symbol != symbol:
            raise RefusedError(-2013, "Order does not exist.")
        return self._order(made)

    def _span(self, fields: dict[str, str]) -> tuple[int, int]:
        begin = int(fields.get("startTime", 0))
        end = int(fields.get("endTime", ms(self.core.clock.true()) + 1000))
        if "startTime" in fields and "endTime" in fields and end - begin > 86_400_000:
            raise RefusedError(-1127, "More than 24 hours between startTime and endTime.")
        return begin, end

    async def _all_orders(self, fields: dict[str, str]) -> object:
        symbol, limit = self._symbol(fields), min(int(fields.get("limit", 500)), self.most)
        if "orderId" in fields:
            found = [o for o in self.core.listed(symbol) if o.number >= int(fields["orderId"])]
        else:
            begin, end = self._span(fields)
            found = [o for o in self.core.listed(symbol) if begin <= ms(o.order.at) <= end]
        return [self._order(o) for o in found[:limit]]

    async def _my_trades(self, fields: dict[str, str]) -> object:
        symbol, limit = self._symbol(fields), min(int(fields.get("limit", 500)), self.most)
        trades = self.core.trades(symbol)
        if "orderId" in fields:
            trades = [t for t in trades if t.venue_order_id == fields["orderId"]]
        elif "fromId" in fields:
            trades = [t for t in trades if int(t.trade_id) >= int(fields["fromId"])]
        else:
            begin, end = self._span(fields)
            trades = [t for t in trades if begin <= ms(t.at) <= end]
        return [self._trade(t) for t in trades[:limit]]

    def _trade(self, t: VenueTrade) -> dict[str, Any]:
        return {
            "symbol": t.symbol.replace("/", ""), "id": int(t.trade_id), "orderId": int(t.venue_order_id), "orderListId": -1,
            "price": f"{t.price:.8f}", "qty": f"{t.quantity:.8f}", "quoteQty": f"{t.price * t.quantity:f}",
            "commission": f"{t.fee:f}", "commissionAsset": t.fee_asset, "time": ms(t.at), "isBuyer": t.side is Side.BUY,
            "isMaker": False, "isBestMatch": True,
        }  # fmt: skip
