"""Trigger, stop-loss, take-profit and Sell all: section 4 of the Manual form, and of the dialog Edit rule. GUI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.domain.market import MarketRules
from rebalancer_gui.domain.protection import Watch
from rebalancer_gui.domain.strategy import Basis, Level, Trigger
from rebalancer_gui.ui.create.form_state import Draft, Findings
from rebalancer_gui.ui.create.level_row import LevelNames, LevelRow
from rebalancer_gui.ui.create.levels import (
    ADVANCED_HINT,
    LEVEL_FIELDS,
    ON_RETURN,
    WATCHED_HERE,
    Figures,
    basis_text,
    figures_around,
    level_sentence,
    levels_text,
    now_text,
    symbol_choices,
)
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.create.texts import SELL_ALL, SELL_ALL_TIP
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.help.help_mark import HelpMark
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.form import FoldSection
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType

_TRIGGER = LevelNames(
    tr("Trigger price"),
    "triggerPrice",
    "triggerSymbolCombo",
    tr("Symbol whose price starts the strategy"),
    tr("Trigger price"),
    Term.TRIGGER,
)
_STOP_LOSS = LevelNames(
    tr("Stop-loss"),
    "stopLoss",
    "stopLossBasisCombo",
    tr("What the stop-loss is measured on"),
    tr("Stop-loss"),
    Term.STOP_LOSS,
)
_TAKE_PROFIT = LevelNames(
    tr("Take-profit"),
    "takeProfit",
    "takeProfitBasisCombo",
    tr("What the take-profit is measured on"),
    tr("Take-profit"),
    Term.TAKE_PROFIT,
)


class AdvancedForm(QWidget):
    """`edited` is emitted when anything in it was typed or chosen; `applied_to` then gives the draft with it."""

    edited = Signal()

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._offered: tuple[Mapping[str, MarketRules], tuple[str, ...], str] | None = None
        self._trigger: Trigger | None = None
        self.trigger = LevelRow(_TRIGGER, str, numbers)
        self.stop_loss = LevelRow(_STOP_LOSS, basis_text, numbers)
        self.take_profit = LevelRow(_TAKE_PROFIT, basis_text, numbers)
        self.sell_all = QCheckBox(SELL_ALL)
        self.sell_all.setObjectName("sellAllOnStopCheck")
        self.sell_all.setAccessibleName(SELL_ALL)
        self.sell_all.setToolTip(SELL_ALL_TIP)
        self.note = TextLabel(WATCHED_HERE, TextType.SMALL, Ink.TEXT2, object_name="advancedNote", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.note)
        for row in self._rows.values():
            column.addWidget(row)
            row.edited.connect(self.edited)
        last = QHBoxLayout()
        last.setSpacing(4)
        last.addWidget(self.sell_all)
        last.addWidget(HelpMark(Term.SELL_ALL))
        last.addStretch(1)
        column.addLayout(last)
        self.sell_all.toggled.connect(self.edited)

    @property
    def _rows(self) -> dict[Watch, LevelRow]:
        return {Watch.TRIGGER: self.trigger, Watch.STOP_LOSS: self.stop_loss, Watch.TAKE_PROFIT: self.take_profit}

    # ------------------------------------------------------------------------------------------------ draft and screen

    def applied_to(self, draft: Draft) -> Draft:
        """`draft` with what stands in this form."""
        unreadable = {name: text for name, text in draft.unreadable.items() if name not in LEVEL_FIELDS}
        own = {watch.value: row.own_problem() for watch, row in self._rows.items()}
        return replace(
            draft,
            trigger=self._typed_trigger(),
            stop_loss=_level_of(self.stop_loss),
            take_profit=_level_of(self.take_profit),
            sell_all_on_stop=self.sell_all.isChecked(),
            unreadable=unreadable | {name: text for name, text in own.items() if text},
        )

    def _typed_trigger(self) -> Trigger | None:
        price, symbol = self.trigger.value(), self.trigger.key
        if price is None or symbol == ON_RETURN:
            return None
        before = self._trigger
        if before is not None and (before.symbol, before.price) == (symbol, price):
            # The one that it waits for: its side was fixed when the strategy was created.
            return before
        return Trigger(symbol, price)

    def set_draft(self, draft: Draft) -> None:
        """Write a draft that comes from elsewhere (a preset, a file, a strategy) into the controls, telling nobody."""
        blocked = self.blockSignals(True)
        self._offered = None
        self._trigger = draft.trigger
        self.trigger.put(*((None, None) if draft.trigger is None else (draft.trigger.symbol, draft.trigger.price)))
        for row, level in ((self.stop_loss, draft.stop_loss), (self.take_profit, draft.take_profit)):
            row.put(*((None, None) if level is None else (_key_of(level), level.level)))
        self.sell_all.setChecked(draft.sell_all_on_stop)
        self.blockSignals(blocked)

    def symbols(self) -> tuple[str, ...]:
        """Those whose prices are shown."""
        return tuple({row.key for row in self._rows.values()} - {ON_RETURN})

    def offer_symbols(self, draft: Draft, around: Surroundings) -> None:
        """Every symbol of the account, those of the draft's coins first."""
        state = (around.rules, draft.allocation.assets, draft.quote)
        if self._offered is not None and self._offered[0] is state[0] and self._offered[1:] == state[1:]:
            return
        self._offered = state
        symbols = symbol_choices(draft.allocation.assets, draft.quote, around)
        self.trigger.offer(symbols)
        for row in (self.stop_loss, self.take_profit):
            row.offer((ON_RETURN, *symbols))

    def show_levels(self, draft: Draft, findings: Findings, figures: Figures) -> None:
        """Show what each level means now and what is wrong with it."""
        for watch, row in self._rows.items():
            level = levels_of(draft)[watch]
            row.show_judgement(
                now_text(row.key, figures, self._numbers) if row.key or watch is not Watch.TRIGGER else "",
                level_sentence(watch, level, figures, self._numbers),
                # What cannot be read is told by the field itself.
                findings.message(watch.value) if level is not None or not row.edit.text().strip() else "",
            )


