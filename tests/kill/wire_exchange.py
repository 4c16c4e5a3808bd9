"""An exchange in a process of its own, which nobody kills: Binance's face on this machine, and a second port that tells the truth.

Exchange and program share a clock that runs fast: both count from the same moment of the machine's monotonic clock.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from aiohttp import web

from tests.wire.bench import FACES, KEY
from tests.wire.core import WIRE_START, TurnedClock, core
from tests.wire.server import serving

PACE = 60
"""Seconds of the shared clock in one of real time."""
VENUE = "binance"


class FastClock(TurnedClock):
    """``began``: the machine's monotonic time at which it was WIRE_START."""

    def __init__(self, began: float) -> None:
        super().__init__()
        self._began = began

    def monotonic(self) -> float:
        return (time.monotonic() - self._began) * PACE

    def true(self) -> datetime:
        return WIRE_START + timedelta(seconds=self.monotonic())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0.0) / PACE)


@dataclass(frozen=True)
class Exchange:
    """Where it is, and what it says of itself."""

    url: str
    truth: str
    began: float

    def balances(self) -> dict[str, Decimal]:
        """What the account holds, without zeros."""
        return {asset: Decimal(amount) for asset, amount in self._ask()["balances"].items()}

    def posts(self) -> dict[str, int]:
        """How often each client order id was sent."""
        return dict(self._ask()["posts"])

    def _ask(self) -> dict[str, Any]:
        with urllib.request.urlopen(self.truth, timeout=10) as answer:  # noqa: S310 - our own server on this machine
            told: dict[str, Any] = json.loads(answer.read())
            return told


@contextmanager
def exchange() -> Iterator[Exchange]:
    """Forked from a warm parent; ended with the block."""
    read, write = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            asyncio.run(_serve(began, write))
        finally:
            os._exit(0)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            url, truth = told.readline().split()
        yield Exchange(url, truth, began)
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)


async def _serve(began: float, told: int) -> None:
    async with core(KEY, None, FastClock(began)) as there, serving(there, FACES[VENUE]) as wire:
        # What is late on this fast clock is only this machine's slowness.
        there.fence = timedelta(hours=1)

        async def truth(_request: web.Request) -> web.Response:
            balances = await there.paper.balances()
            held = {asset: f"{b.total:f}" for asset, b in balances.items() if b.total}
            return web.json_response({"balances": held, "posts": there.posts})

        app = web.Application()
        app.router.add_get("/", truth)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        with os.fdopen(told, "w") as out:
            out.write(f"{wire.url} http://127.0.0.1:{runner.addresses[0][1]}/\n")
        await asyncio.Event().wait()
