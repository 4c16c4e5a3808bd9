"""What the application needs from the world. Adapters implement these; tests put small fakes behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from rebalancer_gui.application.record_port import HistoryKind as HistoryKind  # noqa: PLC0414 - taken from here
from rebalancer_gui.application.record_port import RecordReader
from rebalancer_gui.application.records import (
    EndedStrategy,
    EquitySample,
    Evidence,
    FeeRow,
    FillRow,
    JournalEntry,
    OrderRow,
    RebalanceRecord,
    Repair,
    TransferRow,
)
from rebalancer_gui.domain.coin_result import CoinResult
from rebalancer_gui.domain.ledger import Entry
from rebalancer_gui.domain.market import Balance, FeeSchedule, MarketRules, OrderBook, Quote
from rebalancer_gui.domain.money_weighted import Flow
from rebalancer_gui.domain.orders import Fill, OrderIntent, OrderRequest, SubmitOutcome, VenueOrder, VenueTrade
from rebalancer_gui.domain.strategy import StrategyParameters, StrategyRecord


class Clock(Protocol):
    """Time of one account. On the demo market it is market time, elsewhere wall time; always UTC."""

    def now(self) -> datetime:
        """Timezone-aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds of wall time from an arbitrary origin; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for ``seconds`` of wall time."""
        ...


class IdSource(Protocol):
    """Where chance comes from.

    A seeded source (the demo) gives the same ids again after a restart, so the engine stores ``position`` with every
    transaction that used an id and seeks there at start; a truly random source has nothing to remember (always 0).
    """

    position: int

    def seek(self, position: int) -> None:
        """Go on after ``position`` ids."""
        ...

    def new_id(self, prefix: str) -> str:
        """A short unique name such as ``s-k3v9q2``; lower case letters and digits after the prefix."""
        ...

    def client_order_id(self) -> str:
        """``rb`` + 4 characters of the install's tag + 12 characters, 18 in all, ``[a-z0-9]`` (ORDERS.md rule 2)."""
        ...


@dataclass(frozen=True, slots=True)
class QuoteBatch:
    """All quotes the venue published at one moment, by symbol, and how far apart such moments are."""

    at: datetime
    quotes: Mapping[str, Quote]
    spacing: timedelta
    markets_changed: bool = False
    """The venue's markets are not what they were at the batch before: they are to be read anew."""


class Venue(Protocol):
    """A spot exchange account. Reads raise VenueUnavailable; ``submit`` never raises for what the venue answered.

    ``lookup_is_authoritative``: "not found" proves that an order does not exist. ``stale_after``: see Quote.fault.
    """

    @property
    def name(self) -> str: ...

    @property
    def quote_assets(self) -> tuple[str, ...]: ...

    @property
    def lookup_is_authoritative(self) -> bool: ...

    @property
    def stale_after(self) -> timedelta | None: ...

    @property
    def fence(self) -> timedelta | None:
        """An order that reaches the venue later than this after its ``sent_at`` is refused by it (None: it has no such
        rule, so an order may be executed however late it arrives).
        """
        ...

    @property
    def clock(self) -> Clock: ...

    async def open(self) -> None:
        """Connect or read the venue's own truth; raises VenueError or EnvironmentProblem."""
        ...

    async def markets(self) -> Mapping[str, MarketRules]:
        """Rules by symbol."""
        ...

    def batches(self) -> AsyncIterator[QuoteBatch]:
        """Quotes for ever; the next batch is made when the consumer asks for it, so nothing piles up."""
        ...

    async def quote(self, symbol: str) -> Quote:
        """The quote of this very moment, read again just before an order (BEHAVIOUR.md section 4)."""
        ...

    async def order_book(self, symbol: str) -> OrderBook:
        """The present depth."""
        ...

    async def balances(self) -> Mapping[str, Balance]:
        """By asset; what is not listed is zero."""
        ...

    async def fees(self) -> FeeSchedule:
        """The account's own taker rate."""
        ...

    async def submit(self, request: OrderRequest) -> SubmitOutcome:
        """Send one order once."""
        ...

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        """Look an order up by our own id, with its fills; None when the venue does not know it."""
        ...

    async def orders_since(self, symbol: str, since: datetime) -> tuple[VenueOrder, ...]:
        """Every order of the account in a market, open or over, from ``since`` on: complete (all pages), oldest first.

        ``client_order_id`` is "" where an order has none; fills may be missing.
        """
        ...

    async def trades_since(self, symbol: str, since: datetime) -> tuple[VenueTrade, ...]:
        """Every trade of the account in a market from ``since`` on: complete, each once, oldest first."""
        ...

    async def server_time(self) -> datetime:
        """The venue's own time; what its fence is measured in."""
        ...

    async def identity(self) -> str:
        """What tells this account at this venue from every other; the same at each start."""
        ...

    async def close(self) -> None:
        """Free what is open; safe to call twice."""
        ...


