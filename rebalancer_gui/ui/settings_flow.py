"""Opens Settings and carries out what is saved there: mode and rails are sent to the engine, colours change at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.data_desk import DataKeeping
from rebalancer_gui.application.events import CommandRejected
from rebalancer_gui.application.market_data_desk import MarketDataDesk
from rebalancer_gui.application.safety_commands import SetRails, SetTradingMode
from rebalancer_gui.application.settings import THEME, Page
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.application.telling_desk import TellingDesk
from rebalancer_gui.ui.dialogs.data_page import PLACES as DATA_PLACES
from rebalancer_gui.ui.dialogs.data_page import DataPage
from rebalancer_gui.ui.dialogs.market_data_page import PLACES as MARKET_DATA_PLACES
from rebalancer_gui.ui.dialogs.market_data_page import MarketDataPage
from rebalancer_gui.ui.dialogs.notifications_page import PLACES as NOTIFICATION_PLACES
from rebalancer_gui.ui.dialogs.notifications_page import NotificationsPage
from rebalancer_gui.ui.dialogs.rail_words import MODES
from rebalancer_gui.ui.dialogs.settings import SettingsDialog, SettingsWish
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.secret_edit import ClipboardCleaner


class SettingsFlow(QObject):
    """`said(str)`: what was saved, for the action row. `schemeChosen(str)`: other colours. GUI thread only."""

    said = Signal(str)
    schemeChosen = Signal(str)
    restoreConfirmed = Signal(object)
    """This backup (a Path) is to take the place of what is stored"""
    goLiveAsked = Signal()
    """Settings was closed for the dialog that switches trading of a live account on"""

    def __init__(self, feed: EngineFeed, numbers: NumberFormat, window: QWidget) -> None:
        super().__init__(window)
        self._feed, self._numbers, self._window = feed, numbers, window
        self._dialog: SettingsDialog | None = None
        self._telling: TellingDesk | None = None
        self._market_data: MarketDataDesk | None = None
        self._settings: SettingsDesk | None = None
        self._data: DataKeeping | None = None
        self._background = Errands(self, in_order=True)
        self._cleaner = ClipboardCleaner(self)

    def offer(self, telling: TellingDesk) -> None:
        """From now on the page Notifications is there."""
        self._telling = telling

    def offer_market_data(self, desk: MarketDataDesk) -> None:
        """From now on the page Market data is there."""
        self._market_data = desk

    def offer_data(self, data: DataKeeping) -> None:
        """From now on everything can be backed up and restored."""
        self._data = data

    def offer_settings(self, desk: SettingsDesk) -> None:
        """From now on the declared settings of the program are there."""
        self._settings = desk

    @Slot()
    def open(self) -> None:
        """One at a time; nothing before the account is known."""
        view = self._feed.view
        if view is None or self._dialog is not None:
            return
        self._dialog = dialog = SettingsDialog(view, current_theme().scheme, self._numbers, self._window)
        dialog.schemeChosen.connect(self.schemeChosen)
        dialog.confirmed.connect(self._save)
        dialog.goLiveAsked.connect(self._go_live_instead)
        dialog.finished.connect(self._closed)
        if self._settings is not None:
            dialog.program.offer(self._settings, self._background)
        if self._telling is not None:
            page = NotificationsPage(self._telling, self._background, self._cleaner, self._numbers, dialog)
            dialog.add_page(page, tr("Notifications"), "notificationsScroll", Page.NOTIFICATIONS, NOTIFICATION_PLACES)
            dialog.finished.connect(page.leave)
        if self._market_data is not None:
            data = MarketDataPage(self._market_data, self._background, self._cleaner, dialog)
            dialog.add_page(data, tr("Market data"), "marketDataScroll", Page.MARKET_DATA, MARKET_DATA_PLACES)
            dialog.finished.connect(data.leave)
        if self._settings is not None or self._data is not None:
            kept = DataPage(self._settings, self._data, self._background, dialog)
            dialog.add_page(kept, tr("Data"), "dataScroll", places=DATA_PLACES)
            dialog.finished.connect(kept.leave)
            kept.imported.connect(self._imported)
            kept.restoreConfirmed.connect(self._restore)
        dialog.open()

    @Slot(str)
    def _imported(self, said: str) -> None:
        """What stands on the other pages is not true any more; the window follows what it can at once."""
        if self._dialog is not None:
            self._dialog.reject()
        if self._settings is not None:
            self.schemeChosen.emit(self._settings.value(THEME))
        self.said.emit(said)

    @Slot(object)
    def _restore(self, file: object) -> None:
        if self._dialog is not None:
            self._dialog.reject()
        self.restoreConfirmed.emit(file)

    @Slot()
    def _closed(self) -> None:
        self._dialog = None

    @Slot()
    def _go_live_instead(self) -> None:
        if self._dialog is not None:
            self._dialog.reject()
        self.goLiveAsked.emit()

    @Slot(object)
    def _save(self, wish: SettingsWish) -> None:
        """The rails first: under a new mode nothing is decided by old limits."""
        steps: list[tuple[Callable[[str], c.Command], str]] = []
        account = self._feed.account
        if wish.rails is not None:
            values, off = wish.rails
            steps.append((lambda i: SetRails(i, account, values, off), tr("The safety rails were changed.")))
        if wish.mode is not None:
            mode = wish.mode
            steps.append(
                (lambda i: SetTradingMode(i, account, mode), tr("Trading mode: {MODES}.", MODES=MODES[mode][0]))
            )
        self._carry_out(steps, "")

    def _carry_out(self, steps: list[tuple[Callable[[str], c.Command], str]], done: str) -> None:
        if not steps:
            if self._dialog is not None:
                self._dialog.finish()
            self.said.emit(done)
            return
        make, words = steps[0]

        def answered(answer: Answer) -> None:
            if not isinstance(answer, CommandRejected):
                self._carry_out(steps[1:], f"{done} {words}".strip())
            elif self._dialog is not None:
                self._dialog.fail(answer.field, answer.message)
            else:
                self.said.emit(answer.message)

        self._feed.ask(make(self._feed.next_command_id()), answered)
