"""Draws every part of the window in each of its states, in both themes, to compare with the design by eye.

    python tests/ui/gallery.py FOLDER          writes components-light.png and components-dark.png

Run it on a display (Xvfb will do), or with QT_QPA_PLATFORM=offscreen.
"""

import sys
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QStyle,
    QStyleOptionButton,
    QStyleOptionFrame,
    QVBoxLayout,
    QWidget,
)

from rebalancer_gui.ui.theme import ColourScheme, Theme, current_theme, install_theme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.buttons import ButtonKind, SegmentedButtons
from rebalancer_gui.ui.widgets.coin_chips import CoinChip
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.drift_bar import Drift
from rebalancer_gui.ui.widgets.form import Field, SectionHeader
from rebalancer_gui.ui.widgets.investment_slider import InvestmentSlider
from rebalancer_gui.ui.widgets.labels import StatusLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.mode_plate import Mode, ModePlate
from rebalancer_gui.ui.widgets.panel import Panel
from rebalancer_gui.ui.widgets.status_strip import StatusStrip
from rebalancer_gui.ui.widgets.weight_bar import BarHeight, WeightBar, WeightSegment
from tests.ui.gallery_tables import NUMBERS, drift_table, strategies_table, titled_panel

_State = QStyle.StateFlag
_STATES = {
    "normal": _State.State_None,
    "hover": _State.State_MouseOver,
    "pressed": _State.State_Sunken,
    "focus": _State.State_HasFocus,
}


class PosedButton(QPushButton):
    """A button that is drawn in a state it is not in."""

    pose = _State.State_None

    def initStyleOption(self, option: QStyleOptionButton) -> None:
        super().initStyleOption(option)
        option.state |= self.pose


class PosedEdit(DecimalEdit):
    """A field that is drawn in a state it is not in."""

    pose = _State.State_None

    def initStyleOption(self, option: QStyleOptionFrame) -> None:
        super().initStyleOption(option)
        option.state |= self.pose


class StrategyRow:
    name: str
    chips: tuple[CoinChip, ...]
    icon: str
    status: str
    ink: Ink
    value: Decimal
    drift: Drift


def _buttons() -> Panel:
    panel, body = titled_panel("Buttons: normal, main action, dangerous")
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    kinds = ((ButtonKind.NORMAL, "Preview"), (ButtonKind.MAIN, "Create"), (ButtonKind.DANGER, "Stop"))
    for row, (kind, text) in enumerate(kinds):
        for column, state in enumerate((*_STATES, "disabled")):
            button = PosedButton(text)
            button.setProperty("kind", kind.value)
            button.setFixedWidth(112)
            button.pose = _STATES.get(state, _State.State_None)
            button.setEnabled(state != "disabled")
            grid.addWidget(button, 2 * row, column)
            grid.addWidget(
                TextLabel(state, TextType.SMALL, Ink.TEXT3), 2 * row + 1, column, Qt.AlignmentFlag.AlignHCenter
            )
    grid.setColumnStretch(5, 1)
    body.addLayout(grid)
    body.addStretch(1)
    return panel


def _edit(name: str, text: str, *, pose: _State = _State.State_None, enabled: bool = True) -> PosedEdit:
    edit = PosedEdit(
        name,
        name,
        unit="USDT",
        places=2,
        numbers=NUMBERS,
        limits=Limits(maximum=Decimal(1900), maximum_text="Free are {limit}"),
    )
    edit.pose = pose
    edit.setText(text)
    edit.setEnabled(enabled)
    edit.setFixedWidth(176)
    return edit


def _fields() -> Panel:
    panel, body = titled_panel("Fields")
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(8)
    top = Qt.AlignmentFlag.AlignTop
    grid.addWidget(Field("Normal", _edit("normal", "240.00")), 0, 0, top)
    grid.addWidget(Field("Focus", _edit("focus", "240.00", pose=_State.State_HasFocus)), 0, 1, top)
    grid.addWidget(Field("Disabled", _edit("disabled", "240.00", enabled=False)), 0, 2, top)
    grid.addWidget(Field("Wrong, while typing", _edit("wrong", "2,400.00")), 1, 0, top)
    combo = QComboBox()
    combo.addItems(["5 %", "10 %"])
    grid.addWidget(Field("Combo box", combo), 1, 1, top)
    choices = QWidget()
    row = QHBoxLayout(choices)
    row.setContentsMargins(0, 4, 0, 0)
    row.setSpacing(16)
    on, off, yes, no = QRadioButton("On"), QRadioButton("Off"), QCheckBox("Yes"), QCheckBox("No")
    on.setChecked(True)
    yes.setChecked(True)
    for choice in (on, off, yes, no):
        row.addWidget(choice)
    grid.addWidget(Field("Choices", choices), 1, 2, top)
    grid.setColumnStretch(3, 1)
    body.addLayout(grid)
    body.addStretch(1)
    return panel


