"""The chosen strategy: title row, banners, tabs, and what may be done with it (look/01, look/02, look/05)."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import MISSING, NumberFormat
from rebalancer_gui.ui.models.cells import change_ink
from rebalancer_gui.ui.monitor.actions import allowed, halt_of
from rebalancer_gui.ui.monitor.chart_loader import ChartLoader
from rebalancer_gui.ui.monitor.histories import RebalancesView, journal_view, orders_view, transfers_view
from rebalancer_gui.ui.monitor.ratios_view import RatiosView
from rebalancer_gui.ui.monitor.value_chart import ValueChart
from rebalancer_gui.ui.strategy_words import missing_prices, rule_text, state_look
from rebalancer_gui.ui.theme import set_icon
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.halt_banner import HaltBanner
from rebalancer_gui.ui.widgets.labels import ElidedLabel, StatusLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, TITLE_HEIGHT, ActionRow, Panel
from rebalancer_gui.ui.widgets.tips import plain_tip

TAB_KEYS = ("ratios", "chart", "orders", "rebalances", "transfers", "journal")
_LEAST_PAGE = 93
_BANNER_GAP = 8
_FRAME = TITLE_HEIGHT + 48 + 2
"""Pixels of title row, action row and outline."""
_LEAST_HEIGHT = 260
_SAID_FOR_MS = 10_000
_NOTHING = "Choose a strategy above."


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
        self._numbers = numbers
        self._view: StrategyView | None = None
        self._wanted: str | None = None
        self._resumes = False
        self._title_tip = ""
        self._name = ElidedLabel("", TextType.TITLE, object_name="detailsName")
        self._state = StatusLabel(object_name="detailsState")
        self._rule = ElidedLabel("", TextType.BODY, Ink.TEXT2, object_name="detailsRule")
        self._value_word = TextLabel("Value", TextType.BODY, Ink.TEXT2)
        self._value = TextLabel(MISSING, TextType.STRONG, object_name="detailsValue")
        self._profit = TextLabel("", TextType.STRONG, object_name="detailsProfit")
        self.halt_banner = HaltBanner()
        self.banner = Banner("strategyBanner")
        self.ratios = RatiosView(numbers, colours)
        self.chart = ValueChart(feed, numbers, colours, loader)
        self.orders = orders_view(feed, numbers)
        self.rebalances = RebalancesView(feed, numbers, colours)
        self.transfers = transfers_view(feed, numbers)
        self.journal = journal_view(feed)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("detailTabs")
        self.tabs.tabBar().setObjectName("detailTabBar")
        self.tabs.tabBar().setAccessibleName("Details of the strategy")
        self.tabs.setAccessibleName("Details of the strategy")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setObjectName("detailTabBar")
        self.tabs.tabBar().setAccessibleName("Details of the strategy")
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setExpanding(False)
        indent = QWidget()
        indent.setFixedSize(8, 1)
        self.tabs.setCornerWidget(indent, Qt.Corner.TopLeftCorner)
        pages: list[QWidget] = [
            self.ratios, self.chart, self.orders, self.rebalances, self.transfers, self.journal,
        ]  # fmt: skip
        for key, page in zip(TAB_KEYS, pages, strict=True):
            page.setObjectName(f"{key}Page")
            # Otherwise the tallest tab's least height would squeeze the banners above all of them.
            page.setMinimumHeight(_LEAST_PAGE)
            self.tabs.addTab(page, key.capitalize())
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
        self._title = QWidget()
        self._title.setFixedHeight(TITLE_HEIGHT)
        title = QHBoxLayout(self._title)
        title.setContentsMargins(SIDE, 0, SIDE, 0)
        title.setSpacing(12)
        title.addWidget(self._name)
        title.addWidget(self._state)
        title.addWidget(self._rule, 1)
        figures = QHBoxLayout()
        figures.setSpacing(4)
        figures.addWidget(self._value_word)
        figures.addWidget(self._value)
        title.addLayout(figures)
        title.addWidget(self._profit)
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
        self.body.addWidget(self._title)
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
        self.tabs.currentChanged.connect(self._hand_on)

    # -------------------------------------------------------------------------------------------------- what is shown

    def set_strategy(self, strategy_id: str | None) -> None:
        """Whose details are wanted; their picture comes with ``show_view``."""
        if strategy_id == self._wanted:
            return
        self._wanted = strategy_id
        self._said.setText("")
        for history in (self.orders, self.rebalances, self.transfers, self.journal):
            history.set_strategy(strategy_id or "")
        self.chart.set_strategy(strategy_id or "")

    def show_view(self, account: AccountView | None, view: StrategyView | None) -> None:
        """The newest picture of the chosen strategy; None: none is chosen."""
        self._view = view
        for part in (self.tabs, self._state, self._value_word, self._value, self._profit, self._row):
            part.setVisible(view is not None)
        if view is None or account is None:
            self._name.setText(_NOTHING)
            self._rule.setText("")
            self.halt_banner.show_halt(None)
            self.banner.show_notice(None)
            return
        self._show_title(view)
        self._show_banners(account, view)
        self._show_actions(account, view)
        self.rebalances.show_strategy(view)
        self._hand_on()

    def _show_title(self, view: StrategyView) -> None:
        numbers, quote = self._numbers, view.parameters.quote
        if self._name.text() != view.parameters.name:
            self._name.setText(view.parameters.name)
            self._name.setMaximumWidth(self._name.fontMetrics().horizontalAdvance(view.parameters.name) + 8)
        look = state_look(view)
        self._state.set_status(look.icon, look.word, look.ink)
        _put(self._rule, rule_text(view.parameters.rule, numbers))
        _put(self._value, numbers.money(view.score.value, quote if view.score.value is not None else ""))
        self._value.setToolTip("" if view.score.value is not None else missing_prices(view.snapshot))
        _put(
            self._profit,
            numbers.change_percent(view.score.profit_percent) if view.score.profit_percent is not None else "",
        )
        self._profit.set_ink(change_ink(view.score.profit_percent))
        tip = "" if self.ratios.summary_is_shown else self.ratios.summary()
        if self._title_tip != tip:
            self._title_tip = tip
            self._title.setToolTip(plain_tip(tip))

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
        self.setMinimumHeight(max(_LEAST_HEIGHT, _FRAME + banners + tabs + _LEAST_PAGE))

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

    @Slot()
    def _hand_on(self) -> None:
        """The newest picture to the tab on screen; the others take it when they are shown."""
        view = self._view
        if view is None:
            return
        self.ratios.show_view(view, self._feed.rules)
        self.chart.show_view(view)

    def say(self, text: str) -> None:
        """What came of the last press, beside the buttons."""
        self._said.setText(text)
        self._said_timer.start()

    # ------------------------------------------------------------------------------------------------------- pressing

    @property
    def tab(self) -> str:
        """The key of the tab on screen."""
        return TAB_KEYS[self.tabs.currentIndex()]

    def show_tab(self, key: str) -> None:
        """Raises ValueError for an unknown key."""
        self.tabs.setCurrentIndex(TAB_KEYS.index(key))

    @Slot()
    def show_journal(self) -> None:
        self.show_tab("journal")
        self.journal.table.setFocus()

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


def _put(label: TextLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
