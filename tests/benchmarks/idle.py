"""``python -m tests.benchmarks.idle [--seconds N]``: what the window costs while nothing happens (Linux with Xvfb).

The real program with two strategies on the paper account, on a screen of its own. First the replay is paused; then it runs while the
window is minimised. Figures are processor time in percent of one core: of the whole program, and of the GUI thread alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import display
from tests.strategy_files import strategy_text

ROOT = Path(__file__).resolve().parents[2]
SETTLED_MS = 4000
_PATIENCE = 120
STRATEGIES = ({"BTC": "50", "ETH": "30", "BNB": "20"}, {"ETH": "60", "ADA": "40"})


def watched(folder: str, seconds: int) -> None:
    """The program with somebody in it who presses Pause, looks at the clock, minimises and looks again."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QAbstractButton, QApplication

    from rebalancer_gui.ui.main_window import MainWindow
    from rebalancer_gui.ui.one_application import make_application
    from rebalancer_gui.windowed import run

    make_application()
    told: dict[str, float] = {}

    def measure(name: str, then: Callable[[], None]) -> None:
        process, gui, begun = time.process_time(), time.thread_time(), time.monotonic()

        def tell() -> None:
            took = time.monotonic() - begun
            told[name] = (time.process_time() - process) / took * 100
            told[f"{name}, GUI thread"] = (time.thread_time() - gui) / took * 100
            then()

        QTimer.singleShot(seconds * 1000, tell)

    def press(then: Callable[[], None]) -> None:
        """Pause the replay, or let it go on; then wait until what that does is done."""
        for button in main().findChildren(QAbstractButton, "demoPauseButton"):
            button.click()
        QTimer.singleShot(SETTLED_MS, then)

    def main() -> MainWindow:
        return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))

    def running() -> None:
        measure("seen, the replay runs", lambda: press(paused))

    def paused() -> None:
        measure("seen, the replay is paused", minimise)

    def minimise() -> None:
        main().showMinimized()
        press(lambda: measure("minimised, the replay runs", end))

    def end() -> None:
        print(json.dumps(told), flush=True)
        main().close_without_asking()

    QTimer.singleShot(SETTLED_MS, running)
    run(["--data-dir", folder, "--language", "en"])


def console(folder: Path, environment: dict[str, str], *words: object) -> None:
    """One command of the console program."""
    command = [sys.executable, "-m", "rebalancer_gui.cli", "--data-dir", str(folder), *map(str, words)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=_PATIENCE)


def measured(environment: dict[str, str], folder: Path, seconds: int) -> dict[str, float]:
    """Percent of one core, by what was measured."""
    for number, weights in enumerate(STRATEGIES):
        file = folder / f"strategy-{number}.json"
        file.write_text(strategy_text(weights, name=f"Core {number}"), encoding="utf-8")
        console(folder / "data", environment, "strategy", "create", file)
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.idle", "--watched", str(folder / "data"), "--seconds", str(seconds)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_PATIENCE + 4 * seconds, check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def start(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20, help="how long each is watched")
    parser.add_argument("--watched", metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.watched:
        watched(options.watched, options.seconds)
        return 0
    with tempfile.TemporaryDirectory() as place, display.private_display(Path(place) / "display.log") as name:
        environment = os.environ | {"DISPLAY": name, "QT_QPA_PLATFORM": "xcb"}
        for what, percent in measured(environment, Path(place), options.seconds).items():
            print(f"{what}: {percent:.2f} % of one core")
    return 0


if __name__ == "__main__":
    sys.exit(start())
