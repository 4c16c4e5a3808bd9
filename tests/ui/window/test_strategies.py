"""Strategies that wait or are over, and the total row, as the window shows them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QTableView

from rebalancer_gui.domain.strategy import Direction, State
from tests.ui.sample_account import wait_for_trigger


def text_of(desk, name: str) -> str:
    label: QLabel = desk.find(QLabel, name)
    return label.text()


def test_the_total_row_is_no_strategy_for_the_mouse_and_the_keyboard(desk):
    table = desk.find(QTableView, "strategiesTable")
    last = table.model().index(4, 0)
    assert last.data() == "Total"
    table.scrollTo(last)
    desk.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(last).center())
    assert desk.window.strategies.chosen() == "s-core4"
    desk.qtbot.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    for _ in range(6):
        desk.qtbot.keyClick(table, Qt.Key.Key_Down)
    assert desk.window.strategies.chosen() == "s-alt"
    assert text_of(desk, "detailsName") == "Alt dip"


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
