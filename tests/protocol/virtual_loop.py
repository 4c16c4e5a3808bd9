"""An event loop whose time is virtual: when nothing is left to do it is at once as late as the next sleeper wants.

Unlike a clock that is turned inside a real loop, timers of asyncio itself (``sleep``, ``wait``, ``call_later``) are virtual
too, no system call is made, and everything happens in the same order every time.
"""

from __future__ import annotations

import asyncio
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
EPOCH = datetime(2024, 3, 1, 8, tzinfo=UTC)


class _Selector:
    """Stands where the loop waits for sockets: it only lets time pass."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everything waits for something that will never happen")
        if timeout > 0:
            self._loop.elapsed += timeout
        return []

    def close(self) -> None:
        """Nothing is open."""


class VirtualLoop(BaseEventLoop):
    """``elapsed`` is its time in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0
        self._selector = _Selector(self)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self.elapsed

    def _process_events(self, event_list: list[Any]) -> None:
        """There are no sockets."""

    def _write_to_self(self) -> None:
        """Nobody else could wake it."""


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run ``main`` in a virtual loop of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main())


class SimClock:
    """The port Clock. ``wall`` time is true time plus ``skew``; while the machine sleeps monotonic time stands still."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.slept = timedelta(0)
        self.skew = timedelta(0)

    def true(self) -> datetime:
        """What the clocks of everybody else say."""
        return EPOCH + timedelta(seconds=self._loop.time()) + self.slept

    def now(self) -> datetime:
        return self.true() + self.skew

    def monotonic(self) -> float:
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    @property
    def minutes(self) -> float:
        """True minutes since the beginning."""
        return (self.true() - EPOCH).total_seconds() / 60
