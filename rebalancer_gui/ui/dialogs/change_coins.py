"""Other coins or weights for a strategy that lives: the form's section 1, the orders, before and after. GUI thread only.

dialog = ChangeCoinsDialog(feed, strategy, colours, numbers, ChangeMode.EDIT, parent)
dialog.confirmed.connect(self._send)            # tuple of Target, once
dialog.open()
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from rebalancer_gui.application.commands import PreviewChange
from rebalancer_gui.application.views import AccountView, Preview, StrategyView
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.planning import Plan
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.strategy import MAX_COINS, State, Target
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.create.allocation_edits import AllocationEdits
from rebalancer_gui.ui.create.allocation_section import AllocationSection
from rebalancer_gui.ui.create.caps_loader import CapsLoader
from rebalancer_gui.ui.create.coin_change import (
    ChangeMode,
    change_draft,
    closed_off,
    examine_change,
    first_allocation,
    tradable_worth,
    with_replaced,
    without_frozen,
)
from rebalancer_gui.ui.create.form_state import Draft, Findings
from rebalancer_gui.ui.create.price_wish import PriceWish
from rebalancer_gui.ui.create.surroundings import Surroundings, surroundings_of
from rebalancer_gui.ui.create.weights import Allocation, Distribution, MarketCaps
from rebalancer_gui.ui.dialogs.add_coins import AddCoinsDialog
from rebalancer_gui.ui.dialogs.plan_figures import figures_of
from rebalancer_gui.ui.dialogs.plan_table import TotalWords
from rebalancer_gui.ui.dialogs.preview_asker import PreviewCommand
from rebalancer_gui.ui.dialogs.preview_dialog import PLANNING, WIDTH, PreviewDialog, Words
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.history_model import amount_text
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.panel import SIDE

_REPLACE, _DROP = "replace", "drop"
_WHEN = {
    State.WAITING: (
        tr("Orders when it starts"),
        tr("It waits for its trigger: it starts with these coins, no order is sent now."),
    ),
    State.PAUSED: (
        tr("Orders when it is resumed"),
        tr("It is paused: the portfolio is brought to these weights after Resume."),
    ),
}
_NOW = (tr("Orders to be sent"), tr("The portfolio is brought to these weights at the next good prices."))


class ChangeCoinsDialog(PreviewDialog):
    """`confirmed(object)` carries the new targets. `mode` says what stands in the form when it opens."""

    def __init__(
        self,
        feed: EngineFeed,
        strategy: StrategyView,
        colours: CoinColours,
        numbers: NumberFormat,
        mode: ChangeMode = ChangeMode.EDIT,
        parent: QWidget | None = None,
    ) -> None:
        parameters = strategy.parameters
        self._strategy, self._colours, self._quote = strategy, colours, parameters.quote
        self._allocation = first_allocation(parameters.targets, strategy.frozen, mode)
        self._wrong_weight = ""
        self._caps_failure = ""
        self._findings = Findings(())
        self._asked_for: tuple[Target, ...] | None = None
        self._planned: tuple[Target, ...] | None = None
        self._preview: Preview | None = None
        self._chain: list[QWidget] = []
        words = Words(
            title=tr("Change coins - {name}", name=parameters.name),
            confirm=tr("Change coins"),
            sending=tr("Changing\u2026"),
            after=tr("Before and after"),
            after_hint=tr("at the same prices"),
            blocked=tr("This cannot be changed"),
        )
        super().__init__(
            feed, self._quote, numbers, words, object_name="changeCoinsDialog", with_before=True, parent=parent
        )
        orders, hint = _WHEN.get(strategy.state, _NOW)
        self.set_orders_title(orders)
        self.hint.setText(hint)
        self.frozen_banner = Banner("frozenBanner")
        self.coins = AllocationSection(numbers, number=None)
        self.coins.set_room(WIDTH - 2 * SIDE)
        self.top.addWidget(self.frozen_banner)
        self.top.addWidget(self.coins)
        self.edits = AllocationEdits(self.coins, lambda: self._allocation, self)
        self._caps = CapsLoader(feed, self)
        self._prices = PriceWish(feed, self)
        self.edits.edited.connect(self._allocated)
        self.coins.addPressed.connect(self.add_coins)
        self.frozen_banner.actionPressed.connect(self._cure)
        self._caps.loaded.connect(self._caps_loaded)
        self._caps.failed.connect(self._caps_failed)
        feed.accountChanged.connect(self._look)
        self._look()
        self._show_empty()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.coins.add.setFocus()

    # -------------------------------------------------------------------------------------------------------- judging

    def _around(self) -> Surroundings | None:
        view = self._feed.view
        if view is None or not self._feed.rules:
            return None
        return closed_off(surroundings_of(view, self._feed.rules), self._quote, self._frozen)

    def _draft(self) -> Draft:
        worth = tradable_worth(self._newest().snapshot, self._frozen)
        return change_draft(self._allocation, self._quote, worth, self._wrong_weight)

    def _newest(self) -> StrategyView:
        view = self._feed.view
        found = next((s for s in view.strategies if s.id == self._strategy.id), None) if view is not None else None
        return found or self._strategy

    @Slot()
    def _look(self) -> None:
        around, draft = self._around(), self._draft()
        self._prices.want(draft.symbols)
        present = self._strategy.parameters.targets
        self._findings = examine_change(draft, present, around, self._numbers, self._frozen)
        shown = self._findings
        if self._caps_failure:
            shown = Findings((Problem("weights", self._caps_failure), *shown.problems))
        self.coins.show_draft(draft, shown, around, self._slots(self._allocation.assets))
        self._show_frozen()
        if self._allocation.waits_for_caps:
            self._caps.load(self._allocation.assets)
        else:
            self._caps.forget()
        self._chain_focus()
        if self._wanted() is None and self.confirm.isEnabled():
            # A market closed meanwhile, or a price is gone.
            self._show_empty()
            self.settle(None)

    @property
    def _frozen(self) -> tuple[str, ...]:
        return self._newest().frozen

    def _slots(self, assets: Sequence[str]) -> dict[str, int]:
        return self._colours.for_coins(tuple(dict.fromkeys(assets))[:MAX_COINS])

    def _all_slots(self) -> dict[str, int]:
        """The coins of the form keep their colours; those that leave get theirs from what is left, or their own."""
        slots = self._slots([*self._allocation.assets, *self._strategy.parameters.assets])
        leaving = {asset: self._colours.preferred(asset) for asset in self._strategy.parameters.assets}
        return leaving | slots

    def _show_frozen(self) -> None:
        there = [asset for asset in self._allocation.assets if asset in self._frozen]
        if not there:
            self.frozen_banner.show_notice(None)
            return
        names = ", ".join(there)
        one = len(there) == 1
        notices = [
            Notice(
                Level.WARNING,
                tr("The market of {names} is closed", names=names),
                tr(
                    "It can be neither bought nor sold: another coin takes the weight, or the other coins share it. What is "
                    "held of it goes back to the free pool."
                )
                if one
                else tr(
                    "They can be neither bought nor sold: another coin takes the weight, or the other coins share it. What "
                    "is held of them goes back to the free pool."
                ),
                button=tr("Replace {names}", names=names),
                action=_REPLACE,
            ),
            Notice(
                Level.WARNING,
                tr("Without {names}", names=names),
                tr("The other coins share its weight in their proportions."),
                button=tr("Drop and redistribute"),
                action=_DROP,
            ),
        ]
        self.frozen_banner.show_notices(notices)

    def _chain_focus(self) -> None:
        """The Tab key follows the eye, also through rows that were made later."""
        chain = [*self.coins.focus_order(), self.table]
        if chain != self._chain:
            self._chain = chain
            for before, after in pairwise(chain):
                QWidget.setTabOrder(before, after)

    # -------------------------------------------------------------------------------------------------------- editing

    def _allocated(self, allocation: Allocation, wrong: str) -> None:
        self._allocation, self._wrong_weight, self._caps_failure = allocation, wrong, ""
        self._look()
        if self._wanted() is None:
            self._show_empty()
        self.edited()
        self.settle(None)

    def add_coins(self) -> None:
        """Choose coins that are added at the end."""
        self._choose(self.edits.add)

    def _choose(self, then: Callable[[tuple[str, ...]], None]) -> None:
        dialog = AddCoinsDialog(self._feed, self._quote, self._allocation.assets, self._colours, self._numbers, self)
        dialog.chosen.connect(then)
        dialog.open()

    def _replace(self, chosen: tuple[str, ...]) -> None:
        self.edits.put(with_replaced(self._allocation, self._frozen, chosen))

    def _cure(self, action: str) -> None:
        if action == _DROP:
            self.edits.put(without_frozen(self._allocation, self._frozen))
        else:
            self._choose(self._replace)

    def _caps_loaded(self, caps: MarketCaps) -> None:
        self.edits.put(self._allocation.with_caps(caps))

    def _caps_failed(self, message: str) -> None:
        if self._allocation.waits_for_caps:
            self.edits.put(self._allocation.with_distribution(Distribution.CUSTOM))
            self._caps_failure = tr("The market caps could not be read: {message}", message=message)
            self._look()

    def lock(self) -> None:
        self.coins.setEnabled(False)
        self.frozen_banner.setEnabled(False)

    def unlock(self) -> None:
        self.coins.setEnabled(True)
        self.frozen_banner.setEnabled(True)

    # --------------------------------------------------------------------------------------------------------- asking

    def _wanted(self) -> tuple[Target, ...] | None:
        return None if self._findings.problems else self._allocation.targets

    def question(self, command_id: str) -> PreviewCommand | None:
        self._asked_for = self._wanted()
        if self._asked_for is None:
            return None
        return PreviewChange(command_id, self._strategy.id, self._asked_for)

    def wish(self) -> tuple[Target, ...]:
        if self._planned is None:
            raise ValueError("nothing was planned that could be confirmed")
        return self._planned

    def field_problem(self) -> str | None:
        first = self._findings.first
        if first is not None:
            return first.message
        return None if self._planned == self._allocation.targets else PLANNING

    # -------------------------------------------------------------------------------------------------------- showing

    def draw(self, preview: Preview, view: AccountView) -> str | None:
        self._preview, self._planned = preview, self._asked_for
        before = preview.before or preview.plan.snapshot
        self.show_plan(preview.plan, figures_of(preview.plan, view.fees), view, self._all_slots(), before=before)
        return preview.problems[0][1] if preview.problems else None

    def _show_empty(self) -> None:
        """The portfolio as it is, while there is nothing to plan."""
        view, snapshot = self._feed.view, self._newest().snapshot
        self._planned = self._preview = None
        if view is None or snapshot is None:
            return
        first = self._findings.first
        plan = Plan(snapshot, (), (), ZERO)
        words = TotalWords(tr("No orders yet.") if first is None else tr("No orders: see the coins above."))
        self.show_plan(plan, figures_of(plan, view.fees), view, self._all_slots(), before=snapshot, total=words)

    def notices(self) -> Sequence[Notice]:
        preview = self._preview
        if preview is None:
            return ()
        found = []
        if preview.released:
            coins = ", ".join(f"{amount_text(self._numbers, units)} {asset}" for asset, units in preview.released)
            found.append(
                Notice(
                    Level.WARNING,
                    tr("{coins} go back to the free pool", coins=coins),
                    tr("The market is closed, so they cannot be sold: they stay yours as coins."),
                )
            )
        skipped = preview.plan.skipped
        if skipped:
            names = ", ".join(leg.asset for leg in skipped)
            missing = max((leg.shortfall for leg in skipped), default=ZERO)
            short = tr(
                "Up to {missing} are missing to the smallest order. ", missing=self._numbers.money(missing, self._quote)
            )
            found.append(
                Notice(
                    Level.WARNING,
                    tr("{names} will not be traded now", names=names),
                    tr("{part}The next rebalance tries again.", part=short if missing > ZERO else ""),
                )
            )
        return found
