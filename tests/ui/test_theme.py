import gc
import re

import pytest
from PySide6.QtCore import QLocale, QSize
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetricsF, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton, QStyle, QTabBar, QWidget

from rebalancer_gui.resources_path import resource_dir
from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.icons import icon_source, program_icon, tinted_pixmap
from rebalancer_gui.ui.locale_numbers import marks_of, system_numbers
from rebalancer_gui.ui.stylesheet import build_style_sheet, style_images
from rebalancer_gui.ui.theme import ColourScheme, Theme, current_theme, set_icon
from rebalancer_gui.ui.tokens import DARK, LIGHT, Ink, Tokens
from rebalancer_gui.ui.widgets.form import combo_box, line_edit
from tests.ui.parts import theme_of

ICONS = sorted(path.stem for path in (resource_dir() / "icons").glob("*.svg"))


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return theme_of(qapp)


def test_the_palette_is_built_from_the_tokens_and_switches(qapp: QApplication, theme: Theme):
    role = QPalette.ColorRole
    for scheme, tokens in ((ColourScheme.DARK, DARK), (ColourScheme.LIGHT, LIGHT)):
        theme.set_scheme(scheme)
        palette = qapp.palette()
        assert palette.color(role.Window).name().upper() == tokens.window
        assert palette.color(role.Base).name().upper() == tokens.surface
        assert palette.color(role.Text).name().upper() == tokens.text
        assert palette.color(QPalette.ColorGroup.Disabled, role.Text).name().upper() == tokens.disabled_text
        assert theme.tokens is tokens
        assert theme.colour(Ink.GAIN).name().upper() == tokens.gain


def test_a_switch_is_announced_once_and_no_switch_not_at_all(qtbot, theme: Theme):
    seen: list[str] = []
    theme.changed.connect(lambda: seen.append(theme.tokens.name))
    theme.set_scheme(ColourScheme.LIGHT)
    theme.set_scheme(ColourScheme.DARK)
    theme.set_scheme(ColourScheme.DARK)
    theme.set_scheme(ColourScheme.LIGHT)
    assert seen == ["dark", "light"]


def test_where_the_system_says_nothing_following_it_is_light(theme: Theme):
    theme.set_scheme(ColourScheme.DARK)
    theme.set_scheme(ColourScheme.SYSTEM)
    assert theme.scheme is ColourScheme.SYSTEM
    assert theme.tokens is LIGHT


def test_there_is_one_theme(theme: Theme):
    assert current_theme() is theme


def test_nothing_is_animated(qtbot, theme: Theme):
    """Tabs are what Fusion would move, when they change places."""
    bar = QTabBar()
    qtbot.addWidget(bar)
    bar.ensurePolished()
    assert bar.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, bar) == 0


def test_the_font_is_the_shipped_one_in_pixels_with_digits_of_equal_width(theme: Theme):
    for weight in Weight:
        font = theme.font(Size.BODY, weight)
        assert QFontInfo(font).family() == "Inter"
        assert font.pixelSize() == 13
        assert font.isFeatureSet(QFont.Tag("tnum"))
        widths = [QFontMetricsF(font).horizontalAdvance(digit * 10) for digit in "0123456789"]
        assert max(widths) - min(widths) < 0.5, f"ten digits of weight {weight.value} differ in width"


def test_every_shipped_font_file_can_be_read_and_has_its_licence_beside_it(qapp: QApplication):
    folder = resource_dir() / "fonts"
    files = sorted(folder.glob("*.otf"))
    assert len(files) == 4
    for file in files:
        font_id = QFontDatabase.addApplicationFont(str(file))
        assert font_id >= 0
        assert "Inter" in QFontDatabase.applicationFontFamilies(font_id)
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text(encoding="utf-8")


def test_digits_stay_tabular_in_widgets_that_the_style_sheet_names(qtbot, theme: Theme):
    edit, button = QLineEdit(), QPushButton("Create")
    for widget in (edit, button):
        qtbot.addWidget(widget)
        widget.ensurePolished()
        assert widget.font().isFeatureSet(QFont.Tag("tnum"))
        assert widget.font().pixelSize() == 13
    assert button.font().weight() == 500


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_is_drawn_in_one_colour_that_is_given_at_load(qapp: QApplication, name: str):
    source = icon_source(name)
    assert "currentColor" in source
    assert not re.search(r"#[0-9A-Fa-f]{3,6}", source)
    image = tinted_pixmap(name, "#FF0000", 16, 2).toImage()
    assert image.size() == QSize(32, 32)
    drawn = [image.pixelColor(x, y) for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() > 200]
    assert len(drawn) > 15
    assert all(colour.red() > 230 and colour.green() < 25 for colour in drawn)


