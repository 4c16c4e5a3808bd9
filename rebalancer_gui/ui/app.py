"""The window as a program: application, theme, single instance, engine thread, and a safe end.

`run_window` is what the composition root calls; it knows no adapter.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.engine_thread import EngineFactory, EngineThread
from rebalancer_gui.ui.interrupts import Interrupts
from rebalancer_gui.ui.main_window import MainWindow
from rebalancer_gui.ui.single_instance import SingleInstance
from rebalancer_gui.ui.theme import ColourScheme, install_theme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.window_state import WindowState, window_state

PROGRAM = "Rebalancer"
_LATE_MS = 8000
_SWITCH_SECONDS = 0.0002
"""How soon a busy thread hands the interpreter over. Qt asks Python hundreds of small questions while it paints one
table; with Python's usual 5 ms each of them may wait that long behind an engine that computes (measured with 20
strategies and the replay running ahead: gaps of 200 ms in the window, and the engine three times slower)."""
_log = logging.getLogger(__name__)


def make_application() -> QApplication:
    """The one QApplication of the process."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        return app
    app = QApplication(sys.argv[:1])
    app.setApplicationName("rebalancer")
    app.setApplicationDisplayName("")
    app.setDesktopFileName("rebalancer")
    return app


def is_first_window(data_dir_key: str) -> SingleInstance | None:
    """Who listens for later starts on the same data; None: another window runs and was asked to show itself.

    ``data_dir_key`` names the data folder. Makes the QApplication.
    """
    instance = SingleInstance(data_dir_key, make_application())
    return instance if instance.begin() else None


def run_window(
    engine_factory: EngineFactory,
    *,
    settings: Mapping[str, object],
    save_settings: Callable[[dict[str, object]], None],
    data_dir_key: str,
    title: str = PROGRAM,
    instance: SingleInstance | None = None,
) -> int:
    """Open the window, run the engine in its thread, return the exit code when both have ended.

    ``settings`` and ``save_settings``: what the window remembers (plain JSON values). Where another window runs on the
    same data it is raised, and 0 is returned at once. ``instance``: what ``is_first_window`` gave, where the caller asked
    before it opened the data.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    app = make_application()
    mine = instance or is_first_window(data_dir_key)
    if mine is None:
        return 0
    # From here on a signal waits for the event loop and then ends everything in order.
    interrupts = Interrupts()
    state = window_state(settings)
    theme = install_theme(app, _scheme(state))
    app.setWindowIcon(theme.icon("rebalance", Ink.ACCENT, 32))
    thread = EngineThread(engine_factory)
    feed = EngineFeed(thread.post)
    thread.told.connect(feed.take)
    window = MainWindow(feed, theme, state, lambda changed: save_settings(changed.to_settings()), title)
    interrupts.asked.connect(window.close_without_asking)
    mine.raiseAsked.connect(window.raise_to_front)
    app.setQuitOnLastWindowClosed(False)
    window.closing.connect(app.quit)
    window.show()
    # The window is painted before the engine's imports and files compete with it.
    QTimer.singleShot(0, thread.start)
    app.exec()
    failed = feed.ended  # Nobody had asked the engine to stop yet.
    mine.end()
    interrupts.end()
    window.hide()
    stopped = _join(thread)
    window.loader.join()
    return 0 if stopped and not failed else 1


def _scheme(state: WindowState) -> ColourScheme:
    return (
        ColourScheme(state.theme) if state.theme in {scheme.value for scheme in ColourScheme} else ColourScheme.SYSTEM
    )


def _join(thread: EngineThread) -> bool:
    """The engine ends in under two seconds; one that does not is waited for longer, and never killed."""
    if thread.stop():
        return True
    _log.error("the engine is late to stop")
    return thread.wait(_LATE_MS)
