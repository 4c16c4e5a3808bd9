"""The newest lines of the log in memory, and the tail of the file that earlier runs left: ``application.log_port.LogReading``."""

from __future__ import annotations

import logging
import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from rebalancer_gui.application.log_port import MOST_LINES, LogLine
from rebalancer_gui.domain.errors import EnvironmentProblem

TAIL_BYTES = 512 * 1024
"""So much of the file is read for what earlier runs wrote."""
_MOST_LETTERS = 20_000
"""Of one entry; a longer one is cut."""
_HEAD = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (DEBUG|INFO|WARNING|ERROR|CRITICAL) (\S+): (.*)")
_LEVELS = logging.getLevelNamesMapping()


class LogMemory(logging.Handler):
    """Beside the file, with the same formatter: nothing gets here that would not stand there. Bounded, never waits."""

    def __init__(self, file: Path, formatter: logging.Formatter) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self._file = file
        self._size_at_start = file.stat().st_size if file.exists() else 0
        self._serial = 0
        self._guard = threading.Lock()
        self._lines: deque[LogLine] = deque(maxlen=MOST_LINES)

    @property
    def folder(self) -> Path:
        return self._file.parent

    def emit(self, record: logging.LogRecord) -> None:
        line = next(parsed([self.format(record)]), None)
        if line is not None:
            with self._guard:
                self._serial += 1
                self._lines.append(LogLine(self._serial, line.at, line.level, line.name, line.text))

    def since(self, serial: int) -> tuple[LogLine, ...]:
        with self._guard:
            new = self._serial - serial
            if new <= 0:
                return ()
            return tuple(self._lines)[-new:]

    def earlier(self) -> tuple[LogLine, ...]:
        try:
            text = _tail(self._file, self._size_at_start)
        except OSError as error:
            raise EnvironmentProblem(f"The log {self._file} cannot be read: {error.strerror}.") from error
        return tuple(parsed(text.splitlines()))[-MOST_LINES:]


def parsed(lines: Iterable[str]) -> Iterator[LogLine]:
    """Entries of the log: a line that does not begin one belongs to the one before it. Redacted once more: a file may be older than
    what is known to be secret now.
    """
    head: re.Match[str] | None = None
    rest: list[str] = []
    for line in (part for text in lines for part in text.splitlines()):
        found = _HEAD.fullmatch(line)
        if found is not None:
            yield from _entry(head, rest)
            head, rest = found, []
        elif head is not None and len(rest) < 500:
            rest.append(line)
    yield from _entry(head, rest)


def _entry(head: re.Match[str] | None, rest: list[str]) -> Iterator[LogLine]:
    if head is not None:
        text = REDACTOR("\n".join([head[4], *rest]))[:_MOST_LETTERS]
        yield LogLine(0, head[1], _LEVELS[head[2]], head[3], text)


def _tail(file: Path, end: int) -> str:
    """What stands before ``end``, the newest part of it; of a file that was begun anew meanwhile nothing is known."""
    if not file.exists() or file.stat().st_size < end:
        return ""
    begin = max(0, end - TAIL_BYTES)
    with file.open("rb") as opened:
        opened.seek(begin)
        content = opened.read(end - begin)
    text = content.decode("utf-8", "replace")
    return text.partition("\n")[2] if begin else text