class StopSignal(Protocol):
    """Stop all as it stands outside the engine: the file STOP in the data folder. Cheap enough to ask before each order."""

    def is_set(self) -> bool: ...

    def set(self) -> None: ...

    def clear(self) -> None: ...


class Keeper(Protocol):
    """Looks after the files of one account while the engine runs; knows wall time by itself. Engine thread only."""

    async def look(self) -> tuple[str, ...]:
        """Do what is due (a verified backup each day) without holding up the engine; sentences for the journal. Never
        raises for what disks and files do. Cancelled, it ends within moments and leaves nothing half made.
        """
        ...

    def repairs(self, damaged: str) -> tuple[Repair, ...]:
        """What its owner can do now that the file ``damaged`` cannot be used, the best first; () when it is none of this
        account's. Reads backups only.
        """
        ...


@dataclass(frozen=True, slots=True)
class StoredState:
    """Everything the engine needs at start, without the strategies that are over. Balances by (account, asset)."""

    strategies: tuple[StrategyRecord, ...]
    open_intents: tuple[OrderIntent, ...]
    balances: Mapping[tuple[str, str], Decimal]
    hodl: Mapping[str, Mapping[str, Decimal]]
    """Units per asset of each strategy's HODL line."""
    counters: Mapping[str, tuple[int, int]]
    """Per strategy: rebalances done or partly done, attempts skipped (repeats included)."""
    flows: Mapping[str, tuple[Decimal, Decimal]]
    """Per strategy: everything added, everything removed, in quote units: the sums of the transfers' values."""
    fees: Mapping[str, Mapping[str, Decimal]]
    """Per strategy: fees paid by asset."""
    fees_value: Mapping[str, Decimal]
    """Per strategy: the same fees in quote units, each at its own trade's price. A fee in a third asset is not in it:
    its trade does not tell what it was worth."""
    open_rebalances: tuple[RebalanceRecord, ...]
    """Those whose outcome is still RUNNING, oldest first."""
    journal_tail: Mapping[str, JournalEntry]
    """The newest journal entry per strategy ("" = the account's own), to go on counting equal decisions in its row."""
    costs: Mapping[str, Mapping[str, Decimal | None]]
    """Per strategy and coin: what is held cost in quote units (None = not known)."""
    pool_fees: Mapping[str, tuple[Decimal, Decimal]]
    """Per strategy, in quote units: what the free pool paid in BNB for its fees, and what it got back of them."""
    values: Mapping[str, str]
    """Engine state by key."""
    dated_flows: Mapping[str, tuple[Flow, ...]] = field(default_factory=dict)
    """Per strategy: what ``flows`` adds up, each at its moment, oldest first."""
    results: Mapping[str, Mapping[str, CoinResult]] = field(default_factory=dict)
    """Per strategy and coin: the strategy's own basis of what is held, and what was realised, in quote units."""


