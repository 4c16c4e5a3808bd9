"""What a store does with lists of rows: pages by key, samples thinned and rounded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from rebalancer_gui.application.records import FeeRow, FillRow, JournalEntry, OrderRow, RebalanceRecord, TransferRow
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
