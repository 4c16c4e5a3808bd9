"""Histories across all strategies, and Fees return: whose a row is, what was saved, where the switch stands."""

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QCheckBox, QLabel, QTableView

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.application.records import TransferKind, TransferRow
from rebalancer_gui.domain.triggers import RebalanceReason

TABS = (
    ("orders", "ordersTable", "allStrategiesCheckOrders"),
    ("rebalances", "rebalancesTable", "allStrategiesCheckRebalances"),
    ("fees", "feesReturnTable", "allStrategiesCheckFees"),
    ("transfers", "transfersTable", "allStrategiesCheckTransfers"),
    ("journal", "journalTable", "allStrategiesCheckJournal"),
)


def headers(desk, table_name: str) -> list[str]:
    table = desk.find(QTableView, table_name)
    model = table.model()
    return [
        str(model.headerData(i, Qt.Orientation.Horizontal))
        for i in range(model.columnCount())
        if not table.isColumnHidden(i)
    ]


def all_of(desk, check_name: str) -> None:
    desk.find(QCheckBox, check_name).click()
    desk.answer()


@pytest.mark.rule("8.8")
@pytest.mark.parametrize(("tab", "table", "check"), TABS)
def test_a_history_of_all_strategies_says_whose_each_row_is(desk, tab, table, check):
    desk.tab(tab)
    mine = len(desk.texts(table))
    assert "Strategy" not in headers(desk, table)
    all_of(desk, check)
    assert desk.taken(c.LoadHistory)[-1].strategy_id == ""
    rows = desk.texts(table)
    assert len(rows) > mine
    assert headers(desk, table)[:2] == ["Time, UTC", "Strategy"]
    assert {row[1] for row in rows} == {"Core 4", "BNB Chain 3", "DeFi basket", "Alt dip"}
    all_of(desk, check)
    assert len(desk.texts(table)) == mine
    assert "Strategy" not in headers(desk, table)


def test_rows_of_every_strategy_come_in_while_all_are_shown(desk):
    desk.tab("orders")
    all_of(desk, "allStrategiesCheckOrders")
    before = len(desk.texts("ordersTable"))
    desk.engine.trade(desk.account.strategies[1], RebalanceReason.NOW)
    desk.update()
    rows = desk.texts("ordersTable")
    assert len(rows) == before + 3
    assert [row[1] for row in rows[:3]] == ["BNB Chain 3"] * 3


def test_choosing_another_strategy_does_not_ask_for_all_rows_again(desk):
    desk.tab("orders")
    all_of(desk, "allStrategiesCheckOrders")
    asked = len(desk.taken(c.LoadHistory))
    desk.choose("s-bnb3")
    desk.answer()
    assert len(desk.taken(c.LoadHistory)) == asked
    all_of(desk, "allStrategiesCheckOrders")
    assert desk.taken(c.LoadHistory)[-1].strategy_id == "s-bnb3"


def test_what_belongs_to_no_strategy_is_the_accounts(desk):
    row = TransferRow(
        desk.engine.history.next_key(), desk.account.at, "", TransferKind.DEPOSIT, "BNB", Decimal(1), Decimal(885)
    )
    desk.engine.history.transfers.insert(0, row)
    desk.tab("transfers")
    assert "Deposit" not in {text[1] for text in desk.texts("transfersTable")}
    all_of(desk, "allStrategiesCheckTransfers")
    assert desk.texts("transfersTable")[0][1:5] == ["Account", "Deposit", "BNB", "1"]


def test_a_renamed_strategy_is_called_by_its_new_name_in_every_row(desk):
    desk.tab("orders")
    all_of(desk, "allStrategiesCheckOrders")
    strategy = desk.account.strategies[0]
    strategy.parameters = replace(strategy.parameters, name="Big four")
    desk.update()
    names = {row[1] for row in desk.texts("ordersTable")}
    assert "Big four" in names
    assert "Core 4" not in names


def test_the_legs_of_another_strategys_rebalance_are_shown_too(desk):
    desk.tab("rebalances")
    all_of(desk, "allStrategiesCheckRebalances")
    names = [row[1] for row in desk.texts("rebalancesTable")]
    desk.find(QTableView, "rebalancesTable").selectRow(names.index("DeFi basket"))
    assert [leg[0] for leg in desk.texts("rebalanceLegsTable")] == ["UNI", "AAVE", "LINK"]


