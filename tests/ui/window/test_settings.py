"""Settings: safety rails with their values, defaults and reasons, the trading mode, colours."""

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton, QRadioButton

from rebalancer_gui.application.safety_commands import SetRails, SetTradingMode
from rebalancer_gui.domain.rails import RAILS, AccountKind, Rail, RailSet
from rebalancer_gui.domain.strategy import TradingMode
from rebalancer_gui.ui.dialogs.rail_words import name_of
from rebalancer_gui.ui.dialogs.settings import SettingsDialog
from rebalancer_gui.ui.theme import ColourScheme
from tests.ui.parts import found
from tests.ui.staged_accounts import live_rails_account
from tests.ui.window.test_reading import cut_texts


def opened(desk) -> SettingsDialog:
    desk.window.findChild(QAction, "settingsAction").trigger()
    dialog = desk.dialog()
    assert isinstance(dialog, SettingsDialog)
    assert dialog.objectName() == "settingsDialog"
    desk.qtbot.waitUntil(lambda: dialog.is_complete)
    return dialog


@pytest.fixture
def live(open_desk):
    """A desk whose account has the rails of live prices: interval 120 s, the depeg guard switched off."""
    desk = open_desk(live_rails_account())
    desk.start()
    return desk


def put(desk, dialog, rail: Rail, text: str) -> None:
    edit = found(dialog, QLineEdit, name_of(rail, "Edit"))
    edit.setFocus()
    edit.selectAll()
    desk.qtbot.keyClicks(edit, text)


def message(dialog, rail: Rail) -> str:
    label = found(dialog, QLabel, name_of(rail, "Message"))
    return label.text() if label.isVisibleTo(dialog) else ""


def test_ctrl_comma_opens_it_once_and_the_keyboard_starts_on_no_button(desk):
    action = desk.window.findChild(QAction, "settingsAction")
    assert action.shortcut().toString() == "Ctrl+,"
    dialog = opened(desk)
    action.trigger()
    assert len(desk.window.findChildren(SettingsDialog)) == 1
    assert not isinstance(dialog.focusWidget(), QPushButton)
    save = found(dialog, QPushButton, "confirmButton")
    assert (save.isEnabled(), save.toolTip()) == (False, "Nothing is changed yet.")


def test_every_rail_is_listed_with_default_effect_and_reason(live):
    dialog = opened(live)
    assert set(dialog.rows) == set(Rail)
    texts = [label.text().replace("\N{NO-BREAK SPACE}", " ") for label in dialog.findChildren(QLabel)]
    for info in RAILS.values():
        assert info.reason in texts
    facts = found(dialog, QLabel, "railOrderShareFacts").text().replace("\N{NO-BREAK SPACE}", " ")
    assert facts == (
        "Default: 50 %. Legal: 1 to 100. Effect: skip (left out this time, tried again at the next check). "
        "Exits are exempt."
    )
    assert found(dialog, QLineEdit, "railIntervalEdit").text() == "120"
    assert not found(dialog, QCheckBox, "railDepegCheck").isChecked()
    assert not found(dialog, QLineEdit, "railDepegEdit").isEnabled()


def test_on_the_demo_market_most_rails_are_off_with_the_reason_and_have_no_field(desk):
    dialog = opened(desk)
    for rail in Rail:
        edit = dialog.findChild(QLineEdit, name_of(rail, "Edit"))
        assert (edit is not None) == (rail is Rail.REFUSED), rail
    assert found(dialog, QLabel, "railIntervalText").text() == "off"
    words = [label.text() for label in dialog.findChildren(QLabel)]
    assert "Not used on a paper account on the demo market" in words
    assert any("its prices are replayed" in text for text in words)
    assert found(dialog, QLabel, "railStopAllText").text() == "on"


def test_changed_values_and_switches_are_saved_together_and_said(live):
    dialog = opened(live)
    put(live, dialog, Rail.ORDER_SHARE, "25")
    put(live, dialog, Rail.ORDER_CAP, "500")
    found(dialog, QCheckBox, "railChecksCheck").setChecked(False)
    found(dialog, QCheckBox, "railDepegCheck").setChecked(True)
    live.press("confirmButton")
    (command,) = live.taken(SetRails)
    assert command.values == {Rail.ORDER_SHARE: Decimal(25), Rail.ORDER_CAP: Decimal(500), Rail.INTERVAL: Decimal(120)}
    assert command.off == {Rail.CHECKS}
    live.answer()
    assert live.dialog() is None
    assert not live.taken(SetTradingMode)
    assert live.account.rails.value(Rail.ORDER_SHARE) == 25


