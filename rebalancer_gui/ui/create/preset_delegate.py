"""Paints preset cards, the fold under them and the cards that cannot be used. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from rebalancer_gui.ui.create.preset_faces import CardFace
from rebalancer_gui.ui.create.preset_list import Fold, Index, ItemRole, PresetListModel
from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.cells import change_ink
from rebalancer_gui.ui.theme import Theme, current_theme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.coin_chips import CoinChip, paint_chips
from rebalancer_gui.ui.widgets.weight_bar import BarHeight, WeightSegment, paint_weight_bar

CARD_HEIGHT = 120
FOLD_HEIGHT = 28
USELESS_HEIGHT = 52
GAP = 8
_INSIDE = 12
_RETURN_WIDTH = 72
_TERMS_GAP = 6
_RULE_GAP = 12
"""Pixels between the last label and the rule: more than between words."""
_LEAST_RETURN_WIDTH = 68
_ICON = 14
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class PresetDelegate(QStyledItemDelegate):
    """One object for the whole list."""

    def __init__(self, numbers: NumberFormat, parent: QAbstractItemView) -> None:
        super().__init__(parent)
        self._numbers = numbers

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        item = index.data(ItemRole)
        if isinstance(item, Fold):
            return QSize(120, FOLD_HEIGHT + GAP)
        useless = isinstance(item, CardFace) and not item.usable
        return QSize(120, (USELESS_HEIGHT if useless else CARD_HEIGHT) + GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item = index.data(ItemRole)
        theme = current_theme()
        rect: QRect = option.rect.adjusted(0, 0, 0, -GAP)
        painter.save()
        if isinstance(item, Fold):
            self._paint_fold(painter, rect, item, theme)
        elif isinstance(item, CardFace):
            model = index.model()
            chosen = isinstance(model, PresetListModel) and model.is_chosen(item)
            _paint_frame(painter, rect, theme, chosen=chosen)
            inside = rect.adjusted(_INSIDE, 0, -_INSIDE, 0)
            if item.usable:
                self._paint_card(painter, inside, item, theme)
            else:
                _paint_useless(painter, inside, item, theme)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour(Ink.TEXT), 1, Qt.PenStyle.DotLine))
            painter.drawRect(rect.adjusted(3, 3, -4, -4))
        painter.restore()

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """Over a return: how it was reckoned; anywhere else all that the card has no room for."""
        item = index.data(ItemRole)
        text = ""
        if isinstance(item, CardFace):
            text = _return_tip(item, option.rect, event.pos()) or (
                item.tip if item.usable else f"{item.card.unusable}\n{item.tip}"
            )
        elif isinstance(item, Fold):
            text = item.reason
        QToolTip.showText(event.globalPos(), text, view)
        return bool(text)

    # ----------------------------------------------------------------------------------------------------------- cards

    def _paint_card(self, painter: QPainter, rect: QRect, face: CardFace, theme: Theme) -> None:
        self._paint_head(painter, QRect(rect.left(), rect.top() + 11, rect.width(), 20), face, theme)
        self._paint_coins(painter, QRect(rect.left(), rect.top() + 36, rect.width(), 20), face, theme)
        bar = QRect(rect.left(), rect.top() + 63, rect.width(), BarHeight.CARD)
        segments = [WeightSegment(t.asset, t.weight, face.slots.get(t.asset)) for t in face.card.targets]
        paint_weight_bar(painter, bar, segments, theme, self._numbers)
        self._paint_returns(painter, rect, face, theme)
        self._paint_terms(painter, rect, face, theme)

    @staticmethod
    def _paint_head(painter: QPainter, line: QRect, face: CardFace, theme: Theme) -> None:
        painter.setFont(theme.font(Size.SMALL))
        metrics = painter.fontMetrics()
        room = line.width() * 3 // 5
        source = metrics.elidedText(face.source, Qt.TextElideMode.ElideRight, room)
        width = metrics.horizontalAdvance(source)
        ink = Ink.WARN if face.stale else Ink.TEXT3
        painter.setPen(theme.colour(ink))
        painter.drawText(line, _RIGHT, source)
        right = line.right() + 1 - width
        if face.stale:
            right -= _ICON + 5
            icon = QRect(right, line.top() + (line.height() - _ICON) // 2, _ICON, _ICON)
            theme.icon("warning", ink, _ICON).paint(painter, icon)
        coins_width = metrics.horizontalAdvance(face.coins)
        painter.setFont(theme.font(Size.TITLE, Weight.SEMIBOLD))
        metrics = painter.fontMetrics()
        name_room = right - 12 - line.left()
        with_coins = metrics.horizontalAdvance(face.card.name) + 8 + coins_width <= name_room
        name = metrics.elidedText(face.card.name, Qt.TextElideMode.ElideRight, name_room)
        painter.setPen(theme.colour(Ink.TEXT))
        painter.drawText(line, _LEFT, name)
        if with_coins:
            after = line.adjusted(metrics.horizontalAdvance(name) + 8, 1, 0, 1)
            painter.setFont(theme.font(Size.SMALL))
            painter.setPen(theme.colour(Ink.TEXT2))
            painter.drawText(after, _LEFT, face.coins)

    def _paint_coins(self, painter: QPainter, line: QRect, face: CardFace, theme: Theme) -> None:
        painter.setFont(theme.font(Size.SMALL))
        metrics = painter.fontMetrics()
        wanted = min(metrics.horizontalAdvance(face.without) + 8, line.width() // 3) if face.without else 0
        chips = [
            CoinChip(t.asset, face.slots.get(t.asset), self._numbers.fixed(t.weight, 1)) for t in face.card.targets
        ]
        end = paint_chips(painter, line.adjusted(0, 0, -wanted, 0), chips, theme, outlined=True)
        if not face.without:
            return
        rest = QRect(end + 8, line.top(), line.right() + 1 - end - 8, line.height())
        painter.setFont(theme.font(Size.SMALL))
        painter.setPen(theme.colour(Ink.WARN if face.without_cap else Ink.TEXT3))
        painter.drawText(rest, _LEFT, metrics.elidedText(face.without, Qt.TextElideMode.ElideRight, rest.width()))

    @staticmethod
    def _paint_returns(painter: QPainter, rect: QRect, face: CardFace, theme: Theme) -> None:
        pitch = _return_width(rect.width(), face, theme)
        for number, one in enumerate(face.returns):
            left = rect.left() + number * pitch
            painter.setFont(theme.font(Size.SMALL))
            painter.setPen(theme.colour(Ink.WARN if one.short else Ink.TEXT2))
            painter.drawText(QRect(left, rect.top() + 78, _RETURN_WIDTH, 18), _LEFT, one.label)
            painter.setFont(theme.font(Size.BODY, Weight.SEMIBOLD))
            painter.setPen(theme.colour(change_ink(one.change, 1)))
            painter.drawText(QRect(left, rect.top() + 95, _RETURN_WIDTH + 8, 18), _LEFT, one.text)

    @staticmethod
    def _paint_terms(painter: QPainter, rect: QRect, face: CardFace, theme: Theme) -> None:
        painter.setFont(theme.font(Size.SMALL))
        painter.setPen(theme.colour(Ink.TEXT2))
        painter.drawText(QRect(rect.left(), rect.top() + 78, rect.width(), 18), _RIGHT, face.rule)
        line = QRect(rect.left(), rect.top() + 95, rect.width(), 18)
        unit = _unit_of(rect.width(), face, theme)
        painter.setPen(theme.colour(Ink.TEXT))
        for text, weight in (
            (unit, Weight.NORMAL),
            (face.least_text, Weight.SEMIBOLD),
            (tr("from "), Weight.NORMAL),
        ):
            painter.setFont(theme.font(Size.BODY, weight))
            painter.drawText(line, _RIGHT, text)
            line = line.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(text), 0)

    @staticmethod
    def _paint_fold(painter: QPainter, rect: QRect, fold: Fold, theme: Theme) -> None:
        icon = QRect(rect.left(), rect.top() + (rect.height() - 16) // 2, 16, 16)
        theme.icon("chevron-down" if fold.opened else "chevron-right", Ink.TEXT2).paint(painter, icon)
        painter.setFont(theme.font(Size.BODY, Weight.MEDIUM))
        painter.setPen(theme.colour(Ink.TEXT))
        painter.drawText(rect.adjusted(22, 0, 0, 0), _LEFT, fold.text)
        used = 22 + painter.fontMetrics().horizontalAdvance(fold.text) + 12
        painter.setFont(theme.font(Size.SMALL))
        painter.setPen(theme.colour(Ink.TEXT3))
        room = rect.adjusted(used, 0, 0, 0)
        reason = painter.fontMetrics().elidedText(fold.reason, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _RIGHT, reason)


def _paint_frame(painter: QPainter, rect: QRect, theme: Theme, *, chosen: bool) -> None:
    tokens = theme.tokens
    width = 2 if chosen else 1
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(tokens.accent if chosen else tokens.border), width))
    painter.setBrush(QColor(tokens.select if chosen else tokens.surface))
    half = width / 2
    painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_useless(painter: QPainter, rect: QRect, face: CardFace, theme: Theme) -> None:
    painter.setFont(theme.font(Size.BODY, Weight.SEMIBOLD))
    painter.setPen(theme.colour(Ink.TEXT2))
    painter.drawText(QRect(rect.left(), rect.top() + 7, rect.width(), 18), _LEFT, face.card.name)
    painter.setFont(theme.font(Size.SMALL))
    painter.setPen(theme.colour(Ink.TEXT3))
    line = QRect(rect.left(), rect.top() + 27, rect.width(), 16)
    reason = painter.fontMetrics().elidedText(face.card.unusable, Qt.TextElideMode.ElideRight, line.width())
    painter.drawText(line, _LEFT, reason)


def _unit_of(width: int, face: CardFace, theme: Theme) -> str:
    """The unit behind the smallest investment; where it would squeeze the returns, it is left to the field below."""
    metrics = QFontMetrics(theme.font(Size.BODY, Weight.SEMIBOLD))
    room = (
        width
        - metrics.horizontalAdvance(tr("from {least_text} {quote}", least_text=face.least_text, quote=face.quote))
        - _TERMS_GAP
    )
    return f" {face.quote}" if room >= len(face.returns) * _LEAST_RETURN_WIDTH else ""


def _return_width(width: int, face: CardFace, theme: Theme) -> int:
    """72 px, and less where the smallest investment or the rule needs the room: no number is cut and no two texts touch."""
    if not face.returns:
        return _RETURN_WIDTH
    bold, small = QFontMetrics(theme.font(Size.BODY, Weight.SEMIBOLD)), QFontMetrics(theme.font(Size.SMALL))
    terms = bold.horizontalAdvance(
        tr("from {least_text}{unit}", least_text=face.least_text, unit=_unit_of(width, face, theme))
    )
    pitch = min(_RETURN_WIDTH, (width - terms - _TERMS_GAP) // len(face.returns))
    if len(face.returns) > 1:
        last = small.horizontalAdvance(face.returns[-1].label)
        beside = width - small.horizontalAdvance(face.rule) - _RULE_GAP - last
        least = max(bold.horizontalAdvance(one.text) for one in face.returns[:-1]) + _TERMS_GAP
        pitch = min(pitch, max(beside // (len(face.returns) - 1), least))
    return pitch


def _return_tip(face: CardFace, rect: QRect, at: QPoint) -> str:
    left = rect.left() + _INSIDE
    column = (at.x() - left) // _return_width(rect.width() - 2 * _INSIDE, face, current_theme())
    below = at.y() - rect.top() >= CARD_HEIGHT * 5 // 8
    return face.returns[column].tip if below and at.x() >= left and column < len(face.returns) else ""
