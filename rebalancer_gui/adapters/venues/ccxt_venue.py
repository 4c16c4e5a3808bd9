"""A real exchange account behind the port of all venues: one POST per order, exact numbers, and no guess about anything."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from rebalancer_gui.adapters.venues.catalogue import name_of
from rebalancer_gui.adapters.venues.ccxt_client import NOT_AFTER, VenueClient, refusal
from rebalancer_gui.adapters.venues.ccxt_dialect import Dialect
from rebalancer_gui.adapters.venues.ccxt_errors import CallFailed, Trace
from rebalancer_gui.adapters.venues.ccxt_fields import Misread
from rebalancer_gui.adapters.venues.ccxt_polling import Polling
from rebalancer_gui.adapters.venues.order_filters import MAX_PRICE, malformed
from rebalancer_gui.application.booking import fault_of
from rebalancer_gui.application.connection import Credentials, Permissions, Tier
from rebalancer_gui.application.ports import Clock, QuoteBatch
from rebalancer_gui.domain.errors import VenueAuthError, VenueUnavailable
from rebalancer_gui.domain.market import (
    STALE_AFTER,
    Balance,
    FeeSchedule,
    MarketRules,
    MarketStatus,
    OrderBook,
    Quote,
)
from rebalancer_gui.domain.money import ZERO, on_grid, total
from rebalancer_gui.domain.orders import (
    Accepted,
    OrderRequest,
    Rejected,
    Side,
    SubmitOutcome,
    Unknown,
    VenueOrder,
    VenueTrade,
)

T = TypeVar("T")
LOCAL = "local"
"""Code of what was refused here, before anything was sent."""
PATIENCE = 3.0
"""Seconds that an order may wait for its turn before it is refused here: its fence is counted from before."""
FOLLOW_UP = (0.0, 0.3, 1.0)
"""Seconds before each look at an order that was taken and whose answer did not tell what became of it."""
RETRY_READS = (0.5, 1.5)
"""Seconds before a question is asked again that got no answer."""
OUT_OF_TIME = timedelta(seconds=1)
"""Off by more than this, a refused key may be the clock's fault where the venue does not tell them apart."""
_STRANGE = (Misread, ArithmeticError, LookupError, TypeError, ValueError, AttributeError)
"""What reading an answer of another shape than documented can come to."""
_MAY_PASS = ("NetworkError", "TimeoutError", "OSError", "Unusable")


class QuoteSource(Protocol):
    """Where a venue's quotes come from: REST polling, or the live feed."""

    def batches(self) -> AsyncIterator[QuoteBatch]: ...

    async def quote(self, symbol: str) -> Quote: ...

    async def order_book(self, symbol: str) -> OrderBook: ...

    async def close(self) -> None: ...


