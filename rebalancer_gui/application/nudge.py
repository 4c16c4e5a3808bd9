"""Waiting that somebody can cut short: what is tried again by and by is tried at once when its cause was put right."""

from __future__ import annotations

import asyncio

from rebalancer_gui.application.ports import Clock


class Nudge:
    """Engine thread only. ``given`` counts; whoever waits remembers it before looking, so that none is missed meanwhile."""

    def __init__(self) -> None:
        self.given = 0
        self._next = asyncio.Event()

    def give(self) -> None:
        """Everybody who waits goes on now."""
        self.given += 1
        self._next.set()
        self._next = asyncio.Event()

    async def pause(self, clock: Clock, seconds: float, since: int) -> bool:
        """Wait ``seconds`` of wall time, shorter when a nudge comes or has come after the count ``since``; whether one did."""
        if self.given != since:
            return True
        sleep = asyncio.ensure_future(clock.sleep(seconds))
        nudged = asyncio.ensure_future(self._next.wait())
        try:
            await asyncio.wait({sleep, nudged}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sleep, nudged):
                task.cancel()
            await asyncio.gather(sleep, nudged, return_exceptions=True)
        return self.given != since
