"""The table of coins in the Manual form. GUI thread only.

The controls of each row lie over its last columns (`AllocationControls`); what they show is in the model too, for
readers and for copying.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from rebalancer_gui.ui.fonts import Size
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.allocation_model import AllocationModel, AllocationRow
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.cell_delegate import CellDelegate, Index, cell_of
from rebalancer_gui.ui.widgets.coin_chips import CoinNameDelegate
from rebalancer_gui.ui.widgets.tables import ROW_HEIGHT, DataTable, fixed, stretch

LOCK_WIDTH, WEIGHT_WIDTH, REMOVE_WIDTH = 28, 88, 24
_COIN_WIDTH = 56
_GAP = 8


class _FlatDelegate(CellDelegate):
    """Text without ground, line and end padding: the row stands in a form."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        self.paint_content(painter, option.rect, cell_of(index), index, current_theme())
        painter.restore()


class _BareDelegate(CellDelegate):
    """Nothing: a control stands in the cell, what it shows is in the model for readers and for copying."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        return


class _FlatCoinDelegate(CoinNameDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        self.paint_content(painter, option.rect.adjusted(0, 0, -4, 0), cell_of(index), index, current_theme())
        painter.restore()


class AllocationTable(DataTable):
    """Coin, smallest order, amount; `weightTyped(asset, Decimal)` where a weight was set through the model."""

    weightTyped = Signal(str, object)

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        self._numbers = numbers
        self._model = AllocationModel(numbers)
        widths = {
            "coin": stretch(_COIN_WIDTH),
            "minimum": fixed(64),
            "amount": fixed(92),
            "lock": fixed(LOCK_WIDTH),
            "weight": fixed(WEIGHT_WIDTH),
            "remove": fixed(REMOVE_WIDTH),
        }
        super().__init__("allocationTable", tr("Coins and weights"), self._model, widths, parent=parent)
        self._model.setParent(self)
        self._rows: tuple[AllocationRow, ...] = ()
        self.horizontalHeader().hide()
        self.setItemDelegate(_FlatDelegate(self))
        self.setItemDelegateForColumn(self._model.column_of("coin"), _FlatCoinDelegate(self))
        bare = _BareDelegate(self)
        for column in ("lock", "weight", "remove"):
            self.setItemDelegateForColumn(self._model.column_of(column), bare)
        self.setSelectionMode(DataTable.SelectionMode.NoSelection)
        # What can be done in a row is done in its own controls, which the Tab key visits.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model.weightTyped.connect(self.weightTyped)
        self.setFixedHeight(0)

    def show_rows(self, rows: tuple[AllocationRow, ...]) -> None:
        """Show exactly these coins."""
        if rows == self._rows:
            return
        self._rows = rows
        self._fill()

    def _fill(self) -> None:
        with_unit, with_minimum = self._fit_columns()
        self.show_column("minimum", shown=with_minimum)
        self._model.set_rows(replace(row, with_unit=with_unit) for row in self._rows)
        self.setFixedHeight(ROW_HEIGHT * len(self._rows))

    def _fit_columns(self) -> tuple[bool, bool]:
        """Numbers are never cut: where the room is short the unit goes first, then the smallest order."""
        body = QFontMetrics(current_theme().font())
        small = QFontMetrics(current_theme().font(Size.SMALL))
        amounts = [self._numbers.money(row.amount) for row in self._rows if row.amount is not None]
        amount = max((body.horizontalAdvance(text) for text in amounts), default=0) + _GAP
        unit = max((body.horizontalAdvance(f" {row.quote}") for row in self._rows), default=0)
        minimums = [
            tr("min. {minimum}", minimum=self._numbers.fixed(row.minimum))
            for row in self._rows
            if row.minimum is not None
        ]
        minimum = max((small.horizontalAdvance(text) for text in minimums), default=0) + _GAP
        name = max((body.horizontalAdvance(row.asset) for row in self._rows), default=0)
        room = self.viewport().width() - max(_COIN_WIDTH, name + 28) - LOCK_WIDTH - WEIGHT_WIDTH - REMOVE_WIDTH
        with_unit = amount + unit + minimum <= room
        with_minimum = amount + minimum <= room
        self.setColumnWidth(self._model.column_of("amount"), amount + (unit if with_unit else 0))
        self.setColumnWidth(self._model.column_of("minimum"), minimum)
        return with_unit, with_minimum

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._fill()
