"""How the lists of records are read (a part of the store's port), and how they are written into files."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from rebalancer_gui.application.records import RecordFilter, RecordPage


class HistoryKind(enum.Enum):
    """The lists that are read page by page."""

    ORDERS = "orders"
    FILLS = "fills"
    FEES = "fees"
    REBALANCES = "rebalances"
    TRANSFERS = "transfers"
    JOURNAL = "journal"


class RecordReader(Protocol):
    """Records by strategy, coin, kind and time. Engine thread only; raises EnvironmentProblem."""

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
        """Newest first, rows whose key is under ``before``; with ``after`` oldest first, rows whose key is over it.

        ``skip`` leaves out so many rows first, for a jump; it costs time where it is large.
        """
        ...

    def count_records(self, kind: HistoryKind, chosen: RecordFilter) -> int | None:
        """How many there are; None where that would take a look at each row."""
        ...

    def renames(self, after: int) -> tuple[tuple[tuple[datetime, str, str], ...], int | None]:
        """(time, old name, new name) of coins that were taken over under another name, oldest first, among the next many
        bookings over the key ``after``; and the key to go on from (None: that was all).
        """
        ...


class SheetFile(Protocol):
    """A table file that is being written. Raises EnvironmentProblem (disk full, no right)."""

    def write(self, rows: Iterable[Sequence[str]]) -> None:
        """More rows, the header first. A text that a spreadsheet would take for a formula is made harmless."""
        ...

    def finish(self) -> None:
        """All of it is written: make it durable and put it in its place, in one step."""
        ...

    def close(self) -> None:
        """Safe to call twice; without :meth:`finish` before, nothing is left of it."""
        ...


class SheetWriter(Protocol):
    """Where table files are written."""

    def begin(self, path: Path, /) -> SheetFile:
        """A new file beside ``path``; what is there stays until it is finished. Raises EnvironmentProblem."""
        ...
