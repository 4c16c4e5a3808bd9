"""Makes the paper venue's file of a released schema version, to be kept for ever and opened by a test.

    python -m tests.support.paper_venue_file tests/data/paper_venue/v0001.sqlite

Run once, when a version is released; a file that is there is never written again.
"""

import asyncio
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.market_data.history import DailyHistory
from rebalancer_gui.adapters.venues.demo import build_demo_venue
from rebalancer_gui.adapters.venues.paper import PaperVenue
from rebalancer_gui.domain.orders import Accepted, OrderRequest, OrderType, Side
from rebalancer_gui.resources_path import resource_dir
from tests.fake_clock import FakeClock


def demo_venue(path: Path) -> PaperVenue:
    """The program's own paper account in ``path``; a new one begins two days before the replay's end."""
    resources = resource_dir()
    return build_demo_venue(
        path,
        FakeClock(auto=True),
        resources=resources,
        history=DailyHistory(resources / "demo"),
        seed=5,
        start=date(2022, 9, 8),
    )


async def write(path: Path) -> None:
    """An account with every kind of row: a replay that became a random walk, orders whole, in part and unfilled."""
    venue = demo_venue(path)
    await venue.open()
    batches = venue.batches()
    await anext(batches)
    await _order(venue, "rbtest000000000001", "BTC/USDT", Side.BUY, "0.05")
    await _order(venue, "rbtest000000000002", "ETH/USDT", Side.BUY, "1.25")
    venue.demo.set_speed(43_200)
    while not venue.demo.state().ended:
        await anext(batches)
    venue.demo.continue_with_random_walk()
    for _ in range(3):
        await anext(batches)
    book = await venue.order_book("BTC/USDT")
    await _order(venue, "rbtest000000000003", "BTC/USDT", Side.SELL, "0.02", book.bids[0].price)
    await _order(venue, "rbtest000000000004", "BTC/USDT", Side.BUY, "0.01", book.bids[-1].price)
    await _order(venue, "rbtest000000000005", "BTC/USDT", Side.BUY, "0.3", book.asks[0].price)
    await venue.close()


async def _order(
    venue: PaperVenue, cid: str, symbol: str, side: Side, quantity: str, price: Decimal | None = None
) -> None:
    order_type = OrderType.MARKET if price is None else OrderType.LIMIT_IOC
    outcome = await venue.submit(OrderRequest(cid, symbol, side, order_type, Decimal(quantity), price))
    if not isinstance(outcome, Accepted):
        raise SystemExit(f"{cid} was not accepted: {outcome}")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    if target.exists():
        raise SystemExit(f"{target} is there already: a released file is never changed")
    asyncio.run(write(target))
