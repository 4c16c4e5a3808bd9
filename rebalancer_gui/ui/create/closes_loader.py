"""Asks the engine for daily closes of the coins in a form. GUI thread only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from PySide6.QtCore import QElapsedTimer, QObject, Signal
from shiboken6 import isValid

from rebalancer_gui.application.events import ClosesReady, CommandRejected
from rebalancer_gui.application.market_commands import LoadCloses
from rebalancer_gui.ui.create.moves import DAYS, Moves, moves_of
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed

_AGAIN_MS = 30_000
"""The demo may live through many days a second: new closes change an estimate by little."""


class ClosesLoader(QObject):
    """`want(assets)` may be called at every look; `loaded` tells that `moves` is another one."""

    loaded = Signal()

    def __init__(self, feed: EngineFeed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self.moves = Moves()
        self._account = ""
        self._assets: frozenset[str] = frozenset()
        self._day: date | None = None
        self._since = QElapsedTimer()
        self._command_id = ""

    @property
    def waits(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._command_id)

    def want(self, assets: Iterable[str], quote: str) -> None:
        """These coins are in the form now; what is known of others is kept as long as nothing new is asked."""
        view = self._feed.view
        wanted = frozenset(assets)
        if view is None or not wanted or not quote:
            return
        other = view.account != self._account
        outdated = view.at.date() != self._day and self._since.elapsed() > _AGAIN_MS
        if not other and not outdated and wanted <= self._assets:
            return
        self._feed.forget(self._command_id)
        if other:
            self.moves = Moves()
        self._account, self._assets, self._day = view.account, wanted, view.at.date()
        self._since.start()
        self._command_id = self._feed.next_command_id()
        self._feed.ask(
            LoadCloses(self._command_id, view.account, quote, tuple(sorted(wanted)), DAYS + 1), self._answered
        )

    def _answered(self, answer: Answer) -> None:
        if not isValid(self):
            # The form is gone.
            return
        self._command_id = ""
        match answer:
            case ClosesReady():
                self.moves = moves_of(answer.closes, answer.as_of)
            case CommandRejected():
                # Estimates then rest on what is assumed, and say so.
                self.moves = Moves()
            case _:
                raise TypeError(f"closes were answered by {type(answer).__name__}")
        self.loaded.emit()
