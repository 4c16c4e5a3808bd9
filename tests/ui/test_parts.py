"""Banners, buttons, form parts, chips, slider, status strip, mode plate."""

from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.tokens import DARK, LIGHT, Ink
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.buttons import ButtonKind, SegmentedButtons, block, icon_button, push_button, tool_button
from rebalancer_gui.ui.widgets.coin_chips import CoinChip, coin_cell, coins_cell, paint_chips
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.empty_state import EmptyState
from rebalancer_gui.ui.widgets.form import Field, FoldSection, MessageLine, SectionHeader
from rebalancer_gui.ui.widgets.halt_banner import Halt, HaltBanner
from rebalancer_gui.ui.widgets.investment_slider import STEPS, InvestmentSlider
from rebalancer_gui.ui.widgets.labels import ElidedLabel, StatusLabel, TextLabel
from rebalancer_gui.ui.widgets.mode_plate import Mode, ModeLine, ModePlate
from rebalancer_gui.ui.widgets.panel import ActionRow, Panel, form_scroll_area
from rebalancer_gui.ui.widgets.status_strip import StatusStrip
from tests.ui import gallery
from tests.ui.parts import found, painting, row_of, theme_of

NUMBERS = NumberFormat()
PartT = TypeVar("PartT", bound=QWidget)


@pytest.fixture
def page(qtbot, qapp: QApplication) -> QWidget:
    """A shown page to put parts on."""
    theme_of(qapp)
    made = QWidget()
    qtbot.addWidget(made)
    QVBoxLayout(made)
    made.resize(600, 400)
    with qtbot.waitExposed(made):
        made.show()
    return made


def put(page: QWidget, part: PartT) -> PartT:
    layout = page.layout()
    assert layout is not None
    layout.addWidget(part)
    settle()
    return part


def settle() -> None:
    """A layout shows and places its new widgets when events are processed."""
    QApplication.processEvents()


# -------------------------------------------------------------------------------------------------------------- banners

NOTE = Notice(Level.NOTE, "Kept in the system keyring")
SMALL = Notice(Level.WARNING, "Small legs will be skipped", "2.1 pp is the minimum.", "Invest 500.00", "invest")
OLD = Notice(Level.WARNING, "Prices are old")
KEY = Notice(Level.BLOCKING, "This key can take money out", icon="lock")


def test_the_worst_notice_is_shown_and_the_others_are_counted(page: QWidget):
    banner = put(page, Banner("expectationBanner"))
    assert banner.isHidden()
    banner.show_notices([NOTE, SMALL, KEY])
    assert banner.isVisible()
    assert banner.notice == KEY
    assert banner.property("level") == "blocking"
    more = found(banner, QToolButton, "expectationBannerMore")
    assert more.text() == "2 more"
    assert more.toolTip() == "Small legs will be skipped\nKept in the system keyring"


def test_one_more_leads_to_the_next_and_round(qtbot, page: QWidget):
    banner = put(page, Banner("expectationBanner"))
    banner.show_notices([SMALL, OLD])
    more = found(banner, QToolButton, "expectationBannerMore")
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert banner.notice == OLD
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert banner.notice == SMALL


def test_what_somebody_reads_stays_while_it_is_among_the_worst(qtbot, page: QWidget):
    banner = put(page, Banner("expectationBanner"))
    banner.show_notices([SMALL, OLD])
    qtbot.mouseClick(found(banner, QWidget, "expectationBannerMore"), Qt.MouseButton.LeftButton)
    banner.show_notices([NOTE, SMALL, OLD])
    assert banner.notice == OLD
    banner.show_notices([KEY, SMALL, OLD])
    assert banner.notice == KEY
    banner.show_notices([])
    assert banner.isHidden()


def test_the_cure_is_a_button_that_says_which(qtbot, page: QWidget):
    banner = put(page, Banner("expectationBanner"))
    banner.show_notice(SMALL)
    button = found(banner, QPushButton, "expectationBannerButton")
    assert button.text() == button.accessibleName() == "Invest 500.00"
    with qtbot.waitSignal(banner.actionPressed) as pressed:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert pressed.args == ["invest"]
    banner.show_notice(OLD)
    assert button.isHidden()


