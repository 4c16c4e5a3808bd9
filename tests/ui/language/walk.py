"""Every window and dialog of the program, one after the other, for what looks at all of them.

    for name, tops in walk():        # `tops`: what is on the screen, the main window first
        ...

One window for many stops: to open one costs more than to look at it. Import it only after the language is installed: texts in
constants are translated when the window's modules are imported.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QSystemTrayIcon, QWidget

from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.repair import _NEW_DETAIL, _NEW_TEXT
from rebalancer_gui.adapters.system import random_bytes
from rebalancer_gui.application.records import Repair, RepairKind
from rebalancer_gui.bootstrap import account_book
from rebalancer_gui.domain.allocation import equal_weights
from rebalancer_gui.domain.strategy import HaltKind
from rebalancer_gui.ui.backtest.window import TestRuleWindow
from rebalancer_gui.ui.create.preset_saver import _WAYS
from rebalancer_gui.ui.dialogs.account import AccountDialog
from rebalancer_gui.ui.dialogs.accounts_list import AccountsDialog
from rebalancer_gui.ui.dialogs.import_files import ImportFilesDialog
from rebalancer_gui.ui.dialogs.preset_name import PresetNameDialog
from rebalancer_gui.ui.dialogs.repair_account import RepairDialog
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.locale_numbers import system_numbers
from rebalancer_gui.ui.strategy_files import read_file
from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.secret_edit import ClipboardCleaner
from tests.secrets.fake_keyrings import called
from tests.ui import cockpit_screenshots, live_screenshots, picture_stage, screenshots, settings_screenshots
from tests.ui.fake_live import live_account
from tests.ui.paper_side import halt, halt_renamed, halt_short
from tests.ui.picture_stage import Stage, spin
from tests.ui.sample_account import SampleAccount
from tests.ui.staged_accounts import (
    DAMAGED,
    ended_account,
    frozen_account,
    full_account,
    halted_whole_account,
    late_order_account,
    live_rails_account,
    proposing_account,
    special_account,
    undecided_account,
)

SIZES = ((1280, 800), (1024, 700))
_SETTLE_MS = 40
"""The answers of the scripted engine come within milliseconds; pictures wait longer, for themselves to settle."""

Act = Callable[[Stage], object]
Stops = tuple[tuple[str, Act], ...]


def _stock(name: str) -> tuple[str, Act]:
    return name, screenshots.SCREENS[name][1]


def _nothing(_stage: Stage) -> None:
    return


def _records(stage: Stage) -> None:
    action = stage.window.findChild(QAction, "recordsAction")
    assert action is not None
    action.trigger()
    spin(lambda: stage.window.presses.records.window is not None, _SETTLE_MS)


def _export(stage: Stage) -> None:
    _records(stage)
    window = stage.window.presses.records.window
    button = window.findChild(QPushButton, "recordsExportButton") if window is not None else None
    assert button is not None
    button.click()


def _add_coins(stage: Stage) -> None:
    screenshots._create_tab(1)(stage)
    screenshots._press("addCoinsButton")(stage)


def _test_rule(stage: Stage) -> None:
    screenshots._create_tab(1)(stage)
    (parameters,) = {s.parameters for s in stage.account.strategies[:1]}
    tests = stage.window.presses.tests
    tests.test(parameters, parameters.investment, tr("Test this rule"), lambda rule: None)
    spin(lambda: tests.window is not None)
    opened = tests.window
    assert isinstance(opened, TestRuleWindow)
    spin(lambda: not opened.session.is_busy and bool(opened.results.sweep.model.cells))


def _accounts(stage: Stage, *, one: bool) -> None:
    keyring = called("keyring.backends.SecretService.Keyring")
    with tempfile.TemporaryDirectory() as place, DataFolder(Path(place)) as folder:
        book = account_book(folder, Vaults(folder.path, folder.tag, random_bytes, find_backend=lambda: keyring))
        dialog: QDialog = (
            AccountDialog(book, ClipboardCleaner(stage.window), stage.window)
            if one
            else AccountsDialog(
                book.records(),
                set(),
                locked=True,
                names={entry.id: entry.name for entry in book.venues},
                parent=stage.window,
            )
        )
        dialog.open()
        spin(lambda: True, _SETTLE_MS)


def _preset_name(stage: Stage) -> None:
    title, button = tr("Save as preset"), tr("Save")
    PresetNameDialog(title, button, ["BNB Chain 3"], stage.window, suggested="BTC ETH", ways=_WAYS).open()


def _import(stage: Stage) -> None:
    with tempfile.TemporaryDirectory() as place:
        wrong, right = Path(place) / "wrong.json", Path(place) / "right.json"
        wrong.write_text('{"format": "rebalancer-strategy", "version": 7, "name": 5}', encoding="utf-8")
        right.write_text("[]", encoding="utf-8")
        ImportFilesDialog([read_file(wrong), read_file(right)], system_numbers(), stage.window).open()


def _repair(stage: Stage) -> None:
    ways = (Repair("paper", RepairKind.NEW_LEDGER, _NEW_TEXT, _NEW_DETAIL),)
    RepairDialog("PAPER", said("The file is not JSON: NAN at line 1, column 1."), ways, stage.window).open()


def _page(tab: int) -> Act:
    return lambda stage: settings_screenshots._settings(stage, tab)


_FULL: Stops = (
    ("main", _nothing),
    *map(_stock, ("chart-numbers", "orders-all", "rebalance-skipped", "rebalances", "fees-all", "transfers", "journal")),
    *map(_stock, ("waiting", "presets")),
    ("manual", cockpit_screenshots._manual(cockpit_screenshots.THREE, "240")),
    ("manual-explained", cockpit_screenshots._manual(equal_weights(["BTC", "ETH"]), "60", "0.5", explained=True)),
    ("add-coins", _add_coins),
    ("test-rule", _test_rule),
    ("preset-name", _preset_name),
    ("import", _import),
    *map(_stock, ("stop-keep", "stop-sell", "add-funds", "add-funds-empty", "remove-funds-overweight")),
    *map(_stock, ("remove-funds-too-much", "change-coins-added", "edit-changed", "paper", "reset")),
    ("records", _records),
    ("export", _export),
    ("accounts", lambda stage: _accounts(stage, one=False)),
    ("account", lambda stage: _accounts(stage, one=True)),
    ("repair", _repair),
    *((f"settings-{tab}", _page(tab)) for tab in range(6)),
    ("settings-search", settings_screenshots._search),
    ("backup", settings_screenshots._back_up),
    ("log", lambda stage: stage.window.presses.log.open()),
    ("report", lambda stage: stage.window.presses.log.open_report()),
    *map(_stock, ("guide-table", "help-mark", "close", "resetting")),
)  # fmt: skip

_LIVE: Stops = (
    ("live", _nothing),
    ("live-go", live_screenshots._go_live()),
    ("live-go-low", live_screenshots._go_live(2000, name="Binance mai")),
    ("live-stop", screenshots._stop(sell=True)),
)


def _three_halts() -> SampleAccount:
    """Its first strategies are halted for one reason each."""
    account = full_account()
    halt_short(account.strategies[0], "BTC", "0.004")
    halt_renamed(account.strategies[1], "BNB", "BNX")
    halt(account.strategies[2], HaltKind.FOREIGN_ORDER, "An order that is not this program's holds 0.01 BTC")
    return account


def _chosen(number: int) -> Act:
    return lambda stage: screenshots._choose(stage.account.strategies[number].id)(stage)


STAGES: tuple[tuple[Callable[[], Stage], Stops], ...] = (
    (lambda: settings_screenshots.SettingsStage(full_account()), _FULL),
    (lambda: Stage(live_account()), _LIVE),
    (
        lambda: Stage(live_account(report=live_screenshots.BAD, offers=())),
        (("live-refused", live_screenshots._go_live()),),
    ),
    (lambda: Stage(special_account()), (("special", _nothing),)),
    (
        lambda: Stage(_three_halts()),
        (("halt-renamed", _chosen(1)), ("halt-foreign", _chosen(2)), ("halt-short", _chosen(0)), _stock("book-loss")),
    ),
    (screenshots.SCREENS["stop-all"][0], (("stop-all", _nothing),)),
    (lambda: Stage(ended_account()), (("replay-over", _nothing),)),
    (lambda: Stage(undecided_account()), (("halt-undecided", _nothing), _stock("quarantine-chosen"))),
    (lambda: Stage(late_order_account()), (("halt-late-order", _nothing),)),
    (lambda: Stage(frozen_account()), (_stock("change-coins-drop"), _stock("stop-closed-market"))),
    (lambda: Stage(live_rails_account()), (_stock("settings-live"),)),
    (lambda: Stage(proposing_account()), (("proposal", _nothing), _stock("proposal-plan"))),
    (lambda: Stage(halted_whole_account()), (("account-halted", _nothing),)),
    (screenshots.SCREENS["edit-starts"][0], (_stock("edit-starts"),)),
    (lambda: Stage(SampleAccount()), (("welcome", _nothing),)),
    (lambda: Stage(SampleAccount(), failure=DAMAGED), (("failed", _nothing),)),
)
DENSEST = 9
"""So many stages, the first ones, have every dialog and the banners with the most words."""


_spin = spin


def _quick(done: Callable[[], bool], least_ms: int = 0) -> None:
    _spin(done, min(least_ms, _SETTLE_MS))


def walk(word: str = "", stages: int | None = None) -> Iterator[tuple[str, list[QWidget]]]:
    """Each stop in turn, with the windows that it shows. ``word``: only those whose name holds it; ``stages``: so many."""
    for module in (screenshots, live_screenshots, cockpit_screenshots, settings_screenshots, picture_stage):
        module.spin = _quick  # type: ignore[attr-defined]
    QSystemTrayIcon.isSystemTrayAvailable = staticmethod(lambda: True)  # type: ignore[method-assign]
    for make, stops in STAGES[:stages]:
        chosen = [stop for stop in stops if word in stop[0]]
        if not chosen:
            continue
        stage = make()
        window = stage.open(ColourScheme.LIGHT, SIZES[0])
        for name, act in chosen:
            act(stage)
            spin(lambda: True, _SETTLE_MS)
            others = [top for top in QApplication.topLevelWidgets() if top.isVisible() and top is not window]
            yield name, [window, *others]
            window.resize(*SIZES[0])
            _put_away(window)
        stage.close()


def _put_away(window: QWidget) -> None:
    """Whatever was opened over the window, questions first."""
    for _ in range(4):
        others = [top for top in QApplication.topLevelWidgets() if top.isVisible() and top is not window]
        for top in sorted(others, key=lambda widget: not (isinstance(widget, QDialog) and widget.isModal())):
            if isinstance(top, QDialog):
                top.done(0)
            else:
                top.close()
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
