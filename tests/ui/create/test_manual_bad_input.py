"""The Manual page: every bad input is refused in place, while it is typed, and Create says why it is off."""

from decimal import Decimal

import pytest
from PySide6.QtWidgets import (
    QLineEdit,
    QRadioButton,
)

from rebalancer_gui.domain.strategy import RatioRule, Target
from rebalancer_gui.ui.formatting import NumberFormat, NumberMarks
from tests.ui.create.conftest import Desk, make_desk, start
from tests.ui.fake_engine import FakeEngine

NO_AMOUNT = (
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
)


def test_an_amount_that_is_none_is_refused_while_it_is_typed(desk: Desk):
    desk.fill()
    assert desk.create.isEnabled()
    for typed, says in NO_AMOUNT:
        desk.type("investmentEdit", typed)
        assert says in desk.text("investmentMessage"), typed
        assert desk.find(QLineEdit, "investmentEdit").property("state") == "error", typed
        assert desk.find(QLineEdit, "investmentEdit").text() == typed
        assert not desk.create.isEnabled(), typed
        assert desk.create.toolTip() == desk.text("formMessage") != "", typed
        assert says in desk.create.toolTip(), typed


def test_pasted_spaces_and_groups_are_read(desk: Desk):
    desk.add("BTC", "ETH")
    for typed, read in ((" 240 ", 240), ("\u00a0240\u202f", 240), ("1 240", 1240), ("+240", 240), ("1,240.00", 1240)):
        desk.find(QLineEdit, "investmentEdit").setText(typed)
        assert desk.manual.findings.parameters is not None, typed
        assert desk.manual.draft.investment == Decimal(read), typed


@pytest.mark.rule("12.6")
@pytest.mark.parametrize(("sol", "says"), (("33.32", "0.01\u00a0% left to give"), ("33.34", "0.01\u00a0% too much")))
def test_weights_that_do_not_add_up_are_refused(desk: Desk, sol: str, says: str):
    desk.fill()
    desk.type("weightEditSOL", sol)
    assert desk.text("weightsMessage") == says
    assert not desk.create.isEnabled()
    assert "add up to" in desk.create.toolTip()


def test_a_weight_that_is_none_is_refused_in_its_row(desk: Desk):
    desk.fill()
    for typed in ("x", "", "101", "-1", "33.333", "1,2"):
        desk.type("weightEditSOL", typed)
        assert desk.weight("SOL").property("state") == "error", typed
        assert desk.text("weightsMessage").startswith("SOL: "), typed
        assert not desk.create.isEnabled(), typed
        desk.type("weightEditSOL", "33.33")
        assert desk.create.isEnabled(), typed


def test_a_weight_of_zero_is_refused(desk: Desk):
    desk.fill()
    desk.type("weightEditBTC", "66.67")
    desk.type("weightEditSOL", "0")
    assert "SOL: 0 % is not a weight" in desk.text("weightsMessage")
    assert not desk.create.isEnabled()


@pytest.mark.rule("12.6")
def test_one_coin_is_refused(desk: Desk):
    desk.add("BTC")
    desk.type("investmentEdit", "240")
    assert "one coin is not enough" in desk.text("coinsMessage")
    assert not desk.create.isEnabled()


@pytest.mark.rule("12.6")
def test_a_threshold_out_of_its_range_is_refused(desk: Desk):
    desk.fill()
    for typed in ("0", "51", "0.05", "0.15", "-1", "x", ""):
        desk.combo("thresholdCombo").setEditText(typed)
        assert desk.combo("thresholdCombo").property("state") == "error", typed
        assert desk.text("ruleMessage"), typed
        assert not desk.create.isEnabled(), typed
        desk.combo("thresholdCombo").setEditText("1")
        assert desk.create.isEnabled(), typed


