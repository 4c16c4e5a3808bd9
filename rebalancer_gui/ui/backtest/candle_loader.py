"""Asks the engine for the candles of a test, its own or those of files; progress on the way, cancel at any time. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from rebalancer_gui.application.candle_commands import CancelCandles, LoadCandles, LoadTimeframes, ReadCandleFiles
from rebalancer_gui.application.events import (
    CandlesProgress,
    CandlesReady,
    CommandDone,
    CommandRejected,
    TimeframesReady,
)
from rebalancer_gui.ui.backtest.wish import Wish
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed


class CandleLoader(QObject):
    """`loaded(object)`: CandlesReady; `failed(object)`: CommandRejected; `timeframesKnown(object)`: what the source has, shortest
    first. The newest question wins: an older one is cancelled.
    """

    loaded = Signal(object)
    failed = Signal(object)
    timeframesKnown = Signal(object)
    progressed = Signal(object, object)
    """Candles or bytes, of how many: Python numbers, bytes may be more than a C int holds."""

    def __init__(self, feed: EngineFeed, account: str, symbols: tuple[str, ...], parent: QObject | None = None) -> None:
        """For the markets ``symbols`` of ``account``."""
        super().__init__(parent)
        self._feed, self._account, self._symbols = feed, account, symbols
        self._load_id = ""
        feed.candlesProgress.connect(self._progress)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._load_id)

    def ask_timeframes(self) -> None:
        """What the account's source has."""
        self._ask(lambda command_id: LoadTimeframes(command_id, self._account))

    def load(self, wish: Wish) -> None:
        """Candles of the account's source."""
        self._ask(
            lambda command_id: LoadCandles(
                command_id, self._account, self._symbols, wish.timeframe, wish.since, wish.until
            )
        )

    def read(self, paths: Sequence[Path]) -> None:
        """Candles of files, read as one."""
        self._ask(lambda command_id: ReadCandleFiles(command_id, self._account, tuple(paths), self._symbols))

    def _ask(self, make: Callable[[str], LoadTimeframes | LoadCandles | ReadCandleFiles]) -> None:
        self.cancel()
        self._load_id = self._feed.next_command_id()
        self._feed.ask(make(self._load_id), self._answered)

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
        self._load_id = ""
        match answer:
            case CandlesReady():
                self.loaded.emit(answer)
            case TimeframesReady():
                self.timeframesKnown.emit(answer.timeframes)
            case CommandRejected():
                self.failed.emit(answer)


def _passed_over(answer: Answer) -> None:
    """It was over already, or it is now: both are what was wanted."""
    if not isinstance(answer, CommandDone | CommandRejected):
        raise TypeError(f"cancelling candles was answered by {type(answer).__name__}")
