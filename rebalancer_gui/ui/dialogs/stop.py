"""Stop a strategy: sell its coins or keep them; the dialog says what happens with the money before it does."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QRadioButton, QVBoxLayout, QWidget

from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.market import MarketRules
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.planning import Plan, SkipReason
from rebalancer_gui.domain.strategy import EndReason
from rebalancer_gui.domain.valuation import Snapshot
from rebalancer_gui.ui.dialogs.plan_figures import figures_of
from rebalancer_gui.ui.dialogs.plan_table import PlanTable, plan_rows
from rebalancer_gui.ui.dialogs.stop_plan import (
    CLOSED,
    coins_back,
    end_reason,
    money_back,
    sell_all_plan,
    waits,
    why_no_sale,
    why_no_stop,
)
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.live_words import with_real_money
from rebalancer_gui.ui.models.history_model import amount_text
from rebalancer_gui.ui.strategy_words import trigger_text
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, Panel, above_foot
from rebalancer_gui.ui.widgets.real_money import RealMoneyLine

_WIDTH = 656
_INDENT = 24


class StopDialog(QDialog):
    """`confirmed(bool)`: stop, and sell all (True) or keep the coins (False). ``show_view`` keeps the figures fresh."""

    confirmed = Signal(bool)

    def __init__(
        self,
        view: StrategyView,
        account: AccountView,
        rules: Mapping[str, MarketRules],
        slots: Mapping[str, int],
        numbers: NumberFormat,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.strategy_id = view.id
        self._rules, self._slots, self._numbers = rules, slots, numbers
        name, quote = view.parameters.name, view.parameters.quote
        self.setObjectName("stopDialog")
        self.setWindowTitle(tr("Stop {name}", name=name))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.sell = QRadioButton(tr("Sell all coins"))
        self.sell.setObjectName("stopSellRadio")
        self.keep = QRadioButton(tr("Keep the coins"))
        self.keep.setObjectName("stopKeepRadio")
        self._sell_words = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="stopSellText", wrap=True)
        self._keep_words = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="stopKeepText", wrap=True)
        self.table = PlanTable(quote, numbers)
        self._frame = Panel()
        self._frame.body.addWidget(self.table)
        self.cancel = push_button(tr("Cancel"), "stopCancelButton")
        self.confirm = push_button(tr("Stop"), "confirmButton", kind=ButtonKind.MAIN)
        self._title = TextLabel("", TextType.TITLE, object_name="stopTitle", wrap=True)
        self._foot = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="stopEndText", wrap=True)
        self._waits = waits(view)
        self._real = with_real_money(account)
        self._blocked = ""
        self._build()
        self.sell.toggled.connect(self._show_choice)
        self.cancel.clicked.connect(self.reject)
        self.confirm.clicked.connect(self._confirm)
        # What was chosen at Create is offered, and asked again.
        may_sell = not why_no_sale(view, account)
        (self.sell if view.parameters.sell_all_on_stop and may_sell else self.keep).setChecked(True)
        (self.sell if self.sell.isChecked() else self.keep).setFocus()
        self.show_view(view, account)

    def _build(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addSpacing(4)
        column.addWidget(self.keep)
        self._keep_holder = _indented(self._keep_words)
        column.addWidget(self._keep_holder)
        column.addSpacing(6)
        column.addWidget(self.sell)
        self._sell_holder = _indented(self._sell_words)
        column.addWidget(self._sell_holder)
        column.addSpacing(4)
        column.addWidget(self._frame)
        column.addStretch(1)
        row = ActionRow(56)
        row.left.addWidget(self._foot, 1)
        row.give_left_the_rest()
        row.right.addWidget(self.cancel)
        row.right.addWidget(self.confirm)
        above_foot(self, column, RealMoneyLine(self._real, self.confirm), row)
        self.setFixedWidth(_WIDTH)

    def show_view(self, view: StrategyView, account: AccountView) -> None:
        """The newest picture of the strategy that is to be stopped."""
        if view.id != self.strategy_id or view.snapshot is None:
            return
        self._waits, self._blocked = waits(view), why_no_stop(view)
        reason = end_reason(view)
        said = "" if reason is EndReason.STOPPED else tr(" with the reason \u201c{reason}\u201d", reason=reason.value)
        self._foot.setText(tr("The strategy ends{said}; its tabs stay readable.", said=said))
        self._show_keeping(view)
        self._show_selling(view, account)
        self._show_choice()

    def _show_keeping(self, view: StrategyView) -> None:
        numbers, name = self._numbers, view.parameters.name
        snapshot = view.snapshot
        if snapshot is None:
            return
        coins = ", ".join(f"{amount_text(numbers, quantity)} {asset}" for asset, quantity in coins_back(snapshot))
        cash = numbers.money(snapshot.cash, view.parameters.quote)
        back = (
            tr("{coins} and {cash} go to the free pool.", coins=coins, cash=cash)
            if coins
            else tr("{cash} go to the free pool.", cash=cash)
        )
        trigger = trigger_text(view.parameters, numbers)
        if self._waits:
            self._title.setText(tr("Cancel the trigger of {name}?", name=name))
            self._keep_words.setText(
                tr("It waits for {value}. No order is sent: {back}", value=trigger or tr("its trigger"), back=back)
            )
        else:
            self._title.setText(tr("What shall happen with the coins of {name}?", name=name))
            self._keep_words.setText(tr("No order is sent. {back}", back=back) if coins else back)

    def _show_selling(self, view: StrategyView, account: AccountView) -> None:
        numbers, quote = self._numbers, view.parameters.quote
        if view.snapshot is None:
            return
        plan = sell_all_plan(view.snapshot, self._rules, account.fees, view.frozen)
        why_not = why_no_sale(view, account)
        self.sell.setEnabled(not why_not)
        if why_not and self.sell.isChecked():
            self.keep.setChecked(True)
        back = numbers.money(money_back(plan, account.fees), quote)
        fee = numbers.money(plan.estimated_fees, quote)
        words = tr("About {back} go to the free pool, after fees of about {fee}.", back=back, fee=fee)
        self._sell_words.setText(why_not or words + self._left_words(view.snapshot, plan))
        figures = figures_of(plan, account.fees)
        self.table.show_rows(plan_rows(plan, figures, account.fees, self._rules, self._slots, numbers))

    def _left_words(self, snapshot: Snapshot, plan: Plan) -> str:
        """What cannot be sold, with why: ` 2.419 SOL cannot be sold (its market is closed) ...`."""
        held = dict(coins_back(snapshot))
        words = ""
        for why, reasons in (
            (tr("too little for an order"), {SkipReason.BELOW_MINIMUM}),
            (CLOSED, {SkipReason.MARKET_CLOSED, SkipReason.FROZEN}),
            (tr("no price"), {SkipReason.NO_PRICE}),
        ):
            left = [leg.asset for leg in plan.skipped if leg.reason in reasons]
            if left:
                coins = ", ".join(f"{amount_text(self._numbers, held.get(asset, ZERO))} {asset}" for asset in left)
                words += (
                    tr(" {coins} cannot be sold ({why}) and goes back as coins.", coins=coins, why=why)
                    if len(left) == 1
                    else tr(" {coins} cannot be sold ({why}) and go back as coins.", coins=coins, why=why)
                )
        return words

    @Slot()
    def _show_choice(self) -> None:
        choosing = not self._waits
        selling = choosing and self.sell.isChecked()
        for part in (self.keep, self.sell, self._sell_holder):
            part.setVisible(choosing)
        self._frame.setVisible(selling)
        words = tr("Stop and sell") if selling else tr("Stop and keep the coins")
        self.confirm.setText(words if choosing else tr("Cancel the trigger"))
        self.confirm.setAccessibleName(f"{self.confirm.text()} {self._real}".rstrip())
        # Two buttons that say Cancel would be one too many.
        self.cancel.setText(tr("Cancel") if choosing else tr("Keep waiting"))
        self.cancel.setAccessibleName(self.cancel.text())
        self._keep_holder.setContentsMargins(_INDENT if choosing else 0, 0, 0, 0)
        block(self.confirm, self._blocked or None)
        self.adjustSize()

    @Slot()
    def _confirm(self) -> None:
        self.confirmed.emit(self.sell.isChecked() and not self._waits)
        self.accept()


def _indented(label: TextLabel) -> QWidget:
    holder = QWidget()
    row = QVBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    holder.setContentsMargins(_INDENT, 0, 0, 0)
    row.addWidget(label)
    return holder
