"""The drift bar: one picture of the distance from the target, everywhere. Centred on zero, the zone beyond the threshold
tinted.

    Column("drift", "Drift, pp", lambda row: drift_cell(numbers, Drift(row.drift, row.threshold), subject=row.asset),
           align=Align.RIGHT)
    view.setItemDelegateForColumn(model.column_of("drift"), DriftBarDelegate(view))

GUI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter

from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.formatting import MISSING, NumberFormat, places_of
from rebalancer_gui.ui.models.cells import Cell
from rebalancer_gui.ui.theme import Theme
from rebalancer_gui.ui.tokens import Ink, Tokens
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.cell_delegate import CellDelegate, Index

TEXT_WIDTH = 56
BAR_HEIGHT = 10
MARK_HEIGHT = 14
ZERO_HEIGHT = 16
LEAST_TRACK = 24
_LEAST_BAR = 2
_AXIS_PER_THRESHOLD = Decimal("1.6")
_AXIS_BY_TIME = Decimal(8)


@dataclass(frozen=True, slots=True)
class Drift:
    """What the bar shows, in percentage points: the drift (None: unknown, and why) and the threshold.

    `threshold` is None for a strategy that rebalances by time: the axis ends at 8 and has no zones.
    """

    value: Decimal | None
    threshold: Decimal | None = None
    reason: str = ""

    @property
    def over(self) -> bool:
        """Whether a ratio strategy would trade: the drift exceeds the threshold, strictly."""
        return self.value is not None and self.threshold is not None and abs(self.value) > self.threshold


@dataclass(frozen=True, slots=True)
class DriftGeometry:
    """Whole pixels, left edges and widths on the x axis of the painted bar."""

    track: tuple[int, int]
    zones: tuple[tuple[int, int], ...]
    bar: tuple[int, int]
    marks: tuple[int, ...]
    zero: int


def drift_cell(numbers: NumberFormat, drift: Drift, subject: str = "", places: int = 2) -> Cell:
    """The cell of a drift: `+3.11`, spoken "BTC drift plus 3.11 points, threshold 5". Unknown: a dash and the reason."""
    start = tr("{subject} drift", subject=subject) if subject else "drift"
    if drift.value is None:
        reason = drift.reason or tr("not known yet")
        return Cell(
            f"{MISSING} {reason}",
            spoken=tr("{start} unknown: {reason}", start=start, reason=reason),
            tip=reason,
            ink=Ink.TEXT3,
            small=True,
            payload=drift,
            export="",
        )
    threshold = ""
    if drift.threshold is not None:
        limit = numbers.spoken(drift.threshold, places_of(drift.threshold))
        # What the bar says by its colour.
        over = drift.over
        threshold = tr(", over the threshold {limit}", limit=limit) if over else tr(", threshold {limit}", limit=limit)
    return Cell(
        numbers.points(drift.value, places),
        raw=drift.value,
        spoken=f"{start} {numbers.spoken(drift.value, places, tr('points'), signed=True)}{threshold}",
        ink=Ink.WARN if drift.over else Ink.TEXT,
        bold=drift.over,
        payload=drift,
    )


def drift_geometry(left: int, width: int, value: Decimal, threshold: Decimal | None) -> DriftGeometry:
    """Where the parts of a bar of `width` pixels from `left` stand, for a drift and threshold (> 0) in points.

    The axis ends at 1.6 x threshold on both sides, without threshold at 8. A drift that is not 0 is at least 2 px
    wide; one beyond the axis stops at its end.
    """
    axis = _AXIS_BY_TIME if threshold is None else threshold * _AXIS_PER_THRESHOLD
    half = width // 2
    zero = left + half
    reach = min(half, int((abs(value) / axis * half).to_integral_value(ROUND_HALF_UP)))
    if value:
        reach = max(_LEAST_BAR, reach)
    bar = (zero, reach) if value >= 0 else (zero - reach, reach)
    zones: tuple[tuple[int, int], ...] = ()
    marks: tuple[int, ...] = ()
    if threshold is not None:
        inner = int((threshold / axis * half).to_integral_value(ROUND_HALF_UP))
        zones = ((left, half - inner), (zero + inner, left + width - zero - inner))
        marks = (zero - inner, zero + inner)
    return DriftGeometry(track=(left, width), zones=zones, bar=bar, marks=marks, zero=zero)


def paint_drift_bar(painter: QPainter, rect: QRect, drift: Drift, tokens: Tokens) -> None:
    """The bar alone, 10 px high in the middle of `rect`, in whole pixels and without antialiasing."""
    if drift.value is None or rect.width() < 2 * _LEAST_BAR:
        return
    shape = drift_geometry(rect.left(), rect.width(), drift.value, drift.threshold)
    middle = rect.top() + rect.height() // 2
    top = middle - BAR_HEIGHT // 2

    def fill(x: int, width: int, height: int, colour: str) -> None:
        painter.fillRect(x, middle - height // 2, width, height, QColor(colour))

    fill(*shape.track, BAR_HEIGHT, tokens.track)
    for zone in shape.zones:
        fill(*zone, BAR_HEIGHT, tokens.zone)
    bar_left, bar_width = shape.bar
    painter.fillRect(bar_left, top, bar_width, BAR_HEIGHT, QColor(tokens.warn if drift.over else tokens.accent))
    for mark in shape.marks:
        if bar_left <= mark < bar_left + bar_width:
            # On the bar the mark would vanish: a gap in the surface colour instead, the mark's ends above and below.
            fill(mark, 1, MARK_HEIGHT, tokens.zone_mark)
            fill(mark, 2, BAR_HEIGHT, tokens.surface)
        else:
            fill(mark, 1, MARK_HEIGHT, tokens.zone_mark)
    fill(shape.zero - 1, 2, ZERO_HEIGHT, tokens.text)


class DriftBarDelegate(CellDelegate):
    """Bar on the left, value right in 56 px. The cell's payload is a `Drift`; another payload is painted as text."""

    widens = True

    def needed_width(self, cell: Cell, theme: Theme) -> int:
        return super().needed_width(cell, theme) + LEAST_TRACK if isinstance(cell.payload, Drift) else 0

    def paint_content(self, painter: QPainter, rect: QRect, cell: Cell, index: Index, theme: Theme) -> None:
        drift = cell.payload
        if not isinstance(drift, Drift) or drift.value is None:
            super().paint_content(painter, rect, cell, index, theme)
            return
        paint_drift_bar(painter, rect.adjusted(0, 0, -TEXT_WIDTH, 0), drift, theme.tokens)
        painter.setFont(theme.font(Size.BODY, Weight.SEMIBOLD if cell.bold else Weight.NORMAL))
        number = QRect(rect.right() + 1 - TEXT_WIDTH, rect.top(), TEXT_WIDTH, rect.height())
        # The number is never cut: it may run into the bar's margin.
        needed = painter.fontMetrics().horizontalAdvance(cell.text)
        if needed > TEXT_WIDTH:
            number.setLeft(rect.right() + 1 - needed)
        painter.setPen(theme.colour(cell.ink))
        painter.drawText(number, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, cell.text)
