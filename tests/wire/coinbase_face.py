"""Coinbase Advanced Trade's REST interface as its documentation writes it."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from rebalancer_gui.adapters.venues.ccxt_fields import at_iso, iso, ms
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Rejected, Side, VenueOrderStatus, VenueTrade
from tests.wire.core import WireOrder
from tests.wire.face_tools import RefusedError, kind_of, page_of
from tests.wire.server import Face

WORDS = {VenueOrderStatus.FILLED: "FILLED", VenueOrderStatus.OPEN: "OPEN", VenueOrderStatus.EXPIRED: "CANCELLED"}
REASONS = {
    "no right": "PERMISSION_DENIED", "symbol": "INVALID_PRODUCT_ID", "closed": "ORDER_ENTRY_DISABLED",
    "price": "INVALID_PRICE_PRECISION", "lot": "INVALID_SIZE_PRECISION", "market lot": "PREVIEW_INVALID_BASE_SIZE_TOO_LARGE",
    "value": "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL", "money": "INSUFFICIENT_FUND", "id": "INVALID_REQUEST",
}  # fmt: skip
_PRIVATE = ec.generate_private_key(ec.SECP256R1())
_PEM = _PRIVATE.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
).decode()
COINBASE_KEY = Credentials("organizations/KEYthatNobodyMaySee/apiKeys/x", _PEM)


class CoinbaseFace(Face):
    venue = "coinbase"
    order_path = "/api/v3/brokerage/orders"
    accounts_page = 2
    """So few that a wallet of three coins has a second page."""

    async def answer(self, request: web.Request) -> web.Response:
        try:
            said = await self._route(request, await request.text())
        except RefusedError as refused:
            if refused.status == 401:
                return web.Response(status=401, text="Unauthorized\n")
            said = {"error": refused.code, "message": refused.message, "error_details": refused.message}
            return web.Response(status=refused.status, text=json.dumps(said), content_type="application/json")
        return web.Response(text=json.dumps(said), content_type="application/json")

    async def _route(self, request: web.Request, body: str) -> object:
        fields: dict[str, Any] = json.loads(body) if body else {k: request.query.getall(k) for k in request.query}
        public = {"time": self._time, "market/products": self._products, "market/product_book": self._book}
        private = {
            "GET accounts": self._accounts, "GET transaction_summary": self._summary, "GET key_permissions": self._key,
            "GET best_bid_ask": self._best, "POST orders": self._new_order, "GET orders/historical/batch": self._batch,
            "GET orders/historical/fills": self._fills,
        }  # fmt: skip
        if request.path == "/v2/time":
            return {"data": {"epoch": ms(self.core.clock.true()) // 1000, "iso": iso(self.core.clock.true())}}
        if request.path.startswith("/v2/"):
            # Only ccxt's own list of coins asks here.
            return {"data": {"currency": "USD", "rates": {}} if request.path.endswith("rates") else []}
        path = request.path.removeprefix("/api/v3/brokerage/")
        if path in public:
            return await public[path](fields)
        if path.startswith("market/products/") and path.endswith("/candles"):
            return await self._candles(path.split("/")[2], fields)
        self._check(request)
        return await private[f"{request.method} {path}"](fields)

    def _check(self, request: web.Request) -> None:
        """A token signed with the key for this very request, valid now."""
        head, claims, signature = request.headers["Authorization"].removeprefix("Bearer ").split(".")
        raw = _decoded(signature)
        der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            _PRIVATE.public_key().verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise RefusedError("", "Unauthorized", 401) from None
        said, now = json.loads(_decoded(claims)), ms(self.core.clock.true()) / 1000
        name = self.core.credentials.key
        mine = said["sub"] == json.loads(_decoded(head))["kid"] == name and said["uri"].endswith(request.path)
        if not self.core.key_works or not mine or not said["nbf"] - 2 <= now < said["exp"]:
            raise RefusedError("", "Unauthorized", 401)

    # ---------------------------------------------------------------------------------------------------------- public

    async def _time(self, fields: dict[str, Any]) -> object:
        now = self.core.clock.true()
        return {"iso": iso(now), "epochSeconds": str(ms(now) // 1000), "epochMillis": str(ms(now))}

    async def _products(self, fields: dict[str, Any]) -> object:
        products = [self._product(symbol) for symbol in self.core.rules]
        return {"products": products, "num_products": len(products), "pagination": None}

    def _product(self, symbol: str) -> dict[str, Any]:
        r = self.core.rules[symbol]
        shut = r.status is not MarketStatus.TRADING
        return {
            "product_id": symbol.replace("/", "-"), "price": "1", "base_increment": f"{r.step_size:f}",
            "quote_increment": "0.00000001", "price_increment": f"{r.tick_size:f}", "quote_min_size": f"{r.min_notional:f}",
            "quote_max_size": f"{r.max_notional:f}", "base_min_size": f"{r.min_quantity:f}",
            "base_max_size": f"{r.max_quantity:f}", "is_disabled": False, "status": "online", "cancel_only": shut,
            "limit_only": False, "post_only": False, "trading_disabled": shut, "auction_mode": False, "view_only": False,
            "product_type": "SPOT", "quote_currency_id": r.quote, "base_currency_id": r.base, "product_venue": "CBE",
        }  # fmt: skip

    async def _candles(self, product: str, fields: dict[str, Any]) -> object:
        """Those from start to end, both counted, newest first; at most 300 may be asked for."""
        granularity = {"ONE_MINUTE": 60, "ONE_HOUR": 3600, "ONE_DAY": 86_400}
        seconds, begin, end = granularity[fields["granularity"][0]], int(fields["start"][0]), int(fields["end"][0])
        if (end - begin) // seconds >= 300:
            raise RefusedError("INVALID_ARGUMENT", "number of candles requested should be less than 300")
        now = ms(self.core.clock.true()) // 1000
        found = self.core.candles.bars(product.replace("-", "/"), seconds, begin, min(end, now) + 1)
        return {
            "candles": [
                {"start": str(at), "low": low, "high": h, "open": o, "close": c, "volume": v}
                for at, o, h, low, c, v in reversed(found)
            ]
        }

    async def _pricebook(self, symbol: str, depth: int) -> dict[str, Any]:
        book = await self.core.paper.order_book(symbol)
        return {
            "product_id": symbol.replace("/", "-"), "time": iso(self.core.clock.true()),
            "bids": [{"price": self.price(symbol, x.price), "size": f"{x.quantity:f}"} for x in book.bids[:depth]],
            "asks": [{"price": self.price(symbol, x.price), "size": f"{x.quantity:f}"} for x in book.asks[:depth]],
        }  # fmt: skip

    async def _book(self, fields: dict[str, Any]) -> object:
        return {"pricebook": await self._pricebook(self._symbol(fields["product_id"][0]), int(fields["limit"][0]))}

    async def _best(self, fields: dict[str, Any]) -> object:
        symbols = [self._symbol(name) for name in fields["product_ids"]]
        return {"pricebooks": [await self._pricebook(symbol, 1) for symbol in symbols]}

    # --------------------------------------------------------------------------------------------------------- account

    async def _accounts(self, fields: dict[str, Any]) -> object:
        accounts = [
            {"uuid": f"8bfc20d7-{b.asset}", "name": f"{b.asset} Wallet", "currency": b.asset, "type": "CRYPTO",
             "available_balance": {"value": f"{b.free:f}", "currency": b.asset}, "active": True, "ready": True,
             "hold": {"value": f"{b.locked:f}", "currency": b.asset}}
            for b in (await self.core.paper.balances()).values()
        ]  # fmt: skip
        page, cursor = page_of(accounts, fields.get("cursor", [""])[0], self.accounts_page)
        return {"accounts": page, "has_next": bool(cursor), "cursor": cursor, "size": len(page)}

    async def _summary(self, fields: dict[str, Any]) -> object:
        rate = f"{self.core.fees.taker_rate:f}"
        return {
            "total_fees": 0,
            "fee_tier": {"pricing_tier": "Advanced 1", "taker_fee_rate": rate, "maker_fee_rate": rate},
        }

    async def _key(self, fields: dict[str, Any]) -> object:
        return {
            "can_view": True, "can_trade": self.core.may_trade, "can_transfer": self.core.may_withdraw,
            "portfolio_uuid": f"portfolio-{self.core.uid}", "portfolio_type": "DEFAULT",
        }  # fmt: skip

    # ---------------------------------------------------------------------------------------------------------- orders

    def _symbol(self, product: str) -> str:
        symbol = product.replace("-", "/")
        if symbol not in self.core.rules:
            raise RefusedError("INVALID_ARGUMENT", "valid product_id is required")
        return symbol

    async def _new_order(self, fields: dict[str, Any]) -> object:
        symbol, cid = self._symbol(fields["product_id"]), fields["client_order_id"]
        self.core.posts[cid] += 1
        ((how, config),) = fields["order_configuration"].items()
        market, side = how == "market_market_ioc", Side(fields["side"].lower())
        assert market or how == "sor_limit_ioc"
        if market and side is Side.BUY and "quote_size" not in config:
            return self._no(fields, "UNSUPPORTED_ORDER_CONFIGURATION")
        request = OrderRequest(
            cid, symbol, side, OrderType.MARKET if market else OrderType.LIMIT_IOC, Decimal(config["base_size"]),
            None if market else Decimal(config["limit_price"]),
        )  # fmt: skip
        known = self.core.by_cid.get(cid)
        if known is not None:
            # An id that was there already answers with the order that has it.
            return self._yes(fields, known)
        made = await self.core.place(request)
        if isinstance(made, Rejected):
            if made.no_right:
                raise RefusedError("PERMISSION_DENIED", "Missing required scopes", 403)
            return self._no(fields, REASONS[kind_of(made)])
        return self._yes(fields, made.number)

    def _yes(self, fields: dict[str, Any], number: int) -> object:
        said = {key: fields[key] for key in ("product_id", "side", "client_order_id")}
        return {
            "success": True, "success_response": {"order_id": _uuid(number), **said},
            "order_configuration": fields["order_configuration"],
        }  # fmt: skip

    def _no(self, fields: dict[str, Any], reason: str) -> object:
        preview = reason.startswith("PREVIEW_")
        said = {
            "error": "UNKNOWN_FAILURE_REASON" if preview else reason, "message": reason.lower(), "error_details": "",
            "preview_failure_reason": reason if preview else "UNKNOWN_PREVIEW_FAILURE_REASON",
        }  # fmt: skip
        return {"success": False, "failure_reason": "UNKNOWN_FAILURE_REASON", "order_id": "", "error_response": said,
                "order_configuration": fields["order_configuration"]}  # fmt: skip

    def _order(self, made: WireOrder) -> dict[str, Any]:
        order, request = made.order, made.request
        size = {"base_size": f"{order.quantity:f}"}
        config = (
            {"market_market_ioc": size}
            if request.type is OrderType.MARKET
            else {
                "sor_limit_ioc" if made.at_once else "limit_limit_gtc": size
                | {"limit_price": f"{request.limit_price:f}"}
            }
        )
        return {
            "order_id": _uuid(made.number), "product_id": order.symbol.replace("/", "-"), "user_id": "2222",
            "order_configuration": config, "side": order.side.name, "client_order_id": order.client_order_id,
            "status": made.word or WORDS[order.status], "created_time": iso(order.at), "filled_size": f"{order.filled:f}",
            "time_in_force": "IMMEDIATE_OR_CANCEL" if made.at_once else "GOOD_UNTIL_CANCELLED", "size_in_quote": False,
            "number_of_fills": str(len(order.fills)), "total_fees": "0", "product_type": "SPOT", "settled": True,
        }  # fmt: skip

    async def _batch(self, fields: dict[str, Any]) -> object:
        symbols = {self._symbol(name) for name in fields["product_ids"]}
        begin = (
            at_iso(fields["start_date"][0])
            if "start_date" in fields
            else datetime.min.replace(tzinfo=self.core.clock.true().tzinfo)
        )
        orders = [o for o in self.core.listed() if o.request.symbol in symbols and o.order.at >= begin]
        if fields.get("order_status") == ["OPEN"]:
            orders = [o for o in orders if not o.order.is_final]
        page, cursor = page_of(orders[::-1], fields.get("cursor", [""])[0], min(int(fields["limit"][0]), self.most))
        return {"orders": [self._order(o) for o in page], "sequence": "0", "has_next": bool(cursor), "cursor": cursor}

    async def _fills(self, fields: dict[str, Any]) -> object:
        trades = self.core.trades()
        if "order_ids" in fields:
            trades = [t for t in trades if _uuid(int(t.venue_order_id)) in fields["order_ids"]]
        if "product_ids" in fields:
            symbols = {self._symbol(name) for name in fields["product_ids"]}
            trades = [t for t in trades if t.symbol in symbols]
        if "start_sequence_timestamp" in fields:
            trades = [t for t in trades if t.at >= at_iso(fields["start_sequence_timestamp"][0])]
        page, cursor = page_of(trades[::-1], fields.get("cursor", [""])[0], min(int(fields["limit"][0]), self.most))
        return {"fills": [self._trade(t) for t in page], "cursor": cursor}

    def _trade(self, t: VenueTrade) -> dict[str, Any]:
        return {
            "entry_id": t.trade_id, "trade_id": f"match-{t.trade_id}", "order_id": _uuid(int(t.venue_order_id)),
            "trade_time": iso(t.at), "trade_type": "FILL", "price": f"{t.price:f}", "size": f"{t.quantity:f}",
            "commission": f"{t.fee:f}", "product_id": t.symbol.replace("/", "-"), "sequence_timestamp": iso(t.at),
            "liquidity_indicator": "TAKER", "size_in_quote": False, "user_id": "3333", "side": t.side.name,
        }  # fmt: skip


def _uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
