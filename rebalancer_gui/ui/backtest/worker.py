"""Long work step by step in a thread of its own; the newest request wins, and what an older one still finds is dropped.

    worker = Worker()
    worker.found.connect(self._take)            # Signal(object): each thing that a step yields
    worker.failed.connect(self._refused)        # RebalancerError
    worker.finished.connect(self._done)
    worker.start(lambda: run_test(subject, wish, candles))
    worker.stop()

GUI thread only. A step that runs when `stop` is called is let finish, its result is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event, Thread

from PySide6.QtCore import QObject, Signal, Slot

from rebalancer_gui.domain.errors import RebalancerError
from rebalancer_gui.ui.translation import tr

Steps = Callable[[], Iterator[object]]
_FAULT = RebalancerError(tr("That failed by a fault of the program."), tr("The log file says more."))


class _Over:
    """A thread's last word."""

    def __init__(self, error: RebalancerError | None) -> None:
        self.error = error


class _Lane(QObject):
    """One request: its thread tells, and who listens hears it in the GUI thread."""

    _told = Signal(object)

    def __init__(self, steps: Steps, listener: Callable[[object], None]) -> None:
        super().__init__()
        self.is_over = False
        self._stopped = Event()
        self._steps: Steps | None = steps
        self._listener: Callable[[object], None] | None = listener
        self._told.connect(self._hear)
        self._thread = Thread(target=self._work, name="rule-test", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Nobody listens any more."""
        self._listener = None
        self._stopped.set()

    def _work(self) -> None:
        last = _Over(_FAULT)
        # What it works on is not kept longer than it works.
        steps, self._steps = self._steps, None
        try:
            for found in steps() if steps is not None else ():
                if self._stopped.is_set():
                    break
                self._tell(found)
            last = _Over(None)
        except RebalancerError as error:
            last = _Over(error)
        finally:
            self._tell(last)

    def _tell(self, what: object) -> None:
        # The program may be ending: then nobody hears it.
        with suppress(RuntimeError):
            self._told.emit(what)

    @Slot(object)
    def _hear(self, what: object) -> None:
        self.is_over = isinstance(what, _Over)
        if self._listener is not None:
            self._listener(what)


_lanes: list[_Lane] = []
"""Each is kept until its thread has said its last word: a thread must not tell through what is gone."""


class Worker(QObject):
    """See the module's text."""

    found = Signal(object)
    failed = Signal(object)
    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane: _Lane | None = None

    @property
    def is_busy(self) -> bool:
        """Whether the newest request is being worked on."""
        return self._lane is not None

    def start(self, steps: Steps) -> None:
        """Begin anew with these steps; what was running is stopped."""
        self.stop()
        _lanes[:] = [lane for lane in _lanes if not lane.is_over]
        self._lane = _Lane(steps, self._take)
        _lanes.append(self._lane)
        self._lane.start()

    @Slot()
    def stop(self) -> None:
        """What is running is of no interest any more."""
        if self._lane is not None:
            self._lane.stop()
            self._lane = None

    def _take(self, what: object) -> None:
        if not isinstance(what, _Over):
            self.found.emit(what)
            return
        self._lane = None
        if what.error is not None:
            self.failed.emit(what.error)
        else:
            self.finished.emit()
