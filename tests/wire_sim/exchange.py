"""The simulated exchange of SIM behind the faces of the wire: what their ``Core`` offers, told by ``SimExchange``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.domain.market import Balance, BookLevel, MarketRules, OrderBook, Quote
from rebalancer_gui.domain.orders import Fill, OrderRequest, OrderType, Rejected, VenueOrder, VenueTrade
from tests.protocol.sim_exchange import FIRST_TRADE, SimExchange, SimOrder, SimTrade
from tests.wire.candle_side import CandleBook
from tests.wire.core import DUPLICATE, Core, WireOrder

DEPTH = Decimal(10) ** 6
STALE_COPY = timedelta(seconds=30)
"""How far behind a list is that comes from a copy."""
LARGEST = Decimal(9_000_000)
IDS_PER_MARKET = frozenset({"binance", "okx"})
"""Where the same trade id stands in several markets."""


class WireExchange(SimExchange):
    """Names its trades as its face writes them. Told once by ``names``."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._written: Callable[[str], str] = lambda number: number
        self._per_market = True
        self.numbers: dict[str, str] = {}
        """The number of a trade by what is written for it."""

    def names(self, venue: str, written: Callable[[str], str]) -> None:
        self._written, self._per_market = written, venue in IDS_PER_MARKET

    def _new_trade_id(self, symbol: str) -> str:
        kind = symbol if self._per_market else "trade"
        self._numbers[kind] += 1
        number = str(FIRST_TRADE + self._numbers[kind])
        written = self._written(number)
        self.numbers[written] = number
        return written


class ExchangeTime:
    """The exchange's own time: while something of before is made up for, that moment."""

    def __init__(self, exchange: SimExchange) -> None:
        self._exchange = exchange

    def true(self) -> datetime:
        return self._exchange.now()


class Books:
    """Prices and balances, where the faces look for them."""

    def __init__(self, exchange: SimExchange) -> None:
        self._exchange = exchange

    async def quote(self, symbol: str) -> Quote:
        return self._exchange.market.quote(symbol, self._exchange.now())

    async def order_book(self, symbol: str) -> OrderBook:
        quote = await self.quote(symbol)
        bids, asks = (BookLevel(quote.bid, DEPTH),), (BookLevel(quote.ask, DEPTH),)
        return OrderBook(symbol, bids, asks, quote.at)

    async def balances(self) -> Mapping[str, Balance]:
        return self._exchange.balances()


@dataclass
class View:
    """Through which copy one question is answered. ``blind``: it lags behind; ``empty``: it knows nothing yet; ``twice``: rows
    of trades come twice, in any order.
    """

    blind: bool = False
    empty: bool = False
    twice: bool = False


class SimCore(Core):
    """What the faces ask. ``take`` is called with each order that is posted and answers what becomes of it."""

    def __init__(self, exchange: WireExchange, credentials: Credentials) -> None:
        books: Any = Books(exchange)
        time: Any = ExchangeTime(exchange)
        super().__init__(books, time, credentials, {}, exchange.fees, posts=exchange.posts, candles=CandleBook())
        self.exchange = exchange
        self.view = View()
        self._known: dict[str, MarketRules] = {}
        self.requests: dict[str, OrderRequest] = {}
        self.take: Callable[[OrderRequest], SimOrder | Rejected]

    def refresh(self, view: View) -> None:
        """Before each question: the present rules, and through which copy it is answered."""
        self.view = view
        if self._known != self.exchange.market.rules:
            self._known = dict(self.exchange.market.rules)
            self.rules = {symbol: _whole(rules) for symbol, rules in self._known.items()}
        self.fees = self.exchange.fees
        self.by_cid = {o.client_order_id: _number(o) for o in self.exchange.orders.values() if o.client_order_id}

    async def place(self, request: OrderRequest, *, at_once: bool = True) -> WireOrder | Rejected:
        self.requests[request.client_order_id] = request
        outcome = self.take(request)
        if isinstance(outcome, Rejected):
            return Rejected("duplicate", DUPLICATE) if outcome.reason.startswith("Duplicate") else outcome
        return self._shown(outcome)

    def of_client_id(self, client_order_id: str) -> WireOrder | None:
        number = self.by_cid.get(client_order_id)
        return None if number is None else self.of_number(number)

    def of_number(self, number: int) -> WireOrder | None:
        return next((made for made in self.listed() if made.number == number), None)

    def listed(self, symbol: str | None = None) -> list[WireOrder]:
        now, lag = self.exchange.now(), STALE_COPY if self.view.blind else timedelta(0)
        return [
            self._shown(o)
            for o in self.exchange.orders.values()
            if symbol in {None, o.symbol} and not self.view.empty and o.visible_at <= now and o.at + lag <= now
        ]

    def trades(self, symbol: str | None = None) -> list[VenueTrade]:
        now, lag = self.exchange.now(), STALE_COPY if self.view.blind else timedelta(0)
        found = [
            VenueTrade(
                self.exchange.numbers[t.trade_id], str(_number(o)), t.symbol, t.side, t.quantity, t.price, t.fee, t.fee_asset, t.at
            )
            for o in self.exchange.orders.values()
            if symbol in {None, o.symbol} and not self.view.empty
            for t in o.trades
            if t.visible_at <= now and t.at + lag <= now
        ]  # fmt: skip
        return [*reversed(found), *found] if self.view.twice else found

    def _shown(self, order: SimOrder) -> WireOrder:
        cid = order.client_order_id
        request = self.requests.get(cid) or OrderRequest(
            cid, order.symbol, order.side, OrderType.MARKET, order.quantity, None
        )
        known = VenueOrder(
            cid, str(_number(order)), order.symbol, order.side, order.type, order.quantity, order.filled, order.status,
            order.at, tuple(self._fill(order, t) for t in order.trades),
        )  # fmt: skip
        return WireOrder(_number(order), request, known, order.visible_at)

    def _fill(self, order: SimOrder, t: SimTrade) -> Fill:
        number = self.exchange.numbers[t.trade_id]
        return Fill(number, order.client_order_id, t.symbol, t.side, t.quantity, t.price, t.fee, t.fee_asset, t.at)


def _number(order: SimOrder) -> int:
    return int(order.venue_order_id.removeprefix("v"))


def _whole(rules: MarketRules) -> MarketRules:
    """With every limit that some venue names."""
    return replace(
        rules,
        max_notional=rules.max_notional or LARGEST,
        market_max_quantity=rules.market_max_quantity or rules.max_quantity,
    )
