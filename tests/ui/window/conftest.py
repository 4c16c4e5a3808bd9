"""The whole window before a scripted engine that answers when the test lets it; no thread, no waiting."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.main_window import MainWindow
from rebalancer_gui.ui.theme import Theme
from rebalancer_gui.ui.window_state import WindowState
from tests.ui.fake_engine import FakeEngine
from tests.ui.parts import found, theme_of
from tests.ui.sample_account import SampleAccount

WidgetT = TypeVar("WidgetT", bound=QWidget)


@dataclass
class Desk:
    """Window, feed and engine. ``waiting`` are commands that nobody has answered yet; ``saved`` what it remembers."""

    qtbot: QtBot
    window: MainWindow
    feed: EngineFeed
    engine: FakeEngine
    theme: Theme
    waiting: list[c.Command] = field(default_factory=list)
    saved: list[WindowState] = field(default_factory=list)

    @property
    def account(self) -> SampleAccount:
        return self.engine.account

    def start(self) -> None:
        """The engine is up and has told what it knows."""
        self.feed.take(e.EngineStarted((self.account.name,)))
        self.feed.take(e.MarketsLoaded(self.account.name, self.engine.rules))
        self.update()
        self.answer()

    def update(self) -> None:
        """A new picture of the account on screen."""
        self.engine.tell()
        self.draw()

    def draw(self) -> None:
        """What has come, on screen at once."""
        self.feed.flush()
        if self.window.isVisible():
            self.window.show_details()
        QApplication.processEvents()

    def answer(self) -> None:
        """Let the engine answer everything that was asked, and the window hear of it."""
        while self.waiting:
            self.engine.handle(self.waiting.pop(0))
        self.draw()

    def taken(self, kind: type[Any]) -> list[Any]:
        """The commands of a kind that the engine got or is about to get, in their order."""
        return [command for command in (*self.engine.taken, *self.waiting) if isinstance(command, kind)]

    def find(self, kind: type[WidgetT], name: str) -> WidgetT:
        return found(self.window, kind, name)

    def press(self, name: str) -> None:
        """Click the button of this objectName, in the window or in the dialog on screen; it must be enabled."""
        dialog = self.dialog()
        button = found(dialog if dialog is not None else self.window, QPushButton, name)
        assert button.isEnabled(), f"{name} is disabled: {button.toolTip()}"
        button.click()
        QApplication.processEvents()

    def dialog(self) -> QDialog | None:
        """The dialog of the window that is on screen."""
        return next((dialog for dialog in self.window.findChildren(QDialog) if dialog.isVisible()), None)

    def texts(self, table_name: str) -> list[list[str]]:
        """What a table shows, row by row, hidden columns left out."""
        table = self.find(QTableView, table_name)
        model = table.model()
        columns = [i for i in range(model.columnCount()) if not table.isColumnHidden(i)]
        return [[str(model.index(row, i).data()) for i in columns] for row in range(model.rowCount())]

    def tab(self, key: str) -> None:
        """Open a tab of the details and let its questions be answered."""
        self.window.details.show_tab(key)
        QApplication.processEvents()
        self.answer()

    def choose(self, strategy_id: str) -> None:
        self.window.strategies.choose(strategy_id)
        self.update()
        self.answer()


OpenDesk = Callable[..., Desk]


@pytest.fixture
def open_desk(qtbot: QtBot, qapp: QApplication) -> Iterator[OpenDesk]:
    """Opens a window; call ``start`` on the desk. ``state``: what the window remembered."""
    with opening_desks(qtbot, qapp) as opener:
        yield opener


@contextmanager
def opening_desks(qtbot: QtBot, qapp: QApplication) -> Iterator[OpenDesk]:
    """The same for tests that share a window."""
    desks: list[Desk] = []

    def make(
        account: SampleAccount | None = None, *, state: WindowState | None = None, size: tuple[int, int] = (1280, 800)
    ) -> Desk:
        theme = theme_of(qapp)
        waiting: list[c.Command] = []
        saved: list[WindowState] = []

        def post(command: c.Command) -> bool:
            waiting.append(command)
            return True

        feed = EngineFeed(post)
        engine = FakeEngine(feed.take, account=account)
        with theme.resting():
            window = MainWindow(
                feed, theme, state or WindowState(welcomed=True), saved.append, "Rebalancer", NumberFormat()
            )
        feed.setParent(window)
        window.resize(*size)
        with qtbot.waitExposed(window):
            window.show()
        desk = Desk(qtbot, window, feed, engine, theme, waiting, saved)
        desks.append(desk)
        return desk

    yield make
    for desk in desks:
        desk.window.loader.join()
        for dialog in desk.window.findChildren(QDialog):
            dialog.close()
        desk.window.close_without_asking()
        desk.window.deleteLater()
    QApplication.processEvents()
    # Processing events alone never deletes: windows would pile up, and every change of theme repaint them all.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    """The engine runs with the four strategies of the design's pictures."""
    made = open_desk()
    made.start()
    return made


def in_window(window: QWidget, widget: QWidget) -> QRect:
    """Where a widget stands, in the window's pixels."""
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
