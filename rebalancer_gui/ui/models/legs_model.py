"""The legs of one rebalance: what was wanted, what came of it, the weight reached against the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from rebalancer_gui.application.records import LegOutcome, RebalanceRecord
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.cells import Align, Cell, Column, Ground, missing_cell, number_cell, text_cell
from rebalancer_gui.ui.models.history_model import amount_text
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.coin_chips import coin_cell

_INKS = {
    LegOutcome.PENDING: Ink.INFO,
    LegOutcome.FILLED: Ink.GAIN,
    LegOutcome.PARTLY: Ink.WARN,
    LegOutcome.REJECTED: Ink.LOSS,
    LegOutcome.SKIPPED: Ink.WARN,
    LegOutcome.UNRESOLVED: Ink.WARN,
}


@dataclass(frozen=True, slots=True)
class LegRow:
    """One coin of a rebalance. ``wanted`` in quote units, ``filled`` in coins, weights in percent.

    ``side`` is None for a coin that had nothing to trade.
    """

    asset: str
    slot: int | None
    side: Side | None
    wanted: Decimal | None
    filled: Decimal | None
    outcome: LegOutcome | None
    detail: str
    target: Decimal | None
    reached: Decimal | None
    why: str


def leg_rows(record: RebalanceRecord, slots: Mapping[str, int], numbers: NumberFormat) -> tuple[LegRow, ...]:
    """Traded legs, then skipped ones, then coins that had nothing to trade."""
    reached = {row.asset: row for row in record.reached}

    def row_of(
        asset: str,
        side: Side | None,
        wanted: Decimal | None,
        filled: Decimal | None,
        outcome: LegOutcome | None,
        why: str,
    ) -> LegRow:
        end = reached.get(asset)
        return LegRow(
            asset,
            slots.get(asset),
            side,
            wanted,
            filled,
            outcome,
            why,
            end.target if end is not None else None,
            end.reached if end is not None else None,
            end.why if end is not None else "",
        )

    rows = [row_of(leg.asset, leg.side, leg.wanted, leg.filled, leg.outcome, leg.detail) for leg in record.legs]
    for skip in record.skipped:
        short = tr(", {shortfall} short", shortfall=numbers.fixed(skip.shortfall)) if skip.shortfall > ZERO else ""
        words = f"{said(skip.reason.value)}{short}{f' ({said(skip.detail)})' if skip.detail else ''}"
        rows.append(row_of(skip.asset, skip.side, skip.wanted, ZERO, LegOutcome.SKIPPED, words))
    known = {row.asset for row in rows}
    rows += [row_of(asset, None, None, None, None, "") for asset in reached if asset not in known]
    return tuple(rows)


def leg_columns(numbers: NumberFormat) -> tuple[Column[LegRow], ...]:
    def ground(row: LegRow) -> Ground:
        return Ground.WARNING if row.outcome is LegOutcome.SKIPPED else Ground.SURFACE

    def on_ground(row: LegRow, cell: Cell) -> Cell:
        return replace(cell, ground=ground(row))

    def side(row: LegRow) -> Cell:
        return on_ground(row, text_cell({Side.BUY: tr("Buy"), Side.SELL: tr("Sell"), None: "–"}[row.side]))

    def filled(row: LegRow) -> Cell:
        if not row.filled:
            return on_ground(row, missing_cell(tr("nothing was traded")))
        return on_ground(row, Cell(amount_text(numbers, row.filled), raw=row.filled))

    def outcome(row: LegRow) -> Cell:
        if row.outcome is None:
            return text_cell(tr("nothing to trade"), ink=Ink.TEXT3)
        words = said(row.outcome.value[:1].upper() + row.outcome.value[1:])
        text = f"{words}: {said(row.detail)}" if row.detail else words
        if row.outcome is not LegOutcome.SKIPPED:
            return on_ground(row, text_cell(text, ink=_INKS[row.outcome], tip=text))
        # The icon and the ground say "skipped"; the room belongs to the reason.
        shown = row.detail or words
        return on_ground(row, text_cell(shown, ink=Ink.WARN, icon="warning", tip=text, spoken=text))

    def share(row: LegRow, value: Decimal | None) -> Cell:
        return on_ground(row, number_cell(numbers, value, missing=tr("not told: no order was sent")))

    return (
        Column("coin", tr("Coin"), lambda row: coin_cell(row.asset, row.slot, ground=ground(row))),
        Column("side", tr("Side"), side),
        Column(
            "wanted", tr("Wanted"), lambda row: on_ground(row, number_cell(numbers, row.wanted, missing=tr("nothing to trade"))),
            align=Align.RIGHT,
        ),
        Column("filled", tr("Filled"), filled, align=Align.RIGHT),
        Column("outcome", tr("What came of it"), outcome),
        Column("target", tr("Target %"), lambda row: share(row, row.target), align=Align.RIGHT),
        Column("reached", tr("Reached %"), lambda row: share(row, row.reached), align=Align.RIGHT),
        Column("why", tr("Why they differ"), lambda row: on_ground(row, text_cell(row.why, ink=Ink.TEXT2, tip=row.why or None))),
    )  # fmt: skip
