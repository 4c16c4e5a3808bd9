"""What a venue's price messages add up to, and when their channel is not to be believed any more. No network, no clock.

A tick is one message about one market: some tell bid and ask, some the last trade, some all. Ticks that cannot be true are
refused whole and counted (FAILURES.md row 28); the quote before them stays and grows old.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.domain.market import Quote, make_quote
from rebalancer_gui.domain.money import ZERO

STALL_AFTER = 8.0
"""Seconds without any frame, pongs included, after which a channel is dead: with a look each half second it is noticed within
10 s (BEHAVIOUR.md 3.4)."""
SHOWS_UP_WITHIN = 30.0
"""A new channel that brings nothing for so long has not understood what is wanted, or its markets are very quiet."""
QUIET_AFTER = 5.0
"""Seconds without a confirmation after which a market is polled (BEHAVIOUR.md 3.4)."""
FROZEN_AFTER = 60.0
"""Seconds without any change of any price."""


@dataclass(frozen=True, slots=True)
class Tick:
    """What one message says of one market; None = it says nothing of it. Prices in quote units per base unit.

    ``at`` is the venue's time of the prices, ``last_at`` that of the last trade, ``volume`` what was traded within 24 hours in
    quote units.
    """

    symbol: str
    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None
    at: datetime | None = None
    last_at: datetime | None = None
    volume: Decimal | None = None

    @property
    def confirms(self) -> bool:
        """Whether it tells the prices that are traded on."""
        return self.bid is not None and self.ask is not None

    @property
    def fault(self) -> str:
        """Why it cannot be true; "" when it can."""
        for price in (self.bid, self.ask, self.last):
            if price is not None and not price.is_finite():
                return "not a number"
            if price is not None and price <= ZERO:
                return "zero or negative"
        if self.bid is not None and self.ask is not None and self.bid > self.ask:
            return "crossed"
        return ""


@dataclass(slots=True)
class _Last:
    """What was told of last trades apart from bid and ask."""

    price: Decimal | None = None
    at: datetime | None = None
    volume: Decimal | None = None


class LiveQuotes:
    """The newest quote of each market. A market has one as soon as bid, ask and a last trade were told."""

    def __init__(self) -> None:
        self._quotes: dict[str, Quote] = {}
        self._last: dict[str, _Last] = {}
        self._venue_times: dict[str, datetime] = {}
        self._halves: dict[str, Tick] = {}
        self.rejected = 0
        """Ticks that could not be true."""
        self.changes = 0
        """How often a price changed, of whatever market."""

    def get(self, symbol: str) -> Quote | None:
        return self._quotes.get(symbol)

    def of(self, symbols: Iterable[str]) -> Mapping[str, Quote]:
        """The quotes of ``symbols`` that are known."""
        return {symbol: self._quotes[symbol] for symbol in symbols if symbol in self._quotes}

    def forget(self, symbols: Iterable[str]) -> None:
        """Nobody needs them any more, or their market closed."""
        for symbol in symbols:
            for known in (self._quotes, self._last, self._venue_times, self._halves):
                known.pop(symbol, None)

    def pushed(self, tick: Tick, received_at: datetime) -> bool:
        """Take in a message of a channel; whether it confirmed the prices. One that is older than what is known, by the venue's
        own time, came out of order and counts for nothing.
        """
        if self._refuses(tick):
            return False
        known = self._venue_times.get(tick.symbol)
        if tick.confirms and tick.at is not None:
            if known is not None and tick.at < known:
                return False
            # Of pushes only: in an answer to a question ccxt may put our own time where the venue told none.
            self._venue_times[tick.symbol] = tick.at
        return self._take(tick, received_at)

    def polled(self, tick: Tick, asked_at: datetime) -> bool:
        """Take in an answer to a question of ``asked_at``: it confirms the prices as of then. What was pushed meanwhile is newer
        and stays.
        """
        if self._refuses(tick):
            return False
        known = self._quotes.get(tick.symbol)
        if known is not None and known.received_at > asked_at:
            return False
        return self._take(tick, asked_at)

    def contradicts(self, tick: Tick) -> bool:
        """Whether ``tick`` tells other prices than are known: a channel that is well would have told them."""
        known = self._quotes.get(tick.symbol)
        return known is not None and tick.confirms and not tick.fault and (known.bid, known.ask) != (tick.bid, tick.ask)

    def _refuses(self, tick: Tick) -> bool:
        if tick.fault:
            self.rejected += 1
            return True
        return False

    def _take(self, tick: Tick, received_at: datetime) -> bool:
        symbol = tick.symbol
        self._note_last(tick, received_at)
        known, last = self._quotes.get(symbol), self._last[symbol]
        if not tick.confirms or tick.bid is None or tick.ask is None:
            half = self._halves.get(symbol)
            if known is not None and last.price is not None:
                self._put(replace(known, last=last.price, last_at=last.at, volume=last.volume))
            elif half is not None and last.price is not None:
                del self._halves[symbol]
                return self._take(half, received_at)
            return False
        if last.price is None:
            # Bid and ask wait for the first word of a last trade.
            self._halves[symbol] = tick
            return False
        at = tick.at or received_at
        if known is not None:
            received_at = max(received_at, known.received_at)
        self._put(make_quote(symbol, tick.bid, tick.ask, last.price, at, received_at, last.at, last.volume))
        return True

    def _note_last(self, tick: Tick, received_at: datetime) -> None:
        """Few venues tell when the last trade was; where its price is another than before, it was just now."""
        last = self._last.setdefault(tick.symbol, _Last())
        if tick.last_at is not None:
            last.at = tick.last_at
        elif tick.last is not None and last.price is not None and tick.last != last.price:
            last.at = received_at
        if tick.last is not None:
            last.price = tick.last
        if tick.volume is not None and tick.volume.is_finite() and tick.volume >= ZERO:
            last.volume = tick.volume

    def _put(self, quote: Quote) -> None:
        known = self._quotes.get(quote.symbol)
        if known is None or (known.bid, known.ask, known.last) != (quote.bid, quote.ask, quote.last):
            self.changes += 1
        self._quotes[quote.symbol] = quote


class ChannelWatch:
    """Whether a channel of pushed prices is alive. Times are monotonic seconds.

    A channel is dead when no frame of any kind came for ``STALL_AFTER``; and when it was silent for so long while a poll told
    another price: it answers pings and has forgotten us. One that never brings a price is opened anew, now and then. A quiet
    market alone is none of this.
    """

    def __init__(self, now: float) -> None:
        self._mark: object = None
        self._began = self._frame_at = self._push_at = now
        self._contradicted = False
        self.pushes = 0

    def frames(self, mark: object, now: float) -> None:
        """``mark`` is something that changes with each frame that comes in."""
        if mark != self._mark:
            self._mark, self._frame_at = mark, now

    def pushed(self, now: float) -> None:
        """A price came."""
        self._push_at = self._frame_at = now
        self._contradicted = False
        self.pushes += 1

    def contradicted(self) -> None:
        """A poll told a price that the channel has not told."""
        self._contradicted = True

    def is_stalled(self, now: float) -> bool:
        silent = now - self._push_at >= STALL_AFTER
        if not self.pushes and now - self._began >= SHOWS_UP_WITHIN:
            return True
        return now - self._frame_at >= STALL_AFTER or (silent and self._contradicted)


class FrozenWatch:
    """Whether no price of a venue has changed for ``FROZEN_AFTER`` seconds."""

    def __init__(self, now: float) -> None:
        self._changes = 0
        self._changed_at = now

    def look(self, changes: int, now: float, *, anything: bool) -> None:
        """``changes`` as counted so far; with nothing that is followed nothing can be frozen."""
        if changes != self._changes or not anything:
            self._changes, self._changed_at = changes, now

    def is_frozen(self, now: float) -> bool:
        return now - self._changed_at > FROZEN_AFTER
