"""Several accounts in one engine: one that cannot be opened yet does not hold up the others."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.commands import CreateStrategy, ResumeTrading, StopAll
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import (
    AccountChanged,
    AccountFailed,
    AccountWaits,
    CommandDone,
    CommandRejected,
    EngineFailed,
    EngineStarted,
    JournalChanged,
    StrategyCreated,
)
from rebalancer_gui.application.ports import QuoteBatch
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.errors import (
    EnvironmentProblem,
    FileDamaged,
    InvalidInput,
    RebalancerError,
    VenueAuthError,
    VenueUnavailable,
)
from tests.builders import parameters, rules_for
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
    return AccountSetup(name, name, "PAPER", venue, FakeStore(name), CountingIds())


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


@pytest.mark.parametrize("fault", (VenueUnavailable("It is shut.", "Wait."), VenueAuthError("It is shut.", "Wait.")))
def test_an_account_that_cannot_be_opened_yet_waits_alone_and_comes_in_later(fault):
    closed = Closed(fault)

    async def story(engine: Engine, events: list[object]) -> None:
        shown = {event.view.account for event in events if isinstance(event, AccountChanged)}
        assert shown <= {"open"}
        waits = [(event.account, event.message) for event in events if isinstance(event, AccountWaits)]
        assert waits[:1] == [("closed", "It is shut. Wait.")]
        await until(lambda: any(isinstance(e, AccountChanged) and e.view.account == "open" for e in events))
        closed.fault = None
        await until(lambda: any(isinstance(e, AccountChanged) and e.view.account == "closed" for e in events))

    events = together(setup("open", ScriptedVenue(rules_for("BTC", "ETH"))), setup("closed", closed), story=story)
    assert not [event for event in events if isinstance(event, EngineFailed)]


FOREIGN = EnvironmentProblem("its key is of another account", "Use the former key.")


def failed(events: list[object]) -> list[tuple[str, str, str]]:
    return [(e.account, e.message, e.advice) for e in events if isinstance(e, AccountFailed)]


def shown(events: list[object], name: str) -> AccountView | None:
    return next((e.view for e in reversed(events) if isinstance(e, AccountChanged) and e.view.account == name), None)


@pytest.mark.failure(43)
@pytest.mark.expect_log("is halted")
@pytest.mark.parametrize(
    "fault", [FOREIGN, FileDamaged("the ledger is damaged"), InvalidInput("venue", "no such exchange")]
)
def test_an_account_that_is_no_good_halts_alone_with_its_sentence(fault: RebalancerError):
    venue = ScriptedVenue(rules_for("BTC", "ETH"))

    async def story(engine: Engine, events: list[object]) -> None:
        await until(lambda: failed(events))
        for _ in range(3):
            await venue.push(BTC="100", ETH="100")
        engine.post(CreateStrategy("c", "open", parameters()))
        await until(lambda: any(isinstance(e, StrategyCreated) for e in events))

    events = together(setup("closed", Closed(fault)), setup("open", venue), story=story)
    assert failed(events) == [("closed", fault.message, fault.advice)]
    assert not [event for event in events if isinstance(event, EngineFailed)]


@pytest.mark.expect_log("is halted")
def test_an_account_that_fails_while_another_waits_for_its_exchange_is_told_at_once():
    waits = Closed(VenueUnavailable("down"))
    events: list[object] = []

    async def run() -> None:
        engine = Engine([setup("closed", Closed(FOREIGN)), setup("waits", waits)], events.append)
        task = asyncio.create_task(engine.main())
        await until(lambda: failed(events))
        waits.fault = None
        await until(lambda: shown(events, "waits"))
        engine.request_stop()
        await asyncio.wait_for(task, 5)

    asyncio.run(run())
    assert not [event for event in events if isinstance(event, EngineFailed)]


@pytest.mark.expect_log("is halted")
@pytest.mark.expect_log("cannot go on")
def test_where_no_account_is_left_the_engine_has_failed():
    events: list[object] = []

    async def run() -> None:
        setups = [setup("one", Closed(FOREIGN)), setup("two", Closed(FileDamaged("damaged")))]
        await asyncio.wait_for(Engine(setups, events.append).main(), 5)

    asyncio.run(run())
    assert [e.message for e in events if isinstance(e, EngineFailed)] == ["its key is of another account"]


@pytest.mark.failure(43)
@pytest.mark.expect_log("is halted")
def test_a_file_found_damaged_in_the_middle_halts_its_account_and_nobody_else():
    store, venue, other = (
        FakeStore("one"),
        ScriptedVenue(rules_for("BTC", "ETH")),
        ScriptedVenue(rules_for("BTC", "ETH")),
    )
    one = AccountSetup("one", "one", "PAPER", venue, store, CountingIds())

    async def story(engine: Engine, events: list[object]) -> None:
        def damaged() -> None:
            raise FileDamaged("the ledger is damaged", "Restore it.")

        await venue.push(BTC="100", ETH="100")
        await other.push(BTC="100", ETH="100")
        store.on_commit = damaged
        venue.clock.time += timedelta(minutes=5)
        venue._batches.put_nowait(QuoteBatch(venue.clock.now(), dict(venue.prices), timedelta(seconds=2)))
        await until(lambda: failed(events))
        view = shown(events, "one")
        assert view is not None
        assert (view.halted, view.halted_advice) == ("the ledger is damaged", "Restore it.")
        engine.post(CreateStrategy("c1", "one", parameters()))
        engine.post(CreateStrategy("c2", "two", parameters()))
        engine.post(StopAll("c3"))
        engine.post(ResumeTrading("c4"))
        await until(lambda: answer(events, "c4"))
        refused = answer(events, "c1")
        assert isinstance(refused, CommandRejected)
        assert "the ledger is damaged" in refused.message
        assert isinstance(answer(events, "c2"), StrategyCreated)
        assert isinstance(answer(events, "c3"), CommandDone)
        assert isinstance(answer(events, "c4"), CommandDone)

    events = together(one, setup("two", other), story=story)
    assert failed(events) == [("one", "the ledger is damaged", "Restore it.")]
    assert not [event for event in events if isinstance(event, EngineFailed)]


def answer(events: list[object], command_id: str) -> object:
    return next((e for e in events if getattr(e, "command_id", "") == command_id), None)


@pytest.mark.expect_log("is halted")
def test_an_account_whose_record_cannot_be_read_is_told_and_the_others_run():
    events: list[object] = []

    async def run() -> None:
        broken = {"broken": EnvironmentProblem("The file account.json cannot be understood.", "Put it back.")}
        engine = Engine([setup("open", ScriptedVenue(rules_for("BTC", "ETH")))], events.append, left_out=broken)
        task = asyncio.create_task(engine.main())
        await until(lambda: shown(events, "open"))
        engine.request_stop()
        await asyncio.wait_for(task, 5)

    asyncio.run(run())
    assert failed(events) == [("broken", "The file account.json cannot be understood.", "Put it back.")]


@pytest.mark.expect_log("cannot go on")
def test_an_engine_without_any_account_that_can_be_read_has_failed():
    events: list[object] = []
    left_out = {"broken": EnvironmentProblem("The file account.json cannot be understood.")}
    asyncio.run(asyncio.wait_for(_main(Engine([], events.append, left_out=left_out)), 5))
    assert [e.message for e in events if isinstance(e, EngineFailed)] == ["The file account.json cannot be understood."]


async def _main(engine: Engine) -> None:
    await engine.main()


def test_prices_that_do_not_come_are_said_with_the_exchanges_words_and_what_to_do():
    class Silent(ScriptedVenue):
        async def batches(self) -> AsyncIterator[QuoteBatch]:
            async for batch in super().batches():
                if batch.quotes == {}:
                    raise VenueUnavailable("It does not serve this place.", "Use another address.")
                yield batch

    venue = Silent(rules_for("BTC", "ETH"))

    async def story(_engine: Engine, events: list[object]) -> None:
        venue._batches.put_nowait(QuoteBatch(venue.clock.now(), {}, timedelta(seconds=2)))
        await until(lambda: any(isinstance(e, JournalChanged) and e.entry.kind == "prices" for e in events))

    events = together(setup("one", venue), story=story)
    said = next(e.entry.text for e in events if isinstance(e, JournalChanged) and e.entry.kind == "prices")
    assert said == "Prices do not come: It does not serve this place. Use another address. It is tried again."


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
