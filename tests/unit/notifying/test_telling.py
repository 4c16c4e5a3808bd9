"""Bundled, at a bearable rate, once, and never in the engine's way."""

from __future__ import annotations

import asyncio

import pytest

from rebalancer_gui.application.commands import StopAll
from rebalancer_gui.application.events import AccountChanged, EngineFailed
from rebalancer_gui.application.notices import NotSent, Severity
from rebalancer_gui.application.telling import Telling
from rebalancer_gui.domain.strategy import HaltKind, State
from tests.builders import NOON, parameters, rules_for
from tests.engine_bench import Bench as EngineBench
from tests.engine_bench import run
from tests.fake_clock import FakeClock
from tests.scripted_venue import ScriptedVenue
from tests.unit.notifying.told_bench import Bench, Channel, Chosen, Marks, account, strategy


def halted(name: str):
    return strategy(name, state=State.HALTED, reason=f"{name} stands.", advice="Look.", halt=HaltKind.MARKET)


def picture(*names: str) -> AccountChanged:
    return AccountChanged(account(*(halted(name) for name in names)))


def test_a_message_says_mode_account_what_and_what_to_do() -> None:
    async def story() -> None:
        channel = Channel()
        async with Bench(channel) as bench:
            await bench.tell(picture("Core"))
        (message,) = channel.sent
        assert message.title == "LIVE Main: Core is halted"
        assert message.text == "Core stands.\n\nWhat to do: Look."
        assert message.severity is Severity.ALARM

    asyncio.run(story())


def test_what_comes_together_is_one_message_that_names_each() -> None:
    async def story() -> None:
        channel = Channel()
        async with Bench(channel) as bench:
            await bench.tell(picture("A", "B"), seconds=0)
            await bench.tell(picture("A", "B", "C"))
        (message,) = channel.sent
        assert message.title == "LIVE Main: 3 things happened"
        assert [line for line in message.text.splitlines() if line.startswith("- ")] == [
            f"- {name} is halted: {name} stands." for name in "ABC"
        ]

    asyncio.run(story())


def test_a_long_bundle_says_how_many_it_does_not_name() -> None:
    async def story() -> None:
        channel = Channel()
        async with Bench(channel) as bench:
            await bench.tell(picture(*(f"N{n:02}" for n in range(20))))
        assert "- and 8 more" in channel.sent[0].text

    asyncio.run(story())


def test_after_six_messages_at_once_one_goes_out_a_minute_and_nothing_is_lost() -> None:
    async def story() -> None:
        channel = Channel()
        names = [f"N{n}" for n in range(12)]
        async with Bench(channel) as bench:
            for last in range(1, 13):
                await bench.tell(picture(*names[:last]), seconds=2.1)
            assert len(channel.sent) == 6
            await bench.clock.advance(60)
        assert len(channel.sent) == 7
        assert channel.sent[-1].title == "LIVE Main: 6 things happened"

    asyncio.run(story())


def test_a_restart_tells_nothing_again() -> None:
    async def story() -> None:
        marks = Marks()
        for expected in (1, 0):
            channel = Channel()
            async with Bench(channel, marks=marks) as bench:
                await bench.tell(picture("Core"))
            assert len(channel.sent) == expected

    asyncio.run(story())


def test_what_no_channel_took_before_the_end_is_told_at_the_next_start() -> None:
    async def story() -> None:
        marks, channel = Marks(), Channel()
        channel.fault = NotSent("It answered 500.")
        async with Bench(channel, marks=marks) as bench:
            await bench.tell(picture("Core"))
        channel.fault = None
        async with Bench(channel, marks=marks) as bench:
            await bench.tell(picture("Core"))
        assert len(channel.sent) == 1

    asyncio.run(story())


def test_a_channel_that_fails_is_tried_again_with_growing_waits_and_said_once() -> None:
    async def story() -> None:
        channel = Channel()
        channel.fault = NotSent("it answered 500.")
        async with Bench(channel) as bench:
            await bench.tell(picture("Core"))
            assert channel.tries == 1
            await bench.clock.advance(5)
            assert channel.tries == 2
            await bench.clock.advance(28)
            assert channel.tries == 2
            await bench.clock.advance(2)
            assert channel.tries == 3
            assert bench.notes == [("main", "The channel phone took no message: it answered 500. It is tried again.")]
            channel.fault = None
            await bench.clock.advance(120)
        assert len(channel.sent) == 1
        assert bench.notes[1:] == [("main", "The channel phone takes messages again.")]

    asyncio.run(story())


