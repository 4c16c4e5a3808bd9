from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from rebalancer_gui.ui.formatting import NumberFormat, NumberMarks
from rebalancer_gui.ui.tokens import LIGHT
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from tests.ui.parts import row_of, theme_of

ENGLISH = NumberFormat(NumberMarks(".", ","))
GERMAN = NumberFormat(NumberMarks(",", "."))
SPACE = "\u00a0"
MONEY = Limits(minimum=Decimal("25.17"), maximum=Decimal(1900), grid=Decimal("0.01"))


@pytest.fixture
def edit(qtbot) -> DecimalEdit:
    made = DecimalEdit("investmentEdit", "Investment", unit="USDT", places=2, limits=MONEY, numbers=ENGLISH)
    qtbot.addWidget(made)
    return made


def test_a_legal_number_is_the_value_and_no_problem(qtbot, edit: DecimalEdit):
    values: list[object] = []
    edit.valueChanged.connect(values.append)
    qtbot.keyClicks(edit, "240.5")
    assert (edit.value(), edit.problem(), edit.property("state")) == (Decimal("240.5"), None, "ok")
    # 2 is too small, 24 too; then 240, 240. and 240.5.
    assert values == [240, Decimal("240.5")]


@pytest.mark.parametrize(
    ("text", "problem"),
    (
        ("10", f"Too small: legal is 25.17 to 1,900.00{SPACE}USDT."),
        ("-5", f"Too small: legal is 25.17 to 1,900.00{SPACE}USDT."),
        ("1900.01", f"Too large: legal is 25.17 to 1,900.00{SPACE}USDT."),
        ("99999999999999999999", f"Too large: legal is 25.17 to 1,900.00{SPACE}USDT."),
        ("100.001", "Too fine: at most 2 decimals."),
        ("", f"Enter a number: legal is 25.17 to 1,900.00{SPACE}USDT."),
        ("abc", "\u201cabc\u201d is not a number. Enter digits only; the unit is already there."),
        ("1e3", "\u201c1e3\u201d has an exponent. Write the number out in digits."),
        ("NaN", "\u201cNaN\u201d is not an amount. Enter a number in digits."),
        ("100,5", "\u201c100,5\u201d: the decimal mark here is a point. Write 100.5."),
    ),
)
def test_what_is_wrong_and_what_is_legal_is_said(edit: DecimalEdit, text: str, problem: str):
    edit.setText("100")
    edit.setText(text)
    assert edit.value() is None
    assert edit.problem() == problem
    assert edit.text() == text, "what is typed stays"


def test_both_bounds_are_legal(edit: DecimalEdit):
    for text in ("25.17", "1,900.00", "1900"):
        edit.setText(text)
        assert edit.problem() is None


def test_a_bound_may_be_exclusive(qtbot):
    limits = Limits(minimum=Decimal(0), maximum=Decimal(50), grid=Decimal("0.1"), above_minimum=True)
    edit = DecimalEdit("x", "Threshold", unit="%", limits=limits, numbers=ENGLISH)
    qtbot.addWidget(edit)
    edit.setText("0")
    assert edit.problem() == f"Too small: legal is more than 0 and at most 50{SPACE}%."
    edit.setText("0.1")
    assert edit.problem() is None


def test_open_ranges_and_odd_grids_are_said(qtbot):
    edit = DecimalEdit("x", "Price", numbers=ENGLISH, limits=Limits(minimum=Decimal(5)))
    qtbot.addWidget(edit)
    edit.setText("1")
    assert edit.problem() == "Too small: legal is at least 5."
    edit.set_limits(Limits(maximum=Decimal(5)))
    edit.setText("6")
    assert edit.problem() == "Too large: legal is at most 5."
    edit.set_limits(Limits(grid=Decimal("0.25")))
    edit.setText("0.3")
    assert edit.problem() == "Only multiples of 0.25."


def test_the_form_may_word_the_bounds(edit: DecimalEdit):
    edit.set_limits(Limits(maximum=Decimal(1900), maximum_text="Free are {limit}"))
    edit.setText("2,400.00")
    assert edit.problem() == f"Free are 1,900.00{SPACE}USDT"


def test_new_limits_judge_the_text_again_and_leave_it(edit: DecimalEdit):
    edit.setText("500.0")
    edit.set_limits(Limits(maximum=Decimal(100)))
    assert edit.text() == "500.0"
    assert edit.problem() == f"Too large: legal is at most 100.00{SPACE}USDT."
    edit.set_limits(MONEY)
    assert edit.value() == 500


