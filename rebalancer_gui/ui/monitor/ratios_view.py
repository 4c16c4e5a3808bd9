"""The tab Ratios: where the portfolio stands against its targets (look/01)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.market import MarketRules
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.help.help_mark import HelpMark
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.models.ratios_model import RatiosModel, RowKind, ratio_rows
from rebalancer_gui.ui.monitor.adaptive_table import NARROW, AdaptiveTable
from rebalancer_gui.ui.monitor.key_figures import KeyFigure, key_figures, meanings
from rebalancer_gui.ui.strategy_words import DriftSentence, drift_sentence
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.coin_chips import CoinNameDelegate
from rebalancer_gui.ui.widgets.drift_bar import DriftBarDelegate
from rebalancer_gui.ui.widgets.labels import IconLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, hairline
from rebalancer_gui.ui.widgets.tables import DENSE_ROW_HEIGHT, HEADER_HEIGHT, ROW_HEIGHT, fixed, stretch
from rebalancer_gui.ui.widgets.tips import plain_tip
from rebalancer_gui.ui.widgets.weight_bar import WeightBar, WeightSegment

_WIDTHS = {
    "coin": fixed(80),
    "quantity": fixed(84),
    "price": fixed(100),
    "cost": fixed(120),
    "value": fixed(100),
    "current": fixed(80),
    "target": fixed(72),
    "drift": stretch(128),
}
_FIRST_TO_GO = ("cost",)
_NARROW_WIDTHS = {"coin": 82, "quantity": 76, "price": 92, "value": 94, "current": 80, "target": 70}
_BARS_FROM = 150
"""Under this height of the tab (a banner on a low window) the rows need the room of the bars."""
_GAP = "&nbsp;&nbsp; "
_HYPHEN = "\u2011"
"""At which no line is broken."""
_SUMMARY_MARGIN, _LINE_GAP, _ICON, _ICON_ROOM = 5, 4, 14, 22
_ROWS_BEFORE_SUMMARY = 5
"""So many rows of a long portfolio are in sight before the summary takes room."""
_LEAST_ROWS, _LEAST_ROWS_WITHOUT_BARS = 3, 2


class RatiosView(QWidget):
    """Two stacked bars, the table, a sentence on the worst drift and the key figures.

    Where the room is short the table scrolls and the summary gives way; ``summary`` is then for a tooltip.
    """

    def __init__(self, numbers: NumberFormat, colours: CoinColours, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._colours = colours
        self._view: StrategyView | None = None
        self._narrow = False
        self._rules: Mapping[str, MarketRules] = {}
        self.model = RatiosModel(numbers, colours, self)
        self.table = AdaptiveTable("ratiosTable", tr("Ratios"), self.model, _WIDTHS, _FIRST_TO_GO)
        self.table.let_hide(_FIRST_TO_GO)
        self.table.setItemDelegateForColumn(self.model.column_of("coin"), CoinNameDelegate(self.table))
        self.table.setItemDelegateForColumn(self.model.column_of("drift"), DriftBarDelegate(self.table))
        self._current, self._target = WeightBar(), WeightBar()
        self._current.setObjectName("currentWeightsBar")
        self._current.setAccessibleName(tr("Current weights"))
        self._target.setObjectName("targetWeightsBar")
        self._target.setAccessibleName(tr("Target weights"))
        self._sentence = _rich_line("driftSentence")
        self._figures = _rich_line("keyFigures")
        self._summary = self._make_summary()
        self._build()

    def show_view(self, view: StrategyView | None, rules: Mapping[str, MarketRules]) -> None:
        """The newest picture; drawn at once while the tab is on screen, else when it is shown."""
        self._view, self._rules = view, rules
        if self.isVisible():
            self._draw()

    def summary(self) -> str:
        """Sentence and key figures as plain text, for the tooltip of the title row."""
        if self._view is None:
            return ""
        sentence = drift_sentence(self._view, self._numbers)
        head = tr("Worst drift: {strong}", strong=sentence.strong) if sentence.strong else ""
        figures = "\n".join(figure.text for figure in key_figures(self._view, self._numbers))
        return f"{head}{sentence.rest}\n{figures}"

    # ------------------------------------------------------------------------------------------------------- building

    def _build(self) -> None:
        self._bars = QWidget()
        bars = QGridLayout(self._bars)
        bars.setContentsMargins(SIDE, 7, SIDE, 7)
        bars.setHorizontalSpacing(16)
        bars.setVerticalSpacing(4)
        bars.setColumnStretch(1, 1)
        for line, (name, bar) in enumerate(((tr("Current"), self._current), (tr("Target"), self._target))):
            bars.addWidget(TextLabel(name, TextType.SMALL, Ink.TEXT2), line, 0)
            bars.addWidget(bar, line, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bars)
        column.addWidget(hairline())
        column.addWidget(self.table, 1)
        column.addWidget(self._summary)
        column.addStretch(0)

    def _make_summary(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(SIDE, _SUMMARY_MARGIN, SIDE, _SUMMARY_MARGIN)
        row.setSpacing(_ICON_ROOM - _ICON)
        row.addWidget(IconLabel("info", Ink.TEXT2, _ICON), 0, Qt.AlignmentFlag.AlignTop)
        lines = QVBoxLayout()
        lines.setSpacing(_LINE_GAP)
        lines.addWidget(self._sentence)
        lines.addWidget(self._figures)
        row.addLayout(lines, 1)
        mark = HelpMark(Term.NET_INVESTED, Term.HODL, Term.TIME_WEIGHTED, Term.MONEY_WEIGHTED, Term.ANNUALISED)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        return holder

    # -------------------------------------------------------------------------------------------------------- drawing

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width(narrow=event.size().width() < NARROW)
        self._share_height()

    def _share_width(self, *, narrow: bool) -> None:
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self.model.set_narrow(narrow)
        if self._view is not None:
            # Where prices stand still nothing else would bring the shorter headers.
            self.model.show_view(self._view, self._rules)
        for key, width in _WIDTHS.items():
            if key in _NARROW_WIDTHS:
                pixels = _NARROW_WIDTHS[key] if narrow else width.pixels
                self.table.setColumnWidth(self.model.column_of(key), pixels)

    def _draw(self) -> None:
        self.model.show_view(self._view, self._rules)
        view = self._view
        if view is None:
            self._current.set_segments(())
            self._target.set_segments(())
            return
        self._draw_bars(view)
        sentence = drift_sentence(view, self._numbers)
        _set_rich(self._sentence, _sentence_html(sentence))
        figures = key_figures(view, self._numbers)
        _set_rich(self._figures, _GAP.join(_figure_html(figure) for figure in figures))
        _set_tip(self._figures, meanings(view, self._numbers))
        self._share_height()

    def _draw_bars(self, view: StrategyView) -> None:
        rows = [row for row in ratio_rows(view, self._rules, self._colours) if row.kind is not RowKind.TOTAL]
        self._current.set_segments(
            [WeightSegment(row.asset, row.current, row.slot) for row in rows if row.current is not None]
        )
        self._target.set_segments(
            [WeightSegment(row.asset, row.target, row.slot) for row in rows if row.target is not None]
        )

    def _share_height(self) -> None:
        """The table takes what its rows need and no more; the summary stands only where it costs no row.

        Rows are lower before anything has to scroll or is left out; figures go before the sentence.
        """
        rows = self.model.rowCount()
        # One that ended before the program was started holds nothing that could be listed: its figures stay.
        over = rows == 0 and self._view is not None and self._view.state is State.ENDED
        bars = self.height() >= _BARS_FROM and not over
        self._bars.setVisible(bars)
        least = _LEAST_ROWS if bars else _LEAST_ROWS_WITHOUT_BARS
        room = self.height() - (self._bars.sizeHint().height() if bars else 0) - 1
        summary = self._summary_heights()
        tall, low = HEADER_HEIGHT + rows * ROW_HEIGHT, HEADER_HEIGHT + rows * DENSE_ROW_HEIGHT
        row_height = ROW_HEIGHT if room >= tall + summary[True] else DENSE_ROW_HEIGHT
        wanted = tall if row_height == ROW_HEIGHT else low
        if self.table.verticalHeader().defaultSectionSize() != row_height:
            self.table.set_row_height(row_height)
        self.table.setMaximumHeight(wanted)
        self.table.setMinimumHeight(min(wanted, HEADER_HEIGHT + least * row_height))
        spare = room - min(wanted, HEADER_HEIGHT + _ROWS_BEFORE_SUMMARY * row_height)
        self._sentence.setVisible(spare >= summary[True])
        self._summary.setVisible((rows > 0 or over) and spare >= summary[not self._sentence.isHidden()])

    def _summary_heights(self) -> dict[bool, int]:
        """Pixels of the summary with (True) and without its first line."""
        width = self.width() - 2 * SIDE - _ICON_ROOM
        low = 2 * _SUMMARY_MARGIN + self._figures.heightForWidth(width)
        return {True: low + self._sentence.heightForWidth(width) + _LINE_GAP, False: low}

    @property
    def summary_is_shown(self) -> bool:
        """Whether sentence and figures are all on screen."""
        return not self._summary.isHidden() and not self._sentence.isHidden()


def _rich_line(object_name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(object_name)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    label.setProperty("type", TextType.SMALL.value)
    label.setProperty("ink", Ink.TEXT2.value)
    return label


def _set_rich(label: QLabel, html: str) -> None:
    if label.text() != html:
        label.setText(html)


def _set_tip(label: QLabel, text: str) -> None:
    if label.accessibleDescription() != text:
        label.setAccessibleDescription(text)
        label.setToolTip(plain_tip(text))


def _strong(text: str) -> str:
    return f'<span style="font-weight:600">{escape(text)}</span>'


def _sentence_html(sentence: DriftSentence) -> str:
    head = tr("Worst drift: {strong}", strong=_strong(sentence.strong)) if sentence.strong else ""
    return head + escape(sentence.rest)


def _figure_html(figure: KeyFigure) -> str:
    # Qt breaks a line after a hyphen whatever is said of white space.
    words = f"{escape(figure.name).replace('-', _HYPHEN)} {_strong(figure.value)}"
    if figure.more:
        words += f", {escape(figure.more)} {_strong(figure.more_value)}"
    # A figure is never torn apart where the line runs over.
    return f'<span style="white-space:nowrap">{words}</span>'
