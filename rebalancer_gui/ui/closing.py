"""What happens when the window is closed: the question while strategies run, or what was chosen once. GUI thread only."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from rebalancer_gui.application.settings import ON_CLOSE
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.errors import RebalancerError
from rebalancer_gui.domain.strategy import OCCUPYING, State
from rebalancer_gui.ui.dialogs.questions import CloseChoice, Question, close_question
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.tray import Tray

ASK, TRAY, STOP = "ask", "tray", "stop"
"""The words of the setting ``program.on_close``."""
_WORDS = {CloseChoice.TRAY: TRAY, CloseChoice.QUIT: STOP}
_log = logging.getLogger(__name__)


class Closing(QObject):
    """`quitChosen()`: the engine is to be stopped and the window to end."""

    quitChosen = Signal()

    def __init__(self, feed: EngineFeed, tray: Tray, window: QWidget) -> None:
        super().__init__(window)
        self._feed, self._window, self._tray = feed, window, tray
        self._settings: SettingsDesk | None = None
        self._background = Errands(self, in_order=True)
        self._told = False

    def offer(self, settings: SettingsDesk) -> None:
        """From now on what was chosen once counts, and a choice can be remembered."""
        self._settings = settings

    @property
    def must_ask(self) -> bool:
        """Whether strategies that are not over would stand still, and nobody said once that they may."""
        return not self._feed.ended and bool(self._standing()) and self._chosen() != STOP

    def _chosen(self) -> str:
        return self._settings.value(ON_CLOSE) if self._settings is not None else ASK

    def _standing(self) -> list[StrategyView]:
        return [s for view in self._feed.accounts for s in view.strategies if s.state in OCCUPYING]

    def close(self) -> None:
        """The window is closed: into the tray where that was chosen and there is one, else the question."""
        if self._chosen() == TRAY and self._tray.is_there:
            self.hide_into_tray()
        else:
            self.ask()

    def ask(self) -> None:
        """Quit, or the tray where there is one."""
        view, standing = self._feed.view, self._standing()
        question = close_question(
            len(standing),
            replay=view is not None and view.demo is not None,
            tray=self._tray.is_there,
            watched=sum(map(_is_watched, standing)),
            can_remember=self._settings is not None,
            parent=self._window,
        )
        question.answered.connect(lambda choice: self._answered(question, CloseChoice(choice)))
        question.open()

    def _answered(self, question: Question, choice: CloseChoice) -> None:
        if question.is_to_be_remembered:
            self._remember(_WORDS[choice])
        if choice is CloseChoice.TRAY:
            self.hide_into_tray()
        else:
            self.quitChosen.emit()

    def _remember(self, word: str) -> None:
        settings = self._settings
        if settings is None:
            return
        if word == STOP:
            # The program ends: nobody would wait for a thread of the background.
            try:
                settings.set(ON_CLOSE, word)
            except RebalancerError as error:
                self._not_remembered(error)
            return
        self._background.run(lambda: settings.set(ON_CLOSE, word), lambda _nothing: None, self._not_remembered)

    def _not_remembered(self, error: RebalancerError) -> None:
        _log.warning("what to do when the window is closed was not stored: %s", error.message)

    @Slot()
    def hide_into_tray(self) -> None:
        """The engine goes on; the icon brings the window back."""
        self._tray.open()
        self._window.hide()
        if not self._told:
            self._told = True
            self._tray.message(tr("The engine goes on. The icon here brings the window back."))


def _is_watched(strategy: StrategyView) -> bool:
    """Whether a level of it is still ahead; a trigger is only until the strategy has started."""
    p = strategy.parameters
    waits = p.trigger is not None and (strategy.state is State.WAITING or strategy.started_at is None)
    return waits or p.stop_loss is not None or p.take_profit is not None
