"""What somebody who hears the window, or has no mouse, meets in it: the findings of one screen as sentences.

told = heard(root)                  # every control that can be acted on, as a screen reader gets it
faults(root) -> list of sentences   # names, descriptions, roles that are missing or twice there
walked(root) -> list of controls    # the Tab key pressed until it comes round
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QButtonGroup,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

from rebalancer_gui.ui.help.help_mark import HelpMark
from rebalancer_gui.ui.tokens import contrast
from tests.ui.parts import settle

CONTROLS = (
    QAbstractButton, QComboBox, QLineEdit, QAbstractSlider, QAbstractItemView, QAbstractSpinBox, QTabBar, QTextEdit,
    QPlainTextEdit,
)  # fmt: skip
_WITHIN = (QComboBox, QAbstractSpinBox, QTabBar, QAbstractItemView)
"""What stands in one of these is a part of it, and no control of its own."""
_LABELLED = (QLineEdit, QComboBox, QAbstractSpinBox, QTextEdit, QPlainTextEdit)
WITHOUT_LABEL = {
    # In the header and over lists and plots, where what is chosen says what it is.
    "accountCombo", "demoSpeedCombo", "strategiesFilter", "distributionCombo", "logLevelCombo", "sweepFigureCombo",
    # Beside an amount, a price or a level, whose label is that one's.
    "presetQuoteCombo", "quoteCombo", "triggerSymbolCombo", "stopLossBasisCombo", "takeProfitBasisCombo",
    # In a row that is read as a sentence, and the only field of a section, which has the section's name.
    "transferAssetCombo", "transferAmountEdit", "paperCoinCombo", "paperEventCombo", "investmentEdit",
    # A search says in itself what is searched.
    "coinSearchEdit", "settingsSearchEdit", "guideSearchEdit", "logSearchEdit",
    # What a window shows as a whole.
    "guideText", "logEntryText", "reportText",
}  # fmt: skip
"""Fields with no words of their own beside them: their accessible name says what they are."""
_ROW = 16
"""Pixels within which the tops of controls beside each other may differ."""
_LONGEST = 150
"""Steps of the Tab key after which a walk is given up."""


def controls(root: QWidget) -> Iterator[QWidget]:
    """Every control on screen in ``root``: also those that are disabled, which somebody wants to hear of."""
    for widget in root.findChildren(QWidget):
        if widget.window() is root and widget.isVisible() and _is_control(widget):
            yield widget


def _is_control(widget: QWidget) -> bool:
    if isinstance(widget, QScrollBar | QHeaderView) or widget.objectName().startswith("qt_"):
        return False
    if not isinstance(widget, CONTROLS):
        return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
    above = widget.parentWidget()
    if isinstance(above, QComboBox | QAbstractSpinBox):
        return False
    while above is not None and not above.isWindow():
        if isinstance(above, _WITHIN) and not widget.objectName():
            return False
        above = above.parentWidget()
    return True


def name_of(widget: QWidget) -> str:
    """What a screen reader calls it. Qt gives a combo box's text as its name: its own is its label's or what it was given."""
    interface = QAccessible.queryAccessibleInterface(widget)
    if isinstance(widget, QComboBox):
        return widget.accessibleName()
    return str(interface.text(QAccessible.Text.Name)).strip()


def description_of(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return str(interface.text(QAccessible.Text.Description)).strip()


def spot(widget: QWidget) -> str:
    """How a fault names a control."""
    return f"{type(widget).__name__} {widget.objectName() or '(no objectName)'}"


def faults(root: QWidget) -> list[str]:
    """What is wrong with the names and descriptions of this screen."""
    found: list[str] = []
    names: Counter[tuple[str, str]] = Counter()
    for widget in controls(root):
        name, described = name_of(widget), description_of(widget)
        interface = QAccessible.queryAccessibleInterface(widget)
        if not widget.objectName():
            found.append(f"{spot(widget)} {name!r} has no objectName")
        if not name:
            found.append(f"{spot(widget)} has no name")
        # Qt has no role for the area that scrolls a form: it is spoken of by its name.
        nothing = {QAccessible.Role.NoRole, QAccessible.Role.Client}
        if not isinstance(widget, QScrollArea) and interface.role() in nothing:
            found.append(f"{spot(widget)} has no role")
        if not widget.isEnabled() and not described and not _says_why_elsewhere(widget):
            found.append(f"{spot(widget)} {name!r} is disabled and does not say why")
        if widget.property("state") == "error" and not described:
            found.append(f"{spot(widget)} {name!r} is wrong and does not say why")
        if widget.isEnabled() and not _is_reachable(widget):
            found.append(f"{spot(widget)} {name!r} cannot be reached with the keyboard")
        if isinstance(widget, _LABELLED) and not _is_labelled(widget):
            found.append(f"{spot(widget)} {name!r} is not bound to its label")
        names[name, interface.role().name] += 1
    found += [f"{n} controls are called {name!r} ({role})" for (name, role), n in names.items() if name and n > 1]
    found += _letters_twice(root)
    return found


def _is_labelled(widget: QWidget) -> bool:
    """Whether a screen reader is led from the field to the words that stand beside it for it."""
    name = widget.objectName()
    if name in WITHOUT_LABEL or name.startswith("weightEdit"):
        return True
    interface = QAccessible.queryAccessibleInterface(widget)
    return bool(interface.relations(QAccessible.RelationFlag.Label))


def _says_why_elsewhere(widget: QWidget) -> bool:
    """A table or a slider that is empty has nothing that could be done."""
    return isinstance(widget, QAbstractItemView)


def _is_reachable(widget: QWidget) -> bool:
    """A table that only shows has its rows read by the screen reader; a question mark has F1; what a cross empties is
    emptied by deleting. Of buttons of which one is
    chosen Tab reaches that one, and the arrow keys the others.
    """
    if (
        isinstance(widget, QAbstractItemView | HelpMark)
        or widget.objectName().endswith("Clear")
        or widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ):
        return True
    if not isinstance(widget, QAbstractButton):
        return False
    group = cast("QButtonGroup | None", widget.group())
    above = widget.parentWidget()
    beside = group.buttons() if group is not None else above.findChildren(type(widget)) if above is not None else []
    return any(one.isChecked() and one.focusPolicy() & Qt.FocusPolicy.TabFocus for one in beside)


def _letters_twice(root: QWidget) -> Iterator[str]:
    """Alt and a letter does one thing only."""
    letters: Counter[str] = Counter()
    for widget in root.findChildren(QWidget):
        if widget.window() is root and widget.isVisible() and isinstance(widget, QAbstractButton | QLabel):
            text = widget.text().replace("&&", "")
            if isinstance(widget, QLabel) and widget.buddy() is None:
                continue
            if "&" in text[:-1]:
                letters[text[text.index("&") + 1].lower()] += 1
    yield from (f"Alt+{letter} stands for {count} controls" for letter, count in letters.items() if count > 1)


# ------------------------------------------------------------------------------------------------------- the Tab key


def reachable(root: QWidget) -> list[QWidget]:
    """What Tab has to visit; of radio buttons that stand together, the chosen one."""
    return [
        w
        for w in controls(root)
        if w.isEnabled()
        and w.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (isinstance(w, QRadioButton) and not w.isChecked())
    ]


def walked(
    root: QWidget, met: Callable[[QWidget | None, QWidget], object] = lambda before, at: None, *, back: bool = False
) -> list[QWidget]:
    """The controls that Tab (or Shift+Tab) visits, from the one with the focus until it comes to one a second time. ``met``
    is called at each with the one before it.
    """
    visited: list[QWidget] = []
    modifier = Qt.KeyboardModifier.ShiftModifier if back else Qt.KeyboardModifier.NoModifier
    for _ in range(_LONGEST):
        at = cast("QWidget | None", root.focusWidget()) or root
        if at in visited:
            break
        if at is not root:
            met(visited[-1] if visited else None, at)
            visited.append(at)
        QTest.keyClick(at, Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab, modifier)
        if QApplication.focusWidget() is not root.focusWidget():
            raise AssertionError(f"the focus left {root.objectName()} from {spot(at)}")
    settle()
    return visited


def place(root: QWidget, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(root, QPoint(0, 0)), widget.size())


def topmost(root: QWidget, there: Iterable[QWidget]) -> QWidget:
    """The control with which reading begins: after the last one Tab comes to it again."""
    return min(there, key=lambda control: (place(root, control).top() // _ROW, place(root, control).left()))


def against_the_eye(root: QWidget, before: QWidget, after: QWidget) -> str:
    """What is wrong with a step of the Tab key that goes up within a column, or left within a row; empty: nothing."""
    one, two = place(root, before), place(root, after)
    beside = min(one.bottom(), two.bottom()) - max(one.top(), two.top()) > min(one.height(), two.height()) // 2
    over = min(one.right(), two.right()) > max(one.left(), two.left())
    if (over and two.bottom() <= one.top() + 2) or (beside and two.right() <= one.left() + 2):
        return f"after {spot(before)} comes {spot(after)}, which stands before it"
    return ""


# ------------------------------------------------------------------------------------------------------ focus in sight

LEAST_CONTRAST = 3.0
LEAST_PIXELS = 40
"""So many pixels have to change, by so much contrast, where the focus comes: a caret alone, which blinks, has fewer."""


def kind_of(widget: QWidget) -> str:
    """Controls of one kind are drawn by the same rules of the style sheet."""
    bases = [kind.__name__ for kind in type(widget).__mro__ if kind.__module__.startswith("PySide6")]
    marks = (widget.property(name) for name in ("kind", "role", "square", "compact", "tall"))
    return " ".join([bases[0], *(str(mark) for mark in marks if mark), *(["checked"] if _is_checked(widget) else [])])


def _is_checked(widget: QWidget) -> bool:
    return isinstance(widget, QAbstractButton) and widget.isChecked()


def seen_pixels(root: QWidget, widget: QWidget) -> int:
    """How many pixels around the control, which has the focus, say so: their colour differs by 3 : 1 from what it is without."""
    room = place(root, widget).adjusted(-3, -3, 3, 3) & root.rect()
    with_focus = root.grab(room).toImage()
    widget.clearFocus()
    without = root.grab(room).toImage()
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    one, other = _pixels(with_focus), _pixels(without)
    rows, columns = np.nonzero(one != other)
    changed = Counter(zip(one[rows, columns].tolist(), other[rows, columns].tolist(), strict=True))
    return sum(
        count
        for (there, gone), count in changed.items()
        if contrast(QColor(there).name(), QColor(gone).name()) >= LEAST_CONTRAST
    )


def _pixels(image: QImage) -> NDArray[np.uint32]:
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(plain.constBits(), np.uint32).reshape(plain.height(), plain.width()).copy()
