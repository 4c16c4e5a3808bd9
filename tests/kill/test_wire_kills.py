"""SIGKILL at any moment of the engine, ccxt and HTTP against an exchange on this machine that lives on (KILL over the wire)."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.kill.wire_exchange import Exchange, exchange
from tests.kill.wire_story import in_a_child, inside, live, recover

BLOCKS, KILLS = 10, 20
"""In every run of all tests; a thousand are the long form."""
LONG_BLOCKS, LONG_KILLS = 20, 50


def kill_and_recover(there: Exchange, folder: Path, chance: random.Random, whole: float, number: int) -> None:
    ledger = folder / f"ledger-{number}.sqlite"
    in_a_child(there, ledger, live, kill_after=chance.uniform(0.02, whole))
    in_a_child(there, ledger, recover)
    assert inside(ledger) == there.balances(), f"kill {number}: the ledger is not what the exchange holds"


def kill_often(folder: Path, kills: int, seed: int) -> int:
    """The number of orders that were sent."""
    chance = random.Random(seed)
    with exchange() as there:
        whole = in_a_child(there, folder / "whole.sqlite", live)
        assert inside(folder / "whole.sqlite") == there.balances()
        for number in range(kills):
            kill_and_recover(there, folder, chance, whole, number)
        twice = {cid: times for cid, times in there.posts().items() if times > 1}
        assert twice == {}, "an order was sent twice"
        return len(Counter(there.posts()))


@pytest.mark.failure(34)
@pytest.mark.parametrize("block", range(BLOCKS))
@pytest.mark.timeout(600)
def test_killed_at_any_moment_of_a_real_wire_the_next_start_finds_everything_and_doubles_nothing(
    block: int, tmp_path: Path
) -> None:
    assert kill_often(tmp_path, KILLS, seed=block) > KILLS


@pytest.mark.long
@pytest.mark.parametrize("block", range(LONG_BLOCKS))
@pytest.mark.timeout(7200)
def test_killed_a_thousand_times_on_a_real_wire(block: int, tmp_path: Path) -> None:
    began = time.monotonic()
    orders = kill_often(tmp_path, LONG_KILLS, seed=100 + block)
    print(f"{LONG_KILLS} kills, {orders} orders, {time.monotonic() - began:.0f} s")
