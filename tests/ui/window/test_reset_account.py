"""Beginning the paper account anew from the window: the question, and what the window does meanwhile."""

import pytest
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel, QPushButton, QWidget

from rebalancer_gui.application.events import EngineFailed
from rebalancer_gui.domain.strategy import State
from tests.ui.parts import found


@pytest.fixture
def dialog(desk):
    desk.press("paperAccountButton")
    desk.press("resetAccountButton")
    opened = desk.dialog()
    assert opened is not None
    assert opened.objectName() == "resetAccountDialog"
    return opened


@pytest.fixture
def confirmed(desk):
    names: list[str] = []
    desk.window.resetConfirmed.connect(names.append)
    return names


@pytest.mark.rule("3a.10")
def test_a_reset_is_confirmed_only_after_its_box_was_ticked(desk, dialog, confirmed):
    button, agree = found(dialog, QPushButton, "confirmButton"), found(dialog, QCheckBox, "resetAgreeCheck")
    assert not agree.isChecked()
    assert not button.isEnabled()
    assert "Tick the box" in button.toolTip()
    assert found(dialog, QPushButton, "resetCancelButton").hasFocus()
    agree.click()
    assert confirmed == []
    desk.press("confirmButton")
    assert confirmed == ["paper"]
    assert desk.dialog() is None


def test_cancel_resets_nothing(desk, dialog, confirmed):
    found(dialog, QCheckBox, "resetAgreeCheck").click()
    found(dialog, QPushButton, "resetCancelButton").click()
    assert (confirmed, desk.dialog()) == ([], None)


def test_the_question_says_which_strategies_end_what_money_goes_and_what_is_kept(desk, dialog):
    ends = found(dialog, QLabel, "resetEndsLabel")
    assert "All 4 strategies that are not over: Core 4, BNB Chain 3, DeFi basket, Alt dip." in ends.text()
    assert "9,945.54\u00a0USDT" in ends.text()
    assert "not carried over" in ends.text()
    assert "backups" in found(dialog, QLabel, "resetKeptLabel").text()
    desk.account.strategies[0].state = State.ENDED
    desk.update()
    assert "All 3 strategies" in ends.text()
    assert "has ended" in ends.text()


def test_while_the_engine_stops_for_a_reset_nothing_can_be_pressed_and_the_window_stays(desk):
    desk.press("paperAccountButton")
    desk.window.show_resetting()
    assert desk.dialog() is None
    page = desk.window.findChild(QWidget, "resettingPage")
    assert page.isVisible()
    assert not desk.find(QPushButton, "stopAllButton").isVisible()
    desk.window.close()
    assert desk.window.isVisible()
    assert desk.window.findChildren(QDialog, "closeQuestion") == []
    desk.feed.take(EngineFailed("It met a fault while it stopped.", ""))
    assert page.isVisible(), "it has stopped all the same"
