"""The engine's own thread: commands in, events out, a safe end."""

import asyncio
from typing import TypeVar

import pytest
from PySide6.QtCore import QElapsedTimer, QObject, Slot

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.ui.engine_thread import EngineThread
from tests.ui.fake_engine import FakeEngine

T = TypeVar("T")


class Told(QObject):
    """Collects the events of a thread in the GUI thread."""

    def __init__(self, thread: EngineThread) -> None:
        super().__init__()
        self.events: list[object] = []
        thread.told.connect(self.take)

    @Slot(object)
    def take(self, event: object) -> None:
        self.events.append(event)

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def run(qtbot):
    """Starts threads and joins them at the end of the test."""
    threads = []

    def start(factory) -> tuple[EngineThread, Told]:
        thread = EngineThread(factory)
        told = Told(thread)
        threads.append(thread)
        thread.start()
        return thread, told

    yield start
    for thread in threads:
        assert thread.stop()


def test_a_command_posted_before_the_engine_is_up_is_answered(qtbot):
    thread = EngineThread(FakeEngine)
    told = Told(thread)
    assert thread.post(c.LoadPresets("p1", "paper", "USDT"))
    thread.start()
    qtbot.waitUntil(lambda: bool(told.of(e.PresetsReady)))
    assert thread.stop()


def test_commands_are_taken_in_the_loops_thread_and_answered_in_order(qtbot, run):
    thread, told = run(FakeEngine)
    for number in range(20):
        thread.post(c.PauseStrategy(f"c{number}", "s-core4"))
    qtbot.waitUntil(lambda: len(told.of(e.CommandDone)) == 20)
    assert [event.command_id for event in told.of(e.CommandDone)] == [f"c{number}" for number in range(20)]


def test_stop_joins_the_thread_in_under_two_seconds_and_the_engine_says_so(qtbot, run):
    thread, told = run(lambda sink: FakeEngine(sink, period=0.01))
    qtbot.waitUntil(lambda: bool(told.of(e.AccountChanged)))
    watch = QElapsedTimer()
    watch.start()
    assert thread.stop()
    assert watch.elapsed() < 2000
    qtbot.waitUntil(lambda: bool(told.of(e.EngineStopped)))
    assert not thread.post(c.StopAll("late")), "nobody is there to answer any more"


def test_stop_asked_before_the_loop_is_up_is_not_lost(qtbot):
    thread = EngineThread(FakeEngine)
    thread.request_stop()
    thread.start()
    assert thread.wait(2000)


@pytest.mark.expect_log("ended by a fault")
@pytest.mark.failure(38)
def test_a_crash_in_the_engine_is_told_with_what_to_do(qtbot, run):
    class Crashing(FakeEngine):
        async def main(self) -> None:
            await asyncio.sleep(0)
            raise ZeroDivisionError("a bug")

    _, told = run(Crashing)
    qtbot.waitUntil(lambda: bool(told.of(e.EngineFailed)))
    (failed,) = told.of(e.EngineFailed)
    assert "a bug" in failed.message
    assert "start it again" in failed.advice


@pytest.mark.expect_log("file is newer")
def test_a_known_problem_of_the_factory_keeps_its_own_words(qtbot, run):
    def factory(sink):
        raise EnvironmentProblem("The account's file is newer than this program.", "Install the newer version.")

    _, told = run(factory)
    qtbot.waitUntil(lambda: bool(told.of(e.EngineFailed)))
    assert told.of(e.EngineFailed) == [
        e.EngineFailed("The account's file is newer than this program.", "Install the newer version.")
    ]
