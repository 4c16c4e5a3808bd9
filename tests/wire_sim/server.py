"""The loopback server: a venue's face on the simulated exchange, and everything that a bad wire does to an answer."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from rebalancer_gui.domain.orders import OrderRequest, Rejected
from tests.protocol.sim_exchange import SimOrder
from tests.wire.server import Face
from tests.wire_sim.exchange import SimCore, View
from tests.wire_sim.faults import SILENCE, Fate, WireFaults
from tests.wire_sim.loop import Traffic

CLOSED, KEPT = 0.1, 3600.0
PUBLIC = ("/public/", "/market/", "/time", "exchangeInfo", "/depth", "/ticker")


class NotYetError(Exception):
    """The order has not arrived, and perhaps never will."""


class BadWire:
    """``breaches`` holds what the program must never do: requests inside a ban, a second POST of one client order id."""

    def __init__(
        self, core: SimCore, face: Face, faults: WireFaults, *, fence: timedelta | None, traffic: Traffic,
        on_post: Callable[[OrderRequest], None], say: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.core, self.face, self.faults = core, face, faults
        self.url = ""
        self.down = False
        """Maintenance: every request is answered with 503."""
        self.banned_until: datetime | None = None
        self.empty_until: datetime | None = None
        self.breaches: list[str] = []
        self.requests = 0
        self._fence = fence
        self._traffic = traffic
        self._on_post = on_post
        self._say = say
        self._fate = Fate()
        self._before = ""
        """The last good answer to an order."""
        core.take = self._take

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request."""
        await request.read()
        exchange, (method, path) = self.core.exchange, (request.method, request.path)
        self.requests += 1
        now = exchange.clock.true()
        if self.banned_until is not None and now < self.banned_until:
            self.breaches.append(f"{method} {path} during a ban")
            self._say(f"BREACH {method} {path} during a ban")
        is_order = self.face.is_order(method, path)
        fate = self._drawn(is_order, path)
        await self._hold(min(fate.wait, 0.02))
        exchange.catch_up()
        self._fate = fate
        answer = await self._asked(request, fate, is_order=is_order)
        if fate.name:
            self._say(f"{method} {path}: {fate.name}")
        if fate.pause:
            until = exchange.clock.true() + timedelta(seconds=fate.pause)
            self.banned_until = max(self.banned_until or until, until)
        await self._hold(fate.wait - 0.02)
        return await self._given(request, fate, answer)

    def _drawn(self, is_order: bool, path: str) -> Fate:
        if self.down:
            return Fate("maintenance", "say", False, status=503, body="<html>Maintenance</html>")
        if is_order:
            return self.faults.order()
        signed = not any(part in path for part in PUBLIC)
        fate = self.faults.question(signed=signed)
        if signed and (seconds := self.faults.empty_for()):
            self.empty_until = self.core.exchange.clock.true() + timedelta(seconds=seconds)
        return fate

    async def _asked(self, request: web.BaseRequest, fate: Fate, *, is_order: bool) -> web.Response:
        """What the exchange says, whether that is told or not."""
        if self.down or not (fate.executed or is_order):
            return web.Response()
        empty = self.empty_until is not None and self.core.exchange.clock.true() < self.empty_until
        self.core.refresh(View(fate.view.blind, empty, fate.view.twice))
        read: Any = request
        try:
            answer = await self.face.answer(read)
        except NotYetError:
            return web.Response()
        return answer

    def _take(self, request: OrderRequest) -> SimOrder | Rejected:
        """A POST that can be read has come: it is stored, and nothing forbids it; now its fate decides."""
        cid, fate, exchange = request.client_order_id, self._fate, self.core.exchange
        if exchange.posts[cid] > 1:
            self.breaches.append(f"I3: {cid} was sent twice")
        limit = "" if request.limit_price is None else f" at {request.limit_price}"
        self._say(f"POST {cid} {request.side.value} {request.quantity} {request.symbol}{limit}: {fate.name or 'well'}")
        self._on_post(request)
        filling = self.faults.filling(request)
        if not fate.executed:
            raise NotYetError
        if not fate.late:
            return exchange.arrive(request, filling)
        sent = exchange.clock.true()

        def arrives() -> None:
            if self._fence is not None and exchange.now() > sent + self._fence:
                exchange.refused_late += 1
                self._say(f"{cid} came too late")
            else:
                self._say(f"{cid} arrived late")
                exchange.arrive(request, filling)

        exchange.at(sent + timedelta(seconds=fate.late), arrives)
        raise NotYetError

    async def _given(self, request: web.BaseRequest, fate: Fate, answer: web.Response) -> web.StreamResponse:
        """What comes back."""
        transport = request.transport
        if transport is None:
            return answer
        match fate.how:
            case "reset":
                there: socket.socket = transport.get_extra_info("socket")
                there.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                transport.abort()
                return answer
            case "close":
                transport.close()
                return answer
            case "silent":
                await self._hold(SILENCE)
                return answer
            case "short":
                short = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "100000"})
                await short.prepare(request)
                await short.write((answer.body if isinstance(answer.body, bytes) else b"")[:40])
                transport.close()
                return short
            case "say":
                return web.Response(
                    status=fate.status, text=fate.body, headers=fate.headers, content_type="application/json"
                )
            case "again" if self._before:
                return web.Response(text=self._before, content_type="application/json")
        if self.face.is_order(request.method, request.path) and answer.status == 200:
            self._before = answer.text or ""
        return answer

    async def _hold(self, seconds: float) -> None:
        """Virtual time passes at the server."""
        if seconds <= 0:
            return
        self._traffic.held += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._traffic.held -= 1


@asynccontextmanager
async def listening(wire: BadWire) -> AsyncIterator[BadWire]:
    """On a free port of this machine."""
    server = web.Server(wire.handle, access_log=None, keepalive_timeout=KEPT)
    listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        listener.close()
        await server.shutdown(CLOSED)
        await asyncio.sleep(0)
