"""Orders: intents, their states, fills; who may have traded what (ORDERS.md sections 3.1, 3.2)."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.domain.money import ZERO, plain


class Side(enum.Enum):
    """Buy or sell the base asset."""

    BUY = "buy"
    SELL = "sell"


def order_words(side: Side, quantity: Decimal, symbol: str) -> str:
    """What an order does, inside a sentence: "sell 0.0415 BTC/USDT". Two texts, so that each can be translated whole."""
    return f"sell {plain(quantity)} {symbol}" if side is Side.SELL else f"buy {plain(quantity)} {symbol}"


class OrderType(enum.Enum):
    """Limit orders are always immediate-or-cancel here."""

    LIMIT_IOC = "limit IOC"
    MARKET = "market"


class IntentState(enum.Enum):
    """States of an intent row; each change is one committed transaction (docs/orders.md has the diagram)."""

    SENDING = "sending"
    UNKNOWN = "unknown"
    """It may exist or not: looked up until one of both is proven."""
    QUARANTINED = "quarantined"
    """The look-up has been dead for too long: its owner is asked. What is reserved stays reserved, looking up goes on."""
    REJECTED = "rejected"
    """Proven: refused, nothing happened."""
    ABSENT = "absent"
    """Proven: it never arrived and cannot arrive any more."""
    REOPENED = "reopened"
    """The order of an ABSENT intent turned up after all: it is booked, and that is an alarm."""
    ACKED = "acked"
    """It exists at the venue; it works still, or not all of its trades are visible yet."""
    DONE = "done"
    """Over and all trades booked, but what one of them cost is not known yet."""
    SETTLED = "settled"
    RELEASED = "released"
    """Never sent, never stored: something forbade it at the last moment."""

    @property
    def is_final(self) -> bool:
        return self in FINAL_STATES


FINAL_STATES = frozenset({IntentState.REJECTED, IntentState.ABSENT, IntentState.SETTLED, IntentState.RELEASED})


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What goes to the venue. ``limit_price`` is None for Market; quantity in base units, on the step."""

    client_order_id: str
    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    limit_price: Decimal | None

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that differ when anything in the request does: what was stored is what was sent."""
        limit = "market" if self.limit_price is None else plain(self.limit_price)
        words = (self.client_order_id, self.symbol, self.side.value, self.type.value, plain(self.quantity), limit)
        return hashlib.sha256("|".join(words).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class OrderIntent:
    """One order, stored with its reservation before it is sent; it is sent at most once.

    ``reserved_amount`` of ``reserved_asset`` is moved from the strategy to ``reserved:<client order id>`` in the same
    transaction. ``attempt`` counts the orders of one leg from 1. ``sent_at`` is the venue's time; after ``fence_at`` the
    venue refuses the order should it still arrive (None: nothing keeps it from being executed late).
    """

    request: OrderRequest
    account: str
    strategy_id: str
    rebalance_id: str
    attempt: int
    reserved_asset: str
    reserved_amount: Decimal
    sent_at: datetime
    fence_at: datetime | None = None
    app_version: str = ""
    state: IntentState = IntentState.SENDING
    venue_order_id: str = ""
    filled: Decimal = ZERO
    reason: str = ""

    @property
    def client_order_id(self) -> str:
        return self.request.client_order_id


@dataclass(frozen=True, slots=True)
class Fill:
    """One trade of an order. Unique by (account, symbol, trade_id). ``fee`` >= 0 in units of ``fee_asset``.

    ``fee_known`` False: the venue has not said yet what it cost; ``fee`` is then our estimate until it does.
    """

    trade_id: str
    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    at: datetime
    fee_known: bool = True

    @property
    def value(self) -> Decimal:
        """Quote value of the trade before fees."""
        return self.quantity * self.price


class VenueOrderStatus(enum.Enum):
    """A venue's word on an order; only 'is it final' is used to decide (ORDERS.md fact 7)."""

    OPEN = "open"
    FILLED = "filled"
    EXPIRED = "expired"
    CANCELED = "canceled"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """An order as the venue reports it: ``filled`` in base units, ``fills`` as far as the answer carries them."""

    client_order_id: str
    venue_order_id: str
    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    filled: Decimal
    status: VenueOrderStatus
    at: datetime
    fills: tuple[Fill, ...] = ()

    @property
    def is_final(self) -> bool:
        return self.status is not VenueOrderStatus.OPEN


@dataclass(frozen=True, slots=True)
class VenueTrade:
    """A trade of the account as the venue lists it, ours or not. ``fee`` None: the venue has not said yet."""

    trade_id: str
    venue_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal | None
    fee_asset: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """The venue took the order. ``retry_after``: what was asked next to see what became of it was refused for being one too
    many, and the venue wants to be left alone for so long.
    """

    order: VenueOrder
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The venue refused it, and it is proven that nothing happened. ``code`` is the venue's own; ``no_right``: the account
    or key may not trade at all; ``against_rules``: a market's filter for quantity, price step or value forbids it.
    """

    reason: str
    code: str = ""
    no_right: bool = False
    against_rules: bool = False
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """No proof either way: it is looked up, never sent again."""

    reason: str
    retry_after: timedelta | None = None


SubmitOutcome = Accepted | Rejected | Unknown
