"""The orders of a plan as a table. GUI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from rebalancer_gui.domain.market import FeeSchedule, MarketRules
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import Plan
from rebalancer_gui.ui.dialogs.plan_figures import PlanFigures, leg_fee, skipped_text
from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.cells import Align, Cell, Column, Ground
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.theme import Theme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.cell_delegate import ICON_GAP, ICON_SIZE, CellDelegate, Index
from rebalancer_gui.ui.widgets.coin_chips import CoinNameDelegate, coin_cell
from rebalancer_gui.ui.widgets.tables import DENSE_ROW_HEIGHT, HEADER_HEIGHT, DataTable, fixed, fixed_for, stretch

TOTAL = "total"
OWN_CASH = tr("own cash")
FEE_PLACES = 3
_SIDES = {Side.BUY: tr("Buy"), Side.SELL: tr("Sell")}
_SPAN_START = 1
_TOTAL_SPAN = 4


@dataclass(frozen=True, slots=True)
class PlanRow:
    """An order, a skipped leg (`skipped` says why) or the totals (key `total`). Amounts in quote units."""

    key: str
    asset: str
    slot: int | None = None
    side: str = ""
    quantity: Decimal | None = None
    step: Decimal | None = None
    price: Decimal | None = None
    tick: Decimal | None = None
    value: Decimal | None = None
    fee: Decimal | None = None
    skipped: str = ""

    @property
    def ground(self) -> Ground:
        if self.key == TOTAL:
            return Ground.ALT
        return Ground.WARNING if self.skipped else Ground.SURFACE


@dataclass(frozen=True, slots=True)
class TotalWords:
    """The last line of the table where it is not the total of the orders. Amounts in quote units; None leaves them out.

    `own_cash` is money that moves without an order: it has a line of its own.
    """

    text: str
    value: Decimal | None = None
    fee: Decimal | None = None
    own_cash: Decimal = ZERO


def plan_rows(
    plan: Plan,
    figures: PlanFigures,
    fees: FeeSchedule,
    rules: Mapping[str, MarketRules],
    slots: Mapping[str, int],
    numbers: NumberFormat,
    total: TotalWords | None = None,
) -> list[PlanRow]:
    """Orders in the order in which they are sent, then what is skipped and why, then the totals."""
    quote = plan.snapshot.quote_asset
    rows = []
    if total is not None and total.own_cash > ZERO:
        rows.append(PlanRow(key=OWN_CASH, asset=quote, side=tr("Own cash, without an order"), value=total.own_cash))
    for leg in plan.legs:
        market = rules.get(leg.symbol)
        rows.append(
            PlanRow(
                key=f"leg {leg.asset}",
                asset=leg.asset,
                slot=slots.get(leg.asset),
                side=_SIDES[leg.side],
                quantity=leg.quantity,
                step=market.step_size if market is not None else None,
                price=leg.limit_price,
                tick=market.tick_size if market is not None else None,
                value=leg.notional,
                fee=leg_fee(leg, fees),
            )
        )
    rows.extend(
        PlanRow(
            key=f"skipped {leg.asset}",
            asset=leg.asset,
            slot=slots.get(leg.asset),
            side=_SIDES[leg.side],
            value=leg.wanted,
            skipped=skipped_text(leg, quote, numbers),
        )
        for leg in plan.skipped
    )
    if total is None:
        count = len(plan.legs)
        total = TotalWords(
            tr("Total of 1 order") if count == 1 else tr("Total of {count} orders", count=count),
            figures.traded,
            figures.fees,
        )
    rows.append(PlanRow(key=TOTAL, asset=total.text, value=total.value, fee=total.fee))
    return rows


class PlanTable(DataTable):
    """`planTable`: coin, side, quantity, price, value, fee; a skipped leg spans what stands right of its coin."""

    def __init__(self, quote: str, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        self._model: KeyedTableModel[PlanRow] = KeyedTableModel(_columns(quote, numbers), key=lambda row: row.key)
        widths = {
            "coin": fixed(96),
            "side": fixed_for(64, tr("Buy"), tr("Sell")),
            "quantity": stretch(104),
            "price": fixed(112),
            "value": fixed(104),
            "fee": fixed_for(96, tr("Fee, {quote}", quote=quote), beside=8),
        }
        super().__init__(
            "planTable", tr("Orders to be sent"), self._model, widths, row_height=DENSE_ROW_HEIGHT, parent=parent
        )
        self._model.setParent(self)
        self.setItemDelegateForColumn(self._model.column_of("coin"), CoinNameDelegate(self))
        self.setItemDelegateForColumn(self._model.column_of("side"), _SkippedDelegate(self))
        self._least_rows = 0
        make_still(self)

    def set_least_rows(self, count: int) -> None:
        """Room that is kept, so that what stands below does not jump while an amount is typed."""
        self._least_rows = count
        fit_height(self, count)

    def show_rows(self, rows: list[PlanRow]) -> None:
        """Show the rows; the table is as high as they are."""
        before = [(row.key, bool(row.skipped)) for row in self._model.rows]
        self._model.set_rows(rows)
        if [(row.key, bool(row.skipped)) for row in rows] != before:
            self._span(rows)
            fit_height(self, self._least_rows)

    def _span(self, rows: list[PlanRow]) -> None:
        self.clearSpans()
        columns = self._model.columnCount()
        for number, row in enumerate(rows):
            if row.skipped:
                self.setSpan(number, _SPAN_START, 1, columns - _SPAN_START)
            elif row.key == OWN_CASH:
                self.setSpan(number, _SPAN_START, 1, _TOTAL_SPAN - _SPAN_START)
            elif row.key == TOTAL:
                self.setSpan(number, 0, 1, _TOTAL_SPAN)


def _columns(quote: str, numbers: NumberFormat) -> tuple[Column[PlanRow], ...]:
    def coin(row: PlanRow) -> Cell:
        if row.key == TOTAL:
            return Cell(row.asset, raw=row.asset, bold=True, ground=row.ground)
        return coin_cell(row.asset, row.slot, ground=row.ground)

    def side(row: PlanRow) -> Cell:
        if row.skipped:
            text = tr("Skipped {skipped}", skipped=row.skipped)
            return Cell(text, raw=text, tip=text, ink=Ink.WARN, icon="warning", ground=row.ground, payload=row.skipped)
        return Cell(row.side, raw=row.side, ground=row.ground)

    def quantity(row: PlanRow) -> Cell:
        return _cell(row, row.quantity, numbers.quantity(row.quantity, row.step))

    def price(row: PlanRow) -> Cell:
        return _cell(row, row.price, numbers.price(row.price, row.tick))

    def value(row: PlanRow) -> Cell:
        return _cell(row, row.value, numbers.fixed(row.value))

    def fee(row: PlanRow) -> Cell:
        return _cell(row, row.fee, numbers.fixed(row.fee, FEE_PLACES))

    return (
        Column("coin", tr("Coin"), coin),
        Column("side", tr("Side"), side),
        Column("quantity", tr("Quantity"), quantity, align=Align.RIGHT),
        Column("price", tr("Price about"), price, align=Align.RIGHT),
        Column("value", tr("Value, {quote}", quote=quote), value, align=Align.RIGHT),
        Column("fee", tr("Fee, {quote}", quote=quote), fee, align=Align.RIGHT),
    )


def _cell(row: PlanRow, raw: Decimal | None, text: str) -> Cell:
    if raw is None:
        return Cell("", ground=row.ground, export="")
    return Cell(text, raw=raw, bold=row.key == TOTAL, ground=row.ground)


class _SkippedDelegate(CellDelegate):
    """Paints "Skipped" bold before the reason."""

    def paint_content(self, painter: QPainter, rect: QRect, cell: Cell, index: Index, theme: Theme) -> None:
        if not isinstance(cell.payload, str):
            super().paint_content(painter, rect, cell, index, theme)
            return
        top = rect.top() + (rect.height() - ICON_SIZE) // 2
        theme.icon("warning", cell.ink, ICON_SIZE).paint(painter, QRect(rect.left(), top, ICON_SIZE, ICON_SIZE))
        rect = rect.adjusted(ICON_SIZE + ICON_GAP, 0, 0, 0)
        middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font(Size.BODY, Weight.SEMIBOLD))
        painter.setPen(theme.colour(cell.ink))
        painter.drawText(rect, middle, tr("Skipped"))
        rect = rect.adjusted(painter.fontMetrics().horizontalAdvance(tr("Skipped ")) + 4, 0, 0, 0)
        painter.setFont(theme.font())
        painter.setPen(theme.colour(Ink.TEXT))
        text = painter.fontMetrics().elidedText(cell.payload, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, middle, text)


def make_still(table: DataTable) -> None:
    """All rows are shown at once; the dialog scrolls, not the table."""
    table.setSelectionMode(DataTable.SelectionMode.SingleSelection)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    fit_height(table)


def fit_height(table: DataTable, least_rows: int = 0) -> None:
    """As high as its rows."""
    table.setFixedHeight(HEADER_HEIGHT + DENSE_ROW_HEIGHT * max(table.keyed_model.rowCount(), least_rows))
