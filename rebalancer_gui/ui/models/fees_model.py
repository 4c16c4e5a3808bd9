"""Fees Return History: each trade's fee, what was returned of it and what that cost in BNB. Times in UTC."""

from __future__ import annotations

from decimal import Decimal

from rebalancer_gui.application.records import FeeRow
from rebalancer_gui.domain.fee_return import BNB
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.ui.formatting import NumberFormat, rounded, utc_stamp
from rebalancer_gui.ui.models.cells import Align, Cell, Column, missing_cell, text_cell
from rebalancer_gui.ui.models.history_model import amount_text
from rebalancer_gui.ui.tokens import Ink

_SMALL = 4
"""Decimals of money: fees are cents and less."""


def fee_columns(numbers: NumberFormat) -> tuple[Column[FeeRow], ...]:
    """One trade per row. ``saved`` is in the money of the trade's symbol."""

    def trade(row: FeeRow) -> Cell:
        return text_cell(row.symbol, bold=True, tip=f"Trade {row.trade_id}")

    def fee(row: FeeRow) -> Cell:
        return _in_coin(numbers, row.fee, row)

    def refunded(row: FeeRow) -> Cell:
        if row.refunded == ZERO:
            return missing_cell(row.note or "nothing was returned")
        return _in_coin(numbers, row.refunded, row)

    def bnb(row: FeeRow) -> Cell:
        if row.bnb_paid == ZERO:
            return missing_cell("no BNB was paid")
        tip = f"Worth {numbers.fixed(row.paid_value, _SMALL, _money(row))} then"
        return Cell(
            amount_text(numbers, row.bnb_paid), raw=row.bnb_paid, tip=tip, spoken=f"{plain(row.bnb_paid)} {BNB}"
        )

    def saved(row: FeeRow) -> Cell:
        if row.saved == ZERO:
            return missing_cell(row.note or "nothing was saved")
        ink = Ink.GAIN if rounded(row.saved, _SMALL) > ZERO else Ink.TEXT
        spoken = numbers.spoken(row.saved, _SMALL, _money(row))
        tip = numbers.fixed(row.saved, 8, _money(row))
        return Cell(numbers.fixed(row.saved, _SMALL), raw=row.saved, spoken=spoken, tip=tip, ink=ink)

    return (
        Column("time", "Time, UTC", lambda row: Cell(utc_stamp(row.at), raw=row.at)),
        Column("trade", "Trade", trade),
        Column("fee", "Fee", fee, align=Align.RIGHT),
        Column("refunded", "Refunded", refunded, align=Align.RIGHT, header_tip="Of the fee, back to the free pool"),
        Column("bnb", "BNB paid", bnb, align=Align.RIGHT, header_tip="From the free pool"),
        Column("saved", "Saved", saved, align=Align.RIGHT, header_tip="Fee less the BNB paid, in the trade's money"),
        Column("note", "Note", lambda row: text_cell(row.note, ink=Ink.TEXT2, tip=row.note or None)),
    )


def _money(row: FeeRow) -> str:
    return row.symbol.rpartition("/")[2]


def _in_coin(numbers: NumberFormat, amount: Decimal, row: FeeRow) -> Cell:
    text = numbers.fixed(amount, _SMALL) if row.fee_asset == _money(row) else amount_text(numbers, amount)
    exact = f"{plain(amount)} {row.fee_asset}"
    return Cell(f"{text} {row.fee_asset}", raw=amount, tip=exact, spoken=exact, export=exact)
