"""kill -9 at any moment: every answered order is there, nothing is half there, market time has not gone back."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.domain.orders import VenueOrder
from tests.paper_bench import Setup, run

ROOT = Path(__file__).resolve().parents[3]
CHILD = """
import itertools, sys
from pathlib import Path
from rebalancer_gui.domain.orders import Accepted, Side
from tests.paper_bench import Setup, at_market, run

async def body():
    async with Setup(path=Path(sys.argv[1])).opened() as venue:
        batches = venue.batches()
        for number in itertools.count():
            batch = await anext(batches)
            print("batch", batch.at.isoformat(), flush=True)
            outcome = await venue.submit(at_market(f"o-{number}", Side.BUY if number % 2 else Side.SELL, "0.3"))
            assert isinstance(outcome, Accepted), outcome
            print("order", f"o-{number}", outcome.order.filled, flush=True)

run(body())
"""


@pytest.mark.e2e
@pytest.mark.parametrize("lines", [2, 31, 120])
def test_a_killed_venue_keeps_every_answered_order_and_adds_up(tmp_path: Path, lines: int):
    path = tmp_path / "paper-venue.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().split() for _ in range(lines)]
        child.kill()
        told += [words for line in child.stdout if len(words := line.split()) >= 2]

    async def body() -> None:
        async with Setup(path=path).opened() as venue:
            orders = [words for words in told if words[0] == "order" and len(words) == 3]
            assert len(orders) >= lines // 2
            last = max(
                datetime.fromisoformat(words[1]) for words in told if words[0] == "batch" and words[1][-6:] == "+00:00"
            )
            assert venue.clock.now() >= last
            found: list[VenueOrder] = []
            for _, client_order_id, filled in orders[:-1]:
                order = await venue.find_order("BTC/USDT", client_order_id)
                assert order is not None
                assert order.filled == Decimal(filled)
                found.append(order)
            unheard = await venue.find_order("BTC/USDT", f"o-{len(orders)}")
            assert await venue.find_order("BTC/USDT", f"o-{len(orders) + 1}") is None
            assert unheard is None or unheard.is_final

    run(body())
