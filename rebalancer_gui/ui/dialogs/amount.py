"""Add funds and Remove funds: an amount, what it would do, and the button that does it (look/04). GUI thread only.

dialog = RemoveFundsDialog(feed, strategy, slots, numbers, parent)
dialog.confirmed.connect(self._send)            # FundsWish, once
dialog.stopAsked.connect(self._stop)            # instead of a removal that would leave too little
dialog.open()
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from rebalancer_gui.application.commands import PreviewFunds
from rebalancer_gui.application.views import AccountView, Preview, StrategyView
from rebalancer_gui.domain.cashflow import AmountLimits, RemovalMethod
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.create.texts import at_hand
from rebalancer_gui.ui.dialogs import amount_words as say
from rebalancer_gui.ui.dialogs.plan_figures import figures_of
from rebalancer_gui.ui.dialogs.plan_table import TotalWords
from rebalancer_gui.ui.dialogs.preview_asker import PreviewCommand
from rebalancer_gui.ui.dialogs.preview_dialog import PLANNING, PreviewDialog, Words
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Notice
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.form import MessageLine, combo_box
from rebalancer_gui.ui.widgets.panel import caption

# What is free and what is legal is the dialog's to judge, so that the number stays known while it is too large.
_ANY_AMOUNT = Limits(minimum=ZERO, above_minimum=True, grid=Decimal("0.00000001"))
_FIELD_WIDTH = 176
_METHODS = (
    (tr("Split by target weights (as Binance does)"), RemovalMethod.BY_WEIGHT),
    (tr("Sell the most overweight first"), RemovalMethod.MOST_OVERWEIGHT),
)


@dataclass(frozen=True, slots=True)
class FundsWish:
    """What was confirmed: ``amount`` in quote units; ``method`` None: it is added."""

    amount: Decimal
    method: RemovalMethod | None = None


class AmountDialog(PreviewDialog):
    """What both have in common: the field, its legal range from the newest answer, and the amount that was planned."""

    def __init__(
        self,
        feed: EngineFeed,
        strategy: StrategyView,
        slots: Mapping[str, int],
        numbers: NumberFormat,
        words: Words,
        *,
        object_name: str,
        label: str,
        parent: QWidget | None = None,
    ) -> None:
        self._strategy, self._slots = strategy, slots
        self._waits = strategy.state is State.WAITING
        self._quote = strategy.parameters.quote
        self._limits: AmountLimits | None = None
        self._asked_for: FundsWish | None = None
        self._planned: FundsWish | None = None
        self._preview: Preview | None = None
        super().__init__(feed, self._quote, numbers, words, object_name=object_name, with_before=True, parent=parent)
        self.amount = DecimalEdit(
            "amountEdit", label, unit=self._quote, places=2, limits=_ANY_AMOUNT, numbers=numbers, tall=True
        )
        self.amount.setFixedWidth(_FIELD_WIDTH)
        self.message = MessageLine("amountMessage")
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(2, 1)
        name = caption(label)
        name.setBuddy(self.amount)
        self._grid.addWidget(name, 0, 0)
        self._grid.addWidget(self.amount, 1, 0)
        self._grid.addWidget(self.message, 2, 0, 1, 3)
        self.top.addLayout(self._grid)
        self.orders.setVisible(not self._waits)
        self.table.set_least_rows(len(strategy.parameters.targets) + 1)
        self.message.show_hint(tr("The legal range is being read."), Ink.TEXT3)
        QWidget.setTabOrder(self.amount, self.table)
        self.amount.valueChanged.connect(self.edited)
        self.amount.problemChanged.connect(self._show_range)
        self.amount.stateShown.connect(self._show_range)
        self.banner.actionPressed.connect(self._cure)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.amount.setFocus()

    # --------------------------------------------------------------------------------------------------------- asking

    @property
    def method(self) -> RemovalMethod | None:
        """How a removal is split; None: money is added."""
        return None

    def _wanted(self) -> FundsWish | None:
        """What stands in the fields, as far as it is legal."""
        amount = self.amount.value()
        return None if amount is None or self._range_problem() else FundsWish(amount, self.method)

    def question(self, command_id: str) -> PreviewCommand:
        self._asked_for = self._wanted()
        amount = self._asked_for.amount if self._asked_for is not None else None
        return PreviewFunds(command_id, self._strategy.id, amount, self.method)

    def wish(self) -> FundsWish:
        if self._planned is None:
            raise ValueError("nothing was planned that could be confirmed")
        return self._planned

    def edited(self) -> None:
        self._show_range()
        super().edited()

    # -------------------------------------------------------------------------------------------------------- judging

    def _range_problem(self) -> str | None:
        amount = self.amount.value()
        if amount is None or self._limits is None:
            return None
        adding = self.method is None
        return say.range_problem(amount, self._limits, self._quote, self._numbers, adding=adding)

    def field_problem(self) -> str | None:
        if self.amount.value() is None:
            return self.amount.problem() or tr("Type an amount.")
        return self._range_problem() or (None if self._planned == self._wanted() else PLANNING)

    def _show_range(self) -> None:
        self.amount.set_outside_problem(self._range_problem())
        wrong = self.amount.shown_problem()
        if wrong:
            self.message.show_problem(wrong)
        elif self._limits is not None:
            self.message.show_hint(say.legal_text(self._limits, self._numbers))

    # -------------------------------------------------------------------------------------------------------- showing

    def draw(self, preview: Preview, view: AccountView) -> str | None:
        self._preview, self._limits = preview, preview.limits
        self._planned = self._asked_for
        self._show_range()
        if self._planned != self._wanted():
            # The range has moved over the amount, to one side or the other.
            self.asker.renew()
        plan = preview.plan
        figures = figures_of(plan, view.fees, self._leaves(preview))
        before = preview.before or plan.snapshot
        self.show_plan(plan, figures, view, self._slots, before=before, total=self._total(preview))
        self.name_confirm(self._confirm_text(preview))
        problems = [message for field, message in preview.problems if self._planned is not None or field != "amount"]
        return problems[0] if problems else None

    def _leaves(self, preview: Preview) -> Decimal:
        """What goes out of the strategy besides its orders, in quote units."""
        if self._planned is None:
            return ZERO
        if self.method is not None:
            return preview.comes_out or ZERO
        # The plan of an addition has the money in it already; one that only moves it has not.
        return -self._planned.amount if self._waits else ZERO

    def _total(self, preview: Preview) -> TotalWords | None:
        if self._planned is not None:
            return None
        if self._limits is not None and self._limits.is_empty:
            return TotalWords(tr("No order is possible now."))
        typed = self.amount.value() is not None
        return TotalWords(tr("No orders: the amount is not legal.") if typed else tr("No orders yet: type an amount."))

    def _confirm_text(self, preview: Preview) -> str:
        return self._words.confirm

    def _cure(self, action: str) -> None:
        if action == say.FULL and self._limits is not None and self._limits.full is not None:
            self.amount.set_value(self._limits.full)

    def lock(self) -> None:
        self.amount.setEnabled(False)

    def unlock(self) -> None:
        self.amount.setEnabled(True)


class AddFundsDialog(AmountDialog):
    """Money from the free pool; a strategy that runs is then brought to its weights, one that waits only gets it."""

    def __init__(
        self,
        feed: EngineFeed,
        strategy: StrategyView,
        slots: Mapping[str, int],
        numbers: NumberFormat,
        parent: QWidget | None = None,
    ) -> None:
        words = Words(
            title=tr("Add funds - {name}", name=strategy.parameters.name),
            confirm=tr("Add"),
            sending=tr("Adding\u2026"),
            after=tr("Before and after"),
            after_hint=tr("at the same prices"),
            blocked=tr("This cannot be added"),
        )
        super().__init__(
            feed,
            strategy,
            slots,
            numbers,
            words,
            object_name="addFundsDialog",
            label=tr("Amount to add"),
            parent=parent,
        )
        self.hint.setText(
            tr("It waits for its trigger: the money is only moved to it, no order is sent now.")
            if self._waits
            else tr("The portfolio is brought to its weights with the added money.")
        )

    def _confirm_text(self, preview: Preview) -> str:
        return (
            tr("Add {amount}", amount=say.amount_text(self._planned.amount, self._quote, self._numbers))
            if self._planned
            else tr("Add")
        )

    def notices(self) -> Sequence[Notice]:
        limits, preview = self._limits, self._preview
        if limits is not None and limits.is_empty:
            return (say.no_addition(limits, self._quote, self._numbers),)
        if self._planned is None or preview is None:
            return ()
        notice = say.skipped_notice(preview, self._planned.amount, self._quote, self._numbers)
        return () if notice is None else (notice,)


class RemoveFundsDialog(AmountDialog):
    """Coins are sold and the money goes to the free pool. `stopAsked()`: stop the strategy instead."""

    stopAsked = Signal()

    def __init__(
        self,
        feed: EngineFeed,
        strategy: StrategyView,
        slots: Mapping[str, int],
        numbers: NumberFormat,
        parent: QWidget | None = None,
    ) -> None:
        words = Words(
            title=tr("Remove funds - {name}", name=strategy.parameters.name),
            confirm=tr("Remove", "money"),
            sending=tr("Removing\u2026"),
            after=tr("Before and after"),
            after_hint="",
            blocked=tr("This cannot be removed"),
        )
        self.how = combo_box("removeMethodCombo", tr("How it is split"), _METHODS, tall=True)
        super().__init__(
            feed, strategy, slots, numbers, words,
            object_name="removeFundsDialog", label=tr("Amount to remove"), parent=parent,
        )  # fmt: skip
        name = caption(tr("How"))
        name.setBuddy(self.how)
        self._grid.addWidget(name, 0, 1)
        self._grid.addWidget(self.how, 1, 1, Qt.AlignmentFlag.AlignLeft)
        self.hint.setText(
            tr("It waits for its trigger: the money is only given back, no order is sent.")
            if self._waits
            else tr("No rebalance is started by this.")
        )
        for part in (name, self.how):
            # Nothing is sold while it waits, so there is nothing to split.
            part.setVisible(not self._waits)
        QWidget.setTabOrder(self.amount, self.how)
        QWidget.setTabOrder(self.how, self.table)
        self.how.currentIndexChanged.connect(self.edited)

    @property
    def method(self) -> RemovalMethod:
        return RemovalMethod(self.how.currentData())

    def _total(self, preview: Preview) -> TotalWords | None:
        if self._planned is None or preview.comes_out is None:
            return super()._total(preview)
        traded = preview.own_cash + total(leg.notional for leg in preview.plan.legs)
        out = at_hand(preview.comes_out, self._quote, self._numbers)
        return TotalWords(
            tr("To the free pool, after fees: {out}", out=out), traded, traded - preview.comes_out, preview.own_cash
        )

    def _confirm_text(self, preview: Preview) -> str:
        if self._planned is None or preview.comes_out is None:
            return tr("Remove", "money")
        return tr("Remove {comes_out}", comes_out=at_hand(preview.comes_out, self._quote, self._numbers))

    def notices(self) -> Sequence[Notice]:
        limits, preview, amount = self._limits, self._preview, self.amount.value()
        if limits is None or preview is None:
            return ()
        name, worth = self._strategy.parameters.name, (preview.before or preview.plan.snapshot).total
        if limits.is_empty:
            return (say.no_removal(name, self._quote, worth, limits, self._numbers),)
        if amount is not None and amount > limits.largest:
            return (say.too_much(name, self._quote, worth, limits, self._numbers),)
        if self._planned is None:
            return ()
        notice = say.removal_notice(preview, self._planned.amount, self.method, self._feed.rules, self._numbers)
        return () if notice is None else (notice,)

    def _cure(self, action: str) -> None:
        if action == say.STOP:
            self.stopAsked.emit()
        else:
            super()._cure(action)

    def lock(self) -> None:
        super().lock()
        self.how.setEnabled(False)

    def unlock(self) -> None:
        super().unlock()
        self.how.setEnabled(True)
