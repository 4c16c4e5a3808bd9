"""The loopback server runs as a process too, and outlives the program that talks to it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from rebalancer_gui.adapters.system import SystemClock
from rebalancer_gui.adapters.venues.ccxt_venues import make_venue
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.domain.orders import Accepted, OrderRequest, OrderType, Side
from tests.wire.bench import KEY

ROOT = Path(__file__).resolve().parents[2]


def test_an_order_is_found_by_a_second_program_after_the_first_one_is_gone():
    with subprocess.Popen(
        [sys.executable, "-m", "tests.wire.run_server", "binance"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            request = asyncio.run(bought(url))
            assert asyncio.run(found(url, request)) == request.quantity
        finally:
            server.terminate()


async def bought(url: str) -> OrderRequest:
    venue = make_venue(VenueSpec("binance", url), KEY, clock=SystemClock(), name="binance", trading=True, paced=False)
    await venue.open()
    rules = (await venue.markets())["BTC/USDT"]
    ask = (await venue.quote("BTC/USDT")).ask
    quantity = rules.smallest_quantity(ask) * 2
    request = OrderRequest("rbtest000000000001", "BTC/USDT", Side.BUY, OrderType.LIMIT_IOC, quantity, ask)
    outcome = await venue.submit(request)
    await venue.close()
    assert isinstance(outcome, Accepted)
    return request


async def found(url: str, request: OrderRequest) -> object:
    venue = make_venue(VenueSpec("binance", url), KEY, clock=SystemClock(), name="binance", trading=False, paced=False)
    await venue.open()
    order = await venue.find_order(request.symbol, request.client_order_id)
    await venue.close()
    return None if order is None else order.filled
