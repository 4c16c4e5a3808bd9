"""What appears by itself is said to whoever hears the window, and nothing is said twice."""

import pytest
from PySide6.QtGui import QAccessible

from rebalancer_gui.ui.widgets import announce as told
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.form import MessageLine
from tests.ui.parts import put, settle, shown_page


@pytest.fixture
def said(monkeypatch):
    """The kind and the text of each event that went out to screen readers."""
    events: list[tuple[str, str]] = []

    class Recorder:
        Event, AnnouncementPoliteness = QAccessible.Event, QAccessible.AnnouncementPoliteness

        @staticmethod
        def isActive() -> bool:
            return True

        @staticmethod
        def updateAccessibility(event) -> None:
            text = event.message() if hasattr(event, "message") else ""
            events.append((event.type().name, text))

    monkeypatch.setattr(told, "QAccessible", Recorder)
    return events


def test_a_banner_is_said_when_it_appears_and_when_it_says_something_else(qtbot, qapp, said):
    page = shown_page(qtbot, qapp)
    banner = put(page, Banner("aBanner"))
    banner.show_notice(Notice(Level.WARNING, "Small legs will be skipped", "2.1 pp is the minimum."))
    banner.show_notice(Notice(Level.WARNING, "Small legs will be skipped", "2.1 pp is the minimum."))
    assert said == [("Announcement", "Warning: Small legs will be skipped. 2.1 pp is the minimum.")]
    banner.show_notice(Notice(Level.WARNING, "Small legs will be skipped", "3.0 pp is the minimum."))
    assert len(said) == 2


def test_what_blocks_is_an_alert(qtbot, qapp, said):
    page = shown_page(qtbot, qapp)
    banner = put(page, Banner("aBanner"))
    banner.show_notice(Notice(Level.BLOCKING, "The key may withdraw"))
    assert said == [("Alert", ""), ("Announcement", "Blocked: The key may withdraw")]


def test_nothing_is_said_of_what_is_not_on_the_screen(qtbot, qapp, said):
    page = shown_page(qtbot, qapp)
    banner = put(page, Banner("aBanner"))
    page.hide()
    banner.show_notice(Notice(Level.BLOCKING, "The key may withdraw"))
    assert said == []


def test_the_answer_to_a_press_is_said_and_what_is_found_while_typing_is_not(qtbot, qapp, said):
    page = shown_page(qtbot, qapp)
    line = put(page, MessageLine("aMessage"))
    line.show_problem("10.50 is too little.")
    line.show_good("Enough for 3 coins")
    settle()
    assert said == []
    line.show_good("500 USDT came in.", aloud=True)
    line.show_problem("The account has 9,000 USDT.", aloud=True)
    settle()
    assert said == [
        ("Announcement", "500 USDT came in."),
        ("Alert", ""),
        ("Announcement", "The account has 9,000 USDT."),
    ]
