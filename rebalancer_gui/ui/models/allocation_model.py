"""The coins of a draft as a table: coin, smallest order, money, lock, weight. GUI thread only.

    model = AllocationModel(numbers, parent=self)
    model.set_rows(rows)                              # AllocationRow, one per coin
    model.weightTyped.connect(...)                    # asset and Decimal, asset and Decimal

Typing does not change the model: the form hears of it, changes its draft and sets the rows anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from rebalancer_gui.ui.formatting import NumberFormat, plain_ascii
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.models.cells import Align, Cell, Column, missing_cell
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.parsing import Parsed, parse_decimal
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.coin_chips import coin_cell

WEIGHT_PLACES = 2


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """One coin of the draft. `minimum` and `amount` in quote units, None while unknown; `weight` in percent.

    `short` says that `amount` is under `minimum`; `note` is what is wrong with the coin, else empty.
    """

    asset: str
    slot: int | None
    quote: str
    minimum: Decimal | None
    amount: Decimal | None
    weight: Decimal | None
    locked: bool = False
    short: bool = False
    note: str = ""
    with_unit: bool = True


class AllocationModel(KeyedTableModel[AllocationRow]):
    """Keyed by asset; the weight can be edited, which tells the form and changes nothing by itself."""

    weightTyped = Signal(str, object)

    def __init__(self, numbers: NumberFormat, parent: QObject | None = None) -> None:
        self._numbers = numbers
        super().__init__(
            (
                Column("coin", tr("Coin"), lambda row: coin_cell(row.asset, row.slot)),
                Column("minimum", tr("Smallest order"), self._minimum),
                Column("amount", tr("Amount"), self._amount, align=Align.RIGHT),
                Column("lock", tr("Lock"), _lock),
                Column("weight", tr("Weight, %"), self._weight, align=Align.RIGHT, terms=(Term.COINS,)),
                Column("remove", "", lambda _row: Cell("", export="")),
            ),
            key=lambda row: row.asset,
            parent=parent,
        )

    def _minimum(self, row: AllocationRow) -> Cell:
        if row.minimum is None:
            return missing_cell(row.note or tr("There is no price for {asset} yet.", asset=row.asset))
        amount = self._numbers.fixed(row.minimum)
        words = tr(
            "The smallest order of {asset} is {amount} {quote}.", asset=row.asset, amount=amount, quote=row.quote
        )
        ink = Ink.WARN if row.short else Ink.TEXT3
        return Cell(tr("min. {amount}", amount=amount), raw=row.minimum, spoken=words, tip=words, ink=ink, small=True)

    def _amount(self, row: AllocationRow) -> Cell:
        if row.amount is None:
            return missing_cell(tr("Needs an investment and a weight."))
        text = self._numbers.money(row.amount, row.quote if row.with_unit else "")
        spoken = self._numbers.spoken(row.amount, unit=row.quote)
        ink = Ink.WARN if row.short else Ink.TEXT2
        return Cell(text, raw=row.amount, spoken=spoken, ink=ink)

    def _weight(self, row: AllocationRow) -> Cell:
        if row.weight is None:
            return missing_cell(tr("What stands in the field is not a weight."))
        spoken = self._numbers.spoken(row.weight, unit=tr("percent"))
        return Cell(self._numbers.percent(row.weight), raw=row.weight, spoken=spoken, export=plain_ascii(row.weight))

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and self.columns[index.column()].key == "weight":
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(
        self, index: QModelIndex | QPersistentModelIndex, value: object, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """A weight as a Decimal or as typed text; other cells are not editable."""
        if role != Qt.ItemDataRole.EditRole or not self.flags(index) & Qt.ItemFlag.ItemIsEditable:
            return False
        weight = value if isinstance(value, Decimal) else None
        if isinstance(value, str):
            answer = parse_decimal(value.strip().removesuffix("%"), self._numbers.marks)
            weight = answer.value if isinstance(answer, Parsed) else None
        if weight is None:
            return False
        self.weightTyped.emit(self.row_at(index.row()).asset, weight)
        return True


def _lock(row: AllocationRow) -> Cell:
    words = "locked" if row.locked else tr("not locked")
    return Cell("", raw=words, spoken=tr("weight {words}", words=words), export=words)
