"""Who carries out what is pressed in the main window: steering, dialogs, files and ways out. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from rebalancer_gui.application.account_book import AccountBook
from rebalancer_gui.application.events import StrategyCreated
from rebalancer_gui.application.log_port import LogReading, SupportReport
from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.ui.account_flow import AccountFlow
from rebalancer_gui.ui.backtest.flow import RuleTests
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.flows import Flows
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.go_live_flow import GoLiveFlow
from rebalancer_gui.ui.log_flow import LogFlow
from rebalancer_gui.ui.main_menu import MainMenu
from rebalancer_gui.ui.monitor.chart_loader import ChartLoader
from rebalancer_gui.ui.records.flow import RecordsFlow
from rebalancer_gui.ui.settings_flow import SettingsFlow
from rebalancer_gui.ui.steering import Steering
from rebalancer_gui.ui.strategy_drop import StrategyDrop
from rebalancer_gui.ui.strategy_files import StrategyFiles
from rebalancer_gui.ui.ways_out import WaysOut
from rebalancer_gui.ui.work_page import WorkPage


class Presses(QObject):
    """Joins the signals of page and menu to those who act on them, and what they say to the details panel."""

    def __init__(
        self,
        feed: EngineFeed,
        page: WorkPage,
        menu: MainMenu,
        colours: CoinColours,
        numbers: NumberFormat,
        window: QWidget,
        book: AccountBook | None = None,
        *,
        loader: ChartLoader,
    ) -> None:
        super().__init__(window)
        self._page, self._menu = page, menu
        self.steering = Steering(feed, window)
        self.flows = Flows(feed, colours, numbers, window)
        self.files = StrategyFiles(feed, window, numbers)
        self.drop = StrategyDrop(window)
        self.drop.dropped.connect(self.files.look_at)
        self.drop.refused.connect(self.files.refuse)
        self.ways_out = WaysOut(feed, numbers, window)
        feed.accountChanged.connect(self.flows.show_view)
        feed.accountChanged.connect(menu.show_account)
        feed.strategyCreated.connect(self._created)
        self.settings = SettingsFlow(feed, numbers, window)
        self.log = LogFlow(feed, window)
        self.go_live = GoLiveFlow(feed, numbers, window)
        self.accounts = AccountFlow(feed, book, window, numbers)
        self.tests = RuleTests(feed, colours, numbers, loader, window)
        self.records = RecordsFlow(feed, numbers, window)
        tellers = (self.steering, self.flows, self.files, self.ways_out, self.settings, self.go_live, self.accounts)
        for teller in (*tellers, self.records):
            teller.said.connect(page.say)
        self.flows.saidOfStopping.connect(page.say_of_stopping)
        self._join_header()
        self._join_strategies()
        self._join_details()
        self._join_menu()
        self._join_tests()

    def _join_header(self) -> None:
        header, bar, steering = self._page.header, self._page.demo_bar, self.steering
        header.stopAllPressed.connect(steering.stop_all)
        header.resumeTradingPressed.connect(steering.ask_resume_trading)
        header.paperPressed.connect(self.flows.paper_account)
        self._page.account_banner.goLivePressed.connect(self.go_live.open)
        self._page.account_banner.accountsPressed.connect(self.accounts.show_all)
        self._page.account_banner.waitingPressed.connect(self.accounts.help_waiting)
        self._page.waiting_help = self.accounts.waiting_help
        self.accounts.unlocked.connect(self._page.show_others)
        header.addAccountPressed.connect(self.accounts.add)
        header.offer_accounts(possible=self.accounts.is_possible)
        bar.speedChosen.connect(steering.set_speed)
        bar.pauseAsked.connect(steering.set_paused)
        bar.stepPressed.connect(steering.step)
        bar.jumpPressed.connect(steering.jump)
        bar.goOnPressed.connect(steering.go_on)
        bar.resetPressed.connect(self.flows.reset_account)

    def _join_strategies(self) -> None:
        strategies, create = self._page.strategies, self._page.create_panel
        strategies.strategyChosen.connect(self._strategy_chosen)
        strategies.newPressed.connect(create.show_manual)
        strategies.presetPressed.connect(create.show_presets)
        self.files.drafted.connect(create.copy_to_manual)

    def _join_details(self) -> None:
        details, steering, flows = self._page.details, self.steering, self.flows
        details.rebalanceAsked.connect(steering.rebalance)
        details.pauseAsked.connect(steering.pause)
        details.resumeAsked.connect(steering.resume)
        details.resumeTradingAsked.connect(steering.ask_resume_trading)
        details.stopAsked.connect(flows.stop)
        details.addAsked.connect(flows.add_funds)
        details.removeAsked.connect(flows.remove_funds)
        details.changeAsked.connect(flows.change_coins)
        details.editAsked.connect(flows.edit)
        details.changeCoinsAsked.connect(flows.change_closed)
        details.depositAsked.connect(flows.deposit_missing)
        details.bookLossAsked.connect(self.ways_out.ask_book_loss)
        details.takeOverAsked.connect(self.ways_out.take_over)
        details.orderAsked.connect(self.ways_out.look_at_order)
        details.proposalApproved.connect(steering.approve)
        details.proposalDeclined.connect(steering.decline)
        details.proposalPlanAsked.connect(flows.show_proposal)
        flows.proposalApproved.connect(steering.approve)
        flows.proposalDeclined.connect(steering.decline)
        details.rightAsked.connect(self.ways_out.give_right)

    def _join_menu(self) -> None:
        menu, page = self._menu, self._page
        menu.newPressed.connect(page.create_panel.show_manual)
        menu.rebalancePressed.connect(page.details.ask_rebalance)
        menu.stopAllPressed.connect(self.steering.stop_all)
        menu.editPressed.connect(page.details.ask_edit)
        menu.duplicatePressed.connect(self._on_chosen(self.files.duplicate))
        menu.exportPressed.connect(self._on_chosen(self.files.ask_export))
        menu.importPressed.connect(self.files.ask_import)
        menu.paperPressed.connect(self.flows.paper_account)
        menu.settingsPressed.connect(self.settings.open)
        menu.logPressed.connect(self.log.open)
        menu.reportPressed.connect(self.log.open_report)
        menu.recordsPressed.connect(self.records.open)
        menu.goLivePressed.connect(self.go_live.open)
        self.settings.goLiveAsked.connect(self.go_live.open)
        menu.accountsPressed.connect(self.accounts.show_all)
        menu.offer_accounts(possible=self.accounts.is_possible)
        self.settings.schemeChosen.connect(menu.choose_scheme)

    def offer_log(self, log: LogReading, report: SupportReport) -> None:
        """From now on the log can be looked at, and the support report made."""
        self.log.offer(log, report)
        self._menu.offer_log(possible=True)

    def _join_tests(self) -> None:
        tests, create, flows = self.tests, self._page.create_panel, self.flows
        create.manual.testing.asked.connect(lambda wanted, amount: tests.test_form(create, wanted, amount))
        flows.testAsked.connect(lambda dialog, wanted: tests.test_edit(dialog, wanted, self._page.chosen()))
        self._menu.testPressed.connect(self._on_chosen(lambda chosen: tests.test_strategy(chosen, flows, create)))

    def _on_chosen(self, act: Callable[[StrategyView], None]) -> Callable[[], None]:
        """Do something with the strategy that is chosen when it is asked for; nothing without one."""

        def asked() -> None:
            chosen = self._page.chosen()
            if chosen is not None:
                act(chosen)

        return asked

    @Slot(object)
    def _strategy_chosen(self, strategy_id: str | None) -> None:
        self._page.details.set_strategy(strategy_id)
        self._menu.show_chosen(chosen=strategy_id is not None)
        self._page.show_details()

    @Slot(object)
    def _created(self, event: StrategyCreated) -> None:
        page = self._page
        page.strategies.choose(event.strategy_id)
        # Create is disabled now: the keyboard goes on with what was made, not with the window's first control.
        (page.strategies.table if page.strategies.table.isVisible() else page).setFocus()
