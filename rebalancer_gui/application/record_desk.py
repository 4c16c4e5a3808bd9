"""Answers what is asked about records, and writes them into files beside the accounts' work: each export is a task of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import assert_never

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.account_runner import AccountRunner
from rebalancer_gui.application.events import (
    CommandDone,
    CommandRejected,
    EndedNames,
    ExportProgress,
    RecordsExported,
    RecordsPage,
)
from rebalancer_gui.application.ports import EventSink
from rebalancer_gui.application.record_commands import (
    FOR_TAX_TOOLS,
    CancelExport,
    ExportRecords,
    LoadEndedNames,
    LoadRecords,
    RecordCommand,
    Sheet,
)
from rebalancer_gui.application.record_export import export
from rebalancer_gui.application.record_port import HistoryKind, SheetWriter
from rebalancer_gui.application.records import RecordFilter, RecordPage
from rebalancer_gui.domain.errors import InvalidInput, RebalancerError

CANCELLED = "The export was cancelled. No file was written."
FAULT = "The records could not be exported: the program met a fault of its own. The log file says more."
_TELL_EVERY = 0.1
_log = logging.getLogger(__name__)


class RecordDesk:
    """Engine thread only. ``runners`` are filled as accounts are opened; without ``writer`` nothing can be exported."""

    def __init__(
        self, runners: Mapping[str, AccountRunner], emit: EventSink, writer: SheetWriter | None = None
    ) -> None:
        self._runners = runners
        self._emit = emit
        self._writer = writer
        self._exports: dict[str, asyncio.Task[RecordsExported]] = {}
        self._over = CANCELLED

    def handle(self, command: RecordCommand) -> None:
        """Answer it, begin it or end it. Raises InvalidInput, and EnvironmentProblem where the records cannot be read."""
        match command:
            case LoadRecords():
                self._emit(_page(self._account(command.account), command))
            case LoadEndedNames():
                self._emit(_names(self._account(command.account), command))
            case ExportRecords():
                self._begin(command)
            case CancelExport():
                task = self._exports.get(command.export_id)
                if task is None:
                    raise InvalidInput("", "This export is over already.")
                task.cancel()
                self._emit(CommandDone(command.command_id))
            case _:
                assert_never(command)

    def _account(self, name: str) -> Account:
        runner = self._runners.get(name)
        if runner is None:
            raise InvalidInput("account", f"There is no account {name}, or it is not open.")
        return runner.account

    def _begin(self, command: ExportRecords) -> None:
        account = self._account(command.account)
        if self._writer is None:
            raise InvalidInput("export", "Nothing can be exported here.")
        if not command.path.name:
            raise InvalidInput("export", "Choose a file to write into.")
        work = self._export(account, command, self._writer)
        task = asyncio.create_task(work, name=f"export {command.command_id}")
        self._exports[command.command_id] = task
        task.add_done_callback(lambda ended: self._answer(command.command_id, ended))

    async def _export(self, account: Account, command: ExportRecords, writer: SheetWriter) -> RecordsExported:
        clock, done, told_at = account.venue.clock, 0, account.venue.clock.monotonic()
        total = size_of(account, command.sheet)

        def told(rows: int) -> None:
            nonlocal done, told_at
            done += rows
            if clock.monotonic() - told_at >= _TELL_EVERY:
                told_at = clock.monotonic()
                self._emit(ExportProgress(command.command_id, min(done, total), total))

        written = await export(account, command, writer, told)
        return RecordsExported(command.command_id, account.name, command.path, written.rows, written.unknown)

    def _answer(self, command_id: str, task: asyncio.Task[RecordsExported]) -> None:
        self._exports.pop(command_id, None)
        error = None if task.cancelled() else task.exception()
        if task.cancelled():
            self._emit(CommandRejected(command_id, self._over, "export"))
        elif error is None:
            self._emit(task.result())
        elif isinstance(error, RebalancerError):
            self._emit(CommandRejected(command_id, f"{error.message} {error.advice}".strip(), "export"))
        else:
            _log.error("a fault while records were exported; all else goes on", exc_info=error)
            self._emit(CommandRejected(command_id, FAULT, "export"))

    async def end(self, words: str) -> None:
        """The engine stops: what is being exported is given up and answered with ``words``."""
        self._over = words
        tasks = list(self._exports.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def size_of(account: Account, sheet: Sheet) -> int:
    """About how many records are read for a sheet, whatever is chosen of them."""
    kinds = _FOR_TAXES if sheet is Sheet.LOTS or sheet in FOR_TAX_TOOLS else (HistoryKind(sheet.value),)
    return sum(account.store.count_records(kind, RecordFilter()) or 0 for kind in kinds)


_FOR_TAXES = (HistoryKind.FILLS, HistoryKind.TRANSFERS)


def _names(account: Account, asked: LoadEndedNames) -> EndedNames:
    found = account.store.ended_names(asked.before or None, asked.limit + 1)
    return EndedNames(asked.command_id, account.name, dict(found[: asked.limit]), len(found) > asked.limit)


def _page(account: Account, asked: LoadRecords) -> RecordsPage:
    total = account.store.count_records(asked.kind, asked.chosen) if asked.count else None
    page = account.store.records(
        asked.kind, asked.chosen, before=asked.before, after=asked.after, skip=asked.skip, limit=asked.limit
    )
    if asked.after is not None:
        page = RecordPage(page.rows[::-1], page.reached)
    return RecordsPage(asked.command_id, account.name, asked.kind, page, total)
