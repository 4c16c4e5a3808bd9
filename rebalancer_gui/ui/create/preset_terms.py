"""Under the preset cards, always visible: name, amount, what it is enough for, the fixes, the risk. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.ui.create.choice_combo import CalmCombo
from rebalancer_gui.ui.create.fix_rows import FixRows
from rebalancer_gui.ui.create.form_state import Findings
from rebalancer_gui.ui.create.investment_section import AMOUNT_LIMITS
from rebalancer_gui.ui.create.preset_faces import CardFace
from rebalancer_gui.ui.create.texts import at_hand
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.theme import repolish
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import push_button
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextLabel, TextType, WholeLabel
from rebalancer_gui.ui.widgets.panel import SIDE

RISK = tr(
    "No promise of profit. Returns and estimates are examples from the past. Weights follow market caps; you decide what "
    "suits you. Losses are yours."
)
RISK_TIP = tr(
    "This program does not judge whether a portfolio or a rule suits you. That a coin belongs to a category, or that its "
    "weight is typical of one, is not warranted."
)
_QUOTE_WIDTH = 84
_LONGEST_NAME = 120
_WIDE = 376


@dataclass(frozen=True, slots=True)
class Terms:
    """What is shown: the chosen card, its judgement, what the engine refused, and the fix that was taken.

    `coins` is how many the strategy would have, `least` the smallest investment for them in quote units.
    """

    face: CardFace | None
    findings: Findings
    quote: str
    known: bool
    coins: int = 0
    least: Decimal | None = None
    refusal: Problem | None = None
    fixed: str = ""


class PresetTerms(QWidget):
    """Tells what is typed and pressed: `edited`, `nameEdited`, `nameLeft`, `fixChosen(Fix)`, `undone`."""

    edited = Signal()
    nameEdited = Signal()
    nameLeft = Signal()
    quoteChosen = Signal(str)
    fixChosen = Signal(object)
    undone = Signal()

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._shown: Terms | None = None
        self.name = QLineEdit()
        self.name.setObjectName("presetNameEdit")
        self.name.setAccessibleName(tr("Name of the strategy"))
        self.name.setMaxLength(_LONGEST_NAME)
        self.amount = DecimalEdit("presetInvestmentEdit", tr("Amount"), places=2, limits=AMOUNT_LIMITS, numbers=numbers)
        self.quote = CalmCombo("presetQuoteCombo", tr("Money of the strategy"))
        self.quote.setFixedWidth(_QUOTE_WIDTH)
        self.free = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="presetFreeLabel")
        self.status = MessageLine("presetMessage")
        self.rule = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="presetRuleLabel")
        self.minimum = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="presetMinimumLabel")
        self.fixes = FixRows("preset")
        self.fixed = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name="presetFixedLabel")
        self.undo = push_button(tr("Undo"), "presetUndoFixButton", compact=True, accessible_name=tr("Undo the fix"))
        self._build()
        self.name.textEdited.connect(self.nameEdited)
        self.name.editingFinished.connect(self.nameLeft)
        self.amount.valueChanged.connect(self.edited)
        self.amount.problemChanged.connect(self.edited)
        self.quote.currentTextChanged.connect(self.quoteChosen)
        self.fixes.chosen.connect(self.fixChosen)
        self.undo.clicked.connect(self.undone)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE, 8, SIDE, 10)
        column.setSpacing(4)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for number, (text, editor) in enumerate(((tr("Name"), self.name), (tr("Amount"), self.amount))):
            label = TextLabel(text, TextType.SMALL, Ink.TEXT2)
            label.setBuddy(editor)
            grid.addWidget(label, 0, number)
            grid.addWidget(editor, 1, number)
            grid.setColumnStretch(number, 1)
        grid.addWidget(self.free, 0, 1, 1, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.quote, 1, 2)
        column.addLayout(grid)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.status, 1, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.rule)
        line.addWidget(self.minimum)
        column.addLayout(line)
        column.addWidget(self.fixes)
        after = QHBoxLayout()
        after.setSpacing(8)
        after.addWidget(self.fixed, 1)
        after.addWidget(self.undo)
        column.addLayout(after)
        risk = WholeLabel(RISK, TextType.SMALL, Ink.TEXT2, object_name="presetRiskLabel")
        risk.setToolTip(RISK_TIP)
        column.addWidget(risk)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._shown is not None:
            self._show_minimum(self._shown)

    def suggest_name(self, name: str) -> None:
        """Write a name that nobody typed."""
        if self.name.text() != name:
            self.name.setText(name)
            self.name.setCursorPosition(0)

    def own_problem(self) -> str:
        """Why the amount's text is no amount; empty while it is one, or nothing is typed yet."""
        return "" if self.amount.value() is not None or not self.amount.text().strip() else self.amount.problem() or ""

    def show_terms(self, terms: Terms) -> None:
        """Show the judgement of the chosen card with this name and amount."""
        self._shown = terms
        findings, face = terms.findings, terms.face
        self.free.setText(tr("free {free}", free=at_hand(findings.free, "", self._numbers)) if terms.known else "")
        self.rule.setText(f"{face.rule}," if face is not None else "")
        self._show_minimum(terms)
        wrong = findings.message("investment") if self.amount.value() is not None else ""
        self.amount.set_outside_problem(wrong or None)
        self._mark_name(terms)
        problem = terms.refusal or findings.first
        untouched = problem is not None and problem.field == "investment" and not self.amount.text()
        if face is None:
            self.status.show_hint("")
        elif problem is None:
            self.status.show_good(tr("Enough for {coins} coins", coins=terms.coins))
        elif untouched:
            self.status.show_hint(tr("How much?"), Ink.TEXT3)
        else:
            self.status.show_problem(problem.message)
        room = problem is None or untouched
        self.rule.setVisible(room)
        self.minimum.setVisible(room)
        self.fixes.show_fixes(findings.fixes)
        self.fixed.setText(terms.fixed)
        self.fixed.setVisible(bool(terms.fixed))
        self.undo.setVisible(bool(terms.fixed))

    def _show_minimum(self, terms: Terms) -> None:
        if terms.face is None:
            self.minimum.setText("")
            return
        # In a narrow panel the unit gives way: it stands in the combo box above.
        unit = terms.quote if self.width() >= _WIDE else ""
        self.minimum.setText(tr("from {least}", least=self._numbers.money(terms.least, unit)))

    def _mark_name(self, terms: Terms) -> None:
        wrong = terms.findings.message("name")
        if terms.refusal is not None and terms.refusal.field == "name":
            wrong = terms.refusal.message
        state = "error" if wrong else "ok"
        if self.name.property("state") != state:
            self.name.setProperty("state", state)
            repolish(self.name)
        self.name.setAccessibleDescription(wrong)
