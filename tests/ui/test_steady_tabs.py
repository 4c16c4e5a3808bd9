"""Tabs are laid out anew where their page needs more room, and not painted as a whole where it does not."""

import pytest
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from rebalancer_gui.ui.widgets.steady_tabs import SteadyTabs


class Counted(QWidget):
    """How often it was painted."""

    painted = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted += 1


class Page(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.figure, self.other = QLabel("1"), Counted()
        column = QVBoxLayout(self)
        column.addWidget(self.figure)
        column.addWidget(self.other, 1)
        self.figure.setMinimumWidth(10)


@pytest.fixture
def tabs(qtbot) -> SteadyTabs:
    return SteadyTabs()


@pytest.fixture
def page(qtbot, tabs: SteadyTabs) -> Page:
    page = Page()
    tabs.addTab(page, "Page")
    tabs.resize(300, 200)
    qtbot.addWidget(tabs)
    with qtbot.waitExposed(tabs):
        tabs.show()
    page.figure.setText("22")
    qtbot.wait(50)
    page.other.painted = 0
    return page


def test_a_figure_that_becomes_wider_leaves_the_rest_of_the_page_unpainted(page: Page, qtbot):
    for text in ("333", "4444", "55555"):
        page.figure.setText(text)
        qtbot.wait(20)
    assert page.figure.text() == "55555"
    assert page.other.painted == 0


def test_a_page_that_needs_more_room_gets_it(page: Page, tabs: SteadyTabs, qtbot):
    before = tabs.minimumSizeHint()
    page.figure.setMinimumSize(400, 60)
    qtbot.waitUntil(lambda: tabs.minimumSizeHint().width() > max(before.width(), 399))
    qtbot.waitUntil(lambda: page.figure.height() >= 60)


def test_a_tab_with_a_longer_name_gets_its_room(page: Page, tabs: SteadyTabs, qtbot):
    tabs.setTabText(0, "Page with a longer name")
    qtbot.wait(20)
    assert page.isVisible()
    assert tabs.tabBar().width() >= tabs.tabBar().sizeHint().width()
