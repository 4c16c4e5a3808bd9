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
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat, rounded, utc_stamp
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.models.cells import Align, Cell, Column, missing_cell, number_cell, text_cell
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr

_SIDES = {Side.BUY: tr("Buy"), Side.SELL: tr("Sell")}
_TYPES = {OrderType.LIMIT_IOC: tr("Limit IOC"), OrderType.MARKET: tr("Market")}
_ORDER_STATES = {
    IntentState.SENDING: (tr("Sending"), Ink.INFO),
    IntentState.UNKNOWN: (tr("Checking"), Ink.WARN),
    IntentState.QUARANTINED: (tr("To decide"), Ink.LOSS),
    IntentState.REOPENED: (tr("Turned up late"), Ink.LOSS),
    IntentState.RELEASED: (tr("Not sent"), Ink.TEXT2),
    IntentState.REJECTED: (tr("Rejected"), Ink.LOSS),
    IntentState.ABSENT: (tr("Not placed"), Ink.TEXT2),
    IntentState.ACKED: (tr("Placed"), Ink.INFO),
    IntentState.DONE: (tr("Fee not told yet"), Ink.INFO),
}
OUTCOMES = {
    Outcome.RUNNING: (tr("Running"), "building", Ink.INFO),
    Outcome.DONE: (tr("Done"), "check", Ink.GAIN),
    Outcome.PARTLY: (tr("Partly"), "warning", Ink.WARN),
    Outcome.SKIPPED: (tr("Skipped"), "warning", Ink.WARN),
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
            words,
            bold=True,
            tip=tr(
                "Order id {client_order_id}, at the exchange {value}",
                client_order_id=row.client_order_id,
                value=row.venue_order_id or "–",
            ),
        )

    def price(row: OrderRow) -> Cell:
        if row.price is None:
            return missing_cell(tr("a Market order has no limit"))
        return Cell(numbers.price(row.price), raw=row.price)

    def average(row: OrderRow) -> Cell:
        if row.average is None:
            return missing_cell(tr("nothing was filled"))
        return Cell(numbers.price(rounded(row.average, 8)), raw=row.average)

    def fees(row: OrderRow) -> Cell:
        if not row.fees:
            return missing_cell(tr("no fee"))
        money = row.symbol.rpartition("/")[2]
        text = " + ".join(
            f"{numbers.fixed(amount, 4) if asset == money else amount_text(numbers, amount)} {asset}"
            for asset, amount in row.fees
        )
        exact = " + ".join(f"{plain(amount)} {asset}" for asset, amount in row.fees)
        return Cell(text, raw=text, tip=exact, export=exact)

    return (
        Column("time", tr("Time, UTC"), moment),
        Column("order", tr("Order"), order),
        Column("type", tr("Type"), lambda row: text_cell(_TYPES[row.type])),
        Column("quantity", tr("Quantity"), lambda row: _amount(numbers, row.quantity), align=Align.RIGHT),
        Column("price", tr("Limit"), price, align=Align.RIGHT),
        Column("filled", tr("Filled"), lambda row: _amount(numbers, row.filled), align=Align.RIGHT),
        Column("average", tr("Average"), average, align=Align.RIGHT, header_tip=tr("Average price of its trades")),
        Column(
            "cost",
            tr("Cost"),
            lambda row: number_cell(numbers, row.cost),
            align=Align.RIGHT,
            header_tip=tr("Value traded"),
        ),
        Column("fee", tr("Fee"), fees, align=Align.RIGHT),
        Column("state", tr("State"), _order_state),
        Column("id", tr("Order id"), lambda row: text_cell(row.client_order_id, ink=Ink.TEXT2, small=True)),
    )


def _order_state(row: OrderRow) -> Cell:
    if row.state in _ORDER_STATES:
        word, ink = _ORDER_STATES[row.state]
    elif row.filled == ZERO:
        word, ink = tr("Expired"), Ink.WARN
    elif row.filled < row.quantity:
        word, ink = tr("Partly filled"), Ink.WARN
    else:
        word, ink = tr("Filled"), Ink.GAIN
    return text_cell(word, ink=ink, tip=said(row.reason) or None)


