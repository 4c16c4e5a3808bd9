"""The demo market's time: when the next batch of quotes is due, and the buttons of the demo bar (BEHAVIOUR.md 3a).

Discrete events: market time is the time of the newest batch and moves with the next one only, so whatever happens between
two batches happens at one moment, however long it takes on the wall. A batch is made when the consumer asks for it and its
wall time has come. Engine thread only.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from rebalancer_gui.adapters.market_data.price_path import MAX_SPEED, MIN_SPEED, quote_spacing
from rebalancer_gui.adapters.venues.coin_life import CoinLife
from rebalancer_gui.adapters.venues.paper_ledger import PaperLedger
from rebalancer_gui.adapters.venues.price_script import MarketSettings, PriceScripts, WalkStart
from rebalancer_gui.adapters.venues.simulated_market import SimulatedMarket
from rebalancer_gui.application.paper_port import DemoState
from rebalancer_gui.application.ports import Clock, QuoteBatch
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput

DEFAULT_SPEED = 21_600
"""6 hours of market time a second."""
JUMP_SPACING = quote_spacing(DEFAULT_SPEED)
"""A jump looks at the market at least as coarsely as the default speed does."""
TO_DISK_EVERY = 1.0
"""Seconds of wall time within which the market time reaches the disk itself."""


class MarketClock:
    """The port Clock of a demo account: ``now`` is market time, waiting is wall time."""

    def __init__(self, wall: Clock, now: datetime) -> None:
        self._wall = wall
        self.market_time = now

    def now(self) -> datetime:
        return self.market_time

    def monotonic(self) -> float:
        return self._wall.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._wall.sleep(seconds)


class DemoFeed:
    """Implements ``application.paper_port.DemoControls`` and makes the batches of one paper account.

    The account calls ``begin`` when it opens, ``order_came`` at each order, ``markets_changed`` when the next batch shall
    say so, and ``end`` when it closes.
    """

    def __init__(
        self, wall: Clock, ledger: PaperLedger, market: SimulatedMarket, scripts: PriceScripts, start: datetime
    ) -> None:
        self.clock = MarketClock(wall, start)
        self._wall = wall
        self._ledger = ledger
        self._market = market
        self._scripts = scripts
        self._changed = asyncio.Event()
        self._paused = self._jumping = self._closed = False
        self._markets_changed = False
        self._steps = 0
        self._speed = DEFAULT_SPEED
        self._published_at = self._on_disk_at = wall.monotonic()

    def begin(self, settings: MarketSettings, speed: int, market_time: datetime, life: CoinLife) -> None:
        """Stand at ``market_time`` and play what ``settings`` ask for, with the coins as ``life`` left them."""
        self._settings = settings
        self._speed = speed
        self._script = self._scripts(settings)
        self.clock.market_time = market_time
        self._market.begin(self._script, settings.seed, market_time, life)
        self._published_at = self._wall.monotonic()
        self._closed = False

    def end(self) -> None:
        """No more batches."""
        self._closed = True
        self._changed.set()

    def order_came(self) -> None:
        """An order reached the market: what the jump was for."""
        self._jumping = False

    def markets_changed(self) -> None:
        """The next batch, and only that one, tells that the markets are to be read anew."""
        self._markets_changed = True

    # ------------------------------------------------------------------------------------------------- the demo bar

    def state(self) -> DemoState:
        return DemoState(
            market_time=self.clock.market_time,
            speed=self._speed,
            spacing=self._spacing,
            paused=self._paused,
            jumping=self._jumping,
            ended=self._ended,
            source=self._script.text,
            seed=self._settings.seed,
            first_day=self._settings.start.date(),
            last_day=None if self._script.end is None else self._script.end.date(),
        )

    def set_speed(self, speed: int) -> None:
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise InvalidInput("speed", f"The demo's speed must be a whole number from {MIN_SPEED} to {MAX_SPEED:,}.")
        try:
            self._ledger.set_speed(speed)
        except EnvironmentProblem as problem:
            raise InvalidInput("speed", problem.message) from problem
        self._speed = speed
        self._changed.set()

    def set_paused(self, paused: bool) -> None:  # noqa: FBT001 - the port's own signature
        self._paused = paused
        if paused:
            self._jumping = False
        self._steps = 0
        self._changed.set()

    def step(self) -> None:
        self._paused, self._jumping = True, False
        self._steps += 1
        self._changed.set()

    def jump(self) -> None:
        self._jumping = not self._jumping and not self._ended
        self._changed.set()

    def continue_with_random_walk(self) -> None:
        if not self._ended:
            raise InvalidInput("demo", "The replay is not over yet; a random walk can only follow its last day.")
        walk = WalkStart(self.clock.market_time, self._market.last_prices())
        settings = MarketSettings(self._settings.seed, self._settings.start, walk)
        script = self._scripts(settings)
        try:
            self._ledger.set_walk(walk)
        except EnvironmentProblem as problem:
            raise InvalidInput("demo", problem.message) from problem
        self._settings, self._script = settings, script
        self._market.begin(script, settings.seed, walk.at, self._market.life)
        self._changed.set()

    # ------------------------------------------------------------------------------------------------------ batches

    def present_batch(self) -> QuoteBatch:
        """The batch of this very market time."""
        changed, self._markets_changed = self._markets_changed, False
        return QuoteBatch(self.clock.market_time, self._market.quotes(), self._spacing, markets_changed=changed)

    async def next_batch(self) -> QuoteBatch:
        """Wait until the next batch is due and make it. Raises StopAsyncIteration when the account was closed."""
        await self._wait_until_due()
        if self._closed:
            raise StopAsyncIteration
        self._steps = max(self._steps - 1, 0)
        return self._advance()

    def _advance(self) -> QuoteBatch:
        at = self.clock.market_time + self._spacing
        if self._script.end is not None:
            at = min(at, self._script.end)
        now = self._wall.monotonic()
        to_disk = now - self._on_disk_at >= TO_DISK_EVERY
        self._ledger.set_market_time(at, to_disk=to_disk)
        if to_disk:
            self._on_disk_at = now
        self._published_at = now
        self.clock.market_time = at
        self._market.move_to(at)
        batch = self.present_batch()
        if self._ended:
            self._jumping, self._steps = False, 0
        return batch

    async def _wait_until_due(self) -> None:
        await self._wall.sleep(0)  # Others get their turn before every batch, also when it is due at once.
        while not self._closed:
            self._changed.clear()
            seconds = self._seconds_until_due()
            if seconds is not None and seconds <= 0:
                return
            await self._sleep_or_change(seconds)

    def _seconds_until_due(self) -> float | None:
        """Of wall time; None = not before somebody presses a button."""
        if self._ended:
            return None
        if self._jumping or self._steps:
            return 0
        if self._paused:
            return None
        return self._published_at + self._spacing.total_seconds() / self._speed - self._wall.monotonic()

    async def _sleep_or_change(self, seconds: float | None) -> None:
        waits: set[asyncio.Future[object]] = {asyncio.ensure_future(self._changed.wait())}
        if seconds is not None:
            waits.add(asyncio.ensure_future(self._wall.sleep(seconds)))
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in done:
                wait.result()
        finally:
            for wait in waits:
                wait.cancel()

    @property
    def _spacing(self) -> timedelta:
        spacing = quote_spacing(self._speed)
        return max(spacing, JUMP_SPACING) if self._jumping else spacing

    @property
    def _ended(self) -> bool:
        return self._script.end is not None and self.clock.market_time >= self._script.end
