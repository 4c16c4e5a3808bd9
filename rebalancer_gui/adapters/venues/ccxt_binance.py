"""Binance Spot (and its sandbox, its demo and regional sites with the same interface)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rebalancer_gui.adapters.venues.ccxt_dialect import UNBOUNDED, Dialect, Market, Refusals, turns, windows, with_fills
from rebalancer_gui.adapters.venues.ccxt_errors import CallFailed
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
    rows,
    rows_in,
    side_of,
    status_of,
    text,
    type_of,
    words,
)
from rebalancer_gui.application.connection import Permissions
from rebalancer_gui.domain.market import (
    Balance,
    FeeSchedule,
    FeeSide,
    MarketRules,
    MarketStatus,
    OrderBook,
    Quote,
    make_quote,
)
from rebalancer_gui.domain.money import ONE, ZERO, plain
from rebalancer_gui.domain.orders import OrderRequest, OrderType, VenueOrder, VenueOrderStatus, VenueTrade

_DAY = timedelta(hours=24) - timedelta(milliseconds=1)
_NO_SUCH_ORDER = "-2013"
_STATUSES = {
    "FILLED": VenueOrderStatus.FILLED,
    "CANCELED": VenueOrderStatus.CANCELED,
    "REJECTED": VenueOrderStatus.REJECTED,
    "EXPIRED": VenueOrderStatus.EXPIRED,
    "EXPIRED_IN_MATCH": VenueOrderStatus.EXPIRED,
}


class Binance(Dialect):
    """An order's answer carries its trades; every other list wants a symbol and reaches over 24 hours a call."""

    page = 1000
    quote_assets = ("USDT", "USDC", "FDUSD", "EUR", "BTC", "BNB", "TRY")
    order_ids = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")
    refusals = Refusals(
        # Filters and closed markets, precision, malformed parameters, no such symbol, no money.
        codes=frozenset(
            {"-1013", "-1100", "-1101", "-1102", "-1103", "-1104", "-1105", "-1106", "-1111", "-1112", "-1114", "-1115",
             "-1116", "-1117", "-1121", "-1130", "-1131", "-2010"}
        ),
        rules=frozenset({"-1111"}),
        rule_words=re.compile(r"Filter failure: (PRICE_FILTER|LOT_SIZE|MARKET_LOT_SIZE|MIN_NOTIONAL|NOTIONAL)"),
        no_right=frozenset({"-1002", "-1022", "-2014", "-2015"}),
        clock=frozenset({"-1021"}),
        pauses={"-1003": timedelta(seconds=60), "-1015": timedelta(seconds=10)},
        # Evidence that it exists, not that it does not.
        not_if=re.compile(r"(?i)duplicate order"),
    )  # fmt: skip

    # -------------------------------------------------------------------------------------------------------- questions

    async def server_time(self) -> datetime:
        return at_ms(mapping(await self.client.call("public_get_time")).get("serverTime"))

    async def markets(self) -> Iterable[Market]:
        said = await self.client.call("public_get_exchangeinfo")
        return [self._market(row) for row in rows_in(said, "symbols")]

    def _market(self, raw: Raw) -> Market:
        filters = {text(f, "filterType"): f for f in rows_in(raw, "filters")}
        price, lot, at_market = (filters.get(n, {}) for n in ("PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE"))
        notional = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL") or {}
        step = _positive(lot, "stepSize") or _smallest(raw, "baseAssetPrecision")
        market_max = _positive(at_market, "maxQty")
        trades = text(raw, "status") == "TRADING" and raw.get("isSpotTradingAllowed", True) is not False
        rules = MarketRules(
            base=self.coin(text(raw, "baseAsset")),
            quote=self.coin(text(raw, "quoteAsset")),
            tick_size=_positive(price, "tickSize") or _smallest(raw, "quotePrecision"),
            # A step of the market orders that is none is written as 0.
            step_size=max(step, _positive(at_market, "stepSize") or step),
            min_quantity=_positive(lot, "minQty") or step,
            max_quantity=_positive(lot, "maxQty") or UNBOUNDED,
            min_notional=_positive(notional, "minNotional") or ZERO,
            market_max_quantity=market_max,
            max_notional=_positive(notional, "maxNotional"),
            status=MarketStatus.TRADING if trades else MarketStatus.HALTED,
            source="Binance exchangeInfo",
        )
        return Market(text(raw, "symbol"), rules)

    async def quotes(self, symbols: Iterable[str]) -> Iterable[Quote]:
        wanted = {self.market(symbol).id: symbol for symbol in symbols}
        said = rows(await self.client.call("public_get_ticker_24hr"))
        at = self.client.clock.now()
        return [self._quote(row, wanted[row["symbol"]], at) for row in said if row.get("symbol") in wanted]

    def _quote(self, raw: Raw, symbol: str, now: datetime) -> Quote:
        return make_quote(
            symbol, number(raw, "bidPrice"), number(raw, "askPrice"), number(raw, "lastPrice"), now, now,
            volume=number(raw, "quoteVolume"),
        )  # fmt: skip

    async def book(self, symbol: str) -> OrderBook:
        said = mapping(await self.client.call("public_get_depth", {"symbol": self.market(symbol).id, "limit": 100}))
        bids, asks = (tuple(levels(said.get(side))) for side in ("bids", "asks"))
        return OrderBook(symbol, bids, asks, self.client.clock.now())

    async def _account(self) -> Raw:
        return mapping(await self.client.call("private_get_account", {"omitZeroBalances": "true"}))

    async def balances(self) -> Iterable[Balance]:
        said = await self._account()
        return [
            Balance(self.coin(text(row, "asset")), amount(row, "free"), amount(row, "locked"))
            for row in rows_in(said, "balances")
        ]

    async def fees(self) -> FeeSchedule:
        said = await self.client.call("private_get_account_commission", {"symbol": self.open_market().id})
        rate = amount(inner(said, "standardCommission"), "taker") + _tax(said)
        discount = said.get("discount")
        if isinstance(discount, Mapping) and discount.get("enabledForAccount") and discount.get("enabledForSymbol"):
            return FeeSchedule(rate * min(amount(discount, "discount"), ONE), FeeSide.THIRD, rate)
        return FeeSchedule(rate)

    async def account_id(self) -> str:
        return words(await self._account(), "uid")

    async def permissions(self) -> Permissions:
        account = await self._account()
        may_trade = account.get("canTrade") is True
        try:
            said = mapping(await self.client.call("sapi_get_account_apirestrictions"))
        except CallFailed as failed:
            if self.refusals.is_key(failed):
                raise
            return Permissions(may_trade, note="Binance tells the rights of a key at its main address only.")
        others = {
            "enableInternalTransfer": "internal transfers", "permitsUniversalTransfer": "universal transfers",
            "enableMargin": "margin", "enableFutures": "futures", "enableVanillaOptions": "options",
        }  # fmt: skip
        return Permissions(
            may_trade and said.get("enableSpotAndMarginTrading") is True,
            _said(said, "enableWithdrawals"),
            _said(said, "ipRestrict"),
            tuple(name for key, name in others.items() if said.get(key) is True),
        )

    # ----------------------------------------------------------------------------------------------------------- orders

    def order_call(self, request: OrderRequest, market: Market, best: Decimal) -> tuple[str, dict[str, Any]]:
        fields = {
            "symbol": market.id,
            "side": request.side.value.upper(),
            "newClientOrderId": request.client_order_id,
            "quantity": plain(request.quantity),
            "newOrderRespType": "FULL",
        }
        if request.limit_price is None:
            return "private_post_order", fields | {"type": "MARKET"}
        limit = {"type": "LIMIT", "timeInForce": "IOC", "price": plain(request.limit_price)}
        return "private_post_order", fields | limit

    def placed(self, answer: object, request: OrderRequest) -> VenueOrder:
        raw = mapping(answer)
        order = self._order(raw, request.symbol, raw.get("transactTime"))
        return with_fills(order, (self._fill(row, order) for row in rows_in(raw, "fills")))

    def _fill(self, raw: Raw, order: VenueOrder) -> VenueTrade:
        return VenueTrade(
            text(raw, "tradeId"), order.venue_order_id, order.symbol, order.side, number(raw, "qty"), number(raw, "price"),
            amount(raw, "commission"), self.coin(text(raw, "commissionAsset")), order.at,
        )  # fmt: skip

    def _order(self, raw: Raw, symbol: str, at: object) -> VenueOrder:
        if text(raw, "symbol") != self.market(symbol).id:
            raise Misread("it answered with an order of another market")
        kind = type_of(text(raw, "type"))
        at_once = kind is OrderType.MARKET or words(raw, "timeInForce") in {"IOC", "FOK"}
        return VenueOrder(
            words(raw, "clientOrderId"), text(raw, "orderId"), symbol, side_of(raw), kind, number(raw, "origQty"),
            amount(raw, "executedQty"), status_of(text(raw, "status"), _STATUSES, at_once=at_once), at_ms(at),
        )  # fmt: skip

    async def find(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        market = self.market(symbol)
        try:
            said = await self.client.call(
                "private_get_order", {"symbol": market.id, "origClientOrderId": client_order_id}
            )
        except CallFailed as failed:
            if failed.code == _NO_SUCH_ORDER:
                return None
            raise
        raw = mapping(said)
        order = self._order(raw, symbol, raw.get("time"))
        if order.client_order_id != client_order_id:
            raise Misread("it answered with another order")
        if order.filled == ZERO:
            return order
        trades = await self.client.call(
            "private_get_mytrades", {"symbol": market.id, "orderId": order.venue_order_id, "limit": self.page}
        )
        return with_fills(order, [self._trade(row, symbol) for row in rows(trades)])

    def _trade(self, raw: Raw, symbol: str) -> VenueTrade:
        if text(raw, "symbol") != self.market(symbol).id:
            raise Misread("it answered with a trade of another market")
        return VenueTrade(
            text(raw, "id"), text(raw, "orderId"), symbol, side_of({"side": "buy" if raw.get("isBuyer") else "sell"}),
            number(raw, "qty"), number(raw, "price"), amount(raw, "commission"),
            self.coin(text(raw, "commissionAsset")), at_ms(raw.get("time")),
        )  # fmt: skip

    async def orders(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueOrder]:
        found = await self._pages("private_get_allorders", "orderId", symbol, since, now)
        # An open order is listed whenever it was made.
        found += rows(await self.client.call("private_get_openorders", {"symbol": self.market(symbol).id}))
        return [self._order(row, symbol, row.get("time")) for row in found]

    async def trades(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueTrade]:
        found = await self._pages("private_get_mytrades", "id", symbol, since, now)
        return [self._trade(row, symbol) for row in found]

    async def _pages(self, name: str, key: str, symbol: str, since: datetime, now: datetime) -> list[Raw]:
        """Window by window; a full page is followed by the rows after its last one, which are listed by id, not by time."""
        market, found = self.market(symbol).id, list[Raw]()
        after = "fromId" if key == "id" else "orderId"
        for begin, end in windows(since, now, _DAY):
            fields = {"symbol": market, "startTime": ms(begin), "endTime": ms(end) + 1, "limit": self.page}
            page = rows(await self.client.call(name, fields))
            found += page
            for _ in turns():
                if len(page) < self.page:
                    break
                last = max(int(text(row, key)) for row in page)
                page = rows(await self.client.call(name, {"symbol": market, after: last + 1, "limit": self.page}))
                found += page
        return found


def _positive(raw: Raw, key: str) -> Decimal | None:
    """A number above zero; None where it is left out or 0, which means that there is none."""
    if raw.get(key) in {None, ""}:
        return None
    value = number(raw, key)
    return value if value > ZERO else None


def _smallest(raw: Raw, key: str) -> Decimal:
    """One unit of the last decimal."""
    return ONE.scaleb(-int(raw.get(key) or 8))


def _tax(said: Raw) -> Decimal:
    tax = said.get("taxCommission")
    return amount(tax, "taker") if isinstance(tax, Mapping) else ZERO


def _said(raw: Raw, key: str) -> bool | None:
    value = raw.get(key)
    return value if isinstance(value, bool) else None
