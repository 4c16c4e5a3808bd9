"""The virtual clock itself: other tests rest on it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.fake_clock import DEFAULT_START, FakeClock


def test_sleepers_wake_in_order_and_at_their_own_time():
    async def body() -> list[tuple[str, float]]:
        clock, woken = FakeClock(), []

        async def every(name: str, seconds: float) -> None:
            for _ in range(2):
                await clock.sleep(seconds)
                woken.append((name, clock.monotonic()))

        tasks = [asyncio.create_task(every("a", 2)), asyncio.create_task(every("b", 3))]
        await clock.advance(5)
        assert clock.now() == DEFAULT_START + timedelta(seconds=5)
        assert clock.sleeping == 1
        await clock.advance(1)
        await asyncio.gather(*tasks)
        return woken

    assert asyncio.run(body()) == [("a", 2), ("b", 3), ("a", 4), ("b", 6)]


def test_time_stands_still_until_it_is_turned():
    async def body() -> None:
        clock = FakeClock()
        task = asyncio.create_task(clock.sleep(1))
        await clock.advance(0.5)
        assert not task.done()
        await clock.advance(0.5)
        assert task.done()

    asyncio.run(body())


def test_the_automatic_clock_jumps_only_when_nothing_else_can_run():
    async def body() -> None:
        clock, seen = FakeClock(auto=True), []

        async def busy() -> None:
            for _ in range(50):
                await asyncio.sleep(0)
                seen.append(clock.monotonic())

        task = asyncio.create_task(busy())
        await clock.sleep(86_400)
        assert task.done()
        assert set(seen) == {0.0}
        assert clock.monotonic() == 86_400

    asyncio.run(body())


def test_a_cancelled_sleeper_is_forgotten():
    async def body() -> None:
        clock = FakeClock(auto=True)
        task = asyncio.create_task(clock.sleep(5))
        await asyncio.sleep(0)
        task.cancel()
        await clock.sleep(10)
        assert clock.monotonic() == 10
        assert clock.sleeping == 0

    asyncio.run(body())