def test_a_banner_says_its_level_and_text_to_a_screen_reader(page: QWidget):
    banner = put(page, Banner("expectationBanner", inline=True))
    banner.show_notice(SMALL)
    assert banner.accessibleName() == "Warning: Small legs will be skipped. 2.1 pp is the minimum."


def test_a_running_line_shows_its_text_as_it_is_in_the_colours_of_the_theme(qapp: QApplication, page: QWidget):
    banner = put(page, Banner("noteBanner", inline=True))
    banner.show_notice(Notice(Level.NOTE, "<b>1 & 2</b>", "<i>"))
    (line,) = [label for label in banner.findChildren(QLabel) if label.textFormat() == Qt.TextFormat.RichText]
    assert "&lt;b&gt;1 &amp; 2&lt;/b&gt;" in line.text()
    assert LIGHT.info in line.text()
    theme_of(qapp, ColourScheme.DARK)
    assert DARK.info in line.text()
    theme_of(qapp)


def test_a_halt_says_what_happened_what_to_do_and_has_the_helping_button_filled(qtbot, page: QWidget):
    banner = put(page, HaltBanner())
    assert banner.isHidden()
    halt = Halt("Halted: one order has no answer", "It broke.", "Look it up.", "Look up the order", "Not resolved yet.")
    banner.show_halt(halt)
    assert banner.isVisible()
    help_button, resume = (
        found(banner, QPushButton, "haltActionButton"),
        found(banner, QPushButton, "resumeButton"),
    )
    assert (help_button.text(), help_button.property("kind")) == ("Look up the order", "main")
    assert (resume.isEnabled(), resume.toolTip(), resume.property("kind")) == (False, "Not resolved yet.", "normal")
    with qtbot.waitSignal(banner.actionPressed):
        help_button.click()
    banner.show_halt(Halt("Halted", "It broke.", "Press Resume."))
    assert help_button.isHidden()
    assert (resume.isEnabled(), resume.property("kind")) == (True, "main")
    with qtbot.waitSignal(banner.resumePressed):
        resume.click()
    banner.show_halt(None)
    assert banner.isHidden()


# -------------------------------------------------------------------------------------------------------------- buttons


def test_a_blocked_button_says_what_is_missing(page: QWidget):
    button = put(page, push_button("Create", "createButton", kind=ButtonKind.MAIN, tip="Build the portfolio"))
    block(button, "Weights add up to 90 %.")
    assert (button.isEnabled(), button.toolTip()) == (False, "Weights add up to 90 %.")
    assert button.accessibleDescription() == "Weights add up to 90 %."
    block(button, None)
    assert (button.isEnabled(), button.toolTip(), button.accessibleDescription()) == (True, "Build the portfolio", "")


def test_buttons_have_names_even_without_words(page: QWidget):
    for button in (icon_button("menu", "menuButton", "Menu"), tool_button("close", "removeBtc", "Remove BTC")):
        put(page, button)
        assert button.objectName()
        assert button.accessibleName() == button.toolTip() != ""
        assert not button.icon().isNull()


