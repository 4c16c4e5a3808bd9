"""What the window shows of the log, and the support report. Both are without keys; the report is without names and amounts too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MOST_LINES = 5000
"""So many lines are kept in memory and shown."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry of the log, a traceback included, in which nothing secret is left. ``serial`` grows; 0: of an earlier run. ``at`` is
    ISO 8601 UTC, ``level`` a number of Python's logging (20 info, 30 warning, 40 error).
    """

    serial: int
    at: str
    level: int
    name: str
    text: str


class LogReading(Protocol):
    """Any thread."""

    @property
    def folder(self) -> Path:
        """Where the log files are."""
        ...

    def earlier(self) -> tuple[LogLine, ...]:
        """Blocking. The newest lines of the file that were written before this run, oldest first. EnvironmentProblem."""
        ...

    def since(self, serial: int) -> tuple[LogLine, ...]:
        """Those of this run after ``serial``, oldest first; never waits for a disk."""
        ...


class SupportReport(Protocol):
    """Makes the text that somebody may send to those who help."""

    def __call__(self, qt_platform: str, hidden: Sequence[str]) -> str:
        """Blocking. ``hidden`` are names (of accounts and strategies) that may not be in it."""
        ...
