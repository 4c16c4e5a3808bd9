"""What happens behind "Test this rule": candles from the engine or a file, then the work in its thread. GUI thread only.

session = TestSession(feed, subject)
session.ask_timeframes()                # what the account's source has
session.start(wish)                     # candles, the rule itself, the map; the newest start wins
session.show(rule)                      # another rule over the same bars
session.cancel()
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QObject, Signal, Slot

from rebalancer_gui.application.events import CandlesReady, CommandRejected
from rebalancer_gui.domain.errors import InvalidInput, RebalancerError
from rebalancer_gui.domain.strategy import Rule
from rebalancer_gui.ui.backtest.candle_loader import CandleLoader
from rebalancer_gui.ui.backtest.subject import Subject
from rebalancer_gui.ui.backtest.wish import Wish
from rebalancer_gui.ui.backtest.work import Candles, Measured, Swept, file_read, run_test, show_rule
from rebalancer_gui.ui.backtest.worker import Worker
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.engine_texts import said


class TestSession(QObject):
    """Signals carry the results of work.py and rule_run.py."""

    __test__ = False  # For pytest: its name begins with Test, it is none.

    loading = Signal(object, object)
    """Candles so far, of how many (0: not known yet); of a file bytes."""
    timeframesKnown = Signal(object)
    """What the account's source has, shortest first."""
    fileRead = Signal(object)
    """FileRead: it is tested when `start` is called next."""
    measured = Signal(object)
    """Measured"""
    swept = Signal(object)
    """Swept"""
    shown = Signal(object)
    """RuleRun of what `show` asked for."""
    failed = Signal(str, str)
    """Field and what is wrong."""
    finished = Signal(float)
    """All is done; the seconds that the work took."""

    def __init__(self, feed: EngineFeed, subject: Subject, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._subject = subject
        self._wish: Wish | None = None
        self._file: Candles | None = None
        self._measured: Measured | None = None
        self._source = ""
        self._watch = QElapsedTimer()
        self._loader = CandleLoader(feed, subject.account, subject.symbols, self)
        self._test, self._cell = Worker(self), Worker(self)
        self._loader.loaded.connect(self._loaded)
        self._loader.failed.connect(self._not_loaded)
        self._loader.timeframesKnown.connect(self.timeframesKnown)
        self._loader.progressed.connect(self.loading)
        self._test.found.connect(self._found)
        self._test.failed.connect(self._refused)
        self._test.finished.connect(self._finished)
        self._cell.found.connect(self.shown)
        self._cell.failed.connect(self._refused)

    @property
    def is_busy(self) -> bool:
        """Whether candles or the map are on their way."""
        return self._loader.is_busy or self._test.is_busy

    @property
    def reads_file(self) -> bool:
        """Whether what is being loaded is a file."""
        return self._loader.is_busy and self._wish is None

    @property
    def source(self) -> str:
        """Where the candles of the newest test come from, in words."""
        return self._source

    # ------------------------------------------------------------------------------------------------------------ asking

    def ask_timeframes(self) -> None:
        """Answered by `timeframesKnown`."""
        self._loader.ask_timeframes()

    def start(self, wish: Wish) -> None:
        """Test it over the candles of the account, or of the file that was read last."""
        self.cancel()
        self._wish = wish
        if self._file is not None:
            self._work(self._file, wish)
            return
        self.loading.emit(0, 0)
        self._loader.load(wish)

    def read_file(self, paths: Sequence[Path]) -> None:
        """Candles from these files from now on."""
        self.cancel()
        self._wish = None
        self._loader.read(paths)

    @Slot()
    def forget_file(self) -> None:
        """Candles of the account again."""
        self._file = None

    def show(self, rule: Rule) -> None:
        """Another rule over the bars that are there; nothing while there are none."""
        measured, subject = self._measured, self._subject
        if measured is None:
            return
        if rule == measured.run.rule:
            self._cell.stop()
            self.shown.emit(measured.run)
            return
        self._cell.start(lambda: show_rule(subject, measured, rule))

    @Slot()
    def cancel(self) -> None:
        """Nothing of what is on its way is wanted."""
        self._loader.cancel()
        self._test.stop()
        self._cell.stop()

    # ------------------------------------------------------------------------------------------------------- what comes

    @Slot(object)
    def _loaded(self, answer: CandlesReady) -> None:
        notes = (*answer.mapping, *answer.findings)
        if self._wish is not None:
            self._work(Candles(answer.series, answer.source, notes), self._wish)
            return
        try:
            read = file_read(answer.series, answer.source, notes, self._subject.symbols)
        except InvalidInput as error:
            self.failed.emit(error.field, error.message)
        else:
            self._file = read.candles
            self.fileRead.emit(read)

    @Slot(object)
    def _not_loaded(self, answer: CommandRejected) -> None:
        self.failed.emit(answer.field or "candles", answer.message)

    def _work(self, candles: Candles, wish: Wish) -> None:
        self._source = candles.source
        self._watch.start()
        subject = self._subject
        cut = self._file is not None
        self._test.start(lambda: run_test(subject, wish, candles, cut=cut))

    @Slot(object)
    def _found(self, what: object) -> None:
        match what:
            case Measured():
                self._measured = what
                self.measured.emit(what)
            case Swept():
                self.swept.emit(what)

    @Slot(object)
    def _refused(self, error: RebalancerError) -> None:
        field = error.field if isinstance(error, InvalidInput) else "candles"
        self.failed.emit(field, said(f"{error.message} {error.advice}".strip()))

    @Slot()
    def _finished(self) -> None:
        if self._watch.isValid():
            self.finished.emit(self._watch.elapsed() / 1000)
