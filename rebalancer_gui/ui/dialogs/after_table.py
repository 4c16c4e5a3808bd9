"""The portfolio after a plan's orders, beside what it is now where it exists already. GUI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from PySide6.QtWidgets import QWidget

from rebalancer_gui.domain.money import HUNDRED, ZERO
from rebalancer_gui.domain.valuation import Snapshot
from rebalancer_gui.ui.dialogs.plan_figures import PlanFigures
from rebalancer_gui.ui.dialogs.plan_table import TOTAL, fit_height, make_still
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.cells import Align, Cell, Column, Ground, missing_cell
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.coin_chips import CoinNameDelegate, coin_cell
from rebalancer_gui.ui.widgets.tables import DENSE_ROW_HEIGHT, DataTable, fixed, stretch

_NO_PRICE = tr("a price is missing")
_CASH = tr("money that is left; the next rebalance spends it")
_NEW = tr("not in the portfolio before")
_RELEASED = tr("goes back to the free pool as coins")


@dataclass(frozen=True, slots=True)
class AfterTableRow:
    """One line of the portfolio; `slot` None is cash, key `total` the sum. Values in quote units, weights in percent.

    `is_new` and `released` tell a coin that is missing before or after from one whose price is missing.
    """

    key: str
    asset: str
    slot: int | None
    value: Decimal | None
    weight: Decimal | None
    target: Decimal | None
    before: Decimal | None = None
    before_weight: Decimal | None = None
    is_new: bool = False
    released: bool = False

    @property
    def ground(self) -> Ground:
        return Ground.ALT if self.key == TOTAL else Ground.SURFACE


def after_rows(figures: PlanFigures, slots: Mapping[str, int], before: Snapshot | None = None) -> list[AfterTableRow]:
    """Coins, coins that are given back, cash, the sum. Without `before` its columns are unknown."""
    held = {row.asset: row for row in before.holdings} if before is not None else {}
    cash = before.cash if before is not None else None
    worth = before.total if before is not None else None
    coins, money = [], []
    for row in figures.after:
        if row.target is None:
            share = cash * HUNDRED / worth if cash is not None and worth is not None and worth > ZERO else None
            money.append(AfterTableRow(row.asset, row.asset, None, row.value, row.weight, None, cash, share))
            continue
        was = held.pop(row.asset, None)
        coins.append(
            AfterTableRow(
                row.asset, row.asset, slots.get(row.asset), row.value, row.weight, row.target,
                was.value if was is not None else None, was.weight if was is not None else None, is_new=was is None,
            )
        )  # fmt: skip
    coins.extend(
        AfterTableRow(
            asset, asset, slots.get(asset), None, None, ZERO, was.value, was.weight, released=True,
        )
        for asset, was in held.items()
        if was.quantity > ZERO
    )  # fmt: skip
    whole = HUNDRED if figures.value is not None else None
    before_whole = HUNDRED if worth is not None else None
    sums = AfterTableRow(TOTAL, tr("Total"), None, figures.value, whole, HUNDRED, worth, before_whole)
    return [*coins, *money, sums]


class AfterTable(DataTable):
    """`afterTable`: what every coin is worth after the orders, its weight and its target; `with_before`: now, too."""

    def __init__(
        self, quote: str, numbers: NumberFormat, *, with_before: bool = False, parent: QWidget | None = None
    ) -> None:
        def number(value: Decimal | None, row: AfterTableRow, unknown: str) -> Cell:
            if value is None:
                return replace(missing_cell(unknown), ground=row.ground)
            return Cell(numbers.fixed(value), raw=value, bold=row.key == TOTAL, ground=row.ground)

        def after(value: Decimal | None, row: AfterTableRow) -> Cell:
            return number(value, row, _RELEASED if row.released else _NO_PRICE)

        def before(value: Decimal | None, row: AfterTableRow) -> Cell:
            return number(value, row, _NEW if row.is_new else _NO_PRICE)

        def column(key: str, header: str, cell: object) -> Column[AfterTableRow]:
            return Column(key, header, cell, align=Align.RIGHT)  # type: ignore[arg-type]

        value = column(
            "value", f"{tr('After') if with_before else tr('Value')}, {quote}", lambda row: after(row.value, row)
        )
        weight = column("weight", tr("After %") if with_before else tr("Weight %"), lambda row: after(row.weight, row))
        target = column("target", tr("Target %"), lambda row: number(row.target, row, _CASH))
        coin = Column("coin", tr("Coin"), _coin)
        columns: tuple[Column[AfterTableRow], ...]
        if with_before:
            was = column("before", tr("Before, {quote}", quote=quote), lambda row: before(row.before, row))
            was_weight = column("beforeWeight", tr("Before %"), lambda row: before(row.before_weight, row))
            columns = (coin, was, value, was_weight, weight, target)
            widths = {
                "coin": stretch(96),
                "before": fixed(120),
                "value": fixed(120),
                "beforeWeight": fixed(88),
                "weight": fixed(88),
                "target": fixed(92),
            }
        else:
            columns = (coin, value, weight, target)
            widths = {"coin": stretch(96), "value": fixed(136), "weight": fixed(112), "target": fixed(112)}
        self._model: KeyedTableModel[AfterTableRow] = KeyedTableModel(columns, key=lambda row: row.key)
        title = tr("The portfolio before and after") if with_before else tr("The portfolio after these orders")
        super().__init__("afterTable", title, self._model, widths, row_height=DENSE_ROW_HEIGHT, parent=parent)
        self._model.setParent(self)
        self.setItemDelegateForColumn(self._model.column_of("coin"), CoinNameDelegate(self))
        make_still(self)

    def show_rows(self, rows: list[AfterTableRow]) -> None:
        """Show the rows; the table is as high as they are."""
        self._model.set_rows(rows)
        fit_height(self)


def _coin(row: AfterTableRow) -> Cell:
    if row.key == TOTAL:
        return Cell(row.asset, raw=row.asset, bold=True, ground=row.ground)
    return coin_cell(row.asset, row.slot)
