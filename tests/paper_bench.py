"""Paper venues for tests: invented prices, wide balances, and the loop that runs a coroutine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from rebalancer_gui.adapters.venues.paper import DEFAULT_FEES, PaperVenue
from rebalancer_gui.adapters.venues.price_script import PriceScripts, play
from rebalancer_gui.adapters.venues.simulated_book import DEFAULT_SPREAD, Depth, FillRatio
from rebalancer_gui.application.ports import Clock, QuoteBatch
from rebalancer_gui.domain.market import FeeSchedule, MarketRules, MarketStatus
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Side
from tests.fake_clock import FakeClock

T = TypeVar("T")
START = datetime(2021, 2, 16, tzinfo=UTC)
_HOUR = timedelta(hours=1)


def run(body: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(body)


@dataclass(frozen=True)
class Waves:
    """A price path: each coin swings by 10 % around its price, up and down once in seven hours."""

    prices: Mapping[str, Decimal]
    since: datetime = START - timedelta(days=1)
    until: datetime | None = None

    def price(self, asset: str, at: datetime) -> Decimal | None:
        middle = self.prices.get(asset)
        if middle is None or at < self.since or (self.until is not None and at > self.until):
            return None
        phase = Decimal((at - self.since) % (7 * _HOUR) // timedelta(milliseconds=1)) / (7 * 3_600_000)
        return middle * (Decimal("0.9") + abs(phase - Decimal("0.5")) * Decimal("0.4"))


PRICES = {"BTC": Decimal(50_000), "ETH": Decimal(2000), "XRP": Decimal("0.5"), "GONE": Decimal(1)}


def market(base: str, *, tick: str, step: str, status: MarketStatus = MarketStatus.TRADING) -> MarketRules:
    return MarketRules(
        base=base,
        quote="USDT",
        tick_size=Decimal(tick),
        step_size=Decimal(step),
        min_quantity=Decimal(step),
        max_quantity=Decimal(900_000_000),
        market_max_quantity=Decimal(100_000_000),
        min_notional=Decimal(5),
        max_notional=Decimal(9_000_000),
        status=status,
    )


RULES = {
    rules.symbol: rules
    for rules in (
        market("BTC", tick="0.01", step="0.00001"),
        market("ETH", tick="0.01", step="0.0001"),
        market("XRP", tick="0.0001", step="1"),
        market("GONE", tick="0.001", step="0.1", status=MarketStatus.HALTED),
    )
}
RICH = {"USDT": Decimal(50_000_000), "BTC": Decimal(1000), "ETH": Decimal(20_000), "XRP": Decimal(90_000_000)}


@dataclass(frozen=True)
class Setup:
    """Parameters of a paper venue; every test changes what it is about."""

    scripts: PriceScripts = field(default_factory=lambda: play(Waves(PRICES)))
    rules: Mapping[str, MarketRules] = field(default_factory=lambda: RULES)
    path: Path | None = None
    seed: int = 7
    start: datetime = START
    speed: int = 21_600
    balances: Mapping[str, Decimal] = field(default_factory=lambda: RICH)
    spread: Decimal | Mapping[str, Decimal] = DEFAULT_SPREAD
    depth: Depth = field(default_factory=Depth)
    fees: FeeSchedule = DEFAULT_FEES
    fill_ratio: FillRatio = field(default_factory=FillRatio)

    def build(self, clock: Clock) -> PaperVenue:
        return PaperVenue(
            self.scripts,
            clock,
            self.rules,
            self.path,
            start=self.start,
            seed=self.seed,
            speed=self.speed,
            balances=self.balances,
            spread=self.spread,
            depth=self.depth,
            fees=self.fees,
            fill_ratio=self.fill_ratio,
        )

    @asynccontextmanager
    async def opened(self, clock: Clock | None = None) -> AsyncIterator[PaperVenue]:
        """An open venue on a clock that turns itself."""
        venue = self.build(clock or FakeClock(START, auto=True))
        await venue.open()
        try:
            yield venue
        finally:
            await venue.close()


async def take_batches(venue: PaperVenue, count: int) -> list[QuoteBatch]:
    """The present batch and the ``count - 1`` after it."""
    batches = venue.batches()
    return [await anext(batches) for _ in range(count)]


def limit(
    cid: str, side: Side, quantity: Decimal | str, price: Decimal | str, symbol: str = "BTC/USDT"
) -> OrderRequest:
    return OrderRequest(cid, symbol, side, OrderType.LIMIT_IOC, Decimal(quantity), Decimal(price))


def at_market(cid: str, side: Side, quantity: Decimal | str, symbol: str = "BTC/USDT") -> OrderRequest:
    return OrderRequest(cid, symbol, side, OrderType.MARKET, Decimal(quantity), None)


class Consumer:
    """Asks for one batch after the other, as the engine does; ``held`` stands for work between two batches."""

    def __init__(self, venue: PaperVenue) -> None:
        self.seen: list[QuoteBatch] = []
        self.free = asyncio.Event()
        self.free.set()
        self._batches = venue.batches()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async for batch in self._batches:
            self.seen.append(batch)
            await self.free.wait()

    async def reach(self, count: int) -> None:
        """Until so many batches came; no time passes."""
        while len(self.seen) < count:  # noqa: ASYNC110 - everything else shall run
            await asyncio.sleep(0)

    @property
    def times(self) -> list[datetime]:
        return [batch.at for batch in self.seen]


@asynccontextmanager
async def playing(setup: Setup | None = None) -> AsyncIterator[tuple[PaperVenue, FakeClock, Consumer]]:
    """An open venue, a clock turned by hand and a consumer that has the first batch."""
    clock = FakeClock(START)
    async with (setup or Setup()).opened(clock) as venue:
        consumer = Consumer(venue)
        await clock.settle()
        try:
            yield venue, clock, consumer
        finally:
            consumer.task.cancel()
