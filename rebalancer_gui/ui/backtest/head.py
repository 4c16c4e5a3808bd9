"""The head of "Test this rule": what is tested, over which candles and days, with how much money. GUI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from rebalancer_gui.domain.allocation import MONEY_GRID
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.ui.backtest.wish import DAY, USUAL_SPAN, Wish, problems_with, read_day
from rebalancer_gui.ui.create.durations import duration_text
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.theme import repolish
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import block, push_button
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.form import MessageLine, combo_box, line_edit
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE

_HEIGHT = 63
_FILE = tr("File\u2026")
_DAY_WIDTH, _AMOUNT_WIDTH, _CANDLES_WIDTH = 98, 136, 104
_MOST = Decimal(10) ** 12


class TestHead(QFrame):
    """`runPressed`: test what stands here; `fileAsked`: candles from a file are wanted; `accountAsked`: those of the account."""

    __test__ = False  # For pytest: its name begins with Test, it is none.

    runPressed = Signal()
    fileAsked = Signal()
    accountAsked = Signal()

    def __init__(self, title: str, quote: str, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "header")
        self._timeframes: tuple[timedelta, ...] = ()
        self._chosen: timedelta | None = None
        self._file = ""
        self._refusal: Problem | None = None
        self._now: datetime | None = None
        self.subtitle = ElidedLabel(title, TextType.SMALL, Ink.TEXT2, object_name="testSubtitle")
        self.candles = combo_box("testCandlesCombo", tr("Candles"), tall=True)
        self.candles.setFixedWidth(_CANDLES_WIDTH)
        self.start = line_edit("testFromEdit", tr("From"), tall=True)
        self.last = line_edit("testToEdit", tr("To"), tall=True)
        limits = Limits(minimum=ZERO, above_minimum=True, maximum=_MOST, grid=MONEY_GRID)
        self.amount = DecimalEdit(
            "testAmountEdit", tr("Amount"), unit=quote, places=2, limits=limits, numbers=numbers, tall=True
        )
        self.run = push_button(
            tr("Run again"), "testRunButton", icon="refresh", tip=tr("Test anew with what stands here (F5)")
        )
        self.message = MessageLine("testHeadMessage")
        self._build()
        for edit in (self.start, self.last):
            edit.setFixedWidth(_DAY_WIDTH)
            edit.textChanged.connect(self._edited)
            edit.returnPressed.connect(self._entered)
        self.amount.setFixedWidth(_AMOUNT_WIDTH)
        self.amount.textChanged.connect(self._edited)
        self.amount.returnPressed.connect(self._entered)
        self.candles.activated.connect(self._candles_chosen)
        self.run.clicked.connect(self.runPressed)

    def _build(self) -> None:
        titles = QVBoxLayout()
        titles.setSpacing(0)
        titles.addStretch(1)
        titles.addWidget(ElidedLabel(tr("Test this rule"), TextType.FIGURE))
        titles.addWidget(self.subtitle)
        titles.addStretch(1)
        row = QHBoxLayout()
        row.setContentsMargins(SIDE, 0, SIDE, 0)
        row.setSpacing(8)
        row.addLayout(titles, 1)
        row.addSpacing(8)
        for text, field in (
            (tr("Candles"), self.candles),
            (tr("From"), self.start),
            (tr("to", "until a day"), self.last),
            (tr("Amount"), self.amount),
        ):
            label = TextLabel(text, ink=Ink.TEXT2)
            label.setBuddy(field)
            row.addWidget(label)
            row.addWidget(field)
            row.addSpacing(4 if field is not self.start else 0)
        row.addWidget(self.run)
        top = QWidget()
        top.setFixedHeight(_HEIGHT)
        top.setLayout(row)
        self._below = QWidget()
        below = QHBoxLayout(self._below)
        below.setContentsMargins(SIDE, 0, SIDE, 8)
        below.addWidget(self.message, 1)
        self._below.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(top)
        column.addWidget(self._below)

    # ------------------------------------------------------------------------------------------------- what stands here

    def begin(self, now: datetime, amount: Decimal) -> None:
        """The usual days before ``now`` (the account's time); which candles there are comes later."""
        self._now = now
        self.show_timeframes(())
        self.put_days((now - USUAL_SPAN).date(), now.date())
        self.amount.set_value(amount if amount > ZERO else None)
        self._judge()

    @property
    def is_ready(self) -> bool:
        """Whether it is known which candles there are."""
        return bool(self._timeframes or self._file)

    def put_days(self, first: date, last: date) -> None:
        self.start.setText(first.isoformat())
        self.last.setText(last.isoformat())

    def show_timeframes(self, timeframes: Sequence[timedelta], chosen: timedelta | None = None) -> None:
        """What can be chosen; the choice stays where it is still there."""
        self._timeframes = tuple(timeframes)
        self._chosen = chosen or self._chosen
        blocked = self.candles.blockSignals(True)
        self.candles.clear()
        for each in self._timeframes:
            self.candles.addItem(duration_text(each), each)
        self.candles.addItem(_FILE)
        self.candles.blockSignals(blocked)
        self._show_choice()

    def show_file(self, names: str) -> None:
        """Candles come from a file now; "" from the account again."""
        self._file = names
        self.candles.setToolTip(tr("Candles from {names}", names=names) if names else tr("How long each candle is"))
        self._show_choice()

    def _show_choice(self) -> None:
        blocked = self.candles.blockSignals(True)
        if self._file:
            self.candles.setCurrentText(_FILE)
        else:
            known = self._chosen in self._timeframes
            self.candles.setCurrentIndex(self._timeframes.index(self._chosen) if self._chosen and known else -1)
        self.candles.blockSignals(blocked)

    def wish(self, now: datetime) -> Wish | None:
        """What is to be tested; None while something is wrong, which is then said here."""
        self._now, self._refusal = now, None
        self._judge()
        start, last, amount = read_day(self.start.text()), read_day(self.last.text()), self.amount.value()
        if self._problems or start is None or last is None or amount is None:
            return None
        # A file has candles of its own length.
        return Wish(self._chosen or DAY, start, last, amount, now)

    def refuse(self, field: str, message: str) -> None:
        """The engine or the work refused what stands here."""
        self._refusal = Problem(field, message)
        self._judge()

    # --------------------------------------------------------------------------------------------------------- judging

    _problems: tuple[Problem, ...] = ()

    @Slot()
    def _edited(self) -> None:
        self._refusal = None
        self._judge()

    @Slot()
    def _entered(self) -> None:
        if self.run.isEnabled():
            self.runPressed.emit()

    def _judge(self) -> None:
        if self._now is None:
            return
        timeframe = None if self._file else self._chosen
        start, last = read_day(self.start.text()), read_day(self.last.text())
        found = problems_with(start, last, self.amount.value(), timeframe, self._now)
        own = self.amount.problem()
        if own is not None:
            found = [Problem("investment", own) if p.field == "investment" else p for p in found]
        self._problems = tuple(found)
        shown = [*found, *([self._refusal] if self._refusal is not None else [])]
        self._mark(self.start, shown, "from")
        self._mark(self.last, shown, "to")
        self.message.show_problem(_in_words(shown[0])) if shown else self.message.show_hint("")
        self._below.setVisible(bool(shown))
        block(self.run, found[0].message if found else None)

    @staticmethod
    def _mark(edit: QLineEdit, problems: Sequence[Problem], field: str) -> None:
        message = next((problem.message for problem in problems if problem.field == field), "")
        state = "error" if message else "ok"
        if edit.property("state") != state:
            edit.setProperty("state", state)
            repolish(edit)
        edit.setAccessibleDescription(message)

    @Slot(int)
    def _candles_chosen(self, index: int) -> None:
        if index >= len(self._timeframes):
            self.fileAsked.emit()
            # Until a file was read, nothing is other than before.
            self._show_choice()
            return
        self._chosen = self._timeframes[index]
        if self._file:
            self.show_file("")
            self.accountAsked.emit()
        self._edited()
        if self.run.isEnabled():
            self.runPressed.emit()


def _in_words(problem: Problem) -> str:
    names = {"from": tr("From: "), "to": tr("To: "), "investment": tr("Amount: ")}
    return f"{names.get(problem.field, '')}{problem.message}"
