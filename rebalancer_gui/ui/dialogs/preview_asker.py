"""Asks the engine what would be done, again each second, one question at a time. GUI thread only.

    asker = PreviewAsker(feed, question, parent)      # question: a command id -> command, or None
    asker.answered.connect(self._show)                # Preview
    asker.refused.connect(self._refuse)               # why there is none
    asker.start()
    asker.renew()                                     # what is asked for has changed

The answers that are awaited are dropped when it stops.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from rebalancer_gui.application.commands import PreviewChange, PreviewEdit, PreviewFunds, PreviewStrategy
from rebalancer_gui.application.events import CommandRejected, PreviewReady
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed

RENEW_MS = 1000

PreviewCommand = PreviewStrategy | PreviewEdit | PreviewFunds | PreviewChange
Question = Callable[[str], PreviewCommand | None]


class PreviewAsker(QObject):
    """`answered(object)` carries the Preview of the newest question, `refused(str)` why the engine could not make one.

    An answer to an older question is dropped: what is shown always belongs to what stands in the form.
    """

    answered = Signal(object)
    refused = Signal(str)

    def __init__(self, feed: EngineFeed, question: Question, parent: QObject) -> None:
        super().__init__(parent)
        self._feed, self._question = feed, question
        self._asked = ""
        self._outdated = False
        self._timer = QTimer(self)
        self._timer.setInterval(RENEW_MS)
        self._timer.timeout.connect(self.ask)

    def start(self) -> None:
        """Ask now, and again each second."""
        self.ask()
        self._timer.start()

    def stop(self) -> None:
        """Ask no more; an answer that is still on its way is dropped."""
        self._timer.stop()
        self._feed.forget(self._asked)
        self._asked, self._outdated = "", False

    def renew(self) -> None:
        """What is asked for has changed: ask anew as soon as the engine has answered the question before."""
        if not self._timer.isActive():
            return
        self._outdated = bool(self._asked)
        self.ask()

    @Slot()
    def ask(self) -> None:
        """Ask, unless an answer is still awaited: a slow engine is not flooded."""
        if self._asked:
            return
        command_id = self._feed.next_command_id()
        command = self._question(command_id)
        if command is not None:
            self._asked = command_id
            self._feed.ask(command, self._take)

    def _take(self, answer: Answer) -> None:
        self._asked = ""
        if self._outdated:
            self._outdated = False
            self.ask()
            return
        match answer:
            case PreviewReady():
                self.answered.emit(answer.preview)
            case CommandRejected():
                self.refused.emit(answer.message)
            case _:
                raise TypeError(f"a preview was answered by {type(answer).__name__}")
