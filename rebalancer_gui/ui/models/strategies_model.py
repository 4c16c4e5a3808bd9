"""The strategies table: one row per strategy and what they come to, columns as in the design (look/01)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from enum import Enum

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from rebalancer_gui.application.ended_total import EndedTotal
from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.models.cells import (
    Align,
    Cell,
    Column,
    Ground,
    change_cell,
    missing_cell,
    number_cell,
    text_cell,
)
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.models.totals import TotalRow, total_rows
from rebalancer_gui.ui.strategy_words import (
    at_least,
    missing_prices,
    rule_text,
    state_look,
    state_tip,
    threshold_of,
    trigger_text,
    without_words,
    worst_drift_parts,
    worst_of,
)
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.coin_chips import CoinChip, coins_cell
from rebalancer_gui.ui.widgets.drift_bar import Drift, drift_cell


class StrategyFilter(Enum):
    """What the table shows; the value is what is remembered, `words` what `strategiesFilter` shows."""

    ALL = "All"
    RUNNING = "Running"
    WAITING = "Waiting"
    ENDED = "Ended"

    @property
    def words(self) -> str:
        """In the user's language."""
        return {"All": tr("All"), "Running": tr("Running"), "Waiting": tr("Waiting"), "Ended": tr("Ended")}[self.value]

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


Row = StrategyView | TotalRow


class StrategyCells:
    """The cells of a strategy's row, one method per column; all amounts in its own quote."""

    def __init__(self, numbers: NumberFormat, colours: CoinColours) -> None:
        self._numbers, self._colours = numbers, colours

    def name(self, view: StrategyView) -> Cell:
        tip = f"{view.parameters.name}: {rule_text(view.parameters.rule, self._numbers)}"
        return text_cell(view.parameters.name, bold=True, tip=tip)

    def coins(self, view: StrategyView) -> Cell:
        slots = self._colours.for_coins(view.parameters.assets)
        return coins_cell([CoinChip(asset, slots[asset]) for asset in view.parameters.assets])

    def status(self, view: StrategyView) -> Cell:
        look = state_look(view)
        if view.checking_order:
            return text_cell(tr("Checking"), ink=look.ink, icon=look.icon, tip=look.word, spoken=look.word)
        return text_cell(look.word, ink=look.ink, icon=look.icon, tip=state_tip(view) or None)

    def invested(self, view: StrategyView) -> Cell:
        quote = view.parameters.quote
        if view.state is State.ENDED:
            # All its money was given back: what is left of net invested would tell nothing.
            return number_cell(
                self._numbers, view.score.added, tip=tr("Everything that was put in, {quote}", quote=quote)
            )
        return number_cell(self._numbers, view.score.net_invested, tip=tr("Net invested, {quote}", quote=quote))

    def value(self, view: StrategyView) -> Cell:
        if view.state is State.WAITING and view.score.value is not None:
            amount = self._numbers.money(view.score.value, view.parameters.quote)
            tip = tr("{amount} are reserved until the trigger is reached.", amount=amount)
            return Cell(tr("reserved"), raw=view.score.value, spoken=tip, tip=tip, ink=Ink.TEXT2)
        if view.score.value is None and view.priced_part is not None:
            return _in_part(number_cell(self._numbers, view.priced_part), view.unpriced)
        return number_cell(self._numbers, view.score.value, missing=_why(view))

    def profit(self, view: StrategyView) -> Cell:
        if view.state is State.WAITING:
            return missing_cell(_WAITS)
        profit, numbers = view.score.profit, self._numbers
        tip = numbers.signed(profit, unit=view.parameters.quote) if profit is not None else None
        return change_cell(numbers, view.score.profit_percent, "%", missing=_why(view), tip=tip)

    def versus_hodl(self, view: StrategyView) -> Cell:
        if view.state is State.WAITING:
            return missing_cell(_WAITS)
        return change_cell(self._numbers, view.score.versus_hodl, "%", missing=_why(view))

    def drift(self, view: StrategyView) -> Cell:
        if view.state is State.WAITING:
            words = tr("if {trigger}", trigger=trigger_text(view.parameters, self._numbers))
            return Cell(words, spoken=state_tip(view), tip=state_tip(view), ink=Ink.TEXT3, small=True)
        worst, reason = worst_drift_parts(view)
        if view.state is State.ENDED:
            return Cell(reason, raw=None, tip=reason, ink=Ink.TEXT3, small=True)
        if view.state is State.HALTED and view.started_at is None and view.rebalances == 0:
            # Halted while it waited: it holds nothing yet that could be off its target.
            return missing_cell(tr("it has bought nothing yet"))
        row = worst_of(view)
        asset = row.asset if row is not None else ""
        return drift_cell(self._numbers, Drift(worst, threshold_of(view, asset), reason), subject=asset)


