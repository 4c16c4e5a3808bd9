"""The look of `look/TOKENS.md`: its table, digits in every size, gaps, icons and texts on scaled screens."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit

from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.tokens import DARK, LIGHT, contrast
from rebalancer_gui.ui.widgets.buttons import ButtonKind, push_button
from rebalancer_gui.ui.widgets.labels import WholeLabel
from tests.ui.parts import theme_of

PACKAGE = Path(__file__).resolve().parents[2] / "rebalancer_gui"
UI = Path(__file__).resolve().parent

# Name, light, dark: the design's table of tokens.
TABLE = """
window #EEF0F3 #12151A          surface #FFFFFF #1B2028         alt #F6F7F9 #212730             control #FFFFFF #262D37
border #D3D8DF #323A46          edge #7A8494 #737F90            grid #E3E7EC #2A313C            track #E3E7EC #2C343F
text #18202B #E7EAF0            text2 #475263 #B7C0CC           text3 #5D6878 #98A3B2           accent #2457C5 #7FAAFF
accent-hover #1D49A8 #9DBEFF    on-accent #FFFFFF #0B1426       select #E1EAFB #24365A          gain #0A7040 #55C98F
loss #B3261E #FF8A80            warn #7A4A00 #F3C66B            warn-bg #FFF3D6 #332914         warn-line #D9A441 #80642A
danger-bg #FDECEA #3A1D1B       danger-line #D97A72 #94463F     info #1F4FA8 #9DBEFF            info-bg #E8EFFC #1C2A44
info-line #9DB8E8 #3D5A92       zone #F6E3BC #4A3C1C            zone-mark #9A6700 #D9A441       hodl #838D9B #98A3B2
paper #F2B134 #F2B134           on-paper #2A1B00 #2A1B00        live #C4161C #D4282F            on-live #FFFFFF #FFFFFF
disabled-bg #E7EAEE #2A303A     disabled-text #5D6878 #98A3B2   heat-better #1D56B8 #5C97F5     heat-worse #B35A00 #E08A3C
"""
COINS = """
blue #3342A6 #FFFFFF #728BF6 #000000      amber #BF8313 #000000 #CEA46A #000000     teal #018E8B #000000 #218B88 #000000
magenta #8F2B76 #FFFFFF #EF88D1 #000000   gold #8C6E21 #FFFFFF #FAC641 #000000      violet #400E88 #FFFFFF #7B67BE #FFFFFF
green #6A9E62 #000000 #AAE2A1 #000000     brick #A32813 #FFFFFF #BE5B49 #000000     sky #2071A3 #FFFFFF #4CB8FE #000000
slate #3E414D #FFFFFF #9396A0 #000000
"""
COLOUR = re.compile(
    r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b(?=[\"'; ])|QColor\(\s*[\d\"']|(?:rgba?|hsva?|hsla?)\(|fromRgb|fromHs"
    r"|GlobalColor\.(?!transparent\b)|QColorConstants|\bcolor:\s*[a-z]|\bbackground(?:-color)?:\s*(?!transparent)[a-z]"
)
# Of the style sheet and the icons; an example in a docstring; the page of the start is told by the bundle itself.
NAMES_COLOURS = {"ui/tokens.py"}


def test_the_tokens_are_those_of_the_designs_table():
    words = TABLE.split()
    for name, light, dark in zip(words[::3], words[1::3], words[2::3], strict=True):
        attribute = name.replace("-", "_")
        assert (getattr(LIGHT, attribute), getattr(DARK, attribute)) == (light, dark), name
    rows = COINS.split()
    slots = [tuple(rows[n : n + 5]) for n in range(0, len(rows), 5)]
    ours = [(a.name, a.fill, a.label, b.fill, b.label) for a, b in zip(LIGHT.coins, DARK.coins, strict=True)]
    assert ours == slots


def test_no_colour_by_number_or_by_name_stands_outside_the_tokens():
    found = [
        f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).as_posix() not in NAMES_COLOURS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if COLOUR.search(line) and "tokens.accent   " not in line
    ]
    assert found == []


def test_the_search_for_colours_finds_each_way_to_write_one():
    for line in (
        'QColor("red")', "QColor(1, 2, 3)", "Qt.GlobalColor.red", "rgba(0, 0, 0, 5)", "color: white;", "background: black",
        '"#FFF"', "QColor.fromRgb(1, 2, 3)",
    ):  # fmt: skip
        assert COLOUR.search(line), line
    for line in ("Qt.GlobalColor.transparent", "background: transparent;", "color: {t.text};", "QColor(tokens.text)"):
        assert not COLOUR.search(line), line


@pytest.mark.parametrize("weight", Weight)
@pytest.mark.parametrize("size", Size)
def test_digits_are_of_equal_width_in_every_size_and_weight(qapp: QApplication, size: Size, weight: Weight):
    metrics = QFontMetricsF(theme_of(qapp).font(size, weight))
    widths = [metrics.horizontalAdvance(digit * 10) for digit in "0123456789"]
    assert max(widths) - min(widths) < 0.5


def test_what_a_field_asks_for_is_readable_before_it_is_filled(qtbot, qapp: QApplication):
    """Qt by itself halves the text's opacity, which is under 4.5 : 1."""
    theme = theme_of(qapp)
    edit = QLineEdit()
    edit.setPlaceholderText("MMMMMMMM")
    edit.resize(200, 32)
    edit.clearFocus()
    qtbot.addWidget(edit)
    edit.ensurePolished()
    image = edit.grab().toImage()
    drawn = {image.pixelColor(x, y).name() for x in range(12, 80) for y in range(10, 24)}
    best = max(contrast(colour.upper(), theme.tokens.control) for colour in drawn)
    assert best >= 4.5
    assert best == pytest.approx(contrast(theme.tokens.text3, theme.tokens.control), abs=0.1)


