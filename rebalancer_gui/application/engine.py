"""The engine: plain asyncio, one loop, all accounts; commands in, events out (DESIGN.md section 4)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.account_life import AccountLife
from rebalancer_gui.application.account_runner import AccountRunner
from rebalancer_gui.application.beside import Companion, Companions
from rebalancer_gui.application.candle_desk import CandleDesk
from rebalancer_gui.application.candle_port import CandleFileReader
from rebalancer_gui.application.command_desk import CommandDesk
from rebalancer_gui.application.commands import Command
from rebalancer_gui.application.events import (
    AccountFailed,
    CommandRejected,
    EngineFailed,
    EngineStarted,
    EngineStopped,
)
from rebalancer_gui.application.lifecycle import set_stop_all
from rebalancer_gui.application.nudge import Nudge
from rebalancer_gui.application.ports import Clock, EventSink
from rebalancer_gui.application.record_desk import RecordDesk
from rebalancer_gui.application.record_port import SheetWriter
from rebalancer_gui.application.records import Repair
from rebalancer_gui.domain.errors import (
    EnvironmentProblem,
    FileDamaged,
    InvalidInput,
    RebalancerError,
    StoreUnavailable,
)

_log = logging.getLogger(__name__)

POST_GRACE = 1.5
"""Seconds that an order on its way is given when the engine stops (DESIGN.md section 4)."""
TURN_GRACE = 1.0
"""Seconds that a strategy's turn on the demo market, once begun, is given when the engine stops."""
OTHERS_GRACE = 0.5
"""Seconds that the accounts that are not open yet hold up the one that is."""
LOOK_AT_SIGNAL = 0.1
"""Seconds of wall time between two looks at the stop signal."""
OVER = "The engine has stopped, so nothing was done."
FAULT = (
    "The engine met a fault of its own while doing this and has stopped. The journal and the orders show what was done."
)


