"""Safety rails: which there are, their defaults and legal ranges, and which set an account has (ORDERS.md section 5).

A rail may delay or forbid what the rules trigger, it never makes anything trade more. What each of them decides stands in
``rail_checks``. Stop-loss, take-profit and Stop are exits: the rails that :attr:`RailInfo.spares_exits` marks let them pass.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from rebalancer_gui.domain.money import plain
from rebalancer_gui.domain.problems import Problem


class AccountKind(enum.Enum):
    """What an account's orders and prices are; the value is how it is called on screen."""

    LIVE = "live account"
    PAPER = "paper account on live prices"
    DEMO = "paper account on the demo market"


class Effect(enum.Enum):
    """What happens when a rail says no; the value is the word on screen."""

    SKIP = "skip"
    """The leg or the rebalance is left out this time; the next check tries again."""
    HOLD = "hold"
    """Nothing is begun until the window has passed, or the price is confirmed."""
    HALT = "halt"
    """The strategy is halted until its owner resumes it."""
    WAIT = "wait"
    """The order is sent a moment later."""
    WARN = "warn"
    """It is said, and nothing is held."""
    BLOCK = "block"
    """No order of the account is sent while it lasts."""


class Unit(enum.Enum):
    """What a rail's value counts; the text stands behind the field on screen."""

    PERCENT = "%"
    TIMES = "x value a day"
    PER_SECOND = "orders a second"
    PER_HOUR = "orders an hour"
    COUNT = "in a row"
    SECONDS = "s"
    MONEY = "money"
    """Of the account's main quote asset."""
    FACTOR = "times"
    REBALANCE = "rebalance"
    NONE = ""
    """It has no value: it is on or off."""


class Group(enum.Enum):
    """Where a rail stands in the list; the value is its heading."""

    SIZE = "Size and number of orders"
    PRICE = "Prices"
    WHOLE = "The whole account"


class Rail(enum.Enum):
    """Every rail; the value is its key in what is stored."""

    ORDER_SHARE = "order_share"
    ORDER_VOLUME = "order_volume"
    ORDER_CAP = "order_cap"
    TURNOVER = "turnover"
    TURNOVER_ACCOUNT = "turnover_account"
    PACE = "pace"
    RATE = "rate"
    RATE_ACCOUNT = "rate_account"
    REFUSED = "refused"
    SAME_REFUSAL = "same_refusal"
    INTERVAL = "interval"
    CHECKS = "checks"
    GOOD_PRICES = "good_prices"
    SPREAD_MAJOR = "spread_major"
    SPREAD = "spread"
    LAST_GAP = "last_gap"
    FROZEN = "frozen"
    JUMP = "jump"
    REDENOMINATION = "redenomination"
    PORTFOLIO = "portfolio"
    DEPEG = "depeg"
    EXIT_APART = "exit_apart"
    PRICE_CAP = "price_cap"
    FALLBACK_CAP = "fallback_cap"
    IMPACT = "impact"
    STOP_ALL = "stop_all"
    SINGLE_FLIGHT = "single_flight"
    CATCH_UP = "catch_up"
    CLOCK_WARN = "clock_warn"
    CLOCK_BLOCK = "clock_block"
    API_BUDGET = "api_budget"
    GO_LIVE = "go_live"
    PERMISSIONS = "permissions"


@dataclass(frozen=True, slots=True)
class RailInfo:
    """What is known of a rail apart from an account. ``default`` None: no limit until its owner sets one (or no value).

    ``low`` and ``high`` bound a legal value, both included; ``grid`` is its step. ``fixed``: the value is a rule of the
    protocol or of BEHAVIOUR.md and cannot be changed. ``switchable``: its owner may switch it off.
    """

    rail: Rail
    title: str
    group: Group
    unit: Unit
    effect: Effect
    reason: str
    default: Decimal | None = None
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    grid: Decimal = Decimal(1)
    fixed: bool = False
    switchable: bool = False
    spares_exits: bool = False
    kinds: frozenset[AccountKind] = frozenset({AccountKind.LIVE, AccountKind.PAPER})

    @property
    def editable(self) -> bool:
        """Whether its owner may change the value where the rail is on."""
        return self.unit is not Unit.NONE and not self.fixed


_ALL = frozenset(AccountKind)
_LIVE = frozenset({AccountKind.LIVE})
_D = Decimal

