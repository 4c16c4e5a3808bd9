"""Coinbase Advanced Trade (spot)."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rebalancer_gui.adapters.venues.ccxt_dialect import UNBOUNDED, Dialect, Market, Refusals, turns, with_fills
from rebalancer_gui.adapters.venues.ccxt_fields import (
    Misread,
    Raw,
    amount,
    at_iso,
    at_ms,
    inner,
    iso,
    levels,
    mapping,
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
from rebalancer_gui.domain.absence import ORPHAN_WINDOW
from rebalancer_gui.domain.market import Balance, FeeSchedule, FeeSide, MarketRules, MarketStatus, OrderBook, Quote
from rebalancer_gui.domain.market_order import MAX_SLIP
from rebalancer_gui.domain.money import ONE, ZERO, floor_to_step, plain
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Side, VenueOrder, VenueOrderStatus, VenueTrade

_BATCH = "v3_private_get_brokerage_orders_historical_batch"
_FILLS = "v3_private_get_brokerage_orders_historical_fills"
_LOOK_BACK = ORPHAN_WINDOW + timedelta(hours=1)
"""A look-up by our id scans the orders of so long: the venue has no look-up of its own."""
_REMEMBERED = 1000
_SHUT = ("is_disabled", "trading_disabled", "cancel_only", "limit_only", "post_only", "view_only", "auction_mode")
_STATUSES = {
    "FILLED": VenueOrderStatus.FILLED,
    "CANCELLED": VenueOrderStatus.CANCELED,
    "EXPIRED": VenueOrderStatus.EXPIRED,
    "FAILED": VenueOrderStatus.REJECTED,
}


class Coinbase(Dialect):
    """An order's answer carries its ids only, and ccxt would send another id than ours.

    A market buy is taken as an amount of money only, whose quantity nobody knows before. So that exactly the planned
    quantity is bought, it goes as a limit order that works at once or never, as far above the ask as a market buy may
    slip (1 %): what is reserved for it covers that.
    """

    page = 100
    quote_assets = ("USD", "USDC", "USDT", "EUR", "GBP", "BTC")
    order_ids = re.compile(r"[A-Za-z0-9_-]{1,36}")
    refusals = Refusals(
        codes=frozenset(
            {"INSUFFICIENT_FUND", "INSUFFICIENT_FUNDS", "INVALID_ARGUMENT", "INVALID_LEDGER_BALANCE", "INVALID_LIMIT_PRICE",
             "INVALID_NO_LIQUIDITY", "INVALID_PRICE_PRECISION", "INVALID_PRODUCT_ID", "INVALID_REQUEST", "INVALID_SIDE",
             "INVALID_SIZE_PRECISION", "INELIGIBLE_PAIR", "ORDER_ENTRY_DISABLED", "UNSUPPORTED_ORDER_CONFIGURATION",
             "PREVIEW_INSUFFICIENT_FUND", "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL", "PREVIEW_INVALID_BASE_SIZE_TOO_LARGE",
             "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL", "PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE", "PREVIEW_INVALID_SIZE_PRECISION",
             "PREVIEW_INVALID_PRICE_PRECISION", "PREVIEW_INVALID_LIMIT_PRICE", "PREVIEW_INVALID_PRODUCT_ID",
             "PREVIEW_INVALID_ORDER_CONFIG"}
        ),
        rules=frozenset(
            {"INVALID_PRICE_PRECISION", "INVALID_SIZE_PRECISION", "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL",
             "PREVIEW_INVALID_BASE_SIZE_TOO_LARGE", "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL",
             "PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE", "PREVIEW_INVALID_SIZE_PRECISION", "PREVIEW_INVALID_PRICE_PRECISION"}
        ),
        no_right=frozenset({"PERMISSION_DENIED", "UNAUTHENTICATED", "unauthorized", "authentication_error"}),
        pauses={"RESOURCE_EXHAUSTED": timedelta(seconds=10), "rate_limit_exceeded": timedelta(seconds=10)},
        denies=frozenset({401}),
        clock_in_denial=True,
    )  # fmt: skip

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self._at_market: deque[str] = deque(maxlen=_REMEMBERED)
        """Ids of market buys of this run: the venue knows them as limit orders."""

    # -------------------------------------------------------------------------------------------------------- questions

    async def server_time(self) -> datetime:
        return at_ms(mapping(await self.client.call("v3_public_get_brokerage_time")).get("epochMillis"))

    async def markets(self) -> Iterable[Market]:
        said = await self.client.call("v3_public_get_brokerage_market_products", {"product_type": "SPOT"})
        return [self._market(row) for row in rows_in(said, "products")]

    def _market(self, raw: Raw) -> Market:
        step = amount(raw, "base_increment")
        most = optional(raw, "base_max_size") or UNBOUNDED
        is_open = text(raw, "status") == "online" and not any(raw.get(key) is True for key in _SHUT)
        rules = MarketRules(
            base=self.coin(text(raw, "base_currency_id")),
            quote=self.coin(text(raw, "quote_currency_id")),
            tick_size=optional(raw, "price_increment") or amount(raw, "quote_increment"),
            step_size=step,
            min_quantity=optional(raw, "base_min_size") or step,
            max_quantity=most,
            min_notional=optional(raw, "quote_min_size") or ZERO,
            market_max_quantity=most,
            max_notional=optional(raw, "quote_max_size"),
            status=MarketStatus.TRADING if is_open else MarketStatus.HALTED,
            source="Coinbase products",
        )
        return Market(text(raw, "product_id"), rules)

    async def quotes(self, symbols: Iterable[str]) -> Iterable[Quote]:
        """The venue tells best prices without the last trade: their middle stands for it, and no time of it is told."""
        wanted, found = {self.market(symbol).id: symbol for symbol in symbols}, []
        said = await self.client.call("v3_private_get_brokerage_best_bid_ask", {"product_ids": list(wanted)})
        now = self.client.clock.now()
        for row in rows_in(said, "pricebooks"):
            symbol = wanted.get(words(row, "product_id"))
            bids, asks = tuple(levels(row.get("bids"))), tuple(levels(row.get("asks")))
            if symbol is not None and bids and asks:
                bid, ask = bids[0].price, asks[0].price
                found.append(Quote(symbol, bid, ask, (bid + ask) / 2, now, now))
        return found

    async def book(self, symbol: str) -> OrderBook:
        market = self.market(symbol).id
        said = await self.client.call(
            "v3_public_get_brokerage_market_product_book", {"product_id": market, "limit": 200}
        )
        raw = inner(said, "pricebook")
        if text(raw, "product_id") != market:
            raise Misread("it answered with the book of another market")
        return OrderBook(
            symbol, tuple(levels(raw.get("bids"))), tuple(levels(raw.get("asks"))), self.client.clock.now()
        )

    async def balances(self) -> Iterable[Balance]:
        found = await self._pages("v3_private_get_brokerage_accounts", {"limit": 250}, "accounts")
        return [
            Balance(
                self.coin(text(row, "currency")), amount(inner(row, "available_balance"), "value"),
                amount(inner(row, "hold"), "value"),
            )
            for row in found
        ]  # fmt: skip

    async def fees(self) -> FeeSchedule:
        said = await self.client.call("v3_private_get_brokerage_transaction_summary", {"product_type": "SPOT"})
        return FeeSchedule(amount(inner(said, "fee_tier"), "taker_fee_rate"), FeeSide.QUOTE)

    async def _key(self) -> Raw:
        return mapping(await self.client.call("v3_private_get_brokerage_key_permissions"))

    async def account_id(self) -> str:
        return words(await self._key(), "portfolio_uuid")

    async def permissions(self) -> Permissions:
        """``can_transfer`` moves money out; which addresses may use the key is not told."""
        said = await self._key()
        rights = {key: said.get(key) for key in ("can_trade", "can_transfer")}
        if not all(isinstance(value, bool) for value in rights.values()):
            return Permissions(note="Coinbase did not tell what this key may do.")
        note = "Coinbase does not tell whether the key is bound to addresses."
        return Permissions(rights["can_trade"], rights["can_transfer"], None, note=note)

    # ----------------------------------------------------------------------------------------------------------- orders

    def needs_price(self, request: OrderRequest) -> bool:
        return request.limit_price is None and request.side is Side.BUY

    def order_call(self, request: OrderRequest, market: Market, best: Decimal) -> tuple[str, dict[str, Any]]:
        size = {"base_size": plain(request.quantity)}
        if request.limit_price is not None:
            how: dict[str, Any] = {"sor_limit_ioc": size | {"limit_price": plain(request.limit_price)}}
        elif request.side is Side.BUY:
            most = floor_to_step(best * (ONE + MAX_SLIP), market.rules.tick_size)
            how = {"sor_limit_ioc": size | {"limit_price": plain(most)}}
            self._at_market.append(request.client_order_id)
        else:
            how = {"market_market_ioc": size}
        return "v3_private_post_brokerage_orders", {
            "client_order_id": request.client_order_id,
            "product_id": market.id,
            "side": request.side.name,
            "order_configuration": how,
        }

    def placed(self, answer: object, request: OrderRequest) -> VenueOrder:
        raw = mapping(answer)
        if raw.get("success") is not True:
            raise Misread("it does not say that the order was taken")
        said = inner(raw, "success_response")
        if text(said, "product_id") != self.market(request.symbol).id or side_of(said) is not request.side:
            raise Misread("it answered with another order")
        return VenueOrder(
            text(said, "client_order_id"), text(said, "order_id"), request.symbol, request.side, request.type,
            request.quantity, ZERO, VenueOrderStatus.OPEN, self.client.venue_now(),
        )  # fmt: skip

    def _order(self, raw: Raw, symbol: str) -> VenueOrder:
        if text(raw, "product_id") != self.market(symbol).id:
            raise Misread("it answered with an order of another market")
        name, fields = next(iter(inner(raw, "order_configuration").items()), ("", {}))
        filled, client_id = amount(raw, "filled_size"), words(raw, "client_order_id")
        told = optional(fields, "base_size") if isinstance(fields, Mapping) else None
        kind = OrderType.MARKET if client_id in self._at_market else type_of(str(name))
        at_once = kind is OrderType.MARKET or words(raw, "time_in_force") in {"IMMEDIATE_OR_CANCEL", "FILL_OR_KILL"}
        return VenueOrder(
            client_id, text(raw, "order_id"), symbol, side_of(raw), kind, filled if told is None else told, filled,
            status_of(text(raw, "status"), _STATUSES, at_once=at_once), _to_ms(raw.get("created_time")),
        )  # fmt: skip

    async def find(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        since = self.client.venue_now() - _LOOK_BACK
        fields = {"product_ids": [self.market(symbol).id], "start_date": iso(since)}
        for row in await self._pages(_BATCH, {**fields, "limit": self.page}, "orders"):
            if words(row, "client_order_id") == client_order_id:
                order = self._order(row, symbol)
                if order.filled == ZERO:
                    return order
                own = {"order_ids": [order.venue_order_id], "limit": self.page}
                return with_fills(order, [self._trade(r, symbol) for r in await self._pages(_FILLS, own, "fills")])
        return None

    def _trade(self, raw: Raw, symbol: str) -> VenueTrade:
        market = self.market(symbol)
        if text(raw, "product_id") != market.id:
            raise Misread("it answered with a trade of another market")
        price, size = number(raw, "price"), number(raw, "size")
        quantity = size / price if raw.get("size_in_quote") is True else size
        # One trade may be told in several entries: those have an id each.
        return VenueTrade(
            words(raw, "entry_id") or text(raw, "trade_id"), text(raw, "order_id"), symbol, side_of(raw), quantity, price,
            max(number(raw, "commission"), ZERO), market.rules.quote, _to_ms(raw.get("trade_time")),
        )  # fmt: skip

    async def _pages(self, name: str, fields: dict[str, Any], key: str) -> list[Raw]:
        """Page by page, as long as the venue names a next one."""
        found, cursor = list[Raw](), ""
        for _ in turns():
            said = mapping(await self.client.call(name, {**fields, **({"cursor": cursor} if cursor else {})}))
            page = rows_in(said, key)
            found += page
            after = words(said, "cursor")
            if not page or not after or after == cursor or said.get("has_next") is False:
                return found
            cursor = after
        return found

    async def orders(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueOrder]:
        market = {"product_ids": [self.market(symbol).id], "limit": self.page}
        found = await self._pages(_BATCH, {**market, "start_date": iso(since)}, "orders")
        found += await self._pages(_BATCH, {**market, "order_status": "OPEN"}, "orders")
        return [self._order(row, symbol) for row in found]

    async def trades(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueTrade]:
        fields = {"product_ids": [self.market(symbol).id], "limit": self.page, "start_sequence_timestamp": iso(since)}
        return [self._trade(row, symbol) for row in await self._pages(_FILLS, fields, "fills")]


def _to_ms(value: object) -> datetime:
    """An order's time as told by its list, without what other answers leave out."""
    at = at_iso(value)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