def test_one_segment_is_chosen_by_mouse_key_or_program(qtbot, page: QWidget):
    row = put(page, SegmentedButtons("range", "Range", [("1d", "1 D"), ("7d", "7 D"), ("all", "All")]))
    chosen: list[str] = []
    row.chosen.connect(chosen.append)
    assert row.current() == "1d"
    qtbot.mouseClick(found(row, QPushButton, "range7d"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(found(row, QPushButton, "range7d"), Qt.MouseButton.LeftButton)
    row.choose("all")
    assert (row.current(), chosen) == ("all", ["7d", "all"])
    with pytest.raises(ValueError, match="not in list"):
        row.choose("9d")


def test_segments_overlap_by_the_pixel_of_their_outline(page: QWidget):
    row = put(page, SegmentedButtons("range", "Range", [("1d", "1 D"), ("7d", "7 D"), ("all", "All")]))
    settle()
    one, two = found(row, QPushButton, "range1d"), found(row, QPushButton, "range7d")
    assert two.geometry().left() == one.geometry().right()
    assert one.height() == 28


# ----------------------------------------------------------------------------------------------------------- form parts


def test_a_field_shows_its_editors_problem_while_it_is_red_and_else_its_hint(qtbot, page: QWidget):
    edit = DecimalEdit("amountEdit", "", unit="USDT", limits=Limits(maximum=Decimal(10)), numbers=NUMBERS)
    field = put(page, Field("Amount", edit, hint="smallest legal 5"))
    assert edit.accessibleName() == "Amount"
    assert field.message.text() == "smallest legal 5"
    qtbot.keyClicks(edit, "11")
    assert field.message.text() == "Too large: legal is at most 10\u00a0USDT."
    assert field.message.label.objectName() == "amountEditMessage"
    assert field.message.label.property("ink") == "loss"
    qtbot.keyClick(edit, Qt.Key.Key_Backspace)
    assert field.message.text() == "smallest legal 5"
    field.set_message("The free pool holds 0.5", Level.WARNING)
    assert field.message.label.property("ink") == "warn"
    field.set_message(None)
    field.set_hint("")
    assert field.message.isHidden()


def test_a_field_may_hold_any_editor(page: QWidget):
    edit = QLineEdit()
    edit.setObjectName("strategyNameEdit")
    field = put(page, Field("Name", edit, beside=True))
    assert field.label.buddy() is edit
    field.set_message("A name is missing.")
    assert field.message.isVisible()


def test_the_message_line_tells_good_and_bad_apart_without_colour(page: QWidget):
    line = put(page, MessageLine("formMessage"))
    line.show_good("Weights add up to 100.00 %")
    assert line.label.property("ink") == Ink.GAIN
    line.show_problem("Weights add up to 90.00 %")
    assert (line.text(), line.label.property("ink")) == ("Weights add up to 90.00 %", Ink.LOSS)
    assert line.label.objectName() == "formMessage"


def test_a_section_folds_by_its_button_and_says_what_is_inside(qtbot, page: QWidget):
    section = put(page, FoldSection("advancedGroup", 4, "Advanced", "optional: trigger, stop-loss"))
    inside = QLabel("inside")
    section.body.addWidget(inside)
    assert not section.is_open()
    assert not inside.isVisible()
    with qtbot.waitSignal(section.toggled):
        qtbot.mouseClick(section.button, Qt.MouseButton.LeftButton)
    assert section.is_open()
    assert inside.isVisible()
    assert (section.button.objectName(), section.button.accessibleName()) == ("advancedGroup", "Advanced")
    section.set_open(False)
    assert not inside.isVisible()


def test_a_section_folds_by_a_click_on_its_title(qtbot, page: QWidget):
    section = put(page, FoldSection("advancedGroup", 4, "Advanced"))
    layout = page.layout()
    assert isinstance(layout, QVBoxLayout)
    layout.addStretch(1)
    settle()
    qtbot.mouseClick(section, Qt.MouseButton.LeftButton, pos=QPoint(50, 8))
    assert section.is_open()
    settle()
    qtbot.mouseClick(section, Qt.MouseButton.LeftButton, pos=QPoint(50, 8))
    assert not section.is_open()


def test_a_section_header_shows_its_number(page: QWidget):
    header = put(page, SectionHeader(2, "Investment", "hint"))
    assert [label.text() for label in header.findChildren(QLabel)][:3] == ["2", "Investment", "hint"]


# --------------------------------------------------------------------------------------------------------------- slider


@pytest.fixture
def slider(page: QWidget) -> InvestmentSlider:
    made = put(page, InvestmentSlider("investmentSlider", "Share of the free money"))
    made.set_maximum(Decimal("1900.005"), Decimal("0.01"))
    return made


def test_the_slider_picks_amounts_on_the_grid_and_all_of_it_at_its_end(slider: InvestmentSlider):
    assert slider.amount_at(0) == 0
    assert slider.amount_at(1) == Decimal("1.90")
    assert slider.amount_at(STEPS // 2) == Decimal("950.00")
    assert slider.amount_at(STEPS) == Decimal("1900.005")


def test_the_slider_follows_the_field_without_writing_into_it(slider: InvestmentSlider):
    picked: list[object] = []
    slider.picked.connect(picked.append)
    slider.show_amount(Decimal(475))
    assert slider.value() == 250
    slider.show_amount(None)
    slider.show_amount(Decimal(10**9))
    assert slider.value() == STEPS
    slider.show_amount(Decimal(-1))
    assert slider.value() == 0
    assert picked == []


def test_moving_the_slider_by_key_picks_exact_amounts(qtbot, slider: InvestmentSlider):
    picked: list[object] = []
    slider.picked.connect(picked.append)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert picked == [Decimal("19.00"), Decimal("1900.005")]
    assert slider.accessibleDescription() == "100 percent"


def test_with_nothing_free_the_slider_is_disabled(slider: InvestmentSlider):
    slider.set_maximum(Decimal(0), Decimal("0.01"))
    assert not slider.isEnabled()
    slider.show_amount(Decimal(5))


# ---------------------------------------------------------------------------------------------------------------- chips

FOUR = [CoinChip("BTC", 1), CoinChip("ETH", 2), CoinChip("BNB", 3), CoinChip("SOL", 4)]


def squares(image: QImage) -> list[int]:
    """The slots whose colour is on the image, in the order of the palette."""
    seen = set(row_of(image, image.height() // 2))
    return [slot for slot, colour in enumerate(LIGHT.coins, start=1) if colour.fill in seen]


@pytest.mark.parametrize("outlined", (True, False))
@pytest.mark.parametrize(("width", "shown"), ((400, [1, 2, 3, 4]), (120, [1]), (20, [])))
def test_as_many_chips_are_painted_as_fit(qapp: QApplication, width: int, shown: list[int], outlined: bool):
    theme = theme_of(qapp)
    with painting(width, 32) as (image, painter):
        painter.fillRect(image.rect(), theme.colour(Ink.ON_ACCENT))
        end = paint_chips(painter, image.rect(), FOUR, theme, outlined=outlined)
    found = squares(image)
    assert found[: len(shown)] == shown
    assert len(found) < 4 or width == 400
    assert end <= width or not shown


def test_coins_left_out_are_counted(qapp: QApplication):
    theme = theme_of(qapp)
    with painting(400, 32) as (_, painter):
        all_shown = paint_chips(painter, QRect(0, 0, 400, 32), FOUR[:2], theme, outlined=True)
        with_more = paint_chips(painter, QRect(0, 0, 400, 32), FOUR[:2], theme, outlined=True, total=5)
    assert with_more > all_shown + 20


def test_cells_of_coins_say_them_all():
    cell = coins_cell([CoinChip("BTC", 1, "72.2"), CoinChip("ETH", 2)])
    assert (cell.text, cell.spoken, cell.tip) == ("BTC 72.2 ETH", "BTC 72.2, ETH", "BTC 72.2 ETH")
    assert coin_cell("BTC", 1).bold
    assert not coin_cell("USDT", None).bold


# ------------------------------------------------------------------------------------------------- mode, status, panels


def test_the_mode_is_seen_by_word_colour_and_line(qapp: QApplication, page: QWidget):
    plate, line = put(page, ModePlate()), put(page, ModeLine())
    assert (plate.objectName(), plate.text(), line.height()) == ("modePlate", "PAPER", 2)
    assert row_of(plate.grab().toImage(), 4)[8] == LIGHT.paper
    plate.set_mode(Mode.LIVE)
    line.set_mode(Mode.LIVE)
    assert (plate.text(), plate.mode, line.height()) == ("LIVE", Mode.LIVE, 3)
    assert "Real money" in plate.toolTip()
    assert row_of(plate.grab().toImage(), 4)[8] == LIGHT.live
    assert row_of(line.grab().toImage(), 1)[8] == LIGHT.live


def test_the_status_strip_shows_engine_and_status(page: QWidget):
    strip = put(page, StatusStrip())
    strip.set_engine("running", "running", Ink.GAIN)
    strip.set_status("Core 4 is within 5 %: nothing to do")
    strip.set_next_check("next check 14:32:10")
    strip.set_clock("14:32:08 UTC")
    assert found(strip, QLabel, "engineStateLabel").text() == "running"
    assert found(strip, QLabel, "statusText").text() == "Core 4 is within 5 %: nothing to do"
    assert strip.height() == 28


def test_the_tooltip_of_the_focused_control_stands_in_the_strip(qtbot, page: QWidget):
    strip = put(page, StatusStrip())
    strip.set_status("all is well")
    button = put(page, push_button("Preview", "previewButton", tip="Shows the orders"))
    other = put(page, QLineEdit())
    text = found(strip, QLabel, "statusText")
    other.setFocus()
    button.setFocus()
    qtbot.waitUntil(lambda: text.text() == "Shows the orders", timeout=2000)
    strip.set_status("something happened")
    assert text.text() == "Shows the orders"
    other.setFocus()
    qtbot.waitUntil(lambda: text.text() == "something happened", timeout=2000)


def test_a_line_that_gives_way_keeps_its_whole_text(page: QWidget):
    label = put(page, ElidedLabel("a sentence that is far too long for the room there is", object_name="statusText"))
    label.setFixedWidth(80)
    settle()
    assert label.text() == label.toolTip() == "a sentence that is far too long for the room there is"
    label.setText("short")
    assert label.toolTip() == ""


def test_text_is_never_read_as_markup(page: QWidget):
    label = put(page, TextLabel("<b>x</b>"))
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_a_state_has_an_icon_and_a_word(page: QWidget):
    status = put(page, StatusLabel("running", "Running", Ink.GAIN, object_name="strategyState"))
    status.set_status("halted", "Halted", Ink.LOSS)
    assert (status.label.text(), status.label.property("ink")) == ("Halted", "loss")


def test_a_panel_draws_its_outline_and_its_children_do_not(page: QWidget):
    panel = put(page, Panel("Strategies", line=True))
    panel.body.addWidget(TextLabel("inside"))
    panel.body.addWidget(ActionRow())
    image = panel.grab().toImage()
    middle = row_of(image, image.height() // 3)
    assert (middle[0], middle[1], middle[-1]) == (LIGHT.border, LIGHT.surface, LIGHT.border)
    assert middle.count(LIGHT.border) == 2


def test_a_scrolled_form_keeps_the_panels_ground(page: QWidget):
    panel = put(page, Panel())
    panel.body.addWidget(form_scroll_area(QWidget(), "manualScroll"))
    image = panel.grab().toImage()
    assert set(row_of(image, image.height() // 2)[2:-2]) == {LIGHT.surface}


def test_an_empty_list_teaches_with_buttons(page: QWidget):
    button = push_button("Try a preset", "tryPresetButton", kind=ButtonKind.MAIN)
    state = put(page, EmptyState("No strategies yet", "Choose coins and weights.", [button]))
    assert button.isVisible()
    assert "No strategies yet" in [label.text() for label in state.findChildren(QLabel)]


def test_the_gallery_draws_every_part_in_both_themes(qapp: QApplication, tmp_path: Path):
    gallery.main(tmp_path)
    light, dark = QImage(str(tmp_path / "components-light.png")), QImage(str(tmp_path / "components-dark.png"))
    assert row_of(light, 4)[4] == LIGHT.window
    assert row_of(dark, 4)[4] == DARK.window
    for image, tokens in ((light, LIGHT), (dark, DARK)):
        colours = {image.pixelColor(x, y).name().upper() for y in range(0, 800, 3) for x in range(0, 1280, 3)}
        for token in (
            "surface",
            "accent",
            "warn",
            "zone",
            "warn_bg",
            "danger_bg",
            "info_bg",
            "paper",
            "live",
            "select",
        ):
            assert getattr(tokens, token) in colours, token
    theme_of(qapp)
