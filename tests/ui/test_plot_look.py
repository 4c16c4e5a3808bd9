"""How the plots look: lines as wide on every screen, words and numbers of the axes that never touch, in the user's language."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.translation import install_catalogue
from tests.ui.parts import theme_of

DAY = 86_400.0
SPANS = {"minute": 60.0, "hour": 3_600.0, "day": DAY, "week": 7 * DAY, "90 days": 90 * DAY, "2 years": 730 * DAY,
         "20 years": 7_300 * DAY}  # fmt: skip
BEGIN = datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC).timestamp()


def words_of(axis, span: float, size: float) -> list[tuple[float, str]]:
    """Places in pixels and words on an axis so many pixels long."""
    ((step, values),) = axis.tickValues(BEGIN, BEGIN + span, size)
    words = axis.tickStrings(values, 1.0, step)
    return [((value - BEGIN) / span * size, word) for value, word in zip(values, words, strict=True)]


@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
@pytest.mark.parametrize("size", (180.0, 420.0, 900.0))
def test_two_words_of_the_time_axis_never_touch(qapp: QApplication, span: float, size: float):
    from rebalancer_gui.ui.widgets.time_axis import TimeAxis

    metrics = QFontMetricsF(theme_of(qapp).font(Size.SMALL, Weight.NORMAL))
    words = words_of(TimeAxis(), span, size)
    assert len(words) >= (2 if size > 180 else 1)
    for (left, one), (right, two) in pairwise(words):
        between = right - left - (metrics.horizontalAdvance(one) + metrics.horizontalAdvance(two)) / 2
        assert between >= 16, (one, two)


@pytest.mark.parametrize(
    ("span", "size", "words"),
    (
        (730 * DAY, 420, ["Jul", "Jan 2022", "Jul", "Jan 2023"]),
        (20 * DAY, 420, ["4 Feb", "11 Feb", "18 Feb"]),
        (DAY, 420, ["06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "4 Feb", "03:00"]),
        (7300 * DAY, 420, ["2025", "2030", "2035", "2040"]),
    ),
)
def test_the_time_axis_names_days_months_and_years(qapp: QApplication, span: float, size: float, words: list[str]):
    from rebalancer_gui.ui.widgets.time_axis import TimeAxis

    theme_of(qapp)
    assert [word for _, word in words_of(TimeAxis(), span, size)] == words


def test_the_time_axis_speaks_the_windows_language(qapp: QApplication):
    from rebalancer_gui.ui.widgets.time_axis import TimeAxis

    theme_of(qapp)
    german = {"May": "Mai", "{day} {month}": "{day}. {month}"}
    install_catalogue(lambda _context, text, _comment, _count: german.get(text))
    try:
        axis = TimeAxis()
        assert "Mai" in [word for _, word in words_of(axis, 300 * DAY, 900)]
        assert words_of(axis, 20 * DAY, 420)[0][1] == "4. Feb"
    finally:
        install_catalogue(None)


@pytest.mark.parametrize("moments", ((5.0, 5.0), (float("1e18"), float("2e18")), (-1e18, 5.0)))
def test_a_time_that_no_calendar_has_draws_no_ticks(qapp: QApplication, moments: tuple[float, float]):
    from rebalancer_gui.ui.widgets.time_axis import TimeAxis

    theme_of(qapp)
    assert TimeAxis().tickValues(*moments, 400.0) == []


@pytest.mark.parametrize(("least", "most"), ((-4.6, 4.6), (2_900.0, 5_600.0), (0.00001, 0.00002), (0.0, 1e12)))
@pytest.mark.parametrize("height", (40.0, 64.0, 130.0, 400.0))
def test_numbers_of_an_axis_stand_a_lines_height_apart(qapp: QApplication, least: float, most: float, height: float):
    from rebalancer_gui.ui.widgets.plots import NumberAxis

    theme_of(qapp)
    ((step, offset),) = NumberAxis(NumberFormat(), percent=False).tickSpacing(least, most, height)
    assert offset == 0
    assert 28 <= step / (most - least) * height < 75


def test_the_lines_of_a_chart_are_as_wide_to_the_eye_on_every_screen(qtbot, qapp: QApplication):
    from rebalancer_gui.ui.monitor.value_plot import ValuePlot

    theme_of(qapp)

    class Moved(ValuePlot):
        """Stands on a screen of this scale."""

        ratio = 1.0

        def devicePixelRatioF(self) -> float:
            return self.ratio

    plot = Moved(NumberFormat())
    qtbot.addWidget(plot)
    assert (plot._value.opts["pen"].widthF(), plot._ticks.opts["pen"].widthF()) == (1, 2)
    plot.ratio = 2.0
    QApplication.sendEvent(plot, QEvent(QEvent.Type.DevicePixelRatioChange))
    assert [line.opts["pen"].widthF() for line in (plot._value, plot._hodl, plot._best, plot._versus)] == [2] * 4
    assert plot._ticks.opts["pen"].widthF() == 4
    # A wide path takes Qt six times as long as its segments do.
    assert plot._value.curve.opts["segmentedLineMode"] == "on"
