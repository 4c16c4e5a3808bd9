"""The dialogs about a strategy that runs: opened one at a time, fed with news, and what they confirm is sent."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QDialog, QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.events import CommandDone, CommandRejected
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.strategy import State, StrategyParameters, Target
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.create.coin_change import ChangeMode
from rebalancer_gui.ui.dialogs.amount import AddFundsDialog, FundsWish, RemoveFundsDialog
from rebalancer_gui.ui.dialogs.amount_words import amount_text
from rebalancer_gui.ui.dialogs.change_coins import ChangeCoinsDialog
from rebalancer_gui.ui.dialogs.edit_strategy import EditStrategyDialog
from rebalancer_gui.ui.dialogs.paper_account import PaperAccountDialog
from rebalancer_gui.ui.dialogs.preview_dialog import PreviewDialog
from rebalancer_gui.ui.dialogs.proposal_plan import ProposalDialog
from rebalancer_gui.ui.dialogs.reset_account import ResetAccountDialog
from rebalancer_gui.ui.dialogs.stop import StopDialog
from rebalancer_gui.ui.dialogs.stop_plan import waits
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.strategy_words import replay_hint
from rebalancer_gui.ui.translation import tr


class Flows(QObject):
    """`said(str)`: what came of a dialog, for the action row; `saidOfStopping(str)`: what holds until the strategy has ended.
    The slots take a strategy's id. GUI thread only.
    """

    said = Signal(str)
    saidOfStopping = Signal(str)
    proposalApproved = Signal(str, str)
    proposalDeclined = Signal(str, str)
    """Strategy and proposal"""
    testAsked = Signal(object, object)
    """Edit rule, and the StrategyParameters in it whose rule is to be tested"""
    resetConfirmed = Signal(str)
    """The account that is to begin anew"""

    def __init__(self, feed: EngineFeed, colours: CoinColours, numbers: NumberFormat, window: QWidget) -> None:
        super().__init__(window)
        self._feed, self._colours, self._numbers, self._window = feed, colours, numbers, window
        self._dialog: QDialog | None = None

    @property
    def dialog(self) -> QDialog | None:
        """The dialog on screen."""
        return self._dialog

    def show_view(self, view: AccountView) -> None:
        """The newest picture, for a dialog that is open."""
        if isinstance(self._dialog, StopDialog):
            strategy = next((s for s in view.strategies if s.id == self._dialog.strategy_id), None)
            if strategy is not None:
                self._dialog.show_view(strategy, view)

    @Slot(str)
    def add_funds(self, strategy_id: str) -> None:
        """Money from the free pool into it."""
        _view, strategy = self._found(strategy_id)
        if strategy is not None:
            slots = self._colours.for_coins(strategy.parameters.assets)
            dialog = AddFundsDialog(self._feed, strategy, slots, self._numbers, self._window)
            dialog.confirmed.connect(lambda wish: self._move_funds(strategy, wish))
            self._open(dialog)

    @Slot(str)
    def remove_funds(self, strategy_id: str) -> None:
        """Money out of it, into the free pool."""
        _view, strategy = self._found(strategy_id)
        if strategy is not None:
            slots = self._colours.for_coins(strategy.parameters.assets)
            dialog = RemoveFundsDialog(self._feed, strategy, slots, self._numbers, self._window)
            dialog.confirmed.connect(lambda wish: self._move_funds(strategy, wish))
            dialog.stopAsked.connect(lambda: self._stop_instead(strategy_id))
            self._open(dialog)

    def _move_funds(self, strategy: StrategyView, wish: FundsWish) -> None:
        amount = amount_text(wish.amount, strategy.parameters.quote, self._numbers)
        hint = replay_hint(self._feed.view)
        method = wish.method
        if strategy.state is State.WAITING:
            done = tr(
                "{amount} were {part}.",
                amount=amount,
                part=tr("added") if method is None else tr("given back to the free pool"),
            )
        elif method is None:
            done = tr(
                "{amount} were added: the portfolio is brought to its weights at the next good prices.{hint}",
                amount=amount,
                hint=hint,
            )
        else:
            done = tr(
                "The sells are sent at the next good prices; Rebalances and Transfers show what came out.{hint}",
                hint=hint,
            )
        if method is None:
            self._carry_out(lambda command_id: c.AddFunds(command_id, strategy.id, wish.amount), done)
        else:
            self._carry_out(lambda command_id: c.RemoveFunds(command_id, strategy.id, wish.amount, method), done)

    @Slot(str)
    def show_proposal(self, strategy_id: str) -> None:
        """The whole plan of the rebalance that it proposes."""
        _view, strategy = self._found(strategy_id)
        if strategy is not None and strategy.proposal is not None:
            coins = tuple(row.asset for row in strategy.proposal.plan.snapshot.holdings)
            slots = self._colours.for_coins(coins)
            dialog = ProposalDialog(self._feed, strategy_id, strategy.proposal, slots, self._numbers, self._window)
            dialog.approved.connect(lambda proposal_id: self.proposalApproved.emit(strategy_id, proposal_id))
            dialog.declined.connect(lambda proposal_id: self.proposalDeclined.emit(strategy_id, proposal_id))
            self._open(dialog)

    @Slot(str)
    def edit(self, strategy_id: str) -> None:
        """Another name, rule or level of it."""
        _view, strategy = self._found(strategy_id)
        if strategy is not None:
            slots = self._colours.for_coins(strategy.parameters.assets)
            dialog = EditStrategyDialog(self._feed, strategy, slots, self._numbers, self._window)
            dialog.confirmed.connect(lambda wanted: self._edit(dialog, strategy_id, wanted))
            dialog.testAsked.connect(lambda wanted: self.testAsked.emit(dialog, wanted))
            self._open(dialog)

    def _edit(self, dialog: EditStrategyDialog, strategy_id: str, wanted: StrategyParameters) -> None:
        def answered(answer: Answer) -> None:
            if isinstance(answer, CommandRejected):
                dialog.fail(answer.field, answer.message)
            else:
                dialog.finish()
                self.said.emit(tr("The change holds from now on; the journal has it as a new version."))

        self._feed.ask(c.EditStrategy(self._feed.next_command_id(), strategy_id, wanted), answered)

    @Slot()
    def paper_account(self) -> None:
        """Money in and out, market events, fees with BNB."""
        view = self._feed.view
        if view is not None and view.paper is not None and self._dialog is None:
            dialog = PaperAccountDialog(self._feed, self._numbers, self._window)
            dialog.resetAsked.connect(self._reset_instead)
            self._open(dialog)

    @Slot()
    def reset_account(self) -> None:
        """Ask whether the paper account is to begin anew."""
        view = self._feed.view
        if view is not None and view.paper is not None and self._dialog is None:
            dialog = ResetAccountDialog(self._feed, view, self._numbers, self._window)
            dialog.confirmed.connect(self.resetConfirmed)
            self._open(dialog)

    @Slot()
    def _reset_instead(self) -> None:
        if self._dialog is not None:
            self._dialog.accept()
        self.reset_account()

    @Slot(str)
    def deposit_missing(self, strategy_id: str) -> None:
        """The paper account's dialog with what is missing of a strategy in its fields."""
        view, strategy = self._found(strategy_id)
        if view is None or strategy is None or not strategy.missing:
            return
        self.paper_account()
        if isinstance(self._dialog, PaperAccountDialog):
            self._dialog.propose(*strategy.missing[0])

    @Slot(str)
    def change_coins(self, strategy_id: str) -> None:
        """Other coins or weights; for one halted because a market closed, to replace the coin."""
        _view, strategy = self._found(strategy_id)
        if strategy is not None:
            self._change(strategy, ChangeMode.REPLACE if strategy.frozen else ChangeMode.EDIT)

    @Slot(str, str)
    def change_closed(self, strategy_id: str, mode: str) -> None:
        """``replace`` or ``drop`` of the halted banner."""
        (self.drop_coins if mode == ChangeMode.DROP.value else self.replace_coins)(strategy_id)

    @Slot(str)
    def replace_coins(self, strategy_id: str) -> None:
        """Another coin in the place of each one whose market is closed."""
        _view, strategy = self._found(strategy_id)
        if strategy is not None:
            self._change(strategy, ChangeMode.REPLACE)

    @Slot(str)
    def drop_coins(self, strategy_id: str) -> None:
        """Without the coins whose market is closed; the others share their weight."""
        _view, strategy = self._found(strategy_id)
        if strategy is not None:
            self._change(strategy, ChangeMode.DROP)

    def _change(self, strategy: StrategyView, mode: ChangeMode) -> None:
        dialog = ChangeCoinsDialog(self._feed, strategy, self._colours, self._numbers, mode, self._window)
        dialog.confirmed.connect(lambda targets: self._change_to(strategy, targets))
        self._open(dialog)

    def _change_to(self, strategy: StrategyView, targets: tuple[Target, ...]) -> None:
        done = {
            State.WAITING: tr("Changed: it starts with these coins."),
            State.PAUSED: tr("Changed: the portfolio is brought to its new weights after Resume."),
        }.get(
            strategy.state,
            "Changed: the portfolio is brought to its new weights at the next good prices."
            f"{replay_hint(self._feed.view)}",
        )
        self._carry_out(lambda command_id: c.ChangeCoins(command_id, strategy.id, targets), done)

    def _stop_instead(self, strategy_id: str) -> None:
        if self._dialog is not None:
            self._dialog.reject()
        self.stop(strategy_id)

    @Slot(str)
    def stop(self, strategy_id: str) -> None:
        """Sell the coins or keep them."""
        view, strategy = self._found(strategy_id)
        if view is None or strategy is None:
            return
        slots = self._colours.for_coins(strategy.parameters.assets)
        dialog = StopDialog(strategy, view, self._feed.rules, slots, self._numbers, self._window)
        dialog.confirmed.connect(lambda sell_all: self._stop(strategy_id, sell_all=sell_all))
        self._open(dialog)

    def _stop(self, strategy_id: str, *, sell_all: bool) -> None:
        selling = tr("Its coins are being sold.{replay_hint}", replay_hint=replay_hint(self._feed.view))
        _view, strategy = self._strategy(strategy_id)
        waiting = strategy is not None and waits(strategy)
        kept = (
            tr("Its trigger is cancelled: the money is free again.")
            if waiting
            else tr("Its coins go back to the free pool.")
        )
        words, teller = (selling, self.saidOfStopping) if sell_all else (kept, self.said)
        self._send(lambda command_id: c.StopStrategy(command_id, strategy_id, sell_all=sell_all), words, teller)

    # ---------------------------------------------------------------------------------------------------- opening, sending

    def _found(self, strategy_id: str) -> tuple[AccountView | None, StrategyView | None]:
        """Nothing while another dialog is open."""
        return (None, None) if self._dialog is not None else self._strategy(strategy_id)

    def _strategy(self, strategy_id: str) -> tuple[AccountView | None, StrategyView | None]:
        view = self._feed.view
        if view is None:
            return None, None
        return view, next((s for s in view.strategies if s.id == strategy_id), None)

    def _open(self, dialog: QDialog) -> None:
        self._dialog = dialog
        dialog.finished.connect(self._closed)
        dialog.open()

    @Slot()
    def _closed(self) -> None:
        self._dialog = None

    def _carry_out(self, make: Callable[[str], c.Command], done: str) -> None:
        """Send what the dialog on screen has confirmed; a refusal is shown there, and it stays open."""
        dialog = self._dialog

        def answered(answer: Answer) -> None:
            if not isinstance(dialog, PreviewDialog):
                return
            if isinstance(answer, CommandRejected):
                dialog.fail(answer.message)
            elif isinstance(answer, CommandDone):
                dialog.finish()
                self.said.emit(answer.message or done)

        self._feed.ask(make(self._feed.next_command_id()), answered)

    def _send(self, make: Callable[[str], c.Command], done: str, teller: SignalInstance | None = None) -> None:
        """``teller`` (``said`` where None) tells ``done``."""

        def answered(answer: Answer) -> None:
            if isinstance(answer, CommandRejected):
                self.said.emit(answer.message)
            elif isinstance(answer, CommandDone):
                (teller or self.said).emit(answer.message or done)

        self._feed.ask(make(self._feed.next_command_id()), answered)