@pytest.mark.rule("12.6b")
def test_a_twenty_first_strategy_is_refused(desk: Desk):
    account = desk.engine.account
    account.strategies = [account.strategies[0]] * 20
    desk.fill()
    desk.update()
    assert "20 strategies run on this account" in desk.text("formMessage")
    assert not desk.create.isEnabled()


def test_a_name_that_is_taken_or_too_long_is_refused(desk: Desk):
    desk.fill()
    edit = desk.find(QLineEdit, "strategyNameEdit")
    for name, says in (("Core 4", "already"), ("core 4", "already"), ("y" * 41, "at most 40"), ("a\tb", "visible")):
        edit.setText(name)
        edit.textEdited.emit(name)
        assert says in desk.text("strategyNameMessage"), name
        assert edit.property("state") == "error", name
        assert not desk.create.isEnabled(), name


NO_INTERVAL = (
    ("36", "unit is missing"),
    ("59 s", "between 1 minute and 90 days"),
    ("91 d", "between 1 minute and 90 days"),
    ("1 m", "minutes or months"),
    ("", "Write a number and a unit"),
)


def test_an_interval_that_is_none_is_refused(desk: Desk):
    desk.fill()
    desk.find(QRadioButton, "byTimeRadio").click()
    for typed, says in NO_INTERVAL:
        desk.combo("intervalCombo").setEditText("36 h")
        assert desk.create.isEnabled(), typed
        desk.combo("intervalCombo").setEditText(typed)
        assert says in desk.text("ruleMessage"), typed
        assert not desk.create.isEnabled(), typed


def test_a_gate_out_of_its_range_is_refused(desk: Desk):
    desk.fill()
    desk.find(QRadioButton, "byTimeRadio").click()
    for typed in ("51", "-1", "0.05", "x"):
        desk.type("gateEdit", "1")
        assert desk.create.isEnabled(), typed
        desk.type("gateEdit", typed)
        assert desk.find(QLineEdit, "gateEdit").property("state") == "error", typed
        assert not desk.create.isEnabled(), typed


def test_a_fault_in_the_rule_that_is_not_chosen_is_no_fault(desk: Desk):
    desk.fill()
    desk.combo("thresholdCombo").setEditText("x")
    desk.find(QRadioButton, "byTimeRadio").click()
    assert desk.create.isEnabled()


@pytest.fixture
def german_desk(qtbot, qapp) -> Desk:
    """The same form where the comma is the decimal mark."""
    desk = make_desk(qtbot, qapp, FakeEngine, NumberFormat(NumberMarks(",", ".")))
    start(desk)
    desk.panel.show_manual()
    return desk


def test_numbers_are_read_and_shown_with_the_locales_marks(german_desk: Desk):
    desk = german_desk
    desk.add("BTC", "ETH")
    desk.type("investmentEdit", "1.240,50")
    desk.type("weightEditBTC", "62,25")
    desk.type("weightEditETH", "37,75")
    desk.combo("thresholdCombo").setEditText("2,5")
    parameters = desk.manual.findings.parameters
    assert parameters is not None
    assert parameters.investment == Decimal("1240.5")
    assert parameters.targets == (Target("BTC", Decimal("62.25")), Target("ETH", Decimal("37.75")))
    assert parameters.rule == RatioRule(Decimal("2.5"))
    assert desk.text("remainingLabel") == "remaining 659,50\u00a0USDT"


@pytest.mark.parametrize("typed", ("1.500", "1,500"))
def test_a_number_that_reads_in_two_ways_is_refused_with_both(german_desk: Desk, typed: str):
    german_desk.add("BTC", "ETH")
    german_desk.type("investmentEdit", typed)
    assert "can be read as 1,5 or as 1500" in german_desk.text("investmentMessage")
    assert not german_desk.create.isEnabled()


def test_the_domains_sentences_use_the_locales_mark_too(german_desk: Desk):
    german_desk.add("BTC", "ETH")
    german_desk.type("investmentEdit", "240")
    german_desk.type("weightEditBTC", "49,99")
    assert "99,99 %" in german_desk.text("formMessage")
