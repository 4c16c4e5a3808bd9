"""What the scripted engine does with the commands about rails, trading mode and proposals. Test data only."""

from __future__ import annotations

from dataclasses import replace

from rebalancer_gui.application import events as e
from rebalancer_gui.application.proposal import Proposal
from rebalancer_gui.application.rail_settings import changed
from rebalancer_gui.application.safety_commands import ApproveProposal, DeclineProposal, SetRails, SetTradingMode
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.planning import plan_rebalance
from rebalancer_gui.domain.triggers import RebalanceReason
from tests.ui.sample_account import SampleAccount
from tests.ui.sample_market import FEES, market_rules

SafetyCommand = SetRails | SetTradingMode | ApproveProposal | DeclineProposal


def carry_out_safety(account: SampleAccount, command: SafetyCommand) -> e.Event:
    """The answer, after ``account`` was changed as the engine would."""
    match command:
        case SetRails():
            try:
                account.rails = changed(account.rails, command.values, command.off)
            except InvalidInput as refused:
                return e.CommandRejected(command.command_id, refused.message, refused.field)
        case SetTradingMode():
            account.trading = command.mode
        case ApproveProposal() | DeclineProposal():
            strategy = account.find(command.strategy_id)
            if strategy is None or strategy.proposal is None or strategy.proposal.id != command.proposal_id:
                return e.CommandRejected(command.command_id, "This proposal is over.")
            strategy.proposal = None
    return e.CommandDone(command.command_id)


def propose(account: SampleAccount, strategy_id: str, *, only_shown: bool = False) -> Proposal:
    """Let a strategy propose the rebalance that its present drift asks for."""
    strategy = account.find(strategy_id)
    assert strategy is not None
    snapshot = strategy.snapshot(account.seq, account.at, account.quotes())
    plan = plan_rebalance(snapshot, market_rules(), FEES)
    strategy.proposal = Proposal(
        f"p-{account.seq}", plan, RebalanceReason.RATIO, 0, account.at, version=1, only_shown=only_shown
    )
    if account.demo is not None and not only_shown:
        account.demo = replace(account.demo, paused=True)
    strategy.decision = f"{strategy.parameters.name} proposes to rebalance"
    return strategy.proposal