_TABLE: tuple[RailInfo, ...] = (
    RailInfo(
        Rail.ORDER_SHARE, "Largest order, of the strategy's value", Group.SIZE, Unit.PERCENT, Effect.SKIP,
        "A wrong price or weight must not turn a whole portfolio over in one order. Building, adding, changing and "
        "stopping were confirmed on a preview and are exempt.",
        _D(50), _D(1), _D(100), _D("0.1"), spares_exits=True,
    ),
    RailInfo(
        Rail.ORDER_VOLUME, "Largest order, of the market's 24 h volume", Group.SIZE, Unit.PERCENT, Effect.SKIP,
        "An order that is large for its market moves the price against itself. Counts where the exchange tells the volume.",
        _D(2), _D("0.01"), _D(10), _D("0.01"), switchable=True, spares_exits=True,
    ),
    RailInfo(
        Rail.ORDER_CAP, "Largest order, in money", Group.SIZE, Unit.MONEY, Effect.SKIP,
        "An upper bound that no percentage can stretch. Empty: no bound.",
        None, _D(1), _D(10) ** 12, _D("0.01"), spares_exits=True,
    ),
    RailInfo(
        Rail.TURNOVER, "Turnover of a strategy", Group.SIZE, Unit.TIMES, Effect.HOLD,
        "Sales and purchases by its rule within 24 hours: the stop for a loop that runs away. What you confirmed yourself "
        "does not count.",
        _D(1), _D("0.1"), _D(20), _D("0.1"), spares_exits=True,
    ),
    RailInfo(
        Rail.TURNOVER_ACCOUNT, "Turnover of the account", Group.SIZE, Unit.TIMES, Effect.HOLD,
        "The same over all strategies, so that many small loops are stopped too.",
        _D(2), _D("0.1"), _D(40), _D("0.1"), spares_exits=True,
    ),
    RailInfo(
        Rail.PACE, "Orders a second", Group.SIZE, Unit.PER_SECOND, Effect.WAIT,
        "Exchanges ban programs that send too fast. Exits keep to it too.",
        _D(2), _D(1), _D(10),
    ),
    RailInfo(
        Rail.RATE, "Orders an hour of a strategy", Group.SIZE, Unit.PER_HOUR, Effect.HOLD,
        "A strategy that sends order after order is doing something wrong.",
        _D(60), _D(1), _D(1000), spares_exits=True,
    ),
    RailInfo(
        Rail.RATE_ACCOUNT, "Orders an hour of the account", Group.SIZE, Unit.PER_HOUR, Effect.HOLD,
        "The same over all strategies.",
        _D(200), _D(1), _D(5000), spares_exits=True,
    ),
    RailInfo(
        Rail.INTERVAL, "Time between two rebalances", Group.SIZE, Unit.SECONDS, Effect.HOLD,
        "Prices that swing around the threshold must not be paid for with fees every two seconds.",
        _D(60), _D(0), _D(3600), switchable=True, spares_exits=True,
    ),
    RailInfo(
        Rail.CHECKS, "Checks that must agree, by coin ratio", Group.SIZE, Unit.COUNT, Effect.HOLD,
        "One odd quote alone triggers nothing.",
        _D(2), _D(1), _D(10), switchable=True,
    ),
    RailInfo(
        Rail.REFUSED, "Refused orders in a row", Group.SIZE, Unit.COUNT, Effect.HALT,
        "An exchange that refuses order after order must not be asked for ever.",
        _D(5), _D(1), _D(20), kinds=_ALL,
    ),
    RailInfo(
        Rail.SAME_REFUSAL, "Refusals with the same words", Group.SIZE, Unit.COUNT, Effect.HALT,
        "The same refusal again and again will not go away by itself.",
        _D(3), _D(1), _D(20),
    ),
    RailInfo(
        Rail.GOOD_PRICES, "Finite, positive, uncrossed prices", Group.PRICE, Unit.NONE, Effect.SKIP,
        "On a price that cannot be true nothing is valued and nothing is sent.",
        fixed=True, kinds=_ALL,
    ),
    RailInfo(
        Rail.SPREAD_MAJOR, "Widest spread of a major coin", Group.PRICE, Unit.PERCENT, Effect.SKIP,
        "Bid and ask of BTC, ETH, BNB, SOL, XRP and dollar coins lie close together unless something is wrong.",
        _D(1), _D("0.05"), _D(20), _D("0.01"),
    ),
    RailInfo(
        Rail.SPREAD, "Widest spread of any other coin", Group.PRICE, Unit.PERCENT, Effect.SKIP,
        "Between a bid and an ask far apart nobody knows what a coin is worth.",
        _D(3), _D("0.05"), _D(20), _D("0.01"),
    ),
    RailInfo(
        Rail.LAST_GAP, "Middle price from the last trade", Group.PRICE, Unit.PERCENT, Effect.SKIP,
        "Where the last trade is under a minute old, an order book far from it is not to be believed.",
        _D(2), _D("0.1"), _D(20), _D("0.1"), switchable=True,
    ),
    RailInfo(
        Rail.FROZEN, "Prices that stand still", Group.PRICE, Unit.SECONDS, Effect.SKIP,
        "When no price of the exchange has changed for so long, the prices are frozen. One quiet coin alone is not.",
        _D(60), _D(10), _D(600),
    ),
    RailInfo(
        Rail.JUMP, "Jump against the 5-minute median", Group.PRICE, Unit.PERCENT, Effect.HOLD,
        "A price that jumps further must be seen three times over 60 seconds before anything rests on it.",
        _D(10), _D(1), _D(50), _D("0.1"),
    ),
    RailInfo(
        Rail.REDENOMINATION, "Jump that means new units", Group.PRICE, Unit.FACTOR, Effect.HALT,
        "A price that stays so many times higher or lower is a coin with new units, not a gain or a loss.",
        _D(10), _D(3), _D(1000),
    ),
    RailInfo(
        Rail.PORTFOLIO, "Drop of a portfolio between two checks", Group.PRICE, Unit.PERCENT, Effect.HOLD,
        "Within a minute: rebalances wait until three good quotes over 60 seconds say the same. Exits do not wait.",
        _D(20), _D(5), _D(90), _D("0.1"), spares_exits=True,
    ),
    RailInfo(
        Rail.DEPEG, "Strategy's dollar coin from one dollar", Group.PRICE, Unit.PERCENT, Effect.HOLD,
        "Valued in a coin that lost its dollar every other price is wrong. Counts where the account quotes another dollar "
        "coin in it.",
        _D(3), _D("0.5"), _D(20), _D("0.1"), switchable=True, spares_exits=True,
    ),
    RailInfo(
        Rail.EXIT_APART, "Quotes of a stop-loss, apart", Group.PRICE, Unit.SECONDS, Effect.HOLD,
        "Without a second source of prices a stop-loss or take-profit needs its three good quotes at least so far apart.",
        _D(10), _D(2), _D(60),
    ),
    RailInfo(
        Rail.PRICE_CAP, "Limit orders against the plan's price", Group.PRICE, Unit.PERCENT, Effect.SKIP,
        "A leg is left out when its price moved further against us since the plan. A rule of every order.",
        _D("0.3"), fixed=True, kinds=_ALL,
    ),
    RailInfo(
        Rail.FALLBACK_CAP, "Market orders: widest spread, largest slip", Group.PRICE, Unit.PERCENT, Effect.SKIP,
        "What a limit order left goes at market only then; else it waits. A rule of every order.",
        _D(1), fixed=True, kinds=_ALL,
    ),
    RailInfo(
        Rail.IMPACT, "Market orders: price moved by the order", Group.PRICE, Unit.PERCENT, Effect.SKIP,
        "Estimated from the order book. What an exit cannot sell in one order is split. A rule of every order.",
        _D("0.5"), fixed=True, kinds=_ALL,
    ),
    RailInfo(
        Rail.STOP_ALL, "Stop all", Group.WHOLE, Unit.NONE, Effect.BLOCK,
        "No new order on any account, also after a restart, until trading is resumed. It sells nothing by itself.",
        fixed=True, kinds=_ALL,
    ),
    RailInfo(
        Rail.SINGLE_FLIGHT, "One order at a time", Group.WHOLE, Unit.NONE, Effect.WAIT,
        "The next order of an account is sent when the one before is booked, none for a coin whose order is open.",
        fixed=True, kinds=_ALL,
    ),
    RailInfo(
        Rail.CATCH_UP, "Rebalances after sleep", Group.WHOLE, Unit.REBALANCE, Effect.SKIP,
        "What was missed while the program slept or was closed is made up for once at most.",
        _D(1), fixed=True, kinds=_ALL,
    ),
    RailInfo(
        Rail.CLOCK_WARN, "Clock off: warning", Group.WHOLE, Unit.SECONDS, Effect.WARN,
        "Orders carry a time; a clock that is a little wrong is said.",
        _D(1), fixed=True,
    ),
    RailInfo(
        Rail.CLOCK_BLOCK, "Clock off: no orders", Group.WHOLE, Unit.SECONDS, Effect.BLOCK,
        "With a clock further off the exchange refuses orders, or takes them when they are too old.",
        _D(5), fixed=True,
    ),
    RailInfo(
        Rail.API_BUDGET, "Share of the exchange's call limit", Group.WHOLE, Unit.PERCENT, Effect.WAIT,
        "The rest stays free for what must not wait. When the exchange says to wait, everything waits.",
        _D(70), fixed=True,
    ),
    RailInfo(
        Rail.GO_LIVE, "Trading switched on by name", Group.WHOLE, Unit.NONE, Effect.BLOCK,
        "A live account only watches until its name is typed; a restored file, a new key or a new machine puts it back.",
        fixed=True, kinds=_LIVE,
    ),
    RailInfo(
        Rail.PERMISSIONS, "Rights of the key", Group.WHOLE, Unit.NONE, Effect.BLOCK,
        "A key that may withdraw is refused for live trading.",
        fixed=True, kinds=_LIVE,
    ),
)  # fmt: skip

