"""Strategies that wait or are over, and the total row, as the window shows them."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QTableView, QWidget

from rebalancer_gui.application import events as e
from rebalancer_gui.domain.strategy import Direction, State
from tests.ui.sample_account import wait_for_trigger
from tests.ui.window.conftest import in_window


def text_of(desk, name: str) -> str:
    label: QLabel = desk.find(QLabel, name)
    return label.text()


def test_the_total_row_is_no_strategy_for_the_mouse_and_the_keyboard(desk):
    table = desk.find(QTableView, "strategiesTable")
    last = table.model().index(4, 0)
    assert last.data() == "Total"
    total = desk.find(QTableView, "strategiesTotal")
    desk.qtbot.mouseClick(total.viewport(), Qt.MouseButton.LeftButton, pos=total.visualRect(last).center())
    assert desk.window.strategies.chosen() == "s-core4"
    desk.qtbot.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    for _ in range(6):
        desk.qtbot.keyClick(table, Qt.Key.Key_Down)
    assert desk.window.strategies.chosen() == "s-alt"
    assert text_of(desk, "detailsName") == "Alt dip"


@pytest.mark.parametrize("size", ((1280, 800), (1024, 700)))
@pytest.mark.parametrize("count", (4, 20))
def test_the_total_stays_in_sight_under_the_rows_that_scroll(open_desk, size, count):
    desk = open_desk(size=size)
    first = desk.account.strategies[0]
    while len(desk.account.strategies) < count:
        number = len(desk.account.strategies)
        parameters = replace(first.parameters, name=f"Number {number}")
        desk.account.strategies.append(replace(first, id=f"s-{number}", parameters=parameters))
    desk.start()
    table, total = desk.find(QTableView, "strategiesTable"), desk.find(QTableView, "strategiesTotal")
    last = table.model().index(count, 0)
    assert (last.data(), table.isRowHidden(count), total.isRowHidden(0)) == ("Total", True, True)
    shown = total.viewport().rect()
    assert shown.contains(total.visualRect(last).adjusted(0, 0, 0, -1))
    assert total.isVisible()
    assert in_window(desk.window, total).bottom() <= in_window(desk.window, desk.window.strategies).bottom()
    table.verticalScrollBar().setValue(table.verticalScrollBar().maximum())
    assert shown.contains(total.visualRect(last).adjusted(0, 0, 0, -1))


def test_the_columns_of_the_total_are_those_of_the_table(desk):
    table, total = desk.find(QTableView, "strategiesTable"), desk.find(QTableView, "strategiesTotal")
    view = desk.window.strategies.table
    view.show_column("profit", shown=False)
    view.widen_for(table.model().column_of("value"), 140)
    QApplication.processEvents()
    desk.window.resize(1100, 800)
    QApplication.processEvents()
    columns = range(table.model().columnCount())
    assert [total.columnWidth(i) for i in columns] == [table.columnWidth(i) for i in columns]
    assert [total.isColumnHidden(i) for i in columns] == [table.isColumnHidden(i) for i in columns]
    view.show_column("profit", shown=True)
    QApplication.processEvents()
    assert [total.isColumnHidden(i) for i in columns] == [table.isColumnHidden(i) for i in columns]


def test_without_a_total_there_is_no_row_for_it(desk):
    total = desk.find(QTableView, "strategiesTotal")
    assert total.isVisible()
    desk.account.strategies = desk.account.strategies[:1]
    desk.update()
    assert not total.isVisible()


def test_a_waiting_strategy_is_listed_and_told_in_the_details(desk):
    wait_for_trigger(desk.account.strategies[3], "SOL/USDT", "140", Direction.FALLING)
    desk.find(QComboBox, "strategiesFilter").setCurrentText("Waiting")
    desk.update()
    assert [row[0] for row in desk.texts("strategiesTable")] == ["Alt dip"]
    desk.choose("s-alt")
    assert text_of(desk, "detailsState") == "Waiting"
    assert desk.find(QLabel, "detailsState").parentWidget().toolTip().count("Waiting for trigger SOL/USDT") == 1
    assert text_of(desk, "detailsValue") == "600.00\u00a0USDT"
    assert text_of(desk, "driftSentence") == "Waits until SOL ≤ 140.00: nothing is bought before."


def test_an_ended_strategy_keeps_its_final_profit_in_the_title(desk):
    strategy = desk.account.strategies[0]
    strategy.state, strategy.reason = State.ENDED, "take-profit"
    desk.update()
    desk.choose("s-core4")
    assert text_of(desk, "detailsProfit").endswith("%)")
    assert "Final profit" in desk.find(QLabel, "detailsProfit").toolTip()
    assert text_of(desk, "driftSentence") == "Ended: take-profit."


def test_one_that_ended_before_the_start_keeps_its_figures_though_it_holds_nothing_to_list(desk):
    desk.account.strategies[0].state = State.ENDED
    view = desk.account.view()
    over = replace(view.strategies[0], snapshot=None, reason="stopped by the user")
    desk.feed.take(e.AccountChanged(replace(view, strategies=(over, *view.strategies[1:]))))
    desk.window.strategies.choose(over.id)
    desk.draw()
    assert desk.texts("ratiosTable") == []
    figures = desk.find(QLabel, "keyFigures")
    assert figures.isVisible()
    assert "Fees" in figures.text()
    assert not desk.find(QWidget, "currentWeightsBar").isVisible(), "empty bars say nothing"
