"""What several strategies come to, and the rows that say so."""

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from rebalancer_gui.domain.strategy import Direction, State
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.strategies_model import StrategiesModel, StrategyCells, TotalCells
from rebalancer_gui.ui.models.totals import total_rows
from tests.ui.fake_engine import FakeEngine
from tests.ui.sample_account import wait_for_trigger

NUMBERS = NumberFormat()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(lambda event: None)


@pytest.fixture
def views(engine):
    return list(engine.account.view().strategies)


def test_the_total_adds_up_what_is_not_over(views):
    ended = replace(views[3], state=State.ENDED)
    (row,) = total_rows([*views[:3], ended])
    assert (row.quote, row.count, row.over, row.mixed, row.several) == ("USDT", 3, False, True, False)
    assert row.invested == Decimal(7500)
    assert row.value == sum(view.score.value for view in views[:3])
    assert row.profit == row.value - 7500
    assert row.profit_percent == row.profit * 100 / 7500
    hodl = sum(view.score.hodl_value for view in views[:3])
    assert row.versus_hodl == (row.value / hodl - 1) * 100


def test_where_all_are_over_their_final_figures_are_added_up(views):
    over = [replace(view, state=State.ENDED, score=replace(view.score, net_invested=Decimal(-9))) for view in views]
    (row,) = total_rows(over)
    assert row.over
    assert row.invested == Decimal(8100), "everything that was put in: it was all taken out again"


def test_what_has_no_price_is_left_out_of_the_value_and_named(views):
    first = replace(views[0], score=replace(views[0].score, value=None, profit=None), priced_part=Decimal(100))
    first = replace(first, unpriced=("ADA",))
    (row,) = total_rows([first, views[1]])
    assert (row.value, row.without) == (100 + views[1].score.value, ("ADA",))
    assert (row.profit, row.profit_percent, row.versus_hodl) == (None, None, None)
    assert first.parameters.name in row.reason
    cell = TotalCells(NUMBERS).value(row)
    assert (cell.raw, cell.tip) == (row.value, "Without ADA, which has no price.")
    assert cell.text == f"\u2265 {NUMBERS.fixed(row.value)}", "an amount without a coin does not pass for the whole"
    cell = StrategyCells(NUMBERS, CoinColours()).value(first)
    assert (cell.text, cell.spoken, cell.tip) == (
        "\u2265 100.00",
        "at least 100.00",
        "Without ADA, which has no price.",
    )


def test_one_strategy_is_its_own_total(views):
    assert total_rows(views[:1]) == ()
    assert total_rows([]) == ()
    assert total_rows([views[0], replace(views[1], state=State.ENDED)]) == ()


def test_money_of_two_kinds_is_not_added_up(views):
    other = [replace(view, parameters=replace(view.parameters, quote="USDC")) for view in views[2:]]
    rows = total_rows([*views[:2], *other])
    assert [(row.quote, row.count, row.several) for row in rows] == [("USDT", 2, True), ("USDC", 2, True)]


def test_a_value_that_is_not_known_leaves_the_total_unknown_and_says_whose(views):
    blind = replace(views[1], score=replace(views[1].score, value=None, profit=None))
    (row,) = total_rows([views[0], blind])
    assert (row.value, row.profit, row.versus_hodl) == (None, None, None)
    assert row.reason == "the value of BNB Chain 3 is not known"
    assert row.invested == Decimal(6000)


def test_reserved_money_counts_but_has_no_hodl_line_yet(engine):
    wait_for_trigger(engine.account.strategies[3], "SOL/USDT", "140", Direction.FALLING)
    views = engine.account.view().strategies
    (row,) = total_rows(views[2:])
    assert row.invested == Decimal(2100)
    assert row.value == views[2].score.value + 600
    assert row.versus_hodl == (views[2].score.value / views[2].score.hodl_value - 1) * 100
    (waiting,) = total_rows([views[3], replace(views[3], id="s-2")])
    assert (waiting.versus_hodl, waiting.reason) == (None, "nothing is bought yet")


# --------------------------------------------------------------------------------------------------------------- rows


def test_the_total_is_the_last_row_and_can_be_neither_chosen_nor_selected(qapp, views):
    model = StrategiesModel(NUMBERS, CoinColours())
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for count in (4, 1, 3, 0, 4):
        model.show_views(views[:count])
    assert model.rowCount() == 5
    last = model.index(4, 0)
    assert model.flags(last) == Qt.ItemFlag.NoItemFlags
    assert model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsSelectable
    texts = [model.index(4, column).data() for column in range(model.columnCount())]
    assert texts[:4] == ["Total", "4 strategies", "", "8,100.00"]
    assert texts[-1] == ""
    del tester


def test_a_waiting_strategy_says_for_what_and_that_its_money_is_reserved(qapp, engine):
    wait_for_trigger(engine.account.strategies[3], "SOL/USDT", "140", Direction.FALLING)
    model = StrategiesModel(NUMBERS, CoinColours())
    model.show_views([engine.account.view().strategies[3]])
    texts = [model.index(0, column).data() for column in range(2, model.columnCount())]
    assert texts == ["Waiting", "600.00", "reserved", "–", "–", "if SOL ≤ 140.00"]
    assert model.cell(0, model.column_of("status")).tip == "Waiting for trigger SOL/USDT <= 140 USDT"
    assert "600.00" in (model.cell(0, model.column_of("value")).tip or "")


def test_a_trigger_in_other_money_is_named_whole(qapp, engine):
    wait_for_trigger(engine.account.strategies[3], "ETH/BTC", "0.05", Direction.RISING)
    model = StrategiesModel(NUMBERS, CoinColours())
    model.show_views([engine.account.view().strategies[3]])
    assert model.cell(0, model.column_of("drift")).text == "if ETH/BTC ≥ 0.05"


def test_only_the_cells_of_a_total_that_changed_are_announced(qapp, engine):
    model = StrategiesModel(NUMBERS, CoinColours())
    model.show_views(engine.account.view().strategies)
    for row in range(model.rowCount()):
        model.cell(row, 0)
    changed: set[tuple[int, str]] = set()
    model.dataChanged.connect(
        lambda first, last: changed.update(
            (first.row(), model.columns[i].key) for i in range(first.column(), last.column() + 1)
        )
    )
    model.show_views(engine.account.view().strategies)
    assert changed == set()
    engine.account.prices["SOL"] *= Decimal("1.1")
    model.show_views(engine.account.view().strategies)
    assert {row for row, _ in changed} == {0, 4}
    assert {key for row, key in changed if row == 4} == {"value", "profit", "vs_hodl"}


def test_who_was_halted_before_its_trigger_was_reached_has_no_part_in_the_total_against_holding(views):
    score = replace(views[1].score, hodl_value=None, versus_hodl=None)
    never_began = replace(views[1], state=State.HALTED, started_at=None, score=score, rebalances=0)
    (row,) = total_rows([views[0], never_began])
    assert row.versus_hodl == views[0].score.versus_hodl
    drift = StrategyCells(NUMBERS, CoinColours()).drift(never_began)
    assert (drift.text, drift.tip) == ("\u2013", "it has bought nothing yet")
