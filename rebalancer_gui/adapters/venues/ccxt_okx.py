"""OKX's spot market with a cash account (trade mode ``cash``), through its interface V5."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rebalancer_gui.adapters.venues.ccxt_dialect import UNBOUNDED, Dialect, Market, Refusals, turns, with_fills
from rebalancer_gui.adapters.venues.ccxt_errors import CallFailed
from rebalancer_gui.adapters.venues.ccxt_fields import (
    Misread,
    Raw,
    amount,
    at_ms,
    levels,
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
from rebalancer_gui.domain.market import Balance, FeeSchedule, MarketRules, MarketStatus, OrderBook, Quote
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.orders import OrderRequest, OrderType, VenueOrder, VenueOrderStatus, VenueTrade

_SPOT = {"instType": "SPOT"}
_NO_SUCH_ORDER = "51603"
_RECENT_ORDERS = timedelta(days=7) - timedelta(hours=1)
_RECENT_TRADES = timedelta(days=3) - timedelta(hours=1)
_DOLLARS = frozenset({"USDT", "USDC", "USD"})
_STATUSES = {
    "filled": VenueOrderStatus.FILLED,
    "canceled": VenueOrderStatus.CANCELED,
    "mmp_canceled": VenueOrderStatus.CANCELED,
}


class Okx(Dialect):
    """An order's answer carries its ids only. Orders without any trade are kept for two hours."""

    page = 100
    order_ids = re.compile(r"[A-Za-z0-9]{1,32}")
    refusals = Refusals(
        codes=frozenset(
            {"50014", "50015", "50016", "50024", "51000", "51001", "51003", "51004", "51005", "51006", "51008", "51012",
             "51015", "51020", "51021", "51022", "51027", "51031", "51100", "51110", "51115", "51116", "51118", "51119",
             "51120", "51121", "51122", "51124", "51127", "51131", "51137", "51138", "51155", "51185", "51201", "51202",
             "51203", "51204"}
        ),
        rules=frozenset(
            {"51004", "51005", "51020", "51100", "51118", "51120", "51121", "51122", "51201", "51202", "51203"}
        ),
        no_right=frozenset(
            {"50007", "50027", "50100", "50101", "50103", "50104", "50105", "50106", "50110", "50111", "50113", "50114",
             "50120", "51009", "51010", "51024"}
        ),
        clock=frozenset({"50102", "50112"}),
        pauses={"50011": timedelta(seconds=5), "50061": timedelta(seconds=5)},
    )  # fmt: skip

    # -------------------------------------------------------------------------------------------------------- questions

    async def _data(self, name: str, fields: dict[str, Any] | None = None) -> list[Raw]:
        return list(rows_in(await self.client.call(name, fields or {}), "data"))

    async def _one(self, name: str, fields: dict[str, Any] | None = None) -> Raw:
        """The one row of an answer; none at all is no answer."""
        data = await self._data(name, fields)
        if len(data) != 1:
            raise Misread("its answer is empty" if not data else "it answered with more than was asked for")
        return data[0]

    async def server_time(self) -> datetime:
        return at_ms((await self._one("public_get_public_time")).get("ts"))

    async def markets(self) -> Iterable[Market]:
        return [self._market(row) for row in await self._data("public_get_public_instruments", {**_SPOT})]

    def _market(self, raw: Raw) -> Market:
        base, quote = self.coin(text(raw, "baseCcy")), self.coin(text(raw, "quoteCcy"))
        # Its largest market order is an amount of dollars, its smallest order a quantity: there is no smallest value.
        amounts = [a for a in (optional(raw, "maxLmtAmt"), optional(raw, "maxMktAmt")) if a is not None]
        most = optional(raw, "maxLmtSz") or UNBOUNDED
        rules = MarketRules(
            base=base,
            quote=quote,
            tick_size=amount(raw, "tickSz"),
            step_size=amount(raw, "lotSz"),
            min_quantity=amount(raw, "minSz"),
            max_quantity=most,
            min_notional=ZERO,
            market_max_quantity=most,
            max_notional=min(amounts) if amounts and quote in _DOLLARS else None,
            status=MarketStatus.TRADING if text(raw, "state") == "live" else MarketStatus.HALTED,
            source="OKX instruments",
        )
        return Market(text(raw, "instId"), rules)

    async def quotes(self, symbols: Iterable[str]) -> Iterable[Quote]:
        wanted = {self.market(symbol).id: symbol for symbol in symbols}
        data, now = await self._data("public_get_market_tickers", {**_SPOT}), self.client.clock.now()
        return [
            Quote(
                wanted[row["instId"]], number(row, "bidPx"), number(row, "askPx"), number(row, "last"), now, now,
                volume=optional(row, "volCcy24h"),
            )
            for row in data
            if row.get("instId") in wanted
        ]  # fmt: skip

    async def book(self, symbol: str) -> OrderBook:
        raw = await self._one("public_get_market_books", {"instId": self.market(symbol).id, "sz": 200})
        return OrderBook(
            symbol, tuple(levels(raw.get("bids"))), tuple(levels(raw.get("asks"))), self.client.clock.now()
        )

    async def balances(self) -> Iterable[Balance]:
        account = await self._one("private_get_account_balance")
        return [self._balance(row) for row in rows_in(account, "details")]

    def _balance(self, raw: Raw) -> Balance:
        held, free = max(number(raw, "cashBal"), ZERO), optional(raw, "availBal") or ZERO
        free = min(max(free, ZERO), held)
        return Balance(self.coin(text(raw, "ccy")), free, held - free)

    async def fees(self) -> FeeSchedule:
        """What is charged is written as a negative number."""
        row = await self._one("private_get_account_trade_fee", {**_SPOT})
        return FeeSchedule(max(-number(row, "taker"), ZERO))

    async def account_id(self) -> str:
        return words(await self._one("private_get_account_config"), "uid")

    async def permissions(self) -> Permissions:
        said = await self._one("private_get_account_config")
        if "perm" not in said:
            return Permissions(note="OKX did not tell what this key may do.")
        rights = {right.strip() for right in words(said, "perm").split(",")}
        addresses = said.get("ip")
        return Permissions(
            "trade" in rights, "withdraw" in rights, bool(addresses) if isinstance(addresses, str) else None
        )

    # ----------------------------------------------------------------------------------------------------------- orders

    def order_call(self, request: OrderRequest, market: Market, best: Decimal) -> tuple[str, dict[str, Any]]:
        fields = {
            "instId": market.id,
            "tdMode": "cash",
            "clOrdId": request.client_order_id,
            "side": request.side.value,
            "sz": plain(request.quantity),
        }
        if request.limit_price is None:
            # Else the size of a market buy is an amount of money.
            return "private_post_trade_order", fields | {"ordType": "market", "tgtCcy": "base_ccy"}
        return "private_post_trade_order", fields | {"ordType": "ioc", "px": plain(request.limit_price)}

    def placed(self, answer: object, request: OrderRequest) -> VenueOrder:
        data = rows_in(answer, "data")
        if len(data) != 1 or text(data[0], "sCode") != "0":
            raise Misread("it is not the answer to one order")
        return VenueOrder(
            text(data[0], "clOrdId"), text(data[0], "ordId"), request.symbol, request.side, request.type, request.quantity,
            ZERO, VenueOrderStatus.OPEN, self.client.venue_now(),
        )  # fmt: skip

    def _order(self, raw: Raw, symbol: str) -> VenueOrder:
        if text(raw, "instId") != self.market(symbol).id:
            raise Misread("it answered with an order of another market")
        word = text(raw, "ordType")
        kind, filled, quantity = type_of(word), amount(raw, "accFillSz"), number(raw, "sz")
        if kind is OrderType.MARKET and words(raw, "tgtCcy") == "quote_ccy":
            quantity = filled
        at_once = kind is OrderType.MARKET or word in {"ioc", "fok"}
        return VenueOrder(
            words(raw, "clOrdId"), text(raw, "ordId"), symbol, side_of(raw), kind, quantity, filled,
            status_of(text(raw, "state"), _STATUSES, at_once=at_once), at_ms(raw.get("cTime")),
        )  # fmt: skip

    async def find(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        market = self.market(symbol).id
        try:
            raw = await self._one("private_get_trade_order", {"instId": market, "clOrdId": client_order_id})
        except CallFailed as failed:
            if failed.code == _NO_SUCH_ORDER:
                return None
            raise
        order = self._order(raw, symbol)
        if order.client_order_id != client_order_id:
            raise Misread("it answered with another order")
        if order.filled == ZERO:
            return order
        age = self.client.venue_now() - order.at
        trades = await self._fills({"instId": market, "ordId": order.venue_order_id}, age)
        return with_fills(order, [self._trade(row, symbol) for row in trades])

    async def _fills(self, fields: dict[str, Any], age: timedelta) -> list[Raw]:
        name = "private_get_trade_fills" if age < _RECENT_TRADES else "private_get_trade_fills_history"
        return await self._pages(name, fields, "billId")

    async def _pages(self, name: str, fields: dict[str, Any], key: str) -> list[Raw]:
        """Newest first; each page is followed by what is older than its last row."""
        found, after = list[Raw](), ""
        for _ in turns():
            more = {"after": after} if after else {}
            page = await self._data(name, {**_SPOT, "limit": self.page, **fields, **more})
            found += page
            if len(page) < self.page or text(page[-1], key) == after:
                return found
            after = text(page[-1], key)
        return found

    def _trade(self, raw: Raw, symbol: str) -> VenueTrade:
        if text(raw, "instId") != self.market(symbol).id:
            raise Misread("it answered with a trade of another market")
        # What is charged is negative, a rebate is positive and no fee.
        fee = max(-number(raw, "fee"), ZERO)
        return VenueTrade(
            text(raw, "tradeId"), text(raw, "ordId"), symbol, side_of(raw), number(raw, "fillSz"), number(raw, "fillPx"), fee,
            self.coin(text(raw, "feeCcy")), at_ms(words(raw, "fillTime") or raw.get("ts")),
        )  # fmt: skip

    async def orders(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueOrder]:
        market = {"instId": self.market(symbol).id}
        span = {**market, "begin": ms(since) - 1, "end": ms(now) + 1}
        found = await self._pages("private_get_trade_orders_pending", market, "ordId")
        found += await self._pages("private_get_trade_orders_history", span, "ordId")
        if now - since >= _RECENT_ORDERS:
            found += await self._pages("private_get_trade_orders_history_archive", span, "ordId")
        return [self._order(row, symbol) for row in found]

    async def trades(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueTrade]:
        span = {"instId": self.market(symbol).id, "begin": ms(since) - 1, "end": ms(now) + 1}
        return [self._trade(row, symbol) for row in await self._fills(span, now - since)]
