"""What a first-class venue's language must be able to say and to read; one file per venue implements it.

Requests are built here field by field and answers read from the venue's own JSON: ccxt signs, paces and carries them. Its
own readers of orders are not used (ORDERS.md, facts 1 and 5).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from rebalancer_gui.adapters.venues.ccxt_client import VenueClient, is_refused_key
from rebalancer_gui.adapters.venues.ccxt_errors import CallFailed
from rebalancer_gui.adapters.venues.ccxt_fields import Misread
from rebalancer_gui.application.connection import Permissions
from rebalancer_gui.domain.market import Balance, FeeSchedule, MarketRules, MarketStatus, OrderBook, Quote, symbol_of
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Fill, OrderRequest, Rejected, VenueOrder, VenueTrade

MOST_PAGES = 2000
UNBOUNDED = Decimal(10) ** 12
"""Stands for a largest quantity that the venue does not name."""


@dataclass(frozen=True, slots=True)
class Market:
    """A market: the venue's own name of it, and its rules."""

    id: str
    rules: MarketRules


@dataclass(frozen=True, slots=True)
class Refusals:
    """Which answers to an order prove that nothing happened (ORDERS.md rule 5): by the venue's own code, nothing else.

    ``codes``: refused. ``rules``: those of them (or words in the answer) that say that a market's filter for quantity, price
    step or value forbids it. ``no_right``: refused, the key or account may not trade. ``clock``: refused for its time stamp.
    ``pauses``: refused for being one too many, and how long to wait. ``not_if``: words that make even these no proof.
    """

    codes: frozenset[str]
    rules: frozenset[str] = frozenset()
    rule_words: re.Pattern[str] | None = None
    no_right: frozenset[str] = frozenset()
    clock: frozenset[str] = frozenset()
    pauses: Mapping[str, timedelta] = field(default_factory=dict)
    not_if: re.Pattern[str] | None = None
    statuses: frozenset[int] = frozenset({200, 400, 401, 403, 404, 409, 418, 422, 429})
    """A code with another HTTP status proves nothing."""
    denies: frozenset[int] = frozenset()
    """A status that refuses the key, whatever the body."""
    clock_in_denial: bool = False
    """A wrong time stamp is refused as a wrong key would be."""

    def of(self, failed: CallFailed) -> Rejected | None:
        """The proven refusal, or None: unknown."""
        code = self._code(failed.code)
        if failed.status in self.denies:
            return Rejected(failed.words, failed.code, no_right=True)
        if not code or failed.status not in self.statuses or (self.not_if and self.not_if.search(failed.words)):
            return None
        if code in self.no_right:
            return Rejected(failed.words, failed.code, no_right=True)
        if code in self.pauses:
            return Rejected(failed.words, failed.code, retry_after=failed.retry_after or self.pauses[code])
        if code in self.codes or code in self.clock:
            by_rules = bool({code, failed.code} & self.rules) or bool(
                self.rule_words and self.rule_words.search(failed.words)
            )
            return Rejected(failed.words, failed.code, against_rules=by_rules, retry_after=failed.retry_after)
        return None

    def pause_for(self, failed: CallFailed) -> timedelta | None:
        """How long the venue wants to be left alone."""
        return failed.retry_after or self.pauses.get(self._code(failed.code))

    def is_clock(self, failed: CallFailed) -> bool:
        return self._code(failed.code) in self.clock

    def is_key(self, failed: CallFailed) -> bool:
        """Whether a question failed because of the key."""
        return self._code(failed.code) in self.no_right or is_refused_key(failed)

    def _code(self, code: str) -> str:
        """Kraken adds a detail after the second colon."""
        known = self.codes | self.no_right | self.clock | set(self.pauses)
        return code if code in known or code.count(":") < 2 else code.rpartition(":")[0]


