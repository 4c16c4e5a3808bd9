"""The main window: its pages, its size and colours, what it remembers, and how it is closed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QStackedWidget, QWidget

from rebalancer_gui.application.account_book import AccountBook
from rebalancer_gui.application.events import EngineFailed
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.resources_path import guide_dir
from rebalancer_gui.ui.closing import Closing
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.failure_page import FailurePage
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.help.desk import HelpDesk
from rebalancer_gui.ui.live_words import window_title
from rebalancer_gui.ui.locale_numbers import system_numbers
from rebalancer_gui.ui.main_menu import MainMenu
from rebalancer_gui.ui.models.strategies_model import StrategyFilter
from rebalancer_gui.ui.monitor.chart_loader import ChartLoader
from rebalancer_gui.ui.monitor.details_tabs import TAB_KEYS
from rebalancer_gui.ui.presses import Presses
from rebalancer_gui.ui.theme import ColourScheme, Theme
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.tray import Tray
from rebalancer_gui.ui.welcoming import Welcoming
from rebalancer_gui.ui.widgets.empty_state import EmptyState
from rebalancer_gui.ui.window_state import WindowState
from rebalancer_gui.ui.work_page import WorkPage

SIZE = (1280, 800)
LEAST_SIZE = (1024, 700)
_FRAME = 40
"""Pixels that the title bar and borders of a desktop may take."""

_RESETTING = (
    tr("The paper account is being reset"),
    tr("The engine is stopped safely first; then the account is moved into the backups and a new one begins."),
)


_REOPENING = (
    tr("The accounts are opened anew"),
    tr("The engine is stopped safely first: nothing is lost, and every account goes on where it is."),
)


class MainWindow(QMainWindow):
    """Draws what the feed hands on and sends what is pressed. `closing()` is emitted once, when it is really to end;
    `resetConfirmed(str)`: the paper account of that name is to begin anew; `repairConfirmed(object)`: a ``Repair`` of a
    damaged file is to be carried out; `accountAdded(str)`, `removeConfirmed(str)`: the engine is to begin anew with or
    without this account.
    """

    closing = Signal()
    accountAdded = Signal(str)
    removeConfirmed = Signal(str)
    resetConfirmed = Signal(str)
    repairConfirmed = Signal(object)
    restoreConfirmed = Signal(object)
    """A backup (a Path) is to take the place of everything that is stored"""

    def __init__(
        self,
        feed: EngineFeed,
        theme: Theme,
        state: WindowState,
        save: Callable[[WindowState], None],
        title: str,
        numbers: NumberFormat | None = None,
        book: AccountBook | None = None,
    ) -> None:
        super().__init__()
        self._feed = feed
        self._theme = theme
        self._state = state
        self._save = save
        self._program = title
        self._sure = False
        self._ended = False
        self._resetting = False
        self.setObjectName("mainWindow")
        self.setWindowTitle(title)
        self.setMinimumSize(*LEAST_SIZE)
        numbers = numbers or system_numbers()
        self.colours = CoinColours(state.coin_slots, lambda _slots: self.remember())
        self.loader = ChartLoader(self)
        self.menu = MainMenu(theme.scheme, self)
        self.page = page = WorkPage(feed, theme, numbers, self.colours, self.loader, self.menu, self)
        self.header, self.demo_bar, self.strip = page.header, page.demo_bar, page.strip
        self.strategies, self.details, self.create_panel = page.strategies, page.details, page.create_panel
        self.failure = FailurePage()
        self.waiting = EmptyState(*_RESETTING, object_name="resettingPage")
        self.reopening = EmptyState(*_REOPENING, object_name="reopeningPage")
        self.presses = presses = Presses(feed, page, self.menu, self.colours, numbers, self, book, loader=self.loader)
        self.steering, self.flows = presses.steering, presses.flows
        self.files, self.ways_out = presses.files, presses.ways_out
        self.tray = Tray(feed, theme, title, self)
        self.help = HelpDesk(guide_dir, self)
        self.welcoming = Welcoming(page, self.presses, self.help, self)
        self._closing = Closing(feed, self.tray, self)
        self._pages = QStackedWidget()
        self._pages.addWidget(page)
        self._pages.addWidget(self.failure)
        self._pages.addWidget(self.waiting)
        self._pages.addWidget(self.reopening)
        self.setCentralWidget(self._pages)
        page.order_tabs()
        self._connect()
        self._restore()
        # Nothing is chosen yet, and no control shall look as if it were.
        page.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        page.setFocus()

    def _connect(self) -> None:
        feed, menu = self._feed, self.menu
        feed.accountChanged.connect(self._show)
        feed.engineFailed.connect(self._engine_failed)
        self.flows.resetConfirmed.connect(self.resetConfirmed)
        self.presses.settings.restoreConfirmed.connect(self.restoreConfirmed)
        self.presses.accounts.reopenAsked.connect(self.accountAdded)
        self.presses.accounts.removeConfirmed.connect(self.removeConfirmed)
        self.presses.accounts.repairConfirmed.connect(self.repairConfirmed)
        feed.accountWaits.connect(self.page.show_waiting)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)
        feed.accountFailed.connect(self.page.show_failed)
        self.welcoming.over.connect(self.remember)
        menu.helpPressed.connect(self.help.open_here)
        menu.quitPressed.connect(self.quit)
        menu.schemeChosen.connect(self._scheme_chosen)
        self.failure.quitPressed.connect(self.close)
        self.failure.repairPressed.connect(self.repairConfirmed)
        self._closing.quitChosen.connect(self.close_without_asking)
        self.tray.showAsked.connect(self.raise_to_front)
        self.tray.gone.connect(self._come_back)
        self.tray.stopAllAsked.connect(self.steering.stop_all)
        self.tray.resumeAsked.connect(self._resume_from_tray)
        self.tray.quitAsked.connect(self.quit)

    # -------------------------------------------------------------------------------------------------- what is shown

    @Slot(object)
    def _show(self, view: AccountView) -> None:
        self.page.show_view(view)
        if self.page.hasFocus() and view.strategies:
            self.strategies.table.setFocus()
        title = window_title(view, self._program)
        if title != self.windowTitle():
            self.setWindowTitle(title)
        if self._feed.account_to_remember != self._state.account:
            self.remember()

    @Slot()
    def show_details(self) -> None:
        """Draw the newest picture of the chosen strategy now."""
        self.page.show_details()

    @Slot(object)
    def _engine_failed(self, event: EngineFailed) -> None:
        # One that fails while it stops has stopped all the same.
        if not self._resetting:
            self.show_failure(event)

    @Slot(QWidget, QWidget)
    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Whoever has begun to do something stays with the account on screen, though the one of last time opens later."""
        if new is not None and new not in {self, self.page, self.strategies.table} and self.isAncestorOf(new):
            self._feed.prefer_account("")

    def show_failure(self, event: EngineFailed) -> None:
        """Only what happened, and what to do."""
        self._resetting = False
        self.failure.show_failure(event)
        self._pages.setCurrentWidget(self.failure)
        self.menu.lock()

    def show_resetting(self, *, accounts: bool = False) -> None:
        """The engine is being stopped so that an account can begin anew, or (``accounts``) come or go: nothing can be pressed
        meanwhile.
        """
        self._resetting = True
        for dialog in self.findChildren(QDialog):
            dialog.close()
        self._pages.setCurrentWidget(self.reopening if accounts else self.waiting)
        self.menu.lock()

    # -------------------------------------------------------------------------------------------------------- pressing

    @Slot(str)
    def _scheme_chosen(self, scheme: str) -> None:
        self._theme.set_scheme(ColourScheme(scheme))
        self.remember()

    @Slot()
    def raise_to_front(self) -> None:
        """A second start asked for this window, or its icon in the tray was pressed."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    @Slot()
    def _come_back(self) -> None:
        """The tray that this window hides in has ended: without it nothing would lead back here. Nobody's typing is disturbed."""
        if not self.isVisible():
            self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
            self.show()
            self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, on=False)

    @Slot()
    def _resume_from_tray(self) -> None:
        """The question stands in the window."""
        self.raise_to_front()
        self.steering.ask_resume_trading()

    def offer_settings(self, desk: SettingsDesk) -> None:
        """The settings of the program: for the dialog, and for what happens when the window is closed."""
        self.presses.settings.offer_settings(desk)
        self._closing.offer(desk)

    def open(self, *, minimised: bool = False) -> None:
        """On screen, with the icon in the tray where there is one. ``minimised``: in the tray only, or in the task bar."""
        self.tray.open()
        if not minimised:
            self.show()
        elif self.tray.is_there:
            self._feed.set_drawing(False)
        else:
            self.showMinimized()

    # ---------------------------------------------------------------------------------------------- size and appearance

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._feed.set_drawing(not self.isMinimized())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._feed.set_drawing(False)
        self.page.rest()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._feed.set_drawing(self.isVisible() and not self.isMinimized())

    # ------------------------------------------------------------------------------------------------------ remembering

    def _restore(self) -> None:
        state = self._state
        self.welcoming.begin(welcomed=state.welcomed)
        geometry = QByteArray.fromBase64(QByteArray(state.geometry.encode("ascii", "ignore")))
        if geometry.isEmpty() or not self.restoreGeometry(geometry):
            self.resize(*SIZE)
            self._fit_screen()
        self.page.set_sizes(state.splitter)
        if state.detail_tab in TAB_KEYS:
            self.details.show_tab(state.detail_tab)
        if state.filter in {choice.value for choice in StrategyFilter}:
            self.strategies.set_filter(StrategyFilter(state.filter))
        if state.strategy:
            self.strategies.prefer(state.strategy)
        if 0 <= state.create_tab < self.create_panel.tabs.count():
            self.create_panel.tabs.setCurrentIndex(state.create_tab)

    def _fit_screen(self) -> None:
        """On a screen that cannot hold the window with its frame it is opened maximised: the status strip stays in sight."""
        room = self.screen().availableSize()
        if room.width() < LEAST_SIZE[0]:
            return
        if room.width() < SIZE[0] + _FRAME or room.height() < SIZE[1] + _FRAME:
            self.setWindowState(Qt.WindowState.WindowMaximized)

    @Slot()
    def remember(self) -> None:
        """Hand on how the window looks now, for the next start."""
        self._state = WindowState(
            geometry=bytes(self.saveGeometry().toBase64().data()).decode("ascii"),
            splitter=self.page.sizes,
            detail_tab=self.details.tab,
            create_tab=self.create_panel.tabs.currentIndex(),
            filter=self.strategies.filter.value,
            theme=self._theme.scheme.value,
            strategy=self.strategies.chosen() or "",
            account=self._feed.account_to_remember or self._state.account,
            welcomed=self.welcoming.is_over,
            coin_slots=self.colours.mapping,
        )
        self._save(self._state)

    # ---------------------------------------------------------------------------------------------------------- closing

    def closeEvent(self, event: QCloseEvent) -> None:
        """With strategies that are not over it asks; the answer closes, or hides into the tray."""
        if self._resetting and not self._sure:
            # It takes a moment, and then there is another window.
            event.ignore()
            return
        if self._sure or not self._closing.must_ask:
            self._end()
            event.accept()
            return
        event.ignore()
        self._closing.close()

    @Slot()
    def quit(self) -> None:
        """The program is to end, wherever its window is now; with strategies that are not over it asks."""
        if self._resetting:
            return
        if self._sure or not self._closing.must_ask:
            self.close_without_asking()
            return
        self.raise_to_front()
        self._closing.ask()

    @Slot()
    def close_without_asking(self) -> None:
        """After the question, and for a signal from the system."""
        self._sure = True
        self.close()
        # A window in the tray is hidden already: it gets no close event that ends the program.
        self._end()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self.tray.close_icon()
            self.help.close()
            self.remember()
            self.closing.emit()