def rebalance_columns(numbers: NumberFormat) -> tuple[Column[RebalanceRecord], ...]:
    """One rebalance per row; the legs of the chosen one stand in a table of their own."""

    def moment(row: RebalanceRecord) -> Cell:
        return _moment(row.at)

    def reason(row: RebalanceRecord) -> Cell:
        return text_cell(said(row.reason[:1].upper() + row.reason[1:]))

    def outcome(row: RebalanceRecord) -> Cell:
        word, icon, ink = OUTCOMES[row.outcome]
        return text_cell(word, icon=icon, ink=ink, tip=said(row.message) or None)

    def repeats(row: RebalanceRecord) -> Cell:
        last = (
            tr("last {utc_stamp} UTC", utc_stamp=utc_stamp(row.last_at))
            if row.last_at is not None and row.repeats > 1
            else None
        )
        return Cell(str(row.repeats), raw=row.repeats, tip=last)

    def what(row: RebalanceRecord) -> Cell:
        words = rebalance_words(row)
        return text_cell(words, tip=words)

    return (
        Column("time", tr("Time, UTC"), moment),
        Column("reason", tr("Why"), reason),
        Column(
            "drift",
            tr("Worst drift, pp"),
            lambda row: number_cell(numbers, row.worst_drift),
            align=Align.RIGHT,
            terms=(Term.DRIFT,),
        ),
        Column("outcome", tr("Outcome"), outcome),
        Column("orders", tr("Legs"), lambda row: Cell(_legs(row), raw=len(row.legs)), align=Align.RIGHT),
        Column("repeats", tr("Times"), repeats, align=Align.RIGHT, header_tip=tr("Equal skipped attempts in a row")),
        Column("what", tr("What came of it"), what),
    )


def _legs(row: RebalanceRecord) -> str:
    filled = sum(leg.outcome in {LegOutcome.FILLED, LegOutcome.PARTLY} for leg in row.legs)
    return tr("{filled} of {count}", filled=filled, count=len(row.legs) + len(row.skipped))


def rebalance_words(row: RebalanceRecord) -> str:
    """What came of a rebalance in one sentence: the message of the screen, else what was skipped, else that all is done."""
    if row.message:
        return f"{said(row.message)} {said(row.advice)}".rstrip()
    if row.outcome is Outcome.RUNNING:
        return tr("Orders are on their way.")
    by_reason: dict[str, list[str]] = {}
    for leg in row.skipped:
        by_reason.setdefault(leg.reason.value, []).append(leg.asset)
    not_done = [
        tr("{names} skipped: {reason}", names=", ".join(assets), reason=reason) for reason, assets in by_reason.items()
    ]
    not_done += [
        f"{leg.asset} {said(leg.outcome.value)}{f' ({said(leg.detail)})' if leg.detail else ''}"
        for leg in row.legs
        if leg.outcome is not LegOutcome.FILLED
    ]
    if not_done:
        return "; ".join(not_done)
    return tr("Every order was filled.") if row.legs else tr("Nothing had to be traded.")


def transfer_columns(numbers: NumberFormat) -> tuple[Column[TransferRow], ...]:
    """``value`` is in the strategy's quote at that moment."""

    def kind(row: TransferRow) -> Cell:
        word = said(str(row.kind))
        return text_cell(word[:1].upper() + word[1:])

    def amount(row: TransferRow) -> Cell:
        return _amount(numbers, row.amount)

    def value(row: TransferRow) -> Cell:
        return number_cell(numbers, row.value)

    return (
        Column("time", tr("Time, UTC"), lambda row: _moment(row.at)),
        Column("kind", tr("What"), kind),
        Column("asset", tr("Asset"), lambda row: text_cell(row.asset, bold=True)),
        Column("amount", tr("Amount"), amount, align=Align.RIGHT),
        Column("value", tr("Value then"), value, align=Align.RIGHT),
    )


def journal_columns() -> tuple[Column[JournalEntry], ...]:
    """Equal sentences in a row are one row with how often and when last."""

    def count(row: JournalEntry) -> Cell:
        return Cell(
            tr("{count} x", count=row.count) if row.count > 1 else "",
            raw=row.count,
            spoken=tr("{count} times", count=row.count),
        )

    def last(row: JournalEntry) -> Cell:
        return _moment(row.last_at) if row.count > 1 else Cell("", raw=row.last_at, spoken="")

    return (
        Column("time", tr("Time, UTC"), lambda row: _moment(row.at)),
        Column("text", tr("What happened"), lambda row: text_cell(said(row.text), tip=said(row.text))),
        Column("count", tr("Times"), count, align=Align.RIGHT),
        Column("last", tr("Last time, UTC"), last),
    )


def _moment(at: datetime) -> Cell:
    return Cell(utc_stamp(at), raw=at)


def _amount(numbers: NumberFormat, amount: Decimal) -> Cell:
    return Cell(amount_text(numbers, amount), raw=amount)
