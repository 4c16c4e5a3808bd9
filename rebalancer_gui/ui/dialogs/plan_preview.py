"""The orders that Create would send, shown before money moves and renewed each second. GUI thread only.

    dialog = PlanPreviewDialog(feed, account, parameters, slots, numbers, parent, held=held)
    dialog.confirmed.connect(self._create)          # CreateWish, once
    dialog.open()

The dialog sends nothing but questions. Whoever opened it creates the strategy, then calls `finish`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from rebalancer_gui.application.commands import PreviewStrategy
from rebalancer_gui.application.views import AccountView, Preview
from rebalancer_gui.domain.creation import last_prices
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.protection import Watch
from rebalancer_gui.domain.strategy import HeldCoin, StrategyParameters
from rebalancer_gui.ui.create.levels import Figures, levels_text
from rebalancer_gui.ui.create.texts import SELL_ALL, SELL_ALL_TIP, whole_rule_text
from rebalancer_gui.ui.dialogs.held_words import (
    BUILD_NOTHING,
    BUILD_NOTHING_TIP,
    brings_text,
    confirm_text,
    nothing_built,
    summary_text,
)
from rebalancer_gui.ui.dialogs.plan_figures import figures_of
from rebalancer_gui.ui.dialogs.preview_asker import PreviewCommand
from rebalancer_gui.ui.dialogs.preview_dialog import PreviewDialog, Words
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level, Notice
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextLabel
from rebalancer_gui.ui.widgets.panel import SIDE

_CHECK_AIR = 8


@dataclass(frozen=True, slots=True)
class CreateWish:
    """What was confirmed. Without `build` nothing is traded at the start (only with held coins)."""

    parameters: StrategyParameters
    held: tuple[HeldCoin, ...] = ()
    build: bool = True


class PlanPreviewDialog(PreviewDialog):
    """`confirmed(object)` carries a `CreateWish`, with what was said about selling all and about building."""

    def __init__(
        self,
        feed: EngineFeed,
        account: str,
        parameters: StrategyParameters,
        slots: Mapping[str, int],
        numbers: NumberFormat,
        parent: QWidget | None = None,
        *,
        held: tuple[HeldCoin, ...] = (),
    ) -> None:
        self._account, self._parameters, self._held, self._slots = account, parameters, held, slots
        self._said: list[Notice] = []
        brings = brings_text(parameters, held, numbers)
        words = Words(
            title=tr("Create {name}", name=parameters.name),
            confirm=confirm_text(parameters, held, numbers),
            sending=tr("Creating\u2026"),
            after=tr("Afterwards"),
            after_hint=tr("at the same prices"),
            blocked=tr("This cannot be created"),
        )
        super().__init__(
            feed, parameters.quote, numbers, words, object_name="planPreviewDialog", with_before=False, parent=parent
        )
        self.top.addWidget(
            ElidedLabel(
                f"{brings}, {whole_rule_text(parameters.rule, numbers)}", ink=Ink.TEXT2, object_name="planRuleLabel"
            )
        )
        self.sell_all = QCheckBox(SELL_ALL)
        self.sell_all.setObjectName("planSellAllCheck")
        self.sell_all.setAccessibleName(SELL_ALL)
        self.sell_all.setToolTip(SELL_ALL_TIP)
        self.sell_all.setChecked(parameters.sell_all_on_stop)
        self._levels = TextLabel("", ink=Ink.TEXT2, object_name="planLevelsLabel", wrap=True)
        self._levels.setVisible(any((parameters.trigger, parameters.stop_loss, parameters.take_profit)))
        self.top.addWidget(self._levels)
        self.build_nothing = QCheckBox(BUILD_NOTHING)
        self.build_nothing.setObjectName("buildNothingCheck")
        self.build_nothing.setAccessibleName(BUILD_NOTHING)
        self.build_nothing.setToolTip(BUILD_NOTHING_TIP)
        # One that waits for its trigger price builds nothing now anyway.
        self.build_nothing.setVisible(bool(held) and parameters.trigger is None)
        self.build_nothing.toggled.connect(self._build_toggled)
        self.low.setContentsMargins(SIDE, _CHECK_AIR, SIDE, _CHECK_AIR)
        self.low.setSpacing(16)
        self.low.addWidget(self.sell_all)
        self.low.addWidget(self.build_nothing)
        self.low.addStretch(1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Not on Confirm: a second Enter on Create must not move money.
        self.cancel.setFocus()

    def question(self, command_id: str) -> PreviewCommand:
        return PreviewStrategy(command_id, self._account, self._parameters, self._held)

    def wish(self) -> CreateWish:
        parameters = replace(self._parameters, sell_all_on_stop=self.sell_all.isChecked())
        return CreateWish(parameters, self._held, build=not self.build_nothing.isChecked())

    def lock(self) -> None:
        self.sell_all.setEnabled(False)
        self.build_nothing.setEnabled(False)

    def unlock(self) -> None:
        self.sell_all.setEnabled(True)
        self.build_nothing.setEnabled(True)

    def _build_toggled(self, nothing: bool) -> None:
        self.orders.setVisible(not nothing)
        self.edited()

    def draw(self, preview: Preview, view: AccountView) -> str | None:
        plan, nothing = preview.plan, self.build_nothing.isChecked()
        if nothing:
            plan = replace(plan, legs=(), skipped=(), estimated_fees=ZERO)
        figures = figures_of(plan, view.fees)
        self.show_plan(plan, figures, view, self._slots)
        self._show_levels(view)
        self.hint.setText(summary_text(plan, figures, self._numbers))
        problems = [message for _, message in preview.problems]
        if problems:
            return problems[0]
        self._said = self._notices(replace(preview, plan=plan), nothing=nothing)
        if not (plan.legs or self._held):
            return plan.message or tr("No order can be sent: there is nothing to create.")
        return None

    def _notices(self, preview: Preview, *, nothing: bool) -> list[Notice]:
        if nothing:
            at_once, text = nothing_built(preview.plan.snapshot, self._parameters.rule, preview.bands, self._numbers)
            return [Notice(Level.WARNING if at_once else Level.NOTE, tr("No order is sent now"), text)]
        found = []
        skipped = self._skip_notice(preview)
        if skipped is not None:
            found.append(skipped)
        elif not preview.plan.legs:
            found.append(
                Notice(Level.NOTE, tr("Nothing has to be traded"), tr("The coins are at their target weights."))
            )
        if self._parameters.trigger is not None:
            found.append(
                Notice(
                    Level.NOTE,
                    tr("These orders are not sent now"),
                    tr("It waits for its trigger price, its money reserved, and builds at the prices of that moment."),
                )
            )
        return found

    def _show_levels(self, view: AccountView) -> None:
        p = self._parameters
        quotes = {symbol: view.quotes[symbol] for symbol in p.watched if symbol in view.quotes}
        levels = {Watch.TRIGGER: p.trigger, Watch.STOP_LOSS: p.stop_loss, Watch.TAKE_PROFIT: p.take_profit}
        text = levels_text(levels, Figures(last_prices(quotes), self._feed.rules), self._numbers)
        self._levels.setText(text[:1].upper() + text[1:])

    def notices(self) -> Sequence[Notice]:
        return self._said

    def _skip_notice(self, preview: Preview) -> Notice | None:
        skipped = preview.plan.skipped
        if not skipped:
            return None
        names = ", ".join(leg.asset for leg in skipped)
        missing = self._numbers.money(max((leg.shortfall for leg in skipped), default=ZERO), self._parameters.quote)
        headline, stays = (
            tr("{names} will not be bought now", names=names),
            tr("The money stays as cash until a rebalance can use it."),
        )
        if self._held:
            headline, stays = tr("{names} will not be traded now", names=names), tr("The next rebalance tries again.")
        return Notice(
            Level.WARNING,
            headline,
            tr("Up to {missing} are missing to the smallest order. {stays}", missing=missing, stays=stays),
        )
