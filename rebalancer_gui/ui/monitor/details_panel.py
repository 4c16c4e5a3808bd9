"""The chosen strategy: title row, banners, tabs, and what may be done with it (look/01, look/02, look/05)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, SignalInstance, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.strategy import State, TradingMode
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.monitor.actions import allowed
from rebalancer_gui.ui.monitor.chart_loader import ChartLoader
from rebalancer_gui.ui.monitor.details_tabs import LEAST_PAGE, DetailsTabs
from rebalancer_gui.ui.monitor.details_title import DetailsTitle
from rebalancer_gui.ui.monitor.halts import halt_of
from rebalancer_gui.ui.monitor.proposals import proposal_of
from rebalancer_gui.ui.monitor.strategy_actions import StrategyActions
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.halt_banner import HaltAction, HaltBanner
from rebalancer_gui.ui.widgets.panel import SIDE, TITLE_HEIGHT, Panel
from rebalancer_gui.ui.widgets.proposal_banner import ProposalBanner

_BANNER_GAP = 8
_FRAME = TITLE_HEIGHT + 2
"""Pixels of title row and outline."""
_LEAST_HEIGHT = 260


class DetailsPanel(Panel):
    """Signals carry the strategy's id; the window sends the commands."""

    rebalanceAsked = Signal(str)
    pauseAsked = Signal(str)
    resumeAsked = Signal(str)
    stopAsked = Signal(str)
    addAsked = Signal(str)
    removeAsked = Signal(str)
    changeAsked = Signal(str)
    editAsked = Signal(str)
    resumeTradingAsked = Signal()
    bookLossAsked = Signal(str)
    takeOverAsked = Signal(str)
    orderAsked = Signal(str)
    """An order of it that is its owner's to decide is to be shown."""
    depositAsked = Signal(str)
    rightAsked = Signal()
    """The paper account's right to trade is to be given back."""
    proposalApproved = Signal(str, str)
    proposalDeclined = Signal(str, str)
    """Strategy and proposal."""
    proposalPlanAsked = Signal(str)
    changeCoinsAsked = Signal(str, str)
    """Strategy and what is wanted of the dialog: "replace" or "drop" the coins whose market is closed."""

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
        self._numbers = numbers
        self._view: StrategyView | None = None
        self._wanted: str | None = None
        self._of_stopping = False
        self.title = DetailsTitle(numbers)
        self.halt_banner = HaltBanner()
        self.proposal_banner = ProposalBanner()
        self.banner = Banner("strategyBanner")
        self.tabs = DetailsTabs(feed, numbers, colours, loader)
        self.actions_row = StrategyActions()
        self._build()
        self._connect()
        self.show_view(None, None)

    def _build(self) -> None:
        banners = QVBoxLayout()
        banners.setContentsMargins(SIDE, 0, SIDE, 0)
        banners.setSpacing(8)
        banners.addWidget(self.halt_banner)
        banners.addWidget(self.proposal_banner)
        banners.addWidget(self.banner)
        self.body.addWidget(self.title)
        self.body.addLayout(banners)
        self.body.addWidget(self.tabs, 1)
        self.body.addWidget(self.actions_row)

    def _connect(self) -> None:
        row = self.actions_row
        for pressed, asked in (
            (row.rebalancePressed, self.rebalanceAsked),
            (row.addPressed, self.addAsked),
            (row.removePressed, self.removeAsked),
            (row.changePressed, self.changeAsked),
            (row.editPressed, self.editAsked),
            (row.pausePressed, self.pauseAsked),
            (row.resumePressed, self.resumeAsked),
            (row.stopPressed, self.stopAsked),
            (self.halt_banner.resumePressed, self.resumeAsked),
            (self.halt_banner.endPressed, self.stopAsked),
        ):
            pressed.connect(self._asker(asked))
        row.heightChanged.connect(self._make_room)
        proposal = self.proposal_banner
        proposal.planAsked.connect(self._asker(self.proposalPlanAsked))
        proposal.approved.connect(lambda proposal_id: self._answer(self.proposalApproved, proposal_id))
        proposal.declined.connect(lambda proposal_id: self._answer(self.proposalDeclined, proposal_id))
        self.halt_banner.actionPressed.connect(self._help_pressed)
        self.halt_banner.journalPressed.connect(self.show_journal)

    # -------------------------------------------------------------------------------------------------- what is shown

    def set_strategy(self, strategy_id: str | None) -> None:
        """Whose details are wanted; their picture comes with ``show_view``."""
        if strategy_id == self._wanted:
            return
        self._wanted, self._of_stopping = strategy_id, False
        self.actions_row.clear()
        self.tabs.set_strategy(strategy_id or "")

    def show_view(self, account: AccountView | None, view: StrategyView | None) -> None:
        """The newest picture of the chosen strategy; None: none is chosen."""
        self._view = view
        self.tabs.setVisible(view is not None)
        self.actions_row.setVisible(view is not None)
        if view is None or account is None:
            self.title.show_view(None)
            self.halt_banner.show_halt(None)
            self.proposal_banner.show_words(None)
            self.banner.show_notice(None)
            return
        self.tabs.show_view(account, view)
        ratios = self.tabs.ratios
        self.title.show_view(view, "" if ratios.summary_is_shown else ratios.summary())
        self._show_banners(account, view)
        self._show_actions(account, view)

    def _show_banners(self, account: AccountView, view: StrategyView) -> None:
        self.halt_banner.show_halt(halt_of(view, account, self._numbers))
        self.proposal_banner.show_words(proposal_of(view, account, self._numbers))
        notices = []
        if view.waits:
            notices.append(Notice(Level.WARNING, tr("Not everything could be sold yet"), view.waits))
        if view.message:
            notices.append(Notice(Level.WARNING, view.message, view.message_advice))
        if view.state is State.ENDED:
            words = tr("Ended: {reason}", reason=view.reason) if view.reason else tr("Ended")
            notices.append(
                Notice(Level.NOTE, words, tr("Its tabs stay readable; its money is in the free pool."), icon="ended")
            )
        self.banner.show_notices(notices)
        self._make_room()

    def _make_room(self) -> None:
        """What a banner says is never cut: on a low window the list of strategies gives way to it."""
        width = self.width() - 2 * SIDE - 2
        banners = 0
        if not self.halt_banner.isHidden():
            banners += self.halt_banner.height_at(width) + _BANNER_GAP
        if not self.proposal_banner.isHidden():
            banners += self.proposal_banner.heightForWidth(width) + _BANNER_GAP
        if not self.banner.isHidden():
            banners += self.banner.heightForWidth(width) + _BANNER_GAP
        tabs = self.tabs.tabBar().sizeHint().height()
        foot = self.actions_row.needed_height
        self.setMinimumHeight(max(_LEAST_HEIGHT, _FRAME + banners + tabs + LEAST_PAGE + foot))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _show_actions(self, account: AccountView, view: StrategyView) -> None:
        watch_only = account.trading is TradingMode.WATCH
        may = allowed(view, stop_all=account.stop_all, engine_ended=self._feed.ended, watch_only=watch_only)
        self.actions_row.show_allowed(may)
        if self._of_stopping and view.state is State.ENDED:
            self._of_stopping = False
            self.actions_row.clear()

    def say(self, text: str, *, of_stopping: bool = False) -> None:
        """What came of the last press, beside the buttons; ``of_stopping``: not any more once the strategy has ended."""
        self.actions_row.say(text)
        self._of_stopping = of_stopping

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
        if self.actions_row.rebalance.isEnabled():
            self.actions_row.rebalancePressed.emit()

    @Slot()
    def ask_edit(self) -> None:
        """Also by Ctrl+E; nothing while the button is disabled."""
        if self.actions_row.edit.isEnabled():
            self.actions_row.editPressed.emit()

    def _asker(self, asked: SignalInstance) -> Callable[[], None]:
        """Hands a press on with whose it is."""

        def ask() -> None:
            if self._view is not None:
                asked.emit(self._view.id)

        return ask

    def _answer(self, answered: SignalInstance, proposal_id: str) -> None:
        if self._view is not None:
            answered.emit(self._view.id, proposal_id)

    @Slot(str)
    def _help_pressed(self, action: str) -> None:
        if self._view is None:
            return
        match HaltAction(action):
            case HaltAction.RESUME_TRADING:
                self.resumeTradingAsked.emit()
            case HaltAction.GIVE_RIGHT:
                self.rightAsked.emit()
            case HaltAction.BOOK_LOSS:
                self.bookLossAsked.emit(self._view.id)
            case HaltAction.DEPOSIT:
                self.depositAsked.emit(self._view.id)
            case HaltAction.TAKE_OVER:
                self.takeOverAsked.emit(self._view.id)
            case HaltAction.LOOK_AT_ORDER:
                self.orderAsked.emit(self._view.id)
            case HaltAction.REPLACE | HaltAction.DROP:
                self.changeCoinsAsked.emit(self._view.id, action)
