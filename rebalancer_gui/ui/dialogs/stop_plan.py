"""What stopping a strategy would do, at the prices of its newest snapshot. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.market import FeeSchedule, MarketRules, symbol_of
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import Leg, Plan, SkippedLeg, SkipReason, proceeds, size_leg
from rebalancer_gui.domain.strategy import END_OF_HALT, EndReason, HaltKind, State
from rebalancer_gui.domain.valuation import Snapshot
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.translation import tr

_STOP_ALL = tr("Nothing can be sold while trading is stopped: keep the coins, or press Resume trading first.")
_NO_RIGHT = tr(
    "Nothing can be sold: the account or key may no longer trade. Keep the coins, or give the right back first."
)
CLOSED = tr("its market is closed")


def waits(view: StrategyView) -> bool:
    """Whether nothing was traded yet because its trigger is still ahead, also while Stop all halts it."""
    if view.state is State.WAITING:
        return True
    not_begun = view.started_at is None and view.rebalances == 0 and view.parameters.trigger is not None
    return view.state is State.HALTED and not_begun


def end_reason(view: StrategyView) -> EndReason:
    """With which reason it ends when its owner stops it now (BEHAVIOUR.md section 7)."""
    if waits(view):
        return EndReason.TRIGGER_CANCELLED
    if view.state is State.HALTED and view.halt is not None:
        return END_OF_HALT.get(view.halt, EndReason.STOPPED)
    return EndReason.STOPPED


def why_no_sale(view: StrategyView, account: AccountView) -> str:
    """Why no coin at all can be sold now; empty when some can."""
    if account.stop_all:
        return _STOP_ALL
    if account.halted:
        return tr(
            "Nothing can be sold: {halted}. Keep the coins, or clear that first.", halted=account.halted.rstrip(".")
        )
    no_right = account.paper is not None and not account.paper.may_trade
    return _NO_RIGHT if no_right or view.halt is HaltKind.NO_RIGHT else ""


def why_no_stop(view: StrategyView) -> str:
    """Why it cannot be stopped at all; empty when it can."""
    if view.missing:
        return tr("Something of it is missing at the exchange: book the loss, or deposit it again, first.")
    return ""


def sell_all_plan(
    snapshot: Snapshot, rules: Mapping[str, MarketRules], fees: FeeSchedule, frozen: Sequence[str] = ()
) -> Plan:
    """Every coin sold whole; what is too small for an order, has no price or is ``frozen`` is skipped and goes back."""
    legs: list[Leg] = []
    left: list[SkippedLeg] = []
    for row in snapshot.holdings:
        if row.quantity == ZERO:
            continue
        if row.asset in frozen:
            left.append(SkippedLeg(row.asset, Side.SELL, row.value or ZERO, SkipReason.MARKET_CLOSED, detail=CLOSED))
            continue
        if row.value is None or row.quote is None:
            detail = said(row.fault.value) if row.fault is not None else tr("no price")
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
