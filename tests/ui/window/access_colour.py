"""What a screen says by colour, and whether it says the same without: for the walk through all screens.

A text in the colour of a gain, a loss or a warning has a sign, a word or an icon; so has a cell of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel
from PySide6.QtWidgets import QAbstractItemView, QLabel, QWidget

from rebalancer_gui.ui.models.cells import Cell, CellRole
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.labels import IconLabel, TextLabel

TELLING = {Ink.GAIN.value, Ink.LOSS.value, Ink.WARN.value}
_UNITS = re.compile(r"\b(?:USDT|USDC|BTC|ETH|BNB|pp|h|d|s)\b")
_SAYS = re.compile(r"^[+\u2212\u2013-]|[^\W\d_]{2,}")
_SPAN = re.compile(r"<span style=\"color:[^\"]*\">([^<]*)</span>|<[^>]*>")
_ROWS = 60


def by_colour_alone(root: QWidget) -> Iterator[str]:
    """Texts and cells of this screen in such a colour that are numbers without a sign, a word or an icon."""
    for label in root.findChildren(TextLabel):
        ink = str(label.property("ink"))
        if label.isVisible() and label.window() is root and ink in TELLING and not _is_said(label.text(), label):
            yield f"{type(label).__name__} {label.objectName()} {label.text()!r} is {ink}"
    for view in root.findChildren(QAbstractItemView):
        if view.isVisible() and view.window() is root:
            yield from (f"{view.objectName()}: {wrong}" for wrong in _cells(view.model()))


def _cells(model: QAbstractItemModel | None) -> Iterator[str]:
    if not isinstance(model, KeyedTableModel):
        return
    for row in range(min(model.rowCount(), _ROWS)):
        for column in range(model.columnCount()):
            cell = model.index(row, column).data(CellRole.CELL)
            if isinstance(cell, Cell) and cell.ink.value in TELLING and not _is_marked(cell):
                yield f"row {row}, column {column}: {cell.text!r} is {cell.ink.value}"


def _is_marked(cell: Cell) -> bool:
    return bool(cell.icon) or cell.bold or _says(cell.text)


def _is_said(text: str, label: QLabel) -> bool:
    beside = label.parentWidget()
    icons = beside.findChildren(IconLabel) if beside is not None else []
    return not text.strip() or _says(text) or any(icon.isVisible() for icon in icons)


def _says(text: str) -> bool:
    return _SAYS.search(_UNITS.sub("", _SPAN.sub(r"\1", text)).strip()) is not None