def test_an_icon_has_a_disabled_look_and_follows_the_theme(qtbot, theme: Theme):
    button = QPushButton("Pause")
    qtbot.addWidget(button)
    set_icon(button, "paused")

    def colour(mode: QIcon.Mode) -> str:
        return button.icon().pixmap(button.iconSize(), 1, mode).toImage().pixelColor(5, 8).name().upper()

    assert colour(QIcon.Mode.Normal) == LIGHT.text
    assert colour(QIcon.Mode.Disabled) == LIGHT.disabled_text
    theme.set_scheme(ColourScheme.DARK)
    assert colour(QIcon.Mode.Normal) == DARK.text
    theme.set_scheme(ColourScheme.LIGHT)


def test_an_icon_that_is_not_shipped_is_an_error(theme: Theme):
    with pytest.raises(FileNotFoundError):
        theme.icon("no-such-icon")


def test_the_images_of_the_style_sheet_are_those_of_the_tokens():
    folder = resource_dir() / "icons" / "style"
    shipped = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.svg")}
    assert shipped == style_images(), "run `python -m rebalancer_gui.ui.stylesheet`"


def test_the_style_sheet_names_only_images_that_are_shipped(qapp: QApplication):
    images = style_images()
    for tokens in (LIGHT, DARK):
        named = re.findall(r"url\(look:([^)]+)\)", build_style_sheet(tokens))
        assert named
        assert set(named) <= set(images)


def test_focus_moves_nothing(qtbot, theme: Theme):
    for widget in (QPushButton("Create"), QLineEdit("5"), QComboBox()):
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitExposed(widget)
        widget.clearFocus()
        before = widget.sizeHint()
        widget.setFocus()
        assert widget.sizeHint() == before


def test_controls_have_the_heights_of_the_grid(qtbot, theme: Theme):
    for widget, compact, height in (
        (QPushButton("x"), False, 32),
        (QPushButton("x"), True, 28),
        (QLineEdit(), False, 28),
        (QComboBox(), False, 28),
    ):
        qtbot.addWidget(widget)
        if compact:
            widget.setProperty("compact", "true")
        assert widget.sizeHint().height() == height
    for field in (line_edit("a", "A", tall=True), combo_box("b", "B", tall=True)):
        qtbot.addWidget(field)
        assert field.sizeHint().height() == 32


@pytest.mark.parametrize(
    ("language", "decimal", "group"),
    (("en_US", ".", ","), ("de_DE", ",", "."), ("fr_FR", ",", "\u202f"), ("pl_PL", ",", "\u00a0"), ("de_CH", ".", "'")),
)
def test_the_marks_of_a_locale_come_from_qt(language: str, decimal: str, group: str):
    marks = marks_of(QLocale(language))
    # Which of the two apostrophes it is, depends on the version of the locale data.
    assert (marks.decimal, marks.group.replace("\u2019", "'")) == (decimal, group)


def test_the_programs_locale_is_the_default(qapp: QApplication):
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    try:
        assert system_numbers().marks.decimal == ","
    finally:
        QLocale.setDefault(before)


def test_windows_that_are_garbage_do_not_disturb_a_change_of_theme(theme: Theme, monkeypatch):
    """Python may collect a window, and its widgets with it, while it makes the list of all of them."""
    before = gc.get_threshold()

    def style_sheet_then_garbage(tokens: Tokens) -> str:
        text = build_style_sheet(tokens)
        for _ in range(50):
            window = QWidget()
            window.buttons = [QPushButton(str(number), window) for number in range(40)]  # type: ignore[attr-defined]
            window.itself = window  # type: ignore[attr-defined]
        gc.set_threshold(1, 1, 1)
        return text

    monkeypatch.setattr("rebalancer_gui.ui.theme.build_style_sheet", style_sheet_then_garbage)
    try:
        theme.set_scheme(ColourScheme.DARK)
    finally:
        gc.set_threshold(*before)
    assert gc.isenabled()
    monkeypatch.undo()
    theme.set_scheme(ColourScheme.LIGHT)


def test_the_programs_own_picture_is_there_in_every_size_of_a_task_bar(qapp):
    icon = program_icon()

    assert {(size.width(), size.height()) for size in icon.availableSizes()} >= {(16, 16), (32, 32), (64, 64)}
    middle = icon.pixmap(64, 64).toImage()
    assert middle.pixelColor(5, 32).name() == LIGHT.accent.lower()
    assert middle.pixelColor(0, 0).alpha() == 0
