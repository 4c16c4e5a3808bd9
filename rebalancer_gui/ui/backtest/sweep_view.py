"""The panel with the map of rules: figure chooser, cells, legend (look/03). GUI thread only.

panel = SweepPanel(numbers)
panel.cellChosen.connect(self._show)        # (threshold, interval or None for by coin ratio), by click or arrow keys
panel.cellTaken.connect(self._use)          # Enter, or a double click
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPolygon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from rebalancer_gui.backtest.sweep import Cell
from rebalancer_gui.ui.backtest.sweep_figures import NEVER, Figure, Scale
from rebalancer_gui.ui.backtest.sweep_model import MapCell, SweepModel
from rebalancer_gui.ui.backtest.work import CellKey
from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.cells import CellRole
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.tokens import Ink, Tokens
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.focus_ring import show_focus
from rebalancer_gui.ui.widgets.form import combo_box
from rebalancer_gui.ui.widgets.panel import SIDE, Panel

ROW_HEIGHT, LEAST_ROW = 32, 21
_HEADER = 24
_LIMITS_WIDTH = 48
_LEGEND = 32
_LEGEND_LEFT = 8
_ROOMY = 560
_SETTLE_MS = 150
"""Somebody who holds an arrow key down wants the cell where it stops."""
_MARK = 6
_Index = QModelIndex | QPersistentModelIndex


class CellPainter(QStyledItemDelegate):
    """A filled cell with its number; the chosen one has an outline, the tested rule a corner."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        shown = index.data(CellRole.CELL)
        if not isinstance(shown, MapCell):
            return
        theme = current_theme()
        tokens = theme.tokens
        rect: QRect = option.rect.adjusted(0, 0, -1, -1)
        fill, label = (tokens.alt, tokens.text3) if shown.cell is None else shown.scale.colours(shown.cell, tokens)
        painter.save()
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.text))
            painter.fillRect(rect.adjusted(2, 2, -2, -2), QColor(tokens.surface))
            painter.fillRect(rect.adjusted(3, 3, -3, -3), QColor(fill))
        else:
            painter.fillRect(rect, QColor(fill))
        if shown.own:
            _paint_mark(painter, rect.adjusted(3, 3, -3, -3), label)
        size = Size.BODY if rect.width() >= 48 else Size.SMALL
        painter.setFont(theme.font(size, Weight.SEMIBOLD if shown.own else Weight.NORMAL))
        painter.setPen(QColor(label))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, shown.text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(40, LEAST_ROW)


