"""The menu behind the header's button, and with it the window's keys."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from rebalancer_gui.application.settings import COLOURS
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.live_words import go_live_text, why_no_go_live
from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.translation import tr


class MainMenu(QMenu):
    """Its actions belong to the window too, so that their keys work while the menu is closed."""

    newPressed = Signal()
    rebalancePressed = Signal()
    editPressed = Signal()
    importPressed = Signal()
    exportPressed = Signal()
    duplicatePressed = Signal()
    testPressed = Signal()
    paperPressed = Signal()
    stopAllPressed = Signal()
    accountsPressed = Signal()
    settingsPressed = Signal()
    recordsPressed = Signal()
    goLivePressed = Signal()
    logPressed = Signal()
    reportPressed = Signal()
    helpPressed = Signal()
    quitPressed = Signal()
    schemeChosen = Signal(str)

    def __init__(self, scheme: ColourScheme, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("mainMenu")
        self._working: list[QAction] = []
        for name, text, keys, signal in (
            ("newAction", tr("New strategy"), "Ctrl+N", self.newPressed),
            ("rebalanceAction", tr("Rebalance now"), "F5", self.rebalancePressed),
            ("stopAllAction", tr("Stop all"), "Ctrl+K", self.stopAllPressed),
        ):
            action = self._add(name, text, keys)
            action.triggered.connect(signal)
            self._working.append(action)
        self.addSeparator()
        self.about_one: list[QAction] = []
        for name, text, keys, signal in (
            ("editStrategyAction", tr("Edit rule and levels\u2026"), "Ctrl+E", self.editPressed),
            ("testStrategyAction", tr("Test this rule\u2026"), "Ctrl+T", self.testPressed),
            ("duplicateStrategyAction", tr("Duplicate strategy"), "Ctrl+D", self.duplicatePressed),
            ("exportStrategyAction", tr("Export strategy\u2026"), "Ctrl+S", self.exportPressed),
            ("importStrategyAction", tr("Import strategy\u2026"), "Ctrl+O", self.importPressed),
            ("paperAccountAction", tr("Paper account\u2026"), "", self.paperPressed),
        ):
            action = self._add(name, text, keys)
            action.triggered.connect(signal)
            self._working.append(action)
            if "trategyAction" in name and "import" not in name:
                self.about_one.append(action)
        self.addSeparator()
        self._go_live = self._add("goLiveAction", go_live_text(None), "")
        self._go_live.triggered.connect(self.goLivePressed)
        self._locked = False
        self.setToolTipsVisible(True)
        self.show_account(None)
        records = self._add("recordsAction", tr("Records\u2026"), tr("Ctrl+R"))
        records.triggered.connect(self.recordsPressed)
        self._working.append(records)
        self._accounts = self._add("accountsAction", tr("Accounts\u2026"), "")
        self._accounts.triggered.connect(self.accountsPressed)
        self._working.append(self._accounts)
        settings = self._add("settingsAction", tr("Settings\u2026"), "Ctrl+,")
        settings.triggered.connect(self.settingsPressed)
        self._working.append(settings)
        self._add_schemes(scheme)
        self.addSeparator()
        self._about_log = [
            self._add("logAction", tr("Log\u2026"), ""),
            self._add("reportAction", tr("Support report\u2026"), ""),
        ]
        self._about_log[0].triggered.connect(self.logPressed)
        self._about_log[1].triggered.connect(self.reportPressed)
        self.offer_log(possible=False)
        self._add("helpAction", tr("Help"), "F1").triggered.connect(self.helpPressed)
        self._add("quitAction", tr("Quit"), "Ctrl+Q").triggered.connect(self.quitPressed)
        window.addActions([action for action in self.actions() if not action.shortcut().isEmpty()])

    def choose_scheme(self, scheme: str) -> None:
        """As if its entry was chosen; ``scheme`` is a ColourScheme's value."""
        for action in self.findChildren(QAction, f"scheme{scheme.capitalize()}Action"):
            action.trigger()

    def show_chosen(self, *, chosen: bool) -> None:
        """What is about one strategy needs one that is chosen."""
        for action in self.about_one:
            action.setEnabled(chosen)

    def show_account(self, view: AccountView | None) -> None:
        """What of the menu depends on the account on screen."""
        why_not = why_no_go_live(view)
        self._go_live.setText(go_live_text(view))
        self._go_live.setEnabled(why_not is None and not self._locked)
        self._go_live.setToolTip(why_not or "")
        self._go_live.setStatusTip(why_not or "")

    def offer_accounts(self, *, possible: bool) -> None:
        """Where accounts cannot be added (a window without a data folder) there is no entry for it."""
        self._accounts.setVisible(possible)

    def offer_log(self, *, possible: bool) -> None:
        """A window without a data folder has no log."""
        for action in self._about_log:
            action.setVisible(possible)

    def lock(self) -> None:
        """The engine is gone: only log, help and quit are left."""
        self._locked = True
        for action in (*self._working, self._go_live):
            action.setEnabled(False)

    def _add(self, object_name: str, text: str, keys: str) -> QAction:
        action = self.addAction(text)
        action.setObjectName(object_name)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutVisibleInContextMenu(True)
        return action

    def _add_schemes(self, chosen: ColourScheme) -> None:
        submenu = self.addMenu(tr("Colours"))
        submenu.setObjectName("schemeMenu")
        group = QActionGroup(self)
        for scheme, text in COLOURS.options:
            action = submenu.addAction(said(text))
            action.setObjectName(f"scheme{scheme.capitalize()}Action")
            action.setCheckable(True)
            action.setChecked(scheme == chosen.value)
            group.addAction(action)
            action.triggered.connect(lambda _checked=False, name=scheme: self.schemeChosen.emit(name))
