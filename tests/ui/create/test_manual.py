"""The Manual page: a draft that says at once what is wrong, and creates exactly what it shows."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import QAbstractItemModel, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSlider,
    QTableView,
    QToolButton,
    QWidget,
)

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.domain.strategy import RatioRule, Target, TimeRule
from tests.ui.create.conftest import Desk


def text(desk: Desk, name: str) -> str:
    label = desk.find(QLabel, name)
    return label.text() if label.isVisible() else ""


def combo(desk: Desk, name: str) -> QComboBox:
    return desk.find(QComboBox, name)


def create(desk: Desk) -> QPushButton:
    return desk.find(QPushButton, "createButton")


def weight(desk: Desk, asset: str) -> QLineEdit:
    return desk.find(QLineEdit, f"weightEdit{asset}")


def fill(desk: Desk, amount: str = "240") -> None:
    desk.add("BTC", "ETH", "SOL")
    desk.type("investmentEdit", amount)


def confirm(desk: Desk) -> None:
    create(desk).click()
    desk.answer()
    dialog = desk.dialog("planPreviewDialog")
    button = dialog.findChild(QPushButton, "confirmButton")
    assert button is not None
    button.click()
    desk.answer()


CONTRACT = [
    "createTabs",
    "strategyNameEdit",
    "quoteCombo",
    "addCoinsButton",
    "allocationTable",
    "distributionCombo",
    "investmentEdit",
    "investmentSlider",
    "remainingLabel",
    "byRatioRadio",
    "byTimeRadio",
    "thresholdCombo",
    "checkPeriodCombo",
    "intervalCombo",
    "gateEdit",
    "sellAllOnStopCheck",
    "previewButton",
    "createButton",
    "formMessage",
    "presetList",
    "presetNameEdit",
    "presetInvestmentEdit",
    "presetQuoteCombo",
    "presetRuleLabel",
    "presetMinimumLabel",
    "presetCreateButton",
    "copyToManualButton",
]


@pytest.mark.parametrize("name", CONTRACT)
def test_every_control_of_the_contract_is_there_once(desk: Desk, name: str):
    assert len(desk.root.findChildren(QWidget, name)) == 1


def test_every_control_has_a_name_for_tests_and_for_screen_readers(desk: Desk):
    fill(desk)
    kinds = (QAbstractButton, QLineEdit, QComboBox, QSlider, QTableView)
    for kind in kinds:
        for widget in desk.panel.findChildren(kind):
            inner = widget.objectName().startswith("qt_") or isinstance(widget.parent(), QComboBox)
            if not inner and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                assert widget.objectName(), f"{widget} has no objectName"
                assert widget.accessibleName(), f"{widget.objectName()} has no accessible name"


def test_nothing_can_be_created_before_the_engine_is_up(cold_desk: Desk):
    cold_desk.panel.show_manual()
    assert not create(cold_desk).isEnabled()
    assert "engine is starting" in create(cold_desk).toolTip()
    assert "not loaded" in cold_desk.find(QPushButton, "addCoinsButton").toolTip()


def test_an_empty_form_asks_for_coins_without_being_red(desk: Desk):
    assert "Add coins" in text(desk, "formMessage")
    assert desk.find(QLabel, "formMessage").property("ink") != "loss"
    assert create(desk).toolTip() == text(desk, "formMessage")
    assert desk.find(QLineEdit, "investmentEdit").property("state") == "ok"


def test_three_coins_and_an_amount_create_that_strategy(desk: Desk):
    fill(desk)
    assert text(desk, "formMessage") == "Ready to preview"
    confirm(desk)
    (command,) = desk.taken(c.CreateStrategy)
    p = command.parameters
    assert (p.name, p.quote, p.investment) == ("BTC ETH SOL", "USDT", Decimal(240))
    assert [(t.asset, str(t.weight)) for t in p.targets] == [("BTC", "33.34"), ("ETH", "33.33"), ("SOL", "33.33")]
    assert p.rule == RatioRule(Decimal(1), timedelta(seconds=2))
    assert p.sell_all_on_stop is False


def test_after_create_the_form_is_empty_again(desk: Desk):
    fill(desk)
    told: list[object] = []
    desk.panel.created.connect(told.append)
    confirm(desk)
    assert len(told) == 1
    assert desk.find(QLineEdit, "strategyNameEdit").text() == ""
    assert desk.find(QLineEdit, "investmentEdit").text() == ""
    assert desk.find(QLineEdit, "investmentEdit").property("state") == "ok"
    assert desk.find(QTableView, "allocationTable").model().rowCount() == 0


# ------------------------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("typed", "says"),
    (
        ("abc", "not a number"),
        ("24o", "not a number"),
        ("1,5", "decimal mark here is a point"),
        ("2.4.0", "may stand once"),
        ("1e3", "exponent"),
        ("NaN", "not an amount"),
        ("-5", "legal is more than 0"),
        ("0", "legal is more than 0"),
        ("0.000000001", "at most 8 decimals"),
        ("0.01", "the smallest that works is"),
        ("1900.01", "Free are 1,900.00"),
        ("99999999999999999999", "Free are 1,900.00"),
        ("999999999999999999999", "at most 20 digits"),
    ),
)
def test_an_amount_that_is_none_is_refused_while_it_is_typed(desk: Desk, typed: str, says: str):
    fill(desk, typed)
    assert says in text(desk, "investmentMessage")
    assert desk.find(QLineEdit, "investmentEdit").property("state") == "error"
    assert desk.find(QLineEdit, "investmentEdit").text() == typed
    assert not create(desk).isEnabled()
    assert create(desk).toolTip() == text(desk, "formMessage") != ""
    assert says in create(desk).toolTip()


@pytest.mark.parametrize("typed", (" 240 ", "\u00a0240\u202f", "1 240", "1,240.00", "+240"))
def test_pasted_spaces_and_groups_are_read(desk: Desk, typed: str):
    desk.add("BTC", "ETH")
    desk.find(QLineEdit, "investmentEdit").setText(typed)
    assert desk.manual.findings.parameters is not None
    assert desk.manual.draft.investment in {Decimal(240), Decimal(1240)}


@pytest.mark.rule("12.6")
@pytest.mark.parametrize(("sol", "says"), (("33.32", "0.01\u00a0% left to give"), ("33.34", "0.01\u00a0% too much")))
def test_weights_that_do_not_add_up_are_refused(desk: Desk, sol: str, says: str):
    fill(desk)
    desk.type("weightEditSOL", sol)
    assert text(desk, "weightsMessage") == says
    assert not create(desk).isEnabled()
    assert "add up to" in create(desk).toolTip()


@pytest.mark.parametrize("typed", ("x", "", "101", "-1", "33.333", "1,2"))
def test_a_weight_that_is_none_is_refused_in_its_row(desk: Desk, typed: str):
    fill(desk)
    desk.type("weightEditSOL", typed)
    assert weight(desk, "SOL").property("state") == "error"
    assert text(desk, "weightsMessage").startswith("SOL: ")
    assert not create(desk).isEnabled()
    desk.type("weightEditSOL", "33.33")
    assert create(desk).isEnabled()


def test_a_weight_of_zero_is_refused(desk: Desk):
    fill(desk)
    desk.type("weightEditBTC", "66.67")
    desk.type("weightEditSOL", "0")
    assert "SOL: 0 % is not a weight" in text(desk, "weightsMessage")
    assert not create(desk).isEnabled()


@pytest.mark.rule("12.6")
def test_one_coin_is_refused(desk: Desk):
    desk.add("BTC")
    desk.type("investmentEdit", "240")
    assert "one coin is not enough" in text(desk, "coinsMessage")
    assert not create(desk).isEnabled()


@pytest.mark.rule("12.6")
@pytest.mark.parametrize("typed", ("0", "51", "0.05", "0.15", "-1", "x", ""))
def test_a_threshold_out_of_its_range_is_refused(desk: Desk, typed: str):
    fill(desk)
    combo(desk, "thresholdCombo").setEditText(typed)
    assert combo(desk, "thresholdCombo").property("state") == "error"
    assert text(desk, "ruleMessage")
    assert not create(desk).isEnabled()


@pytest.mark.rule("12.6")
def test_a_twenty_first_strategy_is_refused(desk: Desk):
    account = desk.engine.account
    account.strategies = [account.strategies[0]] * 20
    fill(desk)
    desk.update()
    assert "20 strategies run on this account" in text(desk, "formMessage")
    assert not create(desk).isEnabled()


@pytest.mark.parametrize(
    ("name", "says"), (("Core 4", "already"), ("core 4", "already"), ("y" * 41, "at most 40"), ("a\tb", "visible"))
)
def test_a_name_that_is_taken_or_too_long_is_refused(desk: Desk, name: str, says: str):
    fill(desk)
    edit = desk.find(QLineEdit, "strategyNameEdit")
    edit.setText(name)
    edit.textEdited.emit(name)
    assert says in text(desk, "strategyNameMessage")
    assert edit.property("state") == "error"
    assert not create(desk).isEnabled()


@pytest.mark.parametrize(
    ("typed", "says"),
    (
        ("36", "unit is missing"),
        ("59 s", "between 1 minute and 90 days"),
        ("91 d", "between 1 minute and 90 days"),
        ("1 m", "minutes or months"),
        ("", "Write a number and a unit"),
    ),
)
def test_an_interval_that_is_none_is_refused(desk: Desk, typed: str, says: str):
    fill(desk)
    desk.find(QRadioButton, "byTimeRadio").click()
    combo(desk, "intervalCombo").setEditText(typed)
    assert says in text(desk, "ruleMessage")
    assert not create(desk).isEnabled()


@pytest.mark.parametrize("typed", ("51", "-1", "0.05", "x"))
def test_a_gate_out_of_its_range_is_refused(desk: Desk, typed: str):
    fill(desk)
    desk.find(QRadioButton, "byTimeRadio").click()
    desk.type("gateEdit", typed)
    assert desk.find(QLineEdit, "gateEdit").property("state") == "error"
    assert not create(desk).isEnabled()


def test_a_fault_in_the_rule_that_is_not_chosen_is_no_fault(desk: Desk):
    fill(desk)
    combo(desk, "thresholdCombo").setEditText("x")
    desk.find(QRadioButton, "byTimeRadio").click()
    assert create(desk).isEnabled()


# ----------------------------------------------------------------------------------------------------------------- rules


def test_a_custom_threshold_and_check_period_are_sent(desk: Desk):
    fill(desk)
    combo(desk, "thresholdCombo").setEditText("2.5")
    combo(desk, "checkPeriodCombo").setEditText("45 s")
    confirm(desk)
    assert desk.taken(c.CreateStrategy)[0].parameters.rule == RatioRule(Decimal("2.5"), timedelta(seconds=45))


def test_by_time_sends_interval_and_gate_and_hides_the_threshold(desk: Desk):
    fill(desk)
    desk.find(QRadioButton, "byTimeRadio").click()
    assert not combo(desk, "thresholdCombo").isVisible()
    combo(desk, "intervalCombo").setEditText("36 h")
    desk.type("gateEdit", "0")
    confirm(desk)
    assert desk.taken(c.CreateStrategy)[0].parameters.rule == TimeRule(timedelta(hours=36), Decimal(0))


def test_the_lists_are_those_of_the_specification(desk: Desk):
    def texts(name: str) -> str:
        box = combo(desk, name)
        return ", ".join(box.itemText(i) for i in range(box.count()))

    assert (
        texts("thresholdCombo")
        == "0.5\u00a0%, 1\u00a0%, 2\u00a0%, 5\u00a0%, 10\u00a0%, 20\u00a0%, 30\u00a0%, 50\u00a0%"
    )
    assert texts("intervalCombo") == "30 min, 1 h, 4 h, 8 h, 12 h, 1 d, 3 d, 7 d, 14 d, 28 d"
    assert combo(desk, "thresholdCombo").currentText() == "1\u00a0%"
    assert combo(desk, "checkPeriodCombo").currentText() == "2 s"
    assert combo(desk, "intervalCombo").currentText() == "1 d"
    assert desk.find(QLineEdit, "gateEdit").text() == "0.5"


def test_what_was_typed_is_written_out_when_the_field_is_left(desk: Desk):
    box = combo(desk, "thresholdCombo")
    box.setFocus()
    box.setEditText("5")
    desk.find(QLineEdit, "investmentEdit").setFocus()
    assert box.currentText() == "5\u00a0%"


def test_a_threshold_that_can_never_be_passed_is_warned_of(desk: Desk):
    desk.add("BTC", "ETH")
    desk.type("investmentEdit", "240")
    combo(desk, "thresholdCombo").setEditText("50")
    assert "Never rebalances" in text(desk, "ruleMessage")
    assert create(desk).isEnabled()
    combo(desk, "thresholdCombo").setEditText("49.9")
    assert text(desk, "ruleMessage") == ""


def test_selling_all_on_stop_is_asked_in_the_form_and_again_in_the_preview(desk: Desk):
    fill(desk)
    desk.find(QCheckBox, "sellAllOnStopCheck").click()
    create(desk).click()
    desk.answer()
    dialog = desk.dialog("planPreviewDialog")
    again = dialog.findChild(QCheckBox, "planSellAllCheck")
    assert again is not None
    assert again.isChecked()
    again.click()
    confirm_button = dialog.findChild(QPushButton, "confirmButton")
    assert confirm_button is not None
    confirm_button.click()
    desk.answer()
    assert desk.taken(c.CreateStrategy)[0].parameters.sell_all_on_stop is False


# --------------------------------------------------------------------------------------------------------------- weights


def test_editing_a_weight_makes_the_distribution_custom(desk: Desk):
    fill(desk)
    desk.type("weightEditBTC", "50")
    assert combo(desk, "distributionCombo").currentText() == "Custom"
    assert weight(desk, "ETH").text() == "33.33"


def test_choosing_equal_again_shares_out_anew_and_keeps_locked_weights(desk: Desk):
    fill(desk)
    desk.type("weightEditBTC", "50")
    desk.find(QToolButton, "lockButtonBTC").click()
    combo(desk, "distributionCombo").setCurrentText("Equal")
    assert [weight(desk, a).text() for a in ("BTC", "ETH", "SOL")] == ["50", "25.00", "25.00"]
    assert create(desk).isEnabled()


def test_what_is_left_can_be_shared_out(desk: Desk):
    fill(desk)
    desk.type("weightEditBTC", "21.34")
    assert "12.00\u00a0% left to give" in text(desk, "weightsMessage")
    desk.find(QToolButton, "lockButtonBTC").click()
    desk.find(QPushButton, "shareRestButton").click()
    assert [weight(desk, a).text() for a in ("BTC", "ETH", "SOL")] == ["21.34", "39.33", "39.33"]
    assert not desk.find(QPushButton, "shareRestButton").isVisible()


def test_by_market_cap_asks_the_engine_and_follows_its_answer(desk: Desk):
    fill(desk)
    combo(desk, "distributionCombo").setCurrentText("By market cap")
    assert "Reading the market caps" in text(desk, "weightsMessage")
    assert not create(desk).isEnabled()
    desk.answer()
    assert [weight(desk, a).text() for a in ("BTC", "ETH", "SOL")] == ["80.03", "16.70", "3.27"]
    assert "CoinGecko, 13 May 2021" in text(desk, "capsMessage")
    assert len(desk.taken(c.LoadMarketCaps)) == 1


def test_a_coin_without_cap_is_named_and_keeps_a_weight_of_zero(desk: Desk):
    fill(desk)
    desk.add("USDC")
    combo(desk, "distributionCombo").setCurrentText("By market cap")
    desk.answer()
    assert "No market cap is known for USDC" in text(desk, "weightsMessage")
    assert weight(desk, "USDC").text() == "0.00"
    assert not create(desk).isEnabled()
    desk.find(QToolButton, "removeCoinButtonUSDC").click()
    assert create(desk).isEnabled()


def test_market_caps_that_cannot_be_read_leave_the_weights_as_they_are(desk: Desk):
    desk.engine._refuse = {c.LoadMarketCaps: "there is no network"}
    fill(desk)
    combo(desk, "distributionCombo").setCurrentText("By market cap")
    desk.answer()
    assert "there is no network" in text(desk, "formMessage")
    assert combo(desk, "distributionCombo").currentText() == "Custom"
    assert weight(desk, "BTC").text() == "33.34"
    assert create(desk).isEnabled()


def test_an_added_coin_makes_new_equal_weights_and_a_new_name(desk: Desk):
    fill(desk)
    desk.add("BNB")
    assert [weight(desk, a).text() for a in ("BTC", "ETH", "SOL", "BNB")] == ["25.00"] * 4
    assert desk.find(QLineEdit, "strategyNameEdit").text() == "BTC ETH SOL BNB"


def test_the_table_says_what_each_coin_costs_and_needs(desk: Desk):
    fill(desk, "240")
    model = desk.find(QTableView, "allocationTable").model()
    row = [model.index(0, column).data() for column in range(model.columnCount())]
    assert row[:3] == ["BTC", "min. 5.79", "80.02\u00a0USDT"]
    assert row[4] == "33.34\u00a0%"
    assert text(desk, "allocationTotal") == "240.00\u00a0USDT"


def test_a_weight_can_be_set_through_the_table_itself(desk: Desk):
    fill(desk)
    model = desk.find(QTableView, "allocationTable").model()
    assert model.setData(model.index(0, 4), "50 %")
    assert weight(desk, "BTC").text() == "50.00"
    assert not model.setData(model.index(0, 4), "much")
    assert not model.setData(model.index(0, 0), "ETH")


def test_the_allocation_model_keeps_qts_rules(desk: Desk):
    model = desk.find(QTableView, "allocationTable").model()
    assert isinstance(model, QAbstractItemModel)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, desk.root)
    fill(desk)
    desk.add("BNB")
    desk.find(QToolButton, "removeCoinButtonETH").click()
    desk.type("weightEditSOL", "10")


# ------------------------------------------------------------------------------------------------------ investment, fixes


def test_field_and_slider_follow_each_other_and_the_field_is_the_truth(desk: Desk):
    fill(desk, "475.25")
    slider = desk.find(QSlider, "investmentSlider")
    assert slider.value() == 250
    assert text(desk, "remainingLabel") == "remaining 1,424.75\u00a0USDT"
    slider.setValue(500)
    assert desk.find(QLineEdit, "investmentEdit").text() == "950.00"
    slider.setValue(1000)
    assert desk.manual.draft.investment == Decimal(1900)


@pytest.mark.parametrize("name", ("leaveOutButton", "liftButton", "investFixButton"))
def test_too_little_money_offers_ways_out_with_their_result(desk: Desk, name: str):
    desk.add("BTC", "ETH", "SOL", "XRP")
    for asset, share in (("BTC", "70"), ("ETH", "20"), ("SOL", "8"), ("XRP", "2")):
        desk.type(f"weightEdit{asset}", share)
    desk.type("investmentEdit", "50")
    assert "Too little for SOL, XRP: the smallest that works is" in text(desk, "investmentMessage")
    assert text(desk, f"{name}Result")
    desk.find(QPushButton, name).click()
    assert create(desk).isEnabled(), create(desk).toolTip()
    assert not desk.find(QPushButton, name).isVisible()


def test_the_fix_leaves_what_its_words_say(desk: Desk):
    desk.add("BTC", "ETH", "SOL")
    for asset, share in (("BTC", "90"), ("ETH", "8"), ("SOL", "2")):
        desk.type(f"weightEdit{asset}", share)
    desk.type("investmentEdit", "100")
    button = desk.find(QPushButton, "leaveOutButton")
    assert button.text() == "Leave out 1 coin"
    assert text(desk, "leaveOutButtonResult") == "BTC 91.84, ETH 8.16 %"
    button.click()
    assert [weight(desk, a).text() for a in ("BTC", "ETH")] == ["91.84", "8.16"]


# --------------------------------------------------------------------------------------------------------- names, updates


def test_the_name_follows_the_coins_until_somebody_types_one(desk: Desk):
    desk.add("BTC", "ETH")
    assert desk.find(QLineEdit, "strategyNameEdit").text() == "BTC ETH"
    desk.type("strategyNameEdit", "Mine")
    desk.add("SOL")
    assert desk.find(QLineEdit, "strategyNameEdit").text() == "Mine"
    edit = desk.type("strategyNameEdit", "")
    desk.qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert edit.text() == "BTC ETH SOL"


def test_engine_updates_change_no_field(desk: Desk):
    fill(desk)
    desk.type("weightEditBTC", "4o")
    desk.type("investmentEdit", "2400.5.")
    desk.type("strategyNameEdit", "Halfwa")
    combo(desk, "thresholdCombo").setEditText("1.")
    for _ in range(3):
        desk.engine.account.advance()
        desk.engine.account.free -= 100
        desk.update()
    assert weight(desk, "BTC").text() == "4o"
    assert desk.find(QLineEdit, "investmentEdit").text() == "2400.5."
    assert desk.find(QLineEdit, "strategyNameEdit").text() == "Halfwa"
    assert combo(desk, "thresholdCombo").currentText() == "1."
    assert text(desk, "freeLabel") == "free 1,600.00\u00a0USDT"


def test_an_update_judges_the_draft_anew(desk: Desk):
    fill(desk, "1800")
    assert create(desk).isEnabled()
    desk.engine.account.free = Decimal(1000)
    desk.update()
    assert "Free are 1,000.00" in text(desk, "investmentMessage")
    assert not create(desk).isEnabled()


def test_a_refusal_of_the_engine_comes_back_to_its_field(desk: Desk):
    fill(desk)
    create(desk).click()
    desk.answer()
    dialog = desk.dialog("planPreviewDialog")
    button = dialog.findChild(QPushButton, "confirmButton")
    assert button is not None
    button.click()
    (command,) = desk.waiting
    desk.waiting.clear()
    desk.feed.take(e.CommandRejected(command.command_id, "There is a strategy named BTC ETH SOL already.", "name"))
    QApplication.processEvents()
    assert desk.manual.flow.dialog is None
    assert text(desk, "strategyNameMessage") == "There is a strategy named BTC ETH SOL already."
    assert "already" in text(desk, "formMessage")
    assert weight(desk, "BTC").text() == "33.34"
    desk.type("strategyNameEdit", "Another")
    assert text(desk, "strategyNameMessage") == ""
    assert text(desk, "formMessage") == "Ready to preview"


def test_after_stop_all_create_says_why_not(desk: Desk):
    fill(desk)
    desk.engine.account.stop_all = True
    desk.update()
    assert "Stop all is on" in create(desk).toolTip()


def test_another_quote_that_has_no_market_is_not_offered(desk: Desk):
    assert combo(desk, "quoteCombo").count() == 1
    rules = dict(desk.engine.rules)
    rules["BTC/USDC"] = replace(rules["BTC/USDT"], quote="USDC")
    desk.feed.take(e.MarketsLoaded(desk.engine.account.name, rules))
    box = combo(desk, "quoteCombo")
    assert [box.itemText(i) for i in range(box.count())] == ["USDT", "USDC"]
    fill(desk)
    box.setCurrentText("USDC")
    assert "ETH, SOL cannot be traded in USDC" in text(desk, "coinsMessage")
    assert desk.manual.investment.edit.unit() == "USDC"


# -------------------------------------------------------------------------------------------------------- hands and eyes


def test_the_tab_key_follows_the_eye(desk: Desk):
    fill(desk)
    names = ["strategyNameEdit", "quoteCombo", "distributionCombo", "addCoinsButton", "lockButtonBTC", "weightEditBTC"]
    names += ["removeCoinButtonBTC", "lockButtonETH", "weightEditETH", "removeCoinButtonETH", "lockButtonSOL"]
    names += ["weightEditSOL", "removeCoinButtonSOL", "investmentEdit", "investmentSlider", "byRatioRadio"]
    names += [
        "byTimeRadio",
        "thresholdCombo",
        "checkPeriodCombo",
        "sellAllOnStopCheck",
        "previewButton",
        "createButton",
    ]
    desk.find(QLineEdit, names[0]).setFocus()
    visited = []
    for _ in names:
        focus = desk.root.focusWidget()
        assert focus is not None
        visited.append(focus.objectName())
        desk.qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert visited == names


def test_the_wheel_over_a_combo_or_the_slider_scrolls_and_changes_nothing(desk: Desk):
    fill(desk)
    desk.find(QLineEdit, "strategyNameEdit").setFocus()
    for name in ("thresholdCombo", "distributionCombo", "investmentSlider"):
        widget = desk.find(QWidget, name)
        before = desk.manual.draft
        event = QWheelEvent(
            QPointF(5, 5), QPointF(widget.mapToGlobal(QPoint(5, 5))), QPoint(0, -120), QPoint(0, -120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)
        assert desk.manual.draft == before


@pytest.mark.parametrize("width", (360, 392))
def test_nothing_is_cut_in_the_panels_two_widths_with_ten_coins(desk: Desk, width: int):
    desk.root.resize(width, 620)
    desk.panel.setFixedWidth(width)
    desk.add("BTC", "ETH", "SOL", "BNB", "XRP", "ADA", "DOGE", "DOT", "LTC", "LINK")
    desk.type("investmentEdit", "1800")
    desk.update()
    content = desk.manual._scroll.widget()
    assert content is not None
    assert content.width() <= desk.manual._scroll.viewport().width() + 2
    table = desk.find(QTableView, "allocationTable")
    assert sum(table.columnWidth(i) for i in range(6)) <= table.viewport().width() + 1
    assert desk.manual.draft.allocation.targets[0] == Target("BTC", Decimal("10.00"))
