"""What the pages of Settings with work of their own share: made when they are first looked at, and answers that come late are for
nobody. GUI thread only.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rebalancer_gui.domain.errors import RebalancerError
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE


class SettingsPage(QWidget):
    """What may take its time is done in ``background``; ``message`` is the objectName of the line that says what went wrong."""

    def __init__(self, background: Errands, intro: str, message: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background, self._intro = background, intro
        self._built = self._busy = self._gone = False
        self._said = MessageLine(message)
        self._said.hide()
        self.destroyed.connect(self._note_gone)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._built:
            self._built = True
            column = QVBoxLayout(self)
            column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
            column.setSpacing(8)
            column.addWidget(TextLabel(self._intro, TextType.BODY, Ink.TEXT2, wrap=True))
            column.addWidget(self._said)
            self._build(column)

    @abstractmethod
    def _build(self, column: QVBoxLayout) -> None:
        """Fill the page under its first words."""

    @Slot()
    def leave(self) -> None:
        """The dialog closes: answers still to come are for nobody."""
        self._gone = True

    @Slot()
    def _note_gone(self) -> None:
        self._gone = True

    def _here(self, answer: Callable[..., None]) -> Callable[..., None]:
        """``answer``, unless the page is gone when it comes."""

        def take(given: object) -> None:
            if not self._gone:
                answer(given)

        return take

    def _stored(self, _nothing: object = None) -> None:
        self._said.hide()

    def _not_stored(self, error: RebalancerError) -> None:
        self._said.show_problem(
            tr(
                "It could not be stored: {message} {advice}", message=said(error.message), advice=said(error.advice)
            ).strip(),
            aloud=True,
        )
        self._said.show()
