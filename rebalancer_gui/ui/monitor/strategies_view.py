"""The panel Strategies: title, filter, table, and what teaches while there is none (look/01, look/05)."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QStackedLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.ended_total import EndedTotal
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.strategy import MAX_STRATEGIES, OCCUPYING, State
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.help.help_mark import HelpMark
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.live_words import teaching_words
from rebalancer_gui.ui.models.strategies_model import StrategiesModel, StrategyFilter
from rebalancer_gui.ui.models.totals import TotalRow
from rebalancer_gui.ui.monitor.adaptive_table import AdaptiveTable
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.welcome import WelcomePage
from rebalancer_gui.ui.widgets.buttons import ButtonKind, push_button
from rebalancer_gui.ui.widgets.coin_chips import CoinChipsDelegate
from rebalancer_gui.ui.widgets.drift_bar import DriftBarDelegate
from rebalancer_gui.ui.widgets.empty_state import EmptyState
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import Panel, hairline
from rebalancer_gui.ui.widgets.pinned_rows import PinnedRows
from rebalancer_gui.ui.widgets.tables import DataTable, fixed, fixed_for, stretch

_WIDTHS = {
    "name": fixed(116),
    "coins": stretch(96),
    "invested": fixed(84),
    "value": fixed(84),
    "profit": fixed(80),
    "vs_hodl": fixed(80),
    "drift": fixed(132),
}
_FIRST_TO_GO = ("invested", "vs_hodl")


def _strategies_table(model: StrategiesModel) -> DataTable:
    status = fixed_for(96, tr("Running"), tr("Halted"), tr("Checking"), beside=22)
    widths = {**_WIDTHS, "status": status}
    table = AdaptiveTable("strategiesTable", tr("Strategies"), model, widths, _FIRST_TO_GO)
    table.setItemDelegateForColumn(model.column_of("coins"), CoinChipsDelegate(table))
    table.setItemDelegateForColumn(model.column_of("drift"), DriftBarDelegate(table))
    table.let_hide(("coins", *_FIRST_TO_GO, "profit", "drift"))
    return table


class StrategiesView(Panel):
    """`strategyChosen(object)`: the id of the chosen strategy, or None. `emptyChanged(bool)`: there is none at all."""

    strategyChosen = Signal(object)
    emptyChanged = Signal(bool)
    newPressed = Signal()
    presetPressed = Signal()
    filterChanged = Signal()
    olderWanted = Signal()
    """Strategies that ended longer ago than those that are listed are to be read."""
    olderFolded = Signal()
    """They are not listed any more."""

    def __init__(self, numbers: NumberFormat, colours: CoinColours, parent: QWidget | None = None) -> None:
        super().__init__(tr("Strategies"), object_name="strategiesPanel", parent=parent)
        self._views: tuple[StrategyView, ...] = ()
        self._over: tuple[EndedTotal, ...] = ()
        self._wanted: str | None = None
        self._insist = False
        self._empty: bool | None = None
        self._welcoming = False
        self.model = StrategiesModel(numbers, colours, self)
        self.table = _strategies_table(self.model)
        self.total = PinnedRows(
            "strategiesTotal", tr("Total of the strategies"), self.table, lambda row: isinstance(row, TotalRow)
        )
        self._count = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="strategiesCount")
        self.filter_combo = QComboBox()
        self.filter_combo.setObjectName("strategiesFilter")
        self.filter_combo.setAccessibleName(tr("Which strategies are listed"))
        self.filter_combo.setToolTip(tr("Which strategies are listed"))
        for choice in StrategyFilter:
            self.filter_combo.addItem(choice.words, choice)
        self.new_button = push_button(tr("New strategy"), "newStrategyButton", icon="plus", compact=True)
        self.new_button.setToolTip("Ctrl+N")
        preset = push_button(tr("Try a preset"), "tryPresetButton", kind=ButtonKind.MAIN)
        own = push_button(tr("Build your own"), "buildOwnButton")
        self._teaching = EmptyState(tr("No strategies yet"), "", (preset, own), object_name="strategiesEmpty")
        self.welcome = WelcomePage()
        self._starting = EmptyState(
            tr("Opening your account"), tr("Prices and strategies are on their way."), picture=False
        )
        self._nothing = EmptyState(tr("None here"), tr("No strategy is in this state."), picture=False)
        self._stack = QStackedLayout()
        self._listed = QWidget()
        rows = QVBoxLayout(self._listed)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.table, 1)
        rows.addWidget(self.total)
        self.older_button = push_button("", "olderStrategiesButton", compact=True)
        self.older_button.setToolTip(tr("List strategies that ended longer ago too"))
        self.older_button.clicked.connect(self.olderWanted)
        for page in (self._starting, self._teaching, self.welcome, self._listed, self._nothing):
            self._stack.addWidget(page)
        self.title_row.addWidget(self._count)
        self.title_row.addWidget(HelpMark(Term.PROFIT, Term.HODL, Term.DRIFT))
        self.title_row.addStretch(1)
        self.title_row.addWidget(self.older_button)
        self.title_row.addWidget(self.filter_combo)
        self.title_row.addWidget(self.new_button)
        self.body.addWidget(hairline())
        self.body.addLayout(self._stack, 1)
        self.new_button.clicked.connect(self.newPressed)
        own.clicked.connect(self.newPressed)
        preset.clicked.connect(self.presetPressed)
        self.table.rowChosen.connect(self._row_chosen)
        self.filter_combo.currentIndexChanged.connect(self._filter_chosen)

    # -------------------------------------------------------------------------------------------------- what is shown

    @property
    def filter(self) -> StrategyFilter:
        return list(StrategyFilter)[self.filter_combo.currentIndex()]

    def set_filter(self, choice: StrategyFilter) -> None:
        self.filter_combo.setCurrentIndex(list(StrategyFilter).index(choice))

    def chosen(self) -> str | None:
        """The id of the chosen strategy."""
        key = self.table.chosen_key()
        return key if isinstance(key, str) else None

    def choose(self, strategy_id: str) -> None:
        """Choose a strategy, now or as soon as it is told of; the filter gives way where it would hide it."""
        self._wanted, self._insist = strategy_id, True
        self._show()

    def prefer(self, strategy_id: str) -> None:
        """Choose a strategy as soon as it is told of, where the filter lists it."""
        self._wanted, self._insist = strategy_id, False

    def set_welcoming(self, *, welcoming: bool) -> None:
        """Whether the welcome stands in the place of the usual page while there is no strategy."""
        self._welcoming = welcoming
        if self._empty is not None:
            self._show()

    def show_view(self, view: AccountView) -> None:
        self._views, self._over = view.strategies, view.over
        self._teaching.set_sentence(teaching_words(view))
        occupied = sum(strategy.state in OCCUPYING for strategy in view.strategies)
        text = tr("{occupied} of {MAX_STRATEGIES}", occupied=occupied, MAX_STRATEGIES=MAX_STRATEGIES)
        if self._count.text() != text:
            self._count.setText(text)
        self._show()

    def _show(self) -> None:
        wanted = next((view for view in self._views if view.id == self._wanted), None)
        if wanted is not None and self._insist and not self.filter.lets_through(wanted):
            self.set_filter(StrategyFilter.ALL)
        choice = self.filter
        # Those that are not over first, in the order in which they were made; then the others, the last to end first.
        listed = [view for view in self._views if choice.lets_through(view)]
        self.model.show_views(sorted(listed, key=lambda view: view.state not in OCCUPYING), self._over)
        self._offer_older(choice)
        empty = not self._views
        if empty:
            self._stack.setCurrentWidget(self.welcome if self._welcoming else self._teaching)
        else:
            self._stack.setCurrentWidget(self._listed if listed else self._nothing)
        self.filter_combo.setVisible(not empty)
        if empty != self._empty:
            self._empty = empty
            self.emptyChanged.emit(empty)
        if wanted is not None and self.table.choose(wanted.id):
            self._wanted = None
        elif self.chosen() is None and listed:
            self.table.choose(self.model.key_at(0))

    def _offer_older(self, choice: StrategyFilter) -> None:
        ended = sum(one.count for one in self._over)
        left = ended - sum(view.state is State.ENDED for view in self._views)
        offered = choice in {StrategyFilter.ALL, StrategyFilter.ENDED} and left > 0
        words = tr("Show %n older", "", left) if offered else ""
        if self.older_button.text() != words:
            self.older_button.setText(words)
        self.older_button.setVisible(offered)

    @Slot(object)
    def _row_chosen(self, key: object) -> None:
        self.strategyChosen.emit(key)

    @Slot()
    def _filter_chosen(self) -> None:
        if self.filter in {StrategyFilter.RUNNING, StrategyFilter.WAITING}:
            self.olderFolded.emit()
        self._show()
        self.filterChanged.emit()
