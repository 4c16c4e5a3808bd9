"""A venue trades only where its own wire suite runs; everywhere else it is watched, and nothing is ever sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.venues.ccxt_client import make_client, venue_ids
from rebalancer_gui.adapters.venues.ccxt_quirks import FIRST_CLASS
from rebalancer_gui.adapters.venues.ccxt_venue import CcxtVenue
from rebalancer_gui.adapters.venues.ccxt_venues import DIALECTS, environments_of, make_venue, tier_of
from rebalancer_gui.adapters.venues.ccxt_watched import Watched
from rebalancer_gui.application.connection import Tier, VenueSpec
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Rejected, Side
from tests.contract import test_ccxt_venues as contract
from tests.wire.bench import FACES, KEY, Line, buy, on
from tests.wire.core import TurnedClock
from tests.wire.tongues import TONGUES

ROOT = Path(__file__).resolve().parents[2]


def test_a_first_class_venue_has_its_dialect_its_face_its_tongue_and_the_contract():
    first = {venue for venue in FIRST_CLASS if tier_of(venue)[0] is Tier.FIRST_CLASS}
    under_contract = {
        kind.name
        for kind in vars(contract).values()
        if isinstance(kind, type) and issubclass(kind, contract.CcxtContract) and kind.name
    }
    assert first == {"binance", "bybit", "okx", "kraken", "coinbase"}
    assert first == set(DIALECTS) == set(FACES) == set(TONGUES) == under_contract
    page = (ROOT / "docs" / "venues.md").read_text(encoding="utf-8")
    assert "| first class | binance, bybit, okx, kraken, coinbase |" in page


def test_every_other_venue_of_ccxts_is_watch_only_and_says_why():
    others = set(venue_ids()) - set(FIRST_CLASS)
    assert len(others) > 90
    assert {tier_of(venue)[0] for venue in others} == {Tier.WATCH_ONLY}
    assert all("nothing is sent" in tier_of(venue)[1] for venue in others)
    for venue in FIRST_CLASS:
        assert "Not yet confirmed on the real exchange" in tier_of(venue)[1]


def test_practice_environments_are_those_that_ccxt_can_switch_to():
    async def body() -> None:
        for venue in FIRST_CLASS:
            for environment in environments_of(venue):
                client = make_client(VenueSpec(venue, None, environment), None, clock=TurnedClock())
                await client.close()

    asyncio.run(body())
    assert environments_of("kraken") == ()


def test_an_order_to_a_watched_venue_is_refused_here_and_nothing_leaves():
    async def body() -> None:
        venue = make_venue(VenueSpec("kucoin"), KEY, clock=TurnedClock(), name="kucoin", trading=True)
        request = OrderRequest("rb1", "BTC/USDT", Side.BUY, OrderType.MARKET, Decimal(1), None)
        outcome = await venue.submit(request)
        assert isinstance(outcome, Rejected)
        assert "watch only" in outcome.reason
        with pytest.raises(VenueUnavailable):
            await venue.trades_since("BTC/USDT", venue.clock.now())
        await venue.close()

    asyncio.run(body())


def test_a_first_class_venue_that_was_not_switched_on_refuses_orders_too():
    async def body(made: Line) -> None:
        watching = CcxtVenue(made.venue.dialect, name="binance", credentials=KEY, trading=False)
        assert isinstance(await watching.submit(await buy(made)), Rejected)
        assert made.wire.order_posts() == 0

    on("binance", body)


def test_what_a_watched_venue_shows_is_read_through_ccxts_own_interface():
    async def body(made: Line) -> None:
        client = make_client(VenueSpec("binance", made.wire.url), KEY, clock=made.core.clock, paced=False)
        dialect = Watched(client)
        venue = CcxtVenue(dialect, name="watched", credentials=KEY, trading=False, quote_assets=("USDT",))
        try:
            await venue.open()
            await shown(venue, made)
        finally:
            await venue.close()

    async def shown(venue: CcxtVenue, made: Line) -> None:
        told = await venue.markets()
        assert told["BTC/USDT"].step_size == made.core.rules["BTC/USDT"].step_size
        assert told["BTC/USDT"].min_notional == made.core.rules["BTC/USDT"].min_notional
        assert told["GONE/USDT"].status is MarketStatus.HALTED
        assert await venue.balances() == await made.venue.balances()
        assert await venue.order_book("BTC/USDT") == await made.venue.order_book("BTC/USDT")
        batch = await anext(venue.batches())
        assert batch.quotes["BTC/USDT"].ask == (await made.venue.quote("BTC/USDT")).ask
        assert (await venue.fees()).taker_rate > 0
        rights = await venue.permissions()
        assert (rights.may_trade, rights.may_withdraw) == (None, None)
        assert rights.note
        assert (await venue.identity()).startswith("binance/key-")

    on("binance", body)


@pytest.mark.parametrize("name", sorted(FACES))
def test_a_market_has_the_name_that_ccxt_gives_it_so_that_live_prices_find_it(name: str):
    async def body(made: Line) -> None:
        btc = made.core.rules["BTC/USDT"]
        made.core.rules["DOGE/USDT"] = replace(btc, base="DOGE")
        client = make_client(VenueSpec(name, made.wire.url), None, clock=made.core.clock, paced=False)
        try:
            listed = await client.read("load_markets")
        finally:
            await client.close()
        assert set(await made.venue.markets()) == {symbol for symbol, market in listed.items() if market["spot"]}
        assert set(await made.venue.balances()) == {"BTC", "ETH", "USDT", "XRP"}

    on(name, body)
