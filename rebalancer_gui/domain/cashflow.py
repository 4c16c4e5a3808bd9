"""Money into and out of a strategy that runs: which orders, how much is legal, what comes out (BEHAVIOUR.md section 5)."""

from __future__ import annotations

import decimal
import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.allocation import MONEY_GRID, smallest_investment
from rebalancer_gui.domain.market import FeeSchedule, MarketRules, Quote, symbol_of
from rebalancer_gui.domain.money import HUNDRED, ZERO, floor_to_step, plain, total
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import Leg, Plan, SkippedLeg, SkipReason, plan_rebalance, proceeds, size_leg
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.domain.valuation import Snapshot, with_cash

_MOST = Decimal(10) ** 15
"""No amount of money is searched beyond this."""


class RemovalMethod(enum.Enum):
    """How a removal is split; the value is the word on the command line and in the journal."""

    BY_WEIGHT = "by target weights"
    MOST_OVERWEIGHT = "most overweight first"


@dataclass(frozen=True, slots=True)
class Removal:
    """What a removal of ``amount`` would do, in quote units: its sells, the strategy's own cash that goes along, and
    what comes out in all, fees off.
    """

    plan: Plan
    amount: Decimal
    own_cash: Decimal
    comes_out: Decimal


@dataclass(frozen=True, slots=True)
class AmountLimits:
    """The legal range of an amount in quote units. ``smallest`` None: no amount is legal now.

    ``full`` is the smallest amount from which on every leg trades. None where there is none, and for a removal of the most
    overweight first, where another coin takes the place of one that cannot be sold.
    """

    smallest: Decimal | None
    largest: Decimal
    full: Decimal | None = None

    @property
    def is_empty(self) -> bool:
        return self.smallest is None or self.smallest > self.largest

    def fault_of(self, amount: Decimal, quote: str, most: str) -> str:
        """Why ``amount`` is not legal, with what is; "" when it is. ``most`` says what bounds the range above."""
        if not amount.is_finite() or amount <= ZERO:
            return f"The amount must be above 0 {quote}."
        if self.smallest is None or self.smallest > self.largest:
            return f"No amount is legal now: {most}."
        if amount < self.smallest:
            return f"Too small for any order: the smallest amount now is {plain(self.smallest)} {quote}."
        if amount > self.largest:
            return f"At most {plain(self.largest)} {quote}: {most}."
        return ""


def plan_addition(snapshot: Snapshot, amount: Decimal, rules: Mapping[str, MarketRules], fees: FeeSchedule) -> Plan:
    """The full rebalance to target on V' = V + ``amount`` (quote units)."""
    return plan_rebalance(with_cash(snapshot, snapshot.cash + amount), rules, fees)


def plan_removal(
    snapshot: Snapshot, amount: Decimal, method: RemovalMethod, rules: Mapping[str, MarketRules], fees: FeeSchedule
) -> Removal:
    """The sells that bring ``amount`` (quote units) out. Raises ValueError when a price is missing.

    By target weights: each coin sells its share of the amount, cut to the holding and to the step; a leg under the
    minimum is dropped and nothing is redistributed; own cash is not touched. Most overweight first: own cash, then coin
    by coin in order of drift, each at most down to weight x (V - amount); an illegal leg is passed over.
    """
    if snapshot.total is None:
        raise ValueError("a removal cannot be planned without a good price for every coin")
    if method is RemovalMethod.BY_WEIGHT:
        own = ZERO
        sized = [_sell(snapshot, row.asset, row.target * amount / HUNDRED, rules) for row in snapshot.holdings]
    else:
        own = min(snapshot.cash, amount)
        sized = _most_overweight_first(snapshot, amount, amount - own, rules)
    legs = tuple(leg for leg in sized if isinstance(leg, Leg))
    skipped = tuple(leg for leg in sized if isinstance(leg, SkippedLeg) and leg.wanted > ZERO)
    estimated = total(leg.notional * fees.taker_rate for leg in legs)
    out = own + total(proceeds(leg, fees) for leg in legs)
    return Removal(Plan(snapshot, legs, skipped, estimated), amount, own, out)


