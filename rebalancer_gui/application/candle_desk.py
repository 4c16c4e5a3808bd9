"""Loads candles, and reads them from files, beside the accounts' work: each load is a task of its own, answered once, and never holds a check up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, assert_never

from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.account_runner import AccountRunner
from rebalancer_gui.application.candle_commands import (
    CancelCandles,
    CandleCommand,
    LoadCandles,
    LoadTimeframes,
    ReadCandleFiles,
)
from rebalancer_gui.application.candle_port import CandleFileReader, CandleQuestion, CandleSource, Pauses, Told
from rebalancer_gui.application.events import (
    CandlesProgress,
    CandlesReady,
    CommandDone,
    CommandRejected,
    TimeframesReady,
)
from rebalancer_gui.application.ports import Clock, EventSink
from rebalancer_gui.domain.errors import InvalidInput, RebalancerError

MOST_SYMBOLS = 50
CANCELLED = "Loading candles was cancelled. What was loaded is kept."
FAULT = "The candles could not be loaded: the program met a fault of its own. The log file says more."
_TELL_EVERY = 0.1
_log = logging.getLogger(__name__)


_Beside = LoadCandles | ReadCandleFiles | LoadTimeframes
_Answer = CandlesReady | TimeframesReady


class _NoPauses:
    """Of an account whose venue is not open."""

    pause = ""

    def hold(self, span: timedelta) -> None:
        """Nobody else asks it."""


class CandleDesk:
    """Engine thread only. ``runners`` are filled as accounts are opened."""

    def __init__(
        self,
        setups: Sequence[AccountSetup],
        runners: Mapping[str, AccountRunner],
        emit: EventSink,
        files: CandleFileReader | None = None,
    ) -> None:
        self._setups = {setup.name: setup for setup in setups}
        self._runners = runners
        self._emit = emit
        self._files = files
        self._loads: dict[str, asyncio.Task[_Answer]] = {}
        self._over = CANCELLED

    def handle(self, command: CandleCommand) -> None:
        """Begin it, or end it. InvalidInput when it cannot be begun."""
        match command:
            case CancelCandles():
                self._cancel(command)
            case LoadTimeframes():
                self._begin(command, self._timeframes(command, self._source(command.account)))
            case ReadCandleFiles():
                if self._files is None or not command.paths:
                    raise InvalidInput("candles", "There is no candle file to read.")
                self._begin(command, self._read(command, self._setup(command.account), self._files))
            case LoadCandles():
                source = self._source(command.account)
                self._begin(command, self._load(command, _question(command), source))
            case _:
                assert_never(command)

    def _begin(self, command: _Beside, work: Coroutine[Any, Any, _Answer]) -> None:
        load = asyncio.create_task(work, name=f"candles {command.command_id}")
        self._loads[command.command_id] = load
        load.add_done_callback(lambda ended: self._answer(command.command_id, ended))

    def _setup(self, account: str) -> AccountSetup:
        setup = self._setups.get(account)
        if setup is None:
            raise InvalidInput("account", f"There is no account {account}.")
        return setup

    def _source(self, account: str) -> CandleSource:
        setup = self._setup(account)
        if setup.candles is None:
            raise InvalidInput("candles", f"The account {setup.title} has no candles.")
        return setup.candles

    async def _timeframes(self, command: LoadTimeframes, source: CandleSource) -> TimeframesReady:
        return TimeframesReady(command.command_id, command.account, source.timeframes())

    async def _load(self, command: LoadCandles, question: CandleQuestion, source: CandleSource) -> CandlesReady:
        teller = self._teller(command.command_id, self._setup(command.account).venue.clock)
        answer = await source.load(question, teller, self._pauses(command.account))
        return CandlesReady(
            command.command_id, command.account, answer.series, answer.source, answer.findings, source.timeframes()
        )

    async def _read(self, command: ReadCandleFiles, setup: AccountSetup, reader: CandleFileReader) -> CandlesReady:
        teller = self._teller(command.command_id, setup.venue.clock)
        found = await reader.read(command.paths, command.wanted, teller)
        names = ", ".join(path.name for path in command.paths)
        return CandlesReady(
            command.command_id,
            command.account,
            found.series,
            names,
            found.findings,
            tuple(sorted({series.timeframe for series in found.series.values()})),
            found.mapping,
        )

    def _teller(self, load_id: str, clock: Clock) -> Told:
        told_at: float | None = None

        def told(done: int, total: int) -> None:
            nonlocal told_at
            now = clock.monotonic()
            if told_at is None or done >= total or now - told_at >= _TELL_EVERY:
                told_at = now
                self._emit(CandlesProgress(load_id, done, total))

        return told

    def _pauses(self, account: str) -> Pauses:
        runner = self._runners.get(account)
        return runner.account.gate if runner is not None else _NoPauses()

    def _cancel(self, command: CancelCandles) -> None:
        load = self._loads.get(command.load_id)
        if load is None:
            raise InvalidInput("", "These candles are not being loaded (any more).")
        load.cancel()
        self._emit(CommandDone(command.command_id))

    def _answer(self, command_id: str, load: asyncio.Task[_Answer]) -> None:
        self._loads.pop(command_id, None)
        error = None if load.cancelled() else load.exception()
        if load.cancelled():
            self._emit(CommandRejected(command_id, self._over))
        elif error is None:
            self._emit(load.result())
        elif isinstance(error, RebalancerError):
            field = error.field if isinstance(error, InvalidInput) else "candles"
            self._emit(CommandRejected(command_id, f"{error.message} {error.advice}".strip(), field))
        else:
            _log.error("a fault while candles were loaded; all else goes on", exc_info=error)
            self._emit(CommandRejected(command_id, FAULT, "candles"))

    async def end(self, words: str) -> None:
        """The engine stops: what is being loaded is given up and answered with ``words``."""
        self._over = words
        loads = list(self._loads.values())
        for load in loads:
            load.cancel()
        await asyncio.gather(*loads, return_exceptions=True)


def _question(command: LoadCandles) -> CandleQuestion:
    symbols = tuple(dict.fromkeys(command.symbols))
    if not 1 <= len(symbols) <= MOST_SYMBOLS:
        raise InvalidInput("coins", f"Candles are loaded of 1 to {MOST_SYMBOLS} markets at a time.")
    if command.since >= command.until:
        raise InvalidInput("candles", "The first day must come before the last one.")
    return CandleQuestion(symbols, command.timeframe, command.since, command.until, command.cached_only)
