"""The map of rules: what stands in its cells, which cell a rule is, and what its neighbours say."""

from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.backtest.sweep import Cell
from rebalancer_gui.domain.strategy import INTERVALS, THRESHOLDS, BandRule, RatioRule, TimeRule
from rebalancer_gui.ui.backtest.sweep_figures import (
    Figure,
    figure_of,
    key_of,
    neighbours_of,
    scale_of,
)
from rebalancer_gui.ui.backtest.work import COLUMNS
from rebalancer_gui.ui.formatting import MINUS, NumberFormat
from rebalancer_gui.ui.tokens import DARK, LIGHT, contrast

NUMBERS = NumberFormat()
DAY = timedelta(days=1)


def cell(
    versus: float | None = 1.0, *, rebalances: int = 3, drawdown: float = 40.0, fee_drag: float = 0.1, **more
) -> Cell:
    return Cell(
        threshold=more.get("threshold", Decimal(5)),
        interval=more.get("interval"),
        final_value=1100.0,
        hodl_value=1000.0,
        versus_hodl=10.0,
        versus_hodl_a_year=versus,
        rebalances=rebalances,
        blocked=0,
        turnover=500.0,
        fees=1.0,
        fee_drag=fee_drag,
        max_drawdown=drawdown,
    )


def test_against_hodl_a_change_has_a_sign_and_a_rule_that_did_nothing_an_equals_sign():
    cells = [cell(1.234), cell(-0.5), cell(rebalances=0)]
    scale = scale_of(cells, Figure.VERSUS)
    assert [scale.text(each, NUMBERS) for each in cells] == ["+1.23", f"{MINUS}0.50", "="]


def test_numbers_get_fewer_decimals_where_they_are_large_so_that_they_fit():
    assert scale_of([cell(12.34)], Figure.VERSUS).text(cell(12.34), NUMBERS) == "+12.3"
    assert scale_of([cell(-123.4)], Figure.VERSUS).text(cell(-123.4), NUMBERS) == f"{MINUS}123"


def test_under_a_week_the_whole_test_stands_in_for_the_year():
    assert figure_of(cell(None), Figure.VERSUS) == 10.0


def test_better_than_hodl_is_blue_worse_is_orange_and_nothing_done_is_grey():
    for tokens in (LIGHT, DARK):
        scale = scale_of([cell(2.0), cell(-2.0)], Figure.VERSUS)
        better, worse = scale.colours(cell(2.0), tokens)[0], scale.colours(cell(-2.0), tokens)[0]
        assert better != worse
        assert scale.colours(cell(rebalances=0), tokens)[0] == tokens.alt
        assert better == tokens.heat(2.0, scale.limit)[0]
        assert worse == tokens.heat(-2.0, scale.limit)[0]


def test_more_fees_are_worse_and_a_drawdown_is_measured_against_that_of_hodl():
    fees = scale_of([cell(fee_drag=2.0)], Figure.FEES)
    assert fees.colours(cell(fee_drag=2.0), LIGHT) == LIGHT.heat(-2.0, fees.limit)
    falls = scale_of([cell(drawdown=30.0), cell(drawdown=50.0)], Figure.DRAWDOWN, -40.0)
    assert falls.colours(cell(drawdown=30.0), LIGHT) == LIGHT.heat(10.0, falls.limit)
    assert falls.colours(cell(drawdown=50.0), LIGHT) == LIGHT.heat(-10.0, falls.limit)


@pytest.mark.parametrize("figure", Figure)
def test_every_number_can_be_read_on_its_colour(figure):
    cells = [
        cell(v, rebalances=int(abs(v) * 9) + 1, drawdown=abs(v) * 9, fee_drag=abs(v))
        for v in (-5.0, -1.0, 0.1, 3.0, 9.0)
    ]
    for tokens in (LIGHT, DARK):
        scale = scale_of(cells, figure)
        assert all(contrast(*scale.colours(each, tokens)) >= 4.5 for each in cells)


def test_a_rule_by_time_is_in_the_map_when_its_interval_and_gate_are():
    assert key_of(TimeRule(INTERVALS[2], Decimal(5)), DAY) == (Decimal(5), INTERVALS[2])
    assert key_of(TimeRule(timedelta(hours=36), Decimal(5)), DAY) is None
    assert key_of(TimeRule(INTERVALS[2], Decimal(3)), DAY) is None


def test_a_rule_by_ratio_is_in_the_eleventh_column_while_it_looks_at_every_candle():
    assert key_of(RatioRule(Decimal(5)), timedelta(minutes=1)) == (Decimal(5), None)
    assert key_of(RatioRule(Decimal(5), timedelta(hours=1)), timedelta(minutes=30)) is None
    assert key_of(BandRule(), DAY) is None
    assert COLUMNS[10] is None
    assert len(COLUMNS) == 11


def full_map(value):
    return {(t, i): cell(value(t, i), threshold=t, interval=i) for t in THRESHOLDS for i in COLUMNS}


def test_neighbours_are_one_step_of_threshold_or_interval_away():
    here = TimeRule(INTERVALS[4], Decimal(5))
    cells = full_map(lambda t, i: 1.0)
    cells[Decimal(10), INTERVALS[5]] = cell(1.7)
    cells[Decimal(20), INTERVALS[4]] = cell(-9.0)
    found = neighbours_of(here, 1.0, cells)
    assert found is not None
    assert found.differ == pytest.approx(0.7)
    assert (found.least, found.most) == (-9.0, 1.7)
    assert found.alike


def test_by_ratio_the_neighbours_are_the_thresholds_above_and_below():
    cells = full_map(lambda t, i: 1.0)
    cells[Decimal(2), None] = cell(4.0)
    cells[Decimal(5), INTERVALS[9]] = cell(9.0)
    found = neighbours_of(RatioRule(Decimal(5)), 1.0, cells)
    assert found is not None
    assert found.differ == pytest.approx(3.0)


def test_a_threshold_between_two_of_the_map_has_both_for_neighbours():
    cells = full_map(lambda t, i: float(t))
    found = neighbours_of(RatioRule(Decimal(3)), 3.0, cells)
    assert found is not None
    assert found.differ == 2.0


def test_neighbours_that_differ_much_are_not_said_to_have_done_as_well():
    cells = full_map(lambda t, i: 100.0 if t > 5 else 0.0)
    found = neighbours_of(RatioRule(Decimal(5)), 0.0, cells)
    assert found is not None
    assert not found.alike


def test_the_auto_band_has_no_neighbours():
    assert neighbours_of(BandRule(), 1.0, full_map(lambda t, i: 1.0)) is None
