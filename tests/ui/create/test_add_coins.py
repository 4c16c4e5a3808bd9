"""The Add Coins dialog: search, tick with mouse or keys, say what cannot be added."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListView, QPushButton

from rebalancer_gui.ui.dialogs.coin_list_model import CoinListModel
from tests.ui.create.conftest import Desk
from tests.ui.parts import found

SENTENCE = (
    "USDT is the strategy's money, not a coin. To keep a cash share, add a dollar coin such as USDC, or invest less."
)


class Dialog:
    """The dialog's parts by their objectNames."""

    def __init__(self, desk: Desk) -> None:
        desk.find(QPushButton, "addCoinsButton").click()
        self.window = desk.dialog("addCoinsDialog")
        self.search = found(self.window, QLineEdit, "coinSearchEdit")
        self.list = found(self.window, QListView, "coinList")
        self.ok = found(self.window, QPushButton, "coinDialogOk")
        self.desk = desk

    @property
    def model(self) -> CoinListModel:
        model = self.list.model()
        assert isinstance(model, CoinListModel)
        return model

    @property
    def shown(self) -> list[str]:
        return [str(self.model.index(row).data()) for row in range(self.model.rowCount())]

    def message(self) -> str:
        label = found(self.window, QLabel, "coinDialogMessage")
        return label.text() if label.isVisible() else ""

    def type(self, text: str) -> None:
        self.search.setFocus()
        self.search.clear()
        self.desk.qtbot.keyClicks(self.search, text)

    def enter(self) -> None:
        self.desk.qtbot.keyClick(self.search, Qt.Key.Key_Return)


@pytest.fixture
def opened(desk: Desk) -> Callable[[], Dialog]:
    return lambda: Dialog(desk)


def test_typing_filters_by_ticker_and_by_name(opened):
    dialog = opened()
    assert len(dialog.shown) == 20
    dialog.type("card")
    assert dialog.shown == ["ADA"]
    dialog.type("ave")
    assert dialog.shown == ["AAVE"]


def test_ticked_coins_are_added_in_the_order_of_ticking(opened, desk: Desk):
    dialog = opened()
    for asset in ("SOL", "BTC"):
        dialog.type(asset)
        dialog.enter()
    assert dialog.ok.text() == "Add 2 coins"
    dialog.ok.click()
    assert desk.manual.draft.allocation.assets == ("SOL", "BTC")


def test_a_click_anywhere_in_the_row_ticks_it(opened, desk: Desk):
    dialog = opened()
    index = dialog.model.index(1)
    rect = dialog.list.visualRect(index)
    desk.qtbot.mouseClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert dialog.model.chosen == ("ADA",)
    desk.qtbot.mouseClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert dialog.model.chosen == ()


def test_the_dialog_works_without_a_mouse(opened, desk: Desk):
    dialog = opened()
    dialog.type("link")
    desk.qtbot.keyClick(dialog.search, Qt.Key.Key_Down)
    desk.qtbot.keyClick(dialog.list, Qt.Key.Key_Space)
    assert dialog.model.chosen == ("LINK",)
    desk.qtbot.keyClick(dialog.list, Qt.Key.Key_Return)
    assert dialog.model.chosen == ()
    assert dialog.window.isVisible()


def test_a_pasted_list_is_taken_at_once(opened):
    dialog = opened()
    dialog.search.setText("btc, eth;SOL")
    dialog.enter()
    assert dialog.model.chosen == ("BTC", "ETH", "SOL")
    assert dialog.search.text() == ""


@pytest.mark.rule("12.6")
def test_the_quote_asset_is_refused_in_the_specifications_words(opened):
    dialog = opened()
    dialog.type("usdt")
    assert dialog.message() == SENTENCE
    dialog.enter()
    assert dialog.model.chosen == ()
    assert dialog.message() == SENTENCE


@pytest.mark.rule("12.6")
def test_an_unknown_coin_is_refused_by_its_name(opened):
    dialog = opened()
    dialog.type("xyz9")
    assert "\u201cxyz9\u201d" in dialog.message()
    dialog.enter()
    assert dialog.message() == "XYZ9 cannot be traded in USDT on this account."


@pytest.mark.rule("12.6")
def test_a_coin_that_is_in_already_is_said_and_cannot_be_ticked_off(opened, desk: Desk):
    desk.add("BTC", "ETH")
    dialog = opened()
    dialog.type("BTC")
    dialog.enter()
    assert dialog.message() == "BTC is in the strategy already."
    index = dialog.model.index(0)
    assert index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    assert not dialog.model.setData(index, Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    assert "in the strategy already" in index.data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert not dialog.ok.isEnabled()


@pytest.mark.rule("12.6")
def test_more_than_ten_coins_cannot_be_added(opened, desk: Desk):
    desk.add("BTC", "ETH")
    dialog = opened()
    dialog.search.setText("ADA BNB SOL XRP DOGE DOT LTC LINK UNI")
    dialog.enter()
    assert not dialog.ok.isEnabled()
    assert dialog.ok.toolTip() == "11 coins: a strategy holds at most 10. Untick 1."
    dialog.model.setData(dialog.model.index(0), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    dialog.type("UNI")
    dialog.model.setData(dialog.model.index(0), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    assert dialog.ok.isEnabled()


def test_nothing_ticked_cannot_be_confirmed(opened):
    dialog = opened()
    assert not dialog.ok.isEnabled()
    assert dialog.ok.toolTip() == "Tick the coins to add."


def test_prices_and_smallest_orders_are_shown_and_kept_fresh(opened, desk: Desk):
    dialog = opened()
    dialog.type("BTC")
    before = dialog.model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert before == "BTC Bitcoin, price 96,418.20, smallest order 5.79"
    desk.engine.account.prices["BTC"] *= 2
    desk.update()
    assert "192,836.4" in dialog.model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert dialog.search.text() == "BTC"


def test_enter_in_the_search_field_never_closes_the_dialog(opened):
    dialog = opened()
    dialog.type("BTC")
    dialog.enter()
    dialog.enter()
    QApplication.processEvents()
    assert dialog.window.isVisible()


def test_cancel_changes_nothing(opened, desk: Desk):
    dialog = opened()
    dialog.type("BTC")
    dialog.enter()
    found(dialog.window, QPushButton, "coinDialogCancel").click()
    assert desk.manual.draft.allocation.assets == ()


def test_the_list_keeps_qts_rules(opened, desk: Desk):
    dialog = opened()
    QAbstractItemModelTester(dialog.model, QAbstractItemModelTester.FailureReportingMode.Fatal, desk.root)
    dialog.type("a")
    dialog.enter()
    dialog.type("")
    desk.update()
