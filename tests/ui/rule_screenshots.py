"""Pictures of Test this rule over the bundled history: python tests/ui/rule_screenshots.py FOLDER

Both themes at 1280 x 800 and 1024 x 700, offscreen unless QT_QPA_PLATFORM says otherwise.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtGui import QPixmap

from rebalancer_gui.adapters.market_data.bundled_candles import BundledCandles
from rebalancer_gui.adapters.market_data.history import DailyHistory
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.strategy import INTERVALS, THRESHOLDS, RatioRule, StrategyParameters, Target
from rebalancer_gui.resources_path import resource_dir
from rebalancer_gui.ui.backtest.flow import RuleTests
from rebalancer_gui.ui.backtest.sweep_figures import Figure
from rebalancer_gui.ui.backtest.window import TestRuleWindow
from rebalancer_gui.ui.theme import ColourScheme
from tests.ui import fake_candles
from tests.ui.picture_stage import Stage, spin
from tests.ui.screenshots import SIZES
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


def take(folder: Path, word: str = "") -> None:
    """One PNG a state, theme and size."""
    folder.mkdir(parents=True, exist_ok=True)
    fake_candles.wavy_candles = bundled
    fake_candles.TIMEFRAMES = (DAY,)
    targets = tuple(Target(asset, Decimal(weight)) for asset, weight in (("BTC", 50), ("ETH", 30), ("BNB", 20)))
    parameters = StrategyParameters("Core 3", "USDT", targets, Decimal(5000), RatioRule(Decimal(5)))
    acts = [(name, act) for name, act in ACTS.items() if word in name]
    for scheme, size in product((ColourScheme.LIGHT, ColourScheme.DARK), SIZES):
        stage = Stage(full_account())
        tests = stage.open(scheme, size).presses.tests
        for name, act in acts:
            tests.test(parameters, parameters.investment, "Writes this rule into the form.", lambda rule: None)
            _shoot(tests, size, act).save(str(folder / f"{name}-{scheme.value}-{size[0]}.png"))
        stage.close()


def _shoot(tests: RuleTests, size: tuple[int, int], act: Callable[[TestRuleWindow], None]) -> QPixmap:
    spin(lambda: tests.window is not None)
    opened = tests.window
    assert isinstance(opened, TestRuleWindow)
    opened.resize(*size)
    _let_finish(opened)
    act(opened)
    spin(lambda: True, 600)
    picture = opened.grab()
    opened.close()
    spin(lambda: tests.window is None)
    return picture


def _let_finish(opened: TestRuleWindow) -> None:
    spin(lambda: not opened.session.is_busy and bool(opened.results.sweep.model.cells), 600)


if __name__ == "__main__":
    take(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
    os._exit(0)
