"""From a checked form to a running strategy: preview, confirm, create, answer. GUI thread only.

flow = CreateFlow(feed, colours, numbers, parent=tab)
flow.created.connect(self._clear)            # StrategyCreated
flow.refused.connect(self._show_refusal)     # CommandRejected, its field says where it belongs
flow.start(parameters, held)
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from rebalancer_gui.application.commands import CreateStrategy
from rebalancer_gui.application.events import CommandRejected, StrategyCreated
from rebalancer_gui.domain.strategy import HeldCoin, StrategyParameters
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.dialogs.plan_preview import CreateWish, PlanPreviewDialog
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat


class CreateFlow(QObject):
    """One preview at a time, over the window that `parent` stands in; a second start raises the one that is open."""

    created = Signal(object)
    refused = Signal(object)

    def __init__(self, feed: EngineFeed, colours: CoinColours, numbers: NumberFormat, parent: QWidget) -> None:
        super().__init__(parent)
        self._feed, self._colours, self._numbers = feed, colours, numbers
        self._dialog: PlanPreviewDialog | None = None
        self._account = ""
        self._tab = parent

    @property
    def dialog(self) -> PlanPreviewDialog | None:
        """The preview on screen."""
        return self._dialog

    def start(self, parameters: StrategyParameters, held: tuple[HeldCoin, ...] = ()) -> None:
        """Show what `parameters` would buy, with the coins in `held` to start from; nothing is created before it is
        confirmed there.
        """
        if self._dialog is not None:
            self._dialog.raise_()
            self._dialog.activateWindow()
            return
        self._account = self._feed.account
        slots = self._colours.for_coins(parameters.assets)
        dialog = PlanPreviewDialog(
            self._feed, self._account, parameters, slots, self._numbers, self._tab.window(), held=held
        )
        dialog.confirmed.connect(self._create)
        dialog.finished.connect(self._closed)
        self._dialog = dialog
        dialog.open()

    def _create(self, wish: CreateWish) -> None:
        command_id = self._feed.next_command_id()
        command = CreateStrategy(command_id, self._account, wish.parameters, wish.held, wish.build)
        self._feed.ask(command, self._answered)

    def _answered(self, answer: Answer) -> None:
        if self._dialog is not None:
            self._dialog.finish()
        match answer:
            case StrategyCreated():
                self.created.emit(answer)
            case CommandRejected():
                self.refused.emit(answer)
            case _:
                raise TypeError(f"a creation was answered by {type(answer).__name__}")

    def _closed(self) -> None:
        self._dialog = None