def _most_overweight_first(
    snapshot: Snapshot, amount: Decimal, left: Decimal, rules: Mapping[str, MarketRules]
) -> list[Leg | SkippedLeg]:
    worth = (snapshot.total or ZERO) - amount
    sized: list[Leg | SkippedLeg] = []
    cut = ZERO
    for row in sorted(snapshot.holdings, key=lambda h: h.drift if h.drift is not None else ZERO, reverse=True):
        over = (row.value or ZERO) - row.target * worth / HUNDRED
        wanted = min(left, over)
        if wanted <= ZERO:
            continue
        leg = _sell(snapshot, row.asset, wanted, rules)
        if isinstance(leg, Leg):
            left -= leg.notional
            cut += wanted - leg.notional
        elif left <= cut:
            # What the steps of the coins before left over: nothing that anybody wants from this coin.
            continue
        sized.append(leg)
    return sized


def _sell(snapshot: Snapshot, asset: str, wanted: Decimal, rules: Mapping[str, MarketRules]) -> Leg | SkippedLeg:
    row = snapshot.holding(asset)
    if row.quote is None or row.value is None:
        raise ValueError(f"{asset} has no value in this snapshot")
    if wanted <= ZERO:
        # A coin that left the portfolio has no share of the amount.
        return SkippedLeg(asset, Side.SELL, ZERO, SkipReason.BELOW_MINIMUM)
    return size_leg(row, rules.get(symbol_of(asset, snapshot.quote_asset)), row.quote, -wanted)


def addition_limits(
    snapshot: Snapshot, free: Decimal, rules: Mapping[str, MarketRules], fees: FeeSchedule
) -> AmountLimits:
    """From the smallest amount that makes one leg tradable to the free pool (``free`` quote units). Without a price for
    every coin nothing is legal.
    """
    largest = floor_to_step(max(free, ZERO), MONEY_GRID)
    if snapshot.total is None:
        return AmountLimits(None, largest)
    wanted = {row.asset for row in snapshot.holdings if row.target > ZERO}

    def trades(amount: Decimal) -> bool:
        return bool(plan_addition(snapshot, amount, rules, fees).legs)

    def all_are_bought(amount: Decimal) -> bool:
        plan = plan_addition(snapshot, amount, rules, fees)
        return not plan.skipped and wanted == {leg.asset for leg in plan.buys}

    return AmountLimits(_least(trades), largest, _least(all_are_bought))


def removal_limits(
    snapshot: Snapshot, method: RemovalMethod, rules: Mapping[str, MarketRules], fees: FeeSchedule
) -> AmountLimits:
    """From the smallest amount that makes one leg tradable to what leaves the smallest legal investment behind."""

    def comes_out(amount: Decimal) -> bool:
        removal = plan_removal(snapshot, amount, method, rules, fees)
        return bool(removal.plan.legs) or removal.own_cash > ZERO

    def in_full(amount: Decimal) -> bool:
        removal = plan_removal(snapshot, amount, method, rules, fees)
        return bool(removal.plan.legs) and not removal.plan.skipped

    largest = largest_removal(snapshot, rules)
    if largest is None or largest == ZERO:
        return AmountLimits(None, ZERO)
    full = _least(in_full, largest) if method is RemovalMethod.BY_WEIGHT else None
    return AmountLimits(_least(comes_out, largest), largest, full)


def largest_removal(snapshot: Snapshot, rules: Mapping[str, MarketRules]) -> Decimal | None:
    """What leaves the smallest legal investment behind, in quote units on the grid of money; 0 where that is nothing.

    None when a price or a market rule is missing.
    """
    targets = tuple(Target(row.asset, row.target) for row in snapshot.holdings if row.target > ZERO)
    quotes: dict[str, Quote] = {row.quote.symbol: row.quote for row in snapshot.holdings if row.quote is not None}
    must_stay = smallest_investment(targets, snapshot.quote_asset, rules, quotes)
    if must_stay is None or snapshot.total is None:
        return None
    return max(floor_to_step(snapshot.total, MONEY_GRID) - must_stay, ZERO)


def _least(legal: Callable[[Decimal], bool], most: Decimal = _MOST) -> Decimal | None:
    """The smallest amount on the grid of money that is legal, by bisection; None when none up to ``most`` is.

    What is legal at an amount must be legal at each larger one, but for the first point of the grid: a rebalance that
    trades by itself can send orders with any amount added, and orders that grow with the amount come later.
    """
    low, high = ZERO, MONEY_GRID
    while not legal(high):
        if high >= most:
            return None
        low, high = high, min(high * 4, most)
    while high - low > MONEY_GRID:
        middle = floor_to_step((low + high) / 2, MONEY_GRID)
        if legal(middle):
            high = middle
        else:
            low = middle
    return high.quantize(MONEY_GRID, rounding=decimal.ROUND_UP)