class TotalCells:
    """The cells of a total row."""

    def __init__(self, numbers: NumberFormat) -> None:
        self._numbers = numbers

    def name(self, row: TotalRow) -> Cell:
        words = tr("Total {quote}", quote=row.quote) if row.several else tr("Total")
        which = tr("that have ended") if row.over else tr("that are not over")
        return text_cell(
            words,
            bold=True,
            tip=tr("Of the {count} strategies in {quote} {which}", count=row.count, quote=row.quote, which=which),
        )

    def coins(self, row: TotalRow) -> Cell:
        words = tr("{count} not ended", count=row.count) if row.mixed else tr("{count} strategies", count=row.count)
        return Cell(words, ink=Ink.TEXT2, small=True)

    def invested(self, row: TotalRow) -> Cell:
        words = tr("Everything that was put in") if row.over else tr("Net invested")
        return number_cell(self._numbers, row.invested, bold=True, tip=f"{words}, {row.quote}")

    def value(self, row: TotalRow) -> Cell:
        return _in_part(number_cell(self._numbers, row.value, bold=True, missing=row.reason), row.without)

    def profit(self, row: TotalRow) -> Cell:
        tip = self._numbers.signed(row.profit, unit=row.quote) if row.profit is not None else None
        return change_cell(self._numbers, row.profit_percent, "%", bold=True, missing=row.reason, tip=tip)

    def versus_hodl(self, row: TotalRow) -> Cell:
        return change_cell(self._numbers, row.versus_hodl, "%", bold=True, missing=row.reason)


def _in_part(cell: Cell, without: Sequence[str]) -> Cell:
    """A value that is without coins that have no price says so where it stands."""
    if not without or cell.raw is None:
        return cell
    spoken = tr("at least {spoken}", spoken=cell.spoken)
    return replace(cell, text=at_least(cell.text, without), spoken=spoken, tip=without_words(without))


_EMPTY = Cell("", spoken="", export="")
_WAITS = tr("nothing is bought before its trigger is reached")


def _why(view: StrategyView) -> str:
    return missing_prices(view.snapshot) or tr("not known yet")


def strategy_columns(numbers: NumberFormat, colours: CoinColours) -> tuple[Column[Row], ...]:
    """Amounts are in each row's own quote."""
    one, all_of = StrategyCells(numbers, colours), TotalCells(numbers)

    def either(
        of_one: Callable[[StrategyView], Cell], of_all: Callable[[TotalRow], Cell] = lambda _row: _EMPTY
    ) -> Callable[[Row], Cell]:
        def cell(row: Row) -> Cell:
            return replace(of_all(row), ground=Ground.ALT) if isinstance(row, TotalRow) else of_one(row)

        return cell

    hodl_tip = tr("Value against the same money bought at the target weights and never traded again")
    right = Align.RIGHT
    return (
        Column("name", tr("Name"), either(one.name, all_of.name)),
        Column("coins", tr("Coins"), either(one.coins, all_of.coins)),
        Column("status", tr("Status"), either(one.status), terms=(Term.HALTED,)),
        Column(
            "invested",
            tr("Invested"),
            either(one.invested, all_of.invested),
            align=right,
            terms=(Term.NET_INVESTED,),
        ),
        Column("value", tr("Value"), either(one.value, all_of.value), align=right),
        Column("profit", tr("Profit"), either(one.profit, all_of.profit), align=right, terms=(Term.PROFIT,)),
        Column(
            "vs_hodl",
            tr("vs HODL"),
            either(one.versus_hodl, all_of.versus_hodl),
            align=right,
            header_tip=hodl_tip,
            terms=(Term.HODL,),
        ),
        Column(
            "drift",
            tr("Worst drift, pp"),
            either(one.drift),
            align=right,
            header_spoken=tr("Worst drift in percentage points"),
            terms=(Term.DRIFT,),
        ),
    )


class StrategiesModel(KeyedTableModel[Row]):
    """Strategies by their id, total rows last, by ("total", quote): those can be neither chosen nor selected."""

    def __init__(self, numbers: NumberFormat, colours: CoinColours, parent: QObject | None = None) -> None:
        super().__init__(strategy_columns(numbers, colours), key=_key, parent=parent)

    def show_views(self, views: Sequence[StrategyView], over: Sequence[EndedTotal] = ()) -> None:
        """Exactly these strategies, and what they come to; ``over`` as :func:`total_rows` takes it."""
        self.set_rows((*views, *total_rows(views, over)))

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self.row_at(index.row()), TotalRow):
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index)


def _key(row: Row) -> Hashable:
    return ("total", row.quote) if isinstance(row, TotalRow) else row.id
