"""The models of the monitor side: sound for Qt, and true to what the engine told."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from rebalancer_gui.domain.market import Quote, QuoteFault
from rebalancer_gui.domain.money import HUNDRED, total
from rebalancer_gui.domain.strategy import State, TimeRule
from rebalancer_gui.domain.valuation import Snapshot
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.history_model import (
    journal_columns,
    order_columns,
    rebalance_columns,
    rebalance_words,
    transfer_columns,
)
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.models.legs_model import leg_columns, leg_rows
from rebalancer_gui.ui.models.ratios_model import RatiosModel, RowKind, ratio_rows
from rebalancer_gui.ui.models.strategies_model import StrategiesModel, StrategyFilter
from rebalancer_gui.ui.tokens import Ink
from tests.ui.fake_engine import FakeEngine
from tests.ui.sample_market import market_rules

NUMBERS = NumberFormat()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(lambda event: None)


def watched(model):
    """Every signal of ``model`` is checked from now on; a fault fails the test."""
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)


# --------------------------------------------------------------------------------------------------------- strategies


def test_the_strategies_model_stays_sound_while_strategies_come_move_and_go(qapp, engine):
    model = StrategiesModel(NUMBERS, CoinColours())
    tester = watched(model)
    views = list(engine.account.view().strategies)
    for rows in (views, views[2:], [views[3], *views[:2]], views[::-1], [], views):
        model.set_rows(rows)
        assert model.rowCount() == len(rows)
    del tester


def test_only_changed_cells_are_announced(qapp, engine):
    model = StrategiesModel(NUMBERS, CoinColours())
    model.set_rows(engine.account.view().strategies)
    for row in range(model.rowCount()):
        model.cell(row, 0)
    changed: set[tuple[int, str]] = set()
    model.dataChanged.connect(
        lambda first, last: changed.update(
            (first.row(), model.columns[i].key) for i in range(first.column(), last.column() + 1)
        )
    )
    model.set_rows(engine.account.view().strategies)
    assert changed == set(), "a new snapshot with the same figures shows nothing new"
    engine.account.prices["SOL"] *= Decimal("1.1")
    model.set_rows(engine.account.view().strategies)
    assert {row for row, _ in changed} == {0}, "only Core 4 holds SOL"
    assert {key for _, key in changed} <= {"value", "profit", "vs_hodl", "drift"}


def test_a_missing_price_is_a_dash_that_says_why(qapp, engine):
    view = engine.account.view().strategies[0]
    assert view.snapshot is not None
    blind = replace(view, snapshot=without_price(view.snapshot, "BTC"), score=replace(view.score, value=None))
    model = StrategiesModel(NUMBERS, CoinColours())
    model.set_rows([blind])
    cell = model.cell(0, model.column_of("value"))
    assert cell.text == "–"
    assert cell.tip == "BTC: no price"
    assert "BTC: no price" in model.cell(0, model.column_of("drift")).text


def without_price(snapshot: Snapshot, asset: str) -> Snapshot:
    rows = tuple(
        replace(row, quote=None, fault=QuoteFault.MISSING, value=None, weight=None, drift=None)
        if row.asset == asset
        else replace(row, weight=None, drift=None)
        for row in snapshot.holdings
    )
    return replace(snapshot, holdings=rows, total=None)


@pytest.mark.parametrize(
    ("state", "listed"),
    (
        (State.WAITING, {StrategyFilter.ALL, StrategyFilter.WAITING}),
        (State.BUILDING, {StrategyFilter.ALL, StrategyFilter.RUNNING}),
        (State.RUNNING, {StrategyFilter.ALL, StrategyFilter.RUNNING}),
        (State.PAUSED, {StrategyFilter.ALL, StrategyFilter.RUNNING}),
        (State.HALTED, {StrategyFilter.ALL, StrategyFilter.RUNNING}),
        (State.STOPPING, {StrategyFilter.ALL, StrategyFilter.RUNNING}),
        (State.ENDED, {StrategyFilter.ALL, StrategyFilter.ENDED}),
    ),
)
def test_each_state_is_listed_under_its_filter(engine, state, listed):
    view = replace(engine.account.view().strategies[0], state=state)
    assert {choice for choice in StrategyFilter if choice.lets_through(view)} == listed


# ------------------------------------------------------------------------------------------------------------- ratios


def test_weights_of_coins_and_cash_add_up_to_a_hundred_and_values_to_the_total(engine):
    view = engine.account.view().strategies[0]
    rows = ratio_rows(view, market_rules(), CoinColours())
    parts = [row for row in rows if row.kind is not RowKind.TOTAL]
    (whole,) = (row for row in rows if row.kind is RowKind.TOTAL)
    assert abs(total(row.current for row in parts if row.current is not None) - HUNDRED) < Decimal("1e-20")
    assert abs(total(row.value for row in parts if row.value is not None) - (whole.value or 0)) < Decimal("1e-20")
    assert whole.target == HUNDRED


def test_the_ratios_model_stays_sound_between_strategies(qapp, engine):
    model = RatiosModel(NUMBERS, CoinColours())
    tester = watched(model)
    views = engine.account.view().strategies
    for view in (views[0], views[1], None, views[2], views[0]):
        model.show_view(view, market_rules())
    assert model.rowCount() == 6
    del tester


def test_the_headers_name_the_money_and_the_threshold(qapp, engine):
    model = RatiosModel(NUMBERS, CoinColours())
    views = engine.account.view().strategies

    def headers() -> list[object]:
        return [model.headerData(i, Qt.Orientation.Horizontal) for i in range(model.columnCount())]

    model.show_view(views[0], market_rules())
    assert headers()[2:5] == ["Price, USDT", "Avg. cost, USDT", "Value, USDT"]
    assert headers()[-1] == "Drift, pp (marks: threshold ±5)"
    assert isinstance(views[1].parameters.rule, TimeRule)
    model.show_view(views[1], market_rules())
    assert headers()[-1] == "Drift, pp"


def test_an_old_price_is_grey_with_its_age_and_the_drift_says_why_it_is_unknown(qapp, engine):
    view = engine.account.view().strategies[0]
    assert view.snapshot is not None
    old = view.snapshot.holdings[0]
    assert old.quote is not None
    stale: Quote = replace(old.quote, received_at=view.snapshot.at - timedelta(seconds=14))
    rows = (replace(old, quote=stale, fault=QuoteFault.STALE, value=None, weight=None, drift=None),)
    snapshot = replace(view.snapshot, holdings=(*rows, *view.snapshot.holdings[1:]), total=None)
    model = RatiosModel(NUMBERS, CoinColours())
    model.show_view(replace(view, snapshot=snapshot), market_rules())
    price = model.cell(0, model.column_of("price"))
    assert price.text.endswith("14 s old")
    assert price.ink is Ink.TEXT3
    assert model.cell(0, model.column_of("value")).tip == "the price is old"
    assert model.cell(0, model.column_of("drift")).text == "– the price is old"


def test_quantities_stand_on_the_step_and_the_tooltip_has_every_decimal(qapp, engine):
    strategy = engine.account.strategies[0]
    strategy.quantities["BTC"] = Decimal("0.017982345678")
    model = RatiosModel(NUMBERS, CoinColours())
    model.show_view(engine.account.view().strategies[0], market_rules())
    cell = model.cell(0, model.column_of("quantity"))
    assert cell.text == "0.01798"
    assert cell.tip == "0.017982345678\u00a0BTC"


# ---------------------------------------------------------------------------------------------------------- histories


def test_the_history_models_stay_sound_while_they_grow(qapp, engine):
    history = engine.history
    for columns, rows, key in (
        (order_columns(NUMBERS), history.orders, lambda row: row.key),
        (rebalance_columns(NUMBERS), history.rebalances, lambda row: row.id),
        (transfer_columns(NUMBERS), history.transfers, lambda row: row.key),
        (journal_columns(), history.journal, lambda row: row.id),
    ):
        model: KeyedTableModel[Any] = KeyedTableModel(columns, key=key)
        tester = watched(model)
        model.set_rows(rows[3:])
        model.set_rows(rows)
        model.prepend_rows(rows[:1])
        assert model.rowCount() == len(rows)
        for row in range(model.rowCount()):
            for number in range(model.columnCount()):
                assert isinstance(model.index(row, number).data(), str)
                model.cell(row, number).exported()
        del tester


def test_the_legs_model_is_sound_and_tells_every_coin_once(qapp, engine):
    model = KeyedTableModel(leg_columns(NUMBERS), key=lambda row: (row.asset, row.side))
    tester = watched(model)
    for record in engine.history.rebalances:
        rows = leg_rows(record, {}, NUMBERS)
        model.set_rows(rows)
        assert len({row.asset for row in rows}) == len(rows)
    del tester


def test_what_came_of_a_rebalance_is_one_sentence(engine):
    skipped, done = engine.history.rebalances[0], engine.history.rebalances[1]
    assert rebalance_words(skipped).startswith(skipped.message)
    assert rebalance_words(done) == "Every order was filled."
    partly = replace(done, skipped=skipped.skipped[:1])
    assert rebalance_words(partly) == "XRP skipped: below minimum"
    first = skipped.skipped[0]
    two = replace(done, skipped=(first, replace(first, asset="ADA")))
    assert rebalance_words(two) == "XRP, ADA skipped: below minimum"
    assert rebalance_words(replace(done, legs=())) == "Nothing had to be traded."


def test_an_ended_strategy_tells_what_was_invested_and_no_drift(qapp, engine):
    view = engine.account.view().strategies[0]
    ended = replace(
        view, state=State.ENDED, reason="stopped by the user", score=replace(view.score, net_invested=Decimal(-7))
    )
    model = StrategiesModel(NUMBERS, CoinColours())
    model.set_rows([ended])
    assert model.cell(0, model.column_of("invested")).text == "4,000.00"
    assert model.cell(0, model.column_of("drift")).text == "stopped by the user"
    ratios = RatiosModel(NUMBERS, CoinColours())
    ratios.show_view(ended, market_rules())
    drifts = [ratios.cell(row, ratios.column_of("drift")).text for row in range(ratios.rowCount())]
    assert drifts == ["– given back"] * 4 + ["given back to the free pool", ""]
