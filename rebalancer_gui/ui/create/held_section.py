"""Use coins I hold: how much of each coin in the free pool goes into the new strategy, and what it cost. GUI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.domain.money import ZERO, floor_to_step
from rebalancer_gui.domain.strategy import HeldCoin
from rebalancer_gui.ui.create.form_state import Draft, Findings
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.parsing import MAX_DECIMALS
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import push_button
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextLabel, TextType

USE_HELD = tr("Use coins I hold")
_TIP = tr(
    "Coins of the free pool go into the strategy as they are: only the difference to the target weights is traded."
)
_NOTHING = tr("The free pool holds no coin that trades in {quote}.")
_NOT_CHOSEN = tr("The free pool holds {coins}: add what you want to use to the coins above.")
_NAME_WIDTH = 44
_QUANTITY_WIDTH = 122
_COST_LIMITS = Limits(minimum=ZERO, required=False)
_SHOWN_COINS = 4
_FINEST = Decimal(1).scaleb(-MAX_DECIMALS)


class HeldRow(QWidget):
    """One coin: quantity, All, what it cost on average. `edited` when something was typed."""

    edited = Signal()

    def __init__(self, asset: str, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.asset = asset
        self._numbers = numbers
        self._free = ZERO
        self.quantity = DecimalEdit(
            f"heldEdit{asset}", tr("Quantity of {asset} to use", asset=asset), unit=asset, numbers=numbers
        )
        self.quantity.setFixedWidth(_QUANTITY_WIDTH)
        self.all = push_button(
            tr("All"), f"heldAllButton{asset}", compact=True, accessible_name=tr("Use all free {asset}", asset=asset)
        )
        self.cost = DecimalEdit(
            f"heldCostEdit{asset}",
            tr("Average price paid for {asset}", asset=asset),
            limits=_COST_LIMITS,
            numbers=numbers,
        )
        self.cost.setPlaceholderText(tr("open"))
        self.cost.setToolTip(
            tr("What one unit cost you on average. Left open: the average cost is shown as not known.")
        )
        self.message = MessageLine(f"heldMessage{asset}")
        row = QHBoxLayout()
        row.setSpacing(6)
        name = ElidedLabel(asset, TextType.STRONG)
        name.setFixedWidth(_NAME_WIDTH)
        row.addWidget(name)
        row.addWidget(self.quantity)
        row.addWidget(self.all)
        row.addWidget(self.cost, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.message)
        # Not finer than a field can hold: no venue books so small a part.
        self.all.clicked.connect(lambda: self.quantity.set_value(floor_to_step(self._free, _FINEST)))
        for edit in (self.quantity, self.cost):
            edit.valueChanged.connect(self.edited)
            edit.problemChanged.connect(self.edited)
            edit.stateShown.connect(self._show)

    def show_free(self, free: Decimal, quote: str) -> None:
        """How much there is now, in the coin's units."""
        if self.cost.unit() != quote:
            self.cost.set_unit(quote)
        if free != self._free:
            self._free = free
            self.quantity.set_limits(
                Limits(
                    minimum=ZERO, above_minimum=True, maximum=free, required=False,
                    maximum_text=tr("Free are {limit}: use at most that much."),
                )
            )  # fmt: skip
        self._show()

    def coin(self) -> HeldCoin | None:
        """What goes into the strategy; None: nothing of it."""
        quantity = self.quantity.value()
        return None if quantity is None else HeldCoin(self.asset, quantity, self.cost.value())

    def problem(self) -> str:
        """What cannot be read or is too much; empty while all is well."""
        for edit in (self.quantity, self.cost):
            if edit.text().strip() and edit.value() is None:
                return edit.problem() or ""
        return ""

    def put(self, coin: HeldCoin | None) -> None:
        """Write what comes from elsewhere."""
        self.quantity.set_value(None if coin is None else coin.quantity)
        self.cost.set_value(None if coin is None else coin.unit_cost)

    def _show(self) -> None:
        wrong = self.quantity.shown_problem() or self.cost.shown_problem()
        if wrong:
            self.message.show_problem(wrong)
        else:
            self.message.show_hint(tr("free {free}", free=self._numbers.quantity(self._free, unit=self.asset)))


