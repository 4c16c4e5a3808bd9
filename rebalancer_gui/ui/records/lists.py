"""The lists of the records window: their columns, widths, and the words that rows can be chosen by. Pure but for the columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.records import FillRow, Outcome, TransferKind
from rebalancer_gui.domain.orders import IntentState, Side
from rebalancer_gui.ui.formatting import NumberFormat, utc_stamp
from rebalancer_gui.ui.models.cells import Align, Cell, Column, number_cell, text_cell
from rebalancer_gui.ui.models.fees_model import fee_columns
from rebalancer_gui.ui.models.history_model import (
    amount_text,
    journal_columns,
    order_columns,
    rebalance_columns,
    transfer_columns,
)
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.tables import Width, fixed, stretch

TIME = fixed(170)
Word = tuple[str, str]
"""What a word is called, and the word."""


@dataclass(frozen=True, slots=True)
class RecordList:
    """One list. ``words``: by what its rows can be chosen besides strategy, coin and time; ``word_name`` says what that is."""

    kind: HistoryKind
    title: str
    columns: Callable[[NumberFormat], Sequence[Column[Any]]]
    widths: Mapping[str, Width]
    word_name: str = ""
    words: tuple[Word, ...] = ()
    first_to_go: tuple[str, ...] = ()
    """Columns that give way, one after the other, where the window is narrow."""


def fill_columns(numbers: NumberFormat) -> tuple[Column[FillRow], ...]:
    """One trade per row."""
    sides = {Side.BUY: tr("Buy"), Side.SELL: tr("Sell")}

    def fee(row: FillRow) -> Cell:
        return Cell(f"{amount_text(numbers, row.fill.fee)} {row.fill.fee_asset}", raw=row.fill.fee)

    return (
        Column("time", tr("Time, UTC"), lambda row: Cell(utc_stamp(row.fill.at), raw=row.fill.at)),
        Column("trade", tr("Trade"), lambda row: text_cell(f"{sides[row.fill.side]} {row.fill.symbol}", bold=True)),
        Column(
            "quantity",
            tr("Quantity"),
            lambda row: Cell(amount_text(numbers, row.fill.quantity), raw=row.fill.quantity),
            align=Align.RIGHT,
        ),
        Column(
            "price", tr("Price"), lambda row: Cell(numbers.price(row.fill.price), raw=row.fill.price), align=Align.RIGHT
        ),
        Column("value", tr("Value"), lambda row: number_cell(numbers, row.fill.value), align=Align.RIGHT),
        Column("fee", tr("Fee"), fee, align=Align.RIGHT),
        Column("id", tr("Trade id"), lambda row: text_cell(row.fill.trade_id, ink=Ink.TEXT2, small=True)),
    )


LISTS = (
    RecordList(
        HistoryKind.ORDERS,
        tr("Orders"),
        order_columns,
        {
            "time": TIME, "order": stretch(130), "type": fixed(80), "quantity": fixed(96), "price": fixed(96),
            "filled": fixed(96), "average": fixed(96), "cost": fixed(84), "fee": fixed(150), "state": fixed(110),
            "id": fixed(180),
        },
        tr("State"),
        (
            (tr("Over"), IntentState.SETTLED.value),
            (tr("Rejected"), IntentState.REJECTED.value),
            (tr("Not placed"), IntentState.ABSENT.value),
            (tr("Checking"), IntentState.UNKNOWN.value),
            (tr("To decide"), IntentState.QUARANTINED.value),
            (tr("Fee not told yet"), IntentState.DONE.value),
        ),
        ("id", "quantity", "price", "type", "filled", "average"),
    ),
    RecordList(
        HistoryKind.FILLS,
        tr("Trades"),
        fill_columns,
        {
            "time": TIME, "trade": stretch(130), "quantity": fixed(120), "price": fixed(110), "value": fixed(100),
            "fee": fixed(160), "id": fixed(140),
        },
        tr("Side"),
        ((tr("Buys"), Side.BUY.value), (tr("Sells"), Side.SELL.value)),
        ("id",),
    ),
    RecordList(
        HistoryKind.REBALANCES,
        tr("Rebalances"),
        rebalance_columns,
        {
            "time": TIME, "reason": fixed(130), "drift": fixed(116), "outcome": fixed(96), "orders": fixed(64),
            "repeats": fixed(64), "what": stretch(240),
        },
        tr("Outcome"),
        (
            (tr("Done"), Outcome.DONE.value),
            (tr("Partly"), Outcome.PARTLY.value),
            (tr("Skipped"), Outcome.SKIPPED.value),
            (tr("Running"), Outcome.RUNNING.value),
        ),
        ("repeats", "orders", "drift"),
    ),
    RecordList(
        HistoryKind.TRANSFERS,
        tr("Transfers"),
        transfer_columns,
        {"time": TIME, "kind": stretch(160), "asset": fixed(100), "amount": fixed(140), "value": fixed(140)},
        tr("Kind"),
        (
            (tr("Invested"), TransferKind.INVESTED.value),
            (tr("Valued at the start"), TransferKind.REVALUED.value),
            (tr("Added"), TransferKind.ADDED.value),
            (tr("Removed"), TransferKind.REMOVED.value),
            (tr("Released"), TransferKind.RELEASED.value),
            (tr("Gone outside"), TransferKind.LOST.value),
            (tr("Deposits"), TransferKind.DEPOSIT.value),
            (tr("Withdrawals"), TransferKind.WITHDRAWAL.value),
        ),
    ),
    RecordList(
        HistoryKind.FEES,
        tr("Fees"),
        fee_columns,
        {
            "time": TIME, "trade": fixed(110), "fee": fixed(150), "refunded": fixed(120), "bnb": fixed(110),
            "saved": fixed(90), "note": stretch(200),
        },
    ),
    RecordList(
        HistoryKind.JOURNAL,
        tr("Journal"),
        lambda _numbers: journal_columns(),
        {"time": TIME, "text": stretch(300), "count": fixed(80), "last": TIME},
        tr("Kind"),
        (
            (tr("Decisions"), "decision"),
            (tr("States"), "state"),
            (tr("Money"), "funds"),
            (tr("Changes"), "version"),
            (tr("Halts"), "halt"),
            (tr("Fees"), "fees"),
            (tr("Account"), "transfer"),
        ),
        ("last", "count"),
    ),
)  # fmt: skip
