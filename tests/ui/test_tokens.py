"""The colours keep the contrasts that the design promises, measured again (WCAG 2.2)."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from rebalancer_gui.ui.tokens import DARK, LIGHT, Ink, Tokens, contrast, heat_limit, label_on, luminance, mix

THEMES = pytest.mark.parametrize("tokens", (LIGHT, DARK), ids=("light", "dark"))
UI = Path(__file__).resolve().parents[2] / "rebalancer_gui" / "ui"

# Text and the grounds it stands on; the last two numbers are the worst pair in the light and the dark theme.
TEXT_ON_GROUNDS = (
    ("text", "surface window alt select warn_bg danger_bg info_bg control zone", 12.99, 8.92),
    ("text2", "surface window alt select warn_bg danger_bg info_bg", 6.54, 6.53),
    ("text3", "surface window alt select control", 4.67, 4.69),
    ("accent", "surface window select", 5.35, 5.20),
    ("on_accent", "accent", 6.47, 7.96),
    ("gain", "surface select alt window", 5.10, 5.79),
    ("loss", "surface select alt window danger_bg", 5.40, 5.26),
    ("warn", "warn_bg surface select", 6.19, 7.48),
    ("info", "info_bg select surface", 6.33, 6.42),
    ("on_paper", "paper", 8.85, 8.85),
    ("on_live", "live", 6.04, 5.07),
    ("disabled_text", "disabled_bg", 4.68, 5.19),
)


@pytest.mark.parametrize(("text", "grounds", "light", "dark"), TEXT_ON_GROUNDS)
def test_text_keeps_the_measured_contrast_on_every_ground(text: str, grounds: str, light: float, dark: float):
    for tokens, worst in ((LIGHT, light), (DARK, dark)):
        measured = min(contrast(getattr(tokens, text), getattr(tokens, ground)) for ground in grounds.split())
        assert measured >= 4.5
        assert measured == pytest.approx(worst, abs=0.01)


@THEMES
def test_outlines_of_controls_stand_out_on_every_ground_they_are_drawn_on(tokens: Tokens):
    for ground in (tokens.surface, tokens.window, tokens.alt, tokens.control):
        assert contrast(tokens.edge, ground) >= 3
    assert contrast(tokens.zone_mark, tokens.zone) >= 3
    assert contrast(tokens.hodl, tokens.surface) >= 3
    assert contrast(tokens.live, tokens.surface) >= 3


@THEMES
def test_the_mark_of_the_keyboard_stands_out_wherever_it_is_drawn(tokens: Tokens):
    for ground in (tokens.surface, tokens.window, tokens.alt, tokens.control, tokens.select, tokens.disabled_bg):
        assert contrast(tokens.accent, ground) >= 3
        assert contrast(tokens.text, ground) >= 3, "the dotted line in a table, the outline of a slider's handle"
    for ground in (tokens.accent, tokens.accent_hover, tokens.accent_pressed):
        assert contrast(tokens.on_accent, ground) >= 3, "the inner line of a filled button"


@THEMES
def test_disabled_text_is_readable_on_its_own_ground_and_on_that_of_the_window(tokens: Tokens):
    for ground in (tokens.disabled_bg, tokens.surface, tokens.window, tokens.alt):
        assert contrast(tokens.disabled_text, ground) >= 4.5


@THEMES
def test_parts_of_the_drift_bar_and_of_banners_are_told_apart(tokens: Tokens):
    for ground in (tokens.track, tokens.zone, tokens.surface, tokens.select):
        assert contrast(tokens.text, ground) >= 3, "the zero line"
    for ink, ground in ((tokens.warn, tokens.warn_bg), (tokens.loss, tokens.danger_bg), (tokens.info, tokens.info_bg)):
        assert contrast(ink, ground) >= 4.5
    for ink in (tokens.accent, tokens.warn):
        assert contrast(ink, tokens.track) >= 3
    assert contrast(tokens.edge, tokens.select) >= 2.9, "the thumb of a scroll bar over a chosen row"


@THEMES
def test_every_ground_of_text_in_the_table_of_colours_has_been_measured(tokens: Tokens):
    """A surface that is added later has to be measured too: all that look like one stand in the table above."""
    measured = {ground for _, grounds, _, _ in TEXT_ON_GROUNDS for ground in grounds.split()}
    surfaces = {"window", "surface", "alt", "control", "select", "paper", "live", "accent"}
    surfaces |= {name for name in Tokens.__dataclass_fields__ if name.endswith("_bg")}
    assert surfaces <= measured


def test_the_paper_plate_has_an_outline_that_stands_out_on_white():
    assert contrast(LIGHT.paper_line, LIGHT.surface) >= 4.5


@THEMES
def test_buttons_stay_readable_under_the_mouse_and_pressed(tokens: Tokens):
    for ground in (tokens.control_hover, tokens.control_pressed):
        assert contrast(tokens.text, ground) >= 4.5
    for ground in (tokens.control, tokens.control_hover, tokens.danger_pressed):
        assert contrast(tokens.loss, ground) >= 4.5
    for ground in (tokens.accent_hover, tokens.accent_pressed):
        assert contrast(tokens.on_accent, ground) >= 4.5


@THEMES
def test_every_coin_is_seen_on_its_surface_and_its_label_is_the_better_of_black_and_white(tokens: Tokens):
    assert len(tokens.coins) == 10
    for colour in tokens.coins:
        assert contrast(colour.fill, tokens.surface) >= 3
        assert contrast(colour.label, colour.fill) >= 4.5
        assert colour.label == label_on(colour.fill)


@THEMES
def test_neighbouring_coins_differ_in_colour(tokens: Tokens):
    fills = [colour.fill for colour in tokens.coins]
    assert len(set(fills)) == 10
    for one, other in pairwise(fills):
        distance = sum(abs(int(one[i : i + 2], 16) - int(other[i : i + 2], 16)) for i in (1, 3, 5))
        assert distance > 60


@THEMES
def test_cash_has_a_colour_of_its_own_with_a_readable_label(tokens: Tokens):
    cash = tokens.coin(None)
    assert cash.fill == tokens.text3
    assert contrast(cash.label, cash.fill) >= 4.5
    assert tokens.coin(1) == tokens.coins[0]


@THEMES
def test_heat_cells_are_readable_at_every_value(tokens: Tokens):
    for tenth in range(-30, 31):
        fill, label = tokens.heat(tenth / 10, 2.5)
        assert contrast(fill, label) >= 4.5


def test_heat_is_neutral_at_zero_and_saturates_at_the_limit():
    assert LIGHT.heat(0, 2.5)[0] == LIGHT.alt
    assert LIGHT.heat(2.5, 2.5) == LIGHT.heat(9, 2.5)
    assert LIGHT.heat(2.5, 2.5)[0] == mix(LIGHT.alt, LIGHT.heat_better, 0.92)
    assert LIGHT.heat(-2.5, 2.5)[0] == mix(LIGHT.alt, LIGHT.heat_worse, 0.92)


def test_the_heat_scale_ends_at_the_next_half_point_above_the_95th_percentile():
    assert heat_limit([0.1] * 95 + [9.0] * 5) == 0.5
    assert heat_limit([2.36] * 100) == 2.5
    assert heat_limit([-2.5] * 100) == 3.0
    assert heat_limit([]) == 0.5


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert luminance("#FFFFFF") == pytest.approx(1)


def test_every_ink_has_a_colour_in_both_themes():
    for ink in Ink:
        assert re.fullmatch("#[0-9A-F]{6}", LIGHT.ink(ink))
        assert re.fullmatch("#[0-9A-F]{6}", DARK.ink(ink))


def test_no_colour_is_written_anywhere_else_in_the_window():
    colour = re.compile(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b(?=[\"'; ])|QColor\(\s*\d|rgba?\(")
    found = [
        f"{path.relative_to(UI)}:{number}: {line.strip()}"
        for path in sorted(UI.rglob("*.py"))
        if path.name != "tokens.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if colour.search(line)
    ]
    assert [line for line in found if not line.startswith("theme.py") or "tokens.accent" not in line] == []
