"""What the engine knows of one account, and the one way in which it changes: booked, stored, told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from rebalancer_gui.application.journal import Journal
from rebalancer_gui.application.ports import (
    DemoControls,
    EventSink,
    IdSource,
    MarketCapSource,
    Store,
    StoredState,
    Venue,
)
from rebalancer_gui.application.presets import PresetDefinition
from rebalancer_gui.application.price_guard import PriceGuard
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.application.wallet import Wallet
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.ledger import Entry
from rebalancer_gui.domain.market import FeeSchedule, MarketRules, Quote, symbol_of
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import OCCUPYING
from rebalancer_gui.domain.valuation import take_snapshot

SEQ_KEY, IDS_KEY, STOP_ALL_KEY = "snapshot_seq", "ids_position", "stop_all"


@dataclass(frozen=True, slots=True)
class AccountSetup:
    """What bootstrap puts together for one account. ``mode`` is the word on the mode plate."""

    name: str
    title: str
    mode: str
    venue: Venue
    store: Store
    ids: IdSource
    caps: MarketCapSource | None = None
    demo: DemoControls | None = None
    presets: tuple[PresetDefinition, ...] = ()


@dataclass(slots=True)
class Account:
    """Mutable, engine thread only. Made by :func:`open_account` in ``recovery``."""

    setup: AccountSetup
    emit: EventSink
    wallet: Wallet
    journal: Journal
    strategies: dict[str, StrategyRuntime]
    rules: Mapping[str, MarketRules]
    fees: FeeSchedule
    values: dict[str, str]
    quotes: dict[str, Quote] = field(default_factory=dict)
    guard: PriceGuard = field(default_factory=PriceGuard)
    seq: int = 0
    stop_all: bool = False
    stopping: bool = False
    """The engine is going down: no new order is begun."""
    posting: bool = False
    """An order is on its way to the venue."""
    last_decision: str = ""
    halted: str = ""
    """Why the whole account trades no more ("" = it does)."""

    @property
    def name(self) -> str:
        return self.setup.name

    @property
    def venue(self) -> Venue:
        return self.setup.venue

    @property
    def store(self) -> Store:
        return self.setup.store

    @property
    def quote_asset(self) -> str:
        return self.venue.quote_assets[0]

    @property
    def may_order(self) -> bool:
        """Whether a new order may be begun at all."""
        return not (self.stopping or self.stop_all or self.halted)

    @property
    def may_trade(self) -> bool:
        """Whether any strategy could send an order when prices move."""
        return self.may_order and any(strategy.is_active for strategy in self.strategies.values())

    @property
    def occupied(self) -> int:
        """Strategies that count among the 20."""
        return sum(s.record.state in OCCUPYING for s in self.strategies.values())

    def strategy(self, strategy_id: str) -> StrategyRuntime:
        """Raises InvalidInput for an unknown id."""
        found = self.strategies.get(strategy_id)
        if found is None:
            raise InvalidInput("strategies", f"There is no strategy {strategy_id} on the account {self.name}.")
        return found

    @contextmanager
    def change(self, *entries: Entry) -> Iterator[Store]:
        """One transaction: ``entries`` are checked and posted, the caller stores the rest, then memory follows.

        Nothing changes when anything in it raises.
        """
        self.wallet.check(entries)
        with self.store.transaction():
            for entry in entries:
                self.store.post(entry)
            yield self.store
            self.store.set_value(IDS_KEY, str(self.setup.ids.position))
            self.store.set_value(SEQ_KEY, str(self.seq))
        for entry in entries:
            self.wallet.apply(entry)

    def value_all(self) -> None:
        """A new snapshot of every strategy that still holds something."""
        for strategy in self.strategies.values():
            if strategy.final is None:
                self.value_one(strategy)

    def value_one(self, strategy: StrategyRuntime) -> None:
        """A new snapshot of one strategy at the newest quotes; reservations of its open orders count as its own."""
        self.seq += 1
        parameters = strategy.record.parameters
        quantities = {asset: self.wallet.strategy(strategy.id, asset) for asset in parameters.assets}
        cash = self.wallet.strategy(strategy.id, parameters.quote)
        for client_order_id in strategy.unresolved:
            cash += self.wallet.reserved(client_order_id, parameters.quote)
            for asset in parameters.assets:
                quantities[asset] += self.wallet.reserved(client_order_id, asset)
        strategy.snapshot = take_snapshot(
            seq=self.seq,
            at=self.venue.clock.now(),
            quote_asset=parameters.quote,
            targets=parameters.targets,
            quantities=quantities,
            cash=cash,
            quotes=self.quotes,
            stale_after=self.venue.stale_after,
        )

    def note(self, strategy: StrategyRuntime | None, kind: str, text: str) -> None:
        """A sentence for the journal; a decision is also what the strategies table shows."""
        if strategy is not None:
            strategy.decision = text
        self.last_decision = text
        self.journal.note(strategy.id if strategy else "", kind, text, self.venue.clock.now())

    def free_value(self) -> Decimal | None:
        """The free pool in quote units; None when an asset in it has no price."""
        worth = ZERO
        for asset, amount in self.wallet.free.items():
            of_asset = self.worth(asset, amount, self.quote_asset)
            if of_asset is None:
                return None
            worth += of_asset
        return worth

    def worth(self, asset: str, amount: Decimal, money: str) -> Decimal | None:
        """``amount`` of ``asset`` in units of ``money``: at the mid, where a side of the book is empty at the last trade;
        None without any price.
        """
        if asset == money:
            return amount
        quote = self.quotes.get(symbol_of(asset, money))
        if quote is None:
            return None
        if quote.fault(quote.at, None) is None:
            return amount * quote.mid
        return amount * quote.last if quote.last.is_finite() and quote.last > ZERO else None


def runtimes(state: StoredState) -> dict[str, StrategyRuntime]:
    """Strategies in the order of their creation, which is the one they were stored in: on the demo several are created at
    the same market time.
    """
    found = {}
    for record in state.strategies:
        done, skipped = state.counters.get(record.id, (0, 0))
        added, removed = state.flows.get(record.id, (ZERO, ZERO))
        found[record.id] = StrategyRuntime(
            record,
            state.hodl.get(record.id, {}),
            added,
            removed,
            done,
            skipped,
            state.fees_value.get(record.id, ZERO),
        )
    return found
