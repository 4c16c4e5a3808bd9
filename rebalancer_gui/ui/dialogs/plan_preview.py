"""The orders that Create would send, shown before money moves and renewed each second. GUI thread only.

    dialog = PlanPreviewDialog(feed, account, parameters, slots, numbers, parent)
    dialog.confirmed.connect(self._create)          # StrategyParameters, once
    dialog.open()

The dialog sends nothing but questions. Whoever opened it creates the strategy, then calls `finish`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from rebalancer_gui.application.commands import PreviewStrategy
from rebalancer_gui.application.views import AccountView, Preview
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import StrategyParameters
from rebalancer_gui.ui.create.texts import SELL_ALL, SELL_ALL_TIP, whole_rule_text
from rebalancer_gui.ui.dialogs.plan_figures import PlanFigures, figures_of
from rebalancer_gui.ui.dialogs.preview_asker import PreviewCommand
from rebalancer_gui.ui.dialogs.preview_dialog import PreviewDialog, Words
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat, places_of
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.banner import Level, Notice
from rebalancer_gui.ui.widgets.labels import ElidedLabel
from rebalancer_gui.ui.widgets.panel import SIDE

_CHECK_AIR = 8


class PlanPreviewDialog(PreviewDialog):
    """`confirmed(object)` carries the parameters, with what was said about selling all."""

    def __init__(
        self,
        feed: EngineFeed,
        account: str,
        parameters: StrategyParameters,
        slots: Mapping[str, int],
        numbers: NumberFormat,
        parent: QWidget | None = None,
    ) -> None:
        self._account, self._parameters, self._slots = account, parameters, slots
        self._skipped: Notice | None = None
        amount = parameters.investment
        money = numbers.money(amount, parameters.quote, max(2, places_of(amount)))
        words = Words(
            title=f"Create {parameters.name}",
            confirm=f"Create with {money}",
            sending="Creating\u2026",
            after="After these orders",
            after_hint="at the same prices",
            blocked="This cannot be created",
        )
        super().__init__(
            feed, parameters.quote, numbers, words, object_name="planPreviewDialog", with_before=False, parent=parent
        )
        self.top.addWidget(
            ElidedLabel(
                f"{money}, {whole_rule_text(parameters.rule, numbers)}", ink=Ink.TEXT2, object_name="planRuleLabel"
            )
        )
        self.sell_all = QCheckBox(SELL_ALL)
        self.sell_all.setObjectName("planSellAllCheck")
        self.sell_all.setAccessibleName(SELL_ALL)
        self.sell_all.setToolTip(SELL_ALL_TIP)
        self.sell_all.setChecked(parameters.sell_all_on_stop)
        self.low.setContentsMargins(SIDE, _CHECK_AIR, SIDE, _CHECK_AIR)
        self.low.addWidget(self.sell_all)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Not on Confirm: a second Enter on Create must not move money.
        self.cancel.setFocus()

    def question(self, command_id: str) -> PreviewCommand:
        return PreviewStrategy(command_id, self._account, self._parameters)

    def wish(self) -> StrategyParameters:
        return replace(self._parameters, sell_all_on_stop=self.sell_all.isChecked())

    def lock(self) -> None:
        self.sell_all.setEnabled(False)

    def unlock(self) -> None:
        self.sell_all.setEnabled(True)

    def draw(self, preview: Preview, view: AccountView) -> str | None:
        plan = preview.plan
        figures = figures_of(plan, view.fees)
        self.show_plan(plan, figures, view, self._slots)
        self.hint.setText(self._summary(figures))
        self._skipped = self._skip_notice(preview)
        problems = [message for _, message in preview.problems]
        if problems:
            return problems[0]
        if not plan.legs:
            return plan.message or "No order can be sent: there is nothing to create."
        return None

    def notices(self) -> Sequence[Notice]:
        return () if self._skipped is None else (self._skipped,)

    def _summary(self, figures: PlanFigures) -> str:
        money, quote = self._numbers.money, self._parameters.quote
        return f"{money(figures.traded, quote)} go into coins, {money(figures.cash, quote)} stay as cash."

    def _skip_notice(self, preview: Preview) -> Notice | None:
        skipped = preview.plan.skipped
        if not skipped:
            return None
        names = ", ".join(leg.asset for leg in skipped)
        missing = self._numbers.money(max((leg.shortfall for leg in skipped), default=ZERO), self._parameters.quote)
        return Notice(
            Level.WARNING,
            f"{names} will not be bought now",
            f"Up to {missing} are missing to the smallest order. The money stays as cash until a rebalance can use it.",
        )