class Engine:
    """Runs all accounts. ``main`` runs in one asyncio loop; ``post`` and ``request_stop`` are called in that loop's thread
    (other threads use ``loop.call_soon_threadsafe``). ``emit`` is called in that thread only. ``beside``: who hears every
    event too and acts on it without ever holding the engine up. ``left_out``: accounts that could not even be made, and why.
    ``candle_files`` reads what ReadCandleFiles names, ``sheets`` writes what ExportRecords wishes.
    An account that fails alone is told by AccountFailed, and the others go on; the last one's failure is the engine's.
    """

    def __init__(
        self,
        setups: Sequence[AccountSetup],
        emit: EventSink,
        beside: Sequence[Companion] = (),
        left_out: Mapping[str, RebalancerError] | None = None,
        *,
        candle_files: CandleFileReader | None = None,
        sheets: SheetWriter | None = None,
    ) -> None:
        self._setups = tuple(setups)
        self._left_out = dict(left_out or {})
        self._count = len(self._setups) + len(self._left_out)
        self._failures: dict[str, RebalancerError] = {}
        self._beside = Companions(beside, self._note)
        self._emit = emit = self._beside.listen_to(emit)
        self._runners: dict[str, AccountRunner] = {}
        self._nudge = Nudge()
        self._candles = CandleDesk(self._setups, self._runners, emit, candle_files)
        self._records = RecordDesk(self._runners, emit, sheets)
        self._desk = CommandDesk(self._runners, emit, self._candles, self._nudge, self._records)
        self._inbox: asyncio.Queue[Command] = asyncio.Queue()
        self._stop = asyncio.Event()
        self._over = False
        self._until: datetime | None = None
        self._unanswered = ""

    def post(self, command: Command) -> None:
        """Ask for something; it is answered once by an event."""
        if self._over:
            self._emit(CommandRejected(command.command_id, OVER))
        else:
            self._inbox.put_nowait(command)

    def request_stop(self) -> None:
        """Begin to stop: no new order, what is on its way is given 1.5 s, everything is stored."""
        self._stop.set()

    def stop_at(self, at: datetime | None) -> None:
        """End by itself after the first batch at or after this account time (None: never): for runs that are compared."""
        self._until = at

    async def main(self) -> None:
        """Open, recover, run until :meth:`request_stop`, store, close. Never raises for what the world does."""
        self._beside.start()
        lives = [
            AccountLife(setup, self._emit, self._runners, self._until, self._failed_alone, self._nudge)
            for setup in self._setups
        ]
        openings = {life.start() for life in lives}
        try:
            for name, why in self._left_out.items():
                self._failed_alone(name, why)
            self._give_up_without_any()
            if await self._opened(lives, openings):
                self._emit(EngineStarted(tuple(self._runners)))
                await self._run(lives)
        except RebalancerError as error:
            _log.error("the engine cannot go on: %s", error.message)
            self._emit(EngineFailed(error.message, error.advice, self._repairs(error)))
        except Exception:  # noqa: BLE001 - one of the three named places
            # Broad on purpose, one of three places: a bug must halt everything and be seen, never end in silence.
            _log.exception("a fault in the engine")
            self._emit(
                EngineFailed(
                    "The engine met a fault of its own and has stopped. Nothing more is traded.",
                    "Everything is stored. The log file says more; start the program again to go on.",
                )
            )
        finally:
            self._over = True
            if self._unanswered:
                self._emit(CommandRejected(self._unanswered, FAULT))
            while not self._inbox.empty():
                self.post(self._inbox.get_nowait())
            waiting = [opening for opening in openings if not opening.done()]
            for opening in waiting:
                opening.cancel()
            if waiting:
                await asyncio.gather(*waiting, return_exceptions=True)
            await self._candles.end(OVER)
            await self._records.end(OVER)
            await self._close()
            await self._beside.end(self._stop)
            self._emit(EngineStopped())

    def _note(self, account: str, text: str) -> None:
        """A sentence of a companion for the journal of ``account`` ("": of each). Where none can take it the log has it: nor
        does a demo market, whose histories are those of its seed whatever the world outside does.
        """
        runners = [
            r for r in self._runners.values() if account in {"", r.account.name} and not r.held and not self._over
        ]
        able = [runner for runner in runners if runner.account.setup.demo is None]
        for runner in able:
            runner.account.journal.note("", "telling", text, runner.account.venue.clock.now())
        if not able:
            _log.info("%s", text)

    async def _opened(self, lives: Sequence[AccountLife], openings: set[asyncio.Task[None]]) -> bool:
        """Open the accounts; False when the engine was asked to stop before that was done. One that waits for its exchange
        or its key holds up the others for a moment only.
        """
        enough = asyncio.create_task(_enough(lives, openings, self._setups[0].venue.clock), name="opening")
        stop = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            await asyncio.wait({enough, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not enough.done():
                await asyncio.wait({enough}, timeout=POST_GRACE)
            for opening in openings:
                if opening.done():
                    opening.result()
            self._give_up_without_any()
            return enough.done()
        finally:
            for task in (enough, stop):
                task.cancel()
            await asyncio.gather(enough, stop, return_exceptions=True)

    def _failed_alone(self, name: str, why: RebalancerError) -> None:
        """The last one's failure is told as that of the engine."""
        self._failures[name] = why
        if len(self._failures) < self._count:
            _log.error("the account %s is halted: %s", name, why.message)
            self._emit(AccountFailed(name, why.message, why.advice))

    def _give_up_without_any(self) -> None:
        """Raises the first account's failure when none is left."""
        if len(self._failures) == self._count:
            raise next(iter(self._failures.values()))

    def _repairs(self, error: RebalancerError) -> tuple[Repair, ...]:
        if not isinstance(error, FileDamaged):
            return ()
        keepers = [setup.keeper for setup in self._setups if setup.keeper is not None]
        return tuple(repair for keeper in keepers for repair in keeper.repairs(error.path))

    async def _run(self, lives: Sequence[AccountLife]) -> None:
        accounts = {asyncio.create_task(life.run(), name=f"account {life.name}"): life for life in lives}
        tasks = set(accounts)
        commands = asyncio.create_task(self._serve(), name="commands")
        stop = asyncio.create_task(self._stop.wait(), name="stop")
        everything: set[asyncio.Task[Any]] = {*tasks, commands, stop}
        if any(setup.stop_signal is not None for setup in self._setups):
            everything.add(asyncio.create_task(self._watch_stop_signal(), name="stop signal"))
        done: set[asyncio.Task[Any]] = set()
        try:
            failed: set[asyncio.Task[Any]] = set()
            while done <= failed:
                done, _ = await asyncio.wait(everything - failed, return_when=asyncio.FIRST_COMPLETED)
                for task in done - {stop}:
                    task.result()
                self._give_up_without_any()
                failed |= {task for task, life in accounts.items() if task.done() and life.failure is not None}
        finally:
            await self._finish_turns(tasks)
            for runner in self._runners.values():
                runner.account.stopping = True
            busy = {task for task in tasks if not task.done()}
            if any(runner.account.posting for runner in self._runners.values()):
                await asyncio.wait(busy, timeout=POST_GRACE)
            for task in everything:
                task.cancel()
            for end in await asyncio.gather(*(everything - done), return_exceptions=True):
                if isinstance(end, Exception):
                    _log.error("a task met a fault while the engine stopped", exc_info=end)

    async def _finish_turns(self, tasks: set[asyncio.Task[None]]) -> None:
        """A demo market stands still meanwhile: the strategy whose turn it is finishes it (ADR 0004)."""
        worth_waiting = [runner.end_after_turn() for runner in self._runners.values()]
        busy = {task for task in tasks if not task.done()}
        if any(worth_waiting) and busy:
            await asyncio.wait(busy, timeout=TURN_GRACE)

    async def _watch_stop_signal(self) -> None:
        """Stop all can be set from outside (the file STOP): the strategies show it within a quarter of a second. Orders obey
        it at once, because each looks at the signal itself.
        """
        clock = self._setups[0].venue.clock
        while True:
            for runner in list(self._runners.values()):
                account = runner.account
                signal = account.setup.stop_signal
                if signal is not None and signal.is_set() and not account.stop_all and not runner.held:
                    # A disk that refuses now: no order is begun while the signal is set, and it is stored at the next look.
                    with contextlib.suppress(StoreUnavailable):
                        set_stop_all(account, on=True)
                    runner.show(urgent=True)
            await clock.sleep(LOOK_AT_SIGNAL)

    async def _close(self) -> None:
        """Store what is left and close; a disk that refuses now must not keep the rest from being closed."""
        for runner in self._runners.values():
            try:
                runner.store_all()
            except RebalancerError as error:
                _log.error("the last journal rows of %s could not be stored: %s", runner.account.name, error.message)
        for setup in self._setups:
            try:
                await setup.venue.close()
            except RebalancerError as error:
                _log.error("the venue of %s could not be closed: %s", setup.name, error.message)
            try:
                setup.store.close()
            except RebalancerError as error:
                _log.error("the file of %s could not be closed: %s", setup.name, error.message)

    async def _serve(self) -> None:
        while True:
            command = await self._inbox.get()
            self._unanswered = command.command_id
            try:
                await self._desk.handle(command)
            except InvalidInput as error:
                self._emit(CommandRejected(command.command_id, error.message, error.field))
            except EnvironmentProblem as error:
                # The transaction was taken back as a whole, so nothing was changed.
                self._emit(CommandRejected(command.command_id, f"{error.message} {error.advice}".strip()))
            self._unanswered = ""
            for runner in self._runners.values():
                runner.show(urgent=True)


async def _enough(lives: Sequence[AccountLife], openings: set[asyncio.Task[None]], clock: Clock) -> None:
    """One account is open (or all have failed), and the others had a moment: an exchange may take its time to answer, a
    keyring waits for its owner.
    """
    pending: set[asyncio.Task[Any]] = set(openings)
    while pending and not any(life.is_open for life in lives):
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        if any(opening.exception() is not None for opening in done):
            return
    waits = [asyncio.create_task(life.settled.wait()) for life in lives if not life.settled.is_set()]
    if not waits:
        return
    grace = asyncio.create_task(clock.sleep(OTHERS_GRACE), name="grace")
    try:
        pending = {*waits, grace}
        while grace in pending and len(pending) > 1:
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (*waits, grace):
            task.cancel()
        await asyncio.gather(*waits, grace, return_exceptions=True)
