"""Market time, pace and the buttons of the demo bar (BEHAVIOUR.md section 3a)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.market import Quote
from rebalancer_gui.domain.orders import Side
from tests.paper_bench import START, Setup, limit, playing, run, take_batches

HOUR = timedelta(hours=1)


# ---------------------------------------------------------------------------------------------------------------- pace


def test_the_first_batch_comes_at_once_and_the_next_ones_four_times_a_second():
    async def body() -> None:
        async with playing() as (_, clock, consumer):
            assert consumer.times == [START]
            await clock.advance(0.24)
            assert consumer.times == [START]
            await clock.advance(0.01)
            assert consumer.times == [START, START + 1.5 * HOUR]
            await clock.advance(1)
            assert consumer.times[-1] == START + 7.5 * HOUR
            assert consumer.seen[-1].spacing == 1.5 * HOUR

    run(body())


@pytest.mark.rule("3a.3")
@pytest.mark.parametrize(
    ("speed", "spacing", "wall"),
    [(1, 2, 2.0), (2, 2, 1.0), (8, 2, 0.25), (9, 2.25, 0.25), (3600, 900, 0.25), (86_400, 21_600, 0.25)],
)
def test_a_quote_is_published_each_two_seconds_or_quarter_of_the_speed(speed: int, spacing: float, wall: float):
    async def body() -> None:
        async with playing(Setup(speed=speed)) as (venue, clock, consumer):
            await clock.advance(wall * 4)
            assert consumer.times == [START + timedelta(seconds=spacing) * n for n in range(5)]
            assert venue.demo.state().spacing == timedelta(seconds=spacing)

    run(body())


def test_the_next_batch_waits_for_the_consumer_and_none_is_made_up_for():
    async def body() -> None:
        async with playing() as (venue, clock, consumer):
            consumer.free.clear()
            await clock.advance(0.25)
            at = venue.clock.now()
            await clock.advance(60)
            assert venue.clock.now() == at == consumer.times[-1]
            consumer.free.set()
            await clock.settle()
            assert venue.clock.now() == at + 1.5 * HOUR

    run(body())


@pytest.mark.rule("3a.1")
def test_the_accounts_clock_shows_the_time_of_the_newest_batch_and_waits_in_wall_time():
    async def body() -> None:
        async with playing() as (venue, clock, consumer):
            await clock.advance(0.3)
            assert venue.clock.now() == consumer.times[-1] == START + 1.5 * HOUR
            assert venue.clock.monotonic() == clock.monotonic() == 0.3
            sleeper = asyncio.create_task(venue.clock.sleep(2))
            await clock.advance(1.9)
            assert not sleeper.done()
            await clock.advance(0.1)
            assert sleeper.done()
            quote = await venue.quote("BTC/USDT")
            assert (quote.at, quote.received_at) == (venue.clock.now(), venue.clock.now())

    run(body())


@pytest.mark.rule("3a.1")
def test_orders_between_two_batches_all_carry_the_time_of_the_first():
    async def body() -> None:
        async with playing() as (venue, clock, consumer):
            consumer.free.clear()
            await clock.advance(0.25)
            times = set()
            for number in range(3):
                await clock.advance(7)
                await venue.submit(limit(f"o-{number}", Side.BUY, "0.001", "60000"))
                order = await venue.find_order("BTC/USDT", f"o-{number}")
                assert order is not None
                times |= {order.at, *(fill.at for fill in order.fills)}
            assert times == {START + 1.5 * HOUR}

    run(body())


# ------------------------------------------------------------------------------------------------------------- buttons


def test_another_speed_holds_from_the_batch_that_is_being_waited_for():
    async def body() -> None:
        async with playing(Setup(speed=1)) as (venue, clock, consumer):
            await clock.advance(1)
            venue.demo.set_speed(86_400)
            await clock.settle()
            assert consumer.times == [START, START + 6 * HOUR], "a second has passed, a quarter is due"
            venue.demo.set_speed(1)
            await clock.advance(1.9)
            assert len(consumer.times) == 2
            await clock.advance(0.1)
            assert consumer.times[-1] == START + 6 * HOUR + timedelta(seconds=2)

    run(body())


@pytest.mark.parametrize("speed", [0, -1, 86_401])
def test_a_speed_out_of_range_is_refused(speed: int):
    async def body() -> None:
        async with playing() as (venue, _, _):
            with pytest.raises(InvalidInput, match=r"from 1 to 86,400") as refused:
                venue.demo.set_speed(speed)
            assert refused.value.field == "speed"
            assert venue.demo.state().speed == 21_600

    run(body())


def test_a_pause_stands_still_at_once_and_its_quotes_stay_good():
    async def body() -> None:
        async with playing() as (venue, clock, consumer):
            await clock.advance(0.25)
            venue.demo.set_paused(True)
            await clock.advance(3600)
            assert len(consumer.times) == 2
            assert venue.demo.state().paused
            quote = await venue.quote("BTC/USDT")
            assert quote == consumer.seen[-1].quotes["BTC/USDT"]
            assert quote.fault(venue.clock.now(), venue.stale_after) is None
            venue.demo.set_paused(False)
            await clock.settle()
            assert len(consumer.times) == 3, "it was due long ago"
            await clock.advance(0.2)
            assert len(consumer.times) == 3, "but the time of the pause is not made up for"

    run(body())


def test_a_step_publishes_one_batch_and_stands_still():
    async def body() -> None:
        async with playing() as (venue, clock, consumer):
            venue.demo.step()
            await clock.advance(10)
            assert consumer.times == [START, START + 1.5 * HOUR]
            assert venue.demo.state().paused
            venue.demo.step()
            venue.demo.step()
            await clock.advance(10)
            assert len(consumer.times) == 4
            venue.demo.set_paused(False)
            await clock.advance(1)
            assert len(consumer.times) > 6

    run(body())


@pytest.mark.rule("3a.8")
def test_a_jump_runs_without_waiting_until_an_order_comes():
    async def body() -> None:
        async with playing(Setup(speed=60)) as (venue, clock, consumer):
            await clock.advance(0.25)
            venue.demo.jump()
            assert venue.demo.state().jumping
            await consumer.reach(200)
            assert clock.monotonic() == 0.25
            gaps = {later - earlier for earlier, later in zip(consumer.times[1:], consumer.times[2:], strict=False)}
            assert gaps == {1.5 * HOUR}, "at least the spacing of 6 hours a second"
            await venue.submit(limit("o-1", Side.BUY, "0.001", "60000"))
            assert not venue.demo.state().jumping
            await clock.settle()
            reached = len(consumer.seen)
            await clock.advance(0.2)
            assert len(consumer.seen) == reached
            await clock.advance(0.05)
            assert consumer.times[-1] - consumer.times[-2] == timedelta(seconds=15)

    run(body())


def test_other_tasks_get_their_turn_at_every_batch_of_a_jump():
    async def body() -> None:
        async with playing() as (venue, _, consumer):
            turns: list[int] = []

            async def other() -> None:
                while True:
                    turns.append(len(consumer.seen))
                    await asyncio.sleep(0)

            task = asyncio.create_task(other())
            venue.demo.jump()
            await consumer.reach(50)
            task.cancel()
            assert set(range(2, 50)) <= set(turns)

    run(body())


def test_a_jump_goes_back_to_the_pause_it_came_from():
    async def body() -> None:
        async with playing() as (venue, clock, consumer):
            venue.demo.set_paused(True)
            venue.demo.jump()
            await consumer.reach(20)
            await venue.submit(limit("o-1", Side.BUY, "0.001", "60000"))
            await clock.settle()
            reached = len(consumer.seen)
            await clock.advance(60)
            assert len(consumer.seen) == reached
            assert venue.demo.state().paused

    run(body())


@pytest.mark.parametrize("button", ["jump", "pause", "step"])
def test_a_jump_is_called_off_by_a_second_one_by_pause_and_by_step(button: str):
    async def body() -> None:
        async with playing() as (venue, clock, consumer):
            venue.demo.jump()
            await consumer.reach(20)
            if button == "jump":
                venue.demo.jump()
            elif button == "pause":
                venue.demo.set_paused(True)
            else:
                venue.demo.step()
            state = venue.demo.state()
            assert not state.jumping
            assert state.paused == (button != "jump")
            await clock.settle()
            reached = len(consumer.seen)
            await clock.advance(0.2)
            assert len(consumer.seen) == reached
            await clock.advance(1)
            assert (len(consumer.seen) > reached) == (button == "jump")

    run(body())


def test_a_refused_order_ends_a_jump_too():
    async def body() -> None:
        async with playing() as (venue, _, _):
            venue.demo.jump()
            await venue.submit(limit("o-1", Side.BUY, "0.001", "60000", "NO/SUCH"))
            assert not venue.demo.state().jumping

    run(body())


# -------------------------------------------------------------------------------------------------------- the same again


def test_two_runs_with_the_same_calls_are_the_same():
    async def one() -> list[object]:
        seen: list[object] = []
        async with Setup().opened() as venue:
            batches = venue.batches()
            for number in range(40):
                seen.append(await anext(batches))
                if number % 7 == 3:
                    seen.append(await venue.submit(limit(f"o-{number}", Side.BUY, "0.3", "60000")))
                if number == 20:
                    venue.demo.set_speed(3600)
            seen.append(await venue.balances())
        return seen

    assert run(one()) == run(one())


def test_another_seed_gives_other_books():
    async def book(seed: int) -> object:
        async with Setup(seed=seed).opened() as venue:
            return await venue.order_book("BTC/USDT")

    assert run(book(1)) != run(book(2))


@pytest.mark.rule("3a.2")
def test_the_same_moment_has_the_same_prices_at_every_speed():
    async def quotes(speed: int, count: int) -> dict[datetime, Mapping[str, Quote]]:
        async with Setup(speed=speed).opened() as venue:
            return {batch.at: batch.quotes for batch in await take_batches(venue, count)}

    slow, fast = run(quotes(3600, 49)), run(quotes(14_400, 13))
    assert len(fast) == 13
    assert all(slow[at] == fast[at] for at in fast)
