"""Colour never alone: every state that the program shows by a colour is told apart in grey too, by word, sign, icon or pattern."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from rebalancer_gui.application.log_port import LogLine
from rebalancer_gui.application.records import LegOutcome, Outcome
from rebalancer_gui.domain.orders import IntentState, Side
from rebalancer_gui.domain.strategy import State, TradingMode
from rebalancer_gui.ui.dialogs.plan_table import _SIDES as PLAN_SIDES
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.cells import change_cell
from rebalancer_gui.ui.models.history_model import _ORDER_STATES, _SIDES, OUTCOMES
from rebalancer_gui.ui.models.log_model import parts_of
from rebalancer_gui.ui.strategy_words import engine_look, state_look
from rebalancer_gui.ui.theme import ColourScheme, current_theme
from rebalancer_gui.ui.tokens import DARK, LIGHT, Ink, Tokens, contrast
from rebalancer_gui.ui.tray_state import picture_of
from rebalancer_gui.ui.widgets.banner import LOOKS, Level
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit
from rebalancer_gui.ui.widgets.drift_bar import Drift, drift_cell, paint_drift_bar
from rebalancer_gui.ui.widgets.form import Field
from rebalancer_gui.ui.widgets.labels import IconLabel
from rebalancer_gui.ui.widgets.mode_plate import Mode, ModePlate
from rebalancer_gui.ui.widgets.weight_bar import WeightSegment, paint_weight_bar, segment_rects
from tests.ui.fake_engine import FakeEngine
from tests.ui.parts import put, settle, shown_page, theme_of
from tests.ui.staged_accounts import full_account

NUMBERS = NumberFormat()
SCHEMES = (ColourScheme.LIGHT, ColourScheme.DARK)
SEEN = 40
"""So many levels of grey of 255 apart is a difference that is seen."""

Grey = NDArray[np.uint8]


def grey(image: QImage) -> Grey:
    """The picture without its colours."""
    plain = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : plain.width()].copy()


def painted(width: int, height: int, ground: str, paint: Callable[[QPainter], object]) -> Grey:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(ground))
    painter = QPainter(image)
    paint(painter)
    painter.end()
    return grey(image)


def differing(one: Grey, other: Grey) -> int:
    """How many pixels are told apart."""
    if one.shape != other.shape:
        return max(one.size, other.size)
    return int(np.count_nonzero(np.abs(one.astype(int) - other.astype(int)) >= SEEN))


def icon_in_grey(name: str) -> Grey:
    """On paper, as large as in the tables."""
    theme = current_theme()
    return painted(14, 14, theme.tokens.surface, lambda p: theme.icon(name, Ink.TEXT, 14).paint(p, QRect(0, 0, 14, 14)))


def all_differ(words: Iterable[object]) -> bool:
    told = list(words)
    return len(set(told)) == len(told)


@pytest.fixture(params=SCHEMES)
def tokens(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Tokens]:
    theme_of(qapp, request.param)
    yield LIGHT if request.param is ColourScheme.LIGHT else DARK
    theme_of(qapp)


@pytest.fixture
def view(qapp: QApplication):
    theme_of(qapp)
    told: list[object] = []
    FakeEngine(told.append, account=full_account()).tell()
    return next(event.view for event in told if hasattr(event, "view"))


# --------------------------------------------------------------------------------------------------------------- words


def test_every_state_of_a_strategy_has_a_word_of_its_own_and_an_icon(view):
    strategy = replace(view.strategies[0], quarantined=(), proposal=None)
    looks = {state: state_look(replace(strategy, state=state)) for state in State}
    assert all_differ(look.word for look in looks.values())
    assert all(look.icon for look in looks.values())
    # What stands and what does not are told apart by the icon alone.
    told = {
        state: icon_in_grey(looks[state].icon) for state in (State.RUNNING, State.PAUSED, State.HALTED, State.ENDED)
    }
    assert all(differing(told[one], told[other]) >= 10 for one in told for other in told if one is not other)


def test_every_state_of_the_engine_has_a_word_of_its_own_and_an_icon_of_another_shape(view):
    states = ("running", "paused", "watch only", "key locked", "waits for your answer", "halted", "trading stopped")
    looks = [engine_look(replace(view, engine=state)) for state in states]
    assert all_differ(look.word for look in looks)
    assert all_differ(look.icon for look in looks)
    icons = [icon_in_grey(look.icon) for look in looks]
    assert all(differing(a, b) >= 10 for i, a in enumerate(icons) for b in icons[:i])


def test_orders_legs_rebalances_and_sides_have_words_of_their_own():
    assert all_differ(word for word, _ink in _ORDER_STATES.values())
    assert all_differ(word for word, _icon, _ink in OUTCOMES.values())
    assert set(OUTCOMES) == set(Outcome)
    assert all_differ(outcome.value for outcome in LegOutcome)
    assert all_differ(state.value for state in IntentState)
    for sides in (_SIDES, PLAN_SIDES):
        assert all_differ(sides[side] for side in Side)


def test_a_banner_has_an_icon_and_a_spoken_word_for_its_level(qapp):
    theme_of(qapp)
    assert set(LOOKS) == set(Level)
    icons = [icon_in_grey(look.icon) for look in LOOKS.values()]
    assert all(differing(a, b) >= 10 for i, a in enumerate(icons) for b in icons[:i])


def test_the_tray_says_its_state_in_words_and_by_a_shape(view):
    running = view.strategies[0]
    states = {
        "runs": picture_of((replace(view, strategies=(replace(running, state=State.RUNNING),), stop_all=False),)),
        "paused": picture_of((replace(view, strategies=(replace(running, state=State.PAUSED),), stop_all=False),)),
        "halted": picture_of((replace(view, strategies=(replace(running, state=State.HALTED),), stop_all=False),)),
        "watches": picture_of((replace(view, trading=TradingMode.WATCH, stop_all=False),)),
        "stopped": picture_of((replace(view, stop_all=True),)),
        "nothing": picture_of((replace(view, strategies=()),)),
    }
    assert all_differ(picture.words for picture in states.values())
    assert all_differ(picture.icon for picture in states.values())


def test_lines_of_the_log_say_their_level():
    lines = [
        LogLine(1, "2026-03-14T15:09:26", level, "x", "text")
        for level in (logging.ERROR, logging.WARNING, logging.INFO)
    ]
    assert [parts_of(line)[1] for line in lines] == ["ERROR", "WARNING", "INFO"]


# --------------------------------------------------------------------------------------------------------------- signs


@pytest.mark.parametrize("unit", ("%", "pp", "USDT"))
def test_gain_and_loss_have_their_sign_and_are_spoken_with_it(qapp, unit):
    gain, loss = (change_cell(NUMBERS, Decimal(value), unit=unit) for value in ("3.7", "-3.7"))
    assert gain.text.startswith("+")
    assert loss.text[0] in "-\u2212"
    assert (gain.spoken or "").startswith("plus")
    assert (loss.spoken or "").startswith("minus")


# ------------------------------------------------------------------------------------------------------ pixels in grey


def test_a_drift_over_its_threshold_is_seen_in_grey_and_written_bold(tokens: Tokens):
    def bar(value: str) -> Grey:
        drift = Drift(Decimal(value), Decimal(5))
        return painted(160, 27, tokens.surface, lambda p: paint_drift_bar(p, QRect(0, 0, 160, 27), drift, tokens))

    inside, over = bar("5"), bar("5.6")
    # The bar goes on behind the mark, and the mark becomes a gap in it.
    assert differing(inside, over) >= 30
    within, beyond = (drift_cell(NUMBERS, Drift(Decimal(v), Decimal(5)), "BTC") for v in ("4.9", "5.6"))
    assert (within.bold, beyond.bold) == (False, True)
    assert "over the threshold" in (beyond.spoken or "")
    assert contrast(tokens.warn, tokens.surface) >= 3


def test_neighbours_in_a_weight_bar_are_told_apart_in_grey_by_a_gap(tokens: Tokens):
    parts = [WeightSegment(f"C{slot}", Decimal(10), slot) for slot in range(1, 11)]
    room = QRect(0, 0, 400, 16)
    row = painted(400, 16, tokens.surface, lambda p: paint_weight_bar(p, room, parts, current_theme(), NUMBERS))[8]
    rects = segment_rects(parts, room)
    for before, after in pairwise(rects):
        gap = int(row[before.right() + 1])
        sides = int(row[before.right() - 2]), int(row[after.left() + 2])
        assert all(abs(gap - side) >= SEEN for side in sides), (before, gap, sides)


def test_paper_and_live_are_told_apart_in_grey(qtbot, qapp):
    page = shown_page(qtbot, qapp)
    plates = {mode: put(page, ModePlate(mode)) for mode in Mode}
    assert all_differ(plate.text() for plate in plates.values())
    icons = {mode: grey(plate.grab(QRect(10, 4, 20, 20)).toImage()) for mode, plate in plates.items()}
    assert differing(icons[Mode.PAPER], icons[Mode.LIVE]) >= 20


def test_a_wrong_field_has_an_icon_and_a_sentence(qtbot, qapp):
    page = shown_page(qtbot, qapp)
    edit = DecimalEdit("amountEdit", "Amount", numbers=NUMBERS)
    field = put(page, Field("Amount", edit))
    right = grey(field.grab().toImage())
    edit.setFocus()
    qtbot.keyClicks(edit, "abc")
    edit.clearFocus()
    field.set_message("Free are 1,900.00 USDT.")
    settle()
    assert any(icon.isVisible() for icon in field.message.findChildren(IconLabel))
    assert field.message.text()
    assert differing(right, grey(field.grab().toImage())) > 100


def test_the_pictures_of_states_are_no_squares_of_colour(qtbot, qapp):
    """An icon that is drawn in one colour still has a shape: some of its pixels are paper, some are ink."""
    theme_of(qapp)
    for name in (
        "running",
        "paused",
        "halted",
        "ended",
        "waiting",
        "building",
        "warning",
        "check",
        "info",
        "eye",
        "lock",
    ):
        pixels = icon_in_grey(name)
        ink = int(np.count_nonzero(np.abs(pixels.astype(int) - int(pixels[0, 0])) >= SEEN))
        assert 8 <= ink <= pixels.size * 0.85, name
