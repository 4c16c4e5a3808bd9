"""What happens when the window is closed: the question while strategies run, and the icon in the tray. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.strategy import OCCUPYING, State
from rebalancer_gui.ui.dialogs.questions import CloseChoice, close_question
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.theme import Theme
from rebalancer_gui.ui.tokens import Ink


class Closing(QObject):
    """`quitChosen()`: the engine is to be stopped and the window to end; `showChosen()`: back from the tray."""

    quitChosen = Signal()
    showChosen = Signal()

    def __init__(self, feed: EngineFeed, theme: Theme, program: str, window: QWidget) -> None:
        super().__init__(window)
        self._feed, self._theme, self._program, self._window = feed, theme, program, window
        self._tray: QSystemTrayIcon | None = None

    @property
    def must_ask(self) -> bool:
        """Whether strategies that are not over would stand still."""
        return not self._feed.ended and self._running() > 0

    def _running(self) -> int:
        return len(self._standing())

    def _standing(self) -> list[StrategyView]:
        return [s for view in self._feed.accounts for s in view.strategies if s.state in OCCUPYING]

    def ask(self) -> None:
        """Quit, or the tray where there is one."""
        view = self._feed.view
        question = close_question(
            self._running(),
            replay=view is not None and view.demo is not None,
            tray=QSystemTrayIcon.isSystemTrayAvailable(),
            watched=sum(map(_is_watched, self._standing())),
            parent=self._window,
        )
        question.answered.connect(self._answered)
        question.open()

    @Slot(str)
    def _answered(self, choice: str) -> None:
        if CloseChoice(choice) is CloseChoice.TRAY:
            self._hide_into_tray()
        else:
            self.quitChosen.emit()

    def _hide_into_tray(self) -> None:
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._theme.icon("rebalance", Ink.ACCENT, 32), self)
            self._tray.setToolTip(self._program)
            self._tray.activated.connect(self.showChosen)
        self._tray.show()
        self._window.hide()

    def leave_tray(self) -> None:
        """The window is on screen again."""
        if self._tray is not None:
            self._tray.hide()


def _is_watched(strategy: StrategyView) -> bool:
    """Whether a level of it is still ahead; a trigger is only until the strategy has started."""
    p = strategy.parameters
    waits = p.trigger is not None and (strategy.state is State.WAITING or strategy.started_at is None)
    return waits or p.stop_loss is not None or p.take_profit is not None
