"""A loopback exchange in a thread of its own, for real commands and the window to talk to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from rebalancer_gui.application.connection import Credentials
from tests.wire.binance_face import BinanceFace
from tests.wire.core import Core, TurnedClock, core
from tests.wire.server import serving


class WallClock(TurnedClock):
    """The program that is tested runs by the real clock."""

    def true(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Exchange:
    """``core`` belongs to the server's thread: set plain values only."""

    url: str
    core: Core


@contextmanager
def exchange(key: Credentials) -> Iterator[Exchange]:
    """Binance's face, with ``key`` as its only customer."""
    ready, ends = threading.Event(), threading.Event()
    made: list[Exchange] = []
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        over = asyncio.Event()
        loops.append((asyncio.get_running_loop(), over))
        async with core(key, clock=WallClock()) as there, serving(there, BinanceFace) as wire:
            made.append(Exchange(wire.url, there))
            ready.set()
            await over.wait()
        ends.set()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="exchange", daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield made[0]
    finally:
        loop, over = loops[0]
        loop.call_soon_threadsafe(over.set)
        thread.join(20)
        assert ends.is_set()
