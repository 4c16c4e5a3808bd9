"""Mode plate, status strip, labels, panels, empty states."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from rebalancer_gui.ui.tokens import LIGHT, Ink
from rebalancer_gui.ui.widgets.buttons import ButtonKind, push_button
from rebalancer_gui.ui.widgets.empty_state import EmptyState
from rebalancer_gui.ui.widgets.labels import ElidedLabel, StatusLabel, TextLabel
from rebalancer_gui.ui.widgets.mode_plate import Mode, ModeLine, ModePlate
from rebalancer_gui.ui.widgets.panel import ActionRow, Panel, form_scroll_area
from rebalancer_gui.ui.widgets.status_strip import StatusStrip
from tests.ui.parts import found, put, row_of, settle, shown_page


@pytest.fixture
def page(qtbot, qapp: QApplication) -> QWidget:
    return shown_page(qtbot, qapp)


def test_the_mode_is_seen_by_word_colour_and_line(qapp: QApplication, page: QWidget):
    plate, line = put(page, ModePlate()), put(page, ModeLine())
    assert (plate.objectName(), plate.text(), line.height()) == ("modePlate", "PAPER", 2)
    assert row_of(plate.grab().toImage(), 4)[8] == LIGHT.paper
    plate.set_mode(Mode.LIVE)
    line.set_mode(Mode.LIVE)
    assert (plate.text(), plate.mode, line.height()) == ("LIVE", Mode.LIVE, 3)
    assert "Real money" in plate.toolTip()
    assert row_of(plate.grab().toImage(), 4)[8] == LIGHT.live
    assert row_of(line.grab().toImage(), 1)[8] == LIGHT.live


def test_the_status_strip_shows_engine_and_status(page: QWidget):
    strip = put(page, StatusStrip())
    strip.set_engine("running", "running", Ink.GAIN)
    strip.set_status("Core 4 is within 5 %: nothing to do")
    strip.set_next_check("next check 14:32:10")
    strip.set_clock("14:32:08 UTC")
    assert found(strip, QLabel, "engineStateLabel").text() == "running"
    assert found(strip, QLabel, "statusText").text() == "Core 4 is within 5 %: nothing to do"
    assert strip.height() == 28


def test_the_tooltip_of_the_focused_control_stands_in_the_strip(qtbot, page: QWidget):
    strip = put(page, StatusStrip())
    strip.set_status("all is well")
    button = put(page, push_button("Preview", "previewButton", tip="Shows the orders"))
    other = put(page, QLineEdit())
    text = found(strip, QLabel, "statusText")
    other.setFocus()
    button.setFocus()
    qtbot.waitUntil(lambda: text.text() == "Shows the orders", timeout=2000)
    strip.set_status("something happened")
    assert text.text() == "Shows the orders"
    other.setFocus()
    qtbot.waitUntil(lambda: text.text() == "something happened", timeout=2000)


def test_a_control_that_was_clicked_leaves_the_strip_to_what_happened(qtbot, page: QWidget):
    strip = put(page, StatusStrip())
    strip.set_status("all is well")
    other = put(page, QLineEdit())
    button = put(page, push_button("Preview", "previewButton", tip="Shows the orders"))
    other.setFocus()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.hasFocus()
    assert found(strip, QLabel, "statusText").text() == "all is well"


def test_a_line_that_gives_way_keeps_its_whole_text(page: QWidget):
    label = put(page, ElidedLabel("a sentence that is far too long for the room there is", object_name="statusText"))
    label.setFixedWidth(80)
    settle()
    assert label.text() == label.toolTip() == "a sentence that is far too long for the room there is"
    label.setText("short")
    assert label.toolTip() == ""


def test_text_is_never_read_as_markup(page: QWidget):
    label = put(page, TextLabel("<b>x</b>"))
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_a_state_has_an_icon_and_a_word(page: QWidget):
    status = put(page, StatusLabel("running", "Running", Ink.GAIN, object_name="strategyState"))
    status.set_status("halted", "Halted", Ink.LOSS)
    assert (status.label.text(), status.label.property("ink")) == ("Halted", "loss")


def test_a_panel_draws_its_outline_and_its_children_do_not(page: QWidget):
    panel = put(page, Panel("Strategies", line=True))
    panel.body.addWidget(TextLabel("inside"))
    panel.body.addWidget(ActionRow())
    image = panel.grab().toImage()
    middle = row_of(image, image.height() // 3)
    assert (middle[0], middle[1], middle[-1]) == (LIGHT.border, LIGHT.surface, LIGHT.border)
    assert middle.count(LIGHT.border) == 2


def test_a_scrolled_form_keeps_the_panels_ground(page: QWidget):
    panel = put(page, Panel())
    panel.body.addWidget(form_scroll_area(QWidget(), "manualScroll"))
    image = panel.grab().toImage()
    assert set(row_of(image, image.height() // 2)[2:-2]) == {LIGHT.surface}


def test_an_empty_list_teaches_with_buttons(page: QWidget):
    button = push_button("Try a preset", "tryPresetButton", kind=ButtonKind.MAIN)
    state = put(page, EmptyState("No strategies yet", "Choose coins and weights.", [button]))
    assert button.isVisible()
    assert "No strategies yet" in [label.text() for label in state.findChildren(QLabel)]
