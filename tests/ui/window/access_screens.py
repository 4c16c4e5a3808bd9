"""Every window and dialog of the program, opened one after the other as somebody would: for tests that look at all of them.

    for name, root in screens(open_desk, qtbot, folder, Around()): ...

Most of them share one window; each dialog is closed before the next one opens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QPushButton, QTableView, QToolButton
from pytestqt.qtbot import QtBot

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.settings_file import SettingsFile
from rebalancer_gui.application import events as e
from rebalancer_gui.application.market_data_desk import MarketDataDesk
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.domain.allocation import weights_by
from rebalancer_gui.ui.account_flow import AccountFlow
from rebalancer_gui.ui.create.form_state import Draft
from rebalancer_gui.ui.create.weights import Allocation
from rebalancer_gui.ui.dialogs.account import AccountDialog
from rebalancer_gui.ui.dialogs.log_view import LogDialog
from rebalancer_gui.ui.dialogs.report_dialog import ReportDialog
from rebalancer_gui.ui.dialogs.settings import SettingsDialog
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.widgets.secret_edit import ClipboardCleaner
from rebalancer_gui.ui.window_state import WindowState
from tests.accounts_bench import AccountsBench
from tests.ui.fake_live import live_account
from tests.ui.parts import found, settle
from tests.ui.sample_account import SampleAccount
from tests.ui.staged_accounts import (
    full_account,
    halted_account,
    halted_whole_account,
    proposing_account,
    undecided_account,
)
from tests.ui.window.access_around import Around, Screen
from tests.ui.window.access_dialogs import (
    exports_that_fail,
    first_contact,
    questions_of_settings,
    rare_dialogs,
    waiting_edit,
)
from tests.ui.window.conftest import Desk, OpenDesk
from tests.ui.window.rule_tests import open_bench
from tests.ui.window.test_data_page import Data
from tests.ui.window.test_log_view import Log
from tests.ui.window.test_market_data import Keys, Section
from tests.ui.window.test_notifications import staged

TABS = ("orders", "rebalances", "fees", "transfers", "journal", "chart")


def screens(open_desk: OpenDesk, qtbot: QtBot, folder: Path, around: Around) -> Iterator[Screen]:
    """Name and window of each screen, in the order in which they can be opened. ``around`` learns what dialogs do."""
    desk = open_desk(full_account())
    desk.start()
    yield from _main(desk, around)
    yield from _money(desk, around)
    yield from _settings(desk, folder, around)
    yield from _windows(desk, qtbot, around)
    yield from _accounts(desk, folder, around)
    yield from rare_dialogs(desk, around, folder)
    desk.window.hide()
    yield from _rule(qtbot, around)
    yield from _other_accounts(open_desk, around)


def _main(desk: Desk, around: Around) -> Iterator[Screen]:
    window = desk.window
    window.create_panel.show_presets()
    desk.answer()
    yield "main: AI Rebalance", window
    for tab in TABS:
        desk.tab(tab)
        if tab == "rebalances":
            desk.find(QTableView, "rebalancesTable").selectRow(0)
        yield f"main: {tab}", window
    window.details.tabs.chart.numbers_button.setChecked(True)
    desk.draw()
    yield "main: the chart as numbers", window
    desk.tab("ratios")
    window.create_panel.show_manual()
    desk.answer()
    yield "main: Manual, nothing chosen", window
    form = window.create_panel.manual
    weights = weights_by({"BTC": Decimal(5), "ETH": Decimal(3), "SOL": Decimal(2)})
    form.fill(Draft(quote="USDT", allocation=Allocation().with_targets(weights), investment=Decimal(240)))
    desk.answer()
    yield "main: Manual with coins", window
    found(form, QToolButton, "advancedGroup").setChecked(True)
    held = found(form, QCheckBox, "useHeldCoinsCheck")
    if held.isEnabled():
        held.click()
    desk.answer()
    yield "main: Manual, everything open", window
    yield from around.dialog(
        "how the expectation is counted",
        desk.window,
        form.expectation.how.click,
        opener=form.expectation.how,
        answer=desk.answer,
    )


def pressed(desk: Desk, around: Around, name: str, button: str) -> Iterator[Screen]:
    """The dialog that a button of the main window opens, pressed with the keyboard."""
    opener = desk.find(QPushButton, button)
    yield from around.dialog(
        name, desk.window, lambda: QTest.keyClick(opener, Qt.Key.Key_Space), opener=opener, answer=desk.answer
    )


def called(desk: Desk, around: Around, name: str, act: Callable[[], object]) -> Iterator[Screen]:
    """The dialog that a key or an entry of a menu opens, from the table of strategies."""
    table = desk.find(QTableView, "strategiesTable")
    yield from around.dialog(name, desk.window, act, opener=table, answer=desk.answer)


def _money(desk: Desk, around: Around) -> Iterator[Screen]:
    flows = desk.window.flows
    for button in ("addFundsButton", "removeFundsButton", "stopButton", "changeCoinsButton"):
        yield from pressed(desk, around, button, button)
    yield from pressed(desk, around, "edit", "editRuleButton")
    yield from called(desk, around, "paper account", flows.paper_account)
    yield from called(desk, around, "reset", flows.reset_account)
    yield from called(desk, around, "close", desk.window.close)
    yield from pressed(desk, around, "add coins", "addCoinsButton")
    yield from pressed(desk, around, "preview", "previewButton")
    desk.press("stopAllButton")
    desk.answer()
    yield from pressed(desk, around, "resume trading", "stopAllButton")
    desk.press("stopAllButton")
    desk.press("confirmButton")
    desk.answer()


def _settings(desk: Desk, folder: Path, around: Around) -> Iterator[Screen]:
    with DataFolder(folder / "settings", make_tag=lambda: "ab12") as data:
        flow = desk.window.presses.settings
        flow.offer(staged().desk)
        flow.offer_market_data(MarketDataDesk(Section(), Keys()))
        desk.window.offer_settings(SettingsDesk(SettingsFile(data)))
        flow.offer_data(Data())

        def complete() -> None:
            dialog = flow._dialog
            if dialog is not None:
                qtbot_wait(lambda: dialog.is_complete)
            desk.answer()

        opened = around.dialog(
            "settings", desk.window, flow.open, opener=desk.find(QTableView, "strategiesTable"), answer=complete
        )
        for _name, dialog in opened:
            assert isinstance(dialog, SettingsDialog)
            for tab in range(dialog.tabs.count()):
                dialog.tabs.setCurrentIndex(tab)
                settle()
                yield f"settings: {dialog.tabs.tabText(tab)}", dialog
            yield from questions_of_settings(dialog, around, folder)
            dialog.search.edit.setText("sleep")
            settle()
            yield "settings: search", dialog


def _windows(desk: Desk, qtbot: QtBot, around: Around) -> Iterator[Screen]:
    opened = called(desk, around, "records", lambda: _trigger(desk, "recordsAction"))
    for name, records in opened:
        yield name, records
        export = found(records, QPushButton, "recordsExportButton")
        yield from around.dialog("records: export", records, export.click, opener=export, answer=desk.answer)
        yield from exports_that_fail(records, around)
    yield from called(desk, around, "guide", lambda: desk.window.help.open("first-minutes.md"))
    errands = Errands()
    log = LogDialog(Log(), errands, desk.window)
    reading = called(desk, around, "log", log.show)
    for name, shown in reading:
        qtbot.waitUntil(lambda: not errands.is_busy)
        settle()
        yield name, shown
        report = ReportDialog(shown)
        report.show_report("# Support report\n\nThe program is 1.0.\n")
        yield from around.dialog("support report", shown, report.open)


def _trigger(desk: Desk, name: str) -> None:
    action = desk.window.findChild(QAction, name)
    assert isinstance(action, QAction)
    action.trigger()
    settle()


def _accounts(desk: Desk, folder: Path, around: Around) -> Iterator[Screen]:
    with DataFolder(folder / "accounts", make_tag=lambda: "ab12") as data:
        bench = AccountsBench(data)
        bench.add()
        form = AccountDialog(bench.book, ClipboardCleaner(desk.window), desk.window)
        for name, shown in called(desk, around, "account", form.open):
            qtbot_wait(lambda: not form._work.is_busy)
            yield name, shown
        flow = AccountFlow(desk.feed, bench.book, desk.window)
        yield from called(desk, around, "accounts", flow.show_all)

        def remove() -> None:
            flow.show_all()
            settle()
            listed = next(d for d in desk.window.findChildren(QDialog, "accountsDialog") if d.isVisible())
            # The list goes, and the question stands over the window.
            found(listed, QPushButton, "removeAccountButton1").click()

        yield from called(desk, around, "accounts: remove", remove)


def qtbot_wait(done: Callable[[], bool]) -> None:
    """Events until ``done``."""
    while not done():
        QApplication.processEvents()


def _rule(qtbot: QtBot, around: Around) -> Iterator[Screen]:
    bench = open_bench(qtbot)
    bench.wait()
    around.opened[bench.window.objectName()] = type(bench.window)
    yield "test this rule", bench.window
    bench.close()


def _other_accounts(open_desk: OpenDesk, around: Around) -> Iterator[Screen]:
    welcome = open_desk(SampleAccount(), state=WindowState(welcomed=False))
    welcome.start()
    yield "welcome", welcome.window
    welcome.window.hide()
    empty = open_desk(SampleAccount())
    empty.start()
    yield "main: no strategy", empty.window
    empty.feed.take(e.EngineFailed("The account's file is damaged.", "Put a copy in its place."))
    empty.draw()
    yield "main: the engine failed", empty.window
    empty.window.hide()
    halted = open_desk(undecided_account())
    halted.start()
    yield "main: halted", halted.window
    yield from pressed(halted, around, "an order nobody knows", "haltActionButton")
    for account, name in (
        (halted_account("the venue refused three orders of BTC/USDT in a row"), "refused"),
        (halted_whole_account(), "account halted"),
        (proposing_account(), "proposal"),
    ):
        halted.engine.account = account
        halted.update()
        yield f"main: {name}", halted.window
    yield from pressed(halted, around, "the plan of a proposal", "proposalPlanButton")
    halted.window.hide()
    live = open_desk(live_account())
    live.start()
    yield "main: real money", live.window
    for name, dialog in called(live, around, "go live", lambda: _go_live(live)):
        yield name, dialog
        yield from first_contact(dialog, around)
    waiting = open_desk(full_account())
    live.window.hide()
    waiting.start()
    yield from waiting_edit(waiting, around)


def _go_live(desk: Desk) -> None:
    desk.window.presses.go_live.open()
    settle()
    desk.answer()
    dialog = desk.dialog()
    assert dialog is not None
    check = dialog.findChild(QCheckBox, "noWithdrawCheck")
    if check is not None and not check.isChecked():
        check.click()
