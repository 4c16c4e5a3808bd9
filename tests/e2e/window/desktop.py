"""A private desktop for the real program: a session bus, somebody who reads the screen, mouse and keyboard.

    with Desktop.start(environment, log) as desktop, open_window(desktop, data_dir) as window:
        ...

Nothing of the program is imported. What is on the screen is read through the accessibility bus (by an agent in the
distribution's Python, which has the bindings), mouse and keyboard go through the X server.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
AGENT = Path(__file__).with_name("accessibility_agent.py")
DISTRIBUTION_PYTHON = "/usr/bin/python3"
PATIENCE_S = 20.0
"""How long anything may take that takes moments on a machine with nothing else to do."""
_PHOTOGRAPHER = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
sys.exit(not app.primaryScreen().grabWindow(0).save(sys.argv[1]))
"""


class NotOnScreenError(Exception):
    """The control is not there, or went away while it was looked at."""


@dataclass(frozen=True)
class Control:
    """What a screen reader is told about a control. `bounds` and `seen` (not scrolled away): x, y, width, height."""

    id: str
    role: str
    name: str
    text: str
    description: str
    bounds: tuple[int, int, int, int]
    seen: tuple[int, int, int, int]
    showing: bool
    enabled: bool
    checked: bool
    selected: bool
    focused: bool
    active: bool

    @classmethod
    def of(cls, told: dict[str, Any]) -> Control:
        return cls(**{**told, "bounds": tuple(told["bounds"]), "seen": tuple(told["seen"])})

    @property
    def is_in_view(self) -> bool:
        """Its middle can be clicked: no scrolled area has cut it away."""
        x, y = self.middle
        left, top, width, height = self.seen
        return left <= x < left + width and top <= y < top + height

    @property
    def middle(self) -> tuple[int, int]:
        x, y, width, height = self.bounds
        return x + width // 2, y + height // 2


@dataclass
class Desktop:
    """A session bus of its own with the agent on it. `environment` is what programs on this desktop are started with."""

    environment: dict[str, str]
    _agent: subprocess.Popen[str]
    _log: Path
    _answers: queue.Queue[str] = field(default_factory=queue.Queue)

    @classmethod
    @contextmanager
    def start(cls, environment: Mapping[str, str], log: Path) -> Iterator[Desktop]:
        """`environment` has DISPLAY, where a window manager runs."""
        own = dict(environment)
        with (
            log.open("w") as complaints,
            subprocess.Popen(
                ["dbus-run-session", "--", DISTRIBUTION_PYTHON, str(AGENT)],
                env=_without_venv(own), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True,
            ) as agent,
        ):  # fmt: skip
            desktop = cls(own, agent, log)
            reader = threading.Thread(target=desktop._listen, name="accessibility agent", daemon=True)
            reader.start()
            try:
                own["DBUS_SESSION_BUS_ADDRESS"] = str(desktop.ask("wake_accessibility"))
                yield desktop
            finally:
                assert agent.stdin is not None
                agent.stdin.close()
                agent.wait(PATIENCE_S)
                reader.join(PATIENCE_S)

    def ask(self, do: str, **details: object) -> Any:
        """One question to the agent; NotOnScreenError where the control is not there."""
        assert self._agent.stdin is not None
        self._agent.stdin.write(json.dumps({"do": do, **details}) + "\n")
        self._agent.stdin.flush()
        line = self._answers.get(timeout=PATIENCE_S * 2)
        assert line, f"the accessibility agent has ended; {self._log} says why"
        answer = json.loads(line)
        if "gone" in answer:
            raise NotOnScreenError(answer["gone"])
        return answer["answer"]

    def _listen(self) -> None:
        assert self._agent.stdout is not None
        for line in self._agent.stdout:
            # The bus and its services write into the same pipe.
            if line.startswith("{"):
                self._answers.put(line)
        self._answers.put("")

    def start_program(self, data_dir: Path, output: Path, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        """The window's command as a process, whatever becomes of it."""
        with output.open("ab") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "rebalancer_gui", "--data-dir", str(data_dir), *options],
                cwd=ROOT, env=self.environment | {"PYTHONPATH": str(ROOT)} | environment, stdin=subprocess.DEVNULL,
                stdout=file, stderr=file,
            )  # fmt: skip

    def screenshot(self, path: Path) -> None:
        """The whole screen as PNG."""
        self.run(sys.executable, "-c", _PHOTOGRAPHER, str(path))

    def run(self, *command: str) -> str:
        """What a command prints that works on this display; CalledProcessError when it fails."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True, timeout=30)
        return done.stdout.strip()

    @cached_property
    def size(self) -> tuple[int, int]:
        """Of the screen, in pixels."""
        width, height = self.run("xdotool", "getdisplaygeometry").split()
        return int(width), int(height)

    # ---------------------------------------------------------------------------------------------- mouse and keyboard

    def click_at(self, x: int, y: int, button: str = "1") -> None:
        self.run("xdotool", "mousemove", str(x), str(y), "click", button)

    def keys(self, *names: str) -> None:
        """Key presses by X's names: `Tab`, `ctrl+n`."""
        self.run("xdotool", "key", "--clearmodifiers", *names)

    def type(self, text: str) -> None:
        self.run("xdotool", "type", "--clearmodifiers", "--delay", "2", "--", text)


def _without_venv(environment: Mapping[str, str]) -> dict[str, str]:
    """The distribution's Python must not meet the packages of another one."""
    return {
        name: value for name, value in environment.items() if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    }
