"""By what the records are chosen: list, strategy, coin, kind, time. GUI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from PySide6.QtCore import QDate, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDateEdit, QGridLayout, QLabel, QSizePolicy, QWidget

from rebalancer_gui.application.records import RecordFilter
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.ui.records.lists import LISTS, RecordList
from rebalancer_gui.ui.records.strategy_finder import StrategyFinder
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.form import combo_box
from rebalancer_gui.ui.widgets.panel import SIDE, caption

_ALL, _TODAY, _WEEK, _MONTH, _THIS_YEAR, _LAST_YEAR, _DAYS = "all", "today", "week", "month", "this", "last", "days"
_TIMES = (
    (tr("All time"), _ALL),
    (tr("Today"), _TODAY),
    (tr("Last 7 days"), _WEEK),
    (tr("Last 30 days"), _MONTH),
    (tr("This year"), _THIS_YEAR),
    (tr("Last year"), _LAST_YEAR),
    (tr("From … to …"), _DAYS),
)
_ANY = tr("Any")
_FIELD_HEIGHT = 28
_OFFERED = 200
"""So many strategies that are over stand in the list; older ones are found by typing."""


class RecordFilters(QWidget):
    """`changed()`: another choice. Days are days in UTC, as the times in the lists are."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: AccountView | None = None
        self.list_combo = combo_box("recordsListCombo", tr("List"), [(one.title, i) for i, one in enumerate(LISTS)])
        self.strategy_combo = combo_box("recordsStrategyCombo", tr("Strategy"))
        self._older: Mapping[str, str] = {}
        self._shown_names: dict[str, str] = {}
        self._found: list[str] = []
        self._finder = StrategyFinder(self.strategy_combo, self._strategy_found)
        self.coin_combo = combo_box("recordsCoinCombo", tr("Coin"))
        self.word_combo = combo_box("recordsWordCombo", tr("Kind"))
        self.time_combo = combo_box("recordsTimeCombo", tr("Time"), _TIMES)
        self.since_edit = _day_edit("recordsSinceEdit", tr("First day"))
        self.until_edit = _day_edit("recordsUntilEdit", tr("Last day"))
        self._word_label = caption(tr("Kind"))
        self._build()
        self._show_words()
        self._show_days()
        self.list_combo.currentIndexChanged.connect(self._list_chosen)
        self.time_combo.currentIndexChanged.connect(self._time_chosen)
        for combo in (self.strategy_combo, self.coin_combo, self.word_combo):
            combo.currentIndexChanged.connect(self.changed)
        for edit in (self.since_edit, self.until_edit):
            edit.dateChanged.connect(self.changed)

    def _build(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(SIDE, 8, SIDE, 10)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        fields: tuple[tuple[QLabel, QWidget, int], ...] = (
            (caption(tr("List")), self.list_combo, 2),
            (caption(tr("Strategy")), self.strategy_combo, 3),
            (caption(tr("Coin")), self.coin_combo, 2),
            (self._word_label, self.word_combo, 3),
            (caption(tr("Time, UTC")), self.time_combo, 2),
            (caption(tr("From")), self.since_edit, 2),
            (caption(tr("To")), self.until_edit, 2),
        )
        for column, (label, field, share) in enumerate(fields):
            label.setBuddy(field)
            grid.addWidget(label, 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, share)
            if isinstance(field, QComboBox):
                field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
                field.setMinimumContentsLength(8)
                field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    # ------------------------------------------------------------------------------------------------- what is offered

    def show_account(self, view: AccountView, older: Mapping[str, str]) -> None:
        """Which strategies and coins there are to choose from; what is chosen stays chosen. ``older``: names of all strategies that
        are over, by id, the newest first.
        """
        first = self._view is None
        before, self._view, self._older = self._older, view, older
        strategies: list[tuple[str, object]] = [(tr("All strategies"), None), (tr("The account itself"), "")]
        strategies += [(s.parameters.name, s.id) for s in reversed(view.strategies)]
        shown = {s.id for s in view.strategies}
        known = [sid for sid in older if sid not in shown][:_OFFERED]
        strategies += [(older[sid], sid) for sid in dict.fromkeys((*known, *self._found)) if sid in older]
        shown_names = {s.id: s.parameters.name for s in view.strategies}
        if older is not before or shown_names != self._shown_names:
            self._shown_names = shown_names
            self._finder.set_names({**older, **shown_names})
        coins = {a for s in view.strategies for a in (*s.parameters.assets, *s.results)} | set(view.free)
        _offer(self.strategy_combo, strategies)
        _offer(self.coin_combo, [(tr("Any coin"), ""), *((coin, coin) for coin in sorted(coins))])
        if first:
            today = view.at.astimezone(UTC).date()
            for edit, day in ((self.since_edit, today - timedelta(days=30)), (self.until_edit, today)):
                blocked = edit.blockSignals(True)
                edit.setDate(QDate(day.year, day.month, day.day))
                edit.blockSignals(blocked)

    def _strategy_found(self, strategy_id: str) -> None:
        """One that does not stand in the list: from now on it does."""
        self._found.append(strategy_id)
        if self._view is not None:
            self.show_account(self._view, self._older)

    @property
    def list(self) -> RecordList:
        """Which list is chosen."""
        return LISTS[max(0, self.list_combo.currentIndex())]

    @property
    def chosen(self) -> RecordFilter:
        """Which of its rows."""
        strategy = self.strategy_combo.currentData()
        since, until = self._span()
        return RecordFilter(
            strategy if isinstance(strategy, str) else None,
            str(self.coin_combo.currentData() or ""),
            str(self.word_combo.currentData() or ""),
            since,
            until,
        )

    def choose_strategy(self, strategy_id: str) -> None:
        """Show the records of one strategy."""
        self.strategy_combo.setCurrentIndex(max(0, self.strategy_combo.findData(strategy_id)))

    @property
    def is_open(self) -> bool:
        """Whether everything is shown."""
        return self.chosen == RecordFilter()

    @Slot()
    def clear(self) -> None:
        """Show everything of the list."""
        was = self.blockSignals(True)
        for combo in (self.strategy_combo, self.coin_combo, self.word_combo, self.time_combo):
            combo.setCurrentIndex(0)
        self.blockSignals(was)
        self.changed.emit()

    def _span(self) -> tuple[datetime | None, datetime | None]:
        now = self._view.at.astimezone(UTC) if self._view is not None else None
        if now is None:
            return None, None
        midnight = datetime.combine(now.date(), time(), UTC)
        match self.time_combo.currentData():
            case "today":
                return midnight, None
            case "week":
                return midnight - timedelta(days=6), None
            case "month":
                return midnight - timedelta(days=29), None
            case "this":
                return midnight.replace(month=1, day=1), None
            case "last":
                begins = midnight.replace(month=1, day=1)
                return begins.replace(year=begins.year - 1), begins
            case "days":
                return _begin(self.since_edit), _begin(self.until_edit) + timedelta(days=1)
            case _:
                return None, None

    # ------------------------------------------------------------------------------------------------------- choosing

    @Slot()
    def _list_chosen(self) -> None:
        self._show_words()
        self.changed.emit()

    @Slot()
    def _time_chosen(self) -> None:
        self._show_days()
        self.changed.emit()

    def _show_days(self) -> None:
        by_hand = self.time_combo.currentData() == _DAYS
        why = "" if by_hand else tr("Choose “From … to …” to set days of your own.")
        for edit in (self.since_edit, self.until_edit):
            edit.setEnabled(by_hand)
            edit.setToolTip(why)

    def _show_words(self) -> None:
        of = self.list
        self._word_label.setText(of.word_name or tr("Kind"))
        _offer(self.word_combo, [(_ANY, ""), *of.words], keep=False)
        self.word_combo.setEnabled(bool(of.words))
        self.word_combo.setToolTip("" if of.words else tr("This list has one kind of row only."))


def _offer(combo: QComboBox, options: list[tuple[str, object]], *, keep: bool = True) -> None:
    present = [(combo.itemText(i), combo.itemData(i)) for i in range(combo.count())]
    if present == options:
        return
    chosen = combo.currentData() if keep else None
    blocked = combo.blockSignals(True)
    combo.clear()
    for text, data in options:
        combo.addItem(text, data)
    combo.setCurrentIndex(max(0, combo.findData(chosen)) if chosen is not None else 0)
    combo.blockSignals(blocked)


def _day_edit(object_name: str, accessible_name: str) -> QDateEdit:
    edit = QDateEdit()
    edit.setObjectName(object_name)
    edit.setAccessibleName(accessible_name)
    edit.setDisplayFormat("yyyy-MM-dd")
    edit.setCalendarPopup(True)
    edit.setFixedHeight(_FIELD_HEIGHT)
    edit.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return edit


def _begin(edit: QDateEdit) -> datetime:
    day = edit.date()
    return datetime(day.year(), day.month(), day.day(), tzinfo=UTC)
