"""Strategies that are over: they stay in the store and are read when they are shown. Memory keeps how many there are, what
they gained together, and the few that ended last; so a program that runs for years is no larger for what is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from rebalancer_gui.application.ended_total import EndedTotal, ended_totals
from rebalancer_gui.application.ports import Store
from rebalancer_gui.application.records import EndedStrategy
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.market import Quote, QuoteFault, symbol_of
from rebalancer_gui.domain.money import HUNDRED, ZERO, total
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.domain.valuation import Holding, Snapshot

NEWEST = 10
"""So many that ended last stand in each picture of the account; older ones are asked for."""
_READ_AT_ONCE = 10


class Shelf:
    """Of one account. Engine thread only; the store must be open. What is here is never changed: :meth:`take` it first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._totals: dict[str, EndedTotal] = {}
        self.revision = 0
        """Grows with every change of what is here."""

    def open(self) -> None:
        """At a start: how many there are and what they gained."""
        for strategy in self.all():
            self._count(1, strategy)

    @property
    def totals(self) -> Mapping[str, EndedTotal]:
        """By their money; how many there are and what they come to."""
        return self._totals

    @property
    def count(self) -> int:
        return sum(one.count for one in self._totals.values())

    @property
    def profit(self) -> Decimal:
        """Of all of them together, whatever their money is."""
        return total(one.profit for one in self._totals.values())

    def newest(self) -> tuple[StrategyRuntime, ...]:
        """Those that ended last, the very last first."""
        return self.page(None, NEWEST)

    def page(self, before: str | None, limit: int) -> tuple[StrategyRuntime, ...]:
        """Those that ended before the one of the id ``before`` (None: from the newest), the last first."""
        return tuple(runtime_of(ended) for ended in self._store.ended(before, limit))

    def all(self) -> Iterator[StrategyRuntime]:
        """Every one, the last to end first; one page of them is in memory at a time."""
        before: str | None = None
        while page := self.page(before, _READ_AT_ONCE):
            yield from page
            before = page[-1].id

    def find(self, strategy_id: str) -> StrategyRuntime | None:
        """One of them, to be looked at."""
        found = self._store.ended_one(strategy_id)
        return runtime_of(found) if found is not None else None

    def take(self, strategy: StrategyRuntime) -> None:
        """Something of it is to be booked after all: it is no longer counted here until it is put back."""
        self._count(-1, strategy)

    def put(self, strategy: StrategyRuntime) -> None:
        """It is over, stored, and nothing of it is open."""
        self._count(1, strategy)

    def _count(self, by: int, strategy: StrategyRuntime) -> None:
        record = strategy.record
        traded = record.started_at is not None
        ended_totals(self._totals, record.parameters.quote, strategy.scorecard(), by, traded=traded)
        self.revision += 1


def runtime_of(ended: EndedStrategy) -> StrategyRuntime:
    """A strategy that is over as it stands while the engine runs, with what it held last."""
    record = ended.record
    return StrategyRuntime(
        record,
        added=ended.added,
        removed=ended.removed,
        rebalances=ended.rebalances,
        skipped=ended.skipped,
        fees_paid=ended.fees_paid,
        flows=list(ended.flows),
        results=dict(ended.results),
        pool_fees=ended.pool_fees,
        last_snapshot=last_snapshot(ended),
        decision=ended.last,
        final=(ended.value, ended.hodl),
    )


def last_snapshot(ended: EndedStrategy) -> Snapshot:
    """What it held when it ended, at the prices at which that was given back; coins that were sold have quantity zero."""
    record = ended.record
    quote, at = record.parameters.quote, record.ended_at or record.created_at
    given = {row.asset: row for row in ended.given_back}
    worth = total(row.value for row in ended.given_back)
    cash = given[quote].amount if quote in given else ZERO
    left = tuple(Target(asset, ZERO) for asset in sorted(given.keys() - {*record.parameters.assets, quote}))
    rows = []
    for target in (*record.parameters.targets, *left):
        row = given.get(target.asset)
        amount, value = (row.amount, row.value) if row is not None else (ZERO, ZERO)
        rows.append(_holding(ended, target, amount, value, worth))
    unknown = any(row.fault is not None for row in rows)
    return Snapshot(0, at, quote, tuple(rows), cash, None if unknown else worth)


def _holding(ended: EndedStrategy, target: Target, amount: Decimal, value: Decimal, worth: Decimal) -> Holding:
    """A coin without any price was given back at no value: what it was worth is not known."""
    symbol, at = symbol_of(target.asset, ended.record.parameters.quote), ended.record.ended_at
    price = ended.prices.get(symbol) or (value / amount if amount > ZERO and value > ZERO else None)
    quote = Quote(symbol, price, price, price, at, at) if price is not None and at is not None else None
    if amount > ZERO and value == ZERO:
        return Holding(target.asset, amount, target.weight, quote, QuoteFault.MISSING, None, None, None)
    weight = value * HUNDRED / worth if worth > ZERO else None
    drift = weight - target.weight if weight is not None else None
    return Holding(target.asset, amount, target.weight, quote, None, value, weight, drift)
