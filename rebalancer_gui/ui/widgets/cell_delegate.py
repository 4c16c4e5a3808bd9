"""How table cells are painted: ground, selection, row line, current cell, icon and text.

    view.setItemDelegate(CellDelegate(view))
    view.setItemDelegateForColumn(model.column_of("drift"), DriftBarDelegate(view))

Reads the `Cell` of a `KeyedTableModel` (`CellRole.CELL`); any other model's DisplayRole is painted plainly. Subclasses
override `paint_content`. GUI thread only.
"""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
)

from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.models.cells import Align, Cell, CellRole, Ground
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.theme import Theme, current_theme
from rebalancer_gui.ui.widgets.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex

_HORIZONTAL = {
    Align.LEFT: Qt.AlignmentFlag.AlignLeft,
    Align.RIGHT: Qt.AlignmentFlag.AlignRight,
    Align.CENTRE: Qt.AlignmentFlag.AlignHCenter,
}
_PLACES = {way: int(way | Qt.AlignmentFlag.AlignVCenter) for way in _HORIZONTAL.values()}
CELL_PADDING = 8
END_PADDING = 16
EDGE_WIDTH = 3
ICON_SIZE = 14
ICON_GAP = 6


@runtime_checkable
class WidensColumns(Protocol):
    """A view that makes a column wider when a number would be cut."""

    def widen_for(self, column: int, pixels: int) -> None: ...


class CellDelegate(QStyledItemDelegate):
    """Paints text cells. One object serves all columns of a view."""

    widens = False
    """Its cells need more room than their text does."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = current_theme()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        cell = cell_of(index)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        whole = type(self) is CellDelegate and fits(cell, rect.width() - 2 * END_PADDING, theme)
        if not whole:
            painter.setClipRect(rect)
        self._paint_ground(painter, rect, theme, cell.ground, selected=selected)
        first, last = row_ends(option, index)
        if selected and first:
            painter.fillRect(rect.left(), rect.top(), EDGE_WIDTH, rect.height(), _colour(theme.tokens.accent))
        content = rect.adjusted(END_PADDING if first else CELL_PADDING, 0, -(END_PADDING if last else CELL_PADDING), -1)
        if not whole and (self.widens or not fits(cell, content.width(), theme)):
            needed = self.needed_width(cell, theme)
            view = option.widget
            if needed > content.width() and isinstance(view, WidensColumns):
                view.widen_for(index.column(), needed + rect.width() - content.width())
        self.paint_content(painter, content, cell, index, theme)
        if state & QStyle.StateFlag.State_HasFocus:
            pen = QPen(QColor(theme.tokens.text), 1, Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.drawRect(rect.adjusted(EDGE_WIDTH if first else 1, 1, -2, -3))
        painter.restore()

    def paint_content(self, painter: QPainter, rect: QRect, cell: Cell, index: Index, theme: Theme) -> None:
        """Paint the inside of a cell into `rect`, which is free of padding and row line. Overridden by subclasses."""
        paint_cell_text(painter, rect, cell, theme, _alignment_of(index))

    def needed_width(self, cell: Cell, theme: Theme) -> int:
        """The width without padding in which a number is not cut; 0: whatever the column has will do."""
        if not isinstance(cell.raw, Decimal):
            return 0
        font = theme.font(Size.SMALL if cell.small else Size.BODY, Weight.SEMIBOLD if cell.bold else Weight.NORMAL)
        # Up to whole pixels: the rounded advance may be under the real one, and then the number would be cut.
        advance = math.ceil(QFontMetricsF(font).horizontalAdvance(cell.text))
        return advance + (ICON_SIZE + ICON_GAP if cell.icon else 0)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        cell = cell_of(index)
        font = current_theme().font(Size.SMALL if cell.small else Size.BODY, Weight.NORMAL)
        width = QFontMetrics(font).horizontalAdvance(cell.text) + 2 * END_PADDING
        return QSize(width + (ICON_SIZE + ICON_GAP if cell.icon else 0), font.pixelSize() + 16)

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """A cell's own tooltip, or its whole text where it had to be cut."""
        cell = cell_of(index)
        text = cell.tip
        if text is None and self.is_cut(view, cell, index):
            text = cell.text
        if text:
            QToolTip.showText(event.globalPos(), plain_tip(text), view)
            return True
        QToolTip.hideText()
        return False

    def is_cut(self, view: QAbstractItemView, cell: Cell, index: Index) -> bool:
        """Whether the text of `cell` does not fit into its column."""
        metrics = view.fontMetrics()
        room = view.visualRect(index).width() - 2 * CELL_PADDING
        return metrics.horizontalAdvance(cell.text) + (ICON_SIZE + ICON_GAP if cell.icon else 0) > room

    @staticmethod
    def _paint_ground(painter: QPainter, rect: QRect, theme: Theme, ground: Ground, *, selected: bool) -> None:
        tokens = theme.tokens
        colour: str = tokens.select if selected else getattr(tokens, ground.value)
        painter.fillRect(rect, _colour(colour))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, _colour(tokens.grid))


