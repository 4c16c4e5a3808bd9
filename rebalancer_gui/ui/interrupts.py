"""SIGINT and SIGTERM close the window safely instead of killing the program.

Python runs a signal's handler only when it gets to run at all: the C level wakes Qt through a socket.
"""

from __future__ import annotations

import signal
import socket
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot


class Interrupts(QObject):
    """`asked()` is emitted in the GUI thread when the system asks the program to end. Main thread only."""

    asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._old_wakeup = signal.set_wakeup_fd(self._writer.fileno())
        self._old = {number: signal.signal(number, _note) for number in (signal.SIGINT, signal.SIGTERM)}
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)

    @Slot()
    def _woken(self) -> None:
        numbers = self._reader.recv(64)
        if any(number in numbers for number in self._old):
            self.asked.emit()

    def end(self) -> None:
        """Put back what was there before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_wakeup)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()


def _note(_number: int, _frame: FrameType | None) -> None:
    """The work is done in the event loop; without a handler the signal would end the program at once."""
