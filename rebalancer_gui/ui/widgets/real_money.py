"""The line above the buttons of everything that sends orders with real money. GUI thread only."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.labels import StatusLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE

_HEIGHT = 32


class RealMoneyLine(QFrame):
    """`realMoneyLabel`: ``With real money on Binance main``; hidden, and without height, where ``words`` are "".

    `button` is the one that sends: it says the same to whoever only hears it.
    """

    def __init__(self, words: str, button: QPushButton, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "actionRow")
        text = f"{words[:1].upper()}{words[1:]}"
        label = StatusLabel("halted", text, Ink.LOSS, text_type=TextType.STRONG, object_name="realMoneyLabel")
        row = QHBoxLayout(self)
        row.setContentsMargins(SIDE, 0, SIDE, 0)
        row.addStretch(1)
        row.addWidget(label)
        self.setFixedHeight(_HEIGHT if words else 0)
        if not words:
            self.hide()
        else:
            button.setAccessibleName(f"{button.text()} {words}")
