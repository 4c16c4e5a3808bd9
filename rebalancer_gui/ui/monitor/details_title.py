"""The title row of the details: name, state, rule, value, profit."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtWidgets import QHBoxLayout, QWidget

from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.formatting import MISSING, NumberFormat
from rebalancer_gui.ui.models.cells import change_ink
from rebalancer_gui.ui.strategy_words import at_least, missing_prices, rule_text, state_look, state_tip, without_words
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.labels import ElidedLabel, StatusLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, TITLE_HEIGHT
from rebalancer_gui.ui.widgets.tips import plain_tip

_NOTHING = tr("Choose a strategy above.")


class DetailsTitle(QWidget):
    """``tip`` of ``show_view`` is what has no room elsewhere: the tooltip of the whole row."""

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._tip = ""
        self._name = ElidedLabel("", TextType.TITLE, object_name="detailsName")
        self._state = StatusLabel(object_name="detailsState")
        self._rule = ElidedLabel("", TextType.BODY, Ink.TEXT2, object_name="detailsRule")
        self._value_word = TextLabel(tr("Value"), TextType.BODY, Ink.TEXT2)
        self._value = TextLabel(MISSING, TextType.STRONG, object_name="detailsValue")
        self._profit = TextLabel("", TextType.STRONG, object_name="detailsProfit")
        self.setFixedHeight(TITLE_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(SIDE, 0, SIDE, 0)
        row.setSpacing(12)
        row.addWidget(self._name)
        row.addWidget(self._state)
        row.addWidget(self._rule, 1)
        figures = QHBoxLayout()
        figures.setSpacing(4)
        figures.addWidget(self._value_word)
        figures.addWidget(self._value)
        row.addLayout(figures)
        row.addWidget(self._profit)

    def show_view(self, view: StrategyView | None, tip: str = "") -> None:
        """The newest picture of the chosen strategy; None: none is chosen."""
        for part in (self._state, self._value_word, self._value, self._profit):
            part.setVisible(view is not None)
        if view is None:
            self._name.setText(_NOTHING)
            self._rule.setText("")
            return
        if self._name.text() != view.parameters.name:
            self._name.setText(view.parameters.name)
            self._name.setMaximumWidth(self._name.fontMetrics().horizontalAdvance(view.parameters.name) + 8)
        look = state_look(view)
        self._state.set_status(look.icon, look.word, look.ink)
        self._state.setToolTip(plain_tip(state_tip(view)))
        _put(self._rule, rule_text(view.parameters.rule, self._numbers))
        self._show_figures(view)
        if self._tip != tip:
            self._tip = tip
            self.setToolTip(plain_tip(tip))

    def _show_figures(self, view: StrategyView) -> None:
        numbers, quote = self._numbers, view.parameters.quote
        value, profit = view.score.value, view.score.profit
        word, meaning = tr("Value"), tr("Profit")
        if view.state is State.ENDED:
            word, meaning = tr("Final value"), tr("Final profit")
        elif view.state is State.WAITING:
            word, profit = tr("Reserved"), None
        why = missing_prices(view.snapshot) if value is None else ""
        if value is None and view.priced_part is not None:
            value, why = view.priced_part, without_words(view.unpriced)
        _put(self._value_word, word)
        amount = numbers.money(value, quote if value is not None else "")
        _put(self._value, at_least(amount, view.unpriced if view.score.value is None else ()))
        self._value.setToolTip(plain_tip(why))
        _put(self._profit, self._profit_text(profit, view.score.profit_percent))
        self._profit.set_ink(change_ink(profit))
        self._profit.setToolTip(
            tr("{meaning} in {quote}, and in % of everything that was put in", meaning=meaning, quote=quote)
        )

    def _profit_text(self, profit: Decimal | None, percent: Decimal | None) -> str:
        if profit is None:
            return ""
        share = f" ({self._numbers.change_percent(percent)})" if percent is not None else ""
        return f"{self._numbers.signed(profit)}{share}"


def _put(label: TextLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
