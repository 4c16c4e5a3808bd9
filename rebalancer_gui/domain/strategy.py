"""A strategy: its parameters, its rule and the states of its life (BEHAVIOUR.md sections 2, 6, 7)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.domain.market import symbol_of

MIN_COINS, MAX_COINS = 2, 10
MAX_STRATEGIES = 20
WEIGHT_GRID = Decimal("0.01")
THRESHOLD_GRID, MIN_THRESHOLD, MAX_THRESHOLD = Decimal("0.1"), Decimal("0.1"), Decimal(50)
GATE_GRID, MIN_GATE, MAX_GATE = Decimal("0.1"), Decimal(0), Decimal(50)
MIN_INTERVAL, MAX_INTERVAL = timedelta(minutes=1), timedelta(days=90)
MIN_CHECK_PERIOD, MAX_CHECK_PERIOD = timedelta(seconds=1), timedelta(hours=1)

THRESHOLDS: tuple[Decimal, ...] = tuple(Decimal(t) for t in ("0.5", "1", "2", "5", "10", "20", "30", "50"))
INTERVALS: tuple[timedelta, ...] = (
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=12),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=14),
    timedelta(days=28),
)
CHECK_PERIODS: tuple[timedelta, ...] = tuple(timedelta(seconds=s) for s in (1, 2, 5, 10, 30, 60, 300, 900, 1800, 3600))
DEFAULT_THRESHOLD = Decimal(1)
DEFAULT_CHECK_PERIOD = timedelta(seconds=2)
DEFAULT_INTERVAL = timedelta(days=1)
DEFAULT_GATE = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Target:
    """One coin and its target weight in percent (grid 0.01)."""

    asset: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class RatioRule:
    """Rebalance when the worst drift exceeds ``threshold`` percentage points, looked at every ``check_period``."""

    threshold: Decimal = DEFAULT_THRESHOLD
    check_period: timedelta = DEFAULT_CHECK_PERIOD


@dataclass(frozen=True, slots=True)
class TimeRule:
    """Rebalance every ``interval`` if the worst drift then exceeds ``gate`` percentage points."""

    interval: timedelta = DEFAULT_INTERVAL
    gate: Decimal = DEFAULT_GATE


@dataclass(frozen=True, slots=True)
class BandRule:
    """Auto band: rebalance when a coin's drift exceeds its own band (domain/bands.py), looked at every ``check_period``."""

    check_period: timedelta = DEFAULT_CHECK_PERIOD


Rule = RatioRule | TimeRule | BandRule


def limit_of(rule: RatioRule | TimeRule) -> Decimal:
    """The drift in pp that must be exceeded, the same for each coin: the threshold or the gate."""
    return rule.threshold if isinstance(rule, RatioRule) else rule.gate


class Direction(enum.Enum):
    """From which side a price reaches a level; the value is how it is written."""

    RISING = ">="
    FALLING = "<="

    def reached(self, price: Decimal, level: Decimal) -> bool:
        """Whether ``price`` is at or beyond ``level``."""
        return price >= level if self is Direction.RISING else price <= level


@dataclass(frozen=True, slots=True)
class Trigger:
    """The strategy waits until the last price of ``symbol`` reaches ``price`` (quote units of that symbol).

    ``direction`` is fixed when the strategy is created (None before): rising when the price was below (section 6).
    """

    symbol: str
    price: Decimal
    direction: Direction | None = None


class Basis(enum.Enum):
    """What a stop-loss or take-profit is measured on."""

    PRICE = "price"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Level:
    """A stop-loss or take-profit: the last price of ``symbol``, or the strategy's time-weighted return in percent
    (``symbol`` "").
    """

    basis: Basis
    level: Decimal
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class StrategyParameters:
    """What the owner chose. ``investment`` in quote units; weights add up to exactly 100."""

    name: str
    quote: str
    targets: tuple[Target, ...]
    investment: Decimal
    rule: Rule
    sell_all_on_stop: bool = False
    trigger: Trigger | None = None
    stop_loss: Level | None = None
    take_profit: Level | None = None

    @property
    def watched(self) -> tuple[str, ...]:
        """The symbols that trigger, stop-loss and take-profit look at."""
        levels = [level for level in (self.stop_loss, self.take_profit) if level is not None and level.symbol]
        return tuple(dict.fromkeys(item.symbol for item in (self.trigger, *levels) if item is not None))

    @property
    def assets(self) -> tuple[str, ...]:
        return tuple(t.asset for t in self.targets)

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(symbol_of(t.asset, self.quote) for t in self.targets)

    def weight(self, asset: str) -> Decimal:
        """Target weight in percent; 0 for a coin that is not in the portfolio."""
        return next((t.weight for t in self.targets if t.asset == asset), Decimal(0))


