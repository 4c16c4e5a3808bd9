"""Settings, page Program, and the search over all pages."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QListView, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.settings_file import SettingsFile
from rebalancer_gui.application.market_data_desk import MarketDataDesk
from rebalancer_gui.application.settings import COLOURS, DECLARED, LANGUAGE, ON_CLOSE, START_MINIMISED, Page
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.domain.rails import RAILS, Rail
from rebalancer_gui.ui.dialogs import market_data_page, notifications_page
from rebalancer_gui.ui.dialogs.market_data_page import MarketDataPage
from rebalancer_gui.ui.dialogs.notifications_page import NotificationsPage
from rebalancer_gui.ui.dialogs.settings import SettingsDialog
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.widgets.secret_edit import ClipboardCleaner
from tests.ui.parts import found, theme_of
from tests.ui.staged_accounts import live_rails_account
from tests.ui.window.test_market_data import Keys, Section
from tests.ui.window.test_notifications import staged
from tests.ui.window.test_reading import cut_texts


@pytest.fixture
def stored(tmp_path: Path) -> SettingsDesk:
    folder = DataFolder(tmp_path)
    folder.write_settings({"format": "rebalancer-settings", "version": 1, "program": {"on_close": "sometimes"}})
    return SettingsDesk(SettingsFile(folder))


class Full:
    """Settings with every page that the program has, without the window around it."""

    def __init__(self, qtbot: QtBot, stored: SettingsDesk) -> None:
        self.qtbot = qtbot
        self.dialog = dialog = SettingsDialog(live_rails_account().view(), ColourScheme.LIGHT, NumberFormat())
        background, cleaner = Errands(dialog, in_order=True), ClipboardCleaner(dialog)
        dialog.program.offer(stored, background)
        told = NotificationsPage(staged().desk, background, cleaner, NumberFormat(), dialog)
        dialog.add_page(told, "Notifications", "notificationsScroll", Page.NOTIFICATIONS, notifications_page.PLACES)
        data = MarketDataPage(MarketDataDesk(Section(), Keys()), background, cleaner, dialog)
        dialog.add_page(data, "Market data", "marketDataScroll", Page.MARKET_DATA, market_data_page.PLACES)
        with qtbot.waitExposed(dialog):
            dialog.show()
        qtbot.waitUntil(lambda: dialog.is_complete)


@pytest.fixture
def full(qtbot: QtBot, qapp: QApplication, stored: SettingsDesk) -> Iterator[Full]:
    theme_of(qapp)
    made = Full(qtbot, stored)
    yield made
    if isValid(made.dialog):
        made.dialog.close()
    QApplication.processEvents()


def opened(full: Full) -> SettingsDialog:
    return full.dialog


def search(desk, dialog, text: str) -> list[str]:
    edit = found(dialog, QLineEdit, "settingsSearchEdit")
    edit.setFocus()
    edit.clear()
    desk.qtbot.keyClicks(edit, text)
    model = found(dialog, QListView, "settingsSearchList").model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_the_colours_of_the_theme_are_those_that_are_declared():
    assert [word for word, _ in COLOURS.options] == [scheme.value for scheme in ColourScheme]


def test_what_is_chosen_on_the_program_page_is_stored_at_once_and_a_bad_value_is_said_beside_it(full, stored):
    dialog = opened(full)
    dialog.tabs.setCurrentIndex(2)
    said = found(dialog, QLabel, "settingsOnCloseComboMessage")
    assert said.isVisibleTo(dialog)
    assert '"sometimes" is not one of ask, tray, stop. The default is used: Ask each time.' in said.text()
    closing = found(dialog, QComboBox, "settingsOnCloseCombo")
    assert closing.currentData() == "ask"
    closing.setCurrentIndex(closing.findData("stop"))
    language = found(dialog, QComboBox, "settingsLanguageCombo")
    assert [language.itemText(i) for i in range(language.count())] == ["As the system", "English", "Deutsch"]
    language.setCurrentIndex(language.findData("de"))
    found(dialog, QCheckBox, "settingsStartMinimisedCheck").click()
    full.qtbot.waitUntil(lambda: stored.value(START_MINIMISED))
    assert (stored.value(ON_CLOSE), stored.value(LANGUAGE)) == ("stop", "de")
    assert not said.isVisibleTo(dialog)
    assert "next start" in found(dialog, QLabel, "settingsLanguageComboHint").text()
    assert cut_texts(dialog) == []


def test_what_cannot_be_stored_is_said_and_the_editor_goes_back(full, stored, tmp_path):
    dialog = opened(full)
    dialog.tabs.setCurrentIndex(2)
    (tmp_path / "settings.json").write_text(json.dumps({"format": "rebalancer-settings", "version": 99}))
    combo = found(dialog, QComboBox, "settingsLanguageCombo")
    combo.setCurrentIndex(combo.findData("de"))
    said = found(dialog, QLabel, "programMessage")
    full.qtbot.waitUntil(lambda: said.isVisibleTo(dialog))
    assert "version 99" in said.text()
    assert combo.currentData() == "system"


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("deutsch", "Program  \u203a  Language"),
        ("CLOSE", "Program  \u203a  When the window is closed while strategies run"),
        ("standby", "Notifications  \u203a  Keep this computer awake while a live strategy runs"),
        ("start with system", "Notifications  \u203a  Rebalancer starts when I log in"),
        ("coingecko key", "Market data  \u203a  CoinGecko key"),
        ("notifications.low_bnb", "Notifications  \u203a  BNB is low below"),
        ("watch only", "Trading mode  \u203a  Watch only"),
        ("stop all", f"Safety rails  \u203a  {RAILS[Rail.STOP_ALL].title}"),
    ],
)
def test_words_find_what_they_are_about_first(full, words, first):
    assert search(full, opened(full), words)[0] == first


def test_every_declared_setting_is_found_by_its_title_and_shown_with_the_focus(full):
    dialog = opened(full)
    for setting in DECLARED:
        assert any(setting.title in hit for hit in search(full, dialog, setting.title)), setting.key
        full.qtbot.keyClick(found(dialog, QLineEdit, "settingsSearchEdit"), Qt.Key.Key_Return)
        assert found(dialog, QLineEdit, "settingsSearchEdit").text() == ""
        edit = found(dialog, QLineEdit, "settingsSearchEdit")
        full.qtbot.waitUntil(lambda edit=edit: dialog.focusWidget() is not edit)
        shown = dialog.focusWidget()
        if shown is not dialog.tabs.tabBar():  # this session has no desktop for notifications: that box is off
            assert shown.property("settingKey") == setting.key
            assert not shown.visibleRegion().isEmpty()


def test_a_rail_is_shown_from_the_list_of_what_was_found(full):
    dialog = opened(full)
    search(full, dialog, RAILS[Rail.DEPEG].title)
    edit = found(dialog, QLineEdit, "settingsSearchEdit")
    full.qtbot.keyClick(edit, Qt.Key.Key_Down)
    hits = found(dialog, QListView, "settingsSearchList")
    assert hits.hasFocus()
    hits.activated.emit(hits.currentIndex())
    assert dialog.tabs.currentIndex() == 0
    full.qtbot.waitUntil(lambda: dialog.rows[Rail.DEPEG].isAncestorOf(dialog.focusWidget()))


def test_words_that_are_nowhere_say_so_and_escape_clears_them_before_it_closes(full):
    dialog = opened(full)
    assert search(full, dialog, "zebra") == []
    assert found(dialog, QLabel, "settingsSearchNothing").isVisibleTo(dialog)
    edit = found(dialog, QLineEdit, "settingsSearchEdit")
    full.qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert (edit.text(), dialog.isVisible()) == ("", True)
    QApplication.sendEvent(edit, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier))
    assert not dialog.isVisible()


def test_every_control_of_every_page_has_a_name_of_its_own(full):
    dialog = opened(full)
    for tab in range(dialog.tabs.count()):
        dialog.tabs.setCurrentIndex(tab)
    parts = [p for p in dialog.findChildren(QWidget) if p.focusPolicy() & Qt.FocusPolicy.TabFocus]
    controls = [p for p in parts if isinstance(p, QLineEdit | QComboBox | QCheckBox)]
    named = [c for c in controls if not isinstance(c.parent(), QComboBox) and "qt_" not in c.objectName()]
    assert [repr(c) for c in named if not c.objectName() or not c.accessibleName()] == []
    assert len({c.objectName() for c in named}) == len(named)
