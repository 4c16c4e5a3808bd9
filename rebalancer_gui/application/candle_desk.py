"""Loads candles beside the accounts' work: each load is a task of its own, answered once, and never holds a check up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.account_runner import AccountRunner
from rebalancer_gui.application.candle_commands import CancelCandles, LoadCandles
from rebalancer_gui.application.candle_port import CandleQuestion, CandleSource, Pauses, Told
from rebalancer_gui.application.events import CandlesProgress, CandlesReady, CommandDone, CommandRejected
from rebalancer_gui.application.ports import Clock, EventSink
from rebalancer_gui.domain.errors import InvalidInput, RebalancerError

MOST_SYMBOLS = 50
CANCELLED = "Loading candles was cancelled. What was loaded is kept."
FAULT = "The candles could not be loaded: the program met a fault of its own. The log file says more."
_TELL_EVERY = 0.1
_log = logging.getLogger(__name__)


class _NoPauses:
    """Of an account whose venue is not open."""

    pause = ""

    def hold(self, span: timedelta) -> None:
        """Nobody else asks it."""


class CandleDesk:
    """Engine thread only. ``runners`` are filled as accounts are opened."""

    def __init__(self, setups: Sequence[AccountSetup], runners: Mapping[str, AccountRunner], emit: EventSink) -> None:
        self._setups = {setup.name: setup for setup in setups}
        self._runners = runners
        self._emit = emit
        self._loads: dict[str, asyncio.Task[CandlesReady]] = {}
        self._over = CANCELLED

    def handle(self, command: LoadCandles | CancelCandles) -> None:
        """Begin it, or end it. InvalidInput when it cannot be begun."""
        if isinstance(command, CancelCandles):
            self._cancel(command)
            return
        setup = self._setups.get(command.account)
        if setup is None:
            raise InvalidInput("account", f"There is no account {command.account}.")
        if setup.candles is None:
            raise InvalidInput("candles", f"The account {setup.title} has no candles.")
        symbols = tuple(dict.fromkeys(command.symbols))
        if not 1 <= len(symbols) <= MOST_SYMBOLS:
            raise InvalidInput("coins", f"Candles are loaded of 1 to {MOST_SYMBOLS} markets at a time.")
        if command.since >= command.until:
            raise InvalidInput("candles", "The first day must come before the last one.")
        question = CandleQuestion(symbols, command.timeframe, command.since, command.until, command.cached_only)
        load = asyncio.create_task(
            self._load(command, question, setup.candles, setup.venue.clock), name=f"candles {command.command_id}"
        )
        self._loads[command.command_id] = load
        load.add_done_callback(lambda ended: self._answer(command.command_id, ended))

    async def _load(
        self, command: LoadCandles, question: CandleQuestion, source: CandleSource, clock: Clock
    ) -> CandlesReady:
        answer = await source.load(question, self._teller(command.command_id, clock), self._pauses(command.account))
        return CandlesReady(
            command.command_id, command.account, answer.series, answer.source, answer.findings, source.timeframes()
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

    def _answer(self, command_id: str, load: asyncio.Task[CandlesReady]) -> None:
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
