"""What a plan comes to when it is carried out: totals, and the portfolio after it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.market import FeeSchedule, FeeSide, keeps_after_fee
from rebalancer_gui.domain.money import HUNDRED, ZERO, total
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import Leg, Plan, cost, proceeds


@dataclass(frozen=True, slots=True)
class AfterRow:
    """One coin, or the quote cash (``target`` None), when the plan is carried out at its own prices.

    ``value`` in quote units at mid prices, ``weight`` and ``target`` in percent; None where a price is missing.
    """

    asset: str
    quantity: Decimal
    value: Decimal | None
    weight: Decimal | None
    target: Decimal | None


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """``traded`` and ``fees`` in quote units; ``cash`` is what stays as money; ``value`` the worth afterwards at mid."""

    traded: Decimal
    fees: Decimal
    cash: Decimal
    value: Decimal | None
    after: tuple[AfterRow, ...]


def figures_of(plan: Plan, fees: FeeSchedule, leaves: Decimal = ZERO) -> PlanFigures:
    """The plan carried out in full at its limit prices, fees where the venue takes them.

    ``leaves``: quote units that a removal then takes out of the strategy. The last row of ``after`` is the quote cash.
    """
    snapshot = plan.snapshot
    legs = {leg.asset: leg for leg in plan.legs}
    cash = (
        snapshot.cash
        - leaves
        + total(
            proceeds(leg, fees) if leg.side is Side.SELL else -cost(leg.quantity, leg.limit_price, fees)
            for leg in plan.legs
        )
    )
    held: list[tuple[str, Decimal, Decimal | None, Decimal]] = []
    for row in snapshot.holdings:
        quantity = row.quantity + _moved(legs.get(row.asset), fees)
        value = quantity * row.quote.mid if row.quote is not None and row.fault is None else None
        held.append((row.asset, quantity, value, row.target))
    values = [value for _, _, value, _ in held]
    worth = cash + total(value for value in values if value is not None) if None not in values else None

    def share(value: Decimal | None) -> Decimal | None:
        return value * HUNDRED / worth if value is not None and worth is not None and worth > ZERO else None

    after = [AfterRow(asset, quantity, value, share(value), target) for asset, quantity, value, target in held]
    after.append(AfterRow(snapshot.quote_asset, cash, cash, share(cash), None))
    traded = total(leg.notional for leg in plan.legs)
    return PlanFigures(traded, plan.estimated_fees, cash, worth, tuple(after))


def leg_fee(leg: Leg, fees: FeeSchedule) -> Decimal:
    """The estimated fee of one order in quote units, in whatever asset the venue takes it."""
    return leg.notional * fees.taker_rate


def _moved(leg: Leg | None, fees: FeeSchedule) -> Decimal:
    """How much of the coin the leg brings (> 0) or takes (< 0), fee in the received coin off."""
    if leg is None:
        return ZERO
    if leg.side is Side.SELL:
        return -leg.quantity
    return leg.quantity * keeps_after_fee(fees.taker_rate) if fees.taken_in is FeeSide.RECEIVED else leg.quantity
