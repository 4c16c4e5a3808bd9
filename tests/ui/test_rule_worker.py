"""Work step by step beside the window: the newest request wins, an error is told once."""

from threading import Event

import pytest

from rebalancer_gui.domain.errors import InvalidInput, RebalancerError
from rebalancer_gui.ui.backtest.worker import Worker


@pytest.fixture
def heard():
    """What the worker told, in order."""
    return []


@pytest.fixture
def worker(heard, qapp):
    made = Worker()
    made.found.connect(heard.append)
    made.failed.connect(heard.append)
    made.finished.connect(lambda: heard.append("finished"))
    return made


def test_each_step_is_told_in_order_and_then_that_it_is_finished(worker, heard, qtbot):
    worker.start(lambda: iter([1, 2, 3]))
    assert worker.is_busy
    qtbot.waitUntil(lambda: not worker.is_busy)
    assert heard == [1, 2, 3, "finished"]


def test_of_two_requests_only_the_newer_one_is_heard(worker, heard, qtbot):
    go_on = Event()

    def slow():
        go_on.wait(10)
        yield "old"
        yield "older"

    worker.start(slow)
    worker.start(lambda: iter(["new"]))
    go_on.set()
    qtbot.waitUntil(lambda: not worker.is_busy)
    qtbot.wait(20)
    assert heard == ["new", "finished"]


def test_a_request_that_is_stopped_takes_no_further_step(worker, heard, qtbot):
    steps, go_on, over = [], Event(), Event()

    def slow():
        try:
            for number in range(3):
                steps.append(number)
                yield number
                go_on.wait(10)
        finally:
            over.set()

    worker.start(slow)
    qtbot.waitUntil(lambda: heard == [0])
    worker.stop()
    assert not worker.is_busy
    go_on.set()
    assert over.wait(10)
    assert steps == [0, 1]
    qtbot.wait(20)
    assert heard == [0]


def test_a_refusal_is_told_instead_of_the_end(worker, heard, qtbot):
    def refused():
        yield 1
        raise InvalidInput("candles", "There are none.")

    worker.start(refused)
    qtbot.waitUntil(lambda: not worker.is_busy)
    assert heard[0] == 1
    assert isinstance(heard[1], RebalancerError)
    assert heard[1].message == "There are none."
    assert len(heard) == 2
