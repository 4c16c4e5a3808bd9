"""A window that nobody can see draws nothing, starts no timer of its own, and shows the newest figures when it is seen again.

Minimised it is looked at in the long form only: on a machine with nothing to spare a paint or two of what was asked for before
still came, and why is not known yet.
"""

from collections import Counter
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.main_window import MainWindow
from rebalancer_gui.ui.tray import Tray

DRAWING = (QEvent.Type.Paint, QEvent.Type.UpdateRequest)
STEPS, STEP_MS = 6, 100
"""Pictures of the account at 10 Hz; longer together than two of the window's own updates."""
HIDDEN: dict[str, Callable[[MainWindow], object]] = {
    "hidden in the tray": MainWindow.hide,
    "minimised": MainWindow.showMinimized,
}


class Painter(QObject):
    """Counts, in the whole program, what is painted and what asks to be."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in DRAWING:
            self.seen[f"{event.type().name} of {type(watched).__name__} {watched.objectName()}"] += 1
        return False


@pytest.fixture
def painter(qapp):
    painter = Painter()
    qapp.installEventFilter(painter)
    yield painter
    qapp.removeEventFilter(painter)


def feed_pictures(desk) -> None:
    """New prices, orders and journal entries at 10 Hz, with the event loop turning as it does in the program."""
    for _ in range(STEPS):
        desk.account.advance()
        desk.engine.tell()
        QTest.qWait(STEP_MS)


def figures(desk) -> tuple[str, list[list[str]]]:
    label = desk.find(QLabel, "totalLabel")
    return label.text(), desk.texts("strategiesTable")


def running_timers(desk) -> list[str]:
    """Those of the window that will fire; the tray's own go on, for its icon is what shows then."""
    return [
        f"{type(timer.parent()).__name__} every {timer.interval()} ms"
        for timer in desk.window.findChildren(QTimer)
        if timer.isActive() and not isinstance(timer.parent(), Tray)
    ]


def become_quiet(desk, painter: Painter) -> None:
    """Until what was asked for while the window was seen is answered and painted. Answers are handed on to a hidden window too,
    once, and the create panel's trial of a rule takes its time in a worker; on a busy machine all of it comes late.
    """

    def is_quiet() -> bool:
        before = painter.seen.total()
        QApplication.processEvents()
        busy = any(errands.is_busy for errands in desk.window.findChildren(Errands))
        return not busy and not running_timers(desk) and painter.seen.total() == before

    desk.qtbot.waitUntil(is_quiet, timeout=20_000)


@pytest.mark.isolated
@pytest.mark.parametrize("tab", ("ratios", "chart"))
@pytest.mark.parametrize("how", ["hidden in the tray", pytest.param("minimised", marks=pytest.mark.long)])
def test_a_window_that_cannot_be_seen_paints_nothing_while_the_account_moves(desk, painter, how, tab):
    desk.tab(tab)
    desk.account.advance()
    desk.update()
    assert painter.seen, "a window that is seen does paint"
    before = figures(desk)

    HIDDEN[how](desk.window)
    become_quiet(desk, painter)
    painter.seen.clear()
    feed_pictures(desk)

    assert not painter.seen
    assert running_timers(desk) == []
    assert figures(desk) == before, "not even the models were changed"

    desk.window.showNormal()
    desk.qtbot.waitUntil(lambda: figures(desk) != before)
    QApplication.processEvents()

    assert any(event.startswith("Paint") for event in painter.seen)
    view = desk.feed.view
    assert desk.find(QLabel, "totalLabel").text() == NumberFormat().money(view.total, view.quote)
