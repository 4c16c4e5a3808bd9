"""Rows of a table that stay in sight under those that scroll: totals. GUI thread only.

    total = PinnedRows("strategiesTotal", "Total of the strategies", table, lambda row: isinstance(row, TotalRow))
    layout.addWidget(table, 1)
    layout.addWidget(total)

The model keeps all rows, so copying and exporting have them; each of the two views hides what the other shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from rebalancer_gui.ui.widgets.tables import ROW_HEIGHT, DataTable

_LINE = 1
"""Pixels of the line above."""


class PinnedRows(QTableView):
    """As high as its rows, with the columns of `table`; hidden while no row is pinned. `pinned` judges a row's value."""

    def __init__(
        self,
        object_name: str,
        accessible_name: str,
        table: DataTable,
        pinned: Callable[[Any], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setProperty("role", "pinned")
        self._table, self._pinned = table, pinned
        self._keyed = model = table.keyed_model
        self.setModel(model)
        self.setItemDelegate(table.itemDelegate())
        for column in range(model.columnCount()):
            own = table.itemDelegateForColumn(column)
            if own is not None:
                self.setItemDelegateForColumn(column, own)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        # There is nothing to choose in it: the keyboard stays in the rows above.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().hide()
        self.horizontalHeader().setMinimumSectionSize(0)
        vertical = self.verticalHeader()
        vertical.hide()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(ROW_HEIGHT)
        table.horizontalHeader().sectionResized.connect(self._resize_column)
        table.horizontalScrollBar().valueChanged.connect(self.horizontalScrollBar().setValue)
        for changed in (
            model.rowsInserted,
            model.rowsRemoved,
            model.rowsMoved,
            model.layoutChanged,
            model.modelReset,
        ):
            changed.connect(self._arrange)
        for column in range(model.columnCount()):
            self._resize_column(column, 0, table.columnWidth(column))
        self._arrange()

    def widen_for(self, column: int, pixels: int) -> None:
        """A number here would be cut: the column is the table's."""
        self._table.widen_for(column, pixels)

    def _resize_column(self, column: int, _before: int, after: int) -> None:
        self.setColumnHidden(column, after == 0)
        if after:
            self.setColumnWidth(column, after)

    def _arrange(self) -> None:
        count = 0
        for row in range(self._keyed.rowCount()):
            pinned = self._pinned(self._keyed.row_at(row))
            count += pinned
            if self._table.isRowHidden(row) != pinned:
                self._table.setRowHidden(row, pinned)
            if self.isRowHidden(row) == pinned:
                self.setRowHidden(row, not pinned)
        self.setFixedHeight(count * ROW_HEIGHT + _LINE)
        self.setVisible(count > 0)