@pytest.mark.parametrize("size", ((1280, 800), (1024, 700)))
def test_all_strategies_need_no_scrolling_sideways(open_desk, size):
    desk = open_desk(size=size)
    desk.start()
    for tab, table, check in TABS:
        desk.tab(tab)
        all_of(desk, check)
        shown = desk.find(QTableView, table)
        assert shown.horizontalScrollBar().maximum() == 0, tab
        assert headers(desk, table)[:2] == ["Time, UTC", "Strategy"], tab


# --------------------------------------------------------------------------------------------------------- fees return


@pytest.mark.rule("8.5", "8.6")
def test_a_fee_is_told_with_what_was_returned_paid_and_saved(desk):
    desk.tab("fees")
    table = desk.find(QTableView, "feesReturnTable")
    assert headers(desk, "feesReturnTable") == ["Time, UTC", "Trade", "Fee", "Refunded", "BNB paid", "Saved", "Note"]
    rows = [dict(zip(headers(desk, "feesReturnTable"), row, strict=True)) for row in desk.texts("feesReturnTable")]
    returned = next(row for row in rows if not row["Note"])
    refused = next(row for row in rows if row["Note"])
    assert returned["Fee"] == returned["Refunded"]
    assert Decimal(returned["BNB paid"]) > 0
    assert Decimal(returned["Saved"]) > 0
    assert (refused["Refunded"], refused["BNB paid"], refused["Saved"]) == ("–", "–", "–")
    assert "not enough BNB" in refused["Note"]
    first = table.model().index(0, 2)
    assert first.data(Qt.ItemDataRole.ToolTipRole).startswith("Trade t")


@pytest.mark.rule("8.3")
def test_under_the_fees_stands_whether_they_are_returned_and_where_that_is_switched(desk):
    desk.tab("fees")

    def words() -> str:
        label: QLabel = desk.find(QLabel, "feesReturnSwitchText")
        return label.text()

    assert words().startswith("Pay fees with BNB is off")
    assert "75 %" in words()
    assert "in Paper account" in words()
    desk.account.pay_fees_with_bnb = True
    desk.update()
    assert "no BNB in the free pool" in words()
    desk.account.coins["BNB"] = Decimal("0.5")
    desk.update()
    assert words().startswith("Pay fees with BNB is on")
    assert "0.5 BNB" in words()


def test_a_fee_that_was_just_booked_is_the_newest_row(desk):
    desk.tab("fees")
    before = len(desk.texts("feesReturnTable"))
    row = desk.engine.history.fee_of(desk.engine.history.orders[0], returned=True)
    desk.feed.take(e.FeeBooked("paper", replace(row, strategy_id="s-core4")))
    desk.feed.take(e.FeeBooked("paper", replace(row, key=row.key + 1, strategy_id="s-bnb3")))
    desk.feed.flush()
    assert len(desk.texts("feesReturnTable")) == before + 1
    assert desk.window.details.tabs.fees.model.row_at(0).key == row.key


def test_the_fees_model_is_sound_while_it_grows_and_copies_exact_amounts(desk):
    model = desk.window.details.tabs.fees.model
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    desk.tab("fees")
    all_of(desk, "allStrategiesCheckFees")
    all_of(desk, "allStrategiesCheckFees")
    del tester
    desk.find(QTableView, "feesReturnTable").selectRow(0)
    desk.press("feesReturnTableCopy")
    header, line = QGuiApplication.clipboard().text().split("\n")
    cells = dict(zip(header.split("\t"), line.split("\t"), strict=True))
    row = model.row_at(0)
    assert cells["Strategy"] == "Core 4"
    assert cells["Fee"] == f"{row.fee:f} {row.fee_asset}"


def test_a_long_note_is_read_whole_at_the_foot(desk):
    desk.tab("fees")
    rows = desk.texts("feesReturnTable")
    noted = next(i for i, row in enumerate(rows) if row[-1])
    plain = next(i for i, row in enumerate(rows) if not row[-1])
    table = desk.find(QTableView, "feesReturnTable")
    table.selectRow(noted)
    assert desk.find(QLabel, "feesReturnTableFoot").text() == rows[noted][-1]
    table.selectRow(plain)
    assert desk.find(QLabel, "feesReturnTableFoot").text().endswith("all there are.")
