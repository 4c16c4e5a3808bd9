"""In both themes a control of any kind shows that it has the keyboard: 3 : 1 against what it looks like without."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QRadioButton, QTreeWidget, QWidget

from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.widgets.buttons import ButtonKind, SegmentedButtons, icon_button, push_button, tool_button
from rebalancer_gui.ui.widgets.focus_ring import show_focus
from rebalancer_gui.ui.widgets.form import combo_box, line_edit
from rebalancer_gui.ui.widgets.form_area import FormArea
from rebalancer_gui.ui.widgets.investment_slider import InvestmentSlider
from rebalancer_gui.ui.widgets.key_splitter import KeySplitter
from rebalancer_gui.ui.widgets.panel import tab_widget
from tests.ui.parts import put, settle, shown_page, theme_of
from tests.ui.window.access_audit import LEAST_PIXELS, seen_pixels


def area() -> QWidget:
    content = QWidget()
    content.setMinimumHeight(2000)
    made = FormArea(content, "anArea", "A long text")
    made.setMinimumHeight(60)
    return made


def tabs(*, expanding: bool) -> QWidget:
    made = tab_widget("someTabs", "Some tabs", expanding=expanding)
    made.addTab(QWidget(), "One")
    made.addTab(QWidget(), "Two")
    return made


def ringed(view: QWidget) -> QWidget:
    view.setMinimumHeight(40)
    show_focus(view)
    return view


def splitter() -> QWidget:
    made = KeySplitter("aSplitter", "Height")
    for _ in range(2):
        made.addWidget(QWidget())
    made.setMinimumHeight(60)
    return made


MAKERS = {
    "button": lambda: push_button("Go", "go"),
    "compact button": lambda: push_button("Go", "go", compact=True),
    "main button": lambda: push_button("Create", "go", kind=ButtonKind.MAIN),
    "compact main button": lambda: push_button("Create", "go", kind=ButtonKind.MAIN, compact=True),
    "danger button": lambda: push_button("Stop", "go", kind=ButtonKind.DANGER),
    "icon button": lambda: icon_button("plus", "go", "Go"),
    "tool button": lambda: tool_button("plus", "go", "Go"),
    "segment": lambda: SegmentedButtons("some", "Some", (("a", "A"), ("b", "B"))),
    "field": lambda: line_edit("aField", "A field"),
    "tall field": lambda: line_edit("aField", "A field", tall=True),
    "combo box": lambda: combo_box("aCombo", "A choice", (("One", 1),)),
    "tall combo box": lambda: combo_box("aCombo", "A choice", (("One", 1),), tall=True),
    "check box": lambda: QCheckBox("Follow"),
    "radio button": lambda: QRadioButton("By time"),
    "slider": lambda: InvestmentSlider("aSlider", "Share"),
    "tabs": lambda: tabs(expanding=False),
    "tall tabs": lambda: tabs(expanding=True),
    "text": lambda: ringed(QPlainTextEdit("A line")),
    "tree": lambda: ringed(QTreeWidget()),
    "area that scrolls": area,
    "line that can be moved": splitter,
}


def focusable(part: QWidget) -> QWidget:
    """The control, or the part of it that takes the keyboard."""
    inside = part.findChildren(QWidget)
    tab = Qt.FocusPolicy.TabFocus
    return next(one for one in (part, *inside) if one.focusPolicy() & tab and one.isVisible() and one.isEnabled())


@pytest.mark.parametrize("scheme", (ColourScheme.LIGHT, ColourScheme.DARK))
def test_every_kind_of_control_shows_the_keyboard(qtbot, qapp, scheme):
    page = shown_page(qtbot, qapp)
    page.resize(600, 1400)
    theme_of(qapp, scheme)
    parts = {kind: put(page, make()) for kind, make in MAKERS.items()}
    page.activateWindow()
    # It begins without money that it could divide.
    parts["slider"].setEnabled(True)
    settle()
    seen = {}
    for kind, part in parts.items():
        control = focusable(part)
        control.setFocus(Qt.FocusReason.TabFocusReason)
        seen[kind] = seen_pixels(page, control)
    theme_of(qapp)
    assert {kind: pixels for kind, pixels in seen.items() if pixels < LEAST_PIXELS} == {}
