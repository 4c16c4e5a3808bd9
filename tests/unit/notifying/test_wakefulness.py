"""The computer stays awake while a live strategy runs, and only then."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from rebalancer_gui.application.events import AccountChanged, EngineFailed
from rebalancer_gui.application.notices import NotSent
from rebalancer_gui.application.telling_settings import TellSettings
from rebalancer_gui.application.wakefulness import Wakefulness
from rebalancer_gui.domain.strategy import State, TradingMode
from tests.builders import NOON
from tests.fake_clock import FakeClock
from tests.unit.notifying.told_bench import Chosen, account, strategy


class Lock:
    def __init__(self) -> None:
        self.held = False
        self.asked = 0
        self.refuses = False

    async def hold(self, why: str) -> str:
        self.asked += 1
        if self.refuses:
            raise NotSent("nobody here can.", again=False)
        self.held = True
        return "test"

    async def release(self) -> None:
        self.held = False


class Bench:
    def __init__(self) -> None:
        self.clock, self.lock, self.chosen = FakeClock(NOON), Lock(), Chosen()
        self.wakefulness = Wakefulness(self.chosen, self.lock, self.clock)
        self.notes: list[str] = []

    @asynccontextmanager
    async def running(self):
        task = asyncio.create_task(self.wakefulness.run(lambda _account, text: self.notes.append(text)))
        yield self
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self.wakefulness.release()

    async def see(self, event: object) -> bool:
        self.wakefulness.take(event)
        await self.clock.settle()
        return self.lock.held


def live(state: State = State.RUNNING, **more) -> AccountChanged:
    return AccountChanged(account(strategy(state=state), **more))


def test_the_lock_is_held_from_the_first_live_strategy_to_the_last() -> None:
    async def story() -> None:
        async with Bench().running() as bench:
            assert not await bench.see(AccountChanged(account()))
            assert await bench.see(live())
            assert await bench.see(live(mode="SANDBOX"))
            assert not await bench.see(live(State.ENDED))
            assert bench.lock.asked == 1

    asyncio.run(story())


@pytest.mark.parametrize(
    "event",
    [
        live(mode="PAPER"),
        live(trading=TradingMode.WATCH),
        live(halted="The disk is full."),
        live(State.PAUSED),
        live(State.HALTED),
    ],
)
def test_nothing_that_cannot_trade_keeps_the_computer_awake(event) -> None:
    async def story() -> None:
        async with Bench().running() as bench:
            assert not await bench.see(event)

    asyncio.run(story())


def test_one_account_at_work_is_enough_and_an_engine_that_failed_lets_go() -> None:
    async def story() -> None:
        async with Bench().running() as bench:
            await bench.see(live())
            assert await bench.see(AccountChanged(account(account="other")))
            assert not await bench.see(EngineFailed("x", ""))

    asyncio.run(story())


def test_who_does_not_want_it_gets_no_lock_and_a_change_of_mind_acts_at_once() -> None:
    async def story() -> None:
        async with Bench().running() as bench:
            assert await bench.see(live())
            bench.chosen.settings = TellSettings(keep_awake=False)
            assert not await bench.see(live())

    asyncio.run(story())


def test_a_refusal_is_said_once_and_asked_again_after_a_while() -> None:
    async def story() -> None:
        async with Bench().running() as bench:
            bench.lock.refuses = True
            await bench.see(live())
            await bench.see(live())
            assert bench.lock.asked == 1
            await bench.clock.advance(601)
            await bench.see(live())
            assert bench.lock.asked == 2
            assert bench.notes == ["The computer may fall asleep while a live strategy runs: nobody here can."]

    asyncio.run(story())


def test_the_lock_is_given_back_at_the_end() -> None:
    async def story() -> None:
        bench = Bench()
        async with bench.running():
            assert await bench.see(live())
        assert not bench.lock.held

    asyncio.run(story())
