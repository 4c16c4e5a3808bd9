"""The Manual page: coins, weights, investment and the ways out of too little money."""

from decimal import Decimal

import pytest
from PySide6.QtCore import QAbstractItemModel
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import (
    QLineEdit,
    QPushButton,
    QSlider,
    QTableView,
    QToolButton,
)

from rebalancer_gui.application import commands as c
from tests.ui.create.conftest import Desk


def test_editing_a_weight_makes_the_distribution_custom(desk: Desk):
    desk.fill()
    desk.type("weightEditBTC", "50")
    assert desk.combo("distributionCombo").currentText() == "Custom"
    assert desk.weight("ETH").text() == "33.33"


def test_choosing_equal_again_shares_out_anew_and_keeps_locked_weights(desk: Desk):
    desk.fill()
    desk.type("weightEditBTC", "50")
    desk.find(QToolButton, "lockButtonBTC").click()
    desk.combo("distributionCombo").setCurrentText("Equal")
    assert [desk.weight(a).text() for a in ("BTC", "ETH", "SOL")] == ["50", "25.00", "25.00"]
    assert desk.create.isEnabled()


def test_what_is_left_can_be_shared_out(desk: Desk):
    desk.fill()
    desk.type("weightEditBTC", "21.34")
    assert "12.00\u00a0% left to give" in desk.text("weightsMessage")
    desk.find(QToolButton, "lockButtonBTC").click()
    desk.find(QPushButton, "shareRestButton").click()
    assert [desk.weight(a).text() for a in ("BTC", "ETH", "SOL")] == ["21.34", "39.33", "39.33"]
    assert not desk.find(QPushButton, "shareRestButton").isVisible()


def test_an_unlocked_weight_takes_its_equal_part_again(desk: Desk):
    desk.fill()
    desk.type("weightEditBTC", "50")
    lock = desk.find(QToolButton, "lockButtonBTC")
    lock.click()
    desk.combo("distributionCombo").setCurrentText("Equal")
    lock.click()
    assert desk.combo("distributionCombo").currentText() == "Equal"
    assert [desk.weight(a).text() for a in ("BTC", "ETH", "SOL")] == ["33.34", "33.33", "33.33"]


def test_unlocking_a_weight_of_ones_own_changes_nothing(desk: Desk):
    desk.fill()
    desk.type("weightEditBTC", "50")
    lock = desk.find(QToolButton, "lockButtonBTC")
    lock.click()
    lock.click()
    assert [desk.weight(a).text() for a in ("BTC", "ETH", "SOL")] == ["50", "33.33", "33.33"]


def test_by_market_cap_asks_the_engine_and_follows_its_answer(desk: Desk):
    desk.fill()
    desk.combo("distributionCombo").setCurrentText("By market cap")
    assert "Reading the market caps" in desk.text("weightsMessage")
    assert not desk.create.isEnabled()
    desk.answer()
    assert [desk.weight(a).text() for a in ("BTC", "ETH", "SOL")] == ["80.03", "16.70", "3.27"]
    assert "CoinGecko, 13 May 2021" in desk.text("capsMessage")
    assert len(desk.taken(c.LoadMarketCaps)) == 1


def test_an_answer_for_coins_that_changed_meanwhile_is_not_taken(desk: Desk):
    desk.fill()
    desk.combo("distributionCombo").setCurrentText("By market cap")
    (old,) = desk.waiting
    desk.add("BNB")
    late = desk.waiting.pop(0)
    assert late is old
    desk.engine.handle(late)
    assert "Reading the market caps" in desk.text("weightsMessage")
    desk.answer()
    assert [desk.weight(a).text() for a in ("BTC", "ETH", "SOL", "BNB")] == ["75.96", "15.85", "3.10", "5.09"]


def test_caps_that_come_after_a_weight_was_typed_change_nothing(desk: Desk):
    desk.fill()
    desk.combo("distributionCombo").setCurrentText("By market cap")
    desk.type("weightEditBTC", "50")
    desk.answer()
    assert [desk.weight(a).text() for a in ("BTC", "ETH", "SOL")] == ["50", "33.33", "33.33"]