class AdvancedSection(FoldSection):
    """The form under a title that folds; folded, its title says what is set. `edited`: as the form's."""

    edited = Signal()

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__("advancedGroup", 4, tr("Advanced"), ADVANCED_HINT, parent)
        self._numbers = numbers
        self.explain(HelpMark(Term.TRIGGER, Term.STOP_LOSS, Term.TAKE_PROFIT))
        self.form = AdvancedForm(numbers)
        self._summary_text = ADVANCED_HINT
        self.form.edited.connect(self.edited)
        self.toggled.connect(self._sum_up)
        self.body.addWidget(self.form)

    def set_draft(self, draft: Draft) -> None:
        """As the form's; a draft with levels opens the section, so that nobody creates what they have not seen."""
        self.form.set_draft(draft)
        self.set_open(any(level is not None for level in levels_of(draft).values()))

    def show_draft(self, draft: Draft, findings: Findings, around: Surroundings | None) -> None:
        """What is set, offered and wrong."""
        if around is not None:
            self.form.offer_symbols(draft, around)
        figures = figures_around(around, self.form.symbols())
        self.form.show_levels(draft, findings, figures)
        # Open, the form below says it already.
        self._summary_text = levels_text(levels_of(draft), figures, self._numbers) or ADVANCED_HINT
        self._sum_up(self.is_open())

    def _sum_up(self, opened: bool) -> None:
        self.set_summary("" if opened else self._summary_text)


def levels_of(draft: Draft) -> dict[Watch, Level | Trigger | None]:
    """The draft's levels in the order of the form."""
    return {Watch.TRIGGER: draft.trigger, Watch.STOP_LOSS: draft.stop_loss, Watch.TAKE_PROFIT: draft.take_profit}


def _key_of(level: Level) -> str:
    return ON_RETURN if level.basis is Basis.RETURN else level.symbol


def _level_of(row: LevelRow) -> Level | None:
    value = row.value()
    if value is None:
        return None
    return Level(Basis.RETURN, value) if row.key == ON_RETURN else Level(Basis.PRICE, value, row.key)
