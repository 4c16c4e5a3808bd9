"""The first-class venues under the contract of all venues: the adapter, ccxt, HTTP, and a server that speaks as they do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.contract.venue_bench import Bench
from tests.contract.venue_contract import REFUSED_CASES, VenueContract
from tests.paper_bench import RULES, Setup
from tests.wire.bench import line


def cases_but(*left_out: str) -> list[str]:
    """What a venue refuses, without what it has no rule against."""
    return [case for case in REFUSED_CASES if case not in left_out]


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


class TestBybit(CcxtContract):
    name = "bybit"


class TestOkx(CcxtContract):
    """It has no smallest value of an order, only a smallest quantity."""

    name = "okx"
    setup = Setup(rules={symbol: replace(rules, min_notional=Decimal(0)) for symbol, rules in RULES.items()})

    @pytest.mark.parametrize("case", cases_but("under the smallest value", "market order under the smallest value"))
    def test_a_refused_order_changes_nothing(self, case: str):
        super().test_a_refused_order_changes_nothing(case)
