"""The ratios table of one strategy: its coins, its quote cash, the total (look/01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from enum import Enum

from PySide6.QtCore import QObject, Qt

from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.coin_result import NO_RESULT
from rebalancer_gui.domain.market import MarketRules, QuoteFault, symbol_of
from rebalancer_gui.domain.money import HUNDRED, ZERO, total
from rebalancer_gui.domain.strategy import MAX_COINS, BandRule, RatioRule, State
from rebalancer_gui.domain.valuation import Holding, Snapshot
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat, age, places_of, rounded
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.models.cells import Align, Cell, Column, Ground, missing_cell, number_cell, text_cell
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.strategy_words import missing_prices, threshold_of
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.coin_chips import coin_cell
from rebalancer_gui.ui.widgets.drift_bar import Drift, drift_cell

_COST_UNKNOWN = tr("coins are among them that were put in without saying what they had cost")


class RowKind(Enum):
    COIN = "coin"
    CASH = "cash"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class RatioRow:
    """One row. Prices and values in quote units, shares in percent, drift in pp; None with ``reason`` where unknown.

    ``price_age`` is set where the price is too old to be traded on. ``cost`` is what a unit cost on average, fees
    included. ``frozen``: its market is closed.
    """

    kind: RowKind
    asset: str
    slot: int | None
    quantity: Decimal | None
    price: Decimal | None
    value: Decimal | None
    current: Decimal | None
    target: Decimal | None
    drift: Decimal | None
    threshold: Decimal | None
    step: Decimal | None = None
    tick: Decimal | None = None
    price_age: timedelta | None = None
    price_reason: str = ""
    reason: str = ""
    cost: Decimal | None = None
    cost_reason: str = ""
    frozen: bool = False
    realised: Decimal | None = None
    unrealised: Decimal | None = None


def ratio_rows(view: StrategyView, rules: Mapping[str, MarketRules], colours: CoinColours) -> tuple[RatioRow, ...]:
    """Coins in the order of the portfolio, then quote cash, then the total."""
    snapshot, quote = view.snapshot, view.parameters.quote
    if snapshot is None:
        return ()
    # A coin that left the portfolio is listed until it is sold: then there may be more than ten.
    slots = colours.for_coins([holding.asset for holding in snapshot.holdings][:MAX_COINS])
    rows = [_coin_row(view, holding, snapshot, rules, slots) for holding in snapshot.holdings]
    share = snapshot.cash * HUNDRED / snapshot.total if snapshot.total else None
    words = tr("spent by the next rebalance") if snapshot.cash else tr("no cash left over")
    if view.state is State.ENDED:
        words = tr("given back to the free pool")
    elif view.state is State.WAITING:
        words = tr("reserved")
    rows.append(
        RatioRow(
            RowKind.CASH, quote, None, snapshot.cash, None, snapshot.cash, share, None, None, None, reason=words
        )
    )  # fmt: skip
    known = [row.current for row in rows if row.current is not None]
    rows.append(
        RatioRow(
            RowKind.TOTAL,
            tr("Total"),
            None,
            None,
            None,
            snapshot.total,
            total(known) if len(known) == len(rows) else None,
            total(h.target for h in snapshot.holdings),
            None,
            None,
            reason=missing_prices(snapshot),
        )
    )
    return tuple(rows)


def _coin_row(
    view: StrategyView,
    holding: Holding,
    snapshot: Snapshot,
    rules: Mapping[str, MarketRules],
    slots: Mapping[str, int],
) -> RatioRow:
    market = rules.get(symbol_of(holding.asset, view.parameters.quote))
    shown = holding.quote if holding.quote is not None and holding.quote.mid.is_finite() else None
    frozen = holding.asset in view.frozen
    fault = QuoteFault.CLOSED if frozen else holding.fault
    cost, cost_reason = _cost(view, holding)
    result = view.results.get(holding.asset, NO_RESULT)
    return RatioRow(
        RowKind.COIN,
        holding.asset,
        slots.get(holding.asset),
        holding.quantity,
        shown.mid if shown is not None else None,
        holding.value,
        holding.weight,
        holding.target,
        None if view.state in _NO_DRIFT else holding.drift,
        threshold_of(view, holding.asset),
        step=market.step_size if market is not None else None,
        tick=market.tick_size if market is not None else None,
        price_age=snapshot.at - shown.received_at if shown is not None and fault is not None else None,
        price_reason=said(fault.value) if fault is not None else "",
        reason=said(fault.value) if fault is not None else _NO_DRIFT.get(view.state) or _why(snapshot),
        cost=cost,
        cost_reason=cost_reason,
        frozen=frozen,
        realised=result.realised,
        unrealised=result.unrealised(holding.value) if holding.quantity > ZERO else None,
    )


_NO_DRIFT = {State.ENDED: tr("given back"), State.WAITING: tr("waits for its trigger")}


def _why(snapshot: Snapshot) -> str:
    return missing_prices(snapshot) or tr("nothing is held yet")


def _cost(view: StrategyView, holding: Holding) -> tuple[Decimal | None, str]:
    if holding.quantity == ZERO or holding.asset not in view.average_costs:
        return None, ""
    return view.average_costs[holding.asset], _COST_UNKNOWN


class RatioCells:
    """The cells of a row, one method per column."""

    def __init__(self, numbers: NumberFormat) -> None:
        self._numbers = numbers

    def coin(self, row: RatioRow) -> Cell:
        if row.kind is RowKind.TOTAL:
            return _of_total(Cell(tr("Total"), raw=tr("Total")))
        return coin_cell(row.asset, row.slot)

    def quantity(self, row: RatioRow) -> Cell:
        if row.quantity is None:
            return _of_total(_EMPTY)
        if row.kind is RowKind.CASH:
            return number_cell(self._numbers, row.quantity, 2)
        # A fee taken in the coin leaves less than a step: all decimals are in the tooltip.
        places = places_of(row.step) if row.step is not None else places_of(row.quantity)
        whole = self._numbers.quantity(row.quantity, unit=row.asset)
        return number_cell(self._numbers, row.quantity, places, tip=whole)

    def price(self, row: RatioRow) -> Cell:
        if row.kind is RowKind.TOTAL:
            return _of_total(_EMPTY)
        if row.kind is RowKind.CASH:
            return missing_cell(tr("money has no price"))
        if row.price is None:
            return missing_cell(row.price_reason or tr("no price"), show_reason=not row.frozen)
        text = self._numbers.price(row.price, row.tick)
        if row.frozen:
            # Its last price, kept apart from one that is merely old: the mark of the row says what happened.
            tip = tr(
                "{price_reason}: the last price, of {age} ago",
                price_reason=row.price_reason,
                age=age(row.price_age or timedelta(0), self._numbers.marks.decimal),
            )
            return Cell(text, raw=row.price, tip=tip, ink=Ink.TEXT3)
        if row.price_age is None:
            return Cell(text, raw=row.price)
        old = tr("{age} old", age=age(row.price_age, self._numbers.marks.decimal))
        return Cell(f"{text} {old}", raw=row.price, tip=f"{row.price_reason}: {old}", ink=Ink.TEXT3)

    def cost(self, row: RatioRow) -> Cell:
        if row.kind is RowKind.TOTAL:
            return _of_total(_EMPTY)
        if row.kind is RowKind.CASH:
            return missing_cell(tr("money has no cost"))
        if row.cost is not None:
            text = self._numbers.price(row.cost if row.tick is None else rounded(row.cost, _places(row.tick)), row.tick)
            tip = tr("{rounded} a unit, fees included", rounded=self._numbers.price(rounded(row.cost, 8)))
            return Cell(text, raw=row.cost, tip=tip)
        if row.cost_reason:
            return Cell(
                tr("not known"),
                spoken=tr("not known: {cost_reason}", cost_reason=row.cost_reason),
                tip=row.cost_reason,
                ink=Ink.TEXT3,
                small=True,
                export="",
            )
        return missing_cell(tr("nothing of it is held"))

    def value(self, row: RatioRow) -> Cell:
        cell = self._known(row, row.value)
        if row.kind is not RowKind.COIN or row.unrealised is None:
            return cell
        tip = tr("{change} since it was bought or put in, on paper", change=self._numbers.signed(row.unrealised))
        if row.realised is not None:
            tip += "\n" + tr("{change} realised by its sales", change=self._numbers.signed(row.realised))
        return replace(cell, tip=tip)

    def current(self, row: RatioRow) -> Cell:
        return self._known(row, row.current)

    def target(self, row: RatioRow) -> Cell:
        if row.kind is RowKind.CASH:
            return missing_cell(tr("cash has no target"))
        cell = self._known(row, row.target)
        if row.kind is RowKind.COIN and row.target == ZERO:
            return replace(
                cell, tip=tr("{asset} left the portfolio: it is sold by the next rebalance.", asset=row.asset)
            )
        return cell

    def drift(self, row: RatioRow) -> Cell:
        match row.kind:
            case RowKind.TOTAL:
                return _of_total(_EMPTY)
            case RowKind.CASH:
                return Cell(row.reason, tip=row.reason, ink=Ink.TEXT3, small=True, export="")
            case RowKind.COIN if row.frozen:
                words = tr("frozen: market closed")
                tip = tr("Its market is closed: it is neither bought nor sold until that opens again.")
                return text_cell(words, ink=Ink.WARN, small=True, icon="lock", tip=tip, spoken=f"{row.asset} {words}")
            case RowKind.COIN:
                return drift_cell(self._numbers, Drift(row.drift, row.threshold, row.reason), subject=row.asset)

    def _known(self, row: RatioRow, value: Decimal | None) -> Cell:
        cell = number_cell(self._numbers, value, missing=row.reason or tr("not known yet"))
        return _of_total(cell) if row.kind is RowKind.TOTAL else cell


_EMPTY = Cell("", spoken="")
_COST_TIP = tr("What a unit cost on average, fees included, in the strategy's money")


def _places(tick: Decimal) -> int:
    return max(2, places_of(tick))


def _of_total(cell: Cell) -> Cell:
    return replace(cell, bold=True, ground=Ground.ALT)


def ratio_columns(numbers: NumberFormat) -> tuple[Column[RatioRow], ...]:
    """Headers without units; the model adds the strategy's quote and threshold."""
    cells = RatioCells(numbers)
    return (
        Column("coin", tr("Coin"), cells.coin),
        Column("quantity", tr("Quantity"), cells.quantity, align=Align.RIGHT),
        Column("price", tr("Price"), cells.price, align=Align.RIGHT),
        Column(
            "cost",
            tr("Avg. cost"),
            cells.cost,
            align=Align.RIGHT,
            header_tip=_COST_TIP,
            header_spoken=tr("Average cost"),
        ),
        Column("value", tr("Value"), cells.value, align=Align.RIGHT),
        Column("current", tr("Current %"), cells.current, align=Align.RIGHT),
        Column("target", tr("Target %"), cells.target, align=Align.RIGHT, terms=(Term.COINS,)),
        Column("drift", tr("Drift, pp"), cells.drift, align=Align.RIGHT, terms=(Term.DRIFT, Term.THRESHOLD)),
    )


