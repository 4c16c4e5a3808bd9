"""Screens of Test this rule over the bundled history; ``pictures.py`` takes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from rebalancer_gui.adapters.market_data.bundled_candles import BundledCandles
from rebalancer_gui.adapters.market_data.history import DailyHistory
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.strategy import INTERVALS, THRESHOLDS, RatioRule, StrategyParameters, Target
from rebalancer_gui.resources_path import resource_dir
from rebalancer_gui.ui.backtest.sweep_figures import Figure
from rebalancer_gui.ui.backtest.window import TestRuleWindow
from rebalancer_gui.ui.main_window import MainWindow
from rebalancer_gui.ui.theme import ColourScheme
from tests.ui import fake_candles
from tests.ui.picture_stage import Stage, spin
from tests.ui.screenshots import Act
from tests.ui.staged_accounts import full_account

DAY = timedelta(days=1)
_history = BundledCandles(DailyHistory(resource_dir() / "demo"))


def bundled(symbol: str, timeframe: timedelta, first: int, count: int) -> CandleSeries:
    """In place of the invented candles."""
    begin = datetime.fromtimestamp(first, UTC)
    return _history._series(symbol, begin, begin + timeframe * count)


def _refuse(window: TestRuleWindow) -> None:
    window.session.failed.emit("candles", "The exchange does not answer: there is no network.")


def _read_badly(window: TestRuleWindow) -> None:
    window.head.start.setText("2022-01-01")


def _other(window: TestRuleWindow) -> None:
    window.results.sweep.choose((THRESHOLDS[2], INTERVALS[6]))
    window.results.best_check.setChecked(True)
    window.results.tabs.setCurrentIndex(1)


def _figure(figure: Figure, tab: int) -> Callable[[TestRuleWindow], None]:
    def act(window: TestRuleWindow) -> None:
        window.results.sweep.figure.setCurrentText(figure.value)
        window.results.tabs.setCurrentIndex(tab)

    return act


ACTS: dict[str, Callable[[TestRuleWindow], None]] = {
    "test-rule": lambda window: None,
    "test-rule-other": _other,
    "test-rule-fees": _figure(Figure.FEES, 2),
    "test-rule-drawdown": _figure(Figure.DRAWDOWN, 3),
    "test-rule-count": _figure(Figure.TRADES, 0),
    "test-rule-wrong": _read_badly,
    "test-rule-refused": _refuse,
}


class RuleStage(Stage):
    """Answers with the bundled candles in place of the invented ones, as long as it stands."""

    def open(self, scheme: ColourScheme, size: tuple[int, int]) -> MainWindow:
        self.before = (fake_candles.wavy_candles, fake_candles.TIMEFRAMES)
        fake_candles.wavy_candles, fake_candles.TIMEFRAMES = bundled, (DAY,)
        return super().open(scheme, size)

    def close(self) -> None:
        tests = self.window.presses.tests
        if tests.window is not None:
            tests.window.close()
            spin(lambda: tests.window is None)
        super().close()
        fake_candles.wavy_candles, fake_candles.TIMEFRAMES = self.before


def _shown(act: Callable[[TestRuleWindow], None]) -> Act:
    """The window of the test, finished, after ``act``."""

    def show(stage: Stage) -> None:
        tests = stage.window.presses.tests
        targets = tuple(Target(asset, Decimal(weight)) for asset, weight in (("BTC", 50), ("ETH", 30), ("BNB", 20)))
        parameters = StrategyParameters("Core 3", "USDT", targets, Decimal(5000), RatioRule(Decimal(5)))
        tests.test(parameters, parameters.investment, "Writes this rule into the form.", lambda rule: None)
        spin(lambda: tests.window is not None)
        opened = tests.window
        assert isinstance(opened, TestRuleWindow)
        opened.resize(stage.window.size())
        spin(lambda: not opened.session.is_busy and bool(opened.results.sweep.model.cells), 600)
        act(opened)
        spin(lambda: True, 400)

    return show


def _stage() -> Stage:
    return RuleStage(full_account())


SCREENS_OF_RULES = {name: (_stage, _shown(act)) for name, act in ACTS.items()}
