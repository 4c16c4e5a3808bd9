"""The first-class venues under the contract of all venues: the adapter, ccxt, HTTP, and a server that speaks as they do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

from tests.contract.venue_bench import Bench
from tests.contract.venue_contract import VenueContract
from tests.paper_bench import Setup
from tests.wire.bench import line


class CcxtContract(VenueContract):
    name = ""
    setup = Setup()

    @asynccontextmanager
    async def bench(self, *, poor: bool) -> AsyncIterator[Bench]:
        setup = replace(self.setup, balances={"USDT": Decimal(100)}) if poor else self.setup
        async with line(self.name, setup) as made:
            batches = made.core.paper.batches()
            await anext(batches)

            async def move_on() -> None:
                await anext(batches)

            yield Bench(made.venue, "BTC/USDT", "XRP/USDT", "GONE/USDT", move_on)


class TestBinance(CcxtContract):
    name = "binance"
