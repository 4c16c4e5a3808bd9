"""The window over the scripted engine, with Qt's loop turned by hand: what the scripts that take pictures share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QElapsedTimer, QEvent
from PySide6.QtWidgets import QApplication, QDialog

from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.engine_thread import EngineThread
from rebalancer_gui.ui.main_window import MainWindow
from rebalancer_gui.ui.one_application import make_application
from rebalancer_gui.ui.theme import ColourScheme, Theme, install_theme
from rebalancer_gui.ui.window_state import WindowState
from tests.ui.fake_engine import FakeEngine
from tests.ui.sample_account import SampleAccount

_LONGEST_MS = 5000


def spin(done: Callable[[], bool], least_ms: int = 0) -> None:
    """Run the event loop until ``done`` and at least so long; gives up quietly after some seconds."""
    watch = QElapsedTimer()
    watch.start()
    while watch.elapsed() < least_ms or (not done() and watch.elapsed() < _LONGEST_MS):
        QApplication.processEvents()


_themes: list[Theme] = []


def theme_of_pictures() -> Theme:
    """Installed once in a process, with the application."""
    app = make_application()
    if not _themes:
        _themes.append(install_theme(app))
    return _themes[0]


@dataclass
class Stage:
    """The window with its engine for one screen."""

    account: SampleAccount
    state: WindowState = field(default_factory=WindowState)
    failure: tuple[str, str] | None = None

    def open(self, scheme: ColourScheme, size: tuple[int, int]) -> MainWindow:
        theme = theme_of_pictures()
        theme.set_scheme(scheme)
        self.thread = EngineThread(lambda sink: FakeEngine(sink, account=self.account, failure=self.failure))
        feed = EngineFeed(self.thread.post)
        self.thread.told.connect(feed.take)
        self.window = MainWindow(feed, theme, self.state, lambda state: None, "Rebalancer")
        self.window.resize(*size)
        self.window.show()
        self.thread.start()
        spin(lambda: feed.view is not None or self.failure is not None, 700)
        return self.window

    def close(self) -> None:
        self.thread.stop()
        self.window.loader.join()
        for dialog in self.window.findChildren(QDialog):
            dialog.close()
        self.window.close_without_asking()
        self.window.deleteLater()
        # A loop of processEvents alone never deletes: windows would pile up and every change of theme repaint them all.
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
