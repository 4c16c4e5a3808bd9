"""Stop a strategy: sell its coins or keep them; the dialog says what happens with the money before it does."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QRadioButton, QVBoxLayout, QWidget

from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.market import MarketRules
from rebalancer_gui.ui.dialogs.plan_figures import figures_of
from rebalancer_gui.ui.dialogs.plan_table import PlanTable, plan_rows
from rebalancer_gui.ui.dialogs.stop_plan import coins_back, money_back, sell_all_plan
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.history_model import amount_text
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, Panel

_WIDTH = 656
_STOP_ALL = "Nothing can be sold while trading is stopped: keep the coins, or press Resume trading first."


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
        self.setWindowTitle(f"Stop {name}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.sell = QRadioButton("Sell all coins")
        self.sell.setObjectName("stopSellRadio")
        self.keep = QRadioButton("Keep the coins")
        self.keep.setObjectName("stopKeepRadio")
        self._sell_words = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="stopSellText", wrap=True)
        self._keep_words = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="stopKeepText", wrap=True)
        self.table = PlanTable(quote, numbers)
        self._frame = Panel()
        self._frame.body.addWidget(self.table)
        self.cancel = push_button("Cancel", "stopCancelButton")
        self.confirm = push_button("Stop", "confirmButton", kind=ButtonKind.MAIN)
        self._build(name)
        self.sell.toggled.connect(self._show_choice)
        self.cancel.clicked.connect(self.reject)
        self.confirm.clicked.connect(self._confirm)
        # What was chosen at Create is offered, and asked again.
        (self.sell if view.parameters.sell_all_on_stop and not account.stop_all else self.keep).setChecked(True)
        (self.sell if self.sell.isChecked() else self.keep).setFocus()
        self.show_view(view, account)

    def _build(self, name: str) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(6)
        column.addWidget(TextLabel(f"What shall happen with the coins of {name}?", TextType.TITLE))
        column.addSpacing(4)
        column.addWidget(self.keep)
        column.addWidget(_indented(self._keep_words))
        column.addSpacing(6)
        column.addWidget(self.sell)
        column.addWidget(_indented(self._sell_words))
        column.addSpacing(4)
        column.addWidget(self._frame)
        column.addStretch(1)
        row = ActionRow(56)
        row.left.addWidget(TextLabel("The strategy ends; its tabs stay readable.", TextType.SMALL, Ink.TEXT2))
        row.right.addWidget(self.cancel)
        row.right.addWidget(self.confirm)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(column, 1)
        outer.addWidget(row)
        self.setFixedWidth(_WIDTH)

    def show_view(self, view: StrategyView, account: AccountView) -> None:
        """The newest picture of the strategy that is to be stopped."""
        if view.id != self.strategy_id or view.snapshot is None:
            return
        numbers, quote = self._numbers, view.parameters.quote
        plan = sell_all_plan(view.snapshot, self._rules, account.fees)
        back = numbers.money(money_back(plan, account.fees), quote)
        fee = numbers.money(plan.estimated_fees, quote)
        words = f"About {back} go to the free pool, after fees of about {fee}."
        if plan.skipped:
            dust = ", ".join(leg.asset for leg in plan.skipped)
            words += f" {dust} cannot be sold and go back as coins."
        self._sell_words.setText(_STOP_ALL if account.stop_all else words)
        self.sell.setEnabled(not account.stop_all)
        coins = ", ".join(f"{amount_text(numbers, quantity)} {asset}" for asset, quantity in coins_back(view.snapshot))
        cash = numbers.money(view.snapshot.cash, quote)
        self._keep_words.setText(
            f"No order is sent. {coins} and {cash} go to the free pool." if coins else f"{cash} go to the free pool."
        )
        figures = figures_of(plan, account.fees)
        self.table.show_rows(plan_rows(plan, figures, account.fees, self._rules, self._slots, numbers))
        self._show_choice()

    @Slot()
    def _show_choice(self) -> None:
        selling = self.sell.isChecked()
        self._frame.setVisible(selling)
        self.confirm.setText("Stop and sell" if selling else "Stop and keep the coins")
        self.confirm.setAccessibleName(self.confirm.text())
        block(self.confirm, None)
        self.adjustSize()

    @Slot()
    def _confirm(self) -> None:
        self.confirmed.emit(self.sell.isChecked())
        self.accept()


def _indented(label: TextLabel) -> QWidget:
    holder = QWidget()
    row = QVBoxLayout(holder)
    row.setContentsMargins(24, 0, 0, 0)
    row.addWidget(label)
    return holder
