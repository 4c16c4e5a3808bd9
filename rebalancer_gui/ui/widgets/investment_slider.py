"""The slider beside an amount: the field is the truth, the slider only writes into it. GUI thread only.

    slider = InvestmentSlider("investmentSlider", "Share of the free money")
    slider.set_maximum(free, grid=Decimal("0.01"))
    slider.picked.connect(edit.set_value)               # only when somebody moves it
    edit.valueChanged.connect(slider.show_amount)       # moves it without picking

Positions are thousandths of the maximum; the amounts between them can only be typed.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSlider, QWidget

from rebalancer_gui.domain.money import ZERO, floor_to_step
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.translation import tr

STEPS = 1000
_HANDLE = 16
_TICK_HEIGHT = 4
_QUARTERS = 4


class InvestmentSlider(QSlider):
    """From nothing to all of the free money, with ticks at each quarter. `picked(object)` carries a Decimal."""

    picked = Signal(object)

    def __init__(self, object_name: str, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setRange(0, STEPS)
        self.setSingleStep(STEPS // 100)
        self.setPageStep(STEPS // 4)
        self._maximum = ZERO
        self._grid = Decimal("0.01")
        self.valueChanged.connect(self._moved)
        self.setEnabled(False)

    def set_maximum(self, maximum: Decimal, grid: Decimal) -> None:
        """All that can be picked, and the grid on which picked amounts lie (cut down). Nothing free: disabled."""
        self._maximum, self._grid = maximum, grid
        self.setEnabled(maximum > ZERO)

    def amount_at(self, position: int) -> Decimal:
        """The amount that position 0 to `STEPS` stands for; at its end exactly the maximum, grid or not."""
        if position >= STEPS:
            return self._maximum
        return floor_to_step(self._maximum * position / STEPS, self._grid)

    def show_amount(self, amount: Decimal | None) -> None:
        """Stand where `amount` is, without picking it; None (an unreadable field) leaves the slider alone."""
        if amount is None or self._maximum <= ZERO:
            return
        share = min(Decimal(STEPS), max(ZERO, amount / self._maximum * STEPS))
        blocker = QSignalBlocker(self)
        self.setValue(int(share.to_integral_value(ROUND_HALF_EVEN)))
        blocker.unblock()
        self._describe()

    def _moved(self, position: int) -> None:
        self._describe()
        self.picked.emit(self.amount_at(position))

    def _describe(self) -> None:
        self.setAccessibleDescription(tr("{value} percent", value=self.value() * 100 // STEPS))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = QColor(current_theme().tokens.edge)
        top = self.height() // 2 + _HANDLE // 2 + 1
        span = self.width() - _HANDLE
        for quarter in range(_QUARTERS + 1):
            painter.fillRect(_HANDLE // 2 + quarter * (span - 1) // _QUARTERS, top, 1, _TICK_HEIGHT, colour)
        painter.end()
        super().paintEvent(event)
