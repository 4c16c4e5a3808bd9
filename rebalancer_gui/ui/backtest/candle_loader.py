"""Asks the engine for the candles of a test; progress on the way, cancel at any time. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from rebalancer_gui.application.candle_commands import CancelCandles, LoadCandles
from rebalancer_gui.application.events import CandlesProgress, CandlesReady, CommandDone, CommandRejected
from rebalancer_gui.ui.backtest.wish import Wish
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed


class CandleLoader(QObject):
    """`loaded(object)`: CandlesReady; `failed(object)`: CommandRejected; `progressed(int, int)`: candles done, of how many.

    The newest question wins: an older one is cancelled.
    """

    loaded = Signal(object)
    failed = Signal(object)
    progressed = Signal(int, int)

    def __init__(self, feed: EngineFeed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._load_id = ""
        feed.candlesProgress.connect(self._progress)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._load_id)

    def load(self, account: str, symbols: tuple[str, ...], wish: Wish) -> None:
        """Ask for them."""
        self.cancel()
        self._load_id = self._feed.next_command_id()
        command = LoadCandles(self._load_id, account, symbols, wish.timeframe, wish.since, wish.until)
        self._feed.ask(command, self._answered)

    @Slot()
    def cancel(self) -> None:
        """No longer wanted; what was loaded stays in the cache."""
        load_id, self._load_id = self._load_id, ""
        if load_id:
            self._feed.forget(load_id)
            command = CancelCandles(self._feed.next_command_id(), load_id)
            self._feed.ask(command, _passed_over)

    @Slot(object)
    def _progress(self, event: CandlesProgress) -> None:
        if event.load_id == self._load_id:
            self.progressed.emit(event.done, event.total)

    def _answered(self, answer: Answer) -> None:
        if answer.command_id != self._load_id:
            return
        self._load_id = ""
        if isinstance(answer, CandlesReady):
            self.loaded.emit(answer)
        elif isinstance(answer, CommandRejected):
            self.failed.emit(answer)


def _passed_over(answer: Answer) -> None:
    """It was over already, or it is now: both are what was wanted."""
    if not isinstance(answer, CommandDone | CommandRejected):
        raise TypeError(f"cancelling candles was answered by {type(answer).__name__}")
