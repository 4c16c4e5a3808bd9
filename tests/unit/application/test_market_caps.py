"""Market caps from the internet: asked once a day, in order, with pauses; never guessed, and said when they are old."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.market_caps import (
    OFF,
    CapsMemory,
    CapsReading,
    CapsUnavailable,
    CoinFigures,
    LiveMarketCaps,
    Pause,
)
from rebalancer_gui.domain.errors import InvalidInput
from tests.fake_clock import FakeClock

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
BTC, ETH = CoinFigures(Decimal(2000), Decimal(100)), CoinFigures(Decimal(500), Decimal(4))


@dataclass
class Online:
    """Answers ``coins``, or refuses with ``wrong``."""

    name: str
    coins: Mapping[str, CoinFigures] = field(default_factory=lambda: {"BTC": BTC, "ETH": ETH})
    wrong: CapsUnavailable | None = None
    asked: int = 0
    held: asyncio.Event | None = None

    @property
    def attribution(self) -> str:
        return f"Data provided by {self.name}"

    async def read(self) -> Mapping[str, CoinFigures]:
        self.asked += 1
        if self.held is not None:
            await self.held.wait()
        if self.wrong is not None:
            raise self.wrong
        return self.coins


@dataclass
class Cache:
    memory: CapsMemory = field(default_factory=lambda: CapsMemory({}, {}))

    def load(self) -> CapsMemory:
        return self.memory

    def save(self, memory: CapsMemory) -> None:
        self.memory = memory


class Shipped:
    """What came with the program, of 2022."""

    attribution = "Data provided by CoinGecko"

    def market_caps(self, assets: Sequence[str], at: datetime) -> Mapping[str, Decimal]:
        return {asset: Decimal(7) for asset in assets if asset == "BTC"}

    def price(self, asset: str, at: datetime) -> Decimal | None:
        return None

    def as_of(self, at: datetime) -> date | None:
        return date(2022, 9, 10)

    def closes(self, asset: str, at: datetime, days: int) -> Sequence[Decimal]:
        return [Decimal(1), Decimal(2)]


class Bench:
    """One engine's market caps, the clock turned by hand."""

    def __init__(self, cache: Cache | None = None) -> None:
        self.clock = FakeClock(NOON)
        self.gecko, self.paprika = Online("CoinGecko"), Online("CoinPaprika", {"BTC": ETH})
        self.cache = cache or Cache()
        self.on = True
        self.changed: list[Callable[[], None]] = []
        self.caps = self.made()

    def made(self) -> LiveMarketCaps:
        return LiveMarketCaps(
            (self.gecko, self.paprika), self.cache, Shipped(), self.clock, lambda: self.on, self._watch
        )

    def _watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        self.changed.append(changed)
        return self.changed.clear

    def switch(self, *, on: bool) -> None:
        self.on = on
        for changed in self.changed:
            changed()

    @property
    def asked(self) -> tuple[int, int]:
        return self.gecko.asked, self.paprika.asked


def run(story: Callable[[Bench], Awaitable[None]], bench: Bench | None = None) -> None:
    async def main() -> None:
        made = bench or Bench()
        task = asyncio.create_task(made.caps.run(lambda _account, _text: None))
        await made.clock.settle()
        await story(made)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not made.changed

    asyncio.run(main())


def test_the_first_source_is_read_once_a_day_and_answers_without_being_asked_again() -> None:
    async def story(bench: Bench) -> None:
        await bench.clock.advance(3)
        assert bench.asked == (1, 0)
        now = bench.clock.now()
        assert bench.caps.market_caps(["BTC", "SOL"], now) == {"BTC": Decimal(2000)}
        assert bench.caps.attribution == "Data provided by CoinGecko"
        assert bench.caps.as_of(now) == NOON.date()
        assert bench.caps.price("ETH", now) == 4
        assert bench.caps.closes("BTC", now, 8) == ()
        await bench.clock.advance(23 * 3600)
        assert bench.asked == (1, 0)
        await bench.clock.advance(3600)
        assert bench.asked == (2, 0)
        assert bench.caps.state().as_of == date(2026, 11, 28)

    run(story)


