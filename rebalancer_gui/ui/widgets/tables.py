"""The table every list is shown in: fixed or stretched columns, copying, CSV, hidden columns. GUI thread only.

    table = DataTable("strategiesTable", "Strategies", model, {"name": stretch(96), "value": fixed(88), ...})
    table.setItemDelegateForColumn(model.column_of("drift"), DriftBarDelegate(table))
    table.rowChosen.connect(self._show_details)         # the key of the current row, or None

Never `ResizeToContents`: on live data it costs a whole core. A number that does not fit makes its column wider
instead, once; names are cut with an ellipsis and have a tooltip.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QFontMetrics,
    QGuiApplication,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QHeaderView, QMenu, QTableView, QWidget

from rebalancer_gui.ui.fonts import Size
from rebalancer_gui.ui.help.explained_header import ExplainedHeader
from rebalancer_gui.ui.help.terms import Term, explanations
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.cell_delegate import CellDelegate
from rebalancer_gui.ui.widgets.message_box import tell

ROW_HEIGHT = 32
DENSE_ROW_HEIGHT = 28
HEADER_HEIGHT = 28
_CELL_ENDS = 18
"""Pixels of padding at both ends of a cell; the first and the last of a row have 8 more."""


@dataclass(frozen=True, slots=True)
class Width:
    """Pixels of a column at scale 1. Stretched columns share what is left, in proportion to their pixels, and never
    get narrower than those: in a window that is too narrow the table scrolls.
    """

    pixels: int
    stretched: bool = False


def fixed(pixels: int) -> Width:
    return Width(pixels)


def fixed_for(pixels: int, *words: str, beside: int = 0) -> Width:
    """Like ``fixed``, and wider where one of ``words`` is longer in the user's language; ``beside``: an icon with its gap, or more padding."""
    metrics = QFontMetrics(current_theme().font(Size.BODY))
    longest = max((metrics.horizontalAdvance(word) for word in words), default=0)
    return Width(max(pixels, longest + beside + _CELL_ENDS))


def stretch(least: int) -> Width:
    return Width(least, stretched=True)


