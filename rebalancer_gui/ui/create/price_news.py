"""How often a page of the create panel judges again: at once when something is new, once a second when only prices are. GUI thread only.

    self._pace = PriceNews(self)
    self._pace.due.connect(self._look)
    self._pace.hear(besides_prices(around))             # with each picture of the account
    self._pace.looked(besides_prices(around))           # in `_look`: this is shown now

What a page says of prices (smallest amounts, what to expect) is read, not traded on: four times a second would only flicker.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from rebalancer_gui.ui.create.surroundings import Surroundings

PRICES_MS = 1000
"""At least so long between two judgements that differ in prices only."""


def besides_prices(around: Surroundings | None, *more: object) -> tuple[object, ...]:
    """All that a judgement rests on but the prices themselves; which coins have one is in it. `more` is what else counts."""
    if around is None:
        return (None, *more)
    return (replace(around, quotes={}), frozenset(around.quotes), *more)


class PriceNews(QObject):
    """`due`: the page is to judge now. Nothing is due, and no timer runs, while nobody can see the page."""

    due = Signal()

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._shown: tuple[object, ...] | None = None
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tell)
        page.installEventFilter(self)

    def hear(self, state: tuple[object, ...]) -> None:
        """A new picture has come, and this is what it says besides prices."""
        if not self._page.isVisible():
            return
        if state != self._shown:
            self._tell()
        elif not self._timer.isActive():
            waited = self._since.elapsed() if self._since.isValid() else PRICES_MS
            self._timer.start(max(0, PRICES_MS - waited))

    def looked(self, state: tuple[object, ...]) -> None:
        """The page has judged the newest prices, with this besides."""
        self._shown = state
        self._timer.stop()
        self._since.start()

    def _tell(self) -> None:
        if self._page.isVisible() and not self._page.window().isMinimized():
            self.due.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide:
            self._timer.stop()
        return super().eventFilter(watched, event)
