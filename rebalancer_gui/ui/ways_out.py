"""The ways out of a halt: asks where something is booked for good, sends what was decided, tells what came of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.events import CommandDone, CommandRejected
from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.ui.dialogs.quarantined_order import QuarantinedOrderDialog
from rebalancer_gui.ui.dialogs.questions import book_loss_question
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.monitor.halts import missing_text
from rebalancer_gui.ui.translation import tr


class WaysOut(QObject):
    """`said(str)`: what came of a press, for the action row (also why it was refused). GUI thread only."""

    said = Signal(str)

    def __init__(self, feed: EngineFeed, numbers: NumberFormat, window: QWidget) -> None:
        super().__init__(window)
        self._feed, self._numbers, self._window = feed, numbers, window

    @Slot(str)
    def ask_book_loss(self, strategy_id: str) -> None:
        """A question that names the amounts, then what is missing is booked as gone."""
        view = self._found(strategy_id)
        if view is None or not view.missing:
            return
        what = missing_text(view, self._numbers)
        question = book_loss_question(what, view.parameters.name, self._window)
        done = tr("{what} booked as gone. Press Resume to go on.", what=what)
        question.answered.connect(
            lambda _key: self._ask(lambda command_id: c.AcceptShortage(command_id, strategy_id), done)
        )
        question.open()

    @Slot(str)
    def take_over(self, strategy_id: str) -> None:
        """Each new name of its coins stands for the old one from now on, on the whole account."""
        view = self._found(strategy_id)
        for old, new in view.renamed if view is not None else ():
            self._rename(old, new)

    def _rename(self, old: str, new: str) -> None:
        done = tr("{old} was taken over as {new}. Press Resume to go on.", old=old, new=new)
        self._ask(lambda command_id: c.AcceptRename(command_id, self._feed.account, old, new), done)

    @Slot(str)
    def look_at_order(self, strategy_id: str) -> None:
        """What was found out about an order of it that is its owner's to decide, and the decision."""
        view = self._found(strategy_id)
        if view is None or not view.quarantined:
            return
        dialog = QuarantinedOrderDialog(self._feed, view, self._numbers, self._window)
        name = view.parameters.name
        dialog.adoptAsked.connect(
            lambda order, found: self._decide(
                dialog,
                lambda command_id: c.AdoptOrder(command_id, strategy_id, order, found),
                tr("Order {found} was adopted: what it traded is booked for {name}.", found=found, name=name),
            )
        )
        dialog.discardAsked.connect(
            lambda order: self._decide(
                dialog,
                lambda command_id: c.DiscardOrder(command_id, strategy_id, order),
                tr("The order was discarded: what was set aside for it belongs to {name} again.", name=name),
            )
        )
        dialog.open()

    def _decide(self, dialog: QuarantinedOrderDialog, make: Callable[[str], c.Command], done: str) -> None:
        def answered(answer: Answer) -> None:
            if isinstance(answer, CommandRejected):
                if dialog.is_open:
                    dialog.fail(answer.message)
                else:
                    self.said.emit(answer.message)
            elif isinstance(answer, CommandDone):
                if dialog.is_open:
                    dialog.finish()
                self.said.emit(answer.message or done)

        self._feed.ask(make(self._feed.next_command_id()), answered)

    @Slot()
    def give_right(self) -> None:
        """The paper account may trade again."""
        done = tr("The account may trade again. Press Resume to go on.")
        self._ask(lambda command_id: c.SetPaperTradingRight(command_id, self._feed.account, may_trade=True), done)

    def _found(self, strategy_id: str) -> StrategyView | None:
        view = self._feed.view
        return next((s for s in view.strategies if s.id == strategy_id), None) if view is not None else None

    def _ask(self, make: Callable[[str], c.Command], done: str) -> None:
        def answered(answer: Answer) -> None:
            if isinstance(answer, CommandRejected):
                self.said.emit(answer.message)
            elif isinstance(answer, CommandDone):
                self.said.emit(answer.message or done)

        self._feed.ask(make(self._feed.next_command_id()), answered)
