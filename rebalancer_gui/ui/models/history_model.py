"""The histories of a strategy: orders, rebalances, transfers, journal. Newest first; times in UTC."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from rebalancer_gui.application.records import (
    JournalEntry,
    LegOutcome,
    OrderRow,
    Outcome,
    RebalanceRecord,
    TransferRow,
)
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.orders import IntentState, OrderType, Side
from rebalancer_gui.ui.formatting import NumberFormat, rounded, utc_stamp
from rebalancer_gui.ui.models.cells import Align, Cell, Column, missing_cell, number_cell, text_cell
from rebalancer_gui.ui.tokens import Ink

_SIDES = {Side.BUY: "Buy", Side.SELL: "Sell"}
_TYPES = {OrderType.LIMIT_IOC: "Limit IOC", OrderType.MARKET: "Market"}
_ORDER_STATES = {
    IntentState.SENDING: ("Sending", Ink.INFO),
    IntentState.UNKNOWN: ("Checking", Ink.WARN),
    IntentState.QUARANTINED: ("To decide", Ink.LOSS),
    IntentState.REOPENED: ("Turned up late", Ink.LOSS),
    IntentState.RELEASED: ("Not sent", Ink.TEXT2),
    IntentState.REJECTED: ("Rejected", Ink.LOSS),
    IntentState.ABSENT: ("Not placed", Ink.TEXT2),
    IntentState.ACKED: ("Placed", Ink.INFO),
    IntentState.DONE: ("Fee not told yet", Ink.INFO),
}
OUTCOMES = {
    Outcome.RUNNING: ("Running", "building", Ink.INFO),
    Outcome.DONE: ("Done", "check", Ink.GAIN),
    Outcome.PARTLY: ("Partly", "warning", Ink.WARN),
    Outcome.SKIPPED: ("Skipped", "warning", Ink.WARN),
}


def amount_text(numbers: NumberFormat, amount: Decimal) -> str:
    """A quantity of any coin: all its decimals up to eight, grouped."""
    return numbers.quantity(Decimal(plain(rounded(amount, 8))))


def order_columns(numbers: NumberFormat) -> tuple[Column[OrderRow], ...]:
    """One order per row with what its fills came to: average price, cost, fees."""

    def moment(row: OrderRow) -> Cell:
        return _moment(row.at)

    def order(row: OrderRow) -> Cell:
        words = f"{_SIDES[row.side]} {row.symbol}"
        return text_cell(
            words, bold=True, tip=f"Order id {row.client_order_id}, at the exchange {row.venue_order_id or '–'}"
        )

    def price(row: OrderRow) -> Cell:
        if row.price is None:
            return missing_cell("a Market order has no limit")
        return Cell(numbers.price(row.price), raw=row.price)

    def average(row: OrderRow) -> Cell:
        if row.average is None:
            return missing_cell("nothing was filled")
        return Cell(numbers.price(rounded(row.average, 8)), raw=row.average)

    def fees(row: OrderRow) -> Cell:
        if not row.fees:
            return missing_cell("no fee")
        money = row.symbol.rpartition("/")[2]
        text = " + ".join(
            f"{numbers.fixed(amount, 4) if asset == money else amount_text(numbers, amount)} {asset}"
            for asset, amount in row.fees
        )
        exact = " + ".join(f"{plain(amount)} {asset}" for asset, amount in row.fees)
        return Cell(text, raw=text, tip=exact, export=exact)

    return (
        Column("time", "Time, UTC", moment),
        Column("order", "Order", order),
        Column("type", "Type", lambda row: text_cell(_TYPES[row.type])),
        Column("quantity", "Quantity", lambda row: _amount(numbers, row.quantity), align=Align.RIGHT),
        Column("price", "Limit", price, align=Align.RIGHT),
        Column("filled", "Filled", lambda row: _amount(numbers, row.filled), align=Align.RIGHT),
        Column("average", "Average", average, align=Align.RIGHT, header_tip="Average price of its trades"),
        Column(
            "cost", "Cost", lambda row: number_cell(numbers, row.cost), align=Align.RIGHT, header_tip="Value traded"
        ),
        Column("fee", "Fee", fees, align=Align.RIGHT),
        Column("state", "State", _order_state),
        Column("id", "Order id", lambda row: text_cell(row.client_order_id, ink=Ink.TEXT2, small=True)),
    )


def _order_state(row: OrderRow) -> Cell:
    if row.state in _ORDER_STATES:
        word, ink = _ORDER_STATES[row.state]
    elif row.filled == ZERO:
        word, ink = "Expired", Ink.WARN
    elif row.filled < row.quantity:
        word, ink = "Partly filled", Ink.WARN
    else:
        word, ink = "Filled", Ink.GAIN
    return text_cell(word, ink=ink, tip=row.reason or None)


def rebalance_columns(numbers: NumberFormat) -> tuple[Column[RebalanceRecord], ...]:
    """One rebalance per row; the legs of the chosen one stand in a table of their own."""

    def moment(row: RebalanceRecord) -> Cell:
        return _moment(row.at)

    def reason(row: RebalanceRecord) -> Cell:
        return text_cell(row.reason[:1].upper() + row.reason[1:])

    def outcome(row: RebalanceRecord) -> Cell:
        word, icon, ink = OUTCOMES[row.outcome]
        return text_cell(word, icon=icon, ink=ink, tip=row.message or None)

    def repeats(row: RebalanceRecord) -> Cell:
        last = f"last {utc_stamp(row.last_at)} UTC" if row.last_at is not None and row.repeats > 1 else None
        return Cell(str(row.repeats), raw=row.repeats, tip=last)

    def what(row: RebalanceRecord) -> Cell:
        words = rebalance_words(row)
        return text_cell(words, tip=words)

    return (
        Column("time", "Time, UTC", moment),
        Column("reason", "Why", reason),
        Column("drift", "Worst drift, pp", lambda row: number_cell(numbers, row.worst_drift), align=Align.RIGHT),
        Column("outcome", "Outcome", outcome),
        Column("orders", "Legs", lambda row: Cell(_legs(row), raw=len(row.legs)), align=Align.RIGHT),
        Column("repeats", "Times", repeats, align=Align.RIGHT, header_tip="Equal skipped attempts in a row"),
        Column("what", "What came of it", what),
    )


def _legs(row: RebalanceRecord) -> str:
    filled = sum(leg.outcome in {LegOutcome.FILLED, LegOutcome.PARTLY} for leg in row.legs)
    return f"{filled} of {len(row.legs) + len(row.skipped)}"


def rebalance_words(row: RebalanceRecord) -> str:
    """What came of a rebalance in one sentence: the message of the screen, else what was skipped, else that all is done."""
    if row.message:
        return f"{row.message} {row.advice}".rstrip()
    if row.outcome is Outcome.RUNNING:
        return "Orders are on their way."
    by_reason: dict[str, list[str]] = {}
    for leg in row.skipped:
        by_reason.setdefault(leg.reason.value, []).append(leg.asset)
    not_done = [f"{', '.join(assets)} skipped: {reason}" for reason, assets in by_reason.items()]
    not_done += [
        f"{leg.asset} {leg.outcome.value}{f' ({leg.detail})' if leg.detail else ''}"
        for leg in row.legs
        if leg.outcome is not LegOutcome.FILLED
    ]
    if not_done:
        return "; ".join(not_done)
    return "Every order was filled." if row.legs else "Nothing had to be traded."


def transfer_columns(numbers: NumberFormat) -> tuple[Column[TransferRow], ...]:
    """``value`` is in the strategy's quote at that moment."""

    def kind(row: TransferRow) -> Cell:
        word = str(row.kind)
        return text_cell(word[:1].upper() + word[1:])

    def amount(row: TransferRow) -> Cell:
        return _amount(numbers, row.amount)

    def value(row: TransferRow) -> Cell:
        return number_cell(numbers, row.value)

    return (
        Column("time", "Time, UTC", lambda row: _moment(row.at)),
        Column("kind", "What", kind),
        Column("asset", "Asset", lambda row: text_cell(row.asset, bold=True)),
        Column("amount", "Amount", amount, align=Align.RIGHT),
        Column("value", "Value then", value, align=Align.RIGHT),
    )


def journal_columns() -> tuple[Column[JournalEntry], ...]:
    """Equal sentences in a row are one row with how often and when last."""

    def count(row: JournalEntry) -> Cell:
        return Cell(f"{row.count} x" if row.count > 1 else "", raw=row.count, spoken=f"{row.count} times")

    def last(row: JournalEntry) -> Cell:
        return _moment(row.last_at) if row.count > 1 else Cell("", raw=row.last_at, spoken="")

    return (
        Column("time", "Time, UTC", lambda row: _moment(row.at)),
        Column("text", "What happened", lambda row: text_cell(row.text, tip=row.text)),
        Column("count", "Times", count, align=Align.RIGHT),
        Column("last", "Last time, UTC", last),
    )


def _moment(at: datetime) -> Cell:
    return Cell(utc_stamp(at), raw=at)


def _amount(numbers: NumberFormat, amount: Decimal) -> Cell:
    return Cell(amount_text(numbers, amount), raw=amount)
