"""A table model over a list of any length, of which only the pages near what is on screen are in memory. GUI thread only.

Either it is known how many rows there are (``total``): then the scroll bar tells the truth and any page can be put in. Or it is
not, because the rows have to be searched for: then the list grows at its end.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.ui.models.cells import Cell, CellRole, Column, missing_cell
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.translation import tr

PAGE = 200
KEPT_PAGES = 40
"""So many pages stay in memory: those that were looked at last."""
_COMES = missing_cell(tr("this row is being read"))
_NO_PARENT = QModelIndex()


class RecordsModel(KeyedTableModel[Any]):
    """Rows are keyed by their number in the store; a row that is not read yet by its place, as ``("place", n)``."""

    def __init__(self, columns: Sequence[Column[Any]], parent: QObject | None = None) -> None:
        super().__init__(columns, key=lambda row: row.key, parent=parent)
        self._total: int | None = 0
        self._pages: OrderedDict[int, Sequence[Any]] = OrderedDict()
        self._made: dict[int, tuple[Cell, ...]] = {}

    def begin(self, total: int | None) -> None:
        """Another list: of ``total`` rows, or (None) of as many as will be appended."""
        self.beginResetModel()
        self._total = total
        self._pages.clear()
        self._made.clear()
        self.endResetModel()

    def put_page(self, number: int, rows: Sequence[Any]) -> None:
        """The rows of a page of a list whose length is known. Rows that are longer in the list than there are stay empty."""
        self._pages[number] = rows
        self._pages.move_to_end(number)
        while len(self._pages) > KEPT_PAGES:
            gone, _ = self._pages.popitem(last=False)
            self._forget(gone)
        self._forget(number)
        first = number * PAGE
        last = min(first + PAGE, self.rowCount()) - 1
        if last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, self.columnCount() - 1))

    def append_found(self, rows: Sequence[Any]) -> None:
        """More rows of a list whose length is not known."""
        if not rows:
            return
        have = self.rowCount()
        self.beginInsertRows(QModelIndex(), have, have + len(rows) - 1)
        number, at = divmod(have, PAGE)
        left = list(rows)
        while left:
            present = self._pages.get(number, ())
            self._pages[number] = (*present, *left[: PAGE - at])
            left, number, at = left[PAGE - at :], number + 1, 0
        self.endInsertRows()

    def has_page(self, number: int) -> bool:
        """Whether its rows are in memory; a page that is looked at stays there longer."""
        if number in self._pages:
            self._pages.move_to_end(number)
            return True
        return False

    def page_rows(self, number: int) -> Sequence[Any]:
        """The rows of a page in memory; () of another."""
        return self._pages.get(number, ())

    def _forget(self, number: int) -> None:
        for row in range(number * PAGE, number * PAGE + PAGE):
            self._made.pop(row, None)

    # ------------------------------------------------------------------------------------- what the table asks its model

    @property
    def rows(self) -> tuple[Any, ...]:
        """Those in memory, in their order."""
        return tuple(row for number in sorted(self._pages) for row in self._pages[number])

    def row_at(self, row: int) -> Any:  # noqa: ANN401 - a row of the list's own kind
        """None while it is not read."""
        page = self._pages.get(row // PAGE, ())
        return page[row % PAGE] if row % PAGE < len(page) else None

    def key_at(self, row: int) -> Hashable:
        found = self.row_at(row)
        return found.key if found is not None else ("place", row)

    def row_of(self, key: Hashable) -> int | None:
        for number, page in self._pages.items():
            for place, row in enumerate(page):
                if row.key == key:
                    return number * PAGE + place
        return None

    def cell(self, row: int, column: int) -> Cell:
        cells = self._made.get(row)
        if cells is None:
            try:
                found = self.row_at(row)
            except EnvironmentProblem as problem:
                return missing_cell(problem.message)
            if found is None:
                return _COMES
            cells = self._made[row] = tuple(one.cell(found) for one in self._columns)
        return cells[column]

    def refresh_cells(self) -> None:
        self._made.clear()
        if self.rowCount():
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_PARENT) -> int:
        if parent.isValid():
            return 0
        if self._total is not None:
            return self._total
        last = max(self._pages, default=-1)
        return last * PAGE + len(self._pages[last]) if last >= 0 else 0

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:

        if role == CellRole.KEY and index.isValid():
            return self.key_at(index.row())
        return super().data(index, role)
