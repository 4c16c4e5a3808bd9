"""Rows of history as the store keeps them and the screen shows them."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.domain.coin_result import CoinResult
from rebalancer_gui.domain.money_weighted import Flow
from rebalancer_gui.domain.orders import Fill, IntentState, OrderType, Side
from rebalancer_gui.domain.outcome import Reached
from rebalancer_gui.domain.planning import SkippedLeg
from rebalancer_gui.domain.strategy import StrategyRecord


class Outcome(enum.Enum):
    """What came of a rebalance."""

    RUNNING = "running"
    DONE = "done"
    PARTLY = "partly"
    SKIPPED = "skipped"


class LegOutcome(enum.Enum):
    """What came of one leg."""

    PENDING = "pending"
    FILLED = "filled"
    PARTLY = "partly filled"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    UNRESOLVED = "checking an order"


@dataclass(frozen=True, slots=True)
class LegResult:
    """One traded leg: what the plan wanted (``wanted`` in quote units) and what came of it."""

    asset: str
    symbol: str
    side: Side
    wanted: Decimal
    planned_quantity: Decimal
    planned_price: Decimal
    filled: Decimal
    outcome: LegOutcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RebalanceRecord:
    """One rebalance. ``key`` orders rows (0 until stored). ``repeats`` counts equal skipped attempts in a row.

    ``worst_drift`` in pp at the trigger; ``reason`` is the value of a RebalanceReason; ``message`` is what the screen
    says (BEHAVIOUR.md section 4).
    """

    id: str
    strategy_id: str
    at: datetime
    reason: str
    worst_drift: Decimal
    snapshot_seq: int
    legs: tuple[LegResult, ...]
    skipped: tuple[SkippedLeg, ...]
    outcome: Outcome
    message: str = ""
    advice: str = ""
    reached: tuple[Reached, ...] = ()
    finished_at: datetime | None = None
    repeats: int = 1
    last_at: datetime | None = None
    key: int = 0


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of the history. Price is the limit (None for Market), ``average`` and ``cost`` come from the fills."""

    key: int
    at: datetime
    strategy_id: str
    rebalance_id: str
    client_order_id: str
    venue_order_id: str
    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None
    filled: Decimal
    average: Decimal | None
    cost: Decimal
    fees: tuple[tuple[str, Decimal], ...]
    state: IntentState
    reason: str


@dataclass(frozen=True, slots=True)
class FillRow:
    """One trade of the history, with whose it is."""

    key: int
    strategy_id: str
    fill: Fill


@dataclass(frozen=True, slots=True)
class FeeRow:
    """One row of Fees Return History: one trade's fee and what came of it (BEHAVIOUR.md section 8).

    ``fee`` and ``refunded`` in units of ``fee_asset``, ``bnb_paid`` in BNB; ``saved``, ``paid_value`` and
    ``refunded_value`` in the strategy's quote units at that moment. ``note`` says why nothing was returned.
    """

    key: int
    at: datetime
    strategy_id: str
    trade_id: str
    symbol: str
    fee_asset: str
    fee: Decimal
    refunded: Decimal
    bnb_paid: Decimal
    saved: Decimal
    paid_value: Decimal
    refunded_value: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a look-up of an order said: ``source`` names what was asked, ``said`` the answer in words."""

    client_order_id: str
    at: datetime
    source: str
    said: str


class TransferKind(enum.StrEnum):
    """Which way money moved; a strategy's flows are summed by these."""

    INVESTED = "invested"
    """From the free pool to a strategy at its start."""
    REVALUED = "valued at the start"
    """Held coins of a strategy that waited for its trigger, valued anew when it started: ``value`` is the difference, which
    may be negative; ``amount`` its absolute.
    """
    ADDED = "added"
    """From the free pool to a strategy that runs."""
    REMOVED = "removed"
    """Quote money from a strategy to the free pool."""
    RELEASED = "released"
    """Coins or money given back to the free pool: at the end, or a coin that cannot be sold."""
    LOST = "gone outside"
    """Coins or money of a strategy that left the account outside the program, booked when its owner confirmed it."""
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"


FLOWS_IN = frozenset({TransferKind.INVESTED, TransferKind.ADDED, TransferKind.REVALUED})
FLOWS_OUT = frozenset({TransferKind.REMOVED, TransferKind.RELEASED, TransferKind.LOST})


@dataclass(frozen=True, slots=True)
class TransferRow:
    """Money into or out of the account or a strategy (``strategy_id`` "": the account itself).

    ``amount`` (> 0) in units of ``asset``; ``value`` is what it was worth at that moment, in the strategy's (or
    account's) quote units; ``kind`` is a TransferKind and tells the direction.
    """

    key: int
    at: datetime
    strategy_id: str
    kind: str
    asset: str
    amount: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class EndedStrategy:
    """A strategy that is over, with its figures; amounts in its quote units.

    ``value`` and ``hodl`` are those of its end, ``given_back`` is what went to the free pool then, ``pool_fees`` what the
    free pool paid in BNB for its fees and got back of them, ``prices`` are those of its end by symbol, as far as they were
    known, ``last`` is the newest sentence of the journal about it ("" = none).
    """

    record: StrategyRecord
    value: Decimal
    hodl: Decimal
    added: Decimal
    removed: Decimal
    rebalances: int
    skipped: int
    fees_paid: Decimal
    pool_fees: tuple[Decimal, Decimal]
    given_back: tuple[TransferRow, ...]
    flows: tuple[Flow, ...] = ()
    """What ``added`` and ``removed`` add up, each at its moment, oldest first."""
    results: Mapping[str, CoinResult] = field(default_factory=dict)
    """Per coin that was held: what was realised."""
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    last: str = ""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One plain sentence; equal ones in a row share a row with ``count`` and ``last_at``. ``strategy_id`` may be ""."""

    id: str
    strategy_id: str
    at: datetime
    last_at: datetime
    count: int
    kind: str
    text: str
    key: int = 0


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which rows of a list: whose (None = all, "" = those of no strategy), of which coin ("" = any), of which ``word`` ("" =
    any), from ``since`` on and before ``until``.

    The word is an order's state, the outcome of a rebalance, the kind of a transfer or of a journal's sentence, the side of a
    trade (their stored values); rows of Fees Return have none. A sentence of the journal is of a coin when it names it.
    """

    strategy_id: str | None = None
    asset: str = ""
    word: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Rows in the order that was asked for. ``reached`` is the key to go on from; None: there is nothing more that way.

    There may be fewer rows than asked for, and none, though there is more: so that no question takes long.
    """

    rows: Sequence[Record]
    """Made when they are looked at, which raises EnvironmentProblem for one that cannot be understood."""
    reached: int | None


@dataclass(frozen=True, slots=True)
class EquitySample:
    """Value of a strategy and of its HODL line at a moment, in quote units; the store keeps 12 significant digits."""

    strategy_id: str
    at: datetime
    value: Decimal
    hodl: Decimal


class RepairKind(enum.Enum):
    """What can be done for a damaged account."""

    BACKUP = "backup"
    NEW_LEDGER = "new ledger"
    SET_ASIDE = "set aside"
    """The whole account leaves the list; its files are kept together."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One way out for an account whose file is damaged; the damaged file is moved aside, never deleted.

    ``backup`` is the place of the copy for BACKUP (else ""), ``at`` its age's beginning in wall time (None without one),
    ``text`` what the button does, ``detail`` what comes of it.
    """

    account: str
    kind: RepairKind
    text: str
    detail: str
    backup: str = ""
    at: datetime | None = None


Record = OrderRow | FillRow | FeeRow | RebalanceRecord | TransferRow | JournalEntry
