"""Market time, pace and the buttons of the demo bar (BEHAVIOUR.md section 3a)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.adapters.venues.paper import PaperVenue
from rebalancer_gui.adapters.venues.price_script import play
from rebalancer_gui.application.ports import QuoteBatch
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.market import Quote
from rebalancer_gui.domain.orders import Side
from tests.fake_clock import FakeClock
from tests.paper_bench import PRICES, START, Setup, Waves, limit, run, take_batches

HOUR = timedelta(hours=1)


class Consumer:
    """Asks for one batch after the other, as the engine does; ``held`` stands for work between two batches."""

    def __init__(self, venue: PaperVenue) -> None:
        self.seen: list[QuoteBatch] = []
        self.free = asyncio.Event()
        self.free.set()
        self._batches = venue.batches()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async for batch in self._batches:
            self.seen.append(batch)
            await self.free.wait()

    async def reach(self, count: int) -> None:
        """Until so many batches came; no time passes."""
        while len(self.seen) < count:  # noqa: ASYNC110 - everything else shall run
            await asyncio.sleep(0)

    @property
    def times(self) -> list[datetime]:
        return [batch.at for batch in self.seen]


@asynccontextmanager
async def playing(setup: Setup | None = None) -> AsyncIterator[tuple[PaperVenue, FakeClock, Consumer]]:
    """An open venue, a clock turned by hand and a consumer that has the first batch."""
    clock = FakeClock(START)
    async with (setup or Setup()).opened(clock) as venue:
        consumer = Consumer(venue)
        await clock.settle()
        try:
            yield venue, clock, consumer
        finally:
            consumer.task.cancel()


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


# ------------------------------------------------------------------------------------------------------------- the end

END = START + 10 * HOUR


def ending(setup: Setup | None = None) -> Setup:
    """Ten hours of prices, then a walk that stays where it began."""
    waves = Waves(PRICES, until=END)

    def scripts(settings):
        if settings.walk is None:
            return play(waves, "ten hours", END)(settings)
        return play(Still(settings.walk.prices), f"walk from {settings.walk.at:%H:%M}")(settings)

    return replace(setup or Setup(), scripts=scripts)


class Still:
    def __init__(self, prices: Mapping[str, Decimal]) -> None:
        self._prices = prices

    def price(self, asset: str, at: datetime) -> Decimal | None:
        return self._prices.get(asset)


def test_the_replay_stops_exactly_at_its_end():
    async def body() -> None:
        async with playing(ending()) as (venue, clock, consumer):
            await clock.advance(60)
            assert consumer.times == [START + 1.5 * HOUR * n for n in range(7)] + [END]
            state = venue.demo.state()
            assert state.ended
            assert state.last_day == END.date()
            assert not consumer.task.done()
            venue.demo.jump()
            venue.demo.step()
            await clock.advance(60)
            assert consumer.times[-1] == END
            assert not venue.demo.state().jumping

    run(body())


def test_a_jump_stops_at_the_end():
    async def body() -> None:
        async with playing(ending()) as (venue, clock, consumer):
            venue.demo.jump()
            await clock.settle()
            assert consumer.times[-1] == END
            assert clock.monotonic() == 0
            assert (venue.demo.state().jumping, venue.demo.state().ended) == (False, True)

    run(body())


def test_after_the_end_a_random_walk_goes_on_from_the_last_prices_and_after_a_restart_too(tmp_path):
    setup = ending(Setup(path=tmp_path / "paper-venue.sqlite"))

    async def body() -> None:
        async with playing(setup) as (venue, clock, consumer):
            await clock.advance(60)
            last = consumer.seen[-1].quotes
            venue.demo.continue_with_random_walk()
            state = venue.demo.state()
            assert (state.ended, state.last_day, state.source) == (False, None, "walk from 10:00")
            await clock.advance(0.5)
            assert consumer.times[-1] > END
            assert prices(consumer.seen[-1]) == {symbol: quote.bid for symbol, quote in last.items()}
            stopped_at = venue.clock.now()
        async with playing(setup) as (venue, clock, consumer):
            assert consumer.times == [stopped_at]
            assert venue.demo.state().source == "walk from 10:00"
            await clock.advance(0.5)
            assert prices(consumer.seen[-1]) == {symbol: quote.bid for symbol, quote in last.items()}

    run(body())


def prices(batch: QuoteBatch) -> dict[str, Decimal]:
    return {symbol: quote.bid for symbol, quote in batch.quotes.items()}


def test_a_random_walk_before_the_end_is_refused():
    async def body() -> None:
        async with playing(ending()) as (venue, _, _):
            with pytest.raises(InvalidInput, match="not over yet"):
                venue.demo.continue_with_random_walk()

    run(body())


@pytest.mark.parametrize("state", ["waiting", "paused", "ended"])
def test_closing_ends_the_batches(state: str):
    async def body() -> None:
        async with playing(ending()) as (venue, clock, consumer):
            if state == "paused":
                venue.demo.set_paused(True)
            elif state == "ended":
                await clock.advance(60)
            await venue.close()
            await clock.settle()
            assert consumer.task.done()
            await consumer.task

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


def test_the_same_moment_has_the_same_prices_at_every_speed():
    async def quotes(speed: int, count: int) -> dict[datetime, Mapping[str, Quote]]:
        async with Setup(speed=speed).opened() as venue:
            return {batch.at: batch.quotes for batch in await take_batches(venue, count)}

    slow, fast = run(quotes(3600, 49)), run(quotes(14_400, 13))
    assert len(fast) == 13
    assert all(slow[at] == fast[at] for at in fast)
