"""The value chart: what is drawn, what stands in its table, and that the plots come only when they are looked at."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QTableView

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.records import EquitySample
from rebalancer_gui.application.views import Chart
from rebalancer_gui.ui.monitor.chart_labels import spread
from rebalancer_gui.ui.monitor.chart_lines import ChartLines, change, chart_lines, newest_point
from rebalancer_gui.ui.theme import ColourScheme

START = datetime(2021, 5, 1, tzinfo=UTC)


def samples(*values: tuple[str, str]) -> tuple[EquitySample, ...]:
    return tuple(
        EquitySample("s", START + timedelta(days=day), Decimal(value), Decimal(hodl))
        for day, (value, hodl) in enumerate(values)
    )


def test_each_moment_has_the_best_coins_newest_value_by_then():
    best = ((START + timedelta(hours=12), Decimal(7)), (START + timedelta(days=2), Decimal(9)))
    lines = chart_lines(Chart("s", samples(("100", "100"), ("110", "100"), ("120", "80")), "BTC", best, ()))
    assert [point.best for point in lines.points] == [None, Decimal(7), Decimal(9)]
    assert [point.versus for point in lines.points] == [Decimal(0), Decimal(10), Decimal(50)]


def test_a_change_from_nothing_is_not_a_number():
    assert change(Decimal(0), Decimal(5)) is None
    assert change(Decimal(100), Decimal(90)) == Decimal(-10)


def test_the_newest_picture_is_the_right_end_only_while_it_is_newer_than_the_samples(desk):
    view = desk.feed.view.strategies[0]
    empty = ChartLines((), "", (), ())
    point = newest_point(empty, view)
    assert point is not None
    assert (point.value, point.hodl) == (view.score.value, view.score.hodl_value)
    known = chart_lines(Chart("s", (EquitySample("s", view.snapshot.at, Decimal(1), Decimal(1)),), "", (), ()))
    assert newest_point(known, view) is None


def test_labels_keep_their_order_their_distance_and_the_room():
    assert spread([50.0, 150.0], 36, 300) == [50.0, 150.0], "what is apart stays"
    close = spread([100.0, 101.0, 102.0], 36, 300)
    assert close == [65.0, 101.0, 137.0], "a group spreads around its middle"
    top = spread([2.0, 3.0], 36, 300)
    assert top[0] >= 18
    assert top[1] - top[0] >= 36
    bottom = spread([299.0, 298.0], 36, 300)
    assert max(bottom) <= 282
    assert bottom[0] > bottom[1], "the lower line keeps the lower label"


@pytest.fixture
def chart(desk):
    """The chart on screen with its lines drawn."""
    desk.tab("chart")
    desk.qtbot.waitUntil(lambda: desk.window.loader.is_ready, timeout=20_000)
    desk.update()
    desk.qtbot.waitUntil(lambda: desk.window.details.tabs.chart.is_drawn)
    return desk.window.details.tabs.chart


def test_samples_are_asked_for_when_the_tab_is_opened_and_again_for_another_range(desk, chart):
    assert [command.days for command in desk.taken(c.LoadChart)] == [None]
    chart.ranges.choose("7d")
    desk.answer()
    assert [command.days for command in desk.taken(c.LoadChart)] == [None, 7]
    assert chart.is_drawn
    assert "since 7 May 2021" in desk.find(QLabel, "chartFoot").text()


def test_another_strategy_gets_its_own_lines(desk, chart):
    desk.choose("s-bnb3")
    desk.answer()
    assert desk.taken(c.LoadChart)[-1].strategy_id == "s-bnb3"
    assert chart.is_drawn


def test_the_rebalances_are_counted_beside_their_mark(desk, chart):
    assert desk.find(QCheckBox, "showRebalancesCheck").text() == "Rebalances (6)"


def test_the_same_numbers_stand_in_a_table(desk, chart):
    desk.press("showNumbersButton")
    table = desk.find(QTableView, "chartTable")
    assert table.isVisible()
    rows = desk.texts("chartTable")
    assert len(rows) == 301
    assert rows[0][0] > rows[-1][0], "newest first"
    assert rows[0][3].endswith("\u00a0%")
    desk.press("showNumbersButton")
    assert chart.is_drawn


def test_every_line_can_be_switched_off_and_both_themes_draw(desk, chart):
    for name in ("showValueCheck", "showHodlCheck", "showBestCheck", "showRebalancesCheck"):
        desk.find(QCheckBox, name).setChecked(False)
    for scheme in (ColourScheme.DARK, ColourScheme.LIGHT):
        desk.theme.set_scheme(scheme)
        assert not chart.grab().isNull()
    for name in ("showValueCheck", "showHodlCheck", "showBestCheck", "showRebalancesCheck"):
        desk.find(QCheckBox, name).setChecked(True)
    assert chart.is_drawn


def test_a_young_strategy_says_that_its_samples_are_on_their_way(desk):
    desk.engine._chart = lambda command: Chart(command.strategy_id, (), "", (), ())
    desk.tab("chart")
    assert desk.find(QLabel, "chartMessage").text() == "The first samples come with the next prices."


def test_a_refused_question_is_told_in_place_of_the_chart(desk):
    desk.engine._refuse = {c.LoadChart: "There is no strategy s-core4."}
    desk.tab("chart")
    assert desk.find(QLabel, "chartMessage").text() == "There is no strategy s-core4."
    assert desk.find(QPushButton, "showNumbersButton").isVisible()


def test_the_plotting_library_is_not_imported_before_a_chart_is_looked_at():
    code = (
        "import sys; import rebalancer_gui.ui.app, rebalancer_gui.ui.main_window; "
        "sys.exit(any(name.split('.')[0] in {'pyqtgraph', 'numpy'} for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
