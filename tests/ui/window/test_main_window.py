"""The window as somebody sees and steers it, found by its objectNames."""

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QTabWidget,
    QWidget,
)

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.domain.planning import MINIMUM_VALUE_MESSAGE
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.widgets.mode_plate import ModePlate
from tests.ui.sample_account import SampleAccount, demo_state, four_strategies

CONTRACT = (
    "accountCombo", "modePlate", "stopAllButton", "demoBar", "demoDateLabel", "demoSpeedCombo", "demoPauseButton",
    "demoStepButton", "demoJumpButton", "strategiesFilter", "strategiesTable", "detailTabs", "createTabs", "ratiosTable",
    "ordersTable", "rebalancesTable", "feesReturnTable", "transfersTable", "journalTable", "rebalanceNowButton", "addFundsButton",
    "removeFundsButton", "changeCoinsButton", "pauseButton", "stopButton",
    "haltBanner", "haltActionButton", "resumeButton", "statusText", "engineStateLabel",
)  # fmt: skip


def text_of(desk, name: str) -> str:
    label: QLabel = desk.find(QLabel, name)
    return label.text()


# ------------------------------------------------------------------------------------------------------------ contract


def test_every_control_of_the_contract_is_there_by_its_name(desk):
    assert desk.window.objectName() == "mainWindow"
    for name in CONTRACT:
        assert desk.window.findChild(QWidget, name) is not None, name


def test_every_button_and_box_has_a_name_for_tests_and_one_for_screen_readers(desk):
    for control in [*desk.window.findChildren(QAbstractButton), *desk.window.findChildren(QComboBox)]:
        # Qt's own inner parts (scroll arrows of tab bars, clear buttons) have names of their own or none.
        if control.objectName().startswith("qt_") or control.metaObject().className() == "CloseButton":
            continue
        if control.parent() is not None and control.parent().metaObject().className() in {"QTabBar", "QTableView"}:
            continue
        assert control.objectName(), f"{control.metaObject().className()} with text {control.accessibleName()!r}"
        if isinstance(control, QAbstractButton) and control.isVisible():
            assert control.accessibleName() or control.text(), control.objectName()


# -------------------------------------------------------------------------------------------------------------- header


def test_the_mode_is_on_the_plate_and_in_the_title(desk):
    assert desk.find(ModePlate, "modePlate").text() == "PAPER"
    assert desk.window.windowTitle() == "PAPER - Paper - replayed prices - Rebalancer"
    desk.account.mode = "LIVE"
    desk.update()
    assert desk.find(ModePlate, "modePlate").text() == "LIVE"
    assert desk.window.windowTitle().startswith("LIVE - ")


def test_total_and_today_are_told_with_sign_and_unit(desk):
    assert text_of(desk, "totalLabel").endswith("\u00a0USDT")
    assert text_of(desk, "todayLabel") == "+12.30\u00a0USDT"
    assert text_of(desk, "todayPercentLabel") == "(+0.12\u00a0%)"


def test_a_total_that_is_not_known_is_a_dash_with_a_reason(desk):
    view = replace(desk.account.view(), total=None, today=None, today_percent=None)
    desk.feed.take(e.AccountChanged(view))
    desk.feed.flush()
    assert text_of(desk, "totalLabel") == "–"
    assert "good price" in desk.find(QLabel, "totalLabel").toolTip()


def test_stop_all_is_sent_at_once_and_the_button_then_offers_to_resume_after_a_question(desk):
    desk.press("stopAllButton")
    assert desk.taken(c.StopAll)
    assert desk.dialog() is None
    desk.answer()
    assert desk.find(QPushButton, "stopAllButton").text() == "Resume trading"
    desk.press("stopAllButton")
    assert not desk.taken(c.ResumeTrading)
    desk.press("confirmButton")
    assert desk.taken(c.ResumeTrading)
    desk.answer()
    assert desk.find(QPushButton, "stopAllButton").text() == "Stop all"


def test_control_k_stops_all_and_f5_rebalances_the_chosen_strategy(desk):
    desk.window.activateWindow()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F5)
    assert [command.strategy_id for command in desk.taken(c.RebalanceNow)] == ["s-core4"]
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert desk.taken(c.StopAll)


