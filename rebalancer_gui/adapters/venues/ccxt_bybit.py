"""Bybit's spot market through its interface V5 and a unified trading account."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rebalancer_gui.adapters.venues.ccxt_dialect import UNBOUNDED, Dialect, Market, Refusals, turns, windows, with_fills
from rebalancer_gui.adapters.venues.ccxt_fields import (
    Misread,
    Raw,
    amount,
    at_ms,
    inner,
    levels,
    mapping,
    ms,
    number,
    optional,
    rows_in,
    side_of,
    status_of,
    text,
    type_of,
    words,
)
from rebalancer_gui.application.connection import Permissions
from rebalancer_gui.domain.market import Balance, FeeSchedule, MarketRules, MarketStatus, OrderBook, Quote, make_quote
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Side, VenueOrder, VenueOrderStatus, VenueTrade

_WINDOW = timedelta(days=7) - timedelta(milliseconds=1)
_SPOT = {"category": "spot"}
_ANY_ADDRESS = "*"
_STATUSES = {
    "Filled": VenueOrderStatus.FILLED,
    "Cancelled": VenueOrderStatus.CANCELED,
    "PartiallyFilledCanceled": VenueOrderStatus.CANCELED,
    "Deactivated": VenueOrderStatus.CANCELED,
    "Rejected": VenueOrderStatus.REJECTED,
}


class Bybit(Dialect):
    """An order's answer carries its ids only. ccxt's own look-up by our id may answer with somebody else's order."""

    page = 50
    order_ids = re.compile(r"[A-Za-z0-9_-]{1,36}")
    refusals = Refusals(
        # Parameters, symbol, size, price, value, money, a market that is not open.
        codes=frozenset(
            {"10001", "10029", "110003", "110004", "110007", "110012", "110094", "170033", "170105", "170115", "170116",
             "170117", "170121", "170124", "170130", "170131", "170132", "170133", "170134", "170135", "170136", "170137",
             "170140", "170148", "170151", "170157", "170159", "170192", "170193", "170194", "170197", "170198"}
        ),
        rules=frozenset(
            {"110094", "170124", "170134", "170135", "170136", "170137", "170140", "170148"}
        ),
        no_right=frozenset(
            {"10003", "10004", "10005", "10007", "10008", "10009", "10010", "10024", "10027", "10028", "33004", "170201"}
        ),
        clock=frozenset({"10002"}),
        pauses={"10006": timedelta(seconds=5), "10018": timedelta(minutes=10), "170005": timedelta(seconds=10)},
    )  # fmt: skip

    # -------------------------------------------------------------------------------------------------------- questions

    async def server_time(self) -> datetime:
        said = inner(await self.client.call("public_get_v5_market_time"), "result")
        return at_ms(number(said, "timeNano") / 1_000_000)

    async def markets(self) -> Iterable[Market]:
        said = inner(await self.client.call("public_get_v5_market_instruments_info", _SPOT), "result")
        return [self._market(row) for row in rows_in(said, "list")]

    def _market(self, raw: Raw) -> Market:
        lot, price = inner(raw, "lotSizeFilter"), inner(raw, "priceFilter")
        most = optional(lot, "maxLimitOrderQty") or optional(lot, "maxOrderQty") or UNBOUNDED
        rules = MarketRules(
            base=self.coin(text(raw, "baseCoin")),
            quote=self.coin(text(raw, "quoteCoin")),
            tick_size=amount(price, "tickSize"),
            step_size=amount(lot, "basePrecision"),
            min_quantity=optional(lot, "minOrderQty") or amount(lot, "basePrecision"),
            max_quantity=most,
            min_notional=optional(lot, "minOrderAmt") or ZERO,
            market_max_quantity=optional(lot, "maxMarketOrderQty") or most,
            max_notional=optional(lot, "maxOrderAmt"),
            status=MarketStatus.TRADING if text(raw, "status") == "Trading" else MarketStatus.HALTED,
            source="Bybit instruments-info",
        )
        return Market(text(raw, "symbol"), rules)

    async def quotes(self, symbols: Iterable[str]) -> Iterable[Quote]:
        wanted = {self.market(symbol).id: symbol for symbol in symbols}
        said = inner(await self.client.call("public_get_v5_market_tickers", _SPOT), "result")
        now = self.client.clock.now()
        return [
            make_quote(
                wanted[row["symbol"]], number(row, "bid1Price"), number(row, "ask1Price"), number(row, "lastPrice"), now, now,
                volume=optional(row, "turnover24h"),
            )
            for row in rows_in(said, "list")
            if row.get("symbol") in wanted
        ]  # fmt: skip

    async def book(self, symbol: str) -> OrderBook:
        market = self.market(symbol)
        said = await self.client.call("public_get_v5_market_orderbook", {**_SPOT, "symbol": market.id, "limit": 200})
        raw = inner(said, "result")
        if text(raw, "s") != market.id:
            raise Misread("it answered with the book of another market")
        return OrderBook(symbol, tuple(levels(raw.get("b"))), tuple(levels(raw.get("a"))), self.client.clock.now())

    async def balances(self) -> Iterable[Balance]:
        said = await self.client.call("private_get_v5_account_wallet_balance", {"accountType": "UNIFIED"})
        accounts = rows_in(inner(said, "result"), "list")
        if len(accounts) != 1:
            raise Misread("there is no unified trading account")
        return [self._balance(row) for row in rows_in(accounts[0], "coin")]

    def _balance(self, raw: Raw) -> Balance:
        # What is borrowed makes a balance negative: there is nothing of it to trade with.
        held, locked = max(number(raw, "walletBalance"), ZERO), optional(raw, "locked") or ZERO
        return Balance(self.coin(text(raw, "coin")), max(held - locked, ZERO), min(locked, held))

    async def fees(self) -> FeeSchedule:
        said = await self.client.call("private_get_v5_account_fee_rate", {**_SPOT, "symbol": self.open_market().id})
        listed = rows_in(inner(said, "result"), "list")
        if not listed:
            raise Misread("it tells no fee rate")
        return FeeSchedule(amount(listed[0], "takerFeeRate"))

    async def _key(self) -> Raw:
        return inner(await self.client.call("private_get_v5_user_query_api"), "result")

    async def account_id(self) -> str:
        return words(await self._key(), "userID")

    async def permissions(self) -> Permissions:
        said = await self._key()
        rights = inner(said, "permissions")
        wallet, spot = rights.get("Wallet"), rights.get("Spot")
        addresses = said.get("ips")
        read_only = str(said.get("readOnly")) == "1"
        others = {
            "Wallet": "transfers",
            "ContractTrade": "contracts",
            "Derivatives": "derivatives",
            "Options": "options",
        }
        return Permissions(
            isinstance(spot, list) and "SpotTrade" in spot and not read_only,
            "Withdraw" in wallet if isinstance(wallet, list) else None,
            bool(addresses) and _ANY_ADDRESS not in addresses if isinstance(addresses, list) else None,
            tuple(name for key, name in others.items() if [r for r in rights.get(key) or () if r != "Withdraw"]),
        )

    # ----------------------------------------------------------------------------------------------------------- orders

    def order_call(self, request: OrderRequest, market: Market, best: Decimal) -> tuple[str, dict[str, Any]]:
        fields: dict[str, Any] = {
            **_SPOT,
            "symbol": market.id,
            "side": request.side.value.capitalize(),
            "qty": plain(request.quantity),
            "orderLinkId": request.client_order_id,
            "isLeverage": 0,
        }
        if request.limit_price is None:
            # Else the quantity of a market buy is an amount of money.
            return "private_post_v5_order_create", fields | {"orderType": "Market", "marketUnit": "baseCoin"}
        limit = {"orderType": "Limit", "timeInForce": "IOC", "price": plain(request.limit_price)}
        return "private_post_v5_order_create", fields | limit

    def placed(self, answer: object, request: OrderRequest) -> VenueOrder:
        raw = inner(answer, "result")
        return VenueOrder(
            text(raw, "orderLinkId"), text(raw, "orderId"), request.symbol, request.side, request.type, request.quantity,
            ZERO, VenueOrderStatus.OPEN, self.client.venue_now(),
        )  # fmt: skip

    def _order(self, raw: Raw, symbol: str) -> VenueOrder:
        if text(raw, "symbol") != self.market(symbol).id:
            raise Misread("it answered with an order of another market")
        kind = type_of(text(raw, "orderType"))
        filled, quantity = amount(raw, "cumExecQty"), number(raw, "qty")
        if words(raw, "marketUnit") == "quoteCoin":
            quantity = filled
        at_once = kind is OrderType.MARKET or words(raw, "timeInForce") in {"IOC", "FOK"}
        return VenueOrder(
            words(raw, "orderLinkId"), text(raw, "orderId"), symbol, side_of(raw), kind, quantity, filled,
            status_of(text(raw, "orderStatus"), _STATUSES, at_once=at_once), at_ms(raw.get("createdTime")),
        )  # fmt: skip

    async def find(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        fields = {**_SPOT, "symbol": self.market(symbol).id, "orderLinkId": client_order_id}
        for name in ("private_get_v5_order_realtime", "private_get_v5_order_history"):
            listed = rows_in(inner(await self.client.call(name, fields), "result"), "list")
            orders = [self._order(row, symbol) for row in listed]
            if any(order.client_order_id != client_order_id for order in orders):
                raise Misread("it answered with another order")
            if orders:
                newest = max(orders, key=lambda order: order.at)
                if newest.filled == ZERO:
                    return newest
                own = {"orderId": newest.venue_order_id}
                return with_fills(newest, [self._trade(r, symbol) for r in await self._executions(symbol, own)])
        return None

    async def _executions(self, symbol: str, fields: dict[str, Any]) -> list[Raw]:
        return await self._pages("private_get_v5_execution_list", {"symbol": self.market(symbol).id, **fields})

    async def _pages(self, name: str, fields: dict[str, Any]) -> list[Raw]:
        """Page by page, as long as the venue names a next one."""
        found, cursor = list[Raw](), ""
        for _ in turns():
            more = {"cursor": cursor} if cursor else {}
            said = inner(await self.client.call(name, {**_SPOT, "limit": self.page, **fields, **more}), "result")
            page = rows_in(said, "list")
            found += page
            after = words(said, "nextPageCursor")
            if not page or not after or after == cursor:
                return found
            cursor = after
        return found

    def _trade(self, raw: Raw, symbol: str) -> VenueTrade:
        market = self.market(symbol)
        if text(raw, "symbol") != market.id:
            raise Misread("it answered with a trade of another market")
        side = side_of(raw)
        received = market.rules.base if side is Side.BUY else market.rules.quote
        coin = words(raw, "feeCurrency")
        # A rebate is no fee.
        fee = max(number(raw, "execFee"), ZERO)
        return VenueTrade(
            text(raw, "execId"), text(raw, "orderId"), symbol, side, number(raw, "execQty"), number(raw, "execPrice"), fee,
            self.coin(coin) if coin else received, at_ms(raw.get("execTime")),
        )  # fmt: skip

    async def orders(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueOrder]:
        market, found = self.market(symbol).id, list[Raw]()
        for begin, end in windows(since, now, _WINDOW):
            span = {"symbol": market, "startTime": ms(begin), "endTime": ms(end) + 1}
            found += await self._pages("private_get_v5_order_history", span)
        found += await self._pages("private_get_v5_order_realtime", {"symbol": market})
        return [self._order(row, symbol) for row in found]

    async def trades(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueTrade]:
        found = list[Raw]()
        for begin, end in windows(since, now, _WINDOW):
            found += await self._executions(symbol, {"startTime": ms(begin), "endTime": ms(end) + 1})
        return [self._trade(mapping(row), symbol) for row in found if words(row, "execType") in {"", "Trade"}]
