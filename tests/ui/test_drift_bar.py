from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication, QTableView

from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.cells import Align, Column, number_cell
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.tokens import DARK, LIGHT, Ink, Tokens
from rebalancer_gui.ui.widgets.drift_bar import (
    Drift,
    DriftBarDelegate,
    drift_cell,
    drift_geometry,
    paint_drift_bar,
)
from tests.ui.parts import column_of, painting, row_of, run_of, theme_of, whole

FIVE = Decimal(5)
NUMBERS = NumberFormat()


def painted(drift: Drift, tokens: Tokens = LIGHT, width: int = 160) -> tuple[list[str], list[list[str]]]:
    """The middle row of a bar 160 px wide and 31 px high, and all its columns."""
    with painting(width, 31) as (image, painter):
        paint_drift_bar(painter, whole(image), drift, tokens)
    return row_of(image, 15), [column_of(image, x) for x in range(width)]


def test_a_drift_inside_the_threshold_is_an_accent_bar_from_zero(qapp: QApplication):
    row, _ = painted(Drift(Decimal(3), FIVE))
    # The axis is 8 points for 80 px: 3 points are 30 px, the zero line covers the first one.
    assert run_of(row, LIGHT.accent) == (81, 29)
    assert row[79:81] == [LIGHT.text] * 2


def test_a_negative_drift_goes_to_the_left(qapp: QApplication):
    row, _ = painted(Drift(Decimal(-3), FIVE))
    assert run_of(row, LIGHT.accent) == (50, 29)


def test_the_zones_begin_at_the_threshold_on_both_sides(qapp: QApplication):
    row, _ = painted(Drift(Decimal(0), FIVE))
    # 5 of 8 points: 50 px from the middle; the left mark is the zone's neighbour, the right one stands in it.
    assert row[:30] == [LIGHT.zone] * 30
    assert row[30] == LIGHT.zone_mark
    assert row[130] == LIGHT.zone_mark
    assert row[131:] == [LIGHT.zone] * 29
    assert row[31:79] == [LIGHT.track] * 48


def test_a_drift_over_the_threshold_is_in_the_warning_colour_with_a_gap_at_the_mark(qapp: QApplication):
    row, columns = painted(Drift(Decimal("5.84"), FIVE))
    assert LIGHT.accent not in row
    assert row[81:130] == [LIGHT.warn] * 49
    assert row[130:132] == [LIGHT.surface] * 2
    assert row[132:138] == [LIGHT.warn] * 6
    assert columns[130].count(LIGHT.zone_mark) == 4, "the mark's ends stay visible above and below the bar"


def test_exactly_the_threshold_is_not_over_it(qapp: QApplication):
    assert not Drift(FIVE, FIVE).over
    assert Drift(Decimal("5.0001"), FIVE).over
    assert not Drift(Decimal(99), None).over
    row, _ = painted(Drift(FIVE, FIVE))
    assert LIGHT.warn not in row


def test_a_drift_beyond_the_axis_stops_at_its_edge(qapp: QApplication):
    row, _ = painted(Drift(Decimal("-11.2"), FIVE))
    assert row[0] == LIGHT.warn
    assert LIGHT.warn not in row[80:]


def test_by_time_the_axis_ends_at_eight_points_and_has_no_zones(qapp: QApplication):
    row, _ = painted(Drift(Decimal(4)))
    assert LIGHT.zone not in row
    assert LIGHT.zone_mark not in row
    assert run_of(row, LIGHT.accent) == (81, 39)


def test_bar_marks_and_zero_line_have_their_heights(qapp: QApplication):
    _, columns = painted(Drift(Decimal(2), FIVE))
    assert run_of(columns[90], LIGHT.accent) == (10, 10)
    assert run_of(columns[30], LIGHT.zone_mark) == (8, 14)
    assert run_of(columns[80], LIGHT.text) == (7, 16)


def test_the_smallest_drift_is_still_seen(qapp: QApplication):
    assert drift_geometry(0, 160, Decimal("0.0001"), FIVE).bar == (80, 2)
    assert drift_geometry(0, 160, Decimal("-0.0001"), FIVE).bar == (78, 2)
    assert drift_geometry(0, 160, Decimal(0), FIVE).bar == (80, 0)


def test_an_unknown_drift_has_no_bar(qapp: QApplication):
    row, _ = painted(Drift(None, FIVE, "no price"))
    assert set(row) == {"#010203"}


