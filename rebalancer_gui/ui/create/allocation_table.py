"""The table of coins in the Manual form: each row has its weight field, its lock and its remove button.

GUI thread only. The fields show what the draft says, but never write over what is being typed: a text that reads as the
draft's weight, or as no weight at all, is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStyleOptionViewItem, QToolButton, QWidget

from rebalancer_gui.domain.money import HUNDRED, ZERO
from rebalancer_gui.domain.strategy import WEIGHT_GRID
from rebalancer_gui.ui.fonts import Size
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.allocation_model import AllocationModel, AllocationRow
from rebalancer_gui.ui.theme import current_theme, set_icon
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.buttons import tool_button
from rebalancer_gui.ui.widgets.cell_delegate import CellDelegate, Index, cell_of
from rebalancer_gui.ui.widgets.coin_chips import CoinNameDelegate
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.tables import ROW_HEIGHT, DataTable, fixed, stretch

WEIGHT_LIMITS = Limits(minimum=ZERO, maximum=HUNDRED, grid=WEIGHT_GRID)
_WEIGHT_WIDTH = 88
_BUTTON_WIDTH = 24
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


@dataclass(frozen=True, slots=True)
class RowControls:
    """The widgets of one row."""

    weight: DecimalEdit
    lock: QToolButton
    remove: QToolButton


class AllocationTable(DataTable):
    """Signals carry the asset; `weightEdited` also the weight, None where the text is no weight."""

    weightEdited = Signal(str, object)
    lockToggled = Signal(str, bool)
    removePressed = Signal(str)
    weightProblem = Signal(str, str)
    """Asset and what is wrong with its text, empty when it reads."""

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        self._numbers = numbers
        self._model = AllocationModel(numbers)
        widths = {
            "coin": stretch(_COIN_WIDTH),
            "minimum": fixed(64),
            "amount": fixed(92),
            "lock": fixed(_BUTTON_WIDTH + _GAP // 2),
            "weight": fixed(_WEIGHT_WIDTH),
            "remove": fixed(_BUTTON_WIDTH),
        }
        super().__init__("allocationTable", "Coins and weights", self._model, widths, parent=parent)
        self._model.setParent(self)
        self._controls: dict[str, RowControls] = {}
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
        self._model.rowsInserted.connect(self._rows_inserted)
        self._model.rowsRemoved.connect(self._rows_removed)
        self._model.weightTyped.connect(self.weightEdited)
        self.setFixedHeight(0)

    def controls(self, asset: str) -> RowControls:
        """The widgets of a coin's row; KeyError when it is not in the table."""
        return self._controls[asset]

    @property
    def rows(self) -> tuple[AllocationRow, ...]:
        return self._rows

    def focus_order(self) -> list[QWidget]:
        """The controls in the order in which the Tab key visits them."""
        order: list[QWidget] = []
        for row in self._model.rows:
            controls = self._controls[row.asset]
            order += [controls.lock, controls.weight, controls.remove]
        return order

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
        for row in self._rows:
            self._sync(row)

    def _fit_columns(self) -> tuple[bool, bool]:
        """Numbers are never cut: where the room is short the unit goes first, then the smallest order."""
        body = QFontMetrics(current_theme().font())
        small = QFontMetrics(current_theme().font(Size.SMALL))
        amounts = [self._numbers.money(row.amount) for row in self._rows if row.amount is not None]
        amount = max((body.horizontalAdvance(text) for text in amounts), default=0) + _GAP
        unit = max((body.horizontalAdvance(f" {row.quote}") for row in self._rows), default=0)
        minimums = [f"min. {self._numbers.fixed(row.minimum)}" for row in self._rows if row.minimum is not None]
        minimum = max((small.horizontalAdvance(text) for text in minimums), default=0) + _GAP
        name = max((body.horizontalAdvance(row.asset) for row in self._rows), default=0)
        room = self.viewport().width() - max(_COIN_WIDTH, name + 28) - _WEIGHT_WIDTH - 2 * _BUTTON_WIDTH - _GAP // 2
        with_unit = amount + unit + minimum <= room
        with_minimum = amount + minimum <= room
        self.setColumnWidth(self._model.column_of("amount"), amount + (unit if with_unit else 0))
        self.setColumnWidth(self._model.column_of("minimum"), minimum)
        return with_unit, with_minimum

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._fill()

    # ------------------------------------------------------------------------------------------------ controls of a row

    def _rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        for number in range(first, last + 1):
            row = self._model.row_at(number)
            controls = self._make_controls(row.asset)
            self._controls[row.asset] = controls
            self._put(number, "weight", controls.weight, _GAP // 2)
            self._put(number, "lock", controls.lock, 0)
            self._put(number, "remove", controls.remove, 0)

    def _rows_removed(self) -> None:
        left = {row.asset for row in self._model.rows}
        self._controls = {asset: controls for asset, controls in self._controls.items() if asset in left}

    def _put(self, number: int, column: str, widget: QWidget, right: int) -> None:
        holder = QWidget()
        box = QHBoxLayout(holder)
        box.setContentsMargins(0, 2, right, 2)
        box.addWidget(widget)
        self.setIndexWidget(self._model.index(number, self._model.column_of(column)), holder)

    def _make_controls(self, asset: str) -> RowControls:
        weight = DecimalEdit(
            f"weightEdit{asset}",
            f"Weight of {asset} in percent",
            unit="%",
            places=2,
            limits=WEIGHT_LIMITS,
            numbers=self._numbers,
        )
        lock = tool_button("unlock", f"lockButton{asset}", f"Lock the weight of {asset}")
        lock.setCheckable(True)
        remove = tool_button("close", f"removeCoinButton{asset}", f"Take {asset} out")
        weight.valueChanged.connect(lambda value: self._weight_changed(asset, value))
        weight.problemChanged.connect(lambda problem: self.weightProblem.emit(asset, problem or ""))
        lock.toggled.connect(lambda locked: self._lock_changed(asset, locked))
        remove.clicked.connect(lambda: self.removePressed.emit(asset))
        return RowControls(weight, lock, remove)

    def _weight_changed(self, asset: str, weight: Decimal | None) -> None:
        shown = next((row.weight for row in self._rows if row.asset == asset), None)
        if weight != shown:
            self.weightEdited.emit(asset, weight)

    def _lock_changed(self, asset: str, locked: bool) -> None:
        self._show_lock(asset, locked=locked)
        if any(row.asset == asset and row.locked != locked for row in self._rows):
            self.lockToggled.emit(asset, locked)

    def _show_lock(self, asset: str, *, locked: bool) -> None:
        button = self._controls[asset].lock
        set_icon(button, "lock" if locked else "unlock", Ink.ACCENT if locked else Ink.TEXT3)
        button.setToolTip(
            f"{asset} keeps its weight when weights are shared out. Press to release it."
            if locked
            else f"Keep the weight of {asset} when weights are shared out."
        )

    def _sync(self, row: AllocationRow) -> None:
        controls = self._controls[row.asset]
        if row.weight is not None and controls.weight.value() != row.weight:
            controls.weight.set_value(row.weight)
        controls.weight.set_outside_problem(row.note or None)
        if controls.lock.isChecked() != row.locked:
            controls.lock.setChecked(row.locked)
        self._show_lock(row.asset, locked=row.locked)