RAILS: Mapping[Rail, RailInfo] = {info.rail: info for info in _TABLE}
"""Every rail, in the order in which they are listed."""

_WHY_OFF = {
    AccountKind.DEMO: "Off on the demo market: its prices are replayed and no exchange has to be protected from us.",
    AccountKind.PAPER: "Off on a paper account: it is about real money.",
    AccountKind.LIVE: "",
}


@dataclass(frozen=True, slots=True)
class RailSet:
    """The rails of one account: those of its ``kind``, with what its owner changed.

    ``values`` holds only values that differ from the default; ``off`` the rails that its owner switched off.
    """

    kind: AccountKind = AccountKind.DEMO
    values: Mapping[Rail, Decimal] = field(default_factory=dict)
    off: frozenset[Rail] = frozenset()

    def is_on(self, rail: Rail) -> bool:
        """Whether it is asked at all. One without a value that needs one is on and forbids nothing."""
        return self.kind in RAILS[rail].kinds and rail not in self.off

    def value(self, rail: Rail) -> Decimal | None:
        """Its value in its unit; None: no limit, or a rail without a value."""
        return self.values.get(rail, RAILS[rail].default)

    def limit(self, rail: Rail) -> Decimal | None:
        """Its value where it is on, else None."""
        return self.value(rail) if self.is_on(rail) else None

    def why_off(self, rail: Rail) -> str:
        """Why it is off, in a sentence; "" while it is on."""
        if self.is_on(rail):
            return ""
        return "Switched off by you." if self.kind in RAILS[rail].kinds else _WHY_OFF[self.kind]

    def with_settings(self, values: Mapping[Rail, Decimal], off: frozenset[Rail]) -> RailSet:
        """The set of the same kind with these settings instead; defaults are left out of ``values``."""
        kept = {rail: value for rail, value in values.items() if value != RAILS[rail].default}
        return replace(self, values=kept, off=off)


