"""Asks the engine for market caps, once per set of coins. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from rebalancer_gui.application.commands import LoadMarketCaps
from rebalancer_gui.application.events import CommandRejected, MarketCapsReady
from rebalancer_gui.ui.create.weights import MarketCaps
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed


class CapsLoader(QObject):
    """`loaded(object)` carries `MarketCaps` for the coins that were asked for last, `failed(str)` why there are none."""

    loaded = Signal(object)
    failed = Signal(str)

    def __init__(self, feed: EngineFeed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._asked: tuple[str, ...] = ()
        self._command_id = ""

    def load(self, assets: tuple[str, ...]) -> None:
        """Ask for these, unless just that is being asked already; an older question is forgotten."""
        if assets == self._asked:
            return
        self.forget()
        self._asked, self._command_id = assets, self._feed.next_command_id()
        self._feed.ask(LoadMarketCaps(self._command_id, self._feed.account, assets), self._answered)

    def forget(self) -> None:
        """The answer is no longer wanted."""
        self._feed.forget(self._command_id)
        self._asked = ()

    def _answered(self, answer: Answer) -> None:
        self._asked = ()
        match answer:
            case MarketCapsReady():
                view = self._feed.view
                days = (view.at.date() - answer.as_of).days if view is not None and answer.as_of is not None else 0
                self.loaded.emit(MarketCaps(answer.caps, answer.as_of, answer.source, days))
            case CommandRejected():
                self.failed.emit(answer.message)
            case _:
                raise TypeError(f"market caps were answered by {type(answer).__name__}")