class CcxtVenue:
    """Implements ``application.ports.Venue`` for a first-class venue.

    ``quotes`` None: the venue is polled. ``trading`` False (watch only): every order is refused here. The client is closed
    with the venue; whoever makes a ``quotes`` source of his own gives it away too.
    """

    lookup_is_authoritative = False
    stale_after: timedelta | None = STALE_AFTER

    def __init__(
        self,
        dialect: Dialect,
        *,
        name: str,
        credentials: Credentials | None,
        trading: bool = True,
        quotes: QuoteSource | None = None,
        quote_assets: tuple[str, ...] | None = None,
    ) -> None:
        self._client: VenueClient = dialect.client
        self._dialect = dialect
        self.name = name
        self.quote_assets = quote_assets or dialect.quote_assets
        self.clock: Clock = self._client.clock
        self.tier = self._client.quirks.tier
        self._trading = trading and self.tier is Tier.FIRST_CLASS
        self._fingerprint = fingerprint(credentials) if credentials is not None else ""
        self._quotes: QuoteSource = quotes or Polling(self)

    @property
    def fence(self) -> timedelta | None:
        return self._client.quirks.fence

    @property
    def calls_per_minute(self) -> int:
        """What the venue allows one account; for ``AccountSetup.calls_per_minute``."""
        return self._client.quirks.calls_per_minute

    @property
    def dialect(self) -> Dialect:
        return self._dialect

    # -------------------------------------------------------------------------------------------------------- questions

    async def open(self) -> None:
        """The venue's time and markets; VenueError when it does not answer, and nothing is left open then. It may be opened
        again after it was closed.
        """
        self._client.open()
        try:
            await self.server_time()
            await self.markets()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        try:
            await self._quotes.close()
        finally:
            await self._client.close()

    async def server_time(self) -> datetime:
        """Measured each time, and from then on every request carries the venue's time."""
        before = self.clock.now()
        said = await self._read(self._dialect.server_time)
        after = self.clock.now()
        self._client.ahead = said + (after - before) / 2 - after
        return said

    async def markets(self) -> Mapping[str, MarketRules]:
        """Those in one of ``quote_assets``. One that was there and is not listed any more is DELISTED."""
        dialect = self._dialect
        listed = {market.rules.symbol: market for market in await self._read(dialect.markets)}
        if not listed:
            raise VenueUnavailable(f"{self.name} lists no market at all.")
        for symbol, market in dialect.known.items():
            if symbol not in listed:
                listed[symbol] = replace(market, rules=replace(market.rules, status=MarketStatus.DELISTED))
        dialect.known = listed
        return {symbol: m.rules for symbol, m in listed.items() if m.rules.quote in self.quote_assets}

    async def batches(self) -> AsyncIterator[QuoteBatch]:
        """VenueUnavailable also where prices are told to those with a key only, and it is refused."""
        try:
            async for batch in self._quotes.batches():
                yield batch
        except VenueAuthError as error:
            raise VenueUnavailable(error.message, error.advice) from error

    async def quote(self, symbol: str) -> Quote:
        return await self._quotes.quote(symbol)

    async def order_book(self, symbol: str) -> OrderBook:
        return await self._quotes.order_book(symbol)

    async def polled_quotes(self, symbols: tuple[str, ...]) -> Mapping[str, Quote]:
        """Of these markets, asked by REST."""
        return {quote.symbol: quote for quote in await self._read(lambda: self._dialect.quotes(symbols))}

    async def polled_book(self, symbol: str) -> OrderBook:
        """The depth, asked by REST."""
        market = self._dialect.known.get(symbol)
        if market is None or market.rules.status is not MarketStatus.TRADING:
            raise VenueUnavailable(f"{symbol} is not open for trading at {self.name}.")
        return await self._read(lambda: self._dialect.book(symbol))

    async def balances(self) -> Mapping[str, Balance]:
        held: dict[str, Balance] = {}
        for balance in await self._read(self._dialect.balances):
            if balance.total > ZERO:
                there = held.get(balance.asset, Balance(balance.asset, ZERO))
                held[balance.asset] = Balance(balance.asset, there.free + balance.free, there.locked + balance.locked)
        return held

    async def fees(self) -> FeeSchedule:
        if not self._dialect.known:
            await self.markets()
        return await self._read(self._dialect.fees)

    async def permissions(self) -> Permissions:
        """What the key may do, as far as the venue tells."""
        return await self._read(self._dialect.permissions)

    async def identity(self) -> str:
        """By the venue's own name of the account, else by the key: another key of the same account is the same account only
        where the venue tells which account it is.
        """
        spec = self._client.spec
        account = await self._read(self._dialect.account_id)
        place = spec.venue if spec.environment is None else f"{spec.venue}-{spec.environment}"
        return f"{place}/{account or f'key-{self._fingerprint}'}"

    # ---------------------------------------------------------------------------------------------------------- look-ups

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        if symbol not in self._dialect.known:
            # Nothing is ever sent for it; the lists refuse it, so that this alone proves nothing.
            return None
        return await self._read(lambda: self._dialect.find(symbol, client_order_id))

    async def orders_since(self, symbol: str, since: datetime) -> tuple[VenueOrder, ...]:
        now = self._client.venue_now()
        found = await self._read(lambda: self._dialect.orders(symbol, since, now))
        by_id = {order.venue_order_id: order for order in found if order.at >= since or not order.is_final}
        return tuple(sorted(by_id.values(), key=lambda order: order.at))

    async def trades_since(self, symbol: str, since: datetime) -> tuple[VenueTrade, ...]:
        now = self._client.venue_now()
        found = await self._read(lambda: self._dialect.trades(symbol, since, now))
        by_id = {trade.trade_id: trade for trade in found if trade.at >= since}
        return tuple(sorted(by_id.values(), key=lambda trade: trade.at))

    # ------------------------------------------------------------------------------------------------------------ orders

    async def submit(self, request: OrderRequest) -> SubmitOutcome:
        """One POST, never more. What is not proven is Unknown."""
        against = self._refused_here(request)
        if against is not None:
            return against
        market = self._dialect.market(request.symbol)
        best = ZERO
        if self._dialect.needs_price(request):
            try:
                book = await self.order_book(request.symbol)
            except (VenueUnavailable, VenueAuthError) as error:
                return Rejected(f"it was not sent: {error.message}", LOCAL)
            side = book.asks if request.side is Side.BUY else book.bids
            if not side:
                return Rejected("it was not sent: the order book is empty", LOCAL)
            best = side[0].price
        name, fields = self._dialect.order_call(request, market, best)
        trace = Trace()
        token = NOT_AFTER.set(self.clock.monotonic() + PATIENCE)
        try:
            answer = await self._client.call(name, fields, trace=trace)
        except CallFailed as failed:
            return self._judged(failed)
        finally:
            NOT_AFTER.reset(token)
        try:
            order = self._dialect.placed(answer, request)
        except _STRANGE as strange:
            return Unknown(f"the answer did not fit the order: {_words(strange)}")
        fault = fault_of(order, request)
        if fault:
            return Unknown(f"the answer did not fit the order: {fault}")
        return await self._followed_up(order, request)

    def _refused_here(self, request: OrderRequest) -> Rejected | None:
        """What no venue could take, and what would not arrive as it was meant."""
        if not self._trading:
            return Rejected(f"{self.name} is watch only: nothing is sent", LOCAL)
        against = malformed(request)
        if against is not None:
            return against
        if self._dialect.order_ids.fullmatch(request.client_order_id) is None:
            return Rejected(f"{self.name} does not take such a client order id", LOCAL)
        market = self._dialect.known.get(request.symbol)
        if market is None:
            return Rejected(f"{self.name} has no market {request.symbol}", LOCAL)
        rules = market.rules
        if request.quantity > rules.max_quantity:
            return Rejected(f"the largest quantity is {rules.max_quantity:f} {rules.base}", LOCAL, against_rules=True)
        if not on_grid(request.quantity, rules.step_size):
            return Rejected(
                f"the quantity must be a multiple of {rules.step_size:f} {rules.base}", LOCAL, against_rules=True
            )
        price = request.limit_price
        if price is not None and not (price <= MAX_PRICE and on_grid(price, rules.tick_size)):
            return Rejected(
                f"the price must be a multiple of {rules.tick_size:f} {rules.quote}", LOCAL, against_rules=True
            )
        return None

    def _judged(self, failed: CallFailed) -> Rejected | Unknown:
        """A POST that did not work: refused only where that is proven (ORDERS.md rule 5)."""
        if not failed.sent:
            return Rejected(f"it was not sent: {failed.words}", LOCAL)
        refusals = self._dialect.refusals
        return refusals.of(failed) or Unknown(failed.words, refusals.pause_for(failed))

    async def _followed_up(self, order: VenueOrder, request: OrderRequest) -> Accepted:
        """What became of an order whose answer does not tell; as it is when that cannot be seen now."""
        for seconds in FOLLOW_UP:
            if order.is_final and total(fill.quantity for fill in order.fills) == order.filled:
                break
            await self.clock.sleep(seconds)
            try:
                found = await self._dialect.find(request.symbol, request.client_order_id)
            except CallFailed as failed:
                if (pause := self._dialect.refusals.pause_for(failed)) is not None:
                    return Accepted(order, pause)
                # It is looked up again later, by the engine.
                continue
            except _STRANGE:
                continue
            if found is not None and not fault_of(found, request) and found.venue_order_id == order.venue_order_id:
                order = found
        return Accepted(order)

    # ------------------------------------------------------------------------------------------------------------- reads

    async def _read(self, ask: Callable[[], Awaitable[T]]) -> T:
        """A question, asked again where no answer came, and once more in the venue's time where ours was refused."""
        waits, in_time = list(RETRY_READS), False
        while True:
            try:
                return await ask()
            except _STRANGE as strange:
                raise VenueUnavailable(f"{self.name}: {_words(strange)}.") from strange
            except CallFailed as failed:
                refusals = self._dialect.refusals
                if in_time:
                    raise self._problem(failed) from failed
                if refusals.is_clock(failed):
                    in_time = True
                elif refusals.clock_in_denial and refusals.is_key(failed) and await self._was_out_of_time():
                    in_time = True
                    continue
                elif self._may_pass(failed) and waits:
                    await self.clock.sleep(waits.pop(0))
                    continue
                else:
                    raise self._problem(failed) from failed
            await self._resynchronise()

    async def _was_out_of_time(self) -> bool:
        """Measure anew: whether our stamps were far off until now."""
        before = self._client.ahead
        await self._resynchronise()
        return abs(self._client.ahead - before) > OUT_OF_TIME

    async def _resynchronise(self) -> None:
        before = self.clock.now()
        try:
            said = await self._dialect.server_time()
        except CallFailed as failed:
            raise self._problem(failed) from failed
        except _STRANGE as strange:
            raise VenueUnavailable(f"{self.name}: {_words(strange)}.") from strange
        after = self.clock.now()
        self._client.ahead = said + (after - before) / 2 - after

    def _may_pass(self, failed: CallFailed) -> bool:
        refusals = self._dialect.refusals
        if refusals.pause_for(failed) is not None or refusals.is_key(failed):
            return False
        return failed.status >= 500 or failed.is_a(*_MAY_PASS)

    def _problem(self, failed: CallFailed) -> VenueUnavailable | VenueAuthError:
        refusals, exchange = self._dialect.refusals, name_of(self._client.spec.venue)
        if refusals.is_key(failed):
            return refusal(exchange, failed)
        return VenueUnavailable(f"{exchange}: {failed.words}", retry_after=refusals.pause_for(failed))


def _words(strange: BaseException) -> str:
    return str(strange) if isinstance(strange, Misread) else "its answer has another shape than it should"


def fingerprint(credentials: Credentials) -> str:
    """8 hexadecimal digits that tell one key from another and do not give it away."""
    return hmac.new(b"rebalancer key fingerprint", credentials.key.encode(), hashlib.sha256).hexdigest()[:8]
