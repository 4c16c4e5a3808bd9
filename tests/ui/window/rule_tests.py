"""The window "Test this rule" before a scripted engine, and what its tests do with it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.domain.strategy import INTERVALS, THRESHOLDS, Rule, StrategyParameters
from rebalancer_gui.ui.backtest.rule_run import RuleRun
from rebalancer_gui.ui.backtest.subject import subject_of
from rebalancer_gui.ui.backtest.window import TestRuleWindow
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from tests.ui.fake_engine import FakeEngine
from tests.ui.parts import found

WidgetT = TypeVar("WidgetT", bound=QWidget)
CELLS = len(THRESHOLDS) * (len(INTERVALS) + 1)
DAY = timedelta(days=1)
BARS = 160
"""The engine answers with so many candles, whatever was asked: a map of them takes a moment."""


@dataclass
class Bench:
    """Window, feed and engine; ``used`` are the rules that were taken over."""

    qtbot: QtBot
    engine: FakeEngine
    page: QWidget
    window: TestRuleWindow
    waiting: list[c.Command]
    used: list[Rule] = field(default_factory=list)

    def answer(self) -> None:
        """The engine answers what was asked."""
        while self.waiting:
            self.engine.handle(self.waiting.pop(0))

    def wait(self) -> None:
        """Until the whole map is there."""
        self.answer()
        self.qtbot.waitUntil(lambda: self.is_done)
        QApplication.processEvents()

    @property
    def is_done(self) -> bool:
        return not self.window.session.is_busy and len(self.window.results.sweep.model.cells) == CELLS

    @property
    def table(self) -> QTableView:
        return found(self.window, QTableView, "sweepTable")

    @property
    def run(self) -> RuleRun:
        run = self.window.results.run
        assert run is not None
        return run

    def find(self, kind: type[WidgetT], name: str) -> WidgetT:
        return found(self.window, kind, name)

    def text(self, name: str) -> str:
        return self.find(QLabel, name).text().replace("\N{NO-BREAK SPACE}", " ")

    def click(self, row: int, column: int) -> None:
        """Click a cell as a person does, and wait until its run is shown."""
        index = self.table.model().index(row, column)
        before = self.run
        self.qtbot.mouseClick(
            self.table.viewport(), Qt.MouseButton.LeftButton, pos=self.table.visualRect(index).center()
        )
        self.qtbot.waitUntil(lambda: self.window.results.run is not before)

    def taken(self, kind: type[Any]) -> list[Any]:
        return [command for command in (*self.engine.taken, *self.waiting) if isinstance(command, kind)]

    def close(self) -> None:
        """With all that belongs to it."""
        if isValid(self.window):
            self.window.close()
        self.page.deleteLater()
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def use(self) -> None:
        self.find(QPushButton, "useRuleButton").click()


def open_bench(
    qtbot: QtBot,
    parameters: StrategyParameters | None = None,
    *,
    amount: str = "5000",
    demo: bool = True,
    prepare: Callable[[FakeEngine], None] = lambda engine: None,
) -> Bench:
    """The window over the first strategy of the sample account, or over ``parameters``."""
    waiting: list[c.Command] = []

    def post(command: c.Command) -> bool:
        waiting.append(command)
        return True

    page = QWidget()
    feed = EngineFeed(post, page)
    engine = FakeEngine(feed.take)
    if demo:
        engine.candles.timeframes = (DAY,)
    else:
        engine.account.demo = None
    engine.candles.most = BARS
    prepare(engine)
    feed.take(e.EngineStarted((engine.account.name,)))
    feed.take(e.MarketsLoaded(engine.account.name, engine.rules))
    engine.tell()
    view = feed.view
    assert view is not None
    subject = subject_of(
        parameters or engine.account.strategies[0].parameters, Decimal(amount), view, feed.rules, "It is written down."
    )
    window = TestRuleWindow(feed, subject, CoinColours(), NumberFormat(), page)
    bench = Bench(qtbot, engine, page, window, waiting)
    window.ruleChosen.connect(bench.used.append)
    window.resize(1280, 800)
    with qtbot.waitExposed(window):
        window.open()
    return bench
