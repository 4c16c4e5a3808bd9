"""The built-in paper venue under the contract of all venues, with everything that can be set set differently."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.adapters.venues.simulated_book import Depth, FillRatio
from rebalancer_gui.domain.market import FeeSchedule, FeeSide
from tests.contract.outside_contract import OutsideBench, OutsideContract
from tests.contract.venue_contract import UniqueIdsContract
from tests.paper_bench import RULES, Setup

FINE = {s: replace(r, tick_size=Decimal("1E-8"), step_size=Decimal("1E-8")) for s, r in RULES.items()}


class PaperContract(UniqueIdsContract, OutsideContract):
    setup = Setup()

    @asynccontextmanager
    async def bench(self, *, poor: bool) -> AsyncIterator[OutsideBench]:
        setup = replace(self.setup, balances={"USDT": Decimal(100)}) if poor else self.setup
        async with setup.opened() as venue:
            batches = venue.batches()
            seen = [await anext(batches)]

            async def move_on() -> None:
                seen.append(await anext(batches))

            yield OutsideBench(venue, "BTC/USDT", "XRP/USDT", "GONE/USDT", move_on, venue.paper, seen)


class TestAsItIsByDefault(PaperContract):
    pass


class TestWithoutFriction(PaperContract):
    """No spread, no fee, the finest grids."""

    setup = Setup(rules=FINE, spread=Decimal(0), fees=FeeSchedule(Decimal(0)))


class TestWithFasterRivals(PaperContract):
    """A limit order gets three tenths of what is displayed."""

    setup = Setup(fill_ratio=FillRatio(Decimal("0.3"), Decimal("0.3")))


class TestWithLuckAmongRivals(PaperContract):
    setup = Setup(fill_ratio=FillRatio(Decimal("0.1"), Decimal(1)))


class TestWithAShallowBook(PaperContract):
    """Three levels, some hundred USDT each, and a wide spread."""

    setup = Setup(depth=Depth(3, Decimal(400), Decimal(1), Decimal("0.002")), spread=Decimal("0.01"))


class TestWithTheFeeInQuote(PaperContract):
    setup = Setup(fees=FeeSchedule(Decimal("0.0026"), FeeSide.QUOTE))