def problems_with_rails(kind: AccountKind, values: Mapping[Rail, Decimal], off: frozenset[Rail]) -> list[Problem]:
    """Every setting that is not legal; the field is the rail's key."""
    problems = []
    for rail, value in values.items():
        fault = fault_of_value(rail, value) or _fault_of_change(kind, rail)
        if fault:
            problems.append(Problem(rail.value, fault))
    problems += [
        Problem(rail.value, f"{RAILS[rail].title}: this rail cannot be switched off.")
        for rail in sorted(off, key=lambda r: r.value)
        if not RAILS[rail].switchable or kind not in RAILS[rail].kinds
    ]
    warn, block = values.get(Rail.SPREAD_MAJOR), values.get(Rail.SPREAD)
    majors = warn if warn is not None else RAILS[Rail.SPREAD_MAJOR].default
    others = block if block is not None else RAILS[Rail.SPREAD].default
    if not problems and majors is not None and others is not None and majors > others:
        text = f"The widest spread of a major coin must not be over that of any other coin ({plain(others)} %)."
        problems.append(Problem(Rail.SPREAD_MAJOR.value, text))
    return problems


def fault_of_value(rail: Rail, value: Decimal) -> str:
    """What is wrong with ``value``, and what is legal; "" when it is legal."""
    info = RAILS[rail]
    if not info.editable:
        return f"{info.title}: this value cannot be changed."
    legal = f"{info.title}: {legal_words(rail)}."
    if not value.is_finite() or not info.low <= value <= info.high:
        return legal
    return "" if value % info.grid == 0 else legal


def legal_words(rail: Rail) -> str:
    """The legal range in words: ``1 to 100 %, in steps of 0.1``."""
    info = RAILS[rail]
    unit = "" if info.unit in {Unit.MONEY, Unit.NONE} else f" {info.unit.value}"
    step = "whole numbers" if info.grid == 1 else f"in steps of {plain(info.grid)}"
    return f"{plain(info.low)} to {plain(info.high)}{unit}, {step}"


def _fault_of_change(kind: AccountKind, rail: Rail) -> str:
    return "" if kind in RAILS[rail].kinds else f"{RAILS[rail].title}: this rail is off on a {kind.value}."
