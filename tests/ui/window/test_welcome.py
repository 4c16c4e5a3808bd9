"""The welcome of the first start."""

from PySide6.QtWidgets import QDialog, QLineEdit, QTabWidget, QWidget

from rebalancer_gui.ui.window_state import WindowState, window_state
from tests.ui.sample_account import SampleAccount


def welcome_of(desk):
    return desk.find(QWidget, "welcomePage")


def test_the_first_start_welcomes_and_blocks_nothing(open_desk):
    desk = open_desk(SampleAccount(), state=WindowState())
    desk.start()
    assert welcome_of(desk).isVisible()
    assert desk.find(QWidget, "createPanel").isEnabled()
    assert not [dialog for dialog in desk.window.findChildren(QDialog) if dialog.isVisible()]


def test_skipped_it_gives_way_to_the_usual_page_and_is_remembered(open_desk):
    desk = open_desk(SampleAccount(), state=WindowState())
    desk.start()
    desk.press("welcomeSkipButton")
    assert not welcome_of(desk).isVisible()
    assert desk.find(QWidget, "strategiesEmpty").isVisible()
    assert desk.saved[-1].welcomed
    assert window_state(desk.saved[-1].to_settings()).welcomed


def test_the_demo_leads_to_the_presets_with_the_amount_to_be_typed(open_desk):
    desk = open_desk(SampleAccount(), state=WindowState(create_tab=1))
    desk.start()
    desk.press("welcomeDemoButton")
    tabs = desk.find(QTabWidget, "createTabs")
    assert tabs.tabText(tabs.currentIndex()) == "AI Rebalance"
    assert desk.window.focusWidget() is desk.find(QLineEdit, "presetInvestmentEdit")
    assert not welcome_of(desk).isVisible()


def test_later_starts_do_not_welcome_again(open_desk):
    desk = open_desk(SampleAccount(), state=WindowState(welcomed=True))
    desk.start()
    assert not welcome_of(desk).isVisible()


def test_whoever_has_strategies_is_not_welcomed(desk):
    assert not welcome_of(desk).isVisible()
    assert desk.window.welcoming.is_over
