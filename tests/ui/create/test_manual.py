"""The Manual page: a draft that creates exactly what it shows."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QTableView,
    QWidget,
)

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.domain.strategy import RatioRule
from tests.ui.create.conftest import Desk

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
    "advancedGroup",
    "triggerPriceEdit",
    "triggerSymbolCombo",
    "stopLossEdit",
    "stopLossBasisCombo",
    "takeProfitEdit",
    "takeProfitBasisCombo",
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


def test_every_control_of_the_contract_is_there_once(desk: Desk):
    there = {name: len(desk.root.findChildren(QWidget, name)) for name in CONTRACT}
    assert there == dict.fromkeys(CONTRACT, 1)


def test_every_control_has_a_name_for_tests_and_for_screen_readers(desk: Desk):
    desk.fill()
    kinds = (QAbstractButton, QLineEdit, QComboBox, QSlider, QTableView)
    for kind in kinds:
        for widget in desk.panel.findChildren(kind):
            inner = widget.objectName().startswith("qt_") or isinstance(widget.parent(), QComboBox)
            if not inner and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                assert widget.objectName(), f"{widget} has no objectName"
                assert widget.accessibleName(), f"{widget.objectName()} has no accessible name"


def test_nothing_can_be_created_before_the_engine_is_up(cold_desk: Desk):
    cold_desk.panel.show_manual()
    assert not cold_desk.create.isEnabled()
    assert "engine is starting" in cold_desk.create.toolTip()
    assert "not loaded" in cold_desk.find(QPushButton, "addCoinsButton").toolTip()


def test_an_empty_form_asks_for_coins_without_being_red(desk: Desk):
    assert "Add coins" in desk.text("formMessage")
    assert desk.find(QLabel, "formMessage").property("ink") != "loss"
    assert desk.create.toolTip() == desk.text("formMessage")
    assert desk.find(QLineEdit, "investmentEdit").property("state") == "ok"


def test_three_coins_and_an_amount_create_that_strategy(desk: Desk):
    desk.fill()
    assert desk.text("formMessage") == "Ready to preview"
    desk.confirm()
    (command,) = desk.taken(c.CreateStrategy)
    p = command.parameters
    assert (p.name, p.quote, p.investment) == ("BTC ETH SOL", "USDT", Decimal(240))
    assert [(t.asset, str(t.weight)) for t in p.targets] == [("BTC", "33.34"), ("ETH", "33.33"), ("SOL", "33.33")]
    assert p.rule == RatioRule(Decimal(1), timedelta(seconds=2))
    assert p.sell_all_on_stop is False


def test_after_create_the_form_is_empty_again(desk: Desk):
    desk.fill()
    told: list[object] = []
    desk.panel.created.connect(told.append)
    desk.confirm()
    assert len(told) == 1
    assert desk.find(QLineEdit, "strategyNameEdit").text() == ""
    assert desk.find(QLineEdit, "investmentEdit").text() == ""
    assert desk.find(QLineEdit, "investmentEdit").property("state") == "ok"
    assert desk.find(QTableView, "allocationTable").model().rowCount() == 0


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
    desk.fill()
    desk.type("weightEditBTC", "4o")
    desk.type("investmentEdit", "2400.5.")
    desk.type("strategyNameEdit", "Halfwa")
    desk.combo("thresholdCombo").setEditText("1.")
    for _ in range(3):
        desk.engine.account.advance()
        desk.engine.account.free -= 100
        desk.update()
    assert desk.weight("BTC").text() == "4o"
    assert desk.find(QLineEdit, "investmentEdit").text() == "2400.5."
    assert desk.find(QLineEdit, "strategyNameEdit").text() == "Halfwa"
    assert desk.combo("thresholdCombo").currentText() == "1."
    assert desk.text("freeLabel") == "free 1,600.00\u00a0USDT"


@pytest.mark.parametrize(
    ("free", "shown"),
    [
        ("8000.34955011", "8,000.34"),
        ("0.01234567", "0.01234567"),
        ("0", "0.00"),
        ("5.999", "5.999"),
        ("59.999", "59.99"),
    ],
)
def test_free_money_is_never_rounded_up(desk: Desk, free: str, shown: str):
    desk.engine.account.free = Decimal(free)
    desk.update()
    assert desk.text("freeLabel") == f"free {shown}\u00a0USDT"
    assert desk.text("remainingLabel") == f"remaining {shown}\u00a0USDT"


def test_an_absurd_amount_does_not_widen_the_form(desk: Desk):
    desk.fill()
    before = desk.find(QWidget, "investmentSlider").width()
    desk.type("investmentEdit", "9" * 30)
    QApplication.processEvents()
    assert desk.find(QWidget, "investmentSlider").width() == before
    assert desk.manual.findings.message("investment")


def test_an_update_judges_the_draft_anew(desk: Desk):
    desk.fill("1800")
    assert desk.create.isEnabled()
    desk.engine.account.free = Decimal(1000)
    desk.update()
    assert "Free are 1,000.00" in desk.text("investmentMessage")
    assert not desk.create.isEnabled()


def test_a_refusal_of_the_engine_comes_back_to_its_field(desk: Desk):
    desk.fill()
    desk.create.click()
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
    assert desk.text("strategyNameMessage") == "There is a strategy named BTC ETH SOL already."
    assert "already" in desk.text("formMessage")
    assert desk.weight("BTC").text() == "33.34"
    desk.type("strategyNameEdit", "Another")
    assert desk.text("strategyNameMessage") == ""
    assert desk.text("formMessage") == "Ready to preview"


def test_after_stop_all_create_says_why_not(desk: Desk):
    desk.fill()
    desk.engine.account.stop_all = True
    desk.update()
    assert "Stop all is on" in desk.create.toolTip()


def test_another_quote_that_has_no_market_is_not_offered(desk: Desk):
    assert desk.combo("quoteCombo").count() == 1
    rules = dict(desk.engine.rules)
    rules["BTC/USDC"] = replace(rules["BTC/USDT"], quote="USDC")
    desk.feed.take(e.MarketsLoaded(desk.engine.account.name, rules))
    box = desk.combo("quoteCombo")
    assert [box.itemText(i) for i in range(box.count())] == ["USDT", "USDC"]
    desk.fill()
    box.setCurrentText("USDC")
    assert "ETH, SOL cannot be traded in USDC" in desk.text("coinsMessage")
    assert desk.manual.investment.edit.unit() == "USDC"
