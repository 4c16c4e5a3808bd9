"""Buttons, fields, sections and the slider of forms."""

from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.banner import Level
from rebalancer_gui.ui.widgets.buttons import ButtonKind, SegmentedButtons, block, icon_button, push_button, tool_button
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.form import Field, FoldSection, MessageLine, SectionHeader
from rebalancer_gui.ui.widgets.investment_slider import STEPS, InvestmentSlider
from tests.ui.parts import found, put, settle, shown_page

NUMBERS = NumberFormat()


@pytest.fixture
def page(qtbot, qapp: QApplication) -> QWidget:
    return shown_page(qtbot, qapp)


def test_a_blocked_button_says_what_is_missing(page: QWidget):
    button = put(page, push_button("Create", "createButton", kind=ButtonKind.MAIN, tip="Build the portfolio"))
    block(button, "Weights add up to 90 %.")
    assert (button.isEnabled(), button.toolTip()) == (False, "Weights add up to 90 %.")
    assert button.accessibleDescription() == "Weights add up to 90 %."
    block(button, None)
    assert (button.isEnabled(), button.toolTip(), button.accessibleDescription()) == (True, "Build the portfolio", "")


def test_buttons_have_names_even_without_words(page: QWidget):
    for button in (icon_button("menu", "menuButton", "Menu"), tool_button("close", "removeBtc", "Remove BTC")):
        put(page, button)
        assert button.objectName()
        assert button.accessibleName() == button.toolTip() != ""
        assert not button.icon().isNull()


def test_one_segment_is_chosen_by_mouse_key_or_program(qtbot, page: QWidget):
    row = put(page, SegmentedButtons("range", "Range", [("1d", "1 D"), ("7d", "7 D"), ("all", "All")]))
    chosen: list[str] = []
    row.chosen.connect(chosen.append)
    assert row.current() == "1d"
    qtbot.mouseClick(found(row, QPushButton, "range7d"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(found(row, QPushButton, "range7d"), Qt.MouseButton.LeftButton)
    row.choose("all")
    assert (row.current(), chosen) == ("all", ["7d", "all"])
    with pytest.raises(ValueError, match="not in list"):
        row.choose("9d")


def test_segments_overlap_by_the_pixel_of_their_outline(page: QWidget):
    row = put(page, SegmentedButtons("range", "Range", [("1d", "1 D"), ("7d", "7 D"), ("all", "All")]))
    settle()
    one, two = found(row, QPushButton, "range1d"), found(row, QPushButton, "range7d")
    assert two.geometry().left() == one.geometry().right()
    assert one.height() == 28


def test_a_field_shows_its_editors_problem_while_it_is_red_and_else_its_hint(qtbot, page: QWidget):
    edit = DecimalEdit("amountEdit", "", unit="USDT", limits=Limits(maximum=Decimal(10)), numbers=NUMBERS)
    field = put(page, Field("Amount", edit, hint="smallest legal 5"))
    assert edit.accessibleName() == "Amount"
    assert field.message.text() == "smallest legal 5"
    qtbot.keyClicks(edit, "11")
    assert field.message.text() == "Too large: legal is at most 10\u00a0USDT."
    assert field.message.label.objectName() == "amountEditMessage"
    assert field.message.label.property("ink") == "loss"
    qtbot.keyClick(edit, Qt.Key.Key_Backspace)
    assert field.message.text() == "smallest legal 5"
    field.set_message("The free pool holds 0.5", Level.WARNING)
    assert field.message.label.property("ink") == "warn"
    field.set_message(None)
    field.set_hint("")
    assert field.message.isHidden()


def test_a_field_may_hold_any_editor(page: QWidget):
    edit = QLineEdit()
    edit.setObjectName("strategyNameEdit")
    field = put(page, Field("Name", edit, beside=True))
    assert field.label.buddy() is edit
    field.set_message("A name is missing.")
    assert field.message.isVisible()


def test_the_message_line_tells_good_and_bad_apart_without_colour(page: QWidget):
    line = put(page, MessageLine("formMessage"))
    line.show_good("Weights add up to 100.00 %")
    assert line.label.property("ink") == Ink.GAIN
    line.show_problem("Weights add up to 90.00 %")
    assert (line.text(), line.label.property("ink")) == ("Weights add up to 90.00 %", Ink.LOSS)
    assert line.label.objectName() == "formMessage"


def test_a_section_folds_by_its_button_and_says_what_is_inside(qtbot, page: QWidget):
    section = put(page, FoldSection("advancedGroup", 4, "Advanced", "optional: trigger, stop-loss"))
    inside = QLabel("inside")
    section.body.addWidget(inside)
    assert not section.is_open()
    assert not inside.isVisible()
    with qtbot.waitSignal(section.toggled):
        qtbot.mouseClick(section.button, Qt.MouseButton.LeftButton)
    assert section.is_open()
    assert inside.isVisible()
    assert (section.button.objectName(), section.button.accessibleName()) == ("advancedGroup", "Advanced")
    section.set_open(False)
    assert not inside.isVisible()


def test_a_section_folds_by_a_click_on_its_title(qtbot, page: QWidget):
    section = put(page, FoldSection("advancedGroup", 4, "Advanced"))
    layout = page.layout()
    assert isinstance(layout, QVBoxLayout)
    layout.addStretch(1)
    settle()
    qtbot.mouseClick(section, Qt.MouseButton.LeftButton, pos=QPoint(50, 8))
    assert section.is_open()
    settle()
    qtbot.mouseClick(section, Qt.MouseButton.LeftButton, pos=QPoint(50, 8))
    assert not section.is_open()


def test_a_section_header_shows_its_number(page: QWidget):
    header = put(page, SectionHeader(2, "Investment", "hint"))
    assert [label.text() for label in header.findChildren(QLabel)][:3] == ["2", "Investment", "hint"]


@pytest.fixture
def slider(page: QWidget) -> InvestmentSlider:
    made = put(page, InvestmentSlider("investmentSlider", "Share of the free money"))
    made.set_maximum(Decimal("1900.005"), Decimal("0.01"))
    return made


def test_the_slider_picks_amounts_on_the_grid_and_all_of_it_at_its_end(slider: InvestmentSlider):
    assert slider.amount_at(0) == 0
    assert slider.amount_at(1) == Decimal("1.90")
    assert slider.amount_at(STEPS // 2) == Decimal("950.00")
    assert slider.amount_at(STEPS) == Decimal("1900.005")


def test_the_slider_follows_the_field_without_writing_into_it(slider: InvestmentSlider):
    picked: list[object] = []
    slider.picked.connect(picked.append)
    slider.show_amount(Decimal(475))
    assert slider.value() == 250
    slider.show_amount(None)
    slider.show_amount(Decimal(10**9))
    assert slider.value() == STEPS
    slider.show_amount(Decimal(-1))
    assert slider.value() == 0
    assert picked == []


def test_moving_the_slider_by_key_picks_exact_amounts(qtbot, slider: InvestmentSlider):
    picked: list[object] = []
    slider.picked.connect(picked.append)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert picked == [Decimal("19.00"), Decimal("1900.005")]
    assert slider.accessibleDescription() == "100 percent"


def test_with_nothing_free_the_slider_is_disabled(slider: InvestmentSlider):
    slider.set_maximum(Decimal(0), Decimal("0.01"))
    assert not slider.isEnabled()
    slider.show_amount(Decimal(5))
