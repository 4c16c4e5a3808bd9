"""Copies of several open SQLite files as of one moment, while their owner goes on writing them.

Large files are copied ahead in steps, each in a thread of its own; what is written meanwhile is taken along (SQLite's backup
interface). When little is missing of every one of them the gates of all are held, so that no transaction is open or begins, and
the rest is copied: some milliseconds in which a writer waits at the beginning of a transaction.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from rebalancer_gui.adapters.storage.gate import ENDED, Gate
from rebalancer_gui.domain.errors import StoreUnavailable

STEP_PAGES = 32
"""Pages of 4 KiB that a file is copied in; a statement of the engine waits for one step at most."""
SMALL_BYTES = 512 * 1024
"""A file up to this size is copied while the gates are held, at once: a millisecond or two."""
_BETWEEN_STEPS = 0.002
_LOOK_AGAIN = 0.05
_FOR_A_GATE = 0.1
"""Seconds that one gate is waited for before all are given back: whoever has it may want one of ours."""


class Copyable(Protocol):
    """An open file that can be copied while it is used."""

    @property
    def gate(self) -> Gate: ...

    def copy_to(
        self, target: sqlite3.Connection, pages: int = -1, pause: Callable[[int, int, int], object] | None = None
    ) -> None: ...


def copy_one(
    source: Copyable, target: Path, pages: int = -1, pause: Callable[[int, int, int], object] | None = None
) -> None:
    """One file without side files, to be made durable by the caller. OSError, sqlite3.Error."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous = OFF")
        source.copy_to(copy, pages, pause)


def copy_together(
    copies: Sequence[tuple[Copyable, Path, Path]],
    stopping: threading.Event,
    in_that_moment: Callable[[], None] = lambda: None,
) -> None:
    """Blocking, in any thread but the writers'. Copy each (source, its file, target) as of one moment; ``in_that_moment`` is
    called in it and has to be quick.

    OSError, sqlite3.Error; StoreUnavailable soon after ``stopping`` was set or one of the files is being closed. No file is read any
    more then.
    """
    # The file itself never has more pages than the source, so a large one cannot be over with its first step.
    gates = [source.gate for source, _file, _target in copies]
    sizes = [file.stat().st_size for _source, file, _target in copies]
    large = [(*copy, gate) for copy, gate, size in zip(copies, gates, sizes, strict=True) if size > SMALL_BYTES]
    small = [copy for copy, size in zip(copies, sizes, strict=True) if size <= SMALL_BYTES]
    running = _Ahead(large, stopping)
    try:
        running.until_near()
        with _all_held(gates, stopping):
            in_that_moment()
            for source, _file, target in small:
                copy_one(source, target)
            running.finish()
    except BaseException:
        running.give_up()
        raise


class _Ahead:
    """The threads that copy large files."""

    def __init__(self, copies: Sequence[tuple[Copyable, Path, Path, Gate]], stopping: threading.Event) -> None:
        self._stopping = stopping
        self._last_step, self._abandoned = threading.Event(), threading.Event()
        self._threads = ThreadPoolExecutor(max(1, len(copies)), "copying")
        self._copying: Mapping[Future[None], threading.Event] = {
            self._threads.submit(self._copy, source, target, gate, near := threading.Event()): near
            for source, _file, target, gate in copies
        }

    def until_near(self) -> None:
        """Until one step is missing of each. Raises what went wrong."""
        for future, near in self._copying.items():
            while not near.wait(_LOOK_AGAIN):
                if future.done():
                    future.result()
                    break

    def finish(self) -> None:
        """The last step of each. Raises what went wrong."""
        self._last_step.set()
        for future in self._copying:
            future.result()
        self._threads.shutdown()

    def give_up(self) -> None:
        """Returns when no file is read any more."""
        self._abandoned.set()
        self._threads.shutdown()

    def _copy(self, source: Copyable, target: Path, gate: Gate, near: threading.Event) -> None:
        def step(_status: int, remaining: int, _total: int) -> None:
            if self._last_step.is_set():
                return
            self._pause(_BETWEEN_STEPS, gate)
            if remaining <= STEP_PAGES:
                near.set()
                while not self._last_step.wait(_LOOK_AGAIN):
                    self._pause(0, gate)

        copy_one(source, target, STEP_PAGES, step)

    def _pause(self, seconds: float, gate: Gate) -> None:
        gate.check()
        if self._stopping.wait(seconds) or self._abandoned.is_set():
            raise StoreUnavailable(ENDED)


@contextmanager
def _all_held(gates: Sequence[Gate], stopping: threading.Event) -> Iterator[None]:
    taken: list[Gate] = []
    while len(taken) < len(gates):
        if stopping.is_set():
            raise StoreUnavailable(ENDED)
        for gate in gates:
            if not gate.take(_FOR_A_GATE):
                while taken:
                    taken.pop().give()
                break
            taken.append(gate)
    try:
        for gate in gates:
            gate.check()
        yield
    finally:
        while taken:
            taken.pop().give()
