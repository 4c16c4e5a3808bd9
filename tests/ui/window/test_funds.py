"""Adding and removing funds: the legal range, the orders, what comes out, and one command for one confirmation."""

from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QTableView, QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.domain.cashflow import RemovalMethod, removal_limits
from tests.ui.parts import found
from tests.ui.sample_account import SampleAccount, built, parameters
from tests.ui.sample_market import FEES, market_rules
from tests.ui.window.money_dialog import NBSP, banner_of, click_often, confirm_of, opened, put, rows, text_of


@pytest.fixture
def removal(desk):
    return opened(desk, "removeFundsButton")


# ---------------------------------------------------------------------------------------------------------- before typing


def test_the_dialog_begins_in_the_empty_field_with_the_legal_range_and_nothing_to_confirm(desk, removal):
    assert removal.windowTitle() == "Remove funds - Core 4"
    edit = found(removal, QLineEdit, "amountEdit")
    assert desk.window.focusWidget() is edit or removal.focusWidget() is edit
    strategy = desk.account.find("s-core4")
    snapshot = strategy.snapshot(1, desk.account.at, desk.account.quotes())
    limits = removal_limits(snapshot, RemovalMethod.BY_WEIGHT, market_rules(), FEES)
    assert text_of(removal, "amountMessage") == f"Legal: {limits.smallest:,.2f} to {limits.largest:,.2f}"
    assert not confirm_of(removal).isEnabled()
    assert rows(removal, "planTable") == [["No orders yet: type an amount.", "", "", "", "", ""]]
    after = rows(removal, "afterTable")
    assert [row[1] for row in after] == [row[2] for row in after], "nothing is changed yet"


def test_every_control_of_the_dialog_has_a_name(removal):
    for name, kind in (("amountEdit", QLineEdit), ("removeMethodCombo", QComboBox), ("planTable", QTableView)):
        assert found(removal, kind, name).isVisible()
    assert found(removal, QLineEdit, "amountEdit").accessibleName() == "Amount to remove"


# ---------------------------------------------------------------------------------------------------------------- removing


@pytest.mark.rule("5.3")
def test_a_removal_shows_its_sells_what_is_skipped_and_what_comes_out(desk, removal):
    put(desk, removal, "40")
    table = rows(removal, "planTable")
    assert [(row[0], row[1].split()[0]) for row in table[:-1]] == [
        ("BTC", "Sell"), ("ETH", "Sell"), ("BNB", "Sell"), ("SOL", "Skipped"),
    ]  # fmt: skip
    assert table[0] == ["BTC", "Sell", "0.00016", "96,418.20", "15.43", "0.015"]
    assert "4.00" in table[3][1]
    assert table[-1][0] == f"To the free pool, after fees: 35.27{NBSP}USDT"
    assert table[-1][4:] == ["35.31", "0.035"]
    assert confirm_of(removal).text() == confirm_of(removal).accessibleName() == f"Remove 35.27{NBSP}USDT"
    said = banner_of(removal)
    assert f"35.27 of the 40.00{NBSP}USDT will come out" in said
    assert "SOL 4.00 skipped, step sizes 0.69, fees 0.04" in said


@pytest.mark.rule("5.3c")
def test_before_and_after_of_a_removal_differ_by_what_is_sold_and_own_cash_stays(desk, removal):
    put(desk, removal, "40")
    after = {row[0]: row for row in rows(removal, "afterTable")}
    assert list(after) == ["BTC", "ETH", "BNB", "SOL", "USDT", "Total"]
    money = {name: tuple(Decimal(cell.replace(",", "")) for cell in row[1:3]) for name, row in after.items()}
    assert abs(money["Total"][0] - money["Total"][1] - Decimal("35.31")) <= Decimal("0.02")
    assert money["USDT"][0] == money["USDT"][1]
    assert money["SOL"][0] == money["SOL"][1]
    assert after["USDT"][5] == "\u2013"


def test_the_button_of_the_banner_takes_the_amount_of_which_every_leg_trades(desk, removal):
    put(desk, removal, "40")
    button = found(removal, QPushButton, "planBannerButton")
    assert button.text().startswith("Remove ")
    full = button.text().removeprefix("Remove ")
    assert f"All legs trade from {full}." in banner_of(removal)
    button.click()
    desk.answer()
    assert found(removal, QLineEdit, "amountEdit").text() == full
    assert all(not row[1].startswith("Skipped") for row in rows(removal, "planTable"))


@pytest.mark.rule("5.3d")
def test_most_overweight_first_uses_own_cash_and_sells_the_coin_that_is_over(desk, removal):
    put(desk, removal, "40")
    found(removal, QComboBox, "removeMethodCombo").setCurrentIndex(1)
    desk.answer()
    table = rows(removal, "planTable")
    assert table[0][:2] == ["USDT", "Own cash, without an order"]
    assert [row[0] for row in table[1:-1]] == ["BTC"]
    confirm_of(removal).click()
    (command,) = desk.taken(c.RemoveFunds)
    assert (command.amount, command.method) == (Decimal(40), RemovalMethod.MOST_OVERWEIGHT)


@pytest.mark.failure(53)
def test_a_double_click_on_confirm_removes_once_and_says_what_happens_next(desk, removal):
    put(desk, removal, "40")
    button = confirm_of(removal)
    click_often(desk, button)
    assert [(x.strategy_id, x.amount, x.method) for x in desk.taken(c.RemoveFunds)] == [
        ("s-core4", Decimal(40), RemovalMethod.BY_WEIGHT)
    ]
    free = desk.account.free
    desk.answer()
    assert len(desk.taken(c.RemoveFunds)) == 1
    assert desk.dialog() is None
    assert desk.account.free - free == pytest.approx(Decimal("35.27"), abs=Decimal("0.01"))
    assert "next good prices" in desk.find(QLabel, "detailsMessage").text()


