"""The journal: a plain sentence for each change of decision; equal ones in a row are one row with a count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from rebalancer_gui.application.ports import IdSource, Store
from rebalancer_gui.application.records import JournalEntry

WRITE_EVERY = timedelta(minutes=1)


class Journal:
    """Engine thread only. ``note`` keeps in memory, ``flush`` stores; both are called by the account runtime."""

    def __init__(
        self,
        store: Store,
        ids: IdSource,
        tail: Mapping[str, JournalEntry],
        changed: Callable[[JournalEntry], None],
    ) -> None:
        self._store = store
        self._ids = ids
        self._newest: dict[str, JournalEntry] = dict(tail)
        self._unwritten: dict[str, JournalEntry] = {}
        self._written_at: dict[str, datetime] = {}
        self._changed = changed

    def note(self, strategy_id: str, kind: str, text: str, at: datetime) -> None:
        """Say ``text`` about a strategy ("" = the account)."""
        last = self._newest.get(strategy_id)
        if last is not None and last.kind == kind and last.text == text:
            entry = replace(last, count=last.count + 1, last_at=at)
        else:
            entry = JournalEntry(self._ids.new_id("j"), strategy_id, at, at, 1, kind, text)
        self._newest[strategy_id] = entry
        self._unwritten[entry.id] = entry
        self._changed(entry)

    def forget(self, strategy_id: str) -> None:
        """It is over: nothing comes any more that its newest sentence could be counted with."""
        self._newest.pop(strategy_id, None)

    def due(self, now: datetime) -> bool:
        """Whether something new, or a count that is a minute old, waits to be written."""
        return any(self._is_due(entry, now) for entry in self._unwritten.values())

    def write(self, now: datetime, *, everything: bool = False) -> None:
        """Store what is due; stands inside a transaction of the caller."""
        for entry in [e for e in self._unwritten.values() if everything or self._is_due(e, now)]:
            self._store.save_journal(entry)
            self._written_at[entry.id] = now
            del self._unwritten[entry.id]
        newest = {entry.id for entry in self._newest.values()}
        self._written_at = {key: at for key, at in self._written_at.items() if key in newest}

    def _is_due(self, entry: JournalEntry, now: datetime) -> bool:
        written = self._written_at.get(entry.id)
        return written is None or now - written >= WRITE_EVERY
