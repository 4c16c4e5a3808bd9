"""Live prices by real ccxt against a server on loopback: pushed, polled, stalled, nonsense, cut off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

import pytest

from rebalancer_gui.adapters.market_data.live_feed import LiveQuoteFeed
from rebalancer_gui.adapters.venues import ccxt_prices
from rebalancer_gui.adapters.venues.ccxt_prices import CcxtPrices
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.application.ports import QuoteBatch
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import MarketStatus
from tests.wire.public_venue import SPEED, FastClock, PublicVenue, public_venue

BTC, ETH, XRP = "BTC/USDT", "ETH/USDT", "XRP/USDT"


@dataclass
class Wire:
    """A feed over real ccxt, and the server it talks to. Seconds are those of the feed's clock."""

    server: PublicVenue
    feed: LiveQuoteFeed
    clock: FastClock

    async def batch(self) -> QuoteBatch:
        return await anext(self.feed.batches())

    async def until(self, true: Callable[[], bool], seconds: float = 60) -> float:
        """How many seconds it took."""
        began = self.clock.monotonic()
        while not true():
            assert self.clock.monotonic() - began < seconds, "it did not happen"
            await self.clock.sleep(0.2)
        return self.clock.monotonic() - began


@pytest.fixture(autouse=True)
def quick_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real ccxt goes by the wall, the feed by a faster clock."""
    monkeypatch.setattr(ccxt_prices, "PING_EVERY_MS", int(ccxt_prices.PING_EVERY_MS / SPEED))


def play(body: Callable[[Wire], Awaitable[None]], *symbols: str, venue: str = "binance") -> None:
    @asynccontextmanager
    async def wired() -> AsyncIterator[Wire]:
        async with public_venue() as server:
            clock = FastClock()
            feed = LiveQuoteFeed(CcxtPrices(VenueSpec(venue, server.url), clock, paced=False), clock)
            await feed.open()
            try:
                feed.follow(symbols)
                yield Wire(server, feed, clock)
            finally:
                await feed.close()

    async def run() -> None:
        async with wired() as wire:
            await body(wire)

    asyncio.run(run())


def test_prices_are_pushed_word_for_word_and_nothing_else_is_asked_for():
    async def body(wire: Wire) -> None:
        await wire.until(lambda: wire.feed.state().pushed)
        wire.server.markets["XRPUSDT"].bid = "0.51239999"
        await wire.clock.sleep(3)
        wire.server.asked.clear()
        await wire.clock.sleep(6)
        quote = (await wire.batch()).quotes[XRP]
        assert (quote.bid, quote.ask, quote.last) == (
            Decimal("0.51239999"),
            Decimal("0.51240000"),
            Decimal("0.51230000"),
        )
        assert quote.volume == Decimal("123456789.5")
        assert wire.server.asked == []
        assert wire.server.connections == 1
        assert wire.server.subscribed == [["btcusdt@ticker", "xrpusdt@ticker"]], "the stream that has bid and ask"

    play(body, BTC, XRP)


def test_the_markets_are_the_venues_own():
    async def body(wire: Wire) -> None:
        rules = await wire.feed.markets()
        btc = rules[BTC]
        assert (btc.tick_size, btc.step_size, btc.min_notional) == (Decimal("0.01"), Decimal("0.00001"), Decimal(5))
        assert (btc.market_max_quantity, btc.max_notional) == (Decimal(100), Decimal(9_000_000))
        assert btc.source == "binance, its own list of markets"
        assert rules["OLD/USDT"].status is MarketStatus.HALTED
        assert wire.feed.fees().taker_rate == Decimal("0.001")
        assert [path for _, path, _ in wire.server.asked if "exchangeInfo" in path] == ["/api/v3/exchangeInfo"]

    play(body)


@pytest.mark.failure(58)
@pytest.mark.rule("3.4c")
def test_a_pair_that_is_silent_for_ten_minutes_is_confirmed_by_polls_on_one_and_the_same_connection():
    """Half a minute of it here, ten under virtual time (tests/unit/market_data)."""

    async def body(wire: Wire) -> None:
        wire.server.markets["ETHUSDT"].busy = False
        await wire.until(lambda: wire.feed.state().pushed)
        await wire.clock.sleep(3)
        wire.server.asked.clear()
        for _ in range(30):
            batch = await wire.batch()
            assert batch.quotes[ETH].fault(batch.at) is None
        assert wire.server.connections == 1
        assert {query for _, _, query in wire.server.asked} == {"symbol=ETHUSDT"}
        assert 4 <= len(wire.server.asked) <= 7

    play(body, BTC, ETH)


@pytest.mark.failure(28)
def test_messages_with_prices_that_cannot_be_are_refused_counted_and_spoil_nothing():
    async def body(wire: Wire) -> None:
        await wire.until(lambda: wire.feed.state().pushed)
        good = {
            "e": "24hrTicker",
            "s": "BTCUSDT",
            "c": "50000.01",
            "b": "50000.01",
            "a": "50000.02",
            "q": "1",
            "v": "1",
        }
        nonsense = [("b", "nan"), ("a", "inf"), ("c", "-1"), ("b", "-0.5"), ("b", "90000"), ("a", "Infinity")]
        wire.server.markets["BTCUSDT"].busy = False
        await wire.clock.sleep(2)
        for name, word in nonsense:
            await wire.server.push_raw(json.dumps({**good, "E": 10**13, "C": 10**13, name: word}))
            await wire.clock.sleep(0.5)
            batch = await wire.batch()
            assert batch.quotes[BTC].bid == Decimal("50000.01")
            assert batch.quotes[BTC].fault(batch.at) is None
        assert wire.feed.state().rejected == len(nonsense)
        assert wire.server.connections == 1

    play(body, BTC)


def test_garbage_in_the_channel_ends_the_connection_at_the_worst_and_prices_go_on():
    async def body(wire: Wire) -> None:
        await wire.until(lambda: wire.feed.state().pushed)
        await wire.server.push_raw(
            "{", "[]", '{"e": "24hrTicker"}', '{"e": "24hrTicker", "s": "NOSUCH", "c": {}}', "null", '"x"'
        )
        for _ in range(15):
            batch = await wire.batch()
            assert batch.quotes[BTC].fault(batch.at) is None
        await wire.until(lambda: wire.feed.state().pushed)

    play(body, BTC)


@pytest.mark.failure(29)
def test_a_channel_that_goes_deaf_is_noticed_within_ten_seconds_and_polls_stand_in():
    async def body(wire: Wire) -> None:
        await wire.until(lambda: wire.feed.state().pushed)
        wire.server.deaf = True
        wire.server.markets["BTCUSDT"].bid = "49000.00000000"
        assert await wire.until(lambda: wire.feed.state().reconnects > 0) < 10.5
        await wire.clock.sleep(3)
        batch = await wire.batch()
        assert batch.quotes[BTC].bid == Decimal(49000)
        assert batch.quotes[BTC].fault(batch.at) is None
        wire.server.deaf = False
        await wire.until(lambda: wire.feed.state().pushed)

    play(body, BTC)


@pytest.mark.failure(29)
def test_a_channel_that_answers_pings_and_sends_nothing_more_is_found_out_by_a_poll():
    async def body(wire: Wire) -> None:
        await wire.until(lambda: wire.feed.state().pushed)
        wire.server.pushes = False
        wire.server.markets["BTCUSDT"].ask = "51000.00000000"
        assert await wire.until(lambda: wire.feed.state().reconnects > 0) < 10.5
        wire.server.pushes = True
        await wire.until(lambda: wire.feed.state().pushed)
        batch = await wire.batch()
        assert batch.quotes[BTC].ask == Decimal(51000)

    play(body, BTC)


def test_a_connection_that_is_cut_off_is_opened_again_and_prices_stay_good_meanwhile():
    async def body(wire: Wire) -> None:
        await wire.until(lambda: wire.feed.state().pushed)
        wire.server.sockets_refused = True
        await wire.server.drop_sockets()
        for _ in range(12):
            batch = await wire.batch()
            assert batch.quotes[BTC].fault(batch.at) is None
        assert wire.server.connections > 1
        wire.server.sockets_refused = False
        await wire.until(lambda: wire.feed.state().pushed, 90)

    play(body, BTC)


@pytest.mark.failure(29)
def test_where_the_venue_answers_nothing_at_all_prices_grow_old_and_the_reason_is_told():
    async def body(wire: Wire) -> None:
        await wire.until(lambda: wire.feed.state().pushed)
        wire.server.deaf, wire.server.status = True, 502
        told: list[str] = []
        last: QuoteBatch | None = None
        while not told:
            try:
                last = await wire.batch()
            except VenueUnavailable as error:
                told.append(error.message)
        batch = await wire.batch()
        assert batch.quotes[BTC].fault(batch.at) is not None
        assert "Binance" in told[0]
        assert last is not None

    play(body, BTC)


BINANCE_451 = {
    "code": 0,
    "msg": "Service unavailable from a restricted location according to 'b. Eligibility' in https://www.binance.com/en/terms.",
}
CLOUDFRONT_403 = (
    "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY><H1>403 ERROR</H1>The Amazon CloudFront "
    "distribution is configured to block access from your country. We can't connect to the server.</BODY></HTML>"
)


@pytest.mark.failure(10)
@pytest.mark.parametrize(
    ("status", "body_of", "words"),
    [
        (451, json.dumps(BINANCE_451), "HTTP 451: Service unavailable from a restricted location"),
        (403, CLOUDFRONT_403, "CloudFront distribution is configured to block access from your country."),
    ],
)
def test_a_place_that_is_shut_out_is_said_in_the_exchanges_words_with_what_to_do(status: int, body_of: str, words: str):
    async def body(wire: Wire) -> None:
        await wire.until(lambda: wire.feed.state().pushed)
        wire.server.deaf, wire.server.status, wire.server.refusal = True, status, body_of
        told: list[VenueUnavailable] = []
        for _ in range(40):
            try:
                await wire.batch()
            except VenueUnavailable as error:
                told.append(error)
                break
        assert words in told[0].message
        assert "refuses the key" not in told[0].message
        assert "https" not in told[0].message
        assert "serves your region" in told[0].advice
        assert told[0].retry_after is None

    play(body, BTC)


@pytest.mark.failure(8)
def test_during_a_ban_not_one_question_leaves():
    async def body(wire: Wire) -> None:
        await wire.until(lambda: wire.feed.state().pushed)
        wire.server.status, wire.server.retry_after = 429, "20"
        with pytest.raises(VenueUnavailable) as said:
            await wire.feed.quote(BTC)
        assert said.value.retry_after is not None
        wire.server.asked.clear()
        wire.server.pushes = False
        await wire.server.drop_sockets()
        connections = wire.server.connections
        await wire.clock.sleep(16)
        assert wire.server.asked == []
        assert wire.server.connections == connections
        wire.server.status, wire.server.pushes = 200, True
        await wire.until(lambda: wire.feed.state().pushed, 120)

    play(body, BTC)


def test_a_market_that_is_closed_on_the_venue_is_told_as_a_change():
    async def body(wire: Wire) -> None:
        assert BTC in (await wire.batch()).quotes
        wire.server.markets["ETHUSDT"].status = "BREAK"
        assert (await wire.feed.markets())[ETH].status is MarketStatus.TRADING, "as it was read at the start"
        assert (await wire.feed.markets())[ETH].status is MarketStatus.HALTED
        batch = await wire.batch()
        assert set(batch.quotes) == {BTC}
        with pytest.raises(VenueUnavailable):
            await wire.feed.quote(ETH)

    play(body, BTC, ETH)


def test_the_order_book_is_read_exactly():
    async def body(wire: Wire) -> None:
        book = await wire.feed.order_book(BTC)
        assert [level.price for level in book.bids[:2]] == [Decimal("50000.01"), Decimal("50000.00")]
        assert [level.price for level in book.asks[:2]] == [Decimal("50000.02"), Decimal("50000.03")]
        assert book.asks[0].quantity == Decimal("0.5")
        server = await wire.feed.server_time()
        assert abs((server - wire.clock.now()).total_seconds()) < 60 * SPEED

    play(body, BTC)


def test_a_venue_that_can_only_be_asked_is_asked_singly():
    async def body(wire: Wire) -> None:
        for _ in range(6):
            batch = await wire.batch()
            assert batch.quotes[BTC].fault(batch.at) is None
            assert batch.quotes[BTC].bid == Decimal("50000.01")
        assert wire.server.connections == 0
        assert {path for _, path, _ in wire.server.asked} == {
            "/api/v3/available_books",
            "/api/v3/catalogues",
            "/api/v3/ticker",
        }

    play(body, BTC, ETH, venue="bitso")


def test_where_tickers_have_no_bid_and_ask_those_of_the_book_stand_in():
    async def body(wire: Wire) -> None:
        wire.server.tickers_have_prices = False
        batch = await wire.batch()
        assert (batch.quotes[BTC].bid, batch.quotes[BTC].ask) == (Decimal("50000.01"), Decimal("50000.02"))
        wire.server.markets["BTCUSDT"].bid = "49999.01"
        assert (await wire.feed.quote(BTC)).bid == Decimal("49999.01")

    play(body, BTC, venue="bitso")


def test_a_venue_that_refuses_a_list_is_asked_one_by_one():
    async def body(wire: Wire) -> None:
        wire.server.refuses_lists = True
        wire.server.sockets_refused = True
        assert set((await wire.batch()).quotes) == {BTC, ETH, XRP}
        await wire.batch()
        lists = [query for _, _, query in wire.server.asked if "symbols=" in query]
        assert len(lists) == 1, "it is not asked for a list again"

    play(body, BTC, ETH, XRP)
