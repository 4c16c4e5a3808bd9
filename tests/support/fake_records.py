"""The filtered pages of the store in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.records import Record, RecordFilter, RecordPage
from rebalancer_gui.domain.ledger import Entry, EntryKind
from rebalancer_gui.domain.strategy import State, StrategyRecord
from tests.support.pages import is_chosen, record_page

_METHODS = {HistoryKind.FILLS: "all_fills"}


class FakeRecords:
    """What `RecordReader` asks of a store; the lists themselves are the store's."""

    entries: list[Entry]
    _strategies: dict[str, StrategyRecord]

    def ended_names(self, before: str | None, limit: int) -> tuple[tuple[str, str], ...]:
        over = [(r.id, r.parameters.name) for r in self._strategies.values() if r.state is State.ENDED][::-1]
        begin = 0 if before is None else [one for one, _name in over].index(before) + 1
        return tuple(over[begin : begin + limit])

    def all_of(self, kind: HistoryKind) -> Sequence[Record]:
        read: Callable[[None, None, int], Sequence[Record]] = getattr(self, _METHODS.get(kind, kind.value))
        return read(None, None, 1 << 60)

    def records(
        self,
        kind: HistoryKind,
        chosen: RecordFilter,
        *,
        before: int | None = None,
        after: int | None = None,
        skip: int = 0,
        limit: int,
    ) -> RecordPage:
        return record_page(self.all_of(kind), chosen, before, after, skip, limit)

    def count_records(self, kind: HistoryKind, chosen: RecordFilter) -> int | None:
        return sum(is_chosen(row, chosen) for row in self.all_of(kind))

    def renames(self, after: int) -> tuple[tuple[tuple[datetime, str, str], ...], int | None]:
        found: dict[str, tuple[datetime, str, str]] = {}
        for entry in self.entries[after:]:
            if entry.kind is EntryKind.RENAME:
                old, _, new = entry.reference.partition(" ")
                found.setdefault(entry.reference, (entry.at, old, new))
        return tuple(found.values()), None
