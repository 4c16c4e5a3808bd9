"""The paper account's dialog: money in and out, market events, its right to trade, fees with BNB."""

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.paper_port import MarketEvent
from tests.ui.parts import found


@pytest.fixture
def dialog(desk):
    desk.press("paperAccountButton")
    desk.answer()
    opened = desk.dialog()
    assert opened is not None
    assert opened.objectName() == "paperAccountDialog"
    return opened


def type_amount(desk, dialog, text: str) -> None:
    edit = found(dialog, QLineEdit, "transferAmountEdit")
    edit.selectAll()
    desk.qtbot.keyClicks(edit, text)


def said(dialog) -> str:
    return found(dialog, QLabel, "paperMessage").text()


@pytest.mark.parametrize(("button", "sign"), [("depositButton", 1), ("withdrawButton", -1)])
def test_money_goes_in_and_out_by_its_buttons_and_the_dialog_says_so(desk, dialog, button, sign):
    found(dialog, QComboBox, "transferAssetCombo").setCurrentText("USDT")
    type_amount(desk, dialog, "12.5")
    desk.press(button)
    (command,) = desk.taken(c.PaperTransfer)
    assert (command.asset, command.amount) == ("USDT", Decimal("12.5") * sign)
    desk.answer()
    assert "12.5" in said(dialog)


@pytest.mark.parametrize("text", ["", "abc", "0", "-3", "1e5", "0.0000000001"])
def test_what_is_no_amount_moves_nothing(desk, dialog, text):
    type_amount(desk, dialog, text)
    assert not found(dialog, QPushButton, "depositButton").isEnabled()
    assert not found(dialog, QPushButton, "withdrawButton").isEnabled()
    assert found(dialog, QPushButton, "depositButton").toolTip()


def test_more_than_the_account_holds_cannot_be_withdrawn_and_the_reason_is_said(desk, dialog):
    type_amount(desk, dialog, "99999999")
    withdraw = found(dialog, QPushButton, "withdrawButton")
    assert not withdraw.isEnabled()
    assert "holds" in withdraw.toolTip()
    assert found(dialog, QPushButton, "depositButton").isEnabled()


def test_taking_the_money_of_strategies_is_announced_before_it_is_done(desk, dialog):
    free = desk.account.free
    type_amount(desk, dialog, str(free + Decimal("0.5")))
    assert (
        "halted" in found(dialog, QLabel, "transferHint").text()
        or not found(dialog, QPushButton, "withdrawButton").isEnabled()
    )


@pytest.mark.parametrize("event", [MarketEvent.HALT, MarketEvent.DELIST])
def test_a_market_event_is_sent_for_the_chosen_coin_and_its_state_is_shown(desk, dialog, event):
    found(dialog, QComboBox, "paperCoinCombo").setCurrentText("ETH")
    combo = found(dialog, QComboBox, "paperEventCombo")
    combo.setCurrentIndex(combo.findData(event))
    desk.press("paperMarketButton")
    (command,) = desk.taken(c.ChangePaperMarket)
    assert (command.event, command.asset, command.new_name) == (event, "ETH", "")
    desk.answer()
    assert "ETH" in found(dialog, QLabel, "paperMarketHint").text()


def test_a_new_name_is_asked_for_and_sent_in_capitals(desk, dialog):
    combo = found(dialog, QComboBox, "paperEventCombo")
    combo.setCurrentIndex(combo.findData(MarketEvent.RENAME))
    make = found(dialog, QPushButton, "paperMarketButton")
    assert not make.isEnabled()
    assert "name" in make.toolTip()
    desk.qtbot.keyClicks(found(dialog, QLineEdit, "paperNewNameEdit"), "newc")
    desk.press("paperMarketButton")
    assert desk.taken(c.ChangePaperMarket)[0].new_name == "NEWC"


def test_the_right_to_trade_and_the_fees_with_bnb_are_switches(desk, dialog):
    for name, kind in (
        ("paperTradingRightCheck", c.SetPaperTradingRight),
        ("payFeesWithBnbCheck", c.SetPayFeesWithBnb),
    ):
        box = found(dialog, QCheckBox, name)
        before = box.isChecked()
        box.click()
        (command,) = desk.taken(kind)
        assert (command.may_trade if isinstance(command, c.SetPaperTradingRight) else command.on) is not before
        desk.answer()
        assert box.isChecked() is not before
    assert "75" in found(dialog, QLabel, "payFeesHint").text()


def test_a_refusal_is_said_in_the_dialog_and_the_switch_shows_what_is_true(desk, dialog):
    desk.engine._refuse[c.SetPayFeesWithBnb] = "Not now."
    box = found(dialog, QCheckBox, "payFeesWithBnbCheck")
    box.click()
    desk.answer()
    assert said(dialog) == "Not now."
    assert not box.isChecked()


def test_escape_closes_it(desk, dialog):
    desk.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert desk.dialog() is None