def test_control_n_leads_to_the_manual_form(desk):
    tabs = desk.find(QTabWidget, "createTabs")
    tabs.setCurrentIndex(0)
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert tabs.tabText(tabs.currentIndex()) == "Manual"


# ----------------------------------------------------------------------------------------------------------- demo bar


@pytest.mark.rule("3a.3")
def test_the_replay_says_what_it_is_its_date_source_and_spacing(desk):
    assert text_of(desk, "demoDateLabel") == "14 May 2021 14:32 UTC"
    assert "daily closes" in text_of(desk, "demoSourceLabel")
    assert text_of(desk, "demoSpacingLabel") == "a price every 90 min"
    assert desk.find(QComboBox, "demoSpeedCombo").currentText() == "6 h a second"


def test_the_controls_of_the_replay_send_their_commands(desk):
    speed = desk.find(QComboBox, "demoSpeedCombo")
    speed.setCurrentIndex(speed.findData(86_400))
    speed.activated.emit(speed.currentIndex())
    for name in ("demoPauseButton", "demoStepButton", "demoJumpButton"):
        desk.press(name)
    assert [command.speed for command in desk.taken(c.SetDemoSpeed)] == [86_400]
    assert [command.paused for command in desk.taken(c.SetDemoPaused)] == [True]
    assert desk.taken(c.StepDemo)
    assert desk.taken(c.JumpDemo)
    desk.answer()
    assert not desk.find(QPushButton, "demoJumpButton").isEnabled(), "it is jumping already"
    assert desk.find(QPushButton, "demoPauseButton").accessibleName() == "Go on with the replay"


def test_while_the_replay_runs_ahead_the_keyboard_stays_in_its_bar(desk):
    desk.find(QPushButton, "demoJumpButton").setFocus()
    desk.press("demoJumpButton")
    desk.answer()
    assert desk.window.focusWidget() is desk.find(QPushButton, "demoPauseButton")


@pytest.mark.rule("3a.10")
def test_at_the_end_of_the_replay_a_banner_offers_a_random_walk_and_a_reset(open_desk):
    account = SampleAccount()
    account.strategies = four_strategies(account.prices)
    account.demo = demo_state(ended=True)
    desk = open_desk(account)
    desk.start()
    banner = desk.find(QWidget, "demoEndBanner")
    assert banner.isVisible()
    desk.press("demoEndBannerOtherButton")
    dialog = desk.dialog()
    assert dialog is not None
    assert dialog.objectName() == "resetAccountDialog"
    dialog.reject()
    desk.press("demoEndBannerButton")
    desk.answer()
    assert desk.taken(c.ContinueDemo)
    assert not desk.find(QWidget, "demoEndBanner").isVisible()


def test_an_account_with_live_prices_has_no_demo_bar(desk):
    desk.account.demo = None
    desk.update()
    assert not desk.find(QWidget, "demoBar").isVisible()


# --------------------------------------------------------------------------------------------------------- strategies


def test_a_strategy_is_told_with_its_money_state_and_worst_drift(desk):
    first = desk.texts("strategiesTable")[0]
    assert first[:4] == ["Core 4", "BTC ETH BNB SOL", "Running", "4,000.00"]
    assert first[-1].startswith("+3.")


def test_the_filter_lists_running_waiting_and_ended_ones(desk):
    desk.account.strategies[3].state = State.ENDED
    desk.update()
    chosen = desk.find(QComboBox, "strategiesFilter")

    def names() -> list[str]:
        return [row[0] for row in desk.texts("strategiesTable")]

    assert names() == ["Core 4", "BNB Chain 3", "DeFi basket", "Alt dip", "Total"]
    chosen.setCurrentText("Running")
    assert names() == ["Core 4", "BNB Chain 3", "DeFi basket", "Total"]
    chosen.setCurrentText("Ended")
    assert names() == ["Alt dip"]
    chosen.setCurrentText("Waiting")
    assert names() == []


def test_choice_and_scroll_live_through_updates(desk):
    desk.choose("s-defi")
    table = desk.find(QTableView, "strategiesTable")
    for _ in range(5):
        desk.account.advance()
        desk.update()
    assert desk.window.strategies.chosen() == "s-defi"
    assert table.currentIndex().row() == 2
    assert text_of(desk, "detailsName") == "DeFi basket"


