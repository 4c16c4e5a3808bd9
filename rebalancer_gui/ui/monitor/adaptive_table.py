"""A table that lets its less important columns go where the room is short; the header's context menu brings them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.widgets.tables import ROW_HEIGHT, DataTable, Width

NARROW = 760
"""Pixels: the left side is narrower than this at 1024 x 700, wider at 1280 x 800."""


class AdaptiveTable(DataTable):
    """``first_to_go`` are hidden under ``NARROW`` pixels; a column that was shown or hidden by hand stays so."""

    def __init__(
        self,
        object_name: str,
        accessible_name: str,
        model: KeyedTableModel[Any],
        widths: Mapping[str, Width],
        first_to_go: Sequence[str],
        *,
        row_height: int = ROW_HEIGHT,
        many: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(object_name, accessible_name, model, widths, row_height=row_height, many=many, parent=parent)
        self._first_to_go = tuple(first_to_go)
        self._by_hand: set[str] = set()

    def show_column(self, column_key: str, *, shown: bool) -> None:
        self._by_hand.add(column_key)
        super().show_column(column_key, shown=shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        narrow = event.size().width() < NARROW
        for key in self._first_to_go:
            column = self.keyed_model.column_of(key)
            if key not in self._by_hand and self.isColumnHidden(column) != narrow:
                self.setColumnHidden(column, narrow)
        super().resizeEvent(event)
