"""The loopback server: one exchange behind one venue's face, and everything a wire can do to an answer."""

from __future__ import annotations

import asyncio
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from aiohttp import web

from tests.wire.core import Core

UNUSABLE = {
    "empty": "", "blank": "  \n", "HTML": "<html><body>Please wait</body></html>", "null": "null",
    "cut off": '{"orderId": 12, "symb', "a word": '"OK"', "a number": "0",
}  # fmt: skip
"""The seven bodies with status 200 that say nothing."""


@dataclass
class Fault:
    """What is done to requests that ``hits`` (method, path). ``executed``: after the exchange did what was asked.

    ``how``: ``reset``, ``close``, ``short`` (less than its Content-Length), ``silent`` (until the client gives up), or ``say``:
    ``status``, ``body`` and ``headers`` in place of the answer. ``times`` < 0: for ever.
    """

    how: str = "say"
    hits: Callable[[str, str], bool] = lambda method, path: True
    executed: bool = True
    times: int = 1
    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Face(ABC):
    """One venue's REST interface."""

    venue: str
    order_path: str
    """Where orders are posted."""
    most = 1000
    """Rows of a page, at most."""
    odd_price: str | None = None
    """Stands for every price of BTC."""

    def __init__(self, core: Core) -> None:
        self.core = core

    def price(self, symbol: str, price: Decimal) -> str:
        """How a price is written."""
        return self.odd_price if self.odd_price is not None and symbol == "BTC/USDT" else f"{price:f}"

    @abstractmethod
    async def answer(self, request: web.Request) -> web.Response: ...

    def trade_id(self, trade_id: str) -> str:
        """How the venue writes the id of a trade."""
        return trade_id

    def is_order(self, method: str, path: str) -> bool:
        """Whether a request sends an order."""
        return method == "POST" and path.endswith(self.order_path)


@dataclass
class Wire:
    """The running server. ``log`` has every request: time, method, path; ``breaches`` what must never happen."""

    url: str
    core: Core
    face: Face
    faults: list[Fault] = field(default_factory=list)
    log: list[tuple[datetime, str, str]] = field(default_factory=list)
    bodies: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """What orders said on the wire: raw body and headers."""
    banned_until: datetime | None = None
    breaches: list[str] = field(default_factory=list)

    def fault(self, how: str = "say", *, orders: bool = True, path: str = "", **named: object) -> Fault:
        """Plan one; for orders, or for reads whose path holds ``path``."""

        def hits(method: str, where: str) -> bool:
            is_order = self.face.is_order(method, where)
            return is_order if orders else not is_order and path in where

        made = Fault(how, hits, **named)  # type: ignore[arg-type]
        self.faults.append(made)
        return made

    def order_posts(self) -> int:
        """How many orders were posted."""
        return sum(1 for _at, method, path in self.log if self.face.is_order(method, path))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        now = self.core.clock.true()
        self.log.append((now, request.method, request.path))
        if self.banned_until is not None and now < self.banned_until:
            self.breaches.append(f"{request.method} {request.path} during a ban")
        if self.face.is_order(request.method, request.path):
            self.bodies.append((await request.text(), dict(request.headers)))
        fault = next((f for f in self.faults if f.times and f.hits(request.method, request.path)), None)
        if fault is None:
            return await self.face.answer(request)
        fault.times -= 1
        answer = await self.face.answer(request) if fault.executed else web.Response()
        return await self._spoilt(request, fault, answer)

    async def _spoilt(self, request: web.Request, fault: Fault, answer: web.Response) -> web.StreamResponse:
        transport = request.transport
        assert transport is not None
        match fault.how:
            case "reset":
                there: socket.socket = transport.get_extra_info("socket")
                there.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                transport.abort()
                return answer
            case "close":
                transport.close()
                return answer
            case "short":
                short = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "100000"})
                await short.prepare(request)
                await short.write((answer.body if isinstance(answer.body, bytes) else b"")[:40])
                transport.close()
                return short
            case _:
                text = answer.text if fault.body == "as it is" else fault.body
                return web.Response(
                    status=fault.status, text=text, headers=fault.headers, content_type="application/json"
                )


@asynccontextmanager
async def serving(core: Core, make: Callable[[Core], Face], port: int = 0) -> AsyncIterator[Wire]:
    """A server of its own on this machine, on any free port (0)."""
    app = web.Application()
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1, keepalive_timeout=5)
    face = make(core)
    wire = Wire("", core, face)
    app.router.add_route("*", "/{tail:.*}", wire.handle)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        wire.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield wire
    finally:
        await settle()
        await runner.cleanup()
        await settle()


async def settle() -> None:
    """Connections are taken, and closed ones are gone, only after the loop has turned."""
    for _ in range(10):
        await asyncio.sleep(0)
