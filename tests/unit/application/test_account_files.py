"""The engine lets the account's files be looked after, tells what came of it, and passes on what helps against damage."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import EngineFailed
from rebalancer_gui.application.records import Repair, RepairKind
from rebalancer_gui.domain.errors import FileDamaged
from tests.builders import rules_for
from tests.engine_bench import Bench, run
from tests.fakes import FakeStore
from tests.scripted_venue import ScriptedVenue

pytestmark = pytest.mark.failure(43)
OFFER = Repair("paper", RepairKind.NEW_LEDGER, "Begin a new ledger", "It begins with what the exchange holds.")


class FakeKeeper:
    """Says what it is told to say, once."""

    def __init__(self, *said: str) -> None:
        self.said = list(said)
        self.looks = 0
        self.hangs: asyncio.Event | None = None
        self.cancelled = False

    async def look(self) -> tuple[str, ...]:
        self.looks += 1
        if self.hangs is not None:
            try:
                await self.hangs.wait()
            except asyncio.CancelledError:
                self.cancelled = True
                raise
        said, self.said = tuple(self.said), []
        return said

    def repairs(self, damaged: str) -> tuple[Repair, ...]:
        return (OFFER,) if damaged == "/data/ledger.sqlite" else ()


def kept_by(keeper: FakeKeeper, store: FakeStore | None = None) -> Bench:
    bench = Bench(ScriptedVenue(rules_for("BTC", "ETH")), store)
    bench.engine = Engine([replace(bench.engine._setups[0], keeper=keeper)], bench.events.append)
    return bench


def test_what_came_of_a_backup_stands_in_the_journal() -> None:
    bench = kept_by(FakeKeeper("A backup was made.", "An old one could not be deleted."))

    async def story() -> None:
        async with bench.running():
            await bench.until(lambda: len(bench.said("storage")) == 2)
            assert bench.said("storage") == ["A backup was made.", "An old one could not be deleted."]

    run(story)


def test_a_backup_in_the_middle_neither_holds_up_the_market_nor_the_end() -> None:
    keeper = FakeKeeper()
    bench = kept_by(keeper)

    async def story() -> None:
        keeper.hangs = asyncio.Event()
        async with bench.running():
            await bench.until(lambda: keeper.looks)
            await bench.venue.push(BTC="100", ETH="100")
            await bench.venue.push(BTC="101", ETH="100")
            assert bench.view.quotes["BTC/USDT"].bid == 101
        assert keeper.cancelled

    run(story)


def test_nothing_is_backed_up_while_the_disk_is_full() -> None:
    keeper, store = FakeKeeper(), FakeStore()
    bench = kept_by(keeper, store)

    async def story() -> None:
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            store.disk_full = True
            pushing = asyncio.create_task(bench.venue.push(BTC="101"))
            bench.engine._runners["paper"].account.note(None, "decision", "Something to be stored.")
            await bench.until(lambda: bench.view.halted)
            looks = keeper.looks
            for _ in range(20):
                await asyncio.sleep(0)
            assert keeper.looks == looks
            pushing.cancel()
            store.disk_full = False

    run(story)


@pytest.mark.expect_log("the engine cannot go on")
@pytest.mark.parametrize(("path", "offered"), (("/data/ledger.sqlite", (OFFER,)), ("/somebody/elses", ())))
def test_a_damaged_file_at_the_start_is_told_with_what_helps(path: str, offered: tuple[Repair, ...]) -> None:
    class Damaged(FakeStore):
        def load(self):
            raise FileDamaged("The file is damaged.", "Put a backup back.", path=path)

    bench = kept_by(FakeKeeper(), Damaged())

    async def story() -> None:
        await bench.engine.main()
        assert bench.of(EngineFailed) == [EngineFailed("The file is damaged.", "Put a backup back.", offered)]

    run(story)
