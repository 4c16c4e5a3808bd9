"""What says LIVE in the window, and the ways from there to the dialog that switches trading on and back."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QPushButton,
    QRadioButton,
)

from rebalancer_gui.application.safety_commands import SetTradingMode
from rebalancer_gui.domain.strategy import TradingMode
from rebalancer_gui.ui.dialogs.go_live import GoLiveDialog
from tests.ui.fake_live import begin, live_account, with_rights
from tests.ui.parts import found
from tests.ui.window.live_desk import NAME, banner, text
from tests.ui.window.test_reading import cut_texts


@pytest.fixture
def at(open_desk):
    """Opens a desk with a live account; its arguments are fields of the account."""

    def make(**changes):
        size = changes.pop("size", (1280, 800))
        desk = open_desk(live_account(**changes), size=size)
        desk.start()
        return desk

    return make


def test_a_watching_live_account_says_live_everywhere_and_leads_to_the_dialog(at):
    desk = at()
    assert desk.window.windowTitle() == f"LIVE (watch only) - {NAME} - Rebalancer"
    assert desk.find(QLabel, "modePlate").text() == "LIVE"
    assert text(desk.window, "tradingLabel") == "watch only"
    assert "on watch only" in banner(desk.window, "watchOnlyBanner")
    action = desk.window.findChild(QAction, "goLiveAction")
    action.trigger()
    action.trigger()
    (dialog,) = desk.window.findChildren(GoLiveDialog)
    dialog.reject()
    desk.press("watchOnlyBannerButton")
    assert isinstance(desk.dialog(), GoLiveDialog)
    desk.answer()


def test_a_locked_key_is_said_with_how_to_unlock_it_and_leads_to_the_accounts(at):
    desk = at(locked="The key of Main is locked: the vault keys.vault is locked. Give its passphrase: in the window.")
    assert "Give its passphrase" in banner(desk.window, "watchOnlyBanner")
    assert text(desk.window, "tradingLabel") == "key locked"
    action = desk.window.findChild(QAction, "goLiveAction")
    assert (action.isEnabled(), "keys.vault is locked" in action.toolTip()) == (False, True)
    asked: list[bool] = []
    desk.window.page.account_banner.accountsPressed.connect(lambda: asked.append(True))
    desk.press("watchOnlyBannerButton")
    assert (asked, desk.window.findChildren(GoLiveDialog)) == ([True], [])


def test_a_first_contact_cut_short_before_another_key_says_that_it_waits_for_a_test(at):
    desk = at()
    begin(desk.account, desk.account.offers[0].symbol)
    desk.account.trading = TradingMode.WATCH
    desk.update()
    assert "Nothing is sent until then" in banner(desk.window, "watchOnlyBanner")
    assert "goes on after a test" in desk.find(QLabel, "tradingLabel").toolTip()
    desk.press("watchOnlyBannerButton")
    assert isinstance(desk.dialog(), GoLiveDialog)
    desk.answer()


def test_with_trading_on_the_title_is_plain_live_and_what_sends_orders_says_real_money(at):
    desk = at(trading=TradingMode.APPROVE)
    assert desk.window.windowTitle() == f"LIVE - {NAME} - Rebalancer"
    assert text(desk.window, "tradingLabel") == "trading on"
    assert "when you approve it" in desk.find(QLabel, "tradingLabel").toolTip()
    assert banner(desk.window, "watchOnlyBanner") == ""
    action = desk.window.findChild(QAction, "goLiveAction")
    assert not action.isEnabled()
    assert "Trading is on already" in action.toolTip()
    for button, dialog_name in (("addFundsButton", "addFundsDialog"), ("stopButton", "stopDialog")):
        desk.press(button)
        desk.answer()
        dialog = desk.dialog()
        assert dialog.objectName() == dialog_name
        assert text(dialog, "realMoneyLabel") == f"With real money on {NAME}"
        assert found(dialog, QPushButton, "confirmButton").accessibleName().endswith(f"with real money on {NAME}")
        dialog.reject()


def test_an_account_in_a_place_to_practise_is_told_apart_everywhere_and_protected_all_the_same(at):
    desk = at(mode="SANDBOX", title="Practice")
    assert desk.window.windowTitle() == "SANDBOX (watch only) - Practice - Rebalancer"
    assert desk.find(QLabel, "modePlate").text() == "SANDBOX"
    assert "Play money of the exchange" in desk.find(QLabel, "modePlate").toolTip()
    assert text(desk.window, "tradingLabel") == "watch only"
    assert desk.window.findChild(QAction, "goLiveAction").text() == "Trade with the exchange's play money\u2026"
    assert desk.find(QPushButton, "watchOnlyBannerButton").text() == "Trade with the exchange's play money\u2026"
    desk.press("watchOnlyBannerButton")
    desk.answer()
    dialog = desk.dialog()
    said = " ".join(label.text() for label in dialog.findChildren(QLabel)) + dialog.windowTitle()
    assert "Trade with the exchange's play money on Practice" in said
    found(dialog, QPushButton, "beginContactButton").click()
    question = found(dialog, QDialog, "firstContactQuestion")
    said += " ".join(label.text() for label in question.findChildren(QLabel))
    question.reject()
    assert "sell it back, with the exchange's play money" in said
    assert "real money" not in said
    assert not found(dialog, QPushButton, "tradingSwitch").isEnabled()
    dialog.reject()
    desk.account.trading = TradingMode.AUTO
    desk.update()
    assert "The exchange's play money: a rebalance is sent" in desk.find(QLabel, "tradingLabel").toolTip()
    desk.press("addFundsButton")
    desk.answer()
    assert text(desk.dialog(), "realMoneyLabel") == "With the exchange's play money on Practice"


def test_a_paper_account_has_none_of_it(desk):
    assert text(desk.window, "tradingLabel") == ""
    assert banner(desk.window, "watchOnlyBanner") == ""
    action = desk.window.findChild(QAction, "goLiveAction")
    why_not = "Only for an account at an exchange: this one trades with play money."
    assert (action.isEnabled(), action.toolTip()) == (False, why_not)
    desk.press("addFundsButton")
    desk.answer()
    dialog = desk.dialog()
    assert text(dialog, "realMoneyLabel") == ""
    assert "real money" not in found(dialog, QPushButton, "confirmButton").accessibleName()


def test_no_text_of_a_live_window_and_its_dialog_is_cut_where_it_is_small(at):
    desk = at(size=(1024, 700), report=replace(with_rights(may_withdraw=True, ip_restricted=False), time_offset=None))
    desk.press("watchOnlyBannerButton")
    desk.answer()
    dialog = desk.dialog()
    QApplication.processEvents()
    assert cut_texts(desk.window) == []
    assert cut_texts(dialog) == []
    assert dialog.height() < 700


def mode_page(desk) -> QDialog:
    desk.window.findChild(QAction, "settingsAction").trigger()
    dialog = desk.dialog()
    desk.qtbot.waitUntil(lambda: dialog.is_complete)
    dialog.tabs.setCurrentIndex(1)
    QApplication.processEvents()
    assert isinstance(dialog, QDialog)
    return dialog


def test_settings_takes_back_to_watch_only_with_one_click_and_leads_to_the_dialog_from_there(at):
    desk = at(trading=TradingMode.AUTO)
    dialog = mode_page(desk)
    assert found(dialog, QRadioButton, "modeApproveRadio").isEnabled()
    assert dialog.findChild(QPushButton, "settingsGoLiveButton") is None
    found(dialog, QRadioButton, "modeWatchRadio").setChecked(True)
    desk.press("confirmButton")
    desk.answer()
    assert len(desk.taken(SetTradingMode)) == 1
    assert desk.dialog() is None
    assert text(desk.window, "tradingLabel") == "watch only"
    dialog = mode_page(desk)
    for name in ("modeAutoRadio", "modeApproveRadio"):
        assert not found(dialog, QRadioButton, name).isEnabled()
    assert "not switched on here" in text(dialog, "modeLiveHint")
    desk.press("settingsGoLiveButton")
    assert isinstance(desk.dialog(), GoLiveDialog)
    desk.answer()
