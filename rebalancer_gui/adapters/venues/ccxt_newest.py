"""Between a WebSocket of ccxt and its reading of the messages: what cannot be read ends the connection, and of many tickers of one
market the newest is read.

ccxt takes some 100 us to make a ticker of a message. A busy market tells ten times a second what a batch asks for once: read are
the first message at once, and then the newest of each market each ``READ_EVERY`` seconds.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any

from rebalancer_gui.adapters.venues.ccxt_import import ccxt

READ_EVERY = 0.1
"""Seconds between two readings; by so much may a quote be older than it says, which is nothing beside the 10 s after which it is
stale, or the second between two batches."""
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)

Named = Callable[[str], tuple[str, int] | None]
"""The market and the venue's time (ms) of a message that says all of a market's ticker anew; None for any other message."""


def _named(pattern: str) -> Named:
    """By a pattern with the groups ``market`` and ``time``, which the beginning of a message has to match."""
    compiled = re.compile(pattern)

    def named(message: str) -> tuple[str, int] | None:
        found = compiled.match(message)
        return (found["market"], int(found["time"])) if found else None

    return named


TICKERS_BY_THEMSELVES: Mapping[str, Named] = {
    "binance": _named(r'\{"e":\s?"24hrTicker",\s?"E":\s?(?P<time>\d{1,16}),\s?"s":\s?"(?P<market>\w{1,40})"'),
    "okx": _named(
        r'\{"arg":\s?\{"channel":\s?"tickers",\s?"instId":\s?"(?P<market>[\w-]{1,40})"\},\s?"data":\s?\[\{[^]{}]*"ts":\s?"(?P<time>\d{1,16})"[^]{}]*\}\]\}$'
    ),
}
"""Venues whose every ticker message stands for itself, by their documentation. At the others a message may tell only what changed
since the one before, so each is read."""


class NewestFirst:
    """In place of ``handle_message`` of one connection of ccxt."""

    def __init__(self, read: Callable[[Any], None], named: Named | None) -> None:
        self._read = read
        self._named = named
        self._waiting: dict[str, tuple[int, Any]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._read_at = float("-inf")

    def take(self, message: Any) -> None:
        """A message of whatever kind has come in."""
        said = getattr(message, "data", None)
        of = self._named(said) if self._named is not None and isinstance(said, str) else None
        if of is None:
            self._read_waiting()
            self._read(message)
            return
        market, at = of
        known = self._waiting.get(market)
        # One that comes out of order must not take the place of a newer one.
        if known is None or at >= known[0]:
            self._waiting[market] = (at, message)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            wait = self._read_at + READ_EVERY - loop.time()
            if wait <= 0:
                self._read_waiting()
            else:
                self._timer = loop.call_later(wait, self._read_waiting)

    def _read_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiting:
            return
        self._read_at = asyncio.get_running_loop().time()
        waiting, self._waiting = self._waiting, {}
        for _at, message in waiting.values():
            self._read(message)


def read_newest(exchange: Any, venue: str) -> None:
    """Have the connections that ``exchange`` is going to make read by `NewestFirst`. A message that ccxt cannot read ends the
    connection: left to itself ccxt goes on without ever reading again.
    """
    make = exchange.client
    unreadable = (*UNREADABLE, ccxt().BaseError)
    named = TICKERS_BY_THEMSELVES.get(venue)

    def client(url: str) -> Any:
        known = exchange.clients or {}
        made = make(url)
        if url not in known:
            take = made.handle_message

            def read(message: Any) -> None:
                try:
                    take(message)
                except unreadable as error:
                    made.on_error(error)

            made.handle_message = NewestFirst(read, named).take
        return made

    exchange.client = client