@lru_cache(maxsize=64)
def _colour(name: str) -> QColor:
    """A colour of the palette, made once; nobody changes it."""
    return QColor(name)


_SPARE = 2
"""Pixels by which letters side by side may be wider than one by one."""
_MOST_LETTERS = 2000
_letters: dict[tuple[int, bool], dict[str, float]] = {}


def fits(cell: Cell, room: int, theme: Theme) -> bool:
    """Whether the text of `cell` surely fits into `room` pixels: told from its letters, without laying it out anew. What is
    close is not sure.
    """
    key = (Size.SMALL if cell.small else Size.BODY, cell.bold)
    known = _letters.setdefault(key, {})
    try:
        wide = sum(map(known.__getitem__, cell.text))
    except KeyError:
        if len(known) > _MOST_LETTERS:
            known.clear()
        metrics = QFontMetricsF(theme.font(key[0], Weight.SEMIBOLD if cell.bold else Weight.NORMAL))
        known.update((letter, metrics.horizontalAdvance(letter)) for letter in set(cell.text) - known.keys())
        wide = sum(map(known.__getitem__, cell.text))
    return wide + _SPARE + (ICON_SIZE + ICON_GAP if cell.icon else 0) <= room


def _alignment_of(index: Index) -> Qt.AlignmentFlag:
    """Left, right or centred; asked of the program's own models without the way through Qt."""
    model = index.model()
    if isinstance(model, KeyedTableModel):
        return _HORIZONTAL[model.columns[index.column()].align]
    alignment = index.data(Qt.ItemDataRole.TextAlignmentRole)
    if alignment is not None and Qt.AlignmentFlag(alignment) & Qt.AlignmentFlag.AlignRight:
        return Qt.AlignmentFlag.AlignRight
    if alignment is not None and Qt.AlignmentFlag(alignment) & Qt.AlignmentFlag.AlignHCenter:
        return Qt.AlignmentFlag.AlignHCenter
    return Qt.AlignmentFlag.AlignLeft


def cell_of(index: Index) -> Cell:
    """The cell at `index`; of a foreign model, a plain cell with its display text."""
    model = index.model()
    if isinstance(model, KeyedTableModel):
        return model.cell(index.row(), index.column())
    cell = index.data(CellRole.CELL)
    if isinstance(cell, Cell):
        return cell
    text = index.data(Qt.ItemDataRole.DisplayRole)
    return Cell("" if text is None else str(text))


def row_ends(option: QStyleOptionViewItem, index: Index) -> tuple[bool, bool]:
    """Whether the cell is the first and whether it is the last one that is shown in its row."""
    view = option.widget
    if not isinstance(view, QTableView):
        return True, True
    header = view.horizontalHeader()
    start = header.sectionPosition(index.column())
    span = view.columnSpan(index.row(), index.column())
    width = sum(header.sectionSize(index.column() + i) for i in range(span))
    return start == 0, start + width >= header.length()


def paint_cell_text(
    painter: QPainter, rect: QRect, cell: Cell, theme: Theme, horizontal: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft
) -> None:
    """The icon and the text of `cell` in `rect`, cut with an ellipsis where the room is short."""
    colour = _colour(theme.tokens.ink(cell.ink))
    font = theme.font(Size.SMALL if cell.small else Size.BODY, Weight.SEMIBOLD if cell.bold else Weight.NORMAL)
    painter.setFont(font)
    painter.setPen(colour)
    icon_room = ICON_SIZE + ICON_GAP if cell.icon else 0
    text = cell.text
    if not fits(cell, rect.width(), theme):
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width() - icon_room)
    if cell.icon:
        left = rect.left()
        if horizontal == Qt.AlignmentFlag.AlignRight:
            left = rect.right() + 1 - icon_room - painter.fontMetrics().horizontalAdvance(text)
        top = rect.top() + (rect.height() - ICON_SIZE) // 2
        theme.icon(cell.icon, cell.ink, ICON_SIZE).paint(painter, QRect(left, top, ICON_SIZE, ICON_SIZE))
        if horizontal != Qt.AlignmentFlag.AlignRight:
            rect = rect.adjusted(icon_room, 0, 0, 0)
    painter.drawText(rect, _PLACES[horizontal], text)
