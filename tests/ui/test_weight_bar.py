from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import LIGHT
from rebalancer_gui.ui.widgets.weight_bar import (
    GAP,
    BarHeight,
    WeightBar,
    WeightSegment,
    paint_weight_bar,
    segment_rects,
    segment_widths,
)
from tests.ui.parts import painting, row_of, theme_of, whole

NUMBERS = NumberFormat()
WEIGHTS = st.lists(st.decimals("0", "100", places=2), min_size=1, max_size=11)


def segments(*weights: str) -> list[WeightSegment]:
    return [WeightSegment(f"C{i}", Decimal(weight), i) for i, weight in enumerate(weights, start=1)]


@given(WEIGHTS, st.integers(60, 1200))
def test_widths_and_gaps_add_up_to_the_bar(weights: list[Decimal], width: int):
    widths = segment_widths(weights, width)
    shown = [pixels for pixels in widths if pixels]
    assert len(shown) == sum(weight > 0 for weight in weights)
    if shown:
        assert sum(shown) + GAP * (len(shown) - 1) == width


@given(st.lists(st.decimals("0.01", "100", places=2), min_size=1, max_size=11), st.integers(60, 1200))
def test_a_heavier_coin_is_never_more_than_a_pixel_narrower(weights: list[Decimal], width: int):
    widths = segment_widths(weights, width)
    for one, its_pixels in zip(weights, widths, strict=True):
        for other, other_pixels in zip(weights, widths, strict=True):
            if one > other:
                assert its_pixels >= other_pixels - 1


@given(st.lists(st.decimals("5", "100", places=2), min_size=2, max_size=10), st.integers(400, 1200))
def test_widths_are_within_a_pixel_of_the_exact_share(weights: list[Decimal], width: int):
    room = width - GAP * (len(weights) - 1)
    for weight, pixels in zip(weights, segment_widths(weights, width), strict=True):
        assert abs(pixels - room * weight / sum(weights)) <= 1


def test_the_smallest_share_is_still_seen_and_none_is_not():
    assert segment_widths([Decimal("99.99"), Decimal("0.01")], 300) == [295, 3]
    assert segment_widths([Decimal(50), Decimal(0), Decimal(50)], 102) == [50, 0, 50]
    assert segment_widths([Decimal(1)] * 10, 30) == [2, 2] + [1] * 8


def test_nothing_is_drawn_where_there_is_nothing_or_no_room():
    assert segment_widths([], 300) == []
    assert segment_widths([Decimal(0)], 300) == [0]
    assert segment_widths([Decimal(1)] * 10, 20) == [0] * 10


def test_segments_are_painted_side_by_side_with_gaps_in_the_ground(qapp: QApplication):
    theme = theme_of(qapp)
    with painting(204, 8) as (image, painter):
        paint_weight_bar(painter, whole(image), segments("50", "25", "25"), theme, NUMBERS)
    row = row_of(image, 4)
    fills = [colour.fill for colour in LIGHT.coins]
    assert row == [fills[0]] * 100 + ["#010203"] * 2 + [fills[1]] * 50 + ["#010203"] * 2 + [fills[2]] * 50


def test_labels_stand_in_segments_that_are_wide_enough(qapp: QApplication):
    theme = theme_of(qapp)
    parts = segments("76", "18", "6")
    with painting(300, 24) as (image, painter):
        paint_weight_bar(painter, whole(image), parts, theme, NUMBERS, labels=True)
    wide, middle, narrow = segment_rects(parts, QRect(0, 0, 300, 24))
    ink = [
        sum(
            image.pixelColor(x, y).name().upper() != LIGHT.coins[slot].fill
            for x in range(part.left() + 3, part.right() - 2)
            for y in range(4, 20)
        )
        for slot, part in enumerate((wide, middle, narrow))
    ]
    assert ink[0] > ink[1] > 0
    assert ink[2] == 0


def test_the_bar_tells_all_weights_to_a_screen_reader(qtbot):
    bar = WeightBar(BarHeight.FORM, numbers=NUMBERS)
    qtbot.addWidget(bar)
    bar.set_segments([WeightSegment("BTC", Decimal("43.11"), 1), WeightSegment("USDT", Decimal("0.08"), None)])
    assert bar.accessibleDescription() == "BTC 43.11 percent, USDT 0.08 percent"
    assert bar.height() == 16


def test_a_segment_names_itself_under_the_mouse(qtbot):
    bar = WeightBar(BarHeight.CARD, numbers=NUMBERS)
    qtbot.addWidget(bar)
    bar.set_segments(segments("50", "50"))
    bar.resize(200, 8)
    bar.show()
    at = QPoint(150, 4)
    bar.event(QHelpEvent(QHelpEvent.Type.ToolTip, at, bar.mapToGlobal(at)))
    assert QToolTip.text() == "C2 50.00\u00a0%"
    QToolTip.hideText()


def test_an_empty_bar_shows_its_track(qtbot, qapp: QApplication):
    theme_of(qapp)
    bar = WeightBar(BarHeight.CARD)
    qtbot.addWidget(bar)
    bar.resize(100, 8)
    assert set(row_of(bar.grab().toImage(), 4)) == {LIGHT.track}
