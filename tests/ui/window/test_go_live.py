"""The dialog from watch only to real money: connection, first contact, switching on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.connection import Tier
from rebalancer_gui.application.events import CommandRejected
from rebalancer_gui.application.safety_commands import BeginFirstContact, CheckConnection, GoLive
from rebalancer_gui.domain.rails import Rail
from rebalancer_gui.domain.risk import RESTS_HERE, RISK_TEXT, RISK_VERSION
from rebalancer_gui.domain.strategy import State, TradingMode
from rebalancer_gui.ui.dialogs.go_live import GoLiveDialog
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.live_words import trading_word
from tests.ui.fake_engine import FakeEngine
from tests.ui.fake_live import GOOD, LiveAccount, bought, sold_back, with_rights
from tests.ui.parts import found, theme_of
from tests.ui.window.live_desk import NAME, Desk, banner, begun, contacted, filled, opened, rows, text


@pytest.fixture
def bare(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[..., Desk]]:
    """Opens a page with a live account of no strategies; its arguments are fields of the account."""
    theme_of(qapp)
    pages: list[QWidget] = []

    def make(**changes: object) -> Desk:
        waiting: list[c.Command] = []

        def post(command: c.Command) -> bool:
            waiting.append(command)
            return True

        page = QWidget()
        page.resize(1280, 800)
        page.show()
        pages.append(page)
        feed = EngineFeed(post, page)
        desk = Desk(page, feed, FakeEngine(feed.take, account=LiveAccount(**changes)), waiting)  # type: ignore[arg-type]
        desk.update()
        return desk

    yield make
    for page in pages:
        page.close()
        page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def live(bare):
    return bare()


# ------------------------------------------------------------------------------------------------------- connection


def test_it_asks_the_exchange_when_it_opens_and_again_on_demand(live):
    dialog = opened(live, answered=False)
    (asked,) = live.taken(CheckConnection)
    assert asked.account == NAME
    again = found(dialog, QPushButton, "checkAgainButton")
    assert not again.isEnabled()
    live.answer()
    assert rows(dialog) == {
        "Exchange: Binance": "First class", "Spot trading": "Allowed", "Withdrawals": "Off", "IP restriction": "Set",
        "Other rights": "None", "Clock": "Exact", "Fee": "0.10 %",
    }  # fmt: skip
    assert "ot yet confirmed on the real exchange" in text(dialog, "connectionNeeded0")
    assert banner(dialog, "connectionBlockedBanner") == banner(dialog, "connectionWarningBanner") == ""
    live.press("checkAgainButton")
    live.answer()
    assert len(live.taken(CheckConnection)) == 2


@pytest.mark.rule("11a.5")
def test_a_key_that_may_withdraw_is_refused_with_what_to_do_and_nothing_can_be_begun(bare):
    desk = bare(report=with_rights(may_withdraw=True))
    dialog = opened(desk)
    assert rows(dialog)["Withdrawals"] == "Allowed"
    said = banner(dialog, "connectionBlockedBanner")
    assert "This key can take money out. It is refused." in said
    assert "no way round" in said
    assert "take that right from the key" in said
    filled(dialog)
    for name in ("beginContactButton", "tradingSwitch"):
        button = found(dialog, QPushButton, name)
        assert not button.isEnabled()
        assert "may withdraw" in button.toolTip()


@pytest.mark.parametrize(
    ("report", "what", "found_words", "words"),
    [
        (with_rights(ip_restricted=False), "IP restriction", "Not set", "works from every address"),
        (with_rights(may_trade=None), "Spot trading", "Cannot be checked", "Cannot be checked: spot trading"),
        (with_rights(others=("margin",)), "Other rights", "More than needed", "margin"),
        (replace(GOOD, time_offset=timedelta(seconds=3)), "Clock", "3.0 s behind", "clock is wrong"),
    ],
)
def test_what_should_be_put_right_is_said_in_amber_and_forbids_nothing(bare, report, what, found_words, words):
    desk = bare(report=report)
    dialog = opened(desk)
    assert rows(dialog)[what] == found_words
    assert words in banner(dialog, "connectionWarningBanner")
    assert banner(dialog, "connectionBlockedBanner") == ""
    assert found(dialog, QPushButton, "beginContactButton").isEnabled()


def test_where_the_exchange_does_not_tell_of_withdrawals_its_owner_says_that_he_looked(bare):
    desk = bare(report=with_rights(may_withdraw=None))
    contacted(desk, looked=True)
    dialog = desk.dialog
    assert rows(dialog)["Withdrawals"] == "Cannot be checked"
    assert "Cannot be checked: withdrawals" in banner(dialog, "connectionWarningBanner")
    filled(dialog)
    looked = found(dialog, QCheckBox, "noWithdrawCheck")
    buttons = [found(dialog, QPushButton, name) for name in ("beginContactButton", "tradingSwitch")]
    assert [button.isEnabled() for button in buttons] == [True, True]
    looked.click()
    assert ["whether the key may withdraw" in button.toolTip() for button in buttons] == [True, True]
    assert [command.no_withdraw for command in desk.taken(BeginFirstContact)] == [True]
    desk.account.report = GOOD
    desk.press("checkAgainButton")
    desk.answer()
    assert not looked.isVisibleTo(dialog)
    assert [button.isEnabled() for button in buttons] == [True, True]


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (with_rights(may_trade=False), "may not trade"),
        (replace(GOOD, tier=Tier.WATCH_ONLY, tier_reason="Nothing was tried."), "watch only in this program"),
        (replace(GOOD, problems=("The balances cannot be read.",)), "balances cannot be read"),
    ],
)
def test_what_forbids_trading_stands_in_the_red_box(bare, report, words):
    desk = bare(report=report)
    dialog = opened(desk)
    assert words in banner(dialog, "connectionBlockedBanner")
    assert not found(dialog, QPushButton, "tradingSwitch").isEnabled()


def test_an_exchange_that_does_not_answer_leaves_nothing_to_press_but_check_again(bare):
    desk = bare(unreachable="timeout.")
    dialog = opened(desk)
    assert "timeout" in banner(dialog, "connectionBlockedBanner")
    assert not found(dialog, QPushButton, "beginContactButton").isEnabled()
    filled(dialog)
    assert text(dialog, "contactProof") == ""
    assert "could not be checked" in found(dialog, QPushButton, "tradingSwitch").toolTip()
    desk.account.unreachable = ""
    desk.press("checkAgainButton")
    desk.answer()
    assert rows(dialog)["Spot trading"] == "Allowed"
    assert found(dialog, QPushButton, "beginContactButton").isEnabled()


# ---------------------------------------------------------------------------------------------------- first contact


def test_a_first_contact_is_offered_with_its_cost_and_asks_before_it_is_begun(live):
    dialog = opened(live)
    combo = found(dialog, QComboBox, "contactOfferCombo")
    assert [combo.itemText(i).replace("\u00a0", " ") for i in range(combo.count())] == [
        "LTC/USDT: uses 5.29 USDT, costs about 0.011 USDT",
        "BTC/USDT: uses 6.79 USDT, costs about 0.014 USDT",
    ]
    combo.setCurrentIndex(1)
    button = found(dialog, QPushButton, "beginContactButton")
    assert "0.014" in button.text()
    live.press("beginContactButton")
    question = found(dialog, QDialog, "firstContactQuestion")
    assert "real money" in text(question, "firstContactQuestionText")
    assert live.taken(BeginFirstContact) == []
    found(question, QPushButton, "firstContactConfirmButton").click()
    (command,) = live.taken(BeginFirstContact)
    assert (command.account, command.symbol) == (NAME, "BTC/USDT")
    assert not button.isEnabled()


def test_no_is_an_answer(live):
    dialog = opened(live)
    live.press("beginContactButton")
    found(dialog, QPushButton, "firstContactQuestionCancel").click()
    assert live.taken(BeginFirstContact) == []
    assert found(dialog, QPushButton, "beginContactButton").isEnabled()


def test_its_progress_is_shown_then_the_evidence_and_the_exchange_is_asked_again(live):
    dialog = begun(live)
    assert "Buying" in banner(dialog, "contactProgress")
    assert not found(dialog, QPushButton, "beginContactButton").isVisibleTo(dialog)
    assert "first contact is under way" in found(dialog, QPushButton, "tradingSwitch").toolTip()
    assert trading_word(live.account.view()) == "first contact"
    bought(live.account, live.engine.history, live.feed.take)
    live.update()
    live.answer()
    assert "Selling back" in banner(dialog, "contactProgress")
    assert text(dialog, "contactOrders") == "Buy 0.052 LTC is settled: 0.052 LTC for 5.27 USDT"
    before = len(live.taken(CheckConnection))
    sold_back(live.account, live.engine.history, live.feed.take)
    live.update()
    assert len(live.taken(CheckConnection)) == before + 1
    live.answer()
    assert banner(dialog, "contactProgress") == ""
    assert text(dialog, "contactProof") == "First contact made"
    confirmed = "Proven on loopback, and confirmed by this account's first contact on 14 May 2021."
    assert text(dialog, "connectionNeeded0") == confirmed
    proof = text(dialog, "contactProofText")
    for words in ("2021-05-14 14:32:08 UTC", "LTC/USDT", "0.012 USDT", "rbtest0000buy", "rbtest0000sell"):
        assert words in proof
    assert found(dialog, QPushButton, "beginContactButton").text().startswith("Make it again")


def test_one_that_proved_nothing_can_be_made_again(live):
    dialog = begun(live)
    sold_back(live.account, live.engine.history, live.feed.take, proven=False)
    live.update()
    live.answer()
    assert text(dialog, "contactProof") == ""
    assert found(dialog, QPushButton, "beginContactButton").isEnabled()
    filled(dialog)
    assert "no first contact" in found(dialog, QPushButton, "tradingSwitch").toolTip()


def test_one_that_is_held_says_why_in_red(live):
    dialog = begun(live)
    strategy = live.account.strategies[-1]
    strategy.state, strategy.reason, strategy.advice = State.HALTED, "three orders were refused.", "Press Resume."
    live.update()
    assert "three orders were refused. Press Resume." in banner(dialog, "contactProgress")


def test_a_dialog_opened_while_it_runs_shows_what_was_sent_before(live):
    dialog = begun(live)
    bought(live.account, live.engine.history, live.feed.take)
    live.update()
    found(dialog, QPushButton, "goLiveCancelButton").click()
    again = opened(live)
    assert again is not dialog
    assert text(again, "contactOrders").startswith("Buy 0.052 LTC")


def test_a_first_contact_that_is_refused_says_why_beside_its_button(live):
    live.engine._refuse = {BeginFirstContact: "A first contact is under way."}
    dialog = begun(live)
    assert text(dialog, "contactMessage") == "A first contact is under way."
    assert found(dialog, QPushButton, "beginContactButton").isEnabled()


def test_without_free_money_it_says_what_it_takes(bare):
    desk = bare(offers=())
    dialog = opened(desk)
    assert "free money" in text(dialog, "contactMessage")
    assert not found(dialog, QPushButton, "beginContactButton").isEnabled()


# --------------------------------------------------------------------------------------------------------- switching


@pytest.mark.rule("11a.5", "6.4b")
def test_trading_is_switched_on_with_the_risk_text_an_amount_and_the_typed_name(live):
    contacted(live)
    dialog = live.dialog
    assert text(dialog, "riskText") == RISK_TEXT
    assert text(dialog, "restsHereText") == RESTS_HERE
    switch = found(dialog, QPushButton, "tradingSwitch")
    assert not switch.isEnabled()
    filled(dialog)
    found(dialog, QRadioButton, "goLiveAutoRadio").setChecked(True)
    live.press("tradingSwitch")
    (command,) = live.taken(GoLive)
    assert replace(command, command_id="") == GoLive("", NAME, NAME, RISK_VERSION, Decimal(500), TradingMode.AUTO)
    assert not switch.isEnabled()
    dialog.reject()
    assert dialog.isVisible(), "what was sent is waited for"
    live.answer()
    assert not any(d.isVisible() for d in live.page.findChildren(GoLiveDialog))
    assert live.account.rails.value(Rail.ORDER_CAP) == 500
    assert live.said == [f"Trading is on for {NAME}: LIVE orders are sent."]
    assert trading_word(live.account.view()) == "trading on"


def test_without_one_of_them_the_button_says_what_is_lacking(live):
    contacted(live)
    dialog = live.dialog
    switch = found(dialog, QPushButton, "tradingSwitch")
    for change, words in (
        ({"amount": ""}, "most that one order"),
        ({"amount": "0.5"}, "most that one order"),
        ({"agree": False}, "tick its box"),
        ({"name": ""}, "Type the account's name"),
        ({"name": "binance main"}, "Type the account's name"),
    ):
        filled(dialog, **change)
        assert not switch.isEnabled()
        assert words in switch.toolTip()
        assert switch.toolTip() == text(dialog, "goLiveHint")
    filled(dialog)
    assert switch.isEnabled()


def test_a_name_that_is_not_the_same_yet_is_said_while_it_is_typed(live):
    dialog = opened(live)
    QTest.keyClicks(found(dialog, QLineEdit, "goLiveNameEdit"), "Binance mai")
    assert text(dialog, "goLiveNameEditMessage") == f"Not the same yet: \u201c{NAME}\u201d"
    QTest.keyClicks(found(dialog, QLineEdit, "goLiveNameEdit"), "n")
    assert text(dialog, "goLiveNameEditMessage") == ""


def test_a_refusal_stands_beside_the_field_it_names_and_it_can_be_tried_again(live):
    contacted(live)
    dialog = live.dialog
    filled(dialog)
    for field_name, label in (
        ("account", "goLiveNameEditMessage"),
        ("risk", "riskAcceptMessage"),
        ("max_order", "maxOrderEditMessage"),
        ("trading", "goLiveModeMessage"),
        ("", "goLiveModeMessage"),
    ):
        live.press("tradingSwitch")
        command = live.taken(GoLive)[-1]
        live.waiting.clear()
        said = f"The exchange says no to {field_name or 'it'}."
        live.feed.take(CommandRejected(command.command_id, said, field_name))
        assert text(dialog, label) == said
        assert trading_word(live.account.view()) == "watch only"
    live.press("tradingSwitch")
    live.answer()
    assert live.account.trading is TradingMode.APPROVE


def test_the_keyboard_starts_on_cancel_and_the_button_is_the_dangerous_kind(live):
    dialog = opened(live)
    assert found(dialog, QPushButton, "goLiveCancelButton").hasFocus()
    assert found(dialog, QPushButton, "tradingSwitch").property("kind") == "danger"


def test_what_holds_the_first_contact_is_said_beside_its_step(bare):
    desk = bare()
    dialog = begun(desk)
    strategy = desk.account.strategies[-1]
    strategy.decision = f"{strategy.parameters.name} holds: the prices stand still."
    desk.update()
    assert "step 1 of 3. It holds: the prices stand still." in banner(dialog, "contactProgress")


def test_the_exchange_is_called_by_its_name(bare):
    desk = bare()
    dialog = opened(desk)
    assert text(dialog, "connectionWhat0") == "Exchange: Binance"
