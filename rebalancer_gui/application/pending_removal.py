"""A removal that was asked for and has not begun: stored, so that the end of the program does not lose it."""

from __future__ import annotations

from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.ports import Store
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.money import plain


def ask_for(account: Account, strategy: StrategyRuntime, amount: Decimal, method: RemovalMethod) -> None:
    """``amount`` in quote units is to be taken out at the next good prices, whatever happens before."""
    with account.change() as store:
        store.set_value(_key(strategy), f"{plain(amount)} {method.name}")
    strategy.removal = (amount, method)


def forget(store: Store, strategy: StrategyRuntime) -> None:
    """Inside the transaction in which it begins, or in which the strategy is stopped."""
    if strategy.removal is not None:
        store.set_value(_key(strategy), "")


def recall(account: Account) -> None:
    """At a start: what was asked for and had not begun."""
    for strategy in account.strategies.values():
        text = account.values.get(_key(strategy), "")
        if text:
            amount, _, method = text.partition(" ")
            strategy.removal = (Decimal(amount), RemovalMethod[method])


def _key(strategy: StrategyRuntime) -> str:
    return f"removal {strategy.id}"
