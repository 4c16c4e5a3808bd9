"""The list of accounts, their selector, and what helps those that wait or are halted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QInputDialog,
    QLabel,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application import events as e
from rebalancer_gui.application.accounts import AccountRecord
from rebalancer_gui.application.records import Repair, RepairKind
from rebalancer_gui.application.safety_commands import TryAgain
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.rails import AccountKind
from rebalancer_gui.ui.account_flow import AccountFlow
from rebalancer_gui.ui.dialogs.account import AccountDialog
from rebalancer_gui.ui.dialogs.accounts_list import AccountsDialog
from rebalancer_gui.ui.header import ADD_ACCOUNT
from tests.accounts_bench import AccountsBench
from tests.secrets.canary import CANARY_PASS
from tests.ui.parts import found, theme_of
from tests.ui.window.conftest import Desk


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    with DataFolder(tmp_path, make_tag=lambda: "ab12") as made:
        yield made


def test_accounts_are_listed_and_all_but_the_built_in_one_can_be_removed(qtbot: QtBot, desk: Desk, folder: DataFolder):
    bench = AccountsBench(folder)
    bench.add()
    flow = AccountFlow(desk.feed, bench.book, desk.window)
    removed: list[str] = []
    flow.removeConfirmed.connect(removed.append)
    flow.show_all()
    dialog = found(desk.window, QDialog, "accountsDialog")
    assert not found(dialog, QPushButton, "removeAccountButton0").isEnabled()
    found(dialog, QPushButton, "removeAccountButton1").click()
    question = found(desk.window, QDialog, "removeAccountQuestion")
    found(question, QPushButton, "removeConfirmButton").click()
    assert removed == ["Main"]


def test_an_account_that_waits_is_told_over_the_page_with_the_button_that_helps(desk: Desk, folder: DataFolder):
    page, feed = desk.window.page, desk.feed
    assert not found(page, QWidget, "waitingBanner").isVisible()
    feed.take(e.AccountWaits("Main", "The key of Main is not available: the file of keys is locked."))
    waiting = found(page, QWidget, "waitingBanner")
    assert waiting.isVisible()
    assert "Main waits: nothing is sent for it" in waiting.accessibleName()
    assert not found(waiting, QPushButton, "waitingBannerButton").isVisible(), "there is no list of accounts here"
    bench = AccountsBench(folder)
    page.waiting_help = AccountFlow(feed, bench.book, desk.window).waiting_help
    page.show_others()
    assert found(waiting, QPushButton, "waitingBannerButton").text() == "Accounts\u2026"
    first = feed.view
    assert first is not None
    feed.take(e.AccountChanged(replace(first, account="Main", title="Main")))
    assert not waiting.isVisible()


def test_where_keys_are_locked_the_button_beside_a_waiting_account_asks_for_the_passphrase(
    desk: Desk, folder: DataFolder
):
    bench = AccountsBench(folder, "keyring.backends.fail.Keyring")
    bench.book.unlock(CANARY_PASS)
    bench.add()
    locked = AccountsBench(folder, "keyring.backends.fail.Keyring")
    flow = AccountFlow(desk.feed, locked.book, desk.window)
    assert flow.waiting_help() == "Unlock keys\u2026"
    flow.help_waiting()
    assert found(desk.window, QDialog, "unlockDialog").isVisible()


def test_once_the_keys_are_unlocked_the_engine_is_told_to_look_for_them_at_once(
    qtbot: QtBot, desk: Desk, folder: DataFolder
):
    bench = AccountsBench(folder, "keyring.backends.fail.Keyring")
    bench.book.unlock(CANARY_PASS)
    bench.add()
    flow = AccountFlow(desk.feed, AccountsBench(folder, "keyring.backends.fail.Keyring").book, desk.window)
    said: list[str] = []
    flow.said.connect(said.append)
    flow.unlock()
    dialog = found(desk.window, QInputDialog, "unlockDialog")
    dialog.setTextValue("a wrong passphrase")
    dialog.accept()
    qtbot.waitUntil(lambda: not flow._work.is_busy, timeout=10_000)
    assert desk.taken(TryAgain) == []
    found(desk.window, QDialog, "accountProblem").reject()
    flow.unlock()
    dialog = [d for d in desk.window.findChildren(QInputDialog, "unlockDialog") if d.isVisible()][-1]
    dialog.setTextValue(CANARY_PASS)
    dialog.accept()
    qtbot.waitUntil(lambda: not flow._work.is_busy, timeout=10_000)
    assert len(desk.taken(TryAgain)) == 1
    assert said == ["The keys are unlocked. Accounts that waited for them are opened now."]


def test_an_account_that_waits_for_key_or_exchange_can_be_tried_again_at_once_from_the_list(
    desk: Desk, folder: DataFolder
):
    bench = AccountsBench(folder)
    bench.add()
    flow = AccountFlow(desk.feed, bench.book, desk.window)
    flow.show_all()
    dialog = found(desk.window, QDialog, "accountsDialog")
    assert dialog.findChild(QPushButton, "tryAgainButton") is None, "nothing waits"
    dialog.reject()
    dialog.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    first = desk.feed.view
    assert first is not None
    locked = replace(first, account="Main", title="Main", locked="The keyring is locked.")
    desk.feed.take(e.AccountChanged(locked))
    flow.show_all()
    found(found(desk.window, QDialog, "accountsDialog"), QPushButton, "tryAgainButton").click()
    assert len(desk.taken(TryAgain)) == 1


def test_the_list_of_accounts_names_exchanges_as_people_do_and_says_why_one_waits(desk: Desk, folder: DataFolder):
    bench = AccountsBench(folder)
    bench.add()
    desk.feed.take(e.AccountWaits("Main", "Binance: it cannot be reached"))
    AccountFlow(desk.feed, bench.book, desk.window).show_all()
    dialog = found(desk.window, QDialog, "accountsDialog")
    assert found(dialog, QLabel, "accountWaits1").text() == "It waits. Binance: it cannot be reached"
    assert any(label.text().startswith("LIVE, Binance;") for label in dialog.findChildren(QLabel))


def test_an_account_gets_another_key_and_nothing_else_of_it_can_be_changed(
    qtbot: QtBot, desk: Desk, folder: DataFolder
):
    bench = AccountsBench(folder)
    bench.add()
    flow = AccountFlow(desk.feed, bench.book, desk.window)
    reopened: list[str] = []
    flow.reopenAsked.connect(reopened.append)
    flow.show_all()
    found(found(desk.window, QDialog, "accountsDialog"), QPushButton, "accountKeyButton1").click()
    dialog = found(desk.window, AccountDialog, "accountDialog")
    assert not any(part.isEnabled() for part in (dialog.name, dialog.exchange, dialog.environment, dialog.url))
    assert dialog.save.toolTip() == "Give the account its key."
    dialog.key.setText("another-api-key-zz99")
    dialog.secret.setText("another-secret-value")
    dialog.save.click()
    qtbot.waitUntil(lambda: reopened == ["Main"], timeout=10_000)
    key = bench.book.find("Main").key
    assert key is not None
    assert key.ends_with == "zz99"


def test_an_account_that_is_halted_alone_is_listed_with_its_sentence_and_cannot_be_chosen(desk: Desk):
    why = "The file account.json cannot be understood. Put it back from a copy of the data folder."
    desk.feed.take(e.AccountWaits("Main", "The exchange does not answer."))
    desk.feed.take(e.AccountFailed("Main", *why.split(". ", 1)))
    header = desk.window.header
    combo = header.account_combo
    row = combo.findText("Main (halted)")
    assert row > 0
    assert combo.findText("Main (waits)") == -1
    item = combo.model().index(row, 0)
    assert not combo.model().flags(item) & Qt.ItemFlag.ItemIsEnabled
    assert "cannot be understood" in combo.itemData(row, Qt.ItemDataRole.ToolTipRole)
    assert "Main is halted: The file account.json" in desk.window.page.strip._status


def test_the_list_of_accounts_says_of_one_that_cannot_be_read_what_is_wrong(qtbot: QtBot, qapp: QApplication):
    theme_of(qapp)
    records = (AccountRecord("paper", AccountKind.DEMO),)
    dialog = AccountsDialog(records, set(), locked=False, faults={"Main": "Cut off.", "paper": "Damaged."})
    qtbot.addWidget(dialog)
    assert found(dialog, QLabel, "accountFault0").text() == "Halted: Damaged."
    assert (found(dialog, QLabel, "accountName1").text(), found(dialog, QLabel, "accountFault1").text()) == (
        "Main", "Halted: Cut off.",
    )  # fmt: skip


def test_the_selector_shows_every_account_those_that_wait_and_the_way_to_add_one(desk: Desk):
    added: list[bool] = []
    header = desk.window.header
    header.offer_accounts(possible=True)
    header.addAccountPressed.connect(lambda: added.append(True))
    first = desk.feed.view
    assert first is not None
    other = replace(first, account="second", title="Second", mode="LIVE", strategies=(), demo=None, paper=None)
    desk.feed.take(e.AccountChanged(other))
    desk.feed.take(e.AccountWaits("third", "The key of third is not available."))
    combo = header.account_combo
    texts = [combo.itemText(i) for i in range(combo.count())]
    assert texts == [first.title, "Second", "third (waits)", "", ADD_ACCOUNT]
    enabled = [bool(combo.model().flags(combo.model().index(row, 0)) & Qt.ItemFlag.ItemIsEnabled) for row in range(3)]
    assert enabled == [True, True, False]
    combo.activated.emit(1)
    desk.draw()
    assert desk.feed.account == "second"
    assert header.plate.text().strip().endswith("LIVE")
    assert desk.window.windowTitle().startswith("LIVE - Second")
    assert desk.window.strategies.chosen() is None
    combo.activated.emit(combo.count() - 1)
    assert added == [True]
    assert combo.currentText() == "Second"
    combo.activated.emit(0)
    desk.draw()
    assert desk.window.windowTitle().startswith("PAPER")


@pytest.mark.failure(43)
def test_a_damaged_account_among_several_is_repaired_from_the_list_of_accounts(
    qtbot: QtBot, desk: Desk, folder: DataFolder
):
    bench = AccountsBench(folder)
    bench.add("Broken")
    bench.add("Main")
    ledger = folder.ledger_file("Main")
    ledger.write_bytes(b"no ledger at all" * 1000)
    desk.feed.take(e.AccountFailed("Main", "The ledger is damaged.", "Put a backup back."))
    banner = found(desk.window, QWidget, "waitingBanner")
    flow = AccountFlow(desk.feed, bench.book, desk.window)
    desk.window.page.waiting_help = flow.waiting_help
    desk.window.page.show_others()
    asked: list[bool] = []
    desk.window.page.account_banner.accountsPressed.connect(lambda: asked.append(True))
    found(banner, QPushButton, "waitingBannerButton").click()
    assert asked == [True]
    chosen: list[Repair] = []
    flow.repairConfirmed.connect(chosen.append)
    flow.show_all()
    listed = found(desk.window, QDialog, "accountsDialog")
    assert listed.findChild(QPushButton, "repairAccountButton1") is None, "that one is in order"
    found(listed, QPushButton, "repairAccountButton2").click()
    qtbot.waitUntil(lambda: not flow._work.is_busy, timeout=10_000)
    dialog = found(desk.window, QDialog, "repairDialog")
    # What to do stands on the buttons, and is not said twice.
    assert found(dialog, QLabel, "repairFault").text() == "The ledger is damaged."
    assert dialog.focusWidget().objectName() == "repairCloseButton"
    assert found(dialog, QPushButton, "repairButton0").text() == "Begin a new ledger"
    found(dialog, QPushButton, "repairButton1").click()
    question = found(dialog, QMessageBox, "repairQuestion")
    assert question.defaultButton().text() == "Cancel"
    found(question, QPushButton, "repairConfirmButton").click()
    assert [(way.account, way.kind) for way in chosen] == [("Main", RepairKind.SET_ASIDE)]


@pytest.mark.failure(43)
def test_one_that_was_found_damaged_while_it_ran_can_be_repaired_from_the_list_too(desk: Desk, folder: DataFolder):
    bench = AccountsBench(folder)
    bench.add("Main")
    first = desk.feed.view
    assert first is not None
    desk.feed.take(e.AccountChanged(replace(first, account="Main", title="Main", halted="The ledger is damaged.")))
    desk.feed.take(e.AccountFailed("Main", "The ledger is damaged.", ""))
    AccountFlow(desk.feed, bench.book, desk.window).show_all()
    dialog = found(desk.window, QDialog, "accountsDialog")
    assert found(dialog, QLabel, "accountFault1").text() == "Halted: The ledger is damaged."
    assert found(dialog, QPushButton, "repairAccountButton1").isEnabled()


@pytest.mark.failure(43)
def test_an_account_whose_record_cannot_be_read_is_set_aside_with_its_files_and_can_be_added_again(
    qtbot: QtBot, desk: Desk, folder: DataFolder
):
    bench = AccountsBench(folder)
    bench.add("Main")
    (folder.path / "accounts" / "Main" / "account.json").write_text("{")
    flow = AccountFlow(desk.feed, bench.book, desk.window)
    flow.repair("Main")
    qtbot.waitUntil(lambda: not flow._work.is_busy, timeout=10_000)
    dialog = found(desk.window, QDialog, "repairDialog")
    assert "cannot be understood" in found(dialog, QLabel, "repairFault").text()
    assert found(dialog, QPushButton, "repairButton0").text() == "Set the account aside"
    kept = Path(bench.book.set_aside("Main"))
    assert (kept / "account.json").read_text() == "{"
    assert "Main" not in bench.book.unreadable()
    bench.add("Main")


def test_what_is_in_order_is_not_repaired_and_why_it_is_halted_is_said(qtbot: QtBot, desk: Desk, folder: DataFolder):
    bench = AccountsBench(folder)
    bench.add("Main")
    desk.feed.take(e.AccountFailed("Main", "This is another account's key.", ""))
    flow = AccountFlow(desk.feed, bench.book, desk.window)
    flow.repair("Main")
    qtbot.waitUntil(lambda: not flow._work.is_busy, timeout=10_000)
    said = found(desk.window, QMessageBox, "accountProblem").text()
    assert "nothing to repair" in said
    assert "another account's key" in said
    with pytest.raises(InvalidInput, match="in order"):
        bench.book.set_aside("Main")
