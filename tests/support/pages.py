"""What a store does with lists of rows: pages by key, samples thinned and rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from rebalancer_gui.application.records import (
    FeeRow,
    FillRow,
    JournalEntry,
    OrderRow,
    RebalanceRecord,
    Record,
    RecordFilter,
    RecordPage,
    TransferRow,
)
from rebalancer_gui.domain.money import ZERO

_V = TypeVar("_V")
Row = TypeVar("Row", OrderRow, FillRow, FeeRow, RebalanceRecord, TransferRow, JournalEntry)
_SAMPLE_DIGITS = 12


def page(rows: list[Row], strategy_id: str | None, before: int | None, limit: int) -> tuple[Row, ...]:
    wanted = [
        row
        for row in rows
        if (strategy_id is None or row.strategy_id == strategy_id) and (before is None or row.key < before)
    ]
    return tuple(sorted(wanted, key=lambda row: row.key, reverse=True)[:limit])


def thinned(samples: list[tuple[datetime, _V]], limit: int) -> list[tuple[datetime, _V]]:
    if len(samples) <= limit:
        return samples
    first, last = samples[0], samples[-1]
    step = (last[0] - first[0]) / (limit - 1)
    kept: dict[int, tuple[datetime, _V]] = {}
    for sample in samples:
        kept.setdefault((sample[0] - first[0]) // step, sample)
    return [*(sample for sample in kept.values() if sample is not last), last]


def rounded(amount: Decimal) -> Decimal:
    if amount == ZERO:
        return ZERO
    return round(amount, _SAMPLE_DIGITS - 1 - amount.adjusted())


def by_strategy(flat: Mapping[tuple[str, str], _V]) -> dict[str, dict[str, _V]]:
    """What is kept by (strategy, asset), as the store's picture of its beginning has it."""
    found: dict[str, dict[str, _V]] = {}
    for (strategy_id, asset), kept in flat.items():
        found.setdefault(strategy_id, {})[asset] = kept
    return found


def record_page(
    rows: Sequence[Record], chosen: RecordFilter, before: int | None, after: int | None, skip: int, limit: int
) -> RecordPage:
    """As the port says, by looking at every row."""
    wanted = sorted((r for r in rows if is_chosen(r, chosen)), key=lambda r: r.key, reverse=after is None)
    wanted = [r for r in wanted if (before is None or r.key < before) and (after is None or r.key > after)]
    page = tuple(wanted[skip : skip + limit])
    return RecordPage(page, page[-1].key if len(wanted) > skip + limit else None)


def is_chosen(row: Record, chosen: RecordFilter) -> bool:
    """Whether a filter takes the row in."""
    at = row.fill.at if isinstance(row, FillRow) else row.at
    return (
        (chosen.strategy_id is None or row.strategy_id == chosen.strategy_id)
        and (not chosen.asset or _names(row, chosen.asset))
        and (not chosen.word or _word(row) == chosen.word)
        and (chosen.since is None or at >= chosen.since)
        and (chosen.until is None or at < chosen.until)
    )


def _names(row: Record, asset: str) -> bool:
    match row:
        case TransferRow():
            return row.asset == asset
        case JournalEntry():
            return asset in row.text
        case RebalanceRecord():
            return asset in {leg.asset for leg in row.legs} | {leg.asset for leg in row.skipped}
        case FillRow():
            return row.fill.symbol.startswith(f"{asset}/")
        case _:
            return row.symbol.startswith(f"{asset}/")


def _word(row: Record) -> str | None:
    match row:
        case OrderRow():
            return row.state.value
        case FillRow():
            return row.fill.side.value
        case RebalanceRecord():
            return row.outcome.value
        case TransferRow() | JournalEntry():
            return str(row.kind)
        case _:
            return None
