"""The built-in paper account: a spot venue of its own, with invented order books around given prices."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.venues.demo_feed import DEFAULT_SPEED, DemoFeed
from rebalancer_gui.adapters.venues.order_filters import MARKET_CLOSED, UNKNOWN_SYMBOL
from rebalancer_gui.adapters.venues.paper_account import PaperAccount
from rebalancer_gui.adapters.venues.paper_controls import PaperAccountControls
from rebalancer_gui.adapters.venues.paper_desk import Counter
from rebalancer_gui.adapters.venues.paper_ledger import StoredAccount
from rebalancer_gui.adapters.venues.price_script import MarketSettings, PriceScripts, WalkStart
from rebalancer_gui.adapters.venues.simulated_book import DEFAULT_SPREAD, Depth, FillRatio
from rebalancer_gui.adapters.venues.simulated_market import SimulatedMarket
from rebalancer_gui.application.ports import Clock, QuoteBatch
from rebalancer_gui.domain.errors import EnvironmentProblem, VenueUnavailable
from rebalancer_gui.domain.market import Balance, FeeSchedule, MarketRules, OrderBook, Quote
from rebalancer_gui.domain.money import ONE
from rebalancer_gui.domain.orders import OrderRequest, OrderType, SubmitOutcome

DEFAULT_FEES = FeeSchedule(Decimal("0.001"))
DEFAULT_BALANCES: Mapping[str, Decimal] = {"USDT": Decimal(10_000)}


class PaperVenue(PaperAccount):
    """Implements ``application.ports.Venue``; ``demo`` are its ``DemoControls``, ``paper`` its ``PaperControls``.

    ``path`` is the venue's own file (None = memory only); what it holds goes before ``seed``, ``start``, ``walk``,
    ``speed`` and ``balances``, which count only when the account is made; ``speed_now`` counts at every opening. ``spread`` is ask minus bid as a fraction of
    the mid, for all markets or by symbol. How orders are taken and what proves what stands in ``PaperDesk``.
    """

    stale_after = None  # A replayed quote is as old as the replay; while it is paused no batch comes.

    def __init__(
        self,
        scripts: PriceScripts,
        wall_clock: Clock,
        rules: Mapping[str, MarketRules],
        path: Path | None = None,
        *,
        start: datetime,
        seed: int = 1,
        walk: WalkStart | None = None,
        speed: int = DEFAULT_SPEED,
        speed_now: int | None = None,
        balances: Mapping[str, Decimal] = DEFAULT_BALANCES,
        spread: Decimal | Mapping[str, Decimal] = DEFAULT_SPREAD,
        depth: Depth | None = None,
        fees: FeeSchedule = DEFAULT_FEES,
        fill_ratio: FillRatio | None = None,
        quote_assets: Sequence[str] = ("USDT",),
        name: str = "Paper account",
    ) -> None:
        super().__init__(path, fees)
        if not isinstance(spread, Decimal) and (missing := sorted(set(rules) - set(spread))):
            raise ValueError(f"There is no spread for {', '.join(missing)}.")
        self.name = name
        self.quote_assets = tuple(quote_assets)
        self._fill_ratio = fill_ratio or FillRatio()
        self._new = StoredAccount(
            settings=MarketSettings(seed, start, walk),
            speed=speed,
            market_time=start,
            balances={asset: Balance(asset, amount) for asset, amount in balances.items()},
            last_order_id=0,
            last_trade_id=0,
        )
        self._speed_now = speed_now
        self._settings = self._new.settings
        self._market = SimulatedMarket(rules, self.quote_assets[0], spread, depth or Depth())
        self.demo = DemoFeed(wall_clock, self._ledger, self._market, scripts, start)
        self.clock: Clock = self.demo.clock
        self.paper = PaperAccountControls(self._desk.account, self._ledger, self._market, self.demo, self._reopen)

    async def open(self) -> None:
        """Read or make the venue's file; raises EnvironmentProblem when it is damaged, newer, read-only or in use,
        InvalidInput for a ``speed_now`` out of range.
        """
        try:
            self._begin()
            if self._speed_now is not None:
                self.demo.set_speed(self._speed_now)
        except BaseException:
            self._ledger.close()
            raise
        self._open = True

    async def close(self) -> None:
        if self._open:
            self._open = False
            self.demo.end()
            self._ledger.close()

    async def markets(self) -> Mapping[str, MarketRules]:
        return dict(self._market.rules)

    def batches(self) -> AsyncIterator[QuoteBatch]:
        return _Batches(self.demo, self._recover)

    async def quote(self, symbol: str) -> Quote:
        quote = self._market.quote(symbol)
        if quote is None:
            raise VenueUnavailable(f"There is no price of {symbol} now.")
        return quote

    async def order_book(self, symbol: str) -> OrderBook:
        book = self._market.book(symbol)
        if book is None:
            raise VenueUnavailable(f"There is no order book of {symbol} now.")
        return book

    async def server_time(self) -> datetime:
        return self.clock.now()

    async def identity(self) -> str:
        settings = self._settings
        return f"paper/{settings.seed}/{settings.start.isoformat()}"

    async def submit(self, request: OrderRequest) -> SubmitOutcome:
        """Match, book, store, answer: all at one market time and in one piece, so nothing can come in between."""
        self.demo.order_came()
        return await super().submit(request)

    async def _trade(self, request: OrderRequest) -> SubmitOutcome:
        rules, book = self._market.rules.get(request.symbol), self._market.book(request.symbol)
        if rules is None:
            return UNKNOWN_SYMBOL
        average = self._market.average_price(rules)
        if book is None or average is None:
            return MARKET_CLOSED
        share = self._share(request, self._desk.next_order_id)
        outcome, matches = self._desk.take(request, Counter(rules, book, average, share, self.clock.now()))
        self._market.take(request.symbol, request.side, matches)
        return outcome

    def _share(self, request: OrderRequest, order_id: int) -> Decimal:
        """Of a displayed level others are faster for a part."""
        if request.type is OrderType.LIMIT_IOC:
            return self._fill_ratio.of_order(self._market.key, order_id, self._market.at)
        return ONE

    def _begin(self) -> None:
        """Know what the file says; what the orders of its very moment took from the books is still gone."""
        state = self._ledger.open(self._new)
        self._desk.know(state)
        self._settings = state.settings
        self.demo.begin(state.settings, state.speed, state.market_time, state.life)
        for booked in self._ledger.orders_at(state.market_time):
            request, rules = booked.request, self._market.rules.get(booked.request.symbol)
            # A market that was closed after the order still lacks what the order took, should it open again.
            book = None if rules is None else self._market.book_of(rules)
            if rules is not None and book is not None:
                share = self._share(request, int(booked.order.venue_order_id))
                matches = self._desk.match(request, Counter(rules, book, ONE, share, state.market_time))
                self._market.take(request.symbol, request.side, matches)

    def _reopen(self) -> None:
        believed = self._market.life
        super()._reopen()
        if self._market.life != believed:
            self.demo.markets_changed()


class _Batches:
    """The async iterator of one consumer: the batch of this moment at once, then one after the other."""

    def __init__(self, feed: DemoFeed, recover: Callable[[], None]) -> None:
        self._feed = feed
        self._recover = recover
        self._begun = False

    def __aiter__(self) -> _Batches:
        return self

    async def __anext__(self) -> QuoteBatch:
        self._recover()
        if not self._begun:
            self._begun = True
            return self._feed.present_batch()
        try:
            return await self._feed.next_batch()
        except EnvironmentProblem as problem:
            raise VenueUnavailable(problem.message, problem.advice) from problem