@pytest.mark.parametrize(
    ("rail", "text", "words"),
    [
        (Rail.ORDER_SHARE, "0", "legal is 1 to 100"),
        (Rail.ORDER_SHARE, "101", "legal is 1 to 100"),
        (Rail.ORDER_SHARE, "a half", "number"),
        (Rail.RATE, "1.5", "Only multiples of 1"),
        (Rail.INTERVAL, "", "legal is 0 to 3,600"),
        (Rail.SPREAD_MAJOR, "4", "must not be over that of any other coin (3 %)"),
    ],
)
def test_what_is_not_legal_is_said_at_its_field_and_cannot_be_saved(live, rail, text, words):
    dialog = opened(live)
    edit = found(dialog, QLineEdit, name_of(rail, "Edit"))
    edit.setFocus()
    edit.selectAll()
    live.qtbot.keyClick(edit, Qt.Key.Key_Delete)
    live.qtbot.keyClicks(edit, text)
    said = message(dialog, rail).replace("\N{NO-BREAK SPACE}", " ")
    assert words in said
    save = found(dialog, QPushButton, "confirmButton")
    assert not save.isEnabled()
    assert words in save.toolTip().replace("\N{NO-BREAK SPACE}", " ")
    assert RAILS[rail].title in save.toolTip()


def test_each_rail_and_all_of_them_go_back_to_the_default(live):
    dialog = opened(live)
    reset = found(dialog, QPushButton, "railIntervalResetButton")
    assert reset.isEnabled()
    reset.click()
    assert found(dialog, QLineEdit, "railIntervalEdit").text() == "60"
    assert (reset.isEnabled(), reset.toolTip()) == (False, "It has its default value.")
    put(live, dialog, Rail.ORDER_SHARE, "nonsense")
    found(dialog, QPushButton, "railsResetButton").click()
    assert dialog.wanted() == RailSet(AccountKind.PAPER)
    assert not found(dialog, QPushButton, "railsResetButton").isEnabled()
    live.press("confirmButton")
    (command,) = live.taken(SetRails)
    assert (command.values, command.off) == ({}, frozenset())


def test_a_rail_that_is_switched_off_asks_nothing_of_its_field(live):
    dialog = opened(live)
    put(live, dialog, Rail.INTERVAL, "99999")
    assert not found(dialog, QPushButton, "confirmButton").isEnabled()
    found(dialog, QCheckBox, "railIntervalCheck").setChecked(False)
    assert message(dialog, Rail.INTERVAL) == ""
    assert found(dialog, QPushButton, "confirmButton").isEnabled()


def test_the_trading_mode_is_saved_and_shown_again(desk):
    dialog = opened(desk)
    assert found(dialog, QRadioButton, "modeAutoRadio").isChecked()
    found(dialog, QRadioButton, "modeApproveRadio").setChecked(True)
    desk.press("confirmButton")
    (command,) = desk.taken(SetTradingMode)
    assert command.mode is TradingMode.APPROVE
    assert not desk.taken(SetRails)
    desk.answer()
    dialog = opened(desk)
    assert found(dialog, QRadioButton, "modeApproveRadio").isChecked()


def test_a_refusal_of_the_engine_stands_beside_its_rail_and_the_dialog_stays(live):
    dialog = opened(live)
    put(live, dialog, Rail.ORDER_SHARE, "30")
    live.account.rails = replace(live.account.rails, kind=AccountKind.DEMO)  # it became another account meanwhile
    live.press("confirmButton")
    live.answer()
    assert live.dialog() is dialog
    assert "this rail is off" in found(dialog, QLabel, "settingsMessage").text()
    dialog.reject()


def test_colours_change_at_once_and_the_menu_follows(desk):
    dialog = opened(desk)
    combo = found(dialog, QComboBox, "settingsSchemeCombo")
    combo.setCurrentIndex(combo.findData(ColourScheme.DARK))
    assert desk.theme.scheme is ColourScheme.DARK
    assert desk.window.findChild(QAction, "schemeDarkAction").isChecked()
    assert desk.saved[-1].theme == "dark"
    combo.setCurrentIndex(combo.findData(ColourScheme.LIGHT))
    assert desk.saved[-1].theme == "light"


@pytest.mark.parametrize("rails", [RailSet(), RailSet(AccountKind.PAPER), RailSet(AccountKind.LIVE)])
def test_nothing_in_it_is_cut_and_every_control_has_a_name(desk, rails):
    desk.account.rails = rails
    desk.update()
    dialog = opened(desk)
    for tab in range(dialog.tabs.count()):
        dialog.tabs.setCurrentIndex(tab)
        # The rows that came last are laid out a moment later.
        desk.qtbot.waitUntil(lambda: cut_texts(dialog) == [])
    controls = [*dialog.findChildren(QLineEdit), *dialog.findChildren(QPushButton), *dialog.findChildren(QCheckBox)]
    assert all(control.objectName() and control.accessibleName() for control in controls)
    names = [control.objectName() for control in controls]
    assert len(set(names)) == len(names)


def test_what_has_no_row_yet_stays_as_it_is(live):
    live.window.findChild(QAction, "settingsAction").trigger()
    dialog = live.dialog()
    assert not dialog.is_complete  # a few rows at a time: the window does not stand still
    assert Rail.DEPEG not in dialog.rows
    assert dialog.wanted() == live.account.rails
    dialog.reject()
    QApplication.processEvents()
