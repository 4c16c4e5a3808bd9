"""What the window hears of the engine, and how often."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import QElapsedTimer

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.ui.engine_feed import ENGINE_GONE, EngineFeed
from tests.ui.fake_engine import FakeEngine
from tests.ui.sample_account import SampleAccount


@pytest.fixture
def posted() -> list[c.Command]:
    return []


@pytest.fixture
def feed(qtbot, posted):
    def post(command: c.Command) -> bool:
        posted.append(command)
        return True

    return EngineFeed(post)


def collect(signal) -> list[Any]:
    got: list[Any] = []
    signal.connect(got.append)
    return got


def test_of_many_pictures_only_the_newest_is_drawn_four_times_a_second(qtbot, feed):
    account = SampleAccount()
    views = collect(feed.accountChanged)
    watch = QElapsedTimer()
    watch.start()
    sent = 0
    while watch.elapsed() < 1000:
        feed.take(e.AccountChanged(account.view()))
        sent += 1
        qtbot.wait(5)
    qtbot.waitUntil(lambda: bool(views) and views[-1] is feed.view)
    assert sent > 50
    assert 3 <= len(views) <= 6


def test_every_order_arrives_once_with_its_newest_state(qtbot, feed):
    orders = collect(feed.ordersChanged)
    engine = FakeEngine(lambda event: None)
    rows = engine.history.orders[:6]
    for row in rows:
        feed.take(e.OrderChanged("paper", replace(row, reason="sending")))
    for row in rows:
        feed.take(e.OrderChanged("paper", row))
    qtbot.waitUntil(lambda: sum(len(batch) for batch in orders) == len(rows))
    assert [event.row for batch in orders for event in batch] == rows


def test_fees_are_handed_on_in_batches_with_their_newest_row(qtbot, feed):
    fees = collect(feed.feesBooked)
    rows = FakeEngine(lambda event: None).history.fees[:4]
    for row in rows:
        feed.take(e.FeeBooked("paper", replace(row, note="first")))
        feed.take(e.FeeBooked("paper", row))
    qtbot.waitUntil(lambda: sum(len(batch) for batch in fees) == len(rows))
    assert [event.row for batch in fees for event in batch] == rows


def test_an_answer_finds_who_asked_and_only_once(qtbot, feed, posted):
    answers: list[Any] = []
    command = c.LoadChart(feed.next_command_id(), "s-core4")
    feed.ask(command, answers.append)
    assert posted == [command]
    done = e.CommandDone(command.command_id)
    feed.take(done)
    feed.take(done)
    assert answers == [done]


def test_a_refusal_of_a_command_that_was_only_sent_is_a_signal(qtbot, feed):
    refusals = collect(feed.rejected)
    feed.send(c.StopAll(feed.next_command_id()))
    refusal = e.CommandRejected("w1", "Not now.")
    feed.take(refusal)
    assert refusals == [refusal]


def test_a_window_that_cannot_be_seen_hears_nothing_and_catches_up(qtbot, feed):
    account = SampleAccount()
    views, orders, outdated = collect(feed.accountChanged), collect(feed.ordersChanged), []
    feed.historyOutdated.connect(lambda: outdated.append(True))
    feed.set_drawing(False)
    for row in FakeEngine(lambda event: None).history.orders[:3]:
        feed.take(e.OrderChanged("paper", row))
    for _ in range(10):
        account.at += timedelta(seconds=2)
        feed.take(e.AccountChanged(account.view()))
    qtbot.wait(300)
    assert not views
    assert not orders
    feed.set_drawing(True)
    qtbot.waitUntil(lambda: len(views) == 1)
    assert views == [feed.view]
    assert outdated == [True]
    assert not orders


def test_when_the_engine_ends_every_open_question_is_answered(qtbot, feed):
    answers: list[Any] = []
    feed.ask(c.LoadChart(feed.next_command_id(), "s-core4"), answers.append)
    feed.take(e.EngineFailed("Disk full.", "Make room."))
    assert [answer.message for answer in answers] == [ENGINE_GONE]
    feed.ask(c.LoadChart(feed.next_command_id(), "s-core4"), answers.append)
    assert len(answers) == 2


def test_the_first_account_told_of_is_shown_until_another_is_chosen(qtbot, feed):
    views = collect(feed.accountChanged)
    feed.take(e.AccountChanged(SampleAccount().view()))
    feed.take(e.AccountChanged(SampleAccount(name="second").view()))
    qtbot.waitUntil(lambda: len(views) == 1)
    assert feed.account == "paper"
    feed.choose_account("second")
    qtbot.waitUntil(lambda: len(views) == 2)
    assert views[-1].account == "second"
