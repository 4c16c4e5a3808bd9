"""The real console command as a process: started on a data folder, listened to, stopped or killed."""

import asyncio
import atexit
import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from rebalancer_gui.application.commands import CreateStrategy, SetDemoPaused
from rebalancer_gui.application.events import AccountChanged, CommandRejected, StrategyCreated
from rebalancer_gui.bootstrap import PAPER_ACCOUNT, DemoOptions, data_folder, engine_factory
from rebalancer_gui.domain.strategy import StrategyParameters
from tests.e2e.warm_console import WarmConsole

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "rebalancer_gui.cli")
PATIENCE_S = 30
"""How long anything may take that takes moments on a machine with nothing else to do."""
READY = r"^(Market time )?[-0-9: ]+ UTC\. Strategies: "


def run_to_end(*arguments: object, bound_by_rights: bool = False) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself. ``bound_by_rights``: read-only means read-only, also when this runs as root.

    It is forked from a process that has imported the program already; ``Program`` is the real start.
    """
    words = [*map(str, arguments)]
    if sys.platform == "linux" and not bound_by_rights:
        return _warm_console().run(words, PATIENCE_S)
    preparation = _give_up_overriding if bound_by_rights and os.geteuid() == 0 else None
    return subprocess.run(
        [*COMMAND, *words], cwd=ROOT, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False, timeout=PATIENCE_S, preexec_fn=preparation,
    )  # fmt: skip


@cache
def _warm_console() -> WarmConsole:
    made = WarmConsole()
    atexit.register(made.end)
    return made


def _give_up_overriding() -> None:
    """Between fork and exec: root without the two capabilities that let it pass over the rights of files."""
    libc = ctypes.CDLL(None, use_errno=True)
    drop_from_bounding_set, overriding = 24, (1, 2)  # PR_CAPBSET_DROP; CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    for capability in overriding:
        if libc.prctl(drop_from_bounding_set, capability, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "a capability cannot be given up")


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


@dataclass(frozen=True)
class Line:
    """What was printed, and when by this machine's monotonic clock (seconds)."""

    text: str
    at: float


class Program:
    """``rebalancer run`` until it is stopped or killed; use as a context manager, which leaves nothing running."""

    def __init__(self, data_dir: Path | None, *options: object) -> None:
        folder = () if data_dir is None else ("--data-dir", str(data_dir))
        self._arguments = ("run", *folder, *map(str, options))
        self.lines: list[Line] = []
        self._news = threading.Condition()
        self._over = False
        self._reader = threading.Thread(target=self._read, name="output of the program", daemon=True)

    def __enter__(self) -> Self:
        self.started_at = time.monotonic()
        self._process = subprocess.Popen(
            [*COMMAND, *self._arguments], cwd=ROOT, env=_environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> str:
        return "".join(f"{line.text}\n" for line in self.lines)

    def wait_for(self, pattern: str, count: int = 1) -> Line:
        """The ``count``-th line in which ``pattern`` is found; AssertionError when it does not come."""
        deadline = time.monotonic() + PATIENCE_S
        with self._news:
            while len(found := [line for line in self.lines if re.search(pattern, line.text)]) < count:
                assert not self._over, f"ended without {pattern!r}:\n{self.output}"
                assert self._news.wait(deadline - time.monotonic()), f"no {pattern!r} in:\n{self.output}"
        return found[count - 1]

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """AssertionError when it does not come true."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"it did not come to that:\n{self.output}"
            assert self._process.poll() is None, f"it ended before:\n{self.output}"
            time.sleep(0.005)

    def stop(self, number: int = signal.SIGINT) -> tuple[int, float]:
        """Send a signal; the exit code and how long it took (seconds)."""
        begun = time.monotonic()
        self._process.send_signal(number)
        code = self._process.wait(PATIENCE_S)
        took = time.monotonic() - begun
        self._reader.join(PATIENCE_S)
        return code, took

    def kill(self) -> None:
        """As a power cut for the process: SIGKILL. Safe to call twice."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            with self._news:
                self.lines.append(Line(text.rstrip("\n"), time.monotonic()))
                self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()


def make_strategies(data_dir: Path, wanted: Sequence[StrategyParameters], options: DemoOptions | None = None) -> None:
    """Create strategies through the engine as the program puts it together, and stop it before they are built."""
    events: list[object] = []

    def count(kinds: tuple[type, ...]) -> int:
        return sum(isinstance(event, kinds) for event in events)

    async def story() -> None:
        engine = engine_factory(folder, options or DemoOptions())(events.append)
        task = asyncio.create_task(engine.main())
        await _until(lambda: any(isinstance(e, AccountChanged) and e.view.quotes for e in events))
        engine.post(SetDemoPaused("pause", PAPER_ACCOUNT, paused=True))
        for number, parameters in enumerate(wanted):
            engine.post(CreateStrategy(f"c{number}", PAPER_ACCOUNT, parameters))
        await _until(lambda: count((StrategyCreated, CommandRejected)) == len(wanted))
        engine.request_stop()
        await task

    with data_folder(data_dir) as folder:
        asyncio.run(story())
    refused = [event for event in events if isinstance(event, CommandRejected)]
    assert not refused, refused


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 -- the engine has no other sign of it
            await asyncio.sleep(0.005)
