"""The main window: header, replay bar, strategies and details at the left, the create panel at the right, status strip."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from rebalancer_gui.application.events import EngineFailed, StrategyCreated
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.ui.account_banner import AccountBanner
from rebalancer_gui.ui.closing import Closing
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.create.panel import CreatePanel
from rebalancer_gui.ui.demo_bar import DemoBar
from rebalancer_gui.ui.dialogs.help import HelpDialog
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.failure_page import FailurePage
from rebalancer_gui.ui.flows import Flows
from rebalancer_gui.ui.formatting import NumberFormat, utc_clock
from rebalancer_gui.ui.header import HeaderBar
from rebalancer_gui.ui.locale_numbers import system_numbers
from rebalancer_gui.ui.main_menu import MainMenu
from rebalancer_gui.ui.models.strategies_model import StrategyFilter
from rebalancer_gui.ui.monitor.chart_loader import ChartLoader
from rebalancer_gui.ui.monitor.details_panel import DetailsPanel
from rebalancer_gui.ui.monitor.details_tabs import TAB_KEYS
from rebalancer_gui.ui.monitor.strategies_view import StrategiesView
from rebalancer_gui.ui.steering import Steering
from rebalancer_gui.ui.strategy_files import StrategyFiles
from rebalancer_gui.ui.strategy_words import engine_look
from rebalancer_gui.ui.theme import ColourScheme, Theme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.ways_out import WaysOut
from rebalancer_gui.ui.widgets.status_strip import StatusStrip
from rebalancer_gui.ui.window_state import WindowState

SIZE = (1280, 800)
LEAST_SIZE = (1024, 700)
_FRAME = 40
"""Pixels that the title bar and borders of a desktop may take."""
_GAP = 8
_RIGHT_WIDTH = 392
_RIGHT_NARROW = 360
_WIDE_FROM = 1240
_STRATEGIES_HEIGHT = 199
_LEAST_STRATEGIES = 104
_DETAILS_AFTER_MS = 16


class MainWindow(QMainWindow):
    """Draws what the feed hands on and sends what is pressed. `closing()` is emitted once, when it is really to end."""

    closing = Signal()

    def __init__(
        self,
        feed: EngineFeed,
        theme: Theme,
        state: WindowState,
        save: Callable[[WindowState], None],
        title: str,
        numbers: NumberFormat | None = None,
    ) -> None:
        super().__init__()
        self._feed = feed
        self._theme = theme
        self._state = state
        self._save = save
        self._program = title
        self._sure = False
        self._ended = False
        self.setObjectName("mainWindow")
        self.setWindowTitle(title)
        self.setMinimumSize(*LEAST_SIZE)
        numbers = numbers or system_numbers()
        self.colours = CoinColours(state.coin_slots, lambda _slots: self.remember())
        self.loader = ChartLoader(self)
        self.menu = MainMenu(theme.scheme, self)
        self.header = HeaderBar(numbers, self.menu)
        self.demo_bar = DemoBar()
        self.account_banner = AccountBanner()
        self.strategies = StrategiesView(numbers, self.colours)
        self.details = DetailsPanel(feed, numbers, self.colours, self.loader)
        self.create_panel = CreatePanel(feed, theme, self, colours=self.colours, numbers=numbers)
        self.strip = StatusStrip()
        self.failure = FailurePage()
        self.steering = Steering(feed, self)
        self.flows = Flows(feed, self.colours, numbers, self)
        self.files = StrategyFiles(feed, self)
        self.ways_out = WaysOut(feed, numbers, self)
        self._closing = Closing(feed, theme, title, self)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._pages = QStackedWidget()
        self._details_timer = QTimer(self)
        self._details_timer.setSingleShot(True)
        self._details_timer.setInterval(_DETAILS_AFTER_MS)
        self._details_timer.timeout.connect(self.show_details)
        self._build()
        self._connect()
        self._restore()
        # Nothing is chosen yet, and no control shall look as if it were.
        self._pages.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._pages.setFocus()

    # ------------------------------------------------------------------------------------------------------- building

    def _build(self) -> None:
        self._splitter.setObjectName("monitorSplitter")
        self._splitter.setHandleWidth(_GAP)
        self._splitter.setChildrenCollapsible(False)
        self.strategies.setMinimumHeight(_LEAST_STRATEGIES)
        self._splitter.addWidget(self.strategies)
        self._splitter.addWidget(self.details)
        self._splitter.setStretchFactor(0, 0)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([_STRATEGIES_HEIGHT, 10_000])
        self.create_panel.setFixedWidth(_RIGHT_WIDTH)
        middle = QHBoxLayout()
        middle.setContentsMargins(_GAP, _GAP // 2, _GAP, _GAP)
        middle.setSpacing(_GAP)
        middle.addWidget(self._splitter, 1)
        middle.addWidget(self.create_panel)
        work = QWidget()
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.demo_bar)
        column.addWidget(self.account_banner)
        column.addLayout(middle, 1)
        column.addWidget(self.strip)
        self._pages.addWidget(work)
        self._pages.addWidget(self.failure)
        self.setCentralWidget(self._pages)
        self._order_tabs()
        self.details.hide()
        self.strip.set_engine("waiting", "starting", Ink.TEXT2)

    def _order_tabs(self) -> None:
        """Tab follows the eye: parts were made in another order than they stand."""
        order = (
            self.strategies.filter_combo,
            self.strategies.new_button,
            self.strategies.table,
            self.details.tabs.tabBar(),
        )
        for before, after in pairwise((self.demo_bar.jump_button, *order)):
            QWidget.setTabOrder(before, after)

    def _connect(self) -> None:
        feed, steering = self._feed, self.steering
        feed.accountsChanged.connect(self._accounts_changed)
        feed.accountChanged.connect(self._show)
        feed.engineFailed.connect(self._engine_failed)
        feed.engineStopped.connect(self._engine_stopped)
        self.header.accountChosen.connect(feed.choose_account)
        self.header.stopAllPressed.connect(steering.stop_all)
        self.header.resumeTradingPressed.connect(steering.ask_resume_trading)
        self.demo_bar.speedChosen.connect(steering.set_speed)
        self.demo_bar.pauseAsked.connect(steering.set_paused)
        self.demo_bar.stepPressed.connect(steering.step)
        self.demo_bar.jumpPressed.connect(steering.jump)
        self.demo_bar.goOnPressed.connect(steering.go_on)
        self.details.rebalanceAsked.connect(steering.rebalance)
        self.details.pauseAsked.connect(steering.pause)
        self.details.resumeAsked.connect(steering.resume)
        self.details.stopAsked.connect(self.flows.stop)
        self.details.addAsked.connect(self.flows.add_funds)
        self.details.removeAsked.connect(self.flows.remove_funds)
        self.details.changeAsked.connect(self.flows.change_coins)
        self.details.resumeTradingAsked.connect(steering.ask_resume_trading)
        self.menu.editPressed.connect(self._on_chosen(lambda view: self.flows.edit(view.id)))
        self.menu.duplicatePressed.connect(self._on_chosen(self.files.duplicate))
        self.menu.exportPressed.connect(self._on_chosen(self.files.ask_export))
        self.menu.importPressed.connect(self.files.ask_import)
        self.menu.paperPressed.connect(self.flows.paper_account)
        self.header.paperPressed.connect(self.flows.paper_account)
        self.files.drafted.connect(self.create_panel.copy_to_manual)
        self.files.said.connect(self.details.say)
        steering.said.connect(self.details.say)
        self.flows.said.connect(self.details.say)
        self.details.changeCoinsAsked.connect(self.flows.change_closed)
        self.details.depositAsked.connect(self.flows.deposit_missing)
        self.details.bookLossAsked.connect(self.ways_out.ask_book_loss)
        self.details.takeOverAsked.connect(self.ways_out.take_over)
        self.details.rightAsked.connect(self.ways_out.give_right)
        self.ways_out.said.connect(self.details.say)
        feed.strategyCreated.connect(self._created)
        self.strategies.strategyChosen.connect(self._strategy_chosen)
        self.strategies.emptyChanged.connect(self._empty_changed)
        self.strategies.newPressed.connect(self.create_panel.show_manual)
        self.strategies.presetPressed.connect(self.create_panel.show_presets)
        self.menu.newPressed.connect(self.create_panel.show_manual)
        self.menu.rebalancePressed.connect(self.details.ask_rebalance)
        self.menu.stopAllPressed.connect(steering.stop_all)
        self.menu.helpPressed.connect(self.show_help)
        self.menu.quitPressed.connect(self.close)
        self.menu.schemeChosen.connect(self._scheme_chosen)
        self.failure.quitPressed.connect(self.close)
        self._closing.quitChosen.connect(self.close_without_asking)
        self._closing.showChosen.connect(self.raise_to_front)

    # -------------------------------------------------------------------------------------------------- what is shown

    @Slot()
    def _accounts_changed(self) -> None:
        self.header.show_accounts(self._feed.accounts, self._feed.account)

    @Slot(object)
    def _show(self, view: AccountView) -> None:
        self.header.show_view(view)
        self.demo_bar.show_state(view.demo)
        self.account_banner.show_view(view)
        self.strategies.show_view(view)
        self.flows.show_view(view)
        if self._pages.hasFocus() and view.strategies:
            self.strategies.table.setFocus()
        title = f"{view.mode.upper()} - {view.title} - {self._program}"
        if title != self.windowTitle():
            self.setWindowTitle(title)
        look = engine_look(view)
        self.strip.set_engine(look.icon, look.word, look.ink)
        self.strip.set_next_check(f"next check {utc_clock(view.next_check)}" if view.next_check is not None else "")
        self.strip.set_status(f"last: \u201c{view.last}\u201d" if view.last else "")
        self.strip.set_clock(f"{utc_clock(view.at)} UTC")

        # Details are drawn a moment later: two short turns hold the thread up less than a long one.
        self._details_timer.start()

    @Slot()
    def show_details(self) -> None:
        """Draw the newest picture of the chosen strategy now."""
        self._details_timer.stop()
        view = self._feed.view
        if view is not None:
            self.details.show_view(view, self._chosen(view))

    def _chosen(self, view: AccountView) -> StrategyView | None:
        chosen = self.strategies.chosen()
        return next((strategy for strategy in view.strategies if strategy.id == chosen), None)

    def _on_chosen(self, act: Callable[[StrategyView], None]) -> Callable[[], None]:
        """Do something with the strategy that is chosen when it is asked for; nothing without one."""

        def asked() -> None:
            view = self._feed.view
            chosen = self._chosen(view) if view is not None else None
            if chosen is not None:
                act(chosen)

        return asked

    @Slot(object)
    def _strategy_chosen(self, strategy_id: str | None) -> None:
        self.details.set_strategy(strategy_id)
        self.menu.show_chosen(chosen=strategy_id is not None)
        self.show_details()

    @Slot(object)
    def _created(self, event: StrategyCreated) -> None:
        self.strategies.choose(event.strategy_id)
        # Create is disabled now: the keyboard goes on with what was made, not with the window's first control.
        (self.strategies.table if self.strategies.table.isVisible() else self._pages).setFocus()

    @Slot(bool)
    def _empty_changed(self, empty: bool) -> None:
        """Without strategies the teaching page has the whole left side."""
        self.details.setVisible(not empty)
        if not empty and self._state.splitter:
            self._splitter.setSizes(list(self._state.splitter))

    @Slot(object)
    def _engine_failed(self, event: EngineFailed) -> None:
        self.failure.show_failure(event)
        self._pages.setCurrentWidget(self.failure)
        self.menu.lock()

    @Slot()
    def _engine_stopped(self) -> None:
        self.strip.set_engine("ended", "stopped", Ink.TEXT2)
        self.show_details()

    # -------------------------------------------------------------------------------------------------------- pressing

    @Slot()
    def show_help(self) -> None:
        HelpDialog(self).open()

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
        self._closing.leave_tray()

    # ---------------------------------------------------------------------------------------------- size and appearance

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._feed.set_drawing(not self.isMinimized())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._feed.set_drawing(False)
        self._details_timer.stop()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._feed.set_drawing(self.isVisible() and not self.isMinimized())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.create_panel.setFixedWidth(_RIGHT_WIDTH if event.size().width() >= _WIDE_FROM else _RIGHT_NARROW)

    # ------------------------------------------------------------------------------------------------------ remembering

    def _restore(self) -> None:
        state = self._state
        geometry = QByteArray.fromBase64(QByteArray(state.geometry.encode("ascii", "ignore")))
        if geometry.isEmpty() or not self.restoreGeometry(geometry):
            self.resize(*SIZE)
            self._fit_screen()
        if len(state.splitter) == 2:
            self._splitter.setSizes(list(state.splitter))
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
            splitter=tuple(self._splitter.sizes()) if not self.details.isHidden() else self._state.splitter,
            detail_tab=self.details.tab,
            create_tab=self.create_panel.tabs.currentIndex(),
            filter=self.strategies.filter.value,
            theme=self._theme.scheme.value,
            strategy=self.strategies.chosen() or "",
            coin_slots=self.colours.mapping,
        )
        self._save(self._state)

    # ---------------------------------------------------------------------------------------------------------- closing

    def closeEvent(self, event: QCloseEvent) -> None:
        """With strategies that are not over it asks; the answer closes, or hides into the tray."""
        if self._sure or not self._closing.must_ask:
            self._end()
            event.accept()
            return
        event.ignore()
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
            self.remember()
            self.closing.emit()
