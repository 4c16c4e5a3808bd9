"""How tests open a dialog in which money moves, type into it and read it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QPushButton, QTableView

from tests.ui.parts import found

NBSP = "\u00a0"


def opened(desk, button: str):
    desk.press(button)
    desk.answer()
    dialog = desk.dialog()
    assert dialog is not None
    return dialog


def put(desk, dialog, text: str) -> None:
    """Type an amount as a person does, and let the engine answer."""
    edit = found(dialog, QLineEdit, "amountEdit")
    edit.selectAll()
    desk.qtbot.keyClick(edit, Qt.Key.Key_Backspace)
    desk.qtbot.keyClicks(edit, text)
    desk.answer()


def text_of(dialog, name: str) -> str:
    return found(dialog, QLabel, name).text()


def rows(dialog, name: str) -> list[list[str]]:
    model = found(dialog, QTableView, name).model()
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def click_often(desk, button: QPushButton) -> None:
    """A click, a double click and one by a script: somebody who is impatient."""
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.qtbot.mouseDClick(button, Qt.MouseButton.LeftButton)
    button.click()
    # The button was disabled under the second press, which leaves the mouse down for every later test otherwise.
    desk.qtbot.mouseRelease(desk.window, Qt.MouseButton.LeftButton)
    assert QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton


def confirm_of(dialog) -> QPushButton:
    return found(dialog, QPushButton, "confirmButton")


def banner_of(dialog, name: str = "planBanner") -> str:
    banner = found(dialog, QFrame, name)
    return banner.accessibleName() if banner.isVisible() else ""
