"""Adding and removing funds: answers that come late, prices that move, an engine that ends."""

from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QLineEdit

from rebalancer_gui.application import events as e
from tests.ui.parts import found
from tests.ui.window.funds_desk import banner_of, confirm_of, opened, put, text_of

NBSP = "\u00a0"


@pytest.fixture
def removal(desk):
    return opened(desk, "removeFundsButton")


def test_it_is_asked_again_each_second_with_what_stands_in_the_field(desk, removal):
    put(desk, removal, "40")
    assert "14:32:08" in text_of(removal, "planTimeLabel")
    desk.account.at += timedelta(seconds=1)
    desk.qtbot.waitUntil(lambda: bool(desk.waiting), timeout=3000)
    assert [x.amount for x in desk.waiting] == [Decimal(40)]
    desk.answer()
    assert "14:32:09" in text_of(removal, "planTimeLabel")


def test_an_answer_to_an_older_amount_is_not_shown_and_cannot_be_confirmed(desk, removal):
    put(desk, removal, "40")
    edit = found(removal, QLineEdit, "amountEdit")
    edit.setText("50")
    (older,) = desk.waiting
    assert older.amount == Decimal(50)
    edit.setText("60")
    assert len(desk.waiting) == 1, "one question at a time"
    assert not confirm_of(removal).isEnabled()
    desk.engine.handle(desk.waiting.pop(0))
    assert not confirm_of(removal).isEnabled(), "that answer was about 50"
    (newer,) = desk.waiting
    assert newer.amount == Decimal(60)
    desk.answer()
    assert confirm_of(removal).isEnabled()
    assert f"of the 60.00{NBSP}USDT" in banner_of(removal)


def test_when_prices_move_the_range_over_the_amount_it_can_no_longer_be_confirmed(desk, removal):
    put(desk, removal, "3900")
    assert confirm_of(removal).isEnabled()
    for asset in ("BTC", "ETH", "BNB", "SOL"):
        desk.account.prices[asset] *= Decimal("0.9")
    removal.asker.ask()
    desk.answer()
    assert not confirm_of(removal).isEnabled()
    assert "At most" in text_of(removal, "amountMessage")
    for asset in ("BTC", "ETH", "BNB", "SOL"):
        desk.account.prices[asset] *= 2
    removal.asker.ask()
    desk.answer()
    assert confirm_of(removal).isEnabled()


def test_a_missing_price_is_said_and_keeps_it_from_being_confirmed(desk, removal):
    put(desk, removal, "40")
    price = desk.account.prices.pop("SOL")
    removal.asker.ask()
    desk.answer()
    assert "no good price for every coin" in banner_of(removal)
    assert not confirm_of(removal).isEnabled()
    desk.account.prices["SOL"] = price
    removal.asker.ask()
    desk.answer()
    assert confirm_of(removal).isEnabled()


def test_an_engine_that_ends_meanwhile_is_told_in_the_dialog(desk, removal):
    put(desk, removal, "40")
    confirm_of(removal).click()
    desk.waiting.clear()
    desk.feed.take(e.EngineStopped())
    assert removal.isVisible()
    assert "engine is not running" in banner_of(removal)
    desk.press("planCancelButton")
    assert desk.dialog() is None
