"""Small stand-ins behind the ports, for tests that must not touch the disk. Each passes its port's contract suite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from rebalancer_gui.application.ports import StoredState
from rebalancer_gui.application.records import (
    EndedStrategy,
    EquitySample,
    Evidence,
    FeeRow,
    FillRow,
    JournalEntry,
    OrderRow,
    Outcome,
    RebalanceRecord,
    TransferKind,
    TransferRow,
)
from rebalancer_gui.domain.coin_result import CoinResult
from rebalancer_gui.domain.errors import FileDamaged, InvariantBroken, StoreUnavailable
from rebalancer_gui.domain.ledger import Entry
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Fill, IntentState, OrderIntent
from rebalancer_gui.domain.strategy import State, StrategyParameters, StrategyRecord
from tests.support import sums
from tests.support.fake_records import FakeRecords
from tests.support.pages import by_strategy, page, rounded, thinned
from tests.support.undo_log import UndoLog

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One appended change of an order, for tests that look at its course."""

    client_order_id: str
    at: datetime
    state: str


class FakeStore(FakeRecords):
    """`application.ports.Store` in memory. What was committed stays over `close()` and `open()`, as in a file.

    `disk_full = True` makes every commit fail as a full disk does; `commits` counts what was committed. Set `on_commit`
    to look at the store after every committed transaction.
    """

    def __init__(self, account: str = "paper") -> None:
        self.account = account
        self.disk_full = False
        self.commits = 0
        self.on_commit: Callable[[], None] | None = None
        self._log = UndoLog()
        self._opened = False
        self._strategies: dict[str, StrategyRecord] = {}
        self.parameter_versions: dict[tuple[str, int], StrategyParameters] = {}
        self._version_times: dict[tuple[str, int], datetime] = {}
        self._hodl: dict[str, dict[str, Decimal]] = {}
        self._costs: dict[tuple[str, str], Decimal | None] = {}
        self._results: dict[tuple[str, str], CoinResult] = {}
        self._fee_returns: list[FeeRow] = []
        self._rebalances: dict[str, RebalanceRecord] = {}
        self._intents: dict[str, OrderIntent] = {}
        self._intent_keys: dict[str, int] = {}
        self.order_events: list[OrderEvent] = []
        self._fills: dict[tuple[str, str], Fill] = {}
        self._fills_of: dict[str, tuple[Fill, ...]] = {}
        self.entries: list[Entry] = []
        self._balances: dict[tuple[str, str], Decimal] = {}
        self._evidence: list[Evidence] = []
        self._transfers: list[TransferRow] = []
        self._journal: dict[str, JournalEntry] = {}
        self._equity: dict[str, dict[datetime, EquitySample]] = defaultdict(dict)
        self._prices: dict[str, dict[datetime, Decimal]] = defaultdict(dict)
        self._values: dict[str, str] = {}

    def open(self) -> None:
        self._opened = True

    def close(self) -> None:
        self._opened = False

    def load(self) -> StoredState:
        self._must_be_open()
        booked: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        for entry in self.entries:
            for posting in entry.postings:
                booked[posting.account, posting.asset] += posting.amount
        if {key: amount for key, amount in booked.items() if amount != ZERO} != self._balances:
            raise FileDamaged("the balances are not the sums of the postings")
        going = {sid: record for sid, record in self._strategies.items() if record.state is not State.ENDED}
        fees, fees_value = self._fees()

        def of_going(found: Mapping[str, V]) -> dict[str, V]:
            return {strategy_id: value for strategy_id, value in found.items() if strategy_id in {*going, ""}}

        return StoredState(
            strategies=tuple(going.values()),
            open_intents=tuple(i for i in self._intents.values() if not i.state.is_final),
            balances=dict(self._balances),
            hodl=of_going({strategy_id: dict(units) for strategy_id, units in self._hodl.items()}),
            counters=of_going(sums.counters(self._rebalances.values())),
            flows=of_going(sums.flows(self._transfers)),
            dated_flows=of_going(sums.dated_flows(self._transfers)),
            results=of_going(by_strategy(self._results)),
            fees=of_going(fees),
            fees_value=of_going(fees_value),
            open_rebalances=tuple(r for r in self._rebalances.values() if r.outcome is Outcome.RUNNING),
            journal_tail=of_going({entry.strategy_id: entry for entry in self._journal.values()}),
            costs=of_going(by_strategy(self._costs)),
            pool_fees=of_going(sums.pool_fees(self._fee_returns)),
            values=dict(self._values),
        )

    def _fees(self) -> tuple[dict[str, dict[str, Decimal]], dict[str, Decimal]]:
        owners = {cid: intent.strategy_id for cid, intent in self._intents.items()}
        quotes = {sid: record.parameters.quote for sid, record in self._strategies.items()}
        return sums.fees(self._fills.values(), owners, quotes)

    def ended(self, before: str | None, limit: int) -> tuple[EndedStrategy, ...]:
        self._must_be_open()
        return tuple(map(self._to_ended, sums.ended(self._strategies.values(), before, limit)))

    def ended_one(self, strategy_id: str) -> EndedStrategy | None:
        self._must_be_open()
        record = self._strategies.get(strategy_id)
        return self._to_ended(record) if record is not None and record.state is State.ENDED else None

    def _to_ended(self, record: StrategyRecord) -> EndedStrategy:
        own = [row for row in self._transfers if row.strategy_id == record.id]
        added, removed = sums.flows(own).get(record.id, (ZERO, ZERO))
        mine = [r for r in self._rebalances.values() if r.strategy_id == record.id]
        done, skipped = sums.counters(mine).get(record.id, (0, 0))
        line = sorted(self._equity.get(record.id, {}).items())
        said = [entry.text for entry in self._journal.values() if entry.strategy_id == record.id]
        lines = {symbol: self._prices.get(symbol, {}) for symbol in record.parameters.symbols}
        return EndedStrategy(
            record,
            value=line[-1][1].value if line else ZERO,
            hodl=line[-1][1].hodl if line else ZERO,
            added=added,
            removed=removed,
            rebalances=done,
            skipped=skipped,
            fees_paid=self._fees()[1].get(record.id, ZERO),
            pool_fees=sums.pool_fees(self._fee_returns).get(record.id, (ZERO, ZERO)),
            given_back=tuple(r for r in own if r.kind == TransferKind.RELEASED and r.at == record.ended_at),
            flows=sums.dated_flows(own).get(record.id, ()),
            results=by_strategy(self._results).get(record.id, {}),
            prices={s: of[record.ended_at] for s, of in lines.items() if record.ended_at and record.ended_at in of},
            last=said[-1] if said else "",
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._must_be_open()
        self._log.begin()
        committed = False
        try:
            yield
            if self.disk_full:
                raise StoreUnavailable("The disk is full.", "Free some space.")
            committed = True
        finally:
            self._log.end(keep=committed)
        self.commits += 1
        if self.on_commit is not None:
            self.on_commit()

    def save_strategy(self, record: StrategyRecord, at: datetime) -> None:
        self._own_account(record.account)
        version = (record.id, record.version)
        if self.parameter_versions.get(version, record.parameters) != record.parameters:
            raise InvariantBroken(f"the parameters of {record.id} changed without a new version")
        self._log.put(self._strategies, record.id, record)
        if version not in self.parameter_versions:
            self._log.put(self.parameter_versions, version, record.parameters)
            self._log.put(self._version_times, version, at)

    def versions(self, strategy_id: str) -> tuple[tuple[int, datetime, StrategyParameters], ...]:
        return tuple(
            (version[1], self._version_times[version], parameters)
            for version, parameters in sorted(self.parameter_versions.items(), key=lambda item: item[0])
            if version[0] == strategy_id
        )

    def save_hodl(self, strategy_id: str, units: Mapping[str, Decimal]) -> None:
        self._known(strategy_id)
        self._log.put(self._hodl, strategy_id, dict(units))

    def save_costs(self, strategy_id: str, costs: Mapping[str, Decimal | None]) -> None:
        self._known(strategy_id)
        self._log.must_be_open()
        for asset, cost in costs.items():
            self._log.put(self._costs, (strategy_id, asset), cost)

    def save_results(self, strategy_id: str, results: Mapping[str, CoinResult]) -> None:
        self._known(strategy_id)
        self._log.must_be_open()
        for asset, result in results.items():
            self._log.put(self._results, (strategy_id, asset), result)

    def save_fee_return(self, row: FeeRow) -> int:
        self._known(row.strategy_id)
        key = len(self._fee_returns) + 1
        self._log.append(self._fee_returns, replace(row, key=key))
        return key

    def save_rebalance(self, record: RebalanceRecord) -> int:
        self._known(record.strategy_id)
        present = self._rebalances.get(record.id)
        key = present.key if present is not None else len(self._rebalances) + 1
        self._log.put(self._rebalances, record.id, replace(record, key=key))
        return key

    def insert_intent(self, intent: OrderIntent) -> int:
        self._own_account(intent.account)
        self._known(intent.strategy_id)
        if intent.client_order_id in self._intents:
            raise InvariantBroken(f"the client order id {intent.client_order_id} is there already")
        self._log.put(self._intents, intent.client_order_id, intent)
        key = len(self._intents)
        self._log.put(self._intent_keys, intent.client_order_id, key)
        self._log.append(self.order_events, OrderEvent(intent.client_order_id, intent.sent_at, intent.state.value))
        return key

    def update_intent(self, intent: OrderIntent, at: datetime) -> None:
        present = self._intents.get(intent.client_order_id)
        if present is None:
            raise InvariantBroken(f"there is no order {intent.client_order_id} to update")
        if present != replace(
            intent,
            state=present.state,
            venue_order_id=present.venue_order_id,
            filled=present.filled,
            reason=present.reason,
        ):
            raise InvariantBroken(f"the order {intent.client_order_id} was changed after it was stored")
        self._log.put(self._intents, intent.client_order_id, intent)
        if intent.state is not present.state:
            self._log.append(self.order_events, OrderEvent(intent.client_order_id, at, intent.state.value))

    def insert_fill(self, account: str, strategy_id: str, fill: Fill) -> bool:
        self._own_account(account)
        intent = self._intents.get(fill.client_order_id)
        if intent is None or intent.strategy_id != strategy_id:
            raise InvariantBroken(f"the trade {fill.trade_id} belongs to no order of {strategy_id}")
        if (fill.symbol, fill.trade_id) in self._fills:
            return False
        self._log.put(self._fills, (fill.symbol, fill.trade_id), fill)
        self._log.put(self._fills_of, fill.client_order_id, (*self._fills_of.get(fill.client_order_id, ()), fill))
        return True

    def post(self, entry: Entry) -> None:
        self._log.append(self.entries, entry)
        for posting in entry.postings:
            key = (posting.account, posting.asset)
            amount = self._balances.get(key, ZERO) + posting.amount
            if amount == ZERO:
                self._log.drop(self._balances, key)
            else:
                self._log.put(self._balances, key, amount)

    def save_transfer(self, row: TransferRow) -> int:
        if row.strategy_id:
            self._known(row.strategy_id)
        key = len(self._transfers) + 1
        self._log.append(self._transfers, replace(row, key=key))
        return key

    def save_journal(self, entry: JournalEntry) -> int:
        if entry.strategy_id:
            self._known(entry.strategy_id)
        present = self._journal.get(entry.id)
        key = present.key if present is not None else len(self._journal) + 1
        self._log.put(self._journal, entry.id, replace(entry, key=key))
        return key

    def add_equity(self, samples: Sequence[EquitySample]) -> None:
        for sample in samples:
            self._known(sample.strategy_id)
            kept = replace(sample, value=rounded(sample.value), hodl=rounded(sample.hodl))
            self._log.put(self._equity[sample.strategy_id], sample.at, kept)

    def add_prices(self, at: datetime, prices: Mapping[str, Decimal]) -> None:
        for symbol, price in prices.items():
            self._log.put(self._prices[symbol], at, rounded(price))

    def set_value(self, key: str, value: str) -> None:
        self._log.put(self._values, key, value)

    def orders(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[OrderRow, ...]:
        self._must_be_open()
        return page([self._order_row(intent) for intent in self._intents.values()], strategy_id, before, limit)

    def fills(self, client_order_id: str) -> tuple[Fill, ...]:
        return self._fills_of.get(client_order_id, ())

    def absent_since(self, at: datetime) -> tuple[OrderIntent, ...]:
        return tuple(i for i in self._intents.values() if i.state is IntentState.ABSENT and i.sent_at >= at)

    def fees_due(self) -> tuple[FillRow, ...]:
        return tuple(
            FillRow(key, self._intents[fill.client_order_id].strategy_id, fill)
            for key, fill in enumerate(self._fills.values(), start=1)
            if not fill.fee_known
        )

    def save_true_up(self, fill: Fill) -> None:
        present = self._fills.get((fill.symbol, fill.trade_id))
        if present is None or present.fee_known:
            raise InvariantBroken(f"the fee of the trade {fill.trade_id} is not due")
        known = replace(present, fee=fill.fee, fee_asset=fill.fee_asset, fee_known=True)
        self._log.put(self._fills, (fill.symbol, fill.trade_id), known)
        of_order = tuple(known if f.trade_id == fill.trade_id else f for f in self._fills_of[present.client_order_id])
        self._log.put(self._fills_of, present.client_order_id, of_order)

    def add_evidence(self, evidence: Evidence) -> None:
        if evidence.client_order_id not in self._intents:
            raise InvariantBroken(f"there is no order {evidence.client_order_id} to find anything out about")
        self._log.append(self._evidence, evidence)

    def evidence(self, client_order_id: str) -> tuple[Evidence, ...]:
        return tuple(e for e in self._evidence if e.client_order_id == client_order_id)

    def all_fills(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[FillRow, ...]:
        rows = [
            FillRow(key, self._intents[fill.client_order_id].strategy_id, fill)
            for key, fill in enumerate(self._fills.values(), start=1)
        ]
        return page(rows, strategy_id, before, limit)

    def fees(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[FeeRow, ...]:
        return page(self._fee_returns, strategy_id, before, limit)

    def rebalances(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[RebalanceRecord, ...]:
        return page(list(self._rebalances.values()), strategy_id, before, limit)

    def transfers(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[TransferRow, ...]:
        return page(self._transfers, strategy_id, before, limit)

    def journal(self, strategy_id: str | None, before: int | None, limit: int) -> tuple[JournalEntry, ...]:
        return page(list(self._journal.values()), strategy_id, before, limit)

    def equity(self, strategy_id: str, since: datetime | None, limit: int) -> tuple[EquitySample, ...]:
        samples = sorted(self._equity.get(strategy_id, {}).items())
        return tuple(sample for _, sample in thinned([s for s in samples if since is None or s[0] >= since], limit))

    def price_samples(self, symbol: str, since: datetime | None, limit: int) -> tuple[tuple[datetime, Decimal], ...]:
        samples = sorted(self._prices.get(symbol, {}).items())
        return tuple(thinned([s for s in samples if since is None or s[0] >= since], limit))

    def _order_row(self, intent: OrderIntent) -> OrderRow:
        request = intent.request
        filled, cost, fees = ZERO, ZERO, dict[str, Decimal]()
        for fill in self.fills(intent.client_order_id):
            filled, cost = filled + fill.quantity, cost + fill.value
            if fill.fee != ZERO:
                fees[fill.fee_asset] = fees.get(fill.fee_asset, ZERO) + fill.fee
        return OrderRow(
            key=self._intent_keys[intent.client_order_id],
            at=intent.sent_at,
            strategy_id=intent.strategy_id,
            rebalance_id=intent.rebalance_id,
            client_order_id=intent.client_order_id,
            venue_order_id=intent.venue_order_id,
            symbol=request.symbol,
            side=request.side,
            type=request.type,
            quantity=request.quantity,
            price=request.limit_price,
            filled=filled,
            average=cost / filled if filled else None,
            cost=cost,
            fees=tuple(sorted(fees.items())),
            state=intent.state,
            reason=intent.reason,
        )

    def _known(self, strategy_id: str) -> None:
        if strategy_id not in self._strategies:
            raise InvariantBroken(f"there is no strategy {strategy_id} in the store")

    def _own_account(self, account: str) -> None:
        if account != self.account:
            raise InvariantBroken(f"a row of the account {account} was sent to the store of {self.account}")

    def _must_be_open(self) -> None:
        if not self._opened:
            raise InvariantBroken("the store is not open")
