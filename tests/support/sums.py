"""What `tests.fakes.FakeStore` adds up, by strategy: in plain Python what the file does in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from rebalancer_gui.application.records import FLOWS_IN, FLOWS_OUT, FeeRow, Outcome, RebalanceRecord, TransferRow
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.money_weighted import Flow
from rebalancer_gui.domain.orders import Fill
from rebalancer_gui.domain.performance import fee_value
from rebalancer_gui.domain.strategy import State, StrategyRecord


def counters(records: Iterable[RebalanceRecord]) -> dict[str, tuple[int, int]]:
    """Rebalances done or partly done, attempts skipped."""
    counted: dict[str, tuple[int, int]] = {}
    for record in records:
        done, skipped = counted.get(record.strategy_id, (0, 0))
        if record.outcome is Outcome.SKIPPED:
            skipped += record.repeats
        elif record.outcome in {Outcome.DONE, Outcome.PARTLY}:
            done += 1
        counted[record.strategy_id] = (done, skipped)
    return {strategy_id: pair for strategy_id, pair in counted.items() if pair != (0, 0)}


def flows(rows: Iterable[TransferRow]) -> dict[str, tuple[Decimal, Decimal]]:
    """Everything added, everything removed, in quote units."""
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for row in rows:
        added, removed = found.get(row.strategy_id, (ZERO, ZERO))
        if row.strategy_id and row.kind in FLOWS_IN:
            found[row.strategy_id] = (added + row.value, removed)
        elif row.strategy_id and row.kind in FLOWS_OUT:
            found[row.strategy_id] = (added, removed + row.value)
    return found


def dated_flows(rows: Iterable[TransferRow]) -> dict[str, tuple[Flow, ...]]:
    """Each of them at its moment, in quote units, < 0 what was taken out."""
    dated: dict[str, tuple[Flow, ...]] = {}
    for row in rows:
        if row.strategy_id and row.kind in FLOWS_IN | FLOWS_OUT:
            flow = Flow(row.at, row.value if row.kind in FLOWS_IN else -row.value)
            dated[row.strategy_id] = (*dated.get(row.strategy_id, ()), flow)
    return dated


def pool_fees(rows: Iterable[FeeRow]) -> dict[str, tuple[Decimal, Decimal]]:
    """What the free pool paid in BNB, and what it got back."""
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for row in rows:
        paid, refunded = found.get(row.strategy_id, (ZERO, ZERO))
        found[row.strategy_id] = (paid + row.paid_value, refunded + row.refunded_value)
    return found


def fees(
    fills: Iterable[Fill], owners: Mapping[str, str], quotes: Mapping[str, str]
) -> tuple[dict[str, dict[str, Decimal]], dict[str, Decimal]]:
    """Fees by asset, and their value in quote units. ``owners`` by client order id, ``quotes`` (money) by strategy."""
    amounts: dict[str, dict[str, Decimal]] = {}
    values: dict[str, Decimal] = {}
    for fill in fills:
        strategy_id = owners[fill.client_order_id]
        of_strategy = amounts.setdefault(strategy_id, {})
        if fill.fee != ZERO:
            of_strategy[fill.fee_asset] = of_strategy.get(fill.fee_asset, ZERO) + fill.fee
        values[strategy_id] = values.get(strategy_id, ZERO) + fee_value(fill, quotes[strategy_id])
    return (
        {strategy_id: found for strategy_id, found in amounts.items() if found},
        {strategy_id: worth for strategy_id, worth in values.items() if worth != ZERO},
    )


def ended(records: Iterable[StrategyRecord], before: str | None, limit: int) -> list[StrategyRecord]:
    """Those that are over, the last to end first, after the one of the id ``before``."""
    over = [record for record in records if record.state is State.ENDED][::-1]
    newest = sorted(over, key=lambda record: record.ended_at or record.created_at, reverse=True)
    begin = 0 if before is None else [record.id for record in newest].index(before) + 1
    return newest[begin : begin + limit]
