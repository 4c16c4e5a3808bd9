"""What the writer of an open file and those who copy it meanwhile agree on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rebalancer_gui.domain.errors import StoreUnavailable

_PATIENCE = 5.0
"""Seconds that a copy which was told to end is waited for; a step of it takes milliseconds."""
ENDED = "The program ended in the middle of the backup."


class Gate:
    """Of one file, from its opening to its closing. The writer holds it in each transaction, so whoever else has it knows that none
    is open. Any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._copying = threading.Condition()
        self._copies, self._closing = 0, False

    @contextmanager
    def held(self) -> Iterator[None]:
        """For the length of a transaction."""
        with self._lock:
            yield

    def take(self, seconds: float) -> bool:
        """Take it within that time; False where somebody else kept it. To be given back with ``give``."""
        return self._lock.acquire(timeout=seconds)

    def give(self) -> None:
        self._lock.release()

    @contextmanager
    def copying(self) -> Iterator[None]:
        """For the length of a copy, which asks ``check`` after each step. Raises StoreUnavailable where the file is being closed."""
        with self._copying:
            self.check()
            self._copies += 1
        try:
            yield
        finally:
            with self._copying:
                self._copies -= 1
                self._copying.notify_all()

    def check(self) -> None:
        """Raises StoreUnavailable where the file is being closed."""
        if self._closing:
            raise StoreUnavailable(ENDED)

    def close(self) -> None:
        """Before the file is closed: copies are ended, and waited for. Not for the thread that copies itself."""
        with self._copying:
            self._closing = True
            self._copying.wait_for(lambda: not self._copies, _PATIENCE)
