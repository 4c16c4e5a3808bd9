"""Kraken Spot through its REST interface."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rebalancer_gui.adapters.venues.ccxt_dialect import UNBOUNDED, Dialect, Market, Refusals, turns, with_fills
from rebalancer_gui.adapters.venues.ccxt_fields import (
    Misread,
    Raw,
    amount,
    at_seconds,
    inner,
    iso,
    levels,
    mapping,
    ms,
    number,
    optional,
    side_of,
    status_of,
    text,
    type_of,
    words,
)
from rebalancer_gui.application.connection import Permissions
from rebalancer_gui.domain.market import Balance, FeeSchedule, FeeSide, MarketRules, MarketStatus, OrderBook, Quote
from rebalancer_gui.domain.money import ONE, ZERO, plain
from rebalancer_gui.domain.orders import OrderRequest, VenueOrder, VenueOrderStatus, VenueTrade

_DEADLINE = timedelta(seconds=5)
_HALF_A_SECOND = timedelta(milliseconds=500)
_SLACK = timedelta(seconds=1)
_MOST_TRADES = 20
"""Trades that one question may name."""
_STATUSES = {
    "closed": VenueOrderStatus.FILLED,
    "canceled": VenueOrderStatus.CANCELED,
    "expired": VenueOrderStatus.EXPIRED,
}


class Kraken(Dialect):
    """An order's answer carries its id only; our own id is looked for in the lists of open and of closed orders. ccxt's own
    look-up says "not found" of orders that exist. Fees are asked for in quote (``fciq``).
    """

    page = 50
    quote_assets = ("USD", "EUR", "USDT", "USDC", "GBP", "BTC")
    order_ids = re.compile(r"[A-Za-z0-9]{1,18}")
    refusals = Refusals(
        codes=frozenset(
            {"EOrder:Insufficient funds", "EOrder:Order minimum not met", "EOrder:Cost minimum not met",
             "EOrder:Tick size check failed", "EOrder:Invalid price", "EOrder:Invalid order", "EOrder:Orders limit exceeded",
             "EGeneral:Invalid arguments", "EQuery:Unknown asset pair", "EQuery:Invalid asset pair",
             "EService:Market in cancel_only mode", "EService:Market in post_only mode", "EService:Market in limit_only mode",
             "EService:Deadline elapsed"}
        ),
        rules=frozenset(
            {"EOrder:Order minimum not met", "EOrder:Cost minimum not met", "EOrder:Tick size check failed",
             "EOrder:Invalid price", "EGeneral:Invalid arguments:volume", "EGeneral:Invalid arguments:price"}
        ),
        no_right=frozenset(
            {"EAPI:Invalid key", "EAPI:Invalid signature", "EGeneral:Permission denied", "ETrade:User Locked",
             "EAccount:Invalid permissions", "EOrder:Trading agreement required"}
        ),
        clock=frozenset({"EAPI:Invalid nonce"}),
        pauses={
            "EAPI:Rate limit exceeded": timedelta(seconds=15), "EOrder:Rate limit exceeded": timedelta(seconds=15),
            "EGeneral:Too many requests": timedelta(seconds=15), "EGeneral:Temporary lockout": timedelta(minutes=15),
        },
    )  # fmt: skip

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self._symbols: dict[str, str] = {}
        """By each of the venue's names of a market."""
        self._coins: dict[str, str] = {}
        """By the venue's inner name (``XXBT``)."""

    # -------------------------------------------------------------------------------------------------------- questions

    async def _ask(self, name: str, fields: dict[str, Any] | None = None) -> Raw:
        return inner(await self.client.call(name, fields or {}), "result")

    async def server_time(self) -> datetime:
        """Told in whole seconds: half a one is added, which is right on average."""
        return at_seconds((await self._ask("public_get_time")).get("unixtime")) + _HALF_A_SECOND

    async def markets(self) -> Iterable[Market]:
        found = []
        for key, row in (await self._ask("public_get_assetpairs")).items():
            raw = mapping(row, "market")
            if "." not in key and words(raw, "wsname"):
                market = self._market(raw)
                found.append(market)
                self._symbols |= {key: market.rules.symbol, market.id: market.rules.symbol}
        return found

    def _market(self, raw: Raw) -> Market:
        base, _, quote = text(raw, "wsname").partition("/")
        coins = self.coin(base), self.coin(quote)
        self._coins |= {text(raw, "base"): coins[0], text(raw, "quote"): coins[1]}
        step = ONE.scaleb(-int(number(raw, "lot_decimals")))
        rules = MarketRules(
            base=coins[0],
            quote=coins[1],
            tick_size=optional(raw, "tick_size") or ONE.scaleb(-int(number(raw, "pair_decimals"))),
            step_size=step,
            min_quantity=optional(raw, "ordermin") or step,
            max_quantity=UNBOUNDED,
            min_notional=optional(raw, "costmin") or ZERO,
            market_max_quantity=UNBOUNDED,
            status=MarketStatus.TRADING if text(raw, "status") == "online" else MarketStatus.HALTED,
            source="Kraken AssetPairs",
        )
        return Market(text(raw, "altname"), rules)

    async def quotes(self, symbols: Iterable[str]) -> Iterable[Quote]:
        wanted, found = set(symbols), []
        said, now = await self._ask("public_get_ticker"), self.client.clock.now()
        for key, row in said.items():
            symbol = self._symbols.get(key, "")
            if symbol in wanted:
                raw = mapping(row, "ticker")
                bid, ask, last = (_first(raw, name) for name in ("b", "a", "c"))
                volume = (
                    Decimal(str(raw["v"][1])) * Decimal(str(raw["p"][1]))
                    if _pair(raw, "v") and _pair(raw, "p")
                    else None
                )
                found.append(Quote(symbol, bid, ask, last, now, now, volume=volume))
        return found

    async def book(self, symbol: str) -> OrderBook:
        said = await self._ask("public_get_depth", {"pair": self.market(symbol).id, "count": 100})
        if len(said) != 1 or self._symbols.get(next(iter(said))) != symbol:
            raise Misread("it answered with the book of another market")
        raw = mapping(next(iter(said.values())), "book")
        return OrderBook(
            symbol, tuple(levels(raw.get("bids"))), tuple(levels(raw.get("asks"))), self.client.clock.now()
        )

    async def balances(self) -> Iterable[Balance]:
        """What is held in another form (staked, earning: a name with a suffix) counts, and is locked."""
        found = []
        for key, row in (await self._ask("private_post_balanceex")).items():
            raw, (name, dot, _form) = mapping(row, "balance"), key.partition(".")
            held, hold = max(number(raw, "balance"), ZERO), optional(raw, "hold_trade") or ZERO
            locked = held if dot else min(max(hold, ZERO), held)
            found.append(Balance(self._coins.get(name) or self.coin(name), held - locked, locked))
        return found

    async def fees(self) -> FeeSchedule:
        said = await self._ask("private_post_tradevolume", {"pair": self.open_market().id})
        listed = list(inner(said, "fees").values())
        if len(listed) != 1:
            raise Misread("it tells no fee rate")
        return FeeSchedule(amount(mapping(listed[0], "fee"), "fee") / 100, FeeSide.QUOTE)

    async def _key(self) -> Raw:
        return await self._ask("private_post_getapikeyinfo")

    async def account_id(self) -> str:
        return words(await self._key(), "iban")

    async def permissions(self) -> Permissions:
        said = await self._key()
        rights = said.get("permissions")
        if not isinstance(rights, list):
            return Permissions(note="Kraken did not tell what this key may do.")
        names = {str(right) for right in rights}
        addresses = said.get("ipAllowlist")
        return Permissions(
            bool(names & {"modify-trades", "create-trades"}),
            any("withdraw" in name for name in names),
            bool(addresses) if isinstance(addresses, list) else None,
            tuple(sorted(name for name in names if "earn" in name or "transfer" in name)),
        )

    # ----------------------------------------------------------------------------------------------------------- orders

    def order_call(self, request: OrderRequest, market: Market, best: Decimal) -> tuple[str, dict[str, Any]]:
        fields = {
            "pair": market.id,
            "type": request.side.value,
            "volume": plain(request.quantity),
            "cl_ord_id": request.client_order_id,
            # Without it the fee of a sell may be taken in the coin.
            "oflags": "fciq",
            # Sent, but not relied on: no fence is declared for this venue.
            "deadline": iso(self.client.venue_now() + _DEADLINE),
        }
        if request.limit_price is None:
            return "private_post_addorder", fields | {"ordertype": "market"}
        limit = {"ordertype": "limit", "timeinforce": "IOC", "price": plain(request.limit_price)}
        return "private_post_addorder", fields | limit

    def placed(self, answer: object, request: OrderRequest) -> VenueOrder:
        raw = inner(answer, "result")
        ids = raw.get("txid")
        if not isinstance(ids, list) or len(ids) != 1 or not isinstance(ids[0], str) or not ids[0]:
            raise Misread("it is not the answer to one order")
        said = words(inner(raw, "descr"), "order").split()
        expected = [request.side.value, self.market(request.symbol).id]
        if len(said) < 3 or [said[0], said[2]] != expected or Decimal(said[1]) != request.quantity:
            raise Misread("it describes another order")
        return VenueOrder(
            request.client_order_id, ids[0], request.symbol, request.side, request.type, request.quantity, ZERO,
            VenueOrderStatus.OPEN, self.client.venue_now(),
        )  # fmt: skip

    def _order(self, order_id: str, raw: Raw) -> VenueOrder:
        about = inner(raw, "descr")
        symbol = self._symbols.get(text(about, "pair"))
        if symbol is None:
            raise Misread("it answered with an order of an unknown market")
        quantity, filled, client_id = number(raw, "vol"), amount(raw, "vol_exec"), words(raw, "cl_ord_id")
        status = status_of(text(raw, "status"), _STATUSES, at_once=bool(client_id))
        if status is VenueOrderStatus.FILLED and filled < quantity:
            status = VenueOrderStatus.EXPIRED
        return VenueOrder(
            client_id, order_id, symbol, side_of(about, "type"), type_of(text(about, "ordertype")), quantity, filled, status,
            _to_ms(raw.get("opentm")),
        )  # fmt: skip

    async def _open(self, fields: dict[str, Any]) -> dict[str, Raw]:
        return _named(await self._ask("private_post_openorders", {"trades": True, **fields}), "open")

    async def find(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        fields = {"cl_ord_id": client_order_id}
        closed = await self._ask("private_post_closedorders", {"trades": True, **fields})
        for listed in (_named(closed, "closed"), await self._open(fields)):
            for order_id, raw in listed.items():
                if words(raw, "cl_ord_id") == client_order_id and self._is_of(inner(raw, "descr"), symbol):
                    order = self._order(order_id, raw)
                    return order if order.filled == ZERO else await self._with_trades(order, raw)
        return None

    async def _with_trades(self, order: VenueOrder, raw: Raw) -> VenueOrder:
        ids = raw.get("trades")
        if not isinstance(ids, list):
            raise Misread("an order that traded names no trades")
        found: list[VenueTrade] = []
        for begin in range(0, len(ids), _MOST_TRADES):
            wanted = ",".join(str(i) for i in ids[begin : begin + _MOST_TRADES])
            said = await self._ask("private_post_querytrades", {"txid": wanted})
            found += [self._trade(trade_id, mapping(row, "trade")) for trade_id, row in said.items()]
        return with_fills(order, found)

    def _trade(self, trade_id: str, raw: Raw) -> VenueTrade:
        symbol = self._symbols.get(text(raw, "pair"))
        if symbol is None:
            raise Misread("it answered with a trade of an unknown market")
        return VenueTrade(
            trade_id, text(raw, "ordertxid"), symbol, side_of(raw, "type"), number(raw, "vol"), number(raw, "price"),
            max(number(raw, "fee"), ZERO), self.market(symbol).rules.quote, _to_ms(raw.get("time")),
        )  # fmt: skip

    async def orders(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueOrder]:
        self.market(symbol)
        found = await self._pages("private_post_closedorders", "closed", since, now) | await self._open({})
        return [self._order(i, raw) for i, raw in found.items() if self._is_of(inner(raw, "descr"), symbol)]

    async def trades(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueTrade]:
        self.market(symbol)
        found = await self._pages("private_post_tradeshistory", "trades", since, now)
        return [self._trade(i, raw) for i, raw in found.items() if self._is_of(raw, symbol)]

    def _is_of(self, raw: Raw, symbol: str) -> bool:
        """Whether a row of a list of all markets is of this one; what is traded elsewhere may be of markets that we do not know."""
        return self._symbols.get(text(raw, "pair")) == symbol

    async def _pages(self, name: str, key: str, since: datetime, now: datetime) -> dict[str, Raw]:
        """Page by page until as many rows came as the venue counts; all markets together."""
        found: dict[str, Raw] = {}
        span = {"start": ms(since - _SLACK) // 1000, "end": ms(now + _SLACK) // 1000 + 1}
        offset = 0
        for _ in turns():
            said = await self._ask(name, {**span, "ofs": offset})
            page, count = _named(said, key), int(number(said, "count"))
            found |= page
            offset += len(page)
            if not page or offset >= count:
                return found
        return found


def _named(raw: Raw, key: str) -> dict[str, Raw]:
    """Rows by their id."""
    return {str(name): mapping(row, key) for name, row in inner(raw, key).items()}


def _pair(raw: Raw, key: str) -> bool:
    value = raw.get(key)
    return isinstance(value, list) and len(value) >= 2


def _first(raw: Raw, key: str) -> Decimal:
    value = raw.get(key)
    return number({key: value[0]}, key) if isinstance(value, list) and value else number({}, key)


def _to_ms(value: object) -> datetime:
    """Kraken's times have more decimals than a look-up and a list agree on."""
    at = at_seconds(value)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
