"""Settings, page Notifications: what counts at once, channels that are added, tested and removed, addresses never shown."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPushButton
from shiboken6 import isValid

from rebalancer_gui.application.notices import NotSent, TellOf
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.ui.dialogs.notifications_page import NotificationsPage
from rebalancer_gui.ui.dialogs.settings import SettingsDialog
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.widgets.secret_edit import ClipboardCleaner
from tests.ui.parts import found, theme_of
from tests.ui.sample_account import SampleAccount
from tests.ui.window.test_reading import cut_texts
from tests.ui.window.test_settings import opened
from tests.unit.notifying.test_desk import ADDRESS, Bench


class Switch:
    """Starting with the system, in memory."""

    why_not = ""

    def __init__(self) -> None:
        self.on = False

    def is_on(self) -> bool:
        return self.on

    def set(self, *, on: bool) -> None:
        self.on = on


class Notifications:
    """The page in its dialog, and the desk behind it."""

    def __init__(self, qtbot, bench: Bench) -> None:
        self.qtbot, self.bench, self.told = qtbot, bench, bench.desk
        self.background = Errands(in_order=True)
        self.cleaner = ClipboardCleaner()
        self.dialog = SettingsDialog(SampleAccount().view(), ColourScheme.LIGHT, NumberFormat())
        self.page = NotificationsPage(self.told, self.background, self.cleaner, NumberFormat(), self.dialog)
        self.dialog.add_page(self.page, "Notifications", "notificationsScroll")
        self.dialog.finished.connect(self.page.leave)
        self.dialog.tabs.setCurrentIndex(3)
        with qtbot.waitExposed(self.dialog):
            self.dialog.show()

    def close(self) -> None:
        if isValid(self.dialog):
            self.dialog.close()
        QApplication.processEvents()

    def rest(self) -> None:
        """Until everything that was asked for in the background is over."""
        over: list[object] = []
        self.background.run(lambda: None, over.append, over.append)
        self.until(lambda: bool(over))

    def find(self, kind, name):
        return found(self.page, kind, name)

    def until(self, condition) -> None:
        self.qtbot.waitUntil(condition, timeout=3000)

    def type(self, name: str, text: str) -> None:
        edit = self.find(QLineEdit, name)
        edit.setFocus()
        edit.selectAll()
        self.qtbot.keyClicks(edit, text)

    def add(self, address: str = ADDRESS, name: str = "") -> None:
        self.type("channelNameEdit", name)
        self.type("channelAddressEdit", address)
        self.find(QPushButton, "channelAddButton").click()
        self.until(lambda: not self.page._busy)

    def text(self, name: str) -> str:
        label = self.find(QLabel, name)
        return label.text() if label.isVisibleTo(self.dialog) else ""


def staged() -> Bench:
    bench = Bench()
    object.__setattr__(bench.desk._tools, "autostart", Switch())
    return bench


@pytest.fixture
def page(qtbot, qapp) -> Iterator[Notifications]:
    theme_of(qapp)
    made = Notifications(qtbot, staged())
    yield made
    made.rest()
    made.close()


def test_ctrl_comma_leads_to_the_page_in_the_window(desk):
    bench = staged()
    desk.window.presses.settings.offer(bench.desk)
    dialog = opened(desk)
    assert [dialog.tabs.tabText(i) for i in range(4)][-1] == "Notifications"
    dialog.tabs.setCurrentIndex(3)
    found(dialog, QCheckBox, "tellHaltedCheck").click()
    desk.qtbot.waitUntil(lambda: TellOf.HALTED not in bench.desk.settings.events)
    assert cut_texts(desk.window) == []


def test_a_switch_counts_at_once_and_comes_back_in_the_next_dialog(page):
    check = page.find(QCheckBox, "tellRejectedCheck")
    assert check.isChecked()
    check.click()
    page.until(lambda: TellOf.REJECTED not in page.told.settings.events)
    assert page.bench.start().settings.events == frozenset(TellOf) - {TellOf.REJECTED}
    again = Notifications(page.qtbot, page.bench)
    assert not again.find(QCheckBox, "tellRejectedCheck").isChecked()
    again.close()


def test_a_switch_that_is_put_back_at_once_is_stored_as_it_stands(page):
    check = page.find(QCheckBox, "tellPaperCheck")
    check.click()
    check.click()
    page.rest()
    assert page.told.settings.paper


def test_limits_are_stored_soon_after_they_were_typed_and_only_when_legal(page):
    page.type("tellSkippedHoursEdit", "6")
    page.type("tellLowBnbEdit", "0.25")
    page.until(
        lambda: (page.told.settings.skipped_after.total_seconds(), str(page.told.settings.low_bnb)) == (21600, "0.25")
    )
    page.type("tellSkippedHoursEdit", "721")
    page.find(QLineEdit, "tellLowBnbEdit").setFocus()
    assert "720" in page.text("tellSkippedHoursEditMessage")
    page.close()
    assert page.told.settings.skipped_after.total_seconds() == 21600


def test_what_was_typed_a_moment_before_closing_is_stored(page):
    page.type("tellLowBnbEdit", "0.5")
    page.close()
    page.until(lambda: str(page.told.settings.low_bnb) == "0.5")


def test_a_channel_is_added_by_the_keyboard_shown_masked_and_its_address_is_gone_from_the_form(page):
    assert not page.find(QPushButton, "channelAddButton").isEnabled()
    page.type("channelNameEdit", "Phone")
    address = page.find(QLineEdit, "channelAddressEdit")
    assert address.echoMode() is QLineEdit.EchoMode.Password
    page.type("channelAddressEdit", ADDRESS)
    page.qtbot.keyClick(address, Qt.Key.Key_Return)
    page.until(lambda: bool(page.page.rows))
    assert address.text() == ""
    (row,) = page.page.rows
    texts = [label.text() for label in page.dialog.findChildren(QLabel)]
    assert "Phone" in texts
    assert any("ntfy  ntfys://…/…" in text and "keyring" in text for text in texts)
    assert not any("my-secret-topic" in text for text in texts)
    assert row.channel in page.told.settings.channels


def test_an_address_that_was_pasted_leaves_the_clipboard_later(page):
    QApplication.clipboard().setText(ADDRESS)
    page.find(QLineEdit, "channelAddressEdit").paste()
    assert page.cleaner.is_waiting
    page.cleaner.clear_now()
    assert QApplication.clipboard().text() == ""


def test_an_address_that_is_none_is_refused_beside_its_field_and_stays_to_be_mended(page):
    page.add("hello")
    assert page.text("channelAddressEditMessage") == "No address."
    assert page.find(QLineEdit, "channelAddressEdit").text() == "hello"
    page.type("channelAddressEdit", "x")
    assert page.text("channelAddressEditMessage") == ""


def test_a_name_that_is_taken_is_refused_beside_the_name(page):
    page.add(name="Phone")
    page.add(name="Phone")
    assert "already" in page.text("channelNameEditMessage")


def test_a_test_says_that_it_was_sent_or_why_not(page):
    page.add(name="Phone")
    (row,) = page.page.rows
    row.test.click()
    page.until(lambda: row.message.isVisibleTo(page.dialog))
    assert row.message.text() == "The test message was sent. See whether it arrives."
    page.bench.vault.kept.clear()
    row.test.click()
    page.until(lambda: "not sent" in row.message.text())
    assert "add it again" in row.message.text()


def test_while_a_message_is_on_its_way_nothing_else_of_channels_can_be_pressed(page, monkeypatch):
    page.add(name="Phone")
    hold = threading.Event()
    monkeypatch.setattr(type(page.told), "test", lambda _self, _channel: hold.wait(5))
    (row,) = page.page.rows
    row.test.click()
    assert not row.remove.isEnabled()
    assert row.remove.toolTip() == "Wait until the step before is over."
    assert not page.find(QPushButton, "desktopTestButton").isEnabled()
    hold.set()
    page.until(row.remove.isEnabled)


def test_a_dialog_that_closes_before_the_answer_comes_is_no_trouble(page, monkeypatch):
    page.add(name="Phone")
    hold = threading.Event()
    monkeypatch.setattr(type(page.told), "test", lambda _self, _channel: hold.wait(5))
    page.page.rows[0].test.click()
    page.close()
    hold.set()
    page.rest()


def test_remove_takes_the_channel_and_its_address_away(page):
    page.add(name="Phone")
    page.page.rows[0].remove.click()
    page.until(lambda: not page.page.rows)
    assert page.bench.vault.kept == {}


def test_without_a_keyring_the_row_says_that_the_address_is_kept_for_this_run(page):
    page.bench.vault.place = Place.MEMORY
    page.add(name="Phone")
    texts = [label.text() for label in page.page.rows[0].findChildren(QLabel)]
    assert any("until the program ends" in text for text in texts)


def test_settings_that_cannot_be_stored_are_told_on_the_page(page):
    page.bench.section.full = True
    page.find(QCheckBox, "keepAwakeCheck").click()
    page.until(lambda: page.text("notificationsMessage") != "")
    assert page.text("notificationsMessage") == "It could not be stored: The disk is full."


def test_the_desktop_is_tested_too_and_a_failure_is_said(page):
    page.bench.desktop.fault = NotSent("nobody shows it.", again=False)
    page.find(QPushButton, "desktopTestButton").click()
    page.until(lambda: page.text("desktopMessage") != "")
    assert page.text("desktopMessage") == "The test message was not sent: nobody shows it."


def test_starting_with_the_system_is_switched_at_once(page):
    page.find(QCheckBox, "autostartCheck").click()
    page.until(page.told.autostart.is_on)


def test_a_failing_switch_of_the_start_is_told(page, monkeypatch):
    def refuse(_self, *, on):
        raise EnvironmentProblem("The folder cannot be written.")

    monkeypatch.setattr(Switch, "set", refuse)
    page.find(QCheckBox, "autostartCheck").click()
    page.until(lambda: "cannot be written" in page.text("notificationsMessage"))


def test_every_control_has_a_name_and_no_text_is_cut(page):
    page.add(name="Phone of the one who is at home")
    for kind in (QCheckBox, QPushButton, QLineEdit):
        for control in page.page.findChildren(kind):
            assert control.objectName()
            assert control.accessibleName(), control.objectName()
    assert cut_texts(page.dialog) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_the_program_is_said_and_what_waits_behind_it_is_done_all_the_same(page, monkeypatch):
    page.add(name="Phone")
    (row,) = page.page.rows
    monkeypatch.setattr(type(page.told), "test", lambda _self, _channel: 1 / 0)
    row.test.click()
    page.find(QCheckBox, "tellPaperCheck").click()
    page.until(lambda: "fault of the program" in row.message.text())
    page.until(lambda: not page.told.settings.paper)
