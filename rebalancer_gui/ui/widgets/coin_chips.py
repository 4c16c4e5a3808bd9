"""Coins in tables and cards: a square in the coin's colour beside its name. GUI thread only.

    Column("coins", "Coins", lambda row: coins_cell([CoinChip(asset, slots[asset]) for asset in row.assets]))
    view.setItemDelegateForColumn(model.column_of("coins"), CoinChipsDelegate(view))
    Column("coin", "Coin", lambda row: coin_cell(row.asset, slots.get(row.asset)))       # with CoinNameDelegate

`CoinColours.for_coins` gives the slots of one strategy; the quote asset's cash has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QWidget

from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.models.cells import Cell, Ground
from rebalancer_gui.ui.theme import Theme, current_theme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.cell_delegate import CellDelegate, Index, paint_cell_text

SMALL_SQUARE = 8
NAME_SQUARE = 10
CHIP_HEIGHT = 20
_SQUARE_GAP = 4
_NAME_GAP = 8
_PLAIN_GAP = 6
_CHIP_GAP = 5
_CHIP_PADDING = 6


@dataclass(frozen=True, slots=True)
class CoinChip:
    """A coin with its colour slot (None: the quote asset's cash) and what stands after its name (`72.2`)."""

    asset: str
    slot: int | None
    suffix: str = ""

    @property
    def text(self) -> str:
        return f"{self.asset} {self.suffix}" if self.suffix else self.asset


def coins_cell(chips: Sequence[CoinChip]) -> Cell:
    """The coins of a strategy in one cell; all of them are in the tooltip and when spoken."""
    text = " ".join(chip.text for chip in chips)
    return Cell(text, raw=text, spoken=", ".join(chip.text for chip in chips), tip=text, payload=tuple(chips))


def coin_cell(asset: str, slot: int | None, *, ground: Ground = Ground.SURFACE) -> Cell:
    """A coin at the head of a row: square and name, bold; cash is grey and not bold."""
    bold = slot is not None
    ink = Ink.TEXT if bold else Ink.TEXT2
    return Cell(asset, raw=asset, ink=ink, bold=bold, ground=ground, payload=CoinChip(asset, slot))


def paint_square(painter: QPainter, left: int, middle: int, side: int, colour: str) -> None:
    """A square of `side` pixels with slightly rounded corners, its middle at `middle`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(QRectF(left, middle - side // 2, side, side), 1.5, 1.5)
    painter.restore()


def paint_chips(
    painter: QPainter, rect: QRect, chips: Sequence[CoinChip], theme: Theme, *, outlined: bool, total: int | None = None
) -> int:
    """As many chips as fit into `rect`, then "+2 more" (or "+2" where even that is too long); returns the right end.

    `outlined`: each in a rounded box, for cards; else squares and names, for table cells. `total`: how many coins
    there are in all, where `chips` holds only the first ones.
    """
    painter.setFont(theme.font(Size.SMALL, Weight.NORMAL))
    metrics = painter.fontMetrics()
    all_chips = len(chips) if total is None else total
    padding = _CHIP_PADDING if outlined else 0
    gap = _CHIP_GAP if outlined else _PLAIN_GAP

    def width_of(text: str, *, square: bool) -> int:
        return 2 * padding + (SMALL_SQUARE + _SQUARE_GAP if square else 0) + metrics.horizontalAdvance(text)

    left = rect.left()
    for number, chip in enumerate(chips):
        rest = all_chips - number
        own = width_of(chip.text, square=True)
        after = (
            width_of(tr("+{rest} more", rest=rest - 1) if outlined else f"+{rest - 1}", square=False) + gap
            if rest > 1
            else 0
        )
        room = rect.right() + 1 - left
        remaining = chips[number:]
        whole = sum(width_of(other.text, square=True) + gap for other in remaining) - gap
        fits = whole <= room and len(remaining) == rest
        if not fits and own + after > room:
            return _paint_more(painter, rect, left, rest, theme, outlined=outlined)
        _paint_chip(painter, QRect(left, rect.top(), own, rect.height()), chip, theme, outlined=outlined)
        left += own + gap
    if all_chips > len(chips):
        return _paint_more(painter, rect, left, all_chips - len(chips), theme, outlined=outlined)
    return left - gap


def _paint_chip(painter: QPainter, rect: QRect, chip: CoinChip, theme: Theme, *, outlined: bool) -> None:
    middle = rect.top() + rect.height() // 2
    left = rect.left()
    if outlined:
        _paint_box(painter, rect, theme)
        left += _CHIP_PADDING
    paint_square(painter, left, middle, SMALL_SQUARE, theme.tokens.coin(chip.slot).fill)
    painter.setPen(QColor(theme.tokens.text))
    text = rect.adjusted(left - rect.left() + SMALL_SQUARE + _SQUARE_GAP, 0, 0, 0)
    painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, chip.text)


def _paint_more(painter: QPainter, rect: QRect, left: int, count: int, theme: Theme, *, outlined: bool) -> int:
    metrics = painter.fontMetrics()
    padding = _CHIP_PADDING if outlined else 0
    text = tr("+{count} more", count=count)
    if metrics.horizontalAdvance(text) + 2 * padding > rect.right() + 1 - left:
        text = f"+{count}"
    box = QRect(left, rect.top(), metrics.horizontalAdvance(text) + 2 * padding, rect.height())
    if outlined:
        _paint_box(painter, box, theme)
    painter.setPen(QColor(theme.tokens.text if outlined else theme.tokens.text2))
    painter.drawText(box.adjusted(padding, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
    return box.right() + 1


def _paint_box(painter: QPainter, rect: QRect, theme: Theme) -> None:
    top = rect.top() + (rect.height() - CHIP_HEIGHT) // 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.tokens.border), 1))
    painter.setBrush(QColor(theme.tokens.alt))
    painter.drawRoundedRect(QRectF(rect.left() + 0.5, top + 0.5, rect.width() - 1, CHIP_HEIGHT - 1), 3, 3)
    painter.restore()


class CoinChipsDelegate(CellDelegate):
    """The payload is a tuple of `CoinChip`."""

    def paint_content(self, painter: QPainter, rect: QRect, cell: Cell, index: Index, theme: Theme) -> None:
        if isinstance(cell.payload, tuple):
            paint_chips(painter, rect, cell.payload, theme, outlined=False)
        else:
            super().paint_content(painter, rect, cell, index, theme)


class CoinNameDelegate(CellDelegate):
    """The payload is a `CoinChip`: its square stands before the name. Another payload is painted as text."""

    def paint_content(self, painter: QPainter, rect: QRect, cell: Cell, index: Index, theme: Theme) -> None:
        if isinstance(cell.payload, CoinChip):
            middle = rect.top() + rect.height() // 2
            fill = theme.tokens.coin(cell.payload.slot).fill
            paint_square(painter, rect.left(), middle, NAME_SQUARE, fill)
            rect = rect.adjusted(NAME_SQUARE + _NAME_GAP, 0, 0, 0)
        paint_cell_text(painter, rect, replace(cell, payload=None), theme)

    def is_cut(self, view: QAbstractItemView, cell: Cell, index: Index) -> bool:
        room = view.visualRect(index).width() - NAME_SQUARE - _NAME_GAP - 16
        return view.fontMetrics().horizontalAdvance(cell.text) > room


class CoinSquare(QWidget):
    """The square alone, for forms (the rows of the allocation)."""

    def __init__(self, slot: int | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slot = slot
        self.setFixedSize(NAME_SQUARE, NAME_SQUARE)

    def set_slot(self, slot: int | None) -> None:
        if slot != self._slot:
            self._slot = slot
            self.update()

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        paint_square(painter, 0, NAME_SQUARE // 2, NAME_SQUARE, current_theme().tokens.coin(self._slot).fill)
        painter.end()
