"""Banners: worst first, the rest counted, the cure on a button."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QWidget

from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.tokens import DARK, LIGHT
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.halt_banner import Halt, HaltAction, HaltBanner, Help
from tests.ui.parts import found, put, shown_page, theme_of


@pytest.fixture
def page(qtbot, qapp: QApplication) -> QWidget:
    return shown_page(qtbot, qapp)


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


def test_a_halt_says_what_happened_what_to_do_and_has_the_helping_buttons(qtbot, page: QWidget):
    banner = put(page, HaltBanner())
    assert banner.isHidden()
    helps = (
        Help("Replace the coin", HaltAction.REPLACE),
        Help("Drop it", HaltAction.DROP, "A strategy needs at least 2 coins."),
    )
    banner.show_halt(Halt("Halted: SOL is closed", "It closed.", "Replace it.", helps, "Still closed.", "Not yet."))
    assert banner.isVisible()
    first, second, resume, end = (
        found(banner, QPushButton, name)
        for name in ("haltActionButton", "haltSecondButton", "resumeButton", "haltEndButton")
    )
    assert (first.text(), first.property("kind"), first.isEnabled()) == ("Replace the coin", "main", True)
    assert (second.isEnabled(), second.toolTip()) == (False, "A strategy needs at least 2 coins.")
    assert (resume.isEnabled(), resume.toolTip(), resume.property("kind")) == (False, "Still closed.", "normal")
    assert (end.isEnabled(), end.toolTip()) == (False, "Not yet.")
    with qtbot.waitSignal(banner.actionPressed) as pressed:
        first.click()
    assert pressed.args == [HaltAction.REPLACE]
    banner.show_halt(Halt("Halted", "It broke.", "Press Resume."))
    assert first.isHidden()
    assert second.isHidden()
    assert (resume.isEnabled(), resume.property("kind")) == (True, "main")
    with qtbot.waitSignal(banner.resumePressed):
        resume.click()
    with qtbot.waitSignal(banner.endPressed):
        end.click()
    banner.show_halt(None)
    assert banner.isHidden()
