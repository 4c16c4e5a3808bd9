"""The tabs of the details: ratios, chart and the histories."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.monitor.chart_loader import ChartLoader
from rebalancer_gui.ui.monitor.fees_view import FeesView
from rebalancer_gui.ui.monitor.histories import RebalancesView, journal_view, orders_view, transfers_view
from rebalancer_gui.ui.monitor.ratios_view import RatiosView
from rebalancer_gui.ui.monitor.value_chart import ValueChart
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.panel import stop_at_bar
from rebalancer_gui.ui.widgets.steady_tabs import SteadyTabs

TAB_KEYS = ("ratios", "chart", "orders", "rebalances", "fees", "transfers", "journal")
_TITLES = {
    "ratios": tr("Ratios"),
    "chart": tr("Chart"),
    "orders": tr("Orders"),
    "rebalances": tr("Rebalances"),
    "fees": tr("Fees return"),
    "transfers": tr("Transfers"),
    "journal": tr("Journal"),
}
LEAST_PAGE = 93
"""Pixels that a page keeps under the banners."""


class DetailsTabs(SteadyTabs):
    """`detailTabs`. The page on screen is drawn at once, the others when they are shown."""

    def __init__(
        self,
        feed: EngineFeed,
        numbers: NumberFormat,
        colours: CoinColours,
        loader: ChartLoader,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._feed = feed
        self._view: StrategyView | None = None
        self.ratios = RatiosView(numbers, colours)
        self.chart = ValueChart(feed, numbers, colours, loader)
        self.orders = orders_view(feed, numbers)
        self.rebalances = RebalancesView(feed, numbers, colours)
        self.fees = FeesView(feed, numbers)
        self.transfers = transfers_view(feed, numbers)
        self.journal = journal_view(feed)
        self._histories = (self.orders, self.rebalances, self.fees, self.transfers, self.journal)
        self._build()
        self.currentChanged.connect(self._hand_on)

    def _build(self) -> None:
        self.setObjectName("detailTabs")
        self.setAccessibleName(tr("Details of the strategy"))
        self.setDocumentMode(True)
        bar = self.tabBar()
        bar.setObjectName("detailTabBar")
        bar.setAccessibleName(tr("Details of the strategy"))
        bar.setDrawBase(False)
        stop_at_bar(self)
        bar.setExpanding(False)
        self.setProperty("role", "indented")
        pages: list[QWidget] = [
            self.ratios, self.chart, self.orders, self.rebalances, self.fees, self.transfers, self.journal,
        ]  # fmt: skip
        for key, page in zip(TAB_KEYS, pages, strict=True):
            page.setObjectName(f"{key}Page")
            # Otherwise the tallest tab's least height would squeeze the banners above all of them.
            page.setMinimumHeight(LEAST_PAGE)
            self.addTab(page, _TITLES[key])

    def set_strategy(self, strategy_id: str) -> None:
        """Whose details are wanted; their picture comes with ``show_view``."""
        self._view = None
        for history in self._histories:
            history.set_strategy(strategy_id)
        self.chart.set_strategy(strategy_id)

    def show_view(self, account: AccountView, view: StrategyView) -> None:
        """The newest picture of the account and of the chosen strategy in it."""
        self._view = view
        names = {strategy.id: strategy.parameters.name for strategy in account.strategies}
        for history in self._histories:
            history.set_names(names)
        self.rebalances.show_account(account)
        self.fees.show_account(account)
        self._hand_on()

    def _hand_on(self) -> None:
        """The newest picture to the tab on screen; the others take it when they are shown."""
        view = self._view
        if view is None:
            return
        self.ratios.show_view(view, self._feed.rules)
        self.chart.show_view(view)

    @property
    def key(self) -> str:
        """The key of the tab on screen."""
        return TAB_KEYS[self.currentIndex()]

    def show_tab(self, key: str) -> None:
        """Raises ValueError for an unknown key."""
        self.setCurrentIndex(TAB_KEYS.index(key))
