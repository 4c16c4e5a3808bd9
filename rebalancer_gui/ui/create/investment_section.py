"""Section 2 of the Manual form: how much money. The field is the truth, the slider writes into it. GUI thread only."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.domain.allocation import MONEY_GRID
from rebalancer_gui.domain.money import ZERO, ceil_to_step
from rebalancer_gui.ui.create.fix_rows import FixRows
from rebalancer_gui.ui.create.form_state import Draft, Findings
from rebalancer_gui.ui.create.held_section import HeldSection
from rebalancer_gui.ui.create.texts import at_hand
from rebalancer_gui.ui.formatting import MISSING, NumberFormat, places_of
from rebalancer_gui.ui.help.help_mark import HelpMark
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.form import MessageLine, SectionHeader
from rebalancer_gui.ui.widgets.investment_slider import InvestmentSlider
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextLabel, TextType

# What is free and what is legal is the form's to judge, so that the number stays known while it is too large.
AMOUNT_LIMITS = Limits(minimum=ZERO, above_minimum=True, grid=Decimal("0.00000001"))
_WITH_COINS = replace(AMOUNT_LIMITS, above_minimum=False)
_FIELD_WIDTH = 144


class CalmSlider(InvestmentSlider):
    """Does not move under the mouse wheel while somebody scrolls the form."""

    def __init__(self, object_name: str, accessible_name: str) -> None:
        super().__init__(object_name, accessible_name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: object) -> None:
        if self.hasFocus():
            super().wheelEvent(event)  # type: ignore[arg-type]
        else:
            event.ignore()  # type: ignore[attr-defined]


class InvestmentSection(QWidget):
    """`edited(object)` carries the amount, None while the text is none; `fixChosen(object)` a `Fix`."""

    edited = Signal(object)
    fixChosen = Signal(object)

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._header = SectionHeader(2, tr("Investment"))
        self._header.explain(HelpMark(Term.INVESTMENT, Term.FREE_POOL))
        self.free = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="freeLabel")
        self._header.row.addWidget(self.free)
        self.edit = DecimalEdit("investmentEdit", tr("Investment"), places=2, limits=AMOUNT_LIMITS, numbers=numbers)
        self.edit.setFixedWidth(_FIELD_WIDTH)
        self.slider = CalmSlider("investmentSlider", tr("Share of the free money"))
        self.smallest = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="smallestLabel")
        self.remaining = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name="remainingLabel")
        self.remaining.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.message = MessageLine("investmentMessage")
        self.fixes = FixRows()
        self.held = HeldSection(numbers)
        self._build()
        self.edit.valueChanged.connect(self.edited)
        self.edit.problemChanged.connect(self._problem_changed)
        self.edit.stateShown.connect(self._show_message)
        self.slider.picked.connect(self.edit.set_value)
        self.fixes.chosen.connect(self.fixChosen)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._header)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.edit)
        row.addWidget(self.slider, 1)
        column.addLayout(row)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.smallest)
        below.addWidget(self.remaining, 1)
        column.addLayout(below)
        column.addWidget(self.message)
        column.addWidget(self.fixes)
        column.addWidget(self.held)

    def focus_order(self) -> list[QWidget]:
        return [self.edit, self.slider, *self.held.focus_order()]

    def allow_nothing(self, allowed: bool) -> None:
        """Whether 0 is an amount: it is where coins go in."""
        self.edit.set_limits(_WITH_COINS if allowed else AMOUNT_LIMITS)

    def show_draft(self, draft: Draft, findings: Findings, *, known: bool) -> None:
        """Show what is free, legal and left; `known` is False until there is an account."""
        numbers, quote, amount = self._numbers, draft.quote, draft.investment
        if self.edit.unit() != quote:
            self.edit.set_unit(quote)
        if amount is not None and self.edit.value() != amount:
            self.edit.set_value(amount)
        self.slider.set_maximum(findings.free, MONEY_GRID)
        self.slider.show_amount(amount if amount is not None or self.edit.text() else ZERO)
        self.free.setText(tr("free {free}", free=at_hand(findings.free, quote, numbers)) if known else "")
        least = findings.smallest
        if least is not None:
            # The coins that go in with the money count too.
            least = ceil_to_step(max(least - (findings.held_worth or ZERO), ZERO), MONEY_GRID)
        self.smallest.setText(
            tr("smallest legal {part}", part=MISSING if least is None else numbers.fixed(least, _places(least)))
        )
        unknown = tr("Known once there are coins with prices and their weights add up to 100\u00a0%.")
        self.smallest.setToolTip(
            unknown if least is None else tr("The smallest amount at which every coin can be bought.")
        )
        left = findings.free - amount if amount is not None else findings.free
        self.remaining.setVisible(known)
        if left < ZERO:
            self.remaining.setText(tr("{left} more than is free", left=numbers.money(-left, quote, _places(left))))
        else:
            self.remaining.setText(tr("remaining {left}", left=at_hand(left, quote, numbers)))
        self.remaining.set_ink(Ink.LOSS if left < ZERO else Ink.TEXT2)
        wrong = findings.message("investment") if amount is not None else ""
        self.edit.set_outside_problem(wrong or None)
        self.fixes.show_fixes(findings.fixes)
        self.held.show_findings(draft, findings)
        self._show_message()

    def own_problem(self) -> str:
        """Why the text is no amount; empty while it is one, or nothing is typed yet."""
        return "" if self.edit.value() is not None or not self.edit.text().strip() else self.edit.problem() or ""

    def _problem_changed(self) -> None:
        # From one unreadable text to another the value stays None, but what is wrong is another thing.
        if self.edit.value() is None:
            self.edited.emit(None)

    def _show_message(self) -> None:
        text = self.edit.shown_problem() or ""
        self.message.show_problem(text)
        self.message.setVisible(bool(text))


def _places(amount: Decimal) -> int:
    return max(2, places_of(amount))
