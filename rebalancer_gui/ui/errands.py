"""Work of a dialog that may take its time, outside of the GUI thread: keyrings that ask, exchanges that answer. Unlike
``background`` each has a thread of its own, and whoever asked may leave before the answer comes.

    work = Errands(parent)
    work.run(lambda: book.kept_in(), self._known, self._failed)     # the answer comes in the GUI thread

``Errands`` lives as long as its parent; what comes after ``forget`` is dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import count
from threading import Thread
from typing import TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from rebalancer_gui.domain.errors import RebalancerError

T = TypeVar("T")
_log = logging.getLogger(__name__)
_UNKNOWN = RebalancerError("That failed by a fault of the program.", "The log file says more.")


class Errands(QObject):
    """GUI thread only; the work runs in threads that end with the process."""

    _ended = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = count(1)
        self._waiting: dict[int, tuple[Callable[[object], None], Callable[[RebalancerError], None]]] = {}
        self._ended.connect(self._take)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is waited for."""
        return bool(self._waiting)

    def run(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[RebalancerError], None]) -> None:
        """``done`` gets what ``work`` answers, ``failed`` the RebalancerError that it raises; here, once."""
        number = next(self._numbers)
        self._waiting[number] = (done, failed)  # type: ignore[assignment]
        Thread(target=self._work, args=(number, work), name="background", daemon=True).start()

    def forget(self) -> None:
        """Whoever asked is gone."""
        self._waiting.clear()

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