def test_an_icon_stands_a_step_of_the_grid_before_its_word_and_in_the_middle_without_one(qtbot, qapp: QApplication):
    theme_of(qapp)
    button = push_button("Pause", "pauseButton", icon="paused")
    qtbot.addWidget(button)
    assert button.iconSize() == QSize(20, 16)
    button.setText("")
    assert button.iconSize() == QSize(16, 16)
    button.setText("Resume")
    assert button.iconSize() == QSize(20, 16)
    image = button.icon().pixmap(button.iconSize(), 1).toImage()
    assert all(image.pixelColor(x, y).alpha() == 0 for x in range(16, 20) for y in range(16))


def test_a_text_of_many_lines_has_the_outline_of_a_field(qtbot, qapp: QApplication):
    theme = theme_of(qapp)
    text = QPlainTextEdit()
    qtbot.addWidget(text)
    text.resize(100, 60)
    text.clearFocus()
    image = text.grab().toImage()
    assert image.pixelColor(50, 0) == QColor(theme.tokens.edge)
    assert image.pixelColor(50, 3) == QColor(theme.tokens.surface)


ICONS_AT = """
import json, sys
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication
from rebalancer_gui.resources_path import resource_dir
from rebalancer_gui.ui.icons import tinted_icon, tinted_pixmap
app = QApplication([])
scale, blurred = app.primaryScreen().devicePixelRatio(), []
files = sorted((resource_dir() / "icons").glob("*.svg"))
for file in files:
    drawn = tinted_icon(file.stem, "#FF0000", "#00FF00").pixmap(QSize(16, 16), scale).toImage()
    wanted = tinted_pixmap(file.stem, "#FF0000", 16, scale).toImage()
    wanted.convertTo(drawn.format())
    if drawn.size() != QSize(round(16 * scale), round(16 * scale)) or drawn != wanted:
        blurred.append(file.stem)
print(json.dumps([scale, len(files), blurred]))
"""


def _at(scale: str, *command: str) -> str:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale}
    made = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, timeout=120, check=False, env=environment,
        cwd=PACKAGE.parent,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-2000:]
    return made.stdout


@pytest.mark.parametrize("scale", ("1", "1.25", "1.5", "2"))
def test_every_icon_is_drawn_for_the_screens_scale_and_not_enlarged(scale: str):
    measured, count, blurred = json.loads(_at(scale, "-c", ICONS_AT))
    assert measured == float(scale)
    assert count > 35
    assert blurred == []


def test_nothing_is_cut_at_twice_the_scale_on_the_smallest_window():
    screens = json.loads(_at("2", str(UI / "language" / "pseudo.py"), "en", "ma"))
    cut = {name: [text for text in screens[name]["cut"] if "ElidedLabel" not in text] for name in ("main", "manual")}
    assert cut == {"main": [], "manual": []}


def test_a_text_that_was_in_a_narrow_place_is_no_higher_than_its_lines_in_a_wide_one(qtbot, qapp: QApplication):
    theme_of(qapp)
    label = WholeLabel("Nothing could be proven about an order for 15 minutes. What it may have used stays set aside.")
    qtbot.addWidget(label)
    label.show()
    heights = []
    for width in (400, 120, 400):
        label.resize(width, 20)
        QApplication.processEvents()
        heights.append(label.minimumHeight())
    assert heights[0] == heights[2] < heights[1]


def test_a_label_that_is_too_narrow_is_found(qtbot, qapp: QApplication):
    from tests.ui.language.pseudo import cut

    theme_of(qapp)
    label = QLabel("A text that needs more than fifty pixels")
    qtbot.addWidget(label)
    label.setFixedWidth(50)
    label.show()
    holder = push_button("x", "holder")
    qtbot.addWidget(holder)
    label.setParent(holder)
    label.show()
    holder.show()
    assert len(cut([holder])) == 1


@pytest.mark.parametrize("compact", (False, True))
def test_the_ring_of_a_filled_button_leaves_its_words_alone(qtbot, qapp: QApplication, compact: bool):
    theme = theme_of(qapp)
    holder = QLabel()
    qtbot.addWidget(holder)
    button = push_button("Quit", "quitButton", kind=ButtonKind.MAIN, compact=compact, parent=holder)
    button.adjustSize()
    holder.resize(200, 60)
    holder.show()
    holder.activateWindow()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    assert button.hasFocus()
    image, middle = button.grab().toImage(), button.height() // 2
    row = [image.pixelColor(x, middle).name().upper() for x in range(button.width() // 2)]
    inside = (button.width() - button.fontMetrics().horizontalAdvance("Quit")) // 2 - 1
    assert row[:2] == [theme.tokens.text] * 2
    assert row[2:4] == [theme.tokens.on_accent] * 2
    assert set(row[5:inside]) == {theme.tokens.accent}