@pytest.mark.rule("9.8")
def test_without_a_reading_the_caps_that_came_with_the_program_stand_with_their_old_date() -> None:
    async def story(bench: Bench) -> None:
        state = bench.caps.state()
        assert (state.source, state.as_of, state.read_at) == ("Data provided by CoinGecko", date(2022, 9, 10), None)
        assert bench.caps.market_caps(["BTC", "ETH"], NOON) == {"BTC": Decimal(7)}
        assert bench.caps.closes("BTC", NOON, 8) == ()

    run(story)


def test_the_second_source_is_asked_when_the_first_fails_and_both_are_said() -> None:
    async def story(bench: Bench) -> None:
        bench.gecko.wrong = CapsUnavailable("CoinGecko answered with the error 500.")
        await bench.clock.advance(3)
        assert bench.asked == (1, 1)
        assert bench.caps.attribution == "Data provided by CoinPaprika"
        state = bench.caps.state()
        assert state.problem == "CoinGecko answered with the error 500."
        assert state.read_at is not None
        # Today's caps are there: the first one is asked again tomorrow.
        await bench.clock.advance(20 * 3600)
        assert bench.asked == (1, 1)
        bench.gecko.wrong = None
        await bench.clock.advance(4 * 3600)
        assert bench.asked == (2, 1)
        assert bench.caps.attribution == "Data provided by CoinGecko"
        assert bench.caps.state().problem == ""

    run(story)


def test_sources_that_do_not_answer_are_asked_again_ever_more_rarely() -> None:
    async def story(bench: Bench) -> None:
        bench.gecko.wrong = bench.paprika.wrong = CapsUnavailable("No answer.")
        await bench.clock.advance(3)
        assert bench.asked == (1, 1)
        await bench.clock.advance(50)
        assert bench.asked == (1, 1)
        await bench.clock.advance(15)
        assert bench.asked == (2, 2)
        await bench.clock.advance(100)
        assert bench.asked == (2, 2)
        await bench.clock.advance(24 * 3600)
        # 1, 2, 4 ... 32 minutes, then once an hour.
        assert bench.asked == (29, 29)
        state = bench.caps.state()
        assert state.problem == "No answer. No answer. The newest known caps are used."
        assert state.read_at is None

    run(story)


def test_one_that_wants_to_be_left_alone_is_not_asked_before_it_said_not_even_by_hand_and_after_a_restart() -> None:
    bench = Bench()

    async def story(bench: Bench) -> None:
        wrong = CapsUnavailable("Too often.", asked_too_often=True, rest=timedelta(hours=3))
        bench.gecko.wrong = bench.paprika.wrong = wrong
        await bench.clock.advance(3)
        assert bench.caps.state().why_no_refresh == "The sources want to be left alone until 15:00 UTC."
        with pytest.raises(InvalidInput, match="left alone until 15:00"):
            bench.caps.refresh()
        await bench.clock.advance(2 * 3600)
        assert bench.asked == (1, 1)

    run(story, bench)
    bench.caps = bench.made()

    async def again(bench: Bench) -> None:
        await bench.clock.advance(1800)
        assert bench.asked == (1, 1)
        await bench.clock.advance(2400)
        assert bench.asked == (2, 2)

    run(again, bench)


def test_a_restart_on_the_same_day_asks_nobody() -> None:
    memory = CapsMemory({"CoinGecko": CapsReading("CoinGecko", NOON - timedelta(hours=20), {"BTC": BTC})}, {})

    async def story(bench: Bench) -> None:
        await bench.clock.advance(3600)
        assert bench.asked == (0, 0)
        assert bench.caps.market_caps(["BTC"], bench.clock.now()) == {"BTC": Decimal(2000)}
        assert bench.caps.as_of(bench.clock.now()) == date(2026, 11, 26)
        await bench.clock.advance(3 * 3600)
        assert bench.asked == (1, 0)

    run(story, Bench(Cache(memory)))


