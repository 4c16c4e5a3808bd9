"""What stands in the main window while the engine lives: header, replay bar, strategies and details at the left, the create
panel at the right, status strip. GUI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from rebalancer_gui.application.events import AccountFailed, AccountWaits
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.ui.account_banner import AccountBanner
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.create.panel import CreatePanel
from rebalancer_gui.ui.demo_bar import DemoBar
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat, utc_clock
from rebalancer_gui.ui.header import HeaderBar
from rebalancer_gui.ui.monitor.chart_loader import ChartLoader
from rebalancer_gui.ui.monitor.details_panel import DetailsPanel
from rebalancer_gui.ui.monitor.strategies_view import StrategiesView
from rebalancer_gui.ui.strategy_words import engine_look
from rebalancer_gui.ui.theme import Theme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.announce import announce
from rebalancer_gui.ui.widgets.key_splitter import KeySplitter
from rebalancer_gui.ui.widgets.status_strip import StatusStrip

_GAP = 8
_RIGHT_WIDTH = 392
_RIGHT_NARROW = 360
_WIDE_FROM = 1240
_STRATEGIES_HEIGHT = 232
"""Pixels: title, header, four strategies and the total."""
_STRATEGIES_LOW = 200
_HIGH_FROM = 680
"""Pixels of list and details together; with fewer the list has a row less, so that four coins and their total stay in sight."""
_LEAST_STRATEGIES = 138
"""Pixels: title, header, one strategy and the total."""
_DETAILS_AFTER_MS = 16


class WorkPage(QWidget):
    """The parts and where they stand; what is pressed in them is somebody else's job (ui/presses.py)."""

    def __init__(
        self,
        feed: EngineFeed,
        theme: Theme,
        numbers: NumberFormat,
        colours: CoinColours,
        loader: ChartLoader,
        menu: QMenu,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._feed = feed
        self._sizes: Sequence[int] = ()
        self._moved = False
        self.waiting_help: Callable[[], str] = str
        """The text of the button beside accounts that wait; "" = no button."""
        self.header = HeaderBar(numbers, menu)
        self.demo_bar = DemoBar()
        self.account_banner = AccountBanner()
        self.strategies = StrategiesView(numbers, colours)
        self.details = DetailsPanel(feed, numbers, colours, loader)
        self.create_panel = CreatePanel(feed, theme, parent, colours=colours, numbers=numbers)
        self.strip = StatusStrip()
        self._splitter = KeySplitter("monitorSplitter", tr("Height of the list of strategies"))
        self._details_timer = QTimer(self)
        self._details_timer.setSingleShot(True)
        self._details_timer.setInterval(_DETAILS_AFTER_MS)
        self._details_timer.timeout.connect(self.show_details)
        self._build()
        feed.accountsChanged.connect(self._accounts_changed)
        feed.engineStopped.connect(self._engine_stopped)
        self.header.accountChosen.connect(feed.choose_account)
        self.strategies.emptyChanged.connect(self._empty_changed)
        self.strategies.olderWanted.connect(feed.show_older)
        self.strategies.olderFolded.connect(feed.fold_older)

    def _build(self) -> None:
        self._splitter.setHandleWidth(_GAP)
        self._splitter.setChildrenCollapsible(False)
        self.strategies.setMinimumHeight(_LEAST_STRATEGIES)
        self._splitter.addWidget(self.strategies)
        self._splitter.addWidget(self.details)
        self._splitter.setStretchFactor(0, 0)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([_STRATEGIES_LOW, 10_000])
        self._splitter.splitterMoved.connect(self._splitter_moved)
        self._splitter.installEventFilter(self)
        self.create_panel.setFixedWidth(_RIGHT_WIDTH)
        middle = QHBoxLayout()
        middle.setContentsMargins(_GAP, _GAP // 2, _GAP, _GAP)
        middle.setSpacing(_GAP)
        middle.addWidget(self._splitter, 1)
        middle.addWidget(self.create_panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.demo_bar)
        column.addWidget(self.account_banner)
        column.addLayout(middle, 1)
        column.addWidget(self.strip)
        self.details.hide()
        self.strip.set_engine("waiting", tr("starting"), Ink.TEXT2)

    def order_tabs(self) -> None:
        """Tab follows the eye: parts were made in another order than they stand. Once the page stands in its window."""
        details = self.details
        banners = (details.halt_banner, details.proposal_banner, details.banner)
        order = (
            *self.account_banner.findChildren(QAbstractButton),
            self.strategies.older_button,
            self.strategies.filter_combo,
            self.strategies.new_button,
            self.strategies.table,
            self._splitter.handle(1),
            *(button for banner in banners for button in banner.findChildren(QAbstractButton)),
            details.tabs.tabBar(),
        )
        for before, after in pairwise((self.demo_bar.jump_button, *order)):
            QWidget.setTabOrder(before, after)

    # -------------------------------------------------------------------------------------------------- what is shown

    def show_view(self, view: AccountView) -> None:
        """The newest picture of the account; the details follow a moment later."""
        self.header.show_view(view)
        self.demo_bar.show_state(view.demo)
        self.account_banner.show_view(view)
        self.show_others()
        self.strategies.show_view(view)
        look = engine_look(view)
        self.strip.set_engine(look.icon, look.word, look.ink)
        self.strip.set_next_check(
            tr("next check {utc_clock}", utc_clock=utc_clock(view.next_check)) if view.next_check is not None else ""
        )
        self.strip.set_status(tr("last: \u201c{last}\u201d", last=said(view.last)) if view.last else "")
        self.strip.set_clock(tr("{utc_clock} UTC", utc_clock=utc_clock(view.at)))
        # Two short turns hold the thread up less than a long one.
        self._details_timer.start()

    @Slot(str)
    def say(self, text: str) -> None:
        """What came of the last press: beside the buttons, and in the strip where there are none."""
        self.details.say(text)
        announce(self, text)
        if self.details.isHidden():
            self.strip.tell(text)

    @Slot(str)
    def say_of_stopping(self, text: str) -> None:
        """The same, of a strategy that is being stopped: once it has ended this is not said any more."""
        self.say(text)
        self.details.say(text, of_stopping=True)

    @Slot()
    def show_details(self) -> None:
        """Draw the newest picture of the chosen strategy now."""
        self._details_timer.stop()
        view = self._feed.view
        if view is not None:
            self.details.show_view(view, self._chosen_of(view))

    def rest(self) -> None:
        """Nobody can see it: what was to be drawn a moment later is not."""
        self._details_timer.stop()

    def chosen(self) -> StrategyView | None:
        """The newest picture of the chosen strategy; None without one."""
        view = self._feed.view
        return self._chosen_of(view) if view is not None else None

    def _chosen_of(self, view: AccountView) -> StrategyView | None:
        chosen = self.strategies.chosen()
        return next((strategy for strategy in view.strategies if strategy.id == chosen), None)

    @Slot()
    def _accounts_changed(self) -> None:
        self.header.show_accounts(self._feed.accounts, self._feed.account, self._feed.waiting, self._feed.failed)
        self.show_others()

    @Slot()
    def show_others(self) -> None:
        """Accounts that are not shown and for which nothing is sent, with what helps now."""
        feed = self._feed
        locked = [view for view in feed.accounts if view.locked and view.account != feed.account]
        button = self.waiting_help() if locked or feed.waiting or feed.failed else ""
        self.account_banner.show_others(locked, feed.waiting, feed.failed, button)

    @Slot(object)
    def show_waiting(self, event: AccountWaits) -> None:
        """The account's venue does not answer: what is shown stays as it is, or empty."""
        if self._feed.view is None:
            self.strip.set_engine("waiting", tr("waiting for the exchange"), Ink.WARN)
        self.strip.set_status(
            tr("{account}: {message} It is tried again.", account=event.account, message=event.message)
        )

    @Slot(object)
    def show_failed(self, event: AccountFailed) -> None:
        """The account is halted; the others go on."""
        self.strip.set_status(
            tr(
                "{account} is halted: {message} {advice}",
                account=event.account,
                message=event.message,
                advice=event.advice,
            ).strip()
        )

    @Slot()
    def _engine_stopped(self) -> None:
        self.strip.set_engine("ended", tr("stopped"), Ink.TEXT2)
        self.show_details()

    # ----------------------------------------------------------------------------------------------------------- sizes

    @property
    def sizes(self) -> tuple[int, ...]:
        """Pixels of strategies and details, to be remembered."""
        return tuple(self._splitter.sizes()) if not self.details.isHidden() else tuple(self._sizes)

    def set_sizes(self, sizes: Sequence[int]) -> None:
        """What `sizes` gave at another time; anything else than two numbers is passed over."""
        if len(sizes) == 2:
            self._sizes = sizes
            self._splitter.setSizes(list(sizes))

    @Slot()
    def _splitter_moved(self) -> None:
        self._moved = True

    def _share_height(self) -> None:
        """As long as nobody has chosen another height, the list has its usual one."""
        if not self._sizes and not self._moved:
            height = self._splitter.height()
            wanted = _STRATEGIES_HEIGHT if height >= _HIGH_FROM else _STRATEGIES_LOW
            self._splitter.setSizes([wanted, height - self._splitter.handleWidth() - wanted])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Bars and banners above come and go."""
        if event.type() is QEvent.Type.Resize:
            self._share_height()
        return super().eventFilter(watched, event)

    @Slot(bool)
    def _empty_changed(self, empty: bool) -> None:
        """Without strategies the teaching page has the whole left side."""
        self.details.setVisible(not empty)
        if not empty and self._sizes:
            self._splitter.setSizes(list(self._sizes))
        elif not empty:
            self._share_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.create_panel.setFixedWidth(_RIGHT_WIDTH if event.size().width() >= _WIDE_FROM else _RIGHT_NARROW)