def test_a_fault_that_will_not_pass_by_itself_is_not_tried_again() -> None:
    async def story() -> None:
        channel = Channel()
        channel.fault = NotSent("there is no desktop.", again=False)
        async with Bench(channel) as bench:
            await bench.tell(picture("Core"))
            await bench.clock.advance(600)
        assert channel.tries == 1

    asyncio.run(story())


def test_a_channel_that_never_answers_holds_up_no_other() -> None:
    async def story() -> None:
        dead, alive = Channel("dead"), Channel("alive")
        dead.hangs = True
        async with Bench(dead, alive) as bench:
            await bench.tell(picture("A"))
            await bench.tell(picture("A", "B"))
            assert len(alive.sent) == 2
            await bench.clock.advance(60)
            assert dead.tries == 1
            assert "dead took no message: it did not answer within 60 seconds." in bench.notes[0][1]

    asyncio.run(story())


def test_without_a_channel_nothing_waits_for_one() -> None:
    async def story() -> None:
        marks = Marks()
        async with Bench(marks=marks) as bench:
            await bench.tell(picture("Core"))
        channel = Channel()
        async with Bench(channel, marks=marks) as bench:
            await bench.tell(picture("Core"))
        assert channel.sent == []

    asyncio.run(story())


def venue() -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH"))


def test_stop_all_in_a_real_engine_is_told_while_the_engine_goes_on_at_once() -> None:
    async def story() -> None:
        channel, clock = Channel(), FakeClock(NOON)
        telling = Telling(Chosen(channel), Marks(), clock)
        async with EngineBench(venue(), beside=[telling]).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            await bench.create(parameters())
            await bench.venue.push()
            await bench.do(StopAll)
            await clock.advance(3)
        (message,) = channel.sent
        assert message.title == "PAPER Paper: Stop all is on"

    run(story)


def test_a_channels_failure_stands_in_the_journal_of_the_account() -> None:
    async def story() -> None:
        channel = Channel()
        channel.fault = NotSent("it answered 500.")
        clock = FakeClock(NOON)
        telling = Telling(Chosen(channel), Marks(), clock)
        async with EngineBench(venue(), beside=[telling]).running() as bench:
            await bench.do(StopAll)
            await clock.advance(3)
            assert bench.said("telling") == ["The channel phone took no message: it answered 500. It is tried again."]

    run(story)


class Broken:
    """A companion with a bug."""

    def take(self, event: object) -> None:
        pass

    async def run(self, note) -> None:
        raise ZeroDivisionError("a bug")

    async def finish(self) -> None:
        await asyncio.Event().wait()

    async def release(self) -> None:
        raise ZeroDivisionError("another bug")


@pytest.mark.expect_log("a fault in Broken")
def test_a_bug_beside_the_engine_ends_only_itself() -> None:
    async def story() -> None:
        async with EngineBench(venue(), beside=[Broken()]).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            await bench.create(parameters())
            assert not bench.of(EngineFailed)

    run(story)


@pytest.mark.expect_log("a fault in the engine")
def test_the_last_words_of_an_engine_that_failed_are_sent_at_once() -> None:
    async def story() -> None:
        channel = Channel()
        # This clock stands: what waits for it would wait for ever.
        telling = Telling(Chosen(channel), Marks(), FakeClock(NOON))
        bench = EngineBench(venue(), beside=[telling])
        bench.store.load = None  # type: ignore[method-assign, assignment]
        await asyncio.wait_for(bench.engine.main(), 5)
        assert channel.sent[0].title == "Rebalancer has stopped"

    run(story)


@pytest.mark.expect_log("a fault in the engine")
def test_who_has_no_channel_does_not_wait_for_last_words() -> None:
    async def story() -> None:
        bench = EngineBench(venue(), beside=[Telling(Chosen(), Marks(), FakeClock(NOON))])
        bench.store.load = None  # type: ignore[method-assign, assignment]
        await asyncio.wait_for(bench.engine.main(), 5)

    run(story)


def test_an_engine_that_is_asked_to_stop_does_not_wait_for_a_channel_that_hangs() -> None:
    async def story() -> None:
        channel, clock = Channel(), FakeClock(NOON)
        channel.hangs = True
        loop = asyncio.get_running_loop()
        async with EngineBench(venue(), beside=[Telling(Chosen(channel), Marks(), clock)]).running() as bench:
            await bench.do(StopAll)
            await clock.advance(3)
            assert channel.tries == 1
            begun = loop.time()
        assert loop.time() - begun < 1.5

    run(story)
