"""``python -m tests.benchmarks.quotes_visit FOLDER SECONDS``: the program, and somebody in it who makes twenty strategies and looks
at the clock; its last line is what was measured, in JSON. Part of ``tests.benchmarks.quotes``.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication

from rebalancer_gui.ui.one_application import make_application
from tests.benchmarks.quotes import COINS

STRATEGIES, COINS_EACH = 20, 10
PROVIDED = Decimal(100)
"""Units of each coin."""
BEAT_MS = 4
_PATIENCE = 120.0
_CALM_S = 12.0
"""The channel is opened anew for the coins that came last."""
_LOOK_MS = 200


def threads() -> dict[str, float]:
    """Processor seconds so far by the name of the thread; what began without Python counts as Qt's."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    tick = os.sysconf("SC_CLK_TCK")
    spent: dict[str, float] = {}
    for task in Path("/proc/self/task").iterdir():
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        name = names.get(int(task.name), "threads of Qt and libraries")
        # The engine's is one of Qt's that has come into Python.
        name = "GUI thread" if name == "MainThread" else "engine" if name.startswith("Dummy") else name
        spent[name] = spent.get(name, 0.0) + (int(fields[11]) + int(fields[12])) / tick
    return spent


class Reading:
    """How many messages came, how many of them ccxt made tickers of, and how much processor time it took."""

    def __init__(self) -> None:
        self.seconds, self.read, self.came = 0.0, 0, 0

    def watch(self) -> None:
        """Before the first connection is made: each takes its own way to what is watched."""
        from ccxt.async_support.base.ws.client import Client  # type: ignore[import-untyped]

        from rebalancer_gui.adapters.venues.ccxt_newest import NewestFirst

        read, take = Client.handle_message, NewestFirst.take

        def timed(client: Client, message: object) -> None:
            begun = time.thread_time()
            read(client, message)
            self.seconds += time.thread_time() - begun
            self.read += 1

        def counted(told: NewestFirst, message: object) -> None:
            self.came += 1
            take(told, message)

        Client.handle_message = timed
        NewestFirst.take = counted  # type: ignore[assignment, method-assign]


class Lateness:
    """By how many milliseconds a timer of the GUI thread came too late, and how many the thread itself worked meanwhile: a busy
    machine makes the first larger, not the second.
    """

    def __init__(self) -> None:
        self.late: list[float] = []
        self.worked: list[float] = []
        self._watch = QElapsedTimer()
        self._spent = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._spent = time.thread_time()
        self._watch.start()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        spent = time.thread_time()
        self.worked.append((spent - self._spent) * 1000)
        self.late.append(max(0.0, self._watch.nsecsElapsed() / 1e6 - BEAT_MS))
        self._spent = spent
        self._watch.start()

    def told(self) -> dict[str, float]:
        """The longest, and that of 99 in 100."""
        place = int(len(self.late) * 0.99)
        return {
            "longest": max(self.late), "p99": sorted(self.late)[place],
            "longest work": max(self.worked), "p99 work": sorted(self.worked)[place],
        }  # fmt: skip


class Visit:
    """From the start of the program to its end. Everything happens in slots of timers: an exception in one would end nothing."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began = time.monotonic()
        self._told: dict[str, float] = {}
        self.reading, self.late = Reading(), Lateness()

    def begin(self) -> None:
        """Before the window is there."""
        self.reading.watch()
        self._when(lambda: self._account and self._replays(), self._provide, "the account is open beside the demo")

    def _when(self, holds: Callable[[], object], then: Callable[[], None], words: str) -> None:
        if holds():
            then()
        elif time.monotonic() - self._began > _PATIENCE:
            give_up(f"It did not come about: {words}")
        else:
            QTimer.singleShot(_LOOK_MS, lambda: self._when(holds, then, words))

    # ------------------------------------------------------------------------------------------------------ what is there

    @property
    def _window(self) -> Any:
        from rebalancer_gui.ui.main_window import MainWindow

        return next((w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)), None)

    @property
    def _view(self) -> Any:
        """Of the account on live prices; None until it is open."""
        views = self._window._feed.accounts if self._window is not None else ()
        return next((view for view in views if view.demo is None), None)

    @property
    def _account(self) -> str:
        return self._view.account if self._view is not None else ""

    def _replays(self) -> list[QAbstractButton]:
        return [
            button for button in self._window.findChildren(QAbstractButton, "demoPauseButton") if button.isVisible()
        ]

    # ---------------------------------------------------------------------------------------------------- what is prepared

    def _provide(self) -> None:
        """The coins are there already, so that no order is sent: at the pace that an exchange allows, 200 would take minutes."""
        from rebalancer_gui.application.commands import PaperTransfer

        # The demo would replay its own prices beside.
        for button in self._replays():
            button.click()
        feed = self._window._feed
        feed.choose_account(self._account)
        feed.rejected.connect(give_up)
        for coin in COINS:
            feed.send(PaperTransfer(feed.next_command_id(), self._account, coin, PROVIDED))
        wanted = {f"{coin}/USDT" for coin in COINS}
        self._when(lambda: wanted <= set(self._view.quotes), self._create, "all coins have prices")

    def _create(self) -> None:
        from rebalancer_gui.application.commands import CreateStrategy
        from rebalancer_gui.domain.strategy import HeldCoin, RatioRule, State
        from tests.builders import parameters

        feed, weight = self._window._feed, str(Decimal(100) / COINS_EACH)
        for number in range(STRATEGIES):
            coins = [COINS[(number + place) % len(COINS)] for place in range(COINS_EACH)]
            wanted = parameters(
                name=f"S{number}", investment="0", rule=RatioRule(Decimal(5)), **dict.fromkeys(coins, weight)
            )
            held = tuple(HeldCoin(coin, PROVIDED / STRATEGIES) for coin in coins)
            feed.send(CreateStrategy(feed.next_command_id(), self._account, wanted, held, build=False))
        calm = int(min(_CALM_S, self._seconds) * 1000)
        self._when(
            lambda: sum(s.state is State.RUNNING for s in self._view.strategies) == STRATEGIES,
            lambda: QTimer.singleShot(calm, self._measure),
            "all strategies run",
        )

    # ---------------------------------------------------------------------------------------------------- what is measured

    def _measure(self) -> None:
        gc.collect()
        before, process, begun = threads(), time.process_time(), time.monotonic()
        reading = self.reading
        reading.seconds, reading.read, reading.came = 0.0, 0, 0

        def tell() -> None:
            took = time.monotonic() - begun
            self._told.update(came=reading.came / took, read=reading.read / took)
            self._told["whole"] = (time.process_time() - process) / took * 100
            self._told["ccxt"] = reading.seconds / took * 100
            for name, spent in threads().items():
                self._told[f"thread {name}"] = (spent - before.get(name, 0.0)) / took * 100
            # The beat costs something itself: it is not in what was measured so far.
            self.late.start()
            QTimer.singleShot(int(self._seconds * 1000), self._end)

        QTimer.singleShot(int(self._seconds * 1000), tell)

    def _end(self) -> None:
        self.late.stop()
        self._told |= self.late.told()
        self._told["load"] = os.getloadavg()[0]
        print(json.dumps(self._told), flush=True)
        self._window.close_without_asking()


def give_up(words: object) -> None:
    """The process ends here."""
    print(words, file=sys.stderr, flush=True)
    os._exit(1)


if __name__ == "__main__":
    make_application()
    visit = Visit(float(sys.argv[2]))
    visit.begin()
    from rebalancer_gui.windowed import run

    run(["--data-dir", sys.argv[1], "--language", "en"])
