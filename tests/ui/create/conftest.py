"""A create panel before a scripted engine that answers only when the test lets it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.application.candle_commands import LoadCandles
from rebalancer_gui.application.market_commands import LoadCloses
from rebalancer_gui.ui.create.manual_tab import ManualTab
from rebalancer_gui.ui.create.panel import CreatePanel
from rebalancer_gui.ui.create.preset_tab import PresetTab
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from tests.ui.fake_engine import FakeEngine
from tests.ui.parts import found, theme_of

WidgetT = TypeVar("WidgetT", bound=QWidget)


@dataclass
class Desk:
    """The panel, the feed and the engine behind it; `waiting` are commands that nobody has answered yet, but for those of the
    rule cockpit, which asks by itself: `past_asked`. Candles are answered only with `candles`.
    """

    qtbot: QtBot
    root: QWidget
    feed: EngineFeed
    engine: FakeEngine
    panel: CreatePanel
    waiting: list[c.Command] = field(default_factory=list)
    past_asked: list[c.Command] = field(default_factory=list)
    candles: bool = False

    @property
    def manual(self) -> ManualTab:
        return self.panel.manual

    @property
    def presets(self) -> PresetTab:
        return self.panel.presets

    def find(self, kind: type[WidgetT], name: str) -> WidgetT:
        return found(self.root, kind, name)

    def answer(self) -> None:
        """Let the engine answer everything that was asked, and the window hear of it."""
        while self.waiting:
            self.engine.handle(self.waiting.pop(0))
        for command in self.past_asked.copy():
            if self.candles or not isinstance(command, LoadCandles):
                self.past_asked.remove(command)
                self.engine.handle(command)
        self.update()

    def update(self) -> None:
        """A new picture of the account on screen."""
        self.engine.tell()
        self.feed.flush()
        QApplication.processEvents()

    def taken(self, kind: type[Any]) -> list[Any]:
        """The commands of a kind that the engine got, in their order."""
        return [command for command in self.engine.taken if isinstance(command, kind)]

    def type(self, name: str, text: str) -> QLineEdit:
        """Replace the text of a field as a person does."""
        edit = self.find(QLineEdit, name)
        edit.setFocus()
        edit.selectAll()
        self.qtbot.keyClick(edit, Qt.Key.Key_Backspace)
        self.qtbot.keyClicks(edit, text)
        return edit

    def add(self, *assets: str) -> None:
        """Add coins through the dialog."""
        self.manual.coins.add.click()
        dialog = self.dialog("addCoinsDialog")
        search = found(dialog, QLineEdit, "coinSearchEdit")
        search.setText(" ".join(assets))
        self.qtbot.keyClick(search, Qt.Key.Key_Return)
        found(dialog, QPushButton, "coinDialogOk").click()
        QApplication.processEvents()

    def text(self, name: str) -> str:
        """What a label says; empty while it is not on screen."""
        label = self.find(QLabel, name)
        return label.text() if label.isVisible() else ""

    def combo(self, name: str) -> QComboBox:
        return self.find(QComboBox, name)

    @property
    def create(self) -> QPushButton:
        """Create on the Manual page."""
        return self.find(QPushButton, "createButton")

    def weight(self, asset: str) -> QLineEdit:
        """The field with a coin's weight."""
        return self.find(QLineEdit, f"weightEdit{asset}")

    def fill(self, amount: str = "240") -> None:
        """Three coins in equal parts and an amount."""
        self.add("BTC", "ETH", "SOL")
        self.type("investmentEdit", amount)

    def confirm(self) -> None:
        """From the Manual page through the preview to the engine's answer."""
        self.create.click()
        self.answer()
        found(self.dialog("planPreviewDialog"), QPushButton, "confirmButton").click()
        self.answer()

    def dialog(self, name: str) -> QWidget:
        """The dialog of this objectName that is on screen."""
        for widget in QApplication.topLevelWidgets():
            if widget.objectName() == name and widget.isVisible():
                return widget
        raise AssertionError(f"no dialog {name} on screen")


def make_desk(qtbot: QtBot, qapp: QApplication, engine_of: Callable[[Any], FakeEngine], numbers: NumberFormat) -> Desk:
    theme = theme_of(qapp)
    root = QWidget()
    qtbot.addWidget(root)
    waiting: list[c.Command] = []
    past_asked: list[c.Command] = []

    def post(command: c.Command) -> bool:
        (past_asked if isinstance(command, LoadCloses | LoadCandles) else waiting).append(command)
        return True

    feed = EngineFeed(post, root)
    engine = engine_of(feed.take)
    row = QHBoxLayout(root)
    row.setContentsMargins(0, 0, 0, 0)
    with theme.resting():
        panel = CreatePanel(feed, theme, root, numbers=numbers)
        row.addWidget(panel)
    root.resize(392, 700)
    with qtbot.waitExposed(root):
        root.show()
    return Desk(qtbot, root, feed, engine, panel, waiting, past_asked)


def start(desk: Desk) -> None:
    """The engine is up: markets, account, presets."""
    desk.feed.take(e.EngineStarted((desk.engine.account.name,)))
    desk.feed.take(e.MarketsLoaded(desk.engine.account.name, desk.engine.rules))
    desk.update()
    desk.answer()


@pytest.fixture
def cold_desk(qtbot: QtBot, qapp: QApplication) -> Desk:
    """Before the engine said anything."""
    return make_desk(qtbot, qapp, FakeEngine, NumberFormat())


@pytest.fixture
def desk(cold_desk: Desk) -> Desk:
    """The engine runs, with the four strategies of the design's pictures and 1,900 USDT free; the Manual page is up."""
    start(cold_desk)
    cold_desk.panel.show_manual()
    return cold_desk
