"""A paper account on the live prices of a real exchange: its markets, books and fees, with play money and no key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.market_data.live_feed import LiveQuoteFeed
from rebalancer_gui.adapters.venues.matching import Match, remaining
from rebalancer_gui.adapters.venues.order_filters import MARKET_CLOSED, UNKNOWN_SYMBOL
from rebalancer_gui.adapters.venues.paper_account import PaperAccount
from rebalancer_gui.adapters.venues.paper_controls import RealMarketsControls, assets_of
from rebalancer_gui.adapters.venues.paper_desk import Counter
from rebalancer_gui.adapters.venues.paper_ledger import StoredAccount
from rebalancer_gui.adapters.venues.price_script import MarketSettings
from rebalancer_gui.application.ports import Clock, QuoteBatch
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.market import (
    STALE_AFTER,
    Balance,
    FeeSchedule,
    MarketRules,
    MarketStatus,
    OrderBook,
    Quote,
)
from rebalancer_gui.domain.money import ONE
from rebalancer_gui.domain.orders import (
    OrderRequest,
    Side,
    SubmitOutcome,
)

_NAMED = 6
GONE_FOR = timedelta(seconds=2)
"""What an order of ours would have taken from the real book is gone for so long; others fill it up again."""
UNTIL_KNOWN = FeeSchedule(Decimal("0.001"))
"""Charged before the venue's own fee is known; no order is taken then."""


@dataclass(slots=True)
class _Taken:
    """What our orders took from one book since ``at``."""

    at: datetime
    levels: defaultdict[tuple[Side, Decimal], Decimal] = field(default_factory=lambda: defaultdict(Decimal))


class LivePaperVenue(PaperAccount):
    """Implements ``application.ports.Venue``; ``paper`` are its ``PaperControls``. It is its own ``PriceFollower``.

    An order is matched against the exchange's order book, read at that moment, with the exchange's own filters and the fee it
    charges without rebates; nothing is sent anywhere. ``path`` is the account's own file (None = memory only); ``balances``
    count only when it is made. Time is the wall's, corrected by what the exchange's own clock says.
    """

    stale_after: timedelta | None = STALE_AFTER

    def __init__(
        self,
        feed: LiveQuoteFeed,
        clock: Clock,
        path: Path | None = None,
        *,
        balances: Mapping[str, Decimal],
        quote_asset: str,
        name: str = "Paper account",
    ) -> None:
        super().__init__(path, UNTIL_KNOWN)
        self.name = name
        self.clock = clock
        self._feed = feed
        self._main = quote_asset
        self.quote_assets: tuple[str, ...] = (quote_asset,)
        self._rules: Mapping[str, MarketRules] = {}
        self._start = clock.now()
        self._balances = {asset: Balance(asset, amount) for asset, amount in balances.items()}
        self.paper = RealMarketsControls(
            self._desk.account, self._ledger, self._reopen, self._now, lambda: assets_of(self._rules)
        )
        self._ahead = timedelta(0)
        self._newest = self._start
        self._identity = ""
        self._taken: dict[str, _Taken] = {}

    async def open(self) -> None:
        """Read or make the file, then connect. EnvironmentProblem for the file, VenueUnavailable when the exchange does not
        answer, InvalidInput (``quote``) where nothing can be bought with the account's money; nothing is left open then.
        """
        try:
            self._begin()
            await self._feed.open()
            self._learn(self._feed.rules)
            self._check_money()
        except BaseException:
            self._ledger.close()
            await self._feed.close()
            raise
        self._desk.charge(self._feed.fees())
        self._open = True

    async def close(self) -> None:
        self._open = False
        self._ledger.close()
        await self._feed.close()

    def follow(self, symbols: Collection[str]) -> None:
        self._feed.follow(symbols)

    def hold(self, span: timedelta) -> None:
        self._feed.hold(span)

    # ------------------------------------------------------------------------------------------------------------ market

    async def markets(self) -> Mapping[str, MarketRules]:
        self._learn(await self._feed.markets())
        return dict(self._rules)

    def batches(self) -> AsyncIterator[QuoteBatch]:
        return self._feed.batches()

    async def quote(self, symbol: str) -> Quote:
        return await self._feed.quote(symbol)

    async def order_book(self, symbol: str) -> OrderBook:
        return self._left_of(await self._feed.order_book(symbol))

    async def server_time(self) -> datetime:
        before = self.clock.now()
        said = await self._feed.server_time()
        after = self.clock.now()
        self._ahead = said + (after - before) / 2 - after
        return said

    async def identity(self) -> str:
        return self._identity

    async def _trade(self, request: OrderRequest) -> SubmitOutcome:
        rules = self._rules.get(request.symbol)
        if rules is None:
            return UNKNOWN_SYMBOL
        if rules.status is not MarketStatus.TRADING:
            return MARKET_CLOSED
        whole = await self._feed.order_book(request.symbol)
        if not whole.bids or not whole.asks:
            return MARKET_CLOSED
        # While the book was read another order may have come, or the file may have failed.
        self._recover()
        against = self._desk.stands_against(request)
        if against is not None:
            return against
        middle = (whole.bids[0].price + whole.asks[0].price) / 2
        counter = Counter(rules, self._left_of(whole), middle, ONE, self._now())
        outcome, matches = self._desk.take(request, counter)
        self._take(request, matches)
        return outcome

    # ------------------------------------------------------------------------------------------------------------- parts

    def _left_of(self, book: OrderBook) -> OrderBook:
        """``book`` without what our own orders took a moment ago."""
        taken = self._taken.get(book.symbol)
        if taken is None:
            return book
        if not timedelta(0) <= self.clock.now() - taken.at < GONE_FOR:
            del self._taken[book.symbol]
            return book
        return remaining(book, taken.levels)

    def _take(self, request: OrderRequest, matches: Collection[Match]) -> None:
        if matches:
            taken = self._taken.setdefault(request.symbol, _Taken(self.clock.now()))
            for match in matches:
                taken.levels[request.side, match.price] += match.gone

    def _check_money(self) -> None:
        """An account that has never traded must be able to."""
        moneys = self.quote_assets[1:]
        if self._desk.next_order_id > 1 or any(market.quote == self._main for market in self._rules.values()):
            return
        there = ", ".join(moneys[:_NAMED])
        raise InvalidInput(
            "quote",
            f"{self.name}: nothing is quoted in {self._main} there; the exchange's moneys are: {there}. Remove the account and "
            "add it again with one of them.",
        )

    def _learn(self, rules: Mapping[str, MarketRules]) -> None:
        """The main money first, then by how many markets are quoted in it."""
        self._rules = rules
        count: defaultdict[str, int] = defaultdict(int)
        for market in rules.values():
            count[market.quote] += 1
        others = sorted(count.keys() - {self._main}, key=lambda asset: (-count[asset], asset))
        self.quote_assets = (self._main, *others)

    def _now(self) -> datetime:
        """The exchange's time; it never goes back, whatever the clock of this machine does."""
        self._newest = max(self._newest, self.clock.now() + self._ahead)
        return self._newest

    def _begin(self) -> None:
        new = StoredAccount(
            settings=MarketSettings(0, self._start),
            speed=1,
            market_time=self._start,
            balances=self._balances,
            last_order_id=0,
            last_trade_id=0,
        )
        state = self._ledger.open(new)
        self._desk.know(state)
        self._newest = state.market_time
        self._identity = f"paper on live prices/{state.settings.start.isoformat()}"
        self._taken.clear()