def test_a_coin_without_cap_is_named_and_keeps_a_weight_of_zero(desk: Desk):
    desk.fill()
    desk.add("USDC")
    desk.combo("distributionCombo").setCurrentText("By market cap")
    desk.answer()
    assert "No market cap is known for USDC" in desk.text("weightsMessage")
    assert desk.weight("USDC").text() == "0.00"
    assert not desk.create.isEnabled()
    desk.find(QToolButton, "removeCoinButtonUSDC").click()
    assert desk.create.isEnabled()


def test_market_caps_that_cannot_be_read_leave_the_weights_as_they_are(desk: Desk):
    desk.engine._refuse = {c.LoadMarketCaps: "there is no network"}
    desk.fill()
    desk.combo("distributionCombo").setCurrentText("By market cap")
    desk.answer()
    assert "there is no network" in desk.text("formMessage")
    assert desk.combo("distributionCombo").currentText() == "Custom"
    assert desk.weight("BTC").text() == "33.34"
    assert desk.create.isEnabled()


def test_an_added_coin_makes_new_equal_weights_and_a_new_name(desk: Desk):
    desk.fill()
    desk.add("BNB")
    assert [desk.weight(a).text() for a in ("BTC", "ETH", "SOL", "BNB")] == ["25.00"] * 4
    assert desk.find(QLineEdit, "strategyNameEdit").text() == "BTC ETH SOL BNB"


def test_the_table_says_what_each_coin_costs_and_needs(desk: Desk):
    desk.fill("240")
    model = desk.find(QTableView, "allocationTable").model()
    row = [model.index(0, column).data() for column in range(model.columnCount())]
    assert row[:3] == ["BTC", "min. 5.79", "80.02\u00a0USDT"]
    assert row[4] == "33.34\u00a0%"
    assert desk.text("allocationTotal") == "240.00\u00a0USDT"


def test_a_weight_can_be_set_through_the_table_itself(desk: Desk):
    desk.fill()
    model = desk.find(QTableView, "allocationTable").model()
    assert model.setData(model.index(0, 4), "50 %")
    assert desk.weight("BTC").text() == "50.00"
    assert not model.setData(model.index(0, 4), "much")
    assert not model.setData(model.index(0, 0), "ETH")


def test_the_allocation_model_keeps_qts_rules(desk: Desk):
    model = desk.find(QTableView, "allocationTable").model()
    assert isinstance(model, QAbstractItemModel)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, desk.root)
    desk.fill()
    desk.add("BNB")
    desk.find(QToolButton, "removeCoinButtonETH").click()
    desk.type("weightEditSOL", "10")


def test_field_and_slider_follow_each_other_and_the_field_is_the_truth(desk: Desk):
    desk.fill("475.25")
    slider = desk.find(QSlider, "investmentSlider")
    assert slider.value() == 250
    assert desk.text("remainingLabel") == "remaining 1,424.75\u00a0USDT"
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
    assert "Too little for SOL, XRP: the smallest that works is" in desk.text("investmentMessage")
    assert desk.text(f"{name}Result")
    desk.find(QPushButton, name).click()
    assert desk.create.isEnabled(), desk.create.toolTip()
    assert not desk.find(QPushButton, name).isVisible()


def test_the_fix_leaves_what_its_words_say(desk: Desk):
    desk.add("BTC", "ETH", "SOL")
    for asset, share in (("BTC", "90"), ("ETH", "8"), ("SOL", "2")):
        desk.type(f"weightEdit{asset}", share)
    desk.type("investmentEdit", "100")
    button = desk.find(QPushButton, "leaveOutButton")
    assert button.text() == "Leave out 1 coin"
    assert desk.text("leaveOutButtonResult") == "BTC 91.84, ETH 8.16 %"
    button.click()
    assert [desk.weight(a).text() for a in ("BTC", "ETH")] == ["91.84", "8.16"]