class Store(RecordReader, Protocol):
    """The account's one file. All writes stand inside ``transaction()``, which commits durably or not at all.

    Owned by the engine thread. Raises EnvironmentProblem (disk full, damaged, newer, read-only) from any call, and
    InvariantBroken for a write outside a transaction, a transaction inside another, or a row of an unknown strategy.
    In the history pages ``strategy_id`` None means all rows, "" those that belong to no strategy.
    """

    def open(self) -> None:
        """Open, check and migrate; nothing is overwritten when the file is damaged or newer."""
        ...

    def close(self) -> None: ...

    def load(self) -> StoredState: ...

    def ended(self, before: str | None, limit: int) -> tuple[EndedStrategy, ...]:
        """Strategies that are over, the last to end first: those after the one of the id ``before`` (None: from the newest)."""
        ...

    def ended_names(self, before: str | None, limit: int) -> tuple[tuple[str, str], ...]:
        """Id and name of strategies that are over, the newest first: those made before that of the id ``before`` (None: from the
        newest).
        """
        ...

    def ended_one(self, strategy_id: str) -> EndedStrategy | None:
        """None when there is no such strategy, or it is not over."""
        ...

    def transaction(self) -> AbstractContextManager[None]: ...

    def save_strategy(self, record: StrategyRecord, at: datetime) -> None:
        """Insert or update; a new ``version`` also adds a row to the parameter versions, with ``at`` as its time."""
        ...

    def versions(self, strategy_id: str) -> tuple[tuple[int, datetime, StrategyParameters], ...]:
        """Every version of a strategy's parameters with the time from which it held, oldest first."""
        ...

    def save_hodl(self, strategy_id: str, units: Mapping[str, Decimal]) -> None: ...

    def save_costs(self, strategy_id: str, costs: Mapping[str, Decimal | None]) -> None:
        """What the coins named in ``costs`` cost now, in quote units (None = not known); others stay as they are."""
        ...

    def save_results(self, strategy_id: str, results: Mapping[str, CoinResult]) -> None:
        """Of the coins named in ``results``; others stay as they are."""
        ...

    def save_fee_return(self, row: FeeRow) -> int:
        """Append a row (``row.key`` is ignored); answers its key."""
        ...

    def save_rebalance(self, record: RebalanceRecord) -> int:
        """Insert or update by id; answers the row's key."""
        ...

    def insert_intent(self, intent: OrderIntent) -> int:
        """Answers the row's key (``orders(None, key + 1, 1)`` reads that row); appends the first order event.

        A second row with the same client order id raises InvariantBroken.
        """
        ...

    def update_intent(self, intent: OrderIntent, at: datetime) -> None:
        """The present row, and one appended order event when the state changed.

        Only state, venue order id, filled and reason may differ from what was inserted, else InvariantBroken.
        """
        ...

    def insert_fill(self, account: str, strategy_id: str, fill: Fill) -> bool:
        """False when (account, symbol, trade id) is already there: it is then booked already.

        InvariantBroken when its order is not in the store or belongs to another strategy.
        """
        ...

    def post(self, entry: Entry) -> None:
        """Append the postings and keep the balances in step."""
        ...

    def save_transfer(self, row: TransferRow) -> int:
        """Append a row (``row.key`` is ignored); answers its key."""
        ...

    def save_journal(self, entry: JournalEntry) -> int:
        """Insert or update by id (count and last time of equal decisions in a row); answers the row's key."""
        ...

    def add_equity(self, samples: Sequence[EquitySample]) -> None: ...

    def add_prices(self, at: datetime, prices: Mapping[str, Decimal]) -> None:
        """Mid price per symbol, for the single-coin lines of the chart."""
        ...

    def set_value(self, key: str, value: str) -> None: ...

    def orders(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[OrderRow, ...]:
        """Newest first, by key: rows whose ``key`` is under ``before``."""
        ...

    def fills(self, client_order_id: str) -> tuple[Fill, ...]:
        """The booked trades of an order, each with the fee that is known now."""
        ...

    def absent_since(self, at: datetime) -> tuple[OrderIntent, ...]:
        """Orders sent at or after ``at`` that are ABSENT, oldest first: what might still turn up."""
        ...

    def fees_due(self) -> tuple[FillRow, ...]:
        """Trades whose fee is an estimate still, oldest first."""
        ...

    def save_true_up(self, fill: Fill) -> None:
        """The venue has said what the trade cost: ``fill`` with the true fee. InvariantBroken when none was due."""
        ...

    def add_evidence(self, evidence: Evidence) -> None:
        """Append what a look-up of an order said."""
        ...

    def evidence(self, client_order_id: str) -> tuple[Evidence, ...]:
        """Everything that was found out about an order, oldest first."""
        ...

    def all_fills(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[FillRow, ...]:
        """Newest first, by key, as :meth:`orders`."""
        ...

    def fees(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[FeeRow, ...]:
        """Fees Return History, newest first, by key."""
        ...

    def rebalances(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[RebalanceRecord, ...]: ...

    def transfers(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[TransferRow, ...]: ...

    def journal(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[JournalEntry, ...]: ...

    def equity(self, strategy_id: str, since: datetime | None, limit: int) -> tuple[EquitySample, ...]:
        """Oldest first, thinned to at most about ``limit`` samples."""
        ...

    def price_samples(
        self, symbol: str, since: datetime | None, limit: int
    ) -> tuple[tuple[datetime, Decimal], ...]: ...


EventSink = Callable[[object], None]
"""Where events go; called in the engine thread only."""
