import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit

from rebalancer_gui.ui.widgets.buttons import ButtonKind, push_button
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
