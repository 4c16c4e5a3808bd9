"""Texts and small pictures that take their look from the theme. GUI thread only."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from rebalancer_gui.ui.theme import current_theme, repolish
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.tips import plain_tip


class TextType(StrEnum):
    """Size and weight of a text; the value is the style sheet's `type`."""

    FIGURE = "figure"
    HEADER_FIGURE = "headerFigure"
    TITLE = "title"
    STRONG = "strong"
    BODY = "body"
    SMALL = "small"


class TextLabel(QLabel):
    """Plain text of one type and ink. Never reads markup from its text; `wrap` lets it run over several lines."""

    def __init__(
        self,
        text: str = "",
        text_type: TextType = TextType.BODY,
        ink: Ink = Ink.TEXT,
        *,
        object_name: str = "",
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("type", text_type.value)
        self.setProperty("ink", ink.value)
        self.setWordWrap(wrap)
        self.setObjectName(object_name)

    def set_ink(self, ink: Ink) -> None:
        if self.property("ink") != ink.value:
            self.setProperty("ink", ink.value)
            repolish(self)


class ElidedLabel(TextLabel):
    """One line that gives way: cut with an ellipsis where the room is short, whole in the tooltip and when spoken."""

    def __init__(
        self,
        text: str = "",
        text_type: TextType = TextType.BODY,
        ink: Ink = Ink.TEXT,
        *,
        object_name: str = "",
        grows: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """``grows``: it takes the room that is left, else that of its text."""
        super().__init__(text, text_type, ink, object_name=object_name, parent=parent)
        wish = QSizePolicy.Policy.Expanding if grows else QSizePolicy.Policy.Preferred
        self.setSizePolicy(wish, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        super().setText(text)
        self._say_if_cut()

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._say_if_cut()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        room = self.contentsRect()
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, self.alignment() | Qt.TextFlag.TextSingleLine, text)
        painter.end()

    def _say_if_cut(self) -> None:
        cut = self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()
        self.setToolTip(plain_tip(self.text()) if cut else "")


class WholeLabel(TextLabel):
    """Runs over as many lines as it needs and is never lower than they are, whatever else wants the room."""

    def __init__(
        self,
        text: str = "",
        text_type: TextType = TextType.BODY,
        ink: Ink = Ink.TEXT,
        *,
        object_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, text_type, ink, object_name=object_name, wrap=True, parent=parent)

    def setText(self, text: str) -> None:
        super().setText(text)
        self._need()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._need()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._need()

    def _need(self) -> None:
        before = self.minimumHeight()
        if before:
            # Qt never says less than the least height that was set: in a wider room the label would stay as high as before.
            self.setMinimumHeight(0)
        needed = self.heightForWidth(self.width()) if self.text() else 0
        if needed:
            self.setMinimumHeight(needed)


class IconLabel(QWidget):
    """An icon of `resources/icons` in an ink; purely decoration, the words beside it say what it means."""

    def __init__(self, name: str, ink: Ink = Ink.TEXT, size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._ink = name, ink
        self.setFixedSize(size, size)

    def set_icon(self, name: str, ink: Ink) -> None:
        if (name, ink) != (self._name, self._ink):
            self._name, self._ink = name, ink
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        current_theme().icon(self._name, self._ink, self.width()).paint(painter, self.rect())
        painter.end()


class StatusLabel(QWidget):
    """A state: icon and word in one ink, never colour alone."""

    def __init__(
        self,
        icon: str = "",
        text: str = "",
        ink: Ink = Ink.TEXT2,
        *,
        text_type: TextType = TextType.BODY,
        object_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        small = text_type is TextType.SMALL
        self._icon = IconLabel(icon or "info", ink, 14 if small else 16)
        self._text = TextLabel(text, text_type, ink, object_name=object_name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        self._icon.setVisible(bool(icon))

    @property
    def label(self) -> TextLabel:
        """The label with the words, which carries the objectName."""
        return self._text

    def set_status(self, icon: str, text: str, ink: Ink) -> None:
        if icon:
            self._icon.set_icon(icon, ink)
        self._icon.setVisible(bool(icon))
        self._text.set_ink(ink)
        if self._text.text() != text:
            self._text.setText(text)
            self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._icon.update()
