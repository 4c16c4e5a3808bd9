"""Records as the engine answers them, from the rows of a sample history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.record_commands import (
    CancelExport,
    ExportRecords,
    LoadEndedNames,
    LoadRecords,
    RecordCommand,
)
from rebalancer_gui.application.records import Record, RecordPage
from tests.support.pages import is_chosen, record_page
from tests.ui.sample_history import History


def rows_of(history: History, kind: HistoryKind) -> Sequence[Record]:
    """All rows of a list, newest first."""
    lists: dict[HistoryKind, Sequence[Record]] = {
        HistoryKind.ORDERS: history.orders,
        HistoryKind.REBALANCES: history.rebalances,
        HistoryKind.TRANSFERS: history.transfers,
        HistoryKind.JOURNAL: history.journal,
        HistoryKind.FEES: history.fees,
        HistoryKind.FILLS: (),
    }
    return lists[kind]


def history_page(history: History, command: c.LoadHistory) -> e.HistoryPage:
    """One page of a tab of the details."""
    mine = [
        row
        for row in rows_of(history, command.kind)
        if (not command.strategy_id or row.strategy_id == command.strategy_id)
        and (command.before is None or row.key < command.before)
    ]
    page, more = tuple(mine[: command.limit]), len(mine) > command.limit
    return e.HistoryPage(command.command_id, command.account, command.kind, command.strategy_id, page, more)  # type: ignore[arg-type]


def answer_records(history: History, command: RecordCommand, ended: Mapping[str, str]) -> e.Event:
    """Pages are those of the port; nothing is written into files. ``ended``: names by id."""
    match command:
        case LoadRecords():
            rows = rows_of(history, command.kind)
            page = record_page(rows, command.chosen, command.before, command.after, command.skip, command.limit)
            if command.after is not None:
                page = RecordPage(page.rows[::-1], page.reached)
            searched = bool(command.chosen.word or command.chosen.since or command.chosen.until)
            total = None if searched or not command.count else sum(is_chosen(row, command.chosen) for row in rows)
            return e.RecordsPage(command.command_id, command.account, command.kind, page, total)
        case LoadEndedNames():
            ids = list(ended)
            begin = ids.index(command.before) + 1 if command.before else 0
            told = {one: ended[one] for one in ids[begin : begin + command.limit]}
            more = begin + command.limit < len(ids)
            return e.EndedNames(command.command_id, command.account, told, more)
        case ExportRecords():
            return e.RecordsExported(command.command_id, command.account, command.path, 12, 2)
        case CancelExport():
            return e.CommandDone(command.command_id)
