"""The header of a table whose columns have terms: a question mark where one points or where the cursor stands. GUI thread only.

There is no room for a mark in each section, so one shows at a time, over the end of the section that the mouse is on, or else over the
section of the current column while the table has the focus.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, Qt, Slot
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QTableView

from rebalancer_gui.ui.help.help_mark import ExplanationBox
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.tokens import Ink

_ICON = 14
_EDGE = 3
NONE = -1


class ExplainedHeader(QHeaderView):
    """``terms_of`` gives the terms of a section, () for none."""

    def __init__(self, table: QTableView, terms_of: Callable[[int], Sequence[Term]]) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table, self._terms_of = table, terms_of
        self._hovered = self._explaining = NONE
        self.setSectionsClickable(True)
        self.setMouseTracking(True)
        table.installEventFilter(self)

    def follow_cursor(self) -> None:
        """Once the table has its model: the mark goes where the current column is."""
        self._table.selectionModel().currentColumnChanged.connect(self._moved)

    @property
    def marked(self) -> int:
        """The section that shows the mark; ``NONE`` where none does."""
        section = self._explaining if self._explaining != NONE else self._hovered
        if section == NONE and self._table.hasFocus():
            section = self._table.currentIndex().column()
        return section if section != NONE and self._terms_of(section) else NONE

    def mark_rect(self, section: int) -> QRect:
        """Where the mark of a section is drawn, in the viewport: opposite to numbers, so at their left."""
        left = self.sectionViewportPosition(section)
        align = self.model().headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole) or 0
        right = bool(Qt.AlignmentFlag(align) & Qt.AlignmentFlag.AlignRight)
        x = left + _EDGE if right else left + self.sectionSize(section) - _ICON - _EDGE
        return QRect(x, (self.height() - _ICON) // 2, _ICON, _ICON)

    def explain(self, section: int) -> None:
        """Say in a small window under the section what its terms mean; nothing happens where it has none."""
        terms = self._terms_of(section)
        if terms:
            box = ExplanationBox(terms, self)
            # The small window takes the focus: the mark stays where it is until that is read.
            self._explaining = section
            box.closed.connect(self._explained)
            box.open_below(self, self.mark_rect(section))

    @Slot()
    def _explained(self) -> None:
        self._explaining = NONE
        self.viewport().update()

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        super().paintSection(painter, rect, section)
        if section == self.marked:
            theme = current_theme()
            mark = self.mark_rect(section)
            painter.fillRect(mark.adjusted(-_EDGE, -_EDGE, _EDGE, _EDGE), theme.tokens.alt)
            painter.drawPixmap(mark.topLeft(), theme.pixmap("help", Ink.TEXT2, _ICON))

    # ------------------------------------------------------------------------------------------------------------- mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.logicalIndexAt(event.position().toPoint()))
        on_mark = self._is_on_mark(event.position().toPoint())
        if on_mark:
            self.viewport().setCursor(Qt.CursorShape.WhatsThisCursor)
        else:
            self.viewport().unsetCursor()
            super().mouseMoveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and self._is_on_mark(at):
            self.explain(self.logicalIndexAt(at))
        else:
            super().mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(NONE)
        super().leaveEvent(event)

    def _is_on_mark(self, at: QPoint) -> bool:
        section = self.logicalIndexAt(at)
        return section != NONE and section == self.marked and self.mark_rect(section).contains(at)

    def _hover(self, section: int) -> None:
        if section != self._hovered:
            self._hovered = section
            self.viewport().update()

    # ---------------------------------------------------------------------------------------------------------- keyboard

    def _moved(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        self.viewport().update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._table and event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            self.viewport().update()
        return super().eventFilter(watched, event)
