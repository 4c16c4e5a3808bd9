"""What its owner chooses and accepts before trading with real money is switched on. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.rails import RAILS, Rail
from rebalancer_gui.domain.risk import RESTS_HERE, RISK_TEXT
from rebalancer_gui.domain.strategy import TradingMode
from rebalancer_gui.ui.dialogs.rail_words import MODES
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.form import Field, MessageLine, SectionHeader, line_edit
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import Panel

_AMOUNT_WIDTH = 240
_AGREE = tr("I have read this and accept it")
_OFFERED = (TradingMode.APPROVE, TradingMode.AUTO)


@dataclass(frozen=True, slots=True)
class TradingWish:
    """What `tradingSwitch` asks for."""

    typed_name: str
    max_order: Decimal
    mode: TradingMode


class TradingBox(QWidget):
    """`goLiveApproveRadio`, `goLiveAutoRadio`, `maxOrderEdit`, `riskAcceptCheck`, `goLiveNameEdit`, each with a message line."""

    edited = Signal()
    grew = Signal()
    """the line under the name came or went"""

    def __init__(
        self, view: AccountView, numbers: NumberFormat, number: int = 3, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._account = view.account
        cap = RAILS[Rail.ORDER_CAP]
        self.modes = {mode: _radio(mode) for mode in _OFFERED}
        self.amount = DecimalEdit(
            "maxOrderEdit", tr("The most that one order may be worth"), unit=view.quote, places=2, numbers=numbers, tall=True,
            limits=Limits(minimum=cap.low, maximum=cap.high, grid=cap.grid),
        )  # fmt: skip
        self.agree = QCheckBox(_AGREE)
        self.agree.setObjectName("riskAcceptCheck")
        self.agree.setAccessibleName(_AGREE)
        self.agree.setAccessibleDescription(f"{said(RISK_TEXT)} {said(RESTS_HERE)}")
        self.name: QLineEdit = line_edit("goLiveNameEdit", tr("The account's name"), tall=True)
        self.mode_message = MessageLine("goLiveModeMessage")
        self.agree_message = MessageLine("riskAcceptMessage")
        self._amount_field = Field(tr("The most that one order may be worth"), self.amount)
        self._amount_field.set_hint(tr("A safety rail: whatever a rule wants, no order is larger."))
        self._name_field = Field(tr("Type the account's name: {account}", account=view.account), self.name)
        self._build(number)
        set_before = view.rails.value(Rail.ORDER_CAP)
        if set_before is not None:
            self.amount.set_value(set_before)
        self.modes[TradingMode.APPROVE].setChecked(True)
        for radio in self.modes.values():
            radio.toggled.connect(self._mode_changed)
        self.amount.textChanged.connect(self._amount_changed)
        self.agree.toggled.connect(self._agree_changed)
        self.name.textChanged.connect(self._name_changed)

    def _build(self, number: int) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(SectionHeader(number, tr("Trading")))
        group = QButtonGroup(self)
        for mode, radio in self.modes.items():
            group.addButton(radio)
            column.addSpacing(4)
            column.addWidget(radio)
            words = TextLabel(MODES[mode][1], TextType.SMALL, Ink.TEXT2, wrap=True)
            words.setContentsMargins(24, 0, 0, 0)
            column.addWidget(words)
        column.addWidget(self.mode_message)
        column.addSpacing(8)
        self.amount.setMaximumWidth(_AMOUNT_WIDTH)
        column.addWidget(self._amount_field)
        column.addSpacing(8)
        column.addWidget(self._risk_panel())
        column.addWidget(self.agree_message)
        column.addSpacing(8)
        column.addWidget(self._name_field)
        self.mode_message.hide()
        self.agree_message.hide()

    def _risk_panel(self) -> Panel:
        panel = Panel(object_name="riskPanel")
        inside = QVBoxLayout()
        inside.setContentsMargins(12, 10, 12, 10)
        inside.setSpacing(8)
        inside.addWidget(TextLabel(tr("What you take on"), TextType.STRONG))
        for name, text in (("riskText", said(RISK_TEXT)), ("restsHereText", said(RESTS_HERE))):
            inside.addWidget(TextLabel(text, TextType.BODY, Ink.TEXT2, object_name=name, wrap=True))
        inside.addWidget(self.agree)
        panel.body.addLayout(inside)
        return panel

    # ----------------------------------------------------------------------------------------------------------- judging

    @property
    def name_field(self) -> Field:
        """The account's name with the line under it."""
        return self._name_field

    @property
    def mode(self) -> TradingMode:
        """The one that is chosen."""
        return next(mode for mode, radio in self.modes.items() if radio.isChecked())

    def lacking(self) -> str | None:
        """The first thing that is missing here, from above; None: nothing."""
        if self.amount.value() is None:
            return tr("Set the most that one order may be worth.")
        if not self.agree.isChecked():
            return tr("Read the text about risk and tick its box.")
        if self.name.text() != self._account:
            return tr("Type the account's name as it is.")
        return None

    def wish(self) -> TradingWish:
        """Raises ValueError while something is lacking."""
        amount = self.amount.value()
        if amount is None:
            raise ValueError("there is no amount")
        return TradingWish(self.name.text(), amount, self.mode)

    @Slot()
    def _mode_changed(self) -> None:
        self.mode_message.hide()
        self.edited.emit()

    @Slot()
    def _amount_changed(self) -> None:
        self._amount_field.set_message(None)
        self.edited.emit()

    @Slot()
    def _agree_changed(self) -> None:
        self.agree_message.hide()
        self.edited.emit()

    @Slot()
    def _name_changed(self) -> None:
        typed = self.name.text()
        if not typed or typed == self._account:
            self._name_field.set_message(None)
        else:
            self._name_field.set_message(
                tr("Not the same yet: \u201c{account}\u201d", account=self._account), Level.WARNING
            )
        self.grew.emit()
        self.edited.emit()

    # ----------------------------------------------------------------------------------------------------------- sending

    def set_locked(self, *, locked: bool) -> None:
        """While it is being sent nothing may be changed."""
        for part in (*self.modes.values(), self.amount, self.agree, self.name):
            part.setEnabled(not locked)

    def fail(self, field: str, message: str) -> QWidget:
        """What the engine refused, beside the field it names (below the modes where it names none); gives that place."""
        if field == "max_order":
            self._amount_field.set_message(message)
            return self._amount_field
        if field == "account":
            self._name_field.set_message(message)
            return self._name_field
        line = self.agree_message if field == "risk" else self.mode_message
        line.show_problem(message, aloud=True)
        line.show()
        return line


def _radio(mode: TradingMode) -> QRadioButton:
    title = MODES[mode][0]
    radio = QRadioButton(title)
    radio.setObjectName(f"goLive{mode.value.capitalize()}Radio")
    radio.setAccessibleName(title)
    return radio
