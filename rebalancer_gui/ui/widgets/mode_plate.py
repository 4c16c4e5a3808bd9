"""PAPER, SANDBOX or LIVE, seen from across the room: the plate in the header and the line under it. GUI thread only."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRect
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.theme import current_theme, repolish
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr

_ICON = 16
_HEIGHT = 28


class Mode(StrEnum):
    """Whose money moves: play money here, play money of an exchange, or real money."""

    PAPER = "paper"
    SANDBOX = "sandbox"
    LIVE = "live"


_LOOK = {Mode.PAPER: ("chart", Ink.ON_PAPER), Mode.SANDBOX: ("chart", Ink.ON_PAPER), Mode.LIVE: ("halted", Ink.ON_LIVE)}
_MEANING = {
    Mode.PAPER: tr("Play money: no order reaches an exchange."),
    Mode.SANDBOX: tr("Play money of the exchange: orders reach its place to practise in."),
    Mode.LIVE: tr("Real money: orders reach the exchange."),
}
_LINE_HEIGHT = {Mode.PAPER: 2, Mode.SANDBOX: 2, Mode.LIVE: 3}


class ModePlate(QLabel):
    """A filled plate with icon and word; `modePlate` by name, its text is `PAPER`, `SANDBOX` or `LIVE`."""

    def __init__(self, mode: Mode = Mode.PAPER, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modePlate")
        self.setProperty("role", "modePlate")
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._mode = mode
        self._show()

    @property
    def mode(self) -> Mode:
        return self._mode

    def set_mode(self, mode: Mode) -> None:
        if mode is not self._mode:
            self._mode = mode
            self._show()

    def _show(self) -> None:
        # Built from the theme's font: a style sheet cannot space letters.
        font = QFont(current_theme().font(Size.BODY, Weight.BOLD))
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 106)
        self.setFont(font)
        self.setText(self._mode.value.upper())
        self.setToolTip(_MEANING[self._mode])
        self.setAccessibleDescription(_MEANING[self._mode])
        self.setProperty("mode", self._mode.value)
        repolish(self)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        name, ink = _LOOK[self._mode]
        painter = QPainter(self)
        place = QRect(12, (self.height() - _ICON) // 2, _ICON, _ICON)
        current_theme().icon(name, ink, _ICON).paint(painter, place)
        painter.end()


class ModeLine(QFrame):
    """The line under the header: 2 px amber where it is play money, 3 px red live."""

    def __init__(self, mode: Mode = Mode.PAPER, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modeLine")
        self.setProperty("role", "modeLine")
        self.set_mode(mode)

    def set_mode(self, mode: Mode) -> None:
        self.setFixedHeight(_LINE_HEIGHT[mode])
        self.setProperty("mode", mode.value)
        repolish(self)
