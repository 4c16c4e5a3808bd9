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
            try:
                found = do()
            except RebalancerError as error:
                wrong = error
                self._tell(lambda: failed(wrong))
            else:
                self._tell(lambda: done(found))

        self._tasks.put(task)
        if self._thread is None:
            self._thread = Thread(target=self._work, name="background", daemon=True)
            self._thread.start()

    def _tell(self, answer: Callable[[], None]) -> None:
        # The window may be gone meanwhile: then nobody wants the answer.
        with suppress(RuntimeError):
            self._over.emit(answer)

    def _work(self) -> None:
        while True:
            self._tasks.get()()

    @Slot(object)
    def _answer(self, answer: Callable[[], None]) -> None:
        answer()
