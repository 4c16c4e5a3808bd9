"""One strategy while the engine runs: the stored record plus what is only known in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.application.look import Look
from rebalancer_gui.application.ports import StoredState
from rebalancer_gui.application.proposal import Proposal
from rebalancer_gui.application.records import RebalanceRecord
from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.coin_result import NO_RESULT, CoinResult, left
from rebalancer_gui.domain.market import MarketRules
from rebalancer_gui.domain.money import ONE, ZERO
from rebalancer_gui.domain.money_weighted import Flow
from rebalancer_gui.domain.orders import OrderIntent
from rebalancer_gui.domain.performance import (
    Scorecard,
    annualised_percent,
    score,
    time_weighted_return,
    value_at_mid,
)
from rebalancer_gui.domain.protection import Confirmation, Watch
from rebalancer_gui.domain.strategy import EndReason, HaltKind, State, StrategyRecord, TimeRule
from rebalancer_gui.domain.triggers import RebalanceReason, TickGrid, next_tick_at
from rebalancer_gui.domain.valuation import Snapshot

Results = dict[str, CoinResult]


@dataclass(slots=True)
class StrategyRuntime:
    """Mutable, engine thread only. Amounts in quote units; ``hodl`` in units per asset."""

    record: StrategyRecord
    hodl: Mapping[str, Decimal] = field(default_factory=dict)
    added: Decimal = ZERO
    removed: Decimal = ZERO
    flows: list[Flow] = field(default_factory=list)
    """What ``added`` and ``removed`` add up, each at its moment, oldest first."""
    rebalances: int = 0
    skipped: int = 0
    fees_paid: Decimal = ZERO
    costs: dict[str, Decimal | None] = field(default_factory=dict)
    """What the coins that are held cost, in quote units, fees included (None = not known)."""
    results: dict[str, CoinResult] = field(default_factory=dict)
    """Per coin that is or was held: the strategy's own basis, and what was realised."""
    pool_fees: tuple[Decimal, Decimal] = (ZERO, ZERO)
    """What the free pool paid in BNB for its fees and what it got back of them, in quote units."""
    look: Look | None = None
    """At the newest quotes."""
    last_snapshot: Snapshot | None = None
    """What it held when it ended, of one that was read back from the store."""
    last_check: datetime | None = None
    bands: Mapping[str, Decimal] = field(default_factory=dict)
    """What each coin might be off by at the newest check, in pp."""
    forced: RebalanceReason | None = None
    asked: int = 0
    """Counts the rebalances that were asked for: one that comes while another runs is not lost."""
    removal: tuple[Decimal, RemovalMethod] | None = None
    """A removal that was asked for and has not begun: amount in quote units and how it is split."""
    open_removal: RebalanceRecord | None = None
    """A removal whose sells are sent and whose money has not gone to the free pool yet."""
    confirmations: dict[Watch, Confirmation] = field(default_factory=dict)
    """How often in a row each level was seen reached."""
    late: dict[Watch, bool] = field(default_factory=dict)
    """Whether a level was passed already when it was first looked at since the program's start, or since Resume."""
    decision: str = ""
    newest: RebalanceRecord | None = None
    """The newest rebalance, for counting equal skipped attempts in one row and for the message on screen."""
    unresolved: dict[str, OrderIntent] = field(default_factory=dict)
    """Orders on their way or with an open outcome, by client order id; nothing else is sent meanwhile."""
    foreign: set[str] = field(default_factory=set)
    """Of these: client order ids under which the venue knows somebody else's order."""
    final: tuple[Decimal, Decimal] | None = None
    """Value paid out and HODL value at the end, once it has ended."""
    obstructed: bool = False
    """The rule has triggered and nothing could be sent: the screen says so until that changes."""
    refusals: int = 0
    """Orders the venue refused in a row."""
    refused_words: list[str] = field(default_factory=list)
    """What it said to each of them, as far as this run saw it."""
    broke_rules: dict[str, Mapping[str, MarketRules]] = field(default_factory=dict)
    """Markets whose filters refused its last order there, with the rules by which that order was planned."""
    proposal: Proposal | None = None
    """A rebalance that waits for its owner's word, or that is only shown (watch only)."""
    not_before: datetime | None = None
    """Its owner said "not now": nothing is proposed before that time."""
    busy: bool = False
    """It is being checked or traded at this moment; a command that comes meanwhile must not close its books."""
    halt_reason: str = ""
    """Why it is to be halted as soon as the running rebalance is over ("" = it is not)."""
    halt_kind: HaltKind | None = None

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def name(self) -> str:
        return self.record.parameters.name

    @property
    def snapshot(self) -> Snapshot | None:
        """At the newest quotes; None before the first."""
        return self.look.snapshot if self.look is not None else self.last_snapshot

    @property
    def is_active(self) -> bool:
        """Whether quotes are to be looked at for it."""
        return self.record.state in {State.BUILDING, State.RUNNING, State.STOPPING}

    @property
    def is_closed(self) -> bool:
        """It is over, and nothing of it is on its way."""
        over = self.record.state is State.ENDED and not self.busy
        return over and not self.unresolved and self.open_removal is None

    def watch_from_now(self) -> None:
        """Its levels begin to be watched at this moment: none was passed unseen, none is confirmed yet."""
        self.confirmations.clear()
        self.late = dict.fromkeys(Watch, False)

    def forget_portfolio(self) -> None:
        """It has ended: what only a portfolio needs goes, what the screen shows of it stays."""
        self.hodl = {}
        self.costs.clear()
        self.confirmations.clear()
        self.late.clear()

    def flow_in(self, at: datetime, value: Decimal) -> None:
        """``value`` in quote units was put in; < 0 where coins that waited for the start were worth less by then."""
        self.added += value
        self.flows.append(Flow(at, value))

    def flow_out(self, at: datetime, value: Decimal) -> None:
        """``value`` in quote units was taken out."""
        self.removed += value
        self.flows.append(Flow(at, -value))

    def results_after(self, held: Mapping[str, Decimal], leaving: Iterable[tuple[str, Decimal, Decimal]]) -> Results:
        """Of the coins that leave otherwise than by a trade: (asset, quantity, worth in quote units) each; ``held`` before.
        Quote money has no result.
        """
        return {
            asset: left(self.results.get(asset, NO_RESULT), held.get(asset, ZERO), quantity, worth)
            for asset, quantity, worth in leaving
            if asset != self.record.parameters.quote
        }

    def ask(self, reason: RebalanceReason) -> None:
        """A rebalance without threshold or gate is wanted."""
        self.forced = reason
        self.asked += 1

    @property
    def pool_cost(self) -> Decimal:
        """What its fees cost the free pool, less what it got back of them, in quote units."""
        paid, back = self.pool_fees
        return paid - back

    @property
    def only_gives_back(self) -> bool:
        """It is being stopped and keeps its coins: that needs no order, so nothing can forbid it."""
        record = self.record
        never_built = record.reason in {EndReason.TRIGGER_CANCELLED.value, EndReason.NO_BALANCE.value}
        return record.state is State.STOPPING and (never_built or not record.parameters.sell_all_on_stop)

    @property
    def grid(self) -> TickGrid:
        """The grid of the time rule; starts when the strategy began to run."""
        record = self.record
        return TickGrid(record.grid_from or record.started_at or record.created_at, record.last_tick)

    def next_check(self) -> datetime | None:
        """When its rule is looked at again; None when that is at the next quote or never."""
        if self.record.state is not State.RUNNING:
            return None
        rule = self.record.parameters.rule
        if not isinstance(rule, TimeRule):
            return self.last_check + rule.check_period if self.last_check is not None else None
        return next_tick_at(rule, self.grid)

    def check_is_due(self, now: datetime) -> bool:
        """By ratio and auto band: the check period has passed. By time: always, the grid decides."""
        rule = self.record.parameters.rule
        if isinstance(rule, TimeRule) or self.last_check is None:
            return True
        return now - self.last_check >= rule.check_period

    def hodl_value(self) -> Decimal | None:
        """Value of the HODL line at the quotes of the newest snapshot; None while one of them is missing."""
        if not self.hodl or self.snapshot is None:
            return None
        quotes = {h.quote.symbol: h.quote for h in self.snapshot.holdings if h.quote is not None}
        return value_at_mid(self.hodl, self.snapshot.quote_asset, quotes)

    def scorecard(self) -> Scorecard:
        """The figures of the strategies table; for an ended strategy those of its end."""
        if self.final is not None:
            paid, hodl = self.final
            card = score(value=ZERO, added=self.added, removed=self.removed, hodl_value=None, pool_fees=self.pool_cost)
            versus = (paid / hodl - 1) * 100 if hodl > ZERO else None
            # What was paid out at the end is its value here, so it is not taken off what was put in a second time.
            invested = card.net_invested + paid
            ended = replace(card, value=paid, net_invested=invested, hodl_value=hodl, versus_hodl=versus)
            return self._with_returns(ended, paid)
        value = self._value()
        card = score(
            value=value,
            added=self.added,
            removed=self.removed,
            hodl_value=self.hodl_value(),
            pool_fees=self.pool_cost,
        )
        return self._with_returns(card, value) if value is not None else card

    def returned(self) -> Decimal | None:
        """The time-weighted return in percent as of the newest snapshot; None while its value is not known."""
        if self.final is not None:
            return self.scorecard().time_weighted
        value = self._value()
        return self._return_at(value) if value is not None else None

    def _value(self) -> Decimal | None:
        if self.record.state is State.BUILDING and not self.hodl:
            return self.added - self.removed
        return self.snapshot.known_value if self.snapshot is not None else None

    def _return_at(self, value: Decimal) -> Decimal | None:
        record = self.record
        if record.state is State.WAITING or (record.growth_base == ZERO and record.growth == ONE):
            return None
        return time_weighted_return(record.growth, record.growth_base, value)

    def _with_returns(self, card: Scorecard, value: Decimal) -> Scorecard:
        record, returned = self.record, self._return_at(value)
        if returned is None:
            return card
        until = record.ended_at or (self.snapshot.at if self.snapshot is not None else None)
        if record.started_at is None or until is None:
            return replace(card, time_weighted=returned)
        return replace(card, time_weighted=returned, annualised=annualised_percent(returned, until - record.started_at))


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
            list(state.dated_flows.get(record.id, ())),
            done,
            skipped,
            state.fees_value.get(record.id, ZERO),
            costs=dict(state.costs.get(record.id, {})),
            results=dict(state.results.get(record.id, {})),
            pool_fees=state.pool_fees.get(record.id, (ZERO, ZERO)),
        )
    return found
