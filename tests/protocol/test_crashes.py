"""The process dies once at every single point of a rebalance in which an order timed out: the next start finishes it.

Each commit and each call of the exchange is a point before and a point after it. What a real SIGKILL does to the file is the
business of the KILL harness; here it is the order of the steps that is tried out, all of them.
"""

from __future__ import annotations

import pytest

from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import IntentState
from rebalancer_gui.domain.strategy import State
from tests.protocol.faults import Fate, Script, Submit
from tests.protocol.rows_bench import booked, built, core, play, sent, settled, traded
from tests.protocol.sim_exchange import Filling

BLOCKS = 8
PLANS = {
    "well": Submit(),
    "executed": Submit(Fate.EXECUTED, 1.0, filling=Filling(parts=2)),
    "dropped": Submit(Fate.DROPPED, 1.0),
    "late": Submit(Fate.LATE, 1.0, 4.0),
}
CASES = [
    pytest.param(name, block, id=f"{name}-{block}", marks=() if (number + block) % 2 == 0 else pytest.mark.long)
    for number, name in enumerate(PLANS)
    for block in range(BLOCKS)
]
"""In every run each step is died at with two of the four fates; the long form has all four for each."""
STRETCH = 240.0
"""Seconds in which everything of one rebalance happens."""


class Reaper(Script):
    """Counts the points it is asked at, and lets the process die at one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.armed = False
        self.seen: list[str] = []
        self.dies_at = -1

    def crashes(self, where: str) -> bool:
        if not self.armed:
            return False
        self.seen.append(where)
        return len(self.seen) - 1 == self.dies_at


async def _rebalance(plan: Submit, dies_at: int) -> list[str]:
    """One rebalance that dies at that point (-1: nowhere); answers the points that were passed."""
    reaper = Reaper()
    async with built(reaper) as w:
        reaper.plan(plan)
        reaper.dies_at, reaper.armed = dies_at, True
        w.market.push("BTC/USDT", "1.06")
        await w.wait(STRETCH)
        reaper.armed = False
        assert sum(w.crashes.values()) == (1 if 0 <= dies_at < len(reaper.seen) else 0)
        await w.until(lambda: w.is_up and settled(w), 400)
        await w.wait(31)
        where = reaper.seen[dies_at] if dies_at >= 0 else "nowhere"
        assert settled(w), where
        assert max(w.exchange.posts.values()) == 1, where
        assert core(w).record.state is State.RUNNING, where
        assert {i.state for i in sent(w)} <= {IntentState.SETTLED, IntentState.ABSENT}, where
        assert all(booked(w, intent) == traded(w, intent) for intent in sent(w)), where
        drift = core(w).snapshot.worst_drift if core(w).snapshot is not None else None  # type: ignore[union-attr]
        assert drift is not None, where
        assert ZERO <= drift <= 1, where
        return reaper.seen


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "block"), CASES)
def test_whatever_step_the_process_dies_at_the_next_start_finishes_the_rebalance(name: str, block: int) -> None:
    async def test() -> None:
        points = await _rebalance(PLANS[name], -1)
        kinds = {where.partition(" ")[2] for where in points}
        assert {"a commit", "submit", "quote", "balances"} <= kinds
        for n in range(block, len(points), BLOCKS):
            await _rebalance(PLANS[name], n)

    play(test)