class RatiosModel(KeyedTableModel[RatioRow]):
    """Keyed by asset. ``show_view`` takes the newest picture of the chosen strategy."""

    def __init__(self, numbers: NumberFormat, colours: CoinColours, parent: QObject | None = None) -> None:
        super().__init__(ratio_columns(numbers), key=lambda row: (row.kind, row.asset), parent=parent)
        self._numbers = numbers
        self._colours = colours
        self._titles: dict[str, str] = {}
        self._narrow = False

    def show_view(self, view: StrategyView | None, rules: Mapping[str, MarketRules]) -> None:
        if view is None:
            self.clear()
            return
        self._set_titles(view)
        self.set_rows(ratio_rows(view, rules, self._colours))

    def set_narrow(self, narrow: bool) -> None:
        """Shorter headers where the room is short; taken up with the next view."""
        self._narrow = narrow

    def _set_titles(self, view: StrategyView) -> None:
        quote, rule = view.parameters.quote, view.parameters.rule
        mark = tr("auto band") if isinstance(rule, BandRule) else ""
        if isinstance(rule, RatioRule):
            mark = f"±{self._numbers.fixed(rule.threshold, places_of(rule.threshold))}"
        marks = (
            f" ({mark})" if self._narrow or isinstance(rule, BandRule) else tr(" (marks: threshold {mark})", mark=mark)
        )
        titles = {
            "price": tr("Price, {quote}", quote=quote),
            "cost": tr("Avg. cost, {quote}", quote=quote),
            "value": tr("Value, {quote}", quote=quote),
            "drift": tr("Drift, pp{part}", part=marks if mark else ""),
        }
        if titles != self._titles:
            self._titles = titles
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if (
            role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}
            and orientation == Qt.Orientation.Horizontal
        ):
            title = self._titles.get(self.columns[section].key) if 0 <= section < len(self.columns) else None
            if title is not None:
                return title
        return super().headerData(section, orientation, role)
