"""Frames of the window: panels with a title row, hairlines, action rows, scrolled forms. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QTabWidget, QVBoxLayout, QWidget

from rebalancer_gui.ui.theme import repolish
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.form_area import FormArea
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextLabel, TextType

SIDE = 16
TITLE_HEIGHT = 40


class Panel(QFrame):
    """A surface with a thin outline. Put content into `body`; `title_row` is there when a title was given.

    `line`: a hairline under the title, for what begins with a table. The body has no margins of its own, so tables and action rows reach the panel's edge; forms set `SIDE`.
    """

    def __init__(
        self, title: str = "", *, line: bool = False, object_name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setObjectName(object_name)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.title_row = QHBoxLayout()
        self.title_label = ElidedLabel(title, TextType.TITLE, grows=False)
        if title:
            holder = QWidget(self)
            holder.setFixedHeight(TITLE_HEIGHT)
            self.title_row.setContentsMargins(SIDE, 0, 8, 0)
            self.title_row.setSpacing(10)
            self.title_row.addWidget(self.title_label)
            holder.setLayout(self.title_row)
            outer.addWidget(holder)
            if line:
                outer.addWidget(hairline())
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        outer.addLayout(self.body, 1)


class ActionRow(QFrame):
    """The row of buttons at a panel's or dialog's foot: `left` and `right` are layouts with a gap between them.

    `hint` is the text at its left: what is missing, or that all is ready.
    """

    def __init__(self, height: int = 48, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "actionRow")
        self.setFixedHeight(height)
        row = QHBoxLayout(self)
        row.setContentsMargins(SIDE, 0, SIDE, 0)
        row.setSpacing(8)
        self.left = QHBoxLayout()
        self.left.setSpacing(8)
        self.right = QHBoxLayout()
        self.right.setSpacing(8)
        row.addLayout(self.left)
        row.addStretch(1)
        row.addLayout(self.right)
        self._parts = row

    def give_left_the_rest(self) -> None:
        """The left side takes what the buttons leave: for a sentence that may need two lines."""
        self._parts.setStretch(0, 1)
        self._parts.setStretch(1, 0)


def above_foot(window: QWidget, content: QWidget | QLayout, *below: QWidget) -> None:
    """Lay out a dialog: its content, which takes all the room there is, and under it what stays, such as an ActionRow."""
    outer = QVBoxLayout(window)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.setSpacing(0)
    if isinstance(content, QLayout):
        outer.addLayout(content, 1)
    else:
        outer.addWidget(content, 1)
    for widget in below:
        outer.addWidget(widget)


def hairline(parent: QWidget | None = None) -> QFrame:
    """A line of one pixel across its layout."""
    line = QFrame(parent)
    line.setProperty("role", "hairline")
    line.setFixedHeight(1)
    return line


def form_scroll_area(content: QWidget, object_name: str = "", accessible_name: str = "") -> FormArea:
    """See ``FormArea``: with a name the keyboard can scroll it."""
    return FormArea(content, object_name, accessible_name)


def tab_widget(
    object_name: str, accessible_name: str, *, expanding: bool = False, parent: QWidget | None = None
) -> QTabWidget:
    """Tabs with an accent line under the chosen one. `expanding`: 40 px high and over the whole width, else 36 px
    and begun 8 px further in.
    """
    tabs = QTabWidget(parent)
    tabs.setObjectName(object_name)
    tabs.setAccessibleName(accessible_name)
    tabs.setDocumentMode(True)
    bar = tabs.tabBar()
    stop_at_bar(tabs)
    # In document mode Fusion draws a line of its own above the tabs, bright in the dark theme.
    bar.setDrawBase(False)
    bar.setExpanding(expanding)
    bar.setElideMode(Qt.TextElideMode.ElideNone)
    bar.setUsesScrollButtons(not expanding)
    if expanding:
        bar.setProperty("tall", "true")
        repolish(bar)
    else:
        tabs.setProperty("role", "indented")
    return tabs


def stop_at_bar(tabs: QTabWidget) -> None:
    """Tab stops at the bar only. Otherwise the widget around it is a stop too, one that leads back to the bar: with something to
    press between the two in the order (a banner over the tabs) Tab would go round there for ever.
    """
    tabs.setFocusProxy(None)  # type: ignore[arg-type]
    tabs.setFocusPolicy(Qt.FocusPolicy.NoFocus)


def caption(text: str) -> TextLabel:
    """The small label over or beside a field."""
    return TextLabel(text, TextType.SMALL, Ink.TEXT2)
