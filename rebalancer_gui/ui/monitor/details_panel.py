"""The chosen strategy: title row, banners, tabs, and what may be done with it (look/01, look/02, look/05)."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.monitor.actions import allowed, halt_of
from rebalancer_gui.ui.monitor.chart_loader import ChartLoader
from rebalancer_gui.ui.monitor.details_tabs import LEAST_PAGE, DetailsTabs
from rebalancer_gui.ui.monitor.details_title import DetailsTitle
from rebalancer_gui.ui.theme import set_icon
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.halt_banner import HaltBanner
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, TITLE_HEIGHT, ActionRow, Panel

_BANNER_GAP = 8
_FRAME = TITLE_HEIGHT + 48 + 2
"""Pixels of title row, action row and outline."""
_LEAST_HEIGHT = 260
_SAID_FOR_MS = 10_000


class DetailsPanel(Panel):
    """Signals carry the strategy's id; the window sends the commands."""

    rebalanceAsked = Signal(str)
    pauseAsked = Signal(str)
    resumeAsked = Signal(str)
    stopAsked = Signal(str)
    resumeTradingAsked = Signal()

    def __init__(
        self,
        feed: EngineFeed,
        numbers: NumberFormat,
        colours: CoinColours,
        loader: ChartLoader,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(object_name="detailsPanel", parent=parent)
        self._feed = feed
        self._view: StrategyView | None = None
        self._wanted: str | None = None
        self._resumes = False
        self.title = DetailsTitle(numbers)
        self.halt_banner = HaltBanner()
        self.banner = Banner("strategyBanner")
        self.tabs = DetailsTabs(feed, numbers, colours, loader)
        self.rebalance_button = push_button(
            "Rebalance now", "rebalanceNowButton", tip="Back to the target weights now (F5)"
        )
        self.pause_button = push_button("Pause", "pauseButton", icon="paused")
        self.stop_button = push_button("Stop", "stopButton", kind=ButtonKind.DANGER, icon="ended")
        self._said = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name="detailsMessage")
        self._said_timer = QTimer(self)
        self._said_timer.setSingleShot(True)
        self._said_timer.setInterval(_SAID_FOR_MS)
        self._said_timer.timeout.connect(self._said.clear)
        self._build()
        self._connect()
        self.show_view(None, None)

    def _build(self) -> None:
        banners = QVBoxLayout()
        banners.setContentsMargins(SIDE, 0, SIDE, 0)
        banners.setSpacing(8)
        banners.addWidget(self.halt_banner)
        banners.addWidget(self.banner)
        self._row = ActionRow()
        self._row.left.addWidget(self.rebalance_button)
        self._row.left.addWidget(self._said, 1)
        self._row.right.addWidget(self.pause_button)
        self._row.right.addWidget(self.stop_button)
        self.body.addWidget(self.title)
        self.body.addLayout(banners)
        self.body.addWidget(self.tabs, 1)
        self.body.addWidget(self._row)

    def _connect(self) -> None:
        self.rebalance_button.clicked.connect(self.ask_rebalance)
        self.pause_button.clicked.connect(self._pause_pressed)
        self.stop_button.clicked.connect(self._stop_pressed)
        self.halt_banner.resumePressed.connect(self._resume_pressed)
        self.halt_banner.actionPressed.connect(self.resumeTradingAsked)
        self.halt_banner.journalPressed.connect(self.show_journal)

    # -------------------------------------------------------------------------------------------------- what is shown

    def set_strategy(self, strategy_id: str | None) -> None:
        """Whose details are wanted; their picture comes with ``show_view``."""
        if strategy_id == self._wanted:
            return
        self._wanted = strategy_id
        self._said.setText("")
        self.tabs.set_strategy(strategy_id or "")

    def show_view(self, account: AccountView | None, view: StrategyView | None) -> None:
        """The newest picture of the chosen strategy; None: none is chosen."""
        self._view = view
        self.tabs.setVisible(view is not None)
        self._row.setVisible(view is not None)
        if view is None or account is None:
            self.title.show_view(None)
            self.halt_banner.show_halt(None)
            self.banner.show_notice(None)
            return
        self.tabs.show_view(account, view)
        ratios = self.tabs.ratios
        self.title.show_view(view, "" if ratios.summary_is_shown else ratios.summary())
        self._show_banners(account, view)
        self._show_actions(account, view)

    def _show_banners(self, account: AccountView, view: StrategyView) -> None:
        self.halt_banner.show_halt(halt_of(view, stop_all=account.stop_all))
        notices = []
        if view.message:
            notices.append(Notice(Level.WARNING, view.message, view.message_advice))
        if view.state is State.ENDED:
            words = f"Ended: {view.reason}" if view.reason else "Ended"
            notices.append(
                Notice(Level.NOTE, words, "Its tabs stay readable; its money is in the free pool.", icon="ended")
            )
        self.banner.show_notices(notices)
        self._make_room()

    def _make_room(self) -> None:
        """What a banner says is never cut: on a low window the list of strategies gives way to it."""
        width = self.width() - 2 * SIDE - 2
        shown = [banner for banner in (self.halt_banner, self.banner) if not banner.isHidden()]
        banners = sum(banner.heightForWidth(width) + _BANNER_GAP for banner in shown)
        tabs = self.tabs.tabBar().sizeHint().height()
        self.setMinimumHeight(max(_LEAST_HEIGHT, _FRAME + banners + tabs + LEAST_PAGE))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _show_actions(self, account: AccountView, view: StrategyView) -> None:
        may = allowed(view, stop_all=account.stop_all, engine_ended=self._feed.ended)
        block(self.rebalance_button, may.rebalance)
        block(self.pause_button, may.pause)
        block(self.stop_button, may.stop)
        if may.resume != self._resumes:
            self._resumes = may.resume
            words = "Resume" if may.resume else "Pause"
            self.pause_button.setText(words)
            self.pause_button.setAccessibleName(words)
            set_icon(self.pause_button, "running" if may.resume else "paused")

    def say(self, text: str) -> None:
        """What came of the last press, beside the buttons."""
        self._said.setText(text)
        self._said_timer.start()

    # ------------------------------------------------------------------------------------------------------- pressing

    @property
    def tab(self) -> str:
        """The key of the tab on screen."""
        return self.tabs.key

    def show_tab(self, key: str) -> None:
        """Raises ValueError for an unknown key."""
        self.tabs.show_tab(key)

    @Slot()
    def show_journal(self) -> None:
        self.show_tab("journal")
        self.tabs.journal.table.setFocus()

    @Slot()
    def ask_rebalance(self) -> None:
        """Also by F5; nothing while the button is disabled."""
        if self._view is not None and self.rebalance_button.isEnabled():
            self.rebalanceAsked.emit(self._view.id)

    @Slot()
    def _pause_pressed(self) -> None:
        if self._view is not None:
            (self.resumeAsked if self._resumes else self.pauseAsked).emit(self._view.id)

    @Slot()
    def _resume_pressed(self) -> None:
        if self._view is not None:
            self.resumeAsked.emit(self._view.id)

    @Slot()
    def _stop_pressed(self) -> None:
        if self._view is not None:
            self.stopAsked.emit(self._view.id)
