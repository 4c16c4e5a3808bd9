"""Judges what stands in a form and explains it on request: what the panel and the line What to expect share. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from rebalancer_gui.ui.create.closes_loader import ClosesLoader
from rebalancer_gui.ui.create.expectation_details import ExpectationDetails
from rebalancer_gui.ui.create.outlook import Outlook, Wish, look_ahead, trial_of
from rebalancer_gui.ui.create.outlook_words import source_text
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.create.trial_desk import TrialDesk
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.translation import tr

_UNKNOWN = tr("Known once there are coins, and their weights add up to 100\u00a0%.")


class OutlookDesk(QObject):
    """`changed`: `outlook` is another one, because something was typed, prices moved, or the past of the coins came.

    `cureChosen(object)` carries a `Cure` that was pressed on the page that explains.
    """

    changed = Signal()
    cureChosen = Signal(object)

    def __init__(self, feed: EngineFeed, numbers: NumberFormat, parent: QWidget) -> None:
        super().__init__(parent)
        self._feed, self._numbers, self._widget = feed, numbers, parent
        self._wish: Wish | None = None
        self._around: Surroundings | None = None
        self._missing = ""
        self._details: ExpectationDetails | None = None
        self._closes = ClosesLoader(feed, self)
        self._trials = TrialDesk(feed, self)
        self.outlook: Outlook | None = None
        """The newest judgement; None while something is missing for it."""
        self._closes.loaded.connect(self.look)
        self._trials.changed.connect(self.look)

    def put(self, wish: Wish, around: Surroundings | None, missing: str = "") -> None:
        """Judge `wish`; `missing` says in a sentence what is wrong where it cannot be judged."""
        self._wish, self._around, self._missing = wish, around, missing
        self.look()

    def look(self) -> None:
        """Judge anew what was put last."""
        if self._wish is None:
            return
        self._closes.want((t.asset for t in self._wish.targets), self._wish.quote)
        self.outlook = self._judged(self._wish)
        self.changed.emit()
        if self._details is not None:
            self._details.show_outlook(self.outlook, self.source())

    def _judged(self, wish: Wish) -> Outlook | None:
        """With what the candles say of just this; else at once by the formulas, and again when they say it."""
        around, moves = self._around, self._closes.moves
        estimate = look_ahead(wish, around, moves)
        if estimate is None or around is None:
            self._trials.want(None)
            return None
        self._trials.want(trial_of(estimate, around))
        trial, tried = self._trials.trial()
        return estimate if trial is None else look_ahead(wish, around, moves, trial, tried=tried)

    def source(self) -> str:
        """What the figures rest on, or what is missing for them."""
        view = self._feed.view
        if self.outlook is None or view is None:
            return self._missing or _UNKNOWN
        return source_text(self.outlook, view.at.date(), self._numbers, reading=self._closes.waits)

    def explain(self) -> None:
        """Open the page that says how the figures come about, with every warning and every cure."""
        if self.outlook is None or self._details is not None:
            return
        details = ExpectationDetails(self._numbers, self._widget.window())
        details.show_outlook(self.outlook, self.source())
        details.cureChosen.connect(self.cureChosen)
        details.finished.connect(self._explained)
        self._details = details
        details.open()

    def _explained(self) -> None:
        self._details = None