def _status() -> Panel:
    panel, body = titled_panel("Status and prices: shape and word, not colour alone")
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(12)
    states = (
        ("running", "Running", Ink.GAIN),
        ("paused", "Paused", Ink.TEXT2),
        ("waiting", "Waiting", Ink.INFO),
        ("building", "Building", Ink.INFO),
        ("halted", "Halted", Ink.LOSS),
        ("ended", "Ended", Ink.TEXT2),
    )
    for number, (icon, word, ink) in enumerate(states):
        grid.addWidget(StatusLabel(icon, word, ink), number // 3, number % 3)
    values = (
        ("Fresh price", "96,418.20", Ink.TEXT),
        ("Old price", "96,418.20 14 s old", Ink.TEXT3),
        ("No price", "\u2013 market closed", Ink.TEXT3),
        ("Gain", NUMBERS.change_percent(Decimal("4.28")), Ink.GAIN),
        ("Loss", NUMBERS.change_percent(Decimal("-3.7")), Ink.LOSS),
        ("None", NUMBERS.change_percent(Decimal(0)), Ink.TEXT3),
    )
    for number, (name, value, ink) in enumerate(values):
        pair = QVBoxLayout()
        pair.setSpacing(4)
        pair.addWidget(TextLabel(name, TextType.SMALL, Ink.TEXT2))
        pair.addWidget(TextLabel(value, TextType.BODY, ink))
        grid.addLayout(pair, 2 + number // 3, number % 3)
    body.addLayout(grid)
    body.addStretch(1)
    return panel


class Swatch(QWidget):
    """A coin slot with its label."""

    def __init__(self, slot: int) -> None:
        super().__init__()
        self._slot = slot
        self.setFixedHeight(28)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = current_theme()
        colour = theme.tokens.coin(self._slot)
        painter.fillRect(self.rect(), QColor(colour.fill))
        painter.setFont(theme.font(12, 600))
        painter.setPen(QColor(colour.label))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, f"C{self._slot}")
        painter.end()


def _coins() -> Panel:
    panel, body = titled_panel("Coin colours")
    row = QHBoxLayout()
    row.setSpacing(2)
    for slot in range(1, 11):
        row.addWidget(Swatch(slot))
    body.addLayout(row)
    shares = [("BTC", "43.11", 1), ("ETH", "28.97", 2), ("BNB", "18.03", 3), ("SOL", "9.82", 4), ("USDT", "0.08", None)]
    for height in (BarHeight.LABELLED, BarHeight.FORM, BarHeight.CARD):
        bar = WeightBar(height, numbers=NUMBERS)
        bar.set_segments([WeightSegment(asset, Decimal(share), slot) for asset, share, slot in shares])
        body.addWidget(bar)
    body.addStretch(1)
    return panel


def _form() -> Panel:
    panel, body = titled_panel("Form parts")
    head = SectionHeader(2, "Investment")
    head.row.addWidget(TextLabel("free 1,900.00 USDT", TextType.SMALL, Ink.TEXT3))
    body.addWidget(head)
    row = QHBoxLayout()
    slider = InvestmentSlider("investmentSlider", "Share")
    slider.set_maximum(Decimal(1900), Decimal("0.01"))
    slider.show_amount(Decimal(240))
    row.addWidget(_edit("amount", "240.00"))
    row.addWidget(slider, 1)
    body.addLayout(row)
    row = QHBoxLayout()
    row.addWidget(SegmentedButtons("range", "Range", [("1d", "1 D"), ("7d", "7 D"), ("30d", "30 D"), ("all", "All")]))
    row.addStretch(1)
    row.addWidget(ModePlate())
    row.addWidget(ModePlate(Mode.LIVE))
    body.addLayout(row)
    body.addStretch(1)
    return panel


def _banners() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for level, headline, text in (
        (Level.NOTE, "For your information.", "Nothing to do."),
        (Level.WARNING, "Will work less well.", "One-click fix at the right."),
        (Level.BLOCKING, "Stopped.", "What happened, what to do."),
    ):
        banner = Banner(f"{level.name.lower()}Banner", inline=True)
        banner.show_notice(Notice(level, headline, text))
        row.addWidget(banner, 1)
    return row


def build_gallery() -> QWidget:
    """All parts on one page of 1280 x 800."""
    page = QWidget()
    page.setObjectName("gallery")
    page.setFixedSize(1280, 800)
    outer = QVBoxLayout(page)
    outer.setContentsMargins(0, 16, 0, 0)
    columns = QHBoxLayout()
    columns.setContentsMargins(16, 8, 16, 0)
    columns.setSpacing(16)
    left, right = QVBoxLayout(), QVBoxLayout()
    for column in (left, right):
        column.setSpacing(16)
    for panel in (_buttons(), _fields(), drift_table()):
        left.addWidget(panel)
    for panel in (_status(), _coins(), _form()):
        right.addWidget(panel)
    right.addWidget(strategies_table(), 1)
    columns.addLayout(left, 660)
    columns.addLayout(right, 572)
    outer.addLayout(columns, 1)
    banners = _banners()
    banners.setContentsMargins(16, 0, 16, 0)
    outer.addLayout(banners)
    warning = Banner("stackedBanner")
    warning.show_notices(
        [
            Notice(Level.WARNING, "Small legs will be skipped", "2.1 pp is the 5.00 USDT minimum.", "Invest 500.00"),
            Notice(Level.NOTE, "Something else", "Less bad."),
        ]
    )
    stacked = QHBoxLayout()
    stacked.setContentsMargins(16, 0, 16, 0)
    stacked.addWidget(warning)
    outer.addLayout(stacked)
    strip = StatusStrip()
    strip.set_engine("running", "running", Ink.GAIN)
    strip.set_next_check("next check 14:32:10")
    strip.set_status('last: "Core 4 is within 5 %: nothing to do"')
    strip.set_clock("14:32:08 UTC")
    outer.addWidget(strip)
    return page


def main(folder: Path) -> None:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    folder.mkdir(parents=True, exist_ok=True)
    theme: Theme = install_theme(app, ColourScheme.LIGHT)
    page = build_gallery()
    page.show()
    for scheme in (ColourScheme.LIGHT, ColourScheme.DARK):
        theme.set_scheme(scheme)
        for _ in range(20):
            app.processEvents()
        page.grab().save(str(folder / f"components-{scheme.value}.png"))
    page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
