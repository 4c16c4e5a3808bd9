"""Writes an account's records into a file, in small pieces between which the rest of the engine has its turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.record_commands import FOR_TAX_TOOLS, ExportRecords, Sheet
from rebalancer_gui.application.record_port import HistoryKind, SheetWriter
from rebalancer_gui.application.record_sheets import (
    HEADERS,
    Cells,
    Names,
    for_cointracker,
    list_cells,
    lot_cells,
    movement_cells,
    rename_cells,
    trade_cells,
)
from rebalancer_gui.application.record_stream import Happening, Source, Told, happenings, rows_of
from rebalancer_gui.application.records import RecordFilter, TransferRow
from rebalancer_gui.application.tax_books import Disposal, TaxBooks, fee_parts
from rebalancer_gui.application.told_costs import told_costs


@dataclass(frozen=True, slots=True)
class Exported:
    """How many rows were written, and of how many the cost is not known."""

    rows: int
    unknown: int


async def export(account: Account, wish: ExportRecords, writer: SheetWriter, told: Told) -> Exported:
    """Write what is wished; ``told`` is called with the number of rows that were read since the last time.

    Raises EnvironmentProblem where the file cannot be written; cancelled or failed, the file is what it was before.
    """
    rows = unknown = 0
    file = await asyncio.to_thread(writer.begin, wish.path)
    try:
        file.write([HEADERS[wish.sheet]])
        async for cells, without_cost in _cells(account, wish, told):
            file.write([cells])
            rows += 1
            unknown += without_cost
        await asyncio.to_thread(file.finish)
    finally:
        file.close()
    return Exported(rows, unknown)


class _Strategies:
    """Names and money of strategies, those that are over too: each is looked for once."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._known: dict[str, tuple[str, str]] = {"": ("", "")}

    def name(self, strategy_id: str) -> str:
        return self._of(strategy_id)[0]

    def quote(self, strategy_id: str) -> str:
        return self._of(strategy_id)[1]

    def _of(self, strategy_id: str) -> tuple[str, str]:
        if strategy_id not in self._known:
            found = self._account.strategies.find(strategy_id)
            told = (found.name, found.record.parameters.quote) if found is not None else (strategy_id, "")
            self._known[strategy_id] = told
        return self._known[strategy_id]


async def _cells(account: Account, wish: ExportRecords, told: Told) -> AsyncIterator[tuple[Cells, bool]]:
    known = _Strategies(account)
    source = Source(account.store, account.venue.clock, told)
    if wish.sheet is not Sheet.LOTS and wish.sheet not in FOR_TAX_TOOLS:
        async for row in rows_of(source, HistoryKind(wish.sheet.value), wish.chosen):
            yield list_cells(wish.sheet, row, known.name), False
        return
    going = {s.record.parameters.quote for s in account.strategies.values()}
    money = {account.quote_asset, *going, *account.strategies.over.totals}
    books = TaxBooks(wish.method, money, told_costs(account.values), known.quote)
    async for happened in happenings(source):
        if wish.sheet is Sheet.LOTS:
            for disposal in _disposals(books, happened):
                if _is_chosen(wish.chosen, disposal.at, disposal.strategy_id, disposal.asset, disposal.kind):
                    yield lot_cells(disposal, wish.method, known.name), disposal.taken.lot.cost is None
        else:
            for cells in _transactions(books, happened, wish.chosen, known.name):
                yield for_cointracker(cells) if wish.sheet is Sheet.COINTRACKER else cells, False


def _disposals(books: TaxBooks, happened: Happening) -> Iterator[Disposal]:
    if isinstance(happened, TransferRow):
        yield from books.take_transfer(happened)
    elif len(happened) == 3:
        books.take_rename(happened[1], happened[2])
    else:
        row, fee = happened
        yield from books.take_fill(row, fee)


def _transactions(books: TaxBooks, happened: Happening, chosen: RecordFilter, names: Names) -> Iterator[Cells]:
    """What a tax tool needs; the books only tell how many units a renamed coin had."""
    if isinstance(happened, TransferRow):
        cells = movement_cells(happened)
        if cells and _is_chosen(chosen, happened.at, happened.strategy_id, happened.asset, str(happened.kind)):
            yield cells
    elif len(happened) == 3:
        at, old, new = happened
        units = books.take_rename(old, new)
        if units and _is_chosen(chosen, at, "", new, "renamed"):
            yield rename_cells(at, old, new, units)
        return
    else:
        row, fee = happened
        coin = row.fill.symbol.partition("/")[0]
        if _is_chosen(chosen, row.fill.at, row.strategy_id, coin, row.fill.side.value):
            yield trade_cells(row, fee_parts(row, fee), names)
    for _ in _disposals(books, happened):
        pass


def _is_chosen(chosen: RecordFilter, at: datetime, strategy_id: str, asset: str, word: str) -> bool:
    return (
        (chosen.strategy_id is None or strategy_id == chosen.strategy_id)
        and (not chosen.asset or asset == chosen.asset)
        and (not chosen.word or word == chosen.word)
        and (chosen.since is None or at >= chosen.since)
        and (chosen.until is None or at < chosen.until)
    )
