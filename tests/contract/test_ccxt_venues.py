"""The first-class venues under the contract of all venues: the adapter, ccxt, HTTP, and a server that speaks as they do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.contract.venue_bench import Bench
from tests.contract.venue_contract import REFUSED_CASES, VenueContract
from tests.paper_bench import Setup
from tests.wire.bench import SETUPS, line


def cases_but(*left_out: str) -> list[str]:
    """What a venue refuses, without what it has no rule against."""
    return [case for case in REFUSED_CASES if case not in left_out]


class CcxtContract(VenueContract):
    name = ""

    @asynccontextmanager
    async def bench(self, *, poor: bool) -> AsyncIterator[Bench]:
        setup = SETUPS.get(self.name, Setup())
        setup = replace(setup, balances={"USDT": Decimal(100)}) if poor else setup
        async with line(self.name, setup) as made:
            batches = made.core.paper.batches()
            await anext(batches)

            async def move_on() -> None:
                await anext(batches)

            yield Bench(made.venue, "BTC/USDT", "XRP/USDT", "GONE/USDT", move_on)


class TestBinance(CcxtContract):
    name = "binance"


class TestBybit(CcxtContract):
    name = "bybit"


class TestOkx(CcxtContract):
    """It has no smallest value of an order, only a smallest quantity."""

    name = "okx"

    @pytest.mark.parametrize("case", cases_but("under the smallest value", "market order under the smallest value"))
    def test_a_refused_order_changes_nothing(self, case: str):
        super().test_a_refused_order_changes_nothing(case)


class TestKraken(CcxtContract):
    """It has no largest quantity and no largest value."""

    name = "kraken"

    @pytest.mark.parametrize("case", cases_but("over the largest value"))
    def test_a_refused_order_changes_nothing(self, case: str):
        super().test_a_refused_order_changes_nothing(case)


class TestCoinbase(CcxtContract):
    name = "coinbase"
