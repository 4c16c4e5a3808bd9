"""An account as the engine would show it: strategies with holdings that follow moving prices. Test data only."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from rebalancer_gui.application.ended_total import EndedTotal, ended_totals
from rebalancer_gui.application.events import EndedPage
from rebalancer_gui.application.paper_port import DemoState, PaperState
from rebalancer_gui.application.proposal import Proposal
from rebalancer_gui.application.strategy_commands import LoadEnded
from rebalancer_gui.application.views import AccountView, PresetCard, QuarantineView, StrategyView
from rebalancer_gui.domain.allocation import smallest_investment, weights_by, with_minimum
from rebalancer_gui.domain.coin_result import CoinResult
from rebalancer_gui.domain.market import Quote, symbol_of
from rebalancer_gui.domain.money import HUNDRED, ZERO, floor_to_step, total
from rebalancer_gui.domain.money_weighted import MoneyWeighted
from rebalancer_gui.domain.performance import NOT_ASKED, score, value_at_mid
from rebalancer_gui.domain.preset_returns import AnnualisedReturn
from rebalancer_gui.domain.rails import RailSet
from rebalancer_gui.domain.strategy import (
    BandRule,
    Direction,
    HaltKind,
    RatioRule,
    Rule,
    State,
    StrategyParameters,
    Target,
    TimeRule,
    TradingMode,
    Trigger,
    limit_of,
)
from rebalancer_gui.domain.valuation import Snapshot, take_snapshot
from tests.ui.sample_market import FEES, MARKET_CAPS, NOW, QUOTE, START_PRICES, make_quotes, market_rules

CENT = Decimal("0.01")


def parameters(
    name: str, weights: Mapping[str, str | int], investment: str | int, rule: Rule | None = None
) -> StrategyParameters:
    """Short form for tests: weights in percent by asset."""
    targets = tuple(Target(asset, Decimal(weight)) for asset, weight in weights.items())
    return StrategyParameters(name, QUOTE, targets, Decimal(investment), rule or RatioRule(Decimal(5)))


@dataclass
class SampleStrategy:
    """One strategy that the fake engine keeps; ``quantities`` in base units."""

    id: str
    parameters: StrategyParameters
    quantities: dict[str, Decimal]
    cash: Decimal
    hodl: dict[str, Decimal]
    state: State = State.RUNNING
    reason: str = ""
    advice: str = ""
    rebalances: int = 0
    skipped: int = 0
    fees_paid: Decimal = ZERO
    created_at: datetime = NOW - timedelta(days=40)
    ended_at: datetime | None = None
    decision: str = ""
    checking_order: bool = False
    message: str = ""
    message_advice: str = ""
    former: State = State.RUNNING
    halt: HaltKind | None = None
    resumable: str = ""
    frozen: tuple[str, ...] = ()
    missing: tuple[tuple[str, Decimal], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    average_costs: dict[str, Decimal | None] = field(default_factory=dict)
    fees_returned: Decimal = ZERO
    time_weighted: Decimal | None = None
    annualised: Decimal | None = None
    money_weighted: MoneyWeighted = NOT_ASKED
    realised: Decimal | None = None
    results: dict[str, CoinResult] = field(default_factory=dict)
    proposal: Proposal | None = None
    waits: str = ""
    quarantined: dict[str, QuarantineView] = field(default_factory=dict)
    """What is known of its orders that are its owner's to decide, by client order id."""
    left: tuple[str, ...] = ()
    """Coins that are held but left the targets."""

    def snapshot(self, seq: int, at: datetime, quotes: Mapping[str, Quote]) -> Snapshot:
        return take_snapshot(
            seq=seq,
            at=at,
            quote_asset=self.parameters.quote,
            targets=(*self.parameters.targets, *(Target(asset, ZERO) for asset in self.left)),
            quantities=self.quantities,
            cash=self.cash,
            quotes=quotes,
            stale_after=None,
            closed=frozenset(symbol_of(asset, self.parameters.quote) for asset in self.frozen),
        )

    def view(self, seq: int, at: datetime, quotes: Mapping[str, Quote]) -> StrategyView:
        snapshot = self.snapshot(seq, at, quotes)
        p = self.parameters
        hodl = value_at_mid(self.hodl, p.quote, quotes)
        worst, drift = snapshot.worst, snapshot.worst_drift
        words = self.decision
        if not words and worst is not None and drift is not None:
            limit = "its bands" if isinstance(p.rule, BandRule) else f"{limit_of(p.rule).normalize():f} %"
            words = f"{p.name} is within {limit}: nothing to do"
        card = score(value=snapshot.total, added=p.investment, removed=ZERO, hodl_value=hodl)
        on_paper = card.profit - self.realised if self.realised is not None and card.profit is not None else None
        return StrategyView(
            self.id,
            p,
            self.state,
            self.reason,
            self.advice,
            snapshot,
            replace(
                card,
                realised=self.realised if on_paper is not None else None,
                unrealised=on_paper,
                time_weighted=self.time_weighted,
                annualised=self.annualised,
                money_weighted=self.money_weighted,
            ),
            self.rebalances,
            self.skipped,
            self.fees_paid,
            self.created_at,
            None if self.state is State.WAITING else self.created_at,
            self.ended_at,
            at + timedelta(seconds=2) if self.state is State.RUNNING else None,
            words,
            self.checking_order,
            quarantined=tuple(self.quarantined),
            halt=self.halt,
            proposal=self.proposal,
            waits=self.waits,
            resumable=self.resumable,
            frozen=self.frozen,
            missing=self.missing,
            renamed=self.renamed,
            average_costs=dict(self.average_costs),
            results=dict(self.results),
            fees_returned=self.fees_returned,
            message=self.message,
            message_advice=self.message_advice,
        )


