"""Opens the dialog that leads from watch only to real money, and sends what is confirmed there. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from rebalancer_gui.application.events import CommandRejected
from rebalancer_gui.application.safety_commands import BeginFirstContact, GoLive
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.risk import RISK_VERSION
from rebalancer_gui.ui.dialogs.go_live import GoLiveDialog
from rebalancer_gui.ui.dialogs.trading_box import TradingWish
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.live_words import why_no_go_live
from rebalancer_gui.ui.translation import tr


class GoLiveFlow(QObject):
    """`said(str)`: what came of it, for the action row."""

    said = Signal(str)

    def __init__(self, feed: EngineFeed, numbers: NumberFormat, window: QWidget) -> None:
        super().__init__(window)
        self._feed, self._numbers, self._window = feed, numbers, window
        self._dialog: GoLiveDialog | None = None

    @Slot()
    def open(self) -> None:
        """One at a time; where it cannot be, why not is said."""
        view = self._feed.view
        why_not = why_no_go_live(view)
        if view is None or why_not is not None:
            self.said.emit(why_not or "")
            return
        if self._dialog is not None:
            return
        self._dialog = dialog = GoLiveDialog(self._feed, view, self._numbers, self._window)
        account = view.account
        dialog.beginAsked.connect(lambda offer: self._begin(dialog, account, offer.symbol))
        dialog.goOnAsked.connect(lambda symbol: self._begin(dialog, account, symbol))
        dialog.goLiveAsked.connect(lambda wish: self._go(dialog, view, wish))
        dialog.finished.connect(self._closed)
        dialog.open()

    @Slot()
    def _closed(self) -> None:
        self._dialog = None

    def _begin(self, dialog: GoLiveDialog, account: str, symbol: str) -> None:
        """A first contact in ``symbol``; the engine lets one that was cut short go on instead."""

        def answered(answer: Answer) -> None:
            if not isinstance(answer, CommandRejected):
                return
            if dialog.is_open:
                dialog.fail_contact(answer.message)
            else:
                self.said.emit(answer.message)

        command = BeginFirstContact(self._feed.next_command_id(), account, symbol, dialog.no_withdraw)
        self._feed.ask(command, answered)

    def _go(self, dialog: GoLiveDialog, view: AccountView, wish: TradingWish) -> None:
        def answered(answer: Answer) -> None:
            if isinstance(answer, CommandRejected):
                dialog.fail(answer.field, answer.message)
            else:
                dialog.finish()
                self.said.emit(
                    tr("Trading is on for {title}: {mode} orders are sent.", title=view.title, mode=view.mode.upper())
                )

        command = GoLive(
            self._feed.next_command_id(), view.account, wish.typed_name, RISK_VERSION, wish.max_order, wish.mode,
            dialog.no_withdraw,
        )  # fmt: skip
        self._feed.ask(command, answered)
