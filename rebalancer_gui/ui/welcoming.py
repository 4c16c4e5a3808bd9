"""The welcome of the first start: how long it stands, and where its buttons lead. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from rebalancer_gui.ui.help.desk import HelpDesk
from rebalancer_gui.ui.help.topics import FIRST
from rebalancer_gui.ui.presses import Presses
from rebalancer_gui.ui.work_page import WorkPage


class Welcoming(QObject):
    """`over()`: one of its ways was taken, it was skipped, or there is a strategy. It then never comes again by itself."""

    over = Signal()

    def __init__(self, page: WorkPage, presses: Presses, help_desk: HelpDesk, window: QWidget) -> None:
        super().__init__(window)
        self._page = page
        self.is_over = False
        welcome = page.strategies.welcome
        welcome.offer_accounts(possible=presses.accounts.is_possible)
        welcome.demoPressed.connect(self._try_demo)
        welcome.accountPressed.connect(self._end)
        welcome.accountPressed.connect(presses.accounts.add)
        welcome.importPressed.connect(self._end)
        welcome.importPressed.connect(presses.files.ask_import)
        welcome.guidePressed.connect(lambda: help_desk.open(FIRST))
        welcome.skipPressed.connect(self._end)
        page.strategies.emptyChanged.connect(self._empty_changed)

    def begin(self, *, welcomed: bool) -> None:
        """Show it as soon as the account has no strategies, unless it was over at an earlier start."""
        self.is_over = welcomed
        self._page.strategies.set_welcoming(welcoming=not welcomed)

    @Slot()
    def _try_demo(self) -> None:
        self._end()
        self._page.create_panel.show_presets()

    @Slot(bool)
    def _empty_changed(self, empty: bool) -> None:
        if not empty:
            self._end()

    @Slot()
    def _end(self) -> None:
        if not self.is_over:
            self.is_over = True
            self._page.strategies.set_welcoming(welcoming=False)
            self.over.emit()
