"""Which orders would a command send, and would it be refused? The same planner as the real thing; nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.changes import checked_edit, refuse_change, released_by, starts_with
from rebalancer_gui.application.creation import refusal, taken_names
from rebalancer_gui.application.funds import limits_of, refuse_amount
from rebalancer_gui.application.planned import changed_snapshot, first_snapshot, too_large
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.application.views import Preview
from rebalancer_gui.domain.bands import bands_of
from rebalancer_gui.domain.cashflow import AmountLimits, RemovalMethod, plan_addition, plan_removal
from rebalancer_gui.domain.creation import problems_with
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.planning import Plan, plan_rebalance
from rebalancer_gui.domain.strategy import HeldCoin, State, StrategyParameters, Target
from rebalancer_gui.domain.valuation import Snapshot


def preview_strategy(account: Account, parameters: StrategyParameters, held: Sequence[HeldCoin] = ()) -> Preview:
    """The plan of the first build at the newest quotes: with held coins only the difference. Raises InvalidInput when a
    coin has no good price.
    """
    problems = problems_with(
        parameters,
        taken_names=taken_names(account),
        free=account.wallet.free,
        rules=account.rules,
        quotes=account.quotes,
        held=held,
    )
    numbers = (parameters.investment, *(t.weight for t in parameters.targets), *(c.quantity for c in held))
    if not all(number.is_finite() for number in numbers):
        raise InvalidInput(problems[0].field, problems[0].message)
    snapshot = first_snapshot(account, parameters, held)
    plan = plan_rebalance(_priced(snapshot, "coins"), account.rules, account.fees)
    found = [(p.field, p.message) for p in problems]
    if not found:
        refused = refusal(account, parameters, held)
        found = [(refused.field, refused.message)] if refused is not None else []
    found += _too_large(account, plan, "investment")
    bands = bands_of(parameters.rule, snapshot, account.rules, account.fees.taker_rate)
    return Preview(plan, tuple(found), bands=bands)


def preview_edit(account: Account, strategy: StrategyRuntime, wanted: StrategyParameters) -> Preview:
    """The orders of the first build where ``wanted`` takes away the trigger that the strategy waits for; else none.

    The plan is made of what the strategy owns, at the newest quotes. Raises InvalidInput when a coin has no good price.
    """
    account.value_one(strategy)
    snapshot = strategy.snapshot
    if snapshot is None:
        raise InvalidInput("coins", "There is no price yet.")
    problems: tuple[tuple[str, str], ...] = ()
    try:
        checked_edit(account, strategy, wanted)
    except InvalidInput as refused:
        problems = ((refused.field, refused.message),)
    if not starts_with(strategy, wanted):
        return Preview(Plan(snapshot, (), (), ZERO), problems, before=snapshot)
    plan = plan_rebalance(_priced(snapshot, "coins"), account.rules, account.fees)
    return Preview(plan, (*problems, *_too_large(account, plan, "trigger")), before=snapshot)


def preview_funds(
    account: Account, strategy: StrategyRuntime, amount: Decimal | None, method: RemovalMethod | None
) -> Preview:
    """What adding (``method`` None) or removing ``amount`` would do; without an amount only the legal range is told.

    Raises InvalidInput when a coin has no good price.
    """
    account.value_one(strategy)
    snapshot = strategy.snapshot
    if snapshot is None:
        raise InvalidInput("amount", "There is no price yet.")
    limits = limits_of(account, strategy, method)
    empty = Plan(snapshot, (), (), ZERO)
    if amount is None:
        return Preview(empty, (), before=snapshot, limits=limits)
    problems: tuple[tuple[str, str], ...] = ()
    try:
        refuse_amount(account, strategy, amount, method)
    except InvalidInput as refused:
        problems = ((refused.field, refused.message),)
    if not amount.is_finite() or amount <= ZERO:
        return Preview(empty, problems, before=snapshot, limits=limits)
    return _planned(account, strategy, snapshot, amount, method, limits, problems)


def _planned(
    account: Account,
    strategy: StrategyRuntime,
    snapshot: Snapshot,
    amount: Decimal,
    method: RemovalMethod | None,
    limits: AmountLimits,
    problems: tuple[tuple[str, str], ...],
) -> Preview:
    if strategy.record.state is State.WAITING:
        # Its money is only moved.
        out = None if method is None else amount
        return Preview(
            Plan(snapshot, (), (), ZERO), problems, before=snapshot, limits=limits, comes_out=out, own_cash=out or ZERO
        )
    if method is None:
        plan = plan_addition(snapshot, amount, account.rules, account.fees)
        problems = (*problems, *_too_large(account, plan, "amount"))
        return Preview(plan, problems, before=snapshot, limits=limits)
    removal = plan_removal(snapshot, amount, method, account.rules, account.fees)
    return Preview(
        removal.plan,
        (*problems, *_too_large(account, removal.plan, "amount")),
        before=snapshot,
        limits=limits,
        comes_out=removal.comes_out,
        own_cash=removal.own_cash,
    )


def preview_change(account: Account, strategy: StrategyRuntime, targets: tuple[Target, ...]) -> Preview:
    """What other coins or weights would do. Raises InvalidInput when a coin that takes part has no good price."""
    account.value_one(strategy)
    before = strategy.snapshot
    if before is None:
        raise InvalidInput("coins", "There is no price yet.")
    problems: tuple[tuple[str, str], ...] = ()
    try:
        refuse_change(account, strategy, targets)
    except InvalidInput as refused:
        problems = ((refused.field, refused.message),)
    released = released_by(account, strategy, targets)
    after = _priced(changed_snapshot(account, before, targets, released), "coins")
    plan = plan_rebalance(after, account.rules, account.fees)
    problems = (*problems, *_too_large(account, plan, "weights"))
    return Preview(plan, problems, before=before, released=tuple(sorted(released.items())))


def _too_large(account: Account, plan: Plan, field: str) -> tuple[tuple[str, str], ...]:
    against = too_large(account, plan)
    return ((field, against),) if against else ()


def _priced(snapshot: Snapshot, field: str) -> Snapshot:
    if snapshot.total is None:
        why = ", ".join(f"{h.asset}: {h.fault.value}" for h in snapshot.faults if h.fault is not None)
        raise InvalidInput(field, f"There is no good price for every coin now ({why}).")
    return snapshot
