"""The window as it is closed, hidden, resized and opened again."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QTableView, QTabWidget, QWidget

from rebalancer_gui.application import events as e
from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.window_state import WindowState, window_state
from tests.ui.sample_account import SampleAccount
from tests.ui.window.conftest import in_window


def text_of(desk, name: str) -> str:
    label: QLabel = desk.find(QLabel, name)
    return label.text()


# ------------------------------------------------------------------------------------------------------------- closing


def test_closing_with_running_strategies_asks_and_cancel_keeps_the_window(desk):
    closed = []
    desk.window.closing.connect(lambda: closed.append(True))
    desk.window.close()
    dialog = desk.dialog()
    assert dialog is not None
    assert dialog.objectName() == "closeQuestion"
    desk.press("closeQuestionCancel")
    assert desk.window.isVisible()
    assert not closed
    desk.window.close()
    desk.press("closeQuitButton")
    assert closed == [True]
    assert not desk.window.isVisible()


def test_closing_without_strategies_does_not_ask(open_desk):
    desk = open_desk(SampleAccount())
    desk.start()
    closed = []
    desk.window.closing.connect(lambda: closed.append(True))
    desk.window.close()
    assert closed == [True]


def test_a_hidden_window_draws_nothing_and_catches_up(desk):
    desk.window.hide()
    drawn: list[object] = []
    desk.feed.accountChanged.connect(drawn.append)
    for _ in range(3):
        desk.account.advance()
        desk.update()
    assert not drawn
    desk.window.show()
    desk.qtbot.waitUntil(lambda: bool(drawn))
    assert drawn == [desk.feed.view]


# --------------------------------------------------------------------------------------------------------- remembering


def test_sizes_tabs_filter_theme_and_choice_come_back(desk, open_desk):
    desk.window.resize(1111, 777)
    desk.window.details.show_tab("journal")
    desk.find(QComboBox, "strategiesFilter").setCurrentText("Running")
    desk.find(QTabWidget, "createTabs").setCurrentIndex(1)
    desk.choose("s-bnb3")
    desk.window.menu.schemeChosen.emit("dark")
    desk.window.close_without_asking()
    stored = desk.saved[-1].to_settings()
    again = open_desk(state=window_state(stored), size=(1111, 777))
    again.start()
    assert again.window.details.tab == "journal"
    assert again.find(QComboBox, "strategiesFilter").currentText() == "Running"
    assert again.find(QTabWidget, "createTabs").currentIndex() == 1
    assert again.window.strategies.chosen() == "s-bnb3"
    assert stored["theme"] == "dark"
    assert desk.saved[-1].geometry
    desk.theme.set_scheme(ColourScheme.LIGHT)


def test_the_account_that_was_shown_comes_back_unless_somebody_has_begun_with_another(desk, open_desk):
    first = desk.feed.view
    other = replace(first, account="second", title="Second", strategies=())
    desk.feed.take(e.AccountChanged(other))
    desk.window.header.account_combo.activated.emit(1)
    desk.draw()
    assert desk.saved[-1].account == "second"

    again = open_desk(state=window_state(desk.saved[-1].to_settings()))
    again.feed.prefer_account("second")
    again.start()
    again.feed.take(e.AccountChanged(other))
    assert again.feed.account == "second"

    busy = open_desk(state=window_state(desk.saved[-1].to_settings()))
    busy.feed.prefer_account("second")
    busy.start()
    with busy.qtbot.waitActive(busy.window):
        busy.window.activateWindow()
    busy.find(QComboBox, "strategiesFilter").setFocus()
    busy.feed.take(e.AccountChanged(other))
    assert busy.feed.account == first.account


def test_what_was_stored_and_makes_no_sense_is_left_at_its_default():
    nonsense = {
        "geometry": 7, "splitter": [1, "x"], "detail_tab": None, "create_tab": True, "filter": [], "theme": 3,
        "coin_slots": {"XRP": "5", "ADA": 6, 7: 8},
    }  # fmt: skip
    assert window_state(nonsense) == WindowState(coin_slots={"ADA": 6})
    assert window_state({}) == WindowState()


def test_a_window_opens_with_a_geometry_that_is_no_geometry(open_desk):
    desk = open_desk(state=WindowState(geometry="not base64 ü", detail_tab="nonsense", filter="?", create_tab=99))
    desk.start()
    assert desk.window.width() >= 1024


# --------------------------------------------------------------------------------------------------------------- sizes


@pytest.mark.parametrize("size", ((1280, 800), (1024, 700)))
def test_nothing_stands_outside_the_window_or_on_something_else(open_desk, size):
    desk = open_desk(size=size)
    desk.start()
    desk.qtbot.waitUntil(lambda: (desk.window.width(), desk.window.height()) == size)
    ground = desk.window.rect()
    names = ("accountCombo", "modePlate", "stopAllButton", "menuButton", "demoJumpButton", "strategiesTable",
             "ratiosTable", "rebalanceNowButton", "pauseButton", "stopButton", "createTabs", "statusText")  # fmt: skip
    places = {name: in_window(desk.window, desk.find(QWidget, name)) for name in names}
    for name, place in places.items():
        assert ground.contains(place), f"{name} at {place} leaves {ground}"
    ordered = list(places.items())
    for i, (name, place) in enumerate(ordered):
        for other_name, other in ordered[i + 1 :]:
            assert not place.intersects(other), f"{name} covers {other_name}"


@pytest.mark.parametrize("size", ((1280, 800), (1024, 700)))
def test_no_figure_of_the_ratios_is_cut(open_desk, size):
    desk = open_desk(size=size)
    desk.start()
    table = desk.find(QTableView, "ratiosTable")
    assert table.horizontalScrollBar().maximum() == 0
    metrics = table.fontMetrics()
    for row in range(table.model().rowCount()):
        for column in range(table.model().columnCount() - 1):
            if table.isColumnHidden(column):
                continue
            text = str(table.model().index(row, column).data())
            assert metrics.horizontalAdvance(text) <= table.columnWidth(column) - 8, text


def test_on_a_narrow_window_invested_and_vs_hodl_give_way(open_desk):
    desk = open_desk(size=(1024, 700))
    desk.start()
    table = desk.find(QTableView, "strategiesTable")
    headers = [
        table.model().headerData(i, Qt.Orientation.Horizontal)
        for i in range(table.model().columnCount())
        if not table.isColumnHidden(i)
    ]
    assert headers == ["Name", "Coins", "Status", "Value", "Profit", "Worst drift, pp"]
    assert "Net invested" in desk.window.details.tabs.ratios.summary()


def test_both_colour_schemes_can_be_chosen_in_the_menu(desk):
    desk.window.menu.schemeChosen.emit("dark")
    assert desk.theme.tokens.is_dark
    assert desk.saved[-1].theme == "dark"
    desk.window.menu.schemeChosen.emit("light")
    assert not desk.theme.tokens.is_dark
