"""Names at the right ends of the chart's lines, moved apart where they would cover each other."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.tokens import Ink

_LABEL_WIDTH = 136
_APART = 36


@dataclass(frozen=True, slots=True)
class End:
    """A name at the right end of a line."""

    name: str
    figures: str
    ink: str
    value: float


class EndLabels(QWidget):
    """Names, values and changes right of the plots, with a line to where each curve ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(_LABEL_WIDTH)
        self._ends: list[tuple[End, float]] = []

    def show_ends(self, ends: list[tuple[End, float]]) -> None:
        """Pairs of a label and the height in pixels at which its line ends."""
        if ends != self._ends:
            self._ends = ends
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = spread([height for _, height in self._ends], _APART, self.height())
        small, strong = theme.font(Size.SMALL, Weight.NORMAL), theme.font(Size.SMALL, Weight.SEMIBOLD)
        for (end, height), middle in zip(self._ends, places, strict=True):
            colour = QColor(end.ink)
            painter.setPen(QPen(colour, 1))
            painter.drawLine(QPointF(0, height), QPointF(9, middle))
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(1, height), 1.5, 1.5)
            painter.setFont(strong)
            painter.setPen(theme.colour(Ink.TEXT))
            room = QRectF(13, middle - 16, self.width() - 13, 16)
            name = painter.fontMetrics().elidedText(end.name, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
            painter.setFont(small)
            painter.setPen(theme.colour(Ink.TEXT2))
            painter.drawText(room.translated(0, 16), Qt.AlignmentFlag.AlignVCenter, end.figures)
        painter.end()


def spread(heights: list[float], apart: float, room: float) -> list[float]:
    """``heights`` moved as little as needed to be ``apart`` and inside ``room``; same order as given."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    # Neighbours that are too close form a group around their common middle, until no two groups touch.
    groups: list[list[int]] = []
    for i in order:
        groups.append([i])
        while len(groups) > 1 and _first(groups[-1], heights, apart) < _last(groups[-2], heights, apart) + apart:
            groups[-2:] = [groups[-2] + groups[-1]]
    placed = [0.0] * len(heights)
    for group in groups:
        for number, i in enumerate(group):
            placed[i] = _first(group, heights, apart) + number * apart
    least = apart / 2
    for i in order:
        placed[i] = max(placed[i], least)
        least = placed[i] + apart
    most = room - apart / 2
    for i in reversed(order):
        placed[i] = min(placed[i], most)
        most = placed[i] - apart
    return placed


def _first(group: list[int], heights: list[float], apart: float) -> float:
    middle = sum(heights[i] for i in group) / len(group)
    return middle - (len(group) - 1) * apart / 2


def _last(group: list[int], heights: list[float], apart: float) -> float:
    return _first(group, heights, apart) + (len(group) - 1) * apart
