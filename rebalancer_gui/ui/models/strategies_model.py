"""The strategies table: one row per strategy, columns as in the design (look/01)."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QObject

from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.cells import Align, Cell, Column, change_cell, number_cell, text_cell
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.strategy_words import missing_prices, rule_text, state_look, threshold_of, worst_drift_parts
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.coin_chips import CoinChip, coins_cell
from rebalancer_gui.ui.widgets.drift_bar import Drift, drift_cell


class StrategyFilter(Enum):
    """What the table shows; the value is the word in `strategiesFilter`."""

    ALL = "All"
    RUNNING = "Running"
    WAITING = "Waiting"
    ENDED = "Ended"

    def lets_through(self, view: StrategyView) -> bool:
        """Running are all that hold money and are not over: building, paused, halted and stopping ones too."""
        match self:
            case StrategyFilter.ALL:
                return True
            case StrategyFilter.WAITING:
                return view.state is State.WAITING
            case StrategyFilter.ENDED:
                return view.state is State.ENDED
            case StrategyFilter.RUNNING:
                return view.state not in {State.WAITING, State.ENDED}


def _invested(numbers: NumberFormat, view: StrategyView) -> Cell:
    quote = view.parameters.quote
    if view.state is State.ENDED:
        # All its money was given back: what is left of net invested would tell nothing.
        return number_cell(numbers, view.parameters.investment, tip=f"Invested at its start, {quote}")
    return number_cell(numbers, view.score.net_invested, tip=f"Net invested, {quote}")


def strategy_columns(numbers: NumberFormat, colours: CoinColours) -> tuple[Column[StrategyView], ...]:
    """All amounts in the strategy's own quote."""

    def status(view: StrategyView) -> Cell:
        look = state_look(view)
        tip = view.reason or view.decision or None
        if view.checking_order:
            return text_cell("Checking", ink=look.ink, icon=look.icon, tip=look.word, spoken=look.word)
        return text_cell(look.word, ink=look.ink, icon=look.icon, tip=tip)

    def coins(view: StrategyView) -> Cell:
        slots = colours.for_coins(view.parameters.assets)
        return coins_cell([CoinChip(asset, slots[asset]) for asset in view.parameters.assets])

    def name(view: StrategyView) -> Cell:
        tip = f"{view.parameters.name}: {rule_text(view.parameters.rule, numbers)}"
        return text_cell(view.parameters.name, bold=True, tip=tip)

    def why(view: StrategyView) -> str:
        return missing_prices(view.snapshot) or "not known yet"

    def value(view: StrategyView) -> Cell:
        return number_cell(numbers, view.score.value, missing=why(view))

    def profit(view: StrategyView) -> Cell:
        tip = numbers.signed(view.score.profit, unit=view.parameters.quote) if view.score.profit is not None else None
        return change_cell(numbers, view.score.profit_percent, "%", missing=why(view), tip=tip)

    def versus_hodl(view: StrategyView) -> Cell:
        return change_cell(numbers, view.score.versus_hodl, "%", missing=why(view))

    def drift(view: StrategyView) -> Cell:
        worst, reason = worst_drift_parts(view)
        if view.state is State.ENDED:
            return Cell(reason, raw=None, tip=reason, ink=Ink.TEXT3, small=True)
        asset = view.snapshot.worst.asset if view.snapshot is not None and view.snapshot.worst is not None else ""
        return drift_cell(numbers, Drift(worst, threshold_of(view.parameters.rule), reason), subject=asset)

    hodl_tip = "Value against the same money bought at the target weights and never traded again"
    return (
        Column("name", "Name", name),
        Column("coins", "Coins", coins),
        Column("status", "Status", status),
        Column("invested", "Invested", lambda view: _invested(numbers, view), align=Align.RIGHT),
        Column("value", "Value", value, align=Align.RIGHT),
        Column("profit", "Profit", profit, align=Align.RIGHT),
        Column("vs_hodl", "vs HODL", versus_hodl, align=Align.RIGHT, header_tip=hodl_tip),
        Column("drift", "Worst drift, pp", drift, align=Align.RIGHT, header_spoken="Worst drift in percentage points"),
    )


def strategies_model(
    numbers: NumberFormat, colours: CoinColours, parent: QObject | None = None
) -> KeyedTableModel[StrategyView]:
    """Keyed by strategy id."""
    return KeyedTableModel(strategy_columns(numbers, colours), key=lambda view: view.id, parent=parent)
