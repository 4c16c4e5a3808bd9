"""Quotes by asking again and again: works everywhere, and stands in where there is no live feed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Protocol

from rebalancer_gui.application.ports import Clock, QuoteBatch
from rebalancer_gui.domain.errors import VenueAuthError, VenueUnavailable
from rebalancer_gui.domain.market import MarketRules, MarketStatus, OrderBook, Quote

SPACING = timedelta(seconds=5)
MARKETS_EVERY = timedelta(minutes=10)


class Polled(Protocol):
    """What is asked."""

    @property
    def clock(self) -> Clock: ...

    async def markets(self) -> Mapping[str, MarketRules]: ...

    async def polled_quotes(self, symbols: tuple[str, ...]) -> Mapping[str, Quote]: ...

    async def polled_book(self, symbol: str) -> OrderBook: ...


class Polling:
    """Implements ``QuoteSource``."""

    def __init__(self, venue: Polled, spacing: timedelta = SPACING) -> None:
        self._venue = venue
        self._spacing = spacing
        self._last: dict[str, Quote] = {}
        self._rules: Mapping[str, MarketRules] = {}

    async def batches(self) -> AsyncIterator[QuoteBatch]:
        """The present quotes, then again each ``spacing``; the markets are read anew now and then."""
        clock = self._venue.clock
        changed = await self._read_markets()
        read_at = begun = clock.monotonic()
        while True:
            if clock.monotonic() - read_at >= MARKETS_EVERY.total_seconds():
                changed, read_at = await self._read_markets(), clock.monotonic()
            symbols = tuple(s for s, market in self._rules.items() if market.status is MarketStatus.TRADING)
            try:
                quotes = await self._venue.polled_quotes(symbols)
            except VenueAuthError:
                # Some tell prices to those with a key only. The account's own questions find out that it is refused.
                quotes = {}
            good = {symbol: quote for symbol, quote in quotes.items() if quote.fault(clock.now()) is None}
            self._last.update(good)
            yield QuoteBatch(clock.now(), good, self._spacing, changed)
            changed = False
            begun = max(begun + self._spacing.total_seconds(), clock.monotonic())
            await clock.sleep(max(begun - clock.monotonic(), 0.01))

    async def _read_markets(self) -> bool:
        """Whether they are not what they were."""
        former, self._rules = self._rules, await self._venue.markets()
        return bool(former) and former != self._rules

    async def quote(self, symbol: str) -> Quote:
        """From the book of this moment."""
        book = await self._venue.polled_book(symbol)
        if not book.bids or not book.asks:
            raise VenueUnavailable(f"The order book of {symbol} is empty.")
        bid, ask = book.bids[0].price, book.asks[0].price
        known = self._last.get(symbol)
        last = (bid + ask) / 2 if known is None else known.last
        return Quote(symbol, bid, ask, last, book.at, book.at, volume=None if known is None else known.volume)

    async def order_book(self, symbol: str) -> OrderBook:
        return await self._venue.polled_book(symbol)

    async def close(self) -> None:
        """Nothing is open."""
