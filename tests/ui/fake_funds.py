"""What the scripted engine answers about money and coins of a strategy that runs: real plans, booked at once, no orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.application.commands import ChangeCoins, PreviewChange, PreviewFunds
from rebalancer_gui.application.views import Preview
from rebalancer_gui.domain.allocation import problems_with_targets, smallest_investment
from rebalancer_gui.domain.cashflow import (
    AmountLimits,
    RemovalMethod,
    addition_limits,
    plan_addition,
    plan_removal,
    removal_limits,
)
from rebalancer_gui.domain.market import MarketRules
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import Plan, plan_rebalance
from rebalancer_gui.domain.strategy import State, Target
from rebalancer_gui.domain.valuation import Snapshot, with_targets
from tests.ui.sample_account import SampleAccount, SampleStrategy
from tests.ui.sample_market import FEES

Rules = Mapping[str, MarketRules]
SMALLEST_MOVE = Decimal("0.00000001")


def preview_funds(account: SampleAccount, strategy: SampleStrategy, rules: Rules, command: PreviewFunds) -> Preview:
    """As PreviewFunds promises; a price that is missing is a ValueError, as in the domain."""
    snapshot = strategy.snapshot(account.seq, account.at, account.quotes())
    amount, method = command.amount, command.method
    limits = limits_of(account, strategy, snapshot, rules, method)
    empty = Plan(snapshot, (), (), ZERO)
    if amount is None:
        return Preview(empty, (), before=snapshot, limits=limits)
    fault = limits.fault_of(amount, snapshot.quote_asset, "that is the most")
    problems = (("amount", fault),) if fault else ()
    if strategy.state is State.WAITING:
        out = None if method is None else amount
        return Preview(empty, problems, before=snapshot, limits=limits, comes_out=out, own_cash=out or ZERO)
    if method is None:
        return Preview(plan_addition(snapshot, amount, rules, FEES), problems, before=snapshot, limits=limits)
    removal = plan_removal(snapshot, amount, method, rules, FEES)
    return Preview(
        removal.plan, problems, before=snapshot, limits=limits, comes_out=removal.comes_out, own_cash=removal.own_cash
    )


def limits_of(
    account: SampleAccount, strategy: SampleStrategy, snapshot: Snapshot, rules: Rules, method: RemovalMethod | None
) -> AmountLimits:
    """The legal range now."""
    if strategy.state is State.WAITING:
        quotes = account.quotes()
        least = smallest_investment(strategy.parameters.targets, snapshot.quote_asset, rules, quotes) or ZERO
        most = account.free if method is None else max(strategy.cash - least, ZERO)
        return AmountLimits(SMALLEST_MOVE, most)
    if method is None:
        return addition_limits(snapshot, account.free, rules, FEES)
    return removal_limits(snapshot, method, rules, FEES)


def remove(
    account: SampleAccount, strategy: SampleStrategy, rules: Rules, amount: Decimal, method: RemovalMethod
) -> None:
    """Sold at the planned prices; what comes out goes to the free pool."""
    command = PreviewFunds("", strategy.id, amount, method)
    preview = preview_funds(account, strategy, rules, command)
    for leg in preview.plan.legs:
        strategy.quantities[leg.asset] -= leg.quantity
    strategy.cash -= preview.own_cash
    account.free += preview.comes_out or ZERO


def add(account: SampleAccount, strategy: SampleStrategy, rules: Rules, amount: Decimal) -> None:
    """Moved from the free pool, then traded to the target weights at the planned prices."""
    preview = preview_funds(account, strategy, rules, PreviewFunds("", strategy.id, amount))
    account.free -= amount
    strategy.cash += amount
    trade(strategy, preview.plan)


def trade(strategy: SampleStrategy, plan: Plan) -> None:
    """Every order filled whole at its limit price, without fees."""
    for leg in plan.legs:
        sign = 1 if leg.side is Side.BUY else -1
        strategy.quantities[leg.asset] = strategy.quantities.get(leg.asset, ZERO) + sign * leg.quantity
        strategy.cash -= sign * leg.notional


def preview_change(account: SampleAccount, strategy: SampleStrategy, rules: Rules, command: PreviewChange) -> Preview:
    """As PreviewChange promises: coins that left and are frozen are released, the others are traded."""
    quotes = account.quotes()
    before = strategy.snapshot(account.seq, account.at, quotes)
    released = released_by(strategy, command.targets)
    stays = replace(before, holdings=tuple(h for h in before.holdings if h.asset not in dict(released)))
    problems = [(p.field, p.message) for p in problems_with_targets(command.targets, before.quote_asset)]
    closed = [t.asset for t in command.targets if t.asset in strategy.frozen]
    if closed:
        problems.append(("coins", f"{', '.join(closed)} does not trade now: replace it or leave it out."))
    after = with_targets(stays, command.targets, quotes)
    plan = Plan(after, (), (), ZERO) if after.total is None else plan_rebalance(after, rules, FEES)
    return Preview(plan, tuple(problems), before=before, released=released)


def released_by(strategy: SampleStrategy, targets: tuple[Target, ...]) -> tuple[tuple[str, Decimal], ...]:
    """(asset, units) that leave and cannot be sold."""
    kept = {t.asset for t in targets}
    return tuple((a, n) for a, n in strategy.quantities.items() if a in strategy.frozen and a not in kept and n > ZERO)


def change(account: SampleAccount, strategy: SampleStrategy, rules: Rules, command: ChangeCoins) -> None:
    """A new version; traded at the planned prices, frozen coins that left go to the free pool, a halt is over."""
    preview = preview_change(account, strategy, rules, PreviewChange("", strategy.id, command.targets))
    for asset, units in preview.released:
        account.coins[asset] = account.coins.get(asset, ZERO) + units
        strategy.quantities.pop(asset)
    strategy.parameters = replace(strategy.parameters, targets=command.targets)
    trade(strategy, preview.plan)
    strategy.quantities = {asset: n for asset, n in strategy.quantities.items() if asset in strategy.parameters.assets}
    strategy.frozen = ()
    if strategy.state is State.HALTED:
        strategy.state, strategy.halt, strategy.reason = strategy.former, None, ""
