"""What the engine knows of one account, and the one way in which it changes: booked, stored, told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.application.candle_port import CandleSource
from rebalancer_gui.application.caps_port import MarketCapSource
from rebalancer_gui.application.journal import Journal
from rebalancer_gui.application.live_port import LiveSide
from rebalancer_gui.application.paper_port import DemoControls, PaperControls
from rebalancer_gui.application.ports import (
    EventSink,
    IdSource,
    Keeper,
    StopSignal,
    Store,
    Venue,
)
from rebalancer_gui.application.preset_port import PresetSide
from rebalancer_gui.application.price_guard import PriceGuard
from rebalancer_gui.application.price_port import PriceFollower
from rebalancer_gui.application.rail_settings import RAILS_KEY, TRADING_KEY, from_text, mode_from_text
from rebalancer_gui.application.rails import Rails
from rebalancer_gui.application.records import FeeRow
from rebalancer_gui.application.search import Search
from rebalancer_gui.application.strategies import Strategies
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.application.valuing import Valuing, holdings
from rebalancer_gui.application.venue_gate import VenueGate
from rebalancer_gui.application.venue_time import VenueTime
from rebalancer_gui.application.wallet import Wallet
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.ledger import Entry
from rebalancer_gui.domain.market import FeeSchedule, MarketRules, MarketStatus, Quote, symbol_of
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.orders import OrderIntent
from rebalancer_gui.domain.performance import grown
from rebalancer_gui.domain.presets import PresetDefinition
from rebalancer_gui.domain.rails import RailSet
from rebalancer_gui.domain.strategy import OCCUPYING, StrategyRecord, TradingMode
from rebalancer_gui.domain.valuation import Marks

SEQ_KEY, IDS_KEY, STOP_ALL_KEY, BNB_FEES_KEY = "snapshot_seq", "ids_position", "stop_all", "pay_fees_with_bnb"
MISSING_KEY = "missing"
IDENTITY_KEY = "venue_identity"


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
    paper: PaperControls | None = None
    stop_signal: StopSignal | None = None
    app_version: str = ""
    """Stands in each order's row."""
    rails: RailSet = field(default_factory=RailSet)
    """The safety rails of this kind of account, as they are without its owner's settings."""
    trading: TradingMode = TradingMode.AUTO
    """What it does when a rule triggers, until its owner chooses."""
    calls_per_minute: int | None = None
    """How often the venue may be asked (None: it does not count)."""
    keeper: Keeper | None = None
    live: LiveSide | None = None
    """What is known of the exchange behind it (None: no real money)."""
    prices: PriceFollower | None = None
    """Is told which markets are needed (None: the venue quotes all of them)."""
    candles: CandleSource | None = None
    preset_side: PresetSide = field(default_factory=PresetSide)


