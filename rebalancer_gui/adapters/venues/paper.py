"""The built-in paper account: a spot venue of its own, with invented order books around given prices."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.venues.demo_feed import DEFAULT_SPEED, DemoFeed
from rebalancer_gui.adapters.venues.holdings import Holdings, settle_order
from rebalancer_gui.adapters.venues.matching import Match, fee_of, filled, levels_for, match_order
from rebalancer_gui.adapters.venues.order_filters import (
    DUPLICATE,
    INSUFFICIENT_BALANCE,
    MARKET_CLOSED,
    NO_RIGHT,
    UNKNOWN_SYMBOL,
    malformed,
    refused_by_rules,
)
from rebalancer_gui.adapters.venues.paper_controls import OpenAccount, PaperAccountControls
from rebalancer_gui.adapters.venues.paper_ledger import BookedOrder, PaperLedger, StoredAccount
from rebalancer_gui.adapters.venues.price_script import MarketSettings, PriceScripts, WalkStart
from rebalancer_gui.adapters.venues.simulated_book import DEFAULT_SPREAD, Depth, FillRatio
from rebalancer_gui.adapters.venues.simulated_market import SimulatedMarket
from rebalancer_gui.application.ports import Clock, QuoteBatch
from rebalancer_gui.domain.errors import EnvironmentProblem, VenueUnavailable
from rebalancer_gui.domain.market import Balance, FeeSchedule, FeeSide, MarketRules, OrderBook, Quote
from rebalancer_gui.domain.money import ONE, ZERO
from rebalancer_gui.domain.orders import (
    Accepted,
    Fill,
    OrderRequest,
    OrderType,
    SubmitOutcome,
    Unknown,
    VenueOrder,
    VenueOrderStatus,
    VenueTrade,
)

DEFAULT_FEES = FeeSchedule(Decimal("0.001"))
DEFAULT_BALANCES: Mapping[str, Decimal] = {"USDT": Decimal(10_000)}


class PaperVenue:
    """Implements ``application.ports.Venue``; ``demo`` are its ``DemoControls``, ``paper`` its ``PaperControls``.

    ``path`` is the venue's own file (None = memory only); what it holds goes before ``seed``, ``start``, ``walk``,
    ``speed`` and ``balances``, which count only when the account is made; ``speed_now`` counts at every opening. ``spread`` is ask minus bid as a fraction of
    the mid, for all markets or by symbol. Fees are charged in the received asset or in quote, rounded up to 8 decimals.

    A client order id is unique for ever, and an order is on disk with all its effects before it is answered, so a look-up
    that finds nothing proves that nothing was done. A second order with the same id is answered by ``Unknown``, not by
    ``Rejected``: it is evidence that the first one exists (ORDERS.md rule 5).
    """

    lookup_is_authoritative = True
    fence: timedelta | None = timedelta(0)
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
        if fees.taken_in is FeeSide.THIRD or not ZERO <= fees.taker_rate < ONE:
            raise ValueError(f"The paper venue takes a fee under 100 % in the received asset or in quote, not {fees}.")
        if not isinstance(spread, Decimal) and (missing := sorted(set(rules) - set(spread))):
            raise ValueError(f"There is no spread for {', '.join(missing)}.")
        self.name = name
        self.quote_assets = tuple(quote_assets)
        self._fees = fees
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
        self._ledger = PaperLedger(path)
        self._market = SimulatedMarket(rules, self.quote_assets[0], spread, depth or Depth())
        self.demo = DemoFeed(wall_clock, self._ledger, self._market, scripts, start)
        self.clock: Clock = self.demo.clock
        self._account = OpenAccount()
        self.paper = PaperAccountControls(self._account, self._ledger, self._market, self.demo, self._reopen)
        self._open = False

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

    def copy_to(
        self, target: sqlite3.Connection, pages: int = -1, pause: Callable[[int, int, int], object] | None = None
    ) -> None:
        """A consistent copy of the venue's own file; in steps it may be made in another thread. Raises sqlite3.Error."""
        self._ledger.copy_to(target, pages, pause)

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

    async def balances(self) -> Mapping[str, Balance]:
        self._recover()
        return {asset: balance for asset, balance in self._account.holdings.balances().items() if balance.total > ZERO}

    async def fees(self) -> FeeSchedule:
        return self._fees

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        self._recover()
        try:
            booked = self._ledger.find_order(symbol, client_order_id)
        except EnvironmentProblem as problem:
            raise VenueUnavailable(problem.message, problem.advice) from problem
        return None if booked is None else booked.order

    async def orders_since(self, symbol: str, since: datetime) -> tuple[VenueOrder, ...]:
        self._recover()
        try:
            return tuple(booked.order for booked in self._ledger.orders_since(symbol, since))
        except EnvironmentProblem as problem:
            raise VenueUnavailable(problem.message, problem.advice) from problem

    async def trades_since(self, symbol: str, since: datetime) -> tuple[VenueTrade, ...]:
        return tuple(
            VenueTrade(
                f.trade_id, order.venue_order_id, f.symbol, f.side, f.quantity, f.price, f.fee, f.fee_asset, f.at
            )
            for order in await self.orders_since(symbol, since)
            for f in order.fills
        )

    async def server_time(self) -> datetime:
        return self.clock.now()

    async def identity(self) -> str:
        settings = self._settings
        return f"paper/{settings.seed}/{settings.start.isoformat()}"

    async def submit(self, request: OrderRequest) -> SubmitOutcome:
        """Match, book, store, answer: all at one market time and in one piece, so nothing can come in between."""
        self.demo.order_came()
        refusal = malformed(request)
        if refusal is not None:
            return refusal if self._account.may_trade else NO_RIGHT
        try:
            self._recover()
            if self._ledger.has_order(request.client_order_id):
                return Unknown(DUPLICATE)
            if not self._account.may_trade:
                return NO_RIGHT
            return self._trade(request)
        except (EnvironmentProblem, VenueUnavailable) as problem:
            return Unknown(problem.message)

    def _trade(self, request: OrderRequest) -> SubmitOutcome:
        rules, book = self._market.rules.get(request.symbol), self._market.book(request.symbol)
        if rules is None:
            return UNKNOWN_SYMBOL
        average = self._market.average_price(rules)
        if book is None or average is None:
            return MARKET_CLOSED
        refusal = refused_by_rules(request, rules, average)
        if refusal is not None:
            return refusal
        order_id = self._account.last_order_id + 1
        matches = self._match(request, rules, book, order_id)
        order = self._order(request, rules, matches, order_id)
        holdings = self._account.holdings.copy()
        if not settle_order(holdings, request, rules, order, self._fees):
            return INSUFFICIENT_BALANCE
        self._ledger.add_order(BookedOrder(request, order), holdings.balances(), order.at)
        self._account.holdings = holdings
        self._account.last_order_id = order_id
        self._account.last_trade_id += len(order.fills)
        self._market.take(request.symbol, request.side, matches)
        return Accepted(order)

    def _match(self, request: OrderRequest, rules: MarketRules, book: OrderBook, order_id: int) -> tuple[Match, ...]:
        share = ONE
        if request.type is OrderType.LIMIT_IOC:
            share = self._fill_ratio.of_order(self._market.key, order_id, self._market.at)
        levels = levels_for(book, request.side)
        return match_order(request.side, levels, request.quantity, request.limit_price, share, rules.step_size)

    def _order(self, request: OrderRequest, rules: MarketRules, matches: Sequence[Match], order_id: int) -> VenueOrder:
        at = self.clock.now()
        traded = [match for match in matches if match.quantity > ZERO]
        fills: list[Fill] = []
        for trade_id, match in enumerate(traded, start=self._account.last_trade_id + 1):
            fee, fee_asset = fee_of(match, request.side, rules, self._fees)
            fills.append(
                Fill(
                    trade_id=str(trade_id),
                    client_order_id=request.client_order_id,
                    symbol=request.symbol,
                    side=request.side,
                    quantity=match.quantity,
                    price=match.price,
                    fee=fee,
                    fee_asset=fee_asset,
                    at=at,
                )
            )
        got = filled(traded)
        return VenueOrder(
            client_order_id=request.client_order_id,
            venue_order_id=str(order_id),
            symbol=request.symbol,
            side=request.side,
            type=request.type,
            quantity=request.quantity,
            filled=got,
            status=VenueOrderStatus.FILLED if got == request.quantity else VenueOrderStatus.EXPIRED,
            at=at,
            fills=tuple(fills),
        )

    def _begin(self) -> None:
        """Know what the file says; what the orders of its very moment took from the books is still gone."""
        state = self._ledger.open(self._new)
        account = self._account
        account.holdings, account.may_trade = Holdings(state.balances), state.may_trade
        account.last_order_id, account.last_trade_id = state.last_order_id, state.last_trade_id
        self._settings = state.settings
        self.demo.begin(state.settings, state.speed, state.market_time, state.life)
        for booked in self._ledger.orders_at(state.market_time):
            request, rules = booked.request, self._market.rules.get(booked.request.symbol)
            # A market that was closed after the order still lacks what the order took, should it open again.
            book = None if rules is None else self._market.book_of(rules)
            if rules is not None and book is not None:
                matches = self._match(request, rules, book, int(booked.order.venue_order_id))
                self._market.take(request.symbol, request.side, matches)

    def _reopen(self) -> None:
        """After a failed write or read only the file itself, opened again, says what is true. EnvironmentProblem when it
        cannot be opened.
        """
        if self._ledger.failed and self._open:
            believed = self._market.life
            self._begin()
            if self._market.life != believed:
                self.demo.markets_changed()

    def _recover(self) -> None:
        """The same for those who asked the venue."""
        try:
            self._reopen()
        except EnvironmentProblem as problem:
            raise VenueUnavailable(problem.message, problem.advice) from problem


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
