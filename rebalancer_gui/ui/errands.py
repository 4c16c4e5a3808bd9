"""Work that may take its time (a keyring that asks, an exchange that answers, a message on its way), beside the GUI thread.

    work = Errands(parent)                                          # each in a thread of its own
    work = Errands(parent, in_order=True)                           # one after the other: later ones rest on earlier ones
    work.run(lambda: book.kept_in(), self._known, self._failed)     # the answer comes in the GUI thread

``Errands`` lives as long as its parent; what comes after ``forget`` is dropped. Its threads end with the process: work that
hangs holds up nothing but what waits behind it, and not the end of the program.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import count
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from rebalancer_gui.domain.errors import RebalancerError
from rebalancer_gui.ui.translation import tr

T = TypeVar("T")
_log = logging.getLogger(__name__)
_UNKNOWN = RebalancerError(tr("That failed by a fault of the program."), tr("The log file says more."))


class Errands(QObject):
    """GUI thread only."""

    _ended = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None, *, in_order: bool = False) -> None:
        super().__init__(parent)
        self._numbers = count(1)
        self._waiting: dict[int, tuple[Callable[[object], None], Callable[[RebalancerError], None]]] = {}
        self._queue: SimpleQueue[tuple[int, Callable[[], object]]] | None = SimpleQueue() if in_order else None
        self._lives = False
        self._ended.connect(self._take)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is waited for."""
        return bool(self._waiting)

    def run(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[RebalancerError], None]) -> None:
        """``done`` gets what ``work`` answers, ``failed`` the RebalancerError that it raises; here, once."""
        number = next(self._numbers)
        self._waiting[number] = (done, failed)  # type: ignore[assignment]
        queue = self._queue
        if queue is None:
            self._start(lambda: self._work(number, work))
            return
        queue.put((number, work))
        if not self._lives:
            self._lives = True
            self._work_off(queue)

    def forget(self) -> None:
        """Whoever asked is gone."""
        self._waiting.clear()

    def _start(self, work: Callable[[], None]) -> None:
        Thread(target=work, name="background", daemon=True).start()

    def _work_off(self, queue: SimpleQueue[tuple[int, Callable[[], object]]]) -> None:
        def one_after_the_other() -> None:
            try:
                while True:
                    self._work(*queue.get())
            finally:
                # A fault of the program ends this thread, and is seen; another one goes on with what waits.
                self._work_off(queue)

        self._start(one_after_the_other)

    def _work(self, number: int, work: Callable[[], object]) -> None:
        result: object = None
        error: RebalancerError | None = _UNKNOWN
        try:
            result, error = work(), None
        except RebalancerError as problem:
            error = problem
        finally:
            try:
                self._ended.emit(number, result, error)
            except RuntimeError:
                # The window, and with it this object, is gone: nobody waits for it.
                _log.info("an answer came after the window was closed")

    @Slot(int, object, object)
    def _take(self, number: int, result: object, error: RebalancerError | None) -> None:
        waiting = self._waiting.pop(number, None)
        if waiting is None:
            return
        done, failed = waiting
        if error is not None:
            failed(error)
        else:
            done(result)
