"""What a venue tells about its markets: rules, quotes, order books, fees."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.domain.money import ONE, ZERO, ceil_to_step, floor_quotient, on_grid
from rebalancer_gui.domain.quick import quickly

STALE_AFTER = timedelta(seconds=10)
"""Age since the venue last confirmed a live quote beyond which it is not traded on (BEHAVIOUR.md 3.4)."""


def symbol_of(base: str, quote: str) -> str:
    """``BTC``, ``USDT`` -> ``BTC/USDT``."""
    return f"{base}/{quote}"


class MarketStatus(enum.Enum):
    """Whether a market takes orders."""

    TRADING = "trading"
    HALTED = "halted"
    DELISTED = "delisted"


_TRADING = MarketStatus.TRADING


class FeeSide(enum.Enum):
    """In which asset the venue takes its fee."""

    RECEIVED = "received"
    QUOTE = "quote"
    THIRD = "third"


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """Taker fee as a fraction of the traded value (0.001 = 0.1 %) and the asset it is taken in; ``standard_rate`` is what it
    would be without a discount for paying it in a third asset (None: there is none).
    """

    taker_rate: Decimal
    taken_in: FeeSide = FeeSide.RECEIVED
    standard_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class MarketRules:
    """The venue's filters for one symbol; quantities in base units, prices and notionals in quote units.

    ``market_max_quantity`` bounds Market orders only; ``source`` says where the numbers come from.
    """

    base: str
    quote: str
    tick_size: Decimal
    step_size: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    min_notional: Decimal
    market_max_quantity: Decimal | None = None
    max_notional: Decimal | None = None
    status: MarketStatus = MarketStatus.TRADING
    source: str = ""

    @property
    def symbol(self) -> str:
        return symbol_of(self.base, self.quote)

    def fault_of(self, quantity: Decimal, price: Decimal) -> str | None:
        """Why an order of ``quantity`` at ``price`` is not legal, or None. ``price`` is the order's own limit."""
        if self.status is not _TRADING:
            return f"{self.symbol} is not open for trading"
        if quantity <= ZERO or not on_grid(quantity, self.step_size):
            return f"the quantity must be a positive multiple of {self.step_size:f} {self.base}"
        if quantity < self.min_quantity:
            return f"the smallest quantity is {self.min_quantity:f} {self.base}"
        if quantity > self.max_quantity:
            return f"the largest quantity is {self.max_quantity:f} {self.base}"
        if quantity * price < self.min_notional:
            return f"the smallest order is worth {self.min_notional:f} {self.quote}"
        if self.max_notional is not None and quantity * price > self.max_notional:
            return f"the largest order is worth {self.max_notional:f} {self.quote}"
        return None

    def largest_quantity(self, price: Decimal) -> Decimal:
        """What no order at ``price`` (> 0) may be larger than: maximum quantity and notional; not cut to the step."""
        if self.max_notional is None:
            return self.max_quantity
        return min(self.max_quantity, self.max_notional / price)

    def smallest_quantity(self, price: Decimal) -> Decimal:
        """The smallest legal quantity at ``price`` (> 0): minimum notional and quantity, rounded up to the step."""
        quantity = floor_quotient(self.min_notional, price, self.step_size)
        if quantity * price < self.min_notional:
            quantity += self.step_size
        return quantity if quantity >= self.min_quantity else ceil_to_step(self.min_quantity, self.step_size)

    def smallest_order_value(self, price: Decimal) -> Decimal:
        """Value in quote of :meth:`smallest_quantity` (BEHAVIOUR.md section 11)."""
        return self.smallest_quantity(price) * price


class QuoteFault(enum.Enum):
    """Why a quote may not be traded on (BEHAVIOUR.md 3.4); the value is the wording on screen."""

    MISSING = "no price"
    NOT_FINITE = "the price is not a number"
    NOT_POSITIVE = "the price is zero or negative"
    CROSSED = "the bid is above the ask"
    STALE = "the price is old"
    PAUSED = "prices are paused"
    CLOSED = "the market is closed"


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and ask and the last trade, in quote units per base unit.

    ``at`` is the venue's time of the prices, ``received_at`` the last time the venue confirmed them; both UTC. ``last_at``
    is the time of the last trade and ``volume`` what was traded within 24 hours, in quote units, where the venue tells them.
    """

    symbol: str
    bid: Decimal
    ask: Decimal
    last: Decimal
    at: datetime
    received_at: datetime
    last_at: datetime | None = None
    volume: Decimal | None = None

    @property
    def mid(self) -> Decimal:
        return (self.bid + self.ask) / 2

    @property
    def half_spread(self) -> Decimal:
        """Half the spread as a fraction of the mid."""
        return (self.ask - self.bid) / (self.ask + self.bid)

    def fault(self, now: datetime, stale_after: timedelta | None = STALE_AFTER) -> QuoteFault | None:
        """Why this quote may not be traded on at ``now``; None when it is good. Without ``stale_after`` age is no fault."""
        if not (self.bid.is_finite() and self.ask.is_finite() and self.last.is_finite()):
            return QuoteFault.NOT_FINITE
        if self.bid <= ZERO or self.ask <= ZERO:
            return QuoteFault.NOT_POSITIVE
        if self.bid > self.ask:
            return QuoteFault.CROSSED
        if stale_after is not None and now - self.received_at > stale_after:
            return QuoteFault.STALE
        return None


make_quote = quickly(Quote)
"""As ``Quote``; for whoever makes one of each message."""


@dataclass(frozen=True, slots=True)
class BookLevel:
    """One price level: price in quote per base, quantity in base units."""

    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class OrderBook:
    """Bids from the highest, asks from the lowest."""

    symbol: str
    bids: tuple[BookLevel, ...]
    asks: tuple[BookLevel, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """What the venue holds of one asset, in its own units."""

    asset: str
    free: Decimal
    locked: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.free + self.locked


def keeps_after_fee(rate: Decimal) -> Decimal:
    """The share of a received amount that is left after a fee of ``rate`` (fraction) is taken from it."""
    return ONE - rate