@pytest.mark.parametrize("tokens", (LIGHT, DARK), ids=("light", "dark"))
def test_zero_line_and_threshold_are_seen_in_every_bar(qapp: QApplication, tokens: Tokens):
    for tenth in range(-120, 121, 7):
        row, columns = painted(Drift(Decimal(tenth) / 10, FIVE), tokens)
        assert row[79:81] == [tokens.text] * 2
        for mark in (30, 130):
            assert tokens.zone_mark in columns[mark]


@given(
    st.integers(10, 600),
    st.decimals(-100, 100, places=4),
    st.none() | st.decimals("0.1", "50", places=1),
)
def test_all_parts_lie_inside_the_bar(width: int, value: Decimal, threshold: Decimal | None):
    shape = drift_geometry(7, width, value, threshold)
    for left, extent in (shape.bar, *shape.zones):
        assert left >= 7
        assert extent >= 0
        assert left + extent <= 7 + width
    assert all(7 <= mark < 7 + width for mark in shape.marks)
    assert (shape.bar[1] > 0) == (value != 0)


@given(st.decimals("0.1", "8", places=2), st.decimals("0.1", "8", places=2))
def test_a_larger_drift_never_has_a_shorter_bar(one: Decimal, other: Decimal):
    small, large = sorted((one, other))
    assert drift_geometry(0, 144, small, FIVE).bar[1] <= drift_geometry(0, 144, large, FIVE).bar[1]
    assert drift_geometry(0, 144, small, FIVE).bar[1] == drift_geometry(0, 144, -small, FIVE).bar[1]


def test_the_cell_shows_the_number_and_says_it_in_words():
    cell = drift_cell(NUMBERS, Drift(Decimal("3.11"), FIVE), "BTC")
    assert cell.text == "+3.11"
    assert cell.spoken == "BTC drift plus 3.11 points, threshold 5"
    assert (cell.ink, cell.bold) == (Ink.TEXT, False)
    assert cell.exported() == "3.11"


def test_a_drift_that_does_not_end_is_exported_rounded_and_an_amount_whole():
    third = drift_cell(NUMBERS, Drift(Decimal(10) / 3, FIVE), "BTC")
    assert third.exported() == "3.333333333333"
    assert number_cell(NUMBERS, Decimal("0.00000001")).exported() == "0.00000001"


def test_the_cell_of_a_drift_over_the_threshold_is_bold_in_the_warning_colour():
    cell = drift_cell(NUMBERS, Drift(Decimal("-5.62"), Decimal("0.5")))
    assert (cell.ink, cell.bold) == (Ink.WARN, True)
    assert cell.spoken == "drift minus 5.62 points, over the threshold 0.5"


def test_the_cell_of_an_unknown_drift_says_why():
    cell = drift_cell(NUMBERS, Drift(None, FIVE, "no price for SOL since 14:31:20"), "SOL")
    assert cell.text == "\u2013 no price for SOL since 14:31:20"
    assert cell.spoken == "SOL drift unknown: no price for SOL since 14:31:20"
    assert cell.exported() == ""


def test_the_delegate_paints_the_bar_left_of_the_number_in_both_themes(qtbot, qapp: QApplication):
    model = KeyedTableModel(
        (Column[Drift]("drift", "Drift", lambda drift: drift_cell(NUMBERS, drift), align=Align.RIGHT),),
        key=lambda drift: drift.value,
    )
    model.set_rows([Drift(Decimal(3), FIVE)])
    view = QTableView()
    qtbot.addWidget(view)
    view.setModel(model)
    view.setShowGrid(False)
    view.setItemDelegate(DriftBarDelegate(view))
    view.verticalHeader().setDefaultSectionSize(32)
    view.setColumnWidth(0, 200)
    view.resize(240, 120)
    for scheme, tokens in ((ColourScheme.DARK, DARK), (ColourScheme.LIGHT, LIGHT)):
        theme_of(qapp, scheme)
        cell = view.visualRect(model.index(0, 0))
        image = view.viewport().grab(cell).toImage()
        row = row_of(image, 15)
        # 16 px at both ends and 56 px for the number: the bar has 112 px from 16 on.
        assert row[15] == tokens.surface
        assert row[16] == tokens.zone
        assert run_of(row, tokens.accent)[1] == 20
        assert row[16 + 112] == tokens.surface
        assert row_of(image, 31)[5] == tokens.grid