def built(
    strategy_id: str, p: StrategyParameters, prices: Mapping[str, Decimal], skew: Mapping[str, str] | None = None
) -> SampleStrategy:
    """A strategy bought at ``prices``; ``skew`` moves weights by pp, so that drifts are on screen."""
    rules, moved = market_rules(), skew or {}
    quantities, spent = {}, ZERO
    for target in p.targets:
        share = (target.weight + Decimal(moved.get(target.asset, "0"))) / HUNDRED
        step = rules[f"{target.asset}/{p.quote}"].step_size
        quantity = floor_to_step(p.investment * share / prices[target.asset], step)
        quantities[target.asset] = quantity
        spent += quantity * prices[target.asset]
    hodl = {t.asset: p.investment * t.weight / HUNDRED / prices[t.asset] for t in p.targets}
    return SampleStrategy(strategy_id, p, quantities, p.investment - spent, hodl)


def wait_for_trigger(strategy: SampleStrategy, symbol: str, price: str, direction: Direction) -> None:
    """It holds nothing but its money and waits until ``symbol`` reaches ``price``."""
    trigger = Trigger(symbol, Decimal(price), direction)
    strategy.parameters = replace(strategy.parameters, trigger=trigger)
    strategy.state, strategy.cash = State.WAITING, strategy.parameters.investment
    strategy.quantities, strategy.hodl, strategy.average_costs = {}, {}, {}


def four_strategies(prices: Mapping[str, Decimal]) -> list[SampleStrategy]:
    """The ones of the design's pictures, as near as the states of today allow."""
    core = built(
        "s-core4", parameters("Core 4", {"BTC": 40, "ETH": 30, "BNB": 20, "SOL": 10}, 4000), prices,
        {"BTC": "3.11", "ETH": "-1.03", "BNB": "-1.97", "SOL": "-0.18"},
    )  # fmt: skip
    core.rebalances, core.skipped, core.fees_paid = 5, 3, Decimal("6.29")
    core.fees_returned = Decimal("1.57")
    core.time_weighted, core.annualised = Decimal("4.28"), Decimal("46.57")
    core.realised = Decimal("-6.29")
    core.money_weighted = MoneyWeighted(Decimal("51.02"))
    core.average_costs = {asset: price * Decimal("0.98") for asset, price in prices.items() if asset in core.quantities}
    core.hodl = {asset: units * Decimal("0.975") for asset, units in core.hodl.items()}
    bnb = built(
        "s-bnb3", parameters("BNB Chain 3", {"BNB": 50, "CAKE": 25, "LINK": 25}, 2000, TimeRule()), prices,
        {"BNB": "-2.31", "CAKE": "1.31", "LINK": "1.00"},
    )  # fmt: skip
    bnb.hodl = {asset: units * Decimal("1.004") for asset, units in bnb.hodl.items()}
    defi = built(
        "s-defi", parameters("DeFi basket", {"UNI": 40, "AAVE": 30, "LINK": 30}, 1500), prices, {"UNI": "5.62"}
    )
    defi.state, defi.cash = State.PAUSED, defi.cash - 55
    alt = built("s-alt", parameters("Alt dip", {"XRP": 50, "ADA": 50}, 600, RatioRule(Decimal(1))), prices)
    return [core, bnb, defi, alt]


def demo_state(**changes: object) -> DemoState:
    """A replay that runs at six hours a second."""
    state = DemoState(
        market_time=NOW,
        speed=21_600,
        spacing=timedelta(minutes=90),
        paused=False,
        jumping=False,
        ended=False,
        source="daily closes of 2020-09 to 2022-09 with a seeded bridge between two days",
        seed=1,
        first_day=date(2021, 3, 1),
        last_day=date(2022, 9, 1),
    )
    return replace(state, **changes)  # type: ignore[arg-type]


