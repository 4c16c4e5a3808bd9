"""What stopping a strategy would do, at the prices of its newest snapshot. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rebalancer_gui.domain.market import FeeSchedule, MarketRules, symbol_of
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import Leg, Plan, SkippedLeg, SkipReason, proceeds, size_leg
from rebalancer_gui.domain.valuation import Snapshot


def sell_all_plan(snapshot: Snapshot, rules: Mapping[str, MarketRules], fees: FeeSchedule) -> Plan:
    """Every coin sold whole; what is too small for an order, or has no price, is skipped and goes back as a coin."""
    legs: list[Leg] = []
    left: list[SkippedLeg] = []
    for row in snapshot.holdings:
        if row.quantity == ZERO:
            continue
        if row.value is None or row.quote is None:
            detail = row.fault.value if row.fault is not None else "no price"
            left.append(SkippedLeg(row.asset, Side.SELL, ZERO, SkipReason.NO_PRICE, detail=detail))
            continue
        # Priced at the bid, so that the whole holding is wanted and nothing is cut but the step.
        leg = size_leg(row, rules.get(symbol_of(row.asset, snapshot.quote_asset)), row.quote, -row.value)
        if isinstance(leg, SkippedLeg):
            left.append(leg)
        else:
            legs.append(leg)
    return Plan(snapshot, tuple(legs), tuple(left), total(leg.notional * fees.taker_rate for leg in legs))


def money_back(plan: Plan, fees: FeeSchedule) -> Decimal:
    """Quote money that goes to the free pool when ``plan`` is carried out at its prices."""
    return plan.snapshot.cash + total(proceeds(leg, fees) for leg in plan.legs)


def coins_back(snapshot: Snapshot) -> tuple[tuple[str, Decimal], ...]:
    """The coins that go to the free pool when nothing is sold: (asset, quantity)."""
    return tuple((row.asset, row.quantity) for row in snapshot.holdings if row.quantity > ZERO)
