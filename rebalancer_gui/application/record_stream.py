"""All that happened on an account, oldest first, page by page: the rest of the engine has its turn after each page."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import cast

from rebalancer_gui.application.record_port import HistoryKind, RecordReader
from rebalancer_gui.application.records import FeeRow, FillRow, Record, RecordFilter, TransferKind, TransferRow

PAGE = 200
_LOOK_AHEAD = 64
"""So many fee rows are looked through for a trade's own: they stand in the order of the trades."""
_OUT = frozenset({TransferKind.WITHDRAWAL, TransferKind.LOST})

Told = Callable[[int], None]
"""So many more rows were read."""
Rename = tuple[datetime, str, str]
Happening = TransferRow | Rename | tuple[FillRow, FeeRow | None]


async def give_way() -> None:
    """The rest of the engine has its turn."""
    await asyncio.sleep(0)


async def rows_of(reader: RecordReader, kind: HistoryKind, chosen: RecordFilter, told: Told) -> AsyncIterator[Record]:
    """Oldest first."""
    after: int | None = 0
    while after is not None:
        page = reader.records(kind, chosen, after=after, limit=PAGE)
        after = page.reached
        told(len(page.rows))
        for row in page.rows:
            yield row
        await give_way()


async def happenings(reader: RecordReader, told: Told) -> AsyncIterator[Happening]:
    """Transfers, renames and trades of the whole account in the order in which they happened. At one moment coins come in
    first and go out last.
    """
    sources: list[AsyncIterator[tuple[datetime, int, Happening]]] = [
        _transfers(reader, told),
        _renames(reader),
        _fills(reader, told),
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


async def _transfers(reader: RecordReader, told: Told) -> AsyncIterator[tuple[datetime, int, Happening]]:
    async for row in rows_of(reader, HistoryKind.TRANSFERS, RecordFilter(), told):
        transfer = cast("TransferRow", row)
        yield transfer.at, 3 if transfer.kind in _OUT else 0, transfer


async def _renames(reader: RecordReader) -> AsyncIterator[tuple[datetime, int, Happening]]:
    after: int | None = 0
    known: set[tuple[str, str]] = set()
    while after is not None:
        found, after = reader.renames(after)
        for rename in found:
            if rename[1:] not in known:
                known.add(rename[1:])
                yield rename[0], 1, rename
        await give_way()


async def _fills(reader: RecordReader, told: Told) -> AsyncIterator[tuple[datetime, int, Happening]]:
    fees = _Fees(reader)
    async for row in rows_of(reader, HistoryKind.FILLS, RecordFilter(), told):
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
            self._waiting += cast("tuple[FeeRow, ...]", page.rows)
        fill = row.fill
        for place in range(min(_LOOK_AHEAD, len(self._waiting))):
            fee = self._waiting[place]
            if (fee.trade_id, fee.symbol) == (fill.trade_id, fill.symbol):
                for _ in range(place + 1):
                    self._waiting.popleft()
                return fee
        return None
