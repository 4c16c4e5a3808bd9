"""kill -9 at any moment: every answered order is there, nothing is half there, market time has not gone back."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.domain.orders import VenueOrder
from tests.paper_bench import RICH, Setup, run

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


CHANGING_CHILD = """
import itertools, sys
from decimal import Decimal
from pathlib import Path
from rebalancer_gui.application.paper_port import MarketEvent
from tests.paper_bench import Setup, run

async def body():
    async with Setup(path=Path(sys.argv[1])).opened() as venue:
        names = venue.paper.state().renamed
        number, old = len(names), list(names.values())[-1] if names else "XRP"
        print("opened", number, flush=True)
        batches = venue.batches()
        await anext(batches)
        for number in itertools.count(number + 1):
            venue.paper.change_market(MarketEvent.RENAME, old, f"XRP{number}")
            old = f"XRP{number}"
            print("renamed", number, flush=True)
            venue.paper.deposit(old, Decimal(1))
            venue.paper.change_market(MarketEvent.HALT if number % 2 else MarketEvent.REOPEN, "ETH")
            venue.paper.set_may_trade(number % 2 == 0)
            await anext(batches)

run(body())
"""


@pytest.mark.e2e
def test_a_venue_killed_amid_changes_has_each_of_them_whole_or_not_at_all(tmp_path: Path):
    path = tmp_path / "paper-venue.sqlite"
    for lines in (1, 2, 9, 60):
        with subprocess.Popen(
            [sys.executable, "-c", CHANGING_CHILD, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            told = [child.stdout.readline() for _ in range(lines)]
            child.kill()
            told += child.stdout.readlines()
        # The kill may have cut the last line off.
        reported = int([line.split() for line in told if line.endswith("\n")][-1][1])
        run(assert_at_a_step_and_end_it(path, reported))


async def assert_at_a_step_and_end_it(path: Path, reported: int) -> None:
    """Each round has four steps; the next life begins with a whole round."""
    async with Setup(path=path).opened() as venue:
        state = venue.paper.state()
        number = len(state.renamed)
        assert number in {reported, reported + 1}
        name = f"XRP{number}" if number else "XRP"
        held = {asset: b.total for asset, b in (await venue.balances()).items() if asset.startswith("XRP")}
        assert held.keys() == {name}, "all of it has the newest name"
        steps = [(number - 1, number - 1, number - 1), (number, number - 1, number - 1), (number, number, number - 1)]
        found = (int(held[name] - RICH["XRP"]), "ETH" in state.closed, state.may_trade)
        possible = [(deposits, bool(halts % 2), rights % 2 == 0) for deposits, halts, rights in steps]
        done = (number, bool(number % 2), number % 2 == 0)
        assert found in (possible if number else []) + [done]
        if found[0] < number:
            venue.paper.deposit(name, Decimal(1))
        if found[1] != done[1]:
            venue.paper.change_market(MarketEvent.HALT if done[1] else MarketEvent.REOPEN, "ETH")
        venue.paper.set_may_trade(done[2])
