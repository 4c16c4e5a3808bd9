"""What the screen shows: frozen pictures of the engine's state, made by the engine, drawn by the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from rebalancer_gui.application.caps_port import CapsState
from rebalancer_gui.application.ended_total import EndedTotal
from rebalancer_gui.application.paper_port import DemoState, PaperState
from rebalancer_gui.application.proposal import Proposal
from rebalancer_gui.application.records import EquitySample, Evidence, OrderRow
from rebalancer_gui.domain.cashflow import AmountLimits
from rebalancer_gui.domain.coin_result import CoinResult
from rebalancer_gui.domain.market import FeeSchedule, Quote
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import VenueOrder
from rebalancer_gui.domain.performance import Scorecard
from rebalancer_gui.domain.planning import Plan
from rebalancer_gui.domain.preset_returns import AnnualisedReturn
from rebalancer_gui.domain.presets import Weighting
from rebalancer_gui.domain.rails import RailSet
from rebalancer_gui.domain.strategy import HaltKind, Rule, State, StrategyParameters, Target, TradingMode
from rebalancer_gui.domain.valuation import Snapshot


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """An order about which nothing could be proven: what each look-up said, oldest first, and the venue's orders that could
    be it. ``unlisted`` is why the venue could not be asked for those now ("" = it was). ``reserved``, in units of
    ``reserved_asset``, is what is still set aside for it.
    """

    order: OrderRow
    evidence: tuple[Evidence, ...]
    candidates: tuple[VenueOrder, ...]
    unlisted: str = ""
    reserved_asset: str = ""
    reserved: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class StrategyView:
    """One strategy as of the newest snapshot.

    ``decision`` is the newest decision in words; ``next_check`` is when it is looked at again (None = at the next
    quote or never); ``checking_order`` means an order's outcome is being looked up.
    """

    id: str
    parameters: StrategyParameters
    state: State
    reason: str
    advice: str
    snapshot: Snapshot | None
    score: Scorecard
    rebalances: int
    skipped: int
    fees_paid: Decimal
    """In quote units, at the price of each fee's moment."""
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    next_check: datetime | None
    decision: str
    checking_order: bool = False
    quarantined: tuple[str, ...] = ()
    """Client order ids of its orders that are its owner's to decide."""
    halt: HaltKind | None = None
    resumable: str = ""
    """While it is halted or paused: why Resume is not possible yet ("" = it is)."""
    frozen: tuple[str, ...] = ()
    """Its coins whose market is closed: they are neither bought nor sold."""
    missing: tuple[tuple[str, Decimal], ...] = ()
    """(asset, units) of it that are missing at the venue: its part of the proposal that AcceptShortage books."""
    renamed: tuple[tuple[str, str], ...] = ()
    """(old, new) names of its coins that AcceptRename takes over."""
    average_costs: Mapping[str, Decimal | None] = field(default_factory=dict)
    """Per coin that is held: average cost in quote units per unit, fees included; None = not known."""
    results: Mapping[str, CoinResult] = field(default_factory=dict)
    """Per coin that is or was held: the strategy's own basis, and what its trades in that coin have realised."""
    fees_returned: Decimal = ZERO
    """In quote units: what Pay fees with BNB saved."""
    bands: Mapping[str, Decimal] = field(default_factory=dict)
    """Per coin what it may be off by, in pp, as of its newest check."""
    version: int = 1
    """Counts the changes of its parameters, from 1."""
    message: str = ""
    """What the screen must say about the newest rebalance (the minimum-value message), else empty."""
    message_advice: str = ""
    waits: str = ""
    """While it is being stopped: what could not be sold yet and why ("" = nothing waits)."""
    priced_part: Decimal | None = None
    """While the value is not known because markets are closed: that of all but ``unpriced``, in quote units."""
    unpriced: tuple[str, ...] = ()
    """Coins that ``priced_part`` is without: no market quotes them."""
    proposal: Proposal | None = None
    """A rebalance that its rule has triggered and that waits for Approve, or (``only_shown``) is only shown."""


