"""The map of rules as a table: a row a threshold, a column an interval, then by coin ratio. GUI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from rebalancer_gui.backtest.sweep import Cell
from rebalancer_gui.domain.strategy import THRESHOLDS
from rebalancer_gui.ui.backtest.sweep_figures import Figure, Scale, decimal_of, figure_of, never_traded, scale_of
from rebalancer_gui.ui.backtest.work import COLUMNS, CellKey
from rebalancer_gui.ui.create.durations import duration_text
from rebalancer_gui.ui.formatting import MISSING, NumberFormat, places_of, plain_ascii
from rebalancer_gui.ui.models.cells import CellRole
from rebalancer_gui.ui.translation import tr

BY_RATIO = tr("ratio")
_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


@dataclass(frozen=True, slots=True)
class MapCell:
    """One cell as the delegate paints it; ``cell`` None: not there yet. ``own``: the rule that is tested."""

    text: str
    cell: Cell | None
    scale: Scale
    own: bool


class SweepModel(QAbstractTableModel):
    """Columns come one by one; choosing another figure keeps them."""

    def __init__(self, numbers: NumberFormat, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._cells: dict[CellKey, Cell] = {}
        self._figure = Figure.VERSUS
        self._hodl_drawdown = 0.0
        self._years = 1.0
        self._scale = scale_of((), self._figure)
        self.own: CellKey | None = None

    @property
    def cells(self) -> Mapping[CellKey, Cell]:
        return self._cells

    @property
    def figure(self) -> Figure:
        return self._figure

    @property
    def scale(self) -> Scale:
        return self._scale

    # ------------------------------------------------------------------------------------------------ what is in it

    def begin(self, own: CellKey | None, hodl_drawdown: float, lasted: timedelta) -> None:
        """Nothing yet of a new map. ``hodl_drawdown`` in percent (<= 0)."""
        self._cells.clear()
        self.own, self._hodl_drawdown = own, hodl_drawdown
        self._years = max(lasted / timedelta(days=365), 1e-9)
        self._changed()

    def add(self, cells: Mapping[CellKey, Cell]) -> None:
        """More of it."""
        self._cells.update(cells)
        self._changed()

    def show_figure(self, figure: Figure) -> None:
        if figure is not self._figure:
            self._figure = figure
            self._changed()

    def _changed(self) -> None:
        self._scale = scale_of(self._cells.values(), self._figure, self._hodl_drawdown)
        self.dataChanged.emit(self.index(0, 0), self.index(len(THRESHOLDS) - 1, len(COLUMNS) - 1))

    def key_at(self, row: int, column: int) -> CellKey:
        return THRESHOLDS[row], COLUMNS[column]

    def index_of(self, key: CellKey) -> QModelIndex:
        return self.index(THRESHOLDS.index(key[0]), COLUMNS.index(key[1]))

    def to_tsv(self) -> str:
        """The whole map with its headers, plain numbers."""
        columns = range(self.columnCount())
        lines = [["", *(self._header(i) for i in columns)]]
        for row, threshold in enumerate(THRESHOLDS):
            lines.append([plain_ascii(threshold), *(self._exported(row, i) for i in columns)])
        return "\n".join("\t".join(line) for line in lines)

    def _exported(self, row: int, column: int) -> str:
        cell = self._cells.get(self.key_at(row, column))
        return "" if cell is None else plain_ascii(decimal_of(figure_of(cell, self._figure)), 6)

    # ------------------------------------------------------------------------------------------------ Qt's questions

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(THRESHOLDS)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        key = self.key_at(index.row(), index.column())
        cell = self._cells.get(key)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return MISSING if cell is None else self._scale.text(cell, self._numbers)
            case CellRole.CELL:
                text = MISSING if cell is None else self._scale.text(cell, self._numbers)
                return MapCell(text, cell, self._scale, key == self.own)
            case CellRole.KEY:
                return key
            case CellRole.RAW:
                return None if cell is None else figure_of(cell, self._figure)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(key, cell)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(key, cell)
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        across = orientation == Qt.Orientation.Horizontal
        if role == Qt.ItemDataRole.DisplayRole:
            return self._header(section) if across else self._limit(THRESHOLDS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignHCenter if across else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole and across:
            interval = COLUMNS[section]
            if interval is None:
                return tr("By coin ratio: looked at on every candle.")
            return tr("By time: looked at every {interval}.", interval=duration_text(interval))
        return None

    def _header(self, column: int) -> str:
        interval = COLUMNS[column]
        return BY_RATIO if interval is None else duration_text(interval)

    def _limit(self, threshold: Decimal) -> str:
        return self._numbers.percent(threshold, places_of(threshold))

    def name_of(self, key: CellKey) -> str:
        """``5 %, every 30 min``; ``5 %, by coin ratio``."""
        how = tr("by coin ratio") if key[1] is None else tr("every {key}", key=duration_text(key[1]))
        return f"{self._limit(key[0])}, {how}"

    def _tip(self, key: CellKey, cell: Cell | None) -> str:
        if cell is None:
            return tr("{name}: not worked out yet.", name=self.name_of(key))
        numbers = self._numbers
        yearly = numbers.fixed(decimal_of(cell.rebalances / self._years), 1)
        fees = numbers.fixed(decimal_of(cell.fees / self._years), 2)
        drag = f" = {numbers.percent(decimal_of(cell.fee_drag))}" if cell.fee_drag is not None else ""
        versus = numbers.signed(decimal_of(figure_of(cell, Figure.VERSUS)), 2)
        unit = tr("pp a year") if cell.versus_hodl_a_year is not None else tr("% over the whole test")
        lines = [
            self.name_of(key),
            tr("{yearly} rebalances a year, fees {fees}{drag} a year", yearly=yearly, fees=fees, drag=drag),
            tr(
                "{versus} {unit} vs HODL, worst drawdown {decimal}",
                versus=versus,
                unit=unit,
                decimal=numbers.signed(decimal_of(-cell.max_drawdown), 1, "%"),
            ),
        ]
        if cell.blocked:
            lines.append(tr("{blocked} times it triggered and every order was below the minimum", blocked=cell.blocked))
        elif never_traded(cell):
            lines.append(tr("Never rebalanced: no drift was above it when it looked"))
        return "\n".join(lines)

    def _spoken(self, key: CellKey, cell: Cell | None) -> str:
        if cell is None:
            return tr("{name}: not worked out yet", name=self.name_of(key))
        own = tr(", your rule") if key == self.own else ""
        if never_traded(cell):
            return tr("{name}{own}: never rebalanced", name=self.name_of(key), own=own)
        unit = {Figure.VERSUS: tr("points against HODL"), Figure.TRADES: tr("rebalances")}.get(
            self._figure, tr("percent")
        )
        value = decimal_of(figure_of(cell, self._figure))
        signed = self._figure is Figure.VERSUS
        return f"{self.name_of(key)}{own}: {self._numbers.spoken(value, self._scale.places, unit, signed=signed)}"
