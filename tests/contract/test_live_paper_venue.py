"""The paper account on live prices under the contract of all venues; the exchange is played."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from rebalancer_gui.adapters.market_data.live_feed import LiveQuoteFeed
from rebalancer_gui.adapters.venues.live_paper import LivePaperVenue
from tests.contract.venue_bench import Bench
from tests.contract.venue_contract import UniqueIdsContract
from tests.fake_clock import FakeClock
from tests.price_bench import BTC, ETH, XRP, PlayedVenue


class TestPaperOnLivePrices(UniqueIdsContract):
    @asynccontextmanager
    async def bench(self, *, poor: bool) -> AsyncIterator[Bench]:
        clock = FakeClock(auto=True)
        feed = LiveQuoteFeed(PlayedVenue(clock, streams=False), clock)
        rich = {"USDT": Decimal(50_000_000), "BTC": Decimal(1000), "XRP": Decimal(90_000_000)}
        balances = {"USDT": Decimal(100)} if poor else rich
        venue = LivePaperVenue(feed, clock, balances=balances, quote_asset="USDT")
        await venue.open()
        venue.follow((BTC, ETH, XRP))
        batches = venue.batches()
        await anext(batches)

        async def move_on() -> None:
            for _ in range(3):
                await anext(batches)

        try:
            yield Bench(venue, BTC, XRP, "GONE/USDT", move_on)
        finally:
            await venue.close()
