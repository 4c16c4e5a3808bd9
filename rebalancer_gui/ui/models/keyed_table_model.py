"""A table model over frozen rows with keys: new rows are compared with the old ones, only what differs is announced.

    model = KeyedTableModel(COLUMNS, key=lambda row: row.strategy_id, parent=self)
    model.set_rows(rows)            # 4 times a second at most; selection, scroll and current cell live on

GUI thread only. Rows are frozen values whose `==` compares all that is shown; a row that is equal costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from rebalancer_gui.ui.models.cells import Cell, CellRole, Column
from rebalancer_gui.ui.widgets.tips import plain_tip

RowT = TypeVar("RowT")
_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_VERTICAL_CENTRE = Qt.AlignmentFlag.AlignVCenter


class KeyedTableModel(QAbstractTableModel, Generic[RowT]):
    """Rows in the order in which they were given; every row has a key that no other row has.

    Sorting (a click on a header, where the view allows it) is done once, by raw values, and keeps until the next
    click: a row that changes afterwards stays where it is, new rows come last. `restore_order` undoes it.
    """

    def __init__(
        self, columns: Sequence[Column[RowT]], key: Callable[[RowT], Hashable], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._key = key
        self._keys: list[Hashable] = []
        self._rows: list[RowT] = []
        # The cells of a row, made when somebody first asks; None: nobody has looked yet.
        self._cells: list[tuple[Cell, ...] | None] = []
        self._sorted = False

    # ------------------------------------------------------------------------------------------------ what is in it

    @property
    def columns(self) -> tuple[Column[RowT], ...]:
        return self._columns

    @property
    def rows(self) -> tuple[RowT, ...]:
        """The rows in their present order."""
        return tuple(self._rows)

    def row_at(self, row: int) -> RowT:
        return self._rows[row]

    def key_at(self, row: int) -> Hashable:
        return self._keys[row]

    def row_of(self, key: Hashable) -> int | None:
        """The number of the row with `key`; None when there is none."""
        return self._keys.index(key) if key in self._keys else None

    def column_of(self, column_key: str) -> int:
        """The number of the column `column_key`; raises ValueError for an unknown one."""
        return [column.key for column in self._columns].index(column_key)

    def cell(self, row: int, column: int) -> Cell:
        cells = self._cells[row]
        if cells is None:
            cells = tuple(column.cell(self._rows[row]) for column in self._columns)
            self._cells[row] = cells
        return cells[column]

    # ------------------------------------------------------------------------------------------------- how it changes

    def set_rows(self, rows: Iterable[RowT]) -> None:
        """Show exactly `rows`. Raises ValueError when two have the same key."""
        wanted = list(rows)
        by_key = {self._key(row): row for row in wanted}
        if len(by_key) != len(wanted):
            raise ValueError("two rows of a table have the same key")
        order = [self._key(row) for row in wanted]
        if self._sorted:
            known = [key for key in self._keys if key in by_key]
            have = set(known)
            order = known + [key for key in order if key not in have]
        self._remove_all_but(by_key)
        self._arrange(order, by_key)
        self._update(by_key)

    def reset_rows(self, rows: Iterable[RowT]) -> None:
        """Show other rows altogether, however many: nothing is compared, selection and scroll do not live on."""
        self.beginResetModel()
        self._rows = list(rows)
        self._keys = [self._key(row) for row in self._rows]
        self._cells = [None] * len(self._rows)
        self._sorted = False
        self.endResetModel()

    def set_columns(self, columns: Sequence[Column[RowT]]) -> None:
        """The same columns with other headers or cells; raises ValueError where a key is another one."""
        if [column.key for column in columns] != [column.key for column in self._columns]:
            raise ValueError("the columns of a table keep their keys")
        self._columns = tuple(columns)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns) - 1)
        self.refresh_cells()

    def append_rows(self, rows: Iterable[RowT]) -> None:
        """Add rows at the end, for a history that grows downwards; rows whose key is there already are updated."""
        self._add(rows, at_end=True)

    def prepend_rows(self, rows: Iterable[RowT]) -> None:
        """Add rows at the top in the order given, for a history with the newest first; known keys are updated."""
        self._add(rows, at_end=False)

    def clear(self) -> None:
        self.set_rows(())

    def refresh_cells(self) -> None:
        """Make all cells anew, for a change of what the column functions read beside the row (locale, age)."""
        self._update(dict(zip(self._keys, self._rows, strict=True)), force=True)

    def _add(self, rows: Iterable[RowT], *, at_end: bool) -> None:
        by_key = {self._key(row): row for row in rows}
        have = set(self._keys)
        fresh = [key for key in by_key if key not in have]
        if fresh:
            self._insert(len(self._keys) if at_end else 0, fresh, by_key)
        if len(fresh) < len(by_key):
            self._update({key: row for key, row in by_key.items() if key in have})

    def _remove_all_but(self, by_key: dict[Hashable, RowT]) -> None:
        gone = [i for i, key in enumerate(self._keys) if key not in by_key]
        for _, run in groupby(enumerate(reversed(gone)), key=lambda pair: pair[0] + pair[1]):
            numbers = [number for _, number in run]
            first, last = numbers[-1], numbers[0]
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._keys[first : last + 1], self._rows[first : last + 1], self._cells[first : last + 1]
            self.endRemoveRows()

    def _arrange(self, order: list[Hashable], by_key: dict[Hashable, RowT]) -> None:
        have = set(self._keys)
        at = 0
        while at < len(order):
            key = order[at]
            if at < len(self._keys) and self._keys[at] == key:
                at += 1
            elif key in have:
                self._move(self._keys.index(key, at), at)
                at += 1
            else:
                end = at
                while end < len(order) and order[end] not in have:
                    end += 1
                self._insert(at, order[at:end], by_key)
                at = end

    def _insert(self, at: int, keys: list[Hashable], by_key: dict[Hashable, RowT]) -> None:
        self.beginInsertRows(QModelIndex(), at, at + len(keys) - 1)
        self._keys[at:at] = keys
        self._rows[at:at] = [by_key[key] for key in keys]
        self._cells[at:at] = [None] * len(keys)
        self.endInsertRows()

    def _move(self, source: int, target: int) -> None:
        self.beginMoveRows(QModelIndex(), source, source, QModelIndex(), target)
        self._keys.insert(target, self._keys.pop(source))
        self._rows.insert(target, self._rows.pop(source))
        self._cells.insert(target, self._cells.pop(source))
        self.endMoveRows()

    def _update(self, by_key: dict[Hashable, RowT], *, force: bool = False) -> None:
        for number, key in enumerate(self._keys):
            if key not in by_key:
                continue
            row = by_key[key]
            if not force and row == self._rows[number]:
                continue
            self._rows[number] = row
            before, self._cells[number] = self._cells[number], None
            self._announce(number, before)

    def _announce(self, number: int, before: tuple[Cell, ...] | None) -> None:
        changed = [i for i in range(len(self._columns)) if before is None or before[i] != self.cell(number, i)]
        for _, run in groupby(enumerate(changed), key=lambda pair: pair[1] - pair[0]):
            columns = [column for _, column in run]
            self.dataChanged.emit(self.index(number, columns[0]), self.index(number, columns[-1]))

    # -------------------------------------------------------------------------------------------------------- sorting

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows once by the raw values of `column`; missing values last. Column -1 restores the order."""
        if column < 0:
            self.restore_order()
            return
        known = [i for i in range(len(self._rows)) if self.cell(i, column).raw is not None]
        unknown = [i for i in range(len(self._rows)) if self.cell(i, column).raw is None]
        known.sort(key=lambda i: _sort_key(self.cell(i, column).raw), reverse=order == Qt.SortOrder.DescendingOrder)
        self._sorted = True
        self._permute(known + unknown)

    def restore_order(self) -> None:
        """From the next `set_rows` on, rows stand in the order in which they are given again."""
        self._sorted = False

    def _permute(self, order: list[int]) -> None:
        if order == list(range(len(order))):
            return
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        place = {source: target for target, source in enumerate(order)}
        self._keys = [self._keys[i] for i in order]
        self._rows = [self._rows[i] for i in order]
        self._cells = [self._cells[i] for i in order]
        self.changePersistentIndexList(old, [self.index(place[index.row()], index.column()) for index in old])
        self.layoutChanged.emit()

    # ------------------------------------------------------------------------------------------------- Qt's questions

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        cell = self.cell(index.row(), index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case CellRole.CELL:
                return cell
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._columns[index.column()].align.value | _VERTICAL_CENTRE
            case Qt.ItemDataRole.ToolTipRole:
                return cell.tip
            case Qt.ItemDataRole.AccessibleTextRole:
                return cell.text if cell.spoken is None else cell.spoken
            case CellRole.RAW:
                return cell.raw
            case CellRole.KEY:
                return self._keys[index.row()]
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.header
            case Qt.ItemDataRole.TextAlignmentRole:
                return column.align.value | _VERTICAL_CENTRE
            case Qt.ItemDataRole.ToolTipRole:
                return column.header_tip or plain_tip(column.explained) or column.header
            case Qt.ItemDataRole.AccessibleTextRole:
                return column.header_spoken or column.header
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return column.explained or None
            case _:
                return None


def _sort_key(raw: object) -> tuple[int, object]:
    """Numbers by size, times by time, all else by its text without regard to case; kinds do not mix."""
    match raw:
        case bool():
            return 0, int(raw)
        case int() | Decimal():
            return 1, raw
        case datetime():
            return 2, raw
        case _:
            return 3, str(raw).casefold()
