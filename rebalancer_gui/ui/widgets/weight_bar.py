"""The stacked bar of weights: one segment per coin in its colour, 2 px apart, adding up to the bar's width exactly.

    bar = WeightBar(BarHeight.LABELLED, parent)
    bar.set_segments([WeightSegment("BTC", Decimal("43.11"), slot=1), ..., WeightSegment("USDT", Decimal("0.08"), None)])

GUI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rebalancer_gui.domain.money import ONE, ZERO, largest_remainder, total
from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.locale_numbers import system_numbers
from rebalancer_gui.ui.theme import Theme, current_theme
from rebalancer_gui.ui.translation import tr

GAP = 2
LEAST = 3
FULL_LABEL_FROM = 70
NAME_LABEL_FROM = 32
_RADIUS = 2


class BarHeight(IntEnum):
    """Pixels; only the labelled bar has names in its segments."""

    LABELLED = 24
    FORM = 16
    CARD = 8


@dataclass(frozen=True, slots=True)
class WeightSegment:
    """One coin's share. `weight` in percent (>= 0; only the proportions matter for the widths); `slot` None: cash."""

    asset: str
    weight: Decimal
    slot: int | None


def segment_widths(weights: Sequence[Decimal], width: int, gap: int = GAP) -> list[int]:
    """Pixels for each weight so that widths and gaps add up to `width`: largest-remainder rounding.

    A weight of 0 gets no pixel and no gap; any other at least 3 px, so that a coin that is there is seen, or 1 px
    where the bar is too narrow for that. All zeros where nothing can be drawn.
    """
    shown = [weight for weight in weights if weight > ZERO]
    room = width - gap * (len(shown) - 1)
    if not shown or room < len(shown):
        return [0] * len(weights)
    least = LEAST if room >= LEAST * len(shown) else 1
    pixels = iter(_pixels(shown, room, least))
    return [next(pixels) if weight > ZERO else 0 for weight in weights]


def _pixels(weights: Sequence[Decimal], room: int, least: int) -> list[int]:
    """Largest-remainder pixels with a floor: who falls below `least` gets it, the others share what is left."""
    lifted: set[int] = set()
    while True:
        others = [i for i in range(len(weights)) if i not in lifted]
        if not others:
            return [least + (1 if i < room - least * len(weights) else 0) for i in range(len(weights))]
        shares = largest_remainder([weights[i] for i in others], Decimal(room - least * len(lifted)), ONE)
        short = {i for i, share in zip(others, shares, strict=True) if share < least}
        if not short:
            part = dict(zip(others, shares, strict=True))
            return [least if i in lifted else int(part[i]) for i in range(len(weights))]
        lifted |= short


def segment_rects(segments: Sequence[WeightSegment], rect: QRect) -> list[QRect]:
    """Where each segment is painted in `rect`; an empty rectangle for one that is not."""
    left = rect.left()
    rects = []
    for width in segment_widths([segment.weight for segment in segments], rect.width()):
        rects.append(QRect(left, rect.top(), width, rect.height()))
        left += width + GAP if width else 0
    return rects


def paint_weight_bar(
    painter: QPainter,
    rect: QRect,
    segments: Sequence[WeightSegment],
    theme: Theme,
    numbers: NumberFormat,
    *,
    labels: bool = False,
) -> None:
    """The bar filling `rect`; delegates of cards call this too."""
    painter.save()
    outline = QPainterPath()
    outline.addRoundedRect(rect, _RADIUS, _RADIUS)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipPath(outline)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    for segment, part in zip(segments, segment_rects(segments, rect), strict=True):
        if part.isEmpty():
            continue
        colour = theme.tokens.coin(segment.slot)
        painter.fillRect(part, QColor(colour.fill))
        if labels and part.width() >= NAME_LABEL_FROM:
            painter.setPen(QColor(colour.label))
            _paint_label(painter, part, segment, theme, numbers)
    painter.restore()


def _paint_label(painter: QPainter, part: QRect, segment: WeightSegment, theme: Theme, numbers: NumberFormat) -> None:
    name_font, share_font = theme.font(Size.SMALL, Weight.SEMIBOLD), theme.font(Size.SMALL, Weight.NORMAL)
    share = " " + numbers.percent(segment.weight, 1) if part.width() >= FULL_LABEL_FROM else ""
    painter.setFont(share_font)
    share_width = painter.fontMetrics().horizontalAdvance(share)
    painter.setFont(name_font)
    name_width = painter.fontMetrics().horizontalAdvance(segment.asset)
    if name_width + share_width > part.width() - 4:
        share, share_width = "", 0
    if name_width > part.width() - 4:
        return
    left = part.left() + (part.width() - name_width - share_width) // 2
    middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(QRect(left, part.top(), name_width + 1, part.height()), middle, segment.asset)
    painter.setFont(share_font)
    painter.drawText(QRect(left + name_width, part.top(), share_width + 1, part.height()), middle, share)


class WeightBar(QWidget):
    """A stacked bar as wide as it may be. Its accessible description lists all weights; a tooltip names a segment."""

    def __init__(
        self,
        height: BarHeight = BarHeight.LABELLED,
        parent: QWidget | None = None,
        numbers: NumberFormat | None = None,
    ) -> None:
        super().__init__(parent)
        self._bar_height = height
        self._numbers = numbers or system_numbers()
        self._segments: tuple[WeightSegment, ...] = ()
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def segments(self) -> tuple[WeightSegment, ...]:
        return self._segments

    def set_segments(self, segments: Sequence[WeightSegment]) -> None:
        """Show these weights from left to right; cash (slot None) belongs last."""
        new = tuple(segments)
        if new != self._segments:
            self._segments = new
            self.setAccessibleDescription(self.describe())
            self.update()

    def describe(self) -> str:
        """All weights in words: `BTC 43.11 percent, ETH 28.97 percent`."""
        return ", ".join(
            f"{part.asset} {self._numbers.spoken(part.weight, unit=tr('percent'))}" for part in self._segments
        )

    def sizeHint(self) -> QSize:
        return QSize(240, self._bar_height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = current_theme()
        if total(part.weight for part in self._segments) <= ZERO:
            painter.fillRect(self.rect(), QColor(theme.tokens.track))
        else:
            labels = self._bar_height is BarHeight.LABELLED
            paint_weight_bar(painter, self.rect(), self._segments, theme, self._numbers, labels=labels)
        painter.end()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for part, rect in zip(self._segments, segment_rects(self._segments, self.rect()), strict=True):
                if rect.contains(event.pos()):
                    QToolTip.showText(event.globalPos(), f"{part.asset} {self._numbers.percent(part.weight)}", self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)