class DataTable(QTableView):
    """A `KeyedTableModel` as a table. Rows are selected whole; Tab leaves the table, arrow keys move in it.

    `rowChosen(object)` carries the key of the current row whenever that becomes another one, None for no row.
    """

    rowChosen = Signal(object)

    def __init__(
        self,
        object_name: str,
        accessible_name: str,
        model: KeyedTableModel[Any],
        widths: Mapping[str, Width],
        *,
        row_height: int = ROW_HEIGHT,
        sortable: bool = False,
        many: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`widths`: by column key, 96 px for one not named. `many`: several rows can be selected (histories)."""
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self._keyed = model
        self._hideable: tuple[str, ...] = ()
        self._growing: dict[int, int] = {}
        self._stretched: dict[int, int] = {}
        self._fitting = False
        self._chosen: object = None
        self._explained = ExplainedHeader(self, self._terms_of)
        self.setHorizontalHeader(self._explained)
        self.setModel(model)
        self._explained.follow_cursor()
        self.setItemDelegate(CellDelegate(self))
        self.setShowGrid(False)
        self.setAlternatingRowColors(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        mode = QAbstractItemView.SelectionMode
        self.setSelectionMode(mode.ExtendedSelection if many else mode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.set_row_height(row_height)
        self._set_up_columns(widths)
        if sortable:
            self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            self.horizontalHeader().setSortIndicatorClearable(True)
            self.setSortingEnabled(True)
        self._copy_action = QAction(tr("Copy"), self)
        self._copy_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self._copy_action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._copy_action.triggered.connect(self.copy_selection)
        self._export_action = QAction(tr("Export CSV\u2026"), self)
        self._export_action.triggered.connect(self.ask_and_export)
        self.addActions([self._copy_action, self._export_action])
        self.explain_action = QAction(tr("What is this column?"), self)
        self.explain_action.setShortcut(QKeySequence("Shift+F1"))
        self.explain_action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.explain_action.triggered.connect(self.explain_column)
        if any(column.terms for column in model.columns):
            self.addAction(self.explain_action)
            self._offer_header_menu()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        model.rowsRemoved.connect(self._choice_may_be_gone)

    @property
    def keyed_model(self) -> KeyedTableModel[Any]:
        return self._keyed

    # ------------------------------------------------------------------------------------------------------- selection

    def chosen_key(self) -> object:
        """The key of the current row; None where there is none."""
        index = self.currentIndex()
        return self._keyed.key_at(index.row()) if index.isValid() else None

    def choose(self, key: object) -> bool:
        """Make the row with `key` the current and selected one; False where there is no such row."""
        row = None if key is None else self._keyed.row_of(key)
        if row is None:
            return False
        column = max(0, self.currentIndex().column())
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(self._keyed.index(row, column), flags.ClearAndSelect | flags.Rows)
        return True

    def _current_changed(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        self._announce_choice()

    def _choice_may_be_gone(self) -> None:
        self._announce_choice()

    def _announce_choice(self) -> None:
        key = self.chosen_key()
        if key != self._chosen:
            self._chosen = key
            self.rowChosen.emit(key)

    # --------------------------------------------------------------------------------------------------------- columns

    def set_row_height(self, row_height: int) -> None:
        """Pixels of every row."""
        vertical = self.verticalHeader()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setMinimumSectionSize(row_height)
        vertical.setDefaultSectionSize(row_height)

    def _set_up_columns(self, widths: Mapping[str, Width]) -> None:
        header = self.horizontalHeader()
        header.setFixedHeight(HEADER_HEIGHT)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(24)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        for number, column in enumerate(self._keyed.columns):
            width = widths.get(column.key, Width(96))
            mode = QHeaderView.ResizeMode.Fixed if width.stretched else QHeaderView.ResizeMode.Interactive
            header.setSectionResizeMode(number, mode)
            header.resizeSection(number, width.pixels)
            if width.stretched:
                self._stretched[number] = width.pixels
        header.sectionResized.connect(self._section_resized)

    def _section_resized(self, _column: int, before: int, after: int) -> None:
        # Hiding resizes first and hides then: what is hidden is known only afterwards.
        if before and after:
            self._fit()
        else:
            QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        """Give the stretched columns what the others leave."""
        shown = {column: least for column, least in self._stretched.items() if not self.isColumnHidden(column)}
        if self._fitting or not shown:
            return
        self._fitting = True
        taken = sum(self.columnWidth(c) for c in range(self._keyed.columnCount()) if c not in shown)
        left, parts = self.viewport().width() - taken, sum(shown.values())
        for column, least in shown.items():
            width = max(least, left * least // parts)
            left, parts = left - width, parts - least
            self.horizontalHeader().resizeSection(column, width)
        self._fitting = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and not self._keyed.rowCount():
            # There is no cell that could show where the keyboard is.
            painter = QPainter(self.viewport())
            painter.setPen(QPen(current_theme().colour(Ink.ACCENT), 2))
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -2, -2))
            painter.end()

    def widen_for(self, column: int, pixels: int) -> None:
        """Make a column at least `pixels` wide, soon: a delegate found that its number would be cut."""
        if self.columnWidth(column) < pixels and self._growing.get(column, 0) < pixels:
            if not self._growing:
                QTimer.singleShot(0, self, self._grow)
            self._growing[column] = pixels

    def _grow(self) -> None:
        growing, self._growing = self._growing, {}
        header = self.horizontalHeader()
        for column, pixels in growing.items():
            if header.sectionResizeMode(column) == QHeaderView.ResizeMode.Interactive:
                header.resizeSection(column, pixels)

    def let_hide(self, column_keys: Sequence[str]) -> None:
        """These columns can be hidden and brought back in the header's context menu."""
        self._hideable = tuple(column_keys)
        self._offer_header_menu()
        # The header cannot be reached with the keyboard: the table's own menu, on the Menu key and Shift+F10, has it too.
        columns = QAction(tr("Columns\u2026"), self)
        columns.setObjectName(f"{self.objectName()}Columns")
        columns.triggered.connect(lambda: self._header_menu(QPoint(0, 0)))
        self.addAction(columns)

    def show_column(self, column_key: str, *, shown: bool) -> None:
        self.setColumnHidden(self._keyed.column_of(column_key), not shown)
        self._fit()

    def header_menu(self, section: int = -1) -> QMenu:
        """What the column ``section`` is, where it has a term; the hideable columns, each checked while it is shown."""
        menu = QMenu(self)
        if terms := self._terms_of(section):
            told = ", ".join(explanations()[term].title for term in terms)
            action = menu.addAction(tr("What is this: {term}", term=told))
            action.setObjectName("explainColumnAction")
            action.triggered.connect(lambda: self._explained.explain(section))
            menu.addSeparator()
        for key in self._hideable:
            number = self._keyed.column_of(key)
            action = menu.addAction(self._keyed.columns[number].header)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(number))
            action.toggled.connect(self._shower(key))
        return menu

    def _shower(self, key: str) -> Callable[[bool], None]:
        return lambda shown: self.show_column(key, shown=shown)

    def _header_menu(self, at: QPoint) -> None:
        menu = self.header_menu(self._explained.logicalIndexAt(at))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.horizontalHeader().mapToGlobal(at))

    def _offer_header_menu(self) -> None:
        header = self._explained
        if header.contextMenuPolicy() != Qt.ContextMenuPolicy.CustomContextMenu:
            header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            header.customContextMenuRequested.connect(self._header_menu)

    # ------------------------------------------------------------------------------------------------------ explanations

    def explain_column(self) -> None:
        """What the column of the cursor means; in one without a term what the first one with a term means."""
        current = self.currentIndex().column()
        shown = [n for n in range(self._keyed.columnCount()) if self._terms_of(n) and not self.isColumnHidden(n)]
        if shown:
            self._explained.explain(current if current in shown else shown[0])

    def _terms_of(self, section: int) -> Sequence[Term]:
        return self._keyed.columns[section].terms if 0 <= section < len(self._keyed.columns) else ()

    # -------------------------------------------------------------------------------------------------- copy and export

    def lines(self, rows: Sequence[int] | None = None, *, headers: bool = True) -> list[list[str]]:
        """Header and rows (all unless told) as exported texts: ASCII minus, no group marks, all columns."""
        numbers = range(self._keyed.rowCount()) if rows is None else rows
        columns = range(self._keyed.columnCount())
        table = [[self._keyed.cell(row, column).exported() for column in columns] for row in numbers]
        return ([[column.header for column in self._keyed.columns]] if headers else []) + table

    def to_tsv(self, rows: Sequence[int] | None = None) -> str:
        """Tab-separated lines with a header, for a spreadsheet's clipboard."""
        clean = str.maketrans("\t\n\r", "   ")
        return "\n".join("\t".join(text.translate(clean) for text in line) for line in self.lines(rows))

    def to_csv(self) -> str:
        """All rows as CSV (RFC 4180) with a header. A text that a spreadsheet would take for a formula is quoted."""
        out = io.StringIO()
        writer = csv.writer(out)
        for line in self.lines():
            writer.writerow([_no_formula(text) for text in line])
        return out.getvalue()

    def copy_selection(self) -> None:
        """The selected rows to the clipboard as TSV; all rows where none is selected."""
        selected = sorted({index.row() for index in self.selectionModel().selectedRows()})
        QGuiApplication.clipboard().setText(self.to_tsv(selected or None))

    def export_csv(self, path: Path) -> None:
        """Write all rows to `path`; raises OSError where that cannot be done."""
        path.write_text(self.to_csv(), encoding="utf-8", newline="")

    def ask_and_export(self) -> None:
        """Ask for a file and write it; what goes wrong is said in a message."""
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Export CSV"), f"{self.accessibleName().lower().replace(' ', '-')}.csv", tr("CSV (*.csv)")
        )
        if not name:
            return
        try:
            self.export_csv(Path(name))
        except OSError as error:
            why = tr("The file was not written: {value}.", value=error.strerror or error)
            tell(self, "exportProblem", tr("Export CSV"), why)


def _no_formula(text: str) -> str:
    """Spreadsheets run a field that begins with = + - @; a number may begin so, anything else gets an apostrophe."""
    if text[:1] in ("=", "@") or (text[:1] in ("+", "-") and not text[1:2].isdigit()):
        return "'" + text
    return text
