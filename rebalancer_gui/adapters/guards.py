"""What keeps keys inside of this process: no memory dump, no traceback with a key in it (FAILURES.md, section 6)."""

from __future__ import annotations

import ctypes
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

from rebalancer_gui.adapters.secrets.redaction import REDACTOR

_PR_SET_DUMPABLE = 4
_log = logging.getLogger(__name__)
Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


def protect_process() -> None:
    """At the start of a program: no core dump is written, nobody's debugger reads the memory, and what goes wrong is told
    without keys. Safe to call twice; nothing is said where the system has no such thing.
    """
    _no_core_dumps()
    # What somebody else has put there (a debugger, a test runner) stays.
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _tell
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _tell_of_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _tell_of_unraisable
    if logging.getLogRecordFactory() is logging.LogRecord:
        logging.setLogRecordFactory(scrubbed_record)


def _no_core_dumps() -> None:
    if sys.platform == "win32":
        return
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (OSError, ValueError, AttributeError) as error:
        _log.warning("memory dumps could not be switched off: %s", error)


def scrubbed_traceback(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> str:
    """As Python prints it, without keys."""
    return REDACTOR("".join(traceback.format_exception(kind, error, trace)))


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    sys.stderr.write(scrubbed_traceback(kind, error, trace))


def _tell_of_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_type is not SystemExit:
        text = scrubbed_traceback(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
        _log.error("a thread ended by a fault:\n%s", text)


def _tell_of_unraisable(what: sys.UnraisableHookArgs) -> None:
    text = scrubbed_traceback(what.exc_type, what.exc_value, what.exc_traceback)
    _log.error("%s\n%s", REDACTOR(what.err_msg or "a fault that nobody could be told of"), text)


def scrubbed_record(*arguments: object, **named: object) -> logging.LogRecord:
    """Every record of every logger, whoever writes it: its words are settled and scrubbed before any handler sees them."""
    record = logging.LogRecord(*arguments, **named)  # type: ignore[arg-type]
    try:
        record.msg, record.args = REDACTOR(record.getMessage()), None
    except (TypeError, ValueError):
        # A message that does not fit its arguments: the handler that formats it says so.
        return record
    if record.exc_info and record.exc_info[0] is not None:
        record.exc_text = scrubbed_traceback(*record.exc_info).rstrip("\n")
        record.exc_info = None
    return record
