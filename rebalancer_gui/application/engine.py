"""The engine: plain asyncio, one loop, all accounts; commands in, events out (DESIGN.md section 4)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, assert_never

from rebalancer_gui.application import lifecycle
from rebalancer_gui.application.account import Account, AccountSetup
from rebalancer_gui.application.account_runner import AccountRunner
from rebalancer_gui.application.commands import (
    Command,
    ContinueDemo,
    CreateStrategy,
    JumpDemo,
    LoadChart,
    LoadHistory,
    LoadMarketCaps,
    LoadPresets,
    PauseStrategy,
    PreviewStrategy,
    RebalanceNow,
    ResumeStrategy,
    ResumeTrading,
    SetDemoPaused,
    SetDemoSpeed,
    StepDemo,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.application.events import (
    CommandDone,
    CommandRejected,
    EngineFailed,
    EngineStarted,
    EngineStopped,
    StrategyCreated,
)
from rebalancer_gui.application.ports import DemoControls, EventSink
from rebalancer_gui.application.queries import (
    answer_chart,
    answer_history,
    answer_market_caps,
    answer_presets,
    answer_preview,
)
from rebalancer_gui.application.recovery import open_account
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput, RebalancerError

_log = logging.getLogger(__name__)

POST_GRACE = 1.5
"""Seconds that an order on its way is given when the engine stops (DESIGN.md section 4)."""
OVER = "The engine has stopped, so nothing was done."
FAULT = (
    "The engine met a fault of its own while doing this and has stopped. The journal and the orders show what was done."
)


class Engine:
    """Runs all accounts. ``main`` runs in one asyncio loop; ``post`` and ``request_stop`` are called in that loop's thread
    (other threads use ``loop.call_soon_threadsafe``). ``emit`` is called in that thread only.
    """

    def __init__(self, setups: Sequence[AccountSetup], emit: EventSink) -> None:
        self._setups = tuple(setups)
        self._emit = emit
        self._runners: dict[str, AccountRunner] = {}
        self._inbox: asyncio.Queue[Command] = asyncio.Queue()
        self._stop = asyncio.Event()
        self._over = False
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

    async def main(self) -> None:
        """Open, recover, run until :meth:`request_stop`, store, close. Never raises for what the world does."""
        try:
            for setup in self._setups:
                account = await open_account(setup, self._emit)
                self._runners[setup.name] = AccountRunner(account)
            self._emit(EngineStarted(tuple(self._runners)))
            await self._run()
        except RebalancerError as error:
            _log.error("the engine cannot go on: %s", error.message)
            self._emit(EngineFailed(error.message, error.advice))
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
            await self._close()
            self._emit(EngineStopped())

    async def _run(self) -> None:
        tasks = {asyncio.create_task(runner.run(), name=f"account {name}") for name, runner in self._runners.items()}
        commands = asyncio.create_task(self._serve(), name="commands")
        stop = asyncio.create_task(self._stop.wait(), name="stop")
        everything: set[asyncio.Task[Any]] = {*tasks, commands, stop}
        done: set[asyncio.Task[Any]] = set()
        try:
            done, _ = await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stop}:
                task.result()
        finally:
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
                self._handle(command)
            except InvalidInput as error:
                self._emit(CommandRejected(command.command_id, error.message, error.field))
            except EnvironmentProblem as error:
                # The transaction was taken back as a whole, so nothing was changed.
                self._emit(CommandRejected(command.command_id, f"{error.message} {error.advice}".strip()))
            self._unanswered = ""
            for runner in self._runners.values():
                runner.show(urgent=True)

    def _handle(self, command: Command) -> None:
        match command:
            case CreateStrategy():
                created = lifecycle.create(self._account(command.account), command.parameters)
                self._emit(StrategyCreated(command.command_id, created.id, created.name))
            case PauseStrategy():
                lifecycle.pause(*self._find(command.strategy_id))
                self._emit(CommandDone(command.command_id))
            case ResumeStrategy():
                lifecycle.resume(*self._find(command.strategy_id))
                self._emit(CommandDone(command.command_id))
            case RebalanceNow():
                lifecycle.rebalance_now(*self._find(command.strategy_id))
                self._emit(CommandDone(command.command_id))
            case StopStrategy():
                lifecycle.begin_stop(*self._find(command.strategy_id), sell_all=command.sell_all)
                self._emit(CommandDone(command.command_id))
            case StopAll() | ResumeTrading():
                for runner in self._runners.values():
                    lifecycle.set_stop_all(runner.account, on=isinstance(command, StopAll))
                self._emit(CommandDone(command.command_id))
            case SetDemoSpeed() | SetDemoPaused() | StepDemo() | JumpDemo() | ContinueDemo():
                self._steer_demo(command)
                self._emit(CommandDone(command.command_id))
            case PreviewStrategy() | LoadHistory() | LoadChart() | LoadPresets() | LoadMarketCaps():
                self._read(command)
            case _:
                assert_never(command)

    def _read(self, command: PreviewStrategy | LoadHistory | LoadChart | LoadPresets | LoadMarketCaps) -> None:
        match command:
            case PreviewStrategy():
                self._emit(answer_preview(self._account(command.account), command))
            case LoadHistory():
                self._emit(answer_history(self._account(command.account), command))
            case LoadChart():
                self._emit(answer_chart(*self._find(command.strategy_id), command))
            case LoadPresets():
                self._emit(answer_presets(self._account(command.account), command.command_id, command.quote))
            case LoadMarketCaps():
                self._emit(answer_market_caps(self._account(command.account), command))
            case _:
                assert_never(command)

    def _steer_demo(self, command: SetDemoSpeed | SetDemoPaused | StepDemo | JumpDemo | ContinueDemo) -> None:
        demo = self._demo(command.account)
        match command:
            case SetDemoSpeed():
                demo.set_speed(command.speed)
            case SetDemoPaused():
                demo.set_paused(command.paused)
            case StepDemo():
                demo.step()
            case JumpDemo():
                if not demo.state().jumping and not self._account(command.account).may_trade:
                    raise InvalidInput("", "No strategy runs, so there is no next rebalance to jump to.")
                demo.jump()
            case ContinueDemo():
                demo.continue_with_random_walk()
            case _:
                assert_never(command)

    def _account(self, name: str) -> Account:
        runner = self._runners.get(name)
        if runner is None:
            raise InvalidInput("", f"There is no account {name}.")
        return runner.account

    def _demo(self, name: str) -> DemoControls:
        demo = self._account(name).setup.demo
        if demo is None:
            raise InvalidInput("", f"{name} is not a demo market.")
        return demo

    def _find(self, strategy_id: str) -> tuple[Account, StrategyRuntime]:
        for runner in self._runners.values():
            if strategy_id in runner.account.strategies:
                return runner.account, runner.account.strategies[strategy_id]
        raise InvalidInput("strategies", f"There is no strategy {strategy_id}.")
