"""A history of one strategy or of all, read page by page: newest first, older rows as one scrolls down."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from PySide6.QtCore import QPoint, SignalInstance, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.commands import LoadHistory
from rebalancer_gui.application.events import CommandRejected, HistoryPage
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.models.cells import Cell, Column, text_cell
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.monitor.adaptive_table import AdaptiveTable
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import push_button
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, hairline
from rebalancer_gui.ui.widgets.tables import DENSE_ROW_HEIGHT, Width, fixed

PAGE = 500
KEPT_AT_TOP = 1000
"""While nobody reads further down, only so many rows are kept in memory."""
_NEWEST = 1 << 62
_NEAR_THE_END = 20 * DENSE_ROW_HEIGHT
_STRATEGY = "strategy"
_STRATEGY_WIDTH = fixed(112)
_ALL = tr("All strategies")

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class HistorySource(Generic[RowT]):
    """How rows of one kind come and are told apart.

    ``batches`` is the feed's signal of events, ``row_of`` takes an event's row, ``key`` names a row for good, ``order``
    is its number in the store (0: not stored yet).
    """

    kind: HistoryKind
    batches: SignalInstance
    row_of: Callable[[Any], RowT]
    strategy_of: Callable[[RowT], str]
    key: Callable[[RowT], Hashable]
    order: Callable[[RowT], int]


@dataclass(frozen=True, slots=True)
class HistoryLook:
    """How a history is shown: its table's objectName and title, its columns' widths, and which of them give way first.

    ``nothing`` is said while there are no rows, ``nothing_at_all`` where those of all strategies are asked for ("": the
    same). The check box for all strategies is called `allStrategiesCheck` with ``tab`` appended.
    """

    tab: str
    object_name: str
    title: str
    widths: Mapping[str, Width]
    nothing: str
    first_to_go: Sequence[str] = ()
    nothing_at_all: str = ""


class HistoryView(QWidget, Generic[RowT]):
    """Table and foot of one history. Rows are asked for when the tab is first shown; later ones come by themselves."""

    def __init__(
        self,
        feed: EngineFeed,
        source: HistorySource[RowT],
        columns: Sequence[Column[RowT]],
        look: HistoryLook,
        sentence_of: Callable[[RowT], str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._feed = feed
        self._source = source
        self._look = look
        self._sentence_of = sentence_of
        self._strategy = ""
        self._names: dict[str, str] = {}
        self._names_of_rows: dict[str, str] = {}
        self._rows: dict[Hashable, RowT] = {}
        self._more = False
        self._asked = ""
        self._loaded = False
        whose = Column(_STRATEGY, tr("Strategy"), self._whose)
        self.model: KeyedTableModel[RowT] = KeyedTableModel(
            (columns[0], whose, *columns[1:]), key=source.key, parent=self
        )
        name = look.object_name
        self.table = AdaptiveTable(
            name, look.title, self.model, {**look.widths, _STRATEGY: _STRATEGY_WIDTH}, look.first_to_go,
            row_height=DENSE_ROW_HEIGHT, many=True,
        )  # fmt: skip
        self.table.leave_out(_STRATEGY, out=True)
        self.all_check = QCheckBox(_ALL)
        self.all_check.setObjectName(f"allStrategiesCheck{look.tab}")
        self.all_check.setAccessibleName(tr("{title} of all strategies", title=look.title))
        self.all_check.setToolTip(tr("Show the rows of every strategy of this account, ended ones too"))
        self._foot = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name=f"{name}Foot")
        self._copy = push_button(
            tr("Copy"), f"{name}Copy", icon="copy", compact=True, tip=tr("Copy the chosen rows, or all")
        )
        self._export = push_button(tr("Export CSV"), f"{name}Export", icon="export", compact=True)
        self._copy.setAccessibleName(tr("Copy {title}", title=look.title.lower()))
        self._export.setAccessibleName(tr("Export {title} as CSV", title=look.title.lower()))
        self._copy.clicked.connect(self.table.copy_selection)
        self._export.clicked.connect(self.table.ask_and_export)
        self.all_check.toggled.connect(self._scope_chosen)
        self.body = QVBoxLayout()
        self._build()
        source.batches.connect(self._take_batch)
        self.table.rowChosen.connect(self._row_chosen)
        feed.historyOutdated.connect(self.reload)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.body.setSpacing(0)
        self.body.addWidget(self.table, 3)
        column.addLayout(self.body, 1)
        column.addWidget(hairline())
        foot = QHBoxLayout()
        foot.setContentsMargins(SIDE, 4, SIDE, 4)
        foot.setSpacing(8)
        foot.addWidget(self._foot, 1)
        foot.addWidget(self.all_check)
        foot.addSpacing(8)
        foot.addWidget(self._copy)
        foot.addWidget(self._export)
        column.addLayout(foot)

    # --------------------------------------------------------------------------------------------------------- what is shown

    def set_strategy(self, strategy_id: str) -> None:
        """Show another strategy's history; its rows are asked for as soon as the tab is on screen."""
        if strategy_id != self._strategy:
            self._strategy = strategy_id
            if not self.of_all:
                self.reload()

    def set_names(self, names: Mapping[str, str]) -> None:
        """What the strategies are called, by id: for the column that says whose a row is."""
        if names != self._names:
            self._names = dict(names)
            self.model.refresh_cells()

    @property
    def of_all(self) -> bool:
        """Whether the rows of all strategies are shown."""
        return self.all_check.isChecked()

    @Slot(bool)
    def _scope_chosen(self, of_all: bool) -> None:
        self.table.leave_out(_STRATEGY, out=not of_all)
        self.reload()

    def _whose(self, row: RowT) -> Cell:
        strategy_id = self._source.strategy_of(row)
        if not strategy_id:
            return text_cell(tr("Account"), ink=Ink.TEXT2, tip=tr("Of the account itself, of no strategy"))
        name = self._names.get(strategy_id) or self._names_of_rows.get(strategy_id, strategy_id)
        return text_cell(name, bold=True)

    @Slot()
    def reload(self) -> None:
        """Forget what is shown and ask anew (now, or when the tab is shown)."""
        self._feed.forget(self._asked)
        self._asked = ""
        self._loaded = False
        self._rows.clear()
        self._more = False
        if self.isVisible():
            self._load_newest()
        else:
            self.model.clear()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._loaded and not self._asked:
            self._load_newest()

    # ---------------------------------------------------------------------------------------------------------------- loading

    def _load_newest(self) -> None:
        if not (self._strategy or self.of_all) or not self._feed.account:
            self.model.clear()
            self._say()
            return
        self._foot.setText(tr("Loading…"))
        self._ask(None)

    def _ask(self, before: int | None) -> None:
        command = LoadHistory(
            self._feed.next_command_id(), self._feed.account, self._source.kind, self._scope, before, PAGE
        )
        self._asked = command.command_id
        self._feed.ask(command, self._take_answer)

    @property
    def _scope(self) -> str:
        return "" if self.of_all else self._strategy

    def _take_answer(self, answer: Answer) -> None:
        if answer.command_id != self._asked:
            return
        self._asked = ""
        if isinstance(answer, CommandRejected):
            self._foot.setText(answer.message)
            return
        if not isinstance(answer, HistoryPage) or answer.strategy_id != self._scope:
            return
        self._more = answer.more
        self._names_of_rows |= answer.names
        self._loaded = True
        for row in cast("tuple[RowT, ...]", answer.rows):
            self._rows.setdefault(self._source.key(row), row)
        self._draw()

    @Slot(int)
    def _scrolled(self, value: int) -> None:
        bar = self.table.verticalScrollBar()
        if (
            self._more
            and not self._asked
            and self._rows
            and value >= bar.maximum() - _NEAR_THE_END
            and bar.maximum() > 0
        ):
            stored = [self._source.order(row) for row in self._rows.values() if self._source.order(row)]
            if stored:
                self._ask(min(stored))

    @Slot(object)
    def _take_batch(self, events: Iterable[Any]) -> None:
        # What came before the first page is asked for is in that page.
        if not self._loaded and not self._asked:
            return
        rows = [self._source.row_of(event) for event in events if event.account == self._feed.account]
        mine = [row for row in rows if self.of_all or self._source.strategy_of(row) == self._strategy]
        if not mine:
            return
        oldest = min((self._place(row) for row in self._rows.values()), default=0)
        for row in mine:
            key = self._source.key(row)
            if key in self._rows or not self._more or self._place(row) > oldest:
                self._rows[key] = row
        self._draw()

    def _place(self, row: RowT) -> int:
        return self._source.order(row) or _NEWEST

    # ---------------------------------------------------------------------------------------------------------------- drawing

    def _draw(self) -> None:
        # Rows that are not stored yet have one place: among them the one that came last is the newest.
        came = list(enumerate(self._rows.values()))
        rows = [row for _, row in sorted(came, key=lambda pair: (self._place(pair[1]), pair[0]), reverse=True)]
        bar = self.table.verticalScrollBar()
        if bar.value() == 0 and len(rows) > KEPT_AT_TOP:
            rows = rows[:PAGE]
            self._rows = {self._source.key(row): row for row in rows}
            self._more = True
        top = self.table.indexAt(QPoint(1, 1))
        anchor = (self.model.key_at(top.row()), top.row()) if bar.value() > 0 and top.isValid() else None
        self.model.set_rows(rows)
        if anchor is not None:
            self._keep_in_place(*anchor)
        if self._sentence_of is None or self.table.chosen_key() is None:
            self._say()

    def _keep_in_place(self, key: Hashable, old_row: int) -> None:
        """Rows that came above must not push away what somebody reads."""
        row = self.model.row_of(key)
        if row is not None and row != old_row:
            bar = self.table.verticalScrollBar()
            self.table.updateGeometries()
            bar.setValue(bar.value() + (row - old_row) * DENSE_ROW_HEIGHT)

    @Slot(object)
    def _row_chosen(self, key: object) -> None:
        """A sentence that its column cuts is read whole at the foot."""
        row = self.model.row_of(key) if self._sentence_of is not None and isinstance(key, Hashable) else None
        sentence = (
            self._sentence_of(self.model.row_at(row)) if row is not None and self._sentence_of is not None else ""
        )
        if sentence:
            self._foot.setText(sentence)
        else:
            self._say()

    def _say(self) -> None:
        count = self.model.rowCount()
        blocked = count == 0
        self._copy.setEnabled(not blocked)
        self._export.setEnabled(not blocked)
        if blocked:
            self._foot.setText((self._look.nothing_at_all if self.of_all else "") or self._look.nothing)
        elif self._more:
            self._foot.setText(tr("The newest {count} rows; older ones come as you scroll down.", count=f"{count:,}"))
        else:
            self._foot.setText(tr("1 row.") if count == 1 else tr("{count} rows, all there are.", count=f"{count:,}"))