def test_without_strategies_the_window_teaches_and_leads_to_a_preset(open_desk):
    desk = open_desk(SampleAccount())
    desk.start()
    assert desk.find(QWidget, "strategiesEmpty").isVisible()
    assert not desk.window.details.isVisible()
    tabs = desk.find(QTabWidget, "createTabs")
    tabs.setCurrentIndex(1)
    desk.press("tryPresetButton")
    assert tabs.tabText(tabs.currentIndex()) == "AI Rebalance"
    assert desk.window.focusWidget() is desk.find(QLineEdit, "presetInvestmentEdit")
    desk.press("buildOwnButton")
    assert tabs.tabText(tabs.currentIndex()) == "Manual"


def test_a_strategy_that_was_just_created_is_chosen_whatever_the_filter(desk):
    desk.find(QComboBox, "strategiesFilter").setCurrentText("Ended")
    p = replace(desk.account.strategies[0].parameters, name="Newborn", investment=Decimal(300))
    desk.feed.ask(c.CreateStrategy(desk.feed.next_command_id(), "paper", p), lambda answer: None)
    desk.answer()
    assert text_of(desk, "detailsName") == "Newborn"
    assert desk.find(QComboBox, "strategiesFilter").currentText() == "All"


def test_after_creating_the_keyboard_goes_on_with_what_was_made(desk):
    name = desk.find(QLineEdit, "presetNameEdit")
    name.setFocus()
    assert desk.window.focusWidget() is name
    p = replace(desk.account.strategies[0].parameters, name="Newborn", investment=Decimal(300))
    desk.feed.ask(c.CreateStrategy(desk.feed.next_command_id(), "paper", p), lambda answer: None)
    desk.answer()
    table = desk.find(QTableView, "strategiesTable")
    assert desk.window.focusWidget() is table
    assert desk.texts("strategiesTable")[table.currentIndex().row()][0] == "Newborn"


# ------------------------------------------------------------------------------------------------------------ details


def test_the_details_say_the_rule_the_value_and_where_the_worst_drift_stands(desk):
    assert text_of(desk, "detailsRule") == "By coin ratio 5\u00a0%, checked every 2 s"
    sentence = text_of(desk, "driftSentence")
    assert "Worst drift: " in sentence
    assert "BTC" in sentence
    assert "passes 45" in sentence


def test_the_ratios_have_a_row_per_coin_cash_and_the_total(desk):
    rows = desk.texts("ratiosTable")
    assert [row[0] for row in rows] == ["BTC", "ETH", "BNB", "SOL", "USDT", "Total"]
    assert rows[-1][5:7] == ["100.00", "100.00"]
    assert rows[-2][-1] == "spent by the next rebalance"
    bar = desk.find(QWidget, "currentWeightsBar")
    assert bar.accessibleDescription().startswith("BTC ")
    assert "USDT 0." in bar.accessibleDescription()


def test_rebalance_now_shows_its_orders_and_the_rebalance(desk):
    desk.tab("orders")
    before = len(desk.texts("ordersTable"))
    desk.press("rebalanceNowButton")
    desk.answer()
    assert len(desk.texts("ordersTable")) == before + 4
    assert "rebalance" in text_of(desk, "detailsMessage").lower() or "queued" in text_of(desk, "detailsMessage").lower()
    desk.tab("rebalances")
    first = desk.texts("rebalancesTable")[0]
    assert "Rebalance now" in first
    assert "Done" in first
    desk.tab("journal")
    assert "rebalanced (Rebalance now)" in desk.texts("journalTable")[0][1]


def test_pause_turns_into_resume_and_blocks_rebalancing_with_a_reason(desk):
    desk.press("pauseButton")
    desk.answer()
    assert desk.taken(c.PauseStrategy)
    assert desk.find(QPushButton, "pauseButton").text() == "Resume"
    button = desk.find(QPushButton, "rebalanceNowButton")
    assert not button.isEnabled()
    assert "paused" in button.toolTip()
    desk.press("pauseButton")
    desk.answer()
    assert desk.taken(c.ResumeStrategy)


def test_a_refusal_is_told_beside_the_buttons(desk):
    desk.engine._refuse = {c.RebalanceNow: "Core 4 does not trade now."}
    desk.press("rebalanceNowButton")
    desk.answer()
    assert text_of(desk, "detailsMessage") == "Core 4 does not trade now."


