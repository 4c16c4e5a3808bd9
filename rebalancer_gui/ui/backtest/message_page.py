"""What stands in the window while there is nothing to show: why, and what still works. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType

_WIDTH = 560


class MessagePage(QWidget):
    """A title and sentences in the middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = TextLabel("", TextType.FIGURE, object_name="testMessageTitle")
        self.text = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="testMessageText", wrap=True)
        self.more = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="testMessageMore", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addStretch(1)
        for label in (self.title, self.text, self.more):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setFixedWidth(_WIDTH)
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)

    def say(self, title: str, text: str, more: str = "") -> None:
        self.title.setText(title)
        self.text.setText(text)
        self.more.setText(more)
        self.more.setVisible(bool(more))
