"""What a list shows while it is empty: one sentence that teaches, and the buttons that start. GUI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.weight_bar import BarHeight, WeightBar, WeightSegment

_SAMPLE = (("BTC", 38), ("ETH", 30), ("BNB", 20), ("SOL", 12))
_BAR_WIDTH = 160


class EmptyState(QWidget):
    """A small weight bar as the program's picture, a title, a sentence, buttons; all in the middle."""

    def __init__(
        self,
        title: str,
        sentence: str,
        buttons: Sequence[QPushButton] = (),
        *,
        object_name: str = "",
        picture: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addStretch(1)
        centre = Qt.AlignmentFlag.AlignHCenter
        if picture:
            bar = WeightBar(BarHeight.FORM)
            bar.setFixedWidth(_BAR_WIDTH)
            bar.set_segments([WeightSegment(asset, Decimal(w), i) for i, (asset, w) in enumerate(_SAMPLE, start=1)])
            bar.setAccessibleDescription(tr("A picture of weights"))
            column.addWidget(bar, 0, centre)
        column.addWidget(TextLabel(title, TextType.FIGURE), 0, centre)
        self._words = TextLabel(sentence, TextType.BODY, Ink.TEXT2, wrap=True)
        self._words.setAlignment(centre)
        column.addWidget(self._words)
        if buttons:
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addStretch(1)
            for button in buttons:
                row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
        column.addStretch(1)

    def set_sentence(self, sentence: str) -> None:
        """Another one."""
        if self._words.text() != sentence:
            self._words.setText(sentence)