@dataclass
class SampleAccount:
    """The moving account; ``advance`` walks the prices by a seeded random step."""

    name: str = "paper"
    title: str = "Paper - replayed prices"
    prices: dict[str, Decimal] = field(default_factory=lambda: dict(START_PRICES))
    at: datetime = NOW
    strategies: list[SampleStrategy] = field(default_factory=list)
    free: Decimal = Decimal(1900)
    coins: dict[str, Decimal] = field(default_factory=dict)
    """Free coins by asset, in their own units."""
    seq: int = 0
    stop_all: bool = False
    demo: DemoState | None = field(default_factory=demo_state)
    engine: str = "running"
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    mode: str = "paper"
    last: str = ""
    halted: str = ""
    pay_fees_with_bnb: bool = False
    rails: RailSet = field(default_factory=RailSet)
    trading: TradingMode = TradingMode.AUTO
    locked: str = ""
    older: list[StrategyView] = field(default_factory=list)
    """Strategies that ended so long ago that they are only told of when they are asked for, the last to end first."""
    paper: PaperState | None = field(default_factory=lambda: PaperState(may_trade=True, closed={}, renamed={}))

    def advance(self) -> None:
        """One batch of quotes: prices move by up to 0.2 %, market time by the demo's spacing."""
        spacing = self.demo.spacing if self.demo is not None else timedelta(seconds=2)
        self.at += spacing
        for asset, price in self.prices.items():
            if asset != "USDC":
                self.prices[asset] = price * Decimal(10_000 + self.chance.randint(-20, 20)) / 10_000
        if self.demo is not None:
            self.demo = replace(self.demo, market_time=self.at)

    def quotes(self) -> dict[str, Quote]:
        return make_quotes(self.prices, self.at)

    def free_pool(self) -> dict[str, Decimal]:
        return {QUOTE: self.free, **self.coins}

    def find(self, strategy_id: str) -> SampleStrategy | None:
        return next((s for s in self.strategies if s.id == strategy_id), None)

    def view(self) -> AccountView:
        self.seq += 1
        quotes = self.quotes()
        views = tuple(s.view(self.seq, self.at, quotes) for s in self.strategies)
        worth = self.free + total(v.snapshot.total or ZERO for v in views if v.snapshot is not None)
        return AccountView(
            self.name,
            self.title,
            self.mode,
            QUOTE,
            self.at,
            worth,
            Decimal("12.30"),
            Decimal("0.12"),
            self.free_pool(),
            quotes,
            FEES,
            views,
            self.demo,
            self.stop_all,
            self.engine,
            self.at + timedelta(seconds=2),
            self.last or next((v.decision for v in views), ""),
            halted=self.halted,
            pay_fees_with_bnb=self.pay_fees_with_bnb,
            paper=self.paper,
            rails=self.rails,
            trading=self.trading,
            locked=self.locked,
            over=tuple(self.totals_of_ended(views).values()),
        )

    def ended_page(self, command: LoadEnded) -> EndedPage:
        """Those of ``older`` after the one that is named."""
        ids = [view.id for view in self.older]
        begin = ids.index(command.before) + 1 if command.before in ids else 0
        end = begin + command.limit
        return EndedPage(command.command_id, self.name, tuple(self.older[begin:end]), end < len(ids))

    def totals_of_ended(self, views: Sequence[StrategyView]) -> dict[str, EndedTotal]:
        totals: dict[str, EndedTotal] = {}
        for view in (*views, *self.older):
            if view.state is State.ENDED:
                ended_totals(totals, view.parameters.quote, view.score, 1, traded=True)
        return totals


_PRESETS: Sequence[tuple[str, str, tuple[str, ...], tuple[str, ...]]] = (
    ("main-coins", "Main Coins", ("BTC", "ETH", "BNB", "XRP", "SOL"), ()),
    ("bnb-chain", "BNB Chain", ("BNB", "LINK", "CAKE", "XVS"), ()),
    ("defi", "DeFi", ("LINK", "UNI", "AAVE", "AVAX"), ("SNX",)),
    ("payments", "Payments", ("XRP", "XLM", "LTC", "DOGE"), ()),
    ("platforms", "Smart-contract platforms", ("ETH", "BNB", "SOL", "ADA", "AVAX", "DOT"), ()),
    ("metaverse", "Metaverse", (), ("MANA", "SAND", "AXS")),
)


def preset_cards(quotes: Mapping[str, Quote], quote: str = QUOTE) -> tuple[PresetCard, ...]:
    """Five usable cards and one that this market cannot serve."""
    cards = []
    for number, (preset_id, name, coins, missing) in enumerate(_PRESETS):
        targets = with_minimum(weights_by({c: MARKET_CAPS[c] for c in coins}), Decimal(1))
        returns = tuple(
            AnnualisedReturn(days, days, Decimal(sign) * (Decimal(number) * 3 + days) / 10 if targets else None)
            for days, sign in ((7, 1), (30, -1), (180, 1))
        )
        least = smallest_investment(targets, quote, market_rules(), quotes) if targets else None
        cards.append(
            PresetCard(
                preset_id, name, name, targets, RatioRule(Decimal(5)), sell_all_on_stop=False,
                minimum_weight=Decimal(1), smallest_investment=least, returns=returns, source="CoinGecko",
                as_of=date(2021, 5, 13), list_date=date(2024, 1, 1), candidates=(*coins, *missing), missing=missing,
                unusable="" if targets else f"under 2 coins trade in {quote}",
            )
        )  # fmt: skip
    return tuple(cards)
