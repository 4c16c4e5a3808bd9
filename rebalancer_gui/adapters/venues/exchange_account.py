"""An account at a real exchange as the engine opens it: its key comes out of the vault when it is opened, not before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from datetime import datetime, timedelta

from rebalancer_gui.adapters.market_data.live_feed import LiveQuoteFeed
from rebalancer_gui.adapters.venues.ccxt_quirks import quirks_of
from rebalancer_gui.adapters.venues.ccxt_venue import CcxtVenue, fingerprint
from rebalancer_gui.adapters.venues.ccxt_venues import make_venue
from rebalancer_gui.adapters.venues.probe import probe
from rebalancer_gui.application.connection import ConnectionReport, Credentials, Tier, VenueSpec
from rebalancer_gui.application.ports import Clock, QuoteBatch
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput, VenueAuthError, VenueUnavailable
from rebalancer_gui.domain.market import STALE_AFTER, Balance, FeeSchedule, MarketRules, OrderBook, Quote
from rebalancer_gui.domain.orders import OrderRequest, Rejected, SubmitOutcome, VenueOrder, VenueTrade

WATCHES = "Prices and plans are shown; nothing is sent, and nothing is asked of the account, until then."


class ExchangeAccount:
    """Implements ``Venue``, ``LiveSide`` and ``PriceFollower``. ``load_key`` may take a minute, so it runs in a thread of its
    own; None, or an EnvironmentProblem: the account is ``locked``, which its owner reads, until it is opened anew. Prices and
    markets come all the same; whatever needs the key is VenueUnavailable, and no order is sent.

    ``fingerprint``: what is registered of the key. ``feed`` gives the prices (without a key); it opens itself.
    """

    lookup_is_authoritative = False
    stale_after: timedelta | None = STALE_AFTER

    def __init__(
        self,
        name: str,
        spec: VenueSpec,
        load_key: Callable[[], Credentials | None],
        clock: Clock,
        feed: LiveQuoteFeed,
        *,
        registered: str,
        against_folder: str = "",
    ) -> None:
        self.name = name
        self.clock = clock
        self.fingerprint = registered
        self.against_folder = against_folder
        quirks = quirks_of(spec.venue)
        self.tier: Tier = quirks.tier
        self.fence: timedelta | None = quirks.fence
        self._spec = spec
        self._load_key = load_key
        self._feed = feed
        self.locked = ""
        self._key: Credentials | None = None
        self._inner: CcxtVenue | None = None
        self.quote_assets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<account {self.name} at {self._spec.venue}>"

    async def open(self) -> None:
        """VenueUnavailable when the exchange does not answer; a key that is locked or gone is no hindrance."""
        await self._end()
        self._key, self.locked = await self._take_key()
        try:
            # Its own prices would be polled; those of the feed are pushed.
            self._inner = make_venue(
                self._spec,
                self._key,
                clock=self.clock,
                name=self.name,
                trading=self._key is not None,
                quotes=self._feed,
                paced=not is_own_machine(self._spec),
            )
        except InvalidInput as error:
            raise VenueUnavailable(f"{self.name} cannot be opened: {error.message}") from error
        try:
            await self._inner.open()
        except BaseException:
            await self._end()
            raise
        # The first of them is what the account is valued in: one that this site has no market in would price nothing.
        listed = {market.rules.quote for market in self._inner.dialect.known.values()}
        moneys = self._inner.quote_assets
        self.quote_assets = tuple(money for money in moneys if money in listed) or moneys

    async def _take_key(self) -> tuple[Credentials | None, str]:
        """The key, else why there is none. It must be the one that is registered: of another one the ledger knows nothing."""
        try:
            key = await asyncio.to_thread(self._load_key)
        except EnvironmentProblem as error:
            return None, f"The key of {self.name} is locked: {error.message} {error.advice}".strip() + f" {WATCHES}"
        if key is None:
            return None, f"The key of {self.name} is not kept any more. {self._give_again} {WATCHES}"
        if fingerprint(key) != self.fingerprint:
            said = f"The key that is kept for {self.name} is another one than is registered."
            return None, f"{said} {self._give_again} {WATCHES}"
        return key, ""

    @property
    def _give_again(self) -> str:
        return f"Give it again: in the window with Accounts, Another key, or with `rebalancer account key {self.name}`."

    async def look_for_key(self) -> bool:
        key, why = await self._take_key()
        if key is None:
            self.locked = why
        return key is not None

    async def close(self) -> None:
        await self._end()
        self._key = None

    async def _end(self) -> None:
        inner, self._inner = self._inner, None
        if inner is not None:
            await inner.close()

    @property
    def _there(self) -> CcxtVenue:
        if self._inner is None:
            raise VenueUnavailable(f"{self.name} is not open.")
        return self._inner

    @property
    def _with_key(self) -> CcxtVenue:
        """For what an exchange tells only its owner."""
        if self.locked:
            raise VenueUnavailable(self.locked)
        return self._there

    # --------------------------------------------------------------------------------------------------- what it is asked

    async def probe(self) -> ConnectionReport:
        """What its key may do, asked anew. Raises VenueError."""
        if self._key is None:
            raise VenueAuthError(f"There is no key of {self.name} now.")
        try:
            return await probe(self._spec, self._key, clock=self.clock, paced=not is_own_machine(self._spec))
        except InvalidInput as error:
            raise VenueUnavailable(error.message) from error

    def follow(self, symbols: Collection[str]) -> None:
        self._feed.follow(symbols)

    def hold(self, span: timedelta) -> None:
        self._feed.hold(span)

    async def markets(self) -> Mapping[str, MarketRules]:
        return await self._there.markets()

    def batches(self) -> AsyncIterator[QuoteBatch]:
        return self._there.batches()

    async def quote(self, symbol: str) -> Quote:
        return await self._there.quote(symbol)

    async def order_book(self, symbol: str) -> OrderBook:
        return await self._there.order_book(symbol)

    async def balances(self) -> Mapping[str, Balance]:
        return await self._with_key.balances()

    async def fees(self) -> FeeSchedule:
        """Without the key the venue's usual ones."""
        return self._feed.fees() if self.locked else await self._there.fees()

    async def submit(self, request: OrderRequest) -> SubmitOutcome:
        if self._inner is None or self.locked:
            return Rejected(f"it was not sent: {self.locked or f'{self.name} is not open'}", "local")
        return await self._inner.submit(request)

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        return await self._with_key.find_order(symbol, client_order_id)

    async def orders_since(self, symbol: str, since: datetime) -> tuple[VenueOrder, ...]:
        return await self._with_key.orders_since(symbol, since)

    async def trades_since(self, symbol: str, since: datetime) -> tuple[VenueTrade, ...]:
        return await self._with_key.trades_since(symbol, since)

    async def server_time(self) -> datetime:
        return await self._there.server_time()

    async def identity(self) -> str:
        return await self._with_key.identity()


def is_own_machine(spec: VenueSpec) -> bool:
    """A server on this machine, such as a gateway, need not be spared by ccxt's pacing."""
    from rebalancer_gui.adapters.venues.ccxt_hosts import host_of, is_loopback

    return spec.api_url is not None and is_loopback(host_of(spec.api_url)[0])
