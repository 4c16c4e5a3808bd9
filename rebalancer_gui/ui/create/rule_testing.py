"""The button "Test this rule" of a form: what it would test, and why it cannot yet. GUI thread only."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QObject, Signal, Slot

from rebalancer_gui.domain.strategy import StrategyParameters
from rebalancer_gui.ui.create.expectation_panel import ExpectationPanel
from rebalancer_gui.ui.create.form_state import RULE_FIELDS, Draft, Findings
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import block, push_button

TEXT = tr("Test this rule")
TIP = tr("Run the rule over past prices, beside the rules around it.")
_COIN_FIELDS = ("quote", "coins", "weights")


class RuleTesting(QObject):
    """`asked(object, object)`: the StrategyParameters to test, and the amount in the form (None: none yet)."""

    asked = Signal(object, object)

    def __init__(self, object_name: str, panel: ExpectationPanel) -> None:
        """The button stands in the title of ``panel``."""
        super().__init__(panel)
        self._parameters: StrategyParameters | None = None
        self._amount: Decimal | None = None
        self.button = push_button(TEXT, object_name, icon="chart", compact=True, tip=TIP)
        self.button.clicked.connect(self._pressed)
        panel.add_action(self.button)

    def show_draft(self, draft: Draft, findings: Findings) -> None:
        """Allow it once coins, weights and rule are complete; name and money do not matter."""
        reason = why_not(draft, findings)
        self._parameters = None if reason else parameters_of(draft)
        self._amount = draft.investment
        block(self.button, reason or None)

    @Slot()
    def _pressed(self) -> None:
        if self._parameters is not None:
            self.asked.emit(self._parameters, self._amount)


def why_not(draft: Draft, findings: Findings) -> str:
    """What is missing for a test; empty when nothing is."""
    if not draft.allocation.coins:
        return tr("Add coins first: there is nothing to test yet.")
    for field in (*_COIN_FIELDS, *sorted(RULE_FIELDS)):
        message = findings.message(field)
        if message:
            return message
    return "" if draft.rule is not None and draft.allocation.targets else tr("The rule cannot be read yet.")


def parameters_of(draft: Draft) -> StrategyParameters | None:
    """The draft's coins, rule and levels; the name does not matter to a test."""
    rule = draft.rule
    if rule is None:
        return None
    return StrategyParameters(
        name=draft.name.strip() or tr("Test"),
        quote=draft.quote,
        targets=draft.allocation.targets,
        investment=draft.investment or Decimal(0),
        rule=rule,
        sell_all_on_stop=draft.sell_all_on_stop,
        trigger=draft.trigger,
        stop_loss=draft.stop_loss,
        take_profit=draft.take_profit,
    )