def test_an_optional_field_may_be_empty(qtbot):
    edit = DecimalEdit("stopLossEdit", "Stop-loss", limits=Limits(required=False), numbers=ENGLISH)
    qtbot.addWidget(edit)
    edit.setText("5")
    edit.setText("")
    assert (edit.value(), edit.problem(), edit.property("state")) == (None, None, "ok")


def test_a_field_nobody_has_touched_is_not_red(qtbot, edit: DecimalEdit):
    assert edit.problem() is not None
    assert edit.shown_problem() is None
    qtbot.keyClicks(edit, "1")
    assert edit.shown_problem() == edit.problem() is not None
    qtbot.keyClick(edit, Qt.Key.Key_Backspace)
    assert edit.property("state") == "error", "emptied by somebody: now it is missing"


def test_the_problem_is_said_to_a_screen_reader_while_it_is_shown(edit: DecimalEdit):
    edit.setText("10")
    assert edit.accessibleDescription() == edit.problem()
    edit.setText("100")
    assert edit.accessibleDescription() == ""


def test_a_value_is_written_so_that_it_is_read_back(qtbot, edit: DecimalEdit):
    edit.set_value(Decimal("1234.5"))
    assert (edit.text(), edit.value()) == ("1,234.50", Decimal("1234.5"))
    german = DecimalEdit("x", "Quantity", numbers=GERMAN)
    qtbot.addWidget(german)
    german.set_value(Decimal("1.234"))
    assert (german.text(), german.value()) == ("1,2340", Decimal("1.234"))
    german.set_value(None)
    assert (german.text(), german.value()) == ("", None)


def test_setting_the_value_that_is_there_leaves_what_is_typed(edit: DecimalEdit):
    edit.setText("240.")
    edit.set_value(Decimal(240))
    assert edit.text() == "240."


def test_a_comma_that_reads_in_two_ways_is_refused_while_typing(qtbot):
    edit = DecimalEdit("x", "Amount", numbers=GERMAN)
    qtbot.addWidget(edit)
    qtbot.keyClicks(edit, "1,500")
    assert edit.value() is None
    assert "can be read as 1,5 or as 1500" in (edit.problem() or "")


def test_a_fault_of_the_form_is_shown_like_one_of_the_field(edit: DecimalEdit):
    edit.setText("100")
    edit.set_outside_problem("Weights add up to 90 %.")
    assert (edit.problem(), edit.property("state")) == ("Weights add up to 90 %.", "error")
    assert edit.value() == 100, "the number itself is fine"
    edit.setText("abc")
    assert "not a number" in (edit.problem() or "")
    edit.setText("100")
    edit.set_outside_problem(None)
    assert edit.problem() is None


def test_the_unit_stands_inside_the_field_and_never_over_the_number(qtbot, qapp, edit: DecimalEdit):
    theme_of(qapp)
    edit.resize(176, 28)
    edit.show()
    unit = edit.findChild(QLabel)
    assert isinstance(unit, QLabel)
    assert (unit.text(), edit.unit()) == ("USDT", "USDT")
    assert unit.geometry().right() < edit.width()
    assert edit.textMargins().right() >= unit.width()
    edit.set_unit("USDC")
    assert unit.text() == "USDC"
    edit.set_unit("")
    assert edit.textMargins().right() == 0


def test_the_outline_is_two_pixels_of_the_loss_colour_while_wrong(qtbot, qapp, edit: DecimalEdit):
    theme_of(qapp)
    edit.resize(176, 28)
    edit.setText("100")
    assert row_of(edit.grab().toImage(), 14)[:2] != [LIGHT.loss] * 2
    edit.setText("10")
    assert row_of(edit.grab().toImage(), 14)[:3] == [LIGHT.loss] * 2 + [LIGHT.control]


def test_size_and_text_do_not_move_when_the_outline_changes(qapp, edit: DecimalEdit):
    theme_of(qapp)
    edit.setText("100")
    before = edit.sizeHint()
    edit.setText("1")
    assert edit.sizeHint() == before
    assert before.height() == 28


def test_names_are_those_of_the_caller(edit: DecimalEdit):
    assert (edit.objectName(), edit.accessibleName()) == ("investmentEdit", "Investment")
    assert edit.alignment() & Qt.AlignmentFlag.AlignRight
