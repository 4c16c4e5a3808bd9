"""An event loop with real sockets and virtual time: it is later only when nothing can happen now.

Client and server of a run live in one loop and talk through the machine's loopback. As long as a socket has something to
say, time stands still; when none has, and no request is between them, it is at once as late as the next sleeper wants.
Timers of asyncio and aiohttp (time-outs, keep-alive) are virtual too: an hour of waiting costs nothing.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE = 0.05
"""Seconds of real time that the kernel is given to carry what is between client and server."""


class Traffic:
    """Requests that were sent and are not answered (``asked``), and those that the server keeps waiting (``held``)."""

    def __init__(self) -> None:
        self.asked = 0
        self.held = 0

    @property
    def moves(self) -> bool:
        """Whether something is between them that will arrive by itself."""
        return self.asked > self.held


class _Selector(selectors.DefaultSelector):
    """Waits for sockets only while there is traffic; else lets virtual time pass."""

    def __init__(self) -> None:
        super().__init__()
        self.traffic = Traffic()
        self.elapsed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.traffic.moves and (ready := super().select(PATIENCE)):
            return ready
        if timeout is None:
            raise RuntimeError("everything waits for something that will never happen")
        self.elapsed += max(timeout, 0.0)
        return []


class SocketLoop(asyncio.SelectorEventLoop):
    """``traffic`` is told of requests by both ends."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)
        self._clock_resolution = 1e-9

    @property
    def traffic(self) -> Traffic:
        return self._virtual.traffic

    def time(self) -> float:
        return self._virtual.elapsed


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run ``main`` in a loop of its own that begins at 0."""
    with asyncio.Runner(loop_factory=SocketLoop) as runner:
        return runner.run(main())
