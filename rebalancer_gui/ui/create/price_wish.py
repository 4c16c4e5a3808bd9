"""Asks for the prices of what a form shows, where the account's exchange quotes only what is needed. GUI thread only."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QElapsedTimer, QObject

from rebalancer_gui.application.commands import FollowPrices
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed

_AGAIN_MS = 240_000
"""The engine follows a wish for ten minutes."""


class PriceWish(QObject):
    """``want(symbols)`` may be called at every look: it asks only when an open market among them has no price yet, and goes on
    asking now and then for as long as the form shows it.
    """

    def __init__(self, feed: EngineFeed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._asked: frozenset[tuple[str, str]] = frozenset()
        self._since = QElapsedTimer()

    def want(self, symbols: Iterable[str]) -> None:
        """These are shown now; prices come with the pictures of the account."""
        view, rules = self._feed.view, self._feed.rules
        if view is None:
            return
        shown = {s for s in symbols if s in rules and rules[s].status is MarketStatus.TRADING}
        there = frozenset((view.account, symbol) for symbol in shown)
        new = {pair for pair in there - self._asked if pair[1] not in view.quotes}
        self._asked &= there
        late = bool(self._asked) and self._since.elapsed() > _AGAIN_MS
        if not new and not late:
            return
        self._asked |= new
        self._since.start()
        wanted = tuple(sorted(symbol for _account, symbol in self._asked))
        self._feed.ask(FollowPrices(self._feed.next_command_id(), view.account, wanted), _answered)


def _answered(_answer: Answer) -> None:
    """The prices themselves are the answer; without them the form says that it has none."""
