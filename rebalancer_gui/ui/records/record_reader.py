"""Reads the rows that are on screen, one question at a time: what was scrolled past before its turn is never asked for."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from rebalancer_gui.application.events import CommandRejected, RecordsPage
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.record_commands import LoadRecords
from rebalancer_gui.application.records import RecordFilter
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.records.records_model import PAGE, RecordsModel


class RecordReader(QObject):
    """``visible`` answers the first and last row on screen. `changed()`: more is known. `failed(str)`: why not."""

    changed = Signal()
    failed = Signal(str)

    def __init__(self, feed: EngineFeed, visible: Callable[[], tuple[int, int]], parent: QObject) -> None:
        super().__init__(parent)
        self._feed, self._visible = feed, visible
        self._model: RecordsModel | None = None
        self._kind, self._chosen = HistoryKind.ORDERS, RecordFilter()
        self._asked = ""
        self._page: int | None = None
        self._pin: int | None = None
        self._cursors: dict[int, int] = {}
        self._next: int | None = None
        self.total: int | None = None
        """How many rows there are; None where that is not known."""
        self.is_complete = False
        """Nothing more will be found."""

    @property
    def is_busy(self) -> bool:
        return bool(self._asked)

    def begin(self, model: RecordsModel, kind: HistoryKind, chosen: RecordFilter) -> None:
        """Read another list into ``model``."""
        self._feed.forget(self._asked)
        self._model, self._kind, self._chosen = model, kind, chosen
        self._pin, self._next, self.total, self.is_complete = None, None, None, False
        self._cursors = {}
        self._page = 0
        self._ask(None, None, 0, count=True)

    @Slot()
    def look(self) -> None:
        """Ask for what is on screen and not there yet."""
        model = self._model
        if self._asked or model is None or self._pin is None:
            return
        first, last = self._visible()
        if self.total is None:
            if self._next is not None and last >= model.rowCount() - PAGE // 2:
                self._ask(self._next, None, 0)
            return
        pages = (self.total + PAGE - 1) // PAGE
        for number in range(first // PAGE, min(last // PAGE, pages - 1) + 1):
            if not model.has_page(number):
                self._page = number
                self._ask_page(model, number)
                return

    def _ask_page(self, model: RecordsModel, number: int) -> None:
        """By the key of a neighbour where there is one, else by counting from the newest row of the beginning."""
        below = model.page_rows(number + 1)
        if number in self._cursors:
            self._ask(self._cursors[number], None, 0)
        elif below:
            self._ask(None, below[0].key, 0)
        else:
            self._ask((self._pin or 0) + 1, None, number * PAGE)

    def _ask(self, before: int | None, after: int | None, skip: int, *, count: bool = False) -> None:
        command = LoadRecords(
            self._feed.next_command_id(), self._feed.account, self._kind, self._chosen, before, after, skip, PAGE, count
        )
        self._asked = command.command_id
        self._feed.ask(command, self._take)

    def _take(self, answer: Answer) -> None:
        model = self._model
        if answer.command_id != self._asked or model is None:
            return
        self._asked = ""
        if isinstance(answer, CommandRejected):
            self.failed.emit(answer.message)
            return
        if not isinstance(answer, RecordsPage):
            return
        rows, page = answer.page.rows, self._page or 0
        if self._pin is None:
            self.total = answer.total
            self._pin = rows[0].key if rows else 0
            model.begin(self.total)
        if self.total is None:
            self._next = answer.page.reached
            self.is_complete = self._next is None
            model.append_found(rows)
        else:
            self.is_complete = True
            model.put_page(page, rows)
            if rows:
                self._cursors[page + 1] = rows[-1].key
        self.changed.emit()
        self.look()
