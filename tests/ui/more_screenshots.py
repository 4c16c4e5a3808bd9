"""Screens that a press on the way leads to: adding coins, previews, own presets, records, the menu; ``pictures.py`` takes them."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QPushButton, QTabWidget

from rebalancer_gui.domain.allocation import equal_weights
from rebalancer_gui.ui.create.form_state import Draft
from rebalancer_gui.ui.create.weights import Allocation
from rebalancer_gui.ui.main_menu import MainMenu
from rebalancer_gui.ui.window_state import WindowState
from tests.ui.picture_stage import Stage, spin
from tests.ui.sample_account import SampleAccount
from tests.ui.screenshots import Act, _nothing
from tests.ui.staged_accounts import full_account


def _manual(stage: Stage) -> None:
    """The form, filled in."""
    tabs = stage.window.create_panel.findChild(QTabWidget, "createTabs")
    assert isinstance(tabs, QTabWidget)
    tabs.setCurrentIndex(1)
    allocation = Allocation().with_targets(equal_weights(["BTC", "ETH", "SOL"]))
    draft = Draft(quote="USDT", allocation=allocation, investment=Decimal(600), threshold=Decimal(5))
    stage.window.create_panel.manual.fill(draft)
    spin(lambda: True, 500)


def _pressed(*names: str) -> Act:
    """In the filled-in form."""

    def act(stage: Stage) -> None:
        _manual(stage)
        for name in names:
            button = stage.window.create_panel.findChild(QPushButton, name)
            assert button is not None
            button.click()
            spin(lambda: True, 400)

    return act


def _open_advanced(stage: Stage) -> None:
    _manual(stage)
    stage.window.create_panel.manual.advanced.set_open(True)
    spin(lambda: True, 300)


def _preset_preview(stage: Stage) -> None:
    panel = stage.window.create_panel
    edit = panel.findChild(QLineEdit, "presetInvestmentEdit")
    button = panel.findChild(QPushButton, "presetCreateButton")
    assert edit is not None
    assert button is not None
    edit.setText("1000")
    edit.textEdited.emit("1000")
    spin(lambda: True, 300)
    button.click()
    spin(lambda: True, 400)


def _records(listed: int = 0, *, export: bool = False) -> Act:
    def act(stage: Stage) -> None:
        action = stage.window.findChild(QAction, "recordsAction")
        assert action is not None
        action.trigger()
        records = stage.window.presses.records
        spin(lambda: records.window is not None, 400)
        window = records.window
        assert window is not None
        window.resize(stage.window.size())
        combo = window.findChild(QComboBox, "recordsListCombo")
        assert combo is not None
        combo.setCurrentIndex(listed % combo.count())
        spin(lambda: True, 400)
        if export:
            button = window.findChild(QPushButton, "recordsExportButton")
            assert button is not None
            button.click()
            spin(lambda: any(dialog.isVisible() for dialog in window.findChildren(QDialog)), 300)

    return act


def _menu(stage: Stage) -> None:
    (menu,) = stage.window.findChildren(MainMenu)
    menu.popup(stage.window.mapToGlobal(QPoint(stage.window.width() - menu.sizeHint().width() - 8, 56)))
    spin(lambda: True, 200)


def _full() -> Stage:
    return Stage(full_account())


MORE_SCREENS = {
    "advanced": (_full, _open_advanced),
    "add-coins": (_full, _pressed("addCoinsButton")),
    "preview": (_full, _pressed("previewButton")),
    "preset-preview": (_full, _preset_preview),
    "preset-name": (_full, _pressed("savePresetButton")),
    "empty-later": (lambda: Stage(SampleAccount(), WindowState(welcomed=True)), _nothing),
    "records": (_full, _records()),
    "records-rebalances": (_full, _records(1)),
    "records-last": (_full, _records(-1)),
    "records-export": (_full, _records(export=True)),
    "menu": (_full, _menu),
}
