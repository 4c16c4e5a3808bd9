"""Sends what is pressed on the monitor side, asks where something cannot be taken back, and tells what came of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.events import CommandDone, CommandRejected
from rebalancer_gui.application.safety_commands import ApproveProposal, DeclineProposal
from rebalancer_gui.ui.dialogs.questions import resume_trading_question
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.strategy_words import replay_hint
from rebalancer_gui.ui.translation import tr


class Steering(QObject):
    """`said(str)`: what came of a press, for the action row (also why it was refused). GUI thread only."""

    said = Signal(str)

    def __init__(self, feed: EngineFeed, window: QWidget) -> None:
        super().__init__(window)
        self._feed = feed
        self._window = window

    # ----------------------------------------------------------------------------------------------------- strategies

    @Slot(str)
    def rebalance(self, strategy_id: str) -> None:
        words = tr("A rebalance starts at the next good prices.{replay_hint}", replay_hint=replay_hint(self._feed.view))
        self._ask(lambda command_id: c.RebalanceNow(command_id, strategy_id), words)

    @Slot(str)
    def pause(self, strategy_id: str) -> None:
        self._ask(lambda command_id: c.PauseStrategy(command_id, strategy_id), tr("Paused: nothing is traded."))

    @Slot(str)
    def resume(self, strategy_id: str) -> None:
        self._ask(lambda command_id: c.ResumeStrategy(command_id, strategy_id), tr("Resumed."))

    @Slot(str, str)
    def approve(self, strategy_id: str, proposal_id: str) -> None:
        self._ask(lambda i: ApproveProposal(i, strategy_id, proposal_id), tr("Approved: its orders are being sent."))

    @Slot(str, str)
    def decline(self, strategy_id: str, proposal_id: str) -> None:
        self._ask(lambda i: DeclineProposal(i, strategy_id, proposal_id), tr("Not now: nothing was sent."))

    # -------------------------------------------------------------------------------------------------- all strategies

    @Slot()
    def stop_all(self) -> None:
        """At once, without a question: it can be taken back, what it prevents cannot."""
        self._ask(c.StopAll, tr("Trading is stopped on all accounts."))

    @Slot()
    def ask_resume_trading(self) -> None:
        question = resume_trading_question(self._window)
        question.answered.connect(self._resume_trading)
        question.open()

    @Slot()
    def _resume_trading(self) -> None:
        self._ask(c.ResumeTrading, tr("Trading goes on."))

    # ------------------------------------------------------------------------------------------------------- the replay

    @Slot(int)
    def set_speed(self, speed: int) -> None:
        self._ask(lambda command_id: c.SetDemoSpeed(command_id, self._feed.account, speed))

    @Slot(bool)
    def set_paused(self, paused: bool) -> None:
        self._ask(lambda command_id: c.SetDemoPaused(command_id, self._feed.account, paused))

    @Slot()
    def step(self) -> None:
        self._ask(lambda command_id: c.StepDemo(command_id, self._feed.account))

    @Slot()
    def jump(self) -> None:
        self._ask(lambda command_id: c.JumpDemo(command_id, self._feed.account))

    @Slot()
    def go_on(self) -> None:
        self._ask(lambda command_id: c.ContinueDemo(command_id, self._feed.account))

    # ---------------------------------------------------------------------------------------------------------- answers

    def _ask(self, make: Callable[[str], c.Command], done: str = "") -> None:
        def answered(answer: Answer) -> None:
            if isinstance(answer, CommandRejected):
                self.said.emit(answer.message)
            elif isinstance(answer, CommandDone) and (answer.message or done):
                self.said.emit(answer.message or done)

        self._feed.ask(make(self._feed.next_command_id()), answered)