@pytest.mark.rule("7.8", "7.9")
def test_a_halted_strategy_says_what_happened_and_resumes(desk):
    strategy = desk.account.strategies[0]
    strategy.state, strategy.reason = State.HALTED, "the venue refused three orders in a row"
    desk.update()
    banner = desk.find(QWidget, "haltBanner")
    assert banner.isVisible()
    assert "refused three orders" in banner.accessibleName()
    assert not desk.find(QPushButton, "rebalanceNowButton").isEnabled()
    assert desk.find(QPushButton, "stopButton").isEnabled(), "there is always a way out"
    desk.press("haltJournalButton")
    assert desk.window.details.tab == "journal"
    desk.press("resumeButton")
    desk.answer()
    assert desk.taken(c.ResumeStrategy)
    assert not banner.isVisible()


def test_stop_all_halts_with_a_button_that_helps_and_says_why_resume_does_not(desk):
    desk.press("stopAllButton")
    desk.answer()
    resume = desk.find(QPushButton, "resumeButton")
    assert not resume.isEnabled()
    assert "Resume trading" in resume.toolTip()
    desk.press("haltActionButton")
    desk.press("confirmButton")
    desk.answer()
    assert not desk.find(QWidget, "haltBanner").isVisible()


@pytest.mark.rule("4.6", "4.6b")
def test_the_minimum_value_message_stands_in_the_details_word_for_word(desk):
    strategy = desk.account.strategies[0]
    strategy.message, strategy.message_advice = MINIMUM_VALUE_MESSAGE, "Short of the smallest order: BTC 1.17 USDT."
    desk.update()
    notice = desk.window.details.banner.notice
    assert notice is not None
    assert notice.headline == ("The order value is less than the minimum value, and is unable to rebalance this time.")
    assert "1.17 USDT" in notice.text
    assert desk.find(QWidget, "strategyBanner").isVisible()


@pytest.mark.rule("7.12")
def test_an_unresolved_order_is_told_as_checking_not_as_halted(desk):
    desk.account.strategies[0].checking_order = True
    desk.update()
    table = desk.find(QTableView, "strategiesTable")
    assert table.model().index(0, 2).data(Qt.ItemDataRole.AccessibleTextRole) == "Checking an order"
    assert text_of(desk, "detailsState") == "Checking an order"


def test_an_ended_strategy_keeps_its_tabs_and_says_why(desk):
    strategy = desk.account.strategies[0]
    strategy.state, strategy.reason = State.ENDED, "stopped by the user"
    desk.update()
    desk.choose("s-core4")
    notice = desk.window.details.banner.notice
    assert notice is not None
    assert "stopped by the user" in notice.headline
    for name in ("rebalanceNowButton", "pauseButton", "stopButton"):
        button = desk.find(QPushButton, name)
        assert not button.isEnabled()
        assert button.toolTip()
    desk.tab("orders")
    assert desk.texts("ordersTable")


# --------------------------------------------------------------------------------------------------------- status strip


def test_the_status_strip_says_engine_next_check_last_decision_and_market_time(desk):
    assert text_of(desk, "engineStateLabel") == "running"
    assert text_of(desk, "nextCheckLabel") == "next check 14:32:10"
    assert "within 5" in text_of(desk, "statusText")
    assert text_of(desk, "clockLabel") == "14:32:08 UTC"


# ------------------------------------------------------------------------------------------------------------- failure


def test_an_engine_that_failed_leaves_its_message_its_advice_and_quit(desk):
    desk.feed.take(e.EngineFailed("The account's file is damaged.", "Put a copy from backups in its place."))
    desk.feed.take(e.EngineStopped())
    desk.qtbot.waitUntil(lambda: desk.find(QLabel, "failureMessage").isVisible())
    assert text_of(desk, "failureMessage") == "The account's file is damaged."
    assert text_of(desk, "failureAdvice") == "Put a copy from backups in its place."
    assert not desk.find(QTableView, "strategiesTable").isVisible()
    closed = []
    desk.window.closing.connect(lambda: closed.append(True))
    desk.press("failureQuitButton")
    assert closed == [True]