@dataclass(slots=True)
class Account:
    """Mutable, engine thread only. Made by :func:`open_account` in ``recovery``."""

    setup: AccountSetup
    emit: EventSink
    wallet: Wallet
    journal: Journal
    strategies: Strategies
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
    single_flight: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from the storing of an order to the end of its booking: one at a time per account (ORDERS.md rule 4)."""
    searches: dict[str, Search] = field(default_factory=dict)
    done: dict[str, OrderIntent] = field(default_factory=dict)
    """Orders that are over and booked but for a fee that is not known yet; ``searches``: look-ups of open ones."""
    gate: VenueGate = field(init=False)
    time: VenueTime = field(init=False)
    rails: Rails = field(init=False)
    valuing: Valuing = field(init=False)
    trading: TradingMode = field(init=False)
    rules_in_doubt: bool = False
    """An order was refused: the markets' rules are read anew before the next plan."""
    paused_for_answer: bool = False
    """The demo market stands still because a proposal waits for its owner's word."""
    last_decision: str = ""
    halted: str = ""
    """Why the whole account trades no more ("" = it does)."""
    halted_advice: str = ""
    """What helps ("" = nothing is known but to look at the journal and start again)."""
    lost_right: str = ""
    """The venue's words when it refused an order because the account or key may not trade ("" = it may)."""
    pay_fees_with_bnb: bool = False
    unbooked_transfer: bool = False
    """A transfer was made through the program itself and is not booked yet: one look is enough, as soon as no order is in
    flight. Until then the free pool may hold less than the ledger says.
    """
    untold_fees: list[FeeRow] = field(default_factory=list)
    """Returned fees, oldest first, that the paper venue has not booked yet: until then nothing is compared."""
    missing: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    """Per asset and strategy id: units that a strategy owns by the ledger and the venue does not hold, until its owner
    decides. Once proposed the parts stay: what one strategy has booked as gone is not asked of it again.
    """
    renames: dict[str, str] = field(default_factory=dict)
    """Old name to new name of coins that the venue seems to have renamed, until their owner decides."""
    ending: bool = False
    """The engine is asked to stop: no further strategy gets its turn in the batch that is being dealt with."""
    batch_at: datetime | None = None
    """The time of the newest batch that strategies looked at, ``turned`` are those that did."""
    turned: set[str] = field(default_factory=set)
    resumed: bool = False
    """The newest batch was begun before the last stop: who had a turn then has none again at its moment."""
    sampled_at: datetime | None = None
    """When value and prices were sampled last."""

    def __post_init__(self) -> None:
        self.gate = VenueGate(self.setup.venue, self.setup.calls_per_minute, self.setup.prices)
        self.time = VenueTime(self.gate, same=self.setup.demo is not None)
        rails = from_text(self.setup.rails, self.values.get(RAILS_KEY, ""))
        self.valuing = Valuing(self.wallet)
        self.rails = Rails(rails, self.store, self.guard, self.quotes, self.strategies)
        self.trading = mode_from_text(self.values.get(TRADING_KEY, ""), self.setup.trading)

    @property
    def name(self) -> str:
        return self.setup.name

    @property
    def venue(self) -> Venue:
        return self.gate

    @property
    def store(self) -> Store:
        return self.setup.store

    @property
    def presets(self) -> tuple[PresetDefinition, ...]:
        """The program's, then those of its owner."""
        return (*self.setup.presets, *self.setup.preset_side.own())

    def now(self) -> datetime:
        """Our time (UTC)."""
        return self.venue.clock.now()

    def venue_now(self) -> datetime:
        """The venue's time, as far as it was measured: what its fence is counted in."""
        return self.time.now()

    @property
    def quote_asset(self) -> str:
        return self.venue.quote_assets[0]

    @property
    def may_order(self) -> bool:
        """Whether a new order may be begun at all; asked just before each one."""
        if self.stopping or self.stop_all or self.halted or self.no_right or self.hold or self.locked:
            return False
        if self.trading is TradingMode.WATCH:
            return False
        signal = self.setup.stop_signal
        return signal is None or not signal.is_set()

    @property
    def why_no_orders(self) -> str:
        """Why no order may be begun now, in a sentence with the way out; "" when one may."""
        if self.may_order:
            return ""
        if self.halted:
            return f"The account is halted: {self.halted}"
        if self.locked:
            return f"Nothing is sent: {self.locked}"
        if self.trading is TradingMode.WATCH and not self.stop_all:
            return "The account is on watch only, so nothing is sent: switch trading on in Settings first."
        if self.hold and not self.stop_all:
            return f"No orders are sent: {self.hold}."
        return "Trading is stopped: press Resume trading first."

    @property
    def only_watches(self) -> bool:
        """Whether rules are looked at only to show what would be traded."""
        return self.trading is TradingMode.WATCH and not (
            self.stopping or self.stop_all or self.halted or self.no_right
        )

    @property
    def locked(self) -> str:
        """Why the key of a live account cannot be had, with what to do; "" when it is there. Only prices come until then."""
        return self.setup.live.locked if self.setup.live is not None else ""

    @property
    def no_right(self) -> str:
        """The venue's words when account or key may not trade, or the key is refused altogether ("" = it may)."""
        return self.lost_right or self.gate.key_refused

    def try_right_again(self) -> None:
        """The next order, or the next question, finds out whether it may trade again."""
        self.lost_right = ""
        self.gate.key_works_again()

    @property
    def hold(self) -> str:
        """Why no order is begun for a while, which passes by itself; "" when none holds."""
        return self.gate.pause or self.time.hold()

    def is_sending(self) -> bool:
        """Whether an order is on its way or being booked."""
        return self.posting or self.single_flight.locked()

    @property
    def may_trade(self) -> bool:
        """Whether any strategy could send an order when prices move."""
        return self.may_order and any(strategy.is_active for strategy in self.strategies.values())

    @property
    def occupied(self) -> int:
        """Strategies that count among the 20."""
        return sum(s.record.state in OCCUPYING for s in self.strategies.values())

    def strategy(self, strategy_id: str) -> StrategyRuntime:
        """To be looked at, also when it is over. Raises InvalidInput for an unknown id."""
        found = self.strategies.find(strategy_id)
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

    @property
    def shortages(self) -> dict[str, Decimal]:
        """What is missing at the venue of each asset, over all strategies."""
        return {asset: total(parts.values()) for asset, parts in self.missing.items()}

    def missing_of(self, strategy_id: str) -> tuple[tuple[str, Decimal], ...]:
        """(asset, units) of one strategy that are missing at the venue."""
        return tuple((a, parts[strategy_id]) for a, parts in sorted(self.missing.items()) if strategy_id in parts)

    def save(self, record: StrategyRecord) -> None:
        """Write ``record``; stands inside :meth:`change`. A new version of its parameters holds from now on."""
        self.store.save_strategy(record, self.venue.clock.now())

    @property
    def closed_symbols(self) -> frozenset[str]:
        """Markets that take no orders now."""
        return frozenset(s for s, market in self.rules.items() if market.status is not MarketStatus.TRADING)

    def frozen(self, strategy: StrategyRuntime) -> tuple[str, ...]:
        """Its coins, in the portfolio or left over, whose market is closed or unknown."""
        quote = strategy.record.parameters.quote
        assets = dict.fromkeys((*strategy.record.parameters.assets, *self.holdings(strategy)))
        return tuple(a for a in assets if a != quote and not self.is_open(symbol_of(a, quote)))

    def is_open(self, symbol: str) -> bool:
        """Whether the market takes orders."""
        return (market := self.rules.get(symbol)) is not None and market.status is MarketStatus.TRADING

    def holdings(self, strategy: StrategyRuntime) -> dict[str, Decimal]:
        """What a strategy owns by asset; reservations of its open orders count as its own."""
        return holdings(self.wallet, strategy)

    def value_all(self) -> None:
        """A new look at every strategy that still holds something."""
        marks = self._marks()
        calm = self.valuing.calm_at(marks, self.venue.stale_after)
        for strategy in self.strategies.values():
            if strategy.final is None:
                self.seq += 1
                self.valuing.look_at(strategy, self.seq, marks, self.rules, calm)

    def value_one(self, strategy: StrategyRuntime) -> None:
        """A new look at one strategy at the newest quotes; reservations of its open orders count as its own."""
        self.seq += 1
        self.valuing.look_at(strategy, self.seq, self._marks(), self.rules)

    def _marks(self) -> Marks:
        """Quotes and rules as they are now: what is worked out later rests on no newer ones."""
        rules = self.rules

        def is_closed(symbol: str) -> bool:
            return (market := rules.get(symbol)) is not None and market.status is not MarketStatus.TRADING

        return Marks(dict(self.quotes), self.venue.clock.now(), self.venue.stale_after, is_closed)

    def fair_value(self, strategy: StrategyRuntime) -> Decimal:
        """What a strategy is worth for a booking that cannot wait: where a coin has no price, at the last one known."""
        quote = strategy.record.parameters.quote
        return total(self.last_worth(asset, amount, quote) for asset, amount in self.holdings(strategy).items())

    def last_worth(self, asset: str, amount: Decimal, money: str) -> Decimal:
        """``amount`` of ``asset`` in units of ``money`` at the present price, else at the last stored one, else zero."""
        worth = self.worth(asset, amount, money)
        if worth is not None:
            return worth
        samples = self.store.price_samples(symbol_of(asset, money), None, 2)
        return amount * samples[-1][1] if samples else ZERO

    def flow(self, record: StrategyRecord, value: Decimal, amount: Decimal) -> StrategyRecord:
        """``record`` with a flow of ``amount`` (quote units, < 0 goes out) at a moment at which it is worth ``value``.

        The time-weighted return takes the stretch up to here in, and goes on from the value after the flow.
        """
        return replace(
            record,
            growth=grown(record.growth, record.growth_base, value),
            growth_base=max(value + amount, ZERO),
        )

    def note(self, strategy: StrategyRuntime | None, kind: str, text: str) -> None:
        """A sentence for the journal; a decision is also what the strategies table shows."""
        if strategy is not None:
            strategy.decision = text
        self.last_decision = text
        self.journal.note(strategy.id if strategy else "", kind, text, self.venue.clock.now())

    def free_value(self) -> Decimal | None:
        """The free pool in quote units; None when an asset in it has no price. See :attr:`unpriced`."""
        worth = ZERO
        for asset, amount in self.wallet.free.items():
            if asset in self.unpriced:
                continue
            of_asset = self.worth(asset, amount, self.quote_asset)
            if of_asset is None:
                return None
            worth += of_asset
        return worth

    @property
    def unpriced(self) -> frozenset[str]:
        """Assets in the free pool that no market of the account's money quotes any more: they count for nothing."""
        money = self.quote_asset
        free = self.wallet.free
        return frozenset(a for a in free if a != money and not self.is_open(symbol_of(a, money)))

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
