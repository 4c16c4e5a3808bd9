"""The icon in the tray: what it says, its menu, closing into it, starting in it, what was chosen once."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QPushButton, QSystemTrayIcon

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.settings_file import SettingsFile
from rebalancer_gui.application import commands as c
from rebalancer_gui.application.settings import ON_CLOSE
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.domain.strategy import State, TradingMode
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.tray_state import TrayPicture, picture_of
from tests.ui.parts import found
from tests.ui.sample_account import SampleAccount
from tests.ui.staged_accounts import full_account


@pytest.fixture
def settings(tmp_path: Path) -> SettingsDesk:
    folder = DataFolder(tmp_path)
    folder.write_settings({"format": "rebalancer-settings", "version": 1})
    return SettingsDesk(SettingsFile(folder))


class Icon(QSystemTrayIcon):
    """A real icon, which is not shown: offscreen there is nothing to show it in."""

    shown = False

    def show(self) -> None:
        self.shown = True

    def hide(self) -> None:
        self.shown = False

    def showMessage(self, *_words: object) -> None:
        """Nobody is there to read it."""


def with_tray(desk, *, there=True):
    """The desk, with or without a tray on its desktop."""
    desk.window.tray._available = lambda: there
    desk.window.tray._make_icon = Icon
    return desk


def view_with(*states, **changes):
    view = full_account().view()
    first = view.strategies[0]
    strategies = tuple(replace(first, id=f"s{n}", state=state) for n, state in enumerate(states))
    return replace(view, strategies=strategies, **changes)


@pytest.mark.parametrize(
    ("view", "picture"),
    [
        (view_with(State.RUNNING, State.BUILDING, State.ENDED), TrayPicture("running", Ink.GAIN, "Running: 2 strategies")),
        (view_with(State.PAUSED, State.PAUSED), TrayPicture("paused", Ink.WARN, "Paused: 2 strategies")),
        (view_with(State.PAUSED, State.RUNNING), TrayPicture("running", Ink.GAIN, "Running: 2 strategies")),
        (view_with(State.HALTED, State.RUNNING), TrayPicture("halted", Ink.LOSS, "Halted: 1 of 2 strategies")),
        (view_with(State.RUNNING, trading=TradingMode.WATCH), TrayPicture("eye", Ink.WARN, "Watch only: 1 strategies")),
        (view_with(State.RUNNING, halted="The ledger is short."), TrayPicture("halted", Ink.LOSS, "Halted: 1 accounts")),
        (
            view_with(State.RUNNING, stop_all=True),
            TrayPicture("stop-all", Ink.LOSS, "Stop all is on: nothing is sent.", stopped=True),
        ),
        (view_with(State.ENDED), TrayPicture("ended", Ink.TEXT2, "No strategy runs.")),
    ],
)  # fmt: skip
def test_the_icon_says_the_worst_of_all_accounts_in_shape_colour_and_words(view, picture):
    assert picture_of([view]) == picture
    assert picture_of([view], ended=True).words == "The engine does not run."


def test_each_state_has_a_shape_of_its_own():
    views = (
        view_with(State.RUNNING), view_with(State.PAUSED), view_with(State.HALTED), view_with(State.ENDED),
        view_with(State.RUNNING, trading=TradingMode.WATCH), view_with(State.RUNNING, stop_all=True),
    )  # fmt: skip
    assert len({picture_of([view]).icon for view in views}) == len(views)


def test_without_a_tray_there_is_no_icon_and_closing_offers_none(desk):
    with_tray(desk, there=False)
    desk.window.open()
    assert desk.window.tray.icon is None
    desk.window.close()
    assert desk.dialog().findChild(QPushButton, "closeTrayButton") is None


def test_a_tray_that_starts_after_the_program_gets_the_icon_and_closing_then_offers_it(desk):
    tray = with_tray(desk, there=False).window.tray
    desk.window.open()
    tray.watch()
    assert tray.icon is None
    with_tray(desk)
    tray.watch()
    assert [icon.shown for icon in tray.findChildren(Icon)] == [True]
    assert tray.picture.words.startswith("Running")
    tray.close_icon()
    assert not [timer for timer in tray.findChildren(QTimer) if timer.isActive()]


def test_a_window_that_hides_in_a_tray_which_ends_comes_back_by_itself(desk):
    tray = with_tray(desk).window.tray
    desk.window.open()
    desk.window.hide()
    with_tray(desk, there=False)
    tray.watch()
    assert not desk.window.isVisible(), "a panel that is started anew is away for a moment"
    with_tray(desk)
    tray.watch()
    with_tray(desk, there=False)
    tray.watch()
    assert not desk.window.isVisible()
    tray.watch()
    assert desk.window.isVisible()
    desk.window.close()
    assert desk.dialog().findChild(QPushButton, "closeTrayButton") is None


def test_a_window_that_is_there_is_left_as_it_is_when_the_tray_ends(desk):
    tray = with_tray(desk).window.tray
    desk.window.open(minimised=False)
    desk.window.showMinimized()
    with_tray(desk, there=False)
    tray.watch()
    tray.watch()
    assert desk.window.isMinimized()


def test_the_icon_follows_the_engine_also_while_the_window_is_hidden(desk):
    tray = with_tray(desk).window.tray
    desk.window.open()
    assert tray.picture.words.startswith("Running")
    tip, drawn = tray.icon.toolTip(), tray.icon.icon().cacheKey()
    assert tip == f"Rebalancer: {tray.picture.words}"
    tray.refresh()
    assert tray.icon.icon().cacheKey() == drawn, "it is drawn anew though nothing changed"
    desk.window.hide()
    for strategy in desk.account.strategies:
        strategy.state = State.PAUSED
    desk.engine.tell()
    tray.refresh()
    assert tray.picture.icon == "paused"
    assert tray.icon.toolTip() != tip
    assert tray.icon.icon().cacheKey() != drawn


def test_the_menu_stops_everything_resumes_after_a_question_and_shows_the_window(desk):
    tray = with_tray(desk).window.tray
    desk.window.open()
    actions = {action.objectName(): action for action in tray.menu.actions() if action.objectName()}
    assert not actions["trayStateAction"].isEnabled()
    assert actions["trayStopAllAction"].isVisible()
    assert not actions["trayResumeAction"].isVisible()
    actions["trayStopAllAction"].trigger()
    assert desk.taken(c.StopAll)
    desk.answer()
    tray.refresh()
    assert actions["trayStateAction"].text() == "Stop all is on: nothing is sent."
    assert not actions["trayStopAllAction"].isVisible()
    desk.window.hide()
    actions["trayResumeAction"].trigger()
    assert desk.window.isVisible()
    desk.press("confirmButton")
    assert desk.taken(c.ResumeTrading)
    desk.window.hide()
    actions["trayShowAction"].trigger()
    assert desk.window.isVisible()


def test_closing_hides_into_the_tray_and_the_engine_goes_on(desk):
    tray = with_tray(desk).window.tray
    closed = []
    desk.window.closing.connect(lambda: closed.append(True))
    desk.window.close()
    assert found(desk.dialog(), QPushButton, "closeTrayButton").isEnabled()
    assert desk.dialog().findChild(QCheckBox, "closeQuestionRememberCheck") is None  # nowhere to remember it
    desk.press("closeTrayButton")
    assert (desk.window.isVisible(), closed, tray.icon.shown) == (False, [], True)
    desk.window.raise_to_front()
    assert desk.window.isVisible()


@pytest.mark.parametrize(("button", "word"), [("closeTrayButton", "tray"), ("closeQuitButton", "stop")])
def test_an_answer_can_be_given_for_good(desk, settings, button, word):
    with_tray(desk).window.offer_settings(settings)
    desk.window.close()
    found(desk.dialog(), QCheckBox, "closeQuestionRememberCheck").click()
    desk.press(button)
    desk.qtbot.waitUntil(lambda: settings.value(ON_CLOSE) == word)
    assert not desk.window.isVisible()


def test_what_was_chosen_once_is_done_without_a_question(desk, settings):
    with_tray(desk).window.offer_settings(settings)
    settings.set(ON_CLOSE, "tray")
    closed = []
    desk.window.closing.connect(lambda: closed.append(True))
    desk.window.close()
    assert (desk.dialog(), desk.window.isVisible(), closed) == (None, False, [])
    desk.window.raise_to_front()
    desk.window.tray._available = lambda: False
    desk.window.close()
    assert desk.dialog().objectName() == "closeQuestion"  # no tray any more: it does not vanish
    desk.press("closeQuestionCancel")
    settings.set(ON_CLOSE, "stop")
    desk.window.close()
    assert (desk.window.isVisible(), closed) == (False, [True])


def test_quit_asks_where_closing_would_hide(desk, settings):
    with_tray(desk).window.offer_settings(settings)
    settings.set(ON_CLOSE, "tray")
    desk.window.open()
    desk.window.hide()
    closed: list[bool] = []
    desk.window.closing.connect(lambda: closed.append(True))
    desk.window.findChild(QAction, "quitAction").trigger()
    assert desk.window.isVisible()
    desk.press("closeQuitButton")
    assert closed == [True]
    assert not desk.window.tray.icon.shown


def test_started_minimised_it_is_in_the_tray_and_draws_nothing(open_desk):
    desk = open_desk(SampleAccount())
    desk.window.hide()
    with_tray(desk).window.open(minimised=True)
    assert not desk.window.isVisible()
    assert desk.window.tray.icon is not None
    drawn: list[object] = []
    desk.feed.accountChanged.connect(drawn.append)
    desk.start()
    assert not drawn
    desk.window.tray.showAsked.emit()
    desk.qtbot.waitUntil(lambda: bool(drawn))


def test_started_minimised_without_a_tray_it_is_in_the_task_bar(desk):
    desk.window.hide()
    with_tray(desk, there=False).window.open(minimised=True)
    assert desk.window.isMinimized()
    assert desk.window.tray.icon is None
