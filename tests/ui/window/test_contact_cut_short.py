"""A first contact that was cut short before another key was put in: the window lets it go on, as the console does."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.safety_commands import BeginFirstContact
from rebalancer_gui.domain.strategy import State, TradingMode
from rebalancer_gui.ui.engine_feed import EngineFeed
from tests.ui.fake_engine import FakeEngine
from tests.ui.fake_live import GOOD, LiveAccount, cut_short, sold_back, with_rights
from tests.ui.parts import found, theme_of
from tests.ui.window.live_desk import Desk, banner, opened, text

UNSURE = with_rights(may_withdraw=None)


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication) -> Iterator[Desk]:
    """An account whose exchange does not tell of withdrawals, with a first contact that was cut short."""
    theme_of(qapp)
    waiting: list[c.Command] = []

    def post(command: c.Command) -> bool:
        waiting.append(command)
        return True

    page = QWidget()
    page.resize(1280, 800)
    page.show()
    feed = EngineFeed(post, page)
    made = Desk(page, feed, FakeEngine(feed.take, account=LiveAccount(report=UNSURE)), waiting)
    cut_short(made.account)
    made.update()
    yield made
    page.close()
    page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_it_goes_on_when_its_owner_says_that_the_key_may_not_withdraw(desk: Desk):
    dialog = opened(desk)
    assert "cut short" in banner(dialog, "contactProgress")
    go_on = found(dialog, QPushButton, "contactGoOnButton")
    assert go_on.isVisibleTo(dialog)
    assert not go_on.isEnabled()
    assert "tick the box" in go_on.toolTip()
    assert "tick the box" in text(dialog, "contactMessage")
    assert not found(dialog, QPushButton, "beginContactButton").isVisibleTo(dialog)
    found(dialog, QCheckBox, "noWithdrawCheck").click()
    assert text(dialog, "contactMessage") == ""
    desk.press("contactGoOnButton")
    assert not go_on.isEnabled(), "it is sent once"
    (sent,) = desk.taken(BeginFirstContact)
    assert (sent.symbol, sent.no_withdraw) == ("LTC/USDT", True)
    desk.answer()
    desk.update()
    assert not go_on.isVisibleTo(dialog)
    assert "under way" in banner(dialog, "contactProgress")
    sold_back(desk.account, desk.engine.history, desk.feed.take, proven=False)
    desk.update()
    desk.answer()
    assert desk.account.strategies[-1].state is State.ENDED
    assert desk.account.trading is TradingMode.WATCH
    assert found(dialog, QPushButton, "beginContactButton").isVisibleTo(dialog)


def test_a_key_of_which_everything_is_known_lets_it_go_on_with_the_test_alone(desk: Desk):
    desk.account.report = GOOD
    dialog = opened(desk)
    desk.update()
    assert "under way" in banner(dialog, "contactProgress")
    assert not found(dialog, QPushButton, "contactGoOnButton").isVisibleTo(dialog)
    assert desk.taken(BeginFirstContact) == []


def test_a_key_that_may_withdraw_does_not_let_it_go_on_whatever_its_owner_says(desk: Desk):
    desk.account.report = with_rights(may_withdraw=True)
    dialog = opened(desk)
    go_on = found(dialog, QPushButton, "contactGoOnButton")
    assert not go_on.isEnabled()
    assert "may withdraw" in go_on.toolTip()


def test_why_the_engine_refuses_it_stays_beside_the_button(desk: Desk):
    dialog = opened(desk)
    found(dialog, QCheckBox, "noWithdrawCheck").click()
    desk.engine._refuse = {BeginFirstContact: "It is a key of another account of the exchange."}
    desk.press("contactGoOnButton")
    desk.answer()
    desk.update()
    assert text(dialog, "contactMessage") == "It is a key of another account of the exchange."
    assert found(dialog, QPushButton, "contactGoOnButton").isEnabled()
