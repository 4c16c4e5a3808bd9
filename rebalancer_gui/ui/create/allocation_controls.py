"""What can be done in each row of the coins: lock, weight, remove. Lies over the table's last columns. GUI thread only.

They stand beside the table and not in its cells, because what stands in a cell is not found by a screen reader that
walks through the window. The fields show what the draft says, but never write over what is being typed: a text that
reads as the draft's weight, or as no weight at all, is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from rebalancer_gui.domain.money import HUNDRED, ZERO
from rebalancer_gui.domain.strategy import WEIGHT_GRID
from rebalancer_gui.ui.create.allocation_table import LOCK_WIDTH, REMOVE_WIDTH, WEIGHT_WIDTH
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.allocation_model import AllocationRow
from rebalancer_gui.ui.theme import set_icon
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import tool_button
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.tables import ROW_HEIGHT

WEIGHT_LIMITS = Limits(minimum=ZERO, maximum=HUNDRED, grid=WEIGHT_GRID)
_GAP = 4


@dataclass(frozen=True, slots=True)
class RowControls:
    """The widgets of one row."""

    holder: QWidget
    weight: DecimalEdit
    lock: QToolButton
    remove: QToolButton


class AllocationControls(QWidget):
    """Signals carry the asset; `weightEdited` also the weight, None where the text is no weight."""

    weightEdited = Signal(str, object)
    weightProblem = Signal(str, str)
    """Asset and what is wrong with its text, empty when it reads."""
    lockToggled = Signal(str, bool)
    removePressed = Signal(str)

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._rows: tuple[AllocationRow, ...] = ()
        self._controls: dict[str, RowControls] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.setFixedWidth(LOCK_WIDTH + WEIGHT_WIDTH + REMOVE_WIDTH)

    def controls(self, asset: str) -> RowControls:
        """The widgets of a coin's row; KeyError when it is not there."""
        return self._controls[asset]

    def focus_order(self) -> list[QWidget]:
        """The controls in the order in which the Tab key visits them."""
        order: list[QWidget] = []
        for row in self._rows:
            controls = self._controls[row.asset]
            order += [controls.lock, controls.weight, controls.remove]
        return order

    def show_rows(self, rows: Sequence[AllocationRow]) -> None:
        """Show the controls of exactly these coins, in this order."""
        before = [row.asset for row in self._rows]
        self._rows = tuple(rows)
        if [row.asset for row in rows] != before:
            self._arrange()
        for row in rows:
            self._sync(row)

    def _arrange(self) -> None:
        wanted = [row.asset for row in self._rows]
        for asset in [asset for asset in self._controls if asset not in wanted]:
            holder = self._controls.pop(asset).holder
            self._column.removeWidget(holder)
            holder.hide()
            holder.deleteLater()
        for number, asset in enumerate(wanted):
            if asset not in self._controls:
                self._controls[asset] = self._make_controls(asset)
            self._column.insertWidget(number, self._controls[asset].holder)

    def _make_controls(self, asset: str) -> RowControls:
        weight = DecimalEdit(
            f"weightEdit{asset}",
            tr("Weight of {asset} in percent", asset=asset),
            unit="%",
            places=2,
            limits=WEIGHT_LIMITS,
            numbers=self._numbers,
        )
        lock = tool_button("unlock", f"lockButton{asset}", tr("Lock the weight of {asset}", asset=asset))
        lock.setCheckable(True)
        remove = tool_button("close", f"removeCoinButton{asset}", tr("Take {asset} out", asset=asset))
        weight.setFixedWidth(WEIGHT_WIDTH - _GAP)
        weight.valueChanged.connect(lambda value: self._weight_changed(asset, value))
        weight.problemChanged.connect(lambda problem: self.weightProblem.emit(asset, problem or ""))
        lock.toggled.connect(lambda locked: self._lock_changed(asset, locked))
        remove.clicked.connect(lambda: self.removePressed.emit(asset))
        holder = QWidget()
        holder.setFixedHeight(ROW_HEIGHT)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(_GAP)
        for widget in (lock, weight, remove):
            row.addWidget(widget)
        return RowControls(holder, weight, lock, remove)

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
            tr("{asset} keeps its weight when weights are shared out. Press to release it.", asset=asset)
            if locked
            else tr("Keep the weight of {asset} when weights are shared out.", asset=asset)
        )

    def _sync(self, row: AllocationRow) -> None:
        controls = self._controls[row.asset]
        if row.weight is not None and controls.weight.value() != row.weight:
            controls.weight.set_value(row.weight)
        controls.weight.set_outside_problem(row.note or None)
        if controls.lock.isChecked() != row.locked:
            controls.lock.setChecked(row.locked)
        self._show_lock(row.asset, locked=row.locked)
