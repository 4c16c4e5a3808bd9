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
    """``first_to_go`` are hidden one after the other, in their order, until the widths of the others fit. A column that
    was shown or hidden by hand stays so.
    """

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
        self._widths = dict(widths)
        self._first_to_go = tuple(first_to_go)
        self._by_hand: set[str] = set()
        self._left_out: set[str] = set()

    def show_column(self, column_key: str, *, shown: bool) -> None:
        self._by_hand.add(column_key)
        super().show_column(column_key, shown=shown)
        self._give_way()

    def leave_out(self, column_key: str, *, out: bool) -> None:
        """A column that has nothing to tell at the moment takes no room."""
        (self._left_out.add if out else self._left_out.discard)(column_key)
        self.setColumnHidden(self.keyed_model.column_of(column_key), out)
        self._give_way()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._give_way()
        super().resizeEvent(event)

    def _give_way(self) -> None:
        keys = [column.key for column in self.keyed_model.columns]
        free = [key for key in self._first_to_go if key not in self._by_hand and key not in self._left_out]
        fixed = [key for key in keys if key not in free and not self.isColumnHidden(keys.index(key))]
        wanted = sum(self._widths[key].pixels for key in (*fixed, *free))
        room = self.viewport().width()
        for key in free:
            gone = wanted > room
            if gone:
                wanted -= self._widths[key].pixels
            if self.isColumnHidden(keys.index(key)) != gone:
                self.setColumnHidden(keys.index(key), gone)
