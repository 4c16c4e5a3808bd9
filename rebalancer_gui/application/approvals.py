"""Watch only and approve mode: what a rule triggers is shown, or proposed and sent when its owner says yes.

A proposal is worth nothing a minute later, or after a price moved by 0.3 %: it is then planned anew (FILES.md). On the demo
market, where a minute is over in no time, the market stands still until the owner answers.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.proposal import Proposal
from rebalancer_gui.application.rail_settings import TRADING_KEY
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.planning import Plan
from rebalancer_gui.domain.strategy import State, TradingMode
from rebalancer_gui.domain.triggers import RebalanceReason

NOT_NOW = timedelta(minutes=10)
"""How long nothing is proposed after "Not now"."""
QUOTES_SKIPPED = 40
"""On the demo market it is at least so many quotes: about ten seconds on the wall, at every speed."""


def propose(account: Account, strategy: StrategyRuntime, plan: Plan, reason: RebalanceReason, tick: int) -> None:
    """Show ``plan`` (with legs) instead of trading it; one that still stands is left as it is."""
    now = account.now()
    if strategy.not_before is not None and now < strategy.not_before:
        account.note(strategy, "decision", f"{strategy.name} waits: its last proposal was put off.")
        return
    if strategy.proposal is not None:
        return
    only_shown = account.trading is TradingMode.WATCH
    strategy.proposal = Proposal(
        account.setup.ids.new_id("p"), plan, reason, tick, now, strategy.record.version, only_shown
    )
    orders = "1 order" if len(plan.legs) == 1 else f"{len(plan.legs)} orders"
    if only_shown:
        text = f"{strategy.name} would rebalance ({reason.value}, {orders}); the account is on watch only."
    else:
        text = f"{strategy.name} proposes to rebalance ({reason.value}, {orders}): approve it, or press Not now."
        _stand_still(account)
    account.note(strategy, "decision", text)


def drop_if_over(account: Account, strategy: StrategyRuntime) -> bool:
    """Take a proposal back that is old or whose prices moved; True when one was, so that it is planned anew."""
    proposal = strategy.proposal
    if proposal is None or not proposal.is_over(account.now(), account.quotes, strategy.snapshot):
        return False
    if proposal.approved:
        text = f"{strategy.name}: prices moved before the approved rebalance was sent; it is planned anew."
        account.note(strategy, "decision", text)
    withdraw(account, strategy)
    return True


def withdraw(account: Account, strategy: StrategyRuntime) -> None:
    """Nothing is proposed any more."""
    strategy.proposal = None
    _go_on(account)


def tidy(account: Account) -> None:
    """After a command: what was proposed for a strategy that does not run any more, or runs by other parameters, is over."""
    for strategy in account.strategies.values():
        proposal, record = strategy.proposal, strategy.record
        if proposal is None:
            continue
        runs = record.state is State.RUNNING and record.version == proposal.version and strategy.forced is None
        if not runs or account.stop_all:
            withdraw(account, strategy)


def approve(account: Account, strategy: StrategyRuntime, proposal_id: str) -> None:
    """Its owner says yes to what is shown. Raises InvalidInput when that is no longer what would be sent."""
    proposal = _standing(account, strategy, proposal_id)
    if proposal.only_shown or account.trading is TradingMode.WATCH:
        raise InvalidInput(
            "", "The account is on watch only: nothing is sent until trading is switched on in Settings."
        )
    if not account.may_order:
        raise InvalidInput("", account.why_no_orders)
    strategy.proposal = replace(proposal, approved=True)
    account.note(strategy, "user", f"{strategy.name}: the proposed rebalance was approved.")


def decline(account: Account, strategy: StrategyRuntime, proposal_id: str) -> None:
    """Not now: nothing is proposed for ten minutes. Raises InvalidInput when it is over already."""
    _standing(account, strategy, proposal_id)
    demo = account.setup.demo
    pause = max(NOT_NOW, demo.state().spacing * QUOTES_SKIPPED) if demo is not None else NOT_NOW
    strategy.not_before = account.now() + pause
    account.note(strategy, "user", f"{strategy.name}: the proposed rebalance was put off.")
    withdraw(account, strategy)


def set_trading(account: Account, mode: TradingMode) -> None:
    """From now on; what was proposed under the other mode is taken back."""
    if account.trading is mode and not account.locked:
        return
    with account.change() as store:
        # While the key is locked the account watches whatever is stored; what is stored holds when it is there again.
        store.set_value(TRADING_KEY, mode.value)
    account.trading = mode
    for strategy in account.strategies.values():
        strategy.not_before = None
        if strategy.proposal is not None:
            withdraw(account, strategy)
    words = {
        TradingMode.WATCH: "Watch only: plans are shown, nothing is sent.",
        TradingMode.APPROVE: "Approve mode: a rebalance is sent when you approve it.",
        TradingMode.AUTO: "Automatic mode: a rebalance is sent when its rule triggers.",
    }
    account.note(None, "user", words[mode])


def approved(account: Account) -> list[StrategyRuntime]:
    """Strategies whose proposal was approved and is not sent yet."""
    return [s for s in account.strategies.values() if s.proposal is not None and s.proposal.approved]


def _standing(account: Account, strategy: StrategyRuntime, proposal_id: str) -> Proposal:
    proposal = strategy.proposal
    over = proposal is None or proposal.id != proposal_id or strategy.record.state is not State.RUNNING
    if proposal is None or over or proposal.is_over(account.now(), account.quotes, strategy.snapshot):
        raise InvalidInput("", "This proposal is over: prices moved or a minute has passed. It is planned anew.")
    return proposal


def _stand_still(account: Account) -> None:
    demo = account.setup.demo
    if demo is not None and not demo.state().paused:
        demo.set_paused(True)
        account.paused_for_answer = True


def _go_on(account: Account) -> None:
    demo = account.setup.demo
    if demo is None or not account.paused_for_answer:
        return
    if not any(s.proposal is not None for s in account.strategies.values()):
        account.paused_for_answer = False
        demo.set_paused(False)
