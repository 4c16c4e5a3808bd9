"""The pictures of the README: the real program on its demo market, no scripted data.

    python packaging/readme_pictures.py docs/pictures

Runs the engine for some seconds at a day a second in a throw-away data folder, with three strategies, and grabs the
window in the light and the dark theme. Needs the window's packages; draws offscreen unless QT_QPA_PLATFORM says otherwise.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QElapsedTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from rebalancer_gui.application.commands import CreateStrategy, SetDemoPaused
from rebalancer_gui.bootstrap import PAPER_ACCOUNT, DemoOptions, data_folder, discard, engine_factory
from rebalancer_gui.domain.strategy import RatioRule, Rule, StrategyParameters, Target, TimeRule
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.engine_thread import EngineThread
from rebalancer_gui.ui.main_window import MainWindow
from rebalancer_gui.ui.one_application import make_application
from rebalancer_gui.ui.theme import ColourScheme, Theme, install_theme
from rebalancer_gui.ui.window_state import WindowState

SIZE = (1280, 800)
SPEED = 86_400
RUN_MS = 25_000


def strategy(name: str, amount: int, rule: Rule, **weights: int) -> StrategyParameters:
    """One of the strategies in the picture."""
    targets = tuple(Target(asset, Decimal(weight)) for asset, weight in weights.items())
    return StrategyParameters(name, "USDT", targets, Decimal(amount), rule)


STRATEGIES = (
    strategy("Core 4", 4000, RatioRule(Decimal(5)), BTC=40, ETH=30, BNB=20, SOL=10),
    strategy("Two of each", 2000, RatioRule(Decimal(1)), BTC=50, ETH=50),
    strategy("Weekly", 1500, TimeRule(timedelta(days=7)), ADA=50, LINK=25, DOT=25),
)


def spin(done: Callable[[], bool], longest_ms: int) -> None:
    """Run Qt's loop until ``done``, at most so long."""
    watch = QElapsedTimer()
    watch.start()
    while not done() and watch.elapsed() < longest_ms:
        QApplication.processEvents()


@contextmanager
def running() -> Iterator[tuple[MainWindow, EngineFeed, EngineThread, Theme]]:
    """The program in its window as at a first start, with prices on screen, in a throw-away data folder."""
    app = make_application()
    theme = install_theme(app, ColourScheme.LIGHT)
    data = data_folder(None, throw_away=True)
    data.open()
    thread = EngineThread(engine_factory(data, DemoOptions(speed=SPEED)))
    feed = EngineFeed(thread.post)
    thread.told.connect(feed.take)
    with theme.resting():
        window = MainWindow(feed, theme, WindowState(), lambda _state: None, "Rebalancer")
    window.resize(*SIZE)
    window.show()
    thread.start()
    try:
        spin(lambda: feed.view is not None and bool(feed.view.quotes), 20_000)
        yield window, feed, thread, theme
    finally:
        thread.stop()
        window.loader.join()
        window.hide()
        data.close()
        discard(data)


def main(folder: Path) -> int:
    """Write ``main-light.png``, ``main-dark.png``, ``chart-light.png`` and ``chart-dark.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    with running() as (window, feed, thread, theme):
        for number, parameters in enumerate(STRATEGIES):
            thread.post(CreateStrategy(f"picture-{number}", PAPER_ACCOUNT, parameters))
        spin(lambda: False, RUN_MS)
        thread.post(SetDemoPaused("picture-pause", PAPER_ACCOUNT, paused=True))
        window.strategies.table.choose(feed.view.strategies[0].id if feed.view else "")
        for tab, name in ((0, "main"), (1, "chart")):
            window.details.tabs.setCurrentIndex(tab)
            for scheme in (ColourScheme.LIGHT, ColourScheme.DARK):
                theme.set_scheme(scheme)
                spin(lambda: False, 1500)
                image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
                # Quality 0 is PNG's strongest compression; nothing is lost by it.
                image.save(str(folder / f"{name}-{scheme.value}.png"), None, 0)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")))