class HeldSection(QWidget):
    """The check box and, ticked, a row per coin that is held and in the allocation. `edited`: something was changed."""

    edited = Signal()

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._rows: dict[str, HeldRow] = {}
        self._put: dict[str, HeldCoin] = {}
        self.check = QCheckBox(USE_HELD)
        self.check.setObjectName("useHeldCoinsCheck")
        self.check.setAccessibleName(USE_HELD)
        self.worth = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name="heldWorthLabel")
        self.worth.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._content = QWidget()
        inner = QVBoxLayout(self._content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        captions = QHBoxLayout()
        captions.setSpacing(6)
        captions.addSpacing(_NAME_WIDTH + 6)
        captions.addWidget(TextLabel(tr("Quantity"), TextType.SMALL, Ink.TEXT2))
        captions.addStretch(1)
        captions.addWidget(TextLabel(tr("Paid on average (open: not known)"), TextType.SMALL, Ink.TEXT2))
        inner.addLayout(captions)
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        inner.addLayout(self._list)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.check)
        head.addWidget(self.worth, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self._content)
        self._content.hide()
        self.hide()
        self.check.toggled.connect(self._toggled)

    def row(self, asset: str) -> HeldRow:
        """The row of a coin; KeyError when there is none."""
        return self._rows[asset]

    def focus_order(self) -> list[QWidget]:
        order: list[QWidget] = [self.check]
        for row in self._rows.values():
            order += [row.quantity, row.all, row.cost]
        return order

    # ------------------------------------------------------------------------------------------------ draft and screen

    def set_draft(self, draft: Draft) -> None:
        """Forget what was typed and take over what `draft` holds; the rows come with what is free."""
        blocked = self.blockSignals(True)
        self._put = {coin.asset: coin for coin in draft.held}
        for row in self._rows.values():
            row.put(self._put.pop(row.asset, None))
        self.check.setChecked(bool(draft.held))
        self.blockSignals(blocked)

    def offer(self, draft: Draft, around: Surroundings) -> None:
        """Rows for the coins of the allocation that are free; a coin that left takes its row with it."""
        usable = usable_coins(around, draft.quote)
        chosen = [asset for asset in draft.allocation.assets if asset in usable]
        blocked = self.blockSignals(True)
        self._offer_check(draft.quote, usable, bool(chosen))
        if list(self._rows) != chosen:
            self._arrange(chosen)
        for asset, row in self._rows.items():
            row.show_free(usable[asset], draft.quote)
        self.blockSignals(blocked)

    def _offer_check(self, quote: str, usable: Mapping[str, Decimal], chosen: bool) -> None:
        self.setVisible(bool(usable))
        if not usable:
            tip = _NOTHING.format(quote=quote)
        elif not chosen:
            more = len(usable) - _SHOWN_COINS
            names = ", ".join(list(usable)[:_SHOWN_COINS]) + (tr(" and {more} more", more=more) if more > 0 else "")
            tip = _NOT_CHOSEN.format(coins=names)
        else:
            tip = _TIP
        self.check.setToolTip(tip)
        self.check.setAccessibleDescription("" if chosen else tip)
        self.check.setEnabled(chosen)
        if not chosen:
            self.check.setChecked(False)

    def _arrange(self, assets: list[str]) -> None:
        for asset in [asset for asset in self._rows if asset not in assets]:
            row = self._rows.pop(asset)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        rows = {}
        for number, asset in enumerate(assets):
            rows[asset] = self._rows.get(asset) or self._make_row(asset)
            self._list.insertWidget(number, rows[asset])
        self._rows = rows

    def _make_row(self, asset: str) -> HeldRow:
        row = HeldRow(asset, self._numbers)
        row.put(self._put.pop(asset, None))
        row.edited.connect(self.edited)
        return row

    def applied_to(self, draft: Draft) -> Draft:
        """`draft` with what stands here; unticked, no coin is used, whatever the fields say."""
        unreadable = {name: text for name, text in draft.unreadable.items() if name != "held"}
        if not self.check.isChecked():
            return replace(draft, held=(), unreadable=unreadable)
        wrong = next((f"{row.asset}: {text}" for row in self._rows.values() if (text := row.problem())), "")
        coins = (row.coin() for row in self._rows.values())
        return replace(
            draft,
            held=tuple(coin for coin in coins if coin is not None),
            unreadable=unreadable | ({"held": wrong} if wrong else {}),
        )

    def show_findings(self, draft: Draft, findings: Findings) -> None:
        """What the chosen coins are worth at present prices."""
        if not self.check.isChecked():
            text = ""
        elif not draft.held:
            text = tr("choose how much of each")
        elif findings.held_worth is None:
            text = tr("a price is missing")
        else:
            text = tr("worth {held_worth}", held_worth=self._numbers.money(findings.held_worth, draft.quote))
        self.worth.setText(text)

    def _toggled(self, checked: bool) -> None:
        self._content.setVisible(checked)
        self.edited.emit()


def usable_coins(around: Surroundings, quote: str) -> dict[str, Decimal]:
    """The free coins that trade against `quote`, in their own units, by asset."""
    return {
        asset: amount
        for asset, amount in around.free.items()
        if asset != quote and amount > ZERO and around.trades(asset, quote)
    }
