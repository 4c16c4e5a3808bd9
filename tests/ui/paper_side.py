"""What the scripted engine does with the commands of halts, fees and the paper account. Test data only."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.application.paper_port import MarketEvent, PaperState
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import HaltKind, State, Target
from tests.ui.sample_account import SampleAccount, SampleStrategy
from tests.ui.sample_market import QUOTE

PaperCommand = (
    c.AcceptShortage
    | c.AcceptRename
    | c.SetPayFeesWithBnb
    | c.PaperTransfer
    | c.ChangePaperMarket
    | c.SetPaperTradingRight
)


def carry_out(account: SampleAccount, command: PaperCommand) -> e.Event:
    """The answer, after ``account`` was changed as the engine would."""
    match command:
        case c.AcceptShortage():
            strategy = _found(account, command.strategy_id)
            for asset, amount in strategy.missing:
                strategy.quantities[asset] = strategy.quantities.get(asset, ZERO) - amount
            strategy.missing, strategy.resumable = (), ""
        case c.AcceptRename():
            for strategy in account.strategies:
                _rename(strategy, command.old, command.new)
        case c.SetPayFeesWithBnb():
            account.pay_fees_with_bnb = command.on
        case c.PaperTransfer():
            if command.asset == QUOTE:
                account.free += command.amount
            else:
                account.coins[command.asset] = account.coins.get(command.asset, ZERO) + command.amount
        case c.ChangePaperMarket():
            return _market(account, command)
        case c.SetPaperTradingRight():
            assert account.paper is not None
            account.paper = replace(account.paper, may_trade=command.may_trade)
    return e.CommandDone(command.command_id)


def halt(strategy: SampleStrategy, kind: HaltKind, reason: str, *, resumable: str = "") -> None:
    """Put a strategy into the state Halted."""
    strategy.former, strategy.state = strategy.state, State.HALTED
    strategy.halt, strategy.reason, strategy.resumable = kind, reason, resumable


def halt_market(strategy: SampleStrategy, asset: str) -> None:
    """The market of one of its coins is closed."""
    strategy.frozen = (asset,)
    halt(
        strategy,
        HaltKind.MARKET,
        f"The market of {asset} is closed. Coins and cash stay where they are; nothing is sold.",
        resumable=f"The market of {asset} is closed: replace or drop it, or wait until it opens.",
    )


def halt_short(strategy: SampleStrategy, asset: str, amount: str) -> None:
    """Some of a coin left the account outside the program."""
    strategy.missing = ((asset, Decimal(amount)),)
    halt(
        strategy,
        HaltKind.SHORT,
        f"{amount} {asset} of it are missing at the exchange: they were taken out outside the program. "
        "The rest stays where it is; nothing is sent.",
        resumable=f"{asset} is missing at the exchange: deposit it again, or book the loss.",
    )


def halt_renamed(strategy: SampleStrategy, old: str, new: str) -> None:
    """A coin of it has a new name."""
    strategy.renamed, strategy.frozen = ((old, new),), (old,)
    halt(
        strategy,
        HaltKind.RENAMED,
        f"{old} seems to be called {new} now: as many {new} came as {old} went. "
        "Coins and cash stay where they are; nothing is sent.",
        resumable=f"The market of {old} is closed: replace or drop it, or wait until it opens.",
    )


def _found(account: SampleAccount, strategy_id: str) -> SampleStrategy:
    strategy = account.find(strategy_id)
    assert strategy is not None
    return strategy


def _rename(strategy: SampleStrategy, old: str, new: str) -> None:
    if (old, new) not in strategy.renamed:
        return
    targets = tuple(Target(new if t.asset == old else t.asset, t.weight) for t in strategy.parameters.targets)
    strategy.parameters = replace(strategy.parameters, targets=targets)
    strategy.quantities[new] = strategy.quantities.pop(old)
    strategy.renamed, strategy.frozen, strategy.resumable = (), (), ""


def _market(account: SampleAccount, command: c.ChangePaperMarket) -> e.Event:
    paper = account.paper
    assert paper is not None
    closed, renamed = dict(paper.closed), dict(paper.renamed)
    match command.event:
        case MarketEvent.HALT | MarketEvent.DELIST:
            closed[command.asset] = command.event
        case MarketEvent.REOPEN:
            if closed.get(command.asset) is not MarketEvent.HALT:
                return e.CommandRejected(command.command_id, f"The market of {command.asset} is not halted.", "asset")
            del closed[command.asset]
        case MarketEvent.RENAME:
            renamed[command.asset] = command.new_name
    account.paper = PaperState(paper.may_trade, closed, renamed)
    return e.CommandDone(command.command_id)
