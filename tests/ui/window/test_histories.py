"""Histories: read page by page, kept in place while they grow, copied and exported exactly."""

import csv
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QTableView, QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.application.records import OrderRow
from rebalancer_gui.domain.planning import MINIMUM_VALUE_MESSAGE
from rebalancer_gui.domain.triggers import RebalanceReason
from rebalancer_gui.ui.monitor.history_view import KEPT_AT_TOP, PAGE


def many_orders(desk, count: int) -> None:
    """``count`` orders of Core 4 in the store, newest first."""
    history = desk.engine.history
    template = next(row for row in history.orders if row.strategy_id == "s-core4")
    start = template.at - timedelta(days=400)
    rows: list[OrderRow] = []
    for number in range(count):
        key = history.next_key()
        rows.append(replace(template, key=key, at=start + timedelta(minutes=number), client_order_id=f"rb{key:016d}"))
    history.orders[:] = list(reversed(rows))


def test_rows_are_asked_for_only_when_their_tab_is_opened(desk):
    assert not desk.taken(c.LoadHistory)
    desk.tab("orders")
    (asked,) = desk.taken(c.LoadHistory)
    assert (asked.strategy_id, asked.before, asked.limit) == ("s-core4", None, PAGE)


def test_an_order_is_told_with_average_cost_and_fee(desk):
    desk.tab("orders")
    table = desk.find(QTableView, "ordersTable")
    headers = [table.model().headerData(i, Qt.Orientation.Horizontal) for i in range(table.model().columnCount())]
    row = dict(zip(headers, [table.model().index(0, i).data() for i in range(len(headers))], strict=True))
    newest = next(order for order in desk.engine.history.orders if order.strategy_id == "s-core4")
    assert row["Order"] in {f"Buy {newest.symbol}", f"Sell {newest.symbol}"}
    assert row["Type"] == "Limit IOC"
    assert row["State"] == "Filled"
    assert row["Fee"].endswith(newest.fees[0][0])


def test_older_orders_come_as_one_scrolls_down_until_there_are_no_more(desk):
    many_orders(desk, 1200)
    desk.tab("orders")
    table = desk.find(QTableView, "ordersTable")
    assert table.model().rowCount() == PAGE
    assert "older ones come" in desk.find(QLabel, "ordersTableFoot").text()
    for expected in (1000, 1200):
        bar = table.verticalScrollBar()
        bar.setValue(bar.maximum())
        desk.answer()
        assert table.model().rowCount() == expected
    assert desk.find(QLabel, "ordersTableFoot").text() == "1,200 rows, all there are."
    keys = [row.key for row in desk.window.details.tabs.orders.model.rows]
    assert keys == sorted(keys, reverse=True)
    assert len(set(keys)) == 1200


def test_new_rows_do_not_move_what_is_being_read(desk):
    many_orders(desk, 400)
    desk.tab("orders")
    table = desk.find(QTableView, "ordersTable")
    table.verticalScrollBar().setValue(28 * 50)
    read = table.indexAt(QPoint(1, 1)).siblingAtColumn(11).data()
    desk.engine.trade(desk.account.strategies[0], RebalanceReason.NOW)
    desk.update()
    assert table.model().rowCount() == 404
    assert table.indexAt(QPoint(1, 1)).siblingAtColumn(11).data() == read
    table.verticalScrollBar().setValue(0)
    desk.engine.trade(desk.account.strategies[0], RebalanceReason.NOW)
    desk.update()
    assert table.verticalScrollBar().value() == 0, "at the top the newest rows are shown"


def test_a_long_jump_does_not_pile_up_rows_that_nobody_reads(desk):
    desk.tab("orders")
    template = desk.engine.history.orders[0]
    for number in range(KEPT_AT_TOP + 200):
        key = 1_000_000 + number
        row = replace(template, key=key, strategy_id="s-core4")
        desk.feed.take(e.OrderChanged("paper", row))
    desk.feed.flush()
    rows = desk.window.details.tabs.orders.model.rows
    assert len(rows) == PAGE
    assert rows[0].key == 1_000_000 + KEPT_AT_TOP + 199


def test_a_changed_row_replaces_the_one_on_screen(desk):
    desk.tab("journal")
    before = desk.texts("journalTable")
    entry = replace(desk.engine.history.journal[-1], strategy_id="s-core4", id="j-in-s-core4", count=10_000, key=0)
    known = next(row for row in desk.window.details.tabs.journal.model.rows if row.id == "j-in-s-core4")
    desk.feed.take(e.JournalChanged("paper", replace(entry, key=known.key, text=known.text, at=known.at)))
    desk.feed.flush()
    after = desk.texts("journalTable")
    assert len(after) == len(before)
    assert any("10000 x" in row for row in after)


