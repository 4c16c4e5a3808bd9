"""Any other venue that ccxt knows: what can be read is shown, nothing is ever sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

from rebalancer_gui.adapters.venues.ccxt_dialect import UNBOUNDED, Dialect, Market, Refusals
from rebalancer_gui.adapters.venues.ccxt_fields import (
    Misread,
    Raw,
    at_ms,
    decimal,
    inner,
    levels,
    mapping,
    optional,
    text,
)
from rebalancer_gui.application.connection import Permissions
from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.market import Balance, FeeSchedule, MarketRules, MarketStatus, OrderBook, Quote
from rebalancer_gui.domain.money import ONE, ZERO
from rebalancer_gui.domain.orders import OrderRequest, VenueOrder, VenueTrade

_DEFAULT_STEP = ONE.scaleb(-8)
_DECIMAL_PLACES = 2
"""ccxt's mode in which a precision is a number of decimals."""


class Watched(Dialect):
    """Read through ccxt's unified interface."""

    refusals = Refusals(codes=frozenset())

    async def server_time(self) -> datetime:
        if not self.client.exchange.has.get("fetchTime"):
            return self.client.clock.now()
        return at_ms(await self.client.call("fetch_time"))

    async def markets(self) -> Iterable[Market]:
        said = mapping(await self.client.call("load_markets", True))
        return [self._market(market) for market in said.values() if market.get("spot")]

    def _market(self, raw: Raw) -> Market:
        limits, precision = inner(raw, "limits"), inner(raw, "precision")
        amounts, costs = _limits(limits, "amount"), _limits(limits, "cost")
        step, tick = self._step(precision, "amount"), self._step(precision, "price")
        rules = MarketRules(
            text(raw, "base"), text(raw, "quote"), tick, step, optional(amounts, "min") or step,
            optional(amounts, "max") or UNBOUNDED, optional(costs, "min") or ZERO, max_notional=optional(costs, "max"),
            status=MarketStatus.HALTED if raw.get("active") is False else MarketStatus.TRADING,
            source=f"{self.client.spec.venue} through ccxt",
        )  # fmt: skip
        return Market(text(raw, "id"), rules)

    def _step(self, precision: Raw, key: str) -> Decimal:
        value = optional(precision, key)
        if value is None or value < ZERO:
            return _DEFAULT_STEP
        if self.client.exchange.precisionMode == _DECIMAL_PLACES:
            return ONE.scaleb(-int(value))
        return value if value > ZERO else _DEFAULT_STEP

    async def quotes(self, symbols: Iterable[str]) -> Iterable[Quote]:
        wanted, found = set(symbols), []
        for symbol, ticker in mapping(await self.client.call("fetch_tickers")).items():
            now = self.client.clock.now()
            prices = [optional(mapping(ticker), key) for key in ("bid", "ask", "last")]
            if symbol in wanted and None not in prices:
                bid, ask, last = (decimal(price, "a price") for price in prices)
                found.append(Quote(symbol, bid, ask, last, now, now, volume=optional(ticker, "quoteVolume")))
        return found

    async def book(self, symbol: str) -> OrderBook:
        said = mapping(await self.client.call("fetch_order_book", symbol))
        bids, asks = (tuple(levels(_written(said.get(side)))) for side in ("bids", "asks"))
        return OrderBook(symbol, bids, asks, self.client.clock.now())

    async def balances(self) -> Iterable[Balance]:
        said = mapping(await self.client.call("fetch_balance"))
        free, used = inner(said, "free"), inner(said, "used")
        return [Balance(str(c), optional(free, c) or ZERO, optional(used, c) or ZERO) for c in {*free, *used}]

    async def fees(self) -> FeeSchedule:
        """What ccxt knows of the venue's usual rate; 0.1 % where it knows nothing."""
        taker = (self.client.exchange.fees.get("trading") or {}).get("taker")
        return FeeSchedule(Decimal("0.001") if taker is None else decimal(str(taker), "taker"))

    async def account_id(self) -> str:
        return ""

    async def permissions(self) -> Permissions:
        return Permissions(note="What this key may do cannot be checked here.")

    # Nothing of an order: this venue is watched only, and the adapter refuses before it gets here.

    def order_call(self, request: OrderRequest, market: Market, best: Decimal) -> NoReturn:
        raise InvariantBroken("An order came to a venue that is watched only.")

    def placed(self, answer: object, request: OrderRequest) -> NoReturn:
        raise InvariantBroken("An order came to a venue that is watched only.")

    async def find(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        raise Misread("orders cannot be looked up where nothing is sent")

    async def orders(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueOrder]:
        raise Misread("orders are not listed where nothing is sent")

    async def trades(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueTrade]:
        raise Misread("trades are not listed where nothing is sent")


def _written(side: object) -> object:
    """ccxt reads books as floats: the shortest number that is the same float is what the venue wrote."""
    if not isinstance(side, list):
        return side
    return [[str(value) for value in row[:2]] if isinstance(row, list) else row for row in side]


def _limits(limits: Raw, key: str) -> Mapping[str, Any]:
    value = limits.get(key)
    return value if isinstance(value, Mapping) else {}