def test_while_it_is_sent_nothing_can_be_changed_or_closed(desk, removal):
    put(desk, removal, "40")
    confirm_of(removal).click()
    desk.qtbot.keyClick(removal, Qt.Key.Key_Escape)
    assert removal.isVisible()
    for name in ("amountEdit", "removeMethodCombo", "confirmButton", "planCancelButton"):
        assert not found(removal, QWidget, name).isEnabled(), name


def test_a_refusal_is_shown_in_the_dialog_and_goes_when_the_amount_is_changed(desk, removal):
    put(desk, removal, "40")
    desk.engine._refuse = {c.RemoveFunds: "A removal of Core 4 is on its way: wait until it is done."}
    confirm_of(removal).click()
    desk.answer()
    assert removal.isVisible()
    assert "A removal of Core 4 is on its way" in banner_of(removal)
    assert confirm_of(removal).isEnabled(), "it may be tried again"
    desk.engine._refuse = {}
    put(desk, removal, "50")
    assert "on its way" not in banner_of(removal)
    confirm_of(removal).click()
    desk.answer()
    assert [x.amount for x in desk.taken(c.RemoveFunds)] == [Decimal(40), Decimal(50)]
    assert desk.dialog() is None


def test_cancel_sends_nothing(desk, removal):
    put(desk, removal, "40")
    desk.press("planCancelButton")
    assert desk.dialog() is None
    assert not desk.taken(c.RemoveFunds)


@pytest.mark.rule("5.4b")
def test_above_the_largest_amount_stop_is_offered_instead(desk, removal):
    put(desk, removal, "3999")
    assert text_of(removal, "amountMessage").startswith("At most ")
    assert not confirm_of(removal).isEnabled()
    assert "must stay, the smallest legal investment" in banner_of(removal)
    button = found(removal, QPushButton, "planBannerButton")
    assert button.text() == "Stop Core 4"
    button.click()
    stop = desk.dialog()
    assert stop is not None
    assert stop.objectName() == "stopDialog"
    assert not desk.taken(c.RemoveFunds)


@pytest.mark.rule("5.4b")
def test_a_strategy_that_is_too_small_says_why_nothing_can_be_removed(open_desk):
    account = SampleAccount()
    small = built("s-small", parameters("Small", {"BTC": 90, "ETH": 10}, "52"), account.prices)
    account.strategies = [small]
    desk = open_desk(account)
    desk.start()
    dialog = opened(desk, "removeFundsButton")
    assert text_of(dialog, "amountMessage") == "No amount is legal now."
    assert "Nothing can be removed now" in banner_of(dialog)
    assert found(dialog, QPushButton, "planBannerButton").text() == "Stop Small"
    put(desk, dialog, "5")
    assert not confirm_of(dialog).isEnabled()


ILLEGAL = (
    ("a lot", "not a number"),
    ("0", "Too small"),
    ("-5", "Too small"),
    ("1,5", "1,5"),
    ("1.2.3", "not a number"),
    ("0.01", "Too small"),
    ("1e30", "exponent"),
    ("99999999", "At most"),
    ("40.000000001", "Too fine"),
    ("NaN", "not an amount"),
)


def test_what_is_no_legal_amount_is_told_beside_the_field_and_never_planned(desk, removal):
    for typed, said in ILLEGAL:
        put(desk, removal, "40")
        put(desk, removal, typed)
        assert said in text_of(removal, "amountMessage"), typed
        assert not confirm_of(removal).isEnabled(), typed
        assert confirm_of(removal).toolTip(), typed
        last = desk.taken(c.PreviewFunds)[-1]
        assert last.amount is None, typed
        confirm_of(removal).click()
        assert not desk.taken(c.RemoveFunds), typed


# ------------------------------------------------------------------------------------------------------------- the answers


def asked(desk) -> list[c.PreviewFunds]:
    """The questions of this dialog: the cockpit of the form behind may ask for candles meanwhile."""
    return [command for command in desk.waiting if isinstance(command, c.PreviewFunds)]


def test_it_is_asked_again_each_second_with_what_stands_in_the_field(desk, removal):
    put(desk, removal, "40")
    assert "14:32:08" in text_of(removal, "planTimeLabel")
    desk.account.at += timedelta(seconds=1)
    desk.qtbot.waitUntil(lambda: bool(asked(desk)), timeout=3000)
    assert [x.amount for x in asked(desk)] == [Decimal(40)]
    desk.answer()
    assert "14:32:09" in text_of(removal, "planTimeLabel")


def test_an_answer_to_an_older_amount_is_not_shown_and_cannot_be_confirmed(desk, removal):
    put(desk, removal, "40")
    edit = found(removal, QLineEdit, "amountEdit")
    edit.setText("50")
    (older,) = asked(desk)
    assert older.amount == Decimal(50)
    edit.setText("60")
    assert len(asked(desk)) == 1, "one question at a time"
    assert not confirm_of(removal).isEnabled()
    desk.waiting.remove(older)
    desk.engine.handle(older)
    assert not confirm_of(removal).isEnabled(), "that answer was about 50"
    (newer,) = asked(desk)
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


def test_one_dialog_at_a_time(desk, removal):
    desk.window.flows.add_funds("s-core4")
    assert desk.dialog() is removal
