"""Candle files for the engine: read in a thread beside its loop, told of, and given up when nobody wants them any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Event

from rebalancer_gui.adapters.market_data.candle_csv import CandleFile, read_candles
from rebalancer_gui.application.candle_port import FileAnswer, Told


class CandleFiles:
    """Implements ``application.candle_port.CandleFileReader``. ``now``: candles that are not over by then are left out."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    async def read(self, paths: tuple[Path, ...], wanted: tuple[str, ...], told: Told) -> FileAnswer:
        """InvalidInput ("candles") refuses all of them, with file, line and field."""
        loop, stop = asyncio.get_running_loop(), Event()

        def progress(done: int, total: int) -> None:
            if stop.is_set():
                raise _NotWantedError
            loop.call_soon_threadsafe(told, done, total)

        def read() -> CandleFile | None:
            try:
                return read_candles(paths, wanted=wanted, now=self._now(), progress=progress)
            except _NotWantedError:
                return None

        try:
            found = await asyncio.to_thread(read)
        finally:
            stop.set()
        if found is None:
            raise asyncio.CancelledError
        return FileAnswer(found.series, found.mapping, found.findings)


class _NotWantedError(Exception):
    """The load was cancelled."""