def _paint_mark(painter: QPainter, rect: QRect, ink: str) -> None:
    """The corner of the rule that is tested."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink))
    x, y = rect.left(), rect.top()
    painter.drawPolygon(QPolygon([QPoint(x, y), QPoint(x + _MARK, y), QPoint(x, y + _MARK)]))


class SweepTableView(QTableView):
    """`sweepTable`. Arrow keys move the chosen cell; Ctrl+C copies the whole map as TSV."""

    taken = Signal()

    def __init__(self, model: SweepModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setObjectName("sweepTable")
        self.setAccessibleName(tr("Map of rules: thresholds in rows, intervals in columns"))
        self.setProperty("role", "heat")
        self.setModel(model)
        self.setItemDelegate(CellPainter(self))
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        never = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setHorizontalScrollBarPolicy(never)
        self.setVerticalScrollBarPolicy(never)
        for header, least in ((self.horizontalHeader(), 24), (self.verticalHeader(), LEAST_ROW)):
            header.setMinimumSectionSize(least)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
        self.horizontalHeader().setFixedHeight(_HEADER)
        self.verticalHeader().setFixedWidth(_LIMITS_WIDTH)
        rows = model.rowCount()
        self.setMinimumHeight(_HEADER + rows * LEAST_ROW)
        self.setMaximumHeight(_HEADER + rows * ROW_HEIGHT)
        copy = QAction(tr("Copy"), self)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy_all)
        self.addAction(copy)
        # The outline of the chosen cell is there without the keyboard too.
        show_focus(self)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.doubleClicked.connect(lambda _index: self.taken.emit())

    @Slot()
    def copy_all(self) -> None:
        """The whole map, with headers, to the clipboard."""
        QGuiApplication.clipboard().setText(self._model.to_tsv())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.selectionModel().hasSelection() and not event.isAutoRepeat():
                self.taken.emit()
            return
        super().keyPressEvent(event)


class HeatLegend(QWidget):
    """What the colours, the equals sign, the outline and the corner mean."""

    _STEPS: tuple[float, ...] = (-1.0, -0.66, -0.33, 0.0, 0.33, 0.66, 1.0)

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(_LEGEND)
        self._numbers = numbers
        self._scale: Scale | None = None

    def show_scale(self, scale: Scale) -> None:
        if scale != self._scale:
            self._scale = scale
            low, high = scale.legend(self._numbers)
            self.setAccessibleName(
                tr("From {value} to {high}; = means that it never rebalanced", value=low or "0", high=high)
            )
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._scale is None:
            return
        theme = current_theme()
        tokens = theme.tokens
        painter = QPainter(self)
        painter.setFont(theme.font(Size.SMALL, Weight.NORMAL))
        gap, swatch = (18, 20) if self.width() > _ROOMY else (8, 17)
        x, middle = _LEGEND_LEFT, self.height() // 2
        low, high = self._scale.legend(self._numbers)
        x = self._write(painter, x, low) + (8 if low else 0)
        for colour in self._fills(tokens):
            painter.fillRect(x, middle - 6, swatch - 1, 12, QColor(colour))
            x += swatch
        x = self._write(painter, x + 7, high) + gap
        x = self._write(painter, x, tr("{NEVER} never rebalanced", NEVER=NEVER)) + gap
        painter.fillRect(x, middle - 6, 20, 12, QColor(tokens.text))
        painter.fillRect(x + 2, middle - 4, 16, 8, QColor(tokens.surface))
        x = self._write(painter, x + 26, "shown") + gap
        _paint_mark(painter, QRect(x, middle - 4, _MARK, _MARK), tokens.text)
        self._write(painter, x + _MARK + 6, tr("your rule"))
        painter.end()

    def _write(self, painter: QPainter, x: int, text: str) -> int:
        painter.setPen(current_theme().colour(Ink.TEXT2))
        width = painter.fontMetrics().horizontalAdvance(text)
        painter.drawText(QRect(x, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        return x + width

    def _fills(self, tokens: Tokens) -> list[str]:
        scale = self._scale
        if scale is None:
            return []
        steps = self._STEPS
        if scale.figure is Figure.FEES:
            steps = self._STEPS[:4]
        elif scale.figure is Figure.TRADES:
            steps = self._STEPS[3:]
        return [tokens.heat(step, 1.0)[0] for step in steps]


class SweepPanel(Panel):
    """See the module's text."""

    cellChosen = Signal(object)
    cellTaken = Signal(object)

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(tr("Threshold (rows) and interval (columns)"), object_name="sweepPanel", parent=parent)
        self.model = SweepModel(numbers, self)
        self.figure = combo_box("sweepFigureCombo", tr("Figure in the map"), [(f.value, f) for f in Figure])
        self.table = SweepTableView(self.model)
        self.legend = HeatLegend(numbers)
        self._told: CellKey | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(self._tell)
        self.title_row.addStretch(1)
        self.title_row.addWidget(self.figure)
        self.body.setContentsMargins(SIDE - 8, 0, SIDE, 0)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.legend)
        self.figure.currentIndexChanged.connect(self._figure_chosen)
        self.table.selectionModel().selectionChanged.connect(self._moved)
        self.table.taken.connect(self._taken)
        self.legend.show_scale(self.model.scale)

    @property
    def chosen(self) -> CellKey | None:
        """The chosen cell."""
        # The current cell is another thing: Qt makes one by itself when the table gets the focus.
        chosen = self.table.selectionModel().selectedIndexes()
        return self.model.key_at(chosen[0].row(), chosen[0].column()) if chosen else None

    def begin(self, own: CellKey | None, hodl_drawdown: float, lasted: timedelta) -> None:
        """A new map begins; ``own`` is the cell of the tested rule, and is chosen."""
        self.model.begin(own, hodl_drawdown, lasted)
        self._timer.stop()
        self._told = own
        selection = self.table.selectionModel()
        blocked = selection.blockSignals(True)
        if own is None:
            selection.clear()
        else:
            selection.setCurrentIndex(self.model.index_of(own), QItemSelectionModel.SelectionFlag.ClearAndSelect)
        selection.blockSignals(blocked)
        self.table.viewport().update()
        self.legend.show_scale(self.model.scale)

    def add(self, cells: Mapping[CellKey, Cell]) -> None:
        """More of the map."""
        self.model.add(cells)
        self.legend.show_scale(self.model.scale)

    def choose(self, key: CellKey) -> None:
        """As if it was clicked."""
        self.table.setCurrentIndex(self.model.index_of(key))

    @Slot(int)
    def _figure_chosen(self, _index: int) -> None:
        self.model.show_figure(Figure(self.figure.currentText()))
        self.legend.show_scale(self.model.scale)

    @Slot()
    def _moved(self) -> None:
        self._timer.start()

    @Slot()
    def _tell(self) -> None:
        self._timer.stop()
        chosen = self.chosen
        if chosen is not None and chosen != self._told:
            self._told = chosen
            self.cellChosen.emit(chosen)

    @Slot()
    def _taken(self) -> None:
        """Shown at once; whoever hears it may also take it over."""
        self._tell()
        if self.chosen is not None:
            self.cellTaken.emit(self.chosen)
