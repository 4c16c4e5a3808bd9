"""Adding funds, and moving money of a strategy that waits."""

from decimal import Decimal

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QTableView

from rebalancer_gui.application import commands as c
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import State
from tests.ui.parts import found
from tests.ui.sample_account import SampleAccount, built, parameters
from tests.ui.window.money_dialog import NBSP, banner_of, click_often, confirm_of, opened, put, rows, text_of


@pytest.fixture
def addition(desk):
    return opened(desk, "addFundsButton")


# ------------------------------------------------------------------------------------------------------------------ adding


@pytest.mark.rule("5.2")
def test_an_addition_shows_the_full_rebalance_on_the_new_value(desk, addition):
    assert addition.windowTitle() == "Add funds - Core 4"
    assert text_of(addition, "amountMessage").endswith(" to 1,900.00")
    put(desk, addition, "1000")
    table = rows(addition, "planTable")
    assert [row[:2] for row in table[:-1]] == [["BTC", "Buy"], ["ETH", "Buy"], ["BNB", "Buy"], ["SOL", "Buy"]]
    after = {row[0]: row for row in rows(addition, "afterTable")}
    for name, target in (("BTC", "40"), ("ETH", "30"), ("BNB", "20"), ("SOL", "10")):
        assert abs(Decimal(after[name][4]) - Decimal(target)) < Decimal("0.1"), name
    assert text_of(addition, "planHint") == "The portfolio is brought to its weights with the added money."
    assert confirm_of(addition).text() == f"Add 1,000.00{NBSP}USDT"


def test_a_confirmed_addition_is_sent_once_and_told(desk, addition):
    put(desk, addition, "1000")
    click_often(desk, confirm_of(addition))
    desk.answer()
    assert [(x.strategy_id, x.amount) for x in desk.taken(c.AddFunds)] == [("s-core4", Decimal(1000))]
    assert desk.account.free == Decimal(900)
    assert desk.dialog() is None
    assert "1,000.00" in desk.find(QLabel, "detailsMessage").text()


@pytest.mark.rule("5.4")
def test_more_than_is_free_cannot_be_added(desk, addition):
    put(desk, addition, "1900.01")
    assert text_of(addition, "amountMessage") == f"Free are 1,900.00{NBSP}USDT: add at most that much."
    assert not confirm_of(addition).isEnabled()


def test_without_free_money_nothing_can_be_added_and_it_says_why(desk):
    desk.account.free = ZERO
    desk.update()
    dialog = opened(desk, "addFundsButton")
    assert "Nothing can be added now" in banner_of(dialog)
    assert "No USDT is free" in banner_of(dialog)
    put(desk, dialog, "10")
    assert not confirm_of(dialog).isEnabled()


def test_coins_that_an_addition_cannot_buy_are_named_with_the_amount_that_would(open_desk):
    account = SampleAccount()
    account.strategies = [built("s-small", parameters("Small", {"BTC": 90, "ETH": 10}, "500"), account.prices)]
    desk = open_desk(account)
    desk.start()
    dialog = opened(desk, "addFundsButton")
    put(desk, dialog, "20")
    assert "ETH will not be traded now" in banner_of(dialog)
    button = found(dialog, QPushButton, "planBannerButton")
    assert button.text().startswith("Add ")
    button.click()
    desk.answer()
    assert banner_of(dialog) == ""
    assert confirm_of(dialog).text() == f"{button.text()}{NBSP}USDT"


# --------------------------------------------------------------------------------------------------- one that waits, others


@pytest.fixture
def waiting_desk(open_desk):
    account = SampleAccount()
    waits = built("s-wait", parameters("Later", {"BTC": 50, "ETH": 50}, "600"), account.prices)
    waits.quantities, waits.cash, waits.state = {}, Decimal(600), State.WAITING
    account.strategies = [waits]
    desk = open_desk(account)
    desk.start()
    return desk


def test_money_of_a_strategy_that_waits_is_only_moved_and_that_is_said(waiting_desk):
    desk = waiting_desk
    dialog = opened(desk, "addFundsButton")
    assert "only moved to it, no order is sent" in text_of(dialog, "planHint")
    assert not found(dialog, QTableView, "planTable").isVisible()
    put(desk, dialog, "100")
    assert rows(dialog, "afterTable")[-1][1:3] == ["600.00", "700.00"]
    confirm_of(dialog).click()
    desk.answer()
    assert [x.amount for x in desk.taken(c.AddFunds)] == [Decimal(100)]
    dialog = opened(desk, "removeFundsButton")
    assert not found(dialog, QComboBox, "removeMethodCombo").isVisible()
    put(desk, dialog, "100")
    assert confirm_of(dialog).text() == f"Remove 100.00{NBSP}USDT"


@pytest.mark.parametrize("state", (State.PAUSED, State.BUILDING, State.HALTED, State.STOPPING, State.ENDED))
def test_funds_are_moved_only_while_it_runs_or_waits_and_the_buttons_say_so(desk, state):
    desk.account.find("s-core4").state = state
    desk.update()
    for name in ("addFundsButton", "removeFundsButton"):
        button = desk.find(QPushButton, name)
        assert not button.isEnabled()
        assert button.toolTip()
