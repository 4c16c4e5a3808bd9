"""The world of SIM at the end of a real wire: engine, adapter, ccxt and HTTP are real; only time and the exchange are not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from rebalancer_gui.adapters.venues.ccxt_client import make_client
from rebalancer_gui.adapters.venues.ccxt_polling import Polling
from rebalancer_gui.adapters.venues.ccxt_quirks import quirks_of
from rebalancer_gui.adapters.venues.ccxt_venue import CcxtVenue
from rebalancer_gui.adapters.venues.ccxt_venues import dialect_of
from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.application.kept_pause import PAUSE_KEY
from rebalancer_gui.application.ports import Store, Venue
from rebalancer_gui.domain.market_order import MAX_SLIP
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Side
from tests.protocol.faults import Crash
from tests.protocol.world import Settings, WireEnd, World
from tests.wire.bench import FACES, KEY, KEYS
from tests.wire.coinbase_face import CoinbaseFace
from tests.wire_sim.exchange import SimCore, WireExchange
from tests.wire_sim.faults import WireFaults
from tests.wire_sim.loop import SocketLoop
from tests.wire_sim.server import BadWire, listening


class MortalVenue(CcxtVenue):
    """The program's own venue, whose process can die just before a request leaves and just after it was answered."""

    def __init__(self, world: WireWorld) -> None:
        key = KEYS.get(world.name, KEY)
        client = make_client(VenueSpec(world.name, world.wire.url), key, clock=world.clock, paced=False)
        super().__init__(dialect_of(client), name=world.name, credentials=key, quote_assets=("USDT",))
        self._quotes = Polling(self, world.settings.spacing)
        self.dead = False
        self.breaches: list[str] = []
        self._world = world
        self._fetch = client.exchange.fetch
        client.exchange.fetch = self._passes

    async def _passes(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """Stands where ccxt sends a request."""
        is_order = self._world.wire.face.is_order(method, url.partition("?")[0])
        what = "an order" if is_order else "a question"
        self._may_die(f"before {what}")
        traffic = self._world.traffic
        traffic.asked += 1
        try:
            answer = await self._fetch(url, method, headers, body)
        finally:
            traffic.asked -= 1
        self._may_die(f"after {what}")
        return answer

    def _may_die(self, where: str) -> None:
        if self.dead:
            raise Crash(f"dead: {where}")
        if self._world.faults.crashes(where):
            self._world.say(f"CRASH {where}")
            self.dead = True
            raise Crash(where)


class WireWorld(World):
    """``name``: the venue. ``wire`` is the exchange's end; made by ``wire_world``."""

    exchange_type = WireExchange
    exchange: WireExchange

    def __init__(
        self, name: str, faults: WireFaults, path: Path, settings: Settings, *, seed: int = 1, trace: bool = False
    ) -> None:
        super().__init__(faults, path, settings, seed=seed, trace=trace)
        self.name = name
        self.traffic = cast("SocketLoop", asyncio.get_running_loop()).traffic
        core = SimCore(self.exchange, KEYS.get(name, KEY))
        face = FACES[name](core)
        if isinstance(face, CoinbaseFace):
            # A whole wallet on one page: the look at two of them is the wire suite's.
            face.accounts_page = 250
        self.exchange.names(name, face.trade_id)
        self.wire = BadWire(
            core, face, faults, fence=settings.fence, traffic=self.traffic, on_post=self._posted, say=self.say
        )
        self._closing: list[asyncio.Task[None]] = []

    def new_venue(self) -> WireEnd:
        # A new process knows of a pause only what the one before could store of it.
        if PAUSE_KEY not in self.invariants.shadow.values:
            self.wire.banned_until = None
        elif self.wire.banned_until is not None:
            self.wire.banned_until = min(self.wire.banned_until, self._stored_pause())
        return MortalVenue(self)

    def _stored_pause(self) -> datetime:
        """Read by the clock of this computer, which may be set anew before it is looked at."""
        return datetime.fromisoformat(self.invariants.shadow.values[PAUSE_KEY]) - self.clock.skew

    def account_setup(self, venue: Venue, store: Store) -> AccountSetup:
        setup = super().account_setup(venue, store)
        return replace(setup, calls_per_minute=quirks_of(self.name).calls_per_minute)

    def _posted(self, request: OrderRequest) -> None:
        """Coinbase has no market buy by quantity: it goes as a limit order that works at once, at the worst price that is meant."""
        intent = self.invariants.shadow.intents.get(request.client_order_id)
        if (
            self.name == "coinbase"
            and intent is not None
            and intent.request.limit_price is None
            and request.limit_price
        ):
            best = self.market.quote(request.symbol, self.clock.true()).ask
            if request.side is Side.BUY and best <= request.limit_price <= best * (1 + MAX_SLIP):
                request = replace(request, type=OrderType.MARKET, limit_price=None)
        self.invariants.posts(request)

    def bury(self) -> None:
        life = self.life
        super().bury()
        if life is not None:
            # What the system does to the connections of a process that is gone.
            self._closing.append(asyncio.ensure_future(cast("MortalVenue", life.venue).close()))
        self.invariants.broken += [b for b in self.wire.breaches if b not in self.invariants.broken]

    async def closed(self) -> None:
        """All connections of former lives are."""
        await asyncio.gather(*self._closing)


@asynccontextmanager
async def wire_world(
    name: str, faults: WireFaults, path: Path, settings: Settings, *, seed: int = 1, trace: bool = False
) -> AsyncIterator[WireWorld]:
    """A world whose first engine runs; it is stopped safely at the end."""
    made = WireWorld(name, faults, path, settings, seed=seed, trace=trace)
    async with listening(made.wire):
        made.begin()
        try:
            yield made
        finally:
            await made.end()
            await made.closed()