class Dialect(ABC):
    """One venue. Methods raise CallFailed (no usable answer) or Misread (an answer about something else)."""

    quote_assets: ClassVar[tuple[str, ...]] = ("USDT", "USDC", "USD", "EUR")
    order_ids: ClassVar[re.Pattern[str]] = re.compile(r"[A-Za-z0-9]{1,18}")
    """What the venue takes as a client order id; ours always fits."""
    refusals: ClassVar[Refusals]
    page: int = 100
    """Rows of a page that are asked for: a page with fewer is the last one."""

    def __init__(self, client: VenueClient) -> None:
        self.client = client
        client.pause_of = self.refusals.pause_for
        self.known: dict[str, Market] = {}
        """Every market seen so far, by symbol."""

    # ------------------------------------------------------------------------------------------------------------ names

    def market(self, symbol: str) -> Market:
        """Misread for a market that the venue does not have."""
        market = self.known.get(symbol)
        if market is None:
            raise Misread(f"there is no market {symbol}")
        return market

    def open_market(self) -> Market:
        """The best known one that trades: with it an account's own rate is asked for, which is the same on all of them but for
        campaigns. Misread when none trades.
        """
        trading = [m for m in self.known.values() if m.rules.status is MarketStatus.TRADING]
        if not trading:
            raise Misread("none of its markets is open")
        return min(trading, key=lambda m: (m.rules.base != "BTC", m.rules.quote not in {"USD", "USDT"}, m.id))

    def coin(self, raw: str) -> str:
        """ccxt's name of a coin for the venue's."""
        return str(self.client.exchange.safe_currency_code(raw))

    def pair(self, base: str, quote: str) -> str:
        """ccxt's name of a market."""
        return symbol_of(self.coin(base), self.coin(quote))

    # -------------------------------------------------------------------------------------------------------- questions

    @abstractmethod
    async def server_time(self) -> datetime: ...

    @abstractmethod
    async def markets(self) -> Iterable[Market]:
        """Every spot market, open or not."""
        ...

    @abstractmethod
    async def quotes(self, symbols: Iterable[str]) -> Iterable[Quote]:
        """Of these markets, as far as the venue tells."""
        ...

    @abstractmethod
    async def book(self, symbol: str) -> OrderBook: ...

    @abstractmethod
    async def balances(self) -> Iterable[Balance]: ...

    @abstractmethod
    async def fees(self) -> FeeSchedule: ...

    @abstractmethod
    async def account_id(self) -> str:
        """The venue's own name of the account; "" when it does not tell."""
        ...

    @abstractmethod
    async def permissions(self) -> Permissions: ...

    # ----------------------------------------------------------------------------------------------------------- orders

    @abstractmethod
    def order_call(self, request: OrderRequest, market: Market, best: Decimal) -> tuple[str, dict[str, Any]]:
        """Name of the ccxt method and the fields that send ``request``; ``best`` is the present best opposite price, asked
        for only where ``needs_price`` says so.
        """
        ...

    def needs_price(self, request: OrderRequest) -> bool:
        """Whether the order is written with the help of the present price."""
        return False

    @abstractmethod
    def placed(self, answer: object, request: OrderRequest) -> VenueOrder:
        """The order in the answer to it; one that carries the ids only is OPEN with nothing filled. Misread when it is not ours."""
        ...

    @abstractmethod
    async def find(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        """By our id, with its trades. None only when the venue says that there is none."""
        ...

    @abstractmethod
    async def orders(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueOrder]:
        """All pages; any order; doubles allowed."""
        ...

    @abstractmethod
    async def trades(self, symbol: str, since: datetime, now: datetime) -> Iterable[VenueTrade]:
        """All pages; any order; doubles allowed."""
        ...


def with_fills(order: VenueOrder, trades: Iterable[VenueTrade]) -> VenueOrder:
    """``order`` with those of ``trades`` that are its own, each once, in order."""
    own = {t.trade_id: t for t in trades if t.venue_order_id == order.venue_order_id and t.symbol == order.symbol}
    fills = [
        Fill(
            t.trade_id, order.client_order_id, t.symbol, t.side, t.quantity, t.price, t.fee or ZERO, t.fee_asset, t.at,
            fee_known=t.fee is not None,
        )
        for t in own.values()
    ]  # fmt: skip
    return VenueOrder(
        order.client_order_id, order.venue_order_id, order.symbol, order.side, order.type, order.quantity, order.filled,
        order.status, order.at, tuple(sorted(fills, key=lambda f: (f.at, id_key(f.trade_id)))),
    )  # fmt: skip


def id_key(trade_id: str) -> tuple[int, str]:
    """Sorts ids that are numbers by their value."""
    return (int(trade_id), "") if trade_id.isdecimal() else (0, trade_id)


def turns() -> Iterator[int]:
    """As many as any list may have pages; Misread for one that never ends."""
    yield from range(MOST_PAGES)
    raise Misread("its list never ends")


def windows(since: datetime, until: datetime, width: timedelta) -> Iterable[tuple[datetime, datetime]]:
    """``since`` .. ``until`` in pieces of at most ``width``, oldest first; at least one."""
    begin = since
    while True:
        end = min(begin + width, until)
        yield begin, end
        if end >= until:
            return
        begin = end
