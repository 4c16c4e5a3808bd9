"""How a line of the log is drawn: time, level and words each in a column of their own. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from rebalancer_gui.ui.models.log_model import LogModel, parts_of

_AIR = 8
_TIME, _LEVEL = "0000-00-00 00:00:00", "WARNING"
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class LogLineDelegate(QStyledItemDelegate):
    """Words that are longer than the list is wide end in an ellipsis; the whole entry stands below when it is chosen."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        model = index.model()
        if not isinstance(model, LogModel):
            super().paint(painter, option, index)
            return
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        shown.text = ""
        style = shown.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, shown, painter, shown.widget)
        painter.save()
        painter.setFont(shown.font)
        painter.setPen(shown.palette.color(QPalette.ColorRole.Text))
        metrics = painter.fontMetrics()
        rect = shown.rect.adjusted(_AIR, 0, -_AIR, 0)
        time, level, words = parts_of(model.shown[index.row()])
        left = rect.left()
        for text, room in ((time, _TIME), (level, _LEVEL)):
            painter.drawText(QRect(left, rect.top(), rect.right() - left, rect.height()), _LEFT, text)
            left += metrics.horizontalAdvance(room) + 2 * _AIR
        rest = QRect(left, rect.top(), rect.right() - left, rect.height())
        painter.drawText(rest, _LEFT, metrics.elidedText(words, Qt.TextElideMode.ElideRight, rest.width()))
        painter.restore()