@dataclass(frozen=True, slots=True)
class AccountView:
    """The whole account as of one moment; the newest replaces older ones.

    ``at`` is the account's clock (market time on the demo), ``total`` and ``today`` are in ``quote``; ``free`` is the
    free pool by asset; ``quotes`` all known quotes by symbol; ``price_age`` seconds since the newest quote (wall time).
    """

    account: str
    title: str
    mode: str
    quote: str
    at: datetime
    total: Decimal | None
    today: Decimal | None
    today_percent: Decimal | None
    free: Mapping[str, Decimal]
    quotes: Mapping[str, Quote]
    fees: FeeSchedule
    strategies: tuple[StrategyView, ...]
    demo: DemoState | None
    stop_all: bool
    engine: str
    """``running``, ``paused``, ``stopped``, ``halted`` ... in one word for the status strip."""
    next_check: datetime | None
    last: str
    """The newest decision of any strategy in words."""
    halted: str = ""
    """Why the whole account trades no more ("" = it does)."""
    halted_advice: str = ""
    """What helps against that ("" = nothing but to look at the journal)."""
    pay_fees_with_bnb: bool = False
    unpriced: tuple[str, ...] = ()
    """Assets of the free pool and of strategies that no market quotes (any more): they are not in ``total``."""
    paper: PaperState | None = None
    """What can be changed by hand on a paper account; None on any other."""
    rails: RailSet = field(default_factory=RailSet)
    """The account's safety rails with their settings."""
    trading: TradingMode = TradingMode.AUTO
    locked: str = ""
    """Why the key of a live account cannot be had, with what to do: it only watches until then ("" = it is there)."""
    caps: CapsState = field(default_factory=CapsState)
    """Where its market caps come from now."""
    realised: Decimal | None = None
    """Of the profit of all its strategies in ``quote``, ended ones too: what is realised (None = of one it is not known)."""
    unrealised: Decimal | None = None
    """The rest of that profit: what it is on paper."""
    over: tuple[EndedTotal, ...] = ()
    """What all strategies that are over come to, one row for each money. In ``strategies`` stand those that go on and the few
    that ended last, the last first; older ones are read with LoadEnded.
    """

    @property
    def ended(self) -> int:
        """How many strategies are over."""
        return sum(one.count for one in self.over)


@dataclass(frozen=True, slots=True)
class Preview:
    """The orders a command would send: the plan, what the portfolio would be worth after, and what stays as cash.

    For a removal ``comes_out`` (quote units, fees off) goes to the free pool, ``own_cash`` of it is the strategy's own.
    The snapshot in the plan is the portfolio before the orders, with the added money or the new targets in it.
    """

    plan: Plan
    problems: tuple[tuple[str, str], ...]
    """(field, message) where the command would be refused."""
    before: Snapshot | None = None
    """The portfolio as it is now; None for a strategy that does not exist yet."""
    limits: AmountLimits | None = None
    comes_out: Decimal | None = None
    own_cash: Decimal = ZERO
    released: tuple[tuple[str, Decimal], ...] = ()
    """(asset, units) that go back to the free pool because they cannot be sold."""
    bands: Mapping[str, Decimal] = field(default_factory=dict)
    """Of a new strategy: per coin what it may be off by, in pp."""


@dataclass(frozen=True, slots=True)
class PresetCard:
    """One preset as it stands now. ``unusable`` says why it cannot be created on this account ("" = it can).

    ``missing`` names coins of its list that do not trade here or have no known market cap. ``smallest_investment`` in
    quote units at present prices.
    """

    id: str
    name: str
    category: str
    targets: tuple[Target, ...]
    rule: Rule
    sell_all_on_stop: bool
    minimum_weight: Decimal
    smallest_investment: Decimal | None
    returns: tuple[AnnualisedReturn, ...]
    source: str
    as_of: date | None
    list_date: date
    candidates: tuple[str, ...]
    missing: tuple[str, ...]
    unusable: str = ""
    list_source: str = ""
    """Where the list of candidates comes from, as the preset's file says."""
    weighting: Weighting = Weighting.CAP
    by_caps: bool = True
    """Whether market caps chose or weighted its coins: ``source`` and ``as_of`` are those of the caps."""
    own: bool = False
    """Made by the program's owner: it can be renamed and deleted."""
    read_at: datetime | None = None
    """When the caps were read (None: they came with the program, or are of the demo's own day)."""
    doubtful: tuple[str, ...] = ()
    """Coins of its list, among the missing, whose price here is not that of the coin whose cap is known."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines of the chart. ``best`` = (asset, ((time, value), ...)): the same money in the best single coin."""

    strategy_id: str
    equity: tuple[EquitySample, ...]
    best_asset: str
    best: tuple[tuple[datetime, Decimal], ...]
    rebalances: tuple[datetime, ...]
