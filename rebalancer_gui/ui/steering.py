"""Sends what is pressed on the monitor side, asks where something cannot be taken back, and tells what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.events import CommandDone, CommandRejected
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.ui.dialogs.questions import resume_trading_question
from rebalancer_gui.ui.dialogs.stop import StopDialog
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat


class Steering(QObject):
    """`said(str)`: what came of a press, for the action row (also why it was refused). GUI thread only."""

    said = Signal(str)

    def __init__(self, feed: EngineFeed, numbers: NumberFormat, window: QWidget) -> None:
        super().__init__(window)
        self._feed = feed
        self._numbers = numbers
        self._window = window
        self._stop_dialog: StopDialog | None = None
        self._stop_id = ""

    def show_view(self, view: AccountView) -> None:
        """The newest picture, for a dialog that is open."""
        if self._stop_dialog is not None:
            strategy = next((s for s in view.strategies if s.id == self._stop_id), None)
            if strategy is not None:
                self._stop_dialog.show_view(strategy, view)

    # ----------------------------------------------------------------------------------------------------- strategies

    @Slot(str)
    def rebalance(self, strategy_id: str) -> None:
        words = f"A rebalance starts at the next good prices.{self._pause_hint()}"
        self._ask(lambda command_id: c.RebalanceNow(command_id, strategy_id), words)

    def _pause_hint(self) -> str:
        """Nothing is traded while the replay stands still: whoever waits for an order must know why."""
        view = self._feed.view
        paused = view is not None and view.demo is not None and view.demo.paused
        return " The replay is paused, so this waits until it goes on." if paused else ""

    @Slot(str)
    def pause(self, strategy_id: str) -> None:
        self._ask(lambda command_id: c.PauseStrategy(command_id, strategy_id), "Paused: nothing is traded.")

    @Slot(str)
    def resume(self, strategy_id: str) -> None:
        self._ask(lambda command_id: c.ResumeStrategy(command_id, strategy_id), "Resumed.")

    def ask_stop(self, strategy_id: str, slots: Mapping[str, int]) -> None:
        """Open the stop dialog; one at a time."""
        view = self._feed.view
        strategy = next((s for s in view.strategies if s.id == strategy_id), None) if view is not None else None
        if view is None or strategy is None or self._stop_dialog is not None:
            return
        dialog = StopDialog(strategy, view, self._feed.rules, slots, self._numbers, self._window)
        dialog.confirmed.connect(self._stop_confirmed)
        dialog.finished.connect(self._stop_closed)
        self._stop_dialog, self._stop_id = dialog, strategy_id
        dialog.open()

    @Slot(bool)
    def _stop_confirmed(self, sell_all: bool) -> None:
        strategy_id = self._stop_id
        selling = f"Its coins are being sold.{self._pause_hint()}"
        words = selling if sell_all else "Its coins go back to the free pool."
        self._ask(lambda command_id: c.StopStrategy(command_id, strategy_id, sell_all=sell_all), words)

    @Slot()
    def _stop_closed(self) -> None:
        self._stop_dialog = None

    # -------------------------------------------------------------------------------------------------- all strategies

    @Slot()
    def stop_all(self) -> None:
        """At once, without a question: it can be taken back, what it prevents cannot."""
        self._ask(c.StopAll, "Trading is stopped on all accounts.")

    @Slot()
    def ask_resume_trading(self) -> None:
        question = resume_trading_question(self._window)
        question.answered.connect(self._resume_trading)
        question.open()

    @Slot()
    def _resume_trading(self) -> None:
        self._ask(c.ResumeTrading, "Trading goes on.")

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
