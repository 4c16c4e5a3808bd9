"""When it rebalances: section 3 of the Manual form, and part of the dialog Edit rule. GUI thread only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from rebalancer_gui.domain.strategy import (
    CHECK_PERIODS,
    DEFAULT_CHECK_PERIOD,
    DEFAULT_GATE,
    DEFAULT_INTERVAL,
    DEFAULT_THRESHOLD,
    GATE_GRID,
    INTERVALS,
    MAX_GATE,
    MIN_GATE,
    THRESHOLDS,
)
from rebalancer_gui.ui.create.choice_combo import ChoiceCombo
from rebalancer_gui.ui.create.durations import duration_text
from rebalancer_gui.ui.create.form_state import Draft, Findings
from rebalancer_gui.ui.create.texts import AutoBand, read_span, read_threshold, threshold_text
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.help.help_mark import HelpMark
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.form import MessageLine, SectionHeader
from rebalancer_gui.ui.widgets.labels import TextLabel

_GATE_LIMITS = Limits(minimum=MIN_GATE, maximum=MAX_GATE, grid=GATE_GRID)
_GATE_WIDTH = 84
_ROOM_FOR_MARKS = 345
"""Pixels."""


class RuleForm(QWidget):
    """`edited` is emitted when anything in it was typed or chosen; `applied_to` then gives the draft with it.

    `number`: which section of a form it is; None where the sections have no numbers.
    """

    edited = Signal()

    def __init__(self, numbers: NumberFormat, *, number: int | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        read_time = partial(read_span, numbers=numbers)
        self.by_ratio = _radio(tr("By coin ratio"), "byRatioRadio")
        self.by_time = _radio(tr("By time"), "byTimeRadio")
        self._kind = QButtonGroup(self)
        self._kind.addButton(self.by_ratio)
        self._kind.addButton(self.by_time)
        self.by_ratio.setChecked(True)
        self.threshold: ChoiceCombo[Decimal | AutoBand] = ChoiceCombo(
            "thresholdCombo",
            tr("Threshold in percentage points"),
            (*THRESHOLDS, AutoBand.AUTO),
            read=partial(read_threshold, numbers=numbers),
            write=partial(threshold_text, numbers=numbers),
        )
        self.check_period: ChoiceCombo[timedelta] = ChoiceCombo(
            "checkPeriodCombo", tr("Check every"), CHECK_PERIODS, read=read_time, write=duration_text
        )
        self.interval: ChoiceCombo[timedelta] = ChoiceCombo(
            "intervalCombo", tr("Rebalance every"), INTERVALS, read=read_time, write=duration_text
        )
        self.gate = DecimalEdit(
            "gateEdit",
            tr("Gate: smallest drift that is traded, in points"),
            unit="%",
            limits=_GATE_LIMITS,
            numbers=numbers,
        )
        self.gate.setFixedWidth(_GATE_WIDTH)
        self.message = MessageLine("ruleMessage")
        self._ratio_row, self._time_row = QWidget(), QWidget()
        self._build()
        self._set_defaults()
        self._connect()

    def _build(self) -> None:
        header = SectionHeader(self._number, tr("Auto rebalance"))
        header.hint.hide()
        header.row.addWidget(self.by_ratio)
        header.row.addWidget(self.by_time)
        _fill(
            self._ratio_row,
            ((tr("Threshold"), self.threshold), (tr("Check every"), self.check_period)),
            HelpMark(Term.THRESHOLD, Term.CHECK_PERIOD, Term.AUTO_BAND),
        )
        _fill(
            self._time_row,
            ((tr("Every"), self.interval), (tr("If drift exceeds"), self.gate)),
            HelpMark(Term.INTERVAL, Term.GATE),
        )
        self.threshold.setToolTip(
            tr(
                "0.1 to 50 %; choose one or type your own. Auto: a band for each coin, as wide as its weight, the fees and the "
                "smallest order call for."
            )
        )
        self.check_period.setToolTip(tr("1 s to 1 h; choose one or type your own."))
        self.interval.setToolTip(tr("1 min to 90 d; choose one or type your own, such as 36 h."))
        self.gate.setToolTip(tr("At each tick it trades only if the worst drift exceeds this. 0: any drift."))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(header)
        column.addWidget(self._ratio_row)
        column.addWidget(self._time_row)
        column.addWidget(self.message)
        self._time_row.hide()

    def _set_defaults(self) -> None:
        self.threshold.set_value(DEFAULT_THRESHOLD)
        self.check_period.set_value(DEFAULT_CHECK_PERIOD)
        self.interval.set_value(DEFAULT_INTERVAL)
        self.gate.set_value(DEFAULT_GATE)

    def _connect(self) -> None:
        self.by_time.toggled.connect(self._kind_changed)
        for combo in (self.threshold, self.check_period, self.interval):
            combo.edited.connect(self.edited)
        self.gate.valueChanged.connect(self.edited)
        self.gate.problemChanged.connect(self.edited)

    def set_room(self, width: int) -> None:
        """Pixels that the form has: the question marks give way first (F1 says the same)."""
        for mark in self.findChildren(HelpMark):
            mark.setVisible(width >= _ROOM_FOR_MARKS)

    def focus_order(self) -> list[QWidget]:
        return [
            self.by_ratio,
            self.by_time,
            self.threshold,
            self.check_period,
            self.interval,
            self.gate,
        ]

    # ------------------------------------------------------------------------------------------------- draft and screen

    def applied_to(self, draft: Draft) -> Draft:
        """`draft` with what stands in this section."""
        threshold = self.threshold.value()
        unreadable = {name: text for name, text in draft.unreadable.items() if name not in _NAMES}
        own = {
            "threshold": self.threshold.problem(),
            "check_period": self.check_period.problem(),
            "interval": self.interval.problem(),
            "gate": (self.gate.problem() or "") if self.gate.value() is None else "",
        }
        return replace(
            draft,
            by_time=self.by_time.isChecked(),
            threshold=draft.threshold if isinstance(threshold, AutoBand) else threshold,
            auto_band=isinstance(threshold, AutoBand),
            check_period=self.check_period.value(),
            interval=self.interval.value(),
            gate=self.gate.value(),
            unreadable=unreadable | {name: text for name, text in own.items() if text},
        )

    def set_draft(self, draft: Draft) -> None:
        """Write a draft that comes from elsewhere (a preset, a new form) into the controls, telling nobody."""
        blocked = self.blockSignals(True)
        self.by_time.setChecked(draft.by_time)
        self.by_ratio.setChecked(not draft.by_time)
        for combo, value in ((self.check_period, draft.check_period), (self.interval, draft.interval)):
            if value is not None:
                combo.set_value(value)
        if draft.auto_band:
            self.threshold.set_value(AutoBand.AUTO)
        elif draft.threshold is not None:
            self.threshold.set_value(draft.threshold)
        if draft.gate is not None:
            self.gate.set_value(draft.gate)
        self.blockSignals(blocked)

    def put_limit(self, limit: Decimal) -> None:
        """Write a threshold, or by time a gate, as if it had been typed."""
        if self.by_time.isChecked():
            self.gate.set_value(limit)
        else:
            self.threshold.set_value(limit)
            self.edited.emit()

    def show_findings(self, findings: Findings) -> None:
        """Mark what is wrong in the chosen rule; a warning stands in the same place."""
        self.threshold.set_outside_problem(findings.message("threshold"))
        self.check_period.set_outside_problem(findings.message("check_period"))
        self.interval.set_outside_problem(findings.message("interval"))
        self.gate.set_outside_problem(findings.message("gate") or None if self.gate.value() is not None else None)
        wrong = next((text for name in _NAMES if (text := findings.message(name))), "")
        warning = next((text for name in _NAMES if (text := findings.warning(name))), "")
        if wrong:
            self.message.show_problem(wrong)
        elif warning:
            self.message.show_problem(warning, Level.WARNING)
        self.message.setVisible(bool(wrong or warning))

    def _kind_changed(self, by_time: bool) -> None:
        self._ratio_row.setVisible(not by_time)
        self._time_row.setVisible(by_time)
        self.edited.emit()


_NAMES = ("threshold", "check_period", "interval", "gate")


def _radio(text: str, object_name: str) -> QRadioButton:
    button = QRadioButton(text)
    button.setObjectName(object_name)
    button.setAccessibleName(text)
    return button


def _fill(holder: QWidget, parts: tuple[tuple[str, QWidget], ...], mark: HelpMark) -> None:
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for number, (text, editor) in enumerate(parts):
        if number:
            row.addStretch(1)
        label = TextLabel(text, ink=Ink.TEXT2)
        label.setBuddy(editor)
        row.addWidget(label)
        if not number:
            row.addWidget(mark)
        row.addWidget(editor)
