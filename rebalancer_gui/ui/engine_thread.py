"""The thread in which the engine lives: one asyncio loop, commands in, events out, no shared state.

thread = EngineThread(make_engine)          # make_engine(sink) is called inside the thread
thread.told.connect(feed.take)              # queued: the window's thread
thread.start()
thread.post(command)                        # from the window's thread, returns at once
thread.stop()                               # joins; never terminates
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from threading import Lock
from typing import Protocol

from PySide6.QtCore import QObject, QThread, Signal

from rebalancer_gui.application.commands import Command
from rebalancer_gui.application.events import EngineFailed
from rebalancer_gui.application.ports import EventSink
from rebalancer_gui.domain.errors import RebalancerError
from rebalancer_gui.ui.translation import tr

STOP_WITHIN_MS = 2000
"""The engine stops within this time (DESIGN.md section 4); ``EngineThread.stop`` waits as long."""

_FAULT_ADVICE = tr(
    "Nothing more is sent, and everything up to here is stored. Close the program and start it again; if this happens "
    "again, the details are in the log file."
)
_log = logging.getLogger(__name__)


class EngineLike(Protocol):
    """What a thread needs of an engine; ``post`` and ``request_stop`` are called in the loop's thread."""

    async def main(self) -> None: ...

    def post(self, command: Command) -> None: ...

    def request_stop(self) -> None: ...


EngineFactory = Callable[[EventSink], EngineLike]


class EngineThread(QThread):
    """Runs one engine to its end. ``told(object)`` carries every event; connect it to a slot of another thread.

    A fault that leaves the engine becomes ``EngineFailed``: a crash is told, never lost.
    """

    told = Signal(object)

    def __init__(self, factory: EngineFactory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("engineThread")
        self._factory = factory
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine: EngineLike | None = None
        self._early: list[Command] = []
        self._stop_asked = False

    def post(self, command: Command) -> bool:
        """Hand ``command`` to the engine, also before it is up. False: the engine has ended, nobody will answer."""
        with self._lock:
            if self._loop is None or self._engine is None:
                if self.isFinished() or self._stop_asked:
                    return False
                self._early.append(command)
                return True
            self._loop.call_soon_threadsafe(self._engine.post, command)
            return True

    def request_stop(self) -> None:
        """Ask the engine to end; returns at once."""
        with self._lock:
            self._stop_asked = True
            if self._loop is not None and self._engine is not None:
                self._loop.call_soon_threadsafe(self._engine.request_stop)

    def stop(self, wait_ms: int = STOP_WITHIN_MS) -> bool:
        """Ask the engine to end and join the thread. False: it still runs after ``wait_ms``."""
        self.request_stop()
        return self.wait(wait_ms)

    def run(self) -> None:
        try:
            asyncio.run(self._main())
        except RebalancerError as error:
            _log.error("The engine ended: %s", error.message)
            self.told.emit(EngineFailed(error.message, error.advice or _FAULT_ADVICE))
        except Exception as error:  # noqa: BLE001 (the thread bridge: whatever ends the engine must be told)
            _log.exception("The engine ended by a fault of the program")
            self.told.emit(
                EngineFailed(
                    tr("The engine stopped because of a fault in the program: {error}", error=error), _FAULT_ADVICE
                )
            )
        finally:
            with self._lock:
                self._loop = self._engine = None
                self._stop_asked = True

    def _tell(self, event: object) -> None:
        self.told.emit(event)

    async def _main(self) -> None:
        engine = self._factory(self._tell)
        with self._lock:
            self._loop, self._engine = asyncio.get_running_loop(), engine
            for command in self._early:
                engine.post(command)
            self._early.clear()
            if self._stop_asked:
                engine.request_stop()
        try:
            await engine.main()
        finally:
            with self._lock:
                self._loop = self._engine = None
                self._stop_asked = True
