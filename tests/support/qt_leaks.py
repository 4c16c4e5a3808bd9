"""A QThread or QTimer that outlives its test is named with the place where it was started or made.

Works only once Qt is imported, and never imports it.
"""

import sys
import traceback
import weakref
from typing import Any

import pytest

_OWN_FRAMES = 1
_DEPTH = 6
_started: list[tuple[weakref.ref[Any], str, str]] = []
_watching = False


def watch() -> None:
    """Start a new test: what runs from before is not its concern, what it starts from now on is."""
    global _watching  # noqa: PLW0603 (the classes are patched once in a process)
    _started.clear()
    core = sys.modules.get("PySide6.QtCore")
    if core is None or _watching:
        return
    _watching = True
    start_thread, make_timer = core.QThread.start, core.QTimer.__init__

    def start(self: Any, *arguments: Any) -> None:
        _note(self, "QThread", "started")
        start_thread(self, *arguments)

    def init(self: Any, *arguments: Any, **properties: Any) -> None:
        make_timer(self, *arguments, **properties)
        # Not QTimer.start: it is connected to signals as a slot, and must stay the slot that Qt knows.
        _note(self, "QTimer", "made")

    core.QThread.start = start
    core.QTimer.__init__ = init


def _note(made: Any, kind: str, how: str) -> None:
    place = "".join(traceback.format_list(traceback.extract_stack(limit=_DEPTH + _OWN_FRAMES + 1)[: -_OWN_FRAMES - 1]))
    _started.append((weakref.ref(made), f"{kind} {how}", place))


def still_running() -> list[str]:
    """One text for each watched object that lives and runs, deleteLater() having had its chance."""
    core = sys.modules.get("PySide6.QtCore")
    if core is None or not _started:
        return []
    shiboken = sys.modules["shiboken6"]
    if core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)
    found = []
    for reference, what, place in _started:
        alive = reference()
        if alive is None or not shiboken.isValid(alive):
            continue
        running = alive.isRunning() if isinstance(alive, core.QThread) else alive.isActive()
        if running:
            found.append(f"{what} here:\n{place}")
    return found


def fail_on_what_still_runs() -> None:
    found = still_running()
    _started.clear()
    if found:
        pytest.fail("Still running after the test:\n\n" + "\n".join(found), pytrace=False)