def test_by_hand_it_is_read_at_once_but_once_an_hour_and_the_reason_is_said() -> None:
    async def story(bench: Bench) -> None:
        await bench.clock.advance(3)
        before = bench.caps.revision
        why = "Read at 12:00 UTC. It can be read anew from 13:00 UTC on."
        assert bench.caps.state().why_no_refresh == why
        with pytest.raises(InvalidInput, match="from 13:00 UTC on"):
            bench.caps.refresh()
        await bench.clock.advance(3600)
        assert bench.caps.state().why_no_refresh == ""
        bench.gecko.held = asyncio.Event()
        bench.caps.refresh()
        await bench.clock.settle()
        assert bench.asked == (2, 0)
        assert bench.caps.state().busy
        with pytest.raises(InvalidInput, match="being read"):
            bench.caps.refresh()
        # What is known is answered meanwhile.
        assert bench.caps.market_caps(["BTC"], bench.clock.now()) == {"BTC": Decimal(2000)}
        bench.gecko.held.set()
        await bench.clock.settle()
        assert not bench.caps.state().busy
        assert bench.caps.revision > before

    run(story)


def test_after_no_answer_it_can_be_asked_by_hand_at_once() -> None:
    async def story(bench: Bench) -> None:
        bench.gecko.wrong = bench.paprika.wrong = CapsUnavailable("No network.", unreachable=True)
        await bench.clock.advance(3)
        said = "CoinGecko and CoinPaprika could not be reached. The newest known caps are used."
        assert bench.caps.state().problem == said
        bench.gecko.wrong = None
        bench.caps.refresh()
        await bench.clock.settle()
        assert bench.asked == (2, 1)
        assert bench.caps.state().problem == ""

    run(story)


def test_switched_off_nobody_is_asked_and_only_what_came_with_the_program_counts() -> None:
    async def story(bench: Bench) -> None:
        bench.on = False
        await bench.clock.advance(2 * 24 * 3600)
        assert bench.asked == (0, 0)
        assert bench.caps.state().why_no_refresh == OFF
        with pytest.raises(InvalidInput, match="switched off"):
            bench.caps.refresh()
        before = bench.caps.revision
        bench.switch(on=True)
        assert bench.caps.revision != before
        # The loop has the call from the other thread in its queue.
        await bench.clock.settle()
        assert bench.asked == (1, 0)
        assert bench.caps.market_caps(["BTC"], bench.clock.now()) == {"BTC": Decimal(2000)}
        bench.switch(on=False)
        assert bench.caps.market_caps(["BTC"], bench.clock.now()) == {"BTC": Decimal(7)}
        assert bench.caps.as_of(bench.clock.now()) == date(2022, 9, 10)

    run(story)


def test_a_reading_is_not_known_on_a_day_before_it() -> None:
    async def story(bench: Bench) -> None:
        await bench.clock.advance(3)
        assert bench.caps.market_caps(["BTC"], NOON - timedelta(days=1)) == {"BTC": Decimal(7)}
        assert bench.caps.price("BTC", NOON - timedelta(days=1)) is None

    run(story)


def test_a_price_of_last_week_no_longer_tells_one_coin_from_another() -> None:
    memory = CapsMemory(
        {"CoinGecko": CapsReading("CoinGecko", NOON - timedelta(days=7), {"BTC": BTC})},
        {"CoinGecko": Pause(NOON + timedelta(days=1), 3, asked=True)},
    )
    bench = Bench(Cache(memory))
    assert bench.caps.price("BTC", NOON) is None
    assert bench.caps.as_of(NOON) == date(2026, 11, 20)
    assert bench.caps.state().why_no_refresh == "Market caps are not read here: the window does that."


def test_by_hand_too_the_one_that_wants_to_be_left_alone_is_passed_over() -> None:
    async def story(bench: Bench) -> None:
        bench.gecko.wrong = CapsUnavailable("Too often.", asked_too_often=True, rest=timedelta(hours=3))
        await bench.clock.advance(3)
        assert bench.asked == (1, 1)
        await bench.clock.advance(2 * 3600)
        bench.caps.refresh()
        await bench.clock.settle()
        assert bench.asked == (1, 2)
        assert bench.caps.state().problem == "CoinGecko is asked again from 15:00 UTC on."

    run(story)
