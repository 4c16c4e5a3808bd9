"""The answer of ``rebalancer plan`` (docs/files.md): what a strategy would do with a portfolio, as texts for JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rebalancer_gui.domain.bands import bands_of, is_outside, most_outside
from rebalancer_gui.domain.cashflow import RemovalMethod, largest_removal, plan_addition, plan_removal
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.hostile_json import refuse_if
from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.plan_figures import figures_of
from rebalancer_gui.domain.planning import Plan, SkippedLeg, SkipReason, plan_rebalance
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.snapshot_file import TIMELESS, PlanSnapshot
from rebalancer_gui.domain.strategy import StrategyParameters, Target
from rebalancer_gui.domain.valuation import Snapshot, take_snapshot

AMOUNT_PLACES, FIGURE_PLACES = 18, 12
"""Places after the point of quantities, and of money, weights and drifts, where a division has no end."""


def plan_answer(
    parameters: StrategyParameters,
    given: PlanSnapshot,
    amount: Decimal | None = None,
    method: RemovalMethod | None = None,
) -> dict[str, Any]:
    """What would be done now, with the keys of FILES.md; numbers as plain texts, None where a price is missing.

    Without ``amount`` the rule decides, by time as at a tick: where it does not trigger nothing is traded. ``amount``
    quote units are added, or with a ``method`` removed, before the legs are planned; ``value``, ``drifts``,
    ``worst_drift`` and ``triggers`` are those of the portfolio as it stands, ``after`` has the coins and the quote money.
    A coin that is held and not in the strategy has the target 0.

    Raises InvalidInput (field ``amount``) for an amount that is not legal, InvalidFile (``rules``, ``holdings``) where
    the market rules of a coin are missing or the money stands among the coins.
    """
    snapshot = _snapshot(parameters, given)
    _check_amount(snapshot, given, amount, removed=method is not None)
    worst = snapshot.worst_drift
    bands = bands_of(parameters.rule, snapshot, given.rules, given.fees.taker_rate)
    triggers = worst is not None and is_outside(most_outside(snapshot, bands), bands)
    plan, leaves = _plan(snapshot, given, amount, method, triggers=triggers)
    message = plan.message if leaves == ZERO and snapshot.total is not None else ""
    return {
        "value": _figure(snapshot.total),
        "drifts": {row.asset: _figure(row.drift) for row in snapshot.holdings},
        "worst_drift": _figure(worst),
        "triggers": triggers,
        "legs": [
            {
                "asset": leg.asset,
                "symbol": leg.symbol,
                "side": leg.side.value,
                "quantity": plain(leg.quantity),
                "limit_price": plain(leg.limit_price),
                "notional": plain(leg.notional),
            }
            for leg in plan.legs
        ],
        "skipped": [
            {"asset": leg.asset, "reason": leg.reason.value, "shortfall": _figure(leg.shortfall)}
            for leg in plan.skipped
        ],
        "message": message,
        "estimated_fees": _figure(plan.estimated_fees),
        "after": {
            row.asset: {"quantity": _rounded(row.quantity, AMOUNT_PLACES), "weight": _figure(row.weight)}
            for row in figures_of(plan, given.fees, leaves).after
        },
    }


def _snapshot(parameters: StrategyParameters, given: PlanSnapshot) -> Snapshot:
    quote = parameters.quote
    wanted = set(parameters.assets)
    left = tuple(Target(a, ZERO) for a, quantity in given.holdings.items() if a not in wanted and quantity > ZERO)
    targets = (*parameters.targets, *left)
    problems = []
    if quote in {target.asset for target in left}:
        problems.append(Problem("holdings", f"{quote} is the strategy's money, not a coin: it must stand under cash."))
    lacking = [s for s in (symbol_of(t.asset, quote) for t in targets if t.asset != quote) if s not in given.rules]
    if lacking:
        names = ", ".join(lacking)
        problems.append(Problem("rules", f"The market rules of {names} are missing: each coin must have its own."))
    refuse_if(problems)
    return take_snapshot(
        seq=0,
        at=TIMELESS,
        quote_asset=quote,
        targets=targets,
        quantities=given.holdings,
        cash=given.cash,
        quotes=given.quotes,
        stale_after=None,
    )


def _check_amount(snapshot: Snapshot, given: PlanSnapshot, amount: Decimal | None, *, removed: bool) -> None:
    if amount is None:
        return
    money = snapshot.quote_asset
    if not amount.is_finite() or amount <= ZERO:
        raise InvalidInput("amount", f"The amount must be above 0 {money}.")
    most = largest_removal(snapshot, given.rules) if removed and snapshot.total is not None else None
    if most is not None and amount > most:
        legal = f"at most {plain(most)} {money} can be removed" if most > ZERO else "nothing can be removed"
        raise InvalidInput(
            "amount",
            f"More would leave less than the smallest legal investment behind: {legal}; stop the strategy to take all.",
        )


def _plan(
    snapshot: Snapshot, given: PlanSnapshot, amount: Decimal | None, method: RemovalMethod | None, *, triggers: bool
) -> tuple[Plan, Decimal]:
    """The plan, and what of the strategy's money then leaves it."""
    if snapshot.total is None:
        faulty = tuple(SkippedLeg(row.asset, Side.BUY, ZERO, SkipReason.NO_PRICE) for row in snapshot.faults)
        return Plan(snapshot, (), faulty, ZERO), ZERO
    if amount is not None and method is not None:
        removal = plan_removal(snapshot, amount, method, given.rules, given.fees)
        return removal.plan, removal.comes_out
    if amount is not None:
        return plan_addition(snapshot, amount, given.rules, given.fees), ZERO
    return (plan_rebalance(snapshot, given.rules, given.fees) if triggers else Plan(snapshot, (), (), ZERO)), ZERO


def _figure(value: Decimal | None) -> str | None:
    return None if value is None else _rounded(value, FIGURE_PLACES)


def _rounded(value: Decimal, places: int) -> str:
    return plain(round(value, places))
