"""What runs beside the engine in its loop and may never hold it up: it hears every event, and a fault of it ends only itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from rebalancer_gui.application.ports import EventSink

Note = Callable[[str, str], None]
"""``note(account, text)``: a sentence for the journal of that account ("" = of every account). Engine thread only."""
LAST_WORDS = 10.0
"""Seconds that a companion has to end when the engine has failed, and nobody waits for it to stop."""
GOODBYE = 0.25
"""Seconds that it has when the engine was asked to stop."""
_log = logging.getLogger(__name__)


class Companion(Protocol):
    """Engine thread only."""

    def take(self, event: object) -> None:
        """Remember ``event``; does nothing else and never raises."""
        ...

    async def run(self, note: Note) -> None:
        """Until it is cancelled."""
        ...

    async def finish(self) -> None:
        """Return when nothing is left to do; ``run`` goes on meanwhile."""
        ...

    async def release(self) -> None:
        """``run`` has ended: give free what is held. Never raises for what the world does."""
        ...


class Companions:
    """All of an engine. ``start`` before anything is opened, ``end`` after everything is closed."""

    def __init__(self, companions: Sequence[Companion], note: Note) -> None:
        self._companions = tuple(companions)
        self._note = note
        self._tasks: list[asyncio.Task[None]] = []

    def listen_to(self, emit: EventSink) -> EventSink:
        """``emit`` with all companions as listeners behind it."""
        if not self._companions:
            return emit

        def tell(event: object) -> None:
            emit(event)
            for companion in self._companions:
                companion.take(event)

        return tell

    def start(self) -> None:
        for companion in self._companions:
            task = asyncio.create_task(companion.run(self._note), name=type(companion).__name__)
            task.add_done_callback(_say_fault)
            self._tasks.append(task)

    async def end(self, stop: asyncio.Event) -> None:
        """``stop``: whether, and from when on, somebody waits for the end."""
        if not self._companions:
            return
        last = [
            asyncio.create_task(c.finish()) for c, t in zip(self._companions, self._tasks, strict=True) if not t.done()
        ]
        if last and not stop.is_set():
            asked = asyncio.create_task(stop.wait())
            finished = asyncio.create_task(asyncio.wait(last))
            await asyncio.wait({asked, finished}, timeout=LAST_WORDS, return_when=asyncio.FIRST_COMPLETED)
            last += [asked, finished]  # type: ignore[list-item]
        elif last:
            await asyncio.wait(last, timeout=GOODBYE)
        for task in [*last, *self._tasks]:
            task.cancel()
        await asyncio.gather(*last, *self._tasks, return_exceptions=True)
        released = [asyncio.create_task(c.release()) for c in self._companions]
        await asyncio.wait(released, timeout=GOODBYE)
        for task in released:
            task.cancel()
        await asyncio.gather(*released, return_exceptions=True)


def _say_fault(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.error(
            "a fault in %s: it is switched off until the next start, all else goes on", task.get_name(), exc_info=error
        )
