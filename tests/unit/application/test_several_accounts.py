"""Several accounts in one engine: one that cannot be opened yet does not hold up the others."""

import asyncio
from collections.abc import Callable

import pytest

from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import AccountChanged, AccountWaits, EngineFailed, EngineStarted
from rebalancer_gui.domain.errors import EnvironmentProblem, RebalancerError, VenueAuthError, VenueUnavailable
from tests.builders import rules_for
from tests.engine_bench import CountingIds
from tests.fakes import FakeStore
from tests.scripted_venue import ScriptedVenue


class Closed(ScriptedVenue):
    """Does not open, for the reason given, until ``fault`` is None."""

    def __init__(self, fault: RebalancerError) -> None:
        super().__init__(rules_for("BTC", "ETH"))
        self.fault: RebalancerError | None = fault

    async def open(self) -> None:
        if self.fault is not None:
            raise self.fault
        await super().open()


def setup(name: str, venue: ScriptedVenue) -> AccountSetup:
    return AccountSetup(name, name, "PAPER", venue, FakeStore(), CountingIds())


def together(*setups: AccountSetup, story: Callable[[Engine, list[object]], object]) -> list[object]:
    events: list[object] = []

    async def run() -> None:
        engine = Engine(list(setups), events.append)
        task = asyncio.create_task(engine.main())
        await until(lambda: task.done() or any(isinstance(e, EngineStarted) for e in events))
        await story(engine, events)  # type: ignore[misc]
        engine.request_stop()
        await asyncio.wait_for(task, 5)

    asyncio.run(run())
    return events


async def until(true: Callable[[], object]) -> None:
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not get there")


@pytest.mark.parametrize("fault", (VenueUnavailable("maintenance"), VenueAuthError("the key is refused")))
def test_an_account_that_cannot_be_opened_yet_waits_alone_and_comes_in_later(fault):
    closed = Closed(fault)

    async def story(engine: Engine, events: list[object]) -> None:
        shown = {event.view.account for event in events if isinstance(event, AccountChanged)}
        assert shown <= {"open"}
        assert [event.account for event in events if isinstance(event, AccountWaits)][:1] == ["closed"]
        await until(lambda: any(isinstance(e, AccountChanged) and e.view.account == "open" for e in events))
        closed.fault = None
        await until(lambda: any(isinstance(e, AccountChanged) and e.view.account == "closed" for e in events))

    events = together(setup("open", ScriptedVenue(rules_for("BTC", "ETH"))), setup("closed", closed), story=story)
    assert not [event for event in events if isinstance(event, EngineFailed)]


@pytest.mark.expect_log("newer version")
def test_an_account_whose_file_is_no_good_ends_the_engine_with_the_reason():
    async def story(_engine: Engine, _events: list[object]) -> None:
        pass

    closed = Closed(EnvironmentProblem("the file is of a newer version"))
    events = together(setup("open", ScriptedVenue(rules_for("BTC", "ETH"))), setup("closed", closed), story=story)
    assert [event.message for event in events if isinstance(event, EngineFailed)] == ["the file is of a newer version"]


def test_the_engine_stops_at_once_while_an_account_still_waits():
    async def story(_engine: Engine, _events: list[object]) -> None:
        pass

    events = together(
        setup("open", ScriptedVenue(rules_for("BTC", "ETH"))),
        setup("closed", Closed(VenueUnavailable("down"))),
        story=story,
    )
    assert not [event for event in events if isinstance(event, EngineFailed)]


def test_an_exchange_that_is_slow_to_answer_does_not_hold_up_the_others():
    answer = asyncio.Event()

    class Slow(ScriptedVenue):
        async def open(self) -> None:
            await answer.wait()

    async def story(_engine: Engine, events: list[object]) -> None:
        shown = {event.view.account for event in events if isinstance(event, AccountChanged)}
        assert "slow" not in shown
        await until(lambda: any(isinstance(e, AccountChanged) and e.view.account == "open" for e in events))
        answer.set()
        await until(lambda: any(isinstance(e, AccountChanged) and e.view.account == "slow" for e in events))

    events = together(
        setup("open", ScriptedVenue(rules_for("BTC", "ETH"))), setup("slow", Slow(rules_for("BTC", "ETH"))), story=story
    )
    assert not [event for event in events if isinstance(event, EngineFailed)]
