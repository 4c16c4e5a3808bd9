"""Fees Return History: each trade's fee, what was returned of it and what that cost in BNB. Times in UTC."""

from __future__ import annotations

from decimal import Decimal

from rebalancer_gui.application.records import FeeRow
from rebalancer_gui.domain.fee_return import BNB
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat, rounded, utc_stamp
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.models.cells import Align, Cell, Column, missing_cell, text_cell
from rebalancer_gui.ui.models.history_model import amount_text
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr

_SMALL = 4
"""Decimals of money: fees are cents and less."""


def fee_columns(numbers: NumberFormat) -> tuple[Column[FeeRow], ...]:
    """One trade per row. ``saved`` is in the money of the trade's symbol."""

    def trade(row: FeeRow) -> Cell:
        return text_cell(row.symbol, bold=True, tip=tr("Trade {trade_id}", trade_id=row.trade_id))

    def fee(row: FeeRow) -> Cell:
        return _in_coin(numbers, row.fee, row)

    def refunded(row: FeeRow) -> Cell:
        if row.refunded == ZERO:
            return missing_cell(said(row.note) or tr("nothing was returned"))
        return _in_coin(numbers, row.refunded, row)

    def bnb(row: FeeRow) -> Cell:
        if row.bnb_paid == ZERO:
            return missing_cell(tr("no BNB was paid"))
        tip = tr("Worth {paid_value} then", paid_value=numbers.fixed(row.paid_value, _SMALL, _money(row)))
        return Cell(
            amount_text(numbers, row.bnb_paid), raw=row.bnb_paid, tip=tip, spoken=f"{plain(row.bnb_paid)} {BNB}"
        )

    def saved(row: FeeRow) -> Cell:
        if row.saved == ZERO:
            return missing_cell(row.note or tr("nothing was saved"))
        is_seen = rounded(row.saved, _SMALL) > ZERO
        spoken = numbers.spoken(row.saved, _SMALL, _money(row), signed=is_seen)
        tip = numbers.fixed(row.saved, 8, _money(row))
        words = numbers.signed(row.saved, _SMALL) if is_seen else numbers.fixed(row.saved, _SMALL)
        return Cell(words, raw=row.saved, spoken=spoken, tip=tip, ink=Ink.GAIN if is_seen else Ink.TEXT)

    return (
        Column("time", tr("Time, UTC"), lambda row: Cell(utc_stamp(row.at), raw=row.at)),
        Column("trade", tr("Trade"), trade),
        Column("fee", tr("Fee"), fee, align=Align.RIGHT),
        Column(
            "refunded",
            tr("Refunded"),
            refunded,
            align=Align.RIGHT,
            header_tip=tr("Of the fee, back to the free pool"),
            terms=(Term.FEES_RETURN,),
        ),
        Column(
            "bnb",
            tr("BNB paid"),
            bnb,
            align=Align.RIGHT,
            header_tip=tr("From the free pool"),
            terms=(Term.FEES_RETURN,),
        ),
        Column(
            "saved",
            tr("Saved"),
            saved,
            align=Align.RIGHT,
            header_tip=tr("Fee less the BNB paid, in the trade's money"),
            terms=(Term.FEES_RETURN,),
        ),
        Column("note", tr("Note"), lambda row: text_cell(said(row.note), ink=Ink.TEXT2, tip=said(row.note) or None)),
    )


def _money(row: FeeRow) -> str:
    return row.symbol.rpartition("/")[2]


def _in_coin(numbers: NumberFormat, amount: Decimal, row: FeeRow) -> Cell:
    text = numbers.fixed(amount, _SMALL) if row.fee_asset == _money(row) else amount_text(numbers, amount)
    exact = f"{plain(amount)} {row.fee_asset}"
    return Cell(f"{text} {row.fee_asset}", raw=amount, tip=exact, spoken=exact, export=exact)
