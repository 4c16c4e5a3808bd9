"""What stands before an account's venue: its rate budget, the pauses it asks for, and keys that no longer work.

One gate per account, because venues count and ban per account (ORDERS.md section 5, FAILURES.md rows 8 and 9).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from rebalancer_gui.application.ports import Clock, QuoteBatch, Venue
from rebalancer_gui.application.price_port import PriceFollower
from rebalancer_gui.domain.errors import VenueAuthError, VenueUnavailable
from rebalancer_gui.domain.market import Balance, FeeSchedule, MarketRules, OrderBook, Quote
from rebalancer_gui.domain.money import HUNDRED
from rebalancer_gui.domain.orders import (
    Accepted,
    OrderRequest,
    Rejected,
    SubmitOutcome,
    VenueOrder,
    VenueTrade,
)
from rebalancer_gui.domain.rails import RAILS, Rail

T = TypeVar("T")

SHARE = RAILS[Rail.API_BUDGET].default or HUNDRED
"""Percent of what the venue allows that is used: others may use the same key or address."""
AUTH_ERRORS, AUTH_WINDOW = 3, 60.0
"""So many refusals of the key within so many seconds, and nothing more is asked or sent."""
NOT_SENT = "not sent"


class VenueGate:
    """A venue that is never called during a pause it asked for, nor more often than its budget allows.

    ``calls_per_minute``: what the venue allows (None: it does not count); ``prices`` asks the same venue by itself and pauses
    with it. Implements ``application.ports.Venue``.
    """

    def __init__(self, venue: Venue, calls_per_minute: int | None = None, prices: PriceFollower | None = None) -> None:
        self._venue = venue
        self._prices = prices
        self._budget = None if calls_per_minute is None else max(int(calls_per_minute * SHARE / HUNDRED), 1)
        self._called: deque[float] = deque()
        self._closed_until: float | None = None
        self._refused_keys: deque[float] = deque()
        self.on_pause: Callable[[timedelta], None] = lambda _span: None
        """Told of each pause that ends later than what is known."""
        self.key_refused = ""
        """The venue's words once the key was refused too often ("" = it works)."""

    @property
    def name(self) -> str:
        return self._venue.name

    @property
    def quote_assets(self) -> tuple[str, ...]:
        return self._venue.quote_assets

    @property
    def lookup_is_authoritative(self) -> bool:
        return self._venue.lookup_is_authoritative

    @property
    def stale_after(self) -> timedelta | None:
        return self._venue.stale_after

    @property
    def fence(self) -> timedelta | None:
        return self._venue.fence

    @property
    def clock(self) -> Clock:
        return self._venue.clock

    @property
    def pause(self) -> str:
        """What is said while the venue wants to be left alone; "" when it may be asked."""
        left = self._pause_left()
        if left <= 0:
            return ""
        return f"the exchange asked for a pause of {math.ceil(left)} s more"

    def hold(self, span: timedelta) -> None:
        """Somebody who asks the same venue beside the account was told to wait: nothing is asked for that long."""
        self._ask_for_pause(span)

    def key_works_again(self) -> None:
        """Its owner says so: it is tried anew."""
        self.key_refused = ""
        self._refused_keys.clear()

    async def open(self) -> None:
        await self._read(self._venue.open)

    async def close(self) -> None:
        await self._venue.close()

    async def markets(self) -> Mapping[str, MarketRules]:
        return await self._read(self._venue.markets)

    def batches(self) -> AsyncIterator[QuoteBatch]:
        return _Batches(self._venue.batches(), self._ask_for_pause)

    async def quote(self, symbol: str) -> Quote:
        return await self._read(lambda: self._venue.quote(symbol))

    async def order_book(self, symbol: str) -> OrderBook:
        return await self._read(lambda: self._venue.order_book(symbol))

    async def balances(self) -> Mapping[str, Balance]:
        return await self._read(self._venue.balances, signed=True)

    async def fees(self) -> FeeSchedule:
        return await self._read(self._venue.fees)

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        return await self._read(lambda: self._venue.find_order(symbol, client_order_id), signed=True)

    async def orders_since(self, symbol: str, since: datetime) -> tuple[VenueOrder, ...]:
        return await self._read(lambda: self._venue.orders_since(symbol, since), signed=True)

    async def trades_since(self, symbol: str, since: datetime) -> tuple[VenueTrade, ...]:
        return await self._read(lambda: self._venue.trades_since(symbol, since), signed=True)

    async def server_time(self) -> datetime:
        return await self._read(self._venue.server_time)

    async def identity(self) -> str:
        return await self._read(self._venue.identity)

    async def submit(self, request: OrderRequest) -> SubmitOutcome:
        """Sent once or not at all; in a pause it is refused here, which proves that it was not sent."""
        if self.pause or self.key_refused:
            return Rejected(f"it was not sent: {self.pause or self.key_refused}", NOT_SENT)
        await self._take_turn()
        try:
            outcome = await self._venue.submit(request)
        except VenueUnavailable as error:
            self._ask_for_pause(error.retry_after)
            raise
        except VenueAuthError as error:
            self._count_refused_key(error)
            raise
        if isinstance(outcome, Accepted):
            self._refused_keys.clear()
        self._ask_for_pause(outcome.retry_after)
        return outcome

    async def _read(self, call: Callable[[], Awaitable[T]], *, signed: bool = False) -> T:
        """``signed``: it is always answered to the owner of a good key only, so an answer proves that the key works."""
        if self.key_refused:
            raise VenueUnavailable(f"Nothing is asked any more: {self.key_refused}")
        if self.pause:
            raise VenueUnavailable(f"Nothing is asked now: {self.pause}.")
        await self._take_turn()
        try:
            answer = await call()
        except VenueUnavailable as error:
            self._ask_for_pause(error.retry_after)
            raise
        except VenueAuthError as error:
            self._count_refused_key(error)
            raise VenueUnavailable(error.message, error.advice) from error
        if signed:
            self._refused_keys.clear()
        return answer

    async def _take_turn(self) -> None:
        """Wait until the call fits into the budget."""
        if self._budget is None:
            return
        clock = self._venue.clock
        while True:
            now = clock.monotonic()
            while self._called and now - self._called[0] >= 60:
                self._called.popleft()
            if len(self._called) < self._budget:
                self._called.append(now)
                return
            await clock.sleep(max(60 - (now - self._called[0]), 0.01))

    def _ask_for_pause(self, span: timedelta | None) -> None:
        if span is not None:
            until = self._venue.clock.monotonic() + span.total_seconds()
            longer = self._closed_until is None or until > self._closed_until + 1
            self._closed_until = until if self._closed_until is None else max(self._closed_until, until)
            if self._prices is not None:
                self._prices.hold(span)
            if longer:
                self.on_pause(span)

    def _pause_left(self) -> float:
        if self._closed_until is None:
            return 0.0
        left = self._closed_until - self._venue.clock.monotonic()
        if left <= 0:
            self._closed_until = None
        return left

    def _count_refused_key(self, error: VenueAuthError) -> None:
        now = self._venue.clock.monotonic()
        self._refused_keys.append(now)
        while now - self._refused_keys[0] > AUTH_WINDOW:
            self._refused_keys.popleft()
        if len(self._refused_keys) >= AUTH_ERRORS:
            self.key_refused = error.message


class _Batches:
    """The venue's batches; a pause that the source of prices was asked for holds for the whole account."""

    def __init__(self, batches: AsyncIterator[QuoteBatch], pause: Callable[[timedelta | None], None]) -> None:
        self._batches = batches
        self._pause = pause

    def __aiter__(self) -> _Batches:
        return self

    async def __anext__(self) -> QuoteBatch:
        try:
            return await anext(self._batches)
        except VenueUnavailable as error:
            self._pause(error.retry_after)
            raise
