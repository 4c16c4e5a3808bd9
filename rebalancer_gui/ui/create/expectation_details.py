"""The page "How this is worked out": the method, the figures behind the cockpit, each coin, every warning with every cure.

GUI thread only. It goes on being right while it is open: whoever opened it shows it each newer outlook.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from rebalancer_gui.domain.money import HUNDRED
from rebalancer_gui.domain.rule_advice import Concern
from rebalancer_gui.ui.create.outlook import Cure, CureKind, Outlook, Warned
from rebalancer_gui.ui.create.outlook_page import (
    NO_PROMISE,
    CoinLine,
    coin_lines,
    facts,
    method_text,
    premium_text,
)
from rebalancer_gui.ui.create.outlook_words import cure_sentence, cure_text, drift_text, warning_words
from rebalancer_gui.ui.dialogs.plan_table import fit_height, make_still
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.cells import Align, Cell, Column, missing_cell
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, push_button
from rebalancer_gui.ui.widgets.labels import IconLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, above_foot, form_scroll_area
from rebalancer_gui.ui.widgets.tables import DENSE_ROW_HEIGHT, DataTable, fixed, stretch

_WIDTH, _HEIGHT = 560, 620
_AIR = 80
_SPOKEN = {CureKind.AMOUNT: tr("amount"), CureKind.LIMIT: tr("limit"), CureKind.DROP: tr("drop")}
_UNKNOWN = tr("Nothing can be said while the form is not complete.")


class ExpectationDetails(QDialog):
    """`expectationDetailsDialog`; `cureChosen(object)` carries a `Cure`. It stays open: the figures change before the eye."""

    cureChosen = Signal(object)

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self.setObjectName("expectationDetailsDialog")
        self.setWindowTitle(tr("How this is worked out"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.source = TextLabel("", TextType.STRONG, object_name="expectationDetailsSource", wrap=True)
        self.method = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="expectationMethod", wrap=True)
        self.premium = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="expectationPremium", wrap=True)
        self.promise = TextLabel(NO_PROMISE, TextType.SMALL, Ink.TEXT2, wrap=True)
        self._facts: list[tuple[TextLabel, TextLabel]] = []
        self._facts_grid = QGridLayout()
        self._facts_grid.setHorizontalSpacing(16)
        self._facts_grid.setVerticalSpacing(4)
        self._facts_grid.setColumnStretch(1, 1)
        self.coins = _CoinsTable(numbers)
        self._warnings = {concern: _WarningBlock(concern, numbers) for concern in Concern}
        for block in self._warnings.values():
            block.cureChosen.connect(self.cureChosen)
        self.close_button = push_button(tr("Close"), "expectationCloseButton", kind=ButtonKind.MAIN)
        self.close_button.clicked.connect(self.accept)
        self._build()
        self.close_button.setFocus()

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(8)
        column.addWidget(self.source)
        for block in self._warnings.values():
            column.addWidget(block)
        column.addLayout(self._facts_grid)
        column.addWidget(self.coins)
        column.addWidget(TextLabel(tr("The method"), TextType.STRONG))
        column.addWidget(self.method)
        column.addWidget(self.promise)
        column.addWidget(TextLabel(tr("Is rebalancing worth it?"), TextType.STRONG))
        column.addWidget(self.premium)
        column.addStretch(1)
        foot = ActionRow(56)
        foot.right.addWidget(self.close_button)
        above_foot(self, form_scroll_area(content, "expectationDetailsScroll", tr("The whole text")), foot)
        self.resize(_WIDTH, min(_HEIGHT, self.screen().availableGeometry().height() - _AIR))

    def show_outlook(self, outlook: Outlook | None, source: str) -> None:
        """Show a newer outlook; None says that there is none now."""
        self.source.setText(source)
        shown = {warned.advice.concern: warned for warned in outlook.warned} if outlook is not None else {}
        for concern, block in self._warnings.items():
            block.show_warning(outlook, shown.get(concern))
        if outlook is None:
            self.method.setText(_UNKNOWN)
            return
        self.method.setText(method_text(outlook))
        self.premium.setText(premium_text(outlook, self._numbers))
        self._show_facts(outlook)
        self.coins.show_lines(coin_lines(outlook), outlook.wish.quote)

    def _show_facts(self, outlook: Outlook) -> None:
        found = facts(outlook, self._numbers)
        for number, (name, value) in enumerate(self._facts):
            for label in (name, value):
                label.setVisible(number < len(found))
        while len(self._facts) < len(found):
            number = len(self._facts)
            name = TextLabel("", TextType.BODY, Ink.TEXT2)
            value = TextLabel("", object_name=f"expectationFact{number}", wrap=True)
            self._facts_grid.addWidget(name, number, 0)
            self._facts_grid.addWidget(value, number, 1)
            self._facts.append((name, value))
        for (name, value), fact in zip(self._facts, found, strict=False):
            name.setText(fact.name)
            value.setText(fact.value)
            value.setAccessibleName(f"{fact.name}: {fact.value}")


class _WarningBlock(QWidget):
    """One warning: icon, headline and sentence, and a row for each cure. Hidden while it is not given."""

    cureChosen = Signal(object)

    def __init__(self, concern: Concern, numbers: NumberFormat) -> None:
        super().__init__()
        self._numbers = numbers
        self._cures: dict[CureKind, Cure] = {}
        name = concern.name.title().replace("_", "")
        self.setObjectName(f"expectationWarning{name}")
        self.words = TextLabel("", TextType.BODY, Ink.WARN, object_name=f"expectationWarning{name}Text", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(IconLabel("warning", Ink.WARN), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.words, 1)
        rows = QGridLayout()
        rows.setContentsMargins(24, 0, 0, 0)
        rows.setHorizontalSpacing(8)
        rows.setVerticalSpacing(4)
        rows.setColumnStretch(1, 1)
        self._rows: dict[CureKind, tuple[QPushButton, TextLabel]] = {}
        for number, kind in enumerate(CureKind):
            button = push_button(
                "", f"expectationCure{name}{kind.value.title()}", compact=True, accessible_name=_SPOKEN[kind]
            )
            button.clicked.connect(partial(self._press, kind))
            sentence = TextLabel("", TextType.SMALL, Ink.TEXT2, wrap=True)
            rows.addWidget(button, number, 0, Qt.AlignmentFlag.AlignTop)
            rows.addWidget(sentence, number, 1)
            self._rows[kind] = (button, sentence)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(rows)
        self.hide()

    def show_warning(self, outlook: Outlook | None, warned: Warned | None) -> None:
        self.setVisible(warned is not None)
        self._cures = {cure.kind: cure for cure in warned.cures} if warned is not None else {}
        if outlook is None or warned is None:
            return
        headline, text = warning_words(outlook, warned, self._numbers)
        self.words.setText(f"{headline}. {text}")
        for kind, (button, sentence) in self._rows.items():
            cure = self._cures.get(kind)
            button.setVisible(cure is not None)
            sentence.setVisible(cure is not None)
            if cure is not None:
                words = cure_text(cure, outlook, self._numbers)
                if button.text() != words:
                    button.setText(words)
                button.setAccessibleName(cure_sentence(cure, outlook, self._numbers))
                sentence.setText(cure_sentence(cure, outlook, self._numbers))

    def _press(self, kind: CureKind) -> None:
        cure = self._cures.get(kind)
        if cure is not None:
            self.cureChosen.emit(cure)


class _CoinsTable(DataTable):
    """`expectationCoinsTable`: what is looked at of each coin."""

    def __init__(self, numbers: NumberFormat) -> None:
        self._quote = ""

        def moves(line: CoinLine) -> Cell:
            percent = line.volatility * HUNDRED
            text = f"{numbers.fixed(percent, 0)}{tr(' assumed') if line.assumed else ''}"
            return Cell(text, raw=percent)

        def weight(line: CoinLine) -> Cell:
            return Cell(numbers.fixed(line.weight), raw=line.weight)

        def order(line: CoinLine) -> Cell:
            return (
                missing_cell(tr("no price")) if line.order is None else Cell(numbers.money(line.order), raw=line.order)
            )

        def drift(line: CoinLine) -> Cell:
            if line.drift is None:
                return missing_cell(tr("no amount or no price"))
            return Cell(drift_text(line.drift, numbers), raw=line.drift)

        columns: tuple[Column[CoinLine], ...] = (
            Column("coin", tr("Coin"), lambda line: Cell(line.asset, raw=line.asset)),
            Column("weight", tr("Weight %"), weight, align=Align.RIGHT),
            Column("moves", tr("Moves % a year"), moves, align=Align.RIGHT),
            Column("order", tr("Smallest order"), order, align=Align.RIGHT),
            Column("drift", tr("Smallest drift, pp"), drift, align=Align.RIGHT),
        )
        self._model: KeyedTableModel[CoinLine] = KeyedTableModel(columns, key=lambda line: line.asset)
        widths = {
            "coin": stretch(60), "weight": fixed(80), "moves": fixed(116), "order": fixed(112), "drift": fixed(140),
        }  # fmt: skip
        super().__init__(
            "expectationCoinsTable",
            tr("What is looked at of each coin"),
            self._model,
            widths,
            row_height=DENSE_ROW_HEIGHT,
        )
        self._model.setParent(self)
        make_still(self)

    def show_lines(self, lines: list[CoinLine], quote: str) -> None:
        """Show these; `quote` is the unit of the orders."""
        self.setAccessibleDescription(tr("Orders in {quote}", quote=quote))
        self._model.set_rows(lines)
        fit_height(self)
