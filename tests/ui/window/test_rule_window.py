"""The window "Test this rule": the map of rules, the lines and figures of one, and what is taken over."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QFrame, QPushButton, QTableView, QTabWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from rebalancer_gui.application.candle_commands import LoadCandles
from rebalancer_gui.backtest.simulate import simulate
from rebalancer_gui.domain.strategy import INTERVALS, THRESHOLDS, RatioRule, TimeRule
from rebalancer_gui.ui.backtest.sweep_figures import Figure
from rebalancer_gui.ui.theme import ColourScheme
from tests.ui.parts import theme_of
from tests.ui.window.rule_tests import BARS, open_bench


@pytest.fixture
def bench(qtbot, qapp):
    theme_of(qapp)
    opened = open_bench(qtbot)
    opened.wait()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def kept(request, qapp):
    theme_of(qapp)
    opened = open_bench(QtBot(request))
    opened.wait()
    yield opened
    opened.close()


@pytest.fixture
def shared(kept):
    """One window for the tests that only look at it: the first figure is in the map, the tested rule is shown."""
    kept.window.results.sweep.figure.setCurrentText(Figure.VERSUS.value)
    kept.window.results.tabs.setCurrentIndex(0)
    rule = kept.engine.account.strategies[0].parameters.rule
    kept.window.results.sweep.choose((rule.threshold, None))
    kept.qtbot.waitUntil(lambda: kept.run.rule == rule)
    return kept


def texts(table: QTableView) -> list[list[str]]:
    model = table.model()
    return [
        [str(model.index(row, i).data()).replace("\N{NO-BREAK SPACE}", " ") for i in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


@pytest.mark.rule("11.10")
def test_the_map_has_a_row_for_each_threshold_a_column_for_each_interval_and_an_eleventh_by_ratio(bench):
    model = bench.table.model()
    across = [str(model.headerData(i, Qt.Orientation.Horizontal)) for i in range(model.columnCount())]
    down = [str(model.headerData(i, Qt.Orientation.Vertical)) for i in range(model.rowCount())]
    assert across == ["30 min", "1 h", "4 h", "8 h", "12 h", "1 d", "3 d", "7 d", "14 d", "28 d", "ratio"]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in down] == [f"{t} %" for t in THRESHOLDS]
    bench.click(1, 10)
    bench.use()
    assert bench.used == [RatioRule(Decimal(1))]


@pytest.mark.rule("11.9")
@pytest.mark.parametrize(("row", "column"), [(0, 0), (3, 6), (7, 9)])
def test_a_click_on_a_cell_shows_its_run_and_the_button_takes_over_exactly_that_rule_by_time(bench, row, column):
    bench.click(row, column)
    assert bench.run.rule == TimeRule(INTERVALS[column], THRESHOLDS[row])
    button = bench.find(QPushButton, "useRuleButton")
    interval = str(bench.table.model().headerData(column, Qt.Orientation.Horizontal))
    assert button.text().replace("\N{NO-BREAK SPACE}", " ") == f"Use this rule: {THRESHOLDS[row]} %, {interval}"
    bench.use()
    assert bench.used == [TimeRule(INTERVALS[column], THRESHOLDS[row])]
    assert not isValid(bench.window) or not bench.window.isVisible()


@pytest.mark.rule("11.9")
def test_every_cell_is_the_run_of_its_rule_by_time_over_the_same_bars(shared):
    job = shared.window._measured.job
    cells = shared.window.results.sweep.model.cells
    for interval in (INTERVALS[5], INTERVALS[7]):
        for threshold in THRESHOLDS[:3]:
            run = simulate(replace(job, rule=TimeRule(interval, threshold)))
            assert cells[threshold, interval].rule == TimeRule(interval, threshold)
            assert cells[threshold, interval].final_value == pytest.approx(run.final_value)
            assert cells[threshold, interval].rebalances == len(run.rebalances)


def test_the_tested_rule_is_the_chosen_cell_at_first_and_its_lines_are_shown(shared):
    rule = shared.engine.account.strategies[0].parameters.rule
    assert shared.window.results.sweep.chosen == (rule.threshold, None)
    assert shared.run.rule == rule
    assert shared.text("testSubtitle").endswith("by coin ratio 5 %")


def test_arrow_keys_move_the_chosen_cell_and_its_run_follows(shared, qtbot):
    shared.click(2, 7)
    before = shared.run
    shared.table.setFocus()
    qtbot.keyClick(shared.table, Qt.Key.Key_Left)
    assert shared.window.results.sweep.chosen == (Decimal(2), INTERVALS[6])
    qtbot.waitUntil(lambda: shared.window.results.run is not before)
    assert shared.run.rule == TimeRule(INTERVALS[6], Decimal(2))


def test_enter_on_a_cell_shows_it_at_once_and_goes_to_the_button_that_takes_it_over(shared, qtbot):
    shared.table.setCurrentIndex(shared.table.model().index(1, 8))
    qtbot.keyClick(shared.table, Qt.Key.Key_Return)
    assert shared.window.focusWidget() is shared.find(QPushButton, "useRuleButton")
    qtbot.waitUntil(lambda: shared.run.rule == TimeRule(INTERVALS[8], Decimal(1)))


def test_the_map_is_copied_as_tab_separated_plain_numbers(shared):
    shared.window.results.sweep.table.copy_all()
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    assert lines[0][1:4] == ["30 min", "1 h", "4 h"]
    assert [line[0] for line in lines[1:]] == ["0.5", "1", "2", "5", "10", "20", "30", "50"]
    assert all(float(figure) is not None for line in lines[1:] for figure in line[1:])
    assert "\N{MINUS SIGN}" not in QGuiApplication.clipboard().text()


def test_a_rule_that_never_rebalanced_is_an_equals_sign_and_as_a_count_0(shared):
    assert texts(shared.table)[7] == ["="] * 11
    shared.find(QComboBox, "sweepFigureCombo").setCurrentText(Figure.TRADES.value)
    assert texts(shared.table)[7] == ["0"] * 11
    assert texts(shared.table)[0][0] == str(
        shared.window.results.sweep.model.cells[THRESHOLDS[0], INTERVALS[0]].rebalances
    )


def test_the_chooser_puts_another_figure_of_the_same_runs_into_the_cells(shared):
    cell = shared.window.results.sweep.model.cells[THRESHOLDS[1], INTERVALS[6]]
    chooser = shared.find(QComboBox, "sweepFigureCombo")
    assert texts(shared.table)[1][6].startswith("+" if cell.versus_hodl_a_year > 0 else "\N{MINUS SIGN}")
    chooser.setCurrentText(Figure.FEES.value)
    assert float(texts(shared.table)[1][6]) == pytest.approx(cell.fee_drag, abs=0.006)
    chooser.setCurrentText(Figure.DRAWDOWN.value)
    assert texts(shared.table)[1][6] == f"\N{MINUS SIGN}{cell.max_drawdown:.1f}"


def test_the_tooltip_of_a_cell_says_rebalances_and_fees_a_year(shared):
    model = shared.table.model()
    tip = str(model.index(0, 6).data(Qt.ItemDataRole.ToolTipRole)).replace("\N{NO-BREAK SPACE}", " ")
    cell = shared.window.results.sweep.model.cells[THRESHOLDS[0], INTERVALS[6]]
    years = (BARS - 1) / 365
    assert tip.startswith("0.5 %, every 3 d\n")
    assert f"{cell.rebalances / years:.1f} rebalances a year, fees {cell.fees / years:.2f} = " in tip
    assert "Never rebalanced" in str(model.index(7, 0).data(Qt.ItemDataRole.ToolTipRole))
    assert "never rebalanced" in str(model.index(7, 0).data(Qt.ItemDataRole.AccessibleTextRole))


def test_the_key_figures_are_those_of_the_run_that_is_shown(shared):
    shared.click(1, 6)
    table = shared.find(QTableView, "testFiguresTable")
    shown = {row[0]: row[1:] for row in texts(table)}
    figures = shared.run.figures
    assert shown["Value at the end, USDT"][0] == f"{figures.rule.final_value:,.2f}"
    assert shown["Value at the end, USDT"][1] == f"{figures.hodl.final_value:,.2f}"
    assert shown["Rebalances a year"] == [f"{figures.rebalances_a_year:.1f}", "0", "0"]
    assert shown["Worst drawdown"][0] == f"\N{MINUS SIGN}{figures.rule.max_drawdown:.1f} %"
    assert shown["vs HODL a year"][0].endswith(" pp")
    assert shown["Fees paid, a year"][0] == f"{figures.fees_a_year:,.2f} USDT = {figures.fee_drag:.2f} %"
    header = table.model().headerData(3, Qt.Orientation.Horizontal)
    assert header == f"Best coin, {figures.best_symbol.partition('/')[0]}"


def test_price_effect_rebalancing_effect_and_fees_add_up_to_the_profit(shared):
    shared.click(0, 6)
    rows = shared.window.results.split.rows
    assert [row.name for row in rows] == ["Price effect", "Rebalancing effect", "Fees", "Profit"]
    assert float(sum(row.amount for row in rows[:3])) == pytest.approx(float(rows[3].amount))
    assert float(rows[3].amount) == pytest.approx(shared.run.figures.rule.final_value - 5000)
    assert rows[2].amount < 0
    assert "holding wins" in shared.text("testPremiumText")


def test_every_rebalance_stands_in_a_table_the_first_build_first(shared):
    shared.click(0, 6)
    shared.find(QTabWidget, "testTabs").setCurrentIndex(2)
    rows = texts(shared.find(QTableView, "testRebalancesTable"))
    coins = len(shared.engine.account.strategies[0].parameters.targets)
    assert [row[1:3] for row in rows[:coins]] == [["Build", coin] for coin in ("BTC", "ETH", "BNB", "SOL")]
    assert {row[1] for row in rows[coins:]} == {"Rule"}
    assert len({row[0] for row in rows[coins:]}) == shared.run.rebalances
    fees = sum(row.fee for row in shared.run.table)
    assert fees == pytest.approx(shared.run.figures.fees_a_year * (BARS - 1) / 365)
    assert shared.text("testRebalancesLabel").endswith(f"{shared.run.rebalances} rebalances")


def test_the_banner_says_how_much_the_rules_next_to_it_differ_and_that_the_best_is_luck(shared):
    banner = shared.find(QFrame, "testBanner")
    assert banner.isVisible()
    assert "The best cell of the past is mostly luck." in banner.accessibleName()
    assert "the whole map spans" in banner.accessibleName()


def test_the_foot_says_how_many_candles_what_trading_costs_and_how_long_it_took(shared):
    foot = shared.text("testFootLabel")
    assert foot.startswith(
        f"{BARS} candles of 1 d per coin, no gaps; fee 0.1 % and half spread 0.001 % a side; 88 rules in "
    )


def test_the_demo_is_tested_over_daily_candles_of_two_years_up_to_market_time(shared):
    (asked,) = shared.taken(LoadCandles)
    assert asked.timeframe == timedelta(days=1)
    assert asked.until == shared.engine.account.at
    assert asked.symbols == shared.engine.account.strategies[0].parameters.symbols
    assert shared.find(QComboBox, "testCandlesCombo").currentText() == "1 d"


def test_a_rule_outside_the_map_is_shown_as_it_is_with_no_cell_chosen(qtbot, qapp):
    theme_of(qapp)
    bench = open_bench(qtbot, prepare=_by_three_percent)
    bench.wait()
    assert bench.window.results.sweep.chosen is None
    assert bench.run.rule == RatioRule(Decimal(3))
    assert "The rules next to yours" in bench.find(QFrame, "testBanner").accessibleName()
    bench.use()
    assert bench.used == [RatioRule(Decimal(3))]
    bench.close()


def _by_three_percent(engine) -> None:
    first = engine.account.strategies[0]
    first.parameters = replace(first.parameters, rule=RatioRule(Decimal(3)))


def test_changing_the_colours_draws_everything_anew(shared, qapp):
    theme_of(qapp, ColourScheme.DARK)
    assert shared.window.grab().toImage().pixelColor(640, 68) == theme_of(qapp, ColourScheme.DARK).tokens.window
    theme_of(qapp)


def test_on_a_small_window_no_number_of_the_map_is_cut(shared):
    shared.window.resize(1024, 700)
    shared.qtbot.wait(20)
    table = shared.table
    metrics = table.fontMetrics()
    model = table.model()
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            index = model.index(row, column)
            assert metrics.horizontalAdvance(str(index.data())) <= table.visualRect(index).width()
    assert table.horizontalScrollBar().maximum() == 0
    assert table.verticalScrollBar().maximum() == 0
    shared.window.resize(1280, 800)


def test_the_tab_key_goes_from_the_head_through_map_and_tables_to_the_foot(shared, qtbot):
    shared.find(QPushButton, "testRunButton").setFocus()
    passed = []
    for _ in range(8):
        qtbot.keyClick(shared.window.focusWidget(), Qt.Key.Key_Tab)
        passed.append(shared.window.focusWidget().objectName())
    assert passed == [
        "sweepFigureCombo", "sweepTable", "testTabBar", "testFiguresTable", "testBestCheck", "testExportButton",
        "testCloseButton", "useRuleButton",
    ]  # fmt: skip


def test_the_lines_stand_in_a_table_too_and_the_plot_says_where_they_go(shared):
    tabs = shared.find(QTabWidget, "testTabs")
    table = shared.find(QTableView, "testValuesTable")
    tabs.setCurrentWidget(table)
    rows, lines = texts(table), shared.run.lines
    assert len(rows) == len(lines.times)
    assert float(rows[-1][1].replace(",", "")) == pytest.approx(float(lines.value[-1]), abs=0.005)
    assert float(rows[-1][2].replace(",", "")) == pytest.approx(float(lines.hodl[-1]), abs=0.005)
    told = shared.window.results.plot.accessibleDescription()
    assert all(figure in told for figure in (rows[0][1], rows[-1][1], rows[-1][2]))
    table.selectRow(0)

    def has_keyboard() -> bool:
        # A shortcut belongs to the active window; the tests before this one opened others.
        shared.window.activateWindow()
        table.setFocus()
        return bool(shared.window.isActiveWindow() and table.hasFocus())

    shared.qtbot.waitUntil(has_keyboard)
    shared.qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().splitlines()[0].split("\t")[0] == "Time, UTC"
