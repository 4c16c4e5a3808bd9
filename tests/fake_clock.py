"""A clock that tests turn by hand, or that turns itself whenever nothing else is left to do."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from datetime import UTC, datetime, timedelta

DEFAULT_START = datetime(2021, 1, 1, tzinfo=UTC)


class FakeClock:
    """The port Clock without real time. ``sleep`` ends when the clock has been turned far enough.

    By hand: ``await clock.advance(5)`` wakes every sleeper due within 5 seconds, in order, and lets woken tasks run (and
    sleep again) in between. With ``auto=True`` the clock jumps to the next sleeper as soon as the event loop has nothing
    else to run, so a year passes in a moment and always in the same order.
    """

    def __init__(self, now: datetime = DEFAULT_START, *, auto: bool = False) -> None:
        self._start = now
        self._elapsed = 0.0
        self._auto = auto
        self._watching = False
        self._numbers = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    @property
    def sleeping(self) -> int:
        """How many are asleep."""
        return sum(not future.done() for _, _, future in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._numbers), future))
        if self._auto:
            self._watch()
        await future

    async def advance(self, seconds: float) -> None:
        """Turn the clock by ``seconds``; returns when everything that woke has come to rest."""
        target = self._elapsed + seconds
        await self.settle()
        while (due := self._next_due()) is not None and due <= target:
            self._wake_until(due)
            await self.settle()
        self._elapsed = target

    async def settle(self) -> None:
        """Let all other tasks run until each of them waits for something."""
        while _ready():  # noqa: ASYNC110 - it is the loop itself that is waited for
            await asyncio.sleep(0)

    def _next_due(self) -> float | None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def _wake_until(self, moment: float) -> None:
        self._elapsed = max(self._elapsed, moment)
        while (due := self._next_due()) is not None and due <= moment:
            heapq.heappop(self._sleepers)[2].set_result(None)

    def _watch(self) -> None:
        if not self._watching:
            self._watching = True
            asyncio.get_running_loop().call_soon(self._jump_when_idle)

    def _jump_when_idle(self) -> None:
        if _ready():
            asyncio.get_running_loop().call_soon(self._jump_when_idle)
            return
        self._watching = False
        due = self._next_due()
        if due is not None:
            self._wake_until(due)
            if self._next_due() is not None:
                self._watch()


def _ready() -> deque[object]:
    """Callbacks the running loop is about to run (there is no public question for it)."""
    ready: deque[object] = vars(asyncio.get_running_loop())["_ready"]
    return ready
