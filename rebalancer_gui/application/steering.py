"""Steering a market that is only played: the demo's time, and what happens outside the program on a paper account."""

from __future__ import annotations

from typing import assert_never

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.account_runner import AccountRunner
from rebalancer_gui.application.commands import (
    ChangePaperMarket,
    ContinueDemo,
    JumpDemo,
    PaperTransfer,
    SetDemoPaused,
    SetDemoSpeed,
    SetPaperTradingRight,
    StepDemo,
)
from rebalancer_gui.application.market_watch import halt_for_closed_markets, read_markets
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.money import ZERO

DemoSteering = SetDemoSpeed | SetDemoPaused | StepDemo | JumpDemo | ContinueDemo
PaperSteering = PaperTransfer | ChangePaperMarket | SetPaperTradingRight


def steer_demo(account: Account, command: DemoSteering) -> None:
    """Raises InvalidInput where it is no demo market, or where there is nothing to jump to."""
    demo = account.setup.demo
    if demo is None:
        raise InvalidInput("", f"{account.name} is not a demo market.")
    match command:
        case SetDemoSpeed():
            demo.set_speed(command.speed)
        case SetDemoPaused():
            demo.set_paused(command.paused)
        case StepDemo():
            demo.step()
        case JumpDemo():
            if not demo.state().jumping and not account.may_trade:
                raise InvalidInput("", "No strategy runs, so there is no next rebalance to jump to.")
            demo.jump()
        case ContinueDemo():
            demo.continue_with_random_walk()
        case _:
            assert_never(command)


async def steer_paper(runner: AccountRunner, command: PaperSteering) -> None:
    """What happens outside the program on a real exchange; here a button does it, and it is noticed as there.

    Raises InvalidInput where it is no paper account.
    """
    account = runner.account
    paper = account.setup.paper
    if paper is None:
        raise InvalidInput("account", f"{account.name} is not a paper account.")
    match command:
        case PaperTransfer():
            if command.amount >= ZERO:
                paper.deposit(command.asset, command.amount)
            else:
                paper.withdraw(command.asset, -command.amount)
        case ChangePaperMarket():
            paper.change_market(command.event, command.asset, command.new_name)
            await read_markets(account)
            halt_for_closed_markets(account)
            account.value_all()
        case SetPaperTradingRight():
            paper.set_may_trade(command.may_trade)
            if command.may_trade:
                account.try_right_again()
        case _:
            assert_never(command)
    await runner.checker.reconciler.compare(certain=True)
