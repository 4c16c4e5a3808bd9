"""Tries the rule in a form on candles, beside the window: the newest wish wins. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal
from shiboken6 import isValid

from rebalancer_gui.application.candle_commands import LoadCandles
from rebalancer_gui.application.events import CandlesReady, CommandRejected
from rebalancer_gui.domain.errors import RebalancerError
from rebalancer_gui.ui.create.trial import Trial, TrialWish, bars_of, try_rule
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.errands import Errands

if TYPE_CHECKING:
    from rebalancer_gui.backtest.bars import Bars

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPAN = timedelta(days=365)
LOAD_AFTER_MS, TRY_AFTER_MS = 500, 120
"""Somebody who types or adds coins is waited for."""
_AGAIN_MS = 30_000
"""The demo may live through many days a second: newer candles change a year by little."""
_KEPT = 64


class TrialDesk(QObject):
    """`want(wish)` may be called at every look. `changed`: something new can be said of the wish."""

    changed = Signal()

    def __init__(self, feed: EngineFeed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._background: Errands | None = None
        self._wish: TrialWish | None = None
        self._loaded: tuple[str, tuple[str, ...]] = ("", ())
        self._day: date | None = None
        self._since = QElapsedTimer()
        self._round = 0
        self._bars: Bars | None = None
        self._trying: TrialWish | None = None
        self._hopeless: TrialWish | None = None
        self._found: dict[TrialWish, Trial] = {}
        self._newest: Trial | None = None
        self._load_timer = self._timer(LOAD_AFTER_MS, self._load)
        self._try_timer = self._timer(TRY_AFTER_MS, self._try)

    def _timer(self, milliseconds: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    # -------------------------------------------------------------------------------------------------------- asking

    def want(self, wish: TrialWish | None) -> None:
        """This is in the form now; None: nothing that could be tried."""
        self._wish = wish
        view = self._feed.view
        if wish is None or view is None:
            # A field that is being typed in is empty for a moment: the coins stay those whose candles are wanted.
            self._try_timer.stop()
            return
        wanted = (view.account, wish.symbols)
        outdated = view.at.date() != self._day and self._since.isValid() and self._since.elapsed() > _AGAIN_MS
        if wanted != self._loaded:
            self._loaded, self._day, self._bars, self._newest = wanted, view.at.date(), None, None
            self._found.clear()
            self._round += 1
            self._load_timer.start()
        elif outdated:
            self._day = view.at.date()
            self._round += 1
            self._load_timer.start()
        elif self._is_new(wish) and not self._try_timer.isActive():
            # The newest wins, and waits only so long for one that is newer still.
            self._try_timer.start()

    def _is_new(self, wish: TrialWish) -> bool:
        return self._bars is not None and wish not in self._found and wish not in {self._trying, self._hopeless}

    def trial(self) -> tuple[Trial | None, bool]:
        """What the candles say, and whether it is about this very wish: else only what the coins moved holds."""
        if self._wish is not None and self._wish in self._found:
            return self._found[self._wish], True
        return self._newest, False

    # -------------------------------------------------------------------------------------------------------- loading

    def _load(self) -> None:
        self._since.start()
        view = self._feed.view
        if view is not None:
            # The demo has daily prices only. Elsewhere what is stored of hours, else days, which are few enough to be fetched.
            self._ask([(DAY, False)] if view.demo is not None else [(HOUR, True), (DAY, False)])

    def _ask(self, attempts: list[tuple[timedelta, bool]]) -> None:
        view, (account, symbols) = self._feed.view, self._loaded
        if view is None or view.account != account or not attempts:
            return
        (timeframe, cached_only), later = attempts[0], attempts[1:]
        command = LoadCandles(
            self._feed.next_command_id(), account, symbols, timeframe, view.at - SPAN - timeframe, view.at, cached_only
        )
        self._feed.ask(command, partial(self._answered, self._round, symbols, later))

    def _answered(
        self, number: int, symbols: tuple[str, ...], later: list[tuple[timedelta, bool]], answer: Answer
    ) -> None:
        # The form may be gone, or about other coins.
        if not isValid(self) or number != self._round:
            return
        match answer:
            case CandlesReady():
                series = answer.series
                self._beside().run(
                    lambda: bars_of(series, symbols), partial(self._have, number), partial(self._none, number, later)
                )
            case CommandRejected():
                self._ask(later)
            case _:
                raise TypeError(f"candles were answered by {type(answer).__name__}")

    def _none(self, number: int, later: list[tuple[timedelta, bool]], _error: RebalancerError) -> None:
        if number == self._round:
            self._ask(later)

    def _have(self, number: int, bars: Bars) -> None:
        if number == self._round:
            self._bars = bars
            self._found.clear()
            self._try()

    # --------------------------------------------------------------------------------------------------------- trying

    def _try(self) -> None:
        wish, bars = self._wish, self._bars
        if self._trying is not None or wish is None or bars is None or wish.symbols != bars.symbols:
            return
        self._trying = wish
        self._beside().run(lambda: try_rule(bars, wish), partial(self._tried, wish, bars), self._failed)

    def _tried(self, wish: TrialWish, bars: Bars, trial: Trial) -> None:
        self._trying = None
        if bars is self._bars:
            while len(self._found) >= _KEPT:
                del self._found[next(iter(self._found))]
            self._found[wish] = self._newest = trial
            self.changed.emit()
        if self._wish is not None and self._wish not in self._found:
            self._try()

    def _failed(self, _error: RebalancerError) -> None:
        """Estimates then rest on what was known before."""
        self._hopeless, self._trying = self._trying, None

    def _beside(self) -> Errands:
        if self._background is None:
            self._background = Errands(self, in_order=True)
        return self._background
