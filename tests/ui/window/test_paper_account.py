"""The paper account's dialog: money in and out, market events, its right to trade, fees with BNB."""

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.paper_port import MarketEvent, PaperState
from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.widgets.search_combo import SearchCombo
from tests.ui.paper_side import halt_short
from tests.ui.parts import found
from tests.ui.window.test_reading import cut_texts


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
    desk.qtbot.keyClick(edit, Qt.Key.Key_Backspace)
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


def test_what_is_no_amount_moves_nothing(desk, dialog):
    for text in ("", "abc", "0", "-3", "1e5", "0.0000000001"):
        type_amount(desk, dialog, "12.5")
        assert found(dialog, QPushButton, "depositButton").isEnabled()
        type_amount(desk, dialog, text)
        assert not found(dialog, QPushButton, "depositButton").isEnabled(), text
        assert not found(dialog, QPushButton, "withdrawButton").isEnabled(), text
        assert found(dialog, QPushButton, "depositButton").toolTip(), text


def test_more_than_the_account_holds_cannot_be_withdrawn_and_the_reason_is_said(desk, dialog):
    type_amount(desk, dialog, "99999999")
    withdraw = found(dialog, QPushButton, "withdrawButton")
    assert not withdraw.isEnabled()
    assert "holds" in withdraw.toolTip()
    assert found(dialog, QPushButton, "depositButton").isEnabled()


def test_taking_the_money_of_strategies_is_announced_with_whose_it_is(desk, dialog):
    type_amount(desk, dialog, str(desk.account.free + Decimal("0.5")))
    words = found(dialog, QLabel, "transferHint").text()
    assert "Free pool: 1,900 USDT." in words
    assert "In strategies: Core 4 (" in words
    assert "takes 0.5 USDT that belong to strategies" in words
    assert "halted until you book the loss or deposit it again" in words
    assert found(dialog, QPushButton, "withdrawButton").isEnabled()
    found(dialog, QComboBox, "transferAssetCombo").setCurrentText("SOL")
    type_amount(desk, dialog, "0.5")
    assert "Core 4 is halted" in found(dialog, QLabel, "transferHint").text(), "only one strategy holds SOL"


def test_an_asset_is_found_by_typing_and_what_is_none_moves_nothing(desk, dialog):
    type_amount(desk, dialog, "1")
    combo = found(dialog, SearchCombo, "transferAssetCombo")
    editor = found(dialog, QLineEdit, "transferAssetComboEdit")
    editor.selectAll()
    desk.qtbot.keyClicks(editor, "nothing")
    assert combo.choice() == ""
    for name in ("depositButton", "withdrawButton"):
        button = found(dialog, QPushButton, name)
        assert (button.isEnabled(), button.toolTip()) == (False, "Choose an asset of the list first.")
    editor.selectAll()
    desk.qtbot.keyClicks(editor, "bnb")
    assert combo.choice() == "BNB"
    desk.press("depositButton")
    assert desk.taken(c.PaperTransfer)[-1].asset == "BNB"


def test_what_cannot_happen_to_a_coin_says_why(desk, dialog):
    coin, event = found(dialog, QComboBox, "paperCoinCombo"), found(dialog, QComboBox, "paperEventCombo")
    make = found(dialog, QPushButton, "paperMarketButton")
    coin.setCurrentText("SOL")

    def against(kind: MarketEvent) -> str:
        event.setCurrentIndex(event.findData(kind))
        return "" if make.isEnabled() else make.toolTip()

    assert against(MarketEvent.REOPEN) == "The market of SOL is open."
    assert against(MarketEvent.HALT) == ""
    desk.press("paperMarketButton")
    desk.answer()
    assert against(MarketEvent.HALT) == "The market of SOL is halted already."
    assert against(MarketEvent.REOPEN) == ""
    assert against(MarketEvent.DELIST) == ""
    desk.press("paperMarketButton")
    desk.answer()
    for kind in MarketEvent:
        assert against(kind) == "SOL was delisted: its market is gone for good."


def test_a_new_name_that_is_taken_or_no_name_is_refused_beside_the_button(desk, dialog):
    event = found(dialog, QComboBox, "paperEventCombo")
    event.setCurrentIndex(event.findData(MarketEvent.RENAME))
    found(dialog, QComboBox, "paperCoinCombo").setCurrentText("SOL")
    name, make = found(dialog, QLineEdit, "paperNewNameEdit"), found(dialog, QPushButton, "paperMarketButton")
    for text, reason in (
        ("btc", "There is a coin called BTC already"),
        ("a b", "letters and digits"),
        ("", "Type the"),
    ):
        name.setText(text)
        assert not make.isEnabled()
        assert reason in make.toolTip()
    name.setText("solx")
    assert make.isEnabled()


def test_what_is_missing_of_a_halted_strategy_is_proposed_as_a_deposit(desk):
    halt_short(desk.account.strategies[0], "BTC", "0.004")
    desk.update()
    desk.press("haltSecondButton")
    dialog = desk.dialog()
    assert dialog is not None
    assert found(dialog, SearchCombo, "transferAssetCombo").choice() == "BTC"
    assert found(dialog, QLineEdit, "transferAmountEdit").text() == "0.004"
    assert not desk.taken(c.PaperTransfer), "nothing is moved before a button is pressed"
    desk.press("depositButton")
    (command,) = desk.taken(c.PaperTransfer)
    assert (command.asset, command.amount) == ("BTC", Decimal("0.004"))


@pytest.mark.parametrize("theme", (ColourScheme.LIGHT, ColourScheme.DARK))
def test_no_text_of_the_dialog_is_cut(desk, dialog, theme):
    desk.theme.set_scheme(theme)
    event = found(dialog, QComboBox, "paperEventCombo")
    event.setCurrentIndex(event.findData(MarketEvent.RENAME))
    type_amount(desk, dialog, str(desk.account.free + Decimal("0.5")))
    QApplication.processEvents()
    assert cut_texts(dialog) == []
    desk.theme.set_scheme(ColourScheme.LIGHT)


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


def test_on_the_prices_of_a_real_exchange_money_moves_and_markets_are_not_made_here(desk):
    desk.account.paper = PaperState(may_trade=True, closed={}, renamed={}, changes_markets=False)
    desk.update()
    desk.press("paperAccountButton")
    desk.answer()
    opened = desk.dialog()
    for name in ("paperCoinCombo", "paperEventCombo", "paperNewNameEdit", "paperMarketButton"):
        assert not found(opened, QWidget, name).isVisible()
    assert "real exchange" in found(opened, QLabel, "paperMarketHint").text()
    assert found(opened, QPushButton, "depositButton").isVisible()
    assert found(opened, QCheckBox, "paperTradingRightCheck").isVisible()
    assert cut_texts(opened) == []
