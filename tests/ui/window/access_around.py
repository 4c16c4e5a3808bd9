"""A dialog opened from where somebody stood, tried with Enter and left with Esc: what that did to everything around it.

around = Around()
yield from around.dialog("add funds", window, button.click, opener=button, answer=desk.answer)
around.lost, around.entered, around.left      # sentences about what was not right
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QRadioButton,
    QWidget,
)
from shiboken6 import isValid

from rebalancer_gui.ui.help.desk import HelpDesk
from tests.ui.parts import settle

Screen = tuple[str, QWidget]
_FIELDS = (QLineEdit, QComboBox, QCheckBox, QRadioButton, QAbstractSlider)
BY_ENTER = {"presetNameDialog", "unlockDialog"}
"""Dialogs with one field, in which no money moves: Enter in the field does what the button does, and their own tests show it."""


def is_doing(button: QPushButton) -> bool:
    """Whether it is the button for which a dialog is there, and not one that only closes it."""
    return (button.property("kind") in {"main", "danger"} or "onfirm" in button.objectName()) and (
        "Close" not in button.objectName()
    )


@dataclass
class Around:
    """What dialogs did on opening and closing, as sentences."""

    lost: list[str] = field(default_factory=list)
    entered: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    opened: dict[str, type[QDialog]] = field(default_factory=dict)
    """Each dialog that was opened, by objectName."""
    asked: dict[str, str] = field(default_factory=dict)
    """The place of the guide that F1 asked for in each."""

    def dialog(
        self,
        name: str,
        top: QWidget,
        act: Callable[[], object],
        *,
        opener: QWidget | None = None,
        answer: Callable[[], object] = settle,
    ) -> Iterator[Screen]:
        """What ``act`` opens over ``top`` while ``opener`` (what has the focus where None) has the keyboard; closed again with
        Esc. ``answer`` lets the engine answer.
        """
        top.activateWindow()
        settle()
        stood = opener if opener is not None else top.focusWidget()
        assert stood is not None, f"{name}: nothing has the focus in {top.objectName()}"
        stood.setFocus(Qt.FocusReason.TabFocusReason)
        settle()
        assert QApplication.focusWidget() is stood, f"{name}: {stood.objectName()} does not take the focus"
        before = set(_dialogs())
        act()
        settle()
        answer()
        # A dialog of orders takes its height when its tables have theirs, and only then it is known whether it is scrolled.
        for _turn in range(4):
            settle()
        dialog = next((dialog for dialog in _dialogs() if dialog not in before), None)
        assert dialog is not None, f"{name} did not open"
        self.opened[dialog.objectName()] = type(dialog)
        start = cast("QWidget | None", dialog.focusWidget())
        if isinstance(start, QPushButton) and is_doing(start):
            self.entered.append(f"{name}: the focus is on {start.objectName()}, Enter presses it")
        yield name, dialog
        self._press_f1(dialog)
        done = _watch(dialog)
        self._press_enter(name, dialog, done)
        if start is not None and isValid(start) and isValid(dialog) and dialog.isVisible():
            start.setFocus(Qt.FocusReason.TabFocusReason)
        dialog.activateWindow()
        settle()
        only_says = isinstance(dialog, QMessageBox) and len(dialog.buttons()) == 1
        QTest.keyClick(cast("QWidget | None", dialog.focusWidget()) or dialog, Qt.Key.Key_Escape)
        settle()
        assert not isValid(dialog) or not dialog.isVisible(), f"Esc does not close {name}"
        self.left += [] if only_says else [f"{name}: Esc did {what}" for what in done]
        answer()
        # What a window manager does, and the offscreen platform does not: the window below is the active one again.
        top.activateWindow()
        settle()
        at = QApplication.focusWidget()
        if at is not stood:
            where = at.objectName() or type(at).__name__ if isinstance(at, QWidget) else "nothing"
            self.lost.append(f"{name}: opened from {stood.objectName()}, left to {where}")

    def _press_f1(self, dialog: QDialog) -> None:
        """Where the guide would open; the guide itself has none."""
        places: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(HelpDesk, "open", lambda _desk, place: places.append(place))
            QTest.keyClick(cast("QWidget | None", dialog.focusWidget()) or dialog, Qt.Key.Key_F1)
        if places:
            self.asked[dialog.objectName()] = places[0]

    def _press_enter(self, name: str, dialog: QDialog, done: list[str]) -> None:
        """In every field of the dialog that takes the keyboard."""
        if dialog.objectName() in BY_ENTER:
            return
        for one in dialog.findChildren(QWidget):
            if not isinstance(one, _FIELDS) or one.window() is not dialog or not _takes_keys(one):
                continue
            one.setFocus(Qt.FocusReason.TabFocusReason)
            QTest.keyClick(one, Qt.Key.Key_Return)
            if not isValid(dialog) or not dialog.isVisible():
                self.entered.append(f"{name}: Enter in a field closed it")
                return
        settle()
        if done:
            self.entered.append(f"{name}: Enter in a field did {', '.join(sorted(set(done)))}")
        done.clear()


def _dialogs() -> list[QDialog]:
    return [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QDialog) and widget.isVisible()]


def _takes_keys(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def _watch(dialog: QDialog) -> list[str]:
    """Fills with the names of what is pressed from now on of the buttons that do something, and "accept"."""
    done: list[str] = []
    dialog.accepted.connect(lambda: done.append("accept"))
    for button in dialog.findChildren(QAbstractButton):
        if isinstance(button, QPushButton) and is_doing(button):
            button.clicked.connect(partial(_note, done, button.objectName()))
    return done


def _note(done: list[str], name: str, _checked: bool = False) -> None:
    done.append(name)
