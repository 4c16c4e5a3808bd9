"""The log file: what happened, in UTC, rotating, with everything passed through the redactors before it is written."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from rebalancer_gui.adapters.log_memory import LogMemory
from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from rebalancer_gui.domain.errors import EnvironmentProblem

FILE_NAME = "rebalancer.log"
_MAX_BYTES = 2 * 1024 * 1024
_KEPT_FILES = 5
_TALKATIVE = (
    "aiohttp", "asyncio", "ccxt", "ccxt.base.exchange", "jeepney", "keyring", "secretstorage", "urllib3", "websockets",
)  # fmt: skip
"""Libraries that tell too much (keys and signed requests among it) below WARNING."""

Redactor = Callable[[str], str]


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and lets every redactor replace what must not be written."""

    def __init__(self, redactors: list[Redactor]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redactors = redactors

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 -- logging's
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for redact in self._redactors:
            text = redact(text)
        return text


class _Handler(RotatingFileHandler):
    """A full disk must not fill the terminal with tracebacks: what finds no room in the file is lost. ``memory`` gets all of it."""

    memory: LogMemory | None = None

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        if self.memory is not None:
            self.memory.handle(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


class LogFile:
    """``logs/rebalancer.log`` under the root logger from ``start`` to ``stop``."""

    def __init__(self, folder: Path, level: int = logging.INFO) -> None:
        self.path = folder / FILE_NAME
        self._level = level
        self._redactors: list[Redactor] = [REDACTOR]
        self._handler: RotatingFileHandler | None = None
        self.memory: LogMemory | None = None
        """The newest lines, for whoever shows them; None before :meth:`start`."""
        self._former: dict[str, int] = {}

    def add_redactor(self, redactor: Redactor) -> None:
        """From now on ``redactor`` too sees every text before it is written (that of this process's keys always does)."""
        self._redactors.append(redactor)

    def start(self) -> None:
        """EnvironmentProblem when the file cannot be opened."""
        formatter = RedactingFormatter(self._redactors)
        try:
            memory = LogMemory(self.path, formatter)
            handler = _Handler(self.path, maxBytes=_MAX_BYTES, backupCount=_KEPT_FILES, encoding="utf-8")
        except OSError as error:
            raise EnvironmentProblem(
                f"The log {self.path} cannot be written: {error.strerror}.",
                "Make sure that you may write there and that the disk has room, or choose another data folder.",
            ) from error
        handler.setFormatter(formatter)
        handler.setLevel(self._level)
        root = logging.getLogger()
        self._former = {"": root.level} | {name: logging.getLogger(name).level for name in _TALKATIVE}
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        root.setLevel(self._level)
        root.addHandler(handler)
        handler.memory = memory
        self._handler, self.memory = handler, memory

    def stop(self) -> None:
        """Close the file and put the levels back; safe to call twice."""
        handler, self._handler = self._handler, None
        if handler is None:
            return
        logging.getLogger().removeHandler(handler)
        handler.close()
        for name, level in self._former.items():
            logging.getLogger(name).setLevel(level)
