"""All that happened on an account, oldest first, page by page: the rest of the engine has its turn after each page."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from rebalancer_gui.application.ports import Clock
from rebalancer_gui.application.record_port import HistoryKind, RecordReader
from rebalancer_gui.application.records import (
    FeeRow,
    FillRow,
    Record,
    RecordFilter,
    RecordPage,
    TransferKind,
    TransferRow,
)

PAGE = 200
_LOOK_AHEAD = 64
"""So many fee rows are looked through for a trade's own: they stand in the order of the trades."""
_OUT = frozenset({TransferKind.WITHDRAWAL, TransferKind.LOST})

Told = Callable[[int], None]
"""So many more rows were read."""
Rename = tuple[datetime, str, str]
Happening = TransferRow | Rename | tuple[FillRow, FeeRow | None]


@dataclass(frozen=True, slots=True)
class Source:
    """Where records are read: ``told`` is called with how many rows were read, ``clock`` lets the rest of the engine have its
    turn after each page.
    """

    reader: RecordReader
    clock: Clock
    told: Told

    def page(self, kind: HistoryKind, chosen: RecordFilter, after: int) -> RecordPage:
        """The next page, oldest first."""
        page = self.reader.records(kind, chosen, after=after, limit=PAGE)
        self.told(len(page.rows))
        return page


async def rows_of(source: Source, kind: HistoryKind, chosen: RecordFilter) -> AsyncIterator[Record]:
    """Oldest first."""
    after: int | None = 0
    while after is not None:
        page = source.page(kind, chosen, after)
        after = page.reached
        for row in page.rows:
            yield row
        await source.clock.sleep(0)


async def happenings(source: Source) -> AsyncIterator[Happening]:
    """Transfers, renames and trades of the whole account in the order in which they happened. At one moment coins come in
    first and go out last.
    """
    sources: list[AsyncIterator[tuple[datetime, int, Happening]]] = [
        _transfers(source),
        _renames(source),
        _fills(source),
    ]
    heads: list[tuple[datetime, int, int, Happening]] = []
    latest: dict[int, datetime] = {}

    async def advance(number: int) -> None:
        try:
            at, rank, what = await anext(sources[number])
        except StopAsyncIteration:
            return
        # Within a list the order is that of the booking, though a trade that was found late is older than its neighbours.
        at = max(at, latest.get(number, at))
        latest[number] = at
        heapq.heappush(heads, (at, rank, number, what))

    for number in range(len(sources)):
        await advance(number)
    while heads:
        _, _, number, what = heapq.heappop(heads)
        yield what
        await advance(number)


async def _transfers(source: Source) -> AsyncIterator[tuple[datetime, int, Happening]]:
    async for row in rows_of(source, HistoryKind.TRANSFERS, RecordFilter()):
        transfer = cast("TransferRow", row)
        yield transfer.at, 3 if transfer.kind in _OUT else 0, transfer


async def _renames(source: Source) -> AsyncIterator[tuple[datetime, int, Happening]]:
    after: int | None = 0
    known: set[tuple[str, str]] = set()
    while after is not None:
        found, after = source.reader.renames(after)
        for rename in found:
            if rename[1:] not in known:
                known.add(rename[1:])
                yield rename[0], 1, rename
        await source.clock.sleep(0)


async def _fills(source: Source) -> AsyncIterator[tuple[datetime, int, Happening]]:
    fees = _Fees(source.reader)
    async for row in rows_of(source, HistoryKind.FILLS, RecordFilter()):
        fill = cast("FillRow", row)
        yield fill.fill.at, 2, (fill, fees.of(fill))


class _Fees:
    """The fee row of each trade. Both lists stand in the same order, and not every trade has one."""

    def __init__(self, reader: RecordReader) -> None:
        self._reader = reader
        self._after: int | None = 0
        self._waiting: deque[FeeRow] = deque()

    def of(self, row: FillRow) -> FeeRow | None:
        if len(self._waiting) < _LOOK_AHEAD and self._after is not None:
            page = self._reader.records(HistoryKind.FEES, RecordFilter(), after=self._after, limit=PAGE)
            self._after = page.reached
            self._waiting += cast("Sequence[FeeRow]", page.rows)
        fill = row.fill
        for place in range(min(_LOOK_AHEAD, len(self._waiting))):
            fee = self._waiting[place]
            if (fee.trade_id, fee.symbol) == (fill.trade_id, fill.symbol):
                for _ in range(place + 1):
                    self._waiting.popleft()
                return fee
        return None
