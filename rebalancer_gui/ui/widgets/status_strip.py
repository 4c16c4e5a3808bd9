"""The strip at the window's foot: engine state, what happened last, the clock. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QFrame, QHBoxLayout, QWidget

from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.labels import ElidedLabel, IconLabel, TextLabel, TextType

HEIGHT = 28
TOLD_MS = 10_000


class StatusStrip(QFrame):
    """`engineStateLabel` says the engine's state, `statusText` the rest.

    While a control with a tooltip has the focus and got it by the keyboard, its tooltip stands in `statusText`: people
    without a mouse read it there.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "statusStrip")
        self.setObjectName("statusStrip")
        self.setFixedHeight(HEIGHT)
        self._icon = IconLabel("waiting", Ink.TEXT2, 14)
        self._engine = TextLabel("", TextType.SMALL, Ink.TEXT, object_name="engineStateLabel")
        self._engine.setProperty("strong", "true")
        self._next = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="nextCheckLabel")
        self._text = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name="statusText")
        self._clock = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="clockLabel")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(4)
        row.addWidget(self._icon)
        row.addSpacing(2)
        row.addWidget(TextLabel(tr("engine:"), TextType.SMALL, Ink.TEXT2))
        row.addWidget(self._engine)
        row.addSpacing(12)
        row.addWidget(self._next)
        row.addSpacing(12)
        row.addWidget(self._text, 1)
        row.addWidget(self._clock)
        self._status = ""
        self._hint = ""
        self._told = QTimer(self)
        self._told.setSingleShot(True)
        self._told.setInterval(TOLD_MS)
        self._told.timeout.connect(self._show)
        self._news = ""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def set_engine(self, icon: str, word: str, ink: Ink) -> None:
        """The engine's state as icon and word (`running`, Ink.GAIN)."""
        self._icon.set_icon(icon, ink)
        if self._engine.text() != word:
            self._engine.setText(word)

    def set_next_check(self, text: str) -> None:
        """`next check 14:32:10`, or empty."""
        if self._next.text() != text:
            self._next.setText(text)

    def set_status(self, text: str) -> None:
        """What happened last, in a sentence."""
        self._status = text
        self._show()

    def tell(self, text: str) -> None:
        """What came of a press, for ten seconds in place of everything else."""
        self._news = text
        self._told.start()
        self._show()

    def set_clock(self, text: str) -> None:
        if self._clock.text() != text:
            self._clock.setText(text)

    def show_hint(self, text: str) -> None:
        """Show `text` instead of the status until called with an empty one."""
        self._hint = text
        self._show()

    @Slot()
    def _show(self) -> None:
        text = (self._news if self._told.isActive() else "") or self._hint or self._status
        if self._text.text() != text:
            self._text.setText(text)

    @Slot(QWidget, QWidget)
    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        mine = new is not None and new.window() is self.window()
        pressed = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        self.show_hint(_hint_of(new) if new is not None and mine and not pressed else "")


def _hint_of(control: QWidget) -> str:
    """Its tooltip, and of the buttons beside it why those cannot be pressed now: Tab passes them by."""
    hints = [control.toolTip()]
    above = control.parentWidget()
    if isinstance(control, QAbstractButton) and above is not None:
        beside = above.findChildren(QAbstractButton, options=Qt.FindChildOption.FindDirectChildrenOnly)
        hints += [
            f"{one.accessibleName()}: {one.accessibleDescription()}"
            for one in beside
            if one.isVisible() and not one.isEnabled() and one.accessibleDescription()
        ]
    return " \u00b7 ".join(hint for hint in hints if hint)
