"""The question mark beside a term: pressed, it says in a small window what the term means. GUI thread only.

    header.row.addWidget(HelpMark(Term.THRESHOLD))

It takes no place in the order of the Tab key: with the keyboard, F1 in the field beside it opens the guide at the same place. Columns of
a table have their marks in the header (``explained_header``), and Shift+F1 in the table says what its column means.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from rebalancer_gui.ui.help.terms import Term, explanations
from rebalancer_gui.ui.theme import set_icon
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.tips import plain_tip

_SIDE = 20
_ICON = 14
_WIDTH = 320
_GAP = 4
_PADDING = 14


class _Calls(QObject):
    """Where the marks, wherever they stand, ask for a place of the guide."""

    placeAsked = Signal(str)


_calls: list[_Calls] = []


def guide_calls() -> _Calls:
    """`placeAsked(str)`: somebody wants to read this place, as ``page.md#slug``."""
    if not _calls:
        _calls.append(_Calls())
    return _calls[0]


class HelpMark(QToolButton):
    """Of one term, or of several that stand together. Its objectName is ``help-`` and the first term's anchor."""

    def __init__(self, *terms: Term, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.terms = terms
        told = [explanations()[term] for term in terms]
        self.setObjectName(f"help-{terms[0].value}")
        self.setProperty("role", "helpMark")
        self.setAccessibleName(tr("What is this: {term}", term=", ".join(one.title for one in told)))
        self.setAccessibleDescription("\n".join(f"{one.title}: {one.text}" for one in told))
        self.setToolTip(plain_tip(f"{told[0].title}: {told[0].text}"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedSize(_SIDE, _SIDE)
        self.setIconSize(QSize(_ICON, _ICON))
        self.setCursor(Qt.CursorShape.WhatsThisCursor)
        set_icon(self, "help", Ink.TEXT3, _ICON)
        self.clicked.connect(self.explain)

    def explain(self) -> None:
        """Open the small window under the mark; a click elsewhere or Esc closes it."""
        ExplanationBox(self.terms, self).open_below(self)


class ExplanationBox(QFrame):
    """Title and text of each term, and a way into the guide. `closed()`: it is no longer on the screen."""

    closed = Signal()

    def __init__(self, terms: Sequence[Term], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        told = [explanations()[term] for term in terms]
        self._place = told[0].place
        self.setObjectName("explanationBox")
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(", ".join(one.title for one in told))
        column = QVBoxLayout(self)
        column.setContentsMargins(_PADDING, 12, _PADDING, 12)
        column.setSpacing(6)
        for term, one in zip(terms, told, strict=True):
            column.addWidget(TextLabel(one.title, TextType.STRONG))
            text = TextLabel(one.text, TextType.BODY, Ink.TEXT2, object_name=f"explanation-{term.value}", wrap=True)
            text.setFixedWidth(_WIDTH - 2 * _PADDING)
            column.addWidget(text)
            column.addSpacing(4)
        more = push_button(tr("More in the guide"), "explanationMoreButton", compact=True)
        more.clicked.connect(self._more)
        column.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)

    def open_below(self, mark: QWidget, part: QRect | None = None) -> None:
        """Under the mark, or that part of a widget, moved so far that it stays on the screen."""
        self.adjustSize()
        room = mark.screen().availableGeometry()
        part = part if part is not None else mark.rect()
        corner = mark.mapToGlobal(QPoint(part.left(), part.bottom() + 1 + _GAP))
        left = min(max(room.left() + _GAP, corner.x()), room.right() - self.width() - _GAP)
        top = corner.y()
        if top + self.height() > room.bottom():
            top = mark.mapToGlobal(part.topLeft()).y() - self.height() - _GAP
        self.move(left, max(room.top(), top))
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()

    def _more(self) -> None:
        place = self._place
        self.close()
        guide_calls().placeAsked.emit(place)