class State(enum.Enum):
    """States of BEHAVIOUR.md section 7; the value is the word on screen."""

    WAITING = "Waiting"
    """For its trigger: its money is reserved."""
    BUILDING = "Building"
    RUNNING = "Running"
    PAUSED = "Paused"
    HALTED = "Halted"
    STOPPING = "Stopping"
    ENDED = "Ended"


OCCUPYING = frozenset(State) - {State.ENDED}
"""States that count among the 20 strategies of an account."""


class TradingMode(enum.Enum):
    """What an account does when a rule triggers; the value is the word of FILES.md."""

    WATCH = "watch"
    """The plan is shown, nothing is sent."""
    APPROVE = "approve"
    """The plan is proposed and sent when its owner says yes; exits go ahead without."""
    AUTO = "auto"


class EndReason(enum.Enum):
    """Why a strategy is over."""

    STOPPED = "stopped by the user"
    STOP_LOSS = "stop-loss"
    TAKE_PROFIT = "take-profit"
    TRIGGER_CANCELLED = "trigger cancelled"
    NO_BALANCE = "not enough balance at the trigger"
    DELISTED = "a coin was delisted or its market closed"
    NO_RIGHT = "the account or key may no longer trade"
    STOP_ALL = "Stop all"


class HaltKind(enum.Enum):
    """Why a strategy is halted, as far as the program acts on it; the sentence for people is the record's ``reason``."""

    STOP_ALL = "stop all"
    MARKET = "market"
    """A coin was delisted or its market is closed."""
    NO_RIGHT = "no right"
    """The account or key may no longer trade."""
    SHORT = "short"
    """Money or coins of it are missing at the venue."""
    RENAMED = "renamed"
    """A coin of it got a new name at the venue."""
    REFUSED = "refused"
    FOREIGN_ORDER = "foreign order"
    QUARANTINED = "quarantined"
    """Nothing can be proven about an order of it: its owner decides."""
    LATE_ORDER = "late order"
    """An order that was proven absent turned up."""
    NEW_UNITS = "new units"
    """The price of a coin changed so much that the coin seems to have been redenominated."""


END_OF_HALT = {
    HaltKind.STOP_ALL: EndReason.STOP_ALL,
    HaltKind.MARKET: EndReason.DELISTED,
    HaltKind.NO_RIGHT: EndReason.NO_RIGHT,
}
"""How a halted strategy ends when its owner picks End (BEHAVIOUR.md section 7); any other halt: stopped by the user."""


@dataclass(frozen=True, slots=True)
class HeldCoin:
    """A coin the owner already holds, as it goes into a new strategy. ``unit_cost`` in quote units per unit is what it
    cost (None = not known).
    """

    asset: str
    quantity: Decimal
    unit_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StrategyRecord:
    """The stored truth about one strategy apart from its money (that is in the ledger).

    ``version`` counts parameter changes from 1; ``started_at`` is when it began to run (the origin of the time grid);
    ``reason`` explains Halted and Ended in words; ``former_state`` is what Resume returns to.
    """

    id: str
    account: str
    parameters: StrategyParameters
    version: int
    state: State
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    former_state: State | None = None
    last_tick: int = 0
    """Index k of the last time-rule tick that was dealt with (start of the grid + k x interval)."""
    halt: HaltKind | None = None
    """Set while ``state`` is HALTED."""
    grid_from: datetime | None = None
    """Where the time grid starts when the interval was edited; None: at ``started_at``."""
    pending: str = ""
    """A rebalance that was asked for and is not over (the value of a RebalanceReason): a crash does not lose it."""
    growth: Decimal = Decimal(1)
    """Product of value before flow / value after the flow before it, over all flows so far (time-weighted return)."""
    growth_base: Decimal = Decimal(0)
    """Value after the newest flow, in quote units; 0 before the first."""
