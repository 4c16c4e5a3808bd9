import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit

from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from tests.ui.parts import theme_of


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_the_button_with_the_focus_is_pressed_from_the_keyboard(qtbot, qapp, key: Qt.Key):
    theme_of(qapp)
    button = push_button("Resume trading", "confirmButton", kind=ButtonKind.MAIN)
    qtbot.addWidget(button)
    pressed: list[bool] = []
    button.clicked.connect(lambda: pressed.append(True))
    qtbot.keyClick(button, key)
    assert len(pressed) == 1


def test_enter_in_a_field_presses_no_button(qtbot, qapp):
    theme_of(qapp)
    dialog = QDialog()
    qtbot.addWidget(dialog)
    row = QHBoxLayout(dialog)
    field, button = QLineEdit(), push_button("Stop and sell", "confirmButton", kind=ButtonKind.DANGER)
    row.addWidget(field)
    row.addWidget(button)
    pressed: list[bool] = []
    button.clicked.connect(lambda: pressed.append(True))
    dialog.show()
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not pressed
    assert dialog.isVisible()


@pytest.fixture
def row(qtbot, qapp):
    """Three buttons and a field in a window: what is pressed, its neighbour, one that moves money."""
    theme_of(qapp)
    window = QDialog()
    qtbot.addWidget(window)
    box = QHBoxLayout(window)
    parts = (
        push_button("Refresh", "refreshButton"),
        push_button("Export", "exportButton"),
        push_button("Stop", "stopButton", kind=ButtonKind.DANGER),
        QLineEdit(),
    )
    for part in parts:
        box.addWidget(part)
    window.show()
    return window, parts


def test_a_button_that_waited_for_its_answer_has_the_keyboard_again(row):
    window, (refresh, export, *_others) = row
    refresh.setFocus()
    for button in (refresh, export):
        block(button, "It is being read.")
    assert window.focusWidget() not in {refresh, export}
    for button in (refresh, export):
        block(button, None)
    assert window.focusWidget() is refresh


def test_the_keyboard_stays_where_somebody_went_meanwhile(row):
    window, (refresh, export, *_others) = row
    refresh.setFocus()
    block(refresh, "It is being read.")
    assert window.focusWidget() is export
    window.focusNextChild()
    block(refresh, None)
    assert window.focusWidget() is not refresh


def test_the_keyboard_does_not_come_back_to_a_button_that_may_move_money_nor_away_from_a_field(row):
    window, (refresh, export, stop, field) = row
    stop.setFocus()
    block(stop, "Prices are missing.")
    assert window.focusWidget() is field
    block(stop, None)
    assert window.focusWidget() is field
    for button in (export, stop):
        block(button, "Not now.")
    refresh.setFocus()
    block(refresh, "It is being read.")
    assert window.focusWidget() is field
    block(refresh, None)
    assert window.focusWidget() is field
