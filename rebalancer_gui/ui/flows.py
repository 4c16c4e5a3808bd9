"""The dialogs about a strategy that runs: opened one at a time, fed with news, and what they confirm is sent."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QDialog, QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.events import CommandDone, CommandRejected
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.dialogs.stop import StopDialog
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.strategy_words import replay_hint


class Flows(QObject):
    """`said(str)`: what came of a dialog, for the action row. The slots take a strategy's id. GUI thread only."""

    said = Signal(str)

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
        selling = f"Its coins are being sold.{replay_hint(self._feed.view)}"
        words = selling if sell_all else "Its coins go back to the free pool."
        self._send(lambda command_id: c.StopStrategy(command_id, strategy_id, sell_all=sell_all), words)

    # ---------------------------------------------------------------------------------------------------- opening, sending

    def _found(self, strategy_id: str) -> tuple[AccountView | None, StrategyView | None]:
        """Nothing while another dialog is open."""
        view = self._feed.view
        if view is None or self._dialog is not None:
            return None, None
        return view, next((s for s in view.strategies if s.id == strategy_id), None)

    def _open(self, dialog: QDialog) -> None:
        self._dialog = dialog
        dialog.finished.connect(self._closed)
        dialog.open()

    @Slot()
    def _closed(self) -> None:
        self._dialog = None

    def _send(self, make: Callable[[str], c.Command], done: str) -> None:
        def answered(answer: Answer) -> None:
            if isinstance(answer, CommandRejected):
                self.said.emit(answer.message)
            elif isinstance(answer, CommandDone):
                self.said.emit(answer.message or done)

        self._feed.ask(make(self._feed.next_command_id()), answered)