def test_rows_of_another_strategy_or_account_are_not_shown(desk):
    desk.tab("orders")
    before = len(desk.texts("ordersTable"))
    row = desk.engine.history.orders[0]
    desk.feed.take(e.OrderChanged("paper", replace(row, key=9_000_001, strategy_id="s-bnb3")))
    desk.feed.take(e.OrderChanged("other", replace(row, key=9_000_002, strategy_id="s-core4")))
    desk.feed.flush()
    assert len(desk.texts("ordersTable")) == before


def test_choosing_another_strategy_loads_its_history(desk):
    desk.tab("transfers")
    assert "4,000.00" in desk.texts("transfersTable")[0]
    desk.choose("s-bnb3")
    desk.answer()
    assert "2,000.00" in desk.texts("transfersTable")[0]


def test_a_skipped_rebalance_says_why_per_coin_and_how_often(desk):
    desk.tab("rebalances")
    table = desk.find(QTableView, "rebalancesTable")
    table.selectRow(0)
    row = desk.texts("rebalancesTable")[0]
    assert "Skipped" in row
    assert "14" in row
    assert any(text.startswith(MINIMUM_VALUE_MESSAGE) for text in row)
    legs = desk.texts("rebalanceLegsTable")
    assert [leg[0] for leg in legs] == ["BTC", "ETH", "BNB", "SOL"]
    assert all("below minimum, 1.17 short" in leg for leg in legs)
    assert desk.find(QWidget, "rebalanceBanner").isVisible()


def test_a_rebalance_that_was_done_says_reached_against_target(desk):
    desk.tab("rebalances")
    desk.find(QTableView, "rebalancesTable").selectRow(1)
    legs = desk.texts("rebalanceLegsTable")
    assert [leg[5:7] for leg in legs] == [
        ["40.00", "40.00"],
        ["30.00", "30.00"],
        ["20.00", "20.00"],
        ["10.00", "10.00"],
    ]
    assert all("Filled" in leg for leg in legs)


def test_rows_are_copied_for_a_spreadsheet_with_plain_numbers(desk):
    desk.tab("orders")
    desk.find(QTableView, "ordersTable").selectRow(0)
    desk.press("ordersTableCopy")
    header, line = QGuiApplication.clipboard().text().split("\n")
    assert header.split("\t")[0] == "Time, UTC"
    cells = dict(zip(header.split("\t"), line.split("\t"), strict=True))
    assert cells["Time, UTC"].endswith("Z")
    assert Decimal(cells["Cost"]) == desk.window.details.tabs.orders.model.row_at(0).cost


def test_all_rows_are_exported_as_csv(desk, tmp_path):
    desk.tab("orders")
    target = tmp_path / "orders.csv"
    desk.window.details.tabs.orders.table.export_csv(target)
    with target.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert len(lines) == 1 + desk.window.details.tabs.orders.model.rowCount()


def test_an_empty_history_teaches_what_will_stand_there(desk):
    desk.engine.history.transfers.clear()
    desk.tab("transfers")
    assert "money moved into or out of" in desk.find(QLabel, "transfersTableFoot").text()


def test_what_was_missed_while_hidden_is_loaded_anew(desk):
    desk.tab("orders")
    before = len(desk.texts("ordersTable"))
    desk.window.hide()
    desk.engine.trade(desk.account.strategies[0], RebalanceReason.NOW)
    desk.update()
    desk.window.show()
    desk.answer()
    desk.answer()
    assert len(desk.texts("ordersTable")) == before + 4


@pytest.mark.parametrize("tab", ("orders", "rebalances", "fees", "transfers", "journal"))
def test_a_refused_question_is_told_at_the_foot(desk, tab):
    desk.engine._refuse = {c.LoadHistory: "The file could not be read."}
    desk.tab(tab)
    name = {"fees": "feesReturn"}.get(tab, tab)
    assert desk.find(QLabel, f"{name}TableFoot").text() == "The file could not be read."


def test_a_chosen_sentence_of_the_journal_is_read_whole_at_the_foot(desk):
    desk.tab("journal")
    desk.find(QTableView, "journalTable").selectRow(1)
    assert desk.find(QLabel, "journalTableFoot").text() == desk.texts("journalTable")[1][1]
    desk.update()
    assert desk.find(QLabel, "journalTableFoot").text() == desk.texts("journalTable")[1][1]
