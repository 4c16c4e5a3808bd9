"""The dialogs that few people ever see: questions, refusals and repairs, opened over a window that stands already.

Each is opened as its flow opens it, with what has the keyboard as the place to come back to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPushButton, QTableView, QWidget

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application.records import Repair, RepairKind
from rebalancer_gui.domain.strategy import Trigger
from rebalancer_gui.ui.account_flow import AccountFlow
from rebalancer_gui.ui.create.preset_list import PresetList
from rebalancer_gui.ui.dialogs.data_page import DataPage
from rebalancer_gui.ui.dialogs.repair_account import RepairDialog
from rebalancer_gui.ui.dialogs.settings import SettingsDialog
from rebalancer_gui.ui.help.desk import HelpDesk
from rebalancer_gui.ui.help.help_mark import guide_calls
from rebalancer_gui.ui.outside import open_outside
from rebalancer_gui.ui.widgets.message_box import tell
from tests.accounts_bench import AccountsBench
from tests.ui.paper_side import halt_short
from tests.ui.parts import found, settle
from tests.ui.window.access_around import Around, Screen
from tests.ui.window.conftest import Desk
from tests.ui.window.test_dropped_files import GOOD

_REPAIR = Repair("Main", RepairKind.NEW_LEDGER, "Begin a new ledger", "It begins with what the exchange holds.")


def rare_dialogs(desk: Desk, around: Around, folder: Path) -> Iterator[Screen]:
    """Over the main window."""
    window = desk.window
    table, view = desk.find(QTableView, "strategiesTable"), desk.feed.view
    assert view is not None

    def over(name: str, act: object) -> Iterator[Screen]:
        assert callable(act)
        yield from around.dialog(name, window, act, opener=table, answer=desk.answer)

    yield from _presets(desk, around)
    good, bad = folder / "good.json", folder / "bad.json"
    good.write_text(json.dumps(GOOD), encoding="utf-8")
    bad.write_text('{"format": "rebalancer-strategy", "version": 7}', encoding="utf-8")
    yield from over("files that were dropped", lambda: window.files.look_at((good, bad)))
    yield from over("what was dropped is no file", lambda: window.files.refuse("This is no file."))
    yield from over("an import that failed", lambda: window.files.read(bad))
    yield from over("an export that failed", lambda: window.files.write(view.strategies[0], folder / "no" / "x"))
    yield from over("no program opens it", lambda: _open_nowhere(window))
    yield from over("no guide", lambda: _open_no_guide(window, folder))
    with DataFolder(folder / "locked", make_tag=lambda: "ab12") as data:
        flow = AccountFlow(desk.feed, AccountsBench(data).book, window)
        yield from over("unlock the keys", flow.unlock)
        yield from over("what is wrong with an account", lambda: flow._tell("The keys stay locked", "It is not right."))
        dialog = RepairDialog("Main", "The ledger is damaged.", (_REPAIR,), window)
        repairing = over("repair", dialog.open)
        for screen in repairing:
            yield screen
            yield from around.dialog(
                "repair: question", dialog, found(dialog, QPushButton, "repairButton0").click,
                opener=found(dialog, QPushButton, "repairButton0"),
            )  # fmt: skip
    yield from over("what came of a reset", lambda: tell(window, "resetOutcome", "Done", "It begins anew.", bad=False))
    strategy = desk.account.strategies[0]
    strategy.parameters, before = replace(strategy.parameters, trigger=None), strategy.parameters
    halt_short(strategy, "BTC", "0.004")
    desk.update()
    yield from over("book a loss", desk.find(QPushButton, "haltActionButton").click)
    strategy.parameters = before


def _presets(desk: Desk, around: Around) -> Iterator[Screen]:
    """Saved under a name, then renamed and deleted."""
    panel, window = desk.window.create_panel, desk.window
    panel.show_manual()
    save = desk.find(QPushButton, "savePresetButton")
    yield from around.dialog("save as preset", window, save.click, opener=save, answer=desk.answer)
    save.click()
    desk.answer()
    dialog = [d for d in window.findChildren(QDialog, "presetNameDialog") if d.isVisible()][-1]
    found(dialog, QLineEdit, "presetOwnNameEdit").setText("Mine")
    found(dialog, QPushButton, "confirmButton").click()
    desk.answer()
    panel.show_presets()
    QApplication.processEvents()
    assert desk.find(PresetList, "presetList").choose("own-mine")
    settle()
    yield "main: a preset of one's own", window
    for name, button in (("rename a preset", "renamePresetButton"), ("delete a preset", "deletePresetButton")):
        pressed = desk.find(QPushButton, button)
        yield from around.dialog(name, window, pressed.click, opener=pressed, answer=desk.answer)
    panel.show_manual()


def _open_nowhere(window: QWidget) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QDesktopServices, "openUrl", lambda _url: False)
        assert not open_outside(QUrl("https://example.org/x"), window)


def _open_no_guide(window: QWidget, folder: Path) -> None:
    desk = HelpDesk(lambda: folder / "none", window)
    desk.open("first-minutes.md")
    guide_calls().placeAsked.disconnect(desk.open)


def waiting_edit(desk: Desk, around: Around) -> Iterator[Screen]:
    """The dialog of a strategy that waits, and the orders that are sent when its trigger is emptied."""
    strategy = desk.account.strategies[3]
    strategy.parameters = replace(strategy.parameters, trigger=Trigger("BTC/USDT", Decimal(1)))
    desk.choose(strategy.id)
    press = desk.find(QPushButton, "editRuleButton")
    editing = around.dialog("edit what waits", desk.window, press.click, opener=press, answer=desk.answer)
    for name, dialog in editing:
        yield name, dialog
        dialog.advanced.trigger.edit.clear()  # type: ignore[attr-defined]
        confirm = found(dialog, QPushButton, "confirmButton")
        yield from around.dialog(
            "the start without a trigger", dialog, confirm.click, opener=confirm, answer=desk.answer
        )


def questions_of_settings(dialog: SettingsDialog, around: Around, folder: Path) -> Iterator[Screen]:
    """Of the page Data: settings from a file, and a backup of everything."""
    page = next(iter(dialog.findChildren(DataPage)))
    dialog.tabs.setCurrentIndex(dialog.tabs.count() - 1)
    settle()
    file = folder / "settings.json"
    theme = {"format": "rebalancer-settings-export", "version": 1, "settings": {"window.theme": "dark"}}
    file.write_text(json.dumps(theme), encoding="utf-8")

    def rest() -> None:
        while page._busy:
            QApplication.processEvents()

    for name, act in (
        ("import settings", lambda: page.import_from(file)),
        ("restore everything", lambda: page.look_through(folder / "all.zip")),
    ):
        yield from around.dialog(name, dialog, act, opener=found(dialog, QPushButton, "backupButton"), answer=rest)


def first_contact(dialog: QWidget, around: Around) -> Iterator[Screen]:
    """The question before the first orders with real money."""
    begin = found(dialog, QPushButton, "beginContactButton")
    yield from around.dialog("go live: first contact", dialog, begin.click, opener=begin)


def exports_that_fail(table: QWidget, around: Around) -> Iterator[Screen]:
    """What tables and the map of rules say when their file cannot be written."""
    act = lambda: tell(table, "exportProblem", "Export CSV", "The file was not written: no room.")
    yield from around.dialog("a file that was not written", table.window(), act)
