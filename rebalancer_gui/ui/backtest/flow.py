"""Opens "Test this rule" from the forms and for a strategy that runs, and puts the chosen rule where it was asked from.

    flow = RuleTests(feed, colours, numbers, loader, window)
    flow.test(parameters, amount, "Writes it into the form.", use, parent)

GUI thread only. What needs numpy and pyqtgraph is imported by `loader`, beside the window, before the first test opens.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog, QWidget

from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.allocation import MONEY_GRID
from rebalancer_gui.domain.money import ZERO, floor_to_step
from rebalancer_gui.domain.strategy import Rule, State, StrategyParameters
from rebalancer_gui.ui.backtest.subject import subject_of
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.create.drafts import draft_of
from rebalancer_gui.ui.create.panel import CreatePanel
from rebalancer_gui.ui.dialogs.edit_strategy import EditStrategyDialog
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.flows import Flows
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.monitor.chart_loader import ChartLoader
from rebalancer_gui.ui.translation import tr

USUAL_AMOUNT = Decimal(1000)
"""Where a form has no amount yet: percentages hardly depend on it."""


class RuleTests(QObject):
    """One window at a time."""

    def __init__(
        self, feed: EngineFeed, colours: CoinColours, numbers: NumberFormat, loader: ChartLoader, window: QWidget
    ) -> None:
        super().__init__(window)
        self._loader = loader
        self._waiting: Callable[[], None] | None = None
        loader.ready.connect(self._imported)
        self._feed, self._colours, self._numbers, self._window = feed, colours, numbers, window
        self._open: QDialog | None = None

    @property
    def window(self) -> QDialog | None:
        """The window on screen."""
        return self._open

    def test(
        self,
        parameters: StrategyParameters,
        amount: Decimal | None,
        use: str,
        chosen: Callable[[Rule], None],
        parent: QWidget | None = None,
    ) -> None:
        """Open the window for the rule of ``parameters``. ``use`` says in a sentence what "Use this rule" does; ``chosen`` does
        it. Nothing while another one is open, or before there is an account.
        """
        if self._open is not None or self._feed.view is None:
            return

        def begin() -> None:
            self._show(parameters, amount, use, chosen, parent or self._window)

        if self._loader.is_ready:
            begin()
        else:
            self._waiting = begin
            self._loader.start()

    @Slot()
    def _imported(self) -> None:
        begin, self._waiting = self._waiting, None
        if begin is not None:
            begin()

    def _show(
        self,
        parameters: StrategyParameters,
        amount: Decimal | None,
        use: str,
        chosen: Callable[[Rule], None],
        parent: QWidget,
    ) -> None:
        view = self._feed.view
        if view is None:
            return
        from rebalancer_gui.ui.backtest.window import TestRuleWindow

        begins = floor_to_step(amount, MONEY_GRID) if amount is not None and amount > ZERO else USUAL_AMOUNT
        subject = subject_of(parameters, begins, view, self._feed.rules, use)
        window = TestRuleWindow(self._feed, subject, self._colours, self._numbers, parent)
        window.ruleChosen.connect(chosen)
        window.finished.connect(self._closed)
        self._open = window
        window.open()

    def test_form(self, create: CreatePanel, wanted: StrategyParameters, amount: Decimal | None) -> None:
        """The rule in the Manual form."""

        def use(rule: Rule) -> None:
            create.manual.put_rule(rule)
            create.show_manual()

        self.test(wanted, amount, tr("Writes this rule into the Manual form; nothing is created by that."), use)

    def test_edit(self, dialog: EditStrategyDialog, wanted: StrategyParameters, strategy: StrategyView | None) -> None:
        """The rule in the dialog Edit rule."""
        amount = strategy.score.value if strategy is not None else None
        use = tr("Writes this rule into Edit rule; it holds once it is saved there.")
        self.test(wanted, amount, use, dialog.put_rule, dialog)

    def test_strategy(self, strategy: StrategyView, flows: Flows, create: CreatePanel) -> None:
        """The rule of a strategy as it stands; one that is over is copied into the Manual form with the chosen rule."""

        def copy(rule: Rule) -> None:
            create.copy_to_manual(draft_of(strategy.parameters).with_rule(rule))

        def use(rule: Rule) -> None:
            flows.edit(strategy.id)
            if isinstance(flows.dialog, EditStrategyDialog):
                flows.dialog.put_rule(rule)

        if flows.dialog is None:
            amount = strategy.score.value or strategy.parameters.investment
            if strategy.state in {State.STOPPING, State.ENDED}:
                words = tr("Copies the strategy with this rule into the Manual form; nothing is created by that.")
                self.test(strategy.parameters, amount, words, copy)
            else:
                words = tr("Opens Edit rule with this rule in it; it holds once it is saved there.")
                self.test(strategy.parameters, amount, words, use)

    @Slot()
    def _closed(self) -> None:
        self._open = None
