"""Work that may take its time (a keyring that asks for its password, a message on its way), beside the GUI thread.

    background = Background(window)
    background.run(lambda: desk.add(name, address), self._added, self._refused)

One thread, one task after the other; the answers come in the GUI thread. A task that hangs holds up nothing but those behind it,
and not the end of the program.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from rebalancer_gui.domain.errors import RebalancerError

T = TypeVar("T")
_UNKNOWN = RebalancerError("That failed by a fault of the program.", "The log file says more.")


class Background(QObject):
    """GUI thread only."""

    _over = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread: Thread | None = None
        self._over.connect(self._answer)

    def run(self, do: Callable[[], T], done: Callable[[T], None], failed: Callable[[RebalancerError], None]) -> None:
        """``do()`` in the thread; then ``done`` with its answer or ``failed`` with its error, here."""

        def task() -> None:
            answer: Callable[[], None] = lambda: failed(_UNKNOWN)  # noqa: E731 -- replaced unless a fault comes between
            try:
                found = do()
                answer = lambda: done(found)  # noqa: E731
            except RebalancerError as error:
                wrong = error
                answer = lambda: failed(wrong)  # noqa: E731
            finally:
                self._tell(answer)

        self._tasks.put(task)
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        self._thread = Thread(target=self._work, name="background", daemon=True)
        self._thread.start()

    def _tell(self, answer: Callable[[], None]) -> None:
        # The window may be gone meanwhile: then nobody wants the answer.
        with suppress(RuntimeError):
            self._over.emit(answer)

    def _work(self) -> None:
        try:
            while True:
                self._tasks.get()()
        finally:
            # A fault of the program in a task ends this thread, and is seen; another one goes on with what waits.
            self._start()

    @Slot(object)
    def _answer(self, answer: Callable[[], None]) -> None:
        answer()
